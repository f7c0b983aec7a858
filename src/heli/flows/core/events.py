"""What may happen to an instance, and what a step asks of the world in return."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from heli.flows.core.expression import Value
from heli.flows.core.state import Ended, Outcome
from heli.kernel.words import Words

# -- events ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Start:
    """Somebody or something begins it, at a start event (a place; left out: the only one)."""

    node: int | None = None


@dataclass(frozen=True, slots=True)
class Assigned:
    """The people that a node's rules found, in their order; empty after its *empty* rule found nobody either. ``skip``: nobody
    is needed, for the only one would be who began it."""

    token: int
    people: Sequence[int]
    skip: bool = False


@dataclass(frozen=True, slots=True)
class Decide:
    """A person approves; or rejects, to where ``to`` says (a node's id, ``start``, ``previous``, ``end``)."""

    item: int
    by: int
    approve: bool = True
    to: str | None = None
    acting_for: int | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A candidate takes the work; the others no longer see it."""

    item: int
    by: int


@dataclass(frozen=True, slots=True)
class Transfer:
    """转办: another person does it instead."""

    item: int
    by: int
    to: int


@dataclass(frozen=True, slots=True)
class Delegate:
    """委派: another person says what they think; it comes back."""

    item: int
    by: int
    to: int


@dataclass(frozen=True, slots=True)
class Reassign:
    """An administrator, or somebody's leaving, gives their work to another; who has the node's work already keeps theirs."""

    item: int
    to: int


@dataclass(frozen=True, slots=True)
class AddSigner:
    """加签: ``before`` me (I wait), ``after`` me, or ``parallel`` to me."""

    item: int
    by: int
    to: int
    place: str


@dataclass(frozen=True, slots=True)
class RemoveSigner:
    """减签: somebody's open work at my node is taken off; never the last."""

    item: int
    by: int
    other: int


@dataclass(frozen=True, slots=True)
class TakeBack:
    """拿回: what I have just decided at this node, as long as nobody has acted on it."""

    node: int
    by: int


@dataclass(frozen=True, slots=True)
class Withdraw:
    """撤回: the initiator ends it."""

    by: int


@dataclass(frozen=True, slots=True)
class JobDone:
    """A service or a message is done. ``round`` fences: an answer to an earlier round changes nothing."""

    token: int
    round: int


@dataclass(frozen=True, slots=True)
class JobFailed:
    """It has failed for good; an incident stays until it is retried."""

    token: int
    round: int
    code: str
    said: Words | None = None
    """What refused it, in words."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Try a halted token again."""

    token: int


@dataclass(frozen=True, slots=True)
class Due:
    """A timer is due."""

    token: int
    node: int
    round: int


@dataclass(frozen=True, slots=True)
class Received:
    """A message or a signal has come that was waited for."""

    token: int
    node: int
    round: int


@dataclass(frozen=True, slots=True)
class CallEnded:
    """One of the cases that a node has begun has ended: ``code`` is empty, or says how it failed (``rejected``, an error's)."""

    token: int
    round: int
    number: int
    code: str = ""


@dataclass(frozen=True, slots=True)
class Cancel:
    """The case that waits for this one no longer does."""


@dataclass(frozen=True, slots=True)
class TakenOver:
    """The case now runs by another version: it begins to wait for these events as well, each (token, event, round)."""

    events: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Elapsed:
    """Nobody has decided a node in its time: it is approved, or rejected, by itself."""

    token: int
    round: int
    approve: bool


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Find:
    """Find the people of this node and answer with Assigned, in the same transaction."""

    token: int
    node: int


@dataclass(frozen=True, slots=True)
class Opened:
    """Somebody has work: their rights begin, they are told."""

    item: int
    person: int
    node: int


@dataclass(frozen=True, slots=True)
class Closed:
    """Somebody's work is over, however: their rights end."""

    item: int
    person: int
    node: int
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class Job:
    """Do this node's service or send its message; ``round`` belongs to its key."""

    token: int
    node: int
    round: int


@dataclass(frozen=True, slots=True)
class Dropped:
    """The job of this token is no longer wanted."""

    token: int
    node: int
    round: int


@dataclass(frozen=True, slots=True)
class Timed:
    """Set the timer of this node; ``value`` is what was worked out for one that says so."""

    token: int
    node: int
    round: int
    value: Value = None


@dataclass(frozen=True, slots=True)
class Awaits:
    """Wait for this node's message or signal; ``key`` is to whom it must be addressed, None for what the case is about."""

    token: int
    node: int
    round: int
    key: Value = None


@dataclass(frozen=True, slots=True)
class Untimed:
    """Take that timer away, or wait no longer."""

    token: int
    node: int


@dataclass(frozen=True, slots=True)
class Thrown:
    """Say this node's message or signal; ``key`` as in ``Awaits``."""

    node: int
    key: Value = None


@dataclass(frozen=True, slots=True)
class Noted:
    """Keep a value in the case's data, under this name."""

    name: str
    value: Value


@dataclass(frozen=True, slots=True)
class Called:
    """Begin a case for this node: the how-manieth, and for which thing (None where it is for none in particular)."""

    token: int
    node: int
    round: int
    number: int
    thing: Value = None


@dataclass(frozen=True, slots=True)
class Done:
    """A node is done, for the log: by whom, and by which flows it went on."""

    node: int
    round: int
    people: tuple[int, ...]
    outcome: str


@dataclass(frozen=True, slots=True)
class Incident:
    """A token stands still and somebody has to look."""

    token: int
    node: int
    code: str
    said: Words | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """The instance has ended; ``code`` is the error that ended it."""

    how: Ended
    code: str = ""


type Command = (
    Find | Opened | Closed | Job | Dropped | Timed | Awaits | Untimed | Thrown | Noted | Called | Done | Incident | Finished
)  # fmt: skip
