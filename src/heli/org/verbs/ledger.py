"""Rows of a dated table in memory: changed freely, checked as a whole, and only then written with their audit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from heli.org import spans
from heli.org.models import Assignment, Deputy, ProjectMember, ReportingLine
from heli.org.verbs.change import Change

Row = Assignment | ReportingLine | ProjectMember | Deputy
_MANY = 500  # rows updated in one statement


def _values(row: Row) -> dict[str, Any]:
    return {f.name: getattr(row, f.attname) for f in row._meta.concrete_fields if not f.primary_key}


class Ledger[R: Row]:
    """Some rows of one table. ``kind`` names them in the audit log; ``touches`` says whose rights a row is about."""

    def __init__(self, kind: str, rows: Iterable[R], touches: Callable[[R], Iterable[int]]) -> None:
        self._kind = kind
        self._touches = touches
        self._rows: list[R] = list(rows)
        self._was: dict[int, dict[str, Any]] = {r.pk: _values(r) for r in self._rows}
        self._gone: list[R] = []

    def __iter__(self) -> Iterator[R]:
        return iter(tuple(self._rows))

    def get(self, pk: int) -> R | None:
        return next((r for r in self._rows if r.pk == pk), None)

    def add(self, row: R) -> R:
        self._rows.append(row)
        return row

    def remove(self, row: R) -> None:
        self._rows = [r for r in self._rows if r is not row]
        if row.pk is not None:
            self._gone.append(row)

    def cut(self, row: R, moment: datetime) -> bool:
        """End a row at a moment; one that would then never have held is removed, and the answer is True."""
        if row.starts >= moment:
            self.remove(row)
            return True
        if row.ends is None or row.ends > moment:
            row.ends = moment
        return False

    def overlapping(self, span: spans.Span) -> list[R]:
        return [r for r in self._rows if spans.of(r).common(span) is not None]

    def end_all(self, change: Change, moment: datetime | None = None) -> int:
        """End every row that holds at the moment (None: now) or begins later, and write; returns how many."""
        at = moment or change.now
        ending = [r for r in self._rows if r.ends is None or r.ends > at]
        for row in ending:
            self.cut(row, at)
        self.write(change)
        return len(ending)

    def write(self, change: Change) -> bool:
        """Write what differs, endings and demotions first, so that no constraint is broken on the way; whether anything
        did."""
        fresh = [r for r in self._rows if r.pk is None]
        changed = [r for r in self._rows if r.pk is not None and _values(r) != self._was[r.pk]]
        changed.sort(key=lambda r: (r.ends is None, isinstance(r, Assignment) and r.primary))
        if not (fresh or changed or self._gone):
            return False
        model: Any = type((fresh or changed or self._gone)[0])
        if self._gone:
            model.objects.filter(pk__in=[r.pk for r in self._gone]).delete()
        for row in changed:
            was, now = self._was[row.pk], _values(row)
            model.objects.filter(pk=row.pk).update(**{k: v for k, v in now.items() if was[k] != v})
        model.objects.bulk_create(fresh, batch_size=_MANY)
        self._tell(change, fresh, changed)
        return True

    def _tell(self, change: Change, fresh: list[R], changed: list[R]) -> None:
        for row in self._gone:
            change.note(f"{self._kind}.cancel", row.pk, before=self._was[row.pk])
        for row in changed:
            was, now = self._was[row.pk], _values(row)
            ended = {k for k in now if was[k] != now[k]} == {"ends"} and now["ends"] is not None
            change.note(f"{self._kind}.{'end' if ended else 'change'}", row.pk, was, now)
        for row in fresh:
            change.note(f"{self._kind}.create", row.pk, after=_values(row))
        for row in (*self._gone, *changed, *fresh):
            change.touch(*self._touches(row))
