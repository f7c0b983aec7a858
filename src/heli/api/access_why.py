"""The question "why can she and he not": two people side by side, the smallest fixes, and why something is absent."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from heli.access.core.line import Level, TypeShape
from heli.access.shapes import PAGE, SHAPES
from heli.api import figure_why, instead, shape
from heli.api.common import PERSON, WORDS, moment, people, ref
from heli.api.route import Answer, Call, Param, Route
from heli.api.scope_words import scope_words
from heli.audit import log
from heli.audit.log import EntryData
from heli.insight import absent, compare, past
from heli.insight import asked as asking
from heli.insight import company as companies
from heli.insight import fixes as fixing
from heli.insight.asked import Question
from heli.insight.chain import STEPS
from heli.insight.company import Company
from heli.insight.compare import Side
from heli.insight.fix import Fix
from heli.insight.rights import action_words
from heli.kernel import clock
from heli.kernel.errors import Invalid, Problem
from heli.kernel.words import Words
from heli.policy import state
from heli.policy.names import Names
from heli.records import explain
from heli.records.sight import kind_of
from heli.records.types import TYPES

_TEXT: shape.Schema = {"type": "string"}
_FLAG: shape.Schema = {"type": "boolean"}
_MAYBE_NUMBER: shape.Schema = {"type": ["integer", "null"]}
_CODE: shape.Schema = {"type": "string", "minLength": 1, "maxLength": 80}
STEP = shape.record(
    {
        "step": {"type": "string", "enum": list(STEPS)},
        "state": {"type": "string", "enum": ["yes", "no", "open", "skipped"]},
        "words": ref(WORDS),
        "note": shape.nullable(ref(WORDS)),
    }
)
SIDE = shape.record(
    {
        "person": ref(PERSON), "me": _FLAG, "department": ref(WORDS), "position": shape.nullable(ref(WORDS)),
        "allowed": _FLAG, "depends": _FLAG, "level": {"type": "string", "enum": ["", "hidden", "masked", "read"]},
        "steps": shape.array(STEP), "also": {"type": "integer"},
    }
)  # fmt: skip
FIX = shape.record(
    {
        "kind": {"type": "string", "enum": ["loan", "team", "role", "grant"]}, "words": ref(WORDS),
        "records": _MAYBE_NUMBER, "fields": {"type": "integer"}, "people": _MAYBE_NUMBER,
        "approvers": shape.array(ref(PERSON)), "by": shape.nullable(ref(WORDS)), "lasts": ref(WORDS),
        "act": {"type": "object"},
        "at_most": {**_FLAG, "description": "records is a bound: it hangs on cells that the asker does not read"},
    }
)  # fmt: skip
CELL = shape.record(
    {
        "field": _TEXT, "name": ref(WORDS), "value": {}, "masked": _FLAG,
        "levels": shape.array({"type": "string", "enum": ["hidden", "masked", "read", "depends"]}),
    }
)  # fmt: skip
THING = shape.record({"code": _TEXT, "name": ref(WORDS), "may": _FLAG})
SCHEMAS = {
    "WhySide": SIDE,
    "Fix": FIX,
    "Compared": shape.record(
        {
            "left": ref("WhySide"), "right": shape.nullable(ref("WhySide")), "parted": {"type": ["string", "null"]},
            "cells": shape.array(CELL), "fixes": shape.array(ref("Fix")), "at": shape.MOMENT, "past": _FLAG,
            "milliseconds": {"type": "integer"}, "instead": shape.nullable(ref("Instead")),
        }
    ),
    "Things": shape.record(
        {
            "pages": shape.array(THING), "types": shape.array(THING), "acts": shape.array(THING),
            "fields": shape.array(THING),
        }
    ),
    "Fixes": shape.record({"items": shape.array(ref("Fix"))}),
}  # fmt: skip
NO_MOMENT = Words(
    "应为日期或带时区的时刻，如 2026-11-23 或 2026-11-23T09:00:00+08:00",
    "a day or a moment with its zone, such as 2026-11-23 or 2026-11-23T09:00:00+08:00",
)
ONE_THING = Words("请指定页面或对象", "name a page or an object type")


def read_moment(text: str) -> datetime:
    """A day (its end, in the company's zone) or a moment. Raises Invalid."""
    from datetime import date, timedelta

    from heli.org.zone import day_start

    try:
        if len(text) == len("2026-11-23"):
            day = date.fromisoformat(text)
            return min(day_start(day + timedelta(days=1)) - timedelta(microseconds=1), clock.now())
        found = datetime.fromisoformat(text.replace(" ", "+"))
    except (ValueError, OverflowError):
        found = None
    if found is None or found.tzinfo is None or not 1970 <= found.year <= 9000:
        raise Invalid(Problem("at", "type", NO_MOMENT))
    return found.astimezone(UTC)  # a zone of 23 hours is one to Python and none to PostgreSQL


AT = Param(
    "at", {"type": "string", "minLength": 10, "maxLength": 40}, "A day or a moment of the past", read=read_moment
)


def company_of(at: datetime | None) -> Company:
    """The company now, or as it was."""
    return companies.now() if at is None else past.company_at(at)


def why(call: Call) -> Answer:
    """One or two people before the same question; asking about another is written down."""
    began = time.perf_counter()
    asked, left, right = _question(call)
    sides = [compare.side(asked, one) for one in (left, right) if one is not None]
    others = [one for one in sides if one.person != call.person]
    if others:
        _tell(call, asked, others)
    lacking = next((one for one in reversed(sides) if not one.allowed and not one.depends), None)
    found = fixing.fixes(call.viewer, asked, lacking.person) if lacking is not None else []
    wish = explain.Question(asked.action, asked.kind.code, call.query.get("id"), asked.field)
    refused = any(one.person == call.person and not one.allowed for one in sides)
    other = instead.beside(call.viewer, asked.kind, wish, refused) if asked.at is None else None
    return Answer(
        {
            "instead": other.json() if other is not None else None,
            "left": _side(sides[0], call.person),
            "right": _side(sides[1], call.person) if len(sides) > 1 else None,
            "parted": compare.parted(*sides) if len(sides) > 1 else None,
            "cells": [
                {**one, "name": one["name"].json()}
                for one in compare.cells(call.viewer, asked, [s.person for s in sides])
            ],
            "fixes": _fixes(found),
            "at": moment(asked.company.moment if asked.at is not None else clock.now()),
            "past": asked.at is not None,
            "milliseconds": round((time.perf_counter() - began) * 1000),
        }
    )


def fixes(call: Call) -> Answer:
    """The smallest fixes for someone who may not."""
    asked, person, _ = _question(call)
    if person != call.person:
        _tell(call, asked, [compare.side(asked, person)])
    return Answer({"items": _fixes(fixing.fixes(call.viewer, asked, person))})


def _question(call: Call) -> tuple[Question, int, int | None]:
    query = call.query
    at = query.get("at")
    company = company_of(at)
    asked = asking.question(
        call.viewer, company, query["action"], query["type"], query.get("id"), query.get("field"), at
    )
    left = int(query["person"]) if "person" in query else call.person
    right = int(query["beside"]) if "beside" in query else None
    for place, one in (("person", left), ("beside", right)):
        if one is not None and one not in company.world.people:
            raise Invalid(Problem(place, "unknown", compare.NOBODY if at is None else compare.GONE))
    return asked, left, None if right == left else right


def _tell(call: Call, asked: Question, others: Iterable[Side]) -> None:
    who = call.viewer
    with log.transaction():
        for one in others:
            log.append(
                EntryData(
                    action="why.beside", object_type=asked.kind.code,
                    object_id=str(asked.row["id"]) if asked.row is not None else "", actor_id=who.person,
                    actor_name=who.name, origin=call.origin,
                    after={
                        "action": asked.action, "field": asked.field, "beside": one.username,
                        **({"at": moment(asked.at)} if asked.at is not None else {}),
                    },
                )
            )  # fmt: skip


def _side(one: Side, me: int) -> dict[str, Any]:
    return {
        "person": {"id": str(one.person), "username": one.username, "name": one.name},
        "me": one.person == me, "department": one.department.json(),
        "position": one.position.json() if one.position is not None else None,
        "allowed": one.allowed, "depends": one.depends, "level": one.level, "also": one.also,
        "steps": [
            {
                "step": step.step, "state": step.state, "words": step.words.json(),
                "note": step.note.json() if step.note is not None else None,
            }
            for step in one.steps
        ],
    }  # fmt: skip


def _fixes(found: list[Fix]) -> list[dict[str, Any]]:
    names = people(pk for one in found for pk in one.approvers)
    return [
        {
            "kind": one.kind, "words": one.words.json(), "records": one.records, "fields": one.fields,
            "people": one.people, "approvers": [names[pk] for pk in one.approvers if pk in names],
            "by": one.by.json() if one.by is not None else None, "lasts": one.lasts.json(), "act": _act(one.act),
            "at_most": one.at_most,
        }
        for one in found
    ]  # fmt: skip


def _act(act: Mapping[str, Any]) -> dict[str, Any]:
    """What a page sends to begin it: a change for a draft is the whole state of the thing; what has no route is left out."""
    from heli.api.routes import TABLE

    draft = act.get("draft")
    if draft is not None and draft["kind"] == "role":
        before = state.current("role", draft["key"], Names.load())
        return {"draft": {"kind": "role", "key": draft["key"], "after": {**(before or {}), "lines": draft["lines"]}}}
    known = "path" not in act or act["path"].startswith("/records/") or act["path"] in {r.path for r in TABLE.routes}
    return dict(act) if known else {}


def not_there(call: Call) -> Answer:
    """Why a page, a list, a button or a field is there or not, or what a sum or a number of the workbench covers."""
    query, viewer = call.query, call.viewer
    if "figure" in query:
        said = figure_why.why(viewer, query["figure"])
    elif "page" in query:
        said = absent.page(viewer, query["page"])
    elif "type" not in query:
        raise Invalid(Problem("type", "required", ONE_THING))
    elif "sum" in query:
        kind = kind_of(query["type"])
        said = absent.total(viewer, kind.code, query["sum"], scope_words(viewer, kind.code))
    elif "field" in query:
        kind_of(query["type"])
        said = absent.field(viewer, query["type"], query["field"])
    else:
        action, record = query.get("action", "read"), query.get("id")
        said = absent.button(viewer, query["type"], action, record)
        return Answer(instead.told(viewer, explain.Question(action, query["type"], record), said))
    return Answer(explain.json(said))


def things(call: Call) -> Answer:
    """Every page and type of object by name, and whether I may open or read it: names are known to all who work here.

    Of one type also its acts and, where I read some of it, its fields."""
    view = call.viewer.view
    kind = kind_of(call.query["type"]) if "type" in call.query else None
    rights = view.type(kind.code) if view is not None and kind is not None else None

    def said(shape: TypeShape, code: str, action: str) -> dict[str, Any]:
        return {"code": code, "name": shape.words.json(), "may": view is not None and view.may(shape.code, action)}

    return Answer(
        {
            "pages": [said(one, one.code[len(PAGE) :], "open") for one in SHAPES if one.code.startswith(PAGE)],
            "types": [said(SHAPES[kind.code], kind.code, "read") for kind in TYPES],
            "acts": [
                {
                    "code": one,
                    "name": action_words(kind.code, one).json(),
                    "may": rights is not None and rights.ever(one),
                }
                for one in sorted(SHAPES[kind.code].actions - {"read"})
            ]
            if kind is not None
            else [],
            "fields": [
                {"code": code, "name": one.words.json(), "may": rights.best_level(code) > Level.HIDDEN}
                for code, one in kind.fields.items()
            ]
            if kind is not None and rights is not None and rights.ever("read")
            else [],
        }
    )


TYPE = Param("type", _CODE, "An object type")
ACTION = Param("action", _CODE, "read, edit, delete or a verb")
ID = Param("id", shape.ID, "A record that I see")
FIELD = Param("field", _CODE, "One of its fields")
WHOM = Param("person", shape.NUMBER_ID, "Whom it is about (me, when left out)")
ASKED = (
    Param("action", _CODE, "read, edit, delete or a verb", required=True),
    Param("type", _CODE, "An object type", required=True),
    ID,
    FIELD,
    WHOM,
)
ROUTES = (
    Route("GET", "/access/why", why, "whyCompared", "Why one may and another may not, step by step", "access",
          params=(*ASKED, Param("beside", shape.NUMBER_ID, "Another person beside"), AT),
          answers={200: ref("Compared")}, errors=(404,)),
    Route("GET", "/access/fixes", fixes, "listFixes", "The smallest fixes for a no", "access",
          params=ASKED, answers={200: ref("Fixes")}, errors=(404,)),
    Route("GET", "/access/things", things, "listThings", "Pages and types by name, and which are mine", "access", params=(TYPE,),
          answers={200: ref("Things")}),
    Route("GET", "/access/absent", not_there, "whyAbsent", "Why a page, list, button or field is not there; what a number covers", "access",
          params=(Param("page", _CODE, "A page"), TYPE, ACTION, ID, FIELD, Param("sum", _CODE, "A field that is summed"),
                  Param("figure", _CODE, "A number of the workbench: a figure's code, `queue` or `mentions`")),
          answers={200: ref("Why")}, errors=(404,)),
)  # fmt: skip
