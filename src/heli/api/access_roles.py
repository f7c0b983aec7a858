"""Roles in words: their lines as sentences, who holds them, how they moved from their template, where they overlap."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Q

from heli.access.models import Grant, Role, RoleVersion
from heli.access.view import project_role
from heli.access.viewer import Viewer
from heli.api import shape
from heli.api.access_common import DRAFT, FLAG, NUMBER, RAW, TEXT, named, needs_rules
from heli.api.common import PERSON, WORDS, moment, people, ref
from heli.api.route import Answer, Call, Route
from heli.flows.finding import may_administer
from heli.flows.models import Process
from heli.kernel import clock
from heli.kernel.errors import NotFound
from heli.kernel.words import Words
from heli.policy import drift, overlap, parts, shipped
from heli.policy import holders as holding
from heli.policy.names import Names
from heli.policy.proposed import Proposed, draft_of, roles
from heli.policy.sentences import told
from heli.policy.templates import Template, template_of, templates

MOST_VERSIONS = 20
MOST_PEOPLE = 200
MOST_CLASHES = 20
STEP = shape.record(
    {
        "kind": {"type": "string", "enum": ["added", "removed", "changed"]}, "at": NUMBER,
        "before": shape.nullable(ref("ToldLine")), "after": shape.nullable(ref("ToldLine")),
    }
)  # fmt: skip
STATE: shape.Schema = {"type": "object", "description": "The role as a draft's change states it"}
LISTED = shape.record(
    {
        "code": TEXT, "name": ref(WORDS), "description": ref(WORDS), "version": NUMBER, "people": NUMBER, "lines": NUMBER,
        "mark": {"type": ["string", "null"]},
        "template": shape.nullable(
            shape.record({"code": TEXT, "name": ref(WORDS), "version": NUMBER, "offered": NUMBER, "drift": NUMBER})
        ),
        "like": shape.array(shape.record({"code": TEXT, "name": ref(WORDS), "share": NUMBER, "equal": FLAG})),
    }
)  # fmt: skip
PART = shape.record(
    {
        "part": ref(WORDS),
        "processes": {
            **shape.array(shape.record({"code": TEXT, "name": ref(WORDS), "running": NUMBER})),
            "description": "Of which processes how many running cases make somebody this in a project, to who may read processes",
        },
    }
)  # fmt: skip
SCHEMAS = {
    "PartGiven": PART,
    "RoleListed": LISTED,
    "RoleStep": STEP,
    "RoleList": shape.record(
        {
            "items": shape.array(ref("RoleListed")),
            "templates": shape.array(
                shape.record({"code": TEXT, "name": ref(WORDS), "sees": ref(WORDS), "version": NUMBER, "state": STATE})
            ),
        }
    ),
    "RoleView": shape.record(
        {
            **LISTED["properties"], "state": STATE, "told": shape.array(ref("ToldLine")),
            "holders": shape.array(ref(PERSON)),
            "given_to": shape.array(
                shape.record(
                    {
                        "grant": TEXT, "subject": ref(WORDS), "below": FLAG, "from": shape.nullable(shape.MOMENT),
                        "until": shape.nullable(shape.MOMENT), "source": TEXT,
                    }
                )
            ),
            "parts": shape.array(ref("PartGiven")), "drift": shape.array(ref("RoleStep")), "changes": shape.array(ref("RoleStep")),
            "update": shape.nullable(
                shape.record({"lines": shape.array(RAW), "steps": shape.array(ref("RoleStep")),
                              "conflicts": shape.array(NUMBER), "declined": shape.array(ref("RoleStep")),
                              "version": NUMBER})
            ),
            "versions": shape.array(
                shape.record({"version": NUMBER, "at": shape.MOMENT, "by": shape.nullable(ref(PERSON)),
                              "steps": shape.array(ref("RoleStep"))})
            ),
            "overlaps": shape.array(
                shape.record({"code": TEXT, "name": ref(WORDS), "covered": shape.array(NUMBER), "counted": NUMBER,
                              "share": NUMBER, "equal": FLAG})
            ),
        }
    ),
}  # fmt: skip


def step(one: drift.Step) -> dict[str, Any]:
    """One line of a role before and after, as sentences."""
    return {
        "kind": one.kind, "at": one.at,
        "before": told(one.before) if one.before is not None else None,
        "after": told(one.after) if one.after is not None else None,
    }  # fmt: skip


def parts_said(viewer: Viewer, touched: Iterable[str]) -> list[dict[str, Any]]:
    """Parts in projects, with the running cases that give them, as far as the viewer may know that they run."""
    reads = viewer.view is not None and (viewer.view.may("process", "read") or may_administer(viewer.view))
    running = {one: parts.running({one}) if reads else {} for one in sorted(touched)}
    names = {
        one.code: one.words.json()
        for one in Process.objects.filter(code__in={code for some in running.values() for code in some})
    }
    return [
        {
            "part": project_role(one).json(),
            "processes": [{"code": code, "name": names[code], "running": n} for code, n in some.items() if code in names],
        }
        for one, some in running.items()
    ]  # fmt: skip


def _first_lines(code: str) -> Sequence[Mapping[str, Any]] | None:
    found = RoleVersion.objects.filter(role__code=code).order_by("version").values_list("lines", flat=True).first()
    return found if isinstance(found, list) else None


def _drift(one: Proposed) -> tuple[Template, list[drift.Step]] | None:
    """The template that the role names, and how the role differs from it: from the version it was made of, not from a newer one."""
    template = template_of(one.shown["template"])
    return (template, drift.steps(_made_from(one, template), one.shown["lines"])) if template is not None else None


def _made_from(one: Proposed, template: Template) -> drift.Lines:
    """What the template said in the version that the role has. Where nobody kept it, what the role began with."""
    version = one.shown["template_version"]
    if version >= template.version:
        return template.lines
    return shipped.said(template.code, version) or _first_lines(one.code) or one.shown["lines"]


def _about(one: Proposed, template: Template | None) -> Words:
    """The role's description: in both languages while it is the template's own."""
    said = str(one.shown["description"])
    return template.sees if template is not None and template.sees.zh == said else Words(said, said)


def _listed(one: Proposed, count: int, found: Mapping[str, Proposed], like: list[overlap.Overlap]) -> dict[str, Any]:
    moved = _drift(one)
    template = None
    about = _about(one, moved[0] if moved is not None else None)
    if moved is not None:
        template = {
            "code": moved[0].code, "name": moved[0].words.json(), "version": one.shown["template_version"],
            "offered": moved[0].version, "drift": len(moved[1]),
        }  # fmt: skip
    return {
        "code": one.code, "name": named(one.shown), "description": about.json(), "version": one.version,
        "people": count, "lines": len(one.shown["lines"]), "mark": one.mark, "template": template,
        "like": [
            {"code": o.second, "name": named(found[o.second].shown), "share": round(o.share * 100), "equal": o.equal}
            for o in like
        ],
    }  # fmt: skip


def _overlaps(found: Mapping[str, Proposed]) -> dict[str, list[overlap.Overlap]]:
    said: dict[str, list[overlap.Overlap]] = {}
    for one in overlap.overlaps({code: r.shown["lines"] for code, r in found.items()}):
        said.setdefault(one.first, []).append(one)
    return said


def list_roles(call: Call) -> Answer:
    """Every role, and the templates that new ones are made of."""
    needs_rules(call)
    found = roles(draft_of(call.query.get("draft")))
    holders = holding.now().roles
    like = _overlaps(found)
    return Answer(
        {
            "items": [_listed(r, len(holders.get(c, {})), found, like.get(c, [])[:3]) for c, r in found.items()],
            "templates": [
                {
                    "code": t.code, "name": t.words.json(), "sees": t.sees.json(), "version": t.version,
                    "state": _state_of(t),
                }
                for t in templates()
            ],
        }
    )  # fmt: skip


def _state_of(template: Template) -> dict[str, Any]:
    """A role as this template makes it."""
    return {
        "name": template.words.zh, "name_en": template.words.en, "description": template.sees.zh,
        "template": template.code, "template_version": template.version, "lines": list(template.lines),
    }  # fmt: skip


def get_role(call: Call) -> Answer:
    """One role with all that is known of it. Raises NotFound."""
    needs_rules(call)
    found = roles(draft_of(call.query.get("draft")))
    one = found.get(call.path["role"])
    if one is None:
        raise NotFound
    held = holding.now().roles.get(one.code, {})
    like = _overlaps(found).get(one.code, [])
    moved = _drift(one)
    names = people(list(held)[:MOST_PEOPLE])
    return Answer(
        {
            **_listed(one, len(held), found, like[:3]),
            "state": one.shown, "told": [told(line) for line in one.shown["lines"]],
            "holders": [names[pk] for pk in list(held)[:MOST_PEOPLE] if pk in names],
            "given_to": _given(one.code), "parts": parts_said(call.viewer, parts.of_role(one.code)),
            "changes": [step(s) for s in _changes(one)], "drift": [step(s) for s in moved[1]] if moved is not None else [],
            "update": _update(one, moved[0]) if moved is not None else None, "versions": _versions(one.code),
            "overlaps": [
                {
                    "code": o.second, "name": named(found[o.second].shown), "covered": list(o.covered),
                    "counted": o.counted, "share": round(o.share * 100), "equal": o.equal,
                }
                for o in like
            ],
        }
    )  # fmt: skip


def _changes(one: Proposed) -> list[drift.Step]:
    """What the draft changes in the role's lines."""
    if one.state is None or one.stored is None:
        return []
    return drift.steps(one.stored["lines"], one.state["lines"])


