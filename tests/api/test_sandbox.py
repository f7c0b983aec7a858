"""A draft's sandbox: its testers use the whole product under it, nothing is written, and they sign it off or say what they miss."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from heli.api import openapi
from heli.audit import entries
from tests.api.client import Api, signed_in
from tests.world import MANAGER, REP, World

pytestmark = pytest.mark.storage

WRITES_THERE = {"audit_entry", "audit_value", "audit_head", "policy_tester", "policy_verdict"}


def role(name: str, lines: list[dict[str, Any]]) -> dict[str, Any]:
    return {"name": name, "lines": lines}


def drafted(boss: Api, world: World, lines: list[dict[str, Any]], *testers: str, of: str = "rep") -> str:
    """A draft that gives a role other lines, with these testers."""
    made = boss.post("/access/drafts", {"title": "Reps see amounts"})
    pk = made.body["id"]
    changed = boss.send("PUT", f"/access/drafts/{pk}/changes/role/{of}", {"after": role(of, lines)}, If_Match=made.etag)
    assert changed.status == 200, changed.body
    asked = boss.send("PUT", f"/access/drafts/{pk}/sandbox", {"testers": [str(world.people[one]) for one in testers]})
    assert asked.status == 200, asked.body
    return str(pk)


def wider() -> list[dict[str, Any]]:
    """Reps also read and edit the whole department's deals, amounts included."""
    return [*REP, {"type": "opportunity", "actions": ["read", "edit"], "scope": ["department"], "read": {"*": "read"}}]


