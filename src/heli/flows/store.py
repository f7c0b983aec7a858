"""An instance between two steps: read under a lock, written back as little as changed.

The standing (tokens, groups, what was passed, rounds) is one text in the instance's row, bounded by the definition's size. People's
work is rows; only that of nodes at which tokens stand is read again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from functools import lru_cache
from typing import Any

import orjson
from django.db import connection
from django.db.models import Model
from django.db.models.base import ModelState

from heli.audit import bulk
from heli.flows.core.definition import Mode
from heli.flows.core.state import Calls, Ended, Group, Item, ItemState, Outcome, Passed, State, Token
from heli.flows.models import Instance, Process, Version, Work
from heli.kernel import quick
from heli.kernel.errors import Broken
from heli.kernel.quick import Row, Statement
from heli.records import sql

FORMAT = 2
READ = (1, 2)
"""Formats that are read: 1 had no sub-processes and no other cases."""
WORK = (
    "instance_id", "number", "token", "node", "round", "person_id", "state", "outcome", "after", "opinion", "granted", "weight", "acting_for",
    "added_by", "done_by", "text", "opened_at", "due_at", "next_at", "done_at",
)  # fmt: skip


def dump(state: State) -> str:
    """The standing as text: all but people's work."""
    said: dict[str, Any] = {
        "f": FORMAT, "n": state.next, "c": state.clock,
        "t": [[one.id, one.node, one.via, one.round] for one in state.tokens.values()],
        "g": [[one.token, one.mode, str(one.share), one.items] for one in state.groups.values()],
        "m": [[*key, round_] for key, round_ in state.timers.items()],
        "p": [
            [node, one.at, one.people, one.first, one.stands, *(() if one.back is None else (one.back,))]
            for node, one in state.passed.items()
        ],
        "r": list(state.rounds.items()), "h": list(state.halted.items()),
    }  # fmt: skip
    if state.scopes:
        said["s"] = list(state.scopes.items())
    if state.calls:
        said["k"] = [[token, one.total, one.ended, one.things] for token, one in state.calls.items()]
    if state.left:
        said["e"] = state.left
    return orjson.dumps(said).decode()


NONE_STANDS_STILL = '"h":[]'
"""How it is written that nothing in an instance needs an administrator: one that is halted all the same has lost its record."""


def stands_still(standing: str) -> bool:
    """Whether something in an instance that stands so needs an administrator."""
    return bool(orjson.loads(standing)["h"])


def places(standing: str) -> set[int]:
    """The nodes at which tokens of an instance stand."""
    return {token[1] for token in orjson.loads(standing)["t"]}


def load(row: Instance, works: Sequence[Work]) -> State:
    """The state again. Raises Broken for a standing of another format."""
    said: Mapping[str, Any] = orjson.loads(row.standing)
    if said["f"] not in READ:
        raise Broken(f"instance {row.pk} stands in a format that this version does not read")
    state = State(row.initiator_id, row.step, next=said["n"], clock=said["c"])
    state.tokens = {t[0]: Token(*t) for t in said["t"]}
    state.groups = {g[0]: Group(g[0], Mode(g[1]), _share(g[2]), list(g[3])) for g in said["g"]}
    state.timers = {(m[0], m[1]): m[2] for m in said["m"]}
    state.passed = {p[0]: Passed(p[1], tuple(p[2]), *p[3:]) for p in said["p"]}
    state.rounds = dict(said["r"])
    state.halted = dict(said["h"])
    state.scopes = dict(said.get("s", ()))
    state.calls = {k[0]: Calls(k[1], list(k[2]), list(k[3])) for k in said.get("k", ())}
    state.left = tuple(said.get("e", ()))
    state.items = {one.number: _item(one) for one in works}
    state.ended = Ended(row.state) if row.state != Instance.RUNNING else None
    return state


@lru_cache(maxsize=256)
def _share(text: str) -> Fraction:
    return Fraction(text)


def _item(one: Work) -> Item:
    return Item(
        one.number, one.token, one.person_id, ItemState(one.state), Outcome(one.outcome) if one.outcome else None, one.after,
        one.opinion, _share(one.weight), one.acting_for, one.added_by,
    )  # fmt: skip


