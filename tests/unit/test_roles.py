"""The shipped roles at work: people of seven departments in a day of one company, through the doors."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests import world

from heli.access.rules import parse_lines
from heli.crm.ceilings import ceilings
from heli.crm.install import install
from heli.crm.positions import POSITIONS
from heli.crm.roles import TEMPLATES
from heli.flows.models import Process
from heli.kernel import clock
from heli.kernel.errors import Conflict, Invalid, NotFound, Refused
from heli.org.models import Position
from heli.org.verbs import assignments, departments, people
from heli.records import act, store
from heli.records.act import Action

pytestmark = [pytest.mark.django_db, pytest.mark.storage]

STAFF = (
    ("rep", "team", "sales_rep"), ("rival", "other", "sales_rep"), ("lead", "team", "sales_manager"),
    ("director", "sales", "sales_director"), ("mark", "marketing", "marketing_specialist"),
    ("sup", "support", "support_agent"), ("fin", "finance", "accountant"), ("law", "legal", "legal_counsel"),
    ("pm", "product", "product_manager"), ("boss", "root", "managing_director"), ("aud", "root", "auditor"),
    ("sys", "root", "system_administrator"), ("sec", "root", "security_administrator"), ("hr", "root", "hr_specialist"),
)  # fmt: skip


class Company(world.World):
    """The shipped templates instead of the tests' own rights."""

    def __init__(self) -> None:
        install(world.SETUP)
        Process.objects.update(closed_at=clock.now())  # the roles alone: no process is the only way to anything
        self.people = {}
        self.departments = {"root": departments.create_department(world.SETUP, "Company")}
        self.positions = dict(Position.objects.values_list("code", "pk"))
        for name in ("sales", "marketing", "support", "finance", "legal", "product"):
            self.departments[name] = departments.create_department(world.SETUP, name, self.departments["root"])
        for name in ("team", "other"):
            self.departments[name] = departments.create_department(world.SETUP, name, self.departments["sales"])
        for name, department, job in STAFF:
            self.add(name, department, job)

    def account(self, who: str = "rep", name: str = "上海示例有限公司") -> str:
        return self.make(who, "account", name=name, phone="021-62345678", industry="manufacturing")

    def deal(self, account: str, who: str = "rep", **values: object) -> str:
        given = {"amount": "300000.00", "expected_on": "2027-01-31", **values}
        return self.make(who, "opportunity", name="一号产线", account=account, **given)

    def contract(self, account: str, who: str = "rep", amount: str = "300000.00") -> str:
        return self.make(
            who,
            "contract",
            name="采购合同",
            account=account,
            amount=amount,
            starts_on="2026-12-01",
            ends_on="2027-11-30",
        )

    def row(self, who: str, kind: str, record: str) -> dict[str, object] | None:
        found = [one for one in self.list(who, kind) if one["id"] == record]
        return found[0] if found else None


@pytest.fixture
def company() -> Company:
    return world.fresh(Company)


def test_every_template_is_in_the_rule_language_and_every_position_has_a_role() -> None:
    for template in TEMPLATES.values():
        assert parse_lines(template.lines)
        assert template.words.zh
        assert template.sees.en
    assert {one.role for one in POSITIONS} <= set(TEMPLATES)
    assert len([code for code in TEMPLATES if code not in ("employee", "project_member", "project_lead")]) == 11
    for ceiling in ceilings():
        parse_lines(ceiling.lines)


def test_installing_twice_changes_nothing(company: Company) -> None:
    from heli.access.models import Ceiling, Grant, Role

    before = [model.objects.count() for model in (Role, Grant, Ceiling, Position)]
    install(world.SETUP)
    assert [model.objects.count() for model in (Role, Grant, Ceiling, Position)] == before


def test_a_rep_has_their_own_and_a_manager_what_is_below(company: Company) -> None:
    mine, theirs = company.account(), company.account("rival", "北京示例有限公司")
    assert [row["id"] for row in company.list("rep", "account")] == [mine]
    assert {row["id"] for row in company.list("director", "account")} == {mine, theirs}
    assert [row["id"] for row in company.list("lead", "account")] == [mine]
    assert {row["id"] for row in company.list("boss", "account")} == {mine, theirs}
    with pytest.raises(NotFound):
        act.do(company.as_("rep"), Action("account", "edit", theirs, {"short_name": "x"}))
    with pytest.raises((Refused, Invalid)):
        company.do("rep", "account", "edit", mine, credit_limit="9.00")
    company.do("lead", "account", "edit", mine, credit_limit="500000.00", level="a")


