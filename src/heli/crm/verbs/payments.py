"""回款: confirm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heli.crm.verbs.entering import closed, enter
from heli.kernel import clock
from heli.kernel.errors import Invalid, Problem
from heli.kernel.words import Words
from heli.records import fields as f
from heli.records.verbs import verb

if TYPE_CHECKING:
    from heli.records.work import Work

NOT_YET = Words("不能晚于今天：款项到账之后再核销", "is still to come: confirm it once the money is there")


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
    if params["received_on"] is not None and params["received_on"] > clock.today():
        raise Invalid(Problem("received_on", "to_come", NOT_YET))
    enter(
        work,
        "confirmed",
        "confirm",
        received_on=params["received_on"],
        bank_reference=params["bank_reference"] or None,
        confirmed_on=clock.today(),
    )
