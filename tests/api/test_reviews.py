"""Reviews of rights: who is asked, what a decision does at once, and what happens when nobody answers."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest

from heli.access import grants, use
from heli.access.facts import World as FactsWorld
from heli.access.models import Grant
from heli.audit import entries
from heli.jobs.worker import drain
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.org import verbs as org
from heli.org import zone
from heli.org.models import Department, ProjectMember
from heli.org.tree import valid
from heli.org.verbs import leaving
from heli.policy.models import Draft, Remark
from heli.review import deadline, decide, growth, proposal
from heli.review.holders import Company
from heli.review.models import Campaign, Item, Volume
from tests.api.client import Api, Reply, signed_in
from tests.world import REP, SETUP, World

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


READS = [{"type": "account", "actions": ["read"], "scope": ["own"], "read": {"*": "read"}}]


def of_post(mei: Reviewer, who: str) -> tuple[str, dict[str, Any]]:
    """Where a person's right by their position is decided, and its ways."""
    batch, item = next(
        (b, i) for b, i in mei.items() if i["via"] == "position" and i["person"] and i["person"]["username"] == who
    )
    here = f"/access/reviews/batches/{batch}/items/{item['id']}"
    return here, mei.api.get(here).body


def shown(mei: Reviewer, here: str) -> dict[str, Any]:
    wanted = here.rpartition("/")[2]
    return next(i for _, i in mei.items() if i["id"] == wanted)


def publish(draft: str) -> Reply:
    """The boss says yes and lets it hold."""
    boss = signed_in("boss")
    for step in ("approve", "publish"):
        reply = boss.post(f"/access/drafts/{draft}/{step}", {}, if_match=boss.get(f"/access/drafts/{draft}").etag)
        assert reply.status == 200, reply.body
    return reply


def test_one_persons_right_by_a_post_is_narrowed_in_a_draft_that_security_publishes(world: World) -> None:
    """Of two rights that the position brings one is narrowed for Ann alone; the other stays hers, and Bob's both stay."""
    grants.grant_lines(SETUP, TASKS, "position", str(world.positions["rep"]))
    start("department", department=str(world.departments["east"]))
    mei, rep = Reviewer("mei"), Grant.objects.get(role__code="rep").pk
    here = next(
        f"/access/reviews/batches/{b}/items/{i['id']}" for b, i in mei.items()
        if i["person"]["username"] == "ann" and Item.objects.get(pk=i["id"]).grant_id == rep
    )  # fmt: skip
    ways = mei.api.get(here).body
    assert [(one["code"], one["people"]) for one in ways["whom"]] == [("person", 1), ("holders", 3), ("role", 3)]
    look = ways["whom"][0]["options"][0]
    assert (look["words"]["zh"], look["lines"]) == ("只能查看", [])  # the rules are not for every reviewer to read
    asked = {"whom": "person", "way": look["code"]}
    assert mei.api.post(f"{here}/narrow", asked).places == ["note"]
    wider = mei.api.post(f"{here}/narrow", {"lines": EXPORT, "note": "more"})
    assert (wider.status, wider.places) == (422, ["lines"])
    assert mei.api.post(f"{here}/narrow", {**asked, "note": "sells nothing any more"}).status == 200
    item = shown(mei, here)
    assert (item["state"], item["draft"]["state"]) == ("drafted", "open")
    assert "Ann" in item["proposed"]["zh"]
    world.make("ann", "account", name="Still")  # nothing has changed yet
    assert mei.api.post(f"{here.rpartition('/items')[0]}/submit", {}).status == 200
    draft = shown(mei, here)["draft"]
    assert draft["state"] == "submitted"
    found = signed_in("boss").get(f"/access/drafts/{draft['id']}").body
    assert any("sells nothing any more" in one["text"] for one in found["remarks"])
    assert sorted((c["kind"], bool(c["after"])) for c in found["changes"]) == [
        ("grant", True),
        ("grant", True),
        ("post", True),
    ]
    publish(draft["id"])
    assert shown(mei, here)["draft"]["state"] == "published"
    rights = {who: signed_in(who).get("/records/account?limit=1").body for who in ("ann", "bob")}
    assert rights["ann"]["items"][0]["name"] == "Still"
    assert signed_in("ann").post("/records/account", {"name": "More"}).status == 403
    assert signed_in("bob").post("/records/account", {"name": "More"}).status == 201
    assert signed_in("ann").get("/records/task").status == 200


