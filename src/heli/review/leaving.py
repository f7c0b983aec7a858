"""Somebody's leaving as a case of the company's process (离职交接): whose manager plans who takes over what, who lets them leave, and when.

The case begins when their last day is written down, follows when it changes, and ends with them, or because they stay. The plan is a
proposal: who lets them leave sees it filled in, and what becomes of everything is decided there, under the rules of that verb.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q

from heli.access.viewer import Viewer
from heli.audit import log
from heli.flows import following, matters
from heli.flows.core.values import Value
from heli.flows.following import Did
from heli.flows.matters import Answer, Matter, Settled
from heli.insight import company
from heli.kernel import clock, hooks
from heli.kernel.actor import Actor
from heli.kernel.errors import Conflict, Invalid, NotFound, Problem, Refused
from heli.kernel.words import Words
from heli.org import verbs as org
from heli.org import zone
from heli.org.models import Department, Person
from heli.org.tree import names_of
from heli.records import owned
from heli.review import fates, handover
from heli.review.campaigns import tell
from heli.review.handover import UNFIT
from heli.review.models import Leaving

LEAVING, PLAN, LEAVE = "leaving", "plan", "leave"
WORDS = Words("离职交接", "somebody's leaving")
STEPS = {PLAN: Words("安排交接", "plan the hand-over"), LEAVE: Words("办理离职", "let them leave")}
VALUES = {
    "last_day": Words("最后工作日", "the last day"),
    "days": Words("离最后工作日还有几天", "days until the last day"),
    "records": Words("负责的记录数", "how many records they own"),
    "leads": Words("是否负责部门", "whether they head a department"),
}
TITLE = Words("{who} · 最后工作日 {day}", "{who}, last day {day}")
GONE = Words("此人已经离开，或留下来了，没有什么要安排的", "they have left, or stay: there is nothing to plan")
PLANNED_BY = Words("请在下面填好谁来接手，再交给管理员", "say below who takes over, then hand it on")
LET_GO_AT = Words(
    "离职在「离职与转岗」页办理：那里先说明会结束什么、交给谁",
    "people are let go on the page of leaving, which says first what ends and who gets what",
)
STAYS = Words("不离职了", "they stay after all")
LEFT_ELSEWHERE = Words("此人已经离职", "they have left")
NEW_DAY = Words("最后工作日改为 {day}", "the last day is now {day}")
NOT_YOURS = Words(
    "撤回离职要由组织管理员办理", "that somebody stays is written down by who administers the organisation"
)
NO_GIVEN = Words("这里不用给出别的", "nothing else is given here")
PROGRAM = Actor(None, "organisation", "job", via="leaving")


@dataclass(frozen=True, slots=True)
class Plan:
    """Who is to take over: records by rule, what else stands open by kind, and the people and departments that they lead."""

    rules: Sequence[Mapping[str, Any]] = ()
    takers: Sequence[Mapping[str, Any]] = ()
    successor: int | None = None
    note: str = ""


def give_notice(by: Actor, person: int, last_day: date | None) -> None:
    """Write down somebody's last day, or with None that they stay after all. Whether ``by`` may is decided above. Raises as the
    organisation's verb does."""
    with log.transaction():
        org.give_notice(by, person, last_day)
        found = _open(person)
        if last_day is None:
            if found is not None:
                _close(found, Leaving.STAYED)
                following.follow(LEAVING, str(found.pk), by, Did(following.OVER, person=by.person, words=STAYS))
        elif found is None:
            _begin(by, person, last_day)
        elif found.last_day != last_day:
            Leaving.objects.filter(pk=found.pk).update(last_day=last_day)
            words = NEW_DAY.fill(day=last_day.isoformat())
            following.follow(LEAVING, str(found.pk), by, Did(following.AGAIN, person=by.person, words=words))


def _begin(by: Actor, person: int, last_day: date) -> None:
    made = Leaving.objects.create(person_id=person, last_day=last_day, noticed_by=by.person)
    starter = by.person or next(iter(administrators(person)), None)
    if starter is not None:
        following.begin(LEAVING, str(made.pk), starter, by)


