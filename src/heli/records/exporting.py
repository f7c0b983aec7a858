"""Which records somebody may export: rows they see, where a line gives them ``export``, up to the number that it allows."""

from __future__ import annotations

from collections.abc import Sequence

from heli.access.compile import Sql, all_of, formula
from heli.access.core.line import Ceiling, Held
from heli.kernel.errors import NotFound
from heli.records import sql
from heli.records.sight import Sight
from heli.records.store import Query


def limits(query: Query) -> tuple[int, ...]:
    """The numbers of rows that the viewer's export lines allow, largest first; none where nothing may be exported."""
    rights = query.sight.rights
    if rights is None:
        return ()
    found = {one.line.limit or 0 for one in rights.held("export")} - {0}
    caps = [_cap(one) for one in rights.bounds("export")]
    bound = min((one for one in caps if one is not None), default=None)
    return tuple(sorted({n if bound is None else min(n, bound) for n in found} - {0}, reverse=True))


def _cap(ceiling: Ceiling) -> int | None:
    """The largest number a ceiling lets pass; None: any."""
    given = [one.line.limit for one in ceiling.covering("export")]
    return None if None in given else max((one for one in given if one is not None), default=0)


def exportable(query: Query, rows: int) -> Query:
    """The same question, narrowed to records of which so many at once may be exported. Raises NotFound for the system."""
    sight = query.sight
    rights = sight.rights
    if rights is None:
        raise NotFound
    held = [one for one in rights.held("export") if (one.line.limit or 0) >= rows]
    caps = [
        [one for one in ceiling.covering("export") if one.line.limit is None or one.line.limit >= rows]
        for ceiling in rights.bounds("export")
    ]

    def predicate(alias: str) -> Sql:
        return all_of([_lines(sight, lines, alias) for lines in (held, *caps)])

    return query.narrowed(predicate)


def _lines(sight: Sight, held: Sequence[Held], alias: str) -> Sql:
    return sql.writer(alias).formula(formula(held, sight.reach, sight.kind.parent == "account"), sight.reach)
