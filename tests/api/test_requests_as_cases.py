"""Requests for access run as cases of the company's own process: it adds steps, times and people, and lending decides as ever."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.db import transaction

from heli.access import grants
from heli.crm import processes
from heli.jobs.worker import drain
from heli.kernel import clock
from heli.kernel.ids import uuid7
from heli.lending import clockwork
from heli.org.verbs import departments
from tests.api.client import Reply
from tests.api.lenders import DAY, Company, fresh
from tests.world import SETUP

pytestmark = pytest.mark.storage

HEAD_FIRST = """<userTask id="head" name="部门负责人同意 / The head agrees">
  <extensionElements>
    <heli:assignee rule="head" of="initiator"/>
    <heli:people mode="any" self="skip" empty="manager"/>
    <heli:moves allow="reject transfer"/>
    <heli:rejection to="end"/>
  </extensionElements>
</userTask>
<sequenceFlow id="f_head" sourceRef="head" targetRef="approve"/>"""


@pytest.fixture
def company(db: None, settings: Any) -> Company:
    settings.SESSION_COOKIE_AGE = 60 * DAY
    made = fresh()
    made.add("pam", "root", None)
    lines = [{"type": "process", "actions": ["read", "administer"], "scope": ["all"]}]
    grants.grant_lines(SETUP, lines, "person", str(made.people["pam"]))
    departments.set_head(SETUP, made.departments["east"], made.people["bob"])
    return made


def with_head(code: str = "temporary_permission", step: str = HEAD_FIRST) -> str:
    """The shipped process with a step of the company's own before the answer."""
    file = processes.source(code).decode()
    return file.replace('targetRef="approve"/>', 'targetRef="head"/>').replace(
        '<startEvent id="start"', f'{step}<startEvent id="start"'
    )


def publish(company: Company, file: str) -> Reply:
    return company.at("pam").post("/flows/processes", {"source": file})


def case(company: Company, who: str, request: str) -> dict[str, Any]:
    """The case of a request, as somebody who may know of it sees it."""
    number = company.at(who).get(f"/access/requests/{request}").body["case"]
    reply = company.at(who).get(f"/flows/instances/{number}")
    assert reply.status == 200, reply.body
    return dict(reply.body)


def now(found: dict[str, Any]) -> list[str]:
    return [one["id"] for one in found["nodes"] if one["standing"] == "current"]


def test_a_request_is_answered_in_its_case_as_well_as_in_lending(company: Company) -> None:
    deal = company.deal()
    company.reads("sue", competitor="hidden", amount="hidden")
    asked = company.ask("sue", deal, fields=["competitor", "amount"]).body["id"]
    seen = case(company, "bob", asked)
    assert now(seen) == ["approve"] and seen["mine"]["step"] == "approve" and seen["matter"]["code"] == "loan_request"
    assert [one["id"] for one in company.at("bob").get("/flows/work").body["items"]] == [seen["id"]]
    queue = company.at("bob").get("/workbench").body["queue"]
    assert [one["kind"] for one in queue if one["kind"] in ("work", "request")] == ["request"], "once, not twice"

    decide = f"/flows/instances/{seen['id']}/work/{seen['mine']['number']}/decide"
    assert company.at("bob").post(decide, {"approve": True, "given": {"owner": 1}}).places == ["given/owner"]
    assert company.at("bob").post(decide, {"approve": True, "given": {"seconds": "soon"}}).places == ["given/seconds"]
    assert company.at("bob").post(decide, {"approve": True, "given": {"seconds": 9 * DAY}}).places == ["seconds"], (
        "never more"
    )
    yes = company.at("bob").post(decide, {"approve": True, "given": {"fields": ["amount"]}})
    assert yes.status == 200 and now(yes.body) == ["confirm"], yes.body
    assert company.cell("sue", deal, "amount") is None
    confirming = case(company, "sec", asked)
    assert company.at("sec").post(f"/access/requests/{asked}/confirm").body["state"] == "approved"
    assert company.cell("sue", deal, "amount") == "1310400.00" and company.cell("sue", deal) is None, (
        "less, as the case was answered"
    )
    done = case(company, "sue", asked)
    assert done["state"] == "completed" and done["id"] == confirming["id"]
    told = [(one["what"], (one["person"] or {}).get("username")) for one in done["history"]]
    assert [one for one in told if one[0] in ("begun", "approve")] == [
        ("begun", "sue"),
        ("approve", "bob"),
        ("approve", "sec"),
    ]


