"""A person who may import brings many records through the door, each within their rights; what is beyond them stays out.

No route and no command imports as a person yet; the door keeps the rules for those that will.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from tests import world

from heli.access import grants
from heli.audit import entries
from heli.kernel.errors import NotFound, Refused
from heli.records import act, bulk
from heli.records.act import Action
from heli.records.types import TYPES

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
LINE: dict[str, Any] = {"type": "opportunity", "actions": ["import"], "scope": ["own"], "read": {"*": "read"}}


@pytest.fixture
def company() -> world.World:
    return world.fresh()


def given(company: world.World, who: str, **changes: Any) -> int:
    return int(grants.grant_lines(world.SETUP, [{**LINE, **changes}], "person", str(company.people[who])).pk)


def bring(company: world.World, who: str, rows: Sequence[Mapping[str, Any]], **more: Any) -> list[bulk.Outcome]:
    return list(bulk.import_many(company.as_(who), TYPES["opportunity"], rows, **more))


def told(outcome: bulk.Outcome) -> list[tuple[int, str, str]]:
    return [(bad.number, problem.place, problem.code) for bad in outcome.bad for problem in bad.problems]


def test_only_who_holds_the_action_imports(company: world.World) -> None:
    for who, error in (("ann", Refused), ("sue", NotFound)):
        with pytest.raises(error):
            bring(company, who, [{"name": "A"}])
    given(company, "ann")
    (done,) = bring(company, "ann", [{"name": "A", "amount": "5.00"}, {"name": "B"}])
    assert (len(done.made), done.bad) == (2, [])
    rows = {row["name"]: row for row in company.list("ann", "opportunity")}
    assert rows["A"]["amount"] == "5.00"
    assert {(row["owner"]["username"], row["created_by"]["username"]) for row in rows.values()} == {("ann", "ann")}
    assert {row["department"]["name"] for row in rows.values()} == {"east"}
    entry = entries.query(object_id=done.made[0].id)[0]
    assert (entry.action, entry.actor_id) == ("opportunity.create", company.people["ann"])
    assert "grant" in entry.via
    assert company.names("wei") == set()


def test_what_a_person_could_not_enter_alone_does_not_come_in_with_many(company: world.World) -> None:
    given(company, "ann")
    mine, theirs = company.make("ann", "account", name="Mine"), company.make("wei", "account", name="Theirs")
    gone = company.make("ann", "account", name="Gone")
    act.do(company.system, Action("account", "delete", gone))
    pooled = company.make("ann", "account", name="Pooled")
    company.do("ann", "account", "return", pooled, reason="no time")
    wei = {"id": str(company.people["wei"])}
    rows = [
        {"name": "Good", "account": mine},
        {"name": "Unseen", "account": theirs},
        {"name": "Deleted", "account": gone},
        {"name": "From the pool", "account": pooled},
        {"name": "For another", "owner": wei["id"]},
        {"name": "Won already", "stage": "won"},
        {"name": "No such field", "secret": "x"},
        {"name": ""},
        {"name": "Good too"},
    ]
    (done,) = bring(company, "ann", rows)
    assert [one.number for one in done.made] == [0, 8]
    assert told(done) == [
        (1, "account", "missing"), (2, "account", "missing"), (3, "account", "pooled"), (4, "owner", "readonly"),
        (5, "stage", "readonly"), (6, "secret", "unknown"), (7, "name", "required"),
    ]  # fmt: skip
    assert company.names("ann") == {"Good", "Good too"}


def test_conditions_of_the_line_bound_each_row(company: world.World) -> None:
    given(company, "ann", where=[["amount", "<", "1000"]])
    (done,) = bring(company, "ann", [{"name": "Small", "amount": "5"}, {"name": "Large", "amount": "5000"}])
    assert [one.number for one in done.made] == [0]
    assert [bad.number for bad in done.bad] == [1]


def test_a_right_that_ends_meanwhile_ends_the_import_at_the_next_batch(company: world.World) -> None:
    grant = given(company, "ann")
    batches = bulk.import_many(company.as_("ann"), TYPES["opportunity"], ({"name": f"D{n}"} for n in range(4)), size=2)
    assert len(next(batches).made) == 2
    grants.revoke(world.SETUP, grant)
    assert [bad.number for bad in next(batches).bad] == [2, 3]
    assert company.names("ann") == {"D0", "D1"}
