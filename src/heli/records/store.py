"""THE READ DOOR: every read of a record passes here and is a function of the viewer's masked view.

List, record, count and look-up by key. Rows that are not visible do not exist; cells that are not readable are absent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from heli.access import use
from heli.access.compile import ReachSets, Sql, all_of
from heli.access.core.decide import can_hold
from heli.access.viewer import Viewer
from heli.kernel.errors import Invalid, NotFound, Problem
from heli.kernel.ids import is_id
from heli.kernel.words import Words
from heli.records import counting, cursor, filters, hooks, plan, prepared, sealed, sql
from heli.records import fields as f
from heli.records.counting import Count
from heli.records.rows import Composer, RowView, compose_one, full_cells, load_alone
from heli.records.sight import Sight, kind_of
from heli.records.types import ObjectType

MOST_ROWS = 200
MOST_SORTS = 3
DEFAULT_SORT = "-updated_at"
ALWAYS = ("created_at", "updated_at")
"""Fields that always hold a value."""


@dataclass(frozen=True, slots=True)
class Page:
    """Rows as the viewer sees them. ``access[row["_a"]]`` gives the level of each present cell."""

    items: list[dict[str, Any]]
    access: list[dict[str, str]]
    next: str | None
    plan: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """A question to the read door; immutable, each method gives a new one."""

    viewer: Viewer
    kind: ObjectType
    sight: Sight
    filter: filters.Filter = filters.ALL
    sorts: tuple[tuple[str, bool], ...] = ()
    codes: tuple[str, ...] = ()
    asked: str = ""
    also: Callable[[str], Sql] | None = None
    """One more predicate, by alias, that is no filter of the user's: see ``among`` and ``records.exporting``."""
    channel: str = "part"
    """Through what the answer reaches the viewer: see ``hooks.Taken``; ``check``: it does not."""

    def through(self, channel: str) -> Query:
        """The same question, counted as this channel's."""
        return replace(self, channel=channel)

    def narrowed(self, more: Callable[[str], Sql]) -> Query:
        """Narrow by a predicate of the program's own."""
        before = self.also
        both = more if before is None else lambda alias: all_of([before(alias), more(alias)])
        return replace(self, also=both)

    def among(self, ids: Sequence[str]) -> Query:
        """Only these records (at most a thousand)."""
        wanted = tuple(sorted(set(ids)))
        marks = ",".join(["%s"] * len(wanted)) or "NULL"
        return replace(
            self.narrowed(lambda alias: Sql(f"{alias}id IN ({marks})", wanted)), asked=self.asked + repr(wanted)
        )

    def where(self, given: object) -> Query:
        """Narrow by a filter (JSON). Raises Invalid naming the place."""
        parsed = filters.parse(given, self.sight.usable)
        both = parsed if self.filter == filters.ALL else filters.Group("and", (self.filter, parsed))
        return replace(self, filter=both, asked=self.asked + repr(given))

    def sort(self, text: str | None) -> Query:
        """Order by ``-amount,name``. Raises Invalid for a field that the viewer cannot sort by."""
        sorts: list[tuple[str, bool]] = []
        for part in (text or DEFAULT_SORT).split(","):
            code, descending = part.removeprefix("-"), part.startswith("-")
            # The order that nobody asked for is not refused: where its field cannot be read, rows come by id.
            one = self.kind.fields[code] if text is None else self.sight.usable(code)
            if one is None:
                raise Invalid(Problem("sort", "unknown", filters.NO_FIELD.fill(code=code[:80])))
            if one.encrypted:
                raise Invalid(Problem("sort", "encrypted", f.ENCRYPTED.fill(field=one.words)))
            if not one.sortable:
                raise Invalid(
                    Problem("sort", "unsortable", Words(f"不能按{one.words.zh}排序", f"{code} does not sort"))
                )
            sorts.append((code, descending))
        if len(sorts) > MOST_SORTS or len({c for c, _ in sorts}) != len(sorts):
            raise Invalid(
                Problem(
                    "sort", "too_many", Words("最多按三个不同的字段排序", "at most three different fields to sort by")
                )
            )
        return replace(self, sorts=tuple(sorts))

    def fields(self, codes: Sequence[str] | None) -> Query:
        """Which fields to return; None: every one the viewer may know. Raises Invalid for an unknown one."""
        if codes is None:
            return self
        for code in codes:
            if self.sight.known(code) is None and code != "id":
                raise Invalid(Problem("fields", "unknown", filters.NO_FIELD.fill(code=code[:80])))
        return replace(self, codes=tuple(dict.fromkeys(c for c in codes if c != "id")))

    def _codes(self) -> tuple[str, ...]:
        return self.codes or tuple(c for c in self.kind.fields if self.sight.known(c) is not None)

    def _drivers(self) -> tuple[plan.Driver, ...]:
        """Comparisons that every row must fulfil and an index serves."""
        top = self.filter.parts if isinstance(self.filter, filters.Group) else (self.filter,)
        parts = top if not isinstance(self.filter, filters.Group) or self.filter.op == "and" else ()
        found = []
        for leaf in parts:
            if not isinstance(leaf, filters.Leaf) or leaf.op not in ("=", "in"):
                continue
            one = leaf.field
            if isinstance(one, f.Text) and one.encrypted:
                if not sealed.pending(self.kind.code):
                    given = leaf.value if leaf.op == "in" else [leaf.value]
                    tokens = tuple(token for value in given for token in sealed.tokens(self.kind, one, value))
                    found.append(plan.Driver(one.index_column, tokens, filters.comparison(leaf, "t.")))
            elif one.column in self.kind.indexed:
                values = tuple(leaf.value) if leaf.op == "in" else (leaf.value,)
                found.append(plan.Driver(leaf.field.column, values, filters.comparison(leaf, "t.")))
        return tuple(found)

    def _filter_sql(self, alias: str) -> Sql:
        asked = filters.to_sql(self.filter, lambda one: self.sight.readable(one.code, alias), alias)
        return asked if self.also is None else all_of([asked, self.also(alias)])

    def _asking(self, composer: Composer) -> None:
        if self.viewer.is_system or self.channel == "check":
            return
        ordered = any(counting.counted(self.sight, code) for code, _ in self.sorts)
        if self.channel == "list" or ordered or composer.counts("t."):
            hooks.asking.fire(self.viewer, self.kind, self.channel)

    def _given(self, composer: Composer, items: Sequence[dict[str, Any]], placed: Mapping[str, int]) -> None:
        if items and not self.viewer.is_system and self.channel != "check":
            full = composer.full
            told = counting.listed(self.sight, self.filter, self._codes(), len(items), placed)
            cells = full["sensitive"] + told["sensitive"], full["confidential"] + told["confidential"]
            ids = tuple(one["id"] for one in items)
            mark = hash((self.kind.code, self.channel, self.asked, self.sorts, self._codes(), cells, ids))
            hooks.taken.fire(hooks.Taken(self.viewer, self.kind, self.channel, *cells, ids, mark))

    def page(self, limit: int = 50, after: str | None = None, *, named: bool = True) -> Page:
        """The next ``limit`` rows (at most 200). ``named``: with the names of people and titles of links."""
        if not 1 <= limit <= MOST_ROWS:
            raise Invalid(
                Problem("limit", "range", Words(f"应在 1 到 {MOST_ROWS} 之间", f"must be from 1 to {MOST_ROWS}"))
            )
        query = self if self.sorts else self.sort(None)
        codes = query._codes()
        bound = (query.viewer.person, query.kind.code, query.asked, query.sorts)
        composer = prepared.composer(query.sight, codes)
        query._asking(composer)
        if len(query.sorts) > 1:
            return query._many_sorts(composer, limit, after, bound)
        if after is not None:
            phase, value, last = cursor.unseal(after, *bound)
            got = plan.fetch(query._wanted(composer, limit + 1, plan.After(phase, value, last)))
        elif query.also is not None:
            got = plan.fetch(query._wanted(composer, limit + 1, None))
        else:
            asked = (codes, query.sorts, limit, "" if query.filter == filters.ALL else repr(query.filter))
            ready = prepared.page(query.sight, asked, lambda: query._wanted(composer, limit + 1, None))
            got = plan.fetch(ready.want, ready)
        more = len(got.rows) > limit
        rows = got.rows[:limit]
        items, access = composer.compose([row for _, row in rows], named=named)
        query._used()
        query._given(composer, items, {query.sorts[0][0]: sum(1 for phase, _ in rows if phase == 0)})
        following = None
        if more:
            phase, row = rows[-1]
            following = cursor.seal([phase, _plain(row[-2]) if phase == 0 else None, row[-1]], *bound)
        return Page(items, access, following, got.plan)

    def want(self, limit: int, after: plan.After | None) -> plan.Want:
        """What ``page`` asks the planner for, without a page's bounds and cursor: for measurements."""
        return self._wanted(Composer(self.sight, self._codes()), limit, after)

    def _wanted(self, composer: Composer, limit: int, after: plan.After | None) -> plan.Want:
        code, descending = self.sorts[0]
        empty = plan.NEVER if code in ALWAYS else self.kind.fields[code].empty_value
        readable = self.sight.readable_formulas(code)
        return plan.Want(
            kind=self.kind,
            select=composer.select("t."),
            visible=self.sight.visible,
            ceilings=self.sight.ceilings,
            reach=self.sight.reach,
            order=plan.Order(self.kind.sort(code), descending, readable, empty),
            limit=limit,
            after=after,
            filter=self._filter_sql,
            leaves=len(filters.leaves(self.filter)) + (self.also is not None),
            drivers=self._drivers(),
        )

    def _many_sorts(self, composer: Composer, limit: int, after: str | None, bound: tuple[Any, ...]) -> Page:
        """Several sort keys: each cell's value where readable, else its last place; the id decides."""
        keys: list[tuple[Sql, bool]] = []
        unplaced: dict[str, Any] = {}  # what a row without a place of its own has instead
        for code, descending in self.sorts:
            one = self.kind.fields[code]
            may = self.sight.readable(code, "t.")
            column = f"t.{self.kind.sort(code)}"
            empty = "NULL" if one.empty_value is None else f"NULLIF({column}, '')"
            inner = column if one.empty_value is None else empty
            value = Sql(inner) if may.is_true else Sql(f"CASE WHEN {may.text} THEN {inner} END", may.params)
            if code in ALWAYS and may.is_true:
                keys.append((value, descending))
            else:
                last = unplaced[code] = sql.bind(one.sort_sentinel(descending))
                keys.append((Sql(f"COALESCE({value.text}, %s)", (*value.params, last)), descending))
        keys.append((Sql("t.id"), self.sorts[0][1]))
        parts = [self.sight.predicate("t."), self._filter_sql("t.")]
        if after is not None:
            parts.append(_beyond(keys, cursor.unseal(after, *bound)))
        where = all_of(parts)
        select = composer.select("t.")
        listed = ", ".join(k.text for k, _ in keys)
        by = ", ".join(f"{len_at} {'DESC' if d else 'ASC'}" for len_at, d in (
            (composer.width + i + 1, d) for i, (_, d) in enumerate(keys)
        ))  # fmt: skip
        params = (*select.params, *(p for k, _ in keys for p in k.params), *where.params)
        text = f'SELECT {select.text}, {listed} FROM "{self.kind.table}" t WHERE {where.text} ORDER BY {by} LIMIT {limit + 1}'
        found = sql.rows(text, params)
        rows = found[:limit]
        items, access = composer.compose(rows)
        self._used()
        placed = {
            code: sum(1 for row in rows if code not in unplaced or row[composer.width + at] != unplaced[code])
            for at, (code, _) in enumerate(self.sorts)
        }
        self._given(composer, items, placed)
        following = None
        if len(found) > limit:
            following = cursor.seal([_plain(v) for v in rows[-1][composer.width :]], *bound)
        return Page(items, access, following, "many-sorts")

    def _used(self) -> None:
        """Remember a page of this list for the grants that it may come from (``access.use`` says why for all of them)."""
        viewer, rights = self.viewer, self.sight.rights
        if rights is None or viewer.view is None:
            return
        key = ("grants", self.kind.code)
        found = viewer.view.shared.get(key)
        if not isinstance(found, tuple):
            found = viewer.view.shared[key] = use.grants_of(h for h in rights.read if can_hold(h))
        use.note_list(viewer.user, self.kind.code, found)

    def one(self, record: str) -> RowView:
        """One live record with every cell the viewer may know. Raises NotFound for absent and invisible alike."""
        return compose_one(self.sight, record)

    def show(self, record: str) -> RowView:
        """The same for a person who opens it: a use of the grant that lets them, and counted as taken."""
        seen = self.one(record)
        if self.viewer.is_system:
            return seen
        if self.sight.rights is not None:
            because = self.sight.rights.decide("read", seen.row).because
            use.note(self.viewer.user, self.kind.code, "read", because, record)
        self._taken(seen, seen.values, "record")
        return seen

    def quote(self, seen: RowView, codes: Iterable[str]) -> None:
        """Count some cells of a record that are told beside something else, an explanation or a request: whoever is shown
        values takes them, whichever page shows them."""
        if not self.viewer.is_system:
            self._taken(seen, {code: seen.values[code] for code in codes if code in seen.values}, "part")

    def _taken(self, seen: RowView, values: dict[str, Any], channel: str) -> None:
        full = full_cells(self.kind, values, seen.access)
        if any(full.values()):
            hooks.asking.fire(self.viewer, self.kind, channel)
        if channel == "record" or any(full.values()):
            cells = full["sensitive"], full["confidential"]
            mark = hash((self.kind.code, channel, seen.id, tuple(sorted(values)), cells))
            hooks.taken.fire(hooks.Taken(self.viewer, self.kind, channel, *cells, (seen.id,), mark))

    def ids(self, limit: int = 1000, *, before: str | None = None) -> list[str]:
        """Ids of the matching rows, newest first; ``before``: those that come after this one."""
        older = [Sql("t.id < %s", (before,))] if before is not None else []
        where = all_of([self.sight.predicate("t."), self._filter_sql("t."), *older])
        text = f'SELECT t.id FROM "{self.kind.table}" t WHERE {where.text} ORDER BY t.id DESC LIMIT {int(limit)}'
        return [row[0] for row in sql.rows(text, where.params)]

    def find(self, key: str) -> str:
        """The id of the visible record with this id or natural key. Raises NotFound."""
        if is_id(key):
            self.one(key)
            return key
        code = self.kind.key
        if code is None or self.sight.usable(code) is None:
            raise NotFound
        one = self.kind.fields[code]
        found = self.where({"field": code, "op": "=", "value": key}).ids(2) if _fits(one, key) else []
        if len(found) != 1:
            raise NotFound
        return found[0]

    def _uncounted(self) -> list[Sql]:
        aside = sorted(hooks.uncounted.get(self.kind.code, ()))
        return [Sql(f"t.id NOT IN ({','.join(['%s'] * len(aside))})", tuple(aside))] if aside else []

    def count(self, by: str | None = None, total: str | None = None, *, seconds: float | None = None) -> Count:
        """Count visible rows; ``total`` sums a field over its readable cells, ``by`` groups (unreadable and empty: "").

        ``seconds`` bounds the time on the database (about one and a quarter times that); None: exact, however long.
        """
        where = all_of([self.sight.predicate("t."), self._filter_sql("t."), *self._uncounted()])
        watched = not self.viewer.is_system and self.channel != "check"
        if not watched or not counting.tells(self.sight, by, total, self.filter):
            return counting.count(self.sight, where, by, total, seconds)
        hooks.asking.fire(self.viewer, self.kind, "figure")
        found = counting.count(self.sight, where, by, total, seconds)
        told = counting.disclosed(self.sight, found, by, total, self.filter)
        cells = told["sensitive"], told["confidential"]
        mark = hash((self.kind.code, "figure", self.asked, by, total, cells))
        hooks.taken.fire(hooks.Taken(self.viewer, self.kind, "figure", *cells, mark=mark))
        return found


