"""Lists and counts. The hot path: rows come from the read door and are dumped as they are."""

from __future__ import annotations

from typing import Any

import orjson

from heli.access.viewer import Viewer
from heli.api import body, shape
from heli.api.common import WORDS, ref
from heli.api.record import CLOSED
from heli.api.route import Answer, Call, Param, Route
from heli.api.schemas import name_of
from heli.api.scope_words import scope_words
from heli.flows import bars
from heli.kernel.errors import BadRequest, Invalid, Problem
from heli.kernel.words import Words
from heli.records import store
from heli.records.types import ObjectType

MOST_FIELDS = 200
MOST_CURSOR = 2000
COUNT_SECONDS = 1.5
"""Time for counting all rows of a list: its page does not wait for it, but people do."""

LIMIT: shape.Schema = {"type": "integer", "minimum": 1, "maximum": store.MOST_ROWS}


def read_filter(text: str) -> Any:
    """The JSON of ``filter``. Raises Invalid naming the place."""
    try:
        return body.parse(text.encode())
    except BadRequest as error:
        raise Invalid([Problem("filter", p.code, p.words) for p in error.problems]) from None
    except UnicodeEncodeError:
        raise Invalid(Problem("filter", "unicode", Words("不是有效文本", "is not valid text"))) from None


def read_fields(text: str) -> tuple[str, ...]:
    found = tuple(text.split(","))
    if len(found) > MOST_FIELDS:
        raise Invalid(Problem("fields", "too_many", Words(f"最多 {MOST_FIELDS} 个", f"at most {MOST_FIELDS}")))
    return found


FILTER = Param(
    "filter", {"type": "string", "maxLength": 16000}, 'A JSON filter, e.g. {"stage":"won"}', read=read_filter
)
FIELDS = Param(
    "fields", {"type": "string", "maxLength": 2000}, "Fields to return, separated by commas", read=read_fields
)
SORT = Param("sort", {"type": "string", "maxLength": 200, "minLength": 1}, "e.g. -amount,name")
LIMIT_PARAM = Param("limit", LIMIT, "Rows on a page (50)")
AFTER = Param("after", {"type": "string", "maxLength": MOST_CURSOR}, "`next` of the page before")


def page(viewer: Viewer, code: str, query: dict[str, Any]) -> bytes:
    """One page of a list as JSON bytes."""
    asked = store.query(viewer, code).through("list")
    if "filter" in query:
        asked = asked.where(query["filter"])
    if "sort" in query:
        asked = asked.sort(query["sort"])
    asked = asked.fields(query["fields"] if "fields" in query else _columns(asked))
    found = asked.page(query.get("limit", 50), query.get("after"))
    items, access, kept = _kept(viewer, asked.kind, found)
    return orjson.dumps({"items": items, "access": access, "next": found.next, "kept": kept})


type _Told = tuple[list[dict[str, Any]], list[dict[str, str]], dict[str, dict[str, Any]]]


def _kept(viewer: Viewer, kind: ObjectType, page: store.Page) -> _Told:
    """The page with the cells that a running case keeps from who could edit them: read only, as on the record's page, and why. Pages are kept
    for the next asker, so that nothing of one is changed."""
    may = [{code for code, level in one.items() if level in CLOSED} for one in page.access]
    rows = (
        [] if viewer.is_system or not any(may) else [one for one in page.items if may[one.get("_a", 0)] and "id" in one]
    )
    held = bars.held(kind, [one["id"] for one in rows], set().union(*may)) if rows else {}
    if not held:
        return page.items, page.access, {}
    items, access, told = [], [*page.access], {}
    for row in page.items:
        level = page.access[row.get("_a", 0)]
        mine = {code: one for code, one in held.get(row.get("id", ""), {}).items() if level.get(code) in CLOSED}
        if mine:
            told[row["id"]] = {code: one.words.json() for code, one in mine.items()}
            items.append({**row, "_a": len(access)})
            access.append(level | {code: CLOSED[level[code]] for code in mine})
        else:
            items.append(row)
    return items, access, told


def _columns(asked: store.Query) -> tuple[str, ...]:
    """The type's own columns, as far as this viewer may know them; made once per compiled view."""
    kind, view = asked.kind, asked.viewer.view
    shared = view.shared if view is not None else {}
    key = ("columns", kind.code)
    found = shared.get(key)
    if not isinstance(found, tuple):
        known = (c for c in dict.fromkeys((kind.title, *kind.columns)) if asked.sight.known(c) is not None)
        found = shared[key] = tuple(known)
    return found


def count(viewer: Viewer, kind: ObjectType, query: dict[str, Any]) -> dict[str, Any]:
    """How many of what I may see, with the sum of a field over the cells that I read.

    Where this takes longer than ``COUNT_SECONDS``: at least how many (``more``), without sums and groups.
    """
    asked = store.query(viewer, kind.code)
    if "filter" in query:
        asked = asked.where(query["filter"])
    by, total = query.get("by"), query.get("sum")
    found = asked.count(by, total, seconds=COUNT_SECONDS)

    def said(one: store.Count) -> dict[str, Any]:
        got: dict[str, Any] = {"count": one.count}
        if total is not None and not found.more:
            got |= {"sum": kind.fields[total].dump(one.sum or 0), "readable": one.readable}
        return got

    answer = {**said(found), "more": found.more, "scope": scope_words(viewer, kind.code).json()}
    if by is not None and not found.more:
        answer["groups"] = {str(key): said(one) for key, one in found.groups.items()}
    return answer


def routes(kind: ObjectType) -> list[Route]:
    """The list and the count of one type."""
    code, name = kind.code, name_of(kind)

    def listed(call: Call) -> Answer:
        return Answer(page(call.viewer, code, dict(call.query)))

    def counted(call: Call) -> Answer:
        return Answer(count(call.viewer, kind, dict(call.query)))

    plural = kind.plural.en
    by = Param("by", {"type": "string", "maxLength": 80}, "A field to group by")
    total = Param("sum", {"type": "string", "maxLength": 80}, "A field to sum")
    return [
        Route("GET", f"/records/{code}", listed, f"list{name}", f"List {plural}", code,
              params=(FILTER, SORT, FIELDS, LIMIT_PARAM, AFTER), answers={200: ref(f"{name}Page")}, errors=(404,)),
        Route("GET", f"/records/{code}/count", counted, f"count{name}", f"Count {plural}", code,
              params=(FILTER, by, total), answers={200: ref("Count")}, errors=(404,)),
    ]  # fmt: skip


_COUNTED: dict[str, shape.Schema] = {
    "count": {"type": "integer"}, "sum": {"type": ["string", "integer"]}, "readable": {"type": "integer"},
}  # fmt: skip
SCHEMAS = {
    "Group": shape.record(_COUNTED, required=("count",)),
    "Count": shape.record(
        {
            **_COUNTED,
            "groups": {"type": "object", "additionalProperties": ref("Group")},
            "more": {"type": "boolean"},
            "scope": ref(WORDS),
        },
        required=("count", "more", "scope"),
    ),
}