def test_the_company_s_own_step_comes_first_and_can_refuse(company: Company) -> None:
    assert publish(company, with_head()).status == 201
    deal = company.deal("wei")
    company.reads("sue", competitor="hidden")
    grants.grant_lines(SETUP, [{"type": "opportunity", "actions": ["read"], "scope": ["all"], "read": {"competitor": "hidden"}}],
                       "person", str(company.people["ann"]))  # fmt: skip
    asked = company.ask("ann", deal).body
    request = f"/access/requests/{asked['id']}"
    assert asked["state"] == "open" and asked["state_words"]["en"] == "waits for earlier steps of its process"
    assert company.at("wei").get("/access/requests").body["items"] == [], "it is not their turn yet"
    early = company.at("wei").post(f"{request}/approve")
    assert early.status == 409 and early.code == "held", early.body
    assert company.at("wei").get(request).body["may"] == []

    head = company.at("bob").get("/workbench").body["queue"]
    work = next(one["work"] for one in head if one["kind"] == "work")
    at = f"/flows/instances/{work['instance']}/work/{work['number']}/decide"
    seen = company.at("bob").get(request).body
    assert seen["reason"] == "for a case" and "offer" not in seen, (
        "who decides a step knows what is asked for, and gives nothing"
    )
    notices = len(company.at("wei").get("/notices").body["items"])
    assert company.at("bob").post(at, {"approve": True}).status == 200
    assert len(company.at("wei").get("/notices").body["items"]) == notices + 1, "now it is, and they are told"
    assert company.at("wei").post(f"{request}/approve").body["state"] == "approved"
    assert company.cell("ann", deal) == "Acme"

    again = company.ask("ann", company.deal("wei", name="Other")).body
    mine = next(one for one in company.at("bob").get("/flows/work").body["items"] if one["node"] == "head")
    no = company.at("bob").post(
        f"/flows/instances/{mine['id']}/work/{mine['number']}/decide", {"approve": False, "text": "not your customer"}
    )
    assert no.status == 200, no.body
    told = company.at("ann").get(f"/access/requests/{again['id']}").body
    assert (told["state"], told["answer"], told["answered_by"]["username"]) == ("refused", "not your customer", "bob")


def test_what_ends_or_moves_a_request_ends_or_moves_its_case(company: Company) -> None:
    company.reads("sue", competitor="hidden", amount="hidden")
    first, second, third = (
        company.ask("sue", company.deal(name=f"D{n}"), fields=["amount"]).body["id"] for n in range(3)
    )
    number = case(company, "sue", first)["id"]
    assert company.at("sue").post(f"/flows/instances/{number}/withdraw", {"text": "no need"}).status in (200, 204)
    assert company.at("sue").get(f"/access/requests/{first}").body["state"] == "withdrawn"
    assert case(company, "sue", first)["state"] == "withdrawn"

    company.at("bob").post(f"/access/requests/{second}/approve")
    assert now(case(company, "sec", second)) == ["confirm"]
    deal = company.at("sue").get(f"/access/requests/{second}").body["record"]
    company.do("mei", "opportunity", "transfer", deal, owner=str(company.people["ann"]))
    moved = case(company, "ann", second)
    assert now(moved) == ["approve"] and moved["mine"]["step"] == "approve", (
        "what was approved by who holds it no more is approved again"
    )
    assert case(company, "bob", second)["mine"] is None, "who answered follows what becomes of it"
    refused = company.at("bob").post(f"/access/requests/{third}/refuse", {"text": "no"})
    assert refused.status == 200 and case(company, "sue", third)["state"] == "rejected"

    fourth = company.ask("sue", company.deal(name="D4")).body["id"]
    number = case(company, "sue", fourth)["id"]
    with clock.later(seconds=15 * DAY):
        with transaction.atomic():
            clockwork.look.func()
        lapsed = company.at("sue").get(f"/flows/instances/{number}").body
    assert lapsed["state"] == "withdrawn" and lapsed["history"][-1]["what"] == "ended", (
        "nobody answered for fourteen days"
    )


