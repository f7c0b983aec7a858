"""Whether a person's rights have grown between two views of them: what an administrator may not do to their own."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from heli.access import view as views
from heli.access.core.cover import contained
from heli.access.core.decide import TypeRights
from heli.access.core.line import Atom, Cond, Held, Keys, Level, Line, Shape
from heli.access.core.terms import Right, both, of_atom, union
from heli.access.facts import Facts
from heli.access.scopes.pool import pool_of
from heli.access.view import View

DEPARTMENTS = ("department_id", "account_department_id")

type Course = Sequence[tuple[datetime, View]]
"""What somebody holds from now on: each view with the moment from which it holds, as far as is arranged today."""


def course(person: int, moment: datetime, facts: Facts | None = None) -> Course:
    """The person's rights at this moment and after every change that is arranged already."""
    found: list[tuple[datetime, View]] = []
    edge: datetime | None = moment
    while edge is not None and (not found or edge > found[-1][0]):
        found.append((edge, views.build(person, (0, 0), edge, facts)))
        edge = found[-1][1].until
    return found


def ever_wider(before: Course, after: Course) -> bool:
    """Whether at some moment, now or later, the second course gives more than the first."""
    moments = sorted({moment for moment, _ in (*before, *after)})
    return any(wider(_at(before, moment), _at(after, moment)) for moment in moments)


def _at(whole: Course, moment: datetime) -> View:
    return whole[max(0, bisect_right([begun for begun, _ in whole], moment) - 1)][1]


def wider(before: View, after: View) -> bool:
    """Whether anything is possible on some record that was not, whatever the lines are called and however they are cut.

    Decided by what lines, scopes, conditions, levels, limits and ceilings come to together, for every record there may
    be; where that cannot be told for sure, the answer is yes. A department that did not exist before counts for nothing:
    no record lies in it yet.
    """
    fresh = frozenset(after.tree.nodes) - frozenset(before.tree.nodes)
    codes = dict.fromkeys(one.line.type for one in after.lines)
    return any(_grown(had, has, fresh) for code in codes if (has := after.type(code)) for had in (before.bare(code),))


def _grown(had: TypeRights, has: TypeRights, fresh: frozenset[int]) -> bool:
    if _marks(had) == _marks(has):
        return False
    if any(has.ever(action) and not had.ever(action) for action in has.shape.actions):
        return True  # menus, pages and administration ask for no record
    parts = _Parts(fresh)
    asked: set[tuple[Factors, Factors]] = set()
    for now, then in _questions(had, has):
        if (now, then) not in asked:
            asked.add((now, then))
            rights = [parts.of(one) for one in then]
            if not all(contained(term, rights) for term in parts.whole(now)):
                return True
    return False


def _marks(rights: TypeRights) -> tuple[object, ...]:
    """All that a decision looks at, without whose names it bears."""
    held = frozenset((*_mark(one), one.source.role) for one in rights.lines)
    bounds = frozenset((c.actions, c.roles, frozenset(map(_mark, c.lines))) for c in rights.ceilings)
    return held, bounds


def _mark(held: Held) -> tuple[object, ...]:
    line = held.line
    return line.actions, line.where, frozenset(line.levels.items()), line.writes, line.limit, held.atoms


type Factor = tuple[tuple[tuple[Cond, ...], tuple[Atom, ...]], ...]
"""Lines as they are held, of which one must hold: their conditions and what their scopes came to."""
type Factors = tuple[Factor, ...]
"""All of which must hold: the person's own lines, and of each ceiling those that let it pass."""


def _questions(had: TypeRights, has: TypeRights) -> Iterator[tuple[Factors, Factors]]:
    """Each thing that may be had on a record: what it takes after, and what it took before."""
    for action in sorted(has.shape.actions):
        if has.held(action):
            yield _factors(has, action, _any, _any), _factors(had, action, _any, _any)
            for limit in sorted({one.line.limit for r in (had, has) for one in _lines(r, action) if one.line.limit}):
                yield _limit(has, action, limit), _limit(had, action, limit)
    for shape in has.shape.fields.values():
        for level in (Level.MASKED, Level.READ):
            yield _level(has, shape, level), _level(had, shape, level)
        for action in () if shape.readonly else ("edit", "create"):
            if has.held(action):
                yield _writing(has, shape, action), _writing(had, shape, action)


def _lines(rights: TypeRights, action: str) -> list[Held]:
    return [*rights.held(action), *(one for c in rights.bounds(action) for one in c.covering(action))]


def _any(line: Line) -> bool:
    return True


def _factors(
    rights: TypeRights, action: str, fits: Callable[[Line], bool], passes: Callable[[Line], bool], *, itself: bool = False
) -> Factors:  # fmt: skip
    own = (one.itself if itself else one for one in rights.held(action))
    groups = [(own, fits), *((c.covering(action), passes) for c in rights.bounds(action))]
    return tuple(tuple((one.line.where, one.atoms) for one in lines if fit(one.line)) for lines, fit in groups)


def _limit(rights: TypeRights, action: str, limit: int) -> Factors:
    def gives(line: Line) -> bool:
        return (line.limit or 0) >= limit

    def passes(line: Line) -> bool:
        return line.limit is None or line.limit >= limit

    return _factors(rights, action, gives, passes)


def _level(rights: TypeRights, shape: Shape, level: Level) -> Factors:
    def fits(line: Line) -> bool:
        return line.level(shape.code, shape.data_class) >= level

    return _factors(rights, "read", fits, fits)


def _writing(rights: TypeRights, shape: Shape, action: str) -> Factors:
    def writes(line: Line) -> bool:
        return line.may_write(shape.code)

    editing = action == "edit"
    found = _factors(rights, action, writes, writes, itself=editing and shape.key)
    return (*found, *_level(rights, shape, Level.READ)) if editing else found


class _Parts:
    """What lines come to, worked out once for each set of them."""

    def __init__(self, fresh: frozenset[int]) -> None:
        self._fresh = fresh
        self._pools = frozenset(pool_of(one) for one in fresh)
        self._known: dict[Factor, Right] = {}

    def of(self, factor: Factor) -> Right:
        """Where one of these lines holds."""
        found = self._known.get(factor)
        if found is None:
            made = (of_atom(self._old(atom), frozenset(where), "") for where, atoms in factor for atom in atoms)
            found = self._known[factor] = union(term for term in made if term is not None)
        return found

    def whole(self, factors: Factors) -> Right:
        """Where all of the factors hold."""
        found = self.of(factors[0])
        for one in factors[1:]:
            found = both(found, self.of(one)) if found else ()
        return found

    def _old(self, atom: Atom) -> Atom:
        if not isinstance(atom, Keys) or not self._fresh:
            return atom
        if atom.column in DEPARTMENTS:
            return Keys(atom.column, atom.values - self._fresh)
        return Keys(atom.column, atom.values - self._pools) if atom.column == "pool_id" else atom
