"""The processes that ship, played over HTTP by people who hold nothing but the shipped roles."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pypdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from heli.access import grants
from heli.access.viewer import Viewer
from heli.audit import log
from heli.audit.models import Entry
from heli.crm import processes
from heli.crm.install import install
from heli.flows import concerns, definitions, library
from heli.flows.models import Copied, Instance, Packet, Version
from heli.insight import company as companies
from heli.kernel import clock
from heli.kernel.ids import uuid7
from heli.org.models import Position, ProjectMember
from heli.org.verbs import departments
from heli.records import act, resealing, sealed
from tests import cases, world
from tests.api.client import Reply, signed_in
from tests.cases import settle
from tests.world import SETUP

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


def told() -> set[int]:
    return set(Copied.objects.values_list("person_id", flat=True))


def test_nobody_is_asked_to_decide_by_a_name_alone(company: Company) -> None:
    here = companies.now()
    for version in Version.objects.exclude(state=Version.REFUSED).select_related("process"):
        found = concerns.concerns(library.definition(version), here)
        assert not [one.place for one in found if one.code == "blind"], version.process.code


def test_nobody_is_told_of_a_case_and_can_read_nothing_of_what_it_is_about(company: Company) -> None:
    here = companies.now()
    for version in Version.objects.exclude(state=Version.REFUSED).select_related("process"):
        found = concerns.concerns(library.definition(version), here)
        told = {one.place: one.words.en for one in found if one.code == "copied_blind"}
        assert not told, version.process.code


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
    for who in ("rep", "gm", "head"):
        seen = play.seen(who).body
        assert {one["id"]: one["standing"] for one in seen["nodes"]} == {
            "manager": "done", "legal": "passed_by", "management": "done", "tell": "current", "tell_late": "passed_by",
        }, "what was to remind of the decision comes no more, though the case still runs"  # fmt: skip
    gm = play.at("gm")
    assert gm.get(at).status == 404
    assert settle()
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
    assert [list(one.values()) for one in shown] == [["level", "c", "a"], ["payment_days", None, 60]]
    head = play.at("head")
    held = head.get(at).body
    assert (held["access"]["level"], held["kept"]["level"]["case"]) == ("read", play.id), "held, with the case's number"
    play.approve("head")
    assert play.where() == {"finance": ["cfo"]}
    play.approve("cfo")
    assert settle()
    assert play.state == "completed"
    now = head.get(at).body["values"]
    assert (now["payment_days"], now["level"]) == (60, "a")
    assert [one["before"] for one in play.seen("rep").body["difference"]] == ["c", None], "what stood there stays told"


def test_bank_details_are_proposed_by_who_reads_them_and_lie_sealed(company: Company) -> None:
    account = company.account()
    play = Play(company, "customer_change", account, "acc", change={"bank_name": "ICBC", "bank_account": "6222020200"})
    row = str(cases.Instance.objects.get(pk=int(play.id)).data)
    assert "6222020200" not in row
    assert play.seen("rep").body["difference"] == [], "what the owner does not read is not shown"
    play.approve("head")
    former = sealed.keyring().ring().current.id
    new = resealing.rotate(SETUP)
    assert resealing.held()["account.bank_account in cases"] == {former: 1}
    more = True
    while more:
        with log.transaction():
            more = resealing.step()
    assert resealing.held()["account.bank_account in cases"] == {new: 1}
    with clock.later(hours=1):
        resealing.retire(SETUP, former)
    assert {one["field"]: one["after"] for one in play.seen("cfo").body["difference"]}["bank_account"] == "6222020200"
    play.approve("cfo")
    settle()
    assert cases.signed_in("acc").get(f"/records/account/{account}").body["values"]["bank_account"] == "6222020200"


def test_a_change_of_the_name_needs_no_finance(company: Company) -> None:
    account = company.account()
    play = Play(company, "customer_change", account, "rep", change={"name": "New name"})
    play.approve("head")
    assert settle()
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
    assert only == {"contract_approval": ["submit", "approve"], "contract_deletion": ["delete"], "service_handover": []}
    assert Play(company, "contract_approval", contract, "rep").where() == {"legal": ["law"]}


# -- tickets -----------------------------------------------------------------------------------------------------------


def begun(process: str) -> str:
    """The latest case of a process that something began by itself."""
    settle()
    return str(cases.Instance.objects.filter(process_code=process).latest("pk").pk)


def follow(company: Company, case: str) -> Play:
    """A case that has begun already."""
    play = object.__new__(Play)
    play.world, play.apis, play.id = company, {}, case
    return play


def solved(company: Company) -> Play:
    account = company.account()
    system = Viewer(None, "system", "system", "system", world.SETUP, None, "test")
    values = {"subject": "Pump stands still", "account": account, "owner": str(company.people["sup"])}
    ticket = act.do(system, act.Action("ticket", "create", values=values)).id
    company.do("sup", "ticket", "move", ticket, stage="processing")
    company.do("sup", "ticket", "resolve", ticket, solution="New seal")
    return follow(company, begun("ticket_closing"))


def test_a_solved_ticket_is_called_back_and_what_the_customer_wants_becomes_a_deal(company: Company) -> None:
    play = solved(company)
    assert told() == {company.people["rep"]}, "the customer's owner is told"
    assert play.where() == {"call": ["ann", "chief"]}, "not by who solved it"
    assert play.approve("ann").places == ["given/score", "given/callback"]
    given = {"score": 5, "callback": "opportunity", "callback_note": "wants a second pump"}
    assert play.approve("ann", given=given).status == 200
    settle()
    assert play.state == "completed"
    rep = play.at("rep")
    [deal] = rep.get("/records/opportunity?fields=name,description").body["items"]
    assert (deal["name"], deal["description"]) == ("回访商机：Pump stands still", "wants a second pump")
    [rated] = rep.get("/records/satisfaction?fields=score,ticket,comment").body["items"]
    assert (rated["score"], rated["comment"], rated["ticket"]["title"]) == (
        5,
        "wants a second pump",
        "Pump stands still",
    )
    assert play.record("sup").body["values"]["stage"] == "closed"


def test_a_complaint_goes_to_the_support_lead_before_the_ticket_is_closed(company: Company) -> None:
    play = solved(company)
    play.approve("ann", given={"score": 1, "callback": "complaint", "callback_note": "still leaks"})
    settle()
    assert play.where() == {"complaint": ["chief"]}
    assert play.record("sup").body["values"]["stage"] == "resolved"
    play.approve("chief", values={"solution": "Replaced the pump"})
    settle()
    assert (play.state, play.record("sup").body["values"]["stage"]) == ("completed", "closed")


# -- campaigns and leads -----------------------------------------------------------------------------------------------


def test_a_finished_campaign_hands_its_leads_to_sales_and_hears_what_became_of_them(company: Company) -> None:
    campaign = company.make("mark", "campaign", name="Fair", status="running")
    one, two = (
        company.make("mark", "lead", name=f"Lead {n}", company=f"Firm {n}", phone="13800138000", campaign=campaign)
        for n in (1, 2)
    )
    company.do("mark", "campaign", "edit", campaign, status="finished")
    settle()
    by_lead = {
        row.record_id: follow(company, str(row.pk))
        for row in cases.Instance.objects.filter(process_code="lead_distribution")
    }
    assert set(by_lead) == {one, two}
    got = {name for play in by_lead.values() for name in play.where()["accept"]}
    assert got == {"rep", "mate"}, "each in turn"
    play = by_lead[one]
    [first] = play.where()["accept"]
    other = "mate" if first == "rep" else "rep"
    assert play.record(first).body["values"]["company"] == "Firm 1", "shown as long as it is theirs to decide"
    assert play.reject(first, text="not my region").status in (200, 204)
    settle()
    assert play.where() == {"accept": [other]}
    assert play.at(first).get(f"/records/lead/{one}").status == 404
    assert play.approve(other).status == 200
    settle()
    assert play.record(other).body["values"]["owner"]["username"] == other
    assert company.people["mark"] in told()
    assert play.where() == {"follow": [other]}
    assert play.approve(other).places == ["values/next_follow_on"]
    assert play.approve(other, values={"next_follow_on": "2026-12-01"}).status == 200
    company.do(other, "lead", "move", one, stage="contacted")
    company.do(other, "lead", "convert", one)
    settle()
    assert play.state == "completed"
    last = Copied.objects.get(instance_id=int(play.id), person_id=company.people["mark"])
    assert library.definition(last.instance.version).nodes[last.node or 0].id == "tell_result", (
        "marketing hears of it again"
    )


# -- quotes, payments, customers, feedback, projects -------------------------------------------------------------------


def test_no_quote_goes_out_below_its_price_without_having_been_approved(company: Company) -> None:
    rep, account = cases.signed_in("rep"), company.account()

    def made(**more: str) -> Reply:
        return rep.send("POST", "/records/quote", {"name": "Q", "account": account, "amount": "10000.00", **more})

    def changed(quote: str, **to: str) -> Reply:
        at = f"/records/quote/{quote}"
        return rep.send("PATCH", at, to, **{"If-Match": rep.get(at).etag})

    assert made(status="approved").status == 403, "nobody writes down that it is approved"
    assert [made(discount="50.00", status=status).status for status in ("sent", "accepted")] == [403, 403]
    assert made(discount="5.00", status="sent").status == 201, "a small discount is the seller's to give"
    draft = made(discount="50.00").body["id"]
    for status in ("sent", "accepted"):
        refused = changed(draft, status=status)
        assert refused.status == 403
        said = refused.body["message"]["zh"]
        assert "报价折扣审批" in said and "%" not in said, (
            "a company draws limits of its own, which no sentence of ours knows"
        )
    assert changed(draft, status="expired").status == 200

    play = Play(company, "quote_approval", made(discount="12.00").body["id"], "rep")
    settle()
    play.approve("head")
    settle()
    rep = play.at("rep")
    quote = play.seen("rep").body["record"]
    raised = changed(quote, discount="50.00")
    assert raised.code == "by_process", "what was approved was another discount"
    assert all("%" not in raised.body["message"][one] for one in ("zh", "en"))
    assert changed(quote, amount="1.00").code == "by_process", "and of another price"
    assert changed(quote, amount="10000.00", discount="11.00").status == 200
    assert changed(quote, status="sent").status == 200
    assert changed(quote, amount="1.00").code == "by_process"


def test_a_deep_discount_is_approved_before_the_quote_is_sent(company: Company) -> None:
    quote = company.make("rep", "quote", name="Q", account=company.account(), amount="10000.00", discount="35.00")
    at = f"/records/quote/{quote}"
    rep = cases.signed_in("rep")
    for status, code in (("sent", "by_process"), ("approved", "stage")):
        refused = rep.patch(at, {"status": status}, **{"If-Match": rep.get(at).etag})
        assert (refused.status, refused.code) == (403, code)
    play = Play(company, "quote_approval", quote, "rep")
    settle()
    assert play.record("rep").body["values"]["status"] == "review"
    for who, node in (("head", "head_first"), ("cfo", "finance"), ("gm", "management")):
        assert play.where() == {node: [who]}
        assert play.approve(who).status in (200, 204)
    settle()
    assert (play.state, play.record("rep").body["values"]["status"]) == ("completed", "approved")
    rep = play.at("rep")
    assert rep.patch(at, {"status": "sent"}, **{"If-Match": rep.get(at).etag}).status == 200


def _line(product: str | None, price: str, discount: str = "0", quantity: str = "1") -> dict[str, Any]:
    return {"product": product, "description": "", "quantity": quantity, "unit_price": price, "discount": discount}


def test_prices_and_discounts_by_line_are_weighed_like_a_discount_on_the_whole(company: Company) -> None:
    product = company.make("pm", "product", name="Press", list_price="1000.00")
    rep, account = cases.signed_in("rep"), company.account()

    def made(*lines: dict[str, Any], **more: Any) -> Reply:
        return rep.send("POST", "/records/quote", {"name": "Q", "account": account, "lines": list(lines), **more})

    def told(reply: Reply) -> str:
        return str(rep.get(f"/records/quote/{reply.body['id']}").body["values"]["effective_discount"])

    def changed(quote: str, **to: Any) -> Reply:
        at = f"/records/quote/{quote}"
        return rep.send("PATCH", at, to, **{"If-Match": rep.get(at).etag})

    by_line, by_price = _line(product, "1000.00", "60"), _line(product, "400.00")
    for deep in (by_line, by_price):
        assert made(deep, status="sent").code == "by_process", "60 % off by its lines"
        assert told(made(deep)) == "60.00"
    assert told(made(by_line, discount="50")) == "80.00", "half of what the lines left"
    assert told(made(_line(product, "1000.00", "10"))) == "10.00"
    assert told(made(_line(product, "899.99"))) == "10.01", "told as more than it is rather than as less"
    assert told(made(by_price, _line(product, "1600.00"))) == "23.08", "what is dearer makes up for nothing"
    assert told(made(_line(product, "2000.00", "50"))) == "0.00", "a price raised to be lowered again"
    assert told(made(_line(None, "500.00", "20"))) == "20.00", "without a product its own price is the list price"
    assert told(made(_line(product, "900.00"), amount="1.00")) == "10.00", "the amount is what the lines come to"
    assert made(_line(product, "900.00"), status="sent").status == 201

    cut = made(_line(product, "1000.00")).body["id"]
    assert changed(cut, amount="1.00").status == 200
    assert changed(cut, status="sent").code == "by_process", "an amount below its lines is a discount too"

    deep = made(by_line).body["id"]
    ahead = rep.get(f"/flows/records/quote/{deep}/beginnings").body["items"][0]["steps"]
    assert [(one["id"], one["sure"]) for one in ahead] == [
        ("submit", True),
        ("head_first", True),
        ("finance", True),
        ("management", True),
        ("tell", True),
    ]
    play = Play(company, "quote_approval", deep, "rep")
    settle()
    assert play.where() == {"head_first": ["head"]}, "by the discount that it comes to, not by the overall one"
    shown = play.record("head").body["values"]
    assert (shown["effective_discount"], shown["discount"]) == ("60.00", None)
    assert shown["lines"][0]["product"]["title"] == "Press", "who approves reads what for"
    for who in ("head", "cfo"):
        play.approve(who)
    assert play.where() == {"management": ["gm"]}
    play.approve("gm")
    settle()
    rep, quote = play.at("rep"), play.seen("rep").body["record"]
    assert changed(quote, lines=[_line(product, "300.00")]).code == "by_process", "another price than was approved"
    assert changed(quote, status="sent").status == 200
    assert changed(quote, lines=[_line(product, "1000.00", "70")]).code == "by_process"
    assert changed(quote, lines=[_line(product, "1000.00", "5")]).status == 200, (
        "what needs no approval is the seller's"
    )


def test_the_sheet_of_a_quote_has_its_lines_as_a_table_and_amounts_in_capitals(company: Company) -> None:
    product = company.make("pm", "product", name="Press", list_price="1000.00")
    lines = [_line(product, "1000.00", "12.50", quantity="2.500"), {**_line(None, "300.00"), "description": "安装"}]
    quote = company.make("rep", "quote", name="Q", account=company.account(), lines=lines)
    play = Play(company, "quote_approval", quote, "rep")
    settle()

    def printed(language: str) -> str:
        answer = play.at("rep").get(f"/flows/instances/{play.id}/sheet?language={language}")
        assert answer.status == 200
        return " ".join(
            " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.body)).pages).split()
        )

    zh, en = printed("zh"), printed("en")
    assert "报价折扣审批单" in zh
    for one in (
        "产品 数量 单价 折扣 金额",
        "Press 2.5 ¥1,000.00 12.5% ¥2,187.50",
        "安装 1 ¥300.00 0% ¥300.00",
        "合计 ¥2,487.50",
    ):
        assert one in zh, zh
    assert "贰仟肆佰捌拾柒元伍角" in zh
    assert "Press 2.5 ¥1,000.00 12.5% ¥2,187.50" in en and "Quote and discount approval sheet" in en
    assert "{" not in zh + en, "no cell holds what only a program reads"


def test_a_quote_that_is_out_is_not_taken_apart(company: Company) -> None:
    """Line by line, until nothing is left to weigh it by: it goes back to the draft first, and is weighed when it goes out again."""
    product = company.make("pm", "product", name="Press", list_price="1000.00")
    quote = company.make("rep", "quote", name="Q", account=company.account(), lines=[_line(product, "950.00")])
    rep, at = cases.signed_in("rep"), f"/records/quote/{quote}"

    def changed(**to: Any) -> Reply:
        return rep.patch(at, to, **{"If-Match": rep.get(at).etag})

    assert changed(status="sent").status == 200
    for cheaper in (
        {"lines": [], "amount": "1.00"},
        {"amount": "1.00"},
        {"lines": [_line(product, "940.00")]},
        {"discount": "1.00"},
    ):
        assert changed(**cheaper).code == "by_process", cheaper
    assert changed(lines=[_line(product, "960.00")]).status == 200
    assert changed(status="draft", lines=[_line(product, "500.00")]).status == 200
    assert changed(status="sent").code == "by_process"
    assert changed(lines=[_line(product, "940.00")], status="sent").status == 200


def test_a_product_that_was_deleted_keeps_the_price_that_its_lines_are_below_of(company: Company) -> None:
    """Its lines would else be worth what their writer says, and go out at a tenth of the price by nobody's leave."""
    product = company.make("pm", "product", name="Press", list_price="1000.00")
    quote = company.make("rep", "quote", name="Q", account=company.account(), lines=[_line(product, "1000.00")])
    act.do(
        Viewer(None, "system", "system", "system", world.SETUP, None, "test"), act.Action("product", "delete", product)
    )
    rep, at = cases.signed_in("rep"), f"/records/quote/{quote}"
    deep = {"lines": [_line(product, "100.00")], "status": "sent"}
    assert rep.patch(at, deep, **{"If-Match": rep.get(at).etag}).code == "by_process"
    assert rep.patch(at, {"lines": deep["lines"]}, **{"If-Match": rep.get(at).etag}).status == 200
    assert rep.get(at).body["values"]["effective_discount"] == "90.00"