def test_what_a_confirmation_finds_gone_moves_on_from_the_case_too(company: Company) -> None:
    """Its refusal says that the request went to the next in line: then it has to have gone there."""
    deal = company.deal()
    company.reads("sue", amount="hidden")
    line = {"type": "opportunity", "actions": ["read", "share"], "scope": ["all"], "read": {"*": "read"}}
    until = clock.now() + timedelta(hours=36)
    grants.grant_lines(SETUP, [line], "person", str(company.people["fin"]), ends=until)
    lent = company.at("fin").post("/access/loans", {
        "type": "opportunity", "record": deal, "action": "read", "fields": ["amount"], "seconds": DAY, "reason": "a case",
        "borrower": str(company.people["sue"]),
    }).body  # fmt: skip
    assert lent["state"] == "confirming"
    with clock.later(seconds=DAY):
        seen = case(company, "sec", lent["id"])
        decide = f"/flows/instances/{seen['id']}/work/{seen['mine']['number']}/decide"
        late = company.at("sec").post(decide, {"approve": True})
        assert late.status == 409 and late.code == "moved_on", late.body
        assert now(case(company, "bob", lent["id"])) == ["approve"]


def test_what_takes_two_comes_back_to_security_until_both_have_said_yes(company: Company) -> None:
    everything = [{"type": "opportunity", "actions": ["read", "export"], "scope": ["all"], "read": {"*": "read"}}]
    grants.save_role(SETUP, "keeper", name="keeper", lines=everything)
    asked = company.at("sue").post("/access/requests/role", {"role": "keeper", "reason": "stand-in"}).body["id"]
    first = case(company, "sec", asked)
    assert now(first) == ["approve"] and first["matter"]["code"] == "rights_request"
    decide = f"/flows/instances/{first['id']}/work/{first['mine']['number']}/decide"
    assert company.at("sec").post(decide, {"approve": True}).status in (200, 204)
    assert company.at("sec").post(decide, {"approve": True}).status == 409
    second = case(company, "sid", asked)
    assert now(second) == ["approve"] and second["mine"] is not None
    again = case(company, "sec", asked)
    assert again["mine"] is None, "the same person is not asked twice"
    told = {one["person"]["username"] for one in again["work"] if one["state"] == "open"}
    assert "sid" in told and "sec" not in told, "who said the first yes reads who has it next"
    assert company.at("sec").get(f"/access/requests/{asked}").body["state"] == "open"
    yes = company.at("sid").post(
        f"/flows/instances/{second['id']}/work/{second['mine']['number']}/decide", {"approve": True}
    )
    assert yes.status in (200, 204), yes.body
    assert company.at("sue").get(f"/access/requests/{asked}").body["state"] == "approved"
    assert case(company, "sue", asked)["state"] == "completed"


def test_a_drawing_that_goes_past_a_step_takes_nothing_away_from_lending(company: Company) -> None:
    never = (
        processes.source("temporary_permission").decode().replace("matter.state == 'confirming'", "matter.days > 9000")
    )
    assert publish(company, never).status == 201
    deal = company.deal()
    company.reads("sue", amount="hidden")
    asked = company.ask("sue", deal, fields=["amount"]).body["id"]
    assert company.at("bob").post(f"/access/requests/{asked}/approve").body["state"] == "confirming"
    assert case(company, "sue", asked)["state"] == "completed" and company.cell("sue", deal, "amount") is None
    assert company.at("bob").post(f"/access/requests/{asked}/confirm").status == 403
    assert company.at("sec").post(f"/access/requests/{asked}/confirm").body["state"] == "approved"
    assert company.cell("sue", deal, "amount") == "1310400.00"


def test_an_unseen_record_s_case_is_nobody_s_who_may_not_know(company: Company) -> None:
    deal = company.deal("wei")
    there, gone = company.ask("sue", deal, fields=[]).body, company.ask("sue", uuid7(), fields=[]).body
    drain()
    assert [one["case"] for one in (there, gone)] == [None, None]
    assert company.at("sue").get("/flows/instances").body["items"] == []
    assert company.at("pam").get("/flows/instances?scope=all").body["items"] == []
    assert company.at("pam").get("/flows/instances?scope=halted").body["items"] == []
    mine = company.at("wei").get("/flows/work").body["items"]
    assert len(mine) == 1
    for who in ("sue", "pam", "bob"):
        assert company.at(who).get(f"/flows/instances/{mine[0]['id']}").status == 404
    assert company.at("wei").post(f"/access/requests/{there['id']}/approve").body["state"] == "approved"
    assert case(company, "sue", there["id"])["state"] == "completed", "a yes is heard"


