"""Records over HTTP: what one sees, writes, and is refused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from heli.audit import entries
from heli.kernel import clock
from heli.kernel.ids import uuid7
from heli.records import sql
from tests.api.client import Api, signed_in
from tests.world import World

pytestmark = pytest.mark.storage


def deal(api: Api, name: str = "Deal", **more: str) -> tuple[str, str]:
    made = api.post("/records/opportunity", {"name": name, "amount": "1000.00", **more})
    assert made.status == 201, made.body
    assert made.headers["Location"] == f"/api/v1/records/opportunity/{made.body['id']}"
    return made.body["id"], made.etag


def test_a_record_is_made_read_changed_deleted_and_restored(world: World) -> None:
    ann = signed_in("ann")
    id_, etag = deal(ann)
    at = f"/records/opportunity/{id_}"
    read = ann.get(at)
    assert read.etag == etag == f'"{read.body["etag"]}"'
    assert read.body["title"] == "Deal"
    assert read.body["access"]["name"] == "edit"
    assert read.body["access"]["stage"] == "read"
    assert read.body["actions"]["delete"] is True
    changed = ann.patch(at, {"name": "Bigger deal"}, **{"If-Match": etag})
    assert changed.status == 200
    assert changed.body["values"]["name"] == "Bigger deal"
    assert changed.etag != etag
    assert ann.delete(at, **{"If-Match": changed.etag}).status == 204
    assert ann.get(at).status == 404
    restored = ann.post(f"{at}/restore")
    assert restored.status == 200
    assert [e.action.rpartition(".")[2] for e in entries.query(object_id=id_)] == [
        "restore",
        "delete",
        "edit",
        "create",
    ]
    assert {e.actor_name for e in entries.query(object_id=id_)} == {"Ann"}


def test_a_change_needs_the_etag_it_was_read_with(world: World) -> None:
    ann = signed_in("ann")
    id_, etag = deal(ann)
    at = f"/records/opportunity/{id_}"
    assert ann.patch(at, {"name": "x"}).status == 428
    assert ann.patch(at, {"name": "x"}, **{"If-Match": "*"}).status == 428
    assert ann.patch(at, {"name": "x"}, **{"If-Match": f"W/{etag}"}).status == 428
    assert ann.patch(at, {"name": "first"}, **{"If-Match": etag}).status == 200
    late = ann.patch(at, {"name": "second"}, **{"If-Match": etag})
    assert (late.status, late.code) == (412, "stale")
    assert ann.get(at).body["values"]["name"] == "first"


def test_what_is_not_mine_to_see_answers_as_what_is_not_there(world: World) -> None:
    wei, ann = signed_in("wei"), signed_in("ann")
    id_, etag = deal(wei)
    hidden, absent = (ann.get(f"/records/opportunity/{one}") for one in (id_, uuid7()))
    assert hidden.status == absent.status == 404
    assert hidden.body == absent.body
    for method, path in (
        ("PATCH", ""),
        ("DELETE", ""),
        ("POST", "/actions/transfer"),
        ("POST", "/comments"),
        ("POST", "/restore"),
    ):
        sent = (
            {"name": "x"}
            if method == "PATCH"
            else {"owner": "1"}
            if "transfer" in path
            else {"body": "x"}
            if "comm" in path
            else None
        )
        replies = [
            ann.send(method, f"/records/opportunity/{one}{path}", sent, **{"If-Match": etag}) for one in (id_, uuid7())
        ]
        assert [r.status for r in replies] == [404, 404], (method, path)
        assert replies[0].body == replies[1].body
    for part in ("history", "comments", "files", "team", "related", "who", "moves"):
        assert ann.get(f"/records/opportunity/{id_}/{part}").status == 404


def test_a_masked_cell_stays_masked_on_every_route(world: World) -> None:
    ann, bob = signed_in("ann"), signed_in("bob")
    world.add("eva", "east", "rep")
    eva = signed_in("eva")
    id_, _ = deal(ann, amount="7654321.00")
    for reply in (
        eva.get("/records/opportunity"),
        eva.get(f"/records/opportunity/{id_}"),
        eva.get(f"/records/opportunity/{id_}/history"),
        eva.get("/search?q=Deal"),
        eva.get("/workbench"),
    ):
        assert reply.status == 200
        assert "7654321" not in str(reply.body)
    assert eva.get(f"/records/opportunity/{id_}").body["access"]["amount"] == "masked"
    assert eva.get("/records/opportunity/count?sum=amount").body["readable"] == 0
    assert bob.get(f"/records/opportunity/{id_}").status == 404


def test_a_visible_field_that_is_not_mine_to_write_is_refused_with_its_reason(world: World) -> None:
    ann = signed_in("ann")
    id_, etag = deal(ann)
    refused = ann.patch(f"/records/opportunity/{id_}", {"stage": "won"}, **{"If-Match": etag})
    assert (refused.status, refused.code) == (403, "readonly")
    assert refused.body["why"]["field"] == "stage"
    assert refused.body["message"]["zh"] and refused.body["message"]["en"]
    assert entries.query(object_id=id_, outcome="refused")[0].action == "opportunity.edit"


def test_an_unknown_field_and_an_invisible_one_are_one_answer(world: World) -> None:
    finance = signed_in("sue")
    one = finance.get("/records/account?fields=credit_limit")
    other = finance.get("/records/account?fields=no_such_field")
    assert one.status == other.status == 422
    assert str(one.body).replace("credit_limit", "no_such_field") == str(other.body)


def test_two_pages_hold_every_row_once(world: World) -> None:
    ann = signed_in("ann")
    made = {deal(ann, f"Deal {n}")[0] for n in range(5)}
    first = ann.get("/records/opportunity?limit=3&sort=name")
    second = ann.get(f"/records/opportunity?limit=3&sort=name&after={first.body['next']}")
    assert second.body["next"] is None
    assert {row["id"] for row in first.body["items"] + second.body["items"]} == made


def test_a_cursor_belongs_to_its_person_and_its_question(world: World) -> None:
    ann, eva = signed_in("ann"), (world.add("eva", "east", "rep"), signed_in("eva"))[1]
    for n in range(3):
        deal(ann, f"Deal {n}")
    following = ann.get("/records/opportunity?limit=1").body["next"]
    for reply in (
        eva.get(f"/records/opportunity?limit=1&after={following}"),
        ann.get(f"/records/opportunity?limit=1&sort=name&after={following}"),
        ann.get(f"/records/account?limit=1&after={following}"),
        ann.get("/records/opportunity?limit=1&after=abc"),
    ):
        assert (reply.status, reply.places) == (422, ["after"])


def test_counting_says_which_part_of_the_company(world: World) -> None:
    ann = signed_in("ann")
    deal(ann)
    deal(ann, "Other", amount="2.50")
    counted = ann.get("/records/opportunity/count?sum=amount&by=stage").body
    assert (counted["count"], counted["sum"], counted["readable"]) == (2, "1002.50", 2)
    assert counted["groups"] == {"new": {"count": 2, "sum": "1002.50", "readable": 2}}
    assert "本人" in counted["scope"]["zh"]


def test_a_transfer_hands_the_record_over(world: World) -> None:
    ann, mei = signed_in("ann"), signed_in("mei")
    id_, _ = deal(ann)
    at = f"/records/opportunity/{id_}"
    etag = mei.get(at).etag
    moved = mei.post(f"{at}/actions/transfer", {"owner": str(world.people["bob"])}, **{"If-Match": etag})
    assert moved.status == 200, moved.body
    assert moved.body["values"]["owner"]["username"] == "bob"
    assert ann.get(at).status == 404


def test_revealing_a_number_is_written_down(world: World) -> None:
    ann = signed_in("ann")
    made = ann.post("/records/account", {"name": "A", "phone": "13812341234"})
    at = f"/records/account/{made.body['id']}"
    assert made.body["access"]["phone"] == "masked_edit"
    assert "13812341234" not in str(made.body)
    shown = ann.post(f"{at}/actions/reveal", {"field": "phone"}, **{"If-Match": made.etag})
    assert shown.body["value"].endswith("13812341234")
    assert entries.query(actions=["reveal"])[0].object_id == made.body["id"]


def test_comments_and_history_tell_what_happened(world: World) -> None:
    ann, mei = signed_in("ann"), signed_in("mei")
    id_, _ = deal(ann)
    at = f"/records/opportunity/{id_}"
    said = mei.post(f"{at}/comments", {"body": "合同发我 👍"})
    assert said.status == 201
    assert [c["body"] for c in ann.get(f"{at}/comments").body["items"]] == ["合同发我 👍"]
    assert [e["action"] for e in ann.get(f"{at}/history").body["items"]] == ["comment", "create"]
    assert ann.post(f"{at}/comments", {"body": "   "}).status == 422


def test_the_strip_shows_only_steps_that_i_may_read(world: World) -> None:
    ann = signed_in("ann")
    account = ann.post("/records/account", {"name": "客户"}).body["id"]
    deal(ann, account=account)
    steps = ann.get(f"/records/account/{account}/strip").body["steps"]
    assert [(s["code"], s["state"]) for s in steps] == [("opportunity", "current")]
    related = ann.get(f"/records/account/{account}/related").body["items"]
    assert {(r["type"], r["count"]) for r in related} >= {("opportunity", 1), ("contact", 0)}
    assert not {"ticket", "contract", "payment"} & {r["type"] for r in related}


def test_who_else_sees_it_is_told_as_far_as_i_may_know(world: World) -> None:
    ann, boss = signed_in("ann"), signed_in("boss")
    id_, _ = deal(ann)
    mine = {p["person"]["username"]: p["via"]["en"] for p in ann.get(f"/records/opportunity/{id_}/who").body["people"]}
    assert set(mine) == {"mei", "boss", "fin"}
    assert set(mine.values()) == {"another reason"}
    theirs = {
        p["person"]["username"]: p["via"]["en"] for p in boss.get(f"/records/opportunity/{id_}/who").body["people"]
    }
    assert theirs["ann"] == "its owner"
    assert theirs["mei"].startswith("manager")


def test_meta_names_only_what_can_ever_be_seen(world: World) -> None:
    types = {t["code"]: t for t in signed_in("sue").get("/meta").body["types"]}
    assert set(types) == {"ticket", "account", "contact"}
    fields = {f["code"]: f for f in types["account"]["fields"]}
    assert "credit_limit" not in fields
    assert fields["phone"]["level"] == "masked"
    assert types["account"]["can"] == {"create": False, "restore": False, "export": False, "writable": []}
    assert types["ticket"]["can"]["create"] is True


def test_pulse_tells_only_what_i_see(world: World) -> None:
    ann, wei = signed_in("ann"), signed_in("wei")
    start = ann.get("/pulse").body["now"]
    mine, _ = deal(ann)
    deal(wei)
    told = ann.get(f"/pulse?after={start}").body
    assert told["changed"] == [{"type": "opportunity", "id": mine}]
    assert ann.get(f"/pulse?after={told['now']}").body["changed"] == []


def test_search_finds_by_part_and_by_initials(world: World) -> None:
    ann, wei = signed_in("ann"), signed_in("wei")
    id_ = ann.post("/records/account", {"name": "华东示例科技"}).body["id"]
    for text in ("示例", "华东", "hdsl", "HDSL"):
        assert [hit["id"] for hit in ann.get(f"/search?q={text}").body["items"]] == [id_], text
        assert wei.get(f"/search?q={text}").body["items"] == []


def test_a_write_can_be_tried_and_changes_nothing(world: World) -> None:
    ann = signed_in("ann")
    assert ann.post("/records/opportunity?dry_run=true", {"name": "D"}, **{"Idempotency-Key": "k"}).status == 204
    assert ann.post("/records/opportunity?dry_run=true", {"name": ""}).status == 422
    assert ann.get("/records/opportunity/count").body["count"] == 0
    id_, etag = deal(ann)
    at = f"/records/opportunity/{id_}"
    assert ann.patch(f"{at}?dry_run=true", {"name": "x"}, **{"If-Match": etag}).status == 204
    assert ann.patch(f"{at}?dry_run=true", {"stage": "won"}, **{"If-Match": etag}).status == 403
    assert ann.delete(f"{at}?dry_run=true", **{"If-Match": etag}).status == 204
    assert ann.get(at).etag == etag


def test_what_has_expired_is_deleted_at_night(world: World) -> None:
    from heli.api.housekeeping import tidy
    from heli.api.models import KeyedAnswer, Session

    ann = signed_in("ann")
    ann.post("/records/account", {"name": "A"}, **{"Idempotency-Key": "k"})
    tidy.call()
    assert (Session.objects.count(), KeyedAnswer.objects.count()) == (1, 1)
    with clock.later(hours=25):
        tidy.call()
    assert (Session.objects.count(), KeyedAnswer.objects.count()) == (0, 0)


def test_a_count_that_takes_too_long_says_at_least_how_many(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database is stopped for the whole answer, and asked again for a floor only."""
    ann = signed_in("ann")
    for _ in range(3):
        deal(ann)
    real, asked = sql.rows_within, []

    def slow(seconds: float, text: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]] | None:
        asked.append(text)
        forever = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT COUNT(*) FROM n"
        return real(0.05, forever) if "SUM(" in text else real(seconds, text, params)

    monkeypatch.setattr(sql, "rows_within", slow)
    said = ann.get("/records/opportunity/count?sum=amount&by=stage").body
    assert said == {"count": 3, "more": True, "scope": said["scope"]}
    assert len(asked) == 2
    assert ann.get("/records/opportunity/count").body["more"] is False


