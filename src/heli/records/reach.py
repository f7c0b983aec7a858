"""Reach rows: read live for every question, kept by the write door."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from heli.access.compile import NO_REACH, ReachSets
from heli.access.core.decide import TypeRights
from heli.access.core.line import Reached
from heli.kernel import clock
from heli.kernel.quick import Statement
from heli.records import sql
from heli.records.types import ObjectType

MOST_BOUND = 1000
"""Up to so many reached records are bound as literals; above that they become a branch of their own."""
MOST_TOGETHER = 20_000
PART = 500

_LIST = (
    "SELECT kind, line, via, record_id FROM access_reach WHERE person_id=%s AND type=%s "
    "AND (until IS NULL OR until>%s) LIMIT %s"
)
_TOGETHER = (
    "SELECT DISTINCT kind, line, via, record_id FROM access_reach WHERE person_id IN ({marks}) AND type=%s "
    "AND (until IS NULL OR until>%s) LIMIT %s"
)
_COUNT = (
    "SELECT kind, line, COUNT(*) FROM access_reach WHERE person_id=%s AND type=%s "
    "AND (until IS NULL OR until>%s) GROUP BY kind, line"
)
_ONE = (
    "SELECT kind, line FROM access_reach WHERE person_id=%s AND type=%s AND (until IS NULL OR until>%s) "
    "AND ((via='id' AND record_id=%s) OR (via='account' AND record_id=%s))"
)

_ALONE = _ONE.replace("record_id=%s))", 'record_id=(SELECT account_id FROM "{table}" WHERE id=%s)))')


def asks(rights: TypeRights) -> bool:
    """Whether any held line, or a line of a ceiling, depends on reach rows."""
    bounds = (h for c in rights.ceilings for h in c.lines)
    return any(isinstance(a, Reached) for held in (rights.lines, bounds) for h in held for a in h.atoms)


def sets(person: int | None, rights: TypeRights) -> ReachSets:
    """What a person reaches of one type now."""
    if person is None or not asks(rights):
        return NO_REACH
    code = rights.shape.code
    moment = clock.now()
    found = sql.rows(_LIST, [person, code, sql.bind(moment), MOST_BOUND + 1])
    large: frozenset[tuple[str, str]] = frozenset()
    if len(found) > MOST_BOUND:
        counted = sql.rows(_COUNT, [person, code, sql.bind(moment)])
        ordered = sorted(counted, key=lambda r: r[2])
        total, kept = 0, set()
        for kind, line, n in ordered:
            total += n
            if total <= MOST_BOUND:
                kept.add((kind, line))
        large = frozenset((k, t) for k, t, _ in counted) - kept
        found = [r for pair in kept for r in _some(person, code, moment, pair)]
    ids: dict[tuple[str, str], set[str]] = defaultdict(set)
    accounts: dict[tuple[str, str], set[str]] = defaultdict(set)
    for kind, line, via, record in found:
        (ids if via == "id" else accounts)[kind, line].add(record)
    return ReachSets(
        {k: tuple(sorted(v)) for k, v in ids.items()},
        {k: tuple(sorted(v)) for k, v in accounts.items()},
        large, person, code, moment,
    )  # fmt: skip


def sets_of(people: Sequence[int], rights: TypeRights) -> ReachSets:
    """What any of these people reaches of one type now, all together: for counting, where nobody in particular looks.
    Beyond ``MOST_TOGETHER`` rows the rest is left out."""
    if not asks(rights):
        return NO_REACH
    moment = sql.bind(clock.now())
    ids: dict[tuple[str, str], set[str]] = defaultdict(set)
    accounts: dict[tuple[str, str], set[str]] = defaultdict(set)
    left = MOST_TOGETHER
    for start in range(0, len(people), PART):
        part = people[start : start + PART]
        marks = ",".join(["%s"] * len(part))
        found = sql.rows(_TOGETHER.format(marks=marks), [*part, rights.shape.code, moment, left])
        for kind, line, via, record in found:
            (ids if via == "id" else accounts)[kind, line].add(record)
        left -= len(found)
        if left <= 0:
            break
    return ReachSets({k: tuple(sorted(v)) for k, v in ids.items()}, {k: tuple(sorted(v)) for k, v in accounts.items()})


def _some(person: int, code: str, moment: Any, pair: tuple[str, str]) -> list[tuple[Any, ...]]:
    return sql.rows(
        "SELECT kind, line, via, record_id FROM access_reach WHERE person_id=%s AND type=%s "
        "AND kind=%s AND line=%s AND (until IS NULL OR until>%s)",
        [person, code, *pair, sql.bind(moment)],
    )


def asking(person: int | None, rights: TypeRights, kind: ObjectType, record: str) -> list[Statement]:
    """The statement, if one is needed, of how this person reaches one record now: (kind, line) of each way. It finds the record's customer
    by itself, and so can be run beside the one that reads the record."""
    if person is None or not asks(rights):
        return []
    moment = sql.bind(clock.now())
    if kind.parent != "account":
        return [(_ONE, [person, kind.code, moment, record, ""])]
    return [(_ALONE.format(table=kind.table), [person, kind.code, moment, record, record])]


def of_row(person: int | None, rights: TypeRights, record: str, account: str | None) -> frozenset[tuple[str, str]]:
    """How this person reaches one record now."""
    if person is None or not asks(rights):
        return frozenset()
    moment = sql.bind(clock.now())
    found = sql.rows(_ONE, [person, rights.shape.code, moment, record, account or ""])
    return frozenset((kind, line) for kind, line in found)
