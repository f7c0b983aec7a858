"""The arithmetic of validity, compared with looking at every moment one by one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from heli.org import spans

START = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = [START + timedelta(days=n) for n in range(12)]


def day(number: int) -> datetime:
    return START + timedelta(days=number)


@dataclass
class Row:
    starts: datetime
    ends: datetime | None
    primary: bool = False


@st.composite
def rows(draw: st.DrawFn) -> Row:
    starts = draw(st.integers(0, 9))
    ends = draw(st.none() | st.integers(starts + 1, 10))
    return Row(day(starts), None if ends is None else day(ends), draw(st.booleans()))


@given(rows(), rows())
def test_two_spans_meet_exactly_when_some_day_is_in_both(one: Row, other: Row) -> None:
    both = [d for d in DAYS if spans.holds(one, d) and spans.holds(other, d)]
    shared = spans.of(one).common(spans.of(other))
    assert (shared is not None) == bool(both)
    assert spans.meet(one, other) == spans.meet(other, one) == bool(both)
    if shared is not None:
        assert shared.starts == both[0]
        assert [d for d in DAYS if spans.holds(shared, d)] == both


@given(rows(), rows())
def test_covering_means_every_day(one: Row, other: Row) -> None:
    every = all(spans.holds(one, d) for d in DAYS if spans.holds(other, d))
    assert spans.of(one).covers(spans.of(other)) == every


@given(st.lists(rows(), max_size=5))
def test_rivals_and_gaps_are_found_exactly_when_a_day_shows_them(some: list[Row]) -> None:
    crowded = [d for d in DAYS if sum(r.primary and spans.holds(r, d) for r in some) > 1]
    pair = spans.rivals(some)
    assert (pair is not None) == bool(crowded)
    if pair is not None:
        assert pair[0] is not pair[1]
        assert spans.meet(*pair)
    empty = [
        d
        for d in DAYS
        if any(spans.holds(r, d) for r in some) and not any(r.primary and spans.holds(r, d) for r in some)
    ]
    gap = spans.leaderless(some)
    assert (gap is not None) == bool(empty)
    if gap is not None:
        assert gap[1] == empty[0]


LINKS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), rows()), max_size=8)


@given(LINKS, rows())
def test_a_way_is_found_exactly_when_some_day_has_one(links: list[tuple[int, int, Row]], during: Row) -> None:
    def reach(moment: datetime) -> bool:
        found, todo = set(), [0]
        while todo:
            here = todo.pop()
            if here not in found:
                found.add(here)
                todo += [b for a, b, row in links if a == here and spans.holds(row, moment)]
        return 4 in found

    days = [d for d in DAYS if spans.holds(during, d) and reach(d)]
    way = spans.chain(0, 4, spans.of(during), lambda pk: [(b, spans.of(row)) for a, b, row in links if a == pk])
    assert (way is not None) == bool(days)
    if way is not None:
        path, moment = way
        assert path[0] == 0
        assert path[-1] == 4
        assert moment in days
        for one, other in pairwise(path):
            assert any((a, b) == (one, other) and spans.holds(row, moment) for a, b, row in links)
