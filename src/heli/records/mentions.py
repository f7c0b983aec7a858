"""Mentions 提到: people named in a comment. Only who sees the record can be mentioned; they find it in their workbench.

In a comment's text a mention stands as ``@{12}``, and counts only for the people that the comment names: the same signs
typed by hand stay text. Names are put in when it is read.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

from django.db.models import Q

from heli.access import view as views
from heli.access.core.depends import Told, both_ways
from heli.access.viewer import Viewer
from heli.kernel import clock
from heli.kernel.errors import Invalid, Problem
from heli.kernel.words import Words
from heli.notices import inbox
from heli.org.models import Person
from heli.records import cursor, names, readers, related, store, visible
from heli.records.models import Comment, Mention
from heli.records.sight import row_facts, told_to
from heli.records.types import TYPES, ObjectType

SOURCE = "mention:{comment}"
"""The source of the notice of a comment's mentions."""
MOST = 20
"""People mentioned in one comment."""
MOST_OFFERED = 12
MOST_ASKED = 60
"""People whose rights are looked at for one offer."""
MOST_COUNTED = 100
PAGE = 50
type Reached = Mapping[int, frozenset[tuple[str, str]]]
"""By person, how they reach the record (``readers.reached_by``)."""
_SIGN = re.compile(r"@\{([0-9]{1,18})\}")

CANNOT_SEE = Words(
    "没有这个人，或者此人看不到这条记录，因此不能提到；可先请有权的人把此人加入团队",
    "there is no such person, or they cannot see this record, so they cannot be mentioned; have them added to its team first",
)
NOT_IN_TEXT = Words("评论里没有提到此人的标记 {sign}", "the comment does not hold the sign of this person, {sign}")
TWICE = Words("此人已经在前面给出", "this person is named before")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a comment: text, or a person."""

    text: str = ""
    person: int | None = None


def parts(body: str, mentioned: Collection[int]) -> list[Part]:
    """A comment's text cut at its mentions."""
    found: list[Part] = []
    start = 0
    for sign in _SIGN.finditer(body):
        person = int(sign[1])
        if person in mentioned:
            if sign.start() > start:
                found.append(Part(body[start : sign.start()]))
            found.append(Part(person=person))
            start = sign.end()
    if start < len(body) or not found:
        found.append(Part(body[start:]))
    return found


def plain(cut: Iterable[Part], called: Mapping[int, str]) -> str:
    """A comment as one text, with names."""
    return "".join(one.text if one.person is None else f"@{called.get(one.person, '')}" for one in cut)


# -- who sees a record -----------------------------------------------------------------------------------------


def sees(person: int, kind: ObjectType, row: Mapping[str, Any], reached: Reached, told: Told | None = None) -> bool:
    """Whether somebody sees this row now, under their own rights; with ``told``, as far as who asks may know of its cells.

    Whoever sees it by what a cell holds that the asker does not read counts as seeing it, whatever it holds: a mention shows
    to nobody who does not see the record, and a no would tell what is in the cell.
    """
    rights = views.of(person).type(kind.code)
    if rights is None:
        return False
    if told is not None:
        rights = both_ways(rights, told)[1]
    facts = row_facts(dict(row), reached.get(person, frozenset()))
    return rights.decide("read", facts).allowed


def check(
    viewer: Viewer, kind: ObjectType, row: Mapping[str, Any], body: str, mentioned: Iterable[int], *,
    known: Collection[int] = (),
) -> tuple[int, ...]:  # fmt: skip
    """The people whom a comment of the viewer mentions. Raises Invalid, naming the place, for one who does not see the record;
    ``known`` are those whom it mentions already."""
    wanted = tuple(mentioned)
    reached = readers.reached_by(kind, row, viewer) if wanted else {}
    told = told_to(viewer, kind, row)
    signs = {int(sign[1]) for sign in _SIGN.finditer(body)}
    here = set(Person.objects.filter(pk__in=wanted).exclude(status=Person.LEFT).values_list("pk", flat=True))
    problems: list[Problem] = []
    for n, person in enumerate(wanted):
        if person in wanted[:n]:
            problems.append(Problem(f"mentions/{n}", "repeated", TWICE))
        elif person not in signs:
            words = NOT_IN_TEXT.fill(sign=f"@{{{person}}}")
            problems.append(Problem(f"mentions/{n}", "not_in_text", words))
        elif person not in known and (person not in here or not sees(person, kind, row, reached, told)):
            problems.append(Problem(f"mentions/{n}", "cannot_see", CANNOT_SEE))
    if problems:
        raise Invalid(problems)
    return wanted


