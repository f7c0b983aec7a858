"""Merging: the first rows of every key by the sort, united; then only of those keys that can still matter.

Without a filter each branch gives matching rows. With one (``scan``) it gives the rows it looked at and whether they
match, so that a branch stops as soon as its place in the order is past the page's end, and the budget counts what is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import connection

from heli.access.compile import Branch, Formula, Sql, all_of
from heli.records import sql
from heli.records.plan import emit
from heli.records.plan.phase import Phase, hint, key_index, keyed, loose
from heli.records.plan.run import Run


@dataclass(slots=True)
class Key:
    """One key of a branch: how far it was read, and whether it can give more."""

    value: int
    branch: Branch
    last: tuple[Any, ...] | None = None
    done: bool = False


def possible(phase: Phase, scope: Formula) -> bool:
    return bool(phase.index) and not scope.everything and bool(keyed(scope)) and _order_known(phase)


def _order_known(phase: Phase) -> bool:
    """Whether this process orders text as the database does; it merges what several statements gave."""
    if sql.vendor() == "sqlite" or phase.want.order.empty != "":
        return True
    return _collation(str(connection.settings_dict["NAME"]))


@lru_cache(maxsize=8)
def _collation(database: str) -> bool:
    found = sql.rows("SELECT datcollate FROM pg_database WHERE datname=current_database()")
    return found[0][0] in ("C", "POSIX", "C.UTF-8", "C.utf8")


class Merge:
    """One merge in progress."""

    def __init__(self, run: Run, phase: Phase, scope: Formula, *, scan: bool) -> None:
        self.run = run
        self.phase = phase
        self.scope = scope
        self.scan = scan
        self.read = 0
        start = phase.after if phase.after is not None and not (phase.fixed is not None) else None
        self.keys = [Key(v, b, start) for b in keyed(scope) for v in b.values]
        if phase.fixed is not None and phase.after is not None:
            for key in self.keys:
                key.last = phase.after
        self.hits: dict[str, Any] = {}
        """Sort value by id of every row that matches."""

    def page(self, first: int, budget: int | None = None) -> list[tuple[Any, ...]] | None:
        """The page's rows, reading ``first`` rows of each key to begin with; None when the budget did not suffice."""
        self._collect_loose()
        size = first
        while True:
            end = self._end()
            live = [key for key in self.keys if not key.done and (end is None or self._before(key, end))]
            if not live:
                break
            if budget is not None and self.read + len(live) * size > budget and self.read:
                size = (budget - self.read) // len(live)
                if size < 1:
                    return None
            for branch in keyed(self.scope):
                part = [key for key in live if key.branch is branch]
                if part:
                    self._slice(branch, part, size)
            size = min(size * 3, 4000)
        ids = [one for one, _ in self._sorted()[: self.phase.limit]]
        if not ids:
            return []
        statement = emit.by_ids(self.phase, ids)
        place = {one: at for at, one in enumerate(ids)}
        found = self.run.rows(statement.text, statement.params)
        return sorted(found, key=lambda row: place[row[-1]])

    def _sorted(self) -> list[tuple[str, Any]]:
        fixed = self.phase.fixed is not None
        return sorted(
            self.hits.items(),
            key=(lambda one: one[0]) if fixed else (lambda one: (one[1], one[0])),
            reverse=self.phase.descending,
        )

    def _end(self) -> tuple[Any, ...] | None:
        """Place of the page's last row as far as known."""
        if len(self.hits) < self.phase.limit:
            return None
        one, value = self._sorted()[self.phase.limit - 1]
        return (one,) if self.phase.fixed is not None else (value, one)

    def _before(self, key: Key, end: tuple[Any, ...]) -> bool:
        if key.last is None or key.last == self.phase.after:
            return True
        return key.last > end if self.phase.descending else key.last < end

    def _collect_loose(self) -> None:
        rest = loose(self.scope)
        if rest.nothing:
            return
        phase = self.phase
        parts = [sql.writer("t.").formula(rest, phase.want.reach), phase.rest("t.", self.scope)]
        if phase.fixed is not None:
            parts.append(Sql(phase.fixed.text.replace("t.", hint("t."), 1), phase.fixed.params))
        begin = phase.begin("t.", hint=True)
        where = all_of([*parts, *([begin] if begin is not None else [])])
        raw = "+" if sql.vendor() == "sqlite" else ""  # as stored, not read into a moment and back
        text = (
            f'SELECT {raw}t.{phase.sorted_by}, t.id FROM "{phase.want.kind.table}" t WHERE {where.text} '
            f"ORDER BY {phase.order('t.', hint=True)} LIMIT {phase.limit}"
        )
        for value, one in self.run.rows(text, where.params):
            self.hits[one] = value

    def _slice(self, branch: Branch, keys: list[Key], size: int) -> None:
        """The next rows of each of these keys: (number of key, sort value, id, whether it matches)."""
        phase = self.phase
        begun = keys[0].last is not None
        pairs = begun and len(keys[0].last or ()) == 2
        outer = self._matches(branch, "x.") if self.scan else Sql("1=1")
        # A scan, too, passes over rows that belong to the other half of the page: they have no place in this order.
        inner = phase.extra(hint("t.")) if self.scan else self._matches(branch, "t.")
        if sql.vendor() == "sqlite":
            text, params = self._sqlite(branch, keys, size, begun, pairs, inner, outer)
        else:
            text, params = self._postgres(branch, keys, size, begun, pairs, inner, outer)
        found = self.run.rows(text, params)
        self.read += len(found)
        by: dict[int, list[tuple[Any, ...]]] = {}
        for number, value, one, hit in found:
            by.setdefault(number, []).append((one,) if phase.fixed is not None else (value, one))
            if hit:
                self.hits[one] = value
        for key in keys:
            seen = by.get(key.value, [])
            if len(seen) < size:
                key.done = True
            if seen:
                key.last = min(seen) if phase.descending else max(seen)

    def _matches(self, branch: Branch, alias: str) -> Sql:
        writer = sql.writer(hint(alias))
        own = [writer.cond(c) for c in branch.conds]
        return all_of([*own, self.phase.rest(alias, self.scope)])

    def _compare(self, begun: bool, pairs: bool) -> str:
        sign = "<" if self.phase.descending else ">"
        if not begun:
            return "1=1"
        if pairs:
            return f"(t.{self.phase.sorted_by}, t.id) {sign} (k.c, k.i)"
        return f"t.id {sign} k.i"

    def _sqlite(
        self, branch: Branch, keys: list[Key], size: int, begun: bool, pairs: bool, inner: Sql, outer: Sql
    ) -> tuple[str, tuple[Any, ...]]:
        phase = self.phase
        table = f'"{phase.want.kind.table}"'
        params: list[Any] = []
        if not begun:
            names, rows = "k(v)", ",".join(f"({key.value})" for key in keys)
        else:
            names = "k(v, c, i)" if pairs else "k(v, i)"
            mark = "(%s,%s,%s)" if pairs else "(%s,%s)"
            rows = ",".join([mark] * len(keys))
            params = [p for key in keys for p in (key.value, *(key.last or ()))]
        fixed = phase.fixed or Sql("1=1")
        text = (
            f"WITH {names} AS (VALUES {rows}) SELECT k.v, +x.{phase.sorted_by}, x.id, ({outer.text}) "
            f"FROM k CROSS JOIN {table} x WHERE x.rowid IN (SELECT t.rowid FROM {table} t INDEXED BY {key_index(phase, branch.column)} "
            f"WHERE t.{branch.column}=k.v AND {fixed.text} AND {self._compare(begun, pairs)} AND ({inner.text}) "
            f"ORDER BY {phase.order('t.')} LIMIT {size})"
        )
        return text, (*params, *outer.params, *fixed.params, *inner.params)

    def _postgres(
        self, branch: Branch, keys: list[Key], size: int, begun: bool, pairs: bool, inner: Sql, outer: Sql
    ) -> tuple[str, tuple[Any, ...]]:
        phase = self.phase
        table = f'"{phase.want.kind.table}"'
        column = phase.want.kind.model._meta.get_field(str(phase.sorted_by))
        params: list[Any] = [[key.value for key in keys]]
        if not begun:
            given = "unnest(%s::bigint[]) k(v)"
        elif pairs:
            given = f"unnest(%s::bigint[], %s::{column.db_type(connection)}[], %s::varchar[]) k(v, c, i)"
            params += [[(key.last or ())[0] for key in keys], [(key.last or ())[1] for key in keys]]
        else:
            given = "unnest(%s::bigint[], %s::varchar[]) k(v, i)"
            params.append([(key.last or ())[0] for key in keys])
        fixed = phase.fixed or Sql("1=1")
        text = (
            f"SELECT k.v, x.{phase.sorted_by}, x.id, ({outer.text}) FROM {given} CROSS JOIN LATERAL "
            f"(SELECT * FROM {table} t WHERE t.{branch.column}=k.v AND {fixed.text} AND {self._compare(begun, pairs)} "
            f"AND ({inner.text}) ORDER BY {phase.order('t.')} LIMIT {size}) x"
        )
        return text, (*outer.params, *params, *fixed.params, *inner.params)


__all__ = ["Merge", "possible"]
