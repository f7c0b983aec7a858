"""What a running case holds stays as its people have seen it: for everybody by hand, and for every other case."""

from __future__ import annotations

import pytest

from heli.flows.models import Instance
from tests.cases import Company, Play, process, publish, settle, task
from tests.world import fresh

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
HOLDS = process(
    task("judge", "manager"), "s>judge", "judge>e", subject='type="opportunity" right="edit" holds="amount"', id="judged"
)  # fmt: skip
WRITES = process(task("fill", "position finance", edit="amount"), "s>fill", "fill>e", id="filled")


@pytest.fixture
def world(db: None) -> Company:
    return fresh(Company)


def test_another_case_does_not_change_what_is_being_judged(world: Company) -> None:
    deal = world.make("ann", "opportunity", name="Deal", amount="5000")
    judged, filled = Play(world, HOLDS, deal), Play(world, WRITES, deal)
    refused = filled.approve("fin", values={"amount": "9000"})
    assert (refused.status, refused.code) == (403, "process"), refused.body
    assert f"#{judged.id}" in refused.body["message"]["en"], "and says which case holds it"
    assert filled.where() == {"fill": ["fin"]}
    assert judged.seen("mei").body["mine"], "the case that holds it is at work as before"
    assert judged.approve("mei").status in (200, 204)
    assert filled.approve("fin", values={"amount": "9000"}).status in (200, 204), "once it is judged it may change"
    assert filled.at("ann").get(f"/records/opportunity/{deal}").body["values"]["amount"] == "9000.00"


def test_a_case_changes_what_it_holds_itself_and_what_the_case_holds_that_waits_for_it(world: Company) -> None:
    own = task("fill", "position finance", edit="amount")
    subject = 'type="opportunity" right="edit" holds="amount"'
    deal = world.make("ann", "opportunity", name="Deal", amount="5000")
    alone = Play(world, process(own, "s>fill", "fill>e", subject=subject, id="alone"), deal)
    assert alone.approve("fin", values={"amount": "6000"}).status in (200, 204)
    publish(world, WRITES)
    call = '<callActivity id="ask" calledElement="filled"><extensionElements><heli:call record="record.id"/></extensionElements></callActivity>'
    above = Play(world, process(call, "s>ask", "ask>e", subject=subject, id="above"), deal)
    settle()
    below = Instance.objects.get(process_code="filled")
    assert below.parent_id == int(above.id)
    number = above.at("fin").get(f"/flows/instances/{below.pk}").body["mine"]["number"]
    done = above.at("fin").send(
        "POST", f"/flows/instances/{below.pk}/work/{number}/decide", {"approve": True, "values": {"amount": "7000"}}
    )
    assert done.status in (200, 204), done.body
    settle()
    assert above.at("ann").get(f"/records/opportunity/{deal}").body["values"]["amount"] == "7000.00"


def test_another_case_does_not_do_past_its_people_what_a_case_is_about(world: Company) -> None:
    wins = process(task("judge", "manager", verb="lose"), "s>judge", "judge>e", id="judged")
    other = (
        '<serviceTask id="lose" name="lose"><extensionElements><heli:does verb="lose"/>'
        '<heli:give name="lost_reason" value="\'price\'"/></extensionElements></serviceTask>'
    )
    deal = world.make("ann", "opportunity", name="Deal", amount="5000")
    judged = Play(world, wins, deal)
    past = Play(world, process(other, "s>lose", "lose>e", id="past"), deal)
    settle()
    halted = Instance.objects.get(pk=int(past.id))
    assert halted.halted and halted.state == "running"
    why = [one["words"]["en"] for one in past.seen("pam").body["history"] if one["what"] == "incident"]
    assert len(why) == 1 and f"#{judged.id}" in why[0], why
    assert past.at("ann").send("POST", f"/flows/instances/{judged.id}/withdraw", {}).status in (200, 204)
    assert past.at("pam").send("POST", f"/flows/instances/{past.id}/retry", {"node": "lose"}).status == 200
    settle()
    assert past.state == "completed"
