"""批量同意: one yes for several pieces of my work."""

from __future__ import annotations

from heli.api import shape
from heli.api.common import WORDS, items, ref
from heli.api.flows import BY_TOKEN, TAG, TEXT
from heli.api.route import Answer, Call, Route
from heli.flows import together
from heli.kernel.errors import Refused


def approve(call: Call) -> Answer:
    """Approve each of these, where a yes is all that is asked for; what became of each."""
    if call.viewer.role:
        raise Refused(BY_TOKEN, code="by_token")
    wanted = [(int(one["instance"]), one["number"]) for one in call.body["work"]]
    found = together.approve(call.viewer, wanted, call.body.get("text", ""))
    return Answer(
        {
            "items": [
                {
                    "instance": str(one.instance), "number": one.number, "approved": one.why is None, "code": one.code,
                    "why": one.why.json() if one.why is not None else None,
                }
                for one in found
            ]
        }
    )  # fmt: skip


_NUMBER: shape.Schema = {"type": "integer", "minimum": 0, "maximum": 10**9}
SCHEMAS = {
    "FlowApproved": shape.record(
        {
            "instance": shape.NUMBER_ID, "number": {"type": "integer"}, "approved": {"type": "boolean"},
            "code": {"type": "string", "description": "Why it was not approved; empty where it was"}, "why": shape.nullable(ref(WORDS)),
        }
    ),
}  # fmt: skip
ROUTES = (
    Route(
        "POST", "/flows/together", approve, "approveTogether", "Approve several pieces of my work", TAG, keyed=True,
        body=shape.record(
            {
                "work": {**shape.array(shape.record({"instance": shape.NUMBER_ID, "number": _NUMBER}), together.MOST), "minItems": 1},
                "text": TEXT,
            },
            ("work",),
        ),
        answers={200: items(ref("FlowApproved"))}, errors=(403,),
    ),
)  # fmt: skip
