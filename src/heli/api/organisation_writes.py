"""Changing the organisation, for who holds ``organisation: administer``. The verbs below check, audit and tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.transaction import atomic
from django.utils import timezone

from heli.api import organisation, shape
from heli.api.common import ref
from heli.api.own_rights import OWN_REACH, never_wider
from heli.api.route import Answer, Call, Route
from heli.audit import log
from heli.kernel.errors import Conflict, Invalid, NotFound, Problem
from heli.kernel.words import Words
from heli.org import verbs as org
from heli.org.models import Assignment, Deputy, Person, ProjectMember

NOT_A_DAY = Words("应为日期，如 2026-11-23", "must be a day such as 2026-11-23")
OWN_RIGHTS = Words(
    "不能给自己增加任职，请另一位管理员操作", "nobody gives themselves a post: ask another administrator"
)
OWN_LEAVING = Words("不能为自己办理离职", "nobody can let themselves leave")

_DAY: shape.Schema = {"type": ["string", "null"], "format": "date"}
_NAME = shape.text(200, 1)
_REF = shape.NUMBER_ID
_MAYBE_REF = shape.nullable(_REF)


def _number(value: str | None) -> int | None:
    return int(value) if value is not None else None


def _day(body: dict[str, Any], name: str, *, end: bool = False) -> datetime | None:
    """The start of a day in the company's zone; as an end, the start of the day after. Today as a start means now."""
    text = body.get(name)
    if text is None:
        return None
    try:
        day = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        day = None
    if day is None or day.year < 1900:
        raise Invalid(Problem(name, "type", NOT_A_DAY))
    if not end and day == timezone.localdate():
        return None
    try:
        return timezone.make_aware(datetime.combine(day + timedelta(days=1 if end else 0), time()))
    except OverflowError:
        raise Invalid(Problem(name, "type", NOT_A_DAY)) from None


def _not_self(call: Call, person: int, words: Words) -> None:
    if person == call.viewer.person:
        raise Conflict(words, code="self")


def _not_overseer(call: Call) -> None:
    """Who oversees a department sees its records by it."""
    if call.body.get("overseer") is not None:
        _not_self(call, int(call.body["overseer"]), OWN_REACH)


def _person_answer(call: Call, pk: int, status: int = 200) -> Answer:
    found = Person.objects.get(pk=pk)
    return Answer(organisation.payload(call, found), status, location=f"/organisation/people/{pk}")


def _department_answer(call: Call, pk: int, status: int = 200) -> Answer:
    listed = organisation.departments(call).body["items"]
    found = next((d for d in listed if d["id"] == str(pk)), None)
    if found is None:
        raise NotFound
    return Answer(found, status, replay="body")


def add_department(call: Call) -> Answer:
    """A new department."""
    organisation.needs_admin(call)
    body = call.body
    _not_overseer(call)
    pk = org.create_department(
        call.viewer.actor, body["name"], _number(body.get("parent")), code=body.get("code") or "",
        name_en=body.get("name_en") or "", function=body.get("function") or "",
        head=_number(body.get("head")), overseer=_number(body.get("overseer")),
    )  # fmt: skip
    return _department_answer(call, pk, 201)


def change_department(call: Call) -> Answer:
    """Rename, move, or give a department its head and overseer; all in one transaction."""
    organisation.needs_admin(call)
    pk, body, by = int(call.path["id"]), call.body, call.viewer.actor
    _not_overseer(call)
    with log.transaction():
        names = {k: body[k] for k in ("name", "name_en", "code", "function") if k in body}
        if names:
            org.rename_department(by, pk, **names)
        if "parent" in body:
            org.move_department(by, pk, _number(body["parent"]))
        if "head" in body:
            org.set_head(by, pk, _number(body["head"]))
        if "overseer" in body:
            org.set_overseer(by, pk, _number(body["overseer"]))
    return _department_answer(call, pk)


