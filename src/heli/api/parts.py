"""What hangs on a record: history, comments, team, related records, who else sees it, its strip, its next stages."""

from __future__ import annotations

from typing import Any

from heli.access.viewer import Viewer
from heli.api import mentions, shape, strip, who
from heli.api.common import PERSON, WORDS, items, moment, people, ref
from heli.api.record import NO_ID
from heli.api.route import Answer, Call, Param, Route
from heli.api.schemas import name_of
from heli.crm.stages import FLOWS, verdict
from heli.kernel.errors import NotFound
from heli.records import comments, history, reasons, related, store
from heli.records import fields as f
from heli.records.types import TYPES, ObjectType
from heli.records.verbs import verb_of

FIRST = 5
"""Related records shown of each type."""
AFTER = Param("after", {"type": "string", "maxLength": 2000}, "`next` of the page before")

_TEXT: shape.Schema = {"type": "string"}
SCHEMAS = {
    "HistoryItem": shape.record(
        {
            "at": shape.MOMENT,
            "actor": shape.nullable(ref(PERSON)),
            "action": _TEXT,
            "words": ref(WORDS),
            "changes": shape.array(shape.record({"field": _TEXT, "old": {}, "new": {}})),
        }
    ),
    "TeamMember": shape.record(
        {
            "person": ref(PERSON),
            "types": shape.array(_TEXT),
            "edit": {"type": "boolean"},
            "until": {"type": ["string", "null"]},
        }
    ),
    "Related": shape.record(
        {
            "type": _TEXT,
            "field": _TEXT,
            "count": {"type": "integer"},
            "items": shape.array({"type": "object"}),
            "access": shape.array({"type": "object", "additionalProperties": _TEXT}),
        }
    ),
    "Lane": shape.record(
        {
            "allowed": {"type": "boolean"},
            "words": shape.nullable(ref(WORDS)),
            "missing": shape.array(_TEXT),
            "verb": _TEXT,
            "rule": _TEXT,
        }
    ),
    **strip.SCHEMAS,
    **who.SCHEMAS,
}


def _history(call: Call, kind: ObjectType) -> Answer:
    told = history.told(call.viewer, kind, call.path["id"], call.query.get("after"))
    names = people(e.actor for e in told.events)
    found = [
        {
            "at": moment(e.at),
            "actor": names.get(e.actor) if e.actor is not None else None,
            "action": e.action,
            "words": e.words.json(),
            "changes": [{"field": c.field, "old": c.old, "new": c.new} for c in e.changes],
        }
        for e in told.events
    ]
    return Answer({"items": found, "next": told.next})


def _comments(call: Call, kind: ObjectType) -> Answer:
    return Answer({"items": mentions.said(comments.listed(call.viewer, kind.code, call.path["id"]))})


def _team(call: Call, kind: ObjectType) -> Answer:
    record = store.query(call.viewer, kind.code).one(call.path["id"])
    found = related.team_of(kind, record.id)
    names = people(one["person"] for one in found)
    return Answer(
        {
            "items": [
                {
                    "person": names[one["person"]],
                    "types": one["types"],
                    "edit": one["edit"],
                    "until": _until(one["until"]),
                }
                for one in found
                if one["person"] in names
            ]
        }
    )


def _until(value: Any) -> str | None:
    """A plain cursor gives text on SQLite, a moment on PostgreSQL."""
    if value is None or not isinstance(value, str):
        return moment(value)
    from datetime import UTC, datetime

    found = datetime.fromisoformat(value)
    return moment(found if found.tzinfo else found.replace(tzinfo=UTC))


def _pointing(kind: ObjectType) -> list[tuple[ObjectType, f.Field]]:
    """Types with a link to this one."""
    return [
        (other, one)
        for other in TYPES
        for one in other.fields.values()
        if isinstance(one, f.Link) and not isinstance(one, f.Links) and one.target == kind.code
    ]


def _related(call: Call, kind: ObjectType) -> Answer:
    record = store.query(call.viewer, kind.code).one(call.path["id"]).id
    found = []
    for other, one in _pointing(kind):
        said = _related_of(call.viewer, other, one, record)
        if said is not None:
            found.append(said)
    return Answer({"items": found})


