"""Correcting when posts and reporting lines hold, and which post is primary: for an import whose file says it anew.

Moving, ending and promoting from a moment on have verbs of their own; these put right what was written, back to its beginning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from heli.kernel.actor import Actor
from heli.kernel.words import Words
from heli.org import spans
from heli.org.models import Assignment, Person, ReportingLine
from heli.org.verbs import told
from heli.org.verbs.assignments import check, load_many, write
from heli.org.verbs.change import Problems, changing, span
from heli.org.verbs.reporting import Book

NONE = Words("没有这条记录", "there is no such row")


@dataclass(frozen=True, slots=True)
class Dates:
    """From when until when the row ``id`` holds (``ends`` None: open); ``primary`` (assignments only) None leaves it."""

    id: int
    starts: datetime
    ends: datetime | None = None
    primary: bool | None = None


def change_assignments(by: Actor, rows: Sequence[Dates]) -> list[int]:
    """Correct assignments, all or none; returns their ids. What several rows say of one person is judged together.

    Raises Invalid for an unknown row or a span that ends before it starts; Conflict when the person has left and would
    have a post again, has that post twice at one time, or would have two primaries at some moment, or none. Each place
    begins with the row's number.
    """
    with changing(by) as change:
        problems = Problems(batch=True)
        found = Assignment.objects.in_bulk([row.id for row in rows])
        people = Person.objects.in_bulk({one.person_id for one in found.values()})
        ledgers = load_many(people)
        last: dict[int, int] = {}
        for number, row in enumerate(rows):
            here = problems.row(number)
            if row.id not in found:
                here.invalid("id", "unknown", NONE)
            elif span(here, row.starts, row.ends):
                person = people[found[row.id].person_id]
                one = ledgers[person.pk].get(row.id)
                assert one is not None
                one.starts, one.ends = row.starts, row.ends
                one.primary = one.primary if row.primary is None else row.primary
                last[person.pk] = number
                if person.status == Person.LEFT and (row.ends is None or row.ends > change.now):
                    words = Words(f"{told.person(person)} 已离职", f"{told.person(person)} has left")
                    here.conflict("person", "left", words)
        problems.check()
        for pk, number in last.items():
            here, ledger = problems.row(number), ledgers[pk]
            twice = _twice(list(ledger))
            if twice is not None:
                that = told.post(twice, twice.department_id, twice.position_id)
                words = Words("已有这个任职：{that}", "is assigned there already: {that}").fill(that=that)
                here.conflict("starts", "assigned_already", words)
            else:
                check(here, ledger)
        problems.check()
        write(change, ledgers.values())
        return [row.id for row in rows]


def _twice(rows: list[Assignment]) -> Assignment | None:
    """A row whose post another row of the person has at the same time."""
    for n, one in enumerate(rows):
        post = (one.department_id, one.position_id)
        for other in rows[:n]:
            if (other.department_id, other.position_id) == post and spans.meet(one, other):
                return other
    return None


def change_reporting(by: Actor, rows: Sequence[Dates]) -> list[int]:
    """Correct reporting lines, all or none; returns their ids.

    Raises Invalid for an unknown row or a span that ends before it starts; Conflict when another line of the person
    holds within the span, or the lines would form a cycle. Each place begins with the row's number.
    """
    with changing(by) as change:
        problems = Problems(batch=True)
        found = ReportingLine.objects.in_bulk([row.id for row in rows])
        for number, row in enumerate(rows):
            if row.id not in found:
                problems.row(number).invalid("id", "unknown", NONE)
            else:
                span(problems.row(number), row.starts, row.ends)
        problems.check()
        book = Book(min((min(row.starts, found[row.id].starts) for row in rows), default=change.now))
        for number, row in enumerate(rows):
            line = book.ledger.get(row.id)
            if line is None:  # it ended where it began
                problems.row(number).invalid("id", "unknown", NONE)
                continue
            line.starts, line.ends = row.starts, row.ends
        for number, row in enumerate(rows):
            line = book.ledger.get(row.id)
            if line is not None:
                book.fits(problems.row(number), line)
        problems.check()
        book.write(change)
        return [row.id for row in rows]
