"""One budget whatever people take something through: sums, groups, comparisons and search count like lists and records."""

from __future__ import annotations

import pytest

from heli.guard import budget, ledger
from tests.api.client import Api, signed_in
from tests.world import World

pytestmark = pytest.mark.storage


def taken(world: World, name: str) -> dict[tuple[str, str], int]:
    """What is written down of this person today, by channel and kind; the budget's window says the same."""
    ledger.flush()
    who = world.people[name]
    rows = signed_in("boss").get(f"/access/people/{who}/taken").body["items"]
    found = {(row["channel"], row["kind"]): row["n"] for row in rows}
    used = budget.used(who)
    for kind in budget.KINDS:
        assert used.get((kind, "day"), 0) == sum(n for (_, one), n in found.items() if one == kind)
    return found


def figure(api: Api, asked: str) -> None:
    reply = api.get(f"/records/opportunity/count?{asked}")
    assert reply.status == 200, reply.body


@pytest.fixture
def office(world: World) -> World:
    for n, stage in enumerate(("new", "new", "won", "won", "won", "won", "won", "won")):
        made = world.make("ann", "opportunity", name=f"Deal {n}", amount=str(10 * n))
        if stage == "won":
            from heli.records import sql

            sql.execute("UPDATE crm_opportunity SET stage='won' WHERE id=%s", [made])
    return world


def test_a_sum_counts_what_it_tells_and_a_small_one_each_of_its_members(office: World) -> None:
    ann = signed_in("ann")
    figure(ann, "by=stage")
    assert taken(office, "ann") == {}, "how many there are tells of no cell"
    figure(ann, "sum=amount")
    assert taken(office, "ann") == {("figure", "confidential"): 1}, "over many, a sum tells of the whole"
    figure(ann, "sum=amount&by=stage")
    assert taken(office, "ann") == {("figure", "confidential"): 1 + 2 + 1}, "two of new, and the whole of six won"
    one = '{"field":"name","op":"=","value":"Deal 7"}'
    figure(ann, f"sum=amount&filter={one}")
    assert taken(office, "ann") == {("figure", "confidential"): 5}


def test_groups_and_comparisons_of_what_is_confidential_count_too(office: World) -> None:
    ann = signed_in("ann")
    figure(ann, "by=amount")
    assert taken(office, "ann") == {("figure", "confidential"): 8}, "eight amounts, each of one deal"
    figure(ann, 'filter={"field":"amount","op":">=","value":"60"}')
    assert taken(office, "ann") == {("figure", "confidential"): 10}, "who is above is told of both that are"
    figure(ann, 'filter={"field":"amount","op":">=","value":"1"}')
    assert taken(office, "ann") == {("figure", "confidential"): 11}


def test_what_is_masked_in_a_sum_counts_nothing(office: World) -> None:
    wei = signed_in("wei")
    figure(wei, "sum=amount&by=stage")
    assert taken(office, "wei") == {}


def test_search_counts_each_record_once_while_somebody_types(office: World) -> None:
    ann = signed_in("ann")
    for text in ("De", "Dea", "Deal"):
        assert len(ann.get(f"/search?q={text}").body["items"]) == 6
    assert taken(office, "ann") == {("search", "records"): 6}
    ann.get("/search?q=Deal&limit=50")
    assert taken(office, "ann") == {("search", "records"): 8}


def test_over_the_budget_sums_and_searches_wait_like_lists_and_the_workbench_goes_on(office: World) -> None:
    boss, ann = signed_in("boss"), signed_in("ann")
    tight = {"floor_confidential": 20, "hour_share": 100, "freeze_at": 0}
    assert boss.send("PATCH", "/access/guard/settings", tight).status == 200
    for _ in range(3):
        figure(ann, "by=amount")
        ledger.flush()
    figure(ann, "sum=amount")
    for path in ("/records/opportunity/count?sum=amount", "/search?q=Deal", "/records/opportunity?fields=amount"):
        assert (ann.get(path).status, ann.get(path).code) == (429, "over_budget"), path
    assert ann.get("/workbench").status == 200
    assert ann.get("/records/opportunity/count").status == 200, "how many there are is no cell"


def test_a_list_narrowed_by_what_it_does_not_show_counts_what_it_tells(office: World) -> None:
    """Names between two amounts are amounts, a little at a time; and so is how many have just this one."""
    ann = signed_in("ann")
    names = "/records/opportunity?fields=name"
    for n in range(8):
        at = f'{{"and":[{{"field":"name","op":"=","value":"Deal {n}"}},{{"field":"amount","op":">=","value":"{10 * n}"}}]}}'
        assert len(ann.get(f"{names}&filter={at}").body["items"]) == 1
    assert taken(office, "ann") == {("list", "records"): 8, ("list", "confidential"): 8}
    ann.get(f'{names},amount&filter={{"field":"amount","op":">=","value":"0"}}')
    assert taken(office, "ann") == {("list", "records"): 16, ("list", "confidential"): 16}, (
        "shown and compared is one cell"
    )
    ann.get(f'{names}&filter={{"field":"stage","op":"=","value":"won"}}')
    assert taken(office, "ann")["list", "confidential"] == 16
    figure(ann, 'filter={"field":"amount","op":"in","value":["20","30"]}')
    assert taken(office, "ann")["figure", "confidential"] == 2, "that there are two of just these tells of both"


def test_a_list_in_the_order_of_what_it_does_not_show_counts_what_it_tells(office: World) -> None:
    """Who stands above whom is known of every name, page after page."""
    ann, wei = signed_in("ann"), signed_in("wei")
    names = "/records/opportunity?fields=name"
    ann.get(f"{names}&sort=-amount")
    assert taken(office, "ann") == {("list", "records"): 8, ("list", "confidential"): 8}
    first = ann.get(f"{names}&sort=amount&limit=3").body
    assert taken(office, "ann")["list", "confidential"] == 11, "a page tells of its own rows"
    ann.get(f"{names}&sort=amount&limit=3&after={first['next']}")
    ann.get(f"{names}&sort=name,-amount&limit=2")
    assert taken(office, "ann")["list", "confidential"] == 16, "a second key too"
    for quiet in (f"{names}&sort=-name", f"{names},stage&sort=stage,name", names):
        ann.get(quiet)
    assert taken(office, "ann")["list", "confidential"] == 16
    ann.get(f"{names},amount&sort=amount")
    ann.get(f'{names}&sort=amount&filter={{"field":"amount","op":">=","value":"0"}}')
    assert taken(office, "ann")["list", "confidential"] == 32, "shown, compared and in order is one cell"
    for sort in ("amount", "name,amount"):
        assert wei.get(f"{names}&sort={sort}").status == 200
    assert ("list", "confidential") not in taken(office, "wei"), "what is masked gives no place"


def test_over_the_budget_an_order_waits_too(office: World) -> None:
    boss, ann = signed_in("boss"), signed_in("ann")
    tight = {"floor_confidential": 20, "hour_share": 100, "freeze_at": 0}
    assert boss.send("PATCH", "/access/guard/settings", tight).status == 200
    for _ in range(3):
        ann.get("/records/opportunity?fields=name&sort=amount")
        ledger.flush()
    ann.get("/records/opportunity?fields=name&sort=amount")
    assert ann.get("/records/opportunity?fields=name&sort=amount").status == 429
