"""An auditor reads the log and the rules; nobody else does, and no value stands in the log's list."""

from __future__ import annotations

import pytest

from heli.access import grants
from tests.api.client import signed_in
from tests.world import SETUP, World

pytestmark = [pytest.mark.django_db, pytest.mark.storage]


def test_the_auditor_sees_who_did_what_but_no_values(world: World) -> None:
    grants.grant_lines(
        SETUP,
        [
            {"type": "audit", "actions": ["read"], "scope": ["all"]},
            {"type": "policy", "actions": ["read"], "scope": ["all"]},
        ],
        "person",
        str(world.people["fin"]),
    )
    world.make("ann", "opportunity", name="Secret deal", amount="77123.00")
    auditor = signed_in("fin")
    log = auditor.get("/audit")
    assert log.status == 200
    made = next(one for one in log.body["items"] if one["action"] == "opportunity.create")
    assert made["actor"] == "Ann"
    assert "amount" in made["fields"]
    assert "77123" not in str(log.body)
    assert "Secret deal" not in str(log.body)
    rules = auditor.get("/policy")
    assert rules.status == 200
    assert {"rep", "manager"} <= {role["code"] for role in rules.body["roles"]}
    assert signed_in("ann").get("/audit").status == 403
    assert signed_in("ann").get("/policy").status == 403
