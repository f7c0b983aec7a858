"""Versions of templates as they shipped, kept because a later release no longer knows what an earlier one said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from heli.policy.models import Shipped
from heli.policy.templates import templates

if TYPE_CHECKING:
    from heli.policy.drift import Lines


def keep() -> None:
    """Keep what this release's templates say. A version that is known stays as it was first kept."""
    known = set(Shipped.objects.values_list("code", "version"))
    Shipped.objects.bulk_create(
        Shipped(code=one.code, version=one.version, lines=[dict(line) for line in one.lines])
        for one in templates()
        if (one.code, one.version) not in known
    )


def said(code: str, version: int) -> Lines | None:
    """What the template said in this version; None where nobody kept it."""
    found = Shipped.objects.filter(code=code, version=version).values_list("lines", flat=True).first()
    return found if isinstance(found, list) else None
