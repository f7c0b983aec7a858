"""What is executed: nodes and flows of one process, compiled from its BPMN file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from fractions import Fraction

from heli.flows.core.decision import Decision
from heli.flows.core.expression import Expression
from heli.kernel.words import Words

PROPOSED, WAS = "change", "was"
"""Where a case's data keep what was proposed, and what stood there: field -> JSON, sealed where the field is."""
CHOSEN = "chosen."
"""How a case's data name the people whom its initiator has chosen, before the node."""


_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def reserved(name: str) -> bool:
    """Whether a name in a case's data is the system's own: nothing that is handed to a case stands there."""
    return name in (PROPOSED, WAS) or name.startswith(CHOSEN)


def named(text: str) -> Words:
    """A name as files give it: ``中文 / English``, or one for both languages; in one line, whatever the file has."""
    zh, _, en = _BREAKS.sub(" ", text).partition(" / ")
    return Words(zh or en, en or zh)


COUNTS: Mapping[str, str] = {
    "nrOfInstances": "total", "nrOfCompletedInstances": "ended", "nrOfActiveInstances": "open",
    "numberOfInstances": "total", "numberOfCompletedInstances": "ended", "numberOfActiveInstances": "open",
}  # fmt: skip
"""What a completion condition names beside all that conditions may: how many of several there are to be, have ended, have begun and not
ended. Other tools write them so, and BPMN itself."""


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
    ENTER = "enter"
    """A sub-process, where work goes into it."""
    LEAVE = "leave"
    """The same, where work comes out: when nothing is left inside."""
    CALL = "call"
    """Another case, or one for each of several things; it goes on when all have ended."""
    MESSAGE = "message"
    SIGNAL = "signal"
    EVENTS = "events"
    """Waits for the first of several events."""
    THROW = "throw"
    RULE = "rule"
    ERROR = "error"


CATCHES = (Kind.TIMER, Kind.MESSAGE, Kind.SIGNAL)
"""Kinds that wait for something to come."""
WORKS = (Kind.USER, Kind.SERVICE, Kind.SEND, Kind.CALL, Kind.EVENTS, *CATCHES)
"""Kinds at which a token stays until somebody or something answers."""


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


COPY_LASTS = timedelta(days=30)
"""How long a copy shows its fields, where it does not say."""


@dataclass(frozen=True, slots=True)
class Form:
    """Fields of the subject that a node's people work with, by code: those shown, those changed, those not left empty."""

    show: tuple[str, ...] = ()
    edit: tuple[str, ...] = ()
    require: tuple[str, ...] = ()
    lasts: str = ""
    """Of a copy: how long whom it tells is shown them, as an ISO 8601 duration; empty: ``COPY_LASTS``."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file or a note that a packet asks for. ``name``: what it is called, as files give it; a note's is its question."""

    code: str
    name: str
    required: bool = False

    @property
    def words(self) -> Words:
        """What it is called in both languages."""
        return named(self.name or self.code)


@dataclass(frozen=True, slots=True)
class Criterion:
    """Something that has to be so before work is handed over."""

    code: str
    name: str
    when: Expression

    @property
    def words(self) -> Words:
        """The sentence in both languages."""
        return named(self.name or self.code)


@dataclass(frozen=True, slots=True)
class Handoff:
    """Work that passes to another department: the node ``source`` hands over, this one accepts or returns. ``fields`` of the record that
    go with it, ``require`` those of them that are not left empty."""

    source: str
    fields: tuple[str, ...] = ()
    require: tuple[str, ...] = ()
    files: tuple[Part, ...] = ()
    notes: tuple[Part, ...] = ()
    criteria: tuple[Criterion, ...] = ()


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
    when: Expression | None = None
    """Somebody begins it only about a record of which this holds; events and other cases say so themselves."""


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
    """How long one may take, as an ISO 8601 duration in working time; empty: nothing is said."""
    remind: str = ""
    """How long before that who has the work is reminded."""
    escalate: str = ""
    """How much working time after that the manager of who has the work is told."""
    outcome: str = ""
    """What becomes of the node by itself when nobody has decided: ``approve`` or ``reject``; empty: nothing."""
    after: str = ""
    """How much working time after it was due."""
    accountable: Sequence[Assignee] = ()
    """Who answers for it: whom the one rule here finds, else whoever does it."""
    consulted: Sequence[Assignee] = ()
    """Who is told when it begins, to say what they think."""
    informed: Sequence[Assignee] = ()
    """Who is told when it is done."""
    handoff: Handoff | None = None
    """What is handed over to who does it; None: nothing is."""
    joins: str = ""
    """As what whoever approves it takes part in the project from then on; empty: they do not."""

    @property
    def rules(self) -> tuple[Assignee, ...]:
        """Every rule that names people here."""
        return (*self.assignees, *self.candidates, *self.accountable, *self.consulted, *self.informed)


@dataclass(frozen=True, slots=True)
class Timer:
    """When a timer is due: after a ``duration`` (ISO 8601), at a ``date``, or again and again (``cycle``, of starts only).
    ``value`` is what says so where it is to be worked out."""

    kind: str
    text: str = ""
    value: Expression | None = None


