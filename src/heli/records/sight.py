"""What one viewer sees of one object type: the rows, and the level of each cell, as SQL and in process.

A ``Sight`` is made for one question, since reach rows are read live; what does not depend on them stays in the view.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from heli.access.compile import (
    FALSE,
    NO_REACH,
    TRUE,
    Formula,
    Group,
    ReachSets,
    Sql,
    Writer,
    all_of,
    formula,
    groups,
)
from heli.access.core.decide import TypeRights
from heli.access.core.depends import Told
from heli.access.core.line import REACH, Held, Level, Reached, Row
from heli.access.viewer import Viewer
from heli.kernel.errors import NotFound
from heli.records import fields as f
from heli.records import reach as reaching
from heli.records import sql
from heli.records.types import KEY_COLUMNS, TYPES, ObjectType

EVERYTHING = Formula(True, ())


def kind_of(code: str) -> ObjectType:
    """The object type. Raises NotFound."""
    kind = TYPES.get(code)
    if kind is None:
        raise NotFound
    return kind


class Sight:
    """One viewer's view of one type, now. Raises NotFound when they can never read any record of it."""

    def __init__(self, viewer: Viewer, kind: ObjectType, reach: ReachSets | None = None) -> None:
        self.viewer = viewer
        self.kind = kind
        self.rights: TypeRights | None = None
        self.reach: ReachSets = NO_REACH
        if not viewer.is_system:
            self.rights = viewer.view.type(kind.code) if viewer.view is not None else None
            if self.rights is None or not self.rights.read:
                raise NotFound
            self.reach = reaching.sets(viewer.person, self.rights) if reach is None else reach

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        rights = self.rights
        if rights is None:
            return (Group(tuple(self.kind.fields), Level.READ),)
        key = ("groups", self.kind.code)
        shared = self.viewer.view.shared if self.viewer.view is not None else {}
        if key not in shared:
            classes = {code: one.data_class for code, one in self.kind.fields.items()}
            shared[key] = groups(classes, rights.read, [c.covering("read") for c in rights.bounds("read")])
        found: tuple[Group, ...] = shared[key]  # type: ignore[assignment]  # only this key holds it
        return found

    @cached_property
    def held(self) -> Sight | None:
        """Where less is shown than is held (a session's mode): the same sight as its person has it."""
        if self.rights is None or self.rights.whole is None or self.viewer.view is None:
            return None
        return Sight(replace(self.viewer, view=self.viewer.view.held), self.kind)

    @cached_property
    def group_of(self) -> Mapping[str, int]:
        return {code: i for i, group in enumerate(self.groups) for code in group.fields}

    @cached_property
    def visible(self) -> Formula:
        if self.rights is None:
            return EVERYTHING
        return formula(self.rights.read, self.reach, self._has_account)

    @cached_property
    def ceilings(self) -> tuple[Formula, ...]:
        if self.rights is None:
            return ()
        made = (formula(c.covering("read"), self.reach, self._has_account) for c in self.rights.bounds("read"))
        return tuple(one for one in made if not one.everything)

    @property
    def _has_account(self) -> bool:
        return self.kind.parent == "account"

    def best(self, code: str) -> Level:
        """The highest level this field can have for this viewer on any row."""
        if code not in self.kind.fields:
            return Level.HIDDEN
        return Level.READ if self.rights is None else self.rights.best_level(code)

    def known(self, code: str) -> f.Field | None:
        """The field, unless to this viewer it never shows."""
        return self.kind.fields[code] if self.best(code) > Level.HIDDEN else None

    def usable(self, code: str) -> f.Field | None:
        """The field, if this viewer may filter, sort and sum by it: where it is read, not only shown masked."""
        return self.kind.fields[code] if self.best(code) == Level.READ else None

    def predicate(self, alias: str = "", *, deleted: bool = False) -> Sql:
        """Rows this viewer sees; ``deleted``: also those that they saw until they were deleted."""
        writer = sql.writer(alias)
        return all_of(
            [
                TRUE if deleted else Sql(f"{alias}deleted_at IS NULL"),
                writer.formula(self.visible, self.reach),
                *(writer.formula(c, self.reach) for c in self.ceilings),
            ]
        )

    def readable(self, code: str, alias: str = "", level: Level = Level.READ) -> Sql:
        """Rows, among the visible ones, where this cell has at least this level."""
        group = self.groups[self.group_of[code]]
        return self.group_readable(group, alias, level)

    def readable_formulas(self, code: str) -> tuple[Formula, ...]:
        """Formulas that all hold exactly where this cell is read (and so its row is visible); none: on every visible row."""
        group = self.groups[self.group_of[code]]
        if group.constant is not None:
            return () if group.constant == Level.READ else (Formula(False, ()),)
        made = [formula(group.read, self.reach, self._has_account)]
        made += [formula(read, self.reach, self._has_account) for read, _ in group.caps]
        return tuple(made)

    def group_readable(self, group: Group, alias: str, level: Level) -> Sql:
        if group.constant is not None:
            return TRUE if group.constant >= level else FALSE
        writer = sql.writer(alias)
        full = level == Level.READ
        parts = [self._lines(group.read if full else group.masked, writer)]
        parts += [self._lines(read if full else masked, writer) for read, masked in group.caps]
        return all_of(parts)

    def _lines(self, held: Sequence[Held], writer: Writer) -> Sql:
        return writer.formula(formula(held, self.reach, self._has_account), self.reach)

    def uses(self, held: Sequence[Held]) -> tuple[str, ...]:
        """Columns that checking these lines in process reads."""
        columns = {k for k in KEY_COLUMNS if k != "account_id" or self._has_account}
        columns |= {c.column for h in held for c in h.line.where}
        return tuple(sorted(columns))

    @cached_property
    def _asks(self) -> bool:
        return self.rights is not None and reaching.asks(self.rights)

    def reach_of(self, record: str, account: str | None) -> frozenset[tuple[str, str]]:
        """How the viewer reaches a row, from the sets at hand (large ones are asked for)."""
        if self.rights is None or not self._asks:
            return frozenset()
        if self.reach.large:
            return reaching.of_row(self.viewer.person, self.rights, record, account)
        ids, accounts = self._reached
        return frozenset(ids.get(record, ())) | frozenset(accounts.get(account or "", ()))

    @cached_property
    def _reached(self) -> tuple[dict[str, list[tuple[str, str]]], dict[str, list[tuple[str, str]]]]:
        def turn(sets: Mapping[tuple[str, str], tuple[str, ...]]) -> dict[str, list[tuple[str, str]]]:
            turned: dict[str, list[tuple[str, str]]] = {}
            for pair, records in sets.items():
                for record in records:
                    turned.setdefault(record, []).append(pair)
            return turned

        return turn(self.reach.ids), turn(self.reach.accounts)


def row_facts(row: dict[str, Any], reached: frozenset[tuple[str, str]]) -> dict[str, Any]:
    """A row as the decision core reads it."""
    return {**row, REACH: reached}


def mentions_reach(held: Sequence[Held]) -> bool:
    return any(isinstance(a, Reached) for h in held for a in h.atoms)


def told_to(viewer: Viewer, kind: ObjectType, row: Row | None) -> Told:
    """Which fields of the row may be spoken of to this viewer: those whose cells they read."""
    if viewer.is_system:
        return lambda code: True
    rights = viewer.view.type(kind.code) if viewer.view is not None else None
    if rights is None or row is None:
        return lambda code: False
    levels = rights.levels(row)
    return lambda code: levels.get(code) == Level.READ
