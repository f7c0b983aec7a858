"""What a role or a position that is asked for would give, line by line in words, for who decides on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from heli.access import view as views
from heli.access.models import Grant, Role
from heli.access.viewer import Viewer
from heli.api import shape
from heli.api.common import WORDS, ref
from heli.lending.models import Request
from heli.policy.sentences import levels_said, sentence, writes_said

GIVES = shape.record(
    {
        "words": ref(WORDS), "details": shape.array(ref(WORDS)),
        "new": {"type": "boolean", "description": "The person can do none of it now, on any record"},
    }
)  # fmt: skip


def gives(viewer: Viewer, one: Request) -> list[dict[str, Any]] | None:
    """The lines; None for who may not read the rules. The new ones first."""
    if one.borrower_id is None or viewer.view is None or not viewer.view.may("policy", "read"):
        return None
    now = views.of(one.borrower_id)
    found = []
    for line in _lines(one):
        code, actions = str(line.get("type")), line.get("actions", [])
        writes = writes_said(line)
        details = [*levels_said(line), *([writes] if writes is not None else [])]
        new = not any(now.may(code, action) for action in actions)
        found.append({"words": sentence(line).json(), "details": [one.json() for one in details], "new": new})
    return sorted(found, key=lambda said: not said["new"])


def _lines(one: Request) -> Iterator[Mapping[str, Any]]:
    if one.kind == Request.ROLE:
        role = Role.objects.filter(code=one.role, closed_at=None).first()
        yield from role.lines if role is not None else ()
        return
    granted = Grant.objects.filter(
        subject_kind=Grant.POSITION, subject_id=str(one.position_id), revoked_at__isnull=True
    )
    for grant in granted.select_related("role").order_by("pk"):
        yield from (grant.role.lines if grant.role is not None else grant.lines) or ()
