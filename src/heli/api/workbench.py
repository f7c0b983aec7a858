"""工作台: what needs me now, figures of my scope, and what I touched last. All of it through the read door."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from heli.access.viewer import Viewer
from heli.api import flow_said, later, shape, waiting
from heli.api.account import own
from heli.api.common import WORDS, moment, ref
from heli.api.me import company
from heli.api.route import Answer, Call, Route
from heli.api.sandboxes import my_sandboxes
from heli.api.scope_words import scope_words
from heli.audit import entries
from heli.flows import bars, inbox
from heli.kernel import clock
from heli.kernel.errors import NotFound, TooMany
from heli.kernel.words import Words
from heli.notices import snooze
from heli.records import names, store
from heli.records.types import TYPES

PER_SOURCE = 50
"""Records of one kind in a queue, what is put off beside them; of more it is said how many."""
MOST_COUNTED = 2000
MOST_QUEUE = 200
MOST_RECENT = 10

OPEN_DEALS = {"stage": ["prospecting", "engaging", "new", "qualified", "proposal", "negotiation"]}
OPEN_TICKETS = {"stage": ["open", "processing", "waiting"]}
OPEN_LEADS = {"stage": ["new", "contacted", "qualified"]}


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of my scope: a count, or a sum over the cells that I read."""

    code: str
    words: Words
    type: str
    filter: dict[str, Any]
    sum: str = ""
    mine: bool = False
    """Only what the viewer owns: it is called theirs."""


FIGURES = (
    Figure("open_deals", Words("进行中商机", "Open deals"), "opportunity", OPEN_DEALS),
    Figure("open_amount", Words("商机金额", "Open amount"), "opportunity", OPEN_DEALS, "amount"),
    Figure("open_leads", Words("待跟进线索", "Open leads"), "lead", OPEN_LEADS),
    Figure("open_tickets", Words("处理中工单", "Open tickets"), "ticket", OPEN_TICKETS),
    Figure("due_amount", Words("待回款", "Payments due"), "payment", {"status": ["planned", "received"]}, "amount"),
    Figure("contracts_review", Words("审核中合同", "Contracts in review"), "contract", {"status": "review"}),
    Figure("campaigns", Words("进行中活动", "Running campaigns"), "campaign", {"status": "running"}),
    Figure("feedback", Words("待处理反馈", "Open feedback"), "feedback", {"status": ["new", "review", "open"]}),
    Figure("accounts", Words("客户", "Accounts"), "account", {}),
    Figure("open_tasks", Words("我的任务", "My tasks"), "task", {"status": ["open", "doing"]}, mine=True),
)
MOST_FIGURES = 5
FIGURE_SECONDS = 1.0
"""Time for one figure; it has no value when this runs out."""


@dataclass(frozen=True, slots=True)
class Source:
    """Records that wait for someone: whose (``mine`` or whoever may do ``action``), since when, due when."""

    kind: str
    type: str
    filter: dict[str, Any]
    due: str
    since: str
    words: Words
    action: str = ""
    dated: bool = False
    """Only with a due date (a follow-up without one waits for nothing)."""
    handled: bool = False
    """Where a process runs for the record, its work is in the queue instead."""
    left: str = ""
    """Only where a process alone does this: then it waits without one."""


SOURCES = (
    Source("task", "task", {"status": ["open", "doing"]}, "due_on", "created_at", Words("你的任务", "your task")),
    Source("ticket", "ticket", OPEN_TICKETS, "due_at", "created_at", Words("你负责的工单", "your ticket")),
    Source(
        "deal",
        "opportunity",
        OPEN_DEALS,
        "next_follow_on",
        "stage_since",
        Words("该跟进了", "due for contact"),
        dated=True,
    ),
    Source(
        "lead", "lead", OPEN_LEADS, "next_follow_on", "created_at", Words("该跟进了", "due for contact"), dated=True
    ),
    Source(
        "account", "account", {}, "next_follow_on", "last_activity_at", Words("该拜访了", "due for contact"), dated=True
    ),
    Source(
        "approval",
        "contract",
        {"status": "review"},
        "",
        "updated_at",
        Words("等你审批", "waits for your approval"),
        "approve",
        handled=True,
    ),
    Source(
        "stuck",
        "contract",
        {"status": "review"},
        "",
        "updated_at",
        Words(
            "在审核中，却没有流程在办：请发起它的审批",
            "in review, but no process runs for it: begin its approval",
        ),
        handled=True,
        left="approve",
    ),
    Source(
        "signing",
        "contract",
        {"status": "approved"},
        "starts_on",
        "updated_at",
        Words("已批准，待签订", "approved, to be signed"),
        handled=True,
    ),
    Source(
        "payment",
        "payment",
        {"status": "received"},
        "due_on",
        "received_on",
        Words("到账待核销", "received, to be confirmed"),
        "confirm",
    ),
    Source(
        "dunning",
        "payment",
        {"status": "planned"},
        "due_on",
        "created_at",
        Words("回款到期", "payment due"),
        dated=True,
    ),
    Source("order", "order", {"status": "draft"}, "deliver_on", "created_at", Words("订单待确认", "order to confirm")),
)
GROUPS = ("overdue", "today", "week", "later")


