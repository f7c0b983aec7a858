"""The SQL of the plans that are one statement: or-sort, walk, and along the filter's own index."""

from __future__ import annotations

from heli.access.compile import Formula, Sql, all_of
from heli.records import sql
from heli.records.plan.phase import Phase, hint, key_index, keyed, loose
from heli.records.plan.question import Driver


def listed(phase: Phase) -> Sql:
    """The select list with what cursors and merges need."""
    select = phase.want.select
    column = f"{hint('t.')}{phase.want.order.column}"  # on SQLite as stored: a moment is not read and written again
    return Sql(f"{select.text}, {column}, t.id", select.params)


def collected(phase: Phase, scope: Formula | None, driver: Driver | None, *, joined: bool = True) -> Sql:
    """Collect all rows that the keys (or the filter's value) lead to, then sort them. Reads no more than those.

    ``joined``: PostgreSQL may join other indexes to the scope's.
    """
    select = listed(phase)
    lead = driver.test if driver is not None else None
    if lead is None and scope is not None:
        lead = sql.leading("t.").formula(scope, phase.want.reach)
        skip = scope
    else:
        skip = None
    parts = [lead] if lead is not None else []
    if phase.fixed is not None:
        parts.append(Sql(phase.fixed.text.replace("t.", hint("t."), 1), phase.fixed.params))
    parts.append(phase.rest("t.", skip))
    begin = phase.begin("t.", hint=True)
    where = all_of([*parts, *([begin] if begin is not None else [])])
    table = f'"{phase.want.kind.table}"'
    params = (*select.params, *where.params)
    if sql.vendor() == "sqlite":
        text = (
            f"SELECT {select.text} FROM {table} t WHERE {where.text} "
            f"ORDER BY {phase.order('t.', hint=True)} LIMIT {phase.limit}"
        )
        return Sql(text, params)
    if lead is not None and (driver is not None or not joined):
        # Left to itself PostgreSQL joins other indexes to this one, which takes longer than dropping rows.
        outer = all_of([*parts[1:], *([begin] if begin is not None else [])])
        text = (
            f"SELECT {select.text} FROM (SELECT * FROM {table} t WHERE {lead.text} OFFSET 0) t WHERE {outer.text} "
            f"ORDER BY {phase.order('t.')} LIMIT {phase.limit}"
        )
        return Sql(text, (*select.params, *lead.params, *outer.params))
    # OFFSET 0 keeps PostgreSQL from hoping that walking the sort's index finds a page soon.
    text = (
        f"SELECT {select.text} FROM (SELECT * FROM {table} t WHERE {where.text} OFFSET 0) t "
        f"ORDER BY {phase.order('t.')} LIMIT {phase.limit}"
    )
    return Sql(text, params)


def walk(phase: Phase, budget: int | None) -> Sql:
    """Read in the order asked for and drop what does not match; on PostgreSQL at most ``budget`` rows."""
    select = listed(phase)
    begin = phase.begin("t.")
    along = phase.along
    lead = [one for one in (phase.fixed, begin, along.test if along else None) if one is not None]
    table = f'"{phase.want.kind.table}"'
    rest = phase.rest("t.", None)
    if sql.vendor() == "sqlite":
        where = all_of([*lead, rest])
        by = f" INDEXED BY {phase.index}" if phase.index else ""
        text = f"SELECT {select.text} FROM {table} t{by} WHERE {where.text} ORDER BY {phase.order('t.')} LIMIT {phase.limit}"
        return Sql(text, (*select.params, *where.params))
    if budget is None:
        where = all_of([*lead, rest])
        text = (
            f"SELECT {select.text} FROM {table} t WHERE {where.text} ORDER BY {phase.order('t.')} LIMIT {phase.limit}"
        )
        return Sql(text, (*select.params, *where.params))
    inner = all_of(lead)
    text = (
        f"SELECT {select.text} FROM (SELECT * FROM {table} t WHERE {inner.text} ORDER BY {phase.order('t.')} "
        f"LIMIT {budget}) t WHERE {rest.text} "
        f"ORDER BY {phase.order('t.')} LIMIT {phase.limit}"
    )
    return Sql(text, (*select.params, *inner.params, *rest.params))


def beyond(phase: Phase, budget: int) -> Sql:
    """Whether a walk with this budget leaves rows unseen: a row, or none."""
    begin = phase.begin("t.")
    lead = all_of([one for one in (phase.fixed, begin) if one is not None])
    text = f'SELECT 1 FROM "{phase.want.kind.table}" t WHERE {lead.text} ORDER BY {phase.order("t.")} LIMIT 1 OFFSET {budget}'
    return Sql(text, lead.params)