@dataclass(frozen=True, slots=True)
class Hears:
    """What a catching event waits for. A message called as an event of a record (``ticket.close``) is that event."""

    kind: str
    """``message``, ``signal`` or ``error``."""
    name: str
    """Of an error its code; empty: any."""
    key: Expression | None = None
    """Of a message: to whom it must be addressed; None: to the record that the case is about, or to the case itself."""
    by: str = ""
    """The field of the event's record that names ours, where it is not the same."""
    where: Expression | None = None
    initiator: str = ""
    """Of a start: the field of the record that names who counts as having begun it."""


@dataclass(frozen=True, slots=True)
class Throws:
    """What a throwing event says, and to whom (messages)."""

    kind: str
    name: str
    key: Expression | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """Cases that a node begins and waits for: of another process, or of what stands in it, once for each of ``each``."""

    process: str = ""
    start: int = -1
    """Of what stands in it: its start."""
    record: Expression | None = None
    each: Expression | None = None
    sequential: bool = False
    enough: Expression | None = None
    """Where this holds after one of several has ended, the others are no longer waited for; it may name what ``COUNTS`` lists."""
    name: str = "item"
    """What the thing that one of several is for is called in its data."""
    gives: Mapping[str, Expression] = field(default_factory=dict)
    takes: Mapping[str, str] = field(default_factory=dict)
    """What of its data comes back, by the name that it has here."""


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
    level: int = -1
    """The sub-process, or the node with one for each, in which it stands; -1 for none."""
    other: int = -1
    """Of a sub-process: where work comes out, and back."""
    hears: Hears | None = None
    throws: Throws | None = None
    call: Call | None = None
    decision: Decision | None = None

    @property
    def words(self) -> Words:
        """What it is called in both languages; its id where the file gives it no name."""
        return named(self.name or self.element)

    @property
    def element(self) -> str:
        """The id of its element in the file."""
        return self.id.partition(":")[0] or self.id

    @property
    def expressions(self) -> Iterator[Expression]:
        """Everything at it that is worked out, but for when enough of several have ended."""
        if self.does is not None:
            yield from self.does.gives.values()
        if self.timer is not None and self.timer.value is not None:
            yield self.timer.value
        if self.hears is not None:
            yield from (one for one in (self.hears.key, self.hears.where) if one is not None)
        if self.throws is not None and self.throws.key is not None:
            yield self.throws.key
        if self.call is not None:
            yield from (one for one in (self.call.record, self.call.each, *self.call.gives.values()) if one is not None)
        if self.decision is not None:
            yield from self.decision.expressions


@dataclass(frozen=True, slots=True)
class Definition:
    """One executable process. Nodes and flows are known by their places, which never change within a version."""

    id: str
    name: str
    nodes: tuple[Node, ...]
    flows: tuple[Flow, ...]
    start: int
    """Where every way begins: the start event, or the choice among several."""
    places: Mapping[str, int]
    """Node id -> place."""
    starts: tuple[int, ...] = ()
    """Its start events."""
    subject: Subject | None = None
    """What it is about; None for one that is about nothing in particular."""
    about: str = ""
    """What it is for, in the words of its file: read by who may begin it."""

    @property
    def begun(self) -> int | None:
        """The start by which somebody begins it; None: it begins by itself only."""
        return next(
            (one for one in self.starts if self.nodes[one].hears is None and self.nodes[one].timer is None), None
        )

    @property
    def by_itself(self) -> bool:
        """Whether something else than a person can begin it."""
        return any(one != self.begun for one in self.starts)

    @property
    def expressions(self) -> Iterator[Expression]:
        """Everything in it that is worked out, but for what only cases that it begins see and when enough of them have ended."""
        yield from (one.condition for one in self.flows if one.condition is not None)
        if self.subject is not None:
            yield from (one for one in (self.subject.unless, self.subject.when) if one is not None)
        for node in self.nodes:
            yield from node.expressions

    @property
    def named(self) -> frozenset[str]:
        """Every value that something in it names, but for the counts that a completion condition has by itself."""
        found = {name for one in self.expressions for name in one.names}
        return frozenset(found.union(*(self._enough(node) for node in self.nodes)))

    @staticmethod
    def _enough(node: Node) -> frozenset[str]:
        """Values by which it is seen whether enough of several have ended."""
        enough = node.call.enough if node.call is not None else None
        return enough.names - COUNTS.keys() if enough is not None else frozenset()

    @property
    def ways(self) -> frozenset[str]:
        """Every value on which it depends which way work goes."""
        found = {name for one in self.flows if one.condition is not None for name in one.condition.names}
        for node in self.nodes:
            if node.decision is not None:
                found |= {name for one in node.decision.expressions for name in one.names}
            if node.hears is not None and node.hears.where is not None:
                found |= node.hears.where.names
            if node.call is not None and node.call.each is not None:
                found |= node.call.each.names
            found |= self._enough(node)
        return frozenset(found)

    @property
    def verbs(self) -> frozenset[str]:
        """Every verb that its nodes and its ends do."""
        ends = (self.subject.rejected, self.subject.withdrawn) if self.subject is not None else ()
        return frozenset(
            (*(node.does.verb for node in self.nodes if node.does is not None), *(one for one in ends if one))
        )

    @property
    def events(self) -> frozenset[str]:
        """The names of messages that it hears, at its starts and on the way."""
        return frozenset(one.hears.name for one in self.nodes if one.hears is not None and one.hears.kind == "message")
