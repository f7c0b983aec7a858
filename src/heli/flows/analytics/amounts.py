"""What a step could pass by itself, and up to which amount: tried on the cases of which who looks may know the way and reads what it takes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal

from heli.audit import entries
from heli.flows.analytics.source import Source
from heli.flows.core import handing
from heli.flows.core.definition import Kind, Node
from heli.flows.looking import value_of
from heli.flows.mining import figures, passing
from heli.flows.mining.log import APPROVED, NOBODY, NONE, RUNNING, Ints, Log
from heli.flows.mining.measures import Activity
from heli.flows.mining.moments import EPOCH
from heli.flows.mining.passing import Trial
from heli.flows.mining.suggest import BRIEF, ENOUGH, WORTH
from heli.records import readers
from heli.records.fields.money import Money
from heli.records.types import TYPES, ObjectType

SAME = dt.timedelta(minutes=1)
"""A change is written within the decision that brings it, which may end a moment after."""


@dataclass(frozen=True, slots=True)
class Tried:
    """``field``: of whose amount the rule is; None: the type has none, or who looks reads none. ``read`` of ``all`` cases of the step went into
    the test."""

    trial: Trial
    field: str | None
    read: int
    all: int

    @property
    def figures(self) -> dict[str, float]:
        own = {"read": float(self.read), "all": float(self.all)}
        if self.field is not None and self.trial.up_to is not None:
            own[f"upto.{self.field}"] = float(self.trial.up_to)
        return own


def tried(source: Source) -> dict[int, Tried]:
    """By activity; only of steps that could be passed by, and where the rule stands the test."""
    if source.scope is None or source.definition is None or not source.log.queues:
        return {}
    past = source.log.only(source.log.state != RUNNING).over
    waits = source.hours.between(past.enabled, past.taken_up)
    found = {}
    for one in source.measures.activities:
        node = _node(source, one)
        held = _Step(source, past, waits, one.number, node).tried() if node is not None else None
        if held is not None:
            found[one.number] = held
    return found


def _node(source: Source, one: Activity) -> Node | None:
    """The step, where there can be a way past it: it does no act in its holder's name and is no side of a hand-off."""
    definition = source.definition
    place = definition.places.get(source.log.activities[one.number]) if definition is not None else None
    if definition is None or place is None or one.visits < ENOUGH or one.score < WORTH:
        return None
    node = definition.nodes[place]
    stays = node.kind is not Kind.USER or node.does is not None or handing.side(definition, place) is not None
    return None if stays else node


def _plain(past: Log, activity: int) -> bool:
    """Whether it is worth looking closer: people say yes there, and some of it takes them a moment."""
    mine = past.activity == activity
    looked = past.work[mine & (past.started != NONE)]
    brief = figures.quantile(looked, (0.25,))[0]
    return brief is not None and brief <= BRIEF and figures.some(mine & (past.outcome == APPROVED)) >= ENOUGH


@dataclass(frozen=True, slots=True)
class _Step:
    source: Source
    past: Log
    waits: Ints
    activity: int
    node: Node

    def tried(self) -> Tried | None:
        if not _plain(self.past, self.activity):
            return None
        every = passing.passed(self.past, self.activity)
        kind, filled = self._kind, self._filled
        money = _amount(kind, self.node) if kind is not None else None
        amounts = self._amounts(kind, money, filled, every) if kind is not None and money is not None else {}
        if not amounts:
            money = None
        readable = amounts.keys() if money is not None else self._readable(kind, filled, every)

        def seen(changed: Set[int]) -> list[passing.Case]:
            found = passing.cases(self.past, self.activity, self.waits, changed, amounts)
            return [one for one in found if one.number in readable]

        trial = passing.tried(seen(frozenset()), by_amount=money is not None)
        if trial is not None and kind is not None and filled:  # what costs most is asked last
            trial = passing.tried(seen(self._changed(kind, seen(frozenset()))), by_amount=money is not None)
        if trial is None:
            return None
        return Tried(trial, money.code if money is not None else None, len(readable), len(every))

    @property
    def _kind(self) -> ObjectType | None:
        definition = self.source.definition
        return TYPES.get(definition.subject.type) if definition is not None and definition.subject is not None else None

    @property
    def _filled(self) -> frozenset[str]:
        """Fields of the record that its people fill in: whether they did is counted only for who reads them."""
        kind = self._kind
        form = self.node.task.form if self.node.task is not None else None
        return frozenset(form.edit) & kind.fields.keys() if kind is not None and form is not None else frozenset()

    def _amounts(self, kind: ObjectType, money: Money, filled: Set[str], every: Sequence[int]) -> Mapping[int, Decimal]:
        """Of the cases of which who looks may know the way, and whose amount and filled fields they read."""
        cases, ways = self.source.cases, self.source.ways
        record = {one: cases[one].record for one in every if cases[one].id in ways}
        read = self._reading(kind, record.values(), filled | {money.code})
        rows = readers.rows_of(kind, sorted(read), (money.column,))
        amount = {
            key: value for key, row in rows.items() if isinstance(value := value_of(money, row[money.column]), Decimal)
        }
        return {number: amount[key] for number, key in record.items() if key in amount}

    def _readable(self, kind: ObjectType | None, filled: Set[str], every: Sequence[int]) -> Set[int]:
        """Those whose filled fields who looks reads. What is told of all of them is no more than the figures of the step are."""
        if kind is None or not filled:
            return set(every)
        cases = self.source.cases
        read = self._reading(kind, (cases[one].record for one in every), filled)
        return {one for one in every if cases[one].record in read}

    def _reading(self, kind: ObjectType, records: Iterable[str], fields: Set[str]) -> set[str]:
        scope = self.source.scope
        return scope.reading(kind.code, list(records), frozenset(fields)) if scope is not None else set()

    def _changed(self, kind: ObjectType, seen: Sequence[passing.Case]) -> set[int]:
        """Cases in which people of the step changed the record while they had it."""
        who = {
            self.source.people[one]
            for one in set(self.past.actor[self.past.activity == self.activity].tolist())
            if one != NOBODY
        }
        record = {one.number: self.source.cases[one.number].record for one in seen}
        edits = entries.done(kind.code, f"{kind.code}.edit", record.values(), who)
        return {
            one.number
            for one in seen
            if any(_moment(one.came) <= at <= _moment(one.done) + SAME for at in edits.get(record[one.number], ()))
        }


def _moment(micros: int) -> dt.datetime:
    return EPOCH + dt.timedelta(microseconds=micros)


def _amount(kind: ObjectType, node: Node) -> Money | None:
    """The amount that its people are shown, else the record's first."""
    money = [one for one in kind.fields.values() if isinstance(one, Money)]
    shown = node.task.form.show if node.task is not None else ()
    return next((one for one in money if one.code in shown), money[0] if money else None)