def payload(viewer: Viewer) -> dict[str, Any]:
    """What GET /workbench answers."""
    whole, more = _queue(viewer)
    queue, put_off = later.split(viewer, whole)
    main = next((f.type for f in FIGURES if viewer.view is not None and f.type in viewer.view.types), "account")
    return {
        "figures": _figures(viewer),
        "queue": queue[:MOST_QUEUE],
        "beyond": max(0, len(queue) - MOST_QUEUE) + waiting.beyond(viewer, whole) + more,
        "later": put_off[:MOST_QUEUE],
        "recent": _recent(viewer),
        "sandboxes": my_sandboxes(viewer.person) if viewer.mode is None else [],
        "scope": scope_words(viewer, main).json(),
    }


def _queue(viewer: Viewer) -> tuple[list[dict[str, Any]], int]:
    """All that waits in its order, and how many records that wait too found no room in it."""
    alone, found, more = bars.alone(), waiting.queue(viewer), 0
    for source in SOURCES:
        some, beyond = _waiting(viewer, source, alone)
        found, more = found + some, more + beyond
    return sorted(found, key=_order), more


def put_off(call: Call) -> Answer:
    """Put an entry of my queue off, or let it stand there again."""
    person, wanted, until = own(call), call.body["entry"], call.body["until"]
    if until is None:
        snooze.back(person, wanted)
        return Answer(status=204)
    found = next((one for one in _queue(call.viewer)[0] if later.entry(one) == wanted), None)
    if found is None:
        raise NotFound
    snooze.put(person, wanted, later.when(until), overdue=found["group"] == "overdue")
    return Answer(status=204)


def _order(one: dict[str, Any]) -> tuple[int, str, str]:
    came = one["since"] if "work" in one else None  # as ``inbox.pressing``
    return GROUPS.index(one["group"]), one["due"] or came or "9999", one["since"] or ""


def _figures(viewer: Viewer) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for figure in FIGURES:
        if len(found) == MOST_FIGURES or figure.type not in TYPES:
            break
        said = _figure(viewer, figure)
        if said is not None:
            found.append(said)
    return found


def asked(viewer: Viewer, code: str, wanted: dict[str, Any]) -> store.Query | None:
    """The question, when the viewer may use every field it needs."""
    if code not in TYPES:
        return None
    try:
        query = store.query(viewer, code)
    except NotFound:
        return None
    if any(query.sight.usable(field) is None for field in wanted):
        return None
    kind = TYPES[code]
    for field, values in wanted.items():
        options = getattr(kind.fields[field], "values", None)
        if options is not None:
            kept = [v for v in (values if isinstance(values, list) else [values]) if v in options]
            if not kept:
                return None
            query = query.where({"field": field, "op": "in", "value": kept})
    return query


def counted_for(viewer: Viewer, figure: Figure) -> store.Query | None:
    """The records that a figure counts; None for whoever has no such figure."""
    query = asked(viewer, figure.type, figure.filter)
    needed = (*([figure.sum] if figure.sum else []), *(["owner"] if figure.mine else []))
    if query is None or any(query.sight.usable(field) is None for field in needed):
        return None
    return query.where({"field": "owner", "op": "=", "value": str(viewer.person)}) if figure.mine else query


