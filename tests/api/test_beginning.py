"""Before a process begins: what it is for, the steps to come and who gets it first; or why it would be refused."""

from __future__ import annotations

import re
from typing import Any

import pytest

from heli.access import grants
from heli.kernel import clock
from heli.org.models import Department
from heli.org.verbs import positions
from heli.records import sql
from heli.records.types import TYPES
from tests.api.client import signed_in
from tests.cases import Company, Play, process, publish, task
from tests.world import SETUP, fresh

pytestmark = [pytest.mark.django_db, pytest.mark.storage]

ABOUT = "<documentation>大单要财务看 / Finance looks at large deals</documentation>"
BY_AMOUNT = process(
    task("lead", "manager"), task("money", "position finance"), task("last", "position management", people='mode="claim"'),
    "s>lead", "lead>x1", "x1>money if record.amount > 1000", "x1>x2", "money>x2", "x2>last", "last>e",
).replace("<extensionElements>", ABOUT + "<extensionElements>", 1)  # fmt: skip


@pytest.fixture
def world(db: None) -> Company:
    return fresh(Company)


def asked(who: str, record: str, process: str = "deal", kind: str = "opportunity") -> dict[str, Any]:
    """One process as it could be begun about a record."""
    answer = signed_in(who).get(f"/flows/records/{kind}/{record}/beginnings")
    assert answer.status == 200, answer.body
    found: dict[str, Any] = next(one for one in answer.body["items"] if one["process"] == process)
    return found


def route(found: dict[str, Any]) -> list[tuple[int, str, bool, list[str] | str]]:
    """The steps: number, id, whether it surely comes, by whom."""
    return [
        (one["number"], one["id"], one["sure"], [who["username"] for who in one["people"]] or one["who"])
        for one in found["steps"]
    ]


def test_who_is_about_to_begin_reads_what_it_is_for_and_whom_it_goes_to_in_order(world: Company) -> None:
    publish(world, BY_AMOUNT)
    small, large = (world.make("ann", "opportunity", name="Deal", amount=amount) for amount in ("500", "5000"))
    found = asked("ann", large)
    offered = signed_in("ann").get("/flows/processes").body["items"]
    assert offered[0]["about"] == {"zh": "大单要财务看", "en": "Finance looks at large deals"}
    assert (found["refusal"], found["partly"]) == (None, False)
    assert route(found) == [(0, "lead", True, ["mei"]), (1, "money", True, ["fin"]), (2, "last", True, ["boss"])]
    assert found["steps"][0]["name"] == {"zh": "lead 中", "en": "lead"}
    assert route(asked("ann", small)) == [(0, "lead", True, ["mei"]), (1, "last", True, ["boss"])]
    # and so it comes
    play = Play(world, BY_AMOUNT, large)
    assert play.where() == {"lead": ["mei"]}


def test_what_an_earlier_step_fills_in_leaves_the_way_open_and_says_by_what_it_goes(world: Company) -> None:
    file = BY_AMOUNT.replace('edit=""', 'edit="amount"', 1)
    publish(world, file)
    large = world.make("ann", "opportunity", name="Deal", amount="5000")
    found = asked("ann", large)
    assert [(one["id"], one["sure"]) for one in found["steps"]] == [("lead", True), ("money", False), ("last", True)]
    assert found["steps"][1]["when"]["zh"].endswith("> 1000")
    assert "record." not in found["steps"][1]["when"]["en"]


def test_steps_beside_each_other_have_one_number_and_the_one_behind_them_the_next(world: Company) -> None:
    file = process(
        task("one", "position finance"), task("two", "position support", show="name"), task("last", "manager of=previous"),
        "s>p1", "p1>one", "p1>two", "one>p2", "two>p2", "p2>last", "last>e",
    )  # fmt: skip
    publish(world, file)
    found = asked("ann", world.make("ann", "opportunity", name="Deal"))
    assert route(found) == [(0, "one", True, ["fin"]), (0, "two", True, ["sue"]), (1, "last", True, "later")]


