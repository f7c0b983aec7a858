"""Comments 评论 on records: whoever sees the record reads and writes them, and may mention others who see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from heli.access.viewer import Viewer
from heli.audit import log
from heli.audit.log import EntryData
from heli.jobs import events
from heli.kernel import clock
from heli.kernel.errors import Invalid, Problem
from heli.kernel.words import Words
from heli.records import act, mentions, store
from heli.records.fields.base import FieldError, check_text
from heli.records.models import Comment, Mention

MOST_CHARACTERS = 5000
MOST_LISTED = 500
EMPTY = Words("评论不能为空", "a comment needs some text")


@dataclass(frozen=True, slots=True)
class Said:
    """One comment. ``body`` holds its mentions as ``@{12}`` (see ``mentions``); ``new``: the viewer's own unseen one."""

    id: int
    at: datetime
    author: int
    body: str
    people: tuple[int, ...] = ()
    new: int | None = None


def listed(viewer: Viewer, code: str, record: str) -> list[Said]:
    """The comments of a record, oldest first (the newest 500). Raises NotFound when the viewer does not see it."""
    store.query(viewer, code).one(record)
    rows = Comment.objects.filter(type=code, record_id=record).order_by("-id")[:MOST_LISTED]
    ids = [one.pk for one in rows]
    people, new = mentions.of_comments(ids), mentions.new_on(viewer, ids)
    return [
        Said(one.pk, one.at, one.author_id, one.body, people.get(one.pk, ()), new.get(one.pk)) for one in reversed(rows)
    ]


def add(viewer: Viewer, code: str, record: str, body: str, mentioned: Sequence[int] = ()) -> Said:
    """Say something about a record; ``mentioned`` are people whose signs ``@{id}`` the text holds.

    Raises NotFound, Invalid naming the place (a person who does not see the record among them).
    """
    try:
        text = check_text(body, MOST_CHARACTERS)
    except FieldError as error:
        raise Invalid(Problem("body", error.code, error.words)) from None
    if not text.strip():
        raise Invalid(Problem("body", "required", EMPTY))
    with log.transaction():
        now = act.current(viewer)
        asked = store.query(now, code)
        people = mentions.check(asked.kind, asked.one(record).row, text, mentioned)
        made = Comment.objects.create(type=code, record_id=record, author_id=now.person or 0, body=text, at=clock.now())
        Mention.objects.bulk_create([Mention(comment=made, person_id=person) for person in people])
        events.publish(f"{code}.comment", code, record, {"comment": made.pk, "mentions": list(people)})
        log.append(
            EntryData(
                action=f"{code}.comment",
                object_type=code,
                object_id=record,
                actor_id=now.person,
                actor_name=now.name,
                acting_for_id=now.actor.acting_for,
                origin=now.actor.origin,
                after={"comment": made.pk, "body": text, **({"mentions": list(people)} if people else {})},
            )
        )
    return Said(made.pk, made.at, made.author_id, made.body, people)
