"""The rule language: permission lines as roles state them, and as one viewer holds them.

A line is ``object type × actions × scopes [AND conditions] × field levels × limit``. Everything is positive: lines
only add, ceilings only bound, conditions never negate (with NULLs, a negation would make the database and this
module disagree).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any, Final

from heli.kernel.words import Words

Row = Mapping[str, Any]
"""A record's columns by name; ``REACH`` holds how the viewer reaches it."""

REACH: Final = "#reach"
"""Key of a row under which stand the (kind, tag) pairs of the viewer's reach rows for this record."""


class Level(IntEnum):
    """What a viewer sees of a cell."""

    HIDDEN = 0
    MASKED = 1
    READ = 2


LEVELS: Final = {"hidden": Level.HIDDEN, "masked": Level.MASKED, "read": Level.READ}
DEFAULT_LEVELS: Final = {
    "public": Level.READ,
    "internal": Level.READ,
    "sensitive": Level.MASKED,
    "confidential": Level.HIDDEN,
}

OPERATORS: Final = ("=", "in", "<", "<=", ">", ">=", "empty")


@dataclass(frozen=True, slots=True)
class Cond:
    """``column operator value``; false when the column is NULL (but for ``empty``)."""

    field: str
    column: str
    op: str
    value: Any

    def holds(self, row: Row) -> bool:
        have = row[self.column]
        match self.op:
            case "empty":
                return have is None or have == ""
            case _ if have is None:
                return False
            case "=":
                return bool(have == self.value)
            case "in":
                return have in self.value
            case "<":
                return bool(have < self.value)
            case "<=":
                return bool(have <= self.value)
            case ">":
                return bool(have > self.value)
            case ">=":
                return bool(have >= self.value)
        raise ValueError(f"unknown operator {self.op!r}")


@dataclass(frozen=True, slots=True)
class Keys:
    """The row's key column is one of these values. An empty set holds nowhere."""

    column: str
    values: frozenset[Any]

    def holds(self, row: Row) -> bool:
        return row[self.column] in self.values


@dataclass(frozen=True, slots=True)
class Reached:
    """A valid reach row leads from the viewer to the record (or to its account, for named child types)."""

    kind: str
    tag: str = ""

    def holds(self, row: Row) -> bool:
        return (self.kind, self.tag) in row[REACH]


@dataclass(frozen=True, slots=True)
class Everything:
    """Holds everywhere."""

    def holds(self, row: Row) -> bool:
        return True


type Atom = Keys | Reached | Everything


@dataclass(frozen=True, slots=True)
class Line:
    """A permission line as a role states it. ``writes`` of None means every field that is not read-only."""

    type: str
    actions: frozenset[str]
    scopes: tuple[str, ...]
    where: tuple[Cond, ...] = ()
    levels: Mapping[str, Level] = field(default_factory=dict)
    writes: frozenset[str] | None = None
    limit: int | None = None

    def level(self, code: str, data_class: str) -> Level:
        """The level this line gives a field: the field's own word, else its class's, else ``*``, else the default."""
        found = self.levels.get(code)
        if found is None:
            found = self.levels.get(data_class)
        if found is None:
            found = self.levels.get("*")
        return DEFAULT_LEVELS.get(data_class, Level.HIDDEN) if found is None else found

    def may_write(self, code: str) -> bool:
        return self.writes is None or code in self.writes


@dataclass(frozen=True, slots=True)
class Source:
    """Where a held line comes from: the grant, the role, and the path that brought it to this person."""

    grant: int
    role: str
    role_words: Words
    version: int
    via: Words
    carrier: str = ""
    """The assignment (``a12``) or membership (``m7``) that relative scopes were resolved against."""


@dataclass(frozen=True, slots=True)
class Grip:
    """One scope of a held line, resolved for the person: its name as in the role, and the atoms it became (OR)."""

    scope: str
    atoms: tuple[Atom, ...]

    def holds(self, row: Row) -> bool:
        return any(atom.holds(row) for atom in self.atoms)

    @property
    def itself(self) -> Grip:
        """The same without what is lent through team, workitem, relation or a named record."""
        return Grip(self.scope, tuple(atom for atom in self.atoms if not isinstance(atom, Reached)))


@dataclass(frozen=True, slots=True)
class Held:
    """A line as one viewer holds it."""

    line: Line
    source: Source
    grips: tuple[Grip, ...]

    def holds(self, row: Row) -> bool:
        """Whether the line holds on this row. What cannot be decided does not hold: for lines and ceilings alike a no."""
        try:
            # Plain loops: this is every decision's inner part, and generators cost three times as much.
            for cond in self.line.where:
                if not cond.holds(row):
                    return False
            for grip in self.grips:
                for atom in grip.atoms:
                    if atom.holds(row):
                        return True
            return False
        except Exception:
            logging.getLogger(__name__).exception("undecidable line of %s on %s", self.source.role, self.line.type)
            return False

    @property
    def itself(self) -> Held:
        """The same without what is lent: it holds by keys of the record, not by a row that leads there for a while."""
        if not any(isinstance(atom, Reached) for atom in self.atoms):
            return self
        return replace(self, grips=tuple(grip.itself for grip in self.grips))

    @property
    def atoms(self) -> tuple[Atom, ...]:
        return tuple(atom for grip in self.grips for atom in grip.atoms)


def tester(held: Held) -> Callable[[Row], bool]:
    """``held.holds`` with its line taken apart beforehand; what cannot be decided raises here."""
    conds = tuple(cond.holds for cond in held.line.where)
    atoms = held.atoms
    if not conds and len(atoms) == 1 and type(atoms[0]) is Keys:
        column, values = atoms[0].column, atoms[0].values
        return lambda row: row[column] in values
    asks = tuple(atom.holds for atom in atoms)

    def holds(row: Row) -> bool:
        for cond in conds:
            if not cond(row):
                return False
        for ask in asks:  # noqa: SIM110  # a generator costs three times as much
            if ask(row):
                return True
        return False

    return holds


@dataclass(frozen=True, slots=True)
class Ceiling:
    """A bound for one type: of the named actions only what one of its lines covers passes; ``roles`` bounds through whom."""

    code: str
    words: Words
    actions: frozenset[str] | None
    lines: tuple[Held, ...]
    roles: frozenset[str] | None = None

    def bounds(self, action: str) -> bool:
        return self.actions is None or action in self.actions

    def covering(self, action: str) -> tuple[Held, ...]:
        return tuple(h for h in self.lines if action in h.line.actions or "*" in h.line.actions)


@dataclass(frozen=True, slots=True)
class Shape:
    """What deciding needs to know of a field."""

    code: str
    data_class: str
    column: str
    readonly: bool
    operand: Callable[[str, object], Any]
    key: bool = False
    """Its column is one that scopes read: who writes it decides who sees the record."""


@dataclass(frozen=True, slots=True)
class TypeShape:
    """What deciding needs to know of an object type: its fields, and whether its records hang on an account."""

    code: str
    words: Words
    fields: Mapping[str, Shape]
    has_account: bool
    actions: frozenset[str]