def test_a_positions_right_is_narrowed_for_all_its_holders_or_the_role_for_all_who_have_it(world: World) -> None:
    start("sensitive")
    boss, rep = Reviewer("boss"), Grant.objects.get(role__code="rep").pk
    batch, item = boss.item(rep)
    here = f"/access/reviews/batches/{batch}/items/{item['id']}"
    ways = boss.api.get(here).body["whom"]
    assert [one["code"] for one in ways] == ["holders", "role"]
    assert [one["code"] for one in ways[0]["options"]] == ["read", "masked"]
    assert boss.decide(rep, "narrow", whom="role", way="used", note="x").places == ["way"]
    lines = [
        {**{k: v for k, v in line.items() if k != "limit"}, "actions": ["read"]}
        for line in REP
        if "read" in line["actions"]
    ]
    assert boss.decide(rep, "narrow", whom="person", lines=lines, note="x").places == ["whom"]
    until = (clock.now() + timedelta(days=3)).isoformat()
    assert boss.decide(rep, "narrow", whom="role", lines=lines, until=until, note="x").places == ["until"]
    assert boss.decide(rep, "narrow", whom="role", way="read", note="too much").status == 200
    assert [(c["kind"], c["key"], c["after"]["lines"]) for c in Draft.objects.get().changes] == [("role", "rep", lines)]
    assert boss.api.post(f"{here}/undo", {}).status == 200
    assert Draft.objects.get().changes == []
    assert boss.decide(rep, "narrow", whom="holders", lines=lines, until=until, note="too much").status == 200
    changes = {c["key"]: c["after"] for c in Draft.objects.get().changes}
    assert changes[str(rep)] is None
    (made,) = [after for after in changes.values() if after is not None]
    assert (made["lines"], made["subject"], made["role"]) == (lines, "position:rep", None)


def test_what_nobody_answers_of_a_position_is_proposed_at_the_deadline(world: World) -> None:
    start("sensitive", days=5)
    rep = Grant.objects.get(role__code="rep").pk
    with clock.later(days=6):
        deadline.close_due.call()
    item = Item.objects.get(grant_id=rep)
    assert item.state == Item.DRAFTED
    draft = Draft.objects.get(pk=item.draft_id)
    assert (draft.state, [c["key"] for c in draft.changes if c["key"] == str(rep)]) == (Draft.SUBMITTED, [str(rep)])
    assert Grant.objects.get(pk=rep).revoked_at is None


def test_a_reviewer_hears_that_what_they_proposed_was_sent_back_or_given_up(world: World) -> None:
    start("department", department=str(world.departments["east"]))
    mei = Reviewer("mei")
    here, _ = of_post(mei, "ann")
    assert mei.api.post(f"{here}/revoke", {"note": "left the team"}).status == 200
    batch = here.rpartition("/items")[0]
    assert mei.api.post(f"{batch}/submit", {}).status == 200
    assert mei.api.post(f"{here}/undo", {}).code == "settled"
    boss = signed_in("boss")
    draft = shown(mei, here)["draft"]["id"]
    queue = boss.get("/workbench").body["queue"]
    assert draft in [one["id"] for one in queue if one["kind"] == "draft"]
    reply = boss.post(
        f"/access/drafts/{draft}/withdraw", {"text": "she still covers"},
        if_match=boss.get(f"/access/drafts/{draft}").etag,
    )  # fmt: skip
    assert reply.status == 200
    assert (shown(mei, here)["draft"]["state"], shown(mei, here)["draft"]["answer"]) == (
        "withdrawn",
        "she still covers",
    )
    campaign = mei.batches[0]["campaign"]
    rows = boss.get(f"/access/reviews/{campaign}/evidence").body["items"]
    assert [row["draft_state"] for row in rows if row["decision"] == "drafted"] == ["withdrawn"]


def told(api: Api) -> list[str]:
    return [one["text"]["en"] for one in api.get("/notices").body["items"]]


