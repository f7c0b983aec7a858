"""The processes that ship, played over HTTP by people who hold nothing but the shipped roles."""

from __future__ import annotations

import pytest

from heli.crm.install import install
from heli.flows.models import Copied
from heli.kernel.ids import uuid7
from heli.org.models import Position
from heli.org.verbs import departments
from tests import cases, world
from tests.api.client import Reply
from tests.cases import services

pytestmark = [pytest.mark.django_db, pytest.mark.storage]

STAFF = (
    ("rep", "team", "sales_rep"), ("mate", "team", "sales_rep"), ("head", "team", "sales_manager"), ("law", "legal", "legal_counsel"),
    ("cfo", "finance", "finance_manager"), ("acc", "finance", "accountant"), ("gm", "root", "managing_director"),
    ("vp", "root", "vice_president"), ("mark", "marketing", "marketing_specialist"), ("sup", "support", "support_agent"),
    ("ann", "support", "support_agent"), ("chief", "support", "support_manager"), ("pm", "product", "product_manager"),
    ("pam", "root", "system_administrator"),
)  # fmt: skip
ROOMS = ("sales", "finance", "legal", "marketing", "support", "product")


class Company(cases.Company):
    """The shipped roles, positions and processes."""

    def __init__(self) -> None:
        install(world.SETUP)
        self.people = {}
        self.departments = {"root": departments.create_department(world.SETUP, "Company")}
        self.positions = dict(Position.objects.values_list("code", "pk"))
        for name in ROOMS:
            self.departments[name] = departments.create_department(world.SETUP, name, self.departments["root"])
        self.departments["team"] = departments.create_department(world.SETUP, "team", self.departments["sales"])
        for name, department, job in STAFF:
            self.add(name, department, job)
        departments.set_head(world.SETUP, self.departments["team"], self.people["head"])

    def account(self, owner: str = "rep") -> str:
        return self.make(owner, "account", name=f"Customer {uuid7()}")


class Play(cases.Play):
    """A case of a process that ships."""

    def __init__(self, company: Company, process: str, record: str, who: str, **more: object) -> None:
        super().__init__(company, f'<process id="{process}"', record, who, **more)

    def record(self, who: str) -> Reply:
        found = self.seen(who).body
        return self.at(who).get(f"/records/{found['type']}/{found['record']}")


@pytest.fixture
def company(db: None) -> Company:
    return world.fresh(Company)


def work_off() -> int:
    """Do what waits for nobody, and what that makes due."""
    done = 0
    while found := services():
        done += found
    return done


def told() -> set[int]:
    return set(Copied.objects.values_list("person_id", flat=True))


# -- a contract is deleted ---------------------------------------------------------------------------------------------


def test_even_management_asks_for_a_deletion_and_somebody_else_deletes(company: Company) -> None:
    contract = company.make("rep", "contract", name="Old", account=company.account(), amount="1000.00")
    at = f"/records/contract/{contract}"
    gm = cases.signed_in("gm")
    seen = gm.get(at)
    assert (seen.body["actions"]["delete"], seen.body["refusals"]["delete"]["code"]) == (False, "by_process")
    refused = gm.send("DELETE", at, **{"If-Match": seen.etag})
    assert (refused.status, refused.code) == (403, "by_process")

    play = Play(company, "contract_deletion", contract, "rep", text="重复录入")
    assert play.where() == {"manager": ["head"]}
    assert play.approve("head").status == 200
    assert play.where() == {"management": ["gm", "vp"]}
    assert play.approve("gm", text="同意").status in (200, 204)
    gm = play.at("gm")
    assert gm.get(at).status == 404
    assert work_off() == 1
    assert play.state == "completed"
    assert told() == {company.people["rep"], company.people["acc"]}
    assert gm.send("POST", f"{at}/restore").status == 200, "a mistaken deletion is taken back"

    own = Play(company, "contract_deletion", contract, "gm")
    own.approve("head")
    assert own.where() == {"management": ["vp"]}, "not by who asked for it"
    assert own.reject("vp", "end", text="仍在履行").status == 200
    assert (own.state, own.at("gm").get(at).status) == ("rejected", 200)