def plan(viewer: Viewer, pk: int, asked: Plan) -> Leaving:
    """Plan who takes over; again, while they have not left. It does the step of its case where that stands at it.

    Raises NotFound for who has no part in it, Conflict when they have left or stay, Invalid naming each place.
    """
    with log.transaction():
        found = get(viewer, pk, lock=True)
        if viewer.person is None or viewer.person == found.person_id or viewer.person not in may_plan(found):
            raise NotFound
        if found.state not in Leaving.OPEN:
            raise Conflict(GONE, code="over")
        rules = [one.json() for one in handover.parse(asked.rules, found.person_id, None)]
        fates.parse(asked.takers, [], found.person_id, None)
        _fit(asked.successor, found.person_id)
        takers = [{"kind": one["kind"], "to": int(one["to"])} for one in asked.takers]
        found.rules, found.takers, found.successor_id, found.note = rules, takers, asked.successor, asked.note
        found.state, found.planned_by, found.planned_at = Leaving.PLANNED, viewer.person, clock.now()
        found.save()
        after = {"person": found.person_id, "rules": rules, "takers": takers, "successor": asked.successor}
        tell(viewer.actor, "leaving.plan", found.pk, after=after, reason=asked.note)
        if PLAN in following.steps(
            LEAVING, str(found.pk)
        ):  # earlier it waits for what the company does before; later it has been told
            following.follow(LEAVING, str(found.pk), viewer.actor, Did(following.YES, PLAN, viewer.person))
    return found


def _fit(successor: int | None, person: int) -> None:
    if successor is None:
        return
    heirs = Person.objects.filter(pk=successor, status=Person.ACTIVE).exclude(kind=Person.SERVICE).exclude(pk=person)
    if not heirs.exists():
        raise Invalid(Problem("successor", "unfit", UNFIT))


def left(by: Actor, person: int) -> None:
    """They are being let go by ``by``: the step of their case is done; in the caller's transaction, before they leave."""
    found = _open(person)
    if found is not None:
        _close(found, Leaving.LEFT)
        following.follow(LEAVING, str(found.pk), by, Did(following.YES, LEAVE, by.person, anywhere=True))


def _gone(people: frozenset[int] | None) -> None:
    """Whoever has left by another way has no leaving to be planned any more."""
    for found in Leaving.objects.filter(person_id__in=people or (), state__in=Leaving.OPEN):
        if Person.objects.filter(pk=found.person_id, status=Person.LEFT).exists():
            _close(found, Leaving.LEFT)
            following.follow(LEAVING, str(found.pk), PROGRAM, Did(following.OVER, words=LEFT_ELSEWHERE))


def _open(person: int) -> Leaving | None:
    return Leaving.objects.select_for_update().filter(person_id=person, state__in=Leaving.OPEN).first()


def _close(found: Leaving, state: str) -> None:
    Leaving.objects.filter(pk=found.pk).update(state=state, closed_at=clock.now())


# -- who has a part in it ---------------------------------------------------------------------------------------------------


def administrators(*but: int) -> list[int]:
    """Who lets people leave."""
    return [one for one in company.now().may("organisation", "administer") if one not in but]


def planners(person: int) -> list[int]:
    """Who plans somebody's hand-over: their manager, else the nearest head above them, else who administers the organisation."""
    here = company.now()
    for one in reversed(here.managers_of.get(person, ())):
        if one in here.world.people:
            return [one]
    home = here.homes.get(person)
    for department in here.world.tree.above(home) if home is not None else ():
        head = here.world.tree.nodes[department].head
        if head is not None and head != person and head in here.world.people:
            return [head]
    return administrators(person)


def may_plan(found: Leaving) -> set[int]:
    """Who may say who takes over: whose turn it is, and who lets them leave."""
    return {*planners(found.person_id), *administrators()}


def get(viewer: Viewer, pk: int, *, lock: bool = False) -> Leaving:
    """One leaving, for who has a part in it. Raises NotFound."""
    rows = Leaving.objects.select_for_update() if lock else Leaving.objects.all()
    found = rows.filter(pk=pk).first()
    if found is None or viewer.person is None or not _knows(viewer, found):
        raise NotFound
    return found