def close_department(call: Call) -> Answer:
    """Close an empty department."""
    organisation.needs_admin(call)
    org.close_department(call.viewer.actor, int(call.path["id"]))
    return Answer(status=204)


def add_person(call: Call) -> Answer:
    """A new person, with a first post when a department is given."""
    organisation.needs_admin(call)
    body, by = call.body, call.viewer.actor
    with log.transaction():
        if body.get("kind") == Person.SERVICE:
            pk = org.create_service_account(by, body["username"], body["name"])
        else:
            pk = org.add_person(
                by, body["username"], body["name"], email=body.get("email") or "", phone=body.get("phone") or "",
                kind=body.get("kind") or Person.EMPLOYEE, language=body.get("language") or "", password=body.get("password"),
            )  # fmt: skip
        if body.get("department") is not None:
            org.assign(by, pk, int(body["department"]), _number(body.get("position")))
    return _person_answer(call, pk, 201)


def change_person(call: Call) -> Answer:
    """Change a person's name, address or language."""
    organisation.needs_admin(call)
    pk, given = _known(call), dict(call.body)
    if "name" in given:
        given["display_name"] = given.pop("name")
    org.change_person(call.viewer.actor, pk, **{k: v if v is not None else "" for k, v in given.items()})
    return _person_answer(call, pk)


def _known(call: Call) -> int:
    pk = int(call.path["id"])
    if not Person.objects.filter(pk=pk).exists():
        raise NotFound
    return pk


def assign(call: Call) -> Answer:
    """A further post."""
    organisation.needs_admin(call)
    pk, body = _known(call), call.body
    _not_self(call, pk, OWN_RIGHTS)
    org.assign(
        call.viewer.actor, pk, int(body["department"]), _number(body.get("position")), primary=body.get("primary"),
        starts=_day(body, "from"), ends=_day(body, "until", end=True),
    )  # fmt: skip
    return _person_answer(call, pk)


def move(call: Call) -> Answer:
    """Move a person to another department or position; acts at once everywhere."""
    organisation.needs_admin(call)
    pk, body = _known(call), call.body
    _not_self(call, pk, OWN_RIGHTS)
    org.move_person(
        call.viewer.actor, pk, int(body["department"]), assignment=_number(body.get("assignment")),
        position=_number(body.get("position")), at=_day(body, "from"),
    )  # fmt: skip
    return _person_answer(call, pk)


def end(call: Call) -> Answer:
    """End a post."""
    organisation.needs_admin(call)
    pk = _known(call)
    post = int(call.body["assignment"])
    if not Assignment.objects.filter(pk=post, person_id=pk).exists():
        raise Invalid(Problem("assignment", "unknown", Words("此人没有这个任职", "the person has no such assignment")))
    org.end_assignment(call.viewer.actor, post, new_primary=_number(call.body.get("new_primary")))
    return _person_answer(call, pk)


def leave(call: Call) -> Answer:
    """Let a person leave: sessions, tokens and rights end with this request."""
    organisation.needs_admin(call)
    pk = _known(call)
    _not_self(call, pk, OWN_LEAVING)
    org.leave(call.viewer.actor, pk, successor=_number(call.body.get("successor")))
    return _person_answer(call, pk)


def deputy(call: Call) -> Answer:
    """Name who acts for a person between two days."""
    organisation.needs_admin(call)
    pk, body = _known(call), call.body
    from heli.kernel import clock

    ends = _day(body, "until", end=True)
    assert ends is not None
    org.set_deputy(call.viewer.actor, pk, int(body["deputy"]), starts=_day(body, "from") or clock.now(), ends=ends)
    return _person_answer(call, pk)


def end_deputy(call: Call) -> Answer:
    """End a deputyship now."""
    organisation.needs_admin(call)
    pk, number = _known(call), int(call.path["deputy"])
    if not Deputy.objects.filter(pk=number, principal_id=pk).exists():
        raise NotFound
    org.end_deputy(call.viewer.actor, number)
    return Answer(status=204)


