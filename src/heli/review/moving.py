"""Changing post: which rights end and which begin, from the person's view as it is and as it would be."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from heli.access import epoch
from heli.access import view as views
from heli.access.core.line import Held
from heli.access.facts import World
from heli.access.shapes import PAGE
from heli.access.view import View
from heli.kernel import clock
from heli.kernel.errors import Conflict, Invalid, Problem
from heli.kernel.words import Words
from heli.org.models import Person
from heli.policy import state
from heli.policy.change import Change
from heli.policy.company import changed
from heli.policy.names import Names
from heli.review.rights import line_words

MOST = 200
NO_POST = Words("此人现在没有任职，请用「增加任职」", "this person has no post now: give them one instead")
NO_DEPARTMENT = Words("没有这个部门", "no such department")
NO_POSITION = Words("没有这个岗位", "no such position")
SAME = Words("任职没有变化", "this is the post they have")


def difference(person: int, department: int, position: int | None) -> dict[str, Any]:
    """What ends and what begins if the person's primary post becomes this one. ``position`` None keeps theirs.

    Raises Invalid for an unknown place, Conflict when there is no post to leave or nothing would change.
    """
    world, moved = _worlds(person, department, position)
    stamp, moment = epoch.current(person), clock.now()
    old, new = views.build(person, stamp, moment, world), views.build(person, stamp, moment, moved)
    was, now = _told(old.lines), _told(new.lines)
    return {
        "ends": [v for k, v in was.items() if k not in now][:MOST],
        "begins": [v for k, v in now.items() if k not in was][:MOST],
        "stays": sum(k in now for k in was),
    }


def then(person: int, department: int, position: int | None) -> tuple[View, list[int]]:
    """The person's rights and the departments of their posts at the new post. Raises as ``difference``."""
    _, moved = _worlds(person, department, position)
    moment = clock.now()
    posts = [p for p in moved.posts(person) if p.starts <= moment and (p.ends is None or p.ends > moment)]
    return views.build(person, epoch.current(person), moment, moved), [p.department for p in posts]


def _worlds(person: int, department: int, position: int | None) -> tuple[World, World]:
    """The company as it is, and with the person at the new post."""
    names = Names.load()
    username = names.people[person][0]
    before = state.current("post", username, names)
    if before is None:
        raise Conflict(NO_POST, code="no_post")
    if department not in names.departments:
        raise Invalid(Problem("department", "unknown", NO_DEPARTMENT))
    if position is not None and position not in names.positions:
        raise Invalid(Problem("position", "unknown", NO_POSITION))
    after = {
        "department": names.departments[department][0],
        "position": names.positions[position][0] if position is not None else before["position"],
    }
    if after == before:
        raise Conflict(SAME, code="same")
    world = World.load()
    return world, changed(world, [Change("post", username, before, after)], names)


def _told(lines: Iterable[Held]) -> dict[str, dict[str, Any]]:
    """Lines by what they come to: the same words over other records are another right."""
    found: dict[str, dict[str, Any]] = {}
    for held in lines:
        if held.line.type.startswith(PAGE):
            continue
        atoms = sorted(repr(_plain(atom)) for atom in held.atoms)
        key = repr((held.line, atoms))
        found.setdefault(
            key,
            {
                "what": line_words(held.line).json(), "type": held.line.type, "role": held.source.role_words.json(),
                "via": held.source.via.json(),
            },
        )  # fmt: skip
    return found


def _plain(atom: Any) -> tuple[Any, ...]:
    """An atom with its values in one order."""
    return (type(atom).__name__, getattr(atom, "column", ""), getattr(atom, "kind", ""), getattr(atom, "tag", ""),
            sorted(map(str, getattr(atom, "values", ()))))  # fmt: skip


def known(person: int) -> bool:
    """Whether there is such a person who has not left."""
    return Person.objects.filter(pk=person).exclude(status=Person.LEFT).exists()
