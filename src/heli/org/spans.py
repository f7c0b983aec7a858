"""The arithmetic of validity: spans of time, primaries and chains, over any rows that have them. No database.

A span holds from ``starts`` (inclusive) until ``ends`` (exclusive; open when None).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class Spanned(Protocol):
    """Anything with a beginning and perhaps an end."""

    starts: datetime
    ends: datetime | None


class Ranked(Spanned, Protocol):
    """A spanned thing of which one at a time is the primary one."""

    primary: bool


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, not empty."""

    starts: datetime
    ends: datetime | None = None

    def common(self, other: Span) -> Span | None:
        """The moments in both, None when there are none."""
        starts = max(self.starts, other.starts)
        ends = self.ends if other.ends is None else other.ends if self.ends is None else min(self.ends, other.ends)
        return None if ends is not None and ends <= starts else Span(starts, ends)

    def covers(self, other: Span) -> bool:
        """Whether every moment of the other is one of this."""
        if self.starts > other.starts:
            return False
        return self.ends is None or (other.ends is not None and other.ends <= self.ends)


def of(row: Spanned) -> Span:
    return Span(row.starts, row.ends)


def holds(row: Spanned, moment: datetime) -> bool:
    return row.starts <= moment and (row.ends is None or row.ends > moment)


def meet(one: Spanned, other: Spanned) -> bool:
    """Whether the two hold at some moment together."""
    return of(one).common(of(other)) is not None


def rivals[R: Ranked](rows: Sequence[R]) -> tuple[R, R] | None:
    """Two primaries that hold at one moment, earlier beginning first; None when there are none."""
    primaries = sorted((r for r in rows if r.primary), key=lambda r: r.starts)
    last: R | None = None
    for row in primaries:
        if last is not None and meet(last, row):
            return last, row
        if last is None or last.ends is None or (row.ends is None or row.ends > last.ends):
            last = row
    return None


def leaderless[R: Ranked](rows: Sequence[R]) -> tuple[R, datetime] | None:
    """The first moment at which a row holds and no primary does, with such a row; None when there is none."""
    for moment in sorted({edge for r in rows for edge in (r.starts, r.ends) if edge is not None}):
        here = [r for r in rows if holds(r, moment)]
        if here and not any(r.primary for r in here):
            return here[0], moment
    return None


def chain(
    start: int, target: int, span: Span, links: Callable[[int], Iterable[tuple[int, Span]]]
) -> tuple[tuple[int, ...], datetime] | None:
    """The first way found from ``start`` along links to ``target`` that holds at one moment within ``span``.

    Returns the nodes from ``start`` to ``target`` and the first such moment; None when there is no way.
    """
    seen: dict[int, list[Span]] = defaultdict(list)
    todo: list[tuple[tuple[int, ...], Span]] = [((start,), span)]
    while todo:
        path, during = todo.pop()
        here = path[-1]
        if here == target:
            return path, during.starts
        if any(known.covers(during) for known in seen[here]):
            continue
        seen[here].append(during)
        for following, when in links(here):
            shared = during.common(when)
            if shared is not None:
                todo.append(((*path, following), shared))
    return None
