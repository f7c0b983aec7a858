"""The frozen identity on whose behalf something is read or done. Made by ``heli.api.viewer`` only."""

from __future__ import annotations

from dataclasses import dataclass

from heli.access.view import View
from heli.kernel.actor import Actor


@dataclass(frozen=True, slots=True, eq=False)
class Viewer:
    """Who looks: the person, the name on their acts, and their rights at one stamp.

    ``system`` is set for the program itself (imports, jobs), with its reason; such a viewer is audited like any other.
    ``role`` bounds a program's token to one role.
    """

    person: int | None
    username: str
    name: str
    kind: str
    actor: Actor
    view: View | None
    system: str = ""
    role: str = ""
    language: str = ""

    @property
    def is_system(self) -> bool:
        return bool(self.system)