def test_who_has_no_customers_to_see_sees_none(company: Company) -> None:
    account = company.account()
    company.deal(account)
    company.contract(account)
    for who in ("aud", "sys", "sec", "hr"):
        for kind in ("account", "opportunity", "contract", "contact", "ticket"):
            with pytest.raises(NotFound):
                store.query(company.as_(who), kind)
        company.make(who, "task", subject="自己的任务")
        assert len(company.list(who, "task")) == 1
    assert company.as_("aud").view.may("audit", "read")
    assert not company.as_("sys").view.may("policy", "administer")
    assert company.as_("sec").view.may("policy", "grant")
    assert not company.as_("boss").view.may("policy", "grant")


def test_a_pooled_customer_shows_no_number_until_it_is_claimed(company: Company) -> None:
    account = company.account()
    company.do("lead", "account", "return", account, reason="超期未跟进")
    row = company.row("rep", "account", account)
    assert row is not None
    assert "62345678" not in str(row["phone"])
    assert company.row("rival", "account", account) is None
    company.do("rep", "account", "claim", account)
    assert company.do("rep", "account", "reveal", account, field="phone")["value"] == "021-62345678"


def test_marketing_sees_all_leads_without_numbers_and_the_stage_of_what_they_became(company: Company) -> None:
    foreign = company.make("rep", "lead", name="电话咨询", company="甲公司", contact_name="李明", phone="13800000001")
    own = company.make("mark", "lead", name="展会线索", company="乙公司", contact_name="赵敏", phone="13800000002")
    row = company.row("mark", "lead", foreign)
    assert row is not None
    assert "phone" not in row
    assert company.row("mark", "lead", own)["phone"]
    company.do("mark", "lead", "move", own, stage="contacted")
    later = (clock.now() + timedelta(days=300)).isoformat()
    company.do("mark", "lead", "transfer", own, owner=str(company.people["rep"]), keep_until=later)
    with pytest.raises(Refused):
        company.do("mark", "lead", "convert", own)
    made = company.do("rep", "lead", "convert", own, amount="88000.00")
    deal = company.row("mark", "opportunity", made["opportunity"])
    assert deal is not None
    assert deal["stage"] == "new"
    assert "amount" not in deal
    assert company.row("rep", "opportunity", made["opportunity"])["amount"] == "88000.00"
    assert company.row("rep", "account", made["account"])["name"] == "乙公司"
    assert company.row("rep", "contact", made["contact"])["name"] == "赵敏"
    with pytest.raises(Refused):
        company.do("rep", "lead", "convert", own)


def test_support_meets_the_customer_of_its_ticket_and_no_amount(company: Company) -> None:
    account = company.account()
    company.make("rep", "contact", name="刘洋", account=account, mobile="13900000000")
    hidden = company.account("rep", "无工单有限公司")
    company.deal(account)
    ticket = company.make("rep", "ticket", subject="无法登录", account=account)
    assert company.row("sup", "ticket", ticket) is not None
    assert company.row("sup", "account", account) is None
    company.do("boss", "account", "transfer", account, owner=str(company.people["rep"]))
    own = company.make("sup", "ticket", subject="无法登录二")
    company.do("sup", "ticket", "edit", own, body="说明")
    work = company.make("rep", "ticket", subject="现场故障", account=account)
    world_move(company, "rep", work, "sup")
    assert company.row("sup", "account", account)["name"] == "上海示例有限公司"
    assert company.row("sup", "account", hidden) is None
    assert [row["name"] for row in company.list("sup", "contact")] == ["刘洋"]
    with pytest.raises(NotFound):
        store.query(company.as_("sup"), "opportunity")
    assert "credit_limit" not in company.row("sup", "account", account)
    with pytest.raises(Refused):
        company.do("sup", "ticket", "close", work)
    company.do("sup", "ticket", "move", work, stage="processing")
    company.do("sup", "ticket", "resolve", work, solution="已更换终端")
    company.do("sup", "ticket", "close", work)
    assert company.row("rep", "ticket", work)["stage"] == "closed"


def world_move(company: Company, seller: str, ticket: str, agent: str) -> None:
    """Hand a ticket to support as the system's assignment would."""
    act.do(company.system, Action("ticket", "transfer", ticket, {"owner": str(company.people[agent])}))