def test_a_discount_that_was_approved_for_one_customer_is_not_handed_to_another(company: Company) -> None:
    deep, small = (
        company.make("rep", "quote", name="Q", account=company.account(), amount="10000.00", discount=share)
        for share in ("35.00", "5.00")
    )
    play = Play(company, "quote_approval", deep, "rep")
    settle()
    for who in ("head", "cfo", "gm"):
        play.approve(who)
    settle()
    other = company.make("rep", "account", name="Other")
    rep = cases.signed_in("rep")

    def given(quote: str, **to: str) -> Reply:
        at = f"/records/quote/{quote}"
        return rep.patch(at, to, **{"If-Match": rep.get(at).etag})

    refused = given(deep, account=other)
    assert refused.code == "by_process" and "客户" in refused.body["message"]["zh"]
    assert given(deep, terms="30 days").status == 200
    assert [given(small, status="sent").status, given(small, account=other).status] == [200, 200]


def test_the_list_price_is_that_of_when_the_quote_is_handed_in(company: Company) -> None:
    product = company.make("pm", "product", name="Press", list_price="1000.00")
    quote = company.make("rep", "quote", name="Q", account=company.account(), lines=[_line(product, "1000.00")])
    company.do("pm", "product", "edit", product, list_price="2000.00")
    at = f"/records/quote/{quote}"
    rep = cases.signed_in("rep")
    refused = rep.send("PATCH", at, {"status": "sent"}, **{"If-Match": rep.get(at).etag})
    assert refused.code == "by_process", "half of what it costs today"
    play = Play(company, "quote_approval", quote, "rep")
    settle()
    assert play.where() == {"head_first": ["head"]}
    assert play.record("head").body["values"]["effective_discount"] == "50.00"


