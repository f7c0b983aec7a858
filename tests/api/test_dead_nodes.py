"""Foreseeing which steps of processes nobody could do any more."""

from __future__ import annotations

from typing import Any

import pytest

from heli.access import grants
from heli.access.models import Ceiling
from heli.org.verbs import reporting
from tests.api.client import Api, signed_in
from tests.cases import Company, Play, process, publish, task
from tests.world import SETUP, fresh

pytestmark = pytest.mark.django_db
FILE = process(
    task("lead", "manager", people='empty="administrator"'), task("money", "position finance", people='empty="stop"'),
    task("look", "role auditor", people='empty="skip"'), "s>lead", "lead>money", "money>look", "look>e",
)  # fmt: skip
AUDITOR = [{"type": "opportunity", "actions": ["read"], "scope": ["own"], "read": {"name": "read"}}]


@pytest.fixture
def world(db: None) -> Company:
    made = fresh(Company)
    made.add("sec", "root", None)
    rules = [{"type": "policy", "actions": ["read", "administer"], "scope": ["all"]}]
    grants.grant_lines(SETUP, rules, "person", str(made.people["sec"]))
    grants.save_role(SETUP, "auditor", name="auditor", lines=AUDITOR)
    grants.grant_role(SETUP, "auditor", "person", str(made.people["sue"]))
    return made


def nodes(api: Api, **asked: Any) -> dict[tuple[str, bool], str]:
    """The dead steps after a change: by code and whether it makes them, what is said."""
    told = api.post("/access/simulate", asked)
    assert told.status == 200, told.body
    return {
        (one["code"], one["new"]): one["words"]["en"] for one in told.body["corners"] if one["kind"].startswith("node")
    }


def test_a_step_that_nobody_could_do_any_more_is_a_dead_corner(world: Company) -> None:
    publish(world, FILE)
    sec = signed_in("sec")
    assert nodes(sec, what={"kind": "leave", "person": "bob"}) == {}
    left = nodes(sec, what={"kind": "leave", "person": "fin"})
    assert left == {
        ("money", True): "nobody can do the step “money” of the process “Approval”: the case would stand still there"
    }
    gone = nodes(sec, what={"kind": "role", "role": "auditor"})
    assert gone == {("look", True): "nobody can do the step “look” of the process “Approval”: it would be passed over"}


def test_what_is_dead_already_is_told_apart_and_what_is_mended_is_told(world: Company) -> None:
    grants.save_role(SETUP, "moon", name="moon", lines=AUDITOR)
    publish(world, process(task("ask", "role moon"), "s>ask", "ask>e"))
    sec = signed_in("sec")
    assert list(nodes(sec, what={"kind": "leave", "person": "bob"})) == [("ask", False)]
    given = {"role": "moon", "subject": "person:bob"}
    told = sec.post("/access/simulate", {"changes": [{"kind": "grant", "key": "new-1", "after": given}]}).body
    assert [one["code"] for one in told["corners_ended"] if one["kind"] == "node"] == ["ask"]


def test_a_manager_who_leaves_takes_the_step_from_some_only(world: Company) -> None:
    reporting.set_manager(SETUP, world.people["wei"], world.people["boss"])
    publish(world, FILE)
    left = nodes(signed_in("sec"), what={"kind": "leave", "person": "mei"})
    said = "nobody is found for the step “lead” of the process “Approval”: it would go to who looks after processes"
    assert list(left) == [("lead", True)] and left["lead", True].endswith(said)


def test_a_ceiling_that_bars_all_whom_a_step_finds_and_a_process_that_nobody_can_begin(world: Company) -> None:
    publish(world, process(task("ask", "position finance"), "s>ask", "ask>e"))
    sec = signed_in("sec")
    after = {"name": "none", "type": "opportunity", "kinds": None, "actions": ["read"], "roles": [], "lines": []}
    barred = nodes(sec, changes=[{"kind": "ceiling", "key": "none", "after": after}])
    assert "ceilings bar all whom it finds" in barred["ask", True]
    edits = {**after, "actions": ["edit"]}
    assert nodes(sec, changes=[{"kind": "ceiling", "key": "none", "after": edits}]) == {
        ("begin", True): "nobody can begin the process “Approval”"
    }
    assert not Ceiling.objects.filter(code="none").exists()


def test_cases_that_still_run_by_an_older_version_count_as_well(world: Company) -> None:
    play = Play(
        world, process(task("ask", "position finance"), "s>ask", "ask>e"), world.make("ann", "opportunity", name="Big")
    )
    publish(world, process(task("ask", "position support"), "s>ask", "ask>e"))
    left = nodes(signed_in("sec"), what={"kind": "leave", "person": "fin"})
    assert left["v1 ask", True].startswith(
        "nobody can do the step “ask” of the process “Approval (version 1, still running)”"
    )
    assert play.state == "running"