def test_a_deal_is_won_by_the_published_rules(company: Company) -> None:
    account = company.account()
    deal = company.deal(account)
    with pytest.raises(Refused) as skipped:
        company.do("rep", "opportunity", "move", deal, stage="negotiation")
    assert "OPP-05" in skipped.value.words.zh
    with pytest.raises(Refused) as early:
        company.do("rep", "opportunity", "win", deal)
    assert early.value.why["rule"] == "OPP-07"
    company.do("rep", "opportunity", "move", deal, stage="qualified")
    bare = company.make("rep", "opportunity", name="缺金额", account=account)
    company.do("rep", "opportunity", "move", bare, stage="qualified")
    with pytest.raises(Invalid) as missing:
        company.do("rep", "opportunity", "move", bare, stage="proposal")
    assert {problem.place for problem in missing.value.problems} == {"amount", "expected_on"}
    company.do("rep", "opportunity", "move", deal, stage="proposal")
    company.do("rep", "opportunity", "win", deal, amount="280000.00")
    row = company.row("rep", "opportunity", deal)
    assert (row["stage"], row["amount"], row["probability"]) == ("won", "280000.00", "100.00")
    with pytest.raises(Refused):
        company.do("rep", "opportunity", "lose", deal, lost_reason="price")
    with pytest.raises(Refused):
        company.do("rep", "opportunity", "edit", bare, stage="won")


def test_a_contract_is_drafted_approved_within_limits_signed_and_deleted_by_management_alone(company: Company) -> None:
    account = company.account()
    small, large = company.contract(account), company.contract(account, amount="800000.00")
    for contract in (small, large):
        company.do("rep", "contract", "submit", contract)
    with pytest.raises(Refused):
        company.do("rep", "contract", "approve", small)
    with pytest.raises(Refused) as above:
        company.do("lead", "contract", "approve", large)
    assert above.value.code == "limit"
    company.do("lead", "contract", "approve", small)
    company.do("law", "contract", "approve", large, legal_note="同意")
    with pytest.raises(Refused):
        company.do("law", "contract", "edit", small, amount="1.00")
    company.do("law", "contract", "edit", small, legal_note="补充违约责任")
    company.do("rep", "contract", "sign", small, signer="王总")
    assert company.row("fin", "contract", small)["amount"] == "300000.00"
    for who in ("rep", "lead", "director", "law", "fin"):
        with pytest.raises(Refused):
            act.do(company.as_(who), Action("contract", "delete", small))
    act.do(company.as_("boss"), Action("contract", "delete", small))
    assert company.row("fin", "contract", small) is None
    act.do(company.as_("boss"), Action("contract", "restore", small))
    assert company.row("fin", "contract", small) is not None


def test_nobody_approves_their_own_contract(company: Company) -> None:
    contract = company.contract(company.account("lead", "自营有限公司"), "lead", "1000.00")
    company.do("lead", "contract", "submit", contract)
    with pytest.raises(Refused) as own:
        company.do("lead", "contract", "approve", contract)
    assert own.value.code == "own"
    company.do("law", "contract", "approve", contract)


def test_finance_edits_payments_and_invoices_only(company: Company) -> None:
    account = company.account()
    contract = company.contract(account)
    payment = company.make("fin", "payment", contract=contract, account=account, amount="90000.00")
    with pytest.raises(Refused):
        company.do("fin", "contract", "edit", contract, amount="1.00")
    with pytest.raises(Invalid):
        company.do("fin", "payment", "confirm", payment)
    company.do("fin", "payment", "confirm", payment, received_on=clock.today().isoformat(), bank_reference="LS1")
    assert company.row("fin", "payment", payment)["status"] == "confirmed"
    assert company.row("rep", "payment", payment) is not None
    with pytest.raises(Refused):
        company.do("rep", "payment", "edit", payment, amount="1.00")
    invoice = company.make("rep", "invoice", contract=contract, account=account, amount="90000.00")
    company.do("fin", "invoice", "edit", invoice, invoice_number="0001", status="issued")
    with pytest.raises(NotFound):
        store.query(company.as_("fin"), "opportunity")


