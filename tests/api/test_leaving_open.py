"""What stands open with somebody who leaves or moves: shown before, and passed on or ended in the same request as shown."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from heli.access import grants
from heli.access.models import Grant
from heli.kernel import clock
from heli.lending.models import Loan, Request
from heli.org import verbs as org
from heli.org.models import Deputy
from heli.policy.models import Draft
from heli.review.models import Batch, Campaign, Item
from tests.api.lenders import DAY, Company, fresh
from tests.cases import process, task
from tests.world import SETUP

pytestmark = pytest.mark.storage
ADMIN = [{"type": "organisation", "actions": ["read", "administer"], "scope": ["all"]}]
PROCESSES = [{"type": "process", "actions": ["read", "administer"], "scope": ["all"]}]
WRITES_POLICY = [{"type": "policy", "actions": ["read", "administer"], "scope": ["all"]}]
SHARE = [{"type": "opportunity", "actions": ["read", "share"], "scope": ["below"], "read": {"*": "read"}}]


@pytest.fixture
def company(db: None) -> Company:
    """Somebody for the organisation beside the two for security; managers lend what is below them."""
    made = fresh()
    made.add("adm", "root", None)
    grants.grant_lines(SETUP, ADMIN, "person", str(made.people["adm"]))
    grants.grant_lines(SETUP, SHARE, "position", str(made.positions["manager"]))
    return made


def to(company: Company, **takers: str) -> list[dict[str, str]]:
    return [{"kind": kind, "to": str(company.people[who])} for kind, who in takers.items()]


def told(company: Company, **body: Any) -> dict[str, tuple[str, str | None]]:
    """By kind: what would become of what Bob has open, and whose it would be."""
    reply = company.at("adm").post(f"/access/people/{company.people['bob']}/handover/preview", body)
    assert reply.status == 200, reply.body
    found = reply.body["standing"]
    return {one["kind"]: (one["outcome"], one["to"]["username"] if one["to"] else None) for one in found}


def busy(company: Company) -> dict[str, str]:
    """Bob is asked by Ann, lends to Sue, borrows from Wei and asks him for more, stands in for Wei, writes a draft, tries one,
    reviews one of Ann's rights and may use an emergency."""
    for who in ("ann", "bob", "sue"):
        company.reads(who, competitor="hidden", amount="hidden")
    grants.grant_lines(SETUP, WRITES_POLICY, "person", str(company.people["bob"]))
    deal, west = company.deal("bob"), company.deal("wei")
    made = {"lent": company.lent("bob", "sue", deal), "borrowed": company.lent("wei", "bob", west)}
    made["approving"] = company.ask("ann", deal).body["id"]
    made["asked"] = company.ask("bob", west, fields=["amount"]).body["id"]
    org.set_deputy(
        SETUP, company.people["wei"], company.people["bob"], starts=clock.now(), ends=clock.now() + timedelta(days=9)
    )
    made["drafts"] = company.at("bob").post("/access/drafts", {"title": "Bob's"}).body["id"]
    made["testing"] = company.at("sid").post("/access/drafts", {"title": "Sid's"}).body["id"]
    asked = {"testers": [str(company.people["bob"])]}
    assert company.at("sid").send("PUT", f"/access/drafts/{made['testing']}/sandbox", asked).status == 200
    campaign = Campaign.objects.create(title="Spring", kind="all", due=clock.now() + timedelta(days=9))
    batch = Batch.objects.create(campaign=campaign, reviewer_id=company.people["bob"], number=1)
    grant = Grant.objects.filter(subject_kind="person", subject_id=str(company.people["ann"])).first()
    assert grant is not None
    Item.objects.create(
        campaign=campaign, batch=batch, person_id=company.people["ann"], grant_id=grant.pk, via="person", risk=1, band="low",
        secret=False, facts={}, due=campaign.due,
    )  # fmt: skip
    body = {"title": "Flood", "reason": "the office is under water", "types": ["opportunity"], "actions": ["read"],
            "classes": ["public"], "departments": [str(company.departments["east1"])], "roles": [], "seconds": DAY}  # fmt: skip
    assert company.at("sec").post("/access/emergencies", body).status == 201
    return made


ALL = {"approving", "asked", "borrowed", "deputies", "drafts", "emergencies", "lent", "reviews", "testing"}


