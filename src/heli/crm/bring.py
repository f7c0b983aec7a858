"""Bringing the shipped roles, positions, grants and ceilings into an installation; a second run changes nothing.

A role that the company has changed since is left as it is: its template is only brought when it is missing.
"""

from __future__ import annotations

from heli.access import grants
from heli.access.models import Ceiling, Grant, Role
from heli.audit import log
from heli.crm import processes
from heli.crm.ceilings import ceilings
from heli.crm.positions import POSITIONS
from heli.crm.promises import DUTIES, PROMISES
from heli.crm.roles import TEMPLATES
from heli.kernel.actor import Actor
from heli.org.models import Position
from heli.org.verbs.positions import NewPosition, create_positions
from heli.policy import apply
from heli.policy.change import Change, state_of
from heli.policy.models import Duty, Promise
from heli.policy.names import Names
from heli.policy.shipped import keep as keep_templates

SOURCE = "template"
PROJECT_ROLES = {"project_member": ("lead", "member"), "project_lead": ("lead",)}
"""Which parts in any project bring which role."""


def bring(by: Actor) -> None:
    """Bring what is missing, in one transaction."""
    with log.transaction():
        keep_templates()
        _roles(by)
        _positions(by)
        _ceilings(by)
        _tests_and_duties(by)
        processes.bring(by)


def _roles(by: Actor) -> None:
    known = set(Role.objects.values_list("code", flat=True))
    for one in TEMPLATES.values():
        if one.code in known:
            continue
        grants.save_role(
            by,
            one.code,
            name=one.words.zh,
            name_en=one.words.en,
            lines=one.lines,
            template=one.code,
            template_version=one.version,
            description=one.sees.zh,
        )
        for role in PROJECT_ROLES.get(one.code, ()):
            grants.grant_role(by, one.code, Grant.PROJECT_ROLE, role, source=SOURCE)


def _positions(by: Actor) -> None:
    known = set(Position.objects.values_list("code", flat=True))
    missing = [one for one in POSITIONS if one.code not in known]
    if not missing:
        return
    made = create_positions(by, [NewPosition(one.words.zh, one.code, one.words.en) for one in missing])
    for one, position in zip(missing, made, strict=True):
        grants.grant_role(by, one.role, Grant.POSITION, str(position), source=SOURCE)


def _ceilings(by: Actor) -> None:
    known = set(Ceiling.objects.values_list("code", flat=True))
    for one in ceilings():
        if one.code not in known:
            grants.set_ceiling(
                by,
                one.code,
                name=one.words.zh,
                name_en=one.words.en,
                type=one.type,
                kinds=one.kinds,
                actions=one.actions,
                roles=one.roles,
                lines=one.lines,
            )


def _tests_and_duties(by: Actor) -> None:
    """Only into an installation that has none: what a company has taken out stays out."""
    found: list[Change] = []
    for kind, model, shipped in (("promise", Promise, PROMISES), ("duty", Duty, DUTIES)):
        if not model.objects.exists():
            found += [
                Change(kind, code, None, state_of(kind, body, f"{kind}/{code}")) for code, body in shipped.items()
            ]
    if found:
        apply.write(by, found, Names.load())
