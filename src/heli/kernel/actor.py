"""Who does something, as logs keep it. Rights are a matter of the access layer; this is only the name on the act."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, or the system when ``person`` is None; ``origin`` is an address, ``cli`` or ``job``.

    ``via`` names in a few words the grant or role that allowed the act.
    """

    person: int | None
    name: str
    origin: str = ""
    acting_for: int | None = None
    via: str = ""
