"""Many new records at once through the write door: the same checks, columns, audit and events as one, in batches.

Nothing is asked of the database for a single row: links, unique values, accounts' keys and automatic numbers are looked
up for a whole batch. A row that cannot be written is told with its problems and never stops the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from django.db import IntegrityError, transaction

from heli.access.viewer import Viewer
from heli.audit import bulk as copying
from heli.audit import log
from heli.audit.log import EntryData
from heli.jobs import events
from heli.kernel import clock, ids
from heli.kernel.errors import Invalid, NotFound, Problem
from heli.records import act, hooks, related, sealed, search_posts, sql, write
from heli.records import fields as f
from heli.records.bulk_checks import Checks
from heli.records.bulk_fields import cells_of
from heli.records.bulk_rows import Bad, Columns, Made, Outcome, Row
from heli.records.reasons import reason, refusal
from heli.records.types import ObjectType
from heli.records.work_input import BACKWARDS, REQUIRED, UNKNOWN

BATCH = 2000
"""Rows in one transaction."""


def import_many(
    viewer: Viewer,
    kind: ObjectType,
    rows: Iterable[Mapping[str, Any]],
    *,
    size: int = BATCH,
    also: Callable[[Sequence[Made]], None] | None = None,
) -> Iterator[Outcome]:
    """Create records from JSON values by field code; one transaction and one Outcome for each ``size`` rows.

    ``viewer`` is the system, which then acts for its reason and may fill read-only and stage fields, or a person, who
    needs the action ``import`` on every row and may write what that line lets them. ``also`` runs in the transaction of
    a batch with what it made. Raises NotFound or Refused when the person may import nothing of this type.
    """
    making = Making(viewer, kind)
    stream = enumerate(rows)
    while batch := list(islice(stream, size)):
        with sql.rare_checkpoints():
            try:
                with log.transaction():
                    outcome = making.batch(batch, also, whole=True)
            except IntegrityError:  # somebody has just taken a value: again, looking for the row
                with log.transaction():
                    outcome = making.batch(batch, also)
        yield outcome


class Making:
    """What stays the same over the batches of one import."""

    def __init__(self, viewer: Viewer, kind: ObjectType) -> None:
        self.viewer = viewer
        self.kind = kind
        self.columns = [str(column.column) for column in kind.model._meta.concrete_fields]
        self.place = {column: i for i, column in enumerate(self.columns)}
        self.cells = cells_of(kind, self.place)
        self.required = [(code, one) for code, one in kind.fields.items() if one.required]
        self.derived = hooks.deriving.get(kind.code)
        self.numbers = [one for one in kind.fields.values() if isinstance(one, f.AutoNumber)]
        self.unique = [self.cells[code] for code, one in kind.fields.items() if one.unique]
        if not viewer.is_system:
            rights = viewer.view.type(kind.code) if viewer.view is not None else None
            if rights is None:
                raise NotFound
            if not rights.held("import"):
                raise refusal(viewer, kind, "import", None)

    def batch(
        self,
        given: Sequence[tuple[int, Mapping[str, Any]]],
        also: Callable[[Sequence[Made]], None] | None,
        *,
        whole: bool = False,
    ) -> Outcome:
        """Check and write one batch in the caller's transaction.

        ``whole``: a value that another process has just taken raises IntegrityError, and the transaction is lost. That
        saves a savepoint, for which SQLite would keep every page that the batch touches twice in memory.
        """
        if not self.viewer.is_system:
            self.viewer = act.current(self.viewer)
        outcome = Outcome()
        start, said = self._template()
        rows: list[Row] = []
        actor = self.viewer.actor
        if self.viewer.is_system:
            actor = replace(actor, via=self.viewer.system)
        for number, values in given:
            row = Row(number, start.copy(), [], said.copy(), actor, [])
            problems = self._fill(row, values)
            if problems:
                outcome.bad.append(Bad(number, tuple(problems)))
            else:
                rows.append(row)
        checks = Checks(self.viewer, self.kind, self.columns, self.place, self.unique)
        for check in (checks.links, checks.accounts, checks.rights, checks.once):
            rows = check(rows, outcome)
        self._number(rows)
        if whole and rows:
            outcome.made += self._insert(rows, also)
        else:
            self._write(rows, outcome, also)
        outcome.bad.sort(key=lambda one: one.number)
        return outcome

    def _template(self) -> tuple[list[Any], dict[str, Any]]:
        """A new row before anything is said about it, bound for the driver, and what the log says of it."""
        moment = clock.now()
        row = write.defaults(self.kind)
        row |= {
            "created_at": moment, "updated_at": moment, "version": 1, "deleted_at": None,
            "created_by_id": self.viewer.person, "updated_by_id": self.viewer.person,
        }  # fmt: skip
        if self.viewer.person is not None:
            row["owner_id"] = self.viewer.person
        if self.viewer.view is not None:
            row["department_id"] = self.viewer.view.home
        filled = [code for code, one in self.kind.fields.items() if not one.is_empty(row[one.column])]
        return [sql.bind(row[c]) for c in self.columns], write.dumped(self.kind, row, filled)

    def _fill(self, row: Row, values: Mapping[str, Any]) -> list[Problem]:
        """Parse what is given into the row's cells; its problems, each with its field as place."""
        problems: list[Problem] = []
        cells, said = row.cells, row.after
        for code, value in values.items():
            cell = self.cells.get(code)
            if cell is None:
                problems.append(Problem(str(code)[:80], "unknown", UNKNOWN.fill(code=str(code)[:80])))
                continue
            if cell.closed and not self.viewer.is_system:
                code_, words = reason(self.viewer, self.kind, "create", None, code)
                problems.append(Problem(code, code_, words))
                continue
            try:
                parsed = cell.parse(value)
            except f.FieldError as error:
                problems.append(Problem(f"{code}/{error.place}" if error.place else code, error.code, error.words))
                continue
            row.given.append(code)
            cells[cell.at] = cell.bind(parsed)
            if cell.sorts is not None:
                cells[cell.sorts] = cell.field.sort_key(parsed)
            if parsed is None or parsed == "":
                said.pop(code, None)
                continue
            said[code] = cell.said(parsed)
            if cell.target is not None:
                row.links.append((cell, parsed))
        for start, end in self.kind.spans:
            begins, ends = row.after.get(start.code), row.after.get(end.code)
            if begins is not None and ends is not None and end.once(ends) < start.once(begins):
                words = BACKWARDS.fill(start=start.words, end=end.words)
                problems.append(Problem(end.code, "backwards", words))
        if self.derived is not None and not problems:
            for code, value in self.derived.of(Columns(cells, self.place)).items():
                cell = self.cells[code]
                cells[cell.at] = cell.bind(value)
                said[code] = cell.said(value)
        for code, one in self.required:
            missing = code not in row.after or one.is_empty(cells[self.cells[code].at])
            if missing and not any(p.place == code for p in problems):
                problems.append(Problem(code, "required", REQUIRED))
        return problems

    def _number(self, rows: list[Row]) -> None:
        """Automatic numbers for the rows that bring none, in one step of the counter."""
        day = clock.today()
        for one in self.numbers:
            cell = self.cells[one.code]
            without = [row for row in rows if not row.cells[cell.at]]
            last = write.numbers(one, len(without), day)
            for n, row in enumerate(without, start=last - len(without) + 1):
                value = one.number(n, day)
                row.cells[cell.at] = value
                if cell.sorts is not None:
                    row.cells[cell.sorts] = one.sort_key(value)
                row.after[one.code] = value

    # -- writing ------------------------------------------------------------------------------------------

    def _write(self, rows: list[Row], outcome: Outcome, also: Callable[[Sequence[Made]], None] | None) -> None:
        """Insert; when another process has just taken a unique value, halves find the row that it concerns."""
        if not rows:
            return
        try:
            with transaction.atomic():
                outcome.made += self._insert(rows, also)
        except IntegrityError as error:
            if len(rows) == 1:
                code = write.taken(self.kind, error)
                if code is None:
                    raise
                words = write.TAKEN.fill(field=self.kind.fields[code].words)
                outcome.bad.append(Bad(rows[0].number, (Problem(code, "taken", words),)))
                return
            half = len(rows) // 2
            self._write(rows[:half], outcome, also)
            self._write(rows[half:], outcome, also)

    def _insert(self, rows: list[Row], also: Callable[[Sequence[Made]], None] | None) -> list[Made]:
        at = self.place["id"]
        for row in rows:
            row.id = row.cells[at] = ids.uuid7()
            if self.kind.code == "project":
                row.cells[self.place["project_id"]] = row.id  # a project lies in itself
        for row in rows:
            self._close(row)
        copying.insert(self.kind.table, self.columns, [row.cells for row in rows])
        if self.kind.related:
            related.add_many(one for row in rows for one in self._reach(row))
        search_posts.later(self.kind, [row.id for row in rows])
        made = [Made(row.number, row.id, row.after) for row in rows]
        if also is not None:
            also(made)
        code = self.kind.code
        events.publish_many(
            [events.EventData(f"{code}.create", code, r.id, {"fields": sorted(r.given)}) for r in rows], fresh=True
        )
        log.append_many(
            [
                EntryData(
                    action=f"{code}.create", object_type=code, object_id=r.id, actor_id=r.actor.person,
                    actor_name=r.actor.name, acting_for_id=r.actor.acting_for, origin=r.actor.origin, via=r.actor.via,
                    after=self._kept(r),
                )
                for r in rows
            ]
        )  # fmt: skip
        return made

    def _close(self, row: Row) -> None:
        """Seal the encrypted cells, now that the row has its id."""
        for one in self.kind.encrypted:
            value = row.cells[self.place[one.column]]
            if value:
                row.cells[self.place[one.column]] = sealed.seal(self.kind, row.id, one, value)
                for column, token in sealed.indexes(self.kind, one, value).items():
                    row.cells[self.place[column]] = token

    def _kept(self, row: Row) -> dict[str, Any]:
        """What the log keeps of a row."""
        secret = {one.code: sealed.kept(self.kind, row.id, one, row.after[one.code])
                  for one in self.kind.encrypted if one.code in row.after}  # fmt: skip
        return {**row.after, **secret} if secret else row.after

    def _reach(self, row: Row) -> list[related.ReachRow]:
        owner = row.cells[self.place["owner_id"]]
        if not owner:
            return []
        return related.rows_for(self.kind, Columns(row.cells, self.place), [(owner, None)])


__all__ = ["BATCH", "Bad", "Invalid", "Made", "Outcome", "import_many"]
