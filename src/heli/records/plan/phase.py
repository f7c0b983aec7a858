"""One half of a page: rows with a value to sort by, or the rest; with all that every plan needs to write its SQL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from heli.access.compile import Branch, Formula, Sql, all_of, is_not
from heli.records import sql
from heli.records.plan.question import NEVER, Driver, Want
from heli.records.types import ObjectType

SORTED_KEYS = {"owner_id": "o", "department_id": "d"}
"""Key columns that have an index with every default sort, and the letter in that index's name."""


@dataclass(frozen=True, slots=True)
class Phase:
    """What must hold, how rows are ordered, where to begin.

    ``scopes``: formulas that must all hold. ``fixed``: a test on the sort column that an index may use. ``extra``: other
    tests, written for an alias. ``sorted_by`` is None when the order is by id alone. ``index`` names the sort's index.
    """

    want: Want
    number: int
    scopes: tuple[Formula, ...]
    fixed: Sql | None
    extra: Callable[[str], Sql]
    sorted_by: str | None
    descending: bool
    after: tuple[Any, ...] | None
    index: str | None
    limit: int

    @property
    def by_id(self) -> bool:
        return self.sorted_by is None

    @property
    def along(self) -> Driver | None:
        """Where rows come by id: a comparison whose index has them in that order."""
        if not self.by_id:
            return None
        kind = self.want.kind
        return next((d for d in self.want.drivers if len(d.values) == 1 and ordered(kind, d.column)), None)

    def order(self, alias: str, *, hint: bool = False) -> str:
        """``ORDER BY``'s list; with ``hint`` no index serves it on SQLite."""
        way = "DESC" if self.descending else "ASC"
        plus = "+" if hint and sql.vendor() == "sqlite" else ""
        if self.sorted_by is None:
            return f"{plus}{alias}id DESC"
        return f"{plus}{alias}{self.sorted_by} {way}, {plus}{alias}id {way}"

    def begin(self, alias: str, *, hint: bool = False) -> Sql | None:
        """The rows after the last one of the page before."""
        if self.after is None:
            return None
        plus = "+" if hint and sql.vendor() == "sqlite" else ""
        sign = "<" if self.descending else ">"
        if len(self.after) == 1:
            return Sql(f"{plus}{alias}id {sign} %s", self.after)
        return Sql(f"({plus}{alias}{self.sorted_by}, {plus}{alias}id) {sign} (%s, %s)", self.after)

    def rest(self, alias: str, skip: Formula | None) -> Sql:
        """Everything that must hold but the scope ``skip``, written so that no index is used for it on SQLite."""
        hinted = hint(alias)
        writer = sql.writer(hinted)
        reach = self.want.reach
        parts = [Sql(f"{hinted}deleted_at IS NULL")]
        parts += [writer.formula(one, reach) for one in self.scopes if one is not skip]
        return all_of([*parts, self.want.filter(hinted), self.extra(hinted)])


@lru_cache(maxsize=256)
def ordered(kind: ObjectType, column: str) -> bool:
    """Whether an index has the rows of one value of this column in the order of their ids."""
    return any(tuple(one.fields) == (column, "id") for one in kind.model._meta.indexes)


def keyed(scope: Formula) -> list[Branch]:
    """Branches that an index has in the order of the sort."""
    return [b for b in scope.branches if b.column in SORTED_KEYS and b.reach is None]


def loose(scope: Formula) -> Formula:
    """What has to be collected whole: reached records, customers, pools."""
    return Formula(
        False, tuple(b for b in scope.branches if b.column not in SORTED_KEYS or b.reach is not None), scope.partial
    )


def key_index(phase: Phase, column: str) -> str:
    """The index that has the rows of one key in the order of the sort."""
    kind = phase.want.kind.code
    return f"{kind}_{SORTED_KEYS[column]}_{(phase.index or '')[len(kind) + 1 :]}"


def hint(alias: str) -> str:
    """The alias with SQLite's unary plus, which keeps a term from choosing the index."""
    return f"+{alias}" if sql.vendor() == "sqlite" else alias


def own_keys(drivers: tuple[Driver, ...]) -> tuple[Formula, ...]:
    """A filter by owner or department is a scope like any other: the page can be merged along it."""
    return tuple(
        Formula(False, (Branch(d.column, d.values),))
        for d in drivers
        if d.column in SORTED_KEYS and len(d.values) < 100
    )


def phases(want: Want) -> list[Phase]:
    """The phases that this page still needs, in order, each with the whole limit."""
    order, after = want.order, want.after
    column = order.column
    sort = index_of(want)
    base = tuple(one for one in (want.visible, *want.ceilings) if not one.everything) + own_keys(want.drivers)
    partly = bool(order.readable)
    found: list[Phase] = []
    if after is None or after.phase == 0:
        valued = _nothing if order.empty is NEVER else _filled(column, order.empty)
        scopes = (*order.readable, *own_keys(want.drivers)) if partly else base
        scopes = tuple(one for one in scopes if not one.everything)
        at = (after.value, after.id) if after is not None else None
        found.append(Phase(want, 0, scopes, None, valued, column, order.descending, at, sort, want.limit))
    if not partly and order.empty is NEVER:
        return found
    rest = (after.id,) if after is not None and after.phase == 1 else None
    if partly:
        extra = _unreadable(want)
        found.append(Phase(want, 1, base, None, extra, None, True, rest, "", want.limit))
    else:
        fixed = Sql(f"t.{column} IS NULL") if order.empty is None else Sql(f"t.{column}=%s", (order.empty,))
        found.append(Phase(want, 1, base, fixed, _nothing, column, True, rest, sort, want.limit))
    return found


def index_of(want: Want) -> str | None:
    """The index in the order of this sort, if the type has one."""
    kind = want.kind
    if not kind.model._meta.managed:
        return None
    for code in kind.sort_fields:
        if kind.sort(code) == want.order.column:
            return f"{kind.code}_{code[:12]}"
    return None


def _nothing(alias: str) -> Sql:
    return all_of(())


def _filled(column: str, empty: Any) -> Callable[[str], Sql]:
    def valued(alias: str) -> Sql:
        return Sql(f"{alias}{column} IS NOT NULL") if empty is None else Sql(f"{alias}{column}<>%s", (empty,))

    return valued


def _unreadable(want: Want) -> Callable[[str], Sql]:
    order = want.order

    def rest(alias: str) -> Sql:
        writer = sql.writer(alias)
        may = [writer.formula(one, want.reach) for one in order.readable]
        if order.empty is not NEVER:
            may.append(_filled(order.column, order.empty)(alias))
        return is_not(all_of(may))

    return rest