def test_an_overdue_payment_is_collected_by_sales_and_confirmed_by_finance(company: Company) -> None:
    account = company.account()
    payment = company.make("acc", "payment", account=account, amount="500.00", due_on="2026-11-01")
    play = Play(company, "payment_collection", payment, "cfo")
    assert play.where() == {"collect": ["rep"]}
    play.approve("rep", text="paid yesterday")
    [offered] = play.seen("acc").body["mine"]["targets"]
    assert offered["id"] == "collect"
    assert play.reject("acc", to="collect", text="nothing has come").status == 200, "what is offered is done"
    assert play.where() == {"collect": ["rep"]}
    play.approve("rep")
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    assert play.approve("acc", given={"received_on": tomorrow}).places == ["given/received_on"]
    assert play.approve("acc", given={"received_on": clock.today().isoformat()}).status == 200
    settle()
    assert (play.state, play.record("cfo").body["values"]["status"]) == ("completed", "confirmed")


def test_a_customer_goes_to_who_takes_it_over(company: Company) -> None:
    account = company.account()
    mate = str(company.people["mate"])
    asked = {"process": "customer_reassignment", "record": account, "chosen": {"take": [str(company.people["sup"])]}}
    refused = cases.signed_in("rep").send("POST", "/flows/instances", asked)
    assert refused.places == ["chosen/take"], "who sells nothing takes no customer over: said before it goes anywhere"
    play = Play(company, "customer_reassignment", account, "rep", chosen={"take": [mate]}, text="moves away")
    nodes = {one["id"]: one["chosen"] for one in play.seen("head").body["nodes"]}
    assert [one["username"] for one in nodes["take"]] == ["mate"], "who agrees sees to whom it goes"
    assert nodes["head"] == []
    assert play.at("mate").get(f"/records/account/{account}").status == 404
    play.approve("head")
    settle()
    assert play.approve("mate").status == 200
    settle()
    assert play.state == "completed"
    assert play.at("mate").get(f"/records/account/{account}").body["values"]["owner"]["username"] == "mate"
    assert play.at("rep").get(f"/records/account/{account}").status == 404


