"""回款: confirm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heli.crm.verbs.entering import closed, enter
from heli.kernel import clock
from heli.records import fields as f
from heli.records.verbs import verb

if TYPE_CHECKING:
    from heli.records.work import Work


@verb(
    "payment",
    "confirm",
    zh="核销",
    en="Confirm",
    params={
        "received_on": f.Date(zh="到账日期", en="Received on"),
        "bank_reference": f.Text(zh="银行流水号", en="Bank reference", max_length=60),
    },
    why_not=closed("payment", "confirmed", given=["received_on"]),
)
def confirm(work: Work, params: dict[str, Any]) -> None:
    """Compared with the bank statement and confirmed, today."""
    enter(
        work,
        "confirmed",
        "confirm",
        received_on=params["received_on"],
        bank_reference=params["bank_reference"] or None,
        confirmed_on=clock.today(),
    )