def departments_of(kind: ObjectType, ids: Sequence[str]) -> dict[str, int | None]:
    """The departments in which these records lie, for deciding; never to be shown."""
    marks = ",".join(["%s"] * len(ids))
    return dict(sql.rows(f'SELECT id, department_id FROM "{kind.table}" WHERE id IN ({marks})', ids)) if ids else {}


def query(viewer: Viewer, code: str, reach: ReachSets | None = None) -> Query:
    """Ask for records of one type. Raises NotFound when the type does not exist or the viewer can never read any.

    reach: what is reached by rows that lead to records, where the viewer is nobody in particular (several people together).
    """
    kind = kind_of(code)
    return Query(viewer, kind, Sight(viewer, kind, reach))


def row(viewer: Viewer, code: str, record: str) -> dict[str, Any]:
    """The stored columns of one live record with how the viewer reaches it, for deciding; never to be shown.
    Raises NotFound for absent and invisible alike."""
    found = load_alone(viewer, kind_of(code), record)
    if found is None:
        raise NotFound
    return found


def _fits(one: f.Field, key: str) -> bool:
    try:
        one.once(key)
    except f.FieldError:
        return False
    return True


def _plain(value: Any) -> Any:
    """A sort value as a cursor can carry it and the driver takes it back."""
    return (
        value
        if isinstance(value, str | int | None)
        else sql.bind(value)
        if isinstance(sql.bind(value), str)
        else value.isoformat()
    )


def _beyond(keys: Sequence[tuple[Sql, bool]], last: Sequence[Any]) -> Sql:
    """Rows after this one in a mixed order: ``k1 > a OR (k1 = a AND (k2 < b OR ...))``."""
    if len(last) != len(keys):
        raise Invalid(Problem("after", "cursor", cursor.BAD))
    text, params = "", ()
    for (key, descending), value in zip(reversed(keys), reversed(last), strict=True):
        sign = "<" if descending else ">"
        own: tuple[Any, ...] = (*key.params, value)
        if not text:
            text, params = f"{key.text} {sign} %s", own
        else:
            text = f"({key.text} {sign} %s OR ({key.text} = %s AND ({text})))"
            params = (*own, *own, *params)
    return Sql(text, params)


__all__ = ["Count", "Page", "Query", "query"]
