"""Finding records by what people type: part of a name or number, the beginning of its pinyin, or its pinyin initials.

A hit is a cell that the viewer reads: what they see masked or not at all is never matched, and never counted. Postings
only say which records are worth looking at (see ``search_plan``); every plan gives the same hits, the latest first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from heli.access.compile import FALSE, Sql, all_of, any_of
from heli.access.viewer import Viewer
from heli.kernel.errors import NotFound
from heli.kernel.words import Words
from heli.records import fields as f
from heli.records import filters, hooks, sealed, search_grams, search_plan, search_posts, sql
from heli.records.rows import COUNTED
from heli.records.search_grams import Asked
from heli.records.sight import Sight
from heli.records.types import TYPES, ObjectType

UNSEARCHED = Words(
    "缺少字段密钥，{fields}暂时无法搜索：找不到不等于没有",
    "the field keys are missing, so {fields} cannot be searched for now: not found does not mean that there is none",
)
MOST = 100
"""Characters of what is looked for."""
PER_TYPE = 6
LOOKED = 4
"""So many times the hits wanted are looked at, the latest ones, and the best of them told."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that fits: its title, one more fact, and the code of the field that matched."""

    type: str
    id: str
    title: str
    subtitle: str
    matched: str
    told: str = ""
    """The class of a cell that the hit shows in full, where cells of it are counted."""


def find(viewer: Viewer, text: str, types: Iterable[str] | None = None, limit: int = PER_TYPE) -> list[Hit]:
    """Records that fit, type by type in the order of registration, best first within a type.

    Nothing is found by ASCII signs alone, nor by one Latin letter or digit.
    """
    asked = search_grams.ask(cleaned(text))
    if asked.nothing:
        return []
    asked = replace(asked, ways=(*asked.ways, *search_posts.sealed_ways(asked.text)))
    wanted = None if types is None else set(types)
    kinds = [kind for kind in TYPES if wanted is None or kind.code in wanted]
    candidates = search_plan.Candidates(asked, search_posts.unposted())
    watched = not viewer.is_system
    if watched and kinds:
        hooks.asking.fire(viewer, kinds[0], "search")
    found: list[Hit] = []
    for kind in kinds:
        hits = _of_type(viewer, kind, asked, limit, candidates)
        if watched and hits:
            cells = Counter(hit.told for hit in hits)
            ids = [hit.id for hit in hits]
            hooks.taken.fire(
                hooks.Taken(viewer, kind, "search", cells["sensitive"], cells["confidential"], ids)
            )  # fmt: skip
        found += hits
    return found


def unsearched(viewer: Viewer, text: str) -> Words | None:
    """What cannot be looked for as long as the keys of encrypted fields are not at hand, where it may be what was typed: that
    nothing is found must not look as if there were nothing."""
    asked = cleaned(text)
    if sum(one.isdigit() for one in asked) < sealed.SHORTEST or sealed.readable():
        return None
    fields = [one for kind in TYPES if _reads(viewer, kind) for one in kind.encrypted if one.search]
    names = dict.fromkeys((one.words.zh, one.words.en) for one in fields)
    if not names:
        return None
    return UNSEARCHED.fill(fields=Words("、".join(zh for zh, _ in names), ", ".join(en.lower() for _, en in names)))


def _reads(viewer: Viewer, kind: ObjectType) -> bool:
    return viewer.is_system or (viewer.view is not None and viewer.view.may(kind.code, "read"))


def cleaned(text: str) -> str:
    """What was typed, without what no text in the database can hold; at most MOST characters of it."""
    known = text[: MOST * 2].encode("utf-8", "ignore").decode()
    return "".join(c for c in known if c >= " " and c != "\x7f").strip()[:MOST]


