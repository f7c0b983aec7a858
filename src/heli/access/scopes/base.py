"""What a scope is: a name, words, and how it becomes atoms for one person through one carrier."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from heli.access.core.line import Atom
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


@dataclass(frozen=True, slots=True)
class Scope:
    """A scope atom of the rule language. ``words`` name it; ``fact`` says in a sentence what makes it hold.

    ``resolve(person, carrier, parameter)`` returns atoms joined by OR; none means that it holds nowhere.
    """

    name: str
    words: Words
    fact: Words
    resolve: Callable[[Person, Carrier, str], tuple[Atom, ...]]
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
    parameters: tuple[str, ...] | None = ("",),
    rank: int = 70,
    lends: bool = False,
) -> Callable[[Callable[[Person, Carrier, str], tuple[Atom, ...]]], Scope]:
    """Register the decorated resolver as a scope."""

    def register(resolve: Callable[[Person, Carrier, str], tuple[Atom, ...]]) -> Scope:
        return SCOPES.add(name, Scope(name, Words(zh, en), Words(fact_zh, fact_en), resolve, parameters, rank, lends))

    return register


def split(text: str) -> tuple[str, str]:
    """``"customer:below"`` -> ``("customer", "below")``."""
    name, _, parameter = text.partition(":")
    return name, parameter