@dataclass(slots=True)
class Kept:
    """What was read, to be compared with what is left: the rows by number, and every item that there has been."""

    works: dict[int, Work]
    items: dict[int, Item] = field(default_factory=dict)
    nodes: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Token -> its node and round, also of tokens that are gone."""

    def note(self, state: State) -> None:
        """Remember what is there now; called after every event of a step."""
        self.items |= state.items
        for one in state.tokens.values():
            self.nodes[one.id] = (one.node, one.round)


MOST_ABOUT = 10_000
_about: dict[int, tuple[str, str]] = {}


def about(instance: int) -> tuple[str, str] | None:
    """What an instance that was read before is about (type and record): that never changes. None when it was not read here. Only to ask
    for its record beside it: what is read says what is true."""
    return _about.get(instance)


_READ = (
    "SELECT i.id, i.version_id, i.type, i.record_id, i.initiator_id, i.state, i.step, i.standing, i.data, i.halted, i.started_at, "
    "i.ended_at, i.process_code, i.parent_id, i.parent_token, i.parent_round, i.parent_number, i.part, i.depth, i.outcome, i.hidden, "
    "v.number, v.at, p.id, p.name, p.name_en FROM flows_instance i "
    "JOIN flows_version v ON v.id = i.version_id JOIN flows_process p ON p.id = v.process_id WHERE i.id = %s"
)
_WORK = ("id", *WORK)
_AT = {
    "postgresql": "SELECT (g->>0)::int FROM flows_instance i, jsonb_array_elements(i.standing::jsonb->'g') g WHERE i.id = %s",
    "sqlite": "SELECT json_extract(g.value, '$[0]') FROM flows_instance i, json_each(i.standing, '$.g') g WHERE i.id = %s",
}
"""Tokens at which people decide something, by what stands in the instance."""
_WORKS = {
    vendor: f"SELECT id, {', '.join(WORK)} FROM flows_work WHERE instance_id = %s AND token IN ({at}) ORDER BY number"  # noqa: S608
    for vendor, at in _AT.items()
}
_SAVE = "UPDATE flows_instance SET step=%s, standing=%s, halted=%s, state=%s, ended_at=%s WHERE id=%s"
_SAVE_MORE = (
    "UPDATE flows_instance SET step=%s, standing=%s, halted=%s, state=%s, ended_at=%s, data=%s, outcome=%s WHERE id=%s"
)
"""A step is read and written by plain SQL: the ORM's compiling costs more than the database's answer."""


@dataclass(slots=True)
class Read:
    """An instance with its state, and what was asked beside it."""

    row: Instance
    state: State
    kept: Kept
    beside: list[list[Row]]


def read(instance: int, *, lock: bool = True, beside: Sequence[Statement] = ()) -> Read | None:
    """An instance with its state; locked until the transaction ends. None when there is none. ``beside``: what else is to be asked
    once it is locked, in the same round trip."""
    end = " FOR UPDATE OF i" if lock and connection.vendor == "postgresql" else ""
    asked = [(_READ + end, [instance]), (_WORKS[connection.vendor], [instance, instance]), *beside]
    found, works, *answers = quick.together(asked)
    if not found:
        return None
    row = _instance(found[0])
    if len(_about) >= MOST_ABOUT:
        _about.clear()
    _about[instance] = row.type, row.record_id
    theirs = [_work(one) for one in works]
    state = load(row, theirs)
    kept = Kept({one.number: one for one in theirs})
    kept.note(state)
    return Read(row, state, kept, answers)


def made[M: Model](model: type[M], values: Mapping[str, Any]) -> M:
    """An object of a stored row. Its class's own way to make one costs more than the database's answer."""
    made = model.__new__(model)
    made._state = ModelState()
    made._state.adding, made._state.db = False, "default"
    made.__dict__.update(values)
    return made


def _instance(found: Sequence[Any]) -> Instance:
    (
        pk, version, type_, record, initiator, state, step, standing, data, halted, started, ended, code, parent, parent_token,
        parent_round, parent_number, part, depth, outcome, hidden, number, at, process, name, name_en,
    ) = found  # fmt: skip
    of = made(Process, {"id": process, "code": code, "name": name, "name_en": name_en, "type": type_})
    by = made(Version, {"id": version, "process_id": process, "number": number, "at": moment(at)})
    by._state.fields_cache["process"] = of
    row = made(Instance, {
        "id": pk, "version_id": version, "type": type_, "record_id": record, "initiator_id": initiator, "state": state, "step": step,
        "standing": standing, "data": orjson.loads(data) if isinstance(data, str) else data, "halted": bool(halted),
        "started_at": moment(started), "ended_at": moment(ended), "process_code": code, "parent_id": parent, "parent_token": parent_token,
        "parent_round": parent_round, "parent_number": parent_number, "part": part, "depth": depth, "outcome": outcome,
        "hidden": bool(hidden),
    })  # fmt: skip
    row._state.fields_cache["version"] = by
    return row


def _work(values: Row) -> Work:
    said = dict(zip(_WORK, values, strict=True))
    for name in ("opened_at", "due_at", "next_at", "done_at"):
        said[name] = moment(said[name])
    said["opinion"], said["granted"] = bool(said["opinion"]), bool(said["granted"])
    return made(Work, said)


def moment(value: Any) -> Any:
    """A moment as a plain cursor gives it (SQLite: text, in UTC)."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said and when, for the work that they did with it; ``done_by``: who really acted."""

    text: str
    done_by: int | None


