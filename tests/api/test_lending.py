"""Lending, as people meet it: one asks, another who holds it says yes, no or less; it ends by itself or is called back."""

from __future__ import annotations

from typing import Any

import pytest

from heli.access import grants
from heli.audit import verify
from heli.jobs.worker import drain
from heli.kernel import clock
from heli.kernel.ids import uuid7
from tests.api.lenders import DAY, Company, fresh
from tests.world import SETUP

pytestmark = pytest.mark.storage


@pytest.fixture
def company(db: None, settings: Any) -> Company:
    settings.SESSION_COOKIE_AGE = 60 * DAY  # sessions that outlast a loan
    return fresh()


def test_a_colleague_borrows_a_cell_and_gives_it_back(company: Company) -> None:
    deal = company.deal()
    company.reads("sue", competitor="hidden")
    can = company.at("sue").get(f"/access/askable?type=opportunity&id={deal}")
    assert can.status == 200 and can.body["seen"] and can.body["approver"]["username"] == "bob"
    offered = {one["field"]["code"]: one for one in can.body["fields"]}
    assert offered["competitor"]["now"] == "hidden" and offered["competitor"]["read"]
    assert not any(one["now"] == "read" and not one["edit"] for one in offered.values()), "only what is missing"
    assert {"export", "delete", "share", "transfer"} == {a["code"] for a in can.body["actions"] if not a["lent"]}

    asked = company.ask("sue", deal, seconds=7 * DAY)
    assert asked.status == 201, asked.body
    assert asked.body["state"] == "open" and asked.body["approver"]["username"] == "bob"
    assert company.cell("sue", deal) is None, "asking gives nothing"
    request = f"/access/requests/{asked.body['id']}"

    inbox = company.at("bob").get("/access/requests?box=inbox")
    assert [one["id"] for one in inbox.body["items"]] == [asked.body["id"]]
    seen = company.at("bob").get(request)
    assert seen.body["may"] == ["approve", "refuse"] and seen.body["offer"]["ok"]
    row = next(one for one in seen.body["offer"]["rows"] if one["field"]["code"] == "competitor")
    assert (row["now"], row["then"], row["lent"], row["value"]) == ("hidden", "read", True, "Acme")
    assert [check["ok"] for check in seen.body["offer"]["checks"]] == [True, True, True]
    assert seen.body["offer"]["smaller"]["terms"]["seconds"] == 3 * DAY

    assert company.at("sue").post(f"{request}/approve").status == 403, "never one's own"
    assert company.at("wei").get(request).status == 404, "no stranger knows of it"
    assert company.at("bob").post(f"{request}/approve", {"seconds": 8 * DAY}).places == ["seconds"], "never more"
    assert company.at("bob").post(f"{request}/approve", {"fields": ["amount"]}).places == ["fields/0"]

    yes = company.at("bob").post(f"{request}/approve", {"seconds": DAY})
    assert yes.status == 200 and yes.body["state"] == "approved", yes.body
    assert company.cell("sue", deal) == "Acme", "it starts at once"
    again = company.at("bob").post(f"{request}/approve")
    assert again.status == 409 and again.code == "approved"

    why = company.at("sue").get(f"/why?action=read&type=opportunity&id={deal}&field=competitor")
    assert why.body["allowed"]
    lent = next(one for one in why.body["because"] if "Bob" in one["via"]["zh"])
    assert lent["role"]["en"] == "loan" and lent["via"]["en"].startswith("lent by Bob, until ")

    chain = company.at("sec").get(f"/access/people/{company.people['sue']}/chain").body["layers"]
    told = next(layer["grants"] for layer in chain if layer["code"] == "loan")
    assert [(one["name"]["en"], one["via"]["en"][:11]) for one in told] == [("loan", "lent by Bob")], (
        "not: granted to you"
    )
    loans = [one for one in company.at("sue").get("/access/loans?tab=borrowed").body["items"] if one["record"] == deal]
    assert [(one["lender"]["username"], one["may"]) for one in loans] == [("bob", ["return", "renew"])]
    assert loans[0]["id"] in [one["id"] for one in company.at("bob").get("/access/loans?tab=lent").body["items"]]
    with clock.later(seconds=DAY + 1):
        assert company.cell("sue", deal) is None, "it ends by itself"
    back = company.at("sue").post(f"/access/loans/{loans[0]['id']}/end")
    assert back.status == 200 and back.body["ended"] == "returned"
    assert company.cell("sue", deal) is None
    assert verify.verify().ok


