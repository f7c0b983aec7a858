"""Whom somebody would come to see by moving them: a scope over departments sees what is made there, whoever makes it.

Their own lines are the same after as before, so no comparison of rights tells of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Set

from heli.access.core.line import Everything, Held, Keys, Level, TypeShape
from heli.access.view import View
from heli.access.wider import DEPARTMENTS
from heli.insight.company import Company
from heli.kernel.words import Words

PROTECTED = ("sensitive", "confidential")
SIGHT = "sight"
SEES = Words(
    "这样一来，{author}将看到{person}今后的{types}，包括敏感字段",
    "by this, {author} will see the new {types} of {person}, sensitive fields included",
)


def said(was: Company, became: Company, authors: Iterable[int]) -> dict[int, list[Words]]:
    """The same of a draft, in sentences, by author."""
    found: dict[int, list[Words]] = {}
    for author in sorted(set(authors) & became.world.people.keys()):
        seen: dict[int, list[Words]] = {}
        for key, words in gained(was, became, author).items():
            seen.setdefault(int(key.split(" ")[1]), []).append(words)
        for person, types in seen.items():
            both = Words("、".join(one.zh for one in types), ", ".join(one.en for one in types))
            names = {key: became.world.people[pk].name for key, pk in (("author", author), ("person", person))}
            found.setdefault(author, []).append(SEES.fill(types=both, **names))
    return found


def gained(was: Company, became: Company, actor: int) -> dict[str, Words]:
    """Object types of which the actor would read, in full, protected fields of what somebody makes from now on, and did not
    before; by ``sight PERSON TYPE``. Who is new to the company counts for nothing: nobody knows of anything of theirs."""
    found: dict[str, Words] = {}
    view: View | None = None
    for person in sorted(was.world.people.keys() & became.world.people.keys() - {actor}):
        if was.world.posts(person) == became.world.posts(person):
            continue
        had, has = homes(was, person), homes(became, person)
        if has <= had:
            continue
        view = view or became.view(actor)
        for code in view.types:
            rights = view.type(code)
            shown = [one for one in rights.held("read") if _shows(one, rights.shape)] if rights is not None else []
            if any(_over(one, has - had) for one in shown) and not any(_over(one, had) for one in shown):
                assert rights is not None
                found[f"{SIGHT} {person} {code}"] = rights.shape.words
    return found


def homes(company: Company, person: int) -> set[int]:
    """Where what they make belongs, now and from days on that are arranged already."""
    begun = {one.starts for one in company.world.posts(person) if one.starts > company.moment}
    found = set()
    for one in (company, *(Company(company.world, at) for at in begun)):
        home = one.home(one.open_posts(person))
        if home is not None:
            found.add(home.department)
    return found


def _shows(held: Held, shape: TypeShape) -> bool:
    return any(
        one.data_class in PROTECTED and held.line.level(one.code, one.data_class) == Level.READ
        for one in shape.fields.values()
    )


def _over(held: Held, departments: Set[int]) -> bool:
    return any(
        isinstance(atom, Everything)
        or (isinstance(atom, Keys) and atom.column in DEPARTMENTS and not atom.values.isdisjoint(departments))
        for atom in held.atoms
    )
