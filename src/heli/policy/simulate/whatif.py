"""Questions without a draft: somebody moves or leaves, a role goes, a grant ends. Each becomes changes, or another world."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from heli.access.facts import World
from heli.kernel.errors import Invalid, Problem
from heli.kernel.words import Words
from heli.policy import state
from heli.policy.change import Change
from heli.policy.company import NO_PERSON, NO_ROLE, changed
from heli.policy.names import Names

NO_GRANT = Words("没有这项授权，或已结束", "no such grant, or it has ended")
MOVES = Words("{person}调到「{department}」，不任岗位", "{person} moves to {department}, in no position")
AS = Words("{person}调到「{department}」，任「{position}」", "{person} moves to {department} as {position}")
LEAVES = Words("{person}离职", "{person} leaves")
ROLE_GOES = Words("取消角色「{role}」", "the role “{role}” goes")
GRANT_ENDS = Words("{subject}的「{role}」结束", "“{role}” of {subject} ends")
SINGLE = Words("单项授权", "a single grant")


@dataclass(frozen=True, slots=True)
class Asked:
    """What would be: the company then, the changes that make it so (none for leaving), and the question in words."""

    world: World
    changes: tuple[Change, ...]
    words: Words


def world(now: World, what: Mapping[str, Any], names: Names) -> Asked:
    """The company in which this has happened. Raises Invalid naming the place, Conflict for what cannot be."""
    match what["kind"]:
        case "move":
            return _move(now, what, names)
        case "leave":
            return _leave(now, what["person"], names)
        case "role":
            return _role(now, what["role"], names)
        case _:
            return _grant(now, what["grant"], names)


def _person(now: World, username: str) -> int:
    found = now.usernames.get(username.lower())
    if found is None:
        raise Invalid(Problem("what/person", "unknown", NO_PERSON.fill(code=username[:80])))
    return found


def _move(now: World, what: Mapping[str, Any], names: Names) -> Asked:
    person = _person(now, what["person"])
    had = state.current("post", what["person"], names)
    # Who is moved keeps what they do: a question about another department is none about doing nothing there.
    position = what["position"] if "position" in what else (had or {}).get("position")
    after = {"department": what["department"], "position": position}
    change = Change("post", what["person"], had, after)
    made = _tried(now, change, names)
    department = names.departments[names.department_ids[what["department"]]][1]
    words = MOVES
    doing: Words | str = ""
    if position is not None:
        words, doing = AS, names.positions[names.position_ids[position]][1]
    return Asked(made, (change,), words.fill(person=now.people[person].name, department=department, position=doing))


def _leave(now: World, username: str, names: Names) -> Asked:
    """Whoever has left holds nothing and reports to nobody; who reported to them reports to their manager's place no more."""
    person = _person(now, username)
    people = {pk: one for pk, one in now.people.items() if pk != person}
    posts = {pk: one for pk, one in now.posts_by_person.items() if pk != person}
    parts = {pk: one for pk, one in now.members_by_person.items() if pk != person}
    reporting = tuple(line for line in now.reporting if person not in line[:2])
    made = replace(now, people=people, posts_by_person=posts, members_by_person=parts, reporting=reporting)
    return Asked(made, (), LEAVES.fill(person=now.people[person].name))


def _role(now: World, code: str, names: Names) -> Asked:
    role = now.roles.get(code)
    if role is None or role.closed:
        raise Invalid(Problem("what/role", "unknown", NO_ROLE.fill(code=code[:80])))
    change = Change("role", code, state.current("role", code, names), None)
    return Asked(_tried(now, change, names), (change,), ROLE_GOES.fill(role=role.words))


def _grant(now: World, key: str, names: Names) -> Asked:
    grant = now.all_grants.get(int(key))
    if grant is None:
        raise Invalid(Problem("what/grant", "unknown", NO_GRANT))
    change = Change("grant", key, state.current("grant", key, names), None)
    subject = names.words(names.subject(grant.kind, grant.subject))
    role = grant.role.words if grant.role is not None else SINGLE
    return Asked(_tried(now, change, names), (change,), GRANT_ENDS.fill(subject=subject, role=role))


def _tried(now: World, change: Change, names: Names) -> World:
    try:
        return changed(now, [change], names)
    except Invalid as error:
        raise Invalid([replace(p, place=p.place.replace("changes/0/after", "what").replace("changes/0/key", "what/person"))
                       for p in error.problems]) from None  # fmt: skip