MOST_TERMS = 200
"""Keys of one interleaved statement: SQLite compiles each as a routine of its own, some 8 microseconds, and 500 at most."""
MOST_PARAMS = 5000
"""Values bound by one interleaved statement, in which each key's term repeats the filter."""


def united(phase: Phase, scope: Formula) -> Sql | None:
    """The page's rows of every key, each read in the order of the sort, as one statement; reads no more than the scope.

    On SQLite the keys are read in turns: the statement ends with the page's last row, however many keys there are. None
    where a key's term would repeat too many values.
    """
    select = listed(phase)
    table = f'"{phase.want.kind.table}"'
    lite = sql.vendor() == "sqlite"
    begin = phase.begin("t.")
    begins = [] if begin is None else [begin]
    fixed = [] if phase.fixed is None else [phase.fixed]
    rest = phase.rest("t.", scope)
    writer = sql.writer(hint("t."))
    parts: list[tuple[str, Sql, str]] = []
    for branch in keyed(scope):
        by = f" INDEXED BY {key_index(phase, branch.column)}" if lite else ""
        also = all_of([*fixed, *begins, *(writer.cond(c) for c in branch.conds), rest])
        if lite and len(also.params) * len(branch.values) > MOST_PARAMS:
            return None
        for value in branch.values:
            own = all_of([Sql(f"t.{branch.column}={int(value)}"), also])
            parts.append(("" if own.is_false else by, own, phase.order("t.")))
    other = loose(scope)
    if not other.nothing:
        late = phase.begin("t.", hint=True)
        lates = [] if late is None else [late]
        plain = [Sql(one.text.replace("t.", hint("t."), 1), one.params) for one in fixed]
        lead = sql.leading("t.").formula(other, phase.want.reach)
        parts.append(("", all_of([lead, rest, *plain, *lates]), phase.order("t.", hint=True)))
    if len(parts) == 1:
        by, own, order = parts[0]
        text = f"SELECT {select.text} FROM {table} t{by} WHERE {own.text} ORDER BY {order} LIMIT {phase.limit}"
        return Sql(text, (*select.params, *own.params))
    params = (*select.params, *(p for _, own, _ in parts for p in own.params))
    if lite:
        # Each term gives its rows in order, and SQLite merges them as they are asked for. A row comes once of each branch.
        way = "DESC" if phase.descending else "ASC"
        bare = f"SELECT t.{phase.sorted_by} AS s_, t.id FROM {table} t"
        terms = [f"{bare}{by} WHERE {own.text}" for by, own, _ in parts]
        if not other.nothing:
            terms[-1] = f"SELECT * FROM ({terms[-1]} ORDER BY {parts[-1][2]} LIMIT {phase.limit})"
        often = len(keyed(scope)) + (not other.nothing)
        merged = f"{' UNION ALL '.join(terms)} ORDER BY 1 {way}, 2 {way} LIMIT {often * phase.limit}"
        text = (
            f"SELECT {select.text} FROM {table} t WHERE t.id IN (SELECT id FROM ({merged})) "
            f"ORDER BY {phase.order('t.', hint=True)} LIMIT {phase.limit}"
        )
        return Sql(text, params)
    union = " UNION ALL ".join(
        f"SELECT * FROM (SELECT t.id FROM {table} t{by} WHERE {own.text} ORDER BY {order} LIMIT {phase.limit}) u{n}"
        for n, (by, own, order) in enumerate(parts)
    )
    text = (
        f"SELECT {select.text} FROM {table} t WHERE t.id IN ({union}) "
        f"ORDER BY {phase.order('t.', hint=True)} LIMIT {phase.limit}"
    )
    return Sql(text, params)


def by_ids(phase: Phase, ids: list[str]) -> Sql:
    """The rows themselves, once a merge has found which."""
    select = listed(phase)
    table = f'"{phase.want.kind.table}"'
    if sql.vendor() == "sqlite":
        marks = ",".join(["%s"] * len(ids))
        return Sql(f"SELECT {select.text} FROM {table} t WHERE t.id IN ({marks})", (*select.params, *ids))
    return Sql(f"SELECT {select.text} FROM {table} t WHERE t.id=ANY(%s::varchar[])", (*select.params, ids))
