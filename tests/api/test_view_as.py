"""Looking as somebody else: loud, read-only, audited, and values only where both may see them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from heli.access import grants
from heli.api import openapi
from heli.api.models import Session
from heli.audit import entries
from heli.kernel import clock
from tests.api.client import Api, signed_in
from tests.world import SETUP, World

pytestmark = pytest.mark.storage

READS_RULES = {"type": "policy", "actions": ["read"], "scope": ["all"]}


def auditor(world: World, *lines: dict[str, object]) -> Api:
    """Somebody who reads the rules, and what these lines give."""
    world.add("aud", "finance", None)
    grants.grant_lines(SETUP, [READS_RULES, *lines], "person", str(world.people["aud"]))
    return signed_in("aud")


def look(api: Api, world: World, who: str, reason: str = "Ann cannot find her deal") -> None:
    reply = api.post("/access/view-as", {"person": str(world.people[who]), "reason": reason})
    assert reply.status == 200, reply.body


def test_an_auditor_sees_the_product_as_ann_and_values_only_where_both_may(world: World) -> None:
    big = world.make("ann", "opportunity", name="Big deal", amount="5000")
    small = world.make("ann", "opportunity", name="Small deal", amount="5")
    lines = {
        "type": "opportunity",
        "actions": ["read"],
        "scope": ["all"],
        "where": [["amount", ">=", "1000"]],
        "read": {"*": "hidden", "name": "read"},
    }
    api = auditor(world, lines)
    assert {row["name"] for row in api.get("/records/opportunity").body["items"]} == {"Big deal"}
    look(api, world, "ann")
    ann = signed_in("ann")
    me = api.get("/me").body
    assert me["person"]["name"] == "Ann"
    assert me["mode"]["by"]["name"] == "Aud"
    assert 0 < me["mode"]["seconds"] <= 1800
    assert me["pages"] == ann.get("/me").body["pages"]
    assert api.get("/meta").body == ann.get("/meta").body  # menus, columns and acts are Ann's
    page = api.get("/records/opportunity").body
    assert [row["id"] for row in page["items"]] == [big]
    row = page["items"][0]
    levels = page["access"][row["_a"]]
    assert row["name"] == "Big deal"
    assert "amount" not in row
    assert levels["amount"] == "only_edit"  # Ann may edit it; the auditor may not even read it
    one = api.get(f"/records/opportunity/{big}").body
    assert "amount" not in one["values"]
    assert one["access"]["amount"] == "only_edit"
    assert one["actions"]["edit"]
    assert (
        api.get(f"/records/opportunity/{small}").status == 404
    )  # not for the auditor: whether it is there is not told
    assert api.get("/records/opportunity/count").body["count"] == 1
    history = api.get(f"/records/opportunity/{big}/history").body
    assert "5000" not in str(history)


def test_what_only_the_auditor_may_see_stays_hidden_too(world: World) -> None:
    theirs = world.make("wei", "opportunity", name="Western deal", amount="7000")
    world.make("ann", "opportunity", name="Ann's", amount="8000")
    api = auditor(world, {"type": "opportunity", "actions": ["read"], "scope": ["all"], "read": {"*": "read"}})
    assert len(api.get("/records/opportunity").body["items"]) == 2
    look(api, world, "bob")
    assert api.get("/records/opportunity").body["items"] == []
    assert api.get(f"/records/opportunity/{theirs}").status == 404
    look_away = api.delete("/access/mode")
    assert look_away.body["person"]["name"] == "Aud"
    assert look_away.body["mode"] is None
    assert len(api.get("/records/opportunity").body["items"]) == 2


def test_it_is_read_only_and_the_only_ways_out_are_ending_it_and_signing_out(world: World) -> None:
    api = auditor(world)
    look(api, world, "ann")
    refused = api.post("/records/opportunity", {"name": "Made by nobody"})
    assert (refused.status, refused.code) == (403, "read_only_mode")
    assert "Ann" in refused.body["message"]["en"]
    assert api.post("/access/view-as", {"person": str(world.people["bob"]), "reason": "x"}).status == 403
    for private in ("/me/sessions", "/me/sign-ins", "/tokens", "/me/deputies"):
        assert api.get(private).code == "closed_in_mode", private
    assert api.delete("/session").status == 204
    assert api.get("/me").status == 401
    last = entries.query(object_type="person", actions=("view_as.end", "signout"))
    assert [(e.action, e.actor_name, e.object_id) for e in last] == [
        ("signout", "Aud", str(world.people["aud"])), ("view_as.end", "Aud", str(world.people["ann"])),
    ]  # fmt: skip


def test_begin_and_end_are_audited_and_ann_can_see_who_looked_and_why(world: World) -> None:
    api = auditor(world)
    look(api, world, "ann", "ticket 4711")
    api.delete("/access/mode")
    api.delete("/access/mode")  # ending twice is ending once
    told = [
        (e.action, e.actor_name, e.object_id, e.reason)
        for e in entries.query(object_type="person", actions=("view_as.begin", "view_as.end"))
    ]
    ann = str(world.people["ann"])
    assert told == [("view_as.end", "Aud", ann, ""), ("view_as.begin", "Aud", ann, "ticket 4711")]
    seen = signed_in("ann").get("/me/sign-ins").body["items"]
    begun = next(one for one in seen if one["action"] == "view_as.begin")
    assert (begun["by"], begun["reason"]) == ("Aud", "ticket 4711")


def test_it_ends_by_itself_and_with_the_right_to_it(world: World) -> None:
    api = auditor(world)
    look(api, world, "ann")
    Session.objects.exclude(mode="").update(mode_until=clock.now() - timedelta(seconds=1))
    assert api.get("/me").body["person"]["name"] == "Aud"
    ended = entries.query(object_type="person", actions=("view_as.end",))
    assert [e.reason for e in ended] == ["it ended by itself"]
    look(api, world, "ann")
    from heli.access.models import Grant

    grant = Grant.objects.get(subject_kind="person", subject_id=str(world.people["aud"]))
    grants.revoke(SETUP, grant.pk)
    assert api.get("/me").body["person"]["name"] == "Aud"


def test_who_may_not_and_whom_one_cannot(world: World) -> None:
    rep = signed_in("bob")
    ann = {"person": str(world.people["ann"]), "reason": "curious"}
    assert rep.post("/access/view-as", ann).code == "no_line"
    api = auditor(world)
    assert api.post("/access/view-as", {**ann, "reason": " "}).places == ["reason"]
    assert api.post("/access/view-as", {**ann, "person": str(world.people["aud"])}).places == ["person"]
    assert api.post("/access/view-as", {**ann, "person": "999999"}).places == ["person"]
    assert api.post("/access/view-as", {**ann, "more": 1}).status == 422


def test_every_change_is_refused_and_every_other_route_is_open_or_closed_by_name(world: World) -> None:
    api = auditor(world)
    look(api, world, "ann")
    wrong = []
    for full, methods in openapi.document()["paths"].items():
        path = full.removeprefix("/api/v1")
        for method, route in methods.items():
            ways_out = route["operationId"] in ("endMode", "signOut") or path.endswith("/bulk/offers")
            others = path.startswith("/records/") and not path.startswith("/records/opportunity")
            if method == "get" or ways_out or others:
                continue
            real = path.replace("{id}", "1")
            for name in ("person", "deputy", "token", "file", "comment", "member", "kind", "key"):
                real = real.replace(f"{{{name}}}", "1")
            reply = api.send(method.upper(), real, {})
            if (reply.status, reply.body.get("code")) != (403, "read_only_mode"):
                wrong.append((method, path, reply.status, reply.body))
    assert not wrong, wrong[:5]
