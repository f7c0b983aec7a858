"""Processes as they could be begun about a record: the steps to come and who gets it first, or why it would be refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from heli.api import shape
from heli.api.common import PERSON, WORDS, items, people, ref
from heli.api.flow_words import lexicon
from heli.api.flows import CODE
from heli.api.organisation import knows_people
from heli.api.route import Answer, Call, Param, Route
from heli.flows import outlook, rights
from heli.flows.core.compare import CREATES
from heli.flows.core.definition import Kind, Node
from heli.flows.core.lexicon import Lexicon
from heli.flows.models import Instance
from heli.flows.outlook import Outlook, Step
from heli.kernel.words import Words

TAG = "processes"


def beginnings(call: Call) -> Answer:
    """Processes about such records, as they could be begun about this one."""
    found = outlook.outlooks(call.viewer, call.path["type"], call.path["id"], _changed(call))
    named_ = {who for one in found for step in one.steps for who in step.people[: outlook.MOST_PEOPLE]}
    if not knows_people(call.viewer):
        named_ &= {call.person}
    stand_ins = rights.StandIns(named_ - {call.person})
    told = people(named_ | stand_ins.people)
    names = lexicon(call.viewer, people=False)
    return Answer({"items": [_said(call, one, told, stand_ins, names) for one in found]})


def _changed(call: Call) -> list[str] | None:
    asked = call.query.get("changed")
    return [code for code in asked.split(",") if code] if asked is not None else None


def _does(one: Outlook, node: Node, names: Lexicon) -> Words | None:
    """What the process does at a node by itself, as far as the viewer may know what that is called."""
    does = node.does if node.kind is Kind.SERVICE else None
    if does is None:
        return None
    if does.type:
        made = names.call("type", does.type, "")
        return CREATES.fill(type=made) if made is not None else None
    return names.call("act", does.verb, one.process.type)


def _said(
    call: Call, one: Outlook, told: Mapping[int, dict[str, Any]], stand_ins: rights.StandIns, names: Lexicon
) -> dict[str, Any]:
    case = Instance(process_code=one.process.code, type=one.process.type, initiator_id=call.person)
    code, words = one.refusal if one.refusal is not None else ("", None)
    return {
        "process": one.process.code,
        "refusal": {"code": code, "words": words.json()} if words is not None else None,
        "steps": [_step(one, step, told, stand_ins.of(step.people, case), names) for step in one.steps],
        "partly": one.partly,
    }


def _step(
    of: Outlook, one: Step, told: Mapping[int, dict[str, Any]], deputies: Iterable[int], names: Lexicon
) -> dict[str, Any]:
    known = [told[who] for who in one.people[: outlook.MOST_PEOPLE] if who in told]
    task = one.node.task
    return {
        "id": one.node.id, "name": one.node.words.json(), "kind": str(one.node.kind), "number": one.number, "sure": one.sure,
        "when": one.when.json() if one.when is not None else None, "mode": str(task.mode) if task is not None else None,
        # whom one may not know is told like whom nobody knows yet
        "who": one.who if one.who != "people" or known else "later",
        "people": known, "more": len(one.people) - len(known) if known else 0,
        "deputies": [told[who] for who in deputies if who in told] if one.same != outlook.ALL else [],
        "same": one.same if one.who != "people" or known else outlook.SOME if one.same else "",
        "does": words.json() if (words := _does(of, one.node, names)) is not None else None,
    }  # fmt: skip


_TEXT: shape.Schema = {"type": "string"}
STEP = shape.record(
    {
        "id": _TEXT, "name": ref(WORDS), "kind": _TEXT,
        "number": {"type": "integer", "description": "Steps with the same are done beside each other, or one of them"},
        "sure": {"type": "boolean", "description": "Every way passes it"},
        "when": {**shape.nullable(ref(WORDS)), "description": "In which case it comes, where it is not sure and that can be told"},
        "mode": {"type": ["string", "null"]}, "who": {"type": "string", "enum": ["people", "chosen", "later", "itself", "nobody"]},
        "people": shape.array(ref(PERSON)), "more": {"type": "integer"},
        "deputies": {**shape.array(ref(PERSON)), "description": "Who stands in for them now"},
        "same": {
            "type": "string", "enum": ["", outlook.SOME, outlook.ALL],
            "description": "Who decided before is not asked again: that may be some of its people, or is all of them, and then it passes by itself",
        },
        "does": {**shape.nullable(ref(WORDS)), "description": "What the process does here by itself"},
    }
)  # fmt: skip
SCHEMAS = {
    "FlowBeginning": shape.record(
        {
            "process": _TEXT,
            "refusal": {
                **shape.nullable(shape.record({"code": _TEXT, "words": ref(WORDS)})),
                "description": "Why it would be refused as the record stands; its steps are then not told",
            },
            "steps": {**shape.array(STEP), "description": "The steps to come, as far as the record tells them now and I may know them"},
            "partly": {"type": "boolean", "description": "Some steps are not told: they depend on what I do not read"},
        }
    )
}  # fmt: skip
ROUTES = (
    Route("GET", "/flows/records/{type}/{id}/beginnings", beginnings, "listBeginnings", "Processes as they could be begun about a record", TAG,
          path_schemas={"type": CODE, "id": shape.ID},
          params=(Param("changed", shape.text(2000), "Fields for which I would propose new values, comma between"),),
          answers={200: items(ref("FlowBeginning"))},
          errors=(404,)),
)  # fmt: skip
