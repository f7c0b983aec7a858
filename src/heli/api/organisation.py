"""Reading the organisation: names, departments and positions for every employee; contact data only by rights."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from django.db.models import Q

from heli.access import view as views
from heli.access.viewer import Viewer
from heli.api import shape
from heli.api.common import NAMED, PERSON, WORDS, items, moment, named, people, ref
from heli.api.route import Answer, Call, Param, Route
from heli.kernel import clock
from heli.kernel.errors import NotFound, Refused
from heli.kernel.words import Words
from heli.org import tree
from heli.org.models import Assignment, Deputy, Person, ProjectMember, ReportingLine
from heli.records import cursor, visible
from heli.records.types import TYPES

PAGE = 100
TYPE = "organisation"

NO_READ = Words("你的角色不能查看组织架构", "none of your roles may see the organisation")
NO_ADMIN = Words(
    "需要“组织：管理”权限，可请系统管理员操作",
    "this needs the right to administer the organisation: ask a system administrator",
)


def administers(call: Call) -> bool:
    view = call.viewer.view
    return view is not None and view.may(TYPE, "administer")


def needs_admin(call: Call) -> None:
    """Raises Refused unless the viewer administers the organisation."""
    if not administers(call):
        raise Refused(
            NO_ADMIN,
            code="no_line",
            why={"code": "no_line", "words": NO_ADMIN.json(), "action": "administer", "type": TYPE},
        )


def knows_people(viewer: Viewer) -> bool:
    """Whether the viewer may know the company's people."""
    view = viewer.view
    return viewer.kind == Person.EMPLOYEE or (
        view is not None and (view.may(TYPE, "read") or view.may(TYPE, "administer"))
    )


def needs_read(call: Call) -> None:
    """Raises Refused unless the viewer may know the company's people."""
    if not knows_people(call.viewer):
        raise Refused(NO_READ, code="no_line")


def departments(call: Call) -> Answer:
    """The whole tree as a flat list, parents before children."""
    needs_read(call)
    found = tree.load_tree()
    now = clock.now()
    rows = set(
        Assignment.objects.filter(tree.valid(now))
        .exclude(person__status=Person.LEFT)
        .values_list("department_id", "person_id")
    )
    counts = Counter(department for department, _ in rows)
    names = people(p for node in found.nodes.values() for p in (node.head, node.overseer))
    ordered: list[tree.Node] = []
    todo: list[int | None] = [None]
    while todo:
        parent = todo.pop()
        below = found.children.get(parent, ())
        ordered += [found.nodes[i] for i in below]
        todo += [i for i in below if i in found.children]
    return Answer(
        {
            "items": [
                {
                    "id": str(node.id),
                    "name": node.name,
                    "name_en": node.name_en,
                    "code": node.code,
                    "function": node.function,
                    "parent": str(node.parent) if node.parent is not None else None,
                    "head": names.get(node.head) if node.head else None,
                    "overseer": names.get(node.overseer) if node.overseer else None,
                    "people": counts.get(node.id, 0),
                }
                for node in ordered
            ]
        }
    )


def _posts(ids: list[int]) -> dict[int, list[Assignment]]:
    rows = Assignment.objects.filter(tree.valid(clock.now()), person_id__in=ids)
    found: dict[int, list[Assignment]] = defaultdict(list)
    for one in rows.select_related("department", "position").order_by("-primary", "id"):
        found[one.person_id].append(one)
    return found


def _department(one: Assignment) -> dict[str, str]:
    return named(one.department_id, one.department.name, one.department.name_en)


def _row(one: Person, posts: list[Assignment], contact: bool) -> dict[str, Any]:
    main = posts[0] if posts else None
    said: dict[str, Any] = {
        "id": str(one.pk),
        "username": one.username,
        "name": one.display_name,
        "kind": one.kind,
        "status": one.status,
        "department": _department(main) if main else None,
        "position": main.position.name if main and main.position else None,
        "position_en": main.position.name_en if main and main.position else "",
    }
    if contact:
        said |= {"email": one.email, "phone": one.phone}
    return said