def _related_of(viewer: Viewer, other: ObjectType, one: f.Field, record: str) -> dict[str, Any] | None:
    try:
        asked = store.query(viewer, other.code)
    except NotFound:
        return None
    if asked.sight.usable(one.code) is None:
        return None
    asked = asked.where({"field": one.code, "op": "=", "value": record})
    shown = [c for c in dict.fromkeys((other.title, *other.columns)) if asked.sight.known(c) is not None]
    page = asked.fields(shown).page(FIRST)
    count = len(page.items) if page.next is None else asked.count().count
    return {"type": other.code, "field": one.code, "count": count, "items": page.items, "access": page.access}


def _who(call: Call, kind: ObjectType) -> Answer:
    return Answer(who.others(call.viewer, kind, call.path["id"]))


def _strip(call: Call, kind: ObjectType) -> Answer:
    record = store.query(call.viewer, kind.code).one(call.path["id"]).id
    return Answer({"steps": strip.steps(call.viewer, record)})


def _moves(call: Call, kind: ObjectType) -> Answer:
    """For each lane whether this card may go there, before it is dropped."""
    seen = store.query(call.viewer, kind.code).one(call.path["id"])
    flow = FLOWS[kind.code]
    stage = kind.fields[flow.field]
    assert isinstance(stage, f.Choice)
    values = {code: seen.row[one.column] for code, one in kind.fields.items()}
    rights = call.viewer.view.type(kind.code) if call.viewer.view is not None else None
    lanes: dict[str, Any] = {}
    for option in stage.options:
        found = verdict(flow, values, option.value)
        verb = verb_of(kind.code, found.by)
        right = verb.right if verb is not None else found.by
        words, allowed = found.words, found.allowed
        # Which cells are empty is told to who may do the verb, and of the cells that they see.
        missing = [c for c in found.missing if all(part in seen.access for part in c.split("|"))]
        if rights is None or not rights.decide(right, seen.row).allowed:
            allowed, words, missing = False, reasons.reason(call.viewer, kind, right, seen.row)[1], []
        lanes[option.value] = {
            "allowed": allowed,
            "words": words.json() if words is not None else None,
            "missing": missing,
            "verb": found.by,
            "rule": found.rule,
        }
    return Answer({"lanes": lanes})


def routes(kind: ObjectType) -> list[Route]:
    """The parts of one type's records."""
    code, name, one = kind.code, name_of(kind), kind.words.en
    at = f"/records/{code}/{{id}}"

    def part(path: str, handle: Any, answer: shape.Schema, said: str, *, params: tuple[Param, ...] = ()) -> Route:
        camel = path.capitalize()
        return Route("GET", f"{at}/{path}", lambda call: handle(call, kind), f"get{name}{camel}", f"{said}: {one}", code,
                     params=params, path_schemas=NO_ID, answers={200: answer})  # fmt: skip

    found = [
        part("history", _history, items(ref("HistoryItem"), paged=True), "History", params=(AFTER,)),
        part("comments", _comments, items(ref("Comment")), "Comments"),
        Route("POST", f"{at}/comments", lambda call: mentions.add(call, kind), f"add{name}Comment", f"Comment: {one}", code,
              path_schemas=NO_ID, body=mentions.NEW_COMMENT, keyed=True,
              answers={201: ref("Comment")}),
        part("team", _team, items(ref("TeamMember")), "Team"),
        part("related", _related, items(ref("Related")), "Related records"),
        part("who", _who, ref("Who"), "Who else sees it"),
    ]  # fmt: skip
    if code == "account":
        found.append(part("strip", _strip, shape.record({"steps": shape.array(ref("StripStep"))}), "From lead to cash"))
    if code in FLOWS and kind.kanban is not None:
        lanes: shape.Schema = {"type": "object", "additionalProperties": ref("Lane")}
        found.append(part("moves", _moves, shape.record({"lanes": lanes}), "Which stage may follow"))
    return found


__all__ = ["SCHEMAS", "routes"]