def _of_type(
    viewer: Viewer, kind: ObjectType, asked: Asked, limit: int, candidates: search_plan.Candidates
) -> list[Hit]:
    if not candidates.possible(kind):
        return []
    try:
        sight = Sight(viewer, kind)
    except NotFound:
        return []
    fields = [one for one in search_posts.searched(kind) if sight.usable(one.code) is not None]
    if not fields:
        return []
    matches = [(one, all_of([sight.readable(one.code, "t."), _match(kind, one, asked)])) for one in fields]
    where = all_of([sight.predicate("t."), any_of(m for _, m in matches)])
    if where.is_false:
        return []
    shown = [c for c in dict.fromkeys((kind.title, kind.key, *(one.code for one in fields))) if c and sight.usable(c)]
    columns = [_cell(sight, kind.fields[c]) for c in shown]
    flags = [Sql(f"CASE WHEN {m.text} THEN 1 ELSE 0 END", m.params) for _, m in matches]
    select = search_plan.listed([Sql("t.id"), *columns, *flags])
    found = search_plan.latest(sight, select, where, int(limit) * LOOKED, candidates)
    hits = [_hit(kind, fields, shown, _opened(kind, shown, row)) for row in found]
    lowered = asked.text.casefold()
    hits.sort(key=lambda hit: (not hit.title.casefold().startswith(lowered), lowered not in hit.title.casefold()))
    return hits[:limit]


def _cell(sight: Sight, one: f.Field) -> Sql:
    may = sight.readable(one.code, "t.")
    return Sql(f"t.{one.column}") if may.is_true else Sql(f"CASE WHEN {may.text} THEN t.{one.column} END", may.params)


def _match(kind: ObjectType, one: f.Field, asked: Asked) -> Sql:
    """The cell holds the text; or its pinyin begins with it; or it is part of its initials; or of a number's digits."""
    if isinstance(one, f.Text) and one.encrypted:
        tokens = search_posts.sealed_tokens(kind, one, asked.text)
        found = [Sql(f"t.{column} IN ({','.join(['%s'] * len(some))})", tuple(some)) for column, some in tokens if some]
        if sealed.pending(kind.code):  # what stands in clear is not sealed, and found as before
            found.append(all_of([Sql(f"t.{one.index_column}=''"), _in_clear(kind, one, asked)]))
        return any_of(found)
    return _in_clear(kind, one, asked)


def _in_clear(kind: ObjectType, one: f.Field, asked: Asked) -> Sql:
    like = "ILIKE" if sql.vendor() == "postgresql" else "LIKE"
    parts = [Sql(f"t.{one.column} {like} %s ESCAPE '!'", (f"%{filters.escape(asked.text)}%",))]
    if asked.key and one.sortable:
        parts += [Sql(f"t.{column} LIKE %s", (f"{asked.key}%",)) for column in one.sort_columns()]
    if asked.initials and search_posts.chinese(one) and search_posts.kept(kind):
        parts.append(
            Sql(
                "EXISTS (SELECT 1 FROM records_posted p WHERE p.record_id=t.id AND p.field=%s AND p.initials LIKE %s)",
                (one.code, f"%{asked.initials}%"),
            )
        )
    if asked.digits and isinstance(one, f.Phone):
        bare = f"t.{one.column}"
        for sign in (" ", "-", "(", ")", "+"):
            bare = f"REPLACE({bare}, '{sign}', '')"
        parts.append(Sql(f"{bare} LIKE %s", (f"%{asked.digits}%",)))
    return any_of(parts) if parts else FALSE


def _opened(kind: ObjectType, shown: list[str], row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row of hits with its encrypted cells opened; what cannot be opened is left out."""
    if not any(kind.fields[code].encrypted for code in shown):
        return row
    cells = list(row)
    for at, code in enumerate(shown, start=1):
        one = kind.fields[code]
        if isinstance(one, f.Text) and one.encrypted:
            value = sealed.opened(kind, row[0], one, cells[at])
            cells[at] = "" if value is sealed.UNREADABLE else value
    return tuple(cells)


def _hit(kind: ObjectType, fields: list[f.Field], shown: list[str], row: tuple[Any, ...]) -> Hit:
    values = {code: kind.fields[code].dump(row[1 + i]) for i, code in enumerate(shown) if row[1 + i]}
    flags = row[1 + len(shown) :]
    matched = next((one.code for one, flag in zip(fields, flags, strict=True) if flag), "")
    title = str(values.get(kind.title) or values.get(kind.key or "") or "")
    rest = values.get(matched) if matched != kind.title else values.get(kind.key or "")
    subtitle = str(rest) if rest and str(rest) != title else ""
    data_class = kind.fields[matched].data_class if matched in kind.fields else ""
    if data_class == "sensitive":  # that it matched in full is known to who typed it in full
        subtitle = str(kind.fields[matched].mask(row[1 + shown.index(matched)]) or "")
    return Hit(kind.code, row[0], title, subtitle, matched, data_class if data_class in COUNTED else "")
