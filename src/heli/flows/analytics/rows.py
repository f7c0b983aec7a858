"""The rows of our own cases as a log: a visit is all work at a node in one round."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from heli.flows import store
from heli.flows.analytics.scope import Case, Scope
from heli.flows.core.definition import CATCHES, Kind, Node
from heli.flows.mining import traffic
from heli.flows.mining.log import (
    APPROVED,
    COMPLETED,
    NOBODY,
    NONE,
    PLAIN,
    REFUSED,
    REJECTED,
    RUNNING,
    WITHDRAWN,
    Ints,
    Log,
    ordered,
)
from heli.flows.mining.moments import EPOCH
from heli.flows.models import Instance, Work
from heli.insight import company
from heli.kernel.words import Words
from heli.records import sql

STATES = {
    Instance.RUNNING: RUNNING, Instance.COMPLETED: COMPLETED, Instance.REJECTED: REFUSED, Instance.WITHDRAWN: WITHDRAWN,
}  # fmt: skip
# A moment that is worked out is told by SQLite's driver as it is kept: to make each an object first takes longer than all else.
_WORK = (
    "SELECT w.instance_id, COALESCE(w.version_id, i.version_id), w.node, "
    "w.round, w.person_id, w.done_by, w.state, w.outcome, w.opinion, COALESCE(w.opened_at, NULL), COALESCE(w.seen_at, NULL), "
    "COALESCE(w.due_at, NULL), COALESCE(w.done_at, NULL) "
    "FROM flows_work w JOIN flows_instance i ON i.id = w.instance_id WHERE i.process_code = %s AND (i.state = 'running' OR i.ended_at >= %s) "
    "AND w.opened_at IS NOT NULL ORDER BY w.instance_id, w.number"
)
_DONE = (
    "SELECT h.instance_id, COALESCE(h.version_id, i.version_id), h.node, h.round, COALESCE(h.at, NULL) "
    "FROM flows_happening h JOIN flows_instance i ON i.id = h.instance_id "
    "WHERE i.process_code = %s AND (i.state = 'running' OR i.ended_at >= %s) AND h.what = 'done' ORDER BY h.instance_id, h.id"
)
_STANDING = "SELECT id, version_id, standing FROM flows_instance WHERE process_code = %s AND state = 'running'"
STEPS = frozenset(traffic.STEPS) - {Kind.USER}
JOINS = (Kind.PARALLEL, Kind.INCLUSIVE)


def halts(node: Node) -> bool:
    """Whether cases stand still there without being anybody's work: at a join, or until something happens."""
    return node.kind in (Kind.EVENTS, *CATCHES) or (node.kind in JOINS and len(node.incoming) > 1)


_MICRO = dt.timedelta(microseconds=1)


@dataclass(slots=True)
class _Visit:
    case: int
    node: str
    enabled: int
    started: int = NONE
    done: int = NONE
    due: int = NONE
    person: int | None = None
    outcome: int = PLAIN
    open: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """A log with what its numbers mean."""

    log: Log
    cases: Sequence[Case]
    people: Sequence[int]
    """Actors by number."""
    departments: Sequence[int]
    names: Mapping[str, Words]
    """What nodes are called, by id, in the latest version that has them."""
    joined: Mapping[str, frozenset[int]]
    """Where cases stand now without being anybody's work: which these are (their places in ``cases``), by the node's id."""


def micros(at: dt.datetime) -> int:
    return (at - EPOCH) // _MICRO


def read(scope: Scope) -> Told:
    """The log of what a scope tells."""
    cases = scope.told
    numbers = {one.id: number for number, one in enumerate(cases)}
    by_id = {one.id: one for one in cases}
    ids: dict[int, tuple[str, ...]] = {}
    kinds: dict[int, tuple[Kind, ...]] = {}
    names: dict[str, Words] = {}
    since = sql.bind(scope.now - dt.timedelta(days=scope.asked.days))
    works = [one for one in sql.rows(_WORK, [scope.process.code, since]) if one[0] in by_id]
    finished = [one for one in sql.rows(_DONE, [scope.process.code, since]) if one[0] in by_id]
    used = {one.version for one in cases} | {one[1] for one in works} | {one[1] for one in finished}
    for version in sorted(used | ({scope.process.current_id} if scope.process.current_id else set())):
        definition = scope.definition(version)
        ids[version], kinds[version] = tuple(n.id for n in definition.nodes), tuple(n.kind for n in definition.nodes)
        names |= {node.id: node.words for node in definition.nodes}
    veiled = {
        version: scope.veiled(version, {one[0] for one in works if one[1] == version != by_id[one[0]].version}) for version in used
    }  # fmt: skip
    visits: dict[tuple[int, str, int], _Visit] = {}
    times = zip(*(_moments([one[at] for one in works]) for at in range(9, 13)), strict=True)
    for (case, meant, node, round_, person, by, state, outcome, opinion, *_), (opened, seen, due, done) in zip(
        works, times, strict=True
    ):
        if case in veiled[meant].get(node, ()):  # what a case has behind it may be meant by another version
            continue
        key = (case, ids[meant][node], round_)
        visit = visits.get(key)
        if visit is None:
            visit = visits[key] = _Visit(numbers[case], key[1], opened)
        _add(visit, person, by, state, outcome, opinion, opened, seen, due, done)
    for (case, meant, node, round_, _), moment in zip(finished, _moments([one[4] for one in finished]), strict=True):
        if kinds[meant][node] in STEPS:
            key = (case, ids[meant][node], round_)
            visits[key] = _Visit(numbers[case], key[1], moment, moment, moment)
    rows = [one for one in visits.values() if one.done != NONE or one.open]
    return _told(rows, cases, names, _joined(scope, used, numbers))


