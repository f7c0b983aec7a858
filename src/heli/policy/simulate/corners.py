"""Dead corners: what nobody can reach, who can do nothing, roles that nobody holds. Compared before and after a change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from heli.access.core import terms
from heli.access.core.line import Level
from heli.access.core.terms import Right, Term, union
from heli.access.shapes import PAGE, SHAPES
from heli.access.unread import EVERYTHING_SHOWN, Unread
from heli.kernel.words import Words
from heli.policy.simulate.bits import Bits
from heli.policy.simulate.holdings import Company
from heli.policy.simulate.places import Binding
from heli.policy.simulate.rights import Factors, Rights, cells
from heli.policy.simulate.symbolic import Alike, Working, grouped
from heli.records import cubes
from heli.records.cubes import Cube
from heli.records.types import TYPES

ACTION, FIELD, PAGE_, RECORDS, PERSON, ROLE = "action", "field", "page", "records", "person", "role"
NODE, NODE_PARTLY = "node", "node_partly"
KINDS = (NODE, NODE_PARTLY, RECORDS, PAGE_, PERSON, ROLE, ACTION, FIELD)
"""As they are told. *node*: a step of a process that nobody could do; *node_partly*: one for which nobody is found in what ``n``
people begin. Of the latter only those are told that become more: hardly a process finds somebody above whoever stands at the top."""


@dataclass(frozen=True, slots=True)
class Corner:
    """One dead corner. ``code``: the action, field, person, role or step; ``n``: of records, how many, or at most how many."""

    kind: str
    type: str
    code: str
    n: int = 0
    at_most: bool = False
    words: Words | None = None
    """What it says, where a higher layer has found it."""

    @property
    def thing(self) -> tuple[str, str, str]:
        return self.kind, self.type, self.code


elsewhere: list[Callable[[Company, Collection[tuple[str, str]]], Iterable[Corner]]] = []
"""Asked for dead corners that only higher layers know of (steps of processes), with all that anybody can do by object type."""


class Reach:
    """What anybody in a company can reach."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.actions: set[tuple[str, str]] = set()
        self.fields: set[tuple[str, str]] = set()
        self.idle: list[int] = []
        """People who can do nothing with any record."""
        self._working = Working(company, company)
        self._alike = grouped(company, company, dict.fromkeys(company.world.people), set())
        self._read: dict[str, list[tuple[Alike, Right]]] = defaultdict(list)
        for group in self._alike:
            if not self._reach(group):
                self.idle += [person for person, _ in group.people]

    def _reach(self, group: Alike) -> bool:
        """Whether these people can do anything with any record."""
        active = False
        sides = self._working.sides(group, 0)
        for code in self._working.types(group):
            side, shape = sides(code), SHAPES[code]
            for action in side.actions:
                known = (code, action) in self.actions
                if (not known or (shape.fields and not active)) and _possible(side.rights, side.marks(action)):
                    self.actions.add((code, action))
                    active = active or bool(shape.fields)
            for field in shape.fields if "read" in side.actions else ():
                if (code, field) not in self.fields and _possible(side.rights, cells(shape, side, field, Level.READ)):
                    self.fields.add((code, field))
            if code in TYPES and "read" in side.actions:
                self._read[code].append((group, side.rights.whole(side.marks("read"))))
        return active

    def read(self, code: str) -> Right:
        """Where anybody at all reads records of a type."""
        tree = self.company.world.tree
        rights = self._read.get(code, [])
        for _, right in rights:
            if any(_everything(term) for term in right):
                return (Term(),)
        return _merged(
            term
            for group, right in rights
            for person, place in group.people
            for term in Binding(person, place, tree).ground(right)
        )

    @cached_property
    def empty_roles(self) -> list[str]:
        """Roles that nobody holds now."""
        held = {
            grant.role.code
            for grant in self.company.world.all_grants.values()
            if grant.role is not None and self.company.holders(grant)
        }
        return [code for code, role in self.company.world.roles.items() if not role.closed and code not in held]


def _everything(term: Term) -> bool:
    return not (term.keys or term.reached or term.conds)


def _possible(rights: Rights, factors: Factors) -> bool:
    return all(lines for lines, _ in factors) and bool(rights.whole(factors))


def _merged(found: Iterable[Term]) -> Right:
    """Values of one column put together, so that thousands of people are a few terms."""
    values: dict[tuple[object, ...], set[object]] = defaultdict(set)
    rest: dict[Term, None] = {}
    for term in found:
        if len(term.keys) == 1:
            values[term.keys[0][0], term.reached, term.conds] |= term.keys[0][1]
        else:
            rest[term] = None
    merged = [
        Term(((str(column), frozenset(v)),), reached, conds)  # type: ignore[arg-type]  # as they were put in
        for (column, reached, conds), v in values.items()
    ]
    return union([*rest, *merged])


