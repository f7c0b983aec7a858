"""Many new records at once through the write door: the same checks, columns, audit and events as one, in batches.

Nothing is asked of the database for a single row: links, unique values, accounts' keys and automatic numbers are looked
up for a whole batch. A row that cannot be written is told with its problems and never stops the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from django.db import IntegrityError, transaction

from heli.access.core.line import REACH
from heli.access.viewer import Viewer
from heli.audit import bulk as copying
from heli.audit import log
from heli.audit.log import EntryData
from heli.jobs import events
from heli.kernel import clock, ids
from heli.kernel.actor import Actor
from heli.kernel.errors import Invalid, NotFound, Problem, Refused
from heli.kernel.words import Words
from heli.org.models import Department, Person
from heli.records import act, reach, related, search_posts, sql, write
from heli.records import fields as f
from heli.records.bulk_fields import Cell, cells_of, unique_rows
from heli.records.reasons import reason, refusal
from heli.records.types import ObjectType
from heli.records.visible import among
from heli.records.work_input import NO_PERSON, NO_TARGET, POOLED, REQUIRED, UNKNOWN, only_pooled

BATCH = 2000
"""Rows in one transaction."""
CHUNK = 500
"""Values in one IN list."""

REPEATED = Words("{field}在同一批里出现了两次", "{field} stands twice in the same import")
NO_DEPARTMENT = Words("没有这个部门", "no such department")


@dataclass(frozen=True, slots=True)
class Made:
    """A row that became a record: its number among those given (from 0), the record, and what was written (JSON)."""

    number: int
    id: str
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Bad:
    """A row that was not written, and why."""

    number: int
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class Outcome:
    """What became of one batch."""

    made: list[Made] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)


@dataclass(slots=True)
class _Row:
    """One row on its way: its cells in the order of the columns, and what the log will say."""

    number: int
    cells: list[Any]
    given: list[str]
    after: dict[str, Any]
    actor: Actor
    links: list[tuple[Cell, Any]]
    id: str = ""


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
        self.numbers = [one for one in kind.fields.values() if isinstance(one, f.AutoNumber)]
        self.unique = [self.cells[code] for code, one in kind.fields.items() if one.unique]
        self.follows = kind.parent == "account" and kind.code != "account"
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
        rows: list[_Row] = []
        actor = self.viewer.actor
        if self.viewer.is_system:
            actor = replace(actor, via=self.viewer.system)
        for number, values in given:
            row = _Row(number, start.copy(), [], said.copy(), actor, [])
            problems = self._fill(row, values)
            if problems:
                outcome.bad.append(Bad(number, tuple(problems)))
            else:
                rows.append(row)
        for check in (self._links, self._accounts, self._rights, self._once):
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

    def _fill(self, row: _Row, values: Mapping[str, Any]) -> list[Problem]:
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
        for code, one in self.required:
            missing = code not in row.after or one.is_empty(cells[self.cells[code].at])
            if missing and not any(p.place == code for p in problems):
                problems.append(Problem(code, "required", REQUIRED))
        return problems

    # -- checks of a whole batch --------------------------------------------------------------------------

    def _links(self, rows: list[_Row], outcome: Outcome) -> list[_Row]:
        """Linked records must be visible to the viewer; people and departments must exist."""
        wanted: dict[str, set[Any]] = {}
        for row in rows:
            for cell, value in row.links:
                assert cell.target is not None
                wanted.setdefault(cell.target, set()).update(cell.targets(value))
        found = {target: self._existing(target, some) for target, some in wanted.items()}
        pooled = self._pooled(found.get("account", set()))
        kept: list[_Row] = []
        for row in rows:
            problems = [
                Problem(cell.field.code, "missing", MISSING.get(cell.target, NO_TARGET))
                for cell, value in row.links
                if cell.target is not None and not found[cell.target].issuperset(cell.targets(value))
            ]
            problems += [
                Problem("account", "pooled", POOLED)
                for cell, value in row.links
                if cell.field.code == "account" and value in pooled
            ]
            if problems:
                outcome.bad.append(Bad(row.number, tuple(problems)))
            else:
                kept.append(row)
        return kept

    def _pooled(self, accounts: set[Any]) -> set[Any]:
        """Accounts that a person sees through the pool alone: hanging records on them would open what lies around them."""
        if self.viewer.is_system or not self.kind.related or self.kind.code == "account":
            return set()
        return {one for one in accounts if only_pooled(self.viewer, one)}

    def _existing(self, target: str, some: set[Any]) -> set[Any]:
        if target == "#person":
            people = Person.objects.filter(pk__in=some)
            if not self.viewer.is_system:  # an import of a company's past keeps the names of those who have left
                people = people.exclude(status=Person.LEFT)
            return set(people.values_list("pk", flat=True))
        if target == "#department":
            return set(Department.objects.filter(pk__in=some).values_list("pk", flat=True))
        return set(among(self.viewer, target, some))

    def _accounts(self, rows: list[_Row], outcome: Outcome) -> list[_Row]:  # checks share one form
        """The account's two keys follow the account; an account is its own customer."""
        at = self.place
        owner, department = at["account_owner_id"], at["account_department_id"]
        if self.kind.code == "account":
            for row in rows:
                row.cells[owner], row.cells[department] = row.cells[at["owner_id"]], row.cells[at["department_id"]]
        elif self.follows:
            account = at["account_id"]
            keys = _account_keys({row.cells[account] for row in rows if row.cells[account]})
            for row in rows:
                row.cells[owner], row.cells[department] = keys.get(row.cells[account], (None, None))
        return rows

    def _rights(self, rows: list[_Row], outcome: Outcome) -> list[_Row]:
        """A person needs ``import`` on each row as it will be, through a line that lets them write its fields."""
        if self.viewer.is_system:
            return rows
        rights = self.viewer.view.type(self.kind.code) if self.viewer.view is not None else None
        if rights is None:
            raise NotFound
        kept: list[_Row] = []
        reached: dict[str, frozenset[tuple[str, str]]] = {}
        for row in rows:
            facts = dict(zip(self.columns, row.cells, strict=True))
            account = facts.get("account_id") or ""
            if account not in reached:
                reached[account] = reach.of_row(self.viewer.person, rights, "", account)
            facts[REACH] = reached[account]
            decided = rights.decide("import", facts)
            writable = [h for h in decided.because if all(h.line.may_write(code) for code in row.given)]
            if not decided.allowed or not writable:
                lacking = next(
                    (c for c in row.given if not any(h.line.may_write(c) for h in decided.because)), None
                ) if decided.allowed else None  # fmt: skip
                error: Refused = refusal(self.viewer, self.kind, "import", facts, None)
                outcome.bad.append(Bad(row.number, (Problem(lacking or "", error.code, error.words),)))
                continue
            source = writable[0].source
            row.actor = replace(row.actor, via=f"{source.role or 'lines'} v{source.version}, grant {source.grant}")
            kept.append(row)
        return kept

    def _once(self, rows: list[_Row], outcome: Outcome) -> list[_Row]:
        """No two live records share a unique value, neither in the batch nor with those that are there."""
        for cell in self.unique:
            values = [row.cells[cell.at] for row in rows]
            taken = _taken(self.kind, cell.field, {v for v in values if v not in (None, "")})
            seen: set[Any] = set()
            kept: list[_Row] = []
            for row, value in zip(rows, values, strict=True):
                if value in (None, ""):
                    kept.append(row)
                elif value in taken or value in seen:
                    words = (write.TAKEN if value in taken else REPEATED).fill(field=cell.field.words)
                    outcome.bad.append(Bad(row.number, (Problem(cell.field.code, "taken", words),)))
                else:
                    seen.add(value)
                    kept.append(row)
            rows = kept
        return rows

    def _number(self, rows: list[_Row]) -> None:
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

    def _write(self, rows: list[_Row], outcome: Outcome, also: Callable[[Sequence[Made]], None] | None) -> None:
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

    def _insert(self, rows: list[_Row], also: Callable[[Sequence[Made]], None] | None) -> list[Made]:
        at = self.place["id"]
        for row in rows:
            row.id = row.cells[at] = ids.uuid7()
            if self.kind.code == "project":
                row.cells[self.place["project_id"]] = row.id  # a project lies in itself
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
                    after=r.after,
                )
                for r in rows
            ]
        )  # fmt: skip
        return made

    def _reach(self, row: _Row) -> list[related.ReachRow]:
        owner = row.cells[self.place["owner_id"]]
        if not owner:
            return []
        return related.rows_for(self.kind, _Columns(row.cells, self.place), [(owner, None)])


