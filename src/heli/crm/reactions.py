"""What follows from a write at once, in its transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from heli.records import write
from heli.records.hooks import written
from heli.records.types import TYPES, ObjectType

FOLLOWED = ("account", "opportunity", "lead")
"""Types that tell when somebody last spoke with whom they are about: a company-wide field of the class internal."""


@written.listen
def last_activity(kind: ObjectType, row: Mapping[str, Any]) -> None:
    """An activity puts the last activity of its customer, deal and lead forward."""
    if kind.code != "activity" or row.get("deleted_at") is not None:
        return
    moment = row.get("happened_at") or row["created_at"]
    for code in FOLLOWED:
        record = row.get(f"{code}_id")
        if record:
            write.advance(TYPES[code], record, "last_activity_at", moment)
