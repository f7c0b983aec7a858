"""Projects and who works in them.

A project is a record: it is made and changed through the write door, by who may create or edit it, or by who
administers the organisation. Parts in it are the organisation's; who may ``share`` the project lends what it brings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from heli.access.lend import lends_part
from heli.access.viewer import Viewer
from heli.api import organisation, shape, viewer
from heli.api.common import PERSON, items, moment, person, ref
from heli.api.org_common import CONFLICT, DAY, NAME, REF, TAG, change, day, guarded, not_self, number
from heli.api.own_rights import OWN_REACH
from heli.api.record import present
from heli.api.route import Answer, Call, Route
from heli.audit import log
from heli.kernel import clock
from heli.kernel.errors import Conflict, Invalid, NotFound, Problem, Refused
from heli.kernel.words import Words
from heli.org import tree
from heli.org import verbs as org
from heli.org.models import Person, Project, ProjectMember
from heli.records import act
from heli.records.act import Action
from heli.records.types import TYPES

MOST_PROJECTS = 1000
TYPE = "project"
LEAD = "lead"

BEYOND = Words(
    "不能给出自己在项目中没有的权限，请组织管理员操作",
    "this part brings rights that you do not hold through the project: ask an administrator of the organisation",
)
LONGER = Words("不能晚于你自己在项目中的结束日期", "it cannot last longer than your own part in the project")
NO_MEMBERS = Words(
    "只有项目负责人和组织管理员能增减成员",
    "only who leads the project, or administers the organisation, takes people in and out",
)
NO_EDIT = Words(
    "只有能修改这个项目的人和组织管理员能改",
    "only who may edit the project, or administers the organisation, changes it",
)
FINISHED = Words("项目已关闭", "the project is closed already")


def listed(call: Call) -> Answer:
    """Projects with their members."""
    organisation.needs_read(call)
    rows = tree.open_projects(MOST_PROJECTS)
    seen = organisation.seen_projects(call, [p.pk for p in rows])
    members = _members(list(seen))
    return Answer({"items": [_said(p, members[p.pk]) for p in rows if p.pk in seen]})


def one(call: Call) -> Answer:
    """One project with its members and what the viewer may do with it."""
    organisation.needs_read(call)
    return _answer(call, call.path["id"])


def _members(ids: list[str]) -> dict[str, list[ProjectMember]]:
    """Parts that hold now or begin later, by project."""
    rows = ProjectMember.objects.filter(project_id__in=ids).exclude(ends__lte=clock.now())
    found: dict[str, list[ProjectMember]] = defaultdict(list)
    for m in rows.exclude(person__status=Person.LEFT).select_related("person").order_by("pk"):
        found[m.project_id].append(m)
    return found


def _said(p: Project, members: list[ProjectMember]) -> dict[str, Any]:
    said = [
        {
            "person": person((m.person_id, m.person.username, m.person.display_name)),
            "role": m.role,
            "from": moment(m.starts),
            "until": moment(m.ends),
        }
        for m in members
    ]
    return {
        "id": p.pk,
        "name": p.name,
        "code": p.code,
        "status": p.status,
        "starts_on": p.starts_on.isoformat() if p.starts_on else None,
        "until": p.ends_on.isoformat() if p.ends_on else None,
        "lead": next((m["person"] for m in said if m["role"] == LEAD), None),
        "members": said,
    }


def _find(call: Call, pk: str) -> Project:
    found = tree.project_of(pk)
    if found is None or not organisation.seen_projects(call, [pk]):
        raise NotFound
    return found


def _answer(call: Call, pk: str, status: int = 200) -> Answer:
    found = _find(call, pk)
    said = {**_said(found, _members([pk])[pk]), "may": sorted(_may(call, found))}
    return Answer(said, status, location=f"/organisation/projects/{pk}")


def _may(call: Call, project: Project) -> set[str]:
    """``record`` (it is read as a record too), ``edit``, ``close`` and ``members``, as far as the viewer may."""
    ended = project.status == Project.FINISHED
    actions = _actions(call.viewer, project.pk)
    admin = organisation.administers(call)
    edit, share = admin or actions.get("edit", False), admin or actions.get("share", False)
    return {
        *(("record",) if actions else ()),
        *(("edit",) if edit else ()),
        *(("close",) if edit and not ended else ()),
        *(("members",) if share and not ended else ()),
    }


def _actions(who: Viewer, project: str) -> dict[str, bool]:
    """What the viewer may do with the record; nothing where they do not see it."""
    try:
        found: dict[str, bool] = present(who, TYPES[TYPE], project)["actions"]
    except NotFound:
        return {}
    return found


def _writer(call: Call) -> Viewer:
    """Whom the write door decides about: administrators of the organisation make and change projects as such."""
    return viewer.for_organisation(call.viewer) if organisation.administers(call) else call.viewer


def add_project(call: Call) -> Answer:
    """A new project. Administrators name who leads it, and owns its record from then on."""
    organisation.needs_read(call)
    who, lead = _writer(call), number(call.body.get("lead"))
    if who.view is not None and not who.view.may(TYPE, "create"):
        organisation.needs_admin(call)
    if lead is not None:
        _needs_members(call, who.is_system)
        not_self(call, lead, OWN_REACH)
    with _naming(), log.transaction():
        made = act.do(who, Action(TYPE, "create", values=_values(call.body))).id
        if lead is not None:
            org.add_project_member(call.viewer.actor, made, lead, LEAD)
            act.do(who, Action(TYPE, "transfer", made, {"owner": str(lead)}))
    return _answer(call, made, 201)


def _values(body: dict[str, Any]) -> dict[str, Any]:
    """The record's fields from the body; the API says ``until`` where the record says ``ends_on``."""
    given: dict[str, Any] = {k: body[k] for k in ("name", "status", "starts_on") if k in body}
    if "until" in body:
        given["ends_on"] = body["until"]
    return given


