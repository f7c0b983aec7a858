"""Days that make no sense: what ends before it starts, and years that nobody means."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from heli.access import grants
from heli.api.viewer import system
from heli.flows import definitions
from heli.kernel.actor import Actor
from heli.kernel.ids import uuid7
from heli.records import bulk, sql
from heli.records.types import TYPES
from tests import cases, world
from tests.api.client import Reply
from tests.api.test_shipped_processes import Company

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
BEGINS, BEFORE = "2026-12-01", "2026-11-30"


@pytest.fixture
def company(db: None) -> Company:
    return world.fresh(Company)


def made(who: str, type_: str, **values: Any) -> Reply:
    return cases.signed_in(who).post(f"/records/{type_}", values)


def changed(who: str, type_: str, record: str, **values: Any) -> Reply:
    api, at = cases.signed_in(who), f"/records/{type_}/{record}"
    return api.patch(at, values, **{"If-Match": api.get(at).etag})


def test_nothing_ends_before_it_starts(company: Company) -> None:
    account = company.account()
    known = {"account": account}
    for who, type_, start, end, more in (
        ("mark", "campaign", "starts_on", "ends_on", {}), ("rep", "quote", "quoted_on", "valid_until", known),
        ("rep", "contract", "starts_on", "ends_on", known),
    ):  # fmt: skip
        refused = made(who, type_, name="X", **{start: BEGINS, end: BEFORE}, **more)
        assert (refused.status, refused.places) == (422, [end])
        said = refused.body["problems"][0]["message"]
        kind = TYPES[type_]
        assert kind.fields[start].words.zh in said["zh"]
        assert kind.fields[end].words.en in said["en"]
        one = made(who, type_, name="X", **{start: BEGINS, end: BEGINS}, **more).body["id"]
        assert changed(who, type_, one, **{end: BEFORE}).places == [end]
        assert changed(who, type_, one, **{start: "2026-12-02"}).places == [start], "named where it was written"
        assert changed(who, type_, one, **{start: None}).status == 200
        assert changed(who, type_, one, **{end: BEFORE}).status == 200
        many = cases.signed_in(who).post(
            f"/records/{type_}/bulk", {"act": "edit", "items": [{"id": one}], "values": {start: BEGINS}}
        )
        assert "backwards" in str(many.body)
        assert cases.signed_in(who).get(f"/records/{type_}/{one}").body["values"][start] is None


def test_what_ended_before_it_started_is_kept_until_its_days_are_written(company: Company) -> None:
    one = made("mark", "campaign", name="X", starts_on=BEGINS).body["id"]
    sql.execute("UPDATE crm_campaign SET ends_on=%s WHERE id=%s", [BEFORE, one])
    assert changed("mark", "campaign", one, name="Y").status == 200
    assert changed("mark", "campaign", one, ends_on=BEFORE, name="Z").status == 200, "written again as it is"
    assert changed("mark", "campaign", one, ends_on="2026-11-29").places == ["ends_on"]
    assert changed("mark", "campaign", one, ends_on="2026-12-31").status == 200


def test_a_project_says_it_of_its_own_names(company: Company) -> None:
    grants.grant_lines(
        world.SETUP, [{"type": "project", "actions": ["read", "create", "edit"], "scope": ["all"], "write": ["*"]}],
        "person", str(company.people["pam"]),
    )  # fmt: skip
    assert made("pam", "project", name="P", starts_on=BEGINS, ends_on=BEFORE).places == ["ends_on"]
    api = cases.signed_in("pam")
    refused = api.post("/organisation/projects", {"name": "P", "starts_on": BEGINS, "until": BEFORE})
    assert refused.places == ["until"], refused.body


def test_an_end_is_not_held_against_a_start_that_its_writer_does_not_read(company: Company) -> None:
    one = made("mark", "campaign", name="X", starts_on=BEGINS).body["id"]
    lines = [
        {"type": "campaign", "actions": ["read", "edit"], "scope": ["all"], "read": {"starts_on": "hidden"}, "write": ["ends_on"]},
    ]  # fmt: skip
    grants.grant_lines(world.SETUP, lines, "person", str(company.people["law"]))
    assert changed("law", "campaign", one, ends_on=BEFORE).status == 200, "or they would find it out day by day"


def test_an_import_leaves_out_what_ends_before_it_starts(company: Company) -> None:
    rows = [
        {"name": "A", "starts_on": BEGINS, "ends_on": BEFORE}, {"name": "B", "starts_on": BEGINS, "ends_on": BEGINS},
        {"name": "C", "starts_on": "0202-01-01"},
    ]  # fmt: skip
    [outcome] = bulk.import_many(system("test"), TYPES["campaign"], rows)
    assert [(bad.number, bad.problems[0].place, bad.problems[0].code) for bad in outcome.bad] == [
        (0, "ends_on", "backwards"), (2, "starts_on", "year"),
    ]  # fmt: skip
    assert [one.number for one in outcome.made] == [1]


def test_an_import_of_quotes_says_what_their_discounts_come_to(company: Company) -> None:
    product = company.make("pm", "product", name="Press", list_price="1000.00")
    line = {"product": product, "quantity": "1", "unit_price": "400.00"}
    [outcome] = bulk.import_many(system("test"), TYPES["quote"], [{"name": "Q", "lines": [line], "discount": "50"}])
    assert [one.after["effective_discount"] for one in outcome.made] == ["80.00"]


def test_a_change_that_is_proposed_runs_forwards(company: Company) -> None:
    file = cases.process(
        cases.task("lead", "head of=owner", show="name", verb="change"), "s>lead", "lead>e", id="moved",
        subject='type="campaign" right="edit" proposes="starts_on ends_on"',
    )  # fmt: skip
    definitions.ship(Actor(None, "system", "test"), file.encode())
    one = made("mark", "campaign", name="X", starts_on=BEGINS, ends_on="2026-12-31").body["id"]
    api = cases.signed_in("mark")
    asked = {"process": "moved", "record": one}
    refused = api.post("/flows/instances", {**asked, "change": {"ends_on": BEFORE}})
    assert refused.places == ["change/ends_on"]
    assert api.post("/flows/instances", {**asked, "change": {"ends_on": "0202-12-01"}}).places == ["change/ends_on"]


def test_a_line_names_no_product_that_its_writer_does_not_see(company: Company) -> None:
    """What it comes to against the list price would tell them of it."""
    product, gone = (company.make("pm", "product", name=name, list_price="1000.00") for name in ("Press", "Old"))
    account = company.account()

    def lines(*products: str) -> list[dict[str, Any]]:
        return [{"product": one, "quantity": "1", "unit_price": "1000.00"} for one in products]

    absent = made("rep", "quote", name="Q", account=account, lines=lines(product, uuid7()))
    assert (absent.status, absent.places) == (422, ["lines/1/product"])
    quote = made("rep", "quote", name="Q", account=account, lines=lines(product, gone)).body["id"]
    sql.execute("UPDATE crm_product SET deleted_at=created_at WHERE id=%s", [gone])
    assert changed("rep", "quote", quote, lines=lines(gone)).status == 200, "what stands there already stays"
    assert made("rep", "quote", name="Q", account=account, lines=lines(gone)).places == ["lines/0/product"]


@pytest.mark.parametrize("year", ["0001", "0202", "1899", "2201", "9999"])
def test_a_year_that_nobody_means_is_refused(company: Company, year: str) -> None:
    refused = made("mark", "campaign", name="X", starts_on=f"{year}-03-04")
    assert (refused.status, refused.places) == (422, ["starts_on"])
    assert str(int(year)) in refused.body["problems"][0]["message"]["zh"]
    moment = made("rep", "activity", subject="X", happened_at=f"{year}-03-04T05:06:07Z")
    assert moment.places == ["happened_at"]


def test_years_from_before_are_kept_found_and_put_right(company: Company) -> None:
    one = made("mark", "campaign", name="X", starts_on=BEGINS).body["id"]
    sql.execute("UPDATE crm_campaign SET starts_on=%s WHERE id=%s", ["0202-03-04", one])
    api = cases.signed_in("mark")
    assert api.get(f"/records/campaign/{one}").body["values"]["starts_on"] == "0202-03-04"
    assert changed("mark", "campaign", one, name="Y").status == 200
    api = cases.signed_in("mark")
    for op, day, found in (
        ("<", "1900-01-01", 1), ("<", "0001-01-01", 0), (">", "9999-12-31", 0), ("=", "0202-03-04", 1), ("<", "0202-03-05", 1),
    ):  # fmt: skip
        asked = quote(json.dumps({"field": "starts_on", "op": op, "value": day}))
        reply = api.get(f"/records/campaign?filter={asked}")
        assert (reply.status, len(reply.body.get("items", ()))) == (200, found), reply.body
        asked = quote(json.dumps({"field": "created_at", "op": op, "value": f"{day}T00:00:00Z"}))
        assert api.get(f"/records/campaign?filter={asked}").status == 200
    assert changed("mark", "campaign", one, starts_on="2026-03-04").status == 200
    assert cases.signed_in("mark").get(f"/records/campaign/{one}/history").status == 200
