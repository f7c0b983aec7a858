"""商机: move, win, lose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heli.crm.objects.options import LOST_REASONS
from heli.crm.verbs.entering import closed, enter, stage_param
from heli.kernel import clock
from heli.records import fields as f
from heli.records.verbs import verb

if TYPE_CHECKING:
    from heli.records.work import Work

OPEN_STAGES = ("new", "engaging", "qualified", "proposal", "negotiation")


@verb(
    "opportunity",
    "move",
    zh="推进阶段",
    en="Move",
    params={"stage": stage_param("opportunity")},
    why_not=closed("opportunity", *OPEN_STAGES),
)
def move(work: Work, params: dict[str, Any]) -> None:
    """To another open stage; winning and losing are verbs of their own."""
    enter(work, params["stage"], "move", stage_since=clock.now())


@verb(
    "opportunity",
    "win",
    zh="赢单",
    en="Win",
    params={
        "amount": f.Money(zh="成交金额", en="Amount", minimum=0),
        "closed_on": f.Date(zh="成交日期", en="Closed on"),
    },
    why_not=closed("opportunity", "won", given=["amount"]),
)
def win(work: Work, params: dict[str, Any]) -> None:
    """Won, for the amount given or the one it had, today unless another day is said."""
    enter(
        work,
        "won",
        "win",
        amount=params["amount"],
        closed_on=params["closed_on"] or clock.today(),
        probability=100_00,
        stage_since=clock.now(),
    )


@verb(
    "opportunity",
    "lose",
    zh="输单",
    en="Lose",
    params={
        "lost_reason": f.Choice(zh="输单原因", en="Lost because", options=LOST_REASONS, required=True),
        "competitor": f.Text(zh="竞争对手", en="Competitor", max_length=100),
    },
    why_not=closed("opportunity", "lost"),
)
def lose(work: Work, params: dict[str, Any]) -> None:
    """Lost, with its reason, today."""
    enter(
        work,
        "lost",
        "lose",
        lost_reason=params["lost_reason"],
        competitor=params["competitor"] or None,
        closed_on=clock.today(),
        probability=0,
        stage_since=clock.now(),
    )