def test_what_was_proposed_and_is_returned_can_be_decided_anew(world: World) -> None:
    start("department", department=str(world.departments["east"]))
    mei, boss = Reviewer("mei"), signed_in("boss")
    here, _ = of_post(mei, "ann")
    batch = here.rpartition("/items")[0]
    assert mei.api.post(f"{here}/revoke", {}).status == 200
    assert mei.api.post(f"{batch}/submit", {}).status == 200
    draft = shown(mei, here)["draft"]["id"]

    def send_back(text: str) -> None:
        at = f"/access/drafts/{draft}"
        assert boss.post(f"{at}/return", {"text": text}, if_match=boss.get(at).etag).status == 200

    send_back("she covers for Bob")
    assert (shown(mei, here)["draft"]["state"], shown(mei, here)["submitted"]) == ("returned", False)
    [text] = [one for one in told(mei.api) if "returns what you proposed" in one]
    assert "she covers for Bob" in text
    assert mei.api.post(f"{batch}/submit", {}).status == 200
    assert Draft.objects.get(pk=draft).state == Draft.OPEN, "what was returned is not asked for again as it is"
    assert mei.api.post(f"{here}/undo", {}).code == "settled"


def test_a_returned_proposal_is_undone_and_kept(world: World) -> None:
    start("department", department=str(world.departments["east"]))
    mei, boss = Reviewer("mei"), signed_in("boss")
    here, _ = of_post(mei, "ann")
    batch = here.rpartition("/items")[0]
    mei.api.post(f"{here}/revoke", {})
    mei.api.post(f"{batch}/submit", {})
    at = f"/access/drafts/{shown(mei, here)['draft']['id']}"
    boss.post(f"{at}/return", {"text": "no"}, if_match=boss.get(at).etag)
    assert mei.api.post(f"{here}/undo", {}).status == 200
    assert mei.api.post(f"{here}/keep", {}).status == 200
    assert not boss.get(at).body["changes"], "its change is out of the draft"
    assert [one["over"] for one in mei.api.get("/notices").body["items"] if "returns" in one["text"]["en"]] == [True]


def test_who_loses_a_right_hears_of_it_unless_it_is_given_back(world: World) -> None:
    drop = give(world, "ann")
    start()
    mei = Reviewer("mei")
    ann = signed_in("ann")
    assert mei.decide(drop, "revoke").status == 200
    [text] = told(ann)
    assert "export, read Account (all)" in text and "taken" in text
    item = Item.objects.get(grant_id=drop)
    here = f"/access/reviews/batches/{item.batch_id}/items/{item.pk}"
    assert mei.api.post(f"{here}/undo", {}).status == 200
    assert told(ann) == []


def test_who_gets_an_item_hears_from_whom_and_why(world: World) -> None:
    drop = give(world, "ann")
    start()
    mei = Reviewer("mei")
    reply = mei.decide(drop, "delegate", to=str(world.people["sue"]), note="you work with her")
    assert reply.status == 200
    sue, boss = Reviewer("sue"), signed_in("boss")
    [text] = [one for one in told(sue.api) if "asks you to review" in one]
    assert "Mei" in text and "you work with her" in text
    assert sue.item(drop)[1]["delegated_by"]["name"] == "Mei"
    assert sue.decide(drop, "keep").status == 200
    sue.submit(drop)
    assert [one for one in told(boss) if "is over" in one] == []
    with clock.later(days=40):
        deadline.close_due.call()
        deadline.close_due.call()
    with clock.later(days=80):
        deadline.close_due.call()
    [text] = [one for one in told(signed_in("boss")) if "review that you began is over" in one]
    assert "1 kept" in text


def in_a_project(world: World) -> Item:
    """Ann's part in a project, which brings a role, under review."""
    grants.save_role(SETUP, "helper", name="helper", lines=TASKS)
    grants.grant_role(SETUP, "helper", "project_role", "member")
    lines = [{"type": "organisation", "actions": ["read", "administer"], "scope": ["all"]}]
    grants.grant_lines(SETUP, lines, "person", str(world.people["boss"]))
    project = signed_in("boss").post("/organisation/projects", {"name": "Plant"}).body["id"]
    org.add_project_member(SETUP, project, world.people["ann"], "member")
    start("department", department=str(world.departments["east"]))
    return Item.objects.get(person_id=world.people["ann"], via="project_role")


def test_a_part_in_a_project_is_taken_back_by_a_draft(world: World) -> None:
    item = in_a_project(world)
    mei = Reviewer("mei")
    here = f"/access/reviews/batches/{item.batch_id}/items/{item.pk}"
    reply = mei.api.post(f"{here}/revoke", {"note": "the project is over"})
    assert reply.status == 200, reply.body
    said = shown(mei, here)
    assert said["state"] == "drafted" and said["proposed"]["en"].endswith("Ann's part in this project")
    assert mei.api.post(f"{here.rpartition('/items')[0]}/submit", {}).status == 200
    at = f"/access/drafts/{shown(mei, here)['draft']['id']}"
    boss = signed_in("boss")
    for step in ("approve", "publish"):
        reply = boss.post(f"{at}/{step}", {}, if_match=boss.get(at).etag)
        assert reply.status == 200 or step == "approve", reply.body
    assert not ProjectMember.objects.filter(valid(clock.now()), person_id=world.people["ann"]).exists()