def listed(call: Call) -> Answer:
    """People by name, 100 at a time; who has left only to administrators."""
    needs_read(call)
    admin, asked = administers(call), call.query
    rows = Person.objects.all() if admin else Person.objects.exclude(status=Person.LEFT)
    text = asked.get("q", "").strip()
    if text:
        key = text.casefold().replace(" ", "")
        rows = rows.filter(Q(display_name__icontains=text) | Q(username__icontains=text) | Q(name_key__contains=key))
    if "department" in asked:
        below = tree.load_tree().below(int(asked["department"]))
        here = Assignment.objects.filter(tree.valid(clock.now()), department_id__in=below)
        rows = rows.filter(pk__in=list(here.values_list("person_id", flat=True)))
    bound = (call.viewer.person, "people", text, asked.get("department"))
    if "after" in asked:
        key, last = cursor.unseal(asked["after"], *bound)
        rows = rows.filter(Q(name_key__gt=key) | Q(name_key=key, pk__gt=last))
    limit = asked.get("limit", PAGE)
    found = list(rows.order_by("name_key", "pk")[: limit + 1])
    page = found[:limit]
    posts = _posts([one.pk for one in page])
    following = cursor.seal([page[-1].name_key, page[-1].pk], *bound) if len(found) > limit else None
    return Answer(
        {"items": [_row(one, posts[one.pk], admin or one.pk == call.viewer.person) for one in page], "next": following}
    )


def one(call: Call) -> Answer:
    """One person: posts, lines, projects, deputies; their roles only to themselves and to administrators of rules."""
    needs_read(call)
    admin, pk = administers(call), int(call.path["id"])
    found = Person.objects.filter(pk=pk).first()
    if found is None or (found.status == Person.LEFT and not admin):
        raise NotFound
    return Answer(payload(call, found))


def payload(call: Call, found: Person) -> dict[str, Any]:
    """A person's page."""
    pk, now = found.pk, clock.now()
    mine, admin = pk == call.viewer.person, administers(call)
    posts = _posts([pk])[pk]
    later = Assignment.objects.filter(person_id=pk, starts__gt=now) if admin else Assignment.objects.none()
    line = ReportingLine.objects.filter(tree.valid(now), person_id=pk).values_list("manager_id", flat=True).first()
    below = list(
        ReportingLine.objects.filter(tree.valid(now), manager_id=pk).order_by("pk").values_list("person_id", flat=True)
    )
    deputies = list(Deputy.objects.filter(principal_id=pk).exclude(ends__lte=now).order_by("starts"))
    names = people([line, *below, *(d.deputy_id for d in deputies)])
    view = call.viewer.view
    said = _row(found, posts, mine or admin)
    said["assignments"] = [
        {
            "id": str(a.pk),
            "department": _department(a),
            "position": named(a.position.pk, a.position.name, a.position.name_en) if a.position else None,
            "primary": a.primary,
            "from": moment(a.starts),
            "until": moment(a.ends),
        }
        for a in (*posts, *later.select_related("department", "position").order_by("starts", "pk"))
    ]
    said["reports_to"] = names.get(line) if line is not None else None
    said["reports"] = [names[p] for p in below if p in names]
    said["projects"] = _projects_of(call, pk)
    said["deputies"] = [
        {"id": str(d.pk), "person": names[d.deputy_id], "from": moment(d.starts), "until": moment(d.ends)}
        for d in deputies
        if d.deputy_id in names
    ]
    if mine or (view is not None and view.may("policy", "read")):
        said["roles"] = roles_of(pk)
    if admin or (view is not None and view.may("policy", "grant")):
        from heli.api import org_requests

        said["pending"] = org_requests.about(call, pk)
    said["may"] = _may(found, mine) if admin else []
    if found.leaving_on is not None and (
        admin or mine or line == call.viewer.person or (view is not None and view.may("policy", "read"))
    ):
        said["leaving_on"] = found.leaving_on.isoformat()
    return said


def roles_of(pk: int) -> list[dict[str, Any]]:
    """The roles that a person holds now, however they came by them."""
    roles = {s.role: s.role_words for s in views.of(pk).sources if s.role}
    return [{"code": code, "name": words.json()} for code, words in roles.items()]


def _may(found: Person, mine: bool) -> list[str]:
    """What an administrator may do about a person as they now are; what concerns oneself is for another one."""
    if found.status == Person.LEFT:
        return ["rehire"]
    service = found.kind == Person.SERVICE
    state = "back" if found.status == Person.ON_LEAVE else "away"
    acts = ["edit", "end", *(() if service else ("manager", "deputy", state))]
    others = ["assign", "move", "primary", "leave", *(() if service else ("notice",)), "tokens" if service else "reset"]
    return acts if mine else acts + others