def manager(call: Call) -> Answer:
    """Whom a person reports to; null for nobody."""
    organisation.needs_admin(call)
    pk, boss = _known(call), _number(call.body["manager"])
    if boss is None:
        org.end_reporting(call.viewer.actor, pk)
    else:
        _not_self(call, boss, OWN_REACH)  # the scope "reports" follows this line
        org.set_manager(call.viewer.actor, pk, boss)
    return _person_answer(call, pk)


def password(call: Call) -> Answer:
    """Set a person's password; their sessions end."""
    from heli.api import sessions

    organisation.needs_admin(call)
    pk = _known(call)
    with atomic():
        org.set_password(call.viewer.actor, pk, call.body["password"])
        sessions.end_all(pk)
    return Answer(status=204)


def add_position(call: Call) -> Answer:
    """A new position."""
    organisation.needs_admin(call)
    body = call.body
    pk = org.create_position(
        call.viewer.actor, body["name"], code=body.get("code") or "", name_en=body.get("name_en") or ""
    )
    return _position_answer(call, pk, 201)


def change_position(call: Call) -> Answer:
    """Rename a position."""
    organisation.needs_admin(call)
    pk = int(call.path["id"])
    org.rename_position(call.viewer.actor, pk, **call.body)
    return _position_answer(call, pk)


def _position_answer(call: Call, pk: int, status: int = 200) -> Answer:
    found = next((p for p in organisation.positions(call).body["items"] if p["id"] == str(pk)), None)
    return Answer(found, status, replay="body")


def add_member(call: Call) -> Answer:
    """Take a person into a project."""
    organisation.needs_admin(call)
    body, project = call.body, call.path["id"]
    _not_self(call, int(body["person"]), OWN_REACH)  # a project brings the rights of its members along
    org.add_project_member(
        call.viewer.actor, project, int(body["person"]), body.get("role") or "member",
        starts=_day(body, "from"), ends=_day(body, "until", end=True),
    )  # fmt: skip
    return _project_answer(call, project)


def remove_member(call: Call) -> Answer:
    """Take a person out of a project."""
    organisation.needs_admin(call)
    project, person = call.path["id"], int(call.path["person"])
    if not ProjectMember.objects.filter(project_id=project, person_id=person).exists():
        raise NotFound
    org.remove_project_member(call.viewer.actor, project, person)
    return Answer(status=204)


def _project_answer(call: Call, project: str) -> Answer:
    found = next((p for p in organisation.projects(call).body["items"] if p["id"] == project), None)
    if found is None:
        raise NotFound
    return Answer(found, replay="body")


_FUNCTION = shape.text(32)
_DEPARTMENT = {
    "name": _NAME, "parent": _MAYBE_REF, "code": shape.text(64), "name_en": shape.text(200), "function": _FUNCTION,
    "head": _MAYBE_REF, "overseer": _MAYBE_REF,
}  # fmt: skip
_PERSON = {
    "name": shape.text(100, 1), "email": shape.nullable(shape.text(254)), "phone": shape.nullable(shape.text(32)),
    "language": {"type": "string", "enum": ["", "zh", "en"]},
}  # fmt: skip
_NEW_PERSON = {
    **_PERSON, "username": shape.text(64, 1), "kind": {"type": "string", "enum": ["employee", "contractor", "service"]},
    "department": _REF, "position": _REF, "password": shape.text(1000, 1),
}  # fmt: skip
_POST = {"department": _REF, "position": _MAYBE_REF}
_POSITION = {"name": _NAME, "code": shape.text(64), "name_en": shape.text(200)}
_ID = {"id": shape.NUMBER_ID}
_TAG = "organisation"
_BAD = (409,)


def _change(properties: dict[str, shape.Schema]) -> shape.Schema:
    return {**shape.record(properties, required=()), "minProperties": 1}


