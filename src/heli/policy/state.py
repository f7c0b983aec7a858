"""What each thing is now, in the words of a change: read from the tables, without ids."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from heli.access.models import Ceiling, Grant, Role
from heli.kernel import clock
from heli.org.models import Assignment, Department, Person, ProjectMember, ReportingLine
from heli.org.tree import valid
from heli.policy.change import LENT, SETTINGS, State, strictest
from heli.policy.models import Duty, Promise, Setting
from heli.policy.names import Names

type Thing = tuple[str, str]


def iso(moment: datetime | None) -> str | None:
    """A moment as states write it: with its zone, in UTC."""
    return None if moment is None else moment.astimezone(UTC).isoformat()


def role_state(role: Role) -> dict[str, Any]:
    return {
        "name": role.name, "name_en": role.name_en, "description": role.description, "template": role.template,
        "template_version": role.template_version, "sensitive": role.sensitive, "lines": role.lines,
    }  # fmt: skip


def grant_state(grant: Grant, names: Names) -> dict[str, Any]:
    return {
        "role": grant.role.code if grant.role is not None else None, "lines": grant.lines,
        "subject": names.subject(grant.subject_kind, grant.subject_id), "below": grant.below,
        "starts": iso(grant.starts), "ends": iso(grant.ends), "source": grant.source,
    }  # fmt: skip


def ceiling_state(one: Ceiling) -> dict[str, Any]:
    return {
        "name": one.name, "name_en": one.name_en, "type": one.type, "kinds": one.kinds, "actions": one.actions,
        "roles": one.roles, "lines": one.lines, "active": one.active,
    }  # fmt: skip


def _open_grants() -> Any:
    return Grant.objects.filter(revoked_at__isnull=True).select_related("role")


def current(kind: str, key: str, names: Names) -> State:
    """What this thing is now; None when there is none. A setting of which nothing is said has its strictest word."""
    match kind:
        case "role":
            role = Role.objects.filter(code=key, closed_at__isnull=True).first()
            return role_state(role) if role is not None else None
        case "grant":
            grant = _open_grants().filter(pk=int(key)).first() if key.isdecimal() and len(key) < 19 else None
            return grant_state(grant, names) if grant is not None else None
        case "ceiling":
            ceiling = Ceiling.objects.filter(code=key).first()
            return ceiling_state(ceiling) if ceiling is not None else None
        case "duty":
            return Duty.objects.filter(code=key).values_list("body", flat=True).first()
        case "promise":
            return Promise.objects.filter(code=key).values_list("body", flat=True).first()
        case "setting":
            found = Setting.objects.filter(code=key).values_list("body", flat=True).first()
            return found or (strictest(key) if key in SETTINGS else None)
        case "post":
            return _post(key, names)
        case "department":
            return _department(key, names)
        case "member":
            return _member(key, names)
        case "manager":
            return _manager(key, names)
    return None


def _post(key: str, names: Names) -> State:
    pk = names.person_ids.get(key.lower())
    found = Assignment.objects.filter(valid(clock.now()), person_id=pk, primary=True).first() if pk else None
    if found is None:
        return None
    return {
        "department": names.departments[found.department_id][0],
        "position": names.positions[found.position_id][0] if found.position_id is not None else None,
    }


def _department(key: str, names: Names) -> State:
    found = Department.objects.filter(code=key, closed_at__isnull=True).first()
    if found is None:
        return None

    def who(pk: int | None) -> str | None:
        return names.people[pk][0] if pk is not None else None

    return {
        "name": found.name, "name_en": found.name_en,
        "parent": names.departments[found.parent_id][0] if found.parent_id is not None else None,
        "head": who(found.head_id), "overseer": who(found.overseer_id),
    }  # fmt: skip


def _member(key: str, names: Names) -> State:
    project, _, username = key.rpartition(":")
    pk = names.person_ids.get(username.lower())
    found = (
        ProjectMember.objects.filter(valid(clock.now()), project_id=project, person_id=pk).first()
        if pk is not None and Person.objects.filter(pk=pk).exists()
        else None
    )
    return {"role": found.role} if found is not None else None


def _manager(key: str, names: Names) -> State:
    """Whom somebody reports to, which may be nobody; None for who is not there."""
    pk = names.person_ids.get(key.lower())
    if pk is None or not Person.objects.filter(pk=pk).exclude(status=Person.LEFT).exists():
        return None
    found = ReportingLine.objects.filter(valid(clock.now()), person_id=pk).values_list("manager_id", flat=True).first()
    return {"manager": names.people[found][0] if found is not None else None}


def policy(names: Names) -> Mapping[Thing, dict[str, Any]]:
    """Every thing that belongs to the policy file: rules, not the organisation; no loans. Half a dozen queries."""
    found: dict[Thing, dict[str, Any]] = {}
    for role in Role.objects.filter(closed_at__isnull=True).order_by("code"):
        found["role", role.code] = role_state(role)
    now = clock.now()
    for grant in _open_grants().order_by("pk"):
        if not grant.source.startswith(LENT) and (grant.ends is None or grant.ends > now):
            found["grant", str(grant.pk)] = grant_state(grant, names)
    for ceiling in Ceiling.objects.order_by("code"):
        found["ceiling", ceiling.code] = ceiling_state(ceiling)
    for kind, model in (("duty", Duty), ("promise", Promise), ("setting", Setting)):
        for code, body in model.objects.order_by("code").values_list("code", "body"):
            found[kind, code] = body
    return found
