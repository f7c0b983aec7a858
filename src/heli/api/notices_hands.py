"""Notices of hand-offs between departments, with the facts of the packet: from whom, of what, until when, what is asked."""

from __future__ import annotations

from collections.abc import Sequence

from heli.api.common import people
from heli.api.flow_packets import department
from heli.flows.core.definition import Definition
from heli.flows.core.handing import side
from heli.flows.models import Instance, Packet, Work
from heli.kernel.words import Words
from heli.org import zone

HANDS = Words(
    "{who}把「{node}」交接给你，请{until}接收或退回（{parts}）：{case}",
    "{who} hands “{node}” over to you, to accept or return{until} ({parts}): {case}",
)
BARE = Words(
    "{who}把「{node}」交接给你，请{until}接收或退回：{case}",
    "{who} hands “{node}” over to you, to accept or return{until}: {case}",
)
COMES_BACK = Words(
    "{who}退回了「{node}」的交接，请补齐后再交：{case}",
    "{who} returned the hand-off “{node}”: complete it and hand it over again: {case}",
)
WHY_BACK = Words("{said}。原因：{reason}", "{said}. The reason: {reason}")
THE_PROCESS, OF = Words("流程", "the process"), Words("{department}的{name}", "{name} of {department}")
BY, ANY_TIME = Words("在 {at} 前", " by {at}"), Words("", "")
PARTS = Words("{n} 个字段", "fields: {n}"), Words("{n} 个文件", "files: {n}"), Words("{n} 项说明", "notes: {n}")
MOST_REASON = 200


def noticed(row: Instance, definition: Definition, work: Work, cases: Sequence[Words]) -> list[Words] | None:
    """What tells somebody of a hand-off that is theirs now: from whom, of what, until when, what is asked. ``cases``: what the case is called, in
    the page and outside; only in the page is the reason for a return told. None where their work is no hand-off."""
    node = definition.nodes[work.node]
    how = side(definition, work.node)
    rows = Packet.objects.filter(instance_id=row.pk).exclude(state=Packet.DRAFT).order_by("-number")
    if how == "take" and node.task is not None and node.task.handoff is not None:
        last = rows.filter(node=node.id, state=Packet.HANDED).first()
        if last is None:
            return None
        until = BY.fill(at=zone.told(work.due_at)) if work.due_at is not None else ANY_TIME
        counted = (len(node.task.handoff.fields), last.files.count(), sum(bool(one) for one in last.notes.values()))
        some = [words.fill(n=n) for words, n in zip(PARTS, counted, strict=True) if n]
        parts = Words("、".join(one.zh for one in some), ", ".join(one.en for one in some))
        asks = HANDS if some else BARE
        return [asks.fill(who=_who(last.by_id), node=node.words, until=until, parts=parts, case=case) for case in cases]
    takers = {
        one.id: one.words for one in definition.nodes
        if one.task is not None and one.task.handoff is not None and one.task.handoff.source == node.id
    } if how == "give" else {}  # fmt: skip
    newest = rows.filter(node__in=takers).order_by("-answered_at", "-number").first() if takers else None
    if newest is None or newest.state != Packet.RETURNED:
        return None
    return with_reason(newest.answered_by, COMES_BACK, cases, newest.reason, takers[newest.node])


def with_reason(
    who: int | None, says: Words, cases: Sequence[Words], reason: str, node: Words | None = None
) -> list[Words]:
    """Who sent something back, and in the page why. ``cases``: what the case is called, in the page and outside."""
    said = [says.fill(who=_who(who), case=case, **({"node": node} if node is not None else {})) for case in cases]
    return [WHY_BACK.fill(said=said[0], reason=reason[:MOST_REASON]) if reason else said[0], *said[1:]]


def _who(person: int | None) -> Words:
    """Somebody with their department; the process itself, where nobody is named."""
    name = people([person]).get(person or 0, {}).get("name") if person else None
    if name is None:
        return THE_PROCESS
    home = department(person)
    return OF.fill(name=name, department=Words(**home)) if home is not None else Words(name, name)
