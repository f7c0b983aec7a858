"""What happens elsewhere and concerns running instances: deputies come and go, people leave, records are deleted and come back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from heli.flows import following, library, matters, rights, store, told_of
from heli.flows.core import events as e
from heli.flows.core.definition import Kind, Node
from heli.flows.core.state import Item, ItemState
from heli.flows.doing import within
from heli.flows.finding import ENOUGH, successor
from heli.flows.models import Happening, Instance, Process, Work
from heli.flows.run import Run, opened
from heli.insight import company
from heli.kernel import clock, hooks
from heli.kernel.actor import Actor
from heli.org.models import Person
from heli.records import hooks as records
from heli.records import write
from heli.records.types import ObjectType

LEFT = Actor(None, "system: person left", "job", via="person left")
GONE = "record_deleted"


def organisation_changed(people: frozenset[int] | None) -> None:
    """Deputies reach what their principals' open work is about; the work of who has left goes to their managers."""
    live = Work.objects.filter(state__in=(Work.OPEN, Work.WAITING))
    if people is not None:
        live = live.filter(person_id__in=people)
    holders = sorted(set(live.values_list("person_id", flat=True)))
    gone = set(Person.objects.filter(pk__in=holders, status=Person.LEFT).values_list("pk", flat=True))
    with write.held():  # the log's head is locked after the last instance, as every step does
        for person in holders:
            if person in gone:
                hand_on(person)
            elif people is not None:
                rights.follow_deputies(person)


def hand_on(person: int) -> None:
    """Give all live work of somebody who has left to who they reported to, else to who looks after processes: but where others have the
    same step and one is enough, leave it to them."""
    rows = Work.objects.filter(person_id=person, state__in=(Work.OPEN, Work.WAITING)).order_by("instance_id", "number")
    for instance, number in list(rows.values_list("instance_id", "number")):
        with opened(instance, LEFT) as run:
            if number not in run.state.items:
                continue
            item = run.state.items[number]
            if run.step(run.state.tokens[item.token].node):
                following.look_again(run)
                run.save("reassign", told={"from": person})
                continue
            to = beside(run, item) or successor(
                run.finder.company, person, run.barred(run.state.tokens[item.token].node)
            )
            if to is None:
                run.tell("incident", outcome="nobody", person=person)
                run.row.halted = True
                run.save("incident")
                continue
            known, granted = set(run.state.items), run.kept.works[number].granted
            run.send(e.Reassign(number, to))
            if granted:  # chosen by the organisation, as the node's own rules choose
                run.found |= run.state.items.keys() - known
            run.tell("reassigned", person=to, acting_for=person)
            run.save("reassign", told={"from": person, "to": to})


def beside(run: Run, item: Item) -> int | None:
    """Who has the same step already, where one of them is enough: then nobody else is given it for somebody who has left."""
    group = run.state.groups[item.token]
    if group.mode not in ENOUGH or item.opinion or item.added_by is not None:
        return None
    others = [run.state.items[one] for one in group.items if one != item.id]
    here = run.finder.company.world.people
    return next(
        (
            one.person for one in others
            if one.state is ItemState.OPEN and not one.opinion and one.added_by is None and one.person in here
        ),
        None,
    )  # fmt: skip


def heirs(person: int) -> Counter[int | None]:
    """Who would be given how much of somebody's work if they left now; None: what nobody could be given. What is left to those who have
    the step too, and steps of what a case is about, are not among it."""
    rows = (
        Work.objects.filter(person_id=person, state__in=(Work.OPEN, Work.WAITING), instance__state=Instance.RUNNING)
        .select_related("instance__version__process")
        .defer("instance__version__source")
    )
    now = company.now()
    others = Work.objects.filter(
        instance_id__in={one.instance_id for one in rows}, state=Work.OPEN, opinion=False, added_by=None
    )
    taken = {
        (instance, token)
        for instance, token, who in others.values_list("instance_id", "token", "person_id")
        if who != person and who in now.world.people
    }
    found: Counter[int | None] = Counter()
    for one in rows:
        node = library.definition(one.instance.version).nodes[one.node]
        if node.task is None or matters.step(one.instance.type, node):
            continue
        alone = node.task.mode not in ENOUGH or one.opinion or one.added_by is not None
        if alone or (one.instance_id, one.token) not in taken:
            barred = one.instance.initiator_id if node.task.self != "allow" else None
            found[successor(now, person, barred)] += 1
    return found


def naming(username: str) -> Iterator[tuple[Process, Node]]:
    """The steps of processes in force that name this person, and whose work is another's or nobody's once they have left: where everybody
    who is named signs, and where nobody else is."""
    rows = Process.objects.filter(closed_at=None, current__isnull=False).select_related("current")
    for process in rows.defer("current__source").order_by("pk"):
        for node in library.definition(process.current).nodes if process.current is not None else ():
            if node.kind is not Kind.USER or node.task is None:
                continue
            theirs = [one.rule == "person" and one.given.get("person") == username for one in node.task.assignees]
            if any(theirs) and (node.task.mode not in ENOUGH or all(theirs)):
                yield process, node


def record_changed(kind: ObjectType, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """A record that goes takes its running instances out of the way until it comes back: they stand still, and say why."""
    was, now = before.get("deleted_at") is not None, after.get("deleted_at") is not None
    if was == now:
        return
    cases = Instance.objects.filter(type=kind.code, record_id=after["id"], state=Instance.RUNNING).exclude(
        pk=within.get()
    )
    for pk, step, standing in list(cases.values_list("pk", "step", "standing")):
        Instance.objects.filter(pk=pk).update(halted=now or store.stands_still(standing))
        Happening.objects.create(
            instance_id=pk, step=step, at=clock.now(), what="incident" if now else "resumed", outcome=GONE if now else ""
        )  # fmt: skip
        if now:
            told_of.stopped(Instance.objects.get(pk=pk), step, after.get("updated_by_id"))


def attach() -> None:
    """Listen to the organisation and to the write door."""
    hooks.organisation_changed.listen(organisation_changed)
    records.changed.listen(record_changed)