def test_a_process_about_requests_keeps_every_step_of_theirs(company: Company) -> None:
    file = with_head()
    without = publish(company, file.replace('<heli:does verb="confirm"/>', ""))
    assert without.status == 422 and "step" in {one["code"] for one in without.body["problems"]}
    handed = publish(company, file.replace('<heli:moves allow="reject"/>', '<heli:moves allow="reject transfer"/>', 2))
    assert handed.status == 422 and {one["place"] for one in handed.body["problems"]} == {"consent", "approve"}
    silent = publish(company, file.replace('<heli:moves allow="reject"/>', "", 2))
    assert silent.status == 422, "a request can always be refused"
    other = publish(company, file.replace('id="temporary_permission"', 'id="other"'))
    assert other.status == 422 and "已经有流程" in other.body["problems"][0]["message"]["zh"]
    unknown = publish(company, file.replace("matter.state == 'proposed'", "matter.cell == 1"))
    assert unknown.status == 422 and unknown.body["problems"][0]["code"] == "name"
    begun = company.at("bob").post("/flows/instances", {"process": "temporary_permission"})
    assert begun.status == 403 and begun.code == "by_itself"
    assert not any(one["by_hand"] for one in company.at("pam").get("/flows/processes").body["items"])


def test_a_trial_with_a_real_request_asks_it_whose_turn_it_is_and_says_where_somebody_stands_in(
    company: Company,
) -> None:
    unseen = company.ask("sue", company.deal("wei"), fields=[]).body
    drain()
    hidden = company.at("wei").get("/flows/work").body["items"][0]["id"]
    assert unseen["case"] is None
    deal = company.deal()
    company.reads("sue", amount="hidden")
    asked = company.ask("sue", deal, fields=["amount"]).body["id"]
    number = case(company, "bob", asked)["id"]
    trial = {"source": processes.source("temporary_permission").decode(), "initiator": str(company.people["sue"])}
    (made_up,) = company.at("pam").post("/flows/trial", trial).body["work"]
    assert (
        made_up["node"] == "approve"
        and "暂代" in made_up["stands_in"]["zh"]
        and "stands in" in made_up["stands_in"]["en"]
    )
    (real,) = company.at("pam").post("/flows/trial", {**trial, "case": number}).body["work"]
    assert (real["person"]["username"], real["stands_in"]) == ("bob", None)
    moves = [{"approve": "approve", "by": str(company.people["bob"])}]
    later = company.at("pam").post("/flows/trial", {**trial, "case": number, "moves": moves}).body
    assert all(one["stands_in"] is None or one["person"] is not None for one in later["work"])
    assert case(company, "bob", asked)["id"] == number and now(case(company, "bob", asked)) == ["approve"], (
        "nothing is done"
    )
    for no in (hidden, "999999"):
        assert company.at("pam").post("/flows/trial", {**trial, "case": no}).status == 404

    def offered(who: str, more: str = "", type: str = "loan_request") -> list[str]:
        found = company.at(who).get(f"/flows/trial/cases?type={type}{more}")
        return [one["id"] for one in found.body["items"]] if found.status == 200 else [str(found.status)]

    second = case(company, "bob", company.ask("sue", company.deal(), fields=["amount"]).body["id"])["id"]
    assert offered("pam") == [second, number], "newest first, and not what may not be tried"
    assert offered("pam", f"&q={number}") == [number] and offered("pam", f"&q={hidden}") == []
    assert offered("pam", "&q=SUE") == [second, number] and offered("pam", "&q=nobody") == []
    title = company.at("pam").get("/flows/trial/cases?type=loan_request").body["items"][0]["title"]
    assert title and offered("pam", f"&q={quote(title)}") == [second, number], "by what is asked for"
    assert offered("bob") == ["404"], "who designs nothing"
    assert offered("pam", type="opportunity") == ["404"], "of records the record is chosen"
