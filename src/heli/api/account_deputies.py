"""Who stands in for me, and for whom I stand in: said for days of the company's zone, shown on my page to colleagues."""

from __future__ import annotations

from typing import Any

from heli.api import shape
from heli.api.account import TAG, own
from heli.api.common import PERSON, moment, people, ref
from heli.api.org_common import DAY, as_sent, day
from heli.api.route import Answer, Call, Route
from heli.kernel import clock
from heli.kernel.errors import Invalid, NotFound, Problem
from heli.kernel.words import Words
from heli.org import verbs as org
from heli.org.models import Deputy

PAST = Words("开始日期不能早于今天", "the first day must not lie in the past")
OVER = Words("结束日期不能早于今天", "the last day must not lie in the past")
MOST_DAYS = 366
TOO_LONG = Words("代理一次最多一年", "a deputy is named for a year at most")


def _said(rows: list[Deputy], other: str) -> list[dict[str, Any]]:
    names = people(getattr(one, other) for one in rows)
    return [
        {"id": str(one.pk), "person": names[getattr(one, other)], "from": moment(one.starts), "until": moment(one.ends)}
        for one in rows
    ]


def listed(call: Call) -> Answer:
    """Who stands in for me now and later, and for whom I do."""
    pk = own(call)
    lasting = Deputy.objects.filter(ends__gt=clock.now()).order_by("starts", "pk")
    return Answer({
        "mine": _said(list(lasting.filter(principal_id=pk)), "deputy_id"),
        "for": _said(list(lasting.filter(deputy_id=pk)), "principal_id"),
    })  # fmt: skip


def add(call: Call) -> Answer:
    """Name a deputy from a day (today when none is given) to a day, both included.

    Raises Invalid or Conflict naming the place: myself, somebody who left, days past, an overlap, a circle.
    """
    pk, now = own(call), clock.now()
    starts, ends = day(call.body, "from") or now, day(call.body, "until", end=True)
    if starts < now:
        raise Invalid(Problem("from", "past", PAST))
    if ends is None or ends <= now:
        raise Invalid(Problem("until", "past", OVER))
    if (ends - starts).days > MOST_DAYS:
        raise Invalid(Problem("until", "too_long", TOO_LONG))
    made = org.set_deputy(call.viewer.actor, pk, int(call.body["deputy"]), starts=starts, ends=ends)
    row = Deputy.objects.get(pk=made)
    return Answer(_said([row], "deputy_id")[0], 201, replay="never")


def end(call: Call) -> Answer:
    """End one of my deputies now; one that has not begun is cancelled."""
    if not Deputy.objects.filter(pk=int(call.path["id"]), principal_id=own(call), ends__gt=clock.now()).exists():
        raise NotFound
    org.end_deputy(call.viewer.actor, int(call.path["id"]))
    return Answer(status=204)


_TEXT: shape.Schema = {"type": "string"}
SCHEMAS = {"MyDeputy": shape.record({"id": _TEXT, "person": ref(PERSON), "from": shape.MOMENT, "until": shape.MOMENT})}
_BODY = shape.record({"deputy": shape.NUMBER_ID, "from": DAY, "until": DAY}, required=("deputy", "until"))
_LISTED = shape.record({"mine": shape.array(ref("MyDeputy")), "for": shape.array(ref("MyDeputy"))})
ROUTES = (
    Route("GET", "/me/deputies", listed, "listMyDeputies", "Who stands in for me, and for whom I do", TAG,
          answers={200: _LISTED}, errors=(403,)),
    Route("POST", "/me/deputies", as_sent(add), "addMyDeputy", "Name a deputy for some days", TAG, body=_BODY, keyed=True,
          answers={201: ref("MyDeputy")}, errors=(403, 409)),
    Route("DELETE", "/me/deputies/{id}", end, "endMyDeputy", "End or cancel a deputy", TAG,
          path_schemas={"id": shape.NUMBER_ID}, answers={204: None}, errors=(403, 409)),
)  # fmt: skip
