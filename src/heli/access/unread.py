"""Conditions on cells that the asker does not read: numbers that would tell of them are bounds, the same whatever the cells hold.

Whoever writes a rule may ask how many records it would reach, over and over: by its conditions the answers would tell every
value they compare with. So a condition on a sensitive or confidential field counts as met and as not met, and what is told
is the most that could be. Padding, complements and differences of two answers tell no more, for no cell was looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from heli.access.core import terms
from heli.access.core.line import Ceiling, Cond, Everything, Held, Level, Line
from heli.access.core.terms import Right
from heli.access.shapes import SHAPES
from heli.access.view import View

KEPT: Final = frozenset({"sensitive", "confidential"})
"""Classes of fields whose values no number may tell."""
NO_LIMIT: Final = 2**62
"""More than any amount there is."""


class Unread:
    """Which conditions say nothing to one asker. ``view`` of None: the installation's own operator, who hides nothing."""

    def __init__(self, view: View | None) -> None:
        self._view = view
        self._known: dict[tuple[str, str], bool] = {}

    def hides(self, code: str, cond: Cond) -> bool:
        """Whether a condition of a line on this type looks at cells that the asker does not read all of."""
        if self._view is None:
            return False
        found = self._known.get((code, cond.field))
        if found is None:
            field = SHAPES[code].fields.get(cond.field)
            kept = field is None or field.data_class in KEPT
            found = self._known[code, cond.field] = kept and not self._reads(self._view, code, cond.field)
        return found

    def reads(self, code: str, field: str) -> bool:
        """Whether the asker reads this field in full on every record there is."""
        return self._view is None or self._reads(self._view, code, field)

    @staticmethod
    def _reads(view: View, code: str, field: str) -> bool:
        """Whether this field is read in full on every record there is."""
        rights, shape = view.type(code), SHAPES[code].fields.get(field)
        if rights is None or shape is None:
            return False

        def sure(lines: Iterable[Held]) -> bool:
            return any(
                not h.line.where
                and h.line.level(field, shape.data_class) >= Level.READ
                and any(isinstance(atom, Everything) for atom in h.atoms)
                for h in lines
            )

        return sure(rights.read) and all(sure(one.covering("read")) for one in rights.bounds("read"))

    def fields(self, code: str, rights: Iterable[Right]) -> frozenset[str]:
        """The fields of such conditions in these rights on a type."""
        return frozenset(c.field for right in rights for c in terms.conditions(right) if self.hides(code, c))

    def most(self, code: str, right: Right) -> Right:
        """The right where every such condition is met."""
        return self._without(code, right, met=True)

    def least(self, code: str, right: Right) -> Right:
        """The right where none is met."""
        return self._without(code, right, met=False)

    def _without(self, code: str, right: Right, *, met: bool) -> Right:
        if not any(self.hides(code, c) for term in right for c in term.conds):
            return right
        found = []
        for term in right:
            shown = frozenset(c for c in term.conds if not self.hides(code, c))
            if shown == term.conds:
                found.append(term)
            elif met:
                found.append(replace(term, conds=shown))
        return tuple(found)

    def line(self, line: Line) -> Line:
        """The line where every such condition is met."""
        shown: Sequence[Cond] = [c for c in line.where if not self.hides(line.type, c)]
        return line if len(shown) == len(line.where) else replace(line, where=tuple(shown))

    def loose(self, held: Held) -> Held:
        """The same for a line as somebody holds it. A limit is a condition too, on an amount: it counts as kept."""
        line = self.line(held.line)
        if line.limit is not None and self._keeps(line.type):
            line = replace(line, limit=NO_LIMIT)
        return held if line is held.line else replace(held, line=line)

    def ceiling(self, one: Ceiling) -> Ceiling:
        """The same for a ceiling."""
        lines = tuple(map(self.loose, one.lines))
        return one if all(a is b for a, b in zip(lines, one.lines, strict=True)) else replace(one, lines=lines)

    def _keeps(self, code: str) -> bool:
        """Whether some sensitive or confidential field of this type is not read in full by the asker."""
        fields = SHAPES[code].fields if code in SHAPES else {}
        return self._view is not None and any(
            one.data_class in KEPT and not self._reads(self._view, code, name) for name, one in fields.items()
        )


EVERYTHING_SHOWN: Final = Unread(None)