def test_an_unanswered_part_in_a_project_is_proposed_and_holds_nothing_up(world: World) -> None:
    item = in_a_project(world)
    with clock.later(days=40):
        deadline.close_due.call()
    with clock.later(days=80):
        deadline.close_due.call()
        item.refresh_from_db()
        assert item.state == Item.DRAFTED
        assert not Item.objects.filter(state=Item.PENDING).exists()


def test_one_item_that_cannot_be_dealt_with_holds_up_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = give(world, "ann"), give(world, "bob")
    start(days=5)
    broken = Item.objects.get(grant_id=first)
    whole = decide.end_right

    def end_right(by: Actor, item: Item, note: str, to: str) -> Item:
        if item.pk == broken.pk:
            raise ValueError
        return whole(by, item, note, to)

    monkeypatch.setattr(decide, "end_right", end_right)
    with clock.later(days=6):
        deadline.close_due.call()
    assert Item.objects.get(grant_id=second).state == Item.LAPSED
    assert Item.objects.get(grant_id=first).state == Item.PENDING, "it is tried again with the next look"


def test_what_a_deadline_proposes_is_asked_for_though_the_worker_falls_in_between(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = in_a_project(world)
    whole = proposal.submit

    def submit(by: Actor, pks: Iterable[int]) -> None:
        if list(pks):
            raise SystemExit  # as kill -9 there: what was written before it stays

    monkeypatch.setattr(proposal, "submit", submit)
    with clock.later(days=40), contextlib.suppress(SystemExit):
        deadline.close_due.call()
    with clock.later(days=80):
        with contextlib.suppress(SystemExit):
            deadline.close_due.call()
        item.refresh_from_db()
        assert (item.state, Draft.objects.get(pk=item.draft_id).state) == (Item.DRAFTED, Draft.OPEN)
        monkeypatch.setattr(proposal, "submit", whole)
        deadline.close_due.call()
        assert Draft.objects.get(pk=item.draft_id).state == Draft.SUBMITTED
        remarks = Remark.objects.filter(draft_id=item.draft_id).count()
        deadline.close_due.call()
        assert Remark.objects.filter(draft_id=item.draft_id).count() == remarks, "and once"


def test_a_right_taken_against_the_suggestion_does_not_quote_it(world: World) -> None:
    start()
    boss = Reviewer("boss")
    batch, item = next((b, i) for b, i in boss.items() if i["person"] is None)
    row = Item.objects.get(pk=item["id"])
    used = {"decision": "keep", "until": None, "words": {"zh": "多数人在用", "en": "most of them use it"}}
    Item.objects.filter(pk=row.pk).update(facts={**row.facts, "suggestion": used})
    assert boss.api.post(f"/access/reviews/batches/{batch}/items/{row.pk}/revoke", {}).status == 200
    said = Remark.objects.latest("pk").text
    assert "take back" in said and "use it" not in said and "Reason" not in said


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


def test_who_runs_a_review_and_who_may_read_it_hear_where_all_of_it_ended_at_its_deadline(world: World) -> None:
    """They were told nothing until all of it was over."""
    first, second, third = (give(world, "ann") for _ in range(3))
    rolls = give(world, "ann", TASKS)
    world.add("aud", "root", None)
    grants.grant_lines(
        SETUP, [{"type": "policy", "actions": ["read"], "scope": ["all"]}], "person", str(world.people["aud"])
    )
    campaign = start()
    mei = Reviewer("mei")
    mei.decide(first, "keep")
    mei.submit(first)
    mei.decide(second, "revoke")
    items = Item.objects.filter(campaign_id=campaign)
    due = Campaign.objects.get(pk=campaign).due

    def heard(who: str) -> list[dict[str, Any]]:
        return [one for one in signed_in(who).get("/notices").body["items"] if one["kind"] == "review_deadline"]

    assert signed_in("boss").get(f"/access/reviews/{campaign}").body["deadline"] is None
    with clock.at(due + timedelta(minutes=1)):
        deadline.close_due.call()
        drain()
        came = signed_in("boss").get(f"/access/reviews/{campaign}").body["deadline"]
        assert (came["answered"], came["final"]) == (2, 1), "one was handed in, one became final"
        assert items.get(grant_id=third).state == Item.LAPSED and items.get(grant_id=rolls).rolled
        assert (
            came["ended"] == items.filter(state=Item.LAPSED).count()
            and came["proposed"] == items.filter(state=Item.DRAFTED).count()
        )
        assert came["left"] == came["later"] == items.filter(state=Item.PENDING).count() > 0
        assert came["answered"] + came["ended"] + came["proposed"] + came["gone"] + came["later"] == items.count()
        assert {one["state"] for one in came["drafts"]} == ({"submitted"} if came["proposed"] else set())
        deadline.close_due.call()
        drain()
        assert len(heard("boss")) == len(heard("aud")) == 1 and heard("mei") == [], (
            "once, to who runs it and who may read it"
        )
        [told] = heard("boss")
        day = zone.told(items.get(grant_id=rolls).due, "%Y-%m-%d")
        assert "2 answered; 1 of these not handed in and final now" in told["text"]["en"]
        assert f"{came['ended']} unanswered and ended" in told["text"]["en"]
        assert f"until {day}. Ask them to answer" in told["text"]["en"] and "Mei" in told["text"]["en"]
        assert (told["href"], told["over"]) == (f"/access/reviews?campaign={campaign}", False)
    with clock.at(due + timedelta(days=15)):
        deadline.close_due.call()
        drain()
        [told] = heard("boss")
        assert (
            "still to be answered" not in told["text"]["en"]
            and f"{came['later']} unanswered and put off once" in told["text"]["en"]
        )


def test_of_a_review_that_is_over_at_its_deadline_who_began_it_hears_once(world: World) -> None:
    drop = give(world, "ann")
    world.add("aud", "root", None)
    grants.grant_lines(
        SETUP, [{"type": "policy", "actions": ["read"], "scope": ["all"]}], "person", str(world.people["aud"])
    )
    campaign = start()
    Item.objects.filter(campaign_id=campaign).exclude(grant_id=drop).delete()
    with clock.at(Campaign.objects.get(pk=campaign).due + timedelta(minutes=1)):
        deadline.close_due.call()
        drain()
        kinds = {who: [one["kind"] for one in signed_in(who).get("/notices").body["items"]] for who in ("boss", "aud")}
    assert kinds["boss"].count("review_closed") == 1 and "review_deadline" not in kinds["boss"]
    assert kinds["aud"] == ["review_deadline"]


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
    mei.decide(drop, "revoke", note="\u200b=HYPERLINK(1)")
    mei.submit(drop)
    assert mei.api.get(f"/access/reviews/{campaign}/evidence").status == 403
    boss = signed_in("boss")
    rows = boss.get(f"/access/reviews/{campaign}/evidence").body["items"]
    mine = next(row for row in rows if row["username"] == "ann" and row["decision"] == "revoked")
    assert (mine["decided_by"], mine["note"]) == ("Mei", "\u200b=HYPERLINK(1)")
    assert mine["submitted_at"]
    table = boss.get(f"/access/reviews/{campaign}/evidence.csv?language=en").body.decode("utf-8-sig")
    assert "'\u200b=HYPERLINK(1)" in table, "what nobody sees before it does not help"
    told = zone.told(datetime.fromisoformat(mine["submitted_at"]), "%Y-%m-%d %H:%M:%S")
    assert f",{told}," in table and mine["submitted_at"] not in table, "a file's moments are on the company's clock"
    assert ",=HYPERLINK" not in table and ",\u200b" not in table
    first, *_, last = (
        boss.get(f"/access/reviews/{campaign}/evidence.csv?language=zh").body.decode("utf-8-sig").splitlines()
    )
    assert first.startswith("复核,编号,人员") and "decision" not in first
    assert ",待定," in last and ",pending," not in last


def test_a_review_that_nobody_named_is_called_in_both_languages_by_what_it_is_about(world: World) -> None:
    give(world, "ann")
    home = Department.objects.get(pk=world.departments["east"])
    Department.objects.filter(pk=home.pk).update(name_en="Sales North")
    for body, words in (
        ({"kind": "all"}, ("全公司", "The whole company")),
        ({"kind": "department", "department": str(home.pk)}, (home.name, "Sales North")),
        ({"kind": "all", "title": "年底复核"}, ("年底复核", "年底复核")),
    ):
        made = signed_in("boss").post("/access/reviews", body)
        assert made.body["title_words"] == {"zh": words[0], "en": words[1]}
    mei = Reviewer("mei")
    assert {one["title_words"]["en"] for one in mei.batches} == {"The whole company", "Sales North", "年底复核"}
    whys = [one["why"]["en"] for one in mei.api.get("/workbench").body["queue"] if one["kind"] == "review"]
    assert any("The whole company" in one for one in whys) and not any("全公司" in one for one in whys)


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"kind": "department"}, "department"),
        ({"kind": "all", "department": "1"}, "department"),
        ({"kind": "department", "department": "999999"}, "department"),
        ({"kind": "everything"}, "kind"),
        ({"kind": "all", "days": 2}, "days"),
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
    assert [(one["name"]["en"], one["now"] - one["then"]) for one in grown] == [("Ann", 2)]
    assert [one["n"] for one in grown[0]["months"]] == [grown[0]["then"], grown[0]["now"]]
    roles = signed_in("boss").get("/access/reviews/growth?kind=role").body["grown"]
    assert {one["key"] for one in roles} >= {"rep"} and all(one["name"]["zh"] and one["months"] for one in roles)


