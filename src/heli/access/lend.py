"""Whether somebody may lend what a part in a project brings: never more than they hold through their own part in it."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from heli.access.models import Ceiling, Grant
from heli.access.scopes import split
from heli.access.view import View, lines_of

SAME_FOR_ALL = frozenset({"project", "own", "team", "related", "record", "workitem", "all"})
"""Scopes that open to a new member nothing beyond the project, all that the lender has too, or what is the member's own
already; the others follow the member's department, reports or customers, which the lender does not hold."""


def lends_part(view: View, project: str, role: str, kind: str, moment: datetime) -> bool:
    """Whether every line that ``role`` brings in the project, now or later, is one that the viewer holds through their
    own part in this project, and whoever gets it (a person of this ``kind``) is bounded at least as they are.
    """
    reaching = Grant.objects.filter(
        Q(ends=None) | Q(ends__gt=moment),
        subject_kind=Grant.PROJECT_ROLE,
        subject_id__in=[role, f"{project}:{role}"],
        revoked_at=None,
    ).select_related("role")
    own = [(h.source.role, h.line) for h in view.lines if h.source.carrier == f"m{project}"]
    for grant in reaching:
        if grant.role is not None and grant.role.closed_at is not None:
            continue
        code = grant.role.code if grant.role is not None else ""
        lines = lines_of(grant.role.lines if grant.role is not None else grant.lines)
        for line in lines:
            if (code, line) not in own or any(split(scope)[0] not in SAME_FOR_ALL for scope in line.scopes):
                return False
    return _bounds(view.kind) <= _bounds(kind)


def _bounds(kind: str) -> set[str]:
    return {c.code for c in Ceiling.objects.filter(active=True) if c.kinds is None or kind in c.kinds}