@contextmanager
def _naming() -> Iterator[None]:
    """What the record refuses stands at the names that the API has."""
    try:
        yield
    except Invalid as error:
        at = {"ends_on": "until"}
        raise Invalid([replace(one, place=at.get(one.place, one.place)) for one in error.problems]) from None


def change_project(call: Call) -> Answer:
    """Change a project's name, status or dates."""
    organisation.needs_read(call)
    found = _find(call, call.path["id"])
    _edit(call, found, _values(call.body))
    return _answer(call, found.pk)


def _edit(call: Call, project: Project, values: dict[str, Any]) -> None:
    """Through the write door; refused with a reason also to who knows of the project and does not read its record."""
    try:
        with _naming():
            act.do(_writer(call), Action(TYPE, "edit", project.pk, values))
    except NotFound:
        why = {"code": "no_line", "words": NO_EDIT.json(), "action": "edit", "type": TYPE}
        raise Refused(NO_EDIT, code="no_line", why=why) from None


def close_project(call: Call) -> Answer:
    """Finish a project: every part in it ends with this request, and it takes no new members."""
    organisation.needs_read(call)
    found = _find(call, call.path["id"])
    if found.status == Project.FINISHED:
        raise Conflict(FINISHED, code="finished")
    known = Answer({**_said(found, []), "status": Project.FINISHED, "may": []}, replay="body")
    with log.transaction():
        _edit(call, found, {"status": Project.FINISHED})
        org.end_memberships(call.viewer.actor, found.pk)
    try:
        return _answer(call, found.pk)
    except NotFound:  # who closed it saw it through their own part, which has ended too
        return known


def _needs_members(call: Call, may: bool) -> None:
    """Raises Refused unless the viewer may change who works in the project."""
    if not may:
        why = {"code": "no_line", "words": NO_MEMBERS.json(), "action": "share", "type": TYPE}
        raise Refused(NO_MEMBERS, code="no_line", why=why)


def _lends(call: Call, project: Project, who: int, role: str, until: datetime | None) -> None:
    """Raises unless the viewer may give this person this part in the project: administrators any, others what they hold
    through their own part, and no longer than that lasts."""
    if organisation.administers(call):
        return
    view, target = call.viewer.view, Person.objects.filter(pk=who).first()
    if view is None or target is None:
        return  # an unknown person is refused below
    if not lends_part(view, project.pk, role, target.kind, clock.now()):
        why = {"code": "beyond", "words": BEYOND.json(), "action": "share", "type": TYPE}
        raise Refused(BEYOND, code="beyond", why=why)
    own = ProjectMember.objects.filter(tree.valid(clock.now()), project_id=project.pk, person_id=call.person).first()
    if own is not None and own.ends is not None and (until is None or until > own.ends):
        raise Invalid(Problem("until", "too_late", LONGER))


def _staffed(call: Call) -> Project:
    """The project in the path, whose members the viewer may change. Raises NotFound, Refused."""
    organisation.needs_read(call)
    found = _find(call, call.path["id"])
    _needs_members(call, organisation.administers(call) or _actions(call.viewer, found.pk).get("share", False))
    return found


def add_member(call: Call) -> Answer:
    """Take a person into a project, from and until a day."""
    found, body = _staffed(call), call.body
    who, role, ends = int(body["person"]), body.get("role") or "member", day(body, "until", end=True)
    not_self(call, who, OWN_REACH)  # a project brings the rights of its members along
    _lends(call, found, who, role, ends)
    org.add_project_member(call.viewer.actor, found.pk, who, role, starts=day(body, "from"), ends=ends)
    return _answer(call, found.pk)


