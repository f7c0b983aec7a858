"""The contract approval that ships, from the draft to the signature, by people who hold nothing but the shipped roles."""

from __future__ import annotations

from datetime import timedelta

import pytest

from heli.api import viewer as identities
from heli.crm.install import install
from heli.flows import clockwork
from heli.flows.models import Copied, Timer
from heli.kernel import clock
from heli.kernel.ids import uuid7
from heli.org.models import Position
from heli.org.verbs import departments
from heli.records import act, sql
from heli.records.act import Action
from tests import cases, world
from tests.api.client import signed_in
from tests.cases import services

pytestmark = [pytest.mark.django_db, pytest.mark.storage]

STAFF = (
    ("rep", "team", "sales_rep"), ("head", "team", "sales_manager"), ("law", "legal", "legal_counsel"), ("cfo", "finance", "finance_manager"),
    ("acc", "finance", "accountant"), ("gm", "root", "managing_director"), ("pam", "root", "system_administrator"),
)  # fmt: skip


class Company(cases.Company):
    """The shipped roles, positions and processes."""

    def __init__(self) -> None:
        install(world.SETUP)
        self.people = {}
        self.departments = {"root": departments.create_department(world.SETUP, "Company")}
        self.positions = dict(Position.objects.values_list("code", "pk"))
        for name in ("sales", "finance", "legal"):
            self.departments[name] = departments.create_department(world.SETUP, name, self.departments["root"])
        self.departments["team"] = departments.create_department(world.SETUP, "team", self.departments["sales"])
        for name, department, job in STAFF:
            self.add(name, department, job)
        departments.set_head(world.SETUP, self.departments["team"], self.people["head"])

    def contract(self, amount: str, **more: str) -> str:
        account = self.make("rep", "account", name=f"Customer {uuid7()}")
        given = {"starts_on": "2026-12-01", "ends_on": "2027-11-30", "payment_terms": "net 30", **more}
        return self.make("rep", "contract", name=f"Contract {amount}", account=account, amount=amount, **given)


class Play(cases.Play):
    """One contract's approval."""

    def __init__(self, company: Company, amount: str) -> None:
        self.contract = company.contract(amount)
        super().__init__(company, '<process id="contract_approval"', self.contract, "rep")

    def shown(self, who: str) -> dict[str, object]:
        found: dict[str, object] = self.at(who).get(f"/records/contract/{self.contract}").body["values"]
        return found


@pytest.fixture
def company(db: None) -> Company:
    return world.fresh(Company)


def test_a_large_contract_goes_to_law_and_money_the_head_and_the_general_manager(company: Company) -> None:
    play = Play(company, "1680000.00")
    assert play.shown("rep")["status"] == "review"
    assert play.where() == {"legal": ["law"], "finance": ["cfo"]}
    assert play.approve("law", values={"legal_note": "条款已核对"}, text="可以").status == 200
    assert play.approve("cfo").status == 200
    assert play.where() == {"manager_first": ["head"]}
    assert play.shown("head")["amount"] == "1680000.00", "the head reads it while it is their turn"
    assert play.approve("head").status == 200
    assert play.where() == {"general": ["gm"]}
    assert play.approve("gm").status == 200
    seen = play.shown("rep")
    assert (seen["status"], seen["legal_note"]) == ("approved", "条款已核对")
    assert seen["approved_by"] == {"id": str(company.people["gm"]), "username": "gm", "name": "Gm"}
    assert play.where() == {"sign": ["rep"]}
    assert play.approve("rep").places == ["given/signer"], "nobody signs without a name"
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    assert play.approve("rep", given={"signer": "王总", "signed_on": tomorrow}).places == ["given/signed_on"]
    assert play.approve("rep", given={"signer": "王总"}).status == 200
    assert play.shown("rep")["status"] == "signed"
    assert play.where() == {"plan": ["acc", "cfo"]}
    assert play.act("acc", "claim").status == 200
    early = play.approve("acc", given={"shares": "30 60"})
    assert early.places == ["given/shares"], (early.status, early.body)
    assert play.approve("acc", given={"shares": "30% 60% 10%", "first_on": "2026-01-31", "months": 1}).status == 200
    planned = play.at("acc").get("/records/payment?fields=term,amount,due_on,owner,status&sort=due_on").body["items"]
    assert [(one["amount"], one["due_on"]) for one in planned] == [
        ("504000.00", "2026-01-31"),
        ("1008000.00", "2026-02-28"),
        ("168000.00", "2026-03-31"),
    ]
    assert {one["owner"]["username"] for one in planned} == {"rep"}, "they are the seller's to collect"
    assert services() == 1
    assert play.state == "completed"
    assert set(Copied.objects.values_list("person_id", flat=True)) == {company.people["rep"]}
    assert [one["id"] for one in play.at("rep").get("/flows/instances?scope=copied").body["items"]] == [play.id]
    path = f"/records/contract/{play.contract}"
    etag = {"If-Match": play.at("acc").get(path).etag}
    assert play.at("acc").post(f"{path}/actions/plan_payments", {}, **etag).body["payments"] == [], (
        "nothing is left to plan"
    )
    twice = play.at("acc").post(f"{path}/actions/plan_payments", {"shares": "50 50"}, **etag)
    assert twice.status == 409 and twice.code == "planned", twice.body


def test_a_small_one_takes_the_law_and_the_head_alone(company: Company) -> None:
    play = Play(company, "80000.00")
    assert play.where() == {"legal": ["law"]}
    play.approve("law")
    assert play.where() == {"manager": ["head"]}
    assert play.approve("head").status == 200
    assert play.shown("rep")["status"] == "approved"


