"""Attacks through reviews: giving back what may no longer be held, judging what is one's own, locking everybody out."""

from __future__ import annotations

import pytest

from heli.access import grants
from heli.access.models import Grant
from heli.kernel import clock
from heli.org import verbs as org
from heli.policy.models import Duty
from heli.review import deadline
from heli.review.models import Item
from tests.api.test_reviews import TASKS, Reviewer, give, start
from tests.world import SETUP, World

pytestmark = pytest.mark.storage
POLICY = [{"type": "policy", "actions": ["read", "administer", "grant"], "scope": ["all"]}]


def test_undoing_a_decision_does_not_pass_by_a_duty(world: World) -> None:
    Duty.objects.create(code="d", body={"name": "SoD", "name_en": "", "first": ["finance"], "second": ["support"]})
    held = grants.grant_role(SETUP, "finance", "person", str(world.people["ann"])).pk
    start()
    mei = Reviewer("mei")
    assert mei.decide(held, "revoke").status == 200
    grants.grant_role(SETUP, "support", "person", str(world.people["ann"]))
    batch, item = mei.item(held)
    refused = mei.api.post(f"/access/reviews/batches/{batch}/items/{item['id']}/undo", {})
    assert (refused.status, refused.code) == (409, "duty"), refused.body
    assert not Grant.objects.filter(role__code="finance", subject_kind="person", revoked_at=None).exists()


def test_a_decision_is_not_undone_after_the_deadline(world: World) -> None:
    held = give(world, "ann")
    start()
    mei = Reviewer("mei")
    assert mei.decide(held, "revoke").status == 200
    batch, item = mei.item(held)
    Item.objects.update(due=clock.now())
    late = mei.api.post(f"/access/reviews/batches/{batch}/items/{item['id']}/undo", {})
    assert (late.status, late.code) == (409, "settled"), late.body


def test_a_shared_right_is_not_passed_on_to_one_of_its_holders(world: World) -> None:
    held = grants.grant_lines(SETUP, TASKS, "position", str(world.positions["rep"])).pk
    start()
    boss = Reviewer("boss")
    assert boss.decide(held, "delegate", to=str(world.people["ann"])).places == ["to"]
    assert boss.decide(held, "delegate", to=str(world.people["mei"])).status == 200


def test_a_program_is_not_the_last_administrator(world: World) -> None:
    """Nobody answers, and what the people hold lapses: a service account that holds the same could set nothing right."""
    robot = org.create_service_account(SETUP, "robot", "Robot")
    for lines in (POLICY, [{"type": "organisation", "actions": ["read", "administer"], "scope": ["all"]}]):
        grants.grant_lines(SETUP, lines, "person", str(robot))
    world.add("sec", "east", None)
    last = give(world, "sec", POLICY)
    start()
    management = Grant.objects.filter(role__code="management")
    management.update(revoked_at=clock.now())
    Item.objects.update(due=clock.now(), rolled=True)
    deadline.close_due.func()
    assert Grant.objects.get(pk=last).revoked_at is None
