"""工单: move, resolve, call back, close."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heli.crm.objects.ticket import CALLBACKS
from heli.crm.verbs.entering import closed, enter, stage_param
from heli.kernel import clock
from heli.records import fields as f
from heli.records.verbs import verb

if TYPE_CHECKING:
    from heli.records.work import Work


@verb(
    "ticket",
    "move",
    zh="推进阶段",
    en="Move",
    params={"stage": stage_param("ticket")},
    why_not=closed("ticket", "open", "processing", "waiting"),
)
def move(work: Work, params: dict[str, Any]) -> None:
    """To another stage of work, also back from resolved when the customer is not content."""
    enter(work, params["stage"], "move")
    if work.value("resolved_at") is not None:
        work.set(resolved_at=None)


@verb(
    "ticket",
    "resolve",
    zh="解决",
    en="Resolve",
    params={"solution": f.LongText(zh="解决方案", en="Solution", required=True)},
    why_not=closed("ticket", "resolved", given=["solution"]),
)
def resolve(work: Work, params: dict[str, Any]) -> None:
    """Resolved, with the solution told."""
    enter(work, "resolved", "resolve", solution=params["solution"], resolved_at=clock.now())


@verb(
    "ticket",
    "call_back",
    zh="登记回访",
    en="Note the call-back",
    params={
        "score": f.Number(zh="满意度（1–5）", en="Satisfaction (1–5)", minimum=1, maximum=5, required=True),
        "callback": f.Choice(zh="回访结论", en="Outcome", options=CALLBACKS, required=True),
        "callback_note": f.LongText(zh="客户意见", en="What the customer said"),
    },
    applies=lambda row: row.get("stage") == "resolved",
)
def call_back(work: Work, params: dict[str, Any]) -> None:
    """What the customer thinks of the solution, and what follows from it."""
    work.set(score=params["score"], callback=params["callback"], callback_note=params["callback_note"] or None)


@verb("ticket", "close", zh="关闭", en="Close", why_not=closed("ticket", "closed"))
def close(work: Work, params: dict[str, Any]) -> None:
    """Closed after it was resolved."""
    enter(work, "closed", "close", closed_at=clock.now())
