"""批量同意: one yes for several pieces of work, where nothing but the yes is asked for. Each is a decision by itself, in its own transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from heli.access.viewer import Viewer
from heli.flows import acts, deciding, inbox, library, matters
from heli.flows.core import handing
from heli.flows.core.definition import Definition, Node, reserved
from heli.flows.models import Work
from heli.flows.run import said
from heli.kernel.errors import HeliError, Invalid, NotFound, Problem
from heli.kernel.words import Words
from heli.records.verbs import verb_of

MOST = 50
"""Pieces of work of one call."""
GONE = Words("已经处理过，或不再是你的待办", "it is done already, or no longer yours")
ALONE = Words(
    "「{node}」要单独处理：它要填写、修改、交接或删除内容，指定了办理人，或只征求意见，请打开这一件",
    "“{node}” is decided by itself: something is to be filled in, changed, handed over or deleted, people were chosen for it, "
    "or only a view is asked for. Open it",
)
TWICE = Words("同一件待办写了两次", "the same work is named twice")
MANY = Words("一次最多 {n} 件", "at most {n} at a time")


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one: ``why`` it was not approved, with its code; nothing where it was."""

    instance: int
    number: int
    code: str = ""
    why: Words | None = None


def possible(work: Work, definition: Definition) -> bool:
    """Whether a piece of work is approved by a yes alone: what it is about is shown, nothing has to be filled in, nothing changes hands,
    nothing is deleted; nor did who began it propose or choose what only its own page shows."""
    node, type_ = definition.nodes[work.node], work.instance.type
    if work.opinion or not work.granted or node.task is None or node.task.form.require or matters.step(type_, node):
        return False
    if any(reserved(name) for name in work.instance.data):
        return False
    return handing.side(definition, work.node) is None and not _asks(type_, node)


def _asks(type_: str, node: Node) -> bool:
    """Whether its act deletes, or asks who does it for something."""
    if node.does is None:
        return False
    if node.does.verb in acts.BUILT_IN:
        return node.does.verb == acts.DELETE
    verb = verb_of(type_, node.does.verb)
    shown = {*node.task.form.show, *node.task.form.edit} if node.task is not None else set()
    return verb is None or bool(verb.params.keys() - node.does.gives.keys() - shown)


def approve(viewer: Viewer, wanted: Sequence[tuple[int, int]], text: str) -> list[Answer]:
    """Approve these (instance, number), in this order: what cannot be is said of each, and the others are done all the same.

    Raises Invalid for too many, for one that is named twice and for a text that is too long: nothing is then done.
    """
    if len(wanted) > MOST:
        raise Invalid(Problem("work", "too_many", MANY.fill(n=MOST)))
    twice = [at for at, one in enumerate(wanted) if one in wanted[:at]]
    if twice:
        raise Invalid([Problem(f"work/{at}", "twice", TWICE) for at in twice])
    said(text)
    return [_one(viewer, instance, number, text) for instance, number in wanted]


def _one(viewer: Viewer, instance: int, number: int, text: str) -> Answer:
    work = inbox.open_work(viewer).filter(instance_id=instance, number=number).first()
    if work is None:
        return Answer(instance, number, "done", GONE)
    definition = library.definition(work.instance.version)
    if not possible(work, definition):
        return Answer(instance, number, "alone", ALONE.fill(node=definition.nodes[work.node].words))
    try:
        deciding.decide(viewer, instance, number, deciding.Decision(text=text))
    except NotFound:
        return Answer(instance, number, "done", GONE)
    except Invalid as error:
        return Answer(instance, number, "invalid", error.problems[0].words if error.problems else error.words)
    except HeliError as error:
        return Answer(instance, number, error.code, error.words)
    return Answer(instance, number)


def key(work: Work, definition: Definition) -> str:
    """What is decided together with a piece of work: the same step of the same process; empty where it is decided by itself."""
    return f"{work.instance.process_code}/{definition.nodes[work.node].id}" if possible(work, definition) else ""
