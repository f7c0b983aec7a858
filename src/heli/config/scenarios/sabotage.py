"""Ways of taking a rule away inside a scenario's own installation, which several scenarios use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

type Lines = list[dict[str, Any]]


def change(role: str, make: Callable[[Lines], Lines]) -> Callable[[], None]:
    """Give a role other lines, past drafts and their checks."""

    def take_away() -> None:
        from heli.access import grants
        from heli.access.models import Role
        from heli.kernel.actor import Actor

        found = Role.objects.get(code=role)
        by = Actor(None, "sabotage", "scenario")
        lines = make([dict(one) for one in found.lines])
        grants.save_role(by, role, name=found.name, name_en=found.name_en, lines=lines)

    return take_away


def more(role: str, *lines: dict[str, Any]) -> Callable[[], None]:
    """A role that may more than it should."""
    return change(role, lambda had: [*had, *lines])


def less(role: str, type_: str, action: str) -> Callable[[], None]:
    """A role without what its line gives."""
    return change(role, lambda had: [one for one in had if one["type"] != type_ or action not in one["actions"]])


def nothing(role: str) -> Callable[[], None]:
    """A role that gives nothing."""
    return change(role, lambda had: [])


def no_approval() -> None:
    """Drafts hold without a second person."""
    from heli.policy.approval import APPROVAL, NEVER
    from heli.policy.models import Setting

    Setting.objects.update_or_create(code=APPROVAL, defaults={"body": {"value": NEVER}})


def no_test(*codes: str) -> Callable[[], None]:
    """A policy test that is not there."""

    def take_away() -> None:
        from heli.policy.models import Promise

        Promise.objects.filter(code__in=codes).delete()

    return take_away


def no_ceiling(*codes: str) -> Callable[[], None]:
    """A bound that is not there."""

    def take_away() -> None:
        from heli.access import grants
        from heli.kernel.actor import Actor

        for code in codes:
            grants.remove_ceiling(Actor(None, "sabotage", "scenario"), code)

    return take_away


def rewritten(process: str, old: str, new: str) -> Callable[[], None]:
    """A process whose file says something else."""

    def take_away() -> None:
        from heli.flows.models import Process, Version
        from heli.kernel import clock
        from heli.kernel.errors import Broken

        version = Process.objects.get(code=process).current_id
        if version is None:
            raise Broken(f"no version of the process {process} is in use")
        source = bytes(Version.objects.values_list("source", flat=True).get(pk=version))
        if old.encode() not in source:
            raise Broken(f"the process {process} does not say {old!r}")
        Version.objects.filter(pk=version).update(source=source.replace(old.encode(), new.encode()), at=clock.now())

    return take_away
