"""Property 3 for the policy: no sequence of drafts, approvals, publications and undoings leaves anybody who had a hand in
one with more than they held; what is published is whole; and undoing goes back to what was.
"""

from __future__ import annotations

import random
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from tests import world
from tests.api.client import Api, Reply, signed_in
from tests.invariants.examples import Undo, each_seed
from tests.world import SETUP

from heli.access import grants
from heli.access import view as views
from heli.access.models import Ceiling, Grant, Role
from heli.access.wider import wider
from heli.org.models import Department
from heli.policy import file, state
from heli.policy.names import Names

pytestmark = [pytest.mark.django_db, pytest.mark.storage]

OFFICE = ("sec", "sid", "mia")
POLICY = {"type": "policy", "actions": ["read", "administer", "grant"], "scope": ["all"]}
LINES: list[dict[str, Any]] = [
    {"type": "account", "actions": ["read"], "scope": ["all"]},
    {"type": "account", "actions": ["read", "edit"], "scope": ["below"], "read": {"*": "read"}},
    {"type": "opportunity", "actions": ["read"], "scope": ["own", "team"], "read": {"amount": "masked"}},
    {"type": "contract", "actions": ["approve"], "scope": ["department"], "limit": "1000"},
    {"type": "organisation", "actions": ["read", "administer"], "scope": ["all"]},
    POLICY,
]
STEPS = 7


def rules() -> str:
    """All that the policy says, without the moments at which grants began."""
    things = state.policy(Names.load())
    return file.dump({key: {k: v for k, v in body.items() if k != "starts"} for key, body in things.items()})


class Office:
    """Three security administrators, of whom one also sells, working on drafts at random."""

    def __init__(self, rng: random.Random) -> None:
        cache.clear()
        self.rng = rng
        self.company = world.fresh()
        for name, job in zip(OFFICE, (None, None, "rep"), strict=True):
            self.company.add(name, "east", job)
            grants.grant_lines(SETUP, [POLICY], "person", str(self.company.people[name]))
        self.at: dict[str, Api] = {name: signed_in(name) for name in OFFICE}

    def views(self) -> dict[str, views.View]:
        return {name: views.of(self.company.people[name]) for name in OFFICE}

    def change(self) -> tuple[str, str, Any]:
        rng, people = self.rng, list(self.company.people)
        match rng.randrange(6):
            case 0:
                role = rng.choice(list(Role.objects.filter(closed_at=None)))
                lines = rng.sample(role.lines, rng.randint(0, len(role.lines))) + rng.sample(LINES, rng.randint(0, 2))
                return "role", role.code, {"name": rng.choice([role.name, "renamed"]), "lines": lines}
            case 1:
                subject = rng.choice(
                    [f"person:{rng.choice(people)}", f"position:{rng.choice(list(self.company.positions))}", "everyone"]
                )
                return "grant", f"new-{rng.randrange(9)}", {"lines": rng.sample(LINES, 1), "subject": subject}
            case 2:
                grant = rng.choice(list(Grant.objects.filter(revoked_at=None)))
                return "grant", str(grant.pk), None
            case 3:
                names = [c.code for c in Ceiling.objects.all()]
                if names and rng.random() < 0.5:
                    return "ceiling", rng.choice(names), None
                bound = {"name": "bound", "type": "account", "actions": ["read"], "lines": rng.sample(LINES[:2], 1)}
                return "ceiling", f"c{rng.randrange(3)}", bound
            case 4:
                codes = list(Department.objects.values_list("code", flat=True))
                leaders = [None, *people]
                return (
                    "department", rng.choice(codes),
                    {"parent": rng.choice(codes), "head": rng.choice(leaders), "overseer": rng.choice(leaders)},
                )  # fmt: skip
            case _:
                codes = list(Department.objects.values_list("code", flat=True))
                return "post", rng.choice(people), {
                    "department": rng.choice(codes), "position": rng.choice(list(self.company.positions)),
                }  # fmt: skip

    def send(self, who: str, method: str, path: str, body: Any, etag: str) -> Reply:
        reply = self.at[who].send(method, path, body, If_Match=etag)
        assert reply.status in (200, 201, 403, 404, 409, 412, 422), (path, reply.body)
        return reply

    def draft(self) -> tuple[Reply | None, set[str]]:
        """One draft through all steps with random hands; the answer to its publication, and who had a hand in it."""
        rng = self.rng
        author, second, publisher = (rng.choice(OFFICE) for _ in range(3))
        made = self.at[author].post("/access/drafts", {"title": "random"})
        path = f"/access/drafts/{made.body['id']}" if made.status == 201 else "/access/drafts/1"
        etag = made.headers.get("ETag", '"r1"')
        for _ in range(rng.randint(1, 3)):
            kind, key, after = self.change()
            reply = self.send(author, "PUT", f"{path}/changes/{kind}/{key}", {"after": after}, etag)
            etag = reply.headers.get("ETag", etag)
        self.send(author, "POST", f"{path}/submit", {}, etag)
        approved = self.send(second, "POST", f"{path}/approve", {}, etag)
        published = self.send(publisher, "POST", f"{path}/publish", {}, etag)
        if published.status != 200:
            return None, set()
        assert approved.status == 200
        assert second != author
        return published, {author, second, publisher}


@each_seed(3)
def test_nobody_gains_by_drafts_and_undoing_goes_back(seed: int) -> None:
    try:
        with transaction.atomic():
            office = Office(random.Random(seed))
            published = 0
            for _ in range(STEPS):
                before, held = rules(), office.views()
                reply, hands = office.draft()
                now = office.views()
                if reply is None:
                    assert rules() == before, f"seed {seed}: a refused draft left something behind"
                    continue
                published += 1
                for name in hands:
                    assert not wider(held[name], now[name]), f"seed {seed}: {name} had a hand in it and gained"
                only_rules = all(one["kind"] in ("role", "grant", "ceiling") for one in reply.body["changes"])
                who = office.rng.choice(OFFICE)
                undone = office.at[who].post(f"/access/versions/{reply.body['version']}/undo", {})
                assert undone.status in (201, 403, 409, 422), undone.body
                if undone.status == 201 and only_rules:
                    assert rules() == before, f"seed {seed}: undoing did not go back"
                if undone.status == 201:
                    assert not wider(now[who], office.views()[who]), f"seed {seed}: {who} gained by undoing"
            raise Undo
    except Undo:
        pass
    finally:
        views.CACHE.clear()