def test_feedback_is_judged_and_whoever_sent_it_gets_an_answer(company: Company) -> None:
    company.make("sup", "feedback", subject="Faster lists", body="please")
    play = follow(company, begun("product_feedback"))
    assert play.where() == {"judge": ["pm"]}
    assert play.approve("pm").places == ["values/answer"]
    play.approve("pm", values={"answer": "in March", "status": "planned"})
    settle()
    assert (play.where(), told()) == ({"ship": ["pm"]}, {company.people["sup"]})
    play.approve("pm", values={"release": "7.2", "status": "done"})
    settle()
    assert play.state == "completed"


def test_feedback_that_comes_with_its_answer_is_judged_by_nobody(company: Company) -> None:
    """As when years of it are imported: it would stand on everybody's workbench at once."""
    migrates = [{"type": "feedback", "actions": ["read", "create", "edit"], "scope": ["all"]}]
    grants.grant_lines(SETUP, migrates, "person", str(company.people["pm"]))
    company.make("pm", "feedback", subject="Old wish", body="please", status="done", answer="in 6.0")
    settle()
    assert not Instance.objects.filter(process_code="product_feedback").exists()


def test_a_project_is_set_up_once_everybody_has_agreed(company: Company) -> None:
    deal = company.make("rep", "opportunity", name="Line 4", account=company.account(), amount="900000.00")
    play = Play(company, "project_setup", deal, "rep")
    for who in ("head", "pm", "vp"):
        assert play.approve(who).status in (200, 204)
    settle()
    assert play.where() == {"hand_over": ["rep"]}
    lacking = play.approve("rep", values={"description": "Line 4, turnkey"})
    assert lacking.places == ["packets/receive/notes/promised"]
    given = {"receive": {"notes": {"promised": "Runs by December"}}}
    assert play.approve("rep", values={"description": "Line 4, turnkey"}, packets=given).status == 200
    assert play.where() == {"receive": ["pm"]}
    assert play.reject("pm", text="by which December?").status in (200, 204)
    assert play.approve("rep", packets={"receive": {"notes": {"promised": "Runs by December 2027"}}}).status == 200
    assert play.seen("pm").body["packets"][0]["notes"][0]["text"] == "Runs by December 2027"
    assert play.approve("pm").status in (200, 204)
    settle()
    assert play.state == "completed"
    rep = play.at("rep")
    [made] = rep.get("/records/project?fields=name,status,owner").body["items"]
    assert (made["name"], made["status"], made["owner"]["username"]) == ("Line 4", "planned", "rep")
    project = rep.get(f"/organisation/projects/{made['id']}").body
    assert project["lead"]["username"] == "rep" and {"edit", "members"} <= set(project["may"]), "whose it is leads it"
    assert rep.get(f"/records/opportunity/{deal}").body["values"]["project"]["id"] == made["id"], (
        "and the deal is part of it"
    )

    def made_by_it(who: str) -> list[tuple[str, str | None]]:
        told = [one for one in play.seen(who).body["history"] if one["what"] == "made"]
        return [(one["outcome"], one["made"] and one["made"]["title"]) for one in told]

    assert made_by_it("rep") == [("project", "Line 4")], "the history leads there"
    assert made_by_it("cfo") == [("project", None)], "who does not see it is told no more than that there is one"


