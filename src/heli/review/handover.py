"""Handing a person's records over to others by the write door: a preview, and a job that takes up where it was stopped.

Records are gone through by type and id. Each batch is one transaction with the mark of how far it came: a worker that is
killed leaves whole batches, the next one goes on behind the mark, and no record is passed twice or left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from heli.access.viewer import Viewer
from heli.audit import again, log
from heli.jobs.tasks import task
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.kernel.errors import Invalid, Problem
from heli.kernel.words import Words
from heli.org.models import Department, Person
from heli.org.tree import Tree, load_tree, names_of
from heli.records import many, owned
from heli.records.types import TYPES, ObjectType
from heli.review.campaigns import tell
from heli.review.models import Handover

PART = 100
MOST_RULES = 100
ANY = "*"

NO_TYPE = Words("没有这个对象，或它没有负责人", "no such object type, or its records have no owner")
NO_DEPARTMENT = Words("没有这个部门", "no such department")
UNFIT = Words("接手人应为在职人员，且不是本人", "whoever takes over must be an active person, and another one")
SELF = Words("不能把记录交给自己，请另一位管理员操作", "nobody hands records to themselves: ask another administrator")
TWICE = Words("同一对象和部门只能指定一次", "the same type and department is given twice")


@dataclass(frozen=True, slots=True)
class Rule:
    """Records of a type (``*``: of any) in a department or below (None: in any) go to this person."""

    type: str
    department: int | None
    to: int

    def json(self) -> dict[str, Any]:
        return {"type": self.type, "department": self.department, "to": self.to}


def parse(given: Sequence[Mapping[str, Any]], person: int, by: int | None) -> list[Rule]:
    """Rules as sent. Raises Invalid naming each wrong place."""
    problems: list[Problem] = []
    rules: list[Rule] = []
    types = {kind.code for kind in owned.kinds()} | {ANY}
    departments = set(Department.objects.filter(closed_at=None).values_list("pk", flat=True))
    fit = set(
        Person.objects.filter(status=Person.ACTIVE)
        .exclude(kind=Person.SERVICE)
        .filter(pk__in=[int(one["to"]) for one in given])
        .values_list("pk", flat=True)
    )
    seen: set[tuple[str, int | None]] = set()
    for at, one in enumerate(given):
        department = int(one["department"]) if one.get("department") is not None else None
        rule = Rule(one.get("type") or ANY, department, int(one["to"]))
        if rule.type not in types:
            problems.append(Problem(f"rules/{at}/type", "unknown", NO_TYPE))
        if department is not None and department not in departments:
            problems.append(Problem(f"rules/{at}/department", "unknown", NO_DEPARTMENT))
        if rule.to == by:
            problems.append(Problem(f"rules/{at}/to", "self", SELF))
        elif rule.to not in fit or rule.to == person:
            problems.append(Problem(f"rules/{at}/to", "unfit", UNFIT))
        if (rule.type, department) in seen:
            problems.append(Problem(f"rules/{at}", "twice", TWICE))
        seen.add((rule.type, department))
        rules.append(rule)
    if problems:
        raise Invalid(problems)
    return rules


class Chooser:
    """Who gets a record: the first rule that fits, in the order given."""

    def __init__(self, rules: Sequence[Rule], tree: Tree) -> None:
        self._rules = [(one, tree.below(one.department) if one.department is not None else None) for one in rules]

    def to(self, type_: str, department: int | None) -> int | None:
        for rule, inside in self._rules:
            if rule.type in (ANY, type_) and (inside is None or department in inside):
                return rule.to
        return None


def preview(person: int, rules: Sequence[Rule]) -> dict[str, Any]:
    """How many records of each type would go to whom, and how many would stay without a taker."""
    chooser, counts = Chooser(rules, load_tree()), owned.counts(person)
    names = names_of(rule.to for rule in rules)
    types: list[dict[str, Any]] = []
    for code, by_department in counts.items():
        to: dict[int | None, int] = defaultdict(int)
        for department, n in by_department.items():
            to[chooser.to(code, department)] += n
        types.append(
            {
                "type": code, "name": TYPES[code].plural.json(), "total": sum(by_department.values()),
                "left": to.pop(None, 0),
                "to": [
                    {"person": {"id": str(pk), "username": names[pk][0], "name": names[pk][1]}, "count": n}
                    for pk, n in to.items() if pk is not None
                ],
            }
        )  # fmt: skip
    return {
        "types": types, "total": sum(one["total"] for one in types), "left": sum(one["left"] for one in types),
    }  # fmt: skip


def begin(by: Actor, person: int, kind: str, rules: Sequence[Rule]) -> Handover | None:
    """Set the job going, in the caller's transaction; None when there is nothing to hand over."""
    said = preview(person, rules)
    total = said["total"] - said["left"]
    if not rules or not total:
        return None
    assert by.person is not None
    made = Handover.objects.create(
        person_id=person, kind=kind, rules=[one.json() for one in rules], total=total, created_by=by.person
    )
    tell(by, "handover.begin", made.pk, after={"person": person, "rules": made.rules, "records": total})
    run.enqueue(made.pk)
    return made