def _figure(viewer: Viewer, figure: Figure) -> dict[str, Any] | None:
    query = counted_for(viewer, figure)
    if query is None:
        return None
    try:
        counted = query.count(total=figure.sum or None, seconds=FIGURE_SECONDS)
    except TooMany:  # over their budget: the figure waits, the rest of the page does not
        counted = store.Count(0, more=True)
    said: dict[str, Any] = {
        "code": figure.code,
        "name": figure.words.json(),
        "value": None if counted.more else counted.count,
        "list": _list(figure, viewer),
    }
    if figure.sum and not counted.more:
        said["value"] = TYPES[figure.type].fields[figure.sum].dump(counted.sum or 0)
        said["unit"] = company()["currency"]
    return said


def _list(figure: Figure, viewer: Viewer) -> str:
    from urllib.parse import quote

    import orjson

    if not figure.filter:
        return f"/records/{figure.type}"
    wanted = {**figure.filter, "owner": str(viewer.person)} if figure.mine else figure.filter
    return f"/records/{figure.type}?filter={quote(orjson.dumps(wanted).decode())}"


def waits(viewer: Viewer, source: Source, alone: Set[tuple[str, str]]) -> store.Query | None:
    """The records of a source that wait for the viewer; None where they have none of that kind by their rights. ``alone``: what processes
    alone do."""
    query = asked(viewer, source.type, source.filter)
    if query is None:
        return None
    kind = TYPES[source.type]
    if source.left and (source.type, source.left) not in alone:
        return None
    if source.action:
        if viewer.view is None or not viewer.view.may(source.type, source.action):
            return None
        if (source.type, source.action) in alone:  # then it comes as work of its process
            return None
    elif query.sight.usable("owner") is None:
        return None
    else:
        query = query.where({"field": "owner", "op": "=", "value": str(viewer.person)})
    if source.dated:
        due = _due(query, source)
        if not due:
            return None
        query = query.where({"field": due, "op": "<=", "value": _until(kind.fields[due].kind)})
    return query


def _due(query: store.Query, source: Source) -> str:
    """The field in which it is due, where the viewer reads it."""
    return source.due if source.due and query.sight.usable(source.due) is not None else ""


def _waiting(viewer: Viewer, source: Source, alone: Set[tuple[str, str]]) -> tuple[list[dict[str, Any]], int]:
    query = waits(viewer, source, alone)
    if query is None:
        return [], 0
    kind, due = TYPES[source.type], _due(query, source)
    wanted = [
        c for c in dict.fromkeys((kind.title, kind.key or kind.title, due, source.since)) if c and query.sight.known(c)
    ]
    by_due = due in kind.sort_fields and kind.fields[due].sortable
    sort = due if by_due else "-updated_at"
    query = query.fields(wanted)
    # who reaches records by their work alone may not know when they changed
    if query.sight.usable(sort.lstrip("-")) is not None:
        query = query.sort(sort)
    off = len(snooze.of(viewer.person)) if viewer.person is not None and not viewer.role else 0
    room = PER_SOURCE + off  # what is put off takes no room from what stands there
    page = query.page(min(store.MOST_ROWS, room if by_due or not due else store.MOST_ROWS))
    rows = page.items if by_due else sorted(page.items, key=lambda row: row.get(due) or "9999")
    items = [_item(source, row, kind.title, kind.key, due) for row in _left(source, rows[:room])]
    if page.next is None and len(rows) <= room:
        return items, 0
    return items, _further(query, source, rows[room:], len(rows), page.next)