def test_whoever_accepts_the_hand_over_of_a_project_works_in_it_from_then_on(company: Company) -> None:
    deal = company.make("rep", "opportunity", name="Line 4", account=company.account(), amount="900000.00")
    play = Play(company, "project_setup", deal, "rep")
    for who in ("head", "pm", "vp"):
        play.approve(who)
    settle()
    given = {"receive": {"notes": {"promised": "Runs by December"}}}
    play.approve("rep", values={"description": "Line 4, turnkey"}, packets=given)
    pm, rep = play.at("pm"), play.at("rep")
    assert pm.get("/records/project").body["items"] == [], "what is only offered to them is not theirs yet"
    assert play.approve("pm").status in (200, 204)
    [project] = pm.get("/records/project?fields=name").body["items"]
    assert project["name"] == "Line 4"
    members = rep.get(f"/organisation/projects/{project['id']}").body["members"]
    assert [(one["person"]["username"], one["role"]) for one in members] == [("rep", "lead"), ("pm", "member")]
    seen = pm.get(f"/records/opportunity/{deal}").body["values"]
    assert seen["name"] == "Line 4" and "amount" not in seen, "as any member: without amounts"

    settle()
    assert play.state == "completed"
    assert pm.get(f"/records/opportunity/{deal}").status == 200, "and not only while the case runs"
    (joined,) = [one for one in play.seen("pm").body["history"] if one["what"] == "joined"]
    assert (joined["person"]["username"], joined["words"]["zh"]) == ("pm", "成员")
    assert joined["made"] == {"type": "project", "id": project["id"], "title": "Line 4"}
    by = set(Entry.objects.filter(action="project_member.create").values_list("actor_id", "actor_name"))
    assert [(who, "项目立项" in name) for who, name in by] == [(None, True)], "the process gives it, not who accepts"


