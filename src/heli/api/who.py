"""Who else sees a record. Only who sees it may ask; reasons that they may not know read "another reason"."""

from __future__ import annotations

from typing import Any

from heli.access.viewer import Viewer
from heli.api import shape
from heli.api.common import PERSON, WORDS, moment, people, ref
from heli.insight import company as companies
from heli.insight import seen
from heli.insight.who import Asked
from heli.records import readers, store
from heli.records.sight import told_to
from heli.records.types import ObjectType

MOST = 200
"""People named at most; everybody is told page by page by /access/who."""

UNTIL: shape.Schema = {
    "type": ["string", "null"],
    "description": "When what lets them ends by itself, where it is a copy",
}
SCHEMAS = {
    "Who": shape.record(
        {
            "people": shape.array(shape.record({"person": ref(PERSON), "via": ref(WORDS), "until": UNTIL})),
            "others": {"type": "boolean"},
        }
    )
}


def others(viewer: Viewer, kind: ObjectType, record: str) -> dict[str, Any]:
    """Everyone else who sees this record now. Raises NotFound when the asker does not."""
    row = store.row(viewer, kind.code, record)
    copies = readers.copies(kind, record, viewer)
    asked = Asked(kind, "read", row, reached=seen.reached(viewer, kind, row), copies=copies)
    told = told_to(viewer, kind, row)
    found = seen.seers(viewer, companies.now(), asked, seen.helpers_of(kind, record), told)
    rest = [one for one in found if one.person != viewer.person]
    names = people(one.person for one in rest[:MOST])
    shown = [
        {"person": names[one.person], "via": one.via.json(), "until": moment(one.until)}
        for one in rest[:MOST]
        if one.person in names
    ]
    return {"people": shown, "others": len(rest) > MOST}