def test_ended_early_what_is_unanswered_ends_or_stays_as_was_said_and_the_evidence_tells(world: World) -> None:
    secret, plain, kept = give(world, "ann"), give(world, "ann", TASKS), give(world, "bob", TASKS)
    campaign = start()
    path = f"/access/reviews/{campaign}/end"
    boss, mei = signed_in("boss"), Reviewer("mei")
    mei.decide(kept, "keep")
    batch = mei.item(secret)[0]
    told = boss.get(path).body
    assert (told["over"], told["final"]) == (False, 1)
    ways = {one["unanswered"]: one for one in told["ways"]}
    assert ways["all"]["stays"] == 0 and ways["none"]["ends"] == 0
    assert 1 <= ways["sensitive"]["ends"] < ways["all"]["ends"]
    assert [api.get(path).status for api in (mei.api, signed_in("ann"))] == [403, 403]
    body = {"unanswered": "sensitive", "reason": "Begun over the wrong circle"}
    assert mei.api.post(path, body).status == 403
    for bad, place in (({"reason": " "}, "reason"), ({"unanswered": "some"}, "unanswered"), ({"more": 1}, "more")):
        assert boss.post(path, body | bad).places == [place]

    done = boss.post(path, body)
    assert done.status == 200, done.body
    assert (done.body["ended"]["by"]["username"], done.body["ended"]["reason"]) == ("boss", body["reason"])
    assert not [one for one in mei.api.get("/workbench").body["queue"] if one["kind"] == "review"]
    late = mei.api.post(f"/access/reviews/batches/{batch}/items/{Item.objects.get(grant_id=secret).pk}/keep", {})
    assert (late.status, late.code) == (409, "ended"), "lapses although the job has not come to it"
    assert "Boss has ended this review early. Reason: Begun over" in late.body["message"]["en"]
    assert [mei.api.post(f"/access/reviews/batches/{batch}/{act}", {}).code for act in ("accept", "submit")] == [
        "ended"
    ] * 2
    assert boss.post(path, body).code == "ended"

    deadline.close_due.call()
    after = boss.get(f"/access/reviews/{campaign}").body
    assert after["closed_at"] and after["states"]["pending"] == 0
    assert (Grant.objects.get(pk=secret).revoked_at is None, Grant.objects.get(pk=plain).revoked_at is None) == (
        False,
        True,
    )
    assert {g: Item.objects.get(grant_id=g).state for g in (secret, plain, kept)} == {
        secret: Item.LAPSED, plain: Item.LEFT, kept: Item.KEPT,
    }  # fmt: skip
    assert Item.objects.get(grant_id=kept).submitted_at, "what was decided is final"
    rows = boss.get(f"/access/reviews/{campaign}/evidence").body["items"]
    assert {(one["ended_early_by"], one["ended_early_reason"], one["unanswered"]) for one in rows} == {
        ("Boss", body["reason"], "sensitive")
    }
    by = {one["decision"]: one["decided_by"] for one in rows if one["username"] in ("ann", "bob")}
    assert (by["lapsed"], by["left"], by["kept"]) == ("Boss", "Boss", "Mei")
    table = boss.get(f"/access/reviews/{campaign}/evidence.csv?language=zh").body.decode("utf-8-sig")
    assert "保持不变（提前结束，未答复）" in table and "敏感与机密收回，其余保持不变" in table
    assert [one.reason for one in entries.query(actions=["review.end"], limit=5)] == [body["reason"]]


