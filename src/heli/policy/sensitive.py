"""Which rights are powerful enough that giving them takes two people, and what of them somebody holds.

A role is sensitive by what its lines say, whatever it is called: it administers or reads the log, it reads confidential
fields of the whole company, it approves or exports beyond a bound, or it gives rights to others.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from heli.access import view as views
from heli.access.core.line import Level, Line
from heli.access.facts import Facts, Stored
from heli.access.models import Grant
from heli.access.shapes import SHAPES
from heli.kernel import clock
from heli.kernel.words import Words
from heli.policy.likeness import ADMINISTRATION

APPROVES: Final = 100_000_000
"""Minor units of the base currency (1,000,000.00): who approves more is powerful."""
EXPORTS: Final = 10_000
"""Rows: who takes more at once is powerful."""
REASONS: Final = {
    "administer": Words("系统、安全或审计管理", "administration of the system, of rights or of the log"),
    "grant": Words("给别人授权", "giving rights to others"),
    "confidential": Words("全公司的机密字段", "confidential fields of the whole company"),
    "approve": Words("大额审批", "approval of large amounts"),
    "export": Words("大批导出", "large exports"),
}


def why(lines: Iterable[Line]) -> tuple[str, ...]:
    """The reasons (keys of REASONS) for which these lines are sensitive; none when they are not."""
    found = {reason for line in lines for reason in _reasons(line)}
    return tuple(reason for reason in REASONS if reason in found)


def _reasons(line: Line) -> Iterable[str]:
    if line.type in ADMINISTRATION and (line.type == "audit" or line.actions & {"administer", "grant"}):
        yield "administer"
    if "grant" in line.actions:
        yield "grant"
    everywhere = "all" in line.scopes
    if everywhere and "approve" in line.actions and (line.limit or 0) > APPROVES:
        yield "approve"
    if everywhere and "export" in line.actions and (line.limit or 0) > EXPORTS:
        yield "export"
    if everywhere and line.actions & {"read", "export"} and not line.where:
        shape = SHAPES.get(line.type)
        fields = shape.fields.values() if shape is not None else ()
        if any(
            one.data_class == "confidential" and line.level(one.code, one.data_class) == Level.READ for one in fields
        ):
            yield "confidential"


def by_department() -> bool:
    """Whether belonging below some department brings a sensitive right: then moving departments may."""
    rows = Grant.objects.filter(subject_kind=Grant.DEPARTMENT, below=True, revoked_at__isnull=True)
    return any(
        (one.role is not None and one.role.sensitive)
        or why(views.lines_of(one.role.lines if one.role is not None else one.lines))
        for one in rows.select_related("role")
    )


def powers(person: int, company: Facts | None = None) -> dict[str, Words]:
    """The sensitive roles (by code) and single grants (``grant 12``) that somebody holds, or is sure to hold later;
    ``company``: in this one instead of the tables."""
    facts: Facts = company or Stored()
    if facts.kind_of(person) is None:
        return {}
    found: dict[str, Words] = {}
    for moment in _moments(person, facts):
        subjects, _ = views.subjects_of(person, facts, moment)
        for grant, _ in views.grants_to(subjects, facts, moment, later=True):
            role = grant.role
            if role is not None and (role.closed or not (role.sensitive or why(views.lines_of(grant.given)))):
                continue
            if role is not None or why(views.lines_of(grant.given)):
                key = f"grant {grant.id}" if role is None else role.code
                found[key] = Words("单项授权", "a single grant") if role is None else role.words
    return found


def _moments(person: int, facts: Facts) -> list[datetime]:
    """Now, and the beginnings of posts and memberships that are arranged already."""
    now = clock.now()
    begun = [post.starts for post in facts.posts(person)] + [part.starts for part in facts.memberships(person)]
    return [now, *sorted({moment for moment in begun if moment > now})]
