"""What waits for somebody besides records: mentions, changes to confirm, rights to review. One function for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from heli.access.viewer import VIEW_AS, Viewer
from heli.api import flow_said, lending_queue, mentions, org_requests, reviews
from heli.api.common import moment, people
from heli.flows import confirming, inbox, knowing, seen
from heli.flows.finding import may_administer
from heli.flows.models import Draft, Version, Work
from heli.guard import alerts, report
from heli.guard.exports import decide
from heli.guard.models import Alert
from heli.kernel import clock
from heli.kernel.words import Words
from heli.notices import snooze
from heli.policy import drafts
from heli.records.types import TYPES

MOST_QUOTED = 120
MOST_ALERTS = 50
MOST_DRAFTS = 50
EXPORT = Words("{name}申请导出 {n} 条{type}", "{name} asks to export {n} {type}")
MENTIONED = Words("{name}提到你：{text}", "{name} mentioned you: {text}")
WAITS = Words("等你确认 · {what}", "waits for you to confirm: {what}")
APPROVE = Words("权限规则的 {n} 处改动等你批准", "changes of the rules that wait for your approval: {n}")
LIFTS = Words(
    "{n} 处改动取消或放宽了它自己会打破的规则，要两位管理员批准",
    "{n} changes that take away or weaken a rule they would break: two administrators have to approve",
)
HANDED_IN = Words("{name}提交的流程草稿，等你发布", "a process that {name} drew waits for you to publish it")
CONFIRM = Words(
    "流程第 {n} 版给出的权限超过作者能给的，等你确认",
    "version {n} of a process gives more than its author could: it waits for your yes",
)
MOST_WORK = 150
"""Pieces of work in a queue, what is put off beside them; of more it is said how many."""
MOST_COUNTED = 2000
DOES = Words("{node} · {process} #{number}", "{node}, {process} #{number}")
DOES_FOR = Words("代 {who}：{node} · {process} #{number}", "for {who}: {node}, {process} #{number}")
HANDS = {
    "give": Words("交接 · 准备移交：{what}", "hand-off to prepare: {what}"),
    "take": Words("交接 · 等你接收：{what}", "hand-off to accept: {what}"),
}
PUBLISH = Words(
    "你的 {n} 处规则改动已获批准，可以发布", "your {n} changes of the rules are approved and can be published"
)

type Item = dict[str, Any]
"""An entry of the workbench's queue. ``href`` is where it opens when it is no record."""


def _mentions(viewer: Viewer) -> list[Item]:
    """New mentions of me: they are for today, whenever they were made."""
    return [
        {
            "kind": "mention",
            "type": one["type"],
            "id": one["record"],
            "title": one["title"],
            "since": one["at"],
            "due": None,
            "why": MENTIONED.fill(name=(one["author"] or {}).get("name", ""), text=one["body"][:MOST_QUOTED]).json(),
            "group": "today",
            "mention": one["id"],
        }
        for one in mentions.mine(viewer, unseen=True)["items"]
    ]


def _changes(viewer: Viewer) -> list[Item]:
    """Administrative changes that wait for me as the second person."""
    return [
        {
            "kind": "change",
            "type": "change",
            "id": one.pk,
            "title": one.name,
            "since": moment(one.at),
            "due": moment(one.ends),
            "why": WAITS.fill(what=org_requests.sentence(one)).json(),
            "group": "today",
            "href": f"/organisation/people/{one.about[0]}" if one.about else "/organisation",
        }
        for one in org_requests.waiting(viewer)
    ]


def _reviews(viewer: Viewer) -> list[Item]:
    """Batches of rights that I am to review."""
    found = reviews.waiting(viewer.person) if viewer.person is not None and not viewer.role else []
    ended = [{**one, "href": "/access/reviews?campaigns"} for one in reviews.ending_asked(viewer)]
    return [*({**one, "href": f"/access/reviews?batch={one['id']}"} for one in found), *ended]


def _guard(viewer: Viewer) -> list[Item]:
    """Exports that wait for my decision, and alerts about my people (all of them for security)."""
    if viewer.person is None:
        return []
    found = []
    waiting = decide.waiting(viewer.person)
    names = people(one.person_id for one in waiting)
    for one in waiting:
        kind = TYPES[one.type]
        what: dict[str, Any] = {"name": names[one.person_id]["name"], "type": kind.plural, "n": one.rows}
        item: Item = {
            "kind": "export",
            "type": "export",
            "id": one.pk,
            "title": f"{what['name']} · {one.number}",
            "due": moment(one.expires_at),
        }
        item |= {"why": EXPORT.fill(**what).json(), "since": moment(one.made_at), "href": f"/exports/{one.pk}"}
        found.append({**item, "group": "today"})
    return found + _alerts(viewer)


def _alerts(viewer: Viewer) -> list[Item]:
    view = viewer.view
    rows = Alert.objects.filter(closed_at=None).exclude(person_id=viewer.person or 0)
    if view is None or not view.may("policy", "administer"):
        if not rows.exists():
            return []
        rows = rows.filter(person_id__in=report.subordinates(viewer.person or 0))
    listed = list(rows.order_by("-last_at")[:MOST_ALERTS])
    names = people(one.person_id for one in listed)
    return [
        {
            "kind": "alert", "type": "alert", "id": one.pk, "title": names[one.person_id]["name"], "due": None,
            "since": moment(one.last_at), "why": alerts.KINDS[one.kind].json(), "group": "today",
            "href": "/access/guard",
        }
        for one in listed
        if one.person_id in names
    ]  # fmt: skip


