"""What a case can be about beside records: a matter, which another part of the program decides.

That part stays the authority. A node that does one of a matter's steps is decided by doing it there (``Matter.decide``), and the case
follows what has become of it, in the same transaction (``following``). All other nodes are as in every case: the company may draw some
before, and the matter waits for them (``Matter.settled``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from heli.access.viewer import Viewer
from heli.flows.core.definition import Definition, Node
from heli.flows.core.state import Ended
from heli.flows.core.values import Value
from heli.flows.models import Instance
from heli.kernel.actor import Actor
from heli.kernel.words import Words
from heli.records.types import TYPES

MATTER = "matter."
"""What conditions call the values of what the case is about."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A decision of one of its steps: ``given`` is what the step takes beside a yes."""

    approve: bool
    text: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settled:
    """Where a case stands after a step: at which steps of the matter; how it has ended, by whom, and what they said."""

    steps: frozenset[str]
    ended: Ended | None
    by: Actor
    text: str


@dataclass(frozen=True, slots=True)
class Matter:
    """One kind of matter. ``steps`` and ``values``: what nodes do, and what conditions may name, by name."""

    code: str
    words: Words
    steps: Mapping[str, Words]
    values: Mapping[str, Words]
    people: Callable[[str, str], list[int]]
    """(id, step): whose turn it is, in their order."""
    value: Callable[[str, str], Value]
    """(id, name)."""
    decide: Callable[[Viewer, str, str, Answer], None]
    """(viewer, id, step, answer). Raises as that part of the program does."""
    withdraw: Callable[[Viewer, str], None]
    """(viewer, id): take it back, as who asked for it."""
    settled: Callable[[str, Settled], None]
    """(id, where the case stands now)."""
    follows: Callable[[Viewer, list[str]], set[str]]
    """(viewer, ids): those of whose case they may know by that part's own rules."""
    veils: Callable[[Viewer, str], frozenset[str]]
    """(viewer, id): steps of which they may not know who does them."""
    hidden: Callable[[Viewer, str], bool]
    """(viewer, id): whether where its case stands would tell them what they may not know."""
    refusable: bool = True
    """Whether its steps can be rejected; else they are done, or not yet."""
    recallable: bool = True
    """Whether who began its case may end it there; else that is no move that anybody is offered."""
    queued: bool = True
    """Whether what waits for somebody stands in a queue of its own; else its work stands among that of all processes."""
    tells: bool = True
    """Whether that part tells whose turn it is; else they hear of it as of all work."""
    hears: Callable[[str, Collection[int]], set[int]] | None = None
    """(id, people): those of them who may hear of its case, whoever else would tell them; None: all."""
    due: Callable[[str, str], datetime | None] | None = None
    """(id, step): until when that part wants the step done, whatever limit its node has; None: it is the node's to say."""
    acts: bool = False
    """Whether that part does by itself what its time being up brings, and tells of it: nobody hears of it as of work that is late."""
    open: Collection[str] = ("state",)
    """Values that whoever hears of a case may know: where it stands tells them. The others are for whom that part of the program lets
    follow it."""


MATTERS: dict[str, Matter] = {}
"""By code; a code is no type of records."""


def register(matter: Matter) -> None:
    """Make it known at start-up, once for each kind."""
    MATTERS[matter.code] = matter


def about(type_: str) -> Words | None:
    """What cases of this type are about, in words."""
    matter = MATTERS.get(type_)
    return matter.words if matter is not None else TYPES[type_].words if type_ in TYPES else None


def of(definition: Definition) -> Matter | None:
    """What a definition's cases are about, when that is no record."""
    return MATTERS.get(definition.subject.type) if definition.subject is not None else None


def hearing(row: Instance, people: Sequence[int]) -> list[int]:
    """Those of the people who may be told of a case: of one about a matter, those whom that lets hear of it."""
    matter = MATTERS.get(row.type)
    if matter is None or matter.hears is None:
        return list(people)
    may = matter.hears(row.record_id, people)
    return [one for one in people if one in may]


def tells_value(viewer: Viewer, type_: str, key: str, names: Collection[str]) -> bool:
    """Whether the viewer may know these values of a matter, and so which way a case took by them."""
    matter = MATTERS[type_]
    closed = {one for one in names if one not in matter.open}
    return not closed or key in matter.follows(viewer, [key])


def due(type_: str, key: str, node: Node) -> datetime | None:
    """Until when the matter itself wants a node done; None where the node's own limit counts."""
    matter, does = MATTERS.get(type_), step(type_, node)
    return matter.due(key, does) if matter is not None and matter.due is not None and does else None


def acts(type_: str, node: Node) -> bool:
    """Whether the matter itself does what comes when a node's time is up."""
    matter = MATTERS.get(type_)
    return matter is not None and matter.acts and step(type_, node) != ""


def queued(type_: str, node: Node) -> bool:
    """Whether what waits at a node stands in the queue of its matter."""
    matter = MATTERS.get(type_)
    return matter is not None and matter.queued and step(type_, node) != ""


def step(type_: str, node: Node) -> str:
    """The step of the matter that a node does; empty for every other node."""
    matter = MATTERS.get(type_)
    return node.does.verb if matter is not None and node.does is not None and node.does.verb in matter.steps else ""