def test_who_no_longer_has_to_answer_hears_who_ended_the_review_and_why(world: World) -> None:
    give(world, "ann"), give(world, "ann", TASKS)
    campaign = start(title="Autumn")
    mei = Reviewer("mei")
    body = {"unanswered": "sensitive", "reason": "Begun over the wrong circle"}
    assert signed_in("boss").post(f"/access/reviews/{campaign}/end", body).status == 200
    for ends in (", 1 stay as they are, 1 are ending now", ", 1 ended, 1 stay as they are"):
        [text] = [one for one in told(mei.api) if "Autumn" in one]
        assert text.startswith("Boss ended the review “Autumn” early") and "wrong circle" in text
        assert f"of 2 rights you gave no answer{ends}; what you had decided is final" in text
        deadline.close_due.call()
    rows = [one for _, one in mei.items() if one["person"]["username"] == "ann"]
    assert {one["unanswered"] for one in rows} == {True}, "and the batch tells what they did not decide"
    assert not [one for one in told(signed_in("boss")) if "ended the review" in one], "who ended it knows"


def test_what_only_one_post_lets_people_do_does_not_end_unanswered_nor_holds_up_the_rest(world: World) -> None:
    """Its draft could not be published, so everything else that nobody had answered lay in it unasked."""
    lines = [{"type": "organisation", "actions": ["read", "administer"], "scope": ["all"]}]
    power = grants.grant_lines(SETUP, lines, "position", str(world.positions["finance"])).pk
    rep = Grant.objects.get(role__code="rep").pk
    start("all", days=5)
    batch = {Item.objects.get(grant_id=one, person_id=None).batch_id for one in (rep, power)}
    assert len(batch) == 1
    for later in (6, 30):
        with clock.later(days=later):
            deadline.close_due.call()
    kept, ended = Item.objects.get(grant_id=power, person_id=None), Item.objects.get(grant_id=rep, person_id=None)
    assert (kept.state, ended.state) == (Item.PENDING, Item.DRAFTED)
    assert Draft.objects.get(pk=ended.draft_id).state == Draft.SUBMITTED


