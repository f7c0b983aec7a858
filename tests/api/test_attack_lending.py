"""Attacks on lending: a second yes by who gains, roles that take one where they should take two, promises passed by."""

from __future__ import annotations

import pytest

from heli.access import grants
from heli.org.models import Project
from heli.org.verbs import projects
from heli.policy.models import Promise
from tests.api.lenders import Company, fresh
from tests.world import SETUP

pytestmark = [pytest.mark.django_db, pytest.mark.storage]


@pytest.fixture
def company() -> Company:
    return fresh()


def test_security_confirms_nothing_for_a_project_that_they_are_in(company: Company) -> None:
    deal = company.deal("bob")
    grants.grant_lines(SETUP, [{"type": "project", "actions": ["read"], "scope": ["all"]}], "everyone")
    project = Project.objects.create(name="Launch").pk
    for who in ("sue", "sec"):
        projects.add_project_member(SETUP, project, company.people[who])
        company.reads(who, amount="hidden")
    asked = company.ask("sue", deal, project=project, fields=["amount"])
    request = f"/access/requests/{asked.body['id']}"
    assert company.at("bob").post(f"{request}/approve").body["state"] == "confirming"
    refused = company.at("sec").post(f"{request}/confirm")
    assert (refused.status, refused.code) == (403, "not_security")
    assert "confirm" not in company.at("sec").get(request).body["may"]
    assert request.rpartition("/")[2] not in [
        one["id"] for one in company.at("sec").get("/access/requests").body["items"]
    ]
    assert company.cell("sec", deal, "amount") is None
    assert company.at("sid").post(f"{request}/confirm").body["state"] == "approved"
    assert company.cell("sue", deal, "amount") is not None


def test_a_role_that_approves_millions_takes_two(company: Company) -> None:
    """What is powerful is the same for requests as for posts."""
    line = {"type": "contract", "actions": ["read", "approve"], "scope": ["all"], "limit": 900_000_000}
    grants.save_role(SETUP, "signer", name="signer", lines=[line])
    asked = company.at("sue").post("/access/requests/role", {"role": "signer", "reason": "x"})
    request = f"/access/requests/{asked.body['id']}"
    assert company.at("sec").post(f"{request}/approve").body["state"] == "open"
    assert company.at("sid").post(f"{request}/approve").body["state"] == "approved"


def test_a_role_asked_for_breaks_no_policy_test(company: Company) -> None:
    body = {"name": "客服不看金额", "name_en": "no amounts", "who": {"role": ["support"]}, "rule": "never",
            "type": "opportunity", "action": "read", "scopes": ["own"]}  # fmt: skip
    Promise.objects.create(code="p", body=body)
    asked = company.at("sue").post("/access/requests/role", {"role": "finance", "reason": "x"})
    refused = company.at("sec").post(f"/access/requests/{asked.body['id']}/approve")
    assert (refused.status, refused.code) == (409, "promise"), refused.body
    assert "no amounts" in refused.body["message"]["en"]
