"""Property 3, the half about lending: whoever takes people into a project gives none of them more than they hold by it.

Random projects with random rights in their roles; their members try to take anybody in, in any part, for any time.
"""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from tests import world
from tests.api.client import signed_in
from tests.invariants.examples import Undo, each_seed
from tests.invariants.test_administration import KINDS, may

from heli.access import grants
from heli.access.models import Grant
from heli.kernel import clock
from heli.org import verbs as org
from heli.org.models import Project, ProjectMember
from heli.records import act, sql
from heli.records.act import Action
from heli.records.types import TYPES

pytestmark = [pytest.mark.django_db, pytest.mark.storage]

ROLES = ("lead", "member", "sponsor")
SCOPES = ("project", "department", "below", "reports", "oversees", "customer", "customer:below", "pool", "all")
"""Without own and team: what a part says of a member's own records is not the lender's to hold."""
SHARE = [{"type": "project", "actions": ["read", "edit", "share"], "scope": ["project"], "read": {"*": "read"}}]
STEPS = 10


def a_company(rng: random.Random) -> world.World:
    cache.clear()
    made = world.fresh()
    made.people["out"] = org.add_person(world.SETUP, "out", "Out", kind="contractor")
    grants.grant_lines(world.SETUP, [{"type": "organisation", "actions": ["read"], "scope": ["all"]}], "everyone")
    ceiling = {"type": "account", "actions": ["read"], "scope": ["project"], "read": {"*": "masked"}}
    grants.set_ceiling(world.SETUP, "c", name="c", type="account", kinds=["contractor"], lines=[ceiling])
    projects = [Project.objects.create(name=f"P{n}") for n in range(2)]
    for project in projects:
        Project.objects.filter(pk=project.pk).update(project_id=project.pk)
    for _ in range(6):
        kind, role = rng.choice(KINDS), rng.choice(ROLES)
        subject = rng.choice((role, f"{rng.choice(projects).pk}:{role}"))
        line = {
            "type": kind,
            "actions": ["read", rng.choice(("edit", "delete", "transfer"))],
            "scope": [rng.choice(("project", "project", rng.choice(SCOPES)))],
            "read": {"*": rng.choice(("read", "masked"))},
        }
        ends = clock.now() + timedelta(days=9) if rng.random() < 0.3 else None
        grants.grant_lines(world.SETUP, [line], Grant.PROJECT_ROLE, subject, ends=ends)
    for role in rng.sample(ROLES, 2):
        grants.grant_lines(world.SETUP, SHARE, Grant.PROJECT_ROLE, role)
    for name in rng.sample(list(made.people), 4):
        ends = clock.now() + timedelta(days=5) if rng.random() < 0.4 else None
        org.add_project_member(world.SETUP, rng.choice(projects).pk, made.people[name], rng.choice(ROLES), ends=ends)
    for kind in KINDS:
        for n in range(6):
            record = act.do(made.system, Action(kind, "create", values={"name": f"{kind} {n}"})).id
            sql.execute(
                f'UPDATE "{TYPES[kind].table}" SET owner_id=%s, department_id=%s, project_id=%s WHERE id=%s',
                [
                    rng.choice((None, *made.people.values())), rng.choice(list(made.departments.values())),
                    rng.choice((None, *(p.pk for p in projects))), record,
                ],
            )  # fmt: skip
    return made


def a_step(rng: random.Random, made: world.World) -> tuple[str, str, int, dict[str, Any]]:
    project, person = rng.choice(list(Project.objects.order_by("pk"))).pk, rng.choice(list(made.people.values()))
    body: dict[str, Any] = {"role": rng.choice(ROLES)}
    if rng.random() < 0.5:
        body["until"] = (clock.now() + timedelta(days=rng.choice((2, 4, 30)))).date().isoformat()
    at = f"/organisation/projects/{project}/members"
    if rng.random() < 0.6:
        return "POST", at, person, {**body, "person": str(person)}
    return "PATCH", f"{at}/{person}", person, body


@each_seed(4)
def test_nobody_gives_by_a_project_what_they_do_not_hold_by_it(seed: int) -> None:
    rng = random.Random(seed)
    with pytest.raises(Undo), transaction.atomic():
        made = a_company(rng)
        lenders = {
            n: signed_in(n) for n in made.people if ProjectMember.objects.filter(person_id=made.people[n]).exists()
        }
        done: list[Any] = []
        for _ in range(STEPS):
            name = rng.choice(list(lenders))
            method, path, target, body = a_step(rng, made)
            before, own = may(target), may(made.people[name])
            reply = lenders[name].send(method, path, body)
            assert reply.status < 500, (method, path, body, reply.body)
            done.append((name, method, path, body, reply.status))
            more = may(target) - before - own
            assert not more, f"{done}: {sorted(map(str, more))[:5]}"
            if reply.status == 200 and target != made.people[name]:
                mine = ProjectMember.objects.filter(person_id=made.people[name], project_id=path.split("/")[3])
                theirs = (
                    ProjectMember.objects.filter(person_id=target, project_id=path.split("/")[3])
                    .order_by("-pk")
                    .first()
                )
                last = mine.order_by("-pk").first()
                assert last is not None and theirs is not None
                assert last.ends is None or (theirs.ends is not None and theirs.ends <= last.ends), done
        raise Undo
