"""What of an answer hangs on cells that the asker does not read: decided twice, with such conditions met and unmet.

Where the two differ, the answer itself would tell what such a cell holds; then only that it depends is said.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from heli.access.core.decide import TypeRights
from heli.access.core.line import Held

type Told = Callable[[str], bool]
"""Whether a field of the row may be spoken of to the asker."""


def both_ways(rights: TypeRights, told: Told) -> tuple[TypeRights, TypeRights]:
    """The rights where every condition that may not be told of fails, and where it is met."""
    if all(told(cond.field) for held in _all(rights) for cond in held.line.where):
        return rights, rights

    def least(lines: tuple[Held, ...]) -> tuple[Held, ...]:
        return tuple(h for h in lines if all(told(cond.field) for cond in h.line.where))

    def most(lines: tuple[Held, ...]) -> tuple[Held, ...]:
        return tuple(
            replace(h, line=replace(h.line, where=tuple(c for c in h.line.where if told(c.field)))) for h in lines
        )

    return tuple(
        TypeRights(rights.shape, turn(rights.lines), [replace(c, lines=turn(c.lines)) for c in rights.ceilings])
        for turn in (least, most)
    )  # type: ignore[return-value]  # two of them


def _all(rights: TypeRights) -> tuple[Held, ...]:
    return (*rights.lines, *(h for c in rights.ceilings for h in c.lines))
