"""The door to an installation's first roles; importable before Django has loaded its tables."""

from __future__ import annotations

from heli.kernel.actor import Actor

SYSTEM = Actor(None, "system", "install", via="templates")


def install(by: Actor = SYSTEM) -> None:
    """Bring the shipped roles, positions, grants and ceilings that are missing; a second run changes nothing."""
    from heli.crm.bring import bring  # its models need Django's registry

    bring(by)
