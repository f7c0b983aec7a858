"""The roles as they stand, and as one draft would have them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from heli.access.models import Role
from heli.kernel.errors import NotFound
from heli.policy.models import Draft
from heli.policy.state import role_state

type State = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Proposed:
    """One role: what it is (None: only the draft knows it), and what it would be (None: the draft removes it)."""

    code: str
    stored: State | None
    state: State | None
    version: int

    @property
    def mark(self) -> str | None:
        """``new``, ``changed``, ``removed``, or None where the draft leaves it alone."""
        if self.stored is None:
            return "new"
        if self.state is None:
            return "removed"
        return "changed" if self.state != self.stored else None

    @property
    def shown(self) -> State:
        """What the page shows: the draft's state, or what it would remove."""
        found = self.state if self.state is not None else self.stored
        assert found is not None
        return found


def draft_of(pk: str | None) -> Draft | None:
    """The draft asked for. Raises NotFound."""
    if pk is None:
        return None
    found = Draft.objects.filter(pk=int(pk)).first()
    if found is None:
        raise NotFound
    return found


def roles(draft: Draft | None) -> dict[str, Proposed]:
    """Every open role by code, with what the draft makes of it; new ones last."""
    changes = {c["key"]: c["after"] for c in draft.changes if c["kind"] == "role"} if draft is not None else {}
    found: dict[str, Proposed] = {}
    for row in Role.objects.filter(closed_at__isnull=True).order_by("pk"):
        state = role_state(row)
        found[row.code] = Proposed(row.code, state, changes.pop(row.code, state), row.version)
    for code, after in changes.items():
        if after is not None:
            found[code] = Proposed(code, None, after, 0)
    return found
