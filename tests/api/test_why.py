"""Everyone may ask why, and learns no more from it than they may see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection

from heli.access import grants
from heli.api import viewer as identities
from heli.audit import entries
from heli.kernel import quick
from heli.kernel.ids import uuid7
from heli.kernel.quick import Row, Statement
from heli.org.verbs import assignments
from heli.records import explain
from heli.records.explain import Question
from tests.api.client import signed_in
from tests.world import SETUP, World

pytestmark = pytest.mark.storage


def test_a_yes_carries_the_grant_that_made_it(world: World) -> None:
    ann = signed_in("ann")
    deal = world.make("ann", "opportunity", name="Deal")
    reply = ann.get(f"/why?action=read&type=opportunity&id={deal}").body
    assert reply["allowed"] is True
    first = reply["because"][0]
    assert first["role"]["en"] == "rep"
    assert first["scope"]["zh"] == "本人"
    assert first["fact"]["en"] == "you are its owner"
    assert "rep" in first["via"]["en"]


def test_a_no_names_the_smallest_missing_sets_and_whom_to_ask(world: World) -> None:
    world.add("eva", "east", "rep")
    eva = signed_in("eva")
    deal = world.make("ann", "opportunity", name="Deal", amount="5")
    reply = eva.get(f"/why?action=edit&type=opportunity&id={deal}").body
    assert reply["allowed"] is False
    codes = [{fact["code"] for fact in facts} for facts in reply["missing"]]
    assert {"scope:own"} in codes
    assert {"scope:team:edit"} in codes
    assert any(code.startswith("role:manager@") for one in codes for code in one)
    assert [one["username"] for one in reply["ask"]] == ["ann", "boss"]
    amount = eva.get(f"/why?action=read&type=opportunity&id={deal}&field=amount").body
    assert (amount["allowed"], amount["level"]) == (False, "masked")


def test_a_no_is_found_out_in_two_rounds(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each round is a trip to the database's server: seven of them took longer than the whole answer may."""
    world.add("eva", "east", "rep")
    deal = world.make("ann", "opportunity", name="Deal")
    eva = identities.for_person(world.people["eva"])
    asked = Question("edit", "opportunity", deal)
    explain.why(eva, asked)  # what is kept of rules and people is read once
    rounds, statements = [], []
    together = quick.together

    def counted(some: Sequence[Statement]) -> list[list[Row]]:
        rounds.append(len(some))
        return together(some)

    def watched(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.append(sql)
        return execute(sql, params, many, context)

    monkeypatch.setattr(quick, "together", counted)
    with connection.execute_wrapper(watched):
        assert not explain.why(eva, asked).allowed
    assert (rounds, len(statements)) == ([2, 4], 6)


def test_a_condition_that_fails_is_said_and_not_taken_for_the_scope(world: World) -> None:
    world.add("own", "east", None)
    line = {
        "type": "opportunity",
        "actions": ["read", "create"],
        "scope": ["own"],
        "read": {"*": "read"},
        "write": ["*"],
    }
    grants.grant_lines(
        SETUP, [line, {**line, "actions": ["edit"], "where": [["amount", "<=", "1000"]], "write": ["*"]}],
        "person", str(world.people["own"]),
    )  # fmt: skip
    deal, mine = world.make("own", "opportunity", name="Mine", amount="5000"), signed_in("own")
    path = f"/records/opportunity/{deal}"
    refused = mine.patch(path, {"name": "x"}, If_Match=mine.get(path).etag)
    assert (refused.status, refused.code) == (403, "no_scope")
    assert "你可以编辑商机，但这一条现在不行：要求" in refused.body["message"]["zh"]
    assert "scope" not in refused.body["message"]["en"] and "1,000" in refused.body["message"]["en"]


def test_a_field_written_by_the_system_says_so(world: World) -> None:
    ann = signed_in("ann")
    deal = world.make("ann", "opportunity", name="Deal")
    reply = ann.get(f"/why?action=edit&type=opportunity&id={deal}&field=stage").body
    assert reply["allowed"] is False
    assert [fact["code"] for facts in reply["missing"] for fact in facts] == ["readonly"]


def test_an_unseen_record_is_explained_as_an_absent_one(world: World) -> None:
    wei = signed_in("wei")
    deal = world.make("ann", "opportunity", name="Deal")
    unseen, absent = (wei.get(f"/why?action=read&type=opportunity&id={one}") for one in (deal, uuid7()))
    assert unseen.status == 200
    assert unseen.body == absent.body
    assert unseen.body["missing"][0][0]["code"] == "unseen"
    for one in (deal, uuid7()):
        assert wei.get(f"/why?action=read&type=opportunity&id={one}&beside={world.people['ann']}").status == 404


def test_beside_a_colleague_the_difference_is_told_and_written_down(world: World) -> None:
    ann = signed_in("ann")
    deal = world.make("ann", "opportunity", name="Deal")
    reply = ann.get(f"/why?action=edit&type=opportunity&id={deal}&beside={world.people['wei']}").body
    assert reply["mine"]["allowed"] is True
    assert reply["theirs"]["allowed"] is False
    assert reply["difference"] == reply["theirs"]["missing"][0]
    assert entries.query(actions=["why.beside"])[0].actor_name == "Ann"
    boss = ann.get(f"/why?action=read&type=opportunity&id={deal}&beside={world.people['boss']}").body
    assert boss["theirs"]["allowed"] is True
    assert boss["theirs"]["because"][0]["role"]["en"] == "another reason"


def test_a_colleagues_line_that_also_serves_work_elsewhere_counts_where_it_holds(world: World) -> None:
    """One line may hold by place or by work at a step: that there is no such work here takes nothing of the place."""
    line = {
        "type": "opportunity",
        "actions": ["read", "delete"],
        "scope": ["workitem:legal", "all"],
        "read": {"*": "read"},
    }
    grants.grant_lines(SETUP, [line], "person", str(world.people["boss"]))
    deal = world.make("ann", "opportunity", name="Deal")
    said = signed_in("ann").get(f"/why?action=delete&type=opportunity&id={deal}&beside={world.people['boss']}")
    assert said.body["theirs"]["allowed"] is True, said.body


@pytest.mark.parametrize(
    ("query", "status", "place"),
    [
        ("type=opportunity", 422, "action"),
        ("action=read&type=nothing", 404, ""),
        ("action=read&type=contract", 404, ""),
        ("action=fly&type=opportunity", 422, "action"),
        ("action=read&type=opportunity&field=nothing", 422, "field"),
        ("action=read&type=opportunity&id=1", 422, "id"),
        ("action=read&type=opportunity&beside=999999", 422, "beside"),
    ],
)
def test_wrong_questions_are_refused_by_name(world: World, query: str, status: int, place: str) -> None:
    reply = signed_in("ann").get(f"/why?{query}")
    assert reply.status == status, reply.body
    assert not place or reply.places == [place]


def test_the_reason_nearest_to_ones_own_work_comes_first(world: World) -> None:
    """A rep who also stands in for the manager reads their own deal as its owner, and only then as the manager."""
    assignments.assign(SETUP, world.people["ann"], world.departments["east"], world.positions["manager"], primary=False)
    deal = world.make("ann", "opportunity", name="Mine")
    told = signed_in("ann").get(f"/why?action=read&type=opportunity&id={deal}").body["because"]
    facts = [one["scope"]["en"] for one in told]
    assert facts == ["own", "department", "department and below"]
    assert len({(one["grant"], one["scope"]["en"]) for one in told}) == len(told), "nothing is said twice"


def test_who_else_sees_it_looks_near_the_record_first_and_does_not_tell_a_hidden_owner_by_its_place(
    world: World,
) -> None:
    for n in range(12):
        world.add(f"far{n}", "west", "rep")
    world.add("zoe", "east", "manager")
    deal = world.make("ann", "opportunity", name="Deal")
    told = signed_in("boss").get(f"/records/opportunity/{deal}/who").body
    assert told["others"] is False
    names = [one["person"]["username"] for one in told["people"]]
    assert {"ann", "zoe"} <= set(names)
    assert not any(name.startswith("far") for name in names)
    numbers = [int(one["person"]["id"]) for one in told["people"] if one["via"]["en"] != "another reason"]
    assert numbers == sorted(numbers)
