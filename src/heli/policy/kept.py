"""What no act may leave behind, whichever road it takes: a duty or a policy test that it breaks, or nobody who could administer.

A draft is measured before it is published (``checks``); whatever else changes who is where (the organisation's routes, an
import, a project that is deleted) is done first and looked at then, in its transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from heli.access.facts import World
from heli.access.models import Grant
from heli.insight import company as companies
from heli.insight.company import Company
from heli.kernel.errors import Conflict
from heli.org.models import ProjectMember
from heli.org.tree import Membership
from heli.policy import duties, promises
from heli.policy.checks import unmanned
from heli.records import hooks
from heli.records.types import ObjectType


@contextmanager
def kept() -> Iterator[None]:
    """Do something, and raise Conflict when it leaves behind what must not be; within a transaction, which it undoes."""
    was = companies.now()
    yield
    refuse(was, companies.now())


def refuse(was: Company, became: Company) -> None:
    """Raises Conflict (``duty``, ``promise``, ``nobody``) when the company has become what it must not be and was not."""
    if became.world is was.world:
        return
    people = moved(was.world, became)
    if people:
        duties.refuse_new(was, became, people)
        promises.refuse_new(was, became, people)
    for problem in unmanned(was, became):
        raise Conflict(problem.words, code=problem.code)


def moved(before: World, became: Company) -> set[int]:
    """Whose rights may have changed between the two: by their own posts, parts and grants, or by what reaches them."""
    after = became.world
    found = after.people.keys() - before.people.keys()
    for old, new in (
        (before.posts_by_person, after.posts_by_person), (before.members_by_person, after.members_by_person),
    ):  # fmt: skip
        found |= {pk for pk, some in new.items() if some is not (had := old.get(pk, ())) and some != had}
        found |= old.keys() - new.keys()
    if before.tree is not after.tree:
        nodes = before.tree.nodes
        for node in after.tree.nodes.values():
            if node.id in nodes and nodes[node.id].parent != node.parent:
                below = after.tree.below(node.id)
                found |= {
                    pk for pk, posts in after.posts_by_person.items() if any(p.department in below for p in posts)
                }
    for pk, grant in after.all_grants.items():
        if before.all_grants.get(pk) != grant:
            found |= {int(grant.subject)} if grant.kind == Grant.PERSON else became.crowd(grant).all
    return found & after.people.keys()


def _project(kind: ObjectType, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """A project that is deleted takes its members' parts along, and brings them again with it."""
    if kind.code != "project" or before.get("deleted_at") == after.get("deleted_at"):
        return
    became = companies.now()
    parts = ProjectMember.objects.filter(project_id=after["id"]).order_by("pk")
    names = {pk for pk in parts.values_list("person_id", flat=True) if pk in became.world.people}
    members = dict(became.world.members_by_person)
    for pk in names:
        members[pk] = tuple(one for one in members.get(pk, ()) if one.project != after["id"])
    if after.get("deleted_at") is not None:
        for one in parts:
            if one.person_id in names:
                made = Membership(one.project_id, after["name"], one.person_id, one.role, one.starts, one.ends)
                members[one.person_id] = (*members[one.person_id], made)
    refuse(Company(replace(became.world, members_by_person=members), became.moment), became)


def attach() -> None:
    """Listen to the write door and to imports."""
    hooks.changed.listen(_project)
    if kept not in hooks.organising:
        hooks.organising.append(kept)
