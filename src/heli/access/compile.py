"""From the rule language to SQL text. The same lines that ``core.decide`` checks in process, said to the database.

Column scopes become literals (``owner_id IN (7)``, ``= ANY``), never user-dependent subqueries inside an OR. Predicates are two-valued
where they are negated (``is_true``). Values of conditions and reached ids are bound, never written into the text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from heli.access.core.line import Cond, Everything, Held, Keys, Level, Reached

Vendor = Literal["sqlite", "postgresql"]

NOWHERE = "1=0"
EVERYWHERE = "1=1"


@dataclass(frozen=True, slots=True)
class Sql:
    """SQL text with its parameters in order (``%s`` marks)."""

    text: str
    params: tuple[Any, ...] = ()

    @property
    def is_true(self) -> bool:
        return self.text == EVERYWHERE

    @property
    def is_false(self) -> bool:
        return self.text == NOWHERE


TRUE = Sql(EVERYWHERE)
FALSE = Sql(NOWHERE)


def all_of(parts: Iterable[Sql]) -> Sql:
    kept = [p for p in parts if not p.is_true]
    if any(p.is_false for p in kept):
        return FALSE
    if not kept:
        return TRUE
    if len(kept) == 1:
        return kept[0]
    return Sql(" AND ".join(f"({p.text})" for p in kept), tuple(v for p in kept for v in p.params))


def any_of(parts: Iterable[Sql]) -> Sql:
    kept = list({(p.text, repr(p.params)): p for p in parts if not p.is_false}.values())  # lists are not hashable
    if any(p.is_true for p in kept):
        return TRUE
    if not kept:
        return FALSE
    if len(kept) == 1:
        return kept[0]
    return Sql(" OR ".join(f"({p.text})" for p in kept), tuple(v for p in kept for v in p.params))


def is_not(part: Sql) -> Sql:
    """The only negation there is: of a predicate made two-valued first."""
    if part.is_true:
        return FALSE
    if part.is_false:
        return TRUE
    return Sql(f"({part.text}) IS NOT TRUE", part.params)


@dataclass(frozen=True, slots=True)
class ReachSets:
    """What a viewer's reach rows bind to for one type, by (kind, tag): record ids and account ids.

    ``large`` holds the pairs with too many rows to bind; those become sub-selects, as branches of their own.
    """

    ids: Mapping[tuple[str, str], tuple[str, ...]]
    accounts: Mapping[tuple[str, str], tuple[str, ...]]
    large: frozenset[tuple[str, str]] = frozenset()
    person: int = 0
    type: str = ""
    moment: Any = None


NO_REACH = ReachSets({}, {})


@dataclass(frozen=True, slots=True)
class Branch:
    """Rows found by one key column: what a merge plan unites. ``conds`` are the line's own conditions."""

    column: str
    values: tuple[Any, ...]
    conds: tuple[Cond, ...] = ()
    reach: tuple[str, str] | None = None
    """Set when the values are a sub-select of this (kind, tag)."""


@dataclass(frozen=True, slots=True)
class Formula:
    """An OR of branches, or everything: what a set of held lines means for one viewer and one moment."""

    everything: bool
    branches: tuple[Branch, ...]
    partial: tuple[tuple[Cond, ...], ...] = ()
    """Conditions of lines whose scope is everything but which are bounded by conditions."""

    @property
    def nothing(self) -> bool:
        return not self.everything and not self.branches and not self.partial


def formula(held: Sequence[Held], reach: ReachSets, has_account: bool) -> Formula:
    """Unite held lines: keys of one column and the same conditions are merged."""
    keyed: dict[tuple[tuple[Cond, ...], str], set[Any]] = defaultdict(set)
    large: dict[tuple[tuple[Cond, ...], str, tuple[str, str]], None] = {}
    partial: dict[tuple[Cond, ...], None] = {}
    for one in held:
        conds = one.line.where
        for atom in one.atoms:
            match atom:
                case Everything():
                    if not conds:
                        return Formula(True, ())
                    partial[conds] = None
                case Keys(column, values):
                    if values:
                        keyed[conds, column] |= values
                case Reached(kind, tag):
                    pair = (kind, tag)
                    if pair in reach.large:
                        large[conds, "id", pair] = None
                        if has_account:
                            large[conds, "account_id", pair] = None
                        continue
                    keyed[conds, "id"] |= set(reach.ids.get(pair, ()))
                    if has_account:
                        keyed[conds, "account_id"] |= set(reach.accounts.get(pair, ()))
    branches = [Branch(column, tuple(sorted(values)), conds) for (conds, column), values in keyed.items() if values]
    branches += [Branch(column, (), conds, pair) for conds, column, pair in large]
    return Formula(False, tuple(branches), tuple(partial))


