"""What has changed since: one cheap question that a page asks every two seconds."""

from __future__ import annotations

from heli.api import shape
from heli.api.common import ref
from heli.api.me import epoch_text
from heli.api.route import Answer, Call, Param, Route
from heli.jobs import pulse
from heli.kernel import clock
from heli.lending import emergencies
from heli.notices import inbox
from heli.records import mentions, visible
from heli.records.types import TYPES

MOST = 200
SOON = 60
AFTER = Param("after", {"type": "integer", "minimum": 0}, "`now` of the answer before")
SCHEMAS = {
    "Pulse": shape.record(
        {
            "now": {"type": "integer"},
            "changed": shape.nullable(
                shape.array(shape.record({"type": {"type": "string"}, "id": {"type": "string"}}))
            ),
            "epoch": {"type": "string"},
            "moves": shape.nullable(
                {
                    "type": "number",
                    "description": "Seconds until my rights change by themselves, when that is within a minute",
                }
            ),
            "notices": {"type": "integer", "description": "What I was told and have not looked at, up to a hundred"},
            "mentions": {"type": "integer", "description": "New mentions of me, on records that I see"},
            "emergencies": {"type": "integer", "description": "Declared emergencies that are open and concern me"},
            "mentioned": {
                "type": "string",
                "description": "Another text whenever one of these comes, goes or is changed",
            },
        }
    )
}


def beat(call: Call) -> Answer:
    """The position now, and which records that I may see have changed since ``after`` (null: too many to tell)."""
    after = call.query.get("after")
    position, pairs = (pulse.now(), []) if after is None else pulse.changed(after, MOST)
    changed = None if pairs is None else _visible(call, pairs)
    news = mentions.unseen(call.viewer)
    return Answer(
        {
            "now": position,
            "changed": changed,
            "epoch": epoch_text(call.viewer),
            "moves": _moves(call),
            "notices": inbox.unseen(call.viewer) if call.viewer.mode is None else 0,  # which are theirs alone
            "mentions": news.count,
            "emergencies": emergencies.concerning(call.viewer),
            "mentioned": news.mark,
        }
    )


def _moves(call: Call) -> float | None:
    view = call.viewer.view
    if view is None or view.until is None:
        return None
    left = (view.until - clock.now()).total_seconds()
    return max(0.0, round(left, 2)) if left <= SOON else None


def _visible(call: Call, pairs: list[tuple[str, str]]) -> list[dict[str, str]]:
    by_type: dict[str, list[str]] = {}
    for code, key in pairs:
        if code in TYPES:
            by_type.setdefault(code, []).append(key)
    found: list[dict[str, str]] = []
    for code, ids in by_type.items():
        found += [{"type": code, "id": one} for one in visible.among(call.viewer, code, ids, deleted=True)]
    return found


ROUTES = (
    Route(
        "GET",
        "/pulse",
        beat,
        "getPulse",
        "What has changed since",
        "live",
        params=(AFTER,),
        answers={200: ref("Pulse")},
    ),
)