def test_what_the_process_does_by_itself_is_told_among_the_steps(world: Company) -> None:
    makes = (
        '<serviceTask id="make" name="建客户 / Make an account"><extensionElements><heli:does verb="create" type="account"/>'
        '<heli:give name="name" value="record.name"/></extensionElements></serviceTask>'
        '<serviceTask id="note" name="记下 / Note"><extensionElements><heli:does verb="edit"/><heli:give name="competitor" value="\'x\'"/>'
        "</extensionElements></serviceTask>"
        '<sendTask id="tell" name="告知 / Tell"><extensionElements><heli:assignee rule="position" position="finance"/><heli:people empty="skip"/>'
        "</extensionElements></sendTask>"
        '<sendTask id="none" name="告知 / Tell"><extensionElements><heli:assignee rule="position" position="nobody_yet"/>'
        '<heli:people empty="skip"/></extensionElements></sendTask>'
    )  # fmt: skip
    positions.create_position(SETUP, "Nobody", code="nobody_yet")
    publish(
        world,
        process(makes, task("lead", "manager"), "s>note", "note>lead", "lead>x1", "x1>make if record.amount > 10", "x1>x2", "make>tell",
                "tell>none", "none>x2", "x2>e"),
    )  # fmt: skip
    large, small = (world.make("ann", "opportunity", name="Deal", amount=one) for one in ("50", "5"))
    found = asked("ann", large)
    assert route(found) == [
        (0, "note", True, "itself"), (1, "lead", True, ["mei"]), (2, "make", True, "itself"), (3, "tell", True, ["fin"]),
    ]  # fmt: skip
    assert [(one["does"] or {}).get("zh") for one in found["steps"]] == ["修改", None, "新建「客户」", None]
    assert [one["id"] for one in asked("ann", small)["steps"]] == ["note", "lead"]


def test_who_has_decided_before_is_told_not_to_be_asked_again(world: Company) -> None:
    once = 'same="dedupe"'
    both = '<heli:assignee rule="position" position="finance"/>'
    file = process(
        task("lead", "manager"), task("again", "manager", people=once), task("more", "manager", people=once, more=both),
        task("either", "position finance", more='<heli:assignee rule="position" position="support"/>'),
        task("maybe", "position support", people=once), task("plain", "manager"),
        "s>lead", "lead>again", "again>either", "either>maybe", "maybe>more", "more>plain", "plain>e",
    )  # fmt: skip
    deal = world.make("ann", "opportunity", name="Deal")
    publish(world, file)
    found = asked("ann", deal)
    assert [(one["id"], [who["username"] for who in one["people"]], one["same"]) for one in found["steps"]] == [
        ("lead", ["mei"], ""), ("again", ["mei"], "all"), ("either", ["fin", "sue"], ""), ("maybe", ["sue"], "some"),
        ("more", ["fin"], "some"), ("plain", ["mei"], ""),
    ]  # fmt: skip
    # and so it comes
    play = Play(world, file, deal)
    assert play.approve("mei").status in (200, 204)
    assert play.where() == {"either": ["fin", "sue"]}, "who did the step before is not asked the same again"
    assert play.approve("sue").status in (200, 204)
    assert play.where() == {"more": ["fin"]}


def test_on_one_of_two_ways_only_who_decides_on_both_is_sure_to_have_decided(world: Company) -> None:
    once = 'same="dedupe"'
    file = process(
        task("first", "manager", edit="amount"), task("left", "position finance"), task("right", "position support"),
        task("close", "position finance", people=once), task("last", "manager", people=once),
        "s>first", "first>x1", "x1>left if record.amount > 10", "x1>right", "left>x2", "right>x2", "x2>close", "close>last", "last>e",
    )  # fmt: skip
    publish(world, file)
    found = asked("ann", world.make("ann", "opportunity", name="Deal", amount="50"))
    assert {one["id"]: one["same"] for one in found["steps"]} == {
        "first": "", "left": "", "right": "", "close": "some", "last": "all",
    }  # fmt: skip
    beside = (
        file.replace("exclusiveGateway", "parallelGateway")
        .replace('id="deal"', 'id="both"')
        .replace(' default="f2"', "")
    )
    beside = re.sub("<conditionExpression>.*?</conditionExpression>", "", re.sub(' default="f[0-9]+"', "", beside))
    publish(world, beside)
    found = asked("ann", world.make("ann", "opportunity", name="Deal", amount="50"), "both")
    assert {one["id"]: one["same"] for one in found["steps"]}["close"] == "all", "both are gone"