def test_all_that_stands_open_is_told_without_naming_a_record(company: Company) -> None:
    busy(company)
    found = company.at("adm").get(f"/access/people/{company.people['bob']}/holdings").body
    assert {one["kind"] for one in found["standing"]} == ALL
    assert "Robots" not in str(found)
    lent = next(one for one in found["standing"] if one["kind"] == "lent")
    assert (lent["what"]["zh"], lent["other"]["username"]) == ("查看一条商机", "sue")


def test_a_leaver_passes_everything_on_as_previewed(company: Company) -> None:
    made = busy(company)
    takers = to(company, approving="mei", lent="mei", drafts="sec", testing="mei", reviews="mei")
    assert told(company, takers=takers) == {
        "approving": ("goes", "mei"), "asked": ("ends", None), "borrowed": ("ends", None), "deputies": ("ends", None),
        "drafts": ("goes", "sec"), "emergencies": ("ends", None), "lent": ("week", "mei"), "reviews": ("goes", "mei"),
        "testing": ("goes", "mei"),
    }  # fmt: skip
    bob = company.people["bob"]
    reply = company.at("adm").post(f"/access/people/{bob}/offboard", {"takers": takers})
    assert reply.status == 200, reply.body
    mei = company.people["mei"]
    assert Request.objects.get(pk=made["approving"]).approver_id == mei
    assert Request.objects.get(pk=made["asked"]).state == Request.GONE
    assert Loan.objects.get(pk=made["borrowed"]).ended_how == Loan.LEFT
    lent = Loan.objects.get(pk=made["lent"])
    assert (lent.keeper_id, lent.running(), lent.ends <= clock.now() + timedelta(days=7)) == (mei, True, True)
    assert company.people["sec"] in Draft.objects.get(pk=made["drafts"]).authors
    assert [one["draft"] for one in company.at("mei").get("/access/sandboxes").body["items"]] == [made["testing"]]
    assert Item.objects.get().batch.reviewer_id == mei
    assert company.at("mei").post(f"/access/requests/{made['approving']}/approve", {}).status == 200
    left = company.at("adm").get(f"/access/people/{bob}/holdings").body["standing"]
    assert {one["kind"] for one in left} == {"lent"}


def test_steps_that_name_who_leaves_are_told_to_who_knows_the_processes(company: Company) -> None:
    ann = '<heli:assignee rule="person" person="ann"/>'
    grants.grant_lines(SETUP, PROCESSES, "person", str(company.people["sec"]))
    file = process(
        task("alone", "person person=bob"), task("both", "person person=bob", people='mode="all"', more=ann),
        task("either", "person person=bob", more=ann), "s>alone", "alone>both", "both>either", "either>e", id="names",
    )  # fmt: skip
    made = company.at("sec").send("POST", "/flows/processes", {"source": file})
    assert made.body["state"] == "waiting", made.body
    assert company.at("boss").send("POST", f"/flows/versions/{made.body['id']}/answer", {"yes": True}).status == 200
    bob = company.people["bob"]
    assert company.at("adm").post(f"/access/people/{bob}/handover/preview", {}).body["named"] == []
    grants.grant_lines(SETUP, PROCESSES, "person", str(company.people["adm"]))
    told = company.at("adm").post(f"/access/people/{bob}/handover/preview", {}).body["named"]
    assert [(one["code"], one["node"]["en"], one["signs"]) for one in told] == [
        ("names", "alone", False), ("names", "both", True)
    ], "and not where others have the step too"  # fmt: skip


def test_without_takers_it_ends_or_goes_up_the_line(company: Company) -> None:
    made = busy(company)
    said = told(company)
    assert (said["approving"], said["lent"]) == (("goes", "mei"), ("week", "mei"))
    assert (said["drafts"], said["testing"], said["reviews"]) == (("withdrawn", None), ("ends", None), ("goes", None))
    assert company.at("adm").post(f"/access/people/{company.people['bob']}/offboard", {}).status == 200
    draft = company.at("sec").get(f"/access/drafts/{made['drafts']}").body
    assert (draft["state"], "离职" in draft["remarks"][-1]["text"]) == ("withdrawn", True)
    assert Request.objects.get(pk=made["approving"]).approver_id == company.people["mei"]
    assert Item.objects.get().batch.reviewer_id == company.people["mei"]