@task(timeout=600, atomic=False, max_attempts=20)
def run(pk: int) -> int:
    """Move what is left of a hand-over; returns how many records this attempt moved."""
    moved = 0
    chooser = Chooser([Rule(**one) for one in Handover.objects.get(pk=pk).rules], load_tree())
    for kind in owned.kinds():
        while True:
            n = again.until_done(lambda kind=kind: _part(pk, kind, chooser))  # type: ignore[misc]  # bound as it is now
            if n is None:
                break
            moved += n
    _finish(pk)
    return moved


def _part(pk: int, kind: ObjectType, chooser: Chooser) -> int | None:
    """The next batch of one type; None when there is none."""
    with log.transaction():
        found = Handover.objects.select_for_update().get(pk=pk)
        if found.state != Handover.RUNNING:
            return None
        after = found.at.get(kind.code, "")
        rows = owned.some(kind, found.person_id, None, after, PART)
        if not rows:
            return None
        groups: dict[int, list[str]] = defaultdict(list)
        for record, department in rows:
            to = chooser.to(kind.code, department)
            if to is not None:
                groups[to].append(record)
        done = 0
        for to, records in groups.items():
            done += _transfer(found, kind, records, to)
        found.done += done
        found.at = {**found.at, kind.code: rows[-1][0]}
        found.save(update_fields=["done", "refused", "why", "at"])
    return done


def _transfer(found: Handover, kind: ObjectType, records: list[str], to: int) -> int:
    """Give these records to one person; what cannot move is counted, with the first reason."""
    asked = many.Many(kind.code, "transfer", [many.Item(one) for one in records], {"owner": str(to)})
    outcomes = many.do(_hand(found), asked)
    refused = [one for one in outcomes if one.error is not None]
    found.refused += len(refused)
    if refused and found.why is None and refused[0].error is not None:
        found.why = refused[0].error.words.json()
    return len(outcomes) - len(refused)


def _hand(found: Handover) -> Viewer:
    """The program, on behalf of who began the hand-over: the log keeps their name."""
    name = names_of([found.created_by]).get(found.created_by, ("", ""))[1]
    via = f"hand-over {found.pk}"
    return Viewer(None, "system", "system", "system", Actor(found.created_by, name, "job", via=via), None, system=via)


def _finish(pk: int) -> None:
    with log.transaction():
        found = Handover.objects.select_for_update().get(pk=pk)
        if found.state != Handover.RUNNING:
            return
        found.state = Handover.STUCK if found.refused else Handover.DONE
        found.finished_at = clock.now()
        found.save(update_fields=["state", "finished_at"])
        by = Actor(
            found.created_by,
            names_of([found.created_by]).get(found.created_by, ("", ""))[1],
            "job",
            via=f"hand-over {pk}",
        )
        tell(by, "handover.end", pk, after={"moved": found.done, "refused": found.refused})


def said(found: Handover) -> dict[str, Any]:
    """Its progress as the page shows it."""
    return {
        "id": str(found.pk), "kind": found.kind, "state": found.state, "total": found.total, "done": found.done,
        "refused": found.refused, "why": found.why, "created_at": found.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "finished_at": found.finished_at.strftime("%Y-%m-%dT%H:%M:%SZ") if found.finished_at is not None else None,
    }  # fmt: skip


def latest(person: int) -> Handover | None:
    return Handover.objects.filter(person_id=person).order_by("-pk").first()
