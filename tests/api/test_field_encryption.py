"""Encrypted fields by the public doors: nothing in clear on the disk, found by a whole value, unreadable when moved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from heli.audit import entries, guards, verify
from heli.audit import log as audit
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.kernel.errors import Conflict
from heli.records import bulk, resealing, sealed, sql
from heli.records.types import TYPES
from tests.api.client import Api, Reply, signed_in
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.storage]

PHONE, ACCOUNT = "138 0013 8765", "6222 0210 0101 2345678"
OPERATOR = Actor(None, "operator", "test")


@pytest.fixture(autouse=True)
def _told_again() -> Iterator[None]:
    sealed.forget()
    yield


def one(api: Api, record: str) -> Reply:
    return api.get(f"/records/account/{record}")


def change(api: Api, record: str, **values: Any) -> Reply:
    return api.patch(f"/records/account/{record}", values, **{"If-Match": one(api, record).etag})


def reveal(api: Api, record: str, field: str) -> Reply:
    tag = one(api, record).etag
    return api.post(f"/records/account/{record}/actions/reveal", {"field": field}, **{"If-Match": tag})


def matching(api: Api, filter_: str) -> set[str]:
    reply = api.get(f"/records/account?filter={filter_}")
    assert reply.status == 200, reply.body
    return {row["name"] for row in reply.body["items"]}


def stored() -> str:
    """Every value of every table, bytes as text and as hexadecimal digits."""
    said = []
    for table in connection.introspection.table_names():
        for row in sql.rows(f'SELECT * FROM "{table}"'):
            for cell in row:
                raw = bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode()
                said.append(raw.decode("utf-8", "replace") + " " + raw.hex())
    return "\n".join(said)


def batch() -> bool:
    """A step of sealing anew, in a transaction as the job does it."""
    with transaction.atomic():
        return resealing.step()


def test_a_phone_is_sealed_on_the_disk_masked_on_the_page_and_revealed_on_request(world: World) -> None:
    ann = signed_in("ann")
    record = world.make("ann", "account", name="华东重工", phone=PHONE, bank_account=ACCOUNT)
    assert change(ann, record, phone="139 0000 4321").status == 200
    assert change(ann, record, phone=PHONE).status == 200
    made = {"name": "批量导入", "phone": "137 0000 5678"}
    (outcome,) = bulk.import_many(world.system, TYPES["account"], [made])
    assert not outcome.bad

    seen = one(ann, record).body
    assert (seen["values"]["phone"], seen["access"]["phone"]) == ("138****8765", "masked_edit")
    assert seen["values"]["bank_account"] == ACCOUNT
    assert reveal(ann, record, "phone").body["value"] == PHONE
    (row,) = ann.get("/records/account?fields=name,phone").body["items"]
    assert row["phone"] == "138****8765"
    changes = [
        c
        for e in ann.get(f"/records/account/{record}/history").body["items"]
        for c in e["changes"]
        if c["field"] == "phone"
    ]
    assert [c["new"] for c in changes] == ["138****8765", "139****4321", "138****8765"]

    on_disk = stored()
    for secret in (
        PHONE,
        "13800138765",
        ACCOUNT,
        ACCOUNT.replace(" ", ""),
        "139 0000 4321",
        "137 0000 5678",
        "0000567",
    ):
        assert secret not in on_disk, secret
        assert secret.encode().hex() not in on_disk, secret


def test_a_whole_number_and_its_last_four_digits_find_a_record(world: World) -> None:
    world.make("ann", "account", name="甲", phone=PHONE)
    world.make("ann", "account", name="乙", phone="021-68881234")
    world.make("ann", "account", name="丙")
    ann = signed_in("ann")
    for text in ("138 0013 8765", "13800138765", "%2B86 138-0013-8765", "8765"):
        assert [h["title"] for h in ann.get(f"/search?q={text}").body["items"]] == ["甲"], text
    for text in ("0013", "1380013", "1234 "):
        found = [h["title"] for h in ann.get(f"/search?q={text}").body["items"]]
        assert found == (["乙"] if "1234" in text else []), text

    assert matching(ann, '{"phone": "+8613800138765"}'.replace("+", "%2B")) == {"甲"}
    assert matching(ann, '{"phone": ["13800138765", "02168881234"]}') == {"甲", "乙"}
    assert matching(ann, '{"phone": null}') == {"丙"}
    assert matching(ann, '{"field": "phone", "op": "filled"}') == {"甲", "乙"}
    for asked in ('filter={"phone": {"contains": "0013"}}', 'filter={"phone": {"!=": "13800138765"}}', "sort=phone"):
        reply = ann.get(f"/records/account?{asked}")
        assert reply.status == 422 and reply.body["problems"][0]["code"] == "encrypted", asked
    saved = {"type": "account", "name": "v", "definition": {"filter": {"phone": "13800138765"}}}
    assert ann.post("/views", saved).places == ["definition/filter"]


def test_a_value_moved_or_altered_opens_nowhere_and_breaks_only_its_own_cell(world: World) -> None:
    mine = world.make("ann", "account", name="甲", phone=PHONE, bank_account=ACCOUNT)
    other = world.make("ann", "account", name="乙", phone="139 0000 4321")
    sql.execute("UPDATE crm_account SET phone=(SELECT phone FROM crm_account WHERE id=%s) WHERE id=%s", [other, mine])
    ann = signed_in("ann")

    page = ann.get("/records/account?fields=name,phone").body
    rows = {row["name"]: row for row in page["items"]}
    assert (rows["乙"]["phone"], rows["甲"]["phone"]) == ("139****4321", None)
    assert [page["access"][rows[n]["_a"]]["phone"] for n in ("乙", "甲")] == ["masked_edit", "broken"]
    seen = one(ann, mine).body
    assert (seen["access"]["phone"], seen["values"]["phone"]) == ("broken", None)
    assert seen["values"]["bank_account"] == ACCOUNT
    assert reveal(ann, mine, "phone").code == "broken"
    (told,) = entries.query(actions=["cell.broken"])
    assert (told.object_id, told.outcome, told.via) == (mine, "failed", "field phone")

    assert change(ann, mine, level="a").status == 200, "the rest of the record can be worked on"
    assert change(ann, mine, phone=PHONE).status == 200, "and the cell be written anew"
    assert reveal(ann, mine, "phone").body["value"] == PHONE


def test_keys_are_replaced_while_everybody_works_and_thrown_away_only_when_nothing_needs_them(world: World) -> None:
    records = [world.make("ann", "account", name=f"客户{i}", phone=f"138000012{i:02}") for i in range(5)]
    old = sealed.keyring().ring().current.id
    new = resealing.rotate(OPERATOR)
    ann = signed_in("ann")
    later = world.make("ann", "account", name="新", phone="13700009999")
    assert change(ann, records[0], phone="13600007777").status == 200

    def works() -> None:
        assert matching(ann, '{"phone": "13800001203"}') == {"客户3"}
        assert matching(ann, '{"phone": "13600007777"}') == {"客户0"}
        assert [h["title"] for h in ann.get("/search?q=1203").body["items"]] == ["客户3"]
        assert reveal(ann, later, "phone").body["value"] == "13700009999"
        assert reveal(ann, records[3], "phone").body["value"] == "13800001203"

    works()
    assert resealing.held()["account.phone"] == {old: 4, new: 2}
    with clock.later(hours=1), pytest.raises(Conflict) as still:
        resealing.retire(OPERATOR, old)
    assert "4" in still.value.words.en
    while batch():
        pass
    works()
    assert resealing.held()["account.phone"] == {new: 6}
    with pytest.raises(Conflict, match="only just now"):
        resealing.retire(OPERATOR, old)
    with pytest.raises(Conflict, match="current"):
        resealing.retire(OPERATOR, new)
    with clock.later(hours=1):
        resealing.retire(OPERATOR, old)
    sealed.keyring().rewrap()
    works()
    told = ann.get(f"/records/account/{records[3]}/history").body["items"]
    assert told[-1]["changes"] and "138****1203" in str(told), "what the log holds stays readable"


def test_what_stands_in_clear_from_before_is_read_found_and_sealed_by_the_job(world: World) -> None:
    record = world.make("ann", "account", name="老客户", phone="13800001234")
    sql.execute("UPDATE crm_account SET phone=%s, phone_index='', phone_tail='' WHERE id=%s", [PHONE, record])
    resealing.reseal_all(OPERATOR)
    ann = signed_in("ann")
    assert one(ann, record).body["values"]["phone"] == "138****8765"
    assert matching(ann, f'{{"phone": "{PHONE}"}}') == {"老客户"}
    assert resealing.held()["account.phone"] == {resealing.CLEAR: 1}
    while batch():
        pass
    assert PHONE not in stored()
    assert matching(ann, '{"phone": "13800138765"}') == {"老客户"}
    assert [h["title"] for h in ann.get("/search?q=8765").body["items"]] == ["老客户"]


def test_the_log_of_before_is_closed_too_and_proves_what_it_proved(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        sealed, "kept", lambda kind, record, one, value: value
    )  # as it was before the field was encrypted
    record = world.make("ann", "account", name="老客户", phone=PHONE)
    ann = signed_in("ann")
    assert change(ann, record, phone="139 0000 4321").status == 200
    assert change(ann, record, name="老客户二").status == 200
    monkeypatch.undo()
    head = audit.head()
    assert PHONE in stored() and verify.verify(publish=False).ok

    resealing.reseal_all(OPERATOR)
    while batch():
        pass
    on_disk = stored()
    assert PHONE not in on_disk and "139 0000 4321" not in on_disk
    assert "老客户二" in on_disk, "what holds no encrypted value stays as it is"
    told = verify.verify(publish=False)
    assert told.ok, told
    assert head is not None and entries.get(head[1]) is not None
    history = [
        c
        for e in ann.get(f"/records/account/{record}/history").body["items"]
        for c in e["changes"]
        if c["field"] == "phone"
    ]
    assert [(c["old"], c["new"]) for c in history] == [("138****8765", "139****4321"), (None, "138****8765")]
    (closing,) = entries.query(object_type="audit", actions=["audit.close"])
    assert closing.after == {"entries": 2}

    seq = next(e.seq for e in entries.query(object_type="account", object_id=record) if e.action == "account.create")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        sql.execute("UPDATE audit_value SET body='\x1fa1.forged' WHERE entry_id=%s", [seq])
    guards.remove(connection)
    sql.execute("UPDATE audit_value SET body='\x1fa1.1-x.Zm9yZ2Vk' WHERE entry_id=%s", [seq])
    bad = verify.verify(publish=False)
    assert (bad.ok, bad.first_bad) == (False, seq) and "do not open" in bad.reason
    assert ann.get(f"/records/account/{record}/history").status == 200
    sql.execute("UPDATE audit_value SET body='Xa1.forged' WHERE entry_id=%s", [seq])
    bad = verify.verify(publish=False)
    assert (bad.ok, bad.first_bad) == (False, seq) and "were changed" in bad.reason
    assert ann.get(f"/records/account/{record}/history").status == 200, "one forged entry hides no other"


def test_without_its_keys_a_cell_is_broken_and_nothing_new_is_written(world: World) -> None:
    record = world.make("ann", "account", name="甲", phone=PHONE)
    ann, ring = signed_in("ann"), sealed.keyring()
    hidden = ring.path.with_suffix(".hidden")
    ring.path.rename(hidden)
    try:
        ring.forget()
        assert one(ann, record).body["access"]["phone"] == "broken"
        assert ann.get("/records/account").status == 200
        refused = change(ann, record, phone="13900004321")
        assert (refused.status, refused.code) == (503, "field_keys")
        assert "keys/fields.json" in refused.body["message"]["en"] and str(ring.path) not in str(refused.body)
        blind = ann.get("/search?q=8765")
        assert blind.status == 200, "all else is found without them"
        assert blind.body["items"] == [] and "cannot be searched" in blind.body["note"]["en"], (
            "nothing found is not said"
        )
        assert ann.get("/search?q=甲").body["note"] is None
        assert not ring.path.exists(), "no new keys where something is sealed already"
        ring.path.mkdir()
        ring.forget()
        odd = change(ann, record, phone="13900004321")
        assert odd.code == "field_keys" and str(ring.path.parent) not in str(odd.body), odd.body
    finally:
        if ring.path.is_dir():
            ring.path.rmdir()
        hidden.rename(ring.path)
        ring.forget()
    assert one(ann, record).body["values"]["phone"] == "138****8765"