def test_who_is_in_the_project_already_stays_in_it_as_they_are(company: Company) -> None:
    deal = company.make("rep", "opportunity", name="Line 4", account=company.account(), amount="900000.00")
    play = Play(company, "project_setup", deal, "rep")
    for who in ("head", "pm", "vp"):
        play.approve(who)
    settle()
    given = {"receive": {"notes": {"promised": "Runs by December"}}}
    play.approve("rep", values={"description": "Line 4, turnkey"}, packets=given)
    rep = play.at("rep")
    [project] = rep.get("/records/project").body["items"]
    at = f"/organisation/projects/{project['id']}/members"
    assert rep.send("POST", at, {"person": str(company.people["pm"]), "role": "member"}).status == 200
    assert play.approve("pm").status in (200, 204)
    settle()
    assert play.state == "completed"
    assert ProjectMember.objects.filter(person_id=company.people["pm"]).count() == 1
    assert [one for one in play.seen("pm").body["history"] if one["what"] == "joined"] == []


def test_a_signed_contract_is_handed_over_to_after_sales(company: Company, tmp_path: Path, settings: Any) -> None:
    settings.HELI_HOME = tmp_path
    contract = company.make(
        "rep", "contract", name="Line 4", account=company.account(), amount="80000.00", starts_on="2026-12-01", special_terms="夜班有人接电话",
        ends_on="2027-11-30", payment_terms="30",
    )  # fmt: skip
    asked = Play(company, "contract_approval", contract, "rep")
    for who in ("law", "head"):
        asked.approve(who)
    assert asked.approve("rep", given={"signer": "王总"}).status == 200
    settle()
    play = object.__new__(Play)
    play.world, play.apis = company, {}
    play.id = str(cases.Instance.objects.get(process_code="service_handover").pk)
    assert play.where() == {"hand_over": ["rep"]}, "it begins by itself, for who owns the contract"
    [gives] = play.seen("rep").body["mine"]["gives"]
    assert [one["met"] for one in gives["criteria"]] == [True, True]
    number = play.seen("rep").body["mine"]["number"]
    at = f"/flows/instances/{play.id}/work/{number}/packets/receive/files/contract"
    raw = encode_multipart(BOUNDARY, {"file": SimpleUploadedFile("scan.pdf", b"%PDF-1")})
    assert play.at("rep").send("POST", at, raw=raw, media=MULTIPART_CONTENT).status == 200, (
        "though a signed contract is edited by nobody"
    )
    notes = {"promised": "two hours", "contacts": "Li"}
    assert play.approve("rep", packets={"receive": {"notes": notes}}).status == 200
    assert play.where() == {"receive": ["chief"]}
    seen = play.record("chief").body
    assert "amount" not in seen["values"]
    stored = Packet.objects.get(state=Packet.HANDED).fields["special_terms"]
    assert "夜班" not in stored
    former = sealed.keyring().ring().current.id
    assert resealing.held()["contract.special_terms handed over"] == {former: 1}
    new = resealing.rotate(SETUP)
    more = True
    while more:
        with log.transaction():
            more = resealing.step()
    assert resealing.held()["contract.special_terms handed over"] == {new: 1}
    told = {one["field"]: one["value"] for one in play.seen("chief").body["packets"][0]["fields"]}
    assert told["special_terms"] == "夜班有人接电话"
    assert seen["values"]["signer"] == "王总"
    assert [one["name"] for one in play.at("chief").get(f"/records/contract/{contract}/files").body["items"]] == [
        "scan.pdf"
    ]
    assert play.approve("chief").status in (200, 204)
    settle()
    assert play.state == "completed"


