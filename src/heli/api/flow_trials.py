"""A file of a process stepped through before it is published, and the cases with which that can be done."""

from __future__ import annotations

from itertools import chain
from typing import Any

from heli.access.viewer import Viewer
from heli.api import flow_said as said
from heli.api import shape
from heli.api.common import PERSON, WORDS, items, people, ref
from heli.api.flow_drafts import designs
from heli.api.flows import CODE, SOURCE
from heli.api.route import Answer, Call, Param, Route
from heli.flows import blank, definitions, inbox, matters, tryout
from heli.flows.models import Instance
from heli.kernel.errors import Invalid, NotFound

TAG = "processes"
MOST_FOUND = 20
AT_ONCE, MOST_LOOKED = 100, 1_000
"""Cases that are looked through for a text, the newest."""
LONGEST_NUMBER = 16


def tried(call: Call) -> Answer:
    """Step through a file as the people concerned. Nothing is written."""
    designs(call)
    given = call.body
    checked = definitions.check(given["source"].encode())
    definition = checked.document.definition
    if definition is None or checked.problems:  # what cannot be published would try what cannot happen
        raise Invalid(list(checked.problems), definitions.NOT_SOUND)
    subject = definition.subject
    if subject is not None and not blank.usable(call.viewer.view, subject.type):
        raise NotFound
    chosen = {node: [int(one) for one in some] for node, some in given.get("chosen", {}).items()}
    asked = tryout.Asked(
        int(given["initiator"]), given.get("record", ""), given.get("values", {}), chosen, given.get("moves", []),
        int(given.get("case", 0)),
    )  # fmt: skip
    found = tryout.tried(call.viewer, definition, asked)
    told = people(found.people)
    trial = found.trial
    return Answer(
        {
            "ended": trial.state.ended, "at": trial.now.isoformat(),
            "nodes": found.standing(),
            "work": [{**one, "person": told.get(one["person"])} for one in found.work()],
            "log": [_step(one, told) for one in trial.log],
            "missing": sorted(trial.sample.missing),
            "stopped": None if found.stopped is None else {"move": found.stopped[0], "message": found.stopped[1].json()},
        }
    )  # fmt: skip


def cases(call: Call) -> Answer:
    """Cases with which a process about such a matter may be tried: those that I follow and of which I may know how they go."""
    designs(call)
    code, text = call.query["type"], call.query.get("q", "").strip().casefold()
    if code not in matters.MATTERS or not blank.usable(call.viewer.view, code):
        raise NotFound
    rows = inbox.about(code)
    named = (
        rows.filter(pk=int(text)) if text.isascii() and text.isdecimal() and len(text) < LONGEST_NUMBER else rows.none()
    )
    found: list[Instance] = []
    for some in chain((named,), (rows[at : at + AT_ONCE] for at in range(0, MOST_LOOKED, AT_ONCE))):
        for one in _matching(call.viewer, list(some), text):
            if one not in found and tryout.may_try(call.viewer, one):
                found.append(one)
            if len(found) == MOST_FOUND:
                return Answer({"items": said.heads(call.viewer, found)})
    return Answer({"items": said.heads(call.viewer, found)})


def _matching(viewer: Viewer, rows: list[Instance], text: str) -> list[Instance]:
    """Those whose number, title, process or initiator has this in it, as the viewer reads them."""
    if not text:
        return rows
    titles, told = said.titles(viewer, rows), people(one.initiator_id for one in rows)

    def has(one: Instance) -> bool:
        title, process = titles.get((one.type, one.record_id)), one.version.process.words
        names = [str(one.pk), process.zh, process.en, told.get(one.initiator_id, {}).get("name", "")]
        return any(text in name.casefold() for name in (*names, *((title.zh, title.en) if title is not None else ())))

    return [one for one in rows if has(one)]


def _step(one: dict[str, Any], told: dict[int, dict[str, Any]]) -> dict[str, Any]:
    some = [one["person"]] if one.get("person") else one.get("people", [])
    return {
        "what": one["what"], "node": one.get("node"), "people": [told[int(p)] for p in some if int(p) in told],
        "outcome": one.get("outcome") or one.get("how") or one.get("code") or "",
    }  # fmt: skip


_TEXT: shape.Schema = {"type": "string"}
_WORD = ref(WORDS)
_MOVE = {"type": "object", "maxProperties": 6}
SCHEMAS = {
    "FlowTrial": shape.record(
        {
            "ended": shape.nullable(_TEXT), "at": _TEXT,
            "nodes": shape.array(shape.record({"id": _TEXT, "standing": _TEXT})),
            "work": shape.array(shape.record({
                "node": _TEXT, "person": shape.nullable(ref(PERSON)), "waiting": {"type": "boolean"}, "targets": shape.array(_TEXT),
                "number": {"type": ["integer", "null"], "description": "Which of several it is for; null: it is done once"},
                "moves": shape.array(_TEXT), "verb": shape.nullable(_WORD),
                "stands_in": {**shape.nullable(_WORD), "description": "Why somebody stands in here for whose turn a matter says; null: nobody does"},
                "fields": shape.array(shape.record({
                    "code": _TEXT, "name": _WORD, "level": {"type": "string", "enum": ["hidden", "masked", "read"]},
                    "edit": {"type": "boolean"}, "require": {"type": "boolean"}, "known": {"type": "boolean"}, "value": {},
                })),
            })),
            "log": shape.array(shape.record({"what": _TEXT, "node": shape.nullable(_TEXT), "people": shape.array(ref(PERSON)), "outcome": _TEXT})),
            "missing": shape.array(_TEXT),
            "stopped": shape.nullable(shape.record({"move": {"type": "integer"}, "message": _WORD})),
        }
    ),
}  # fmt: skip
ROUTES = (
    Route("GET", "/flows/trial/cases", cases, "listTrialCases", "Cases with which a process about a matter may be tried, newest first", TAG,
          params=(Param("type", CODE, "About such a matter", required=True),
                  Param("q", shape.text(200), "With this in number, title, process or initiator")),
          answers={200: items(ref("FlowHead"))}, errors=(404,)),
    Route("POST", "/flows/trial", tried, "tryProcess", "Step through a file as the people concerned, writing nothing", TAG,
          body=shape.record({
              "source": SOURCE, "initiator": shape.NUMBER_ID, "record": shape.ID, "values": {"type": "object", "maxProperties": 200},
              "chosen": {"type": "object", "maxProperties": 50, "additionalProperties": shape.array(shape.NUMBER_ID, 50)},
              "case": {**shape.NUMBER_ID, "description": "Of a process about a matter: a case that I follow, with whose matter it is tried"},
              "moves": shape.array(_MOVE, tryout.MOST_MOVES),
          }, ("source", "initiator")), answers={200: ref("FlowTrial")}, errors=(404,)),
)  # fmt: skip