def _joined(scope: Scope, used: Iterable[int], numbers: Mapping[int, int]) -> dict[str, frozenset[int]]:
    """Which cases have come to a join by one way and wait there for another, or wait for what is to happen."""
    joins = {
        version: {place: node.id for place, node in enumerate(definition.nodes) if halts(node)}
        for version in used if (definition := scope.definition(version)) is not None
    }  # fmt: skip
    found: dict[str, set[int]] = {}
    if any(joins.values()):
        for case, version, standing in sql.rows(_STANDING, [scope.process.code]):
            if case in numbers and joins.get(version):
                for place in store.places(standing):
                    if place in joins[version]:
                        found.setdefault(joins[version][place], set()).add(numbers[case])
    return {code: frozenset(some) for code, some in found.items()}


def _add(
    visit: _Visit, person: int, done_by: int | None, state: str, outcome: str, opinion: bool, opened: int, seen: int, due: int, done: int,
) -> None:  # fmt: skip
    """One person's part in a visit; a view that was asked for counts for nothing but having been looked at."""
    visit.enabled = min(visit.enabled, opened)
    if due != NONE:
        visit.due = due if visit.due == NONE else min(visit.due, due)
    if state == Work.OPEN:
        visit.open, visit.done = True, NONE
        return
    if state != Work.DONE or done == NONE:
        return
    if seen != NONE:
        visit.started = seen if visit.started == NONE else min(visit.started, seen)
    if opinion or visit.open:
        return
    if done >= visit.done:
        visit.done, visit.person = done, done_by or person
    if outcome == "rejected":
        visit.outcome = REJECTED
    elif visit.outcome == PLAIN and outcome == "approved":
        visit.outcome = APPROVED


PLAINLY = 26
"""Characters of a moment as SQLite keeps it, at most; what is longer names a zone."""


def _moments(values: Sequence[object]) -> list[int]:
    """Moments as the database tells them; NONE where there is none."""
    plain = [one if one is None or (isinstance(one, str) and len(one) <= PLAINLY) else _naive(one) for one in values]
    found: list[int] = (
        np.array(["NaT" if one is None else one for one in plain], "datetime64[us]").view(np.int64).tolist()
    )
    return found


def _naive(value: object) -> dt.datetime:
    """In UTC, not saying so."""
    if isinstance(value, str):
        value = dt.datetime.fromisoformat(value)
    assert isinstance(value, dt.datetime)
    return value if value.tzinfo is None else value.astimezone(dt.UTC).replace(tzinfo=None)


def _told(
    rows: Sequence[_Visit], cases: Sequence[Case], names: Mapping[str, Words], joined: Mapping[str, frozenset[int]]
) -> Told:
    here = company.now()
    activities = list(names)
    place = {name: number for number, name in enumerate(activities)}
    people = sorted({one.person for one in rows if one.person is not None})
    who = {one: number for number, one in enumerate(people)}
    homes = [here.homes.get(one) for one in people]
    departments = sorted({one for one in homes if one is not None})

    def column(values: Sequence[int]) -> Ints:
        return np.array(values, np.int64)

    case, done = column([one.case for one in rows]), column([one.done for one in rows])
    order = ordered(case, np.where(done == NONE, np.iinfo(np.int64).max, done))
    sorted_ = [rows[at] for at in order.tolist()] if order is not None else rows
    log = Log(
        [str(one.id) for one in cases], activities, [str(one) for one in people], column([one.case for one in sorted_]),
        column([place[one.node] for one in sorted_]), column([NOBODY if one.person is None else who[one.person] for one in sorted_]),
        column([one.enabled for one in sorted_]), column([one.started for one in sorted_]), column([one.done for one in sorted_]),
        column([one.due for one in sorted_]), column([one.outcome for one in sorted_]), column([micros(one.began) for one in cases]),
        column([NONE if one.ended is None else micros(one.ended) for one in cases]), column([STATES[one.state] for one in cases]),
        column([one.version for one in cases]), len(rows), True, [str(one) for one in departments],
        column([NOBODY if one is None else departments.index(one) for one in homes]),
    )  # fmt: skip
    return Told(log, cases, people, departments, names, joined)
