"""A process that deletes: who asked is told once, by the record's name, and whoever deletes is asked to confirm it."""

from __future__ import annotations

import pytest

from heli.access import grants
from heli.notices.models import Notice
from tests.cases import Company, Play, process, services, task
from tests.world import SETUP, fresh

pytestmark = [pytest.mark.django_db, pytest.mark.storage]

TELLS = (
    '<sendTask id="tell" name="tell"><extensionElements><heli:assignee rule="initiator"/><heli:assignee rule="position" position="finance"/>'
    "</extensionElements></sendTask>"
)
DELETION = process(
    task("lead", "manager", verb="delete"), TELLS, "s>lead", "lead>tell", "tell>e", subject='type="opportunity" right="read" only="delete"'
)  # fmt: skip


@pytest.fixture
def world(db: None) -> Company:
    return fresh(Company)


def done() -> None:
    while services():
        pass


def told(play: Play, who: str) -> list[str]:
    said = [one["text"]["en"] for one in play.at(who).get("/notices").body["items"]]
    return [one for one in said if "waits for you" not in one]


def test_who_asked_for_a_deletion_reads_once_what_was_deleted_by_its_name(world: Company) -> None:
    deal = world.make("ann", "opportunity", name="Old deal", amount="5")
    play = Play(world, DELETION, deal)
    mine = play.seen("mei").body["mine"]
    assert (mine["verb"], mine["does"]["danger"]) == ("delete", True), "the page asks before it is done"
    assert play.approve("mei").status in (200, 204)
    early = play.seen("ann").body
    assert (early["state"], early["record_deleted"]) == ("running", True), (
        "as soon as it is, and not first once all are told"
    )
    done()
    assert play.state == "completed"
    assert told(play, "ann") == [
        f"“Old deal” is deleted, by the process that you began: Approval #{play.id}. Who may delete it can restore it for 90 days"
    ]
    assert Notice.objects.filter(person_id=world.people["ann"]).exclude(kind="flow_work").count() == 1
    # finance, who was only to be told, does not see this deal: they learn no name
    assert told(play, "fin") == [f"you may follow a case: Approval #{play.id}"]

    seen = play.seen("ann").body
    assert (seen["title"], seen["record_deleted"], seen["sees_record"]) == ("Old deal", True, False)
    assert [(one["what"], one["person"]["username"]) for one in seen["history"] if one["what"] == "deleted"] == [
        ("deleted", "mei")
    ]
    assert [one["id"] for one in seen["nodes"]] == ["lead", "tell"], "and by what way it came there"
    listed = play.at("ann").get("/flows/instances?scope=begun").body["items"][0]
    assert (listed["title"], listed["record_deleted"]) == ("Old deal", True)
    other = play.seen("fin").body
    assert (other["title"], other["record_deleted"]) == (None, False)


def test_who_does_not_read_its_name_is_told_that_it_is_done_and_no_more(world: Company) -> None:
    world.add("hal", "support", None)
    lines = [{"type": "opportunity", "actions": ["read"], "scope": ["all"], "read": {"name": "hidden"}}]
    grants.grant_lines(SETUP, lines, "person", str(world.people["hal"]))
    play = Play(world, DELETION, world.make("ann", "opportunity", name="Secret deal"), who="hal")
    where = play.where()["lead"][0]
    assert play.approve(where).status in (200, 204)
    done()
    assert told(play, "hal") == [
        f"the record of the process that you began is deleted: Approval #{play.id}. Who may delete it can restore it for 90 days"
    ]
    assert "Secret" not in str(play.seen("hal").body)


def test_once_it_is_restored_the_notice_speaks_of_the_case_alone(world: Company) -> None:
    deal = world.make("ann", "opportunity", name="Old deal")
    play = Play(world, DELETION, deal)
    play.approve("mei")
    done()
    world.do("ann", "opportunity", "restore", deal)
    assert told(play, "ann") == [f"your case is completed: Approval #{play.id}, Old deal"]
    assert play.seen("ann").body["record_deleted"] is False