def hearing(kind: ObjectType, row: Mapping[str, Any], mentioned: Iterable[int]) -> list[int]:
    """Those of the people mentioned who see the record now: the others find it once they do, and hear nothing before."""
    wanted = list(mentioned)
    reached = readers.reached_by(kind, row) if wanted else {}
    return [one for one in wanted if sees(one, kind, row, reached)]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who could be mentioned, or who is meant and does not see the record."""

    person: int
    sees: bool


def candidates(viewer: Viewer, code: str, record: str, text: str = "") -> list[Candidate]:
    """Whom a text after ``@`` may mean: those who see the record first, nearest to it first.

    Who does not see it is told only when a name is asked for, and only to employees: they know who works here. Raises
    NotFound when the viewer does not see the record.
    """
    asked = store.query(viewer, code)
    seen = asked.one(record)
    told, reached = told_to(viewer, asked.kind, seen.row), readers.reached_by(asked.kind, seen.row, viewer)
    owner = seen.row.get("owner_id") if told("owner") else None  # first in the list, they would be told to everybody
    near = [owner, *(one["person"] for one in related.team_of(asked.kind, record))]
    near += Comment.objects.filter(type=code, record_id=record).order_by("-id").values_list("author_id", flat=True)[:20]
    rank = {person: n for n, person in reversed(list(enumerate(near)))}
    people = Person.objects.exclude(status=Person.LEFT).exclude(pk=viewer.person or 0)
    wanted = text.strip()
    if wanted:
        key = wanted.casefold().replace(" ", "")
        people = people.filter(
            Q(display_name__icontains=wanted) | Q(username__icontains=wanted) | Q(name_key__contains=key)
        )
    first = list(people.filter(pk__in=[p for p in rank if p is not None]).values_list("pk", flat=True))
    rest = people.exclude(pk__in=first).order_by("name_key", "pk").values_list("pk", flat=True)[:MOST_ASKED]
    good: list[Candidate] = []
    others: list[Candidate] = []
    for person in (*sorted(first, key=lambda one: rank[one]), *rest):
        if sees(person, asked.kind, seen.row, reached, told):
            good.append(Candidate(person, True))
        elif wanted and viewer.kind == Person.EMPLOYEE:
            others.append(Candidate(person, False))
        if len(good) == MOST_OFFERED:
            break
    return [*good, *others][:MOST_OFFERED]


# -- what mentions me ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mentioned:
    """One mention of the viewer, on a record that they see now."""

    id: int
    at: datetime
    author: int
    type: str
    record: str
    title: str
    body: str
    people: tuple[int, ...]
    seen: bool


def mine(viewer: Viewer, after: str | None = None, *, unseen: bool = False) -> tuple[list[Mentioned], str | None]:
    """A page of the mentions of the viewer, the latest first, as far as they see the records now; and the next page's cursor.

    Raises Invalid for a bad cursor.
    """
    rows = Mention.objects.filter(person_id=viewer.person or 0).select_related("comment").order_by("-id")
    if unseen:
        rows = rows.filter(seen_at__isnull=True)
    bound = (viewer.person, "mentions", unseen)
    if after is not None:
        rows = rows.filter(pk__lt=cursor.unseal(after, *bound)[0])
    found = list(rows[: PAGE + 1])
    page = found[:PAGE]
    titles = _titles(viewer, page)
    people = of_comments([one.comment_id for one in page])
    told = [
        Mentioned(
            one.pk, one.comment.at, one.comment.author_id, one.comment.type, one.comment.record_id,
            titles[one.comment.type, one.comment.record_id], one.comment.body, people.get(one.comment_id, ()),
            one.seen_at is not None,
        )
        for one in page
        if (one.comment.type, one.comment.record_id) in titles
    ]  # fmt: skip
    return told, cursor.seal([page[-1].pk], *bound) if len(found) > PAGE else None


def _titles(viewer: Viewer, page: list[Mention]) -> dict[tuple[str, str], str]:
    """Titles of the records that are visible; empty where only the title is not."""
    ids: dict[str, list[str]] = {}
    for one in page:
        if one.comment.type in TYPES:
            ids.setdefault(one.comment.type, []).append(one.comment.record_id)
    found: dict[tuple[str, str], str] = {}
    for code, some in ids.items():
        here = visible.among(viewer, code, some)
        shown = names.shown(viewer, code, here, TYPES[code].title) if here else {}
        found |= {(code, record): str(shown.get(record) or "") for record in here}
    return found


@dataclass(frozen=True, slots=True)
class News:
    """What mentions somebody newly: how many, and a mark that is another whenever one comes, goes or is rewritten."""

    count: int
    mark: str


def unseen(viewer: Viewer) -> News:
    """The new mentions of the viewer on records that they see now (of the latest 100); of others nothing shows in it."""
    rows = Mention.objects.filter(person_id=viewer.person or 0, seen_at__isnull=True).order_by("-id")
    found = list(rows.values_list("comment__type", "comment__record_id", "pk", "comment__version")[:MOST_COUNTED])
    by_type: dict[str, set[str]] = {}
    for code, record, _, _ in found:
        by_type.setdefault(code, set()).add(record)
    here = {(code, one) for code, ids in by_type.items() if code in TYPES for one in visible.among(viewer, code, ids)}
    mine = [(pk, version) for code, record, pk, version in found if (code, record) in here]
    return News(len(mine), blake2b(repr(mine).encode(), digest_size=8).hexdigest() if mine else "")


def mark_seen(viewer: Viewer, ids: Collection[int]) -> None:
    """The viewer has seen these mentions; ids that are not theirs are passed over in silence."""
    person = viewer.person or 0
    mine = Mention.objects.filter(person_id=person, pk__in=ids)
    told = [SOURCE.format(comment=one) for one in mine.values_list("comment_id", flat=True)]
    mine.filter(seen_at__isnull=True).update(seen_at=clock.now())
    inbox.seen_by_source(person, told)


def of_comments(comments: Collection[int]) -> dict[int, tuple[int, ...]]:
    """The people whom each of these comments mentions."""
    found: dict[int, tuple[int, ...]] = {}
    rows = Mention.objects.filter(comment_id__in=list(comments)).order_by("pk")
    for comment, person in rows.values_list("comment_id", "person_id"):
        found[comment] = (*found.get(comment, ()), person)
    return found


def new_on(viewer: Viewer, comments: Collection[int]) -> dict[int, int]:
    """The viewer's own unseen mentions in these comments: mention by comment."""
    rows = Mention.objects.filter(person_id=viewer.person or 0, comment_id__in=list(comments), seen_at__isnull=True)
    return dict(rows.values_list("comment_id", "pk"))
