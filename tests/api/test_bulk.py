"""One act on many records over HTTP: each is decided alone, and one that fails stops no other."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from heli.api.models import KeyedAnswer
from heli.audit import entries
from heli.kernel.ids import uuid7
from tests.api.client import Api, Reply, signed_in
from tests.world import World

pytestmark = pytest.mark.storage
AT = "/records/opportunity/bulk"


def bulk(api: Api, act: str, ids: list[str], at: str = AT, /, **values: Any) -> Reply:
    return api.post(at, {"act": act, "values": values, "items": [{"id": one} for one in ids]})


def statuses(reply: Reply) -> list[int]:
    assert reply.status == 200, reply.body
    return [one["status"] for one in reply.body["items"]]


def name(api: Api, record: str) -> str:
    return str(api.get(f"/records/opportunity/{record}").body["values"]["name"])


def test_each_record_is_decided_alone_and_each_refusal_says_why(world: World) -> None:
    ann, wei = signed_in("ann"), signed_in("wei")
    mine = [world.make("ann", "opportunity", name=f"D{n}", amount="5") for n in range(3)]
    world.add("eva", "east", "rep")
    colleagues = world.make("eva", "opportunity", name="Eva's")
    elsewhere = world.make("wei", "opportunity", name="Wei's")
    absent = uuid7()
    reply = bulk(ann, "edit", [mine[0], colleagues, mine[1], elsewhere, absent, mine[2]], name="Renamed")
    assert statuses(reply) == [200, 403, 200, 404, 404, 200]
    assert (reply.body["done"], reply.body["refused"]) == (3, 3)
    items = reply.body["items"]
    assert [one["place"] for one in items] == [f"items/{n}" for n in range(6)]
    assert items[1]["problem"]["code"] == "no_scope"
    assert items[1]["problem"]["why"] == {**items[1]["problem"]["why"], "action": "edit", "id": colleagues}
    assert items[3]["problem"] == items[4]["problem"], "unseen answers as absent"
    assert {name(ann, one) for one in mine} == {"Renamed"}
    assert name(wei, elsewhere) == "Wei's"


def test_every_item_has_its_entry_and_its_refusal_too(world: World) -> None:
    ann = signed_in("ann")
    mine = [world.make("ann", "opportunity", name=f"D{n}") for n in range(2)]
    world.add("eva", "east", "rep")
    hers = world.make("eva", "opportunity", name="Eva's")
    bulk(ann, "delete", [*mine, hers])
    for one in mine:
        last = entries.query(object_id=one)[0]
        assert (last.action, last.outcome, last.actor_name) == ("opportunity.delete", "done", "Ann")
        assert last.via.startswith("rep v1")
    last = entries.query(object_id=hers, outcome="refused")[0]
    assert (last.action, last.actor_name) == ("opportunity.delete", "Ann")


def test_what_is_deleted_together_is_restored_together(world: World) -> None:
    ann = signed_in("ann")
    mine = [world.make("ann", "opportunity", name=f"D{n}") for n in range(3)]
    assert statuses(bulk(ann, "restore", mine)) == [422] * 3
    assert statuses(bulk(ann, "delete", mine)) == [200] * 3
    assert ann.get("/records/opportunity/count").body["count"] == 0
    assert statuses(bulk(ann, "delete", mine)) == [404] * 3
    assert statuses(bulk(ann, "restore", mine)) == [200] * 3
    assert ann.get("/records/opportunity/count").body["count"] == 3


def test_verbs_of_the_type_are_done_to_many(world: World) -> None:
    ann, mei = signed_in("ann"), signed_in("mei")
    mine = [world.make("ann", "opportunity", name=f"D{n}") for n in range(2)]
    reply = bulk(mei, "transfer", mine, owner=str(world.people["bob"]), reason="new territory")
    assert statuses(reply) == [200, 200]
    assert ann.get(f"/records/opportunity/{mine[0]}").status == 404, "handed over, and out of sight"
    accounts = [world.make("ann", "account", name=f"A{n}") for n in range(2)]
    assert statuses(bulk(ann, "return", accounts, "/records/account/bulk", reason="no time")) == [200, 200]
    assert statuses(bulk(ann, "claim", accounts, "/records/account/bulk")) == [200, 200]
    reply = bulk(ann, "claim", accounts, "/records/account/bulk")
    assert [one["problem"]["code"] for one in reply.body["items"]] == ["no_scope"] * 2


def test_an_item_may_say_what_it_was_when_it_was_read(world: World) -> None:
    ann = signed_in("ann")
    first, second = (world.make("ann", "opportunity", name=f"D{n}") for n in range(2))
    tags = {one: ann.get(f"/records/opportunity/{one}").body["etag"] for one in (first, second)}
    world.do("ann", "opportunity", "edit", second, name="Meanwhile")
    items = [{"id": one, "etag": tag} for one, tag in tags.items()]
    reply = ann.post(AT, {"act": "edit", "values": {"name": "Mine"}, "items": items})
    assert statuses(reply) == [200, 412]
    assert (name(ann, first), name(ann, second)) == ("Mine", "Meanwhile")


def test_a_taken_value_is_refused_where_it_is_taken_and_undoes_nothing_else(world: World) -> None:
    ann = signed_in("ann")
    first, second = (world.make("ann", "account", name=f"A{n}") for n in range(2))
    reply = bulk(ann, "edit", [first, second], "/records/account/bulk", name="The same")
    assert sorted(statuses(reply)) == [200, 409]
    assert [one["problem"]["problems"][0]["place"] for one in reply.body["items"] if one["status"] == 409] == ["name"]
    said = {e.object_id for e in entries.query(actions=["account.edit"], outcome="done")}
    assert said == {one["id"] for one in reply.body["items"] if one["status"] == 200}
    probed = {e.object_id for e in entries.query(actions=["account.edit"], outcome="refused")}
    assert probed == {first, second} - said


def test_trying_changes_nothing_and_says_the_same(world: World) -> None:
    ann = signed_in("ann")
    mine = world.make("ann", "opportunity", name="D")
    world.add("eva", "east", "rep")
    hers = world.make("eva", "opportunity", name="Eva's")
    written = len(entries.query(limit=500))
    tried = ann.post(
        f"{AT}?dry_run=true", {"act": "edit", "values": {"name": "N"}, "items": [{"id": mine}, {"id": hers}]}
    )
    assert statuses(tried) == [200, 403]
    assert name(ann, mine) == "D"
    assert len(entries.query(limit=500)) == written
    assert bulk(ann, "edit", [mine, hers], name="N").body == tried.body


def test_sent_twice_it_is_done_once(world: World) -> None:
    ann = signed_in("ann")
    mine = world.make("ann", "opportunity", name="D")
    body = {"act": "delete", "items": [{"id": mine}]}
    first = ann.post(AT, body, **{"Idempotency-Key": "k"})
    again = ann.post(AT, body, **{"Idempotency-Key": "k"})
    assert statuses(first) == statuses(again) == [200]
    assert KeyedAnswer.objects.count() == 1
    assert len(entries.query(object_id=mine, actions=["opportunity.delete"])) == 1
    assert ann.post(AT, {**body, "act": "restore"}, **{"Idempotency-Key": "k"}).code == "key_reused"


def test_what_is_wrong_for_every_record_is_refused_at_its_place(world: World) -> None:
    ann = signed_in("ann")
    one = {"id": world.make("ann", "opportunity", name="D")}
    for body, places in (
        ({"act": "edit", "values": {"name": "x"}, "items": [{"id": uuid7()} for _ in range(1001)]}, ["items"]),
        ({"act": "edit", "values": {"name": "x"}, "items": []}, ["items"]),
        ({"act": "edit", "values": {"name": "x"}, "items": [one, one]}, ["items/1/id"]),
        ({"act": "edit", "values": {"name": "x"}, "items": [one, {"id": "../x"}]}, ["items/1/id"]),
        ({"act": "edit", "values": {"name": "x"}, "items": [{"id": 7}]}, ["items/0/id"]),
        ({"act": "edit", "values": {"name": "x"}, "items": [{**one, "etag": 'a"b'}]}, ["items/0/etag"]),
        ({"act": "edit", "values": {"name": "x"}, "items": [one["id"]]}, ["items/0"]),
        ({"act": "edit", "values": {"name": "x"}, "items": {"id": one["id"]}}, ["items"]),
        ({"act": "edit", "values": {"name": "x"}}, ["items"]),
        ({"act": "edit", "values": {}, "items": [one]}, ["values"]),
        ({"act": "edit", "values": ["name"], "items": [one]}, ["values"]),
        ({"act": "edit", "values": {"nosuch": 1}, "items": [one]}, ["values/nosuch"]),
        ({"act": "edit", "values": {"amount": "a lot"}, "items": [one]}, ["values/amount"]),
        ({"act": "edit", "values": {"owner": "1", "stage": "won"}, "items": [one]}, ["values/owner", "values/stage"]),
        ({"act": "delete", "values": {"name": "x"}, "items": [one]}, ["values/name"]),
        ({"act": "transfer", "values": {}, "items": [one]}, ["values/owner"]),
        ({"act": "transfer", "values": {"owner": "1", "to": 2}, "items": [one]}, ["values/to"]),
        ({"act": "reveal", "values": {"field": "name"}, "items": [one]}, ["act"]),
        ({"act": "create", "values": {"name": "x"}, "items": [one]}, ["act"]),
        ({"act": "edit", "values": {"name": "x"}, "items": [one], "also": 1}, ["also"]),
    ):
        reply = ann.post(AT, body)
        assert (reply.status, reply.places) == (422, places), (body, reply.body)
    assert name(ann, one["id"]) == "D"


def test_a_body_of_ten_megabytes_or_no_json_is_refused(world: World) -> None:
    ann = signed_in("ann")
    reply = ann.send("POST", AT, raw=b'{"act":"edit","items":"' + b"x" * 10_000_000 + b'"}')
    assert (reply.status, reply.places) == (413, ["body"])
    assert ann.send("POST", AT, raw=b"[" * 4000).status == 400
    assert ann.send("POST", AT, raw=b"{}", media="text/plain").status == 415


def test_ids_of_another_type_are_ids_of_nothing(world: World) -> None:
    ann = signed_in("ann")
    account, absent = world.make("ann", "account", name="A"), uuid7()
    for act, values in (("edit", {"name": "x"}), ("delete", {}), ("restore", {})):
        reply = bulk(ann, act, [account, absent], **values)
        assert statuses(reply) == [404, 404]
        first, second = reply.body["items"]
        assert first["problem"] == second["problem"]
    assert ann.get(f"/records/account/{account}").body["title"] == "A"


def test_a_type_that_one_never_sees_is_not_there(world: World) -> None:
    sue = signed_in("sue")
    body = {"act": "delete", "items": [{"id": uuid7()}]}
    assert sue.post(AT, body).status == 404
    assert sue.post(f"{AT}/offers", {"items": [uuid7()]}).status == 404


def test_offered_is_what_can_be_done_with_at_least_one(world: World) -> None:
    ann = signed_in("ann")
    mine = [world.make("ann", "opportunity", name=f"D{n}") for n in range(2)]
    world.add("eva", "east", "rep")
    hers, unseen = world.make("eva", "opportunity", name="Eva's"), world.make("wei", "opportunity", name="Wei's")
    found = ann.post(f"{AT}/offers", {"items": [*mine, hers, unseen, uuid7()]})
    acts = {one["act"]: one["may"] for one in found.body["acts"]}
    assert acts["edit"] == acts["delete"] == acts["transfer"] == 2
    assert "assign" not in acts, "they have an owner"
    assert {one["field"] for one in found.body["fields"]} >= {"name", "amount"}
    assert "stage" not in {one["field"] for one in found.body["fields"]}
    only_hers = ann.post(f"{AT}/offers", {"items": [hers, unseen]})
    assert only_hers.body == {"acts": [], "fields": []}


def test_a_thousand_records_take_seconds(world: World) -> None:
    mei = signed_in("mei")
    made = [world.make("ann", "opportunity", name=f"D{n}", amount="5") for n in range(1000)]
    began = time.monotonic()
    assert set(statuses(bulk(mei, "edit", made, name="Renamed", amount="7"))) == {200}
    edited = time.monotonic() - began
    assert len(json.dumps(mei.post(f"{AT}/offers", {"items": made}).body)) < 4000
    assert len(entries.query(actions=["opportunity.edit"], limit=1000)) == 1000
    offered = time.monotonic() - began - edited
    assert edited < 15, f"{edited:.1f} s; about 1.5 on a quiet machine"
    assert offered < 8, f"{offered:.1f} s"
