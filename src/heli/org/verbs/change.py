"""What every verb of the organisation shares: one transaction, one lock, its audit entries and the hook at its end."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection

from heli.audit import log
from heli.audit.log import EntryData
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.kernel.errors import Conflict, Invalid, Problem
from heli.kernel.hooks import organisation_changed
from heli.kernel.words import Words

_LOCK = 0x48454C49  # any number of our own
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_CODE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?\Z")


class Change:
    """One change under way: who makes it, at which moment, and what is to be told when it is done."""

    def __init__(self, by: Actor) -> None:
        self.by = by
        self.now = clock.now()
        self._entries: list[EntryData] = []
        self._people: set[int] = set()
        self._tree = False

    def note(
        self,
        action: str,
        object_id: object,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        """One audit entry; ``action`` is ``<object type>.<verb>``. Given both sides, only what differs is kept."""
        if before is not None and after is not None:
            differing = [k for k in {**before, **after} if before.get(k) != after.get(k)]
            before = {k: before[k] for k in differing if k in before}
            after = {k: after[k] for k in differing if k in after}
        by = self.by
        self._entries.append(
            EntryData(
                action=action,
                object_type=action.partition(".")[0],
                object_id=str(object_id),
                actor_id=by.person,
                actor_name=by.name,
                acting_for_id=by.acting_for,
                origin=by.origin,
                via=by.via,
                before=before,
                after=after,
                at=self.now,
            )
        )

    def touch(self, *people: int) -> None:
        """These people's own rights may have changed."""
        self._people.update(people)

    def tree(self) -> None:
        """Anybody's rights may have changed."""
        self._tree = True

    def close(self) -> None:
        """Tell the layers above, then the log, whose head stays locked until the transaction ends."""
        if self._tree:
            organisation_changed.fire(None)
        if self._people:
            organisation_changed.fire(frozenset(self._people))
        if self._entries:
            log.append_many(self._entries)


@contextmanager
def changing(by: Actor) -> Iterator[Change]:
    """One transaction in which nobody else changes the organisation: what is checked here still holds at commit.

    SQLite's writers are alone anyway; on PostgreSQL an advisory lock makes the verbs wait for each other.
    """
    with log.transaction():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        change = Change(by)
        yield change
        change.close()


class Problems:
    """What is wrong with the input, gathered before anything is written.

    In a batch the place of a problem begins with the row's number from 0 (``3/username``).
    """

    def __init__(
        self, *, batch: bool = False, prefix: str = "", found: list[tuple[Problem, bool]] | None = None
    ) -> None:
        self._batch = batch
        self._prefix = prefix
        self._found: list[tuple[Problem, bool]] = [] if found is None else found

    def row(self, number: int) -> Problems:
        """The same list, for one row of a batch."""
        return Problems(prefix=f"{number}/", found=self._found) if self._batch else self

    def __len__(self) -> int:
        return len(self._found)

    def invalid(self, place: str, code: str, words: Words) -> None:
        """Input that is wrong whatever is stored."""
        self._found.append((Problem(self._prefix + place, code, words), False))

    def conflict(self, place: str, code: str, words: Words) -> None:
        """Input that is fine but does not go with what is stored."""
        self._found.append((Problem(self._prefix + place, code, words), True))

    def check(self) -> None:
        """Raise Conflict, in the words of the first, when all that is wrong is of that sort; Invalid when anything else
        is; both with every place."""
        if not self._found:
            return
        problems = [problem for problem, _ in self._found]
        if not all(conflict for _, conflict in self._found):
            raise Invalid(problems, code=problems[0].code if len(problems) == 1 else None)
        raise Conflict(problems[0].words, code=problems[0].code, problems=problems)


def text(problems: Problems, place: str, value: object, limit: int, *, required: bool = True) -> str:
    """The text without blanks at its ends; a problem when it is empty, longer than ``limit`` characters or has
    control characters."""
    if not isinstance(value, str):
        problems.invalid(place, "type", Words("应为文本", "must be text"))
        return ""
    clean = value.strip()
    if required and not clean:
        problems.invalid(place, "required", Words("不能为空", "must not be empty"))
    elif len(clean) > limit:
        problems.invalid(place, "too_long", Words(f"最多 {limit} 个字符", f"at most {limit} characters"))
    elif _CONTROL.search(clean):
        problems.invalid(place, "control_character", Words("含有控制字符", "contains control characters"))
    else:
        return clean
    return ""


def code(problems: Problems, place: str, value: object) -> str:
    """A code of 1 to 64 Latin letters, digits, dots, hyphens and underscores; "" stays "" (one will be made)."""
    if value == "":
        return ""
    if isinstance(value, str) and _CODE.match(value):
        return value
    problems.invalid(
        place,
        "pattern",
        Words("编码由 1 至 64 个字母、数字、点、连字符或下划线组成，首尾为字母或数字",
              "a code has 1 to 64 letters, digits, dots, hyphens or underscores, a letter or digit first and last"),
    )  # fmt: skip
    return ""


def span(problems: Problems, starts: datetime, ends: datetime | None, *, bounded: bool = False) -> bool:
    """Whether the two aware moments make a span, with an end when it must be ``bounded``; a problem at ``starts`` or
    ``ends`` when they do not."""
    before = len(problems)
    for place, moment, required in (("starts", starts, True), ("ends", ends, bounded)):
        if (moment is not None or required) and (not isinstance(moment, datetime) or moment.tzinfo is None):
            problems.invalid(place, "type", Words("应为带时区的时刻", "must be a moment with its time zone"))
    if len(problems) == before and ends is not None and ends <= starts:
        problems.invalid("ends", "ends_before_start", Words("结束不晚于开始", "ends before it starts"))
    return len(problems) == before