def _projects_of(call: Call, pk: int) -> list[dict[str, Any]]:
    rows = ProjectMember.objects.filter(tree.valid(clock.now()), person_id=pk, project__deleted_at__isnull=True)
    found = list(rows.select_related("project").order_by("project__name_key", "pk"))
    seen = seen_projects(call, [m.project_id for m in found])
    return [{"id": m.project_id, "name": m.project.name, "role": m.role} for m in found if m.project_id in seen]


def seen_projects(call: Call, ids: list[str]) -> set[str]:
    """Projects that the viewer may know of: those they are in, those their rights reach, all for administrators."""
    if administers(call):
        return set(ids)
    own = ProjectMember.objects.filter(tree.valid(clock.now()), person_id=call.person, project_id__in=ids)
    found = set(own.values_list("project_id", flat=True))
    if "project" in TYPES:
        found |= set(visible.among(call.viewer, "project", ids))
    return found


_TEXT: shape.Schema = {"type": "string"}
_MAYBE: shape.Schema = {"type": ["string", "null"]}
_PERSON_ROW = {
    "id": _TEXT, "username": _TEXT, "name": _TEXT, "kind": _TEXT, "status": _TEXT,
    "department": shape.nullable(ref(NAMED)), "position": _MAYBE, "position_en": _TEXT, "email": _TEXT, "phone": _TEXT,
}  # fmt: skip
_ROW_REQUIRED = ("id", "username", "name", "kind", "status", "department", "position")
_ASSIGNMENT = shape.record(
    {"id": _TEXT, "department": ref(NAMED), "position": shape.nullable(ref(NAMED)), "primary": {"type": "boolean"},
     "from": _MAYBE, "until": _MAYBE}
)  # fmt: skip
SCHEMAS = {
    "Department": shape.record(
        {"id": _TEXT, "name": _TEXT, "name_en": _TEXT, "code": _TEXT, "function": _TEXT, "parent": _MAYBE,
         "head": shape.nullable(ref(PERSON)), "overseer": shape.nullable(ref(PERSON)), "people": {"type": "integer"}}
    ),
    "PersonRow": shape.record(_PERSON_ROW, required=_ROW_REQUIRED),
    "PersonPage": shape.record(
        {
            **_PERSON_ROW,
            "assignments": shape.array(_ASSIGNMENT),
            "reports_to": shape.nullable(ref(PERSON)),
            "reports": shape.array(ref(PERSON)),
            "projects": shape.array(shape.record({"id": _TEXT, "name": _TEXT, "role": _TEXT})),
            "deputies": shape.array(shape.record({"id": _TEXT, "person": ref(PERSON), "from": _MAYBE, "until": _MAYBE})),
            "roles": shape.array(shape.record({"code": _TEXT, "name": ref(WORDS)})),
            "pending": shape.array(ref("PendingChange")),
            "may": shape.array(_TEXT),
            "leaving_on": _MAYBE,
        },
        required=(*_ROW_REQUIRED, "assignments", "reports_to", "reports", "projects", "deputies", "may"),
    ),
}  # fmt: skip

_Q = Param("q", {"type": "string", "maxLength": 100}, "Name, user name or pinyin initials")
_DEPARTMENT = Param("department", shape.NUMBER_ID, "A department and everything below it")
_LIMIT = Param("limit", {"type": "integer", "minimum": 1, "maximum": 200}, "People on a page (100)")
_AFTER = Param("after", {"type": "string", "maxLength": 2000}, "`next` of the page before")
_ID = {"id": shape.NUMBER_ID}
ROUTES = (
    Route("GET", "/organisation/departments", departments, "listDepartments", "The department tree", TYPE, errors=(403,),
          answers={200: items(ref("Department"))}),
    Route("GET", "/organisation/people", listed, "listPeople", "People", TYPE, params=(_Q, _DEPARTMENT, _LIMIT, _AFTER),
          errors=(403,), answers={200: items(ref("PersonRow"), paged=True)}),
    Route("GET", "/organisation/people/{id}", one, "getPerson", "A person", TYPE, path_schemas=_ID, errors=(403,),
          answers={200: ref("PersonPage")}),
)  # fmt: skip