def test_an_open_page_learns_of_the_end_at_that_second(company: Company) -> None:
    deal = company.deal()
    before = company.at("sue").get("/pulse").body
    assert before["moves"] is None, "nothing of hers ends by itself soon"
    company.lent("bob", "sue", deal)
    during = company.at("sue").get("/pulse").body
    assert during["epoch"] != before["epoch"] and during["moves"] is None, "the end is not told long before"
    assert company.at("sue").get("/me").body["epoch"] == during["epoch"]
    with clock.later(seconds=DAY - 30):
        near = company.at("sue").get("/pulse").body
        assert near["epoch"] == during["epoch"] and 0 < near["moves"] <= 30, "when to ask again"
    with clock.later(seconds=DAY + 1):
        after = company.at("sue").get("/pulse").body
        assert after["epoch"] != during["epoch"] and company.at("sue").get("/me").body["epoch"] == after["epoch"]


def test_confidential_cells_need_security_who_sees_no_value(company: Company) -> None:
    deal = company.deal()
    company.reads("sue", amount="hidden")
    assert company.ask("sue", deal, fields=["amount"], seconds=15 * DAY).places == ["seconds"]
    asked = company.ask("sue", deal, fields=["amount"])
    request = f"/access/requests/{asked.body['id']}"
    assert company.at("sec").get(request).status == 404, "not yet theirs"
    yes = company.at("bob").post(f"{request}/approve")
    assert yes.body["state"] == "confirming" and company.cell("sue", deal, "amount") is None
    seen = company.at("sec").get(request)
    assert seen.body["title"] is None and seen.body["may"] == ["confirm", "refuse"]
    assert all("value" not in row for row in seen.body["offer"]["rows"])
    assert company.at("bob").post(f"{request}/confirm").status == 403
    assert [one["id"] for one in company.at("sid").get("/access/requests?box=inbox").body["items"]] == [
        asked.body["id"]
    ]
    done = company.at("sec").post(f"{request}/confirm")
    assert done.status == 200 and done.body["state"] == "approved", done.body
    assert company.cell("sue", deal, "amount") == "1310400.00"
    assert company.at("sid").post(f"{request}/confirm").code == "approved"


def test_nothing_is_lent_that_its_lender_does_not_hold(company: Company) -> None:
    deal = company.deal("ann")
    company.reads("sue", competitor="hidden")
    # A helper sees the deal and edits it, and lends none of it: what was lent is not lent on.
    company.do("ann", "opportunity", "team_add", deal, person=str(company.people["wei"]), edit=True)
    body = {"type": "opportunity", "record": deal, "action": "read", "fields": ["competitor"], "seconds": DAY, "reason": "x",
            "borrower": str(company.people["sue"])}  # fmt: skip
    refused = company.at("wei").post("/access/loans", body)
    assert refused.status == 403 and refused.code == "not_held"
    loan = company.lent("ann", "sue", deal)
    refused = company.at("sue").post("/access/loans", body | {"borrower": str(company.people["wei"])})
    assert refused.status == 403 and refused.code == "not_held", "nor is a loan"
    assert company.at("ann").post("/access/loans", body | {"borrower": str(company.people["ann"])}).status in (403, 422)
    assert company.at("ann").post("/access/loans", body | {"action": "delete", "fields": []}).places == ["action"]
    # Whoever holds it for three days more lends it no longer than that.
    from datetime import timedelta

    lines = [{"type": "opportunity", "actions": ["read", "share"], "scope": ["all"], "read": {"*": "read"}}]
    ends = clock.now() + timedelta(days=3)
    grants.grant_lines(SETUP, lines, "person", str(company.people["fin"]), ends=ends)
    longer = company.at("fin").post(
        "/access/loans", body | {"seconds": 4 * DAY, "borrower": str(company.people["wei"])}
    )
    assert longer.status == 403 and longer.code == "beyond"
    del loan


