"""Attacks on explanations: values that show in who is named."""

from __future__ import annotations

import pytest

from heli.access import grants
from heli.org import verbs as org
from tests.api.client import signed_in
from tests.world import SETUP, World

pytestmark = [pytest.mark.django_db, pytest.mark.storage]


def test_whom_to_ask_does_not_hang_on_a_value_that_is_not_read(world: World) -> None:
    """Mei may lend large deals only: that she is named would tell that a deal is large."""
    org.set_head(SETUP, world.departments["east"], world.people["mei"])
    grants.save_role(SETUP, "rep", name="rep", lines=[
        {"type": "opportunity", "actions": ["read", "create"], "scope": ["own"], "read": {"*": "read"}},
    ])  # fmt: skip
    share = {"type": "opportunity", "actions": ["read", "share"], "scope": ["all"], "where": [["amount", ">=", "1000"]]}
    grants.save_role(SETUP, "manager", name="manager", lines=[{**share, "read": {"*": "read"}}])
    see = {"type": "opportunity", "actions": ["read"], "scope": ["all"], "read": {"*": "read", "amount": "hidden"}}
    grants.grant_lines(SETUP, [see], "person", str(world.people["wei"]))
    wei = signed_in("wei")
    boss = {
        "type": "opportunity",
        "actions": ["read", "create"],
        "scope": ["all"],
        "read": {"*": "read"},
        "write": ["*"],
    }
    grants.grant_lines(SETUP, [boss], "person", str(world.people["ann"]))
    told = []
    for amount in ("10", "5000"):
        one = world.make("ann", "opportunity", name="Deal", amount=amount)
        reply = wei.get(f"/why?action=edit&type=opportunity&id={one}")
        assert reply.status == 200, reply.body
        told.append([person["username"] for person in reply.body["ask"]])
    assert told[0] == told[1]
