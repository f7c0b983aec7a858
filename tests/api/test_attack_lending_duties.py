"""Attacks on lending: duties passed by with a loan, to a person or to a project in which somebody is."""

from __future__ import annotations

import pytest

from heli.access import grants
from heli.org.models import Project
from heli.org.verbs import projects
from heli.policy.models import Duty
from tests.api.lenders import Company, fresh
from tests.world import SETUP

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
APART = {
    "name": "商机与合同分开", "name_en": "who edits deals approves no contracts", "first": [], "second": [],
    "first_rights": ["opportunity.edit"], "second_rights": ["contract.approve"],
}  # fmt: skip
EDIT = {"action": "edit", "fields": ["competitor"]}


@pytest.fixture
def company() -> Company:
    made = fresh()
    Duty.objects.create(code="apart", body=APART)
    line = {"type": "contract", "actions": ["read", "approve"], "scope": ["all"]}
    grants.grant_lines(SETUP, [line], "person", str(made.people["sue"]))
    return made


def test_nobody_borrows_the_other_side_of_a_duty(company: Company) -> None:
    deal = company.deal("bob")
    body = {
        "type": "opportunity",
        "record": deal,
        **EDIT,
        "seconds": 3600,
        "reason": "x",
        "borrower": str(company.people["sue"]),
    }
    refused = company.at("bob").post("/access/loans", body)
    assert (refused.status, refused.code) == (403, "duty"), refused.body["message"]["en"]
    assert "approves no contracts" in refused.body["message"]["en"]
    company.reads("sue")
    asked = company.ask("sue", deal, **EDIT)
    refused = company.at("bob").post(f"/access/requests/{asked.body['id']}/approve")
    assert (refused.status, refused.code) == (403, "duty"), refused.body["message"]["en"]
    assert company.at("bob").post(f"/access/requests/{asked.body['id']}/approve", {"action": "read"}).status == 200, (
        "reading is none"
    )


def test_nor_by_a_project(company: Company) -> None:
    deal = company.deal("bob")
    grants.grant_lines(SETUP, [{"type": "project", "actions": ["read"], "scope": ["all"]}], "everyone")
    project = Project.objects.create(name="Launch").pk
    for who in ("sue", "bob"):
        projects.add_project_member(SETUP, project, company.people[who])
    body = {"type": "opportunity", "record": deal, **EDIT, "seconds": 3600, "reason": "x", "project": project}
    refused = company.at("bob").post("/access/loans", body)
    assert (refused.status, refused.code) == (403, "duty"), refused.body["message"]["en"]


def test_a_member_who_may_approve_the_record_borrows_no_editing_by_a_project(company: Company) -> None:
    Duty.objects.all().delete()
    deal = company.deal("bob")
    grants.grant_lines(SETUP, [{"type": "project", "actions": ["read"], "scope": ["all"]}], "everyone")
    lines = [{"type": "opportunity", "actions": ["read", "approve"], "scope": ["all"]}]
    grants.grant_lines(SETUP, lines, "person", str(company.people["wei"]))
    project = Project.objects.create(name="Launch").pk
    for who in ("wei", "bob"):
        projects.add_project_member(SETUP, project, company.people[who])
    body = {"type": "opportunity", "record": deal, **EDIT, "seconds": 3600, "reason": "x"}
    alone = company.at("bob").post("/access/loans", body | {"borrower": str(company.people["wei"])})
    assert (alone.status, alone.code) == (403, "duty")
    refused = company.at("bob").post("/access/loans", body | {"project": project})
    assert (refused.status, refused.code) == (403, "duty"), refused.body["message"]["en"]


def test_who_borrows_editing_of_an_unseen_record_writes_what_was_lent_and_not_its_name(company: Company) -> None:
    deal = company.deal("bob")
    assert company.lent("bob", "wei", deal, **EDIT)
    seen = company.at("wei").get(f"/records/opportunity/{deal}")
    assert (seen.status, seen.body["access"]["competitor"], seen.body["access"]["code"]) == (200, "edit", "read")
    assert "name" not in seen.body["access"]
    wrote = company.at("wei").patch(f"/records/opportunity/{deal}", {"competitor": "Other"}, if_match=seen.etag)
    assert wrote.status == 200, wrote.body
    again = company.at("wei").get(f"/records/opportunity/{deal}")
    refused = company.at("wei").patch(f"/records/opportunity/{deal}", {"name": "Mine"}, if_match=again.etag)
    assert refused.status in (403, 422), refused.body
    assert company.cell("bob", deal, "name") == "Robots"