def unreached(company: Company, right: Right, code: str, bits: Bits) -> int:
    """How many live records of a type nobody reads. ``bits``: of a cube with all that the right looks at."""
    if any(_everything(term) for term in right):
        return 0
    left = bits.every & ~bits.right(right)
    if not left:
        return 0
    pairs = terms.reaches(right)
    reached = {
        one.record
        for one in cubes.reached(code, sorted(company.world.people), pairs, bits.cube.columns, bits.cube.conds)
        if (place := bits.at(one.cell)) is not None and left >> place & 1
    }
    return bits.weight(left) - len(reached)


def _counted(code: str, rights: Iterable[Right]) -> Bits:
    """One cube for what several rights look at; rights that hold everywhere need none of it."""
    some = [right for right in rights if not any(_everything(term) for term in right)]
    if not some:
        return Bits(Cube(code, (), (), (), ()))
    columns = frozenset(c for right in some for c in terms.columns(right))
    return Bits(cubes.cube(code, columns, frozenset(c for right in some for c in terms.conditions(right))))


@dataclass(frozen=True, slots=True)
class Corners:
    """Those after a change, those that it makes, and those that it ends."""

    after: tuple[Corner, ...]
    new: frozenset[tuple[str, str, str]]
    ended: tuple[Corner, ...]


def compare(before: Company, after: Company, types: Iterable[str], unread: Unread = EVERYTHING_SHOWN) -> Corners:
    """``types``: those of which unreachable records are counted, since the change concerns them.

    unread: what the asker does not read: where a right hangs on that, it counts as not held.
    """
    named = _named(before) | _named(after)
    sides: list[Mapping[tuple[str, str, str], Corner]] = []
    counted = [code for code in sorted(set(types)) if code in TYPES]
    reaches = [Reach(company) for company in (before, after)]
    whole = {code: [reach.read(code) for reach in reaches] for code in counted}
    read = {code: [unread.least(code, right) for right in rights] for code, rights in whole.items()}
    bits = {code: _counted(code, rights) for code, rights in read.items()}
    for at, (company, reach) in enumerate(zip((before, after), reaches, strict=True)):
        found = [*_dead(company, reach, named), *(one for ask in elsewhere for one in ask(company, reach.actions))]
        for code in counted:
            n = unreached(company, read[code][at], code, bits[code])
            if n:
                found.append(Corner(RECORDS, code, "", n, read[code][at] is not whole[code][at]))
        sides.append({one.thing: one for one in found})
    old, now = sides
    new = frozenset(
        thing
        for thing, one in now.items()
        if thing not in old or (one.kind in (RECORDS, NODE_PARTLY) and one.n > old[thing].n)
    )
    dead = {(one.type, one.code) for one in old.values() if one.kind == NODE}
    new -= {thing for thing, one in now.items() if one.kind == NODE_PARTLY and (one.type, one.code) in dead}
    told = tuple(one for thing, one in now.items() if one.kind != NODE_PARTLY or thing in new)
    ended = tuple(one for thing, one in old.items() if thing not in now and one.kind != NODE_PARTLY)
    return Corners(told, new, ended)


def _named(company: Company) -> set[tuple[str, str]]:
    """Actions that some role or grant speaks of: only of these it is odd that nobody can do them."""
    world = company.world
    given = [role.lines for role in world.roles.values() if not role.closed]
    given += [g.lines for g in world.all_grants.values() if g.lines is not None and g.open_at(company.moment)]
    return {(line.type, action) for lines in given for line in company.wordings.lines(lines) for action in line.actions}


def _dead(company: Company, reach: Reach, named: set[tuple[str, str]]) -> Iterator[Corner]:
    for code, action in sorted(named):
        if (code, action) not in reach.actions and not code.startswith(PAGE):
            yield Corner(ACTION, code, action)
    for shape in SHAPES:
        if shape.code.startswith(PAGE) and (shape.code, "open") not in reach.actions:
            yield Corner(PAGE_, shape.code, "open")
        for field in shape.fields:
            if (shape.code, field) not in reach.fields:
                yield Corner(FIELD, shape.code, field)
    for person in sorted(reach.idle):
        yield Corner(PERSON, "", str(person))
    for role in reach.empty_roles:
        yield Corner(ROLE, "", role)


__all__ = ["Company", "Corner", "Corners", "Reach", "compare", "unreached"]
