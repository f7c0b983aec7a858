"""What no role passes: ceilings, what one would take away, and roles that exclude each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from heli.access.models import Ceiling
from heli.access.unread import Unread
from heli.api import shape
from heli.api.access_common import CODE, DRAFT, FLAG, NUMBER, TEXT, named, needs_rules, told_question
from heli.api.common import PERSON, WORDS, people, ref
from heli.api.route import Answer, Call, Route
from heli.insight import company as companies
from heli.policy import apart, duties
from heli.policy.brief import Speaker
from heli.policy.change import Change, state_of
from heli.policy.proposed import draft_of
from heli.policy.sentences import told
from heli.policy.simulate import json, say
from heli.policy.simulate.entries import Entry
from heli.policy.simulate.weigh import Weight, weigh
from heli.policy.state import ceiling_state, current
from heli.records.said import type_words

MOST_CLASHES = 20
MOST_LOSSES = 8
_RIGHT = shape.record({"code": TEXT, "words": ref(WORDS)})
STATE: shape.Schema = {"type": "object", "description": "The ceiling or duty as a draft's change states it"}
_MARK: shape.Schema = {"type": ["string", "null"]}
_MOVED = shape.record(
    {
        "people": NUMBER, "records": NUMBER, "records_at_most": FLAG, "cells": NUMBER, "cells_at_most": FLAG,
        "in_all": NUMBER,
        "items": shape.array(
            shape.record(
                {"words": ref(WORDS), "people": NUMBER, "records": {"type": ["integer", "null"]}, "at_most": FLAG}
            )
        ),
    }
)  # fmt: skip
SCHEMAS = {
    "DutyList": shape.record(
        {
            "items": shape.array(
                shape.record(
                    {
                        "code": TEXT, "name": ref(WORDS), "state": STATE, "mark": _MARK, "both": shape.array(ref(PERSON)),
                        "rights": shape.record({side: shape.array(_RIGHT) for side in apart.SIDES}),
                    }
                )
            )
        }
    ),
    "CeilingList": shape.record(
        {
            "items": shape.array(
                shape.record(
                    {
                        "code": TEXT, "name": ref(WORDS), "type": TEXT, "type_name": ref(WORDS), "active": FLAG,
                        "kinds": shape.nullable(shape.array(TEXT)), "told": shape.array(ref("ToldLine")),
                        "says": shape.array(ref(WORDS)), "state": STATE, "mark": _MARK,
                    }
                )
            )
        }
    ),
    "CeilingPreview": shape.record(
        {"says": shape.array(ref(WORDS)), "takes": _MOVED, "gives": _MOVED, "unread": shape.array(ref(WORDS)),
         "exact": shape.nullable(ref(WORDS))}
    ),
}  # fmt: skip


def list_ceilings(call: Call) -> Answer:
    """Every ceiling in words, as it stands or as the draft would have it."""
    needs_rules(call)
    draft = draft_of(call.query.get("draft"))
    changes = {c["key"]: c["after"] for c in draft.changes if c["kind"] == "ceiling"} if draft is not None else {}
    speaker, said = Speaker.load(), []
    for row in Ceiling.objects.order_by("pk"):
        state = ceiling_state(row)
        after = changes.pop(row.code, state)
        mark = None if after == state else "removed" if after is None else "changed"
        said.append(_ceiling(row.code, after or state, mark, speaker))
    said += [_ceiling(code, after, "new", speaker) for code, after in changes.items() if after is not None]
    return Answer({"items": said})


def _ceiling(code: str, state: Mapping[str, Any], mark: str | None, speaker: Speaker) -> dict[str, Any]:
    return {
        "code": code, "name": named(state), "type": state["type"], "type_name": type_words(state["type"]).json(),
        "active": state["active"], "kinds": state["kinds"], "told": [told(line) for line in state["lines"]],
        "says": [one.json() for one in speaker.ceiling(state)], "state": dict(state), "mark": mark,
    }  # fmt: skip


def preview_ceiling(call: Call) -> Answer:
    """What a ceiling would say, and what it would take from whom, or give back, if it held now. Nothing is changed.

    Numbers that hang on cells which the asker does not read are the most that could be.
    Raises Invalid for a ceiling that is not well formed or names what there is not.
    """
    needs_rules(call)
    code, speaker = call.body["code"], Speaker.load()
    after = state_of("ceiling", call.body["after"], "after")
    change = Change("ceiling", code, current("ceiling", code, speaker.names), after)
    company = companies.now()
    found = weigh(company.world, [change], speaker.names, Unread(call.viewer.view))
    told_question(call, "policy.preview", code)
    return Answer(
        {
            "says": [one.json() for one in speaker.ceiling(after)] if after is not None else [],
            "takes": _moved(found, 1, len(found.losing), found.losses),
            "gives": _moved(found, 0, len(found.gaining), found.gains),
            "unread": json.unread(found.unread),
            "exact": json.exact(found.unread, call.person),
        }
    )


def _moved(found: Weight, at: int, who: int, entries: list[Entry]) -> dict[str, Any]:
    """The same right of several departments is told once."""
    rows: dict[Any, list[Entry]] = {}
    for one in entries:
        rows.setdefault(one.label.what, []).append(one)
    return {
        "people": who, "records": found.records[at], "records_at_most": found.records_at_most, "cells": found.cells[at],
        "cells_at_most": found.cells_at_most, "in_all": len(rows),
        "items": [
            {
                "words": say.what_words(what).json(), "people": sum(len(one.people) for one in some),
                "records": sum(one.records for one in some if one.records is not None)
                if any(one.records is not None for one in some) else None,
                "at_most": any(one.at_most for one in some),
            }
            for what, some in list(rows.items())[:MOST_LOSSES]
        ],
    }  # fmt: skip


def list_duties(call: Call) -> Answer:
    """Which roles nobody may hold together, and who holds both all the same."""
    needs_rules(call)
    draft = draft_of(call.query.get("draft"))
    changes = {c["key"]: c["after"] for c in draft.changes if c["kind"] == "duty"} if draft is not None else {}
    company, kept = companies.now(), duties.stored()
    clashing: dict[str, list[int]] = {}
    for one in duties.clashes(company.world, kept, company=company):
        clashing.setdefault(one.duty, []).append(one.person)
    who = people(pk for found in clashing.values() for pk in found[:MOST_CLASHES])
    said = [
        _duty(code, changes.get(code, body), body, [who[p] for p in clashing.get(code, ())[:MOST_CLASHES] if p in who])
        for code, body in kept.items()
    ]
    said += [_duty(code, after, None, []) for code, after in changes.items() if code not in kept and after is not None]
    return Answer({"items": said})


def _duty(code: str, after: Any, body: Any, held: list[dict[str, Any]]) -> dict[str, Any]:
    state = after or body
    mark = "new" if body is None else "removed" if after is None else "changed" if dict(after) != dict(body) else None
    return {"code": code, "name": named(state), "state": dict(state), "mark": mark, "both": held,
            "rights": {side: [{"code": one, "words": apart.words(one).json()} for one in apart.of(state, side)]
                       for side in apart.SIDES}}  # fmt: skip


ROUTES = (
    Route("GET", "/access/duties", list_duties, "listDuties", "Roles that exclude each other", "access", params=(DRAFT,),
          answers={200: ref("DutyList")}, errors=(403, 404)),
    Route("GET", "/access/ceilings", list_ceilings, "listCeilings", "Ceilings", "access", params=(DRAFT,),
          answers={200: ref("CeilingList")}, errors=(403, 404)),
    Route("POST", "/access/ceilings/preview", preview_ceiling, "previewCeiling", "What a ceiling would take away", "access",
          body=shape.record({"code": CODE, "after": {"type": ["object", "null"]}}), answers={200: ref("CeilingPreview")},
          errors=(403,)),
)  # fmt: skip
