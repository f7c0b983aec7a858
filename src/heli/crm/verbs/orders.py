"""订单: confirm, deliver."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heli.crm.verbs.entering import closed, enter
from heli.kernel import clock
from heli.records import fields as f
from heli.records.verbs import verb

if TYPE_CHECKING:
    from heli.records.work import Work


@verb("order", "confirm", zh="确认", en="Confirm", why_not=closed("order", "confirmed"))
def confirm(work: Work, params: dict[str, Any]) -> None:
    """Confirmed: from now on it is to be delivered."""
    enter(work, "confirmed", "confirm", confirmed_on=clock.today())


@verb(
    "order",
    "deliver",
    zh="交付",
    en="Deliver",
    params={"delivered_on": f.Date(zh="实际交付", en="Delivered on")},
    why_not=closed("order", "delivered"),
)
def deliver(work: Work, params: dict[str, Any]) -> None:
    """Delivered, today unless another day is said."""
    enter(work, "delivered", "deliver", delivered_on=params["delivered_on"] or clock.today())