def test_a_newer_release_s_process_is_offered_to_who_draws_and_taken_as_a_draft(company: Company) -> None:
    older = processes.source("quote_approval").replace(b'within="P1D"', b'within="P3D"', 1)
    Version.objects.filter(process__code="quote_approval").update(source=older)

    def stands(who: str) -> dict[str, str | None]:
        return {one["code"]: one["shipped"] for one in signed_in(who).get("/flows/processes").body["items"]}

    assert {code for code, how in stands("pam").items() if how != "same"} == {"quote_approval"}
    assert (stands("pam")["quote_approval"], stands("head")["quote_approval"]) == ("newer", "newer")
    assert stands("rep")["quote_approval"] is None, "who draws none need not know"
    assert signed_in("rep").send("POST", "/flows/drafts", {"shipped": "quote_approval"}).status == 404
    assert signed_in("pam").send("POST", "/flows/drafts", {"shipped": "no_such"}).status == 422
    draft = signed_in("pam").send("POST", "/flows/drafts", {"shipped": "quote_approval"})
    assert (draft.status, draft.body["base"]) == (201, 1), draft.body
    assert draft.body["source"].encode() == processes.source("quote_approval")
    done = signed_in("pam").send("POST", f"/flows/drafts/{draft.body['id']}/publish", {}, if_match=draft.etag)
    assert done.status == 201, done.body
    definitions.replace(SETUP, older, "ours")
    assert stands("pam")["quote_approval"] == "own"
