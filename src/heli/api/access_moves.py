"""Moving people in a draft: what there is to choose from, what a move would do, and writing it into the draft."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from heli.access.facts import World
from heli.access.unread import Unread
from heli.api import shape
from heli.api.access_common import CODE, TEXT, told_question
from heli.api.common import PERSON, WORDS, people, ref
from heli.api.drafts import answered, beside, changes_said, needs, revision
from heli.api.route import Answer, Call, Param, Route
from heli.kernel import clock
from heli.kernel.errors import Conflict, Invalid
from heli.kernel.words import Words
from heli.org.models import Department, Position
from heli.org.tree import ended_projects, project_names
from heli.policy import apply, checks, drafts, moves, state
from heli.policy.change import Change, state_of
from heli.policy.company import changed
from heli.policy.names import Names
from heli.policy.simulate import json, report

TAG = "policy"
MOST_PEOPLE = 100
STALE = Words(
    "草稿与公司现状矛盾，先到草稿里解决矛盾",
    "the draft contradicts what the company has become: resolve that in the draft first",
)


def places(call: Call) -> Answer:
    """Where people can be moved to."""
    needs(call, "read")
    ended, said = ended_projects(clock.today()), _said(call)
    rows = Department.objects.filter(closed_at=None).order_by("pk").values_list("pk", "code", "name", "name_en")
    known = {code for _, code, _, _ in rows}
    fresh = [(None, code, "", "") for code, one in said.items() if one is not None and code not in known]
    return Answer(
        {
            "departments": [
                {
                    "code": code, "id": str(pk) if pk is not None else None,
                    "name": _called(said.get(code), name, english).json(),
                    "said": said.get(code), "closes": said.get(code, ...) is None,
                }
                for pk, code, name, english in (*rows, *fresh)
            ],
            "positions": [
                {"code": code, "name": Words(name, en or name).json()}
                for code, name, en in Position.objects.filter(closed_at=None).order_by("pk").values_list("code", "name", "name_en")
            ],
            "projects": [
                {"id": pk, "name": name, "open": pk not in ended} for pk, name in sorted(project_names().items(), key=lambda p: p[1])
            ],
        }
    )  # fmt: skip


def _called(said: Mapping[str, Any] | None, name: str, english: str) -> Words:
    if said is not None:
        name, english = said["name"] or name, said["name_en"] or english
    return Words(name, english or name)


def _said(call: Call) -> dict[str, dict[str, Any] | None]:
    """What the draft that is asked about says of departments, by code; None of those that it closes."""
    if not call.query.get("draft"):
        return {}
    draft = drafts.get(int(call.query["draft"]))
    found = {one.key: one.after for one in drafts.changes_of(draft) if one.kind == "department"}
    names = Names.load()
    leaders = people(names.person_ids.get((one[key] or "").lower()) for one in found.values() if one for key in LEADERS)
    by_name = {one["username"].lower(): one for one in leaders.values()}
    return {
        code: None if one is None else {
            "name": one.get("name", ""), "name_en": one.get("name_en") or "", "parent": one["parent"],
            **{key: by_name.get((one[key] or "").lower()) for key in LEADERS},
        }
        for code, one in found.items()
    }  # fmt: skip


SENT = {"department": "post/department", "position": "post/position", "manager": "manager", "role": "projects"}
"""Where the body says what a change of people says there."""
LEADERS = ("head", "overseer")
OF_DEPARTMENT = ("name", "name_en", "parent", "head", "overseer")


@contextmanager
def _placed(body: Mapping[str, Any]) -> Iterator[None]:
    """What no change can be is said of the place in the body that asks for it."""

    def sent(last: str) -> str:
        if "department" in body:
            return f"department/{last}" if last in OF_DEPARTMENT else "department"
        return SENT.get(last, "people")

    try:
        yield
    except (Invalid, Conflict) as error:
        if not any(one.place.startswith("changes/") for one in error.problems):
            raise
        told = [
            replace(one, place=sent(one.place.rpartition("/")[2])) if one.place.startswith("changes/") else one
            for one in error.problems
        ]
        if isinstance(error, Invalid):
            raise Invalid(told) from None
        raise Conflict(error.words, code=error.code, problems=told) from None


@contextmanager
def _all_that_bars(now: World, made: Sequence[Change]) -> Iterator[None]:
    """Who is left in a department that closes is not all that is in the way: the records are said beside it."""
    try:
        yield
    except Conflict as error:
        if not all(one.code in ("has_people", "has_departments") for one in error.problems):
            raise
        found = [replace(one, place="department") for one in checks.left(now, made, counted=True)]
        raise Conflict(error.words, code=error.code, problems=[*error.problems, *found]) from None


def previewed(call: Call) -> Answer:
    """What a move would do, on top of what the draft does already; nothing is written."""
    needs(call, "administer")
    needs(call, "read")  # it tells what rules reach
    told_question(call, "policy.simulate")
    names, at, now = Names.load(), report.stamp(), World.load()
    draft = drafts.get(int(call.body["draft"])) if call.body.get("draft") else None
    had = drafts.changes_of(draft) if draft is not None else []
    made = _changes(call.body, had, names)
    fitting, conflicts = apply.rebased(had, names)
    if conflicts:
        raise Conflict(STALE, code="conflict")
    moved = {one.thing for one in made}
    kept = [one for one in fitting if one.thing not in moved]
    before = changed(now, fitting, names)
    with _placed(call.body), _all_that_bars(now, made):
        after = changed(now, [*kept, *made], names)
    # What is checked is the draft as it would be; what is shown as gained and lost is what the move adds to it.
    by = [*(draft.authors if draft is not None else ()), *([call.person] if call.person is not None else ())]
    found = report.simulate(before, after, made, sorted(set(by)), at=at, unread=Unread(call.viewer.view))
    replaced = [one for one in had if one.thing in moved]
    return Answer(
        {
            "changes": changes_said(made, had), "replaces": changes_said(replaced, had), "beside": beside(draft, made),
            "revision": draft.revision if draft is not None else None,
            "simulation": {**json.told(found, call.person), "question": None},
        }
    )  # fmt: skip


def _changes(asked: Any, had: Sequence[Change], names: Names) -> list[Change]:
    things, sent = moves.things(asked, had, names)
    found = []
    for (kind, key, after), place in zip(things, sent, strict=True):
        found.append(Change(kind, key, state.current(kind, key, names), state_of(kind, after, place)))
    return found


def moved(call: Call) -> Answer:
    """Write a move into a draft: exactly on the revision that was looked at."""
    needs(call, "administer")
    pk, seen = int(call.path["id"]), revision(call)
    draft = drafts.get(pk)
    if draft.revision != seen:
        raise drafts.stale()
    things, sent = moves.things(call.body, drafts.changes_of(draft), Names.load())
    with _placed(call.body):
        put = drafts.put_many(call.viewer.actor, pk, seen, things, places=[f"{one}/after" for one in sent])
    return answered(call, put)


_NAME = shape.text(64, 1)
_MOVE: dict[str, shape.Schema] = {
    "people": {**shape.array(_NAME, MOST_PEOPLE), "minItems": 1},
    "post": {**shape.record({"department": CODE, "position": shape.nullable(CODE)}, required=()), "minProperties": 1},
    "manager": shape.nullable(_NAME),
    "projects": shape.array(shape.record({"project": shape.text(32, 1), "role": shape.nullable(shape.text(32, 1))}), 20),
}  # fmt: skip
_DEPARTMENT = {
    "code": CODE, "close": {"type": "boolean"}, "name": shape.text(200, 1), "name_en": shape.text(200),
    "parent": shape.nullable(CODE), "head": shape.nullable(_NAME), "overseer": shape.nullable(_NAME),
}  # fmt: skip
_MOVE["department"] = {**shape.record(_DEPARTMENT, required=()), "minProperties": 1}
_CODED = shape.record({"code": TEXT, "name": ref(WORDS)})
_LEADER = shape.nullable(ref(PERSON))
_PLACE = shape.record(
    {
        "code": TEXT, "name": ref(WORDS), "id": shape.nullable(shape.NUMBER_ID), "closes": {"type": "boolean"},
        "said": shape.nullable(
            shape.record(
                {"name": TEXT, "name_en": TEXT, "parent": shape.nullable(TEXT), "head": _LEADER, "overseer": _LEADER}
            )
        ),
    }
)  # fmt: skip
SCHEMAS = {
    "MovePlaces": shape.record(
        {
            "departments": shape.array(_PLACE), "positions": shape.array(_CODED),
            "projects": shape.array(shape.record({"id": TEXT, "name": TEXT, "open": {"type": "boolean"}})),
        }
    ),
    "MovePreview": shape.record(
        {
            "changes": shape.array(ref("DraftChange")), "replaces": shape.array(ref("DraftChange")),
            "beside": shape.array(ref("DraftBeside")), "revision": {"type": ["integer", "null"]},
            "simulation": ref("Simulation"),
        }
    ),
}  # fmt: skip
ROUTES = (
    Route("GET", "/access/moves", places, "movePlaces", "Where people can be moved to", TAG,
          params=(Param("draft", shape.NUMBER_ID, "With what this draft says of departments, and those that only it has"),),
          answers={200: ref("MovePlaces")}, errors=(403, 404)),
    Route("POST", "/access/moves/preview", previewed, "previewMove", "What moving people would do", TAG,
          body=shape.record({**_MOVE, "draft": shape.NUMBER_ID}, required=()), answers={200: ref("MovePreview")},
          errors=(403, 404, 409)),
    Route("POST", "/access/drafts/{id}/moves", moved, "movePeopleInDraft", "Move people in a draft", TAG,
          path_schemas={"id": shape.NUMBER_ID}, if_match=True, body=shape.record(_MOVE, required=()),
          answers={200: ref("Draft")}, errors=(403, 404, 409)),
)  # fmt: skip
