"""What a scope is: a name, words, and how it becomes atoms for one person through one carrier."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass

from heli.access.core.line import Atom, Row
from heli.kernel.registry import Registry
from heli.kernel.words import Words
from heli.org.tree import Tree


@dataclass(frozen=True, slots=True)
class Carrier:
    """What brought a grant to a person: an assignment's department, or a project. Relative scopes resolve against it."""

    department: int | None = None
    project: str | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """The person a scope is resolved for. ``reports`` is asked lazily: it walks the reporting lines."""

    id: int
    tree: Tree
    reports: Callable[[], frozenset[int]]
    projects: frozenset[str]


NOBODY: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Holders:
    """For whom a scope holds on one row; any of these is enough. None stands for all there are."""

    people: Set[int] | None = NOBODY
    departments: Set[int] | None = NOBODY
    """Whoever's grant is carried by one of these departments."""
    projects: Set[str] | None = frozenset()
    """Whoever's grant is carried by one of these projects."""
    loose: Set[int] | None = NOBODY
    """These people where no project carries their grant."""


EVERYONE = Holders(people=None)


@dataclass(frozen=True, slots=True)
class Inverse:
    """What the other direction of a scope is asked with: a row instead of a person. ``row`` None: some row or other.

    ``managers(person)`` are all above someone, ``members(project)`` its members; None asks for anybody who is one.
    """

    row: Row | None
    tree: Tree
    managers: Callable[[int | None], Set[int]]
    members: Callable[[str | None], Set[int]]
    reached: Mapping[tuple[str, str], Set[int]]
    """Who reaches the row, by kind and tag."""

    def person(self, column: str) -> Holders:
        """Whoever this column of the row names."""
        return EVERYONE if self.row is None else Holders(people=_named(self.row[column]))

    def carried(self, column: str) -> Holders:
        """Whoever's grant is carried by the department that this column names."""
        return Holders(departments=None if self.row is None else _named(self.row[column]))

    def carried_above(self, column: str) -> Holders:
        """The same for it and every department above it."""
        if self.row is None:
            return Holders(departments=self.tree.nodes.keys())
        return Holders(departments=frozenset(self.tree.above(self.row[column] or 0)))

    def reach(self, kind: str, tag: str = "") -> Holders:
        """Whoever reaches the row so."""
        return EVERYONE if self.row is None else Holders(people=self.reached.get((kind, tag), NOBODY))


def _named(value: int | None) -> Set[int]:
    return NOBODY if value is None else frozenset({value})


@dataclass(frozen=True, slots=True)
class Scope:
    """A scope atom of the rule language. ``words`` name it; ``fact`` says in a sentence what makes it hold.

    ``resolve(person, carrier, parameter)`` returns atoms joined by OR; none means that it holds nowhere.
    ``holders(inverse, parameter)`` answers the same from a row.
    """

    name: str
    words: Words
    fact: Words
    resolve: Callable[[Person, Carrier, str], tuple[Atom, ...]]
    holders: Callable[[Inverse, str], Holders]
    """The other direction: for whom it holds on a row. A property test compares the two."""
    parameters: tuple[str, ...] | None = ("",)
    """Allowed words after a colon; None: any."""
    rank: int = 70
    """How far it is from the person's own work: an explanation names the nearest reason first."""
    lends: bool = False
    """Holds through a row that leads to the record for a while; keys of the record are not written by it."""


SCOPES: Registry[Scope] = Registry("scope")


def scope(
    name: str,
    zh: str,
    en: str,
    *,
    fact_zh: str,
    fact_en: str,
    holders: Callable[[Inverse, str], Holders],
    parameters: tuple[str, ...] | None = ("",),
    rank: int = 70,
    lends: bool = False,
) -> Callable[[Callable[[Person, Carrier, str], tuple[Atom, ...]]], Scope]:
    """Register the decorated resolver as a scope."""

    def register(resolve: Callable[[Person, Carrier, str], tuple[Atom, ...]]) -> Scope:
        made = Scope(name, Words(zh, en), Words(fact_zh, fact_en), resolve, holders, parameters, rank, lends)
        return SCOPES.add(name, made)

    return register


def split(text: str) -> tuple[str, str]:
    """``"customer:below"`` -> ``("customer", "below")``."""
    name, _, parameter = text.partition(":")
    return name, parameter