class _Columns(dict[str, Any]):
    """The cells of a row by column, for those who read a few of them."""

    def __init__(self, cells: list[Any], place: Mapping[str, int]) -> None:
        super().__init__()
        self.cells, self.place = cells, place

    def __missing__(self, column: str) -> Any:
        return self.cells[self.place[column]]

    def get(self, column: str, default: Any = None) -> Any:
        at = self.place.get(column)
        return default if at is None else self.cells[at]


MISSING: Mapping[str | None, Words] = {"#person": NO_PERSON, "#department": NO_DEPARTMENT}


def _account_keys(wanted: set[str]) -> dict[str, tuple[int | None, int | None]]:
    """Owner and department of these accounts, held until the transaction ends so that a transfer cannot pass between."""
    found: dict[str, tuple[int | None, int | None]] = {}
    table = write._account_table()
    held = " FOR SHARE" if sql.vendor() == "postgresql" else ""
    listed = sorted(wanted)
    for start in range(0, len(listed), CHUNK):
        part = listed[start : start + CHUNK]
        marks = ",".join(["%s"] * len(part))
        text = f'SELECT id, owner_id, department_id FROM "{table}" WHERE id IN ({marks}){held}'
        found |= {pk: (owner, department) for pk, owner, department in sql.rows(text, part)}
    return found


def _taken(kind: ObjectType, one: f.Field, wanted: set[Any]) -> set[Any]:
    """Those of the values that a live record has."""
    found: set[Any] = set()
    listed = sorted(wanted)
    for start in range(0, len(listed), CHUNK):
        part = listed[start : start + CHUNK]
        marks = ",".join(["%s"] * len(part))
        text = f'SELECT {one.column} FROM "{kind.table}" WHERE {unique_rows(one)} AND {one.column} IN ({marks})'
        found |= {row[0] for row in sql.rows(text, part)}
    return found


__all__ = ["BATCH", "Bad", "Invalid", "Made", "Outcome", "import_many"]