def test_product_people_know_the_customer_by_an_alias(company: Company) -> None:
    account = company.account()
    feedback = company.make("rep", "feedback", subject="希望离线可用", account=account)
    row = company.row("pm", "feedback", feedback)
    assert row is not None
    assert "示例" not in str(row)
    assert str(row["account"]).startswith("客户-")
    assert account not in str(row)
    company.do("pm", "feedback", "edit", feedback, status="accepted", answer="已纳入")
    with pytest.raises((Refused, Invalid)):
        company.do("pm", "feedback", "edit", feedback, body="改写客户原话")
    assert company.row("rep", "feedback", feedback)["status"] == "accepted"


def test_an_order_is_confirmed_by_the_manager_and_then_delivered(company: Company) -> None:
    account = company.account()
    order = company.make("rep", "order", account=account, amount="1000.00")
    with pytest.raises(Refused):
        company.do("rep", "order", "confirm", order)
    with pytest.raises(Invalid) as missing:
        company.do("lead", "order", "confirm", order)
    assert [problem.place for problem in missing.value.problems] == ["deliver_on"]
    company.do("rep", "order", "edit", order, deliver_on="2026-12-20")
    company.do("lead", "order", "confirm", order)
    with pytest.raises(Refused):
        company.do("rep", "order", "edit", order, amount="2000.00")
    company.do("lead", "order", "deliver", order)


def test_a_contractor_never_sees_what_is_confidential(company: Company) -> None:
    person = people.add_person(world.SETUP, "temp", "Temp", kind="contractor")
    company.people["temp"] = person
    assignments.assign(world.SETUP, person, company.departments["team"], company.positions["sales_manager"])
    account = company.account()
    deal = company.deal(account)
    assert company.row("temp", "opportunity", deal) is None
    own = company.account("temp", "外包自有有限公司")
    with pytest.raises(Invalid):
        company.deal(own, "temp")
    mine = company.make("temp", "opportunity", name="外包商机", account=own)
    company.do("lead", "opportunity", "edit", mine, amount="5000.00")
    row = company.row("temp", "opportunity", mine)
    assert row is not None
    assert "amount" not in row


def test_an_amount_follows_its_lines_and_a_visit_is_told_to_the_customer(company: Company) -> None:
    account = company.account()
    lines = [{"description": "设备", "quantity": "3", "unit_price": "1000.00", "discount": "5"}]
    quote = company.make("rep", "quote", name="报价", account=account, lines=lines, amount="1.00")
    assert company.row("rep", "quote", quote)["amount"] == "2850.00"
    lines.append({"description": "服务", "quantity": "1", "unit_price": "150.00"})
    company.do("rep", "quote", "edit", quote, lines=lines)
    assert company.row("rep", "quote", quote)["amount"] == "3000.00"
    assert company.row("rep", "account", account).get("last_activity_at") is None
    for moment in ("2026-11-20T02:00:00Z", "2026-11-18T02:00:00Z"):
        company.make("rep", "activity", subject="拜访", account=account, happened_at=moment)
    assert company.row("rep", "account", account)["last_activity_at"] == "2026-11-20T02:00:00Z"


def test_a_lead_of_a_known_customer_says_so_and_converts_into_it(company: Company) -> None:
    account = company.account("rep", "甲公司")
    lead = company.make("rep", "lead", name="再次咨询", company="甲公司", phone="13800000001")
    company.do("rep", "lead", "move", lead, stage="contacted")
    with pytest.raises(Conflict) as taken:
        company.do("rep", "lead", "convert", lead)
    assert taken.value.problems[0].place == "account"
    assert company.row("rep", "lead", lead)["stage"] == "contacted"
    made = company.do("rep", "lead", "convert", lead, account=account)
    assert made["account"] == account
    foreign = company.account("rival", "乙公司")
    other = company.make("rep", "lead", name="他人客户", company="丙公司", phone="13800000002")
    company.do("rep", "lead", "move", other, stage="contacted")
    with pytest.raises(Invalid):
        company.do("rep", "lead", "convert", other, account=foreign)


def test_a_ticket_names_its_customer_and_opens_nothing_else_of_it(company: Company) -> None:
    account = company.account()
    ticket = company.make("rep", "ticket", subject="无法登录", account=account)
    assert company.row("sup", "ticket", ticket)["account"]["title"] == "上海示例有限公司"
    assert company.row("sup", "account", account) is None
    feedback = company.make("rep", "feedback", subject="希望离线可用", account=account)
    assert "title" not in company.row("mark", "feedback", feedback)["account"]
