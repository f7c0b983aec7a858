"""Signing in and out, and what ends a session."""

from __future__ import annotations

import time

import pytest

from heli.access import grants
from heli.audit import entries
from heli.org.models import Person
from heli.org.verbs import leaving
from tests.api.client import PASSWORD, Api, set_password, signed_in
from tests.world import SETUP, World

pytestmark = pytest.mark.storage


def actions(*names: str) -> list[str]:
    return [e.action for e in entries.query(actions=names, limit=50)]


def test_ann_signs_in_works_and_signs_out(world: World) -> None:
    set_password("ann")
    api = Api()
    assert api.get("/me").status == 401
    reply = api.post("/session", {"username": "Ann", "password": PASSWORD})
    assert reply.status == 200
    assert reply.body["person"]["username"] == "ann"
    assert reply.headers["Cache-Control"] == "private, no-store"
    assert api.get("/me").body == reply.body
    assert api.delete("/session").status == 204
    assert api.get("/me").status == 401
    assert actions("signin.ok", "signout") == ["signout", "signin.ok"]


def test_an_e_mail_address_signs_in_too(world: World) -> None:
    set_password("ann")
    Person.objects.filter(username="ann").update(email="ann@example.com")
    assert Api().post("/session", {"username": "ANN@example.com", "password": PASSWORD}).status == 200


def test_a_wrong_password_and_an_unknown_name_are_one_answer(world: World) -> None:
    set_password("ann")
    wrong = Api().post("/session", {"username": "ann", "password": "no"})
    unknown = Api().post("/session", {"username": "nobody", "password": "no"})
    assert wrong.status == unknown.status == 401
    assert wrong.body == unknown.body
    failed = entries.query(actions=["signin.failed"])
    assert [(e.outcome, e.object_id) for e in failed] == [("failed", ""), ("failed", str(world.people["ann"]))]
    assert all("nobody" not in str(e) for e in failed)  # people type passwords there


def test_both_take_as_long(world: World, settings) -> None:  # type: ignore[no-untyped-def]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    settings.ACCOUNT_RATE_LIMITS = {}
    set_password("ann")
    assert Person.objects.get(username="ann").password.startswith("argon2")

    def best(name: str) -> float:
        took = []
        for _ in range(3):
            started = time.perf_counter()
            assert Api().post("/session", {"username": name, "password": "wrong"}).status == 401
            took.append(time.perf_counter() - started)
        return min(took)

    known, unknown = best("ann"), best("nobody")
    assert 0.5 < known / unknown < 2


def test_an_account_is_throttled_and_others_are_not(world: World) -> None:
    set_password("ann")
    set_password("bob")
    for _ in range(5):
        assert Api().post("/session", {"username": "ann", "password": "no"}).status == 401
    shut = Api().post("/session", {"username": "ann", "password": PASSWORD})
    assert shut.status == 429
    assert int(shut.headers["Retry-After"]) > 0
    assert Api().post("/session", {"username": "bob", "password": PASSWORD}).status == 200


def test_an_address_is_throttled_over_all_accounts(world: World) -> None:
    statuses = [Api().post("/session", {"username": f"guess{n}", "password": "no"}).status for n in range(22)]
    assert statuses[:20] == [401] * 20
    assert statuses[-1] == 429


def test_the_session_key_changes_on_signing_in(world: World) -> None:
    api = signed_in("ann")
    before = api.cookie()
    assert api.post("/session", {"username": "ann", "password": PASSWORD}).status == 200
    assert api.cookie() not in {None, before}


def test_a_change_needs_the_csrf_token(world: World) -> None:
    api = signed_in("ann")
    refused = api.post("/records/account", {"name": "A"}, **{"X-CSRFToken": "wrong"})
    assert (refused.status, refused.code) == (403, "csrf")
    assert api.post("/records/account", {"name": "A"}).status == 201


def test_another_site_cannot_sign_anyone_in(world: World) -> None:
    set_password("ann")
    reply = Api().post("/session", {"username": "ann", "password": PASSWORD}, Origin="https://evil.example")
    assert (reply.status, reply.code) == (403, "csrf")
    form = Api().send("POST", "/session", raw=b"username=ann&password=x", media="application/x-www-form-urlencoded")
    assert form.status == 415


def test_who_leaves_is_nobody_on_the_very_next_request(world: World) -> None:
    api = signed_in("ann")
    assert api.get("/me").status == 200
    leaving.leave(SETUP, world.people["ann"])
    assert api.get("/me").status == 401
    assert Api().post("/session", {"username": "ann", "password": PASSWORD}).status == 401


def test_a_status_alone_shuts_the_door(world: World) -> None:
    api = signed_in("ann")
    Person.objects.filter(username="ann").update(status=Person.LEFT)  # behind the verb's back
    assert api.get("/me").status == 401


def test_a_new_password_ends_the_old_sessions(world: World) -> None:
    api = signed_in("ann")
    set_password("ann", "another good password")
    assert api.get("/me").status == 401


def test_a_revoked_grant_is_refused_on_the_very_next_request(world: World) -> None:
    given = grants.grant_lines(
        SETUP, [{"type": "ticket", "actions": ["read"], "scope": ["all"]}], "person", str(world.people["ann"])
    )
    api = signed_in("ann")
    assert api.get("/records/ticket").status == 200
    grants.revoke(SETUP, given.pk)
    assert api.get("/records/ticket").status == 404