def _update(one: Proposed, template: Template) -> dict[str, Any] | None:
    """What the newer template brings; None when the role already has it."""
    if one.shown["template_version"] >= template.version:
        return None
    found = drift.update(_made_from(one, template), one.shown["lines"], template.lines)
    return {
        "lines": found.lines, "steps": [step(s) for s in found.steps], "conflicts": list(found.conflicts),
        "declined": [step(s) for s in found.declined],
        "version": template.version,
    }  # fmt: skip


def _given(code: str) -> list[dict[str, Any]]:
    names = Names.load()
    now = clock.now()
    rows = Grant.objects.filter(Q(ends__isnull=True) | Q(ends__gt=now), revoked_at__isnull=True, role__code=code)
    said = []
    for grant in rows.order_by("pk"):
        subject = names.words(names.subject(grant.subject_kind, grant.subject_id))
        below = Words("及下级", " and below") if grant.below else Words("", "")
        said.append(
            {
                "grant": str(grant.pk), "subject": Words("{s}{b}", "{s}{b}").fill(s=subject, b=below).json(),
                "below": grant.below, "from": moment(grant.starts), "until": moment(grant.ends), "source": grant.source,
            }
        )  # fmt: skip
    return said


def _versions(code: str) -> list[dict[str, Any]]:
    """The last versions, newest first, each with what it changed."""
    role = Role.objects.filter(code=code).first()
    rows = list(role.versions.order_by("-version")[: MOST_VERSIONS + 1]) if role is not None else []
    who = people(row.by for row in rows)
    said = []
    for at, row in enumerate(rows[:MOST_VERSIONS]):
        before = rows[at + 1].lines if at + 1 < len(rows) else []
        said.append(
            {
                "version": row.version, "at": moment(row.at), "by": who.get(row.by) if row.by is not None else None,
                "steps": [step(s) for s in drift.steps(before, row.lines)] if before else [],
            }
        )  # fmt: skip
    return said


ROUTES = (
    Route("GET", "/access/roles", list_roles, "listRoles", "Roles and templates", "access", params=(DRAFT,),
          answers={200: ref("RoleList")}, errors=(403, 404)),
    Route("GET", "/access/roles/{role}", get_role, "getRole", "One role", "access", params=(DRAFT,),
          path_schemas={"role": shape.text(64, 1)}, answers={200: ref("RoleView")}, errors=(403,)),
)  # fmt: skip
