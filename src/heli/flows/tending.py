"""What somebody who looks after processes does with a case whose way they may not know: whom its open work waits for, giving that to others,
trying again, and ending it.

To give work away they have to be told what it is, whose, and since when; that much may tell which way the case took, so asking is an act of its
own that stands in the audit log, with what it was for (``docs/disclosures.md``: `tend`).
"""

from __future__ import annotations

from dataclasses import dataclass

from heli.access.viewer import Viewer
from heli.audit import log
from heli.audit.log import EntryData
from heli.flows import library, matters, store
from heli.flows.core import events as e
from heli.flows.core.definition import Node
from heli.flows.finding import may_administer
from heli.flows.models import Instance, Work
from heli.flows.moves import ABOVE, at_work, may_sign
from heli.flows.run import Run, audited, in_one, opened, said
from heli.flows.seen import concerns
from heli.kernel.errors import Conflict, Invalid, NotFound, Problem, Refused
from heli.kernel.words import Words
from heli.records.act import current

WHY = Words("请写明原因", "say why")
OVER = Words("流程已经结束", "the process has ended already")
YOURSELF = Words("不能把待办改派给自己", "nobody gives work to themselves")
NOT_HANDED = Words(
    "谁来处理由「{what}」自己决定，不能改派",
    "whose turn it is, the {what} decides by itself: it is not given to others",
)
MOST = 200


@dataclass(frozen=True, slots=True)
class Standing:
    """Work that waits, and nodes that stand still; nothing of what has been, is to come, or is said."""

    row: Instance
    works: tuple[tuple[Work, Node], ...]
    halted: tuple[Node, ...]


def look(viewer: Viewer, instance: int, why: str) -> Standing:
    """Whom a running case waits for. Raises NotFound for who does not look after processes or may not hear of it, Invalid without a reason."""
    why = _reason(why)
    with log.transaction():
        now = current(viewer)
        found = store.read(instance, lock=False)
        if found is None or not may_administer(now.view) or now.role or not concerns(now, found.row):
            raise NotFound
        if found.row.state != Instance.RUNNING:
            raise Conflict(OVER, code="ended")
        row, state, definition = found.row, found.state, library.of(found.row).definition
        open_ = Work.objects.filter(instance_id=row.pk, state=Work.OPEN).order_by("number")[:MOST]
        works = [(one, definition.nodes[one.node]) for one in open_]
        halted = dict.fromkeys(one.node for one in state.tokens.values() if one.id in state.halted)
        log.append(
            EntryData(
                action="flow.tend", object_type="flow", object_id=str(row.pk), actor_id=now.actor.person, actor_name=now.actor.name,
                origin=now.actor.origin, via=now.actor.via, reason=why,
            )
        )  # fmt: skip
    # Whose turn it is in a step of a matter, that says by itself.
    told = tuple((work, node) for work, node in works if not matters.step(row.type, node))
    return Standing(row, told, tuple(definition.nodes[place] for place in halted))


def end(viewer: Viewer, instance: int, why: str) -> None:
    """End a case that should not go on, as if who began it had withdrawn it. Raises NotFound for who does not look after processes, Refused
    where another case waits for it or what it is about decides."""
    why = _reason(why)

    def whole() -> None:
        with opened(instance, viewer.actor, viewer) as run:
            now = run.rights_of(viewer)
            if not may_administer(now.view) or not concerns(now, run.row):
                raise NotFound
            if run.row.parent_id is not None:
                raise Refused(ABOVE, code="above")
            if run.matter is not None:
                raise Refused(NOT_HANDED.fill(what=run.matter.words), code="matter")
            run.tell("end", person=now.person, text=why)
            run.send(e.Withdraw(run.row.initiator_id))
            run.save("end", text=why)

    audited(viewer, "end", instance, whole)


def _reason(why: str) -> str:
    why = said(why)
    if not why:
        raise Invalid(Problem("text", "required", WHY))
    return why


def _looks_after(viewer: Viewer, run: Run) -> bool:
    """Whether somebody looks after processes, and may know of this case."""
    return may_administer(viewer.view) and concerns(viewer, run.row)


def retry(viewer: Viewer, instance: int, node: str, text: str = "") -> None:
    """Try again what stands still at a node. Raises NotFound for who does not look after processes."""
    text = said(text)

    def whole() -> None:
        with opened(instance, viewer.actor, viewer) as run:
            now = run.rights_of(viewer)
            place = run.definition.places.get(node)
            if place is None or not _looks_after(now, run):
                raise NotFound
            halted = [one.id for one in run.state.at(place) if one.id in run.state.halted]
            if not halted:
                raise Conflict(Words("这里没有要重试的问题", "there is nothing to try again here"), code="no_incident")
            for token in halted:
                run.send(e.Retry(token))
            run.tell("retry", node=place, person=now.person, text=text)
            run.save("retry", text=text, told={"node": node})

    in_one(whole)


def reassign(viewer: Viewer, instance: int, number: int, to: int, text: str = "") -> None:
    """Give somebody's work to another, as who looks after processes. Raises NotFound for others."""
    text = said(text)
    at_work(to)

    def whole() -> None:
        with opened(instance, viewer.actor, viewer) as run:
            now = run.rights_of(viewer)
            if not _looks_after(now, run) or number not in run.state.items:
                raise NotFound
            if to == now.person:
                raise Refused(YOURSELF, code="own")
            node = run.state.tokens[run.state.items[number].token].node
            may_sign(run, node, to)
            if run.step(node):
                raise Refused(NOT_HANDED.fill(what=run.matter.words if run.matter else ""), code="matter")
            run.tell("reassigned", node=node, person=to, text=text, acting_for=run.state.items[number].person)
            run.send(e.Reassign(number, to))
            run.row.halted = run.row.halted and run.gone  # where nobody was to take it over, somebody has it now
            run.save("reassign", text=text, told={"to": to})

    audited(viewer, "reassign", instance, whole)