class Writer:
    """Writes predicates for one database and one table alias (with its dot, or empty)."""

    def __init__(self, vendor: Vendor, bind: Callable[[Any], Any], alias: str = "") -> None:
        self.vendor = vendor
        self.bind = bind
        self.alias = alias

    def formula(self, f: Formula, reach: ReachSets = NO_REACH) -> Sql:
        if f.everything:
            return TRUE
        parts = [self.branch(b, reach) for b in f.branches]
        parts += [all_of(self.cond(c) for c in conds) for conds in f.partial]
        return any_of(parts)

    def branch(self, b: Branch, reach: ReachSets = NO_REACH) -> Sql:
        own = self.reached(b, reach) if b.reach is not None else self.keys(b.column, b.values)
        return all_of([own, *(self.cond(c) for c in b.conds)])

    def keys(self, column: str, values: Sequence[Any]) -> Sql:
        """``column`` is one of these; integers stand in the text, so that it is stable for a view."""
        name = self.alias + column
        if not values:
            return FALSE
        if all(type(v) is int for v in values):
            if len(values) == 1:
                return Sql(f"{name}={values[0]}")
            if self.vendor == "postgresql":
                return Sql(f"{name}=ANY('{{{','.join(map(str, values))}}}'::bigint[])")
            return Sql(f"{name} IN ({','.join(map(str, values))})")
        if len(values) == 1:
            return Sql(f"{name}=%s", (values[0],))
        if self.vendor == "postgresql":
            return Sql(f"{name}=ANY(%s::varchar[])", (list(values),))
        return Sql(f"{name} IN ({','.join(['%s'] * len(values))})", tuple(values))

    def reached(self, b: Branch, reach: ReachSets) -> Sql:
        kind, tag = b.reach or ("", "")
        via = "account" if b.column == "account_id" else "id"
        return Sql(
            f"{self.alias}{b.column} IN (SELECT record_id FROM access_reach WHERE person_id=%s AND type=%s AND via='{via}'"
            " AND kind=%s AND line=%s AND (until IS NULL OR until>%s))",
            (reach.person, reach.type, kind, tag, self.bind(reach.moment)),
        )

    def cond(self, c: Cond) -> Sql:
        name = self.alias + c.column
        if c.op == "empty":
            # Text is never NULL; other kinds never hold ''. Comparing a number with '' is an error on PostgreSQL.
            text = isinstance(c.value, str) or c.value == ""
            return Sql(f"{name}=''") if text else Sql(f"{name} IS NULL")
        if c.op == "in":
            values = sorted(c.value)
            if all(type(v) is int for v in values):
                return self.keys(c.column, values)
            return Sql(f"{name} IN ({','.join(['%s'] * len(values))})", tuple(self.bind(v) for v in values))
        return Sql(f"{name}{c.op}%s", (self.bind(c.value),))


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that one viewer always sees alike: either at one level everywhere, or by two predicates per row."""

    fields: tuple[str, ...]
    constant: Level | None
    read: tuple[Held, ...] = ()
    masked: tuple[Held, ...] = ()
    caps: tuple[tuple[tuple[Held, ...], tuple[Held, ...]], ...] = ()
    """For each ceiling: its lines that allow reading, and those that allow at least the mask."""


def groups(fields: Mapping[str, str], read: Sequence[Held], ceilings: Sequence[Sequence[Held]]) -> tuple[Group, ...]:
    """Fields (code -> data class) by what the viewer's lines and ceilings give them.

    read: the read lines. ceilings: for each ceiling that bounds reading, its lines.
    """
    found: dict[tuple[tuple[Level, ...], ...], list[str]] = defaultdict(list)
    for code, data_class in fields.items():
        own = tuple(h.line.level(code, data_class) for h in read)
        bounds = tuple(tuple(h.line.level(code, data_class) for h in lines) for lines in ceilings)
        found[own, *bounds].append(code)
    return tuple(_group(codes, levels, read, ceilings) for levels, codes in found.items())


def _group(
    codes: list[str], levels: tuple[tuple[Level, ...], ...], read: Sequence[Held], ceilings: Sequence[Sequence[Held]]
) -> Group:
    own, bounds = levels[0], levels[1:]
    fixed = [min(one) == max(one) if one else True for one in levels]
    best = min((max(one, default=Level.HIDDEN) for one in levels), default=Level.HIDDEN)
    if all(fixed) or best == Level.HIDDEN:
        return Group(tuple(codes), best)

    def at_least(lines: Sequence[Held], given: Sequence[Level], level: Level) -> tuple[Held, ...]:
        return tuple(h for h, has in zip(lines, given, strict=True) if has >= level)

    caps = tuple(
        (at_least(lines, given, Level.READ), at_least(lines, given, Level.MASKED))
        for lines, given in zip(ceilings, bounds, strict=True)
    )
    return Group(tuple(codes), None, at_least(read, own, Level.READ), at_least(read, own, Level.MASKED), caps)
