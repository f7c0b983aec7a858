"""What is executed: nodes and flows of one process, compiled from its BPMN file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from heli.flows.core.expression import Expression
from heli.kernel.words import Words


def named(text: str) -> Words:
    """A name as files give it: ``中文 / English``, or one for both languages."""
    zh, _, en = text.partition(" / ")
    return Words(zh, en or zh)


class Kind(StrEnum):
    """What a node is to the engine."""

    START = "start"
    END = "end"
    TERMINATE = "terminate"
    USER = "user"
    SERVICE = "service"
    SEND = "send"
    EXCLUSIVE = "exclusive"
    PARALLEL = "parallel"
    INCLUSIVE = "inclusive"
    TIMER = "timer"
    BOUNDARY = "boundary"


class Mode(StrEnum):
    """How several people of one node decide together."""

    ANY = "any"
    """或签: the first decides."""
    ALL = "all"
    """会签: all approve; the first rejection decides."""
    SEQUENCE = "sequence"
    """依次: one after the other; a rejection ends it."""
    VOTE = "vote"
    """票签: a share of the weights approves."""
    CLAIM = "claim"
    """认领: candidates see it, one takes it and decides."""


class Move(StrEnum):
    """What a node may allow the holder of its work, besides approving."""

    REJECT = "reject"
    TRANSFER = "transfer"
    DELEGATE = "delegate"
    ADD = "add_signer"
    REMOVE = "remove_signer"
    TAKE_BACK = "take_back"


@dataclass(frozen=True, slots=True)
class Assignee:
    """One rule that finds people; ``given`` are its parameters as the file writes them."""

    rule: str
    given: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rejection:
    """What rejecting from a node does."""

    to: str = "any"
    """``start``, ``previous``, ``any`` earlier node, ``end``, or a node's id."""
    siblings: str = "kept"
    """What becomes of decisions beside the way that is gone back: ``kept`` or ``redone``."""
    resubmit: str = "walk"
    """After the rework: ``walk`` through all nodes again, or ``back`` to the rejecter past what was decided between."""


@dataclass(frozen=True, slots=True)
class Form:
    """Fields of the subject that a node's people work with, by code: those shown, those changed, those not left empty."""

    show: tuple[str, ...] = ()
    edit: tuple[str, ...] = ()
    require: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Does:
    """A verb of the subject that a node does: as who decides at a user task, as the process at a service task."""

    verb: str
    gives: Mapping[str, Expression] = field(default_factory=dict)
    """Parameters that the process fills in; a person brings the others."""
    type: str = ""
    """Of ``create``: what is made."""
    limit: str = ""
    """The largest amount for which the node's grant does it, in the company's currency; empty: none is asked."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a process is about: records of one type. ``right`` is what one must be able to do with a record to begin;
    ``begins`` the verb that beginning does with it, as who begins; ``rejected`` and ``withdrawn`` the verbs that the
    process does when it ends so."""

    type: str
    right: str = "edit"
    begins: str = ""
    rejected: str = ""
    withdrawn: str = ""
    holds: tuple[str, ...] = ()
    """Fields that nobody changes while a case runs, but at a node whose form does: what was agreed on stays what it was."""
    only: tuple[str, ...] = ()
    """Acts that are done with such a record by this process and in no other way, as long as it can be begun."""
    proposes: tuple[str, ...] = ()
    """Fields whose new values who begins it proposes; the act ``change`` writes them."""
    guards: tuple[str, ...] = ()
    """Fields that are changed by this process and in no other way, as long as it can be begun."""
    unless: Expression | None = None
    """Where this holds, beginning does not do the verb ``begins``: the record is there already."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a user task binds."""

    assignees: Sequence[Assignee] = ()
    candidates: Sequence[Assignee] = ()
    """Whom work may be handed to, or who may be asked to sign too, with the node's rights; anyone else gets it without."""
    mode: Mode = Mode.ANY
    share: Fraction = Fraction(1, 2)
    """Of the weights, for ``vote``: more than none, at most all."""
    empty: str = "administrator"
    """Where nobody is found: ``skip``, ``manager``, ``administrator``, ``stop``."""
    self: str = "allow"
    """Where the initiator is found: ``allow``, ``skip``, ``manager``."""
    same: str = "ask"
    """Where somebody has decided an earlier node: ``ask`` again, or ``dedupe``."""
    moves: frozenset[Move] = frozenset()
    rejection: Rejection = Rejection()
    form: Form = Form()
    within: str = ""
    """How long one may take, as an ISO 8601 duration; empty: nothing is said."""


@dataclass(frozen=True, slots=True)
class Timer:
    """When a timer is due: after a duration (ISO 8601) or at a moment."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow between nodes, by their places in the definition."""

    id: str
    source: int
    target: int
    condition: Expression | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """A node; ``incoming`` and ``outgoing`` are places in ``Definition.flows``, in the file's order."""

    id: str
    kind: Kind
    name: str
    incoming: tuple[int, ...] = ()
    outgoing: tuple[int, ...] = ()
    default: int | None = None
    task: Task | None = None
    does: Does | None = None
    timer: Timer | None = None
    host: int | None = None
    """Of a boundary event: the activity that it stands on."""
    interrupts: bool = True
    boundaries: tuple[int, ...] = ()

    @property
    def words(self) -> Words:
        """What it is called in both languages; its id where the file gives it no name."""
        return named(self.name or self.id)


@dataclass(frozen=True, slots=True)
class Definition:
    """One executable process. Nodes and flows are known by their places, which never change within a version."""

    id: str
    name: str
    nodes: tuple[Node, ...]
    flows: tuple[Flow, ...]
    start: int
    places: Mapping[str, int]
    """Node id -> place."""
    subject: Subject | None = None
    """What it is about; None for one that is about nothing in particular."""

    @property
    def named(self) -> frozenset[str]:
        """Every value that a condition or a parameter names."""
        conditions = (one.condition for one in self.flows if one.condition is not None)
        gives = (given for node in self.nodes if node.does is not None for given in node.does.gives.values())
        unless = (self.subject.unless,) if self.subject is not None and self.subject.unless is not None else ()
        return frozenset(name for one in (*conditions, *gives, *unless) for name in one.names)

    @property
    def verbs(self) -> frozenset[str]:
        """Every verb that its nodes and its ends do."""
        ends = (self.subject.rejected, self.subject.withdrawn) if self.subject is not None else ()
        return frozenset(
            (*(node.does.verb for node in self.nodes if node.does is not None), *(one for one in ends if one))
        )
