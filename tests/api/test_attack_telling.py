"""Attacks on what is told beforehand and beside: what a hand-off lacks, by which copy somebody reads, what begins cases by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.api.test_hand_offs import HANDED
from tests.cases import Company, Play
from tests.world import fresh

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
PLAIN = {"type": "opportunity", "actions": ["read"], "scope": ["all"], "read": {"*": "hidden", "name": "read"}}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> Path:
    settings.HELI_HOME = tmp_path
    return tmp_path


@pytest.fixture
def world(db: None) -> Company:
    return fresh(Company)


def test_why_a_criterion_cannot_be_worked_out_is_not_said_to_who_does_not_read_what_it_looks_at(world: Company) -> None:
    """That the amount is nothing would be told by the reason alone, beside a criterion of which nothing is said."""
    ratio = HANDED.replace("record.amount &gt; 1000", "1000 / record.amount &gt; 50")
    told = []
    for amount in ("0", "500"):
        play = Play(world, ratio, world.make("ann", "opportunity", name="Big", amount=amount))
        own = {one["place"]: one["message"]["en"] for one in play.seen("ann").body["mine"]["needs"]}
        assert ("zero" in own["packets/receive/criteria/large"]) == (amount == "0"), "who reads it is told why"
        assert play.act("ann", "transfer", to=str(world.people["sue"]), text="for you").status in (200, 204)
        told.append(play.seen("sue").body["mine"]["needs"])
    assert told[0] == told[1]
    [criterion] = [one for one in told[0] if "criteria" in one["place"]]
    assert criterion["lacking"] is None
