"""Where an instance stands: tokens, the people's work at its nodes, what is awaited. Small: nothing grows with rework."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction

from heli.flows.core.definition import Mode


class Ended(StrEnum):
    """How an instance ended."""

    COMPLETED = "completed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class ItemState(StrEnum):
    """What one person's work is at."""

    WAITING = "waiting"
    """For somebody before, who signs first."""
    OPEN = "open"
    DONE = "done"
    CLOSED = "closed"
    """No longer needed: decided by others, cancelled, transferred, taken off."""


class Outcome(StrEnum):
    APPROVED = "approved"
    REJECTED = "rejected"
    OPINION = "opinion"
    """Of a delegate: it goes back to who delegated."""


@dataclass(slots=True)
class Token:
    """One thread of work. ``via`` is the flow it came by, of which a join keeps account; -1 at the start."""

    id: int
    node: int
    via: int = -1
    round: int = 1
    """The how-manieth time this node is worked on; part of the key of its jobs."""


@dataclass(slots=True)
class Item:
    """One person's work at a node."""

    id: int
    token: int
    person: int
    state: ItemState
    outcome: Outcome | None = None
    after: int | None = None
    """The item that has to be done first."""
    opinion: bool = False
    """It counts nothing: a delegate's view, or a consulted signer's."""
    weight: Fraction = Fraction(1)
    acting_for: int | None = None
    """The principal of the deputy who did it."""
    added_by: int | None = None


@dataclass(slots=True)
class Group:
    """The people of one node at one time."""

    token: int
    mode: Mode
    share: Fraction
    items: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Passed:
    """That a node has been done: when (the instance's own count), by whom, from which token on what came of it, and whether it
    stands when work comes by again."""

    at: int
    people: tuple[int, ...]
    first: int
    stands: bool = False
    back: int | None = None
    """Who of several has taken their decision back: what the others of ``people`` decided holds, and the node is worked on again."""


@dataclass(slots=True)
class Calls:
    """The cases that a token waits for: how many there are to be, which have ended, and for what (of those that come one after the other)."""

    total: int
    ended: list[int] = field(default_factory=list)
    things: list[str | None] = field(default_factory=list)


@dataclass(slots=True)
class State:
    """An instance. ``version`` rises with every step: the guard against two at once."""

    initiator: int
    version: int = 0
    tokens: dict[int, Token] = field(default_factory=dict)
    groups: dict[int, Group] = field(default_factory=dict)
    items: dict[int, Item] = field(default_factory=dict)
    timers: dict[tuple[int, int], int] = field(default_factory=dict)
    """(token, event's node) -> round, of timers that run and of messages and signals that are waited for. On a sub-process the
    token is the number in ``scopes``."""
    scopes: dict[int, int] = field(default_factory=dict)
    """Sub-processes in which work is, by their places, each with a number of its own."""
    calls: dict[int, Calls] = field(default_factory=dict)
    passed: dict[int, Passed] = field(default_factory=dict)
    rounds: dict[int, int] = field(default_factory=dict)
    halted: dict[int, str] = field(default_factory=dict)
    """Tokens with an incident, and its code."""
    next: int = 1
    clock: int = 0
    """Counts nodes that were done."""
    ended: Ended | None = None
    left: tuple[int, ...] = ()
    """Nodes that were under way when it ended."""

    def copy(self) -> State:
        """The same for a trial: nothing is shared that a step changes."""
        return replace(
            self,
            tokens={k: replace(v) for k, v in self.tokens.items()},
            groups={k: replace(v, items=list(v.items)) for k, v in self.groups.items()},
            items={k: replace(v) for k, v in self.items.items()},
            timers=dict(self.timers), passed={k: replace(v) for k, v in self.passed.items()}, rounds=dict(self.rounds), halted=dict(self.halted),
            scopes=dict(self.scopes), calls={k: replace(v, ended=list(v.ended), things=list(v.things)) for k, v in self.calls.items()},
        )  # fmt: skip

    def at(self, node: int) -> list[Token]:
        return [one for one in self.tokens.values() if one.node == node]

    def fresh(self) -> int:
        found = self.next
        self.next = found + 1
        return found
