"""Each number of the workbench says what it counts, under whose rights, and what it may leave out."""

from __future__ import annotations

from heli.access import grants
from tests.api.client import Api, signed_in
from tests.world import SETUP, World


def why(api: Api, code: str) -> dict[str, object]:
    told = api.get(f"/access/absent?figure={code}")
    assert told.status == 200, told.body
    found: dict[str, object] = told.body
    return found


def test_every_figure_and_the_queue_are_explained_from_ones_own_rights(world: World) -> None:
    world.make("ann", "opportunity", name="Secret deal", amount="777")
    ann = signed_in("ann")
    for one in ann.get("/workbench").body["figures"]:
        told = why(ann, one["code"])
        assert told["allowed"] and told["because"], one["code"]
        assert "Secret deal" not in str(told) and "777" not in str(told)
    deals = str(why(ann, "open_deals"))
    assert "where “Stage” is" in deals and "「阶段」为" in deals
    assert "Worked out under your own rights" in deals and "records that you do not see" in deals
    assert "waits for you" in str(why(ann, "queue"))
    assert "mention" in str(why(ann, "mentions"))
    for bad in ("nothing", "payments", "x" * 81, ""):
        assert ann.get(f"/access/absent?figure={bad}").status in (404, 422)


def test_what_is_masked_is_named_as_left_out_whether_or_not_there_is_any(world: World) -> None:
    masked = [{"type": "opportunity", "actions": ["read"], "scope": ["all"], "read": {"*": "read", "amount": "masked"}}]
    grants.grant_lines(SETUP, masked, "person", str(world.people["ann"]))
    ann, boss = signed_in("ann"), signed_in("boss")
    told = why(ann, "open_amount")
    empty = str(told)
    assert "masked or hidden from you" in empty
    assert "masked or hidden" not in str(why(boss, "open_amount"))
    world.make("wei", "opportunity", name="Theirs", amount="5")
    assert str(why(ann, "open_amount")) == empty, "nothing of what lies in records is told"


def test_my_tasks_are_mine_and_not_those_of_my_people(world: World) -> None:
    tasks = [
        {"type": "task", "actions": ["read", "create", "edit"], "scope": ["all"], "read": {"*": "read"}, "write": ["*"]}
    ]
    plain = signed_in("sue")
    for who in ("ann", "sue"):
        grants.grant_lines(SETUP, tasks, "person", str(world.people[who]))
    world.make("ann", "task", subject="Theirs")
    world.make("sue", "task", subject="Mine")
    (mine,) = [one for one in plain.get("/workbench").body["figures"] if one["code"] == "open_tasks"]
    assert mine["value"] == 1
    assert plain.get(f"/records/task/count{mine['list'].partition('/records/task')[2]}").body["count"] == 1
    assert "you are the owner" in str(why(plain, "open_tasks"))