def _left(source: Source, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of them that do not come as work of their process."""
    taken = inbox.running(source.type, [row["id"] for row in rows]) if source.handled else ()
    return [row for row in rows if row["id"] not in taken]


def _further(query: store.Query, source: Source, rest: list[dict[str, Any]], read: int, after: str | None) -> int:
    """How many of a source there are besides those that are listed: what was read and has no room, and what lies behind it; at least
    one there, however long counting takes."""
    found = len(_left(source, rest))
    if after is not None and not source.handled:
        try:
            return found + max(1, query.count(seconds=FIGURE_SECONDS).count - read)
        except TooMany:
            return found + 1
    while after is not None and read < MOST_COUNTED:
        page = query.page(store.MOST_ROWS, after)
        found, read, after = found + len(_left(source, page.items)), read + len(page.items), page.next
    return found


def _until(kind: str) -> str:
    """A week ahead, as the field's kind writes it."""
    ahead = clock.now() + timedelta(days=7)
    return moment(ahead) or "" if kind == "datetime" else timezone.localtime(ahead).date().isoformat()


def _item(source: Source, row: dict[str, Any], title: str, key: str | None, due: str) -> dict[str, Any]:
    when = row.get(due) if due else None
    return {
        "kind": source.kind,
        "type": source.type,
        "id": row["id"],
        "title": str(row.get(title) or row.get(key or "") or ""),
        "since": row.get(source.since),
        "due": when,
        "why": source.words.json(),
        "group": _group(when),
    }


def _group(due: str | None) -> str:
    if not due:
        return "later"
    today = timezone.localdate(clock.now())
    day = timezone.localtime(datetime.fromisoformat(due)).date() if len(due) > 10 else date.fromisoformat(due)
    if day < today:
        return "overdue"
    return "today" if day == today else "week" if day <= today + timedelta(days=7) else "later"


def _recent(viewer: Viewer) -> list[dict[str, Any]]:
    """What I changed last, as far as I still see it."""
    rows = entries.query(actor_id=viewer.person, outcome="done", limit=100) if viewer.person is not None else []
    seen: dict[tuple[str, str], datetime] = {}
    for row in rows:
        if row.object_type in TYPES:
            seen.setdefault((row.object_type, row.object_id), row.at)
    found: list[dict[str, Any]] = []
    titles: dict[str, dict[str, Any]] = {}
    for code in {code for code, _ in seen}:
        titles[code] = names.shown(viewer, code, [pk for c, pk in seen if c == code], TYPES[code].title)
    for (code, pk), at in seen.items():
        if pk in titles[code] and len(found) < MOST_RECENT:
            found.append({"type": code, "id": pk, "title": str(titles[code][pk]), "at": moment(at)})
    return found


_TEXT: shape.Schema = {"type": "string"}
_MAYBE: shape.Schema = {"type": ["string", "null"]}
ENTRY = shape.record(
                    {"kind": _TEXT, "type": _TEXT, "id": _TEXT, "title": _TEXT, "since": _MAYBE, "due": _MAYBE,
                     "why": ref(WORDS), "group": {"type": "string", "enum": list(GROUPS)}, "mention": _TEXT, "href": _TEXT,
                     "work": shape.record({
                         "instance": _TEXT, "number": {"type": "integer"}, "show": shape.array(_TEXT), "usual": flow_said.USUAL,
                         "together": {**_TEXT, "description": "What may be approved with the same of it; empty: this is decided by itself"}}),
                     "request": _TEXT, "loan": _TEXT, "title_words": ref(WORDS),
                     "entry": {**_TEXT, "description": "What it is put off by; empty: it cannot be"}, "until": _MAYBE},
                    required=("kind", "type", "id", "title", "since", "due", "why", "group", "entry"),
)  # fmt: skip
SCHEMAS = {
    "Workbench": shape.record(
        {
            "figures": shape.array(
                shape.record(
                    {"code": _TEXT, "name": ref(WORDS), "value": {"type": ["string", "integer", "null"]}, "unit": _TEXT, "list": _TEXT},
                    required=("code", "name", "value"),
                )
            ),
            "queue": shape.array(ENTRY),
            "beyond": {"type": "integer", "description": "Entries of the queue for which the answer has no room"},
            "later": {**shape.array(ENTRY), "description": "What I have put off, with until when"},
            "recent": shape.array(shape.record({"type": _TEXT, "id": shape.ID, "title": _TEXT, "at": shape.MOMENT})),
            "sandboxes": shape.array(ref("MySandbox")),
            "scope": ref(WORDS),
        }
    )
}  # fmt: skip
ROUTES = (
    Route("GET", "/workbench", lambda call: Answer(payload(call.viewer)), "getWorkbench", "What needs me", "workbench",
          answers={200: ref("Workbench")}),
    Route("POST", "/workbench/later", put_off, "putOff", "Put an entry of my queue off", "workbench",
          body=shape.record({"entry": shape.text(later.MOST, 1), "until": later.UNTIL}, ("entry", "until")), answers={204: None}, errors=(404, 409)),
)  # fmt: skip

__all__ = ["ROUTES", "SCHEMAS", "Call", "payload"]
