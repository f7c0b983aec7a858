"""What a project brought goes with the project, at the next statement."""

from __future__ import annotations

import pytest

from heli.access import grants
from heli.org.verbs import projects
from tests.api.client import signed_in
from tests.world import SETUP, World

pytestmark = [pytest.mark.django_db, pytest.mark.storage]


def test_a_deleted_project_takes_the_rights_of_its_members_along(world: World) -> None:
    line = {"type": "ticket", "actions": ["read"], "scope": ["all"]}
    grants.save_role(SETUP, "helper", name="helper", lines=[line])
    grants.grant_role(SETUP, "helper", "project_role", "member")
    whole = {"type": "project", "actions": ["read", "create", "edit", "delete"], "scope": ["all"]}
    grants.grant_lines(SETUP, [whole], "person", str(world.people["boss"]))
    boss, wei = signed_in("boss"), signed_in("wei")
    made = boss.post("/records/project", {"name": "Launch"})
    assert made.status == 201, made.body
    projects.add_project_member(SETUP, made.body["id"], world.people["wei"], "member")
    assert wei.get("/records/ticket").status == 200
    assert boss.send("DELETE", f"/records/project/{made.body['id']}", If_Match=made.etag).status in (200, 204)
    assert wei.get("/records/ticket").status == 404
    restored = boss.post(f"/records/project/{made.body['id']}/restore")
    assert restored.status == 200, restored.body
    assert wei.get("/records/ticket").status == 200
