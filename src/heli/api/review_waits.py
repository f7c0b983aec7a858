"""For what a review waits that its reviewer may not judge yet: the steps before it in its case, as far as its reader may know of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from heli.access.viewer import Viewer
from heli.api import flow_said, flow_timers, shape
from heli.api.common import PERSON, WORDS, ref
from heli.flows import following, seen
from heli.flows.models import Instance
from heli.review import judging
from heli.review.models import Share

SCHEMAS = {
    "ReviewWait": shape.record(
        {
            "case": {"type": "string", "description": "The case, which I may follow"}, "process": ref(WORDS),
            "steps": {**shape.array(flow_said.NODE_NAME), "description": "What has to be done first; empty: that is not told"},
            "people": {**shape.array(ref(PERSON)), "description": "Who has it"}, "since": {"type": ["string", "null"]},
            "until": {**shape.nullable(flow_timers.WAIT), "description": "The moment for which it waits, with nobody at work"},
            "halted": {"type": "boolean"},
        }
    ),
}  # fmt: skip
WAITS: shape.Schema = {
    **shape.nullable(ref("ReviewWait")),
    "description": "For what it waits that stands before it in its process; null: for nothing, or for what I may not follow",
}


def by_campaign(viewer: Viewer, reviewer: int, campaigns: Iterable[int]) -> dict[int, dict[str, Any]]:
    """What a reviewer's shares of these campaigns wait for, of those that nobody judges yet."""
    shares = Share.objects.filter(reviewer_id=reviewer, campaign_id__in=set(campaigns), held=True)
    keys = {str(pk): campaign for pk, campaign in shares.values_list("pk", "campaign_id")}
    if not keys:
        return {}
    cases = following.latest(judging.REVIEW, keys).values()
    rows = Instance.objects.filter(pk__in=cases, state=Instance.RUNNING).select_related("version__process")
    found = [one for one in rows.defer("version__source").order_by("pk") if seen.concerns(viewer, one)]
    return {
        keys[one["record"]]: {
            "case": one["id"], "process": one["name"], "steps": one["now"], "people": one["holders"], "since": one["since"],
            "until": one["waits"], "halted": one["halted"],
        }
        for one in flow_said.heads(viewer, found)
    }  # fmt: skip