def _about(path: str, handle: Any, id_: str, said: str, body: shape.Schema) -> Route:
    return Route("POST", f"/organisation/people/{{id}}/{path}", handle, id_, said, _TAG, path_schemas=_ID, body=body,
                 keyed=True, errors=_BAD, answers={200: ref("PersonPage")})  # fmt: skip


_ROUTES = (
    Route("POST", "/organisation/departments", add_department, "addDepartment", "A new department", _TAG, keyed=True,
          body=shape.record(_DEPARTMENT, required=("name",)), errors=_BAD, answers={201: ref("Department")}),
    Route("PATCH", "/organisation/departments/{id}", change_department, "changeDepartment", "Change a department", _TAG,
          path_schemas=_ID, body=_change(_DEPARTMENT), errors=_BAD, answers={200: ref("Department")}),
    Route("DELETE", "/organisation/departments/{id}", close_department, "closeDepartment", "Close a department", _TAG,
          path_schemas=_ID, errors=_BAD, answers={204: None}),
    Route("POST", "/organisation/people", add_person, "addPerson", "A new person", _TAG, keyed=True,
          body=shape.record(_NEW_PERSON, required=("username", "name")), errors=_BAD, answers={201: ref("PersonPage")}),
    Route("PATCH", "/organisation/people/{id}", change_person, "changePerson", "Change a person", _TAG, path_schemas=_ID,
          body=_change(_PERSON), errors=_BAD, answers={200: ref("PersonPage")}),
    _about("assign", assign, "assignPerson", "A further post",
           shape.record({**_POST, "primary": {"type": "boolean"}, "from": _DAY, "until": _DAY}, required=("department",))),
    _about("move", move, "movePerson", "Move to another post",
           shape.record({**_POST, "assignment": _REF, "from": _DAY}, required=("department",))),
    _about("end", end, "endPost", "End a post", shape.record({"assignment": _REF, "new_primary": _REF}, required=("assignment",))),
    _about("leave", leave, "leavePerson", "Leave the company", shape.record({"successor": _MAYBE_REF}, required=())),
    _about("deputy", deputy, "setDeputy", "Name a deputy",
           shape.record({"deputy": _REF, "from": _DAY, "until": {"type": "string", "format": "date"}}, required=("deputy", "until"))),
    _about("manager", manager, "setManager", "Whom a person reports to", shape.record({"manager": _MAYBE_REF})),
    Route("POST", "/organisation/people/{id}/password", password, "setPassword", "Set a password", _TAG, path_schemas=_ID,
          body=shape.record({"password": shape.nullable(shape.text(1000, 1))}), errors=_BAD, answers={204: None}),
    Route("DELETE", "/organisation/people/{id}/deputies/{deputy}", end_deputy, "endDeputy", "End a deputyship", _TAG,
          path_schemas={**_ID, "deputy": shape.NUMBER_ID}, errors=_BAD, answers={204: None}),
    Route("POST", "/organisation/positions", add_position, "addPosition", "A new position", _TAG, keyed=True,
          body=shape.record(_POSITION, required=("name",)), errors=_BAD, answers={201: ref("Position")}),
    Route("PATCH", "/organisation/positions/{id}", change_position, "changePosition", "Rename a position", _TAG,
          path_schemas=_ID, body=_change(_POSITION), errors=_BAD, answers={200: ref("Position")}),
    Route("POST", "/organisation/projects/{id}/members", add_member, "addMember", "Take a person into a project", _TAG,
          path_schemas={"id": shape.ID}, keyed=True, errors=_BAD, answers={200: ref("Project_")},
          body=shape.record({"person": _REF, "role": shape.text(32, 1), "from": _DAY, "until": _DAY}, required=("person",))),
    Route("DELETE", "/organisation/projects/{id}/members/{person}", remove_member, "removeMember",
          "Take a person out of a project", _TAG, path_schemas={"id": shape.ID, "person": shape.NUMBER_ID}, errors=_BAD,
          answers={204: None}),
)  # fmt: skip
ROUTES = tuple(replace(one, handle=never_wider(one.handle)) for one in _ROUTES)