def inclusive(*elements: str, id: str) -> str:
    return process(task("first", "manager", edit="amount"), *elements, "s>first", id=id).replace(
        "exclusiveGateway", "inclusiveGateway"
    )


TASKS = tuple(task(one, "position finance") for one in ("a", "b", "c", "d", "last"))


@pytest.mark.parametrize(
    ("flows", "sure"),
    [
        (("first>x1", "x1>a", "x1>b if record.amount > 10", "x1>c if record.amount > 20", "a>x2", "b>x2", "c>x2", "x2>last", "last>e"), ["last"]),
        (  # one way goes past
            ("first>x1", "x1>x3", "x1>b if record.amount > 10", "x1>c if record.amount > 20", "b>x2", "c>x2", "x2>last", "last>x3", "x3>e"), [],
        ),
        (  # two gateways, one behind the other, and nobody knows which ways it goes at either
            (
                "first>x1", "x1>a", "x1>b if record.amount > 10", "a>x2", "b>x2", "x2>x3", "x3>c", "x3>d if record.amount > 20", "c>x4", "d>x4",
                "x4>last", "last>e",
            ), ["last"],
        ),
        (  # and one inside a way of the other
            (
                "first>x1", "x1>x3", "x1>b if record.amount > 10", "x3>c", "x3>d if record.amount > 20", "c>x4", "d>x4", "x4>x2", "b>x2",
                "x2>last", "last>e",
            ), ["last"],
        ),
        (  # both of what stands beside each other on one way are not more than that way
            ("first>x1", "x1>e", "x1>p1 if record.amount > 10", "p1>a", "p1>b", "a>p2", "b>p2", "p2>last", "last>e"), [],
        ),
    ],
    ids=["all-meet", "one-goes-past", "two-behind-each-other", "one-inside-the-other", "beside-on-one-way"],
)  # fmt: skip
def test_what_every_way_behind_open_branches_passes_is_sure(
    world: Company, flows: tuple[str, ...], sure: list[str]
) -> None:
    used = tuple(
        one for one in TASKS if any(f">{one.partition('id=')[2][1:].partition(chr(34))[0]}" in flow for flow in flows)
    )
    publish(world, inclusive(*used, *flows, id="open"))
    found = asked("ann", world.make("ann", "opportunity", name="Deal", amount="5"), "open")
    assert [one["id"] for one in found["steps"] if one["sure"]] == ["first", *sure]


def test_behind_a_condition_on_what_they_do_not_read_only_what_every_way_passes_is_told(world: Company) -> None:
    """Two deals that differ in a cell which the asker may edit past, but not read, look the same."""
    publish(world, BY_AMOUNT)
    world.add("hal", "support", None)
    lines = [{"type": "opportunity", "actions": ["read", "edit"], "scope": ["all"], "read": {"amount": "hidden"}}]
    grants.grant_lines(SETUP, lines, "person", str(world.people["hal"]))
    small, large = (world.make("ann", "opportunity", name="Deal", amount=amount) for amount in ("500", "5000"))
    found = asked("hal", large)
    assert found == asked("hal", small)
    assert [one["id"] for one in found["steps"]] == ["lead", "last"]
    assert found["partly"] is True
    assert "mount" not in str(found) and "金额" not in str(found)


def test_whose_turn_depends_on_a_field_that_they_do_not_read_is_told_to_be_found_later(world: Company) -> None:
    publish(world, process(task("lead", "field field=owner"), "s>lead", "lead>e"))
    world.add("hal", "support", None)
    lines = [{"type": "opportunity", "actions": ["read", "edit"], "scope": ["all"], "read": {"owner": "hidden"}}]
    grants.grant_lines(SETUP, lines, "person", str(world.people["hal"]))
    deal = world.make("ann", "opportunity", name="Deal")
    assert route(asked("hal", deal)) == [(0, "lead", True, "later")]
    assert route(asked("ann", deal)) == [(0, "lead", True, ["ann"])]


