"""Parts in projects that a change touches. What a part brings is what is granted to it: a role that becomes wider gives more to everybody who
has the part, also to those whom a case makes part of a project later."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from django.db.models import Q

from heli.access.models import Grant
from heli.kernel import clock
from heli.policy.change import Change

type Gives = Callable[[Collection[str]], Mapping[str, int]]
givers: list[Gives] = []
"""Processes by their code, with how many of their running cases give one of these parts; whoever has such cases attaches here."""
PREFIX = f"{Grant.PROJECT_ROLE}:"


def of_role(code: str) -> set[str]:
    """The parts that bring a role now or later, in whichever project or in one."""
    given = Grant.objects.filter(
        Q(ends=None) | Q(ends__gt=clock.now()), subject_kind=Grant.PROJECT_ROLE, revoked_at=None, role__code=code
    )
    return {_part(subject) for subject in given.values_list("subject_id", flat=True)}


def touched(changes: Sequence[Change]) -> set[str]:
    """The parts of which these changes make more or less: by what is granted to them, and by the lines of a role that is."""
    found: set[str] = set()
    for one in changes:
        if one.kind == "grant":
            subjects = {str(state["subject"]) for state in (one.before, one.after) if state is not None}
            found |= {_part(subject) for subject in subjects if subject.startswith(PREFIX)}
        elif one.kind == "role" and (one.before or {}).get("lines") != (one.after or {}).get("lines"):
            found |= of_role(one.key)
    return found


def running(parts: Collection[str]) -> dict[str, int]:
    """Of which processes how many running cases give one of these parts."""
    found: dict[str, int] = {}
    for gives in givers if parts else ():
        found |= gives(parts)
    return found


def _part(subject: str) -> str:
    return subject.rpartition(":")[2]