def test_what_became_of_a_campaign_is_read_item_by_item_and_by_outcome(world: World) -> None:
    for n in range(60):
        give(world, "ann", TASKS, starts=clock.now() - timedelta(days=n + 1))
    taken, silent = give(world, "ann"), give(world, "bob")
    campaign = start("department", department=str(world.departments["east"]), days=5)
    path = f"/access/reviews/{campaign}/items"
    boss, mei = signed_in("boss"), Reviewer("mei")
    assert mei.decide(taken, "revoke", note="moved on").status == 200
    assert [signed_in(who).get(path).status for who in ("mei", "ann")] == [403, 403], "as the evidence"

    first = boss.get(path).body
    second = boss.get(f"{path}?after={first['next']}").body
    assert (len(first["items"]), second["next"]) == (50, None)
    found = [*first["items"], *second["items"]]
    assert len({one["id"] for one in found}) == len(found) == boss.get(f"/access/reviews/{campaign}").body["total"]
    [row] = boss.get(f"{path}?state=revoked").body["items"]
    assert (row["person"]["username"], row["reviewer"]["username"], row["decided_by"]["username"]) == (
        "ann",
        "mei",
        "mei",
    )
    assert (row["note"], row["submitted"], row["unanswered"]) == ("moved on", False, False)
    assert row["decided_at"] and boss.get(f"{path}?state=unanswered").body["items"] == []

    with clock.later(days=6):
        deadline.close_due.call()
    ended = boss.get(f"{path}?state=unanswered").body["items"]
    assert {(one["state"], one["decided_by"]) for one in ended} <= {("lapsed", None), ("drafted", None)}
    assert str(Item.objects.get(grant_id=silent).pk) in {one["id"] for one in ended}
    told = boss.get(f"/access/reviews/{campaign}").body
    assert (told["unanswered"], told["states"]["revoked"]) == (len(ended), 1)
    theirs = boss.get(f"{path}?reviewer={world.people['boss']}").body["items"]
    assert {one["id"] for one in theirs} == {one["id"] for one in found if one["reviewer"]["username"] == "boss"}
    for bad in ("state=perhaps", "reviewer=x", "after=-1"):
        assert boss.get(f"{path}?{bad}").status == 422