@pytest.mark.parametrize(
    "rule", ["head of=owner", "leader of=owner", "position support of=owner", "turn position=support of=owner"]
)
def test_whose_department_they_do_not_read_is_not_told_by_who_heads_it(world: Company, rule: str) -> None:
    """A rule that means the owner's department asks the record's own, before it begins and while it runs."""
    east, support = world.departments["east"], world.departments["support"]
    for one, who in ((east, "mei"), (support, "sue")):
        Department.objects.filter(pk=one).update(head_id=world.people[who], overseer_id=world.people[who])
    world.add("hal", "support", None)
    lines = [{"type": "opportunity", "actions": ["read", "edit"], "scope": ["all"], "read": {"department": "hidden"}}]
    grants.grant_lines(SETUP, lines, "person", str(world.people["hal"]))
    publish(world, process(task("lead", rule, people='empty="administrator"'), "s>lead", "lead>e"))
    here, there = (world.make("ann", "opportunity", name="Deal") for _ in range(2))
    sql.execute("UPDATE crm_opportunity SET department_id=%s WHERE id=%s", [support, there])
    assert asked("hal", here) == asked("hal", there)
    assert route(asked("hal", there)) == [(0, "lead", True, "later")]
    assert route(asked("ann", there)) == [(0, "lead", True, ["sue"])]
    begun = signed_in("hal").post("/flows/instances", {"process": "deal", "record": there})
    assert begun.status == 201, begun.body
    seen = signed_in("hal").get(f"/flows/instances/{begun.body['id']}").body
    assert "Sue" not in str(seen), "nor is it told who has its work"


def test_a_process_that_would_be_refused_says_why_before_it_is_tried(world: Company) -> None:
    publish(world, process(task("lead", "manager"), "s>lead", "lead>e"))
    deal = world.make("ann", "opportunity", name="Deal")
    lines = [{"type": "opportunity", "actions": ["read"], "scope": ["all"]}]
    world.add("hal", "support", None)
    grants.grant_lines(SETUP, lines, "person", str(world.people["hal"]))
    found = asked("hal", deal)
    assert found["refusal"]["code"] == "no_line" and found["steps"] == []
    tried = signed_in("hal").post("/flows/instances", {"process": "deal", "record": deal})
    assert tried.status == 403 and tried.body["message"] == found["refusal"]["words"]
    assert signed_in("ann").post("/flows/instances", {"process": "deal", "record": deal}).status == 201
    assert asked("ann", deal)["refusal"]["code"] == "running"


def test_a_process_begins_only_where_its_start_condition_holds_and_says_so_in_words(world: Company) -> None:
    file = process(
        task("lead", "manager"), "s>lead", "lead>e", subject="type=\"opportunity\" right=\"edit\" when=\"record.amount &gt; 1000\""
    )  # fmt: skip
    publish(world, file)
    small, large = (world.make("ann", "opportunity", name="Deal", amount=amount) for amount in ("500", "5000"))
    assert asked("ann", large)["refusal"] is None
    found = asked("ann", small)
    assert found["refusal"]["code"] == "condition"
    assert "> 1000" in found["refusal"]["words"]["zh"] and "record." not in found["refusal"]["words"]["en"]
    tried = signed_in("ann").post("/flows/instances", {"process": "deal", "record": small})
    assert (tried.status, tried.body["message"]) == (403, found["refusal"]["words"])
    # who does not read the amount learns nothing of it by trying
    world.add("hal", "support", None)
    lines = [{"type": "opportunity", "actions": ["read", "edit"], "scope": ["all"], "read": {"amount": "hidden"}}]
    grants.grant_lines(SETUP, lines, "person", str(world.people["hal"]))
    assert asked("hal", small) == asked("hal", large)
    answers = [signed_in("hal").post("/flows/instances", {"process": "deal", "record": one}) for one in (small, large)]
    assert [one.status for one in answers] == [403, 403] and answers[0].body["message"] == answers[1].body["message"]