def rows() -> dict[str, int]:
    """How many rows every table has."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT COUNT(*) FROM "{table}"')  # names of our own tables
            found[table] = cursor.fetchone()[0]
    return found


def test_a_tester_uses_the_product_under_the_draft_and_nothing_is_written(world: World) -> None:
    world.add("eva", "east", "rep")
    theirs = world.make("eva", "opportunity", name="Eva's deal", amount="500")
    own = world.make("ann", "opportunity", name="Ann's deal", amount="5")
    boss, ann = signed_in("boss"), signed_in("ann")
    now = ann.get(f"/records/opportunity/{theirs}").body
    assert (now["access"]["amount"], now["actions"]["edit"]) == ("masked", False)
    pk = drafted(boss, world, wider(), "ann")
    assert [one["title"] for one in ann.get("/workbench").body["sandboxes"]] == ["Reps see amounts"]
    entered = ann.post(f"/access/drafts/{pk}/sandbox/enter")
    assert (entered.status, entered.body["mode"]["kind"]) == (200, "sandbox")
    seen = ann.get(f"/records/opportunity/{theirs}").body
    assert seen["actions"]["edit"]
    assert seen["access"]["amount"] == "only_edit"  # the draft would open it; today Ann sees the mask only
    assert "amount" not in seen["values"]
    before = rows()
    etag = ann.get(f"/records/opportunity/{theirs}").etag
    tried = ann.patch(f"/records/opportunity/{theirs}", {"name": "Renamed"}, If_Match=etag)
    assert (tried.status, tried.code) == (409, "sandbox_done")
    gone = ann.delete(f"/records/opportunity/{theirs}", If_Match=etag)
    assert (gone.status, gone.code) == (409, "sandbox_refused")
    assert gone.body["why"]["code"] == "no_scope"
    assert ann.post("/records/opportunity", {"name": "New", "amount": "7"}).code == "sandbox_done"
    assert ann.post("/records/opportunity", {"amount": "x"}).status == 422
    many = ann.post("/records/opportunity/bulk", {"act": "delete", "items": [{"id": own}, {"id": theirs}]})
    assert (many.code, many.body["message"]["en"][:36]) == ("sandbox_done", "sandbox: 1 would be done and 1 refus")
    assert ann.get("/records/opportunity").body["items"][0]["name"] in {"Eva's deal", "Ann's deal"}
    after = rows()
    assert {t for t in after if after[t] != before.get(t)} <= WRITES_THERE
    assert ann.patch("/me/settings", {"theme": "dark"}).code == "closed_in_mode"
    assert ann.delete("/access/mode").body["mode"] is None
    assert ann.get(f"/records/opportunity/{theirs}").body["values"]["name"] == "Eva's deal"


def test_what_the_draft_takes_away_is_gone_in_its_sandbox(world: World) -> None:
    deal = world.make("ann", "account", name="Ann's customer")
    boss, mei = signed_in("boss"), signed_in("mei")
    pk = drafted(boss, world, MANAGER[:1], "mei", of="manager")
    mei.post(f"/access/drafts/{pk}/sandbox/enter")
    assert mei.get(f"/records/account/{deal}").status == 404
    assert "account" not in [one["code"] for one in mei.get("/meta").body["types"]]
    mei.delete("/access/mode")
    assert mei.get(f"/records/account/{deal}").status == 200


def test_what_a_draft_shows_tells_nothing_of_cells_that_the_tester_does_not_read(world: World) -> None:
    world.add("eva", "east", "rep")
    small = world.make("eva", "opportunity", name="A deal", amount="500")
    big = world.make("eva", "opportunity", name="A deal", amount="50000")
    boss, ann = signed_in("boss"), signed_in("ann")
    up_to = {"type": "opportunity", "actions": ["read", "edit"], "scope": ["department"], "read": {"*": "read"}}
    pk = drafted(boss, world, [*REP[:1], {**up_to, "where": [["amount", "<=", "1000"]]}], "ann")
    ann.post(f"/access/drafts/{pk}/sandbox/enter")
    found = [ann.get(f"/records/opportunity/{one}").body for one in (small, big)]
    assert [one["access"]["amount"] for one in found] == ["only_edit", "only_edit"]
    assert found[0]["actions"] == found[1]["actions"]
    assert ann.get("/records/opportunity/count").body["count"] == 2


def test_verdicts_belong_to_a_revision_and_go_stale_with_it(world: World) -> None:
    boss, ann, bob = signed_in("boss"), signed_in("ann"), signed_in("bob")
    pk = drafted(boss, world, wider(), "ann", "bob")
    at = f"/access/drafts/{pk}/sandbox"
    ann.post(f"{at}/enter")
    assert ann.post(f"{at}/report", {"text": "I miss the phone", "place": "/records/contact"}).status == 200
    assert bob.post(f"{at}/sign", {}).status == 200
    assert bob.post(f"{at}/report", {"text": "  "}).places == ["text"]
    told = {one["person"]["username"]: one for one in boss.get(at).body["testers"]}
    assert (told["ann"]["verdict"], told["ann"]["text"], told["ann"]["place"]) == (
        "misses",
        "I miss the phone",
        "/records/contact",
    )
    assert (told["bob"]["verdict"], told["bob"]["stale"], told["bob"]["department"]["zh"]) == ("signed", False, "east1")
    etag = boss.get(f"/access/drafts/{pk}").etag
    boss.send("PUT", f"/access/drafts/{pk}/changes/role/rep", {"after": role("rep", REP[:3])}, If_Match=etag)
    assert [one["stale"] for one in boss.get(at).body["testers"]] == [True, True]
    acts = [e.action for e in entries.query(object_type="draft", object_id=pk) if e.action.startswith("sandbox.")]
    assert sorted(acts) == ["sandbox.begin", "sandbox.misses", "sandbox.signed", "sandbox.testers"]


def test_who_is_not_asked_knows_of_no_draft_and_only_its_authors_ask(world: World) -> None:
    boss, ann, wei = signed_in("boss"), signed_in("ann"), signed_in("wei")
    pk = drafted(boss, world, wider(), "ann")
    at = f"/access/drafts/{pk}/sandbox"
    assert [wei.get(at).status, wei.post(f"{at}/enter").status, wei.post(f"{at}/sign", {}).status] == [404, 404, 404]
    assert [one["person"]["username"] for one in ann.get(at).body["testers"]] == ["ann"]
    assert ann.send("PUT", at, {"testers": []}).status == 403
    assert boss.send("PUT", at, {"testers": ["999999"]}).places == ["testers/0"]
    other = world.add("sec", "root", "management")
    assert other and signed_in("sec").send("PUT", at, {"testers": []}).code == "not_author"
    ann.post(f"{at}/enter")
    boss.send("PUT", at, {"testers": []})
    assert ann.get("/me").body["mode"] is None  # no longer asked: the sandbox ends with the next request
    assert ann.post(f"{at}/enter").status == 404


def test_every_change_in_a_sandbox_is_tried_or_refused_and_writes_nothing(world: World) -> None:
    own = world.make("ann", "opportunity", name="Ann's deal", amount="5")
    boss, ann = signed_in("boss"), signed_in("ann")
    pk = drafted(boss, world, wider(), "ann")
    ann.post(f"/access/drafts/{pk}/sandbox/enter")
    etag = ann.get(f"/records/opportunity/{own}").etag
    before = rows()
    wrong = []
    for full, methods in openapi.document()["paths"].items():
        path = full.removeprefix("/api/v1")
        for method, route in methods.items():
            says = route["operationId"] in {"endMode", "signOut", "signSandbox", "reportInSandbox"}
            if method == "get" or says or (path.startswith("/records/") and "/opportunity" not in path):
                continue
            real = path.replace("{id}", own if "/records/" in path else "1")
            for name in ("person", "deputy", "token", "file", "comment", "member", "kind", "key"):
                real = real.replace(f"{{{name}}}", "1")
            reply = ann.send(method.upper(), real, {"name": "x"}, If_Match=etag)
            if reply.status < 400 and not real.endswith("/bulk/offers"):
                wrong.append((method, path, reply.status, reply.body))
            if not path.startswith("/records/") and reply.body.get("code") != "closed_in_mode":
                wrong.append((method, path, reply.status, reply.body))
    assert not wrong, wrong[:5]
    after = rows()
    assert {t for t in after if after[t] != before.get(t)} <= WRITES_THERE
    assert apps.get_model("api", "Session").objects.filter(mode="sandbox").count() == 1
