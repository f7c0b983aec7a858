"""The four plans that somebody would write by hand for one page, as plainly as one would: what ours is measured against."""

from __future__ import annotations

from dataclasses import dataclass

from heli.access.compile import Formula, Sql, all_of, is_not
from heli.records import sql
from heli.records.plan import NEVER, Want

PLANS = ("or-sort", "walk", "merge", "filter-driven")
KEY_INDEX = {"owner_id": "o", "department_id": "d"}


@dataclass(frozen=True, slots=True)
class Half:
    """Rows with a value to sort by (0), or the rest (1)."""

    number: int
    scope: Formula
    test: Sql
    ordered: str | None
    descending: bool
    begin: Sql


def halves(want: Want) -> list[Half]:
    """The phases of a page, as the cursor needs them."""
    order, after, column = want.order, want.after, want.order.column
    scope = order.readable[0] if order.readable else want.visible
    filled = Sql("1=1") if order.empty is NEVER else Sql(
        f"t.{column} IS NOT NULL" if order.empty is None else f"t.{column}<>''"
    )  # fmt: skip
    found = []
    if after is None or after.phase == 0:
        sign = "<" if order.descending else ">"
        begin = Sql(f"(t.{column}, t.id) {sign} (%s, %s)", (after.value, after.id)) if after else Sql("1=1")
        found.append(Half(0, scope, filled, column, order.descending, begin))
    if order.readable or order.empty is not NEVER:
        begin = Sql("t.id < %s", (after.id,)) if after and after.phase == 1 else Sql("1=1")
        if order.readable:
            may = [sql.writer("t.").formula(one, want.reach) for one in order.readable]
            found.append(Half(1, want.visible, is_not(all_of([*may, filled])), None, True, begin))
        else:
            test = Sql(f"t.{column} IS NULL" if order.empty is None else f"t.{column}=''")
            found.append(Half(1, want.visible, test, column, True, begin))
    return found


def statement(plan: str, want: Want, half: Half, limit: int) -> Sql | None:
    """One half by one plan; None where the plan cannot be written (no key to merge by, no index)."""
    writer = sql.writer("t.")
    scope = writer.formula(half.scope, want.reach)
    live = Sql("t.deleted_at IS NULL")
    filter_ = want.filter("t.")
    lite = sql.vendor() == "sqlite"
    column = want.order.column
    select = Sql(f"{want.select.text}, t.{column}, t.id", want.select.params)
    way = "DESC" if half.descending else "ASC"
    by = f"t.{half.ordered} {way}, t.id {way}" if half.ordered else "t.id DESC"
    table = f'"{want.kind.table}"'
    if plan == "walk":
        where = all_of([scope, live, filter_, half.test, half.begin])
        if lite:
            where = _plussed(where, keep=half.begin, scope=[scope, live, filter_, half.test])
        return Sql(
            f"SELECT {select.text} FROM {table} t WHERE {where.text} ORDER BY {by} LIMIT {limit}",
            (*select.params, *where.params),
        )
    if plan == "or-sort":
        where = all_of([scope, live, _plus(filter_) if lite else filter_, half.test, half.begin])
        if lite:
            plus = by.replace("t.", "+t.")
            text = f"SELECT {select.text} FROM {table} t WHERE {where.text} ORDER BY {plus} LIMIT {limit}"
        else:
            text = (
                f"SELECT {select.text} FROM (SELECT * FROM {table} t WHERE {where.text} OFFSET 0) t "
                f"ORDER BY {by} LIMIT {limit}"
            )
        return Sql(text, (*select.params, *where.params))
    if plan == "filter-driven":
        if not want.drivers:
            return None
        if lite:
            where = _plussed(Sql(""), keep=filter_, scope=[scope, live, half.test, half.begin])
            plus = by.replace("t.", "+t.")
            text = f"SELECT {select.text} FROM {table} t WHERE {where.text} ORDER BY {plus} LIMIT {limit}"
            return Sql(text, (*select.params, *where.params))
        where = all_of([scope, live, half.test, half.begin])
        text = (
            f"SELECT {select.text} FROM (SELECT * FROM {table} t WHERE {filter_.text} OFFSET 0) t "
            f"WHERE {where.text} ORDER BY {by} LIMIT {limit}"
        )
        return Sql(text, (*select.params, *filter_.params, *where.params))
    return _merge(want, half, limit, select, by, table)


def _plus(part: Sql) -> Sql:
    return Sql(part.text.replace("t.", "+t."), part.params)


def _plussed(whole: Sql, *, keep: Sql, scope: list[Sql]) -> Sql:
    """Only ``keep`` may choose the index."""
    return all_of([keep, *(_plus(one) for one in scope)])


def _merge(want: Want, half: Half, limit: int, select: Sql, by: str, table: str) -> Sql | None:
    if half.ordered is None or half.scope.everything or half.scope.partial:
        return None
    lite = sql.vendor() == "sqlite"
    rest = all_of([Sql("t.deleted_at IS NULL"), want.filter("t."), half.test, half.begin])
    if lite:
        rest = all_of([half.begin, _plus(all_of([Sql("t.deleted_at IS NULL"), want.filter("t."), _keepable(half)]))])
    parts: list[Sql] = []
    for branch in half.scope.branches:
        if branch.column not in KEY_INDEX or branch.reach is not None:
            own = sql.writer("t.").branch(branch, want.reach)
            where = all_of([own, rest])
            plus = by.replace("t.", "+t.") if lite else by
            parts.append(
                Sql(f"SELECT t.id FROM {table} t WHERE {where.text} ORDER BY {plus} LIMIT {limit}", where.params)
            )
        elif lite:
            for value in branch.values:
                parts.append(
                    Sql(
                        f"SELECT t.id FROM {table} t WHERE t.{branch.column}={value} AND {rest.text} ORDER BY {by} LIMIT {limit}",
                        rest.params,
                    )
                )
        else:
            keys = ",".join(map(str, branch.values))
            parts.append(
                Sql(
                    f"SELECT x.id FROM unnest('{{{keys}}}'::bigint[]) k(v) CROSS JOIN LATERAL (SELECT t.id FROM {table} t "
                    f"WHERE t.{branch.column}=k.v AND {rest.text} ORDER BY {by} LIMIT {limit}) x",
                    rest.params,
                )
            )
    if not parts:
        return None
    union = " UNION ALL ".join(f"SELECT * FROM ({p.text}) u{n}" for n, p in enumerate(parts))
    plus = by.replace("t.", "+t.") if lite else by
    text = f"SELECT {select.text} FROM {table} t WHERE t.id IN ({union}) ORDER BY {plus} LIMIT {limit}"
    return Sql(text, (*select.params, *(v for p in parts for v in p.params)))


def _keepable(half: Half) -> Sql:
    return half.test
