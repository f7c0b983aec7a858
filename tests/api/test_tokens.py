"""Programs' tokens."""

from __future__ import annotations

import hashlib

import pytest

from heli.access import grants
from heli.api.models import Token
from heli.kernel import clock
from heli.org.verbs import leaving
from tests.api.client import Api, signed_in
from tests.world import SETUP, World

pytestmark = pytest.mark.storage


def make(world: World, who: str = "ann", role: str = "rep") -> tuple[Api, Api, str]:
    browser = signed_in(who)
    made = browser.post("/tokens", {"name": "nightly", "role": role, "days": 30})
    assert made.status == 201
    return browser, Api(made.body["token"]), made.body["id"]


def test_a_token_reads_as_its_person_and_needs_no_csrf(world: World) -> None:
    _, program, _ = make(world)
    assert program.get("/me").body["person"]["username"] == "ann"
    assert program.post("/records/account", {"name": "By a program"}).status == 201


def test_only_the_digest_is_kept_and_the_text_is_shown_once(world: World) -> None:
    browser, program, id_ = make(world)
    row = Token.objects.get(pk=id_)
    assert row.hash == hashlib.sha256(program.token.encode()).hexdigest()
    assert program.token not in str(browser.get("/tokens").body)
    assert browser.get(f"/tokens/{id_}").body["name"] == "nightly"


def test_a_token_gives_no_more_than_its_one_role(world: World) -> None:
    grants.save_role(SETUP, "extra", name="extra", lines=[{"type": "ticket", "actions": ["read"], "scope": ["all"]}])
    grants.grant_role(SETUP, "extra", "person", str(world.people["ann"]))
    browser, program, _ = make(world)
    assert browser.get("/records/ticket").status == 200
    assert program.get("/records/ticket").status == 404
    assert program.get("/records/opportunity").status == 200
    assert [role["code"] for role in program.get("/me").body["roles"]] == ["rep"]


def test_a_role_not_held_cannot_be_bound(world: World) -> None:
    reply = signed_in("ann").post("/tokens", {"name": "x", "role": "management", "days": 1})
    assert (reply.status, reply.places) == (422, ["role"])


def test_a_token_cannot_make_tokens(world: World) -> None:
    _, program, _ = make(world)
    assert program.post("/tokens", {"name": "x", "role": "rep", "days": 1}).code == "by_token"


def test_a_revoked_token_is_refused_at_once(world: World) -> None:
    browser, program, id_ = make(world)
    assert browser.delete(f"/tokens/{id_}").status == 204
    reply = program.get("/me")
    assert (reply.status, reply.code) == (401, "bad_token")
    assert reply.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_expires_and_remembers_its_last_day(world: World) -> None:
    browser, program, id_ = make(world)
    assert program.get("/me").status == 200
    assert browser.get(f"/tokens/{id_}").body["last_used_on"] == clock.now().date().isoformat()
    with clock.later(days=31):
        assert program.get("/me").status == 401


def test_leaving_and_losing_the_role_end_a_token(world: World) -> None:
    _, program, _ = make(world)
    _, other, _ = make(world, "bob")
    leaving.leave(SETUP, world.people["ann"])
    assert program.get("/me").status == 401
    from heli.access.models import Grant

    grants.revoke(SETUP, Grant.objects.get(role__code="rep").pk)
    assert other.get("/records/opportunity").status == 404


@pytest.mark.parametrize(
    "header", ["Basic YTpi", "Bearer", "Bearer heli_x", "Bearer " + "a" * 500, "bearer heli_" + "A" * 43]
)
def test_nonsense_in_the_header_is_refused(world: World, header: str) -> None:
    assert Api().get("/me", Authorization=header).status == 401


def test_somebody_elses_token_does_not_exist(world: World) -> None:
    _, _, id_ = make(world)
    bob = signed_in("bob")
    assert bob.get(f"/tokens/{id_}").status == 404
    assert bob.delete(f"/tokens/{id_}").status == 404
