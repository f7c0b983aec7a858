"""A project that is deleted, or comes back, takes the rights of its members along in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from heli.kernel.hooks import organisation_changed
from heli.org.models import ProjectMember
from heli.records import hooks
from heli.records.types import ObjectType


def _changed(kind: ObjectType, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    if kind.code != "project" or before.get("deleted_at") == after.get("deleted_at"):
        return
    members = frozenset(ProjectMember.objects.filter(project_id=after["id"]).values_list("person_id", flat=True))
    if members:
        organisation_changed.fire(members)


def attach() -> None:
    """Listen to the write door."""
    hooks.changed.listen(_changed)
