"""The two doors, as people of one company use them."""

from __future__ import annotations

import pytest
from tests import world

from heli.access import grants
from heli.kernel.errors import Broken, Invalid, NotFound, Refused
from heli.org.verbs import assignments
from heli.records import act, store
from heli.records.types import TYPES

pytestmark = [pytest.mark.django_db, pytest.mark.storage]


@pytest.fixture
def company() -> world.World:
    return world.fresh()


def test_everyone_sees_their_part_of_the_deals(company: world.World) -> None:
    company.make("ann", "opportunity", name="A", amount="500.00")
    company.make("bob", "opportunity", name="B", amount="2000.00")
    company.make("wei", "opportunity", name="W", amount="3000.00")
    assert company.names("ann") == {"A"}
    assert company.names("bob") == {"B"}
    assert company.names("mei") == {"A", "B"}
    assert company.names("fin") == {"B", "W"}
    assert company.names("boss") == {"A", "B", "W"}
    with pytest.raises(NotFound):
        store.query(company.as_("sue"), "opportunity")


def test_a_cell_shows_as_much_as_its_line_gives(company: world.World) -> None:
    company.add("amy", "east", "rep")
    company.make("ann", "opportunity", name="A", amount="500.00")
    mine = company.list("ann", "opportunity")[0]
    hers = company.list("amy", "opportunity")[0]
    assert mine["amount"] == "500.00"
    assert hers["amount"] == "***"
    found = store.query(company.as_("amy"), "opportunity").page()
    assert found.access[0]["amount"] == "masked"
    counted = store.query(company.as_("amy"), "opportunity").count(total="amount")
    assert (counted.count, counted.sum, counted.readable) == (1, 0, 0)
    assert not store.query(company.as_("amy"), "opportunity").where({"amount": "500.00"}).ids()


def test_a_transferred_deal_is_gone_at_once(company: world.World) -> None:
    deal = company.make("ann", "opportunity", name="A", amount="500.00")
    with pytest.raises(Refused):
        company.do("ann", "opportunity", "transfer", deal, owner=str(company.people["wei"]))
    company.do("mei", "opportunity", "transfer", deal, owner=str(company.people["bob"]))
    assert company.names("ann") == set()
    assert company.names("bob") == {"A"}


def test_helpers_reach_the_named_child_types_and_nothing_else(company: world.World) -> None:
    account = company.make("ann", "account", name="Acme")
    company.make("ann", "contact", name="Carl", account=account)
    company.make("ann", "opportunity", name="A", account=account)
    assert company.names("wei", "account") == set()
    company.do("ann", "account", "team_add", account, person=str(company.people["wei"]), types="contact")
    assert company.names("wei", "account") == {"Acme"}
    assert company.names("wei", "contact") == {"Carl"}
    assert company.names("wei") == set()
    company.do("ann", "account", "team_remove", account, person=str(company.people["wei"]))
    assert company.names("wei", "account") == set()
    assert company.names("wei", "contact") == set()


def test_support_reaches_the_customer_of_its_ticket(company: world.World) -> None:
    account = company.make("ann", "account", name="Acme")
    company.make("ann", "contact", name="Carl", account=account)
    assert company.names("sue", "account") == set()
    ticket = act.do(company.system, act.Action("ticket", "create", values={"subject": "Broken", "account": account})).id
    act.do(company.system, act.Action("ticket", "assign", ticket, {"owner": str(company.people["sue"])}))
    assert company.names("sue", "account") == {"Acme"}
    assert company.names("sue", "contact") == {"Carl"}


def test_leaving_a_post_and_revoking_act_on_the_next_statement(company: world.World) -> None:
    company.make("bob", "opportunity", name="B")
    assert company.names("mei") == {"B"}
    assignments.move_person(world.SETUP, company.people["mei"], company.departments["west"])
    assert company.names("mei") == set()
    grant = grants.grant_role(world.SETUP, "management", "person", str(company.people["mei"]))
    assert company.names("mei") == {"B"}
    grants.revoke(world.SETUP, grant.pk)
    assert company.names("mei") == set()


def test_an_invisible_field_answers_like_a_misspelt_one(company: world.World) -> None:
    company.make("wei", "opportunity", name="W", amount="3000.00", probability="50.00")
    grants.grant_lines(
        world.SETUP,
        [{"type": "opportunity", "actions": ["read"], "scope": ["all"], "read": {"amount": "hidden"}}],
        "person",
        str(company.people["sue"]),
    )
    with pytest.raises(Invalid) as hidden:
        store.query(company.as_("sue"), "opportunity").where({"amount": "1"})
    with pytest.raises(Invalid) as misspelt:
        store.query(company.as_("sue"), "opportunity").where({"amuont": "1"})
    assert str(hidden.value).replace("amount", "X") == str(misspelt.value).replace("amuont", "X")
    assert "amount" not in company.list("sue", "opportunity")[0]


def test_records_answer_nothing_beside_the_doors() -> None:
    model = TYPES["opportunity"].model
    for way in (
        lambda: model.objects.all(),
        lambda: model.objects.raw("SELECT 1"),
        lambda: model._base_manager.all(),
        lambda: model._default_manager.count(),
        lambda: model(name="x").save(),
        lambda: model(name="x").delete(),
        lambda: model(name="x").refresh_from_db(),
    ):
        with pytest.raises(Broken):
            way()


def test_converting_a_lead_copies_only_what_its_converter_reads(company: world.World) -> None:
    lead = {"scope": ["own"], "type": "lead"}
    lines = [
        {**lead, "actions": ["create", "convert"]},
        {**lead, "actions": ["read"], "read": {"phone": "masked", "budget": "hidden"}},
    ]
    grants.grant_lines(world.SETUP, lines, "person", str(company.people["ann"]))
    values = {"name": "L", "company": "Acme", "contact_name": "Carl", "phone": "13800001234", "budget": "900.00"}
    made = act.do(company.system, act.Action("lead", "create", values=values)).id
    act.do(company.system, act.Action("lead", "assign", made, {"owner": str(company.people["ann"])}))
    act.do(company.system, act.Action("lead", "move", made, {"stage": "contacted"}))
    act.do(company.system, act.Action("lead", "move", made, {"stage": "qualified"}))
    done = company.do("ann", "lead", "convert", made)
    system = store.query(company.system, "account").one(done["account"])
    assert system.values["name"] == "Acme"
    assert not system.values["phone"]
    assert store.query(company.system, "opportunity").one(done["opportunity"]).values["amount"] is None
