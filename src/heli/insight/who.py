"""Who may do something with a record, or with one of its fields, among everybody: found from the record's keys.

Equal to deciding for each person, but turned round: each line is asked for whom it holds on this row, and the sets of
people are joined as the decision core joins lines and ceilings. Without a row: who could on some record.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cached_property

from heli.access import view as views
from heli.access.core.depends import Told
from heli.access.core.line import Cond, Level, Line, Row, Shape
from heli.access.facts import CeilingFact
from heli.access.scopes import SCOPES, split
from heli.access.scopes.base import Holders, Inverse
from heli.access.shapes import SHAPES
from heli.insight.company import Company, Crowd, Given
from heli.records.readers import Copy
from heli.records.types import ObjectType

ALL_TOLD: Told = lambda code: True  # noqa: E731


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: the right that lines must give, perhaps on one field, perhaps on one row."""

    kind: ObjectType
    right: str
    row: Row | None = None
    field: str | None = None
    reached: Mapping[tuple[str, str], Set[int]] | None = None
    """Who reaches the row, by kind and tag."""
    copies: Mapping[tuple[int, str], Copy] = dataclasses.field(default_factory=dict)
    """Which of that comes of copies, by person and tag: what is theirs to do is nearer."""


@dataclass(frozen=True, slots=True)
class Way:
    """People who may, all by the same scope of the same line of one grant: the nearest to their own work."""

    given: Given
    scope: str
    people: Set[int]


@dataclass(frozen=True, slots=True)
class Found:
    """Everybody who may: ``sure``; and those who may if a condition holds that may not be told of."""

    ways: tuple[Way, ...]
    maybe: Set[int]

    @property
    def people(self) -> set[int]:
        return set().union(*(way.people for way in self.ways)) if self.ways else set()


def who(company: Company, asked: Asked, told: Told = ALL_TOLD) -> Found:
    """Everybody who may, by the nearest reason of each.

    ``told``: conditions on other fields are taken as met, and who holds by such a one only is among ``maybe``.
    """
    wide = _Search(company, asked, told, untold=True)
    ways = tuple(wide.ways())
    if not wide.met_untold:
        return Found(ways, frozenset())
    sure = _Search(company, asked, told, untold=False).people()
    return Found(ways, Found(ways, frozenset()).people - sure)


@dataclass(frozen=True, slots=True)
class _Demand:
    """One thing that some line, and of each ceiling a line, must give."""

    action: str
    fits: Callable[[Line], bool]
    itself: bool = False
    """Not by a scope that lends."""


