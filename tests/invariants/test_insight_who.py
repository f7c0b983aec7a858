"""Who may, found from the record, is exactly whoever is allowed when each person is asked."""

from __future__ import annotations

import random
from typing import Any

import pytest
from django.db import transaction
from tests.invariants.examples import Undo, each_seed
from tests.invariants.strategies import KIND, Company, company

from heli.access import view as views
from heli.access.core.line import Level
from heli.insight import company as companies
from heli.insight.who import Asked, who
from heli.kernel import clock
from heli.records import reach as reaching
from heli.records import readers
from heli.records.sight import row_facts

pytestmark = [pytest.mark.django_db, pytest.mark.storage]

ACTIONS = ("read", "edit", "delete", "approve")
FIELDS = ("name", "amount", "competitor", "stage", "owner", "project")


def one_by_one(made: Company, action: str, row: dict[str, Any] | None, field: str | None) -> set[int]:
    found = set()
    for person in made.people:
        rights = views.of(person).type(KIND.code)
        if rights is None:
            continue
        if row is None:
            allowed = rights.ever(action)
        else:
            facts = row_facts(row, reaching.of_row(person, rights, row["id"], row["account_id"]))
            decided = rights.decide(action, facts) if field is None else rights.decide_field(action, field, facts)
            allowed = decided.allowed
            if field is not None and action == "read":
                assert allowed == (rights.decide("read", facts).allowed and rights.level(field, facts) == Level.READ)
        if allowed:
            found.add(person)
    return found


def turned(row: dict[str, Any]) -> dict[tuple[str, str], set[int]]:
    found: dict[tuple[str, str], set[int]] = {}
    for person, pairs in readers.reached_by(KIND, row).items():
        for pair in pairs:
            found.setdefault(pair, set()).add(person)
    return found


@each_seed(40)
def test_who_may_is_whoever_is_allowed(seed: int) -> None:
    rng = random.Random(seed)
    with pytest.raises(Undo), transaction.atomic():
        made = company(rng, rows=6, people=7)
        world = companies.Company(companies.World.load(), clock.now())
        for row in (None, *made.rows.values()):
            reached = turned(row) if row is not None else {}
            for action in ACTIONS:
                for field in (None, rng.choice(FIELDS), rng.choice(FIELDS)):
                    if row is None and field is not None:
                        continue
                    found = who(world, Asked(KIND, action, row, field, reached))
                    assert found.people == one_by_one(made, action, row, field), (action, field, row)
                    assert not found.maybe
                    named = [one for way in found.ways for one in way.people]
                    assert len(named) == len(set(named))
        raise Undo