def test_a_change_that_a_mask_does_not_show_is_not_overwritten(world: World) -> None:
    """Two numbers with the same mask are different states of the record for whoever may reveal them."""
    ann = signed_in("ann")
    with clock.at(clock.now()):  # not even the moment of the change shows
        made = ann.post("/records/account", {"name": "A", "phone": "13812341234"})
        at = f"/records/account/{made.body['id']}"
        changed = ann.patch(at, {"phone": "13899991234"}, **{"If-Match": made.etag})
    assert (changed.status, changed.body["values"]["phone"]) == (200, made.body["values"]["phone"])
    assert changed.etag != made.etag
    assert ann.patch(at, {"phone": "13811111234"}, **{"If-Match": made.etag}).status == 412


def test_a_former_owner_keeps_sight_of_a_record_for_a_year_at_most(world: World) -> None:
    deal_ = world.make("ann", "opportunity", name="Deal")
    ann = signed_in("ann")
    etag = ann.get(f"/records/opportunity/{deal_}").etag
    later = (clock.now() + timedelta(days=400)).isoformat()
    said = ann.post(
        f"/records/opportunity/{deal_}/actions/transfer",
        {"owner": str(world.people["bob"]), "keep_until": later},
        **{"If-Match": etag},
    )
    assert (said.status, said.places) == (422, ["keep_until"])
