"""A decision of somebody's work: what it brings and hands over is written, its verb is done, and the case goes on. One transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from heli.access.viewer import Viewer
from heli.flows import acts, handing, matters, needs, rights
from heli.flows.core import events as e
from heli.flows.core.definition import Node
from heli.flows.core.expression import ExpressionError
from heli.flows.core.state import Item, ItemState
from heli.flows.models import Work
from heli.flows.run import Run, acting, audited, opened, said
from heli.flows.seen import stood_in_for
from heli.flows.store import Said
from heli.kernel.errors import Conflict, Invalid, NotFound, Problem, Refused
from heli.kernel.words import Words
from heli.org.models import Person

DELETED = Words(
    "流程的记录已被删除；恢复记录后可以继续",
    "the record of this process has been deleted; it goes on once it is restored",
)
OWN = Words("代理人不能替别人审批自己发起的流程", "nobody decides, as a deputy, what they have begun themselves")
NOT_ASKED = Words("这个节点不填写字段", "this node fills in no fields")
SERVICE = Words("程序账号不处理待办", "a service account does no work")


@dataclass(frozen=True, slots=True)
class Decision:
    """``to``: where a rejection leads. ``values``: fields of the node's form; ``given``: parameters of its verb; ``packets``: what it hands
    over, by the node that receives it."""

    approve: bool = True
    to: str | None = None
    text: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)
    packets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(slots=True)
class Mine:
    """A piece of work under the instance's lock, of the viewer or of whom they stand in for."""

    run: Run
    viewer: Viewer
    item: Item
    principal: int | None

    @property
    def node(self) -> Node:
        return self.run.definition.nodes[self.run.state.tokens[self.item.token].node]

    @property
    def person(self) -> int:
        """Whose work it is."""
        return self.item.person

    @property
    def place(self) -> int:
        return self.run.state.tokens[self.item.token].node

    def tell(self, what: str, text: str = "", *, outcome: str = "", person: int | None = None) -> None:
        place = self.place
        self.run.tell(
            what, node=place, outcome=outcome, text=text, person=self.viewer.person if person is None else person, acting_for=self.principal
        )  # fmt: skip


def mine_of(run: Run, viewer: Viewer, number: int) -> Mine:
    """Raises NotFound for what is not theirs, Conflict for what is over."""
    if viewer.person is None or viewer.kind == Person.SERVICE:
        raise Refused(SERVICE, code="service")
    item = run.state.items.get(number)
    if item is None:
        row = Work.objects.filter(instance_id=run.row.pk, number=number).first()
        if row is None or row.person_id != viewer.person:
            raise NotFound
        raise Conflict(Words("这项待办已经处理过了", "this work is done already"), code="done")
    principal = None if item.person == viewer.person else item.person
    if principal is not None:
        if principal not in stood_in_for(viewer, run.row):
            raise NotFound
        if viewer.person == run.row.initiator_id:
            raise Refused(OWN, code="own")
    if run.gone:
        raise Conflict(DELETED, code="record_deleted")
    return Mine(run, acting(viewer, principal), item, principal)


def decide(viewer: Viewer, instance: int, number: int, asked: Decision) -> None:
    """Approve or reject. Raises NotFound, Conflict (it is over), Refused with its reason, Invalid naming each place."""
    text = said(asked.text)

    def whole() -> None:
        with opened(instance, viewer.actor, viewer) as run:
            mine = mine_of(run, run.rights_of(viewer), number)
            step = run.step(mine.place)
            if step and run.matter is not None:
                if asked.values or asked.packets or asked.to not in (None, "end"):
                    raise Invalid(Problem("values", "unknown", NOT_ASKED))
                raise Elsewhere(mine.viewer, run.matter, run.row.record_id, step)
            run.by = mine.viewer.actor
            _decide(mine, asked, text)

    try:
        audited(viewer, "approve" if asked.approve else "reject", instance, whole)
    except Elsewhere as found:
        found.matter.decide(found.viewer, found.key, found.step, matters.Answer(asked.approve, text, asked.given))


@dataclass(eq=False)
class Elsewhere(Exception):
    """What is decided where the matter of the case is, in a transaction of its own; the case follows."""

    viewer: Viewer
    matter: matters.Matter
    key: str
    step: str = ""


def _decide(mine: Mine, asked: Decision, text: str) -> None:
    run, item = mine.run, mine.item
    event = e.Decide(item.id, item.person, asked.approve, asked.to, mine.principal)
    place = run.state.tokens[item.token].node
    if asked.approve and item.state is ItemState.OPEN and not item.opinion:
        _hand_in(mine, asked)
        _fill_in(mine, asked)
        takers = run.engine.taken_from(place)
        if takers and run.would_pass(event):
            handing.need(run, takers)
    elif asked.values or asked.given or asked.packets:
        raise Invalid(Problem("values", "unknown", NOT_ASKED))
    if not asked.approve and not item.opinion and place in run.engine.takers and not text:
        raise Invalid(Problem("text", "required", handing.WHY))
    run.said[item.id] = Said(text, mine.viewer.person)
    to = None if asked.approve else asked.to
    mine.tell("approve" if asked.approve else "reject", text, outcome=to or "")
    run.send(event)
    what = "approve" if asked.approve else "reject"
    run.save(what, text=text, told={"node": run.definition.nodes[place].id, "to": to}, last=True)


def _hand_in(mine: Mine, asked: Decision) -> None:
    """Keep what is gathered for whom this node hands over to."""
    takers = {mine.run.definition.nodes[one].id: one for one in mine.run.engine.taken_from(mine.place)}
    unknown = [Problem(f"packets/{node[:80]}", "unknown", NOT_ASKED) for node in asked.packets if node not in takers]
    if unknown:
        raise Invalid(unknown)
    for node, given in asked.packets.items():
        handing.draft(mine.run, mine.viewer, takers[node], given)


def _fill_in(mine: Mine, asked: Decision) -> None:
    """Write what the node's form brings and do its verb, as who decides, with the rights that their work gives."""
    run, node = mine.run, mine.node
    assert node.task is not None
    form = node.task.form
    unknown = [one for one in asked.values if one not in form.edit]
    if unknown:
        raise Invalid([Problem(f"values/{one[:80]}", "unknown", NOT_ASKED) for one in unknown])
    if asked.values:
        try:
            run.change(mine.viewer, "edit", asked.values)
        except Invalid as error:
            raise Invalid(
                [Problem(f"values/{one.place}", one.code, one.words) for one in error.problems], error.words
            ) from None
    empty = [one.problem for one in needs.of_form(node, run.looking) if one.lacking]
    if empty:
        raise Invalid(empty)
    kind = run.looking.kind
    event = e.Decide(mine.item.id, mine.person, True, None, mine.principal)
    if node.does is None:
        if asked.given:
            raise Invalid(Problem("given", "unknown", NOT_ASKED))
        return
    if asked.given and node.does.verb in acts.BUILT_IN:
        raise Invalid(Problem("given", "unknown", NOT_ASKED))
    if not run.would_pass(event):
        return
    try:
        doer = rights.deciding(mine.viewer, run.row, kind, node, mine.place) if kind is not None else mine.viewer
        run.do(doer, node, asked.given)
    except ExpressionError as error:
        raise Invalid(Problem("given", "condition", error.words)) from None
    except Invalid as error:
        raise Invalid(
            [Problem(f"given/{one.place}", one.code, one.words) for one in error.problems], error.words
        ) from None