class _Search:
    def __init__(self, company: Company, asked: Asked, told: Told, *, untold: bool) -> None:
        self.company, self.asked, self._told, self._untold = company, asked, told, untold
        self.met_untold = False
        self._holders: dict[str, Holders] = {}
        self._selected: dict[tuple[int, str], Set[int]] = {}

    @cached_property
    def _inverse(self) -> Inverse:
        company = self.company
        return Inverse(self.asked.row, company.world.tree, company.managers, company.members, self.asked.reached or {})

    # -- what is demanded -----------------------------------------------------------------------------------

    @cached_property
    def _shape(self) -> Shape | None:
        return SHAPES[self.asked.kind.code].fields.get(self.asked.field or "")

    def _demands(self) -> list[_Demand] | None:
        """None: nobody can."""
        right, code = self.asked.right, self.asked.field
        if code is None:
            return [_Demand(right, lambda line: True)]
        shape = self._shape
        if shape is None:
            return None

        def reads(line: Line) -> bool:
            return line.level(code, shape.data_class) >= Level.READ

        if right == "read":
            return [_Demand("read", reads)]
        if right not in ("edit", "create"):
            return [_Demand(right, lambda line: True)]
        if shape.readonly:
            return None
        writes = _Demand(right, lambda line: line.may_write(code), itself=shape.key and right == "edit")
        return [writes, _Demand("read", reads)] if right == "edit" else [writes]

    # -- sets of people -------------------------------------------------------------------------------------

    def _conditions(self, line: Line) -> bool:
        return self.asked.row is None or all(self._met(cond, self.asked.row) for cond in line.where)

    def _met(self, cond: Cond, row: Row) -> bool:
        if not self._told(cond.field):
            self.met_untold = True
            return self._untold
        return _sure(lambda: cond.holds(row))

    def _for_whom(self, scope: str) -> Holders:
        found = self._holders.get(scope)
        if found is None:
            name, parameter = split(scope)
            try:
                found = SCOPES[name].holders(self._inverse, parameter)
            except Exception:
                logging.getLogger(__name__).exception("undecidable scope %s on %s", scope, self.asked.kind.code)
                found = Holders()
            self._holders[scope] = found
        return found

    def _by(self, given: Given, scope: str) -> Set[int]:
        key = (id(given.crowd), scope)
        found = self._selected.get(key)
        if found is None:
            found = self._selected[key] = select(given.crowd, self._for_whom(scope))
        return found

    def _held(self, demand: _Demand, given: Given) -> list[tuple[str, Set[int]]]:
        if demand.action not in given.line.actions or not demand.fits(given.line) or not self._conditions(given.line):
            return []
        scopes = given.line.scopes
        if demand.itself:
            scopes = tuple(one for one in scopes if not SCOPES[split(one)[0]].lends)
        return [(scope, found) for scope in scopes if (found := self._by(given, scope))]

    def _capped(self, demand: _Demand, ceiling: CeilingFact, kind: Set[int]) -> Set[int] | None:
        """Whom a ceiling lets pass, of people of this kind; None: everybody."""
        crowd = Crowd()
        crowd.add(kind, None)
        passed: set[int] = set()
        for line in views.lines_of(ceiling.lines):
            covers = demand.action in line.actions or "*" in line.actions
            if not covers or not demand.fits(line) or not self._conditions(line):
                continue
            for scope in line.scopes:
                holders = self._for_whom(scope)
                if holders.people is None:
                    return None
                passed |= select(crowd, holders)
        return passed

    def _parts(self) -> Iterator[tuple[set[int], list[tuple[Given, str, Set[int]]]]]:
        """For people of each kind: who may, and the lines that give what is asked."""
        demands = self._demands()
        code = self.asked.kind.code
        if demands is None or self.asked.right not in SHAPES[code].actions:
            return
        given = self.company.given(code)
        held = [[(one, self._held(demand, one)) for one in given] for demand in demands]
        for kind, people in self.company.kinds.items():
            ceilings = self.company.ceilings(code, kind)
            allowed = set(people)
            first: list[tuple[Given, str, Set[int]]] = []
            for number, demand in enumerate(demands):
                bounds = [c for c in ceilings if c.actions is None or demand.action in c.actions]
                roles = [frozenset(c.roles) for c in bounds if c.roles is not None]
                found: set[int] = set()
                for one, ways in held[number]:
                    role = one.grant.role.code if one.grant.role is not None else ""
                    if any(role not in some for some in roles):
                        continue
                    for scope, holders in ways:
                        found |= holders
                        if number == 0:
                            first.append((one, scope, holders))
                allowed &= found
                for ceiling in bounds:
                    if ceiling.roles is None and allowed:
                        passed = self._capped(demand, ceiling, people)
                        allowed = allowed if passed is None else allowed & passed
            yield allowed, first

    def people(self) -> set[int]:
        """Everybody who may."""
        found: set[int] = set()
        for allowed, _ in self._parts():
            found |= allowed
        return found

    def ways(self) -> Iterator[Way]:
        """The same, each person once, by the scope nearest to their own work."""
        copied = {tag for _, tag in self.asked.copies}
        for allowed, lines in self._parts():
            rest = allowed
            for one, scope, holders in sorted(lines, key=lambda way: _nearness(way, copied)):
                some = holders & rest
                if some:
                    rest = rest - some
                    yield Way(one, scope, some)


def _nearness(way: tuple[Given, str, Set[int]], copied: Set[str]) -> tuple[int, bool, int]:
    name, tag = split(way[1])
    return SCOPES[name].rank, tag in copied, way[0].grant.id


def select(crowd: Crowd, holders: Holders) -> Set[int]:
    """Those of a crowd for whom a scope holds. What is everybody's is not copied."""
    if holders.people is None:
        return crowd.all
    found = crowd.all & holders.people if holders.people else set()
    if holders.departments is None:
        for some in crowd.by_department.values():
            found = found | some
    else:
        for department in holders.departments:
            if department in crowd.by_department:
                found = found | crowd.by_department[department]
    if holders.projects is None:
        for some in crowd.by_project.values():
            found = found | some
    else:
        for project in holders.projects:
            if project in crowd.by_project:
                found = found | crowd.by_project[project]
    if holders.loose is None:
        found = found | crowd.loose
    elif holders.loose:
        found = found | (crowd.loose & holders.loose)
    return found


def _sure(holds: Callable[[], bool]) -> bool:
    try:
        return holds()
    except Exception:
        logging.getLogger(__name__).exception("undecidable condition")
        return False


__all__ = ["ALL_TOLD", "Asked", "Found", "Way", "who"]
