"""Reviews of rights: who is asked, what a decision does at once, and what happens when nobody answers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from heli.access import grants, use
from heli.access.facts import World as FactsWorld
from heli.access.models import Grant
from heli.audit import entries
from heli.kernel import clock
from heli.org import verbs as org
from heli.org import zone
from heli.policy.models import Draft
from heli.review import deadline, growth
from heli.review.holders import Company
from heli.review.models import Item, Volume
from tests.api.client import Api, Reply, signed_in
from tests.world import SETUP, World

pytestmark = pytest.mark.storage

EXPORT = [{"type": "account", "actions": ["read", "export"], "scope": ["all"], "read": {"*": "read"}, "limit": "5000"}]
TASKS = [{"type": "task", "actions": ["read", "edit"], "scope": ["all"]}]


def give(world: World, who: str, lines: list[dict[str, Any]] = EXPORT, **more: Any) -> int:
    return grants.grant_lines(SETUP, lines, "person", str(world.people[who]), **more).pk


def start(kind: str = "all", **more: Any) -> str:
    reply = signed_in("boss").post("/access/reviews", {"kind": kind, **more})
    assert reply.status == 201, reply.body
    return str(reply.body["id"])


class Reviewer:
    """A person's batches, and their hands on the items."""

    def __init__(self, name: str) -> None:
        self.api: Api = signed_in(name)

    @property
    def batches(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.api.get("/access/reviews").body["batches"]
        return found

    def items(self) -> list[tuple[str, dict[str, Any]]]:
        """Everything in every batch, with the batch's id."""
        return [
            (batch["id"], item)
            for batch in self.batches
            for item in self.api.get(f"/access/reviews/batches/{batch['id']}").body["items"]
        ]

    def item(self, grant: int) -> tuple[str, dict[str, Any]]:
        wanted = str(Item.objects.get(grant_id=grant).pk)
        return next((b, i) for b, i in self.items() if i["id"] == wanted)

    def decide(self, grant: int, what: str, **body: Any) -> Reply:
        batch, item = self.item(grant)
        return self.api.post(f"/access/reviews/batches/{batch}/items/{item['id']}/{what}", body)

    def submit(self, grant: int) -> Reply:
        return self.api.post(f"/access/reviews/batches/{self.item(grant)[0]}/submit", {})


def sees_all(api: Api, record: str) -> bool:
    return api.get(f"/records/account/{record}").status == 200


def test_a_manager_is_asked_about_their_people_riskiest_first_and_never_about_themselves(world: World) -> None:
    mine, export, tasks = give(world, "mei"), give(world, "ann"), give(world, "ann", TASKS)
    start()
    mei = Reviewer("mei")
    found = [(i["person"]["username"], i["what"]["zh"]) for _, i in mei.items()]
    assert {who for who, _ in found} == {"ann"}
    risks = [i["risk"] for _, i in mei.items()]
    assert risks == sorted(risks, reverse=True)
    assert "导出" in mei.item(export)[1]["what"]["zh"]
    assert mei.item(export)[1]["secret"] is True
    assert mei.item(tasks)[1]["secret"] is False
    assert mei.item(export)[1]["outlier"]["words"]["zh"] == "同岗 3 人中仅此人拥有"
    assert mei.item(export)[1]["suggestion"]["decision"] == "revoke"
    assert Item.objects.get(grant_id=mine).batch.reviewer_id != world.people["mei"]
    # another's batch is nobody's to see
    batch = mei.batches[0]["id"]
    assert signed_in("ann").get(f"/access/reviews/batches/{batch}").status == 404
    queue = mei.api.get("/workbench").body["queue"]
    assert [one["kind"] for one in queue if one["kind"] == "review"] == ["review"] * len(mei.batches)


def test_batches_are_small(world: World) -> None:
    for n in range(15):
        give(world, "ann", TASKS, starts=clock.now() - timedelta(days=n + 1))
    start("department", department=str(world.departments["east"]))
    sizes = [b["size"] for b in Reviewer("mei").batches]
    assert max(sizes) <= 12
    assert sum(sizes) >= 16


def test_kept_changes_nothing_and_revoked_is_gone_at_the_next_statement(world: World) -> None:
    other = world.make("wei", "account", name="Other")
    keep, drop = give(world, "ann", TASKS), give(world, "ann")
    ann, mei = signed_in("ann"), None
    start()
    mei = Reviewer("mei")
    assert sees_all(ann, other)
    assert mei.decide(keep, "keep").status == 200
    assert Grant.objects.get(pk=keep).revoked_at is None
    assert mei.decide(drop, "revoke", note="left the project").status == 200
    assert not sees_all(ann, other)
    assert mei.decide(drop, "revoke").code == "settled"
    told = [e.action for e in entries.query(actor_id=world.people["mei"], limit=20)]
    assert {"review.kept", "review.revoked", "grant.revoke"} <= set(told)


def test_a_decision_is_undone_until_it_is_submitted(world: World) -> None:
    other = world.make("wei", "account", name="Other")
    drop = give(world, "ann")
    start()
    ann, mei = signed_in("ann"), Reviewer("mei")
    batch, item = mei.item(drop)
    here = f"/access/reviews/batches/{batch}/items/{item['id']}"
    assert mei.api.post(f"{here}/revoke", {}).status == 200
    assert not sees_all(ann, other)
    assert mei.api.post(f"{here}/undo", {}).status == 200
    assert sees_all(ann, other)
    assert mei.api.post(f"{here}/revoke", {}).status == 200
    assert mei.api.post(f"/access/reviews/batches/{batch}/submit", {}).status == 200
    assert mei.api.post(f"{here}/undo", {}).code == "settled"
    assert not sees_all(ann, other)
    assert mei.api.post(f"/access/reviews/batches/{batch}/submit", {}).code == "nothing"


def test_narrowing_leaves_less_and_never_more(world: World) -> None:
    other = world.make("wei", "account", name="Other", phone="010-88889999")
    drop = give(world, "ann")
    start()
    ann, mei = signed_in("ann"), Reviewer("mei")
    batch, item = mei.item(drop)
    ways = mei.api.get(f"/access/reviews/batches/{batch}/items/{item['id']}").body["options"]
    assert ways[0]["words"]["zh"] == "只能查看"
    wider = [{"type": "account", "actions": ["read", "delete"], "scope": ["all"], "read": {"*": "read"}}]
    reply = mei.decide(drop, "narrow", lines=wider)
    assert (reply.status, reply.places) == (422, ["lines"])
    assert mei.decide(drop, "narrow", lines=EXPORT).status == 422
    assert mei.decide(drop, "narrow", until="2000-01-01T00:00:00Z").status == 422
    soon = (clock.now() + timedelta(days=3)).isoformat()
    assert mei.decide(drop, "narrow", lines=ways[0]["lines"], until=soon).status == 200
    assert sees_all(ann, other)
    made = Grant.objects.get(pk=Item.objects.get(batch_id=batch, pk=item["id"]).made_grant)
    assert made.lines[0]["actions"] == ["read"]
    assert made.ends is not None
    with clock.later(days=4):
        assert lists(world, "ann") == set()


def test_what_comes_with_a_post_becomes_a_draft_and_hurts_nobody_before(world: World) -> None:
    start("department", department=str(world.departments["east"]))
    mei = Reviewer("mei")
    rep = Grant.objects.get(role__code="rep").pk
    mine = next((b, i) for b, i in mei.items() if i["via"] == "position" and i["person"]["username"] == "ann")
    here = f"/access/reviews/batches/{mine[0]}/items/{mine[1]['id']}"
    assert mei.api.post(f"{here}/narrow", {"until": (clock.now() + timedelta(days=3)).isoformat()}).code == "shared"
    assert mei.api.post(f"{here}/revoke", {}).status == 200
    assert Grant.objects.get(pk=rep).revoked_at is None
    draft = Draft.objects.get()
    assert [(c["kind"], c["key"], c["after"]["position"]) for c in draft.changes] == [("post", "ann", None)]
    assert mei.api.post(f"{here}/undo", {}).status == 200
    assert Draft.objects.get().changes == []


def test_a_right_of_a_position_as_a_whole_is_for_security_and_goes_through_a_draft(world: World) -> None:
    start("sensitive")
    boss = Reviewer("boss")
    rep = Grant.objects.get(role__code="rep").pk
    assert boss.item(rep)[1]["person"] is None
    assert boss.decide(rep, "revoke").status == 200
    assert [(c["kind"], c["key"], c["after"]) for c in Draft.objects.get().changes] == [("grant", str(rep), None)]


def lists(world: World, who: str) -> set[str]:
    """Names of the customers that somebody sees at the moment of the clock (sessions keep their own time)."""
    return world.names(who, "account")


def test_unanswered_sensitive_rights_lapse_at_the_deadline_and_the_rest_roll_over_once(world: World) -> None:
    world.make("wei", "account", name="Other")
    secret, plain = give(world, "ann"), give(world, "ann", TASKS)
    campaign = start(days=5)
    with clock.later(days=4):
        deadline.close_due.call()
        assert lists(world, "ann") == {"Other"}
    with clock.later(days=5, seconds=1):
        deadline.close_due.call()
        assert lists(world, "ann") == set()
        assert Item.objects.get(grant_id=secret).state == Item.LAPSED
        assert Item.objects.get(grant_id=plain).state == Item.PENDING
        assert Item.objects.get(grant_id=plain).rolled
        assert Grant.objects.get(pk=plain).revoked_at is None
        assert deadline.close_due.call() == 0
    with clock.later(days=20):
        deadline.close_due.call()
        assert Item.objects.get(grant_id=plain).state == Item.LAPSED
        assert Grant.objects.get(pk=plain).revoked_at is not None
    assert signed_in("boss").get(f"/access/reviews/{campaign}").body["states"]["lapsed"] == 2


def test_nothing_risky_is_accepted_in_bulk(world: World) -> None:
    own = [{"type": "task", "actions": ["read"], "scope": ["own"]}]
    risky, quiet = give(world, "ann"), give(world, "ann", own)
    use.write_rows([(zone.today(), world.people["ann"], g, t, "read", "", "", 9, clock.now()) for g, t in (
        (risky, "account"), (quiet, "task"))])  # fmt: skip
    for ago in range(1, 9):
        day = zone.today() - timedelta(days=ago)
        use.write_rows([(day, world.people["ann"], quiet, "task", "read", "", "", 3, clock.now())])
    start()
    mei = Reviewer("mei")
    batch = mei.item(quiet)[0]
    assert mei.api.post(f"/access/reviews/batches/{batch}/accept", {}).status == 200
    states = {Item.objects.get(grant_id=g).state for g in (risky,)}
    assert states == {Item.PENDING}
    assert Item.objects.get(grant_id=quiet).state == Item.KEPT


def test_an_item_is_passed_on_but_never_to_its_holder(world: World) -> None:
    drop = give(world, "ann")
    start()
    mei = Reviewer("mei")
    assert mei.decide(drop, "delegate", to=str(world.people["ann"])).status == 422
    assert mei.decide(drop, "delegate", to=str(world.people["boss"])).status == 200
    assert not [i for _, i in mei.items() if i["id"] == str(Item.objects.get(grant_id=drop).pk)]
    assert Reviewer("boss").decide(drop, "revoke").status == 200


def test_items_of_a_reviewer_who_leaves_move_on(world: World) -> None:
    drop = give(world, "ann")
    start()
    assert Item.objects.get(grant_id=drop).batch.reviewer_id == world.people["mei"]
    org.leave(SETUP, world.people["mei"])
    assert Item.objects.get(grant_id=drop).batch.reviewer_id == world.people["boss"]


def test_the_last_administrator_is_not_reviewed_away(world: World) -> None:
    lines = [{"type": "organisation", "actions": ["read", "administer"], "scope": ["all"]}]
    only = give(world, "fin", lines)
    start("all")
    reviewer = Reviewer("boss")
    assert reviewer.decide(only, "revoke").code == "last"
    day = (clock.now() + timedelta(days=9)).isoformat()
    assert reviewer.decide(only, "narrow", until=day).code == "last", "nor on a day to come"
    give(world, "sue", lines)
    assert reviewer.decide(only, "revoke").status == 200


def test_only_security_starts_campaigns_and_reads_the_evidence(world: World) -> None:
    drop = give(world, "ann")
    for who in ("ann", "mei"):
        assert signed_in(who).post("/access/reviews", {"kind": "all"}).status == 403
    campaign = start()
    mei = Reviewer("mei")
    mei.decide(drop, "revoke", note="=HYPERLINK(1)")
    mei.submit(drop)
    assert mei.api.get(f"/access/reviews/{campaign}/evidence").status == 403
    boss = signed_in("boss")
    rows = boss.get(f"/access/reviews/{campaign}/evidence").body["items"]
    mine = next(row for row in rows if row["username"] == "ann" and row["decision"] == "revoked")
    assert (mine["decided_by"], mine["note"]) == ("Mei", "=HYPERLINK(1)")
    assert mine["submitted_at"]
    table = boss.get(f"/access/reviews/{campaign}/evidence.csv?language=en").body.decode("utf-8-sig")
    assert "'=HYPERLINK(1)" in table
    assert ",=HYPERLINK" not in table


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"kind": "department"}, "department"),
        ({"kind": "all", "department": "1"}, "department"),
        ({"kind": "department", "department": "999999"}, "department"),
        ({"kind": "everything"}, "kind"),
        ({"kind": "all", "days": 0}, "days"),
        ({"kind": "all", "more": 1}, "more"),
    ],
)
def test_a_wrong_circle_is_refused_at_its_place(world: World, body: dict[str, Any], place: str) -> None:
    reply = signed_in("boss").post("/access/reviews", body)
    assert (reply.status, reply.places) == (422, [place])


def test_how_much_is_held_is_counted_every_night(world: World) -> None:
    ann = str(world.people["ann"])
    today = zone.today()
    growth.write(today - timedelta(days=40), growth.count(Company(FactsWorld.load(), clock.now())))
    give(world, "ann")
    growth.snapshot.call()
    assert growth.snapshot.call() == Volume.objects.filter(day=today).count()
    own = signed_in("ann").get(f"/access/reviews/growth?kind=person&key={ann}").body["months"]
    assert own[-1]["n"] == own[0]["n"] + 2
    assert signed_in("wei").get(f"/access/reviews/growth?kind=person&key={ann}").status == 403
    grown = signed_in("boss").get("/access/reviews/growth?kind=person").body["grown"]
    assert [(one["name"], one["now"] - one["then"]) for one in grown] == [("Ann", 2)]
