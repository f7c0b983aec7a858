"""The command line as people of the shared company use it: list, count, why."""

from __future__ import annotations

import json

import pytest

from heli.kernel import clock
from heli.records import act
from tests.cli import Heli
from tests.world import World, fresh

pytestmark = pytest.mark.storage


@pytest.fixture
def company(db: None) -> World:
    return fresh()


@pytest.fixture
def heli(company: World, capsys: pytest.CaptureFixture[str]) -> Heli:  # the company must be there
    return Heli(capsys)


def test_people_print_as_user_names_and_links_as_keys_or_ids(company: World, heli: Heli) -> None:
    account = company.make("ann", "account", name="Acme")
    company.make("ann", "opportunity", name="A", amount="1.5", account=account)
    mine = heli("list", "opportunity", "--as", "ann", "--fields", "name,owner,account,amount,department")["items"]
    assert [{k: v for k, v in row.items() if k != "id"} for row in mine] == [
        {"name": "A", "owner": "ann", "account": "Acme", "amount": "1.50", "department": "east"}
    ]
    # Finance knows no campaigns: the deal names its one by id.
    campaign = act.do(company.system, act.Action("campaign", "create", values={"name": "Secret", "owner": None})).id
    big = company.make("wei", "opportunity", name="Big", amount="2000")
    act.do(company.system, act.Action("opportunity", "edit", big, {"campaign": campaign}))
    row = heli("list", "opportunity", "--as", "fin", "--fields", "name,campaign")["items"][0]
    assert (row["name"], row["campaign"]) == ("Big", campaign)
    grouped = heli("count", "opportunity", "--as", "fin", "--by", "campaign", "--sum", "amount")
    assert grouped["groups"] == {campaign: {"count": 1, "sum": "2000.00", "readable": 1}}


def test_both_spellings_of_a_descending_sort_work(company: World, heli: Heli) -> None:
    for name, amount in (("A", "1"), ("B", "3"), ("C", "2")):
        company.make("ann", "opportunity", name=name, amount=amount)
    for spelling in (("--sort", "-amount"), ("--sort=-amount",)):
        page = heli("list", "opportunity", "--as", "ann", *spelling, "--fields", "name")
        assert [row["name"] for row in page["items"]] == ["B", "C", "A"]


def test_counts_leave_out_what_was_not_asked_and_share_the_empty_group(company: World, heli: Heli) -> None:
    company.make("ann", "opportunity", name="A", amount="1")
    company.make("ann", "opportunity", name="B")
    assert heli("count", "opportunity", "--as", "ann") == {"count": 2}
    found = heli("count", "opportunity", "--as", "ann", "--by", "account", "--sum", "amount")
    assert found == {
        "count": 2,
        "sum": "1.00",
        "readable": 2,
        "groups": {"": {"count": 2, "sum": "1.00", "readable": 2}},
    }
    company.add("amy", "east", "rep")
    masked = heli("count", "opportunity", "--as", "amy", "--sum", "amount", "--by", "amount")
    assert (masked["count"], masked["sum"], masked["readable"]) == (2, "0.00", 0)
    assert list(masked["groups"]) == [""]


@pytest.mark.parametrize(
    "wrong",
    [
        ("count", "opportunity", "--as", "nobody"),
        ("count", "dragon", "--as", "ann"),
        ("list", "opportunity", "--as", "ann", "--filter", "{"),
        ("list", "opportunity", "--as", "ann", "--filter", '{"nothing": 1}'),
        ("list", "opportunity", "--as", "ann", "--after", "x"),
        ("list", "opportunity", "--as", "ann", "--limit", "0"),
        ("list", "opportunity"),
        ("user", "add", "ann", "--role", "dragon"),
    ],
)
@pytest.mark.usefixtures("company")
def test_what_is_wrong_is_one_document_and_status_2(heli: Heli, wrong: tuple[str, ...]) -> None:
    said = heli(*wrong)
    assert heli.status == 2
    assert said["error"]["message"]["zh"]


def test_an_unseen_record_answers_as_an_absent_one(company: World, heli: Heli) -> None:
    deal = company.make("wei", "opportunity", name="W")
    questions = [("read", []), ("edit", ["--field", "amount"]), ("delete", ["--beside", "boss"]), ("fly", [])]
    for action, more in questions:
        seen = heli("why", action, "opportunity", deal, "--as", "ann", *more)
        absent = heli("why", action, "opportunity", "f" * 32, "--as", "ann", *more)
        assert json.dumps(seen) == json.dumps(absent)
        assert heli.status == 0
        assert not (seen.get("mine") or seen)["allowed"]


def test_why_at_a_day_answers_with_the_rights_of_that_day(company: World, heli: Heli) -> None:
    deal = company.make("ann", "opportunity", name="A")
    before = clock.now().isoformat()
    company.do("ann", "opportunity", "team_add", deal, person=str(company.people["wei"]))
    assert heli("why", "read", "opportunity", deal, "--as", "wei")["allowed"] is True
    assert heli("why", "read", "opportunity", deal, "--as", "wei", "--at", before)["allowed"] is False
    both = heli("why", "read", "opportunity", deal, "--as", "ann", "--beside", "wei", "--at", before)
    assert (both["mine"]["allowed"], both["theirs"]["allowed"]) == (True, False)
    early = heli("why", "read", "opportunity", deal, "--as", "wei", "--at", "2001-01-01")
    assert heli.status != 0
    assert "it is known from" in early["error"]["problems"][0]["message"]["en"]


def test_why_names_the_line_what_is_missing_and_whom_to_ask(company: World, heli: Heli) -> None:
    deal = company.make("bob", "opportunity", name="B", amount="5")
    yes = heli("why", "read", "opportunity", deal, "--as", "mei", "--field", "amount")
    assert [(b["role"], b["scope"]) for b in yes["because"]] == [("manager", "below")]
    assert "below" in yes["because"][0]["fact"]["en"]
    no = heli("why", "delete", "opportunity", deal, "--as", "mei")
    assert [sorted(fact["code"] for fact in facts) for facts in no["missing"]] == [["role:rep", "scope:own"]]
    assert no["ask"][0] == "bob", "the owner may share it"
    assert "mei" not in no["ask"]
    both = heli("why", "delete", "opportunity", deal, "--as", "mei", "--beside", "bob")
    assert (both["mine"]["allowed"], both["theirs"]["allowed"]) == (False, True)
    assert both["theirs"]["because"][0]["role"] == "another reason"
    assert [fact["code"] for fact in both["difference"]] == ["role:rep", "scope:own"]
