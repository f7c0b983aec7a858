"""What happens when a person leaves, told before it is done: what ends, what is handed over, what stays."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from heli.api import organisation, shape
from heli.api.common import NAMED, PERSON, WORDS, named, people, ref
from heli.api.me import post_words
from heli.api.models import Token
from heli.api.org_common import ID, TAG, known
from heli.api.route import Answer, Call, Route
from heli.kernel import clock
from heli.kernel.errors import Invalid
from heli.org.models import Assignment, Department, Deputy, ProjectMember, ReportingLine
from heli.records import store


def preview(call: Call) -> Answer:
    """What leaving would end and hand over. Records are counted under the rights of who asks, and stay where they are."""
    organisation.needs_admin(call)
    pk, now = known(call), clock.now()
    lasting = Q(ends=None) | Q(ends__gt=now)
    led = list(Department.objects.filter(Q(head=pk) | Q(overseer=pk), closed_at=None).order_by("pk"))
    posts = Assignment.objects.filter(lasting, person_id=pk).select_related("department", "position").order_by("pk")
    parts = ProjectMember.objects.filter(lasting, person_id=pk, project__deleted_at=None).select_related("project")
    below = ReportingLine.objects.filter(lasting, manager_id=pk).order_by("pk").values_list("person_id", flat=True)
    stand_ins = Deputy.objects.filter(Q(principal=pk) | Q(deputy=pk), lasting).order_by("pk")
    pairs = [(d.principal_id, d.deputy_id) for d in stand_ins]
    names = people([*below, *(p for pair in pairs for p in pair)])
    return Answer(
        {
            "needs_successor": bool(led),
            "departments": [
                {**named(d.pk, d.name, d.name_en), "head": d.head_id == pk, "overseer": d.overseer_id == pk} for d in led
            ],
            "reports": [names[p] for p in dict.fromkeys(below) if p in names],
            "assignments": [
                {"department": named(a.department_id, a.department.name, a.department.name_en),
                 "position": named(a.position.pk, a.position.name, a.position.name_en) if a.position else None,
                 "words": post_words(*((one.name, one.name_en) for one in (a.department, a.position) if one)).json()}
                for a in posts
            ],
            "projects": [{"id": m.project_id, "name": m.project.name} for m in parts.order_by("project__name_key", "pk")],
            "deputies": [{"person": names[a], "deputy": names[b]} for a, b in pairs if a in names and b in names],
            "tokens": Token.objects.filter(person_id=pk, revoked_at=None, expires_at__gt=now).count(),
            "records": _records(call, pk),
        }
    )  # fmt: skip


def _records(call: Call, pk: int) -> list[dict[str, Any]]:
    """How many records of each type the person owns, as far as who asks sees them."""
    view = call.viewer.view
    found = []
    for code in view.types if view is not None else ():
        asked = store.query(call.viewer, code)
        try:
            count = asked.where({"field": "owner", "op": "=", "value": str(pk)}).count().count
        except Invalid:  # the owner of these is not theirs to read
            continue
        if count:
            found.append({"type": code, "name": asked.kind.plural.json(), "count": count})
    return found


_TEXT: shape.Schema = {"type": "string"}
_FLAG: shape.Schema = {"type": "boolean"}
SCHEMAS = {
    "Handover": shape.record(
        {
            "needs_successor": _FLAG,
            "departments": shape.array(
                shape.record({"id": _TEXT, "name": _TEXT, "name_en": _TEXT, "head": _FLAG, "overseer": _FLAG})
            ),
            "reports": shape.array(ref(PERSON)),
            "assignments": shape.array(
                shape.record({"department": ref(NAMED), "position": shape.nullable(ref(NAMED)), "words": ref(WORDS)})
            ),
            "projects": shape.array(ref(NAMED)),
            "deputies": shape.array(shape.record({"person": ref(PERSON), "deputy": ref(PERSON)})),
            "tokens": {"type": "integer"},
            "records": shape.array(shape.record({"type": _TEXT, "name": ref(WORDS), "count": {"type": "integer"}})),
        }
    )
}
ROUTES = (
    Route("GET", "/organisation/people/{id}/handover", preview, "previewLeaving", "What leaving would end and hand over", TAG,
          path_schemas=ID, errors=(403,), answers={200: ref("Handover")}),
)  # fmt: skip