def test_what_is_to_be_changed_tells_the_way(world: Company) -> None:
    file = process(
        task("lead", "manager"), task("money", "position finance"), "s>lead", "lead>x1", "x1>money if 'amount' in changed",
        "x1>x2", "money>x2", "x2>e", subject='type="opportunity" right="edit" proposes="amount name"',
    )  # fmt: skip
    publish(world, file)
    deal = world.make("ann", "opportunity", name="Deal", amount="500")
    assert route(asked("ann", deal)) == [(0, "lead", True, ["mei"]), (1, "money", False, ["fin"])]
    for changed, steps in (("name", ["lead"]), ("name,amount", ["lead", "money"])):
        answer = signed_in("ann").get(f"/flows/records/opportunity/{deal}/beginnings?changed={changed}").body
        assert [(one["id"], one["sure"]) for one in answer["items"][0]["steps"]] == [(one, True) for one in steps]


def test_a_condition_names_no_field_that_its_reader_does_not_read(world: Company) -> None:
    file = process(
        task("lead", "manager"), task("money", "position finance"), "s>lead", "lead>x1",
        "x1>money if 'amount' in changed or 'name' in changed", "x1>x2", "money>x2", "x2>e",
        subject='type="opportunity" right="edit" proposes="amount name"',
    )  # fmt: skip
    publish(world, file)
    deal = world.make("ann", "opportunity", name="Deal", amount="500")
    assert asked("ann", deal)["steps"][1]["when"]["en"] == "if “Amount” is to be changed or “Name” is to be changed"
    world.add("hal", "support", None)
    lines = [{"type": "opportunity", "actions": ["read", "edit"], "scope": ["all"], "read": {"amount": "hidden"}}]
    grants.grant_lines(SETUP, lines, "person", str(world.people["hal"]))
    found = asked("hal", deal)
    assert [(one["id"], one["sure"], one["when"]) for one in found["steps"]] == [
        ("lead", True, None),
        ("money", False, None),
    ]
    assert "mount" not in str(found) and "金额" not in str(found)


def test_of_a_record_that_they_do_not_see_nothing_is_told(world: Company) -> None:
    publish(world, BY_AMOUNT)
    deal = world.make("wei", "opportunity", name="Deal")
    assert signed_in("sue").get(f"/flows/records/opportunity/{deal}/beginnings").status == 404


def test_that_an_unseen_record_it_leads_to_is_deleted_is_not_told_by_whom_it_goes_to(world: Company) -> None:
    """Whose it is not known while it is there: then "nobody but the owner" would say that it is there no more."""
    rules = "".join(f'<heli:assignee rule="field" field="{field}"/>' for field in ("account.owner", "owner"))
    tell = f'<sendTask id="tell" name="告知 / Tell"><extensionElements>{rules}<heli:people empty="skip"/></extensionElements></sendTask>'
    publish(world, process(task("lead", "manager"), tell, "s>lead", "lead>tell", "tell>e"))
    account = world.make("wei", "account", name="Elsewhere")
    deal = world.make("ann", "opportunity", name="Deal", amount="500")
    table = TYPES["opportunity"].table
    sql.execute(f"UPDATE {table} SET account_id=%s WHERE id=%s", [account, deal])
    assert signed_in("ann").get(f"/records/account/{account}").status == 404
    before = asked("ann", deal)
    assert route(before)[1] == (1, "tell", True, "later")
    sql.execute(f"UPDATE {TYPES['account'].table} SET deleted_at=%s WHERE id=%s", [sql.bind(clock.now()), account])
    assert asked("ann", deal) == before
    sql.execute(f"UPDATE {table} SET account_id=NULL WHERE id=%s", [deal])
    assert route(asked("ann", deal))[1] == (1, "tell", True, ["ann"]), "that there is none they read themselves"