def test_it_is_called_back_and_that_taken_back(company: Company) -> None:
    deal = company.deal()
    loan = company.lent("bob", "sue", deal)
    assert company.cell("sue", deal) == "Acme"
    assert company.at("wei").post(f"/access/loans/{loan}/end").status == 404
    ended = company.at("bob").post(f"/access/loans/{loan}/end")
    assert ended.status == 200 and "restore" in ended.body["may"]
    assert company.cell("sue", deal) is None
    assert company.at("bob").post(f"/access/loans/{loan}/end").status == 409
    new = company.at("bob").post(f"/access/loans/{loan}/restore")
    assert new.status == 200 and new.body["id"] != loan and company.cell("sue", deal) == "Acme"
    assert company.at("bob").post(f"/access/loans/{loan}/restore").status == 409, "once"
    assert company.at("bob").post(f"/access/loans/{new.body['id']}/end").status == 200
    with clock.later(seconds=61):
        assert company.at("bob").post(f"/access/loans/{new.body['id']}/restore").code == "too_late"


def test_who_lent_it_is_told_that_it_is_their_loan_and_nobody_else(company: Company) -> None:
    deal = company.deal()
    company.lent("bob", "sue", deal)

    def path(asker: str) -> str:
        question = f"/access/why?action=read&type=opportunity&id={deal}&person={company.people['sue']}"
        steps = {one["step"]: one for one in company.at(asker).get(question).body["left"]["steps"]}
        return str(steps["path"]["words"]["en"])

    assert path("bob") == "loan"
    assert path("mei") == "another reason"

    def way(asker: str) -> str:
        found = company.at(asker).get(f"/records/opportunity/{deal}/who").body["people"]
        return str(next(one["via"]["en"] for one in found if one["person"]["username"] == "sue"))

    assert (way("bob"), way("mei")) == ("your loan", "another reason")


def test_an_unseen_record_answers_as_an_absent_one(company: Company) -> None:
    deal, absent = company.deal(), uuid7()
    with_record = company.at("wei").get(f"/access/askable?type=opportunity&id={deal}")
    assert with_record.body == company.at("wei").get(f"/access/askable?type=opportunity&id={absent}").body
    assert not with_record.body["seen"]
    one, other = company.ask("wei", deal, fields=[]), company.ask("wei", absent, fields=[])
    assert one.status == other.status == 201
    strip = ("id", "record", "at", "lapses_at")
    assert {k: v for k, v in one.body.items() if k not in strip} == {
        k: v for k, v in other.body.items() if k not in strip
    }
    drain()
    request = f"/access/requests/{one.body['id']}"
    assert company.at("bob").post(f"{request}/refuse", {"text": "not yours"}).status == 200
    mine = company.at("wei").get("/access/requests?box=mine").body["items"]
    assert {one["state"] for one in mine} == {"open"} and {one["answer"] for one in mine} == {""}
    assert [company.ask("wei", pk, fields=[]).code for pk in (deal, absent)] == ["twice", "twice"]
    with clock.later(days=15):
        mine = company.at("wei").get("/access/requests?box=mine").body["items"]
        assert {one["state"] for one in mine} == {"lapsed"}
    second = company.deal(name="Shown")
    yes = company.ask("wei", second, fields=[])
    drain()
    assert company.at("bob").post(f"/access/requests/{yes.body['id']}/approve").body["state"] == "approved"
    assert company.cell("wei", second) == "Acme" and company.cell("wei", second, "amount") is None
