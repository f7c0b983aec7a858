"""Hand-offs as they are drawn: that somebody hands over, that nobody is passed over, and what a packet asks for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from heli.flows.core.definition import Definition, Handoff, Kind, Node
from heli.flows.core.expression import ExpressionError, Look
from heli.flows.core.graph import Graph
from heli.kernel.errors import Problem
from heli.kernel.words import Words

NO_SOURCE = Words(
    "“{node}”是交接节点，还不清楚由谁移交：请选它之前的一个人工节点或系统操作（heli:handoff from），每条到这里的路都要经过它",
    "“{node}” receives a hand-off, and who hands over is not clear: "
    "choose a step or service before it (from of heli:handoff) that every way to it passes",
)
NOT_A_PERSON = Words(
    "“{node}”不能接收交接，交接是给人的：请换成人工节点，或去掉交接",
    "“{node}” cannot receive a hand-off, which goes to people: make it a step of people, or take the hand-off out",
)
EMPTY = Words(
    "“{node}”的交接单是空的：请写上字段、文件、说明或接收条件",
    "the packet of “{node}” is empty: name fields, files, notes or criteria",
)
BY_ITSELF = Words(
    "“{node}”由系统操作移交，没有人填写：请从交接单里删去文件、说明和必填字段，只留字段和接收条件，或改由人工节点移交",
    "a service hands over to “{node}”, and nobody fills anything in: leave fields and criteria in its packet, no files, "
    "notes or required fields, or let "
    "a step of people hand over",
)
SKIPPED = Words(
    "“{node}”要有人{what}，不能被跳过：请把“找不到人”“是发起人自己”“已办过”时的跳过（empty、self、same）和到期自动同意（outcome）改掉",
    "somebody has to {what} at “{node}”, which is not passed over: change what skips it (empty, self, same) or approves it by itself (outcome)",
)
NOT_SO = Words("还不能移交：未满足「{criterion}」", "not to be handed over yet: “{criterion}” is not so")
GIVES, TAKES = Words("移交", "hand over"), Words("接收", "accept")


def check(definition: Definition) -> list[Problem]:
    """What is wrong with the hand-offs of a definition, each by its node."""
    takers = [
        (place, node)
        for place, node in enumerate(definition.nodes)
        if node.task is not None and node.task.handoff is not None
    ]
    if not takers:
        return []
    graph = Graph(definition)
    found: list[Problem] = []
    for place, node in takers:
        found += _taker(definition, graph, place, node)
    sources = {definition.places.get(node.task.handoff.source) for _, node in takers if node.task and node.task.handoff}
    for place in sorted(one for one in sources if one is not None):
        if definition.nodes[place].kind is Kind.USER:
            found += _passed_over(definition.nodes[place], GIVES)
    return found


def _taker(definition: Definition, graph: Graph, place: int, node: Node) -> Iterable[Problem]:
    assert node.task is not None and node.task.handoff is not None
    handoff = node.task.handoff
    if node.kind is not Kind.USER:
        yield Problem(node.element, "handoff", NOT_A_PERSON.fill(node=node.words))
        return
    yield from _passed_over(node, TAKES)
    if not (handoff.fields or handoff.files or handoff.notes or handoff.criteria):
        yield Problem(node.element, "empty", EMPTY.fill(node=node.words))
    at = definition.places.get(handoff.source)
    source = definition.nodes[at] if at is not None else None
    if (
        at is None
        or source is None
        or source.kind not in (Kind.USER, Kind.SERVICE)
        or at == place
        or source.level != node.level
        or not graph.dominates(at, place)
    ):
        yield Problem(node.element, "from", NO_SOURCE.fill(node=node.words))
    elif source.kind is Kind.SERVICE and (handoff.files or handoff.notes or handoff.require):
        yield Problem(node.element, "by_itself", BY_ITSELF.fill(node=node.words))


def _passed_over(node: Node, what: Words) -> Iterable[Problem]:
    task = node.task
    if task is not None and ("skip" in (task.self, task.empty) or task.same == "dedupe" or task.outcome == "approve"):
        yield Problem(node.element, "skipped", SKIPPED.fill(node=node.words, what=what))


def side(definition: Definition, place: int) -> str | None:
    """Whether work at a node gives (``give``) or takes (``take``) a hand-off; None where it does neither."""
    task = definition.nodes[place].task
    if task is not None and task.handoff is not None:
        return "take"
    code = definition.nodes[place].id
    every = (one.task.handoff for one in definition.nodes if one.task is not None)
    return "give" if any(one is not None and one.source == code for one in every) else None


def unfulfilled(handoff: Handoff, look: Look, today: dt.date) -> dict[str, Words | None]:
    """The criteria that are not so, by their codes; with why, where one cannot be worked out."""
    found: dict[str, Words | None] = {}
    for one in handoff.criteria:
        try:
            if not one.when.holds(look, today):
                found[one.code] = None
        except ExpressionError as error:
            found[one.code] = error.words
    return found