# -- a customer's data -------------------------------------------------------------------------------------------------


def test_a_change_of_terms_is_proposed_approved_and_then_written(company: Company) -> None:
    account = company.account()
    at = f"/records/account/{account}"
    head = cases.signed_in("head")
    seen = head.get(at)
    assert seen.body["access"]["payment_days"] == "read"
    assert seen.body["kept"]["payment_days"]["process"] == "customer_change", "the page says how it is changed"
    refused = head.patch(at, {"payment_days": 60}, **{"If-Match": seen.etag})
    assert (refused.status, refused.code) == (403, "by_process")
    rep = cases.signed_in("rep")
    asked = {"process": "customer_change", "record": account}
    assert rep.send("POST", "/flows/instances", asked).places == ["change"], "something has to be proposed"
    bad = {"payment_days": 999, "owner": "1", "bank_name": "ICBC"}
    assert rep.send("POST", "/flows/instances", {**asked, "change": bad}).places == [
        "change/payment_days", "change/owner", "change/bank_name",
    ]  # fmt: skip

    play = Play(company, "customer_change", account, "rep", change={"payment_days": 60, "level": "a"})
    shown = play.seen("head").body["difference"]
    assert [(one["field"], one["before"], one["after"]) for one in shown] == [
        ("payment_days", None, 60),
        ("level", "c", "a"),
    ]
    head = play.at("head")
    held = head.get(at).body
    assert (held["access"]["level"], held["kept"]["level"]["case"]) == ("read", play.id), "held, with the case's number"
    play.approve("head")
    assert play.where() == {"finance": ["cfo"]}
    play.approve("cfo")
    assert work_off() == 2
    assert play.state == "completed"
    now = head.get(at).body["values"]
    assert (now["payment_days"], now["level"]) == (60, "a")
    assert [one["before"] for one in play.seen("rep").body["difference"]] == [None, "c"], "what stood there stays told"


def test_bank_details_are_proposed_by_who_reads_them_and_lie_sealed(company: Company) -> None:
    account = company.account()
    play = Play(company, "customer_change", account, "acc", change={"bank_name": "ICBC", "bank_account": "6222020200"})
    row = str(cases.Instance.objects.get(pk=int(play.id)).data)
    assert "6222020200" not in row
    assert play.seen("rep").body["difference"] == [], "what the owner does not read is not shown"
    play.approve("head")
    assert {one["field"]: one["after"] for one in play.seen("cfo").body["difference"]}["bank_account"] == "6222020200"
    play.approve("cfo")
    work_off()
    assert cases.signed_in("acc").get(f"/records/account/{account}").body["values"]["bank_account"] == "6222020200"


def test_a_change_of_the_name_needs_no_finance(company: Company) -> None:
    account = company.account()
    play = Play(company, "customer_change", account, "rep", change={"name": "New name"})
    play.approve("head")
    assert work_off() == 2
    assert cases.signed_in("rep").get(f"/records/account/{account}").body["values"]["name"] == "New name"


# -- a contract's state ------------------------------------------------------------------------------------------------


def test_a_contract_is_submitted_and_approved_by_its_process_alone(company: Company) -> None:
    given = {"starts_on": "2026-12-01", "ends_on": "2027-11-30", "payment_terms": "net 30"}
    contract = company.make("rep", "contract", name="C", account=company.account(), amount="1000.00", **given)
    rep = cases.signed_in("rep")
    at = f"/records/contract/{contract}"
    seen = rep.get(at)
    assert seen.body["refusals"]["submit"]["code"] == "by_process"
    refused = rep.send("POST", f"{at}/actions/submit", {}, **{"If-Match": seen.etag})
    assert (refused.status, refused.code) == (403, "by_process")
    only = {one["code"]: one["only"] for one in rep.get("/flows/processes?type=contract").body["items"]}
    assert only == {"contract_approval": ["submit", "approve"], "contract_deletion": ["delete"]}
    assert Play(company, "contract_approval", contract, "rep").where() == {"legal": ["law"]}
