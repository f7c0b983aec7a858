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
from heli.flows import knowing, library, matters, rights, store
from heli.flows.core import events as e
from heli.flows.core.definition import Mode, Node
from heli.flows.core.moving import LIVE
from heli.flows.core.state import Item, Outcome
from heli.flows.finding import may_administer
from heli.flows.models import Instance, Work
from heli.flows.moves import ABOVE, UNTOLD, at_work, may_sign
from heli.flows.run import Run, audited, in_one, opened, said
from heli.flows.seen import concerns
from heli.kernel.errors import Conflict, Invalid, NotFound, Problem, Refused
from heli.kernel.words import Words
from heli.records.act import current

WHY = Words("请写明原因", "say why")
OVER = Words("流程已经结束", "the process has ended already")
DONE = Words("这项待办已经处理过了，或没有这项待办", "this work is done already, or there is no such work")
YOURSELF = Words("不能把待办改派给自己", "nobody gives work to themselves")
STANDS_IN = Words(
    "你是此人的代理人：改派给此人等于派给自己，请另找一位",
    "you stand in for them, so it would be yours to do: give it to somebody else",
)
SIGNS = Words(
    "此人已经是这一步要签的人之一：一个人不能替两个人签，请另找一位",
    "they are one of those who have to sign this step: one does not sign for two, give it to somebody else",
)
OWN = Words(
    "流程是你发起的，这一步由谁来审批不能由你选；请别的流程管理员改派",
    "you have begun it, so you do not choose who decides this step: another who looks after processes gives it away",
)
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
    below: tuple[Instance, ...]
    """Cases for which it waits, each of which is tended by itself."""


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
        rows = Instance.objects.filter(parent_id=row.pk, state=Instance.RUNNING).select_related("version__process")
        below = tuple(rows.defer("version__source").order_by("pk")[:MOST])
        log.append(
            EntryData(
                action="flow.tend", object_type="flow", object_id=str(row.pk), actor_id=now.actor.person, actor_name=now.actor.name,
                origin=now.actor.origin, via=now.actor.via, reason=why,
            )
        )  # fmt: skip
    # Whose turn it is in a step of a matter, that says by itself.
    told = tuple((work, node) for work, node in works if not matters.step(row.type, node))
    return Standing(row, told, tuple(definition.nodes[place] for place in halted), below)


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


def reassign(viewer: Viewer, instance: int, number: int, to: int, text: str = "") -> None:
    """Give somebody's work to another, never so that it comes to who gives it, nor, of what they have begun, to a decider of their choice.
    Who may not know of its step says why, before anything is told of that work. Raises NotFound for who does not look after processes."""
    text = said(text)
    at_work(to)

    def whole() -> None:
        with opened(instance, viewer.actor, viewer) as run:
            now = run.rights_of(viewer)
            if not _looks_after(now, run):
                raise NotFound
            if to == now.person:
                raise Refused(YOURSELF, code="own")
            if now.person in {who for who, _ in rights.deputies(to, run.row)}:
                raise Refused(STANDS_IN, code="own")
            item = run.state.items.get(number)
            node = run.state.tokens[item.token].node if item is not None and item.state in LIVE else None
            if not text and not _may_know(now, run, node):
                raise Invalid(Problem("text", "required", WHY))
            if item is None or node is None or item.person == to:
                raise Conflict(DONE, code="done")
            if run.step(node):
                raise Refused(NOT_HANDED.fill(what=run.matter.words if run.matter else ""), code="matter")
            if now.person == run.barred(node):
                raise Refused(OWN, code="own")
            if _signs(run, item, to):
                raise Refused(SIGNS, code="already")
            if to not in matters.hearing(run.row, [to]):
                raise Refused(UNTOLD, code="untold")
            may_sign(run, node, to)
            run.tell("reassigned", node=node, person=to, text=text, acting_for=item.person)
            run.send(e.Reassign(number, to))
            run.row.halted = run.row.halted and run.gone  # where nobody was to take it over, somebody has it now
            run.save("reassign", text=text, told={"to": to})

    audited(viewer, "reassign", instance, whole)


def _signs(run: Run, item: Item, to: int) -> bool:
    """Whether somebody is one of several who have to sign this node: with another's work beside theirs, one would sign for two."""
    group = run.state.groups[item.token]
    beside = [run.state.items[one] for one in group.items if one != item.id]
    return group.mode in (Mode.ALL, Mode.SEQUENCE, Mode.VOTE) and any(
        one.person == to and not one.opinion and (one.state in LIVE or one.outcome is Outcome.APPROVED)
        for one in beside
    )


def _may_know(viewer: Viewer, run: Run, node: int | None) -> bool:
    """Whether they may know of work at a node, or that there is none."""
    ways, veiled = knowing.knows(viewer, run.row)
    return ways and (not veiled if node is None else node not in veiled)


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
