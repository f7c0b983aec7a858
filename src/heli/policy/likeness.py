"""What amounts to a role, whatever it is called: a copy of it, its lines given as such, several sources together.

Rules name roles (duties, policy tests), and a role is what its lines give. So whoever holds most of what sets a role apart
counts as holding it. Told by what is written: object types, actions and scopes; conditions, limits and fields are left out,
else one yuan or one field less made another role of it. Decision 0022 says what counts and why.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final

import orjson

from heli.access import view as views
from heli.access.core.line import Level
from heli.access.facts import GrantFact, RoleFact
from heli.access.shapes import SHAPES
from heli.access.view import lines_of
from heli.insight.company import Company
from heli.kernel.words import Words
from heli.policy.overlap import WIDER

ADMINISTRATION: Final = frozenset({"organisation", "policy", "audit", "settings"})
LOOKING: Final = ("read", "open", "export")
"""What changes nothing: it makes a role only where nothing else does."""
CLASSES: Final = ("sensitive", "confidential")
BESIDE: Final = Fraction(1, 2)
"""Of what one role may do and the other of a duty may not, so much makes somebody a holder of it."""
ALONE: Final = Fraction(9, 10)
"""Of all that makes a role, where there is no other to tell it from."""
COMMON: Final = Fraction(1, 2)
"""What more than so many of the people, through so many of the roles, may do makes none of them."""
DERIVED: Final = "review:"
"""Beginning of the source of a grant that a review made of another: ``review:12:finance`` is what was left of *finance*."""

FEW: Final = 200
"""So many people are looked at one by one."""

LINES = Words("单独授予的权限项", "what is given without a role")
ROLE = Words("『{role}』", "‘{role}’")
AMOUNTS = Words("{role}（{sources}合起来就是它的权限）", "{role} ({sources} together amount to it)")
AMOUNTS_ALONE = Words("{role}（{sources}给的就是它的权限）", "{role} ({sources} amounts to it)")

type Pair = tuple[str, str]
"""An object type and an action; of reading also ``read sensitive`` and ``read confidential``."""
type Cells = Mapping[Pair, Set[str]]
"""What somebody may do at all, each with the scopes in which they may."""


@lru_cache(maxsize=4096)
def _cells(lines: bytes) -> Cells:
    found: dict[Pair, set[str]] = defaultdict(set)
    for line in lines_of(orjson.loads(lines)):
        for action in line.actions:
            found[line.type, action].update(line.scopes)
        if "read" in line.actions:
            shown = {
                one.data_class
                for one in SHAPES[line.type].fields.values()
                if line.level(one.code, one.data_class) == Level.READ
            }
            for name in CLASSES:
                if name in shown:
                    found[line.type, f"read {name}"].update(line.scopes)
    return found


def cells_of(lines: Sequence[Mapping[str, Any]]) -> Cells:
    """What the lines of a role or a grant come to."""
    return _cells(orjson.dumps(lines))


def united(some: Iterable[Cells], *, at_root: bool = False) -> Cells:
    """What several give together. ``at_root``: to somebody whose department is the whole company."""
    found: dict[Pair, set[str]] = defaultdict(set)
    for one in some:
        for pair, scopes in one.items():
            found[pair] |= scopes
    if at_root:
        for scopes in found.values():
            if "below" in scopes:
                scopes.add("all")
    return found


def covers(held: Cells, pair: Pair, scopes: Set[str]) -> bool:
    """Whether an action is among these, in all of the scopes."""
    wide = held.get(pair)
    if wide is None:
        return False
    return "all" in wide or all(one in wide or not wide.isdisjoint(WIDER.get(one, ())) for one in scopes)


def administers(pair: Pair) -> bool:
    """Whether it is administration of the system, of rights or of the log."""
    type_, action = pair
    return type_ == "audit" or (type_ in ADMINISTRATION and action in ("administer", "grant"))


def _acts(pair: Pair) -> bool:
    return pair[1].partition(" ")[0] not in LOOKING


@dataclass(frozen=True, slots=True)
class Core:
    """What makes a role: what it administers; if nothing, what it changes; if nothing, what it reads. ``least``: of how
    much of it somebody must be able to be a holder of the role."""

    cells: Cells
    least: int
    looks: bool = False
    """It only reads. Then only what only reads amounts to it: who leads others reads what they read, and is none of them."""

    @staticmethod
    def of(cells: Cells, common: Callable[[Pair, Set[str]], bool], share: Fraction) -> Core | None:
        """None for a role without anything of its own."""
        own = {pair: scopes for pair, scopes in cells.items() if not common(pair, scopes)}
        for kind in (administers, _acts):
            some = {pair: scopes for pair, scopes in own.items() if kind(pair)}
            if some:
                # One hand that administers is enough; of what is done, most.
                return Core(some, 1 if kind is administers else -(-len(some) * share.numerator // share.denominator))
        return Core(own, len(own), looks=True) if own else None

    def within(self, held: Cells) -> bool:
        """Whether these rights amount to it."""
        some = self.cells.keys() & held.keys()
        if len(some) < self.least:
            return False
        return sum(covers(held, pair, self.cells[pair]) for pair in some) >= self.least

    def touches(self, held: Cells) -> bool:
        return not self.cells.keys().isdisjoint(held.keys())


@dataclass(frozen=True, slots=True)
class Holding:
    """Grants that some people hold alike, now or later."""

    grants: tuple[GrantFact, ...]
    people: Sequence[int]
    at_root: bool = False
    codes: Mapping[str, Words] = field(default_factory=dict)
    """The roles among them."""

    @staticmethod
    def of(grants: Iterable[GrantFact], people: Sequence[int], at_root: bool) -> Holding:
        held = tuple(grants)
        return Holding(held, people, at_root, {g.role.code: g.role.words for g in held if g.role is not None})

    @property
    def thing(self) -> tuple[object, ...]:
        """Equal for holdings that come to the same."""
        return self.at_root, frozenset(
            (g.role.code if g.role else "", id(g.given), derived(g.source)) for g in self.grants
        )

    def cells(self, but: Set[str] = frozenset(), *, looking: bool = False) -> Cells:
        """What they give together, without these roles; ``looking``: of those that change nothing."""
        some = {id(g.given): cells_of(g.given) for g in self.grants if g.role is None or g.role.code not in but}
        return united((one for one in some.values() if not looking or looks(one)), at_root=self.at_root)


def looks(cells: Cells) -> bool:
    """Whether nothing but reading is among these."""
    return not any(administers(pair) or _acts(pair) for pair in cells)


def derived(source: str) -> str:
    """The role that a grant with lines of its own was cut from in a review, by its source; empty when it was not."""
    return source[len(DERIVED) :].partition(":")[2] if source.startswith(DERIVED) else ""


class Likeness:
    """What makes each role of a company. ``before``: the company before a change, whose roles count as they were, too: else
    a draft emptied the role that a rule names and gave what was in it under another name. What is common is judged by it."""

    def __init__(self, company: Company, before: Company | None = None) -> None:
        self.company = company
        self._usual = before or company
        self._worlds = (company.world, *([before.world] if before is not None else []))
        self._cores: dict[tuple[str, str | None], tuple[Core, ...]] = {}
        self._common: dict[tuple[Pair, frozenset[str]], bool] = {}

    def _cells(self, role: str) -> list[Cells]:
        found = (world.roles.get(role) for world in self._worlds)
        return [cells_of(one.lines) for one in found if one is not None]

    def words(self, role: str) -> Words:
        """What a role is called; its code when there is none."""
        found: RoleFact | None = next((w.roles[role] for w in self._worlds if role in w.roles), None)
        return found.words if found is not None else Words(role, role)

    def cores(self, role: str, beside: str | None) -> tuple[Core, ...]:
        """What makes this role ``beside`` another; beside none: as such."""
        found = self._cores.get((role, beside))
        if found is None:
            if beside is None:
                made = [Core.of(one, self._is_common, ALONE) for one in self._cells(role)]
            else:
                made = [
                    Core.of(one, lambda pair, scopes, other=other: covers(other, pair, scopes), BESIDE)  # type: ignore[misc]  # a bound default has no type
                    for one, other in zip(self._cells(role), self._cells(beside) or [{}, {}], strict=False)
                ]
            found = self._cores[role, beside] = tuple(one for one in made if one is not None)
        return found

    def _is_common(self, pair: Pair, scopes: Set[str]) -> bool:
        key = (pair, frozenset(scopes))
        found = self._common.get(key)
        if found is None:
            found = self._common[key] = not administers(pair) and self._held_by_most(pair, scopes)
        return found

    def _held_by_most(self, pair: Pair, scopes: Set[str]) -> bool:
        world = self._usual.world
        roles = [one for one in world.roles.values() if one.lines and not one.closed]
        having = sum(covers(cells_of(one.lines), pair, scopes) for one in roles)
        if having < len(roles) * COMMON:
            return False
        people: set[int] = set()
        for grant in world.all_grants.values():
            if grant.open_at(self._usual.moment) and covers(cells_of(grant.given), pair, scopes):
                people |= self._usual.crowd(grant).all
        return len(people) > len(world.people) * COMMON

    def amounts(self, holding: Holding, role: str, beside: str | None = None, but: Set[str] = frozenset()) -> bool:
        """Whether what they hold (without the roles ``but``) amounts to a role that they do not hold by its name."""
        cores = self.cores(role, beside)
        if not cores:
            return False
        rests = [g for g in holding.grants if g.role is None and derived(g.source) == role]
        if any(core.touches(cells_of(g.given)) for core in cores for g in rests):
            return True
        return any(core.within(holding.cells(but, looking=core.looks)) for core in cores)

    def told(self, holding: Holding, role: str, beside: str | None = None, but: Set[str] = frozenset()) -> Words:
        """The role, and which of their sources amount to it."""
        cores = self.cores(role, beside)
        sources: dict[str, Words] = {}
        for grant in sorted(holding.grants, key=lambda one: one.role is None):
            if grant.role is not None and grant.role.code in but:
                continue
            cells = cells_of(grant.given)
            if any(core.touches(cells) and (looks(cells) or not core.looks) for core in cores):
                words = LINES if grant.role is None else ROLE.fill(role=grant.role.words)
                sources[words.en] = words
        names = list(sources.values())
        said = Words("、".join(one.zh for one in names), ", ".join(one.en for one in names))
        return (AMOUNTS if len(names) > 1 else AMOUNTS_ALONE).fill(role=self.words(role), sources=said)


def standing(company: Company, people: Iterable[int] | None = None) -> list[Holding]:
    """What everybody (or each of these people) holds at the company's moment or is sure to hold later."""
    some = None if people is None else company.world.people.keys() & set(people)
    if some is not None and len(some) <= FEW:
        return [_own(person, company) for person in sorted(some)]
    to_come = {pk: one for pk, one in company.world.all_grants.items() if one.starts > company.moment}
    single = set(company.later).union(*(company.crowd(one).all for one in to_come.values()))
    if len(single) <= FEW:  # the others hold what they hold
        alike: Iterable[tuple[Sequence[int], Sequence[int]]] = ((ids, held) for (_, ids), held in company.alike.items())
    else:
        alike, single = _alike(company), set(company.later)
    found = [_own(person, company) for person in sorted(single if some is None else single & some)]
    for ids, held in alike:
        for top in (False, True):
            here = [
                pk
                for pk in held
                if (pk in company.at_root) is top and pk not in single and (some is None or pk in some)
            ]
            if here:
                found.append(Holding.of([company.world.all_grants[pk] for pk in ids], here, top))
    return found


def _alike(company: Company) -> list[tuple[Sequence[int], Sequence[int]]]:
    """Everybody by the grants that reach them, those to come among them."""
    world = company.world
    held: dict[int, list[int]] = {person: [] for person in world.people}
    for pk in sorted(world.all_grants):
        grant = world.all_grants[pk]
        if (grant.ends is None or grant.ends > company.moment) and not (grant.role is not None and grant.role.closed):
            for person in company.crowd(grant).all:
                held[person].append(pk)
    found: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for person, ids in held.items():
        found[tuple(ids)].append(person)
    return list(found.items())


def _own(person: int, company: Company) -> Holding:
    world, now = company.world, company.moment
    begun = {one.starts for one in world.posts(person)} | {one.starts for one in world.memberships(person)}
    grants: dict[int, GrantFact] = {}
    for moment in (now, *sorted(one for one in begun if one > now)):
        subjects, _ = views.subjects_of(person, world, moment)
        for grant, _ in views.grants_to(subjects, world, moment, later=True):
            if grant.role is None or not grant.role.closed:
                grants[grant.id] = grant
    return Holding.of(grants.values(), [person], person in company.at_root)
