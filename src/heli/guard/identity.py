"""Identities for what the guard does on its own: the API's layer, the only maker of viewers, brings them at start-up."""

from __future__ import annotations

from collections.abc import Callable

from heli.access.viewer import Viewer
from heli.kernel.errors import Broken


def _nobody(*_: object) -> Viewer:
    raise Broken("the guard was started without a maker of viewers")


person: Callable[[int, str], Viewer] = _nobody
"""(person, role that bounds a token or "") -> the person under the rights of now. Raises NotFound for who has left."""
system: Callable[[str], Viewer] = _nobody
"""(reason) -> the program itself."""