def writing(
    row: Instance, state: State, kept: Kept, now: datetime, said: Mapping[int, Said], due: Callable[[int], datetime | None],
    first: Callable[[int, datetime | None], datetime | None], ungranted: Set[int], more: bool = False,
) -> list[Statement]:  # fmt: skip
    """What writes what has changed. ``more``: its data or its outcome too; ``said``: by item; ``due``: until when a node's work that is
    opened now is to be done; ``first``: when somebody is told first of that; ``ungranted``: new items that give no rights."""
    kept.note(state)
    lines: list[Statement] = []
    fresh: list[tuple[Any, ...]] = []
    adapt = quick.moment
    for number, item in kept.items.items():
        node, round_ = kept.nodes[item.token]
        found = kept.works.get(number)
        if found is None:
            words, opened = said.get(number), item.state is not ItemState.WAITING
            until = due(node) if opened else None
            over = item.state in (ItemState.DONE, ItemState.CLOSED)
            fresh.append(
                (
                    row.pk, number, item.token, node, round_, item.person, str(item.state), str(item.outcome or ""), item.after,
                    item.opinion, number not in ungranted, str(item.weight), item.acting_for, item.added_by,
                    words.done_by if words else None, words.text if words else "", adapt(now) if opened else None,
                    adapt(until) if until else None, adapt(at) if (at := first(node, until)) else None,
                    adapt(now) if over else None,
                )
            )  # fmt: skip
            continue
        changes = _changes(found, item)
        if not changes:
            continue
        if item.state is ItemState.OPEN and found.state != Work.OPEN:
            until = due(node)
            changes |= {"opened_at": now, "due_at": until, "next_at": first(node, until)}
        if item.state in (ItemState.DONE, ItemState.CLOSED):
            words = said.get(number)
            changes |= {"done_at": now}
            if words is not None:
                changes |= {"text": words.text, "done_by": words.done_by}
        names = ", ".join(f"{name}=%s" for name in changes)  # of our own, see _changes
        values = [sql.bind(one) for one in changes.values()]
        lines.append((f"UPDATE flows_work SET {names} WHERE id=%s", [*values, found.pk]))  # noqa: S608
    lines += bulk.statements("flows_work", WORK, fresh)
    other = row.halted and not stands_still(row.standing)  # for what lies outside of the engine: it goes on doing so
    row.step, row.standing, row.halted = (
        state.version,
        dump(state),
        bool(state.halted) or (other and state.ended is None),
    )
    if state.ended is not None and row.state == Instance.RUNNING:
        row.state, row.ended_at = str(state.ended), now
    values = [row.step, row.standing, sql.bind(row.halted), row.state, sql.bind(row.ended_at)]
    if more:
        return [*lines, (_SAVE_MORE, [*values, orjson.dumps(row.data).decode(), row.outcome, row.pk])]
    return [*lines, (_SAVE, [*values, row.pk])]


def _changes(row: Work, item: Item) -> dict[str, Any]:
    now = {
        "state": str(item.state), "outcome": str(item.outcome or ""), "after": item.after, "weight": str(item.weight),
        "acting_for": item.acting_for, "added_by": item.added_by,
    }  # fmt: skip
    return {name: value for name, value in now.items() if getattr(row, name) != value}
