"""Who works where, as what and when. Whenever a person has any assignment, exactly one is primary."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from heli.kernel.actor import Actor
from heli.kernel.errors import Conflict, NotFound
from heli.kernel.words import Words
from heli.org import spans
from heli.org.models import Assignment, Department, Person, Position
from heli.org.verbs import told
from heli.org.verbs.change import Change, Problems, changing, span
from heli.org.verbs.ledger import Ledger

NO_POSITION = Words("没有这个岗位，或已关闭", "no such position, or it is closed")
_ALL = 500  # a batch about more people than this reads the whole table


@dataclass(frozen=True, slots=True)
class NewAssignment:
    """An assignment to be made. ``starts`` None means now, ``ends`` None means open.

    ``primary`` None means: primary where the person has no other primary in that time.
    """

    person: int
    department: int
    position: int | None = None
    primary: bool | None = None
    starts: datetime | None = None
    ends: datetime | None = None


def assign(
    by: Actor,
    person: int,
    department: int,
    position: int | None = None,
    *,
    primary: bool | None = None,
    starts: datetime | None = None,
    ends: datetime | None = None,
) -> int:
    """Assign a person to a department (``NewAssignment`` tells the arguments); returns the assignment's id.

    Raises NotFound for an unknown person; Invalid for an unknown or closed department or position, or a
    span that ends before it starts; Conflict when the person has left, has this very post at that time, would
    have two primaries at one moment (the other is named), or none.
    """
    row = NewAssignment(person, department, position, primary, starts, ends)
    with changing(by) as change:
        if not Person.objects.filter(pk=person).exists():
            raise NotFound()
        return _assign(change, [row], Problems())[0]


def assign_many(by: Actor, rows: Sequence[NewAssignment]) -> list[int]:
    """Many at once, in this order, all or none; returns their ids. Raises as ``assign`` does, with every place."""
    with changing(by) as change:
        return _assign(change, rows, Problems(batch=True))


def _assign(change: Change, rows: Sequence[NewAssignment], problems: Problems) -> list[int]:
    people = Person.objects.in_bulk({r.person for r in rows})
    departments = {d.pk: d for d in Department.objects.filter(closed_at=None)}
    positions = set(Position.objects.filter(closed_at=None).values_list("pk", flat=True))
    ledgers = load_many(people)
    numbers: dict[int, int] = {}
    made: list[Assignment] = []
    for number, row in enumerate(rows):
        here = problems.row(number)
        before = len(problems)
        starts = row.starts or change.now
        span(here, starts, row.ends)
        person = people.get(row.person)
        if person is None:
            here.invalid("person", "unknown", Words("没有这个人员", "no such person"))
        elif person.status == Person.LEFT:
            here.conflict("person", "left", Words(f"{told.person(person)} 已离职", f"{told.person(person)} has left"))
        if row.department not in departments:
            words = Words("没有这个部门，或已关闭", "no such department, or it is closed")
            here.invalid("department", "unknown", words)
        if row.position is not None and row.position not in positions:
            here.invalid("position", "unknown", NO_POSITION)
        if len(problems) > before:
            continue
        ledger = ledgers[row.person]
        one = Assignment(
            person_id=row.person,
            department_id=row.department,
            position_id=row.position,
            primary=False if row.primary is None else row.primary,
            starts=starts,
            ends=row.ends,
        )
        others = ledger.overlapping(spans.of(one))
        if row.primary is None:
            one.primary = not any(o.primary for o in others)
        same = [o for o in others if (o.department_id, o.position_id) == (one.department_id, one.position_id)]
        rival = next((o for o in others if one.primary and o.primary), None)
        if same:
            that = told.post(same[0], one.department_id, one.position_id)
            words = Words("已有这个任职：{that}", "is assigned there already: {that}").fill(that=that)
            here.conflict("department", "assigned_already", words)
        elif rival is not None:
            _two_primaries(here, rival)
        made.append(ledger.add(one))
        numbers[row.person] = number
    if not len(problems):
        for pk, number in numbers.items():
            check(problems.row(number), ledgers[pk])
    problems.check()
    write(change, ledgers.values())
    return [one.pk for one in made]


def end_assignment(by: Actor, assignment: int, *, at: datetime | None = None, new_primary: int | None = None) -> None:
    """End an assignment at a moment (None: now); one that has not begun by then is cancelled.

    Ending the primary one while others go on needs ``new_primary``, another assignment of the same person that
    holds then. Raises NotFound; Invalid for a bad ``new_primary``; Conflict when it has ended already, or when
    some time would be left without a primary.
    """
    with changing(by) as change:
        row, ledger, moment = _open(change, assignment, at)
        problems = Problems()
        if new_primary is not None:
            heir = ledger.get(new_primary)
            if heir is None or heir is row or (heir.ends is not None and heir.ends <= moment):
                words = Words("不是此人另一个有效的任职", "is no other valid assignment of this person")
                problems.invalid("new_primary", "unknown", words)
                problems.check()
            else:
                ledger.cut(row, moment)
                _promote(ledger, heir, moment)
        else:
            ledger.cut(row, moment)
        found = spans.leaderless(list(ledger))
        if found is not None and row.primary and new_primary is None:
            other = told.post(found[0], found[0].department_id, found[0].position_id)
            words = Words(
                "结束主任职前，请指定新的主任职，例如 {other}", "name the new primary assignment first, such as {other}"
            ).fill(other=other)
            problems.conflict("new_primary", "needs_new_primary", words)
        else:
            check(problems, ledger)
        problems.check()
        write(change, [ledger])


def make_primary(by: Actor, assignment: int, *, at: datetime | None = None) -> int:
    """Make this the primary assignment from a moment on (None: now); the one before becomes a further one.

    What was primary until then stays so in history: the rows are split at the moment. Returns the id of the row
    that is primary from then on. Raises NotFound; Conflict when it has ended, or some time would be left without
    a primary or with two.
    """
    with changing(by) as change:
        row, ledger, moment = _open(change, assignment, at)
        if row.primary:
            return row.pk
        start = max(moment, row.starts)
        for other in ledger:
            if other.primary and other is not row and (other.ends is None or other.ends > start):
                _split(ledger, other, start).primary = False
        new = _promote(ledger, row, start)
        problems = Problems()
        check(problems, ledger)
        problems.check()
        write(change, [ledger])
        return new.pk


def move_person(
    by: Actor,
    person: int,
    department: int,
    *,
    assignment: int | None = None,
    position: int | None = None,
    keep_position: bool = True,
    at: datetime | None = None,
) -> int:
    """Move a person to a department at a moment (None: now): one assignment ends, another begins.

    ``assignment`` is the one that ends (None: the primary one of that moment); the new one is primary and ends as
    that was and would have, with its position unless another is given (or it is not kept: then with none). Returns the new assignment's id.
    Raises NotFound; Invalid for an unknown or closed department or an unknown position; Conflict when there is
    nothing to end, when the person has that post already, or has left.
    """
    with changing(by) as change:
        who = Person.objects.filter(pk=person).first()
        if who is None:
            raise NotFound()
        problems = Problems()
        moment = at or change.now
        span(problems, moment, None)
        problems.check()
        ledger = load(person)
        valid = [r for r in ledger if spans.holds(r, moment)]
        old = next((r for r in valid if (r.primary if assignment is None else r.pk == assignment)), None)
        if old is None:
            words = Words("此人此时没有这个任职", "the person has no such assignment at that time")
            problems.conflict("assignment", "none", words)
        if who.status == Person.LEFT:
            problems.conflict("person", "left", Words("此人已离职", "this person has left"))
        if not Department.objects.filter(pk=department, closed_at=None).exists():
            words = Words("没有这个部门，或已关闭", "no such department, or it is closed")
            problems.invalid("department", "unknown", words)
        kept = old.position_id if old is not None and keep_position else None
        wanted = position or kept
        if wanted is not None and not Position.objects.filter(pk=wanted, closed_at=None).exists():
            problems.invalid("position", "unknown", NO_POSITION)
        problems.check()
        assert old is not None
        target = (department, wanted)
        until = spans.Span(moment, old.ends)
        same = [r for r in ledger.overlapping(until) if (r.department_id, r.position_id) == target]
        if same:
            that = told.post(same[0], *target)
            words = Words("已有这个任职：{that}", "is assigned there already: {that}").fill(that=that)
            problems.conflict("department", "assigned_already", words)
        problems.check()
        new = Assignment(
            person_id=person,
            department_id=target[0],
            position_id=target[1],
            primary=old.primary,
            starts=moment,
            ends=old.ends,
        )
        ledger.cut(old, moment)
        ledger.add(new)
        check(problems, ledger)
        problems.check()
        write(change, [ledger])
        return new.pk


def load(person: int) -> Ledger[Assignment]:
    """All assignments of a person, past and future ones too."""
    return load_many([person])[person]


def load_many(people: Sequence[int] | Mapping[int, Person]) -> dict[int, Ledger[Assignment]]:
    rows = Assignment.objects.order_by("starts", "pk")
    if len(people) <= _ALL:
        rows = rows.filter(person_id__in=list(people))
    found: dict[int, list[Assignment]] = {pk: [] for pk in people}
    for row in rows:
        if row.person_id in found:
            found[row.person_id].append(row)
    return {pk: Ledger("assignment", own, lambda r: (r.person_id,)) for pk, own in found.items()}


def check(problems: Problems, ledger: Ledger[Assignment]) -> None:
    """Exactly one primary at every moment at which the person has any assignment."""
    rows = list(ledger)
    pair = spans.rivals(rows)
    if pair is not None:
        _two_primaries(problems, pair[0])
        return
    found = spans.leaderless(rows)
    if found is not None:
        row, moment = found
        other, day = told.post(row, row.department_id, row.position_id), told.moment(moment)
        words = Words(
            "{day} 起有任职 {other}，却没有主任职", "from {day} there would be {other} and no primary assignment"
        ).fill(other=other, day=day)
        problems.conflict("primary", "no_primary", words)


def write(change: Change, ledgers: Iterable[Ledger[Assignment]]) -> None:
    for ledger in ledgers:
        ledger.write(change)


def _two_primaries(problems: Problems, other: Assignment) -> None:
    words = Words(
        "同一时间只能有一个主任职，已有 {other}", "only one assignment at a time is primary, and there is {other}"
    ).fill(other=told.post(other, other.department_id, other.position_id))
    problems.conflict("primary", "two_primaries", words)


def _open(change: Change, pk: int, at: datetime | None) -> tuple[Assignment, Ledger[Assignment], datetime]:
    """The assignment, its person's ledger and the moment, at which it must not have ended."""
    found = Assignment.objects.filter(pk=pk).values_list("person_id", flat=True).first()
    if found is None:
        raise NotFound()
    moment = at or change.now
    problems = Problems()
    span(problems, moment, None)
    problems.check()
    ledger = load(found)
    row = ledger.get(pk)
    assert row is not None
    if row.ends is not None and row.ends <= moment:
        day = told.moment(row.ends)
        raise Conflict(Words(f"这个任职已于 {day} 结束", f"this assignment ended on {day}"), code="ended")
    return row, ledger, moment


def _split(ledger: Ledger[Assignment], row: Assignment, moment: datetime) -> Assignment:
    """The part of the row from the moment on, as a row of its own where it began before."""
    if row.starts >= moment:
        return row
    rest = Assignment(
        person_id=row.person_id,
        department_id=row.department_id,
        position_id=row.position_id,
        primary=row.primary,
        starts=moment,
        ends=row.ends,
    )
    ledger.cut(row, moment)
    return ledger.add(rest)


def _promote(ledger: Ledger[Assignment], row: Assignment, moment: datetime) -> Assignment:
    new = _split(ledger, row, moment)
    new.primary = True
    return new
