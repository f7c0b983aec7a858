"""How many records have which keys: what a change of rights is counted by, for everybody at once.

Beside the read door: no values leave, only numbers of rows by key columns and by whether conditions of permission lines hold.
They are for whoever administers rights, who sees no record by it (``docs/disclosures.md``, *simulate*).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from heli.access.compile import Sql
from heli.access.core.line import Cond
from heli.kernel import clock
from heli.records import sql
from heli.records.types import KEY_COLUMNS, TYPES, ObjectType

PART = 400
"""People whose reach is read in one query."""
BITS = 60
"""Conditions that go into one number of the database."""
MOST_CONDITIONS = 1000
NUMBERS = frozenset({"owner_id", "department_id", "account_owner_id", "account_department_id"})
"""Key columns that hold ids of people and departments: above 0, or nothing."""
MOST_BITS = 62
ROWS = 20_000
"""Rows whose words SQLite joins to one text."""
COMMA, UNIT, RECORD, NULL = ",", "\x1f", "\x1e", "\x1a"
"""What stands between a row's numbers, its texts, the rows, and for a text that is missing."""

type Cell = tuple[Any, ...]
"""Values of the key columns asked for, then a number of which bit i says whether condition i holds."""


@dataclass(frozen=True, slots=True)
class Cube:
    """Live records of one type by key columns and conditions."""

    type: str
    columns: tuple[str, ...]
    conds: tuple[Cond, ...]
    cells: tuple[Cell, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reached:
    """A record that a person reaches, as cells have it, and in which ways."""

    person: int
    record: str
    cell: Cell
    pairs: frozenset[tuple[str, str]]


def cube(code: str, columns: Iterable[str], conds: Iterable[Cond] = ()) -> Cube:
    """Count the live records of a type by these key columns and conditions."""
    kind, names, asked = TYPES[code], _columns(columns), _conditions(conds)
    select = [f't."{c}"' for c in names]
    if len(names) == 1 and not asked:
        # An index holds the key alone: all rows are counted in it, and the few deleted ones, found by theirs, taken off.
        found = dict(_grouped(kind, select, "", ()))
        for cell in sql.rows(f'SELECT {select[0]} FROM "{kind.table}" t WHERE t.deleted_at IS NOT NULL'):
            found[tuple(cell)] -= 1
        told = [(_cell(cell, names), n) for cell, n in found.items() if n]
    elif sql.vendor() == "sqlite" and (names or asked):
        told = _tallied(kind, names, asked)
    else:
        bits = _bits(asked, "t.")
        params = [p for one in bits for p in one.params]
        rows = _grouped(kind, [*select, *(one.text for one in bits)], " WHERE t.deleted_at IS NULL", params)
        told = [(_cell(cell, names), n) for cell, n in rows]
    return Cube(code, names, asked, tuple(cell for cell, _ in told), tuple(n for _, n in told))


def _grouped(
    kind: ObjectType, select: Sequence[str], where: str, params: Sequence[Any]
) -> list[tuple[tuple[Any, ...], int]]:
    by = f" GROUP BY {', '.join(str(i + 1) for i in range(len(select)))}" if select else ""
    found = sql.rows(f'SELECT {", ".join([*select, "COUNT(*)"])} FROM "{kind.table}" t{where}{by}', params)
    return [(tuple(row[:-1]), int(row[-1])) for row in found]


def _tallied(kind: ObjectType, names: tuple[str, ...], asked: tuple[Cond, ...]) -> list[tuple[Cell, int]]:
    """The same for SQLite, counted here: it sorts what it groups, which takes five times as long as reading it.

    Ids and conditions of a row travel as few numbers, each in bits of its own.
    """
    writer = sql.writer("t.")
    ids = [c for c in names if c in NUMBERS]
    parts = [(Sql(f'COALESCE(t."{c}", 0)', ()), _width(kind, c)) for c in ids]
    for cond in asked:
        one = writer.cond(cond)
        parts.append((Sql(f"({one.text}) IS TRUE", one.params), 1))
    words: list[list[tuple[Sql, int, int]]] = []  # of each part also where in its word it begins
    used = MOST_BITS
    for part, width in parts:
        if used + width > MOST_BITS:
            words.append([])
            used = 0
        words[-1].append((part, width, used))
        used += width
    texts = [c for c in names if c not in NUMBERS]
    packed = [" + ".join(f"(({part.text}) << {at})" for part, _, at in word) for word in words]
    params = [p for word in words for part, _, _ in word for p in part.params]
    told, blank = [], _blank(kind, texts)
    for row, n in _words(kind, packed, params, dict(zip(texts, blank, strict=True))).items():
        numbers, *kept = row.split(UNIT)
        values = [
            int(one) >> at & (1 << width) - 1
            for one, word in zip(numbers.split(COMMA), words, strict=bool(words)) for _, width, at in word
        ]  # fmt: skip
        keys: dict[str, Any] = dict(zip(ids, (one or None for one in values), strict=False))
        keys |= {c: None if one == NULL else one for c, one in zip(texts, kept or blank, strict=True)}
        told.append(((*(keys[c] for c in names), sum(bit << at for at, bit in enumerate(values[len(ids) :]))), n))
    return told


def _words(kind: ObjectType, packed: Sequence[str], params: Sequence[Any], texts: Mapping[str, str]) -> Counter[str]:
    """How many live rows have which numbers and texts, each row a word; a word without texts is one of blank ones.

    Words come thousands in one text, which SQLite joins and Python takes apart more than twice as fast as it fetches rows.
    """
    number = f" || '{COMMA}' || ".join(f"({one})" for one in packed) or "''"
    word, bound = number, list(params)
    if texts:  # what stands in each where nothing does
        blank = " AND ".join(f't."{c}" IS NULL' if one == NULL else f"t.\"{c}\" = ''" for c, one in texts.items())
        full = "".join(f""" || '{UNIT}' || COALESCE(t."{c}", '{NULL}')""" for c in texts)
        word, bound = f"CASE WHEN {blank} THEN {number} ELSE {number}{full} END", [*params, *params]
    text = (
        f"SELECT group_concat({word}, '{RECORD}') FROM \"{kind.table}\" t "
        "WHERE t.rowid > %s AND t.rowid <= %s AND t.deleted_at IS NULL"
    )
    found: Counter[str] = Counter()
    with sql.snapshot():
        for start in range(0, sql.rows(f'SELECT COALESCE(MAX(rowid), 0) FROM "{kind.table}"')[0][0], ROWS):
            joined = sql.rows(text, [*bound, start, start + ROWS])[0][0]
            if joined is not None:
                found.update(joined.split(RECORD))
    return found


def _blank(kind: ObjectType, texts: Sequence[str]) -> list[str]:
    """What stands in these columns where nothing does."""
    return [NULL if kind.model._meta.get_field(c).null else "" for c in texts]


def _width(kind: ObjectType, column: str) -> int:
    """Bits for an id of this column, with room for those that come meanwhile."""
    most = sql.rows(f'SELECT MAX("{column}") FROM "{kind.table}" WHERE "{column}" IS NOT NULL')[0][0]
    return int(most or 0).bit_length() + 1


def reached(
    code: str,
    people: Sequence[int],
    pairs: Iterable[tuple[str, str]],
    columns: Iterable[str],
    conds: Iterable[Cond] = (),
) -> list[Reached]:
    """What these people reach now in one of these ways, each record with its cell."""
    kind, names, asked = TYPES[code], _columns(columns), _conditions(conds)
    wanted = frozenset(pairs)
    if not wanted:
        return []
    found: dict[tuple[int, str], tuple[Cell, set[tuple[str, str]]]] = {}
    for start in range(0, len(people), PART):
        for row in _reached(kind, people[start : start + PART], names, asked):
            person, scope, tag, record, *cell = row
            if (scope, tag) in wanted:
                found.setdefault((person, record), (_cell(cell, names), set()))[1].add((scope, tag))
    return [Reached(person, record, cell, frozenset(ways)) for (person, record), (cell, ways) in found.items()]


def _reached(
    kind: ObjectType, people: Sequence[int], names: tuple[str, ...], asked: tuple[Cond, ...]
) -> Iterable[tuple[Any, ...]]:
    bits = _bits(asked, "t.")
    listed = "".join([*(f', t."{c}"' for c in names), *(f", {one.text}" for one in bits)])
    params = [p for one in bits for p in one.params]
    marks = ",".join(["%s"] * len(people))
    vias = [("id", "t.id")] + ([("account", "t.account_id")] if kind.parent == "account" else [])
    for via, joined in vias:
        text = (
            f"SELECT r.person_id, r.kind, r.line, t.id{listed} FROM access_reach r "
            f'JOIN "{kind.table}" t ON {joined} = r.record_id AND t.deleted_at IS NULL '
            f"WHERE r.type=%s AND r.via=%s AND (r.until IS NULL OR r.until>%s) AND r.person_id IN ({marks})"
        )
        yield from sql.rows(text, [*params, kind.code, via, sql.bind(clock.now()), *people])


def order(cond: Cond) -> tuple[str, str, str]:
    """The order in which conditions stand in a cell's number."""
    return cond.field, cond.op, repr(sorted(cond.value, key=str) if isinstance(cond.value, frozenset) else cond.value)


def _columns(columns: Iterable[str]) -> tuple[str, ...]:
    wanted = frozenset(columns)
    unknown = wanted - set(KEY_COLUMNS)
    if unknown:
        raise ValueError(f"not key columns: {sorted(unknown)}")
    return tuple(c for c in KEY_COLUMNS if c in wanted)


def _conditions(conds: Iterable[Cond]) -> tuple[Cond, ...]:
    found = tuple(sorted(set(conds), key=order))
    if len(found) > MOST_CONDITIONS:
        raise ValueError("too many conditions to count by")
    return found


def _bits(conds: tuple[Cond, ...], alias: str) -> list[Sql]:
    """Numbers of which bit i says whether condition i holds, BITS of them in each."""
    writer = sql.writer(alias)
    found: list[Sql] = []
    for start in range(0, len(conds), BITS):
        parts = [writer.cond(cond) for cond in conds[start : start + BITS]]
        text = " + ".join(f"CASE WHEN {part.text} THEN {1 << at} ELSE 0 END" for at, part in enumerate(parts))
        found.append(Sql(text, tuple(p for part in parts for p in part.params)))
    return found


def _cell(row: Sequence[Any], names: tuple[str, ...]) -> Cell:
    if len(row) == len(names):
        return (*row, 0)
    keys, numbers = row[: len(names)], row[len(names) :]
    return (*keys, sum(int(one) << BITS * at for at, one in enumerate(numbers)))


@dataclass(frozen=True, slots=True)
class Used:
    """What somebody did with one record on one day, so many times; ``cell`` of None: the record is gone, or it was a list."""

    person: int
    grant: int
    action: str
    field: str
    record: str
    n: int
    cell: Cell | None


def used(
    code: str, days: tuple[date, date], columns: Iterable[str], conds: Iterable[Cond] = (), people: Sequence[int] = (),
    actions: Iterable[str] = (),
) -> Iterator[Used]:  # fmt: skip
    """The use of one type from the first day to before the second, with the cells of the records as they are now.

    people: only theirs, when they are few. actions: only these, when any are named.
    """
    kind, names, asked = TYPES[code], _columns(columns), _conditions(conds)
    bits = _bits(asked, "t.")
    listed = "".join([*(f', t."{c}"' for c in names), *(f", {one.text}" for one in bits)])
    some = f" AND u.person_id IN ({','.join(['%s'] * len(people))})" if 0 < len(people) <= PART else ""
    acts = sorted(set(actions))
    some += f" AND u.action IN ({','.join(['%s'] * len(acts))})" if acts else ""
    text = (
        f"SELECT u.person_id, u.grant_id, u.action, u.field, u.record_id, u.n, t.id{listed} FROM access_use u "
        f'LEFT JOIN "{kind.table}" t ON t.id = u.record_id AND t.deleted_at IS NULL '
        f"WHERE u.day >= %s AND u.day < %s AND u.type = %s{some}"
    )
    params: list[Any] = [p for one in bits for p in one.params]
    params += [sql.bind(days[0]), sql.bind(days[1]), kind.code, *(people if 0 < len(people) <= PART else ()), *acts]
    for person, grant, action, field, record, n, here, *cell in sql.rows(text, params):
        yield Used(person, grant, action, field, record, n, None if here is None else _cell(cell, names))
