"""Mentions: comments as text and people, whom one may mention, and what mentions me."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from heli.access.viewer import Viewer
from heli.api import shape
from heli.api.common import NAMED, PERSON, items, moment, named, people, ref
from heli.api.lists import AFTER
from heli.api.record import NO_ID, if_match
from heli.api.route import Answer, Call, Param, Route
from heli.api.schemas import name_of
from heli.kernel import clock
from heli.org import tree
from heli.org.models import Assignment
from heli.records import comments, mentions
from heli.records.types import ObjectType

MOST_SEEN = 200
UNSEEN = Param("unseen", {"type": "boolean"}, "Only those that I have not looked at")
Q = Param("q", {"type": "string", "maxLength": 100}, "Part of a name, or its pinyin")


def spoken(body: str, mentioned: Collection[int], names: dict[int, dict[str, Any]]) -> dict[str, Any]:
    """A comment's text: as one, and cut at its mentions."""
    cut = mentions.parts(body, mentioned)
    known = [p for p in cut if p.person is None or p.person in names]
    return {
        "body": mentions.plain(cut, {pk: str(one["name"]) for pk, one in names.items()}),
        "parts": [{"text": p.text} if p.person is None else {"person": names[p.person]} for p in known],
    }


def said(found: Iterable[comments.Said]) -> list[dict[str, Any]]:
    """Comments for the page, with the names of now."""
    listed = list(found)
    names = people(pk for one in listed for pk in (one.author, *one.people))
    return [
        {
            "id": str(one.id),
            "at": moment(one.at),
            "author": names.get(one.author),
            **spoken(one.body, one.people, names),
            "mention": str(one.new) if one.new is not None else None,
            "edited": moment(one.edited),
            "etag": one.tag,
            "can": {"edit": one.may_edit, "delete": one.may_delete},
        }
        for one in listed
    ]


def add(call: Call, kind: ObjectType) -> Answer:
    """Say something about a record."""
    wanted = [int(one) for one in call.body.get("mentions", ())]
    made = comments.add(call.viewer, kind.code, call.path["id"], call.body["body"], wanted)
    return Answer(said([made])[0], 201, replay="body")


def edit(call: Call, kind: ObjectType) -> Answer:
    """Change one's own comment."""
    wanted = [int(one) for one in call.body.get("mentions", ())]
    made = comments.edit(
        call.viewer,
        kind.code,
        call.path["id"],
        int(call.path["comment"]),
        call.body["body"],
        wanted,
        tag=if_match(call),
    )
    return Answer(said([made])[0], headers={"ETag": f'"{made.tag}"'})


def delete(call: Call, kind: ObjectType) -> Answer:
    """Take a comment away."""
    comments.delete(call.viewer, kind.code, call.path["id"], int(call.path["comment"]), tag=if_match(call))
    return Answer(status=204)


def mine(viewer: Viewer, after: str | None = None, *, unseen: bool = False) -> dict[str, Any]:
    """A page of what mentions me."""
    found, following = mentions.mine(viewer, after, unseen=unseen)
    names = people(pk for one in found for pk in (one.author, *one.people))
    told = [
        {
            "id": str(one.id),
            "at": moment(one.at),
            "author": names.get(one.author),
            "type": one.type,
            "record": one.record,
            "title": one.title,
            **spoken(one.body, one.people, names),
            "seen": one.seen,
        }
        for one in found
    ]
    return {"items": told, "next": following}


def _listed(call: Call) -> Answer:
    return Answer(mine(call.viewer, call.query.get("after"), unseen=call.query.get("unseen", False)))


def _seen(call: Call) -> Answer:
    mentions.mark_seen(call.viewer, [int(one) for one in call.body["ids"]])
    return Answer(status=204)


def _mentionable(call: Call, kind: ObjectType) -> Answer:
    found = mentions.candidates(call.viewer, kind.code, call.path["id"], call.query.get("q", ""))
    names = people(one.person for one in found)
    homes = _homes([one.person for one in found])
    return Answer(
        {
            "items": [
                {"person": names[one.person], "department": homes.get(one.person), "sees": one.sees} for one in found
            ]
        }
    )


def _homes(wanted: list[int]) -> dict[int, dict[str, str]]:
    rows = Assignment.objects.filter(tree.valid(clock.now()), person_id__in=wanted).order_by("primary", "-id")
    listed = rows.values_list("person_id", "department_id", "department__name", "department__name_en")
    return {person: named(pk, name, english) for person, pk, name, english in listed}


_TEXT: shape.Schema = {"type": "string"}
_PART: shape.Schema = {
    "anyOf": [shape.record({"text": _TEXT}), shape.record({"person": ref(PERSON)})],
}
_SAID: dict[str, shape.Schema] = {
    "id": _TEXT,
    "at": shape.MOMENT,
    "author": shape.nullable(ref(PERSON)),
    "body": _TEXT,
    "parts": shape.array(_PART),
}
NEW_COMMENT = shape.record(
    {
        "body": shape.text(comments.MOST_CHARACTERS, 1),
        "mentions": {
            **shape.array(shape.NUMBER_ID, mentions.MOST),
            "description": "People whose sign `@{id}` the text holds; each must see the record",
        },
    },
    required=("body",),
)
SCHEMAS = {
    "Comment": shape.record(
        {
            **_SAID,
            "mention": {"type": ["string", "null"]},
            "edited": shape.nullable(shape.MOMENT),
            "etag": _TEXT,
            "can": shape.record({"edit": {"type": "boolean"}, "delete": {"type": "boolean"}}),
        }
    ),
    "Mention": shape.record({**_SAID, "type": _TEXT, "record": shape.ID, "title": _TEXT, "seen": {"type": "boolean"}}),
    "Mentionable": shape.record(
        {"person": ref(PERSON), "department": shape.nullable(ref(NAMED)), "sees": {"type": "boolean"}}
    ),
}
ROUTES = (
    Route("GET", "/mentions", _listed, "listMentions", "What mentions me", "me", params=(UNSEEN, AFTER),
          answers={200: items(ref("Mention"), paged=True)}),
    Route("POST", "/mentions/seen", _seen, "seeMentions", "I have looked at these mentions", "me",
          body=shape.record({"ids": shape.array(shape.NUMBER_ID, MOST_SEEN)}), answers={204: None}),
)  # fmt: skip


def routes(kind: ObjectType) -> list[Route]:
    """Whom one may mention on a record of the type; changing and deleting comments."""
    at, name, one = f"/records/{kind.code}/{{id}}/comments/{{comment}}", name_of(kind), kind.words.en
    ids = {**NO_ID, "comment": shape.NUMBER_ID}
    return [
        Route("PATCH", at, lambda call: edit(call, kind), f"change{name}Comment", f"Change my comment: {one}", kind.code,
              path_schemas=ids, body=NEW_COMMENT, if_match=True, answers={200: ref("Comment")}, etag=True),
        Route("DELETE", at, lambda call: delete(call, kind), f"delete{name}Comment", f"Delete a comment: {one}", kind.code,
              path_schemas=ids, if_match=True, answers={204: None}),
        Route("GET", f"/records/{kind.code}/{{id}}/mentionable", lambda call: _mentionable(call, kind),
              f"get{name_of(kind)}Mentionable", f"Who can be mentioned: {kind.words.en}", kind.code, params=(Q,),
              path_schemas=NO_ID, answers={200: items(ref("Mentionable"))}),
    ]  # fmt: skip