def _knows(viewer: Viewer, found: Leaving) -> bool:
    if viewer.person == found.person_id:
        return False  # they learn it from people
    if viewer.view is not None and viewer.view.may("organisation", "administer"):
        return True
    if found.state in Leaving.OPEN:
        return viewer.person in planners(found.person_id)
    return viewer.person == found.planned_by


def of_person(person: int) -> Leaving | None:
    """What is planned of somebody who has not left yet."""
    return Leaving.objects.filter(person_id=person, state__in=Leaving.OPEN).first()


def case_of(found: Leaving) -> int | None:
    """The number of its case, the running one or the last; None where the company has no process for it."""
    return following.latest(LEAVING, [str(found.pk)]).get(str(found.pk))


# -- what the case asks of it -------------------------------------------------------------------------------------------------


def _found(key: str) -> Leaving | None:
    return Leaving.objects.filter(pk=int(key)).first()


def _people(key: str, step: str) -> list[int]:
    found = _found(key)
    if found is None:
        return []
    return planners(found.person_id) if step == PLAN else administrators(found.person_id)


def _value(key: str, name: str) -> Value:
    found = _found(key)
    if found is None:
        return None
    match name:
        case "last_day":
            return found.last_day
        case "days":
            return Decimal(max((found.last_day - zone.today()).days, 0))
        case "records":
            return Decimal(sum(n for by in owned.counts(found.person_id).values() for n in by.values()))
    led = Q(head_id=found.person_id) | Q(overseer_id=found.person_id)
    return Department.objects.filter(led, closed_at=None).exists()


def _decide(viewer: Viewer, key: str, step: str, answer: Answer) -> None:
    found = get(viewer, int(key))
    if answer.given:
        raise Invalid([Problem(f"given/{one[:80]}", "unknown", NO_GIVEN) for one in answer.given])
    if step == LEAVE:
        raise Refused(LET_GO_AT, code="elsewhere")
    if found.state == Leaving.NOTICED:
        raise Refused(PLANNED_BY, code="elsewhere")
    raise Conflict(GONE, code="over")


def _withdraw(viewer: Viewer, key: str) -> None:
    found = get(viewer, int(key))
    if viewer.view is None or not viewer.view.may("organisation", "administer"):
        raise Refused(NOT_YOURS, code="no_line")
    give_notice(viewer.actor, found.person_id, None)


def _settled(key: str, now: Settled) -> None:
    """Nothing waits for a case: whoever may let somebody leave can do so at any time, and the case goes with it."""


def _follows(viewer: Viewer, keys: Sequence[str]) -> set[str]:
    rows = Leaving.objects.filter(pk__in=[int(one) for one in keys])
    return {str(one.pk) for one in rows if viewer.person is not None and _knows(viewer, one)}


def _hidden(viewer: Viewer, key: str) -> bool:
    return not _follows(viewer, [key])


def _hears(key: str, people: Collection[int]) -> set[int]:
    """Whoever leaves learns it from people."""
    found = _found(key)
    return {one for one in people if found is None or one != found.person_id}


def attach() -> None:
    """Make it known to the processes, and listen to the organisation."""
    hooks.organisation_changed.listen(_gone)
    matters.register(
        Matter(
            LEAVING, WORDS, STEPS, VALUES, _people, _value, _decide, _withdraw, _settled, _follows,
            lambda viewer, key: frozenset(), _hidden, refusable=False, queued=False, tells=False, hears=_hears,
            open=("last_day", "days"),
        )
    )  # fmt: skip


def sentences(keys: Iterable[str]) -> dict[str, Words]:
    """What cases are about, for who may follow them."""
    rows = list(Leaving.objects.filter(pk__in=[int(one) for one in keys]))
    names = names_of(one.person_id for one in rows)
    return {
        str(one.pk): TITLE.fill(who=names.get(one.person_id, ("", "?"))[1], day=one.last_day.isoformat())
        for one in rows
    }


__all__ = ["LEAVING", "Plan", "administrators", "attach", "case_of", "get", "give_notice", "left", "may_plan", "of_person", "plan",
           "planners", "sentences"]  # fmt: skip
