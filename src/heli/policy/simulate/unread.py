"""Conditions on cells that the asker does not read: numbers that would tell of them are bounds, the same whatever the cells hold.

Whoever writes a rule may ask how many records it would reach, over and over: by its conditions the answers would tell every
value they compare with. So a condition on a sensitive or confidential field counts as met and as not met, and what is told
is the most that could be. Padding, complements and differences of two answers tell no more, for no cell was looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from heli.access.core import terms
from heli.access.core.line import Cond, Everything, Held, Level, Line
from heli.access.core.terms import Right
from heli.access.shapes import SHAPES
from heli.access.view import View
from heli.insight import company as companies
from heli.kernel.words import Words

KEPT: Final = frozenset({"sensitive", "confidential"})
"""Classes of fields whose values no number may tell."""


MOST_ASKED: Final = 200
"""Readers of the rules who are looked at when somebody is sought who reads the fields as well."""
MOST_NAMED: Final = 3
EXACT = Words(
    "{names}读得到这些字段，也能看权限规则：由其打开会看到精确数字",
    "{names} can read these fields and the rules: opened by them, the numbers are exact",
)
NOBODY_EXACT = Words(
    "现在没有人既读得到这些字段又能看权限规则；精确数字由运维人员在服务器上用 heli simulate 计算",
    "Nobody reads both these fields and the rules now; the operator computes exact numbers with heli simulate on the server",
)


def exact(fields: Mapping[str, Collection[str]], asker: int | None) -> Words | None:
    """Who would be told the exact numbers that hang on these fields, in a sentence; None where no number hangs on any."""
    if not any(fields.values()):
        return None
    company = companies.now()
    readers = {pk for one in company.given("policy") if "read" in one.line.actions for pk in one.crowd.all} - {asker}
    found: list[str] = []
    for pk in sorted(readers)[:MOST_ASKED]:
        view = company.view(pk)
        if not view.may("policy", "read"):
            continue
        seen = Unread(view)
        if all(seen.reads(code, field) for code, some in fields.items() for field in some):
            found.append(company.world.people[pk].name)
            if len(found) == MOST_NAMED:
                break
    return EXACT.fill(names=Words("、".join(found), ", ".join(found))) if found else NOBODY_EXACT


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


EVERYTHING_SHOWN: Final = Unread(None)
