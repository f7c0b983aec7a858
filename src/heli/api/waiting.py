"""What waits for somebody besides records: mentions, changes to confirm, rights to review. One function for each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from heli.access.viewer import Viewer
from heli.api import mentions, org_requests, reviews
from heli.api.common import moment
from heli.kernel.words import Words

MOST_QUOTED = 120
MENTIONED = Words("{name}提到你：{text}", "{name} mentioned you: {text}")
WAITS = Words("等你确认 · {what}", "waits for you to confirm: {what}")

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
    return [{**one, "href": f"/access/reviews?batch={one['id']}"} for one in found]


QUEUES: tuple[Callable[[Viewer], list[Item]], ...] = (_mentions, _changes, _reviews)


def queue(viewer: Viewer) -> list[Item]:
    """All of it, in no order."""
    return [one for source in QUEUES for one in source(viewer)]
