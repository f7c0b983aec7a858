"""The requests on which somebody could act now."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from heli.access.viewer import Viewer
from heli.lending.models import Request


def of(viewer: Viewer) -> QuerySet[Request]:
    """Those that wait for this person's answer or consent, the oldest first; for security also roles, positions and
    what is to be confirmed. What its process holds back is nobody's yet."""
    me = viewer.person
    mine = Q(approver_id=me, state=Request.OPEN) | Q(borrower_id=me, state=Request.PROPOSED)
    if viewer.view is not None and viewer.view.may("policy", "grant"):
        others = ~Q(borrower_id=me) & ~Q(asker_id=me)
        projects = viewer.view.asked.projects if viewer.view.asked is not None else frozenset()
        mine |= others & Q(state=Request.CONFIRMING) & ~Q(approver_id=me) & ~Q(project_id__in=projects)
        mine |= others & Q(state=Request.OPEN, kind__in=Request.STANDING)
    return (
        Request.objects.filter(mine, held=False).exclude(Q(state=Request.OPEN) & Q(borrower_id=me)).order_by("at", "pk")
    )
