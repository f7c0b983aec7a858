"""What may happen to an instance, and what a step asks of the world in return."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from heli.flows.core.expression import Value
from heli.flows.core.state import Ended, Outcome
from heli.kernel.words import Words

# None of them is ever changed; frozen ones would take three times as long to make.

# -- events ------------------------------------------------------------------------------------------------------------


@dataclass(slots=True, unsafe_hash=True)
class Start:
    """Somebody or something begins it, at a start event (a place; left out: the only one)."""

    node: int | None = None


@dataclass(slots=True, unsafe_hash=True)
class Assigned:
    """The people that a node's rules found, in their order; empty after its *empty* rule found nobody either. ``skip``: nobody
    is needed, for the only one would be who began it."""

    token: int
    people: Sequence[int]
    skip: bool = False


@dataclass(slots=True, unsafe_hash=True)
class Decide:
    """A person approves; or rejects, to where ``to`` says (a node's id, ``start``, ``previous``, ``end``)."""

    item: int
    by: int
    approve: bool = True
    to: str | None = None
    acting_for: int | None = None


@dataclass(slots=True, unsafe_hash=True)
class Claim:
    """A candidate takes the work; the others no longer see it."""

    item: int
    by: int


@dataclass(slots=True, unsafe_hash=True)
class Transfer:
    """转办: another person does it instead."""

    item: int
    by: int
    to: int


@dataclass(slots=True, unsafe_hash=True)
class Delegate:
    """委派: another person says what they think; it comes back."""

    item: int
    by: int
    to: int


@dataclass(slots=True, unsafe_hash=True)
class Reassign:
    """An administrator, or somebody's leaving, gives their work to another; who has the node's work already keeps theirs."""

    item: int
    to: int


@dataclass(slots=True, unsafe_hash=True)
class AddSigner:
    """加签: ``before`` me (I wait), ``after`` me, or ``parallel`` to me."""

    item: int
    by: int
    to: int
    place: str


@dataclass(slots=True, unsafe_hash=True)
class RemoveSigner:
    """减签: somebody's open work at my node is taken off; never the last."""

    item: int
    by: int
    other: int


@dataclass(slots=True, unsafe_hash=True)
class TakeBack:
    """拿回: what I have just decided at this node, as long as nobody has acted on it."""

    node: int
    by: int


@dataclass(slots=True, unsafe_hash=True)
class Withdraw:
    """撤回: the initiator ends it."""

    by: int


@dataclass(slots=True, unsafe_hash=True)
class JobDone:
    """A service or a message is done. ``round`` fences: an answer to an earlier round changes nothing."""

    token: int
    round: int


@dataclass(slots=True, unsafe_hash=True)
class JobFailed:
    """It has failed for good; an incident stays until it is retried."""

    token: int
    round: int
    code: str
    said: Words | None = None
    """What refused it, in words."""


@dataclass(slots=True, unsafe_hash=True)
class Retry:
    """Try a halted token again."""

    token: int


@dataclass(slots=True, unsafe_hash=True)
class Due:
    """A timer is due."""

    token: int
    node: int
    round: int


@dataclass(slots=True, unsafe_hash=True)
class Received:
    """A message or a signal has come that was waited for."""

    token: int
    node: int
    round: int


@dataclass(slots=True, unsafe_hash=True)
class CallEnded:
    """One of the cases that a node has begun has ended: ``code`` is empty, or says how it failed (``rejected``, an error's)."""

    token: int
    round: int
    number: int
    code: str = ""


@dataclass(slots=True, unsafe_hash=True)
class Cancel:
    """The case that waits for this one no longer does; ``code`` and ``said``: why."""

    code: str = ""
    said: Words | None = None


@dataclass(slots=True, unsafe_hash=True)
class TakenOver:
    """The case now runs by another version: it begins to wait for these events as well, each (token, event, round)."""

    events: tuple[tuple[int, int, int], ...]


@dataclass(slots=True, unsafe_hash=True)
class Elapsed:
    """Nobody has decided a node in its time: it is approved, or rejected, by itself."""

    token: int
    round: int
    approve: bool


@dataclass(slots=True, unsafe_hash=True)
class Anew:
    """A node's people are looked for again, for what they do has become others' to do, or its moment is worked out again;
    ``to``: at this node instead, earlier or later."""

    token: int
    to: int | None = None


type Event = (
    Start
    | Assigned
    | Decide
    | Claim
    | Transfer
    | Delegate
    | Reassign
    | AddSigner
    | RemoveSigner
    | TakeBack
    | Withdraw
    | JobDone
    | JobFailed
    | Retry
    | Due
    | Received
    | CallEnded
    | Cancel
    | TakenOver
    | Anew
    | Elapsed
)

# -- commands ----------------------------------------------------------------------------------------------------------


@dataclass(slots=True, unsafe_hash=True)
class Find:
    """Find the people of this node and answer with Assigned, in the same transaction."""

    token: int
    node: int


@dataclass(slots=True, unsafe_hash=True)
class Opened:
    """Somebody has work: their rights begin, they are told."""

    item: int
    person: int
    node: int


@dataclass(slots=True, unsafe_hash=True)
class Closed:
    """Somebody's work is over, however: their rights end."""

    item: int
    person: int
    node: int
    outcome: Outcome | None


@dataclass(slots=True, unsafe_hash=True)
class Job:
    """Do this node's service or send its message; ``round`` belongs to its key."""

    token: int
    node: int
    round: int


@dataclass(slots=True, unsafe_hash=True)
class Dropped:
    """The job of this token, or the cases that it waits for, are no longer wanted; ``enough``: because enough of them have ended."""

    token: int
    node: int
    round: int
    enough: bool = False


@dataclass(slots=True, unsafe_hash=True)
class Timed:
    """Set the timer of this node; ``value`` is what was worked out for one that says so."""

    token: int
    node: int
    round: int
    value: Value = None


@dataclass(slots=True, unsafe_hash=True)
class Awaits:
    """Wait for this node's message or signal; ``key`` is to whom it must be addressed, None for what the case is about."""

    token: int
    node: int
    round: int
    key: Value = None


@dataclass(slots=True, unsafe_hash=True)
class Untimed:
    """Take that timer away, or wait no longer."""

    token: int
    node: int


@dataclass(slots=True, unsafe_hash=True)
class Thrown:
    """Say this node's message or signal; ``key`` as in ``Awaits``."""

    node: int
    key: Value = None


@dataclass(slots=True, unsafe_hash=True)
class Noted:
    """Keep a value in the case's data, under this name."""

    name: str
    value: Value


@dataclass(slots=True, unsafe_hash=True)
class Called:
    """Begin a case for this node: the how-manieth, and for which thing (None where it is for none in particular)."""

    token: int
    node: int
    round: int
    number: int
    thing: Value = None


@dataclass(slots=True, unsafe_hash=True)
class Done:
    """A node is done, for the log: by whom, how, and what there is to say of it."""

    node: int
    round: int
    people: tuple[int, ...]
    outcome: str
    said: Words | None = None


@dataclass(slots=True, unsafe_hash=True)
class Incident:
    """A token stands still and somebody has to look."""

    token: int
    node: int
    code: str
    said: Words | None = None


@dataclass(slots=True, unsafe_hash=True)
class Finished:
    """The instance has ended; ``code`` is the error, or the reason, that ended it."""

    how: Ended
    code: str = ""
    said: Words | None = None


type Command = (
    Find | Opened | Closed | Job | Dropped | Timed | Awaits | Untimed | Thrown | Noted | Called | Done | Incident | Finished
)  # fmt: skip
