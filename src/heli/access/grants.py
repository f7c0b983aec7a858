"""Changing rights: roles, grants, ceilings, reach. Verbs without decisions; whoever calls them has decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from heli.access import epoch
from heli.access.models import Ceiling, Grant, Reach, Role, RoleVersion
from heli.access.rules import parse_lines
from heli.audit import log
from heli.audit.log import EntryData
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.kernel.errors import Invalid, NotFound, Problem
from heli.kernel.words import Words
from heli.org.models import Department, Person, Position, Project

ENDS = Words("结束时间应晚于开始时间", "the end must come after the start")


def _tell(by: Actor, action: str, kind: str, key: str, before: Any, after: Any) -> None:
    log.append(
        EntryData(
            action=action, object_type=kind, object_id=key, actor_id=by.person, actor_name=by.name,
            acting_for_id=by.acting_for, origin=by.origin, via=by.via, before=before, after=after,
        )
    )  # fmt: skip


def save_role(
    by: Actor, code: str, *, name: str, name_en: str = "", lines: Sequence[Mapping[str, Any]], template: str = "",
    template_version: int = 0, description: str = "", sensitive: bool = False,
) -> Role:  # fmt: skip
    """Make a role, or give it new lines (a new version; everyone who holds it feels it at the next statement). Raises Invalid."""
    parse_lines(lines)
    stored = [dict(line) for line in lines]
    with log.transaction():
        role = Role.objects.select_for_update().filter(code=code).first()
        before = None if role is None else {"version": role.version, "lines": role.lines, "closed": _closed(role)}
        if role is None:
            role = Role(code=code, version=1)
        elif role.closed_at is None and _said(role) == (
            name, name_en, stored, description, template, template_version, sensitive,
        ):  # fmt: skip
            return role
        else:
            role.version += 1
        role.name, role.name_en, role.lines, role.description = name, name_en, stored, description
        role.template, role.template_version, role.sensitive = template, template_version, sensitive
        role.closed_at = None
        role.save()
        RoleVersion.objects.create(role=role, version=role.version, lines=stored, by=by.person)
        epoch.bump_policy()
        _tell(by, "role.save", "role", code, before, {"version": role.version, "lines": stored, "closed": False})
    return role


def _closed(role: Role) -> bool:
    return role.closed_at is not None


def _said(role: Role) -> tuple[Any, ...]:
    return (
        role.name, role.name_en, role.lines, role.description, role.template, role.template_version, role.sensitive,
    )  # fmt: skip


def close_role(by: Actor, code: str) -> None:
    """Take a role away from everybody: its grants give nothing from now on. Saved anew it comes back. Raises NotFound."""
    with log.transaction():
        role = Role.objects.select_for_update().filter(code=code, closed_at__isnull=True).first()
        if role is None:
            raise NotFound
        role.closed_at = clock.now()
        role.save(update_fields=["closed_at"])
        epoch.bump_policy()
        told = {"version": role.version, "lines": role.lines}
        _tell(by, "role.close", "role", code, {**told, "closed": False}, {**told, "closed": True})


def grant_role(
    by: Actor, role: str, subject_kind: str, subject_id: str = "", *, below: bool = False,
    starts: datetime | None = None, ends: datetime | None = None, source: str = "manual",
) -> Grant:  # fmt: skip
    """Give a role to a subject. Raises Invalid naming the place."""
    found = Role.objects.filter(code=role, closed_at__isnull=True).first()
    if found is None:
        raise Invalid(Problem("role", "missing", Words(f"没有角色 {role}", f"no such role: {role}")))
    return _grant(by, found, None, subject_kind, subject_id, below, starts, ends, source)


def grant_lines(
    by: Actor, lines: Sequence[Mapping[str, Any]], subject_kind: str, subject_id: str = "", *, below: bool = False,
    starts: datetime | None = None, ends: datetime | None = None, source: str = "manual",
) -> Grant:  # fmt: skip
    """Give single lines to a subject. Raises Invalid."""
    parse_lines(lines)
    return _grant(by, None, [dict(line) for line in lines], subject_kind, subject_id, below, starts, ends, source)


def _grant(
    by: Actor, role: Role | None, lines: Any, kind: str, subject: str, below: bool,
    starts: datetime | None, ends: datetime | None, source: str,
) -> Grant:  # fmt: skip
    _check_subject(kind, subject)
    begins = starts or clock.now()
    if ends is not None and ends <= begins:
        raise Invalid(Problem("ends", "order", ENDS))
    with log.transaction():
        grant = Grant.objects.create(
            role=role, lines=lines, subject_kind=kind, subject_id=subject, below=below, starts=begins, ends=ends,
            source=source, created_by=by.person,
        )  # fmt: skip
        _bump(grant)
        after = {"role": role.code if role else None, "lines": lines, "subject": f"{kind}:{subject}", "below": below}
        _tell(by, "grant.create", "grant", str(grant.pk), None, after)
    return grant


def _check_subject(kind: str, subject: str) -> None:
    known = {
        Grant.PERSON: lambda: subject.isdecimal() and Person.objects.filter(pk=int(subject)).exists(),
        Grant.POSITION: lambda: subject.isdecimal() and Position.objects.filter(pk=int(subject)).exists(),
        Grant.DEPARTMENT: lambda: subject.isdecimal() and Department.objects.filter(pk=int(subject)).exists(),
        Grant.PROJECT_ROLE: lambda: (
            bool(subject) and (":" not in subject or Project.objects.filter(pk=subject.partition(":")[0]).exists())
        ),
        Grant.EVERYONE: lambda: not subject,
    }
    if kind not in known or not known[kind]():
        raise Invalid(Problem("subject", "missing", Words("没有这个授权对象", "no such subject")))


def _bump(grant: Grant) -> None:
    if grant.subject_kind == Grant.PERSON:
        epoch.bump_people([int(grant.subject_id)])
    else:
        epoch.bump_policy()


def revoke(by: Actor, grant: int) -> None:
    """End a grant now. Raises NotFound."""
    with log.transaction():
        found = Grant.objects.select_for_update().filter(pk=grant, revoked_at__isnull=True).first()
        if found is None:
            raise NotFound
        found.revoked_at = clock.now()
        found.save(update_fields=["revoked_at"])
        _bump(found)
        _tell(by, "grant.revoke", "grant", str(grant), {"subject": f"{found.subject_kind}:{found.subject_id}"}, None)


def end_at(by: Actor, grant: int, ends: datetime | None) -> None:
    """Let a grant end at this moment instead (None: never by itself). Raises NotFound, Invalid."""
    with log.transaction():
        found = Grant.objects.select_for_update().filter(pk=grant, revoked_at__isnull=True).first()
        if found is None:
            raise NotFound
        if ends is not None and ends <= found.starts:
            raise Invalid(Problem("ends", "order", ENDS))
        before, found.ends = found.ends, ends
        found.save(update_fields=["ends"])
        _bump(found)
        _tell(by, "grant.end_at", "grant", str(grant), {"ends": _iso(before)}, {"ends": _iso(ends)})


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def set_ceiling(
    by: Actor, code: str, *, name: str, name_en: str = "", type: str = "*", kinds: Sequence[str] | None = None,
    actions: Sequence[str] | None = None, roles: Sequence[str] | None = None,
    lines: Sequence[Mapping[str, Any]] = (), active: bool = True,
) -> Ceiling:  # fmt: skip
    """Make or change a ceiling. Raises Invalid."""
    parse_lines(lines)
    with log.transaction():
        was = Ceiling.objects.select_for_update().filter(code=code).first()
        row, _ = Ceiling.objects.update_or_create(
            code=code,
            defaults={
                "name": name, "name_en": name_en, "type": type, "kinds": list(kinds) if kinds is not None else None,
                "actions": list(actions) if actions is not None else None,
                "roles": list(roles) if roles is not None else None,
                "lines": [dict(line) for line in lines], "active": active,
            },
        )  # fmt: skip
        epoch.bump_policy()
        _tell(by, "ceiling.save", "ceiling", code, None if was is None else _bound(was), _bound(row))
    return row


def remove_ceiling(by: Actor, code: str) -> None:
    """Lift a ceiling for good. Raises NotFound."""
    with log.transaction():
        row = Ceiling.objects.select_for_update().filter(code=code).first()
        if row is None:
            raise NotFound
        told = _bound(row)
        row.delete()
        epoch.bump_policy()
        _tell(by, "ceiling.remove", "ceiling", code, told, None)


def _bound(row: Ceiling) -> dict[str, Any]:
    """All that a ceiling says: the log must be able to tell what held on an earlier day."""
    return {
        "name": row.name, "name_en": row.name_en, "type": row.type, "kinds": row.kinds, "actions": row.actions,
        "roles": row.roles, "lines": row.lines, "active": row.active,
    }  # fmt: skip


def reach(
    person: int, type: str, record: str, *, kind: str, line: str = "", source: str = "", until: datetime | None = None,
) -> Reach:  # fmt: skip
    """A reach row for a workitem or a loan (``line`` is the tag that the scope names). Read live: no epoch moves."""
    row, _ = Reach.objects.update_or_create(
        person_id=person, type=type, via="id", record_id=record, kind=kind, line=line, source=source,
        defaults={"until": until},
    )  # fmt: skip
    return row


def end_reach(source: str) -> int:
    """Remove every reach row of a source; returns how many."""
    count, _ = Reach.objects.filter(source=source).delete()
    return count