def test_who_cannot_lend_it_takes_over_no_request(company: Company) -> None:
    made = busy(company)
    takers = to(company, approving="wei", lent="wei")
    said = told(company, takers=takers)
    assert (said["approving"], said["lent"]) == (("goes", "mei"), ("week", "mei"))
    assert company.at("adm").post(f"/access/people/{company.people['bob']}/offboard", {"takers": takers}).status == 200
    assert Request.objects.get(pk=made["approving"]).approver_id == company.people["mei"]


def test_who_moves_keeps_what_is_not_named(company: Company) -> None:
    made = busy(company)
    move = {"department": str(company.departments["west"])}
    assert told(company, **move) == {kind: ("ends" if kind == "emergencies" else "stays", None) for kind in ALL}
    ends = [{"kind": kind, "id": made[kind]} for kind in ("borrowed", "lent", "asked")]
    ends += [{"kind": "deputies", "id": str(Deputy.objects.get().pk)}]
    body = {**move, "end": ends, "takers": to(company, approving="mei", reviews="mei")}
    said = told(company, **body)
    assert {said[kind] for kind in ("borrowed", "lent", "asked", "deputies")} == {("ends", None)}
    assert (said["approving"], said["reviews"], said["drafts"]) == (("goes", "mei"), ("goes", "mei"), ("stays", None))
    reply = company.at("adm").post(f"/access/people/{company.people['bob']}/move", body)
    assert reply.status == 200, reply.body
    assert [Loan.objects.get(pk=made[kind]).ended_how for kind in ("borrowed", "lent")] == ["returned", "recalled"]
    assert Request.objects.get(pk=made["asked"]).state == Request.WITHDRAWN
    assert Request.objects.get(pk=made["approving"]).approver_id == company.people["mei"]
    assert Item.objects.get().batch.reviewer_id == company.people["mei"]
    assert not Deputy.objects.filter(ends__gt=clock.now()).exists()
    assert Draft.objects.get(pk=made["drafts"]).state == Draft.OPEN


def test_a_loan_that_the_new_post_no_longer_carries_is_told_to_end_and_does(company: Company) -> None:
    made = busy(company)
    move = {"department": str(company.departments["support"]), "position": str(company.positions["support"])}
    assert told(company, **move)["lent"] == ("ends", None)
    assert company.at("adm").post(f"/access/people/{company.people['bob']}/move", move).status == 200
    assert not Loan.objects.get(pk=made["lent"]).running()


def test_wrong_takers_and_things_of_others_are_refused_at_their_places(company: Company) -> None:
    made = busy(company)
    here = f"/access/people/{company.people['bob']}"
    takers = [*to(company, approving="adm", lent="bob", drafts="ann"), {"kind": "asked", "to": "1"}]
    reply = company.at("adm").post(f"{here}/offboard", {"takers": takers[:3]})
    assert (reply.status, reply.places) == (422, ["takers/0/to", "takers/1/to", "takers/2/to"])
    assert company.at("adm").post(f"{here}/offboard", {"takers": takers[3:]}).places == ["takers/0/kind"]
    wrong = {"department": str(company.departments["west"]), "end": [{"kind": "lent", "id": made["borrowed"]}]}
    assert company.at("adm").post(f"{here}/move", wrong).places == ["end/0/id"]
    assert Loan.objects.get(pk=made["borrowed"]).running()


def test_titles_are_told_only_to_who_may_read_them(company: Company) -> None:
    """Who administers the organisation and not the rights learns that a draft is open, not what it is about."""
    made = busy(company)
    bob, adm = company.people["bob"], company.at("adm")
    holdings = f"/access/people/{bob}/holdings"

    def titles() -> dict[str, str]:
        found = adm.get(holdings).body["standing"]
        ends = adm.post(f"/access/people/{bob}/handover/preview", {}).body["standing"]
        assert {one["kind"]: one["what"] for one in ends} == {one["kind"]: one["what"] for one in found}
        return {one["kind"]: one["what"]["en"] for one in found}

    told = titles()
    assert (told["drafts"], told["testing"]) == (
        f"a draft of the rules, D-{made['drafts']}",
        f"a draft of the rules, D-{made['testing']}",
    )
    assert told["emergencies"] == "an emergency" and told["reviews"].startswith("a review, batch 1")
    assert not {"Bob's", "Sid's"} & set(str(told))
    grants.grant_lines(
        SETUP, [{"type": "policy", "actions": ["read"], "scope": ["all"]}], "person", str(company.people["adm"])
    )
    told = titles()
    assert (told["drafts"], told["testing"]) == ("Bob's", "Sid's") and not told["reviews"].startswith("a review")
