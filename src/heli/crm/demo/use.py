"""A month of ordinary use, so that the guard knows what is usual in the demo company."""

from __future__ import annotations

import datetime as dt

from heli.crm.demo.chance import Chance
from heli.guard import usual
from heli.guard.models import Taken
from heli.kernel import clock
from heli.org.models import Assignment

DAYS = 14
BUSY = {"sales_rep": 260, "sales_manager": 700, "finance": 900, "support": 220, "management": 800}
"""Records that a holder of the position sees on a busy day; others about a hundred."""


def load() -> None:
    """Write down what everybody took on the working days of the last two weeks."""
    chance, today = Chance(20261127), clock.today()
    rows = []
    for post in Assignment.objects.filter(primary=True).select_related("position").order_by("pk"):
        most = BUSY.get(post.position.code if post.position is not None else "", 100)
        for ago in range(1, DAYS + 1):
            day = today - dt.timedelta(days=ago)
            if day.weekday() < 5:
                n = most * chance.between(40, 100) // 100
                kinds = {"records": n, "confidential": n // 2, "sensitive": n // 40}
                rows += [
                    Taken(person_id=post.person_id, day=day, type="opportunity", channel="list", kind=k, n=v)
                    for k, v in kinds.items()
                    if v
                ]
    Taken.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
    usual.renew.call()
