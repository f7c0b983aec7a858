"""Finding records by what people type: part of a name or number, or the pinyin initials of a name.

A hit is a cell that the viewer reads: what they see masked or not at all is never matched, and never counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from heli.access.compile import Sql, all_of, any_of
from heli.access.viewer import Viewer
from heli.kernel import pinyin
from heli.kernel.errors import NotFound
from heli.records import fields as f
from heli.records import filters, sql
from heli.records.sight import Sight
from heli.records.types import TYPES, ObjectType

LEAST = 1
MOST = 100
"""Characters of what is looked for."""
PER_TYPE = 6
MOST_SCANNED = 3000
"""Titles of one type that are looked through for initials."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that fits: its title, one more fact, and the code of the field that matched."""

    type: str
    id: str
    title: str
    subtitle: str
    matched: str


def find(viewer: Viewer, text: str, types: Iterable[str] | None = None, limit: int = PER_TYPE) -> list[Hit]:
    """Records that fit, type by type in the order of registration, best first within a type."""
    text = text.strip()[:MOST]
    if len(text) < LEAST:
        return []
    wanted = None if types is None else set(types)
    found: list[Hit] = []
    for kind in TYPES:
        if wanted is None or kind.code in wanted:
            found += _of_type(viewer, kind, text, limit)
    return found


def _of_type(viewer: Viewer, kind: ObjectType, text: str, limit: int) -> list[Hit]:
    try:
        sight = Sight(viewer, kind)
    except NotFound:
        return []
    fields = [one for code, one in kind.fields.items() if one.search and sight.usable(code) is not None]
    if not fields:
        return []
    matches = [(one, all_of([sight.readable(one.code, "t."), _match(one, text)])) for one in fields]
    where = all_of([sight.predicate("t."), any_of(m for _, m in matches)])
    if where.is_false:
        return []
    shown = [c for c in dict.fromkeys((kind.title, kind.key, *(one.code for one in fields))) if c and sight.usable(c)]
    columns = [_cell(sight, kind.fields[c]) for c in shown]
    flags = [Sql(f"CASE WHEN {m.text} THEN 1 ELSE 0 END", m.params) for _, m in matches]
    select = [Sql("t.id"), *columns, *flags]
    listed = ", ".join(part.text for part in select)
    params = [v for part in select for v in part.params] + list(where.params)
    rows = sql.rows(
        f'SELECT {listed} FROM "{kind.table}" t WHERE {where.text} ORDER BY t.updated_at DESC, t.id LIMIT {int(limit) * 4}',
        params,
    )
    hits = [_hit(kind, fields, shown, row) for row in rows]
    if len(hits) < limit:
        known = {hit.id for hit in hits}
        hits += [hit for hit in _by_initials(sight, kind, text, limit) if hit.id not in known]
    lowered = text.casefold()
    hits.sort(key=lambda hit: (not hit.title.casefold().startswith(lowered), lowered not in hit.title.casefold()))
    return hits[:limit]


@lru_cache(maxsize=100_000)
def _initials(title: str) -> str:
    return pinyin.initials(title)


def _by_initials(sight: Sight, kind: ObjectType, text: str, limit: int) -> list[Hit]:
    """Titles whose pinyin initials hold the text, among the records changed last."""
    one = kind.fields[kind.title]
    wanted = text.casefold()
    if (
        not one.search
        or sight.usable(one.code) is None
        or not (wanted.isascii() and wanted.isalnum() and len(wanted) > 1)
    ):
        return []
    where = all_of([sight.predicate("t."), sight.readable(one.code, "t.")])
    rows = sql.rows(
        f'SELECT t.id, t.{one.column} FROM "{kind.table}" t WHERE {where.text} '
        f"ORDER BY t.updated_at DESC LIMIT {MOST_SCANNED}",
        where.params,
    )
    found = [row for row in rows if row[1] and not row[1].isascii() and wanted in _initials(row[1])]
    return [Hit(kind.code, pk, title, "", one.code) for pk, title in found[:limit]]


def _cell(sight: Sight, one: f.Field) -> Sql:
    may = sight.readable(one.code, "t.")
    return Sql(f"t.{one.column}") if may.is_true else Sql(f"CASE WHEN {may.text} THEN t.{one.column} END", may.params)


def _match(one: f.Field, text: str) -> Sql:
    like = "ILIKE" if sql.vendor() == "postgresql" else "LIKE"
    pattern = f"%{filters.escape(text)}%"
    parts = [Sql(f"t.{one.column} {like} %s ESCAPE '!'", (pattern,))]
    key = pinyin.sort_key(text)
    if one.sortable and text.isascii() and len(key) >= 2:
        for column in one.sort_columns():
            parts.append(Sql(f"t.{column} LIKE %s", (f"{key}%",)))
    return any_of(parts)


def _hit(kind: ObjectType, fields: list[f.Field], shown: list[str], row: tuple[Any, ...]) -> Hit:
    values = {code: kind.fields[code].dump(row[1 + i]) for i, code in enumerate(shown) if row[1 + i]}
    flags = row[1 + len(shown) :]
    matched = next((one.code for one, flag in zip(fields, flags, strict=True) if flag), "")
    title = str(values.get(kind.title) or values.get(kind.key or "") or "")
    rest = values.get(matched) if matched != kind.title else values.get(kind.key or "")
    subtitle = str(rest) if rest and str(rest) != title else ""
    if kind.fields.get(matched) is not None and kind.fields[matched].data_class == "sensitive":
        subtitle = str(kind.fields[matched].mask(row[1 + shown.index(matched)]) or "")
    return Hit(kind.code, row[0], title, subtitle, matched)
