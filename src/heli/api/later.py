"""稍后处理: which entries of the workbench's queue can be put off, until when, and what brings one back before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from heli.access.viewer import Viewer
from heli.api import shape
from heli.api.common import moment
from heli.flows import told_of
from heli.kernel import clock
from heli.kernel.errors import Invalid, Problem
from heli.notices import snooze
from heli.org import zone

type Item = dict[str, Any]

HOURS, TOMORROW, WEEK = "hours", "tomorrow", "week"
UNTIL: shape.Schema = {
    "type": ["string", "null"], "pattern": f"^({HOURS}|{TOMORROW}|{WEEK}|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})$",
    "description": "In three hours, tomorrow, next Monday or on a day, at nine on the company's clock; null: it stands in the queue again",
}  # fmt: skip
LATER = timedelta(hours=3)
MORNING = 9
"""O'clock at which a day begins for what was put off."""
NEVER = ("alert",)
"""What nobody puts off."""
MOST = 120
WAKING = (told_of.URGED, told_of.LATE, told_of.ESCALATED)
"""Notices of a case that bring its work back."""


def entry(item: Item) -> str:
    """What an entry is put off by; empty where it cannot be."""
    work = item.get("work")
    if work is not None:
        return f"work/{work['instance']}/{work['number']}"
    more = item.get("mention") or item.get("request") or item.get("loan")
    text = "/".join(str(one) for one in (item["kind"], item["type"], item["id"], more) if one)
    return "" if item["kind"] in NEVER or len(text) > MOST else text


def split(viewer: Viewer, queue: Sequence[Item]) -> tuple[list[Item], list[Item]]:
    """What stands in the queue now, and what its person has put off: until its time comes, it becomes late, or somebody urges it on."""
    named = [{**one, "entry": entry(one)} for one in queue]
    if viewer.person is None or viewer.role or viewer.mode is not None:
        return named, []
    put = snooze.of(viewer.person)
    off = [one for one in named if one["entry"] in put]
    since = {one["work"]["instance"]: put[one["entry"]].at for one in off if one.get("work")}
    stirred = snooze.stirred(viewer.person, told_of.FLOW, since, WAKING)
    now, later = [], []
    for one in named:
        found = put.get(one["entry"])
        late = found is not None and one["group"] == "overdue" and not found.overdue
        if found is None or late or (one.get("work") or {}).get("instance") in stirred:
            now.append(one)
        else:
            later.append({**one, "until": moment(found.until)})
    return now, later


def when(text: str) -> datetime:
    """The moment that ``UNTIL`` names. Raises Invalid for no day of the calendar."""
    now = clock.now()
    if text == HOURS:
        return now + LATER
    today = zone.today()
    try:
        day = {TOMORROW: today + timedelta(days=1), WEEK: today + timedelta(days=7 - today.weekday())}.get(
            text
        ) or date.fromisoformat(text)
    except ValueError:
        raise Invalid(Problem("until", "range", snooze.WHEN)) from None
    return datetime(day.year, day.month, day.day, MORNING, tzinfo=zone.here(now).tzinfo)
