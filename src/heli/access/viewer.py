"""The frozen identity on whose behalf something is read or done. Made by ``heli.api.viewer`` only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from heli.access.view import View
from heli.kernel.actor import Actor

VIEW_AS, SANDBOX = "view_as", "sandbox"


@dataclass(frozen=True, slots=True)
class Mode:
    """What a session is in while it is not simply its person's. Nothing is written in any mode.

    ``by``, ``by_name``: who looks. ``of``: the id of the person looked at, or of the draft that is tried.
    """

    kind: str
    by: int
    by_name: str
    of: str
    name: str
    since: datetime
    until: datetime


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
    mode: Mode | None = None

    @property
    def looker(self) -> int | None:
        """Whose eyes these are: in a mode who looks, else the person. What is counted and written down is theirs."""
        return self.mode.by if self.mode is not None else self.person

    @property
    def user(self) -> int | None:
        """Whose use of grants this is: nobody's in a mode, for what is looked at or tried there was not worked with."""
        return self.person if self.mode is None else None

    @property
    def is_system(self) -> bool:
        return bool(self.system)
