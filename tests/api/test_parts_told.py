"""A part in a project becomes wider for everybody whom a running case makes part of one: said before, and written down."""

from __future__ import annotations

from typing import Any

import pytest

from heli.access import grants
from heli.access.models import Role
from heli.audit import entries
from heli.flows import library
from heli.flows.models import Version
from tests.api.client import Api, signed_in
from tests.api.test_drafts import Desk
from tests.cases import Company, Play, process, publish, task
from tests.world import SETUP, fresh

pytestmark = [pytest.mark.django_db, pytest.mark.storage]

POLICY = {"type": "policy", "actions": ["read", "administer", "grant"], "scope": ["all"]}
READS = {"type": "process", "actions": ["read"], "scope": ["all"]}
HELPS = [{"type": "task", "actions": ["read"], "scope": ["project"]}]
JOINING = process(
    task("look", "manager", more='<heli:joins role="member"/>'), "s>look", "look>e", id="joining",
)  # fmt: skip
CALLING = process(
    '<callActivity id="ask" name="ask" calledElement="joining"><extensionElements><heli:call record=""/></extensionElements></callActivity>',
    task("first", "manager"), "s>first", "first>ask", "ask>e", id="calling",
)  # fmt: skip
OTHER = process(task("look", "manager"), "s>look", "look>e", id="other")


class Office(Company):
    """The company with two who change the rules and read processes, one of whom the processes are hidden, and a role of project members."""

    def __init__(self) -> None:
        super().__init__()
        for name, lines in (("sec", [POLICY, READS]), ("sid", [POLICY, READS]), ("eve", [POLICY])):
            self.add(name, "root", None)
            grants.grant_lines(SETUP, lines, "person", str(self.people[name]))
        grants.save_role(SETUP, "helper", name="帮手", name_en="Helper", lines=HELPS)
        grants.save_role(SETUP, "plain", name="别的", name_en="Other", lines=HELPS)
        grants.grant_role(SETUP, "helper", "project_role", "member")


@pytest.fixture
def office(db: None) -> Office:
    return fresh(Office)


def wider(code: str) -> dict[str, Any]:
    found = Role.objects.get(code=code)
    line = {"type": "ticket", "actions": ["read"], "scope": ["project"]}
    return {"name": found.name, "name_en": found.name_en, "lines": [*found.lines, line]}


def told(api: Api, where: str) -> dict[str, dict[str, int]]:
    return {
        one["part"]["en"]: {each["code"]: each["running"] for each in one["processes"]}
        for one in api.get(where).body["parts"]
    }


def test_who_changes_what_a_part_brings_is_told_how_many_running_cases_give_it(office: Office) -> None:
    plays = [
        Play(office, file, office.make("ann", "opportunity", name=str(n), amount="1"))
        for n, file in enumerate((JOINING, JOINING, JOINING, OTHER))
    ]
    publish(office, CALLING)
    Play(office, CALLING, office.make("ann", "opportunity", name="calls", amount="1"))
    assert plays[0].approve("mei").status in (200, 204)
    assert plays[0].state == "completed"
    sec = signed_in("sec")
    assert told(sec, "/access/roles/helper") == {"member": {"joining": 2, "calling": 1}}
    assert told(sec, "/access/roles/plain") == {}, "no part brings it"
    assert told(signed_in("eve"), "/access/roles/helper") == {"member": {}}, "who knows of no process is told of none"

    desk = Desk(sec).begin()
    assert desk.put("role", "plain", wider("plain")).status == 200
    assert told(sec, desk.path) == {}
    assert desk.put("role", "helper", {**wider("helper"), "lines": HELPS, "name": "助手"}).status == 200
    assert told(sec, desk.path) == {}, "another name gives nobody more"
    assert desk.put("role", "helper", wider("helper")).status == 200
    assert told(sec, desk.path) == {"member": {"joining": 2, "calling": 1}}

    desk.step("submit")
    sid = Desk(signed_in("sid"), desk.draft)
    assert told(sid.api, desk.path) == {"member": {"joining": 2, "calling": 1}}, "who says yes is told too"
    assert sid.step("approve").status == 200
    assert desk.step("publish").status == 200
    (written,) = [one.after for one in entries.query(object_type="policy") if one.action == "policy.publish"]
    assert written is not None
    assert (written["project_roles"], written["running_cases"]) == (["member"], {"joining": 2, "calling": 1})


def test_what_is_granted_to_a_part_is_told_alike(office: Office) -> None:
    Play(office, JOINING, office.make("ann", "opportunity", name="x", amount="1"))
    desk = Desk(signed_in("sec")).begin()
    after = {
        "subject": "project_role:member",
        "role": "plain",
        "lines": None,
        "below": False,
        "starts": None,
        "ends": None,
        "source": "manual",
    }
    assert (made := desk.put("grant", "new-1", after)).status == 200, made.body
    assert told(desk.api, desk.path) == {"member": {"joining": 1}}


def test_a_version_that_can_be_read_no_more_keeps_nobody_from_changing_rules(office: Office) -> None:
    for n, file in enumerate((JOINING, CALLING)):
        Play(office, file, office.make("ann", "opportunity", name=str(n), amount="1"))
    Version.objects.filter(process__code="calling").update(source=b"<bpmn")
    library.forget()
    assert told(signed_in("sec"), "/access/roles/helper") == {"member": {"joining": 1}}