def change_member(call: Call) -> Answer:
    """Give a member another role from a day on (what they were until then stays in history), or another last day."""
    found, body, by = _staffed(call), call.body, call.viewer.actor
    who = int(call.path["person"])
    held = _part(found, who)
    not_self(call, who, OWN_REACH)
    ends = day(body, "until", end=True) if "until" in body else held.ends
    role = body.get("role") or held.role
    _lends(call, found, who, role, ends)
    with log.transaction():
        if role != held.role:
            at = day(body, "from") or clock.now()
            org.change_project_role(by, found.pk, who, role, at=max(at, held.starts))
        if ends != held.ends:
            org.set_project_end(by, found.pk, who, ends)
    return _answer(call, found.pk)


def remove_member(call: Call) -> Answer:
    """Take a person out of a project now."""
    found, who = _staffed(call), int(call.path["person"])
    _part(found, who)
    org.remove_project_member(call.viewer.actor, found.pk, who)
    return Answer(status=204)


def _part(project: Project, who: int) -> ProjectMember:
    """The part that a person has now, else the next one. Raises NotFound."""
    rows = ProjectMember.objects.filter(project_id=project.pk, person_id=who).exclude(ends__lte=clock.now())
    found = rows.order_by("starts", "pk").first()
    if found is None:
        raise NotFound
    return found


_TEXT: shape.Schema = {"type": "string"}
_MEMBER = shape.record(
    {"person": ref(PERSON), "role": _TEXT, "from": shape.MOMENT, "until": shape.nullable(shape.MOMENT)}
)
_SAID = {
    "id": _TEXT, "name": _TEXT, "code": _TEXT, "status": _TEXT, "starts_on": DAY, "until": DAY,
    "lead": shape.nullable(ref(PERSON)), "members": shape.array(_MEMBER),
}  # fmt: skip
SCHEMAS = {
    "Project_": shape.record(_SAID),
    "ProjectDetail": shape.record(
        {**_SAID, "may": shape.array({"type": "string", "enum": ["record", "edit", "close", "members"]})}
    ),
}
_OPEN: shape.Schema = {"type": "string", "enum": ["planned", "active", "paused"]}
_PROJECT = {"name": NAME, "status": _OPEN, "starts_on": DAY, "until": DAY}
_NOTHING = shape.record({}, required=())
_HEX = {"id": shape.ID}
_PERSON = {**_HEX, "person": shape.NUMBER_ID}
_PART = {"role": shape.text(32, 1), "from": DAY, "until": DAY}

ROUTES = (
    Route("GET", "/organisation/projects", listed, "listProjects", "Projects with their members", TAG, errors=(403,),
          answers={200: items(ref("Project_"))}),
    Route("GET", "/organisation/projects/{id}", one, "getOrganisationProject", "A project and what may be done with it", TAG,
          path_schemas=_HEX, errors=(403,), answers={200: ref("ProjectDetail")}),
    *guarded((
        Route("POST", "/organisation/projects", add_project, "addProject", "A new project", TAG, keyed=True,
              body=shape.record({**_PROJECT, "lead": REF}, required=("name",)), errors=CONFLICT,
              answers={201: ref("ProjectDetail")}),
        Route("PATCH", "/organisation/projects/{id}", change_project, "changeOrganisationProject", "Change a project", TAG,
              path_schemas=_HEX, body=change(_PROJECT), errors=CONFLICT, answers={200: ref("ProjectDetail")}),
        Route("POST", "/organisation/projects/{id}/close", close_project, "closeProject", "Finish a project", TAG,
              path_schemas=_HEX, body=_NOTHING, body_required=False, keyed=True, errors=CONFLICT,
              answers={200: ref("ProjectDetail")}),
        Route("POST", "/organisation/projects/{id}/members", add_member, "addMember", "Take a person into a project", TAG,
              path_schemas=_HEX, keyed=True, errors=CONFLICT, answers={200: ref("ProjectDetail")},
              body=shape.record({"person": REF, **_PART}, required=("person",))),
        Route("PATCH", "/organisation/projects/{id}/members/{person}", change_member, "changeMember",
              "Another role or last day for a member", TAG, path_schemas=_PERSON, body=change(_PART), errors=CONFLICT,
              answers={200: ref("ProjectDetail")}),
        Route("DELETE", "/organisation/projects/{id}/members/{person}", remove_member, "removeMember",
              "Take a person out of a project", TAG, path_schemas=_PERSON, errors=CONFLICT, answers={204: None}),
    )),
)  # fmt: skip
