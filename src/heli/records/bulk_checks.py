"""What is asked of a whole batch of new rows at once: links, accounts' keys, a person's rights, unique values.

Each check takes the rows that are good so far, tells the bad ones, and gives back the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from heli.access.core.line import REACH
from heli.access.viewer import Viewer
from heli.kernel.errors import NotFound, Problem, Refused
from heli.kernel.words import Words
from heli.org.models import Department, Person
from heli.records import fields as f
from heli.records import reach, sql, write
from heli.records.bulk_fields import Cell, unique_rows
from heli.records.bulk_rows import Bad, Outcome, Row
from heli.records.reasons import refusal
from heli.records.types import ObjectType
from heli.records.visible import among
from heli.records.work_input import NO_PERSON, NO_TARGET, POOLED, only_pooled

CHUNK = 500
"""Values in one IN list."""
REPEATED = Words("{field}在同一批里出现了两次", "{field} stands twice in the same import")
NO_DEPARTMENT = Words("没有这个部门", "no such department")
MISSING: Mapping[str | None, Words] = {"#person": NO_PERSON, "#department": NO_DEPARTMENT}


@dataclass(frozen=True, slots=True)
class Checks:
    """The checks of one viewer's rows of one type; ``place`` tells where each column stands among the cells of a row."""

    viewer: Viewer
    kind: ObjectType
    columns: list[str]
    place: Mapping[str, int]
    unique: list[Cell]

    @property
    def follows(self) -> bool:
        return self.kind.parent == "account" and self.kind.code != "account"

    def links(self, rows: list[Row], outcome: Outcome) -> list[Row]:
        """Linked records must be visible to the viewer; people and departments must exist."""
        wanted: dict[str, set[Any]] = {}
        for row in rows:
            for cell, value in row.links:
                assert cell.target is not None
                wanted.setdefault(cell.target, set()).update(cell.targets(value))
        found = {target: self._existing(target, some) for target, some in wanted.items()}
        pooled = self._pooled(found.get("account", set()))
        kept: list[Row] = []
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

    def accounts(self, rows: list[Row], outcome: Outcome) -> list[Row]:  # checks share one form
        """The account's two keys follow the account; an account is its own customer."""
        at = self.place
        owner, department = at["account_owner_id"], at["account_department_id"]
        if self.kind.code == "account":
            for row in rows:
                row.cells[owner], row.cells[department] = row.cells[at["owner_id"]], row.cells[at["department_id"]]
        elif self.follows:
            account = at["account_id"]
            keys = account_keys({row.cells[account] for row in rows if row.cells[account]})
            for row in rows:
                row.cells[owner], row.cells[department] = keys.get(row.cells[account], (None, None))
        return rows

    def rights(self, rows: list[Row], outcome: Outcome) -> list[Row]:
        """A person needs ``import`` on each row as it will be, through a line that lets them write its fields."""
        if self.viewer.is_system:
            return rows
        rights = self.viewer.view.type(self.kind.code) if self.viewer.view is not None else None
        if rights is None:
            raise NotFound
        kept: list[Row] = []
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

    def once(self, rows: list[Row], outcome: Outcome) -> list[Row]:
        """No two live records share a unique value, neither in the batch nor with those that are there."""
        for cell in self.unique:
            values = [row.cells[cell.at] for row in rows]
            taken = taken_values(self.kind, cell.field, {v for v in values if v not in (None, "")})
            seen: set[Any] = set()
            kept: list[Row] = []
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


def account_keys(wanted: set[str]) -> dict[str, tuple[int | None, int | None]]:
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


def taken_values(kind: ObjectType, one: f.Field, wanted: set[Any]) -> set[Any]:
    """Those of the values that a live record has."""
    found: set[Any] = set()
    listed = sorted(wanted)
    for start in range(0, len(listed), CHUNK):
        part = listed[start : start + CHUNK]
        marks = ",".join(["%s"] * len(part))
        text = f'SELECT {one.column} FROM "{kind.table}" WHERE {unique_rows(one)} AND {one.column} IN ({marks})'
        found |= {row[0] for row in sql.rows(text, part)}
    return found