def test_nobody_ends_a_review_so_that_their_own_rights_go_unasked(world: World) -> None:
    give(world, "sue", [{"type": "policy", "actions": ["read", "administer"], "scope": ["all"]}])
    mine = give(world, "boss", TASKS)
    campaign = start()
    path = f"/access/reviews/{campaign}/end"
    boss = signed_in("boss")
    ways = {one["unanswered"]: one["own"] for one in boss.get(path).body["ways"]}
    assert ways["none"] >= ways["sensitive"] >= 1 and ways["all"] == 0
    for how in ("none", "sensitive"):
        refused = boss.post(path, {"unanswered": how, "reason": "No time"})
        assert (refused.status, refused.code) == (403, "own")
        assert "are yours" in refused.body["message"]["en"]
    assert boss.get(f"/access/reviews/{campaign}").body["ended"] is None
    ended = boss.post(path, {"unanswered": "all", "reason": "No time"})
    assert (ended.status, ended.body["ended"], ended.body["asked"]["unanswered"]) == (200, None, "all"), (
        "sue's power goes"
    )
    assert (
        signed_in("sue").post(path, {"unanswered": "all", "reason": "No time"}).body["ended"]["asked_by"]["name"]
        == "Boss"
    )
    deadline.close_due.call()
    item = Item.objects.get(grant_id=mine)
    assert (item.state, Grant.objects.get(pk=mine).revoked_at is None) == (Item.LAPSED, False)


def test_it_takes_two_to_end_a_review_so_that_many_lose_their_rights_or_somebody_their_power(world: World) -> None:
    """One administrator alone had ended everybody's personal rights at once, and those of the other administrators."""
    for name in ("sam", "sid"):
        world.add(name, "root", "management")
    for name in ("ann", "bob", "wei", "mei", "sue", "fin"):
        give(world, name, TASKS)
    campaign = start()
    path = f"/access/reviews/{campaign}/end"
    boss, sam = signed_in("boss"), signed_in("sam")
    ways = {one["unanswered"]: one for one in boss.get(path).body["ways"]}
    assert (ways["all"]["second"], ways["all"]["people"], ways["all"]["powerful"]) == (True, 6, 0)
    assert not ways["none"]["second"] and not ways["sensitive"]["second"]
    body = {"unanswered": "all", "reason": "Begun over the wrong circle"}
    for _ in range(2):
        asked = boss.post(path, body)
        assert (asked.status, asked.body["ended"], asked.body["asked"]["by"]["name"]) == (200, None, "Boss"), asked.body
    deadline.close_due.call()
    assert Grant.objects.filter(subject_kind="person", revoked_at=None).count() == 6, "nothing has ended"
    queues = [[one["id"] for one in api.get("/workbench").body["queue"]] for api in (sam, boss)]
    assert [f"end{campaign}" in one for one in queues] == [True, False]

    assert sam.delete(path).body["asked"] is None and sam.delete(path).code == "not_asked"
    assert sam.post(path, body).body["ended"] is None, "what was taken back is no yes"
    with clock.later(seconds=8 * 86400):
        late = signed_in("sid").post(path, body)
        assert late.body["ended"] is None and late.body["asked"]["by"]["name"] == "Sid", "nor what is a week old"
    leaving.leave(SETUP, world.people["sid"])
    assert sam.post(path, body).body["asked"]["by"]["name"] == "Sam", "nor what somebody asked who has left"
    done = boss.post(path, {**body, "reason": "So it is"}).body["ended"]
    assert (done["asked_by"]["name"], done["by"]["name"]) == ("Sam", "Boss")
    assert done["reason"] == "Begun over the wrong circle · So it is"
    deadline.close_due.call()
    assert not Grant.objects.filter(subject_kind="person", revoked_at=None).exists()
    rows = boss.get(f"/access/reviews/{campaign}/evidence").body["items"]
    assert {one["ended_early_by"] for one in rows} == {"Sam, Boss"}
    kept = [
        one.action.partition(".")[2]
        for one in entries.query(actions=["review.ask_end", "review.unask_end", "review.end"], limit=9)
    ]
    assert kept == ["end", "ask_end", "ask_end", "ask_end", "unask_end", "ask_end", "ask_end"]