def _drafts(viewer: Viewer) -> list[Item]:
    """Submitted drafts of the rules: for who may grant and had no hand in one to approve it, for its authors to publish it."""
    if viewer.person is None or viewer.role or viewer.view is None or not viewer.view.may("policy", "grant"):
        return []
    found: list[Item] = []
    for one in drafts.submitted(MOST_DRAFTS):
        yes = drafts.approvers(one)
        mine, approved = viewer.person in one.authors, len(yes) >= max(1, one.approvals)
        if mine != approved or (not mine and viewer.person in yes):
            continue  # mine waits for somebody else; or it is approved, and its authors bring it on
        words = (PUBLISH if approved else LIFTS if one.approvals > 1 else APPROVE).fill(n=len(one.changes))
        found.append(
            {
                "kind": "draft", "type": "draft", "id": str(one.pk), "title": f"{one.title} · D-{one.pk}", "due": None,
                "since": moment(one.changed_at), "why": words.json(), "group": "today", "href": f"/access/drafts/{one.pk}",
            }
        )  # fmt: skip
    return found


def _processes(viewer: Viewer) -> list[Item]:
    """Processes that wait to be published: drafts handed in, for who looks after processes; versions that give more than their author holds,
    for security."""
    view = viewer.view
    if viewer.person is None or viewer.role or view is None:
        return []
    found: list[Item] = []
    if may_administer(view):
        rows = list(Draft.objects.filter(state=Draft.SUBMITTED).defer("source").order_by("pk")[:MOST_DRAFTS])
        names = people(one.changed_by for one in rows)
        for one in rows:
            why = HANDED_IN.fill(name=(names.get(one.changed_by) or {}).get("name", ""))
            found.append(_process(f"p{one.pk}", one.words, one.changed_at, why, f"/flows/design/{one.pk}"))
    if view.may("policy", "grant"):
        waits = list(
            Version.objects.filter(state=Version.WAITING).select_related("process").defer("source").order_by("pk")
        )
        hands = confirming.hands(waits)
        for version in [one for one in waits if viewer.person not in hands[one.pk]][:MOST_DRAFTS]:
            process = version.process
            why = CONFIRM.fill(n=version.number)
            found.append(_process(f"v{version.pk}", process.words, version.at, why, f"/flows?process={process.code}"))
    return found


def _process(id: str, name: Words, since: datetime, why: Words, href: str) -> Item:
    return {
        "kind": "draft", "type": "draft", "id": id, "title": name.zh, "title_words": name.json(), "due": None,
        "since": moment(since), "why": why.json(), "group": "today",
        "href": href,
    }  # fmt: skip


def _work(viewer: Viewer) -> list[Item]:
    """Work at nodes of processes: mine, and that of whom I stand in for. Who looks as somebody else sees of it what they might know
    themselves: which step it is tells which way the case took."""
    if viewer.person is None or viewer.role:
        return []
    person = viewer.person
    rows = inbox.foremost(
        viewer, MOST_WORK, lambda: len(snooze.of(person))
    )  # what is put off takes no room from what stands there
    rows = [one for one in rows if not inbox.elsewhere(one)]
    if viewer.mode is not None and viewer.mode.kind == VIEW_AS:
        rows = [one for one in rows if _both_know(viewer, one)]
    found: list[Item] = []
    for one in flow_said.works(viewer, rows) if rows else []:
        named, title = Words(**one["node_name"]), one["title"] or Words(**one["name"]).zh
        for_ = (one["acting_for"] or {}).get("name")
        words = (DOES_FOR if for_ else DOES).fill(
            node=named, process=Words(**one["name"]), number=one["id"], who=for_ or ""
        )
        words = HANDS[one["handoff"]].fill(what=words) if one["handoff"] else words
        late = _late(one["due_at"], one["opened_at"], one["usual"])
        found.append(
            {
                "kind": "work", "type": one["type"] if one["type"] in TYPES else "process",
                "id": one["record"] if one["type"] in TYPES else one["id"], "title": title, "due": one["due_at"],
                "since": one["opened_at"], "why": words.json(), "group": "overdue" if late else "today", "href": f"/flows/{one['id']}",
                "work": {name: one[name] for name in ("number", "together", "show", "usual")} | {"instance": one["id"]},
                **({} if one["title"] else {"title_words": one.get("title_words") or one["name"]}),
            }
        )  # fmt: skip
    return found


def _late(due: str | None, opened: str | None, usual: int | None) -> bool:
    """Whether it is past its time, or has waited longer than is usual."""
    now = clock.now()
    if due is not None and datetime.fromisoformat(due) < now:
        return True
    return opened is not None and usual is not None and now - datetime.fromisoformat(opened) > timedelta(seconds=usual)


def beyond(viewer: Viewer, queue: Sequence[Item]) -> int:
    """How much of their work found no room in somebody's queue."""
    listed = sum("work" in one for one in queue)
    if listed * 2 < MOST_WORK or viewer.mode is not None:
        return 0
    return max(0, sum(not inbox.elsewhere(one) for one in inbox.to_do(viewer)[:MOST_COUNTED]) - listed)


def _both_know(viewer: Viewer, one: Work) -> bool:
    """Whether a step is known to whoever sees and reads what both of a mode do."""
    row = one.instance
    ways, veiled = knowing.knows(viewer, row)
    return ways and one.node not in veiled and seen.sees_record(viewer, row)


QUEUES: tuple[Callable[[Viewer], list[Item]], ...] = (
    _work,
    _mentions,
    _changes,
    _reviews,
    lending_queue.queue,
    _guard,
    _drafts,
    _processes,
)


def queue(viewer: Viewer) -> list[Item]:
    """All of it, in no order."""
    return [one for source in QUEUES for one in source(viewer)]
