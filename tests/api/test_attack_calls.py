"""Attacks by called cases: a process that somebody may begin calls one that they may not, about a record of their choice."""

from __future__ import annotations

from typing import Any

import pytest

from heli.flows.models import Instance
from tests.api.client import signed_in
from tests.cases import Company, process, publish, settle, task
from tests.world import fresh

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
BELOW = process(task("look", "initiator", show="name amount competitor"), "s>look", "look>e", id="below")


@pytest.fixture
def world(db: None) -> Company:
    made = fresh(Company)
    publish(made, BELOW)
    return made


def above(record: str, subject: str = "") -> str:
    call = (
        '<callActivity id="ask" calledElement="below"><extensionElements>'
        f'<heli:call record="{record}"/></extensionElements></callActivity>'
    )
    file = process(call, "s>ask", "ask>e", id="above")
    return file if subject else file.replace('<heli:subject type="opportunity" right="edit"/>', "")


def test_what_calls_a_process_that_gives_more_than_its_author_has_waits_for_security(world: Company) -> None:
    made = signed_in("pam").post("/flows/processes", {"source": above("data.deal")})
    assert (made.status, made.body["state"]) == (201, "waiting"), made.body


@pytest.mark.parametrize("there", [True, False])
def test_nobody_begins_by_a_call_what_they_may_not_begin(world: Company, there: bool) -> None:
    """Nor learn whether the record is there."""
    publish(world, above("data.deal"))
    deal = world.make("wei", "opportunity", name="Secret", amount="5000", competitor="Acme")
    asked = deal if there else deal[:-4] + "0000"
    sue = signed_in("sue")
    begun = sue.post("/flows/instances", {"process": "above", "data": {"deal": asked}})
    assert begun.status == 201, begun.body
    settle()
    assert not Instance.objects.filter(process_code="below").exists()
    assert sue.get(f"/records/opportunity/{deal}").status == 404
    seen = sue.get(f"/flows/instances/{begun.body['id']}").body
    told: list[dict[str, Any]] = [one for one in seen["history"] if one["what"] == "incident"]
    assert [one["outcome"] for one in told] == ["no_record"], told


def test_who_may_begin_it_calls_it_about_a_record_of_their_choice(world: Company) -> None:
    publish(world, above("data.deal"))
    deal = world.make("ann", "opportunity", name="Mine", amount="5000")
    begun = signed_in("ann").post("/flows/instances", {"process": "above", "data": {"deal": deal}})
    assert begun.status == 201
    settle()
    assert Instance.objects.get(process_code="below").record_id == deal


def test_a_case_hands_on_its_own_record_and_what_it_leads_to(world: Company) -> None:
    """The way from its own record is the drawing's, and was looked at with it."""
    publish(world, above("record.id", "its own"))
    deal = world.make("ann", "opportunity", name="Mine", amount="5000")
    assert signed_in("ann").post("/flows/instances", {"process": "above", "record": deal}).status == 201
    world.do("mei", "opportunity", "transfer", deal, owner=str(world.people["bob"]))
    settle()
    assert Instance.objects.get(process_code="below").record_id == deal


def test_nobody_counts_as_having_begun_by_a_message_what_they_may_not_begin(world: Company) -> None:
    """About a record that nobody owns, whose key they hand to a case that says it."""
    look = process(
        task("look", "initiator", show="name phone"), "s>look", "look>e", id="born", subject='type="account" right="edit"'
    )  # fmt: skip
    begun = '<startEvent id="s"><messageEventDefinition messageRef="m"/></startEvent>'
    publish(
        world,
        look.replace('<startEvent id="s"/>', begun).replace("<process ", '<message id="m" name="m"/><process ', 1),
    )
    say = (
        '<intermediateThrowEvent id="say"><extensionElements><heli:to key="data.key"/></extensionElements>'
        '<messageEventDefinition messageRef="m"/></intermediateThrowEvent>'
    )
    saying = process(say, "s>say", "say>e", id="saying").replace('<heli:subject type="opportunity" right="edit"/>', "")
    publish(world, saying.replace("<process ", '<message id="m" name="m"/><process ', 1))
    account = world.make("wei", "account", name="Acme", phone="13800138000")
    world.do("wei", "account", "return", account, reason="no_fit")
    sue = signed_in("sue")
    assert sue.post("/flows/instances", {"process": "saying", "data": {"key": account}}).status == 201
    settle()
    assert Instance.objects.get(process_code="born").initiator_id != world.people["sue"]
    assert sue.get("/flows/work").body["items"] == []