def test_sent_back_by_the_head_it_returns_to_law_and_then_to_the_head(company: Company) -> None:
    play = Play(company, "300000.00")
    play.approve("law")
    play.approve("cfo")
    targets = [one["id"] for one in play.seen("head").body["mine"]["targets"]]
    assert {"legal", "finance"} <= set(targets)
    assert play.reject("head", "legal", text="违约金太低").status == 200
    assert play.where() == {"legal": ["law"]}, "what money decided stands"
    play.approve("law", values={"legal_note": "已上调"})
    assert play.where() == {"manager": ["head"]}


def test_refused_or_withdrawn_the_contract_is_a_draft_again(company: Company) -> None:
    play = Play(company, "300000.00")
    assert play.reject("law", "end", text="主体不符").status == 200
    assert (play.state, play.shown("rep")["status"]) == ("rejected", "draft")
    again = Play(company, "300000.00")
    assert again.at("rep").send("POST", f"/flows/instances/{again.id}/withdraw").status == 200
    assert (again.state, again.shown("rep")["status"]) == ("withdrawn", "draft")


def test_nobody_approves_their_own_contract(company: Company) -> None:
    contract = company.contract("80000.00")
    company.do("gm", "contract", "transfer", contract, owner=str(company.people["head"]))
    begun = cases.signed_in("head").send(
        "POST", "/flows/instances", {"process": "contract_approval", "record": contract}
    )
    assert begun.status == 201, begun.body
    play = object.__new__(Play)
    play.world, play.apis, play.id, play.contract = company, {}, begun.body["id"], contract
    play.approve("law")
    assert play.where() != {"manager": ["head"]}, (
        "who began it is not asked; who they report to, or an administrator, is"
    )


def test_a_contract_that_ends_before_it_starts_is_not_submitted(company: Company) -> None:
    """One from before this was refused where it is written."""
    contract = company.contract("5000.00", starts_on="2027-01-01", ends_on="2027-12-31")
    sql.execute("UPDATE crm_contract SET ends_on=%s WHERE id=%s", ["2026-12-31", contract])
    begun = cases.signed_in("rep").send(
        "POST", "/flows/instances", {"process": "contract_approval", "record": contract}
    )
    assert begun.places == ["ends_on"]
    assert cases.signed_in("rep").get(f"/records/contract/{contract}").body["values"]["status"] == "draft"


def test_not_signed_in_ten_days_the_head_is_told_and_signing_goes_on(company: Company) -> None:
    play = Play(company, "80000.00")
    play.approve("law")
    play.approve("head")
    Timer.objects.update(due_at=clock.now())
    assert clockwork.look.call() == 1
    assert services() == 1
    assert play.where() == {"sign": ["rep"]}
    assert set(Copied.objects.values_list("person_id", flat=True)) == {company.people["head"]}
    assert play.approve("rep", given={"signer": "王总"}).status == 200
    assert play.act("acc", "claim").status == 200
    assert play.approve("acc").status == 200
    services()
    assert play.state == "completed"


def test_what_is_being_agreed_on_is_not_changed_meanwhile(company: Company) -> None:
    play = Play(company, "80000.00")
    at = f"/records/contract/{play.contract}"
    head = play.at("head")
    refused = head.patch(at, {"amount": "490000.00"}, **{"If-Match": head.get(at).etag})
    assert (refused.status, refused.code) == (403, "process")
    assert head.patch(at, {"name": "A better name"}, **{"If-Match": head.get(at).etag}).status == 200, (
        "the rest is free"
    )
    play.reject("law", "end")
    assert head.patch(at, {"amount": "490000.00"}, **{"If-Match": head.get(at).etag}).status == 200


def test_what_a_contract_lacks_is_said_in_words_where_its_approval_is_begun(company: Company) -> None:
    bare = company.make(
        "rep", "contract", name="Bare", account=company.make("rep", "account", name="Customer"), amount="5000.00"
    )
    refused = signed_in("rep").send("POST", "/flows/instances", {"process": "contract_approval", "record": bare})
    assert (refused.status, refused.code) == (422, "stage")
    zh, en = refused.body["message"]["zh"], refused.body["message"]["en"]
    assert (
        zh == "还不能进入「审核中」，有必填项空着：草拟的合同，有客户、金额和期限才能送审。请先填好再试（规则 CON-01）"
    )
    assert en.startswith("“In review” cannot be entered yet") and "Fill them in" in en
    assert [(one["place"], one["message"]["zh"]) for one in refused.body["problems"]] == [
        ("starts_on", "请填写「生效日期」"), ("ends_on", "请填写「到期日期」")
    ]  # fmt: skip


def test_what_is_in_review_without_a_case_waits_for_its_owner_not_for_who_could_approve_it_by_hand(
    company: Company,
) -> None:
    """So it is with what other systems brought: nobody approves by hand what a process alone does."""

    def queue(who: str) -> list[tuple[str, str]]:
        found = play.at(who).get("/workbench").body["queue"]
        return [(one["kind"], one["id"]) for one in found if one["kind"] in ("approval", "stuck")]

    play = Play(company, "1680000.00")
    old = company.contract("5000.00")
    act.do(identities.system("import"), Action("contract", "submit", old))
    assert (queue("head"), queue("gm")) == ([], [])
    assert queue("rep") == [("stuck", old)], "the other one has its case"
    begun = play.at("rep").post("/flows/instances", {"process": "contract_approval", "record": old})
    assert begun.status == 201, begun.body
    assert queue("rep") == [], "now legal has it"
