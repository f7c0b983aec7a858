"""Who reports to whom: one line a person at any moment, and no cycle at any moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from heli.kernel.actor import Actor
from heli.kernel.errors import NotFound
from heli.kernel.words import Words
from heli.org import spans
from heli.org.models import Person, ReportingLine
from heli.org.verbs import told
from heli.org.verbs.change import Change, Problems, changing, span
from heli.org.verbs.ledger import Ledger


@dataclass(frozen=True, slots=True)
class NewReporting:
    """A reporting line to be drawn. ``starts`` None means now, ``ends`` None means open."""

    person: int
    manager: int
    starts: datetime | None = None
    ends: datetime | None = None


def set_manager(
    by: Actor, person: int, manager: int, *, starts: datetime | None = None, ends: datetime | None = None
) -> int:
    """From ``starts`` (None: now) the person reports to this manager; the line that held until then ends there.

    Returns the line's id; nothing is written when it holds already. Raises NotFound for an unknown person; Invalid
    for an unknown manager, oneself, or a span that ends before it starts; Conflict when one of the two has left or
    is a service account, when another line begins within the span, or when at some moment the lines would form a
    cycle (``cycle``, with the way).
    """
    with changing(by) as change:
        if not Person.objects.filter(pk=person).exists():
            raise NotFound()
        return _set(change, [NewReporting(person, manager, starts, ends)], Problems())[0]


def set_managers(by: Actor, rows: Sequence[NewReporting]) -> list[int]:
    """Many at once, in this order, all or none; returns their ids. Raises as ``set_manager`` does, with every place."""
    with changing(by) as change:
        return _set(change, rows, Problems(batch=True))


def end_reporting(by: Actor, person: int, *, at: datetime | None = None) -> None:
    """From a moment on (None: now) the person reports to nobody; lines that would begin later are cancelled.

    Raises NotFound for an unknown person, Conflict when there is no line to end.
    """
    with changing(by) as change:
        if not Person.objects.filter(pk=person).exists():
            raise NotFound()
        problems = Problems()
        moment = at or change.now
        span(problems, moment, None)
        problems.check()
        book = Book(moment)
        lines = [line for line in book.of(person) if line.ends is None or line.ends > moment]
        if not lines:
            problems.conflict("person", "none", Words("此人没有汇报关系", "this person reports to nobody"))
        problems.check()
        for line in lines:
            book.cut(line, moment)
        book.write(change)


def _set(change: Change, rows: Sequence[NewReporting], problems: Problems) -> list[int]:
    people = Person.objects.in_bulk({pk for r in rows for pk in (r.person, r.manager)})
    starting = [r.starts or change.now for r in rows]
    for number, row in enumerate(rows):
        here = problems.row(number)
        span(here, starting[number], row.ends)
        _may_report(here, "person", people.get(row.person))
        _may_report(here, "manager", people.get(row.manager))
        if row.person == row.manager:
            here.invalid("manager", "self", Words("不能向自己汇报", "nobody reports to themselves"))
    problems.check()
    book = Book(min(starting, default=change.now))
    lines = [
        book.draw(problems.row(n), r.person, r.manager, spans.Span(starting[n], r.ends)) for n, r in enumerate(rows)
    ]
    problems.check()
    book.write(change)
    return [line.pk for line in lines]


def _may_report(problems: Problems, place: str, person: Person | None) -> None:
    if person is None:
        problems.invalid(place, "unknown", Words("没有这个人员", "no such person"))
    elif person.status == Person.LEFT:
        problems.conflict(place, "left", Words(f"{told.person(person)} 已离职", f"{told.person(person)} has left"))
    elif person.kind == Person.SERVICE:
        words = Words("服务账号不在汇报关系中", "a service account stands in no reporting line")
        problems.conflict(place, "service_account", words)


class Book:
    """Every reporting line that holds at or after a moment, in memory."""

    def __init__(self, since: datetime) -> None:
        rows = ReportingLine.objects.filter(Q(ends=None) | Q(ends__gt=since)).order_by("starts", "pk")
        self.ledger = Ledger("reporting", rows, lambda r: (r.person_id,))
        self._of: dict[int, list[ReportingLine]] = defaultdict(list)
        for row in self.ledger:
            self._of[row.person_id].append(row)

    def of(self, person: int) -> list[ReportingLine]:
        """The lines in which this person reports to somebody."""
        return list(self._of[person])

    def cut(self, row: ReportingLine, moment: datetime) -> None:
        if self.ledger.cut(row, moment):
            self._of[row.person_id] = [r for r in self._of[row.person_id] if r is not row]

    def to(self, manager: int) -> list[ReportingLine]:
        """The lines in which somebody reports to this person."""
        return [r for r in self.ledger if r.manager_id == manager]

    def way(self, start: int, target: int, during: spans.Span) -> tuple[tuple[int, ...], datetime] | None:
        """How ``start`` reports to ``target``, in one step or several, at some moment of the span."""
        return spans.chain(start, target, during, lambda pk: [(r.manager_id, spans.of(r)) for r in self.of(pk)])

    def draw(self, problems: Problems, person: int, manager: int, during: spans.Span) -> ReportingLine:
        """A line over the span in place of the one that holds when it begins."""
        row = ReportingLine(person_id=person, manager_id=manager, starts=during.starts, ends=during.ends)
        met = [r for r in self.of(person) if spans.meet(r, row)]
        for other in met:
            if other.manager_id == manager and spans.of(other).covers(during) and other.ends == during.ends:
                return other
            if other.starts <= during.starts:
                self.cut(other, during.starts)
            else:
                words = Words("已有另一汇报关系，{when}", "another reporting line holds {when}")
                problems.conflict("starts", "overlap", words.fill(when=told.span(other)))
                return row
        self._no_cycle(problems, row)
        self._of[person].append(self.ledger.add(row))
        return row

    def fits(self, problems: Problems, row: ReportingLine) -> None:
        """Whether a line that stands here already goes with the others."""
        for other in self.of(row.person_id):
            if other is not row and spans.meet(other, row):
                words = Words("已有另一汇报关系，{when}", "another reporting line holds {when}")
                problems.conflict("starts", "overlap", words.fill(when=told.span(other)))
                return
        self._no_cycle(problems, row)

    def _no_cycle(self, problems: Problems, row: ReportingLine) -> None:
        found = self.way(row.manager_id, row.person_id, spans.of(row))
        if found is not None:
            path, moment = found
            way, day = told.people((row.person_id, *path)), told.moment(moment)
            words = Words(f"{day} 起汇报关系会成环：{way}", f"from {day} the reporting lines would form a cycle: {way}")
            problems.conflict("manager", "cycle", words)

    def write(self, change: Change) -> None:
        if self.ledger.write(change):
            change.tree()  # whoever stands above sees more or less
