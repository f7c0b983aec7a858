"""Comments 评论 on records: whoever sees the record reads and writes them, and may mention others who see it.

An author changes and deletes their own as long as they see the record. Who may delete the record itself may delete anybody's
comment on it, which is how an improper one goes; nobody ever changes another's words. The words of before stay in the
audit log, a deleted comment leaves no more than a line in the record's history.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from heli.access.viewer import Viewer
from heli.audit import log
from heli.audit.log import EntryData
from heli.jobs import events
from heli.kernel import clock
from heli.kernel.errors import HeliError, Invalid, NotFound, Problem, Refused, Stale
from heli.kernel.words import Words
from heli.notices import tell as notices
from heli.records import act, mentions, store
from heli.records.fields.base import FieldError, check_text
from heli.records.models import Comment, Mention
from heli.records.rows import RowView
from heli.records.work import Work

MENTION = "mention"
"""The kind of notice of who is mentioned."""
MOST_CHARACTERS = 5000
MOST_LISTED = 500
EMPTY = Words("评论不能为空", "a comment needs some text")
NOT_YOURS = Words(
    "只有作者能修改自己的评论；可以另写一条评论", "only its author changes a comment; write another one instead"
)
NOT_TO_DELETE = Words(
    "只有作者，或有权删除这条记录的人，才能删除这条评论",
    "only its author, or somebody who may delete this record, deletes this comment",
)
CHANGED = Words(
    "这条评论刚被修改过，请对照最新内容后再保存", "this comment has been changed meanwhile; compare and save again"
)


@dataclass(frozen=True, slots=True)
class Said:
    """One comment. ``body`` holds its mentions as ``@{12}`` (see ``mentions``); ``new``: the viewer's own unseen one.

    ``edited``: when its words were last changed; ``tag`` is another after each change; ``may_edit`` and ``may_delete`` are the
    viewer's.
    """

    id: int
    at: datetime
    author: int
    body: str
    people: tuple[int, ...] = ()
    new: int | None = None
    edited: datetime | None = None
    tag: str = ""
    may_edit: bool = False
    may_delete: bool = False


def listed(viewer: Viewer, code: str, record: str) -> list[Said]:
    """The comments of a record, oldest first (the newest 500). Raises NotFound when the viewer does not see it."""
    asked = store.query(viewer, code)
    clears = _may_clear(viewer, asked, asked.one(record))
    rows = Comment.objects.filter(type=code, record_id=record).order_by("-id")[:MOST_LISTED]
    ids = [one.pk for one in rows]
    people, new = mentions.of_comments(ids), mentions.new_on(viewer, ids)
    return [_said(viewer, one, people.get(one.pk, ()), new.get(one.pk), clears=clears) for one in reversed(rows)]


def add(viewer: Viewer, code: str, record: str, body: str, mentioned: Sequence[int] = ()) -> Said:
    """Say something about a record; ``mentioned`` are people whose signs ``@{id}`` the text holds.

    Raises NotFound, Invalid naming the place (a person who does not see the record among them).
    """
    text = _text(body)
    with log.transaction():
        now = act.current(viewer)
        asked = store.query(now, code)
        seen = asked.one(record)
        people = mentions.check(now, asked.kind, seen.row, text, mentioned)
        made = Comment.objects.create(type=code, record_id=record, author_id=now.person or 0, body=text, at=clock.now())
        Mention.objects.bulk_create([Mention(comment=made, person_id=person) for person in people])
        _tell(now, made, "comment", None, _dumped(made, people), mentions.hearing(asked.kind, seen.row, people))
        return _said(now, made, people, clears=_may_clear(now, asked, seen))


def edit(
    viewer: Viewer, code: str, record: str, comment: int, body: str, mentioned: Sequence[int] = (), *, tag: str
) -> Said:
    """Change the words of one's own comment. Who is mentioned newly is told, who is no longer mentioned is told no more;
    who was mentioned before stays so, also without seeing the record by now.

    ``tag`` is the comment's when it was read. Raises NotFound, Refused for another's, Stale, Invalid naming the place.
    """
    text = _text(body)
    with log.transaction():
        now = act.current(viewer)
        asked = store.query(now, code)
        seen = asked.one(record)
        row = _locked(code, record, comment)
        if row.author_id != now.person:
            raise _refused(now, row, "comment_edit", NOT_YOURS)
        if tag != _tag(row):
            raise Stale(CHANGED)
        before = mentions.of_comments([row.pk]).get(row.pk, ())
        people = mentions.check(now, asked.kind, seen.row, text, mentioned, known=before)
        old = _dumped(row, before)
        if text != row.body or set(people) != set(before):
            row.body, row.edited_at, row.version = text, clock.now(), row.version + 1
            row.save(update_fields=["body", "edited_at", "version"])
            added = [person for person in people if person not in before]
            Mention.objects.filter(comment=row).exclude(person_id__in=people).delete()
            Mention.objects.bulk_create([Mention(comment=row, person_id=person) for person in added])
            _tell(now, row, "comment_edit", old, _dumped(row, people), mentions.hearing(asked.kind, seen.row, added))
        new = mentions.new_on(now, [row.pk]).get(row.pk)
        return _said(now, row, people, new, clears=_may_clear(now, asked, seen))


def delete(viewer: Viewer, code: str, record: str, comment: int, *, tag: str) -> None:
    """Take a comment away with its mentions. Raises NotFound, Refused, Stale when it was changed since it was read."""
    with log.transaction():
        now = act.current(viewer)
        asked = store.query(now, code)
        seen = asked.one(record)
        row = _locked(code, record, comment)
        if row.author_id != now.person and not _may_clear(now, asked, seen):
            raise _refused(now, row, "comment_delete", NOT_TO_DELETE)
        if tag != _tag(row):
            raise Stale(CHANGED)
        old = {**_dumped(row, mentions.of_comments([row.pk]).get(row.pk, ())), "author": row.author_id}
        number = row.pk
        row.delete()
        row.pk = number
        _tell(now, row, "comment_delete", old, None, ())


def _text(body: str) -> str:
    try:
        text = check_text(body, MOST_CHARACTERS)
    except FieldError as error:
        raise Invalid(Problem("body", error.code, error.words)) from None
    if not text.strip():
        raise Invalid(Problem("body", "required", EMPTY))
    return text


def _locked(code: str, record: str, comment: int) -> Comment:
    row = Comment.objects.select_for_update().filter(pk=comment, type=code, record_id=record).first()
    if row is None:
        raise NotFound
    return row


def _may_clear(viewer: Viewer, asked: store.Query, seen: RowView) -> bool:
    """Whether the viewer may delete what others said: who may delete the record itself."""
    return Work(viewer, asked.kind, asked.sight).decision("delete", seen.row).allowed


def _tag(row: Comment) -> str:
    return f"{row.pk}-{row.version}"


def _said(viewer: Viewer, row: Comment, people: tuple[int, ...], new: int | None = None, *, clears: bool) -> Said:
    own = row.author_id == viewer.person
    return Said(row.pk, row.at, row.author_id, row.body, people, new, row.edited_at, _tag(row), own, own or clears)


# -- telling ---------------------------------------------------------------------------------------------------


def _dumped(row: Comment, people: Sequence[int]) -> dict[str, Any]:
    return {"comment": row.pk, "body": row.body, **({"mentions": list(people)} if people else {})}


def _tell(
    viewer: Viewer, row: Comment, verb: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None,
    mentioned: Sequence[int],
) -> None:  # fmt: skip
    events.publish(f"{row.type}.{verb}", row.type, row.record_id, {"comment": row.pk, "mentions": list(mentioned)})
    log.append(_entry(viewer, row, verb, before, after))
    notices.tell(
        mentioned,
        MENTION,
        mentions.SOURCE.format(comment=row.pk),
        row.type,
        row.record_id,
        by=row.author_id,
        data={"comment": row.pk},
    )


def _refused(viewer: Viewer, row: Comment, verb: str, words: Words) -> HeliError:
    """A refusal that the log keeps, as it keeps those of the write door."""
    log.append_alone(_entry(viewer, row, verb, None, None, refused=words.en))
    return Refused(words, code="not_author", why={"code": "not_author", "words": words.json()})


def _entry(
    viewer: Viewer, row: Comment, verb: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None,
    refused: str = "",
) -> EntryData:  # fmt: skip
    return EntryData(
        action=f"{row.type}.{verb}",
        object_type=row.type,
        object_id=row.record_id,
        actor_id=viewer.person,
        actor_name=viewer.name,
        acting_for_id=viewer.actor.acting_for,
        outcome="refused" if refused else "done",
        origin=viewer.actor.origin,
        reason=refused,
        before=before,
        after=after,
    )
