"""Attacks on processes: deciding early, alone, twice or on one's own; reading and giving more than the open work gives."""

from __future__ import annotations

from datetime import timedelta

import pytest

from heli.access import grants
from heli.audit import entries
from heli.flows import clockwork, rights, seen
from heli.flows.models import Instance, Process
from heli.kernel import clock, quick
from heli.org.models import Deputy
from heli.org.verbs import deputies, leaving, people, reporting
from tests.api.client import Api, signed_in
from tests.cases import TWO, Company, Play, process, publish, task
from tests.world import SETUP, fresh

pytestmark = [pytest.mark.django_db, pytest.mark.storage]

REASON = {"lost_reason": "price"}


@pytest.fixture
def world(db: None) -> Company:
    return fresh(Company)


def one(rule: str, *, id: str = "ask", **more: str) -> str:
    """A process of one step."""
    return process(task("ask", rule, **more), "s>ask", "ask>e", id=id)


def test_no_signer_does_alone_what_the_node_does_when_all_have_signed(world: Company) -> None:
    world.add("sam", "support", "support")
    deal = world.make("wei", "opportunity", name="Deal", amount="5")
    play = Play(world, one("position support", verb="lose", people='mode="all"'), deal, "wei")
    assert play.where() == {"ask": ["sue", "sam"]}
    etag = play.at("sue").get(f"/records/opportunity/{deal}").etag
    early = play.at("sue").post(f"/records/opportunity/{deal}/actions/lose", REASON, **{"If-Match": etag})
    assert early.status in (403, 404), "the verb is done by deciding and in no other way"
    assert play.approve("sue").status in (200, 204)
    assert play.at("sam").get(f"/records/opportunity/{deal}").body["values"]["name"] == "Deal"
    does = play.seen("sam").body["mine"]["does"]
    assert (does["code"], [one["code"] for one in does["params"]]) == ("lose", ["lost_reason", "competitor"]), (
        "the page can ask for it"
    )
    assert play.approve("sam", given=REASON).status in (200, 204)
    assert play.state == "completed"
    assert world.list("wei", "opportunity", ["stage"])[0]["stage"] == "lost"


def test_who_began_it_gains_nothing_as_the_deputy_of_who_decides(world: Company) -> None:
    now = clock.now()
    deal = world.make("ann", "opportunity", name="Deal", amount="5")
    world.add("amy", "east", "rep")
    deputies.set_deputy(SETUP, world.people["mei"], world.people["amy"], starts=now, ends=now + timedelta(days=1))
    file = process(
        task("ask", "person person=mei"), "s>ask", "ask>e", id="ask", subject='type="opportunity" right="read"'
    )
    play = Play(world, file, deal, "amy")
    amount = play.at("amy").get(f"/records/opportunity/{deal}").body["values"]["amount"]
    assert amount != "5.00", "still masked"
    number = play.seen("mei").body["mine"]["number"]
    own = play.at("amy").send("POST", f"/flows/instances/{play.id}/work/{number}/decide", {"approve": True})
    assert (own.status, own.code) == (403, "own")


def test_work_that_gave_no_rights_gives_none_to_a_deputy_or_a_successor(world: Company) -> None:
    deal = world.make("wei", "opportunity", name="Deal", amount="5")
    play = Play(world, one("position support"), deal, "wei")
    assert play.act("sue", "transfer", to=str(world.people["ann"])).status in (200, 204)
    now = clock.now()
    deputies.set_deputy(SETUP, world.people["ann"], world.people["bob"], starts=now, ends=now + timedelta(days=1))
    assert play.at("ann").get(f"/records/opportunity/{deal}").status == 404
    assert play.at("bob").get(f"/records/opportunity/{deal}").status == 404
    leaving.leave(SETUP, world.people["ann"])
    assert play.where() == {"ask": ["mei"]}
    assert play.at("mei").get(f"/records/opportunity/{deal}").status == 404


def test_no_hand_gives_a_node_back_to_who_began_it(world: Company) -> None:
    """The node says that who began it does not decide it: nor by transfer, as a signer, by an administrator or a leaver."""
    world.add("ned", "east", "rep")
    reporting.set_manager(SETUP, world.people["mei"], world.people["ned"])
    deal = world.make("ned", "opportunity", name="Deal", amount="5")
    file = process(
        task("ask", "person person=ned", people='self="manager"', more='<heli:assignee rule="person" person="mei"/>'),
        "s>ask", "ask>e", id="ask",
    )  # fmt: skip
    play = Play(world, file, deal, "ned")
    assert play.where() == {"ask": ["mei"]}
    ned = str(world.people["ned"])
    number = play.seen("mei").body["mine"]["number"]
    for refused in (
        play.act("mei", "transfer", to=ned),
        play.act("mei", "add-signer", to=ned, place="parallel"),
        play.at("pam").send("POST", f"/flows/instances/{play.id}/work/{number}/reassign", {"to": ned}),
        play.at("pam").send("POST", f"/flows/instances/{play.id}/work/{number}/reassign", {"to": str(world.people["pam"])}),
    ):  # fmt: skip
        assert (refused.status, refused.code) == (403, "own")
    told = [e.action for e in entries.query(object_type="flow", object_id=play.id) if e.outcome == "refused"]
    assert sorted(told) == ["flow.add_signer", "flow.reassign", "flow.reassign", "flow.transfer"], (
        "refusals are audited"
    )
    assert play.act("mei", "delegate", to=ned).status == 200, "their view may be asked"
    assert play.approve("ned", text="as I said").status == 200
    leaving.leave(SETUP, world.people["mei"])
    assert play.where() == {"ask": ["pam"]}


def test_who_has_nobody_above_leaves_their_own_case_to_an_administrator(world: Company) -> None:
    deal = world.make("wei", "opportunity", name="Deal", amount="5")
    play = Play(world, one("initiator", people='self="manager"'), deal, "wei")
    assert play.where() == {"ask": ["pam"]}


def test_hostile_data_is_refused_before_it_stops_anybody(world: Company) -> None:
    publish(world, one("chosen"))
    deal = world.make("wei", "opportunity", name="Deal", amount="5")
    wei = signed_in("wei")
    for data in ({"chosen.ask": ["x"]}, {"chosen.ask": 5}, {"x": "a\0b"}, {"x": {"a\0": [1]}}):
        refused = wei.send("POST", "/flows/instances", {"process": "ask", "record": deal, "data": data})
        assert refused.status == 422, data
    play = Play(world, TWO, world.make("ann", "opportunity", name="Big", amount="5000"))
    assert play.approve("mei", to="x" * 200).status == 200, "where an approval leads is not asked"


def test_what_a_database_cannot_keep_is_never_published(world: Company) -> None:
    pam = signed_in("pam")
    when = "<timerEventDefinition><timeDate>{}</timeDate></timerEventDefinition>"
    for moment in ("2026-99-99T99:99Z", "9999-12-31T23:59-12:00", "0001-01-01T00:00+14:00"):
        wait = f'<intermediateCatchEvent id="wait">{when.format(moment)}</intermediateCatchEvent>'
        file = process(task("ask", "manager"), wait, "s>wait", "wait>ask", "ask>e", id="ask")
        assert pam.send("POST", "/flows/processes", {"source": file}).status == 422, moment
    assert (
        pam.send("POST", "/flows/processes", {"source": one("manager").replace('"ask"', f'"{"a" * 300}"')}).status
        == 422
    )


def test_a_token_follows_and_moves_nobodys_work(world: Company) -> None:
    play = Play(world, TWO, world.make("ann", "opportunity", name="Big", amount="5000"))
    play.approve("mei")
    made = play.at("mei").post("/tokens", {"name": "nightly", "role": "manager", "days": 30})
    program = Api(made.body["token"])
    assert program.get("/flows/work").body["items"] == []
    assert program.get("/flows/instances?scope=done").body["items"] == []
    seen = program.get(f"/flows/instances/{play.id}")
    assert (seen.status, seen.body["history"], seen.body["mine"]) == (200, [], None), "of a record that its role sees"
    for path, body in (
        ("take-back", {"node": "lead"}), ("comment", {"text": "x"}), ("copy", {"people": [str(world.people["sue"])]}), ("withdraw", {}),
        ("work/1/seen", {}),
    ):  # fmt: skip
        assert program.send("POST", f"/flows/instances/{play.id}/{path}", body).code == "by_token", path


def test_a_version_that_waits_changes_nothing(world: Company) -> None:
    publish(world, TWO)
    other = TWO.replace("审批 / Approval", "改名 / Renamed").replace('type="opportunity"', 'type="contract"')
    other = other.replace('edit="next_follow_on"', 'edit=""')
    made = signed_in("pam").send("POST", "/flows/processes", {"source": other})
    assert (made.status, made.body["state"]) == (201, "waiting")
    assert Process.objects.values_list("name", "type").get(code="deal") == ("审批", "opportunity")


def test_the_authors_own_bounds_do_not_hide_what_others_would_gain(world: Company) -> None:
    """Who is bounded by a ceiling gains nothing by their own process; those who would have its work do."""
    con = people.add_person(SETUP, "con", "Con", kind="contractor")
    lines = [{"type": "process", "actions": ["read", "administer"], "scope": ["all"]}]
    grants.grant_lines(SETUP, lines, "person", str(con))
    grants.set_ceiling(
        SETUP, "con", name="c", type="opportunity", actions=["read", "edit"], lines=[], kinds=["contractor"]
    )
    made = signed_in("con").send("POST", "/flows/processes", {"source": TWO})
    assert (made.status, made.body["state"]) == (201, "waiting")


def test_what_the_record_has_become_by_a_decision_is_not_taken_back(world: Company) -> None:
    file = process(
        task("ask", "manager", verb="lose"), task("then", "position finance"), "s>ask", "ask>then", "then>e", id="ask"
    )
    play = Play(world, file, world.make("ann", "opportunity", name="Deal", amount="5000"))
    assert play.approve("mei", given=REASON).status == 200
    assert play.seen("mei").body["may"]["take_back"] == []
    late = play.at("mei").send("POST", f"/flows/instances/{play.id}/take-back", {"node": "ask"})
    assert (late.status, late.code) == (409, "acted")


def test_nobody_confirms_what_goes_to_them_and_gives_them_more(world: Company) -> None:
    """Security sees who reads what; it says no yes to its own reading."""
    grants.grant_role(SETUP, "support", "person", str(world.people["boss"]))
    sec = world.add("sec", "root", None)
    policy = {"type": "policy", "actions": ["read", "administer", "grant"], "scope": ["all"]}
    grants.grant_lines(SETUP, [policy], "person", str(sec))
    pam, sec_, boss = signed_in("pam"), signed_in("sec"), signed_in("boss")
    file = one("manager", more='<heli:candidate rule="person" person="sec"/>')
    waits = pam.send("POST", "/flows/processes", {"source": file}).body["id"]
    refused = sec_.send("POST", f"/flows/versions/{waits}/answer", {"yes": True})
    assert (refused.status, refused.code) == (403, "own")
    assert boss.send("POST", f"/flows/versions/{waits}/answer", {"yes": True}).status == 200
    first = pam.send("POST", "/flows/processes", {"source": one("manager", edit="competitor")}).body["id"]
    second = pam.send("POST", "/flows/processes", {"source": one("manager", edit="next_follow_on")}).body["id"]
    assert boss.send("POST", f"/flows/versions/{second}/answer", {"yes": True}).status == 200
    late = boss.send("POST", f"/flows/versions/{first}/answer", {"yes": True})
    assert (late.status, late.code) == (409, "superseded")
    assert boss.send("POST", f"/flows/versions/{first}/answer", {"yes": False}).status == 200


def test_an_act_is_not_passed_over_and_nothing_unseen_is_required(world: Company) -> None:
    pam = signed_in("pam")
    for file in (
        one("manager", verb="lose", people='same="dedupe"'),
        one("manager", verb="lose", people='self="skip"'),
        one("manager", show='name" require="amount'),
    ):
        assert pam.send("POST", "/flows/processes", {"source": file}).places == ["ask"]
    for id in ("end", "previous"):  # whoever sent work back to such a step would have ended the case
        named = one("manager").replace('"ask"', f'"{id}"').replace("ask", id)
        assert id in pam.send("POST", "/flows/processes", {"source": named}).places


def test_a_deputy_whose_time_begins_reads_what_the_work_is_about(world: Company) -> None:
    now = clock.now()
    deal = world.make("wei", "opportunity", name="Deal", amount="5")
    world.add("sam", "support", "support")
    deputies.set_deputy(
        SETUP, world.people["sue"], world.people["ann"], starts=now + timedelta(days=1), ends=now + timedelta(days=2)
    )
    play = Play(world, one("person person=sue"), deal, "wei")
    assert clockwork.stand_in.call() == 0
    assert play.at("ann").get(f"/records/opportunity/{deal}").status == 404
    Deputy.objects.update(starts=now - timedelta(minutes=1))
    assert clockwork.stand_in.call() == 1
    assert play.at("ann").get(f"/records/opportunity/{deal}").status == 200


def test_a_deputy_whose_time_was_ended_while_a_step_was_on_its_way_reads_no_longer(
    world: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The step had asked who stands in for whom; before it was written, and its work could be seen, somebody ended that."""
    now = clock.now()
    deal = world.make("ann", "opportunity", name="Deal", amount="5000")
    standing_in = deputies.set_deputy(
        SETUP, world.people["fin"], world.people["sue"], starts=now, ends=now + timedelta(days=30)
    )
    play = Play(world, TWO, deal)
    asked = rights.stand(quick.rows(*rights.standing()))
    deputies.end_deputy(SETUP, standing_in)
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(rights, "stand", lambda found: asked)
        assert play.approve("mei").status in (200, 204)
    assert play.where() == {"money": ["fin"]}
    assert clockwork.stand_in.call() == 1
    assert play.at("sue").get(f"/records/opportunity/{deal}").status == 404
    assert play.at("fin").get(f"/records/opportunity/{deal}").status == 200


def test_what_stands_still_goes_on_being_listed(world: Company) -> None:
    deal = world.make("wei", "opportunity", name="Deal")
    play = Play(world, one("manager", people='empty="stop"'), deal, "wei")
    world.do("wei", "opportunity", "delete", deal)
    world.do("wei", "opportunity", "restore", deal)
    assert Instance.objects.get(pk=int(play.id)).halted, "nobody was found, and still is not"
    two = Play(world, TWO, world.make("ann", "opportunity", name="Deal", amount="5"))
    world.do("ann", "opportunity", "delete", world.list("ann", "opportunity")[0]["id"])
    assert two.at("ann").send("POST", f"/flows/instances/{two.id}/comment", {"text": "where is it?"}).status == 200
    assert Instance.objects.get(pk=int(two.id)).halted


def test_among_very_many_everybody_finds_their_own_work(world: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "MOST_WORKS", 1)
    world.add("sam", "support", "support")
    deal = world.make("wei", "opportunity", name="Deal", amount="5")
    play = Play(world, one("position support", people='mode="all"'), deal, "wei")
    assert [play.seen(who).body["mine"]["number"] is not None for who in ("sue", "sam")] == [True, True]


def test_who_stands_in_a_field_is_told_to_nobody_who_does_not_read_it(world: Company) -> None:
    """A step that goes to whoever stands in a field tells by its person what the field holds."""
    account = world.make("ann", "account", name="A")
    file = process(
        task("lead", "manager"), task("mine", "field field=owner"), "s>lead", "lead>mine", "mine>e", id="veil"
    )
    play = Play(world, file, world.make("ann", "opportunity", name="Deal", amount="5", account=account))
    assert (
        play.at("ann").send("POST", f"/flows/instances/{play.id}/copy", {"people": [str(world.people["sue"])]}).status
        == 200
    )
    assert play.approve("mei").status == 200
    told = play.seen("sue").body
    assert [one["id"] for one in told["nodes"]] == ["lead"]
    assert (told["partly"], [one["node"] for one in told["work"]]) == (True, ["lead"])
    listed = play.at("sue").get("/flows/instances?scope=copied").body["items"][0]
    assert (listed["now"], listed["holders"]) == ([], [])
    assert [one["id"] for one in play.seen("ann").body["nodes"]] == ["lead", "mine"]


def test_what_a_running_process_does_is_done_by_it_alone(world: Company) -> None:
    """Whoever holds the verb anyway neither passes the signers by nor leaves the node with nothing to do."""
    lines = [{"type": "opportunity", "actions": ["read", "lose"], "scope": ["all"], "read": {"*": "read"}}]
    grants.grant_lines(SETUP, lines, "person", str(world.people["ann"]))
    deal = world.make("ann", "opportunity", name="Deal", amount="5")
    play = Play(world, one("manager", verb="lose"), deal)
    etag = play.at("ann").get(f"/records/opportunity/{deal}").etag
    early = play.at("ann").post(f"/records/opportunity/{deal}/actions/lose", REASON, **{"If-Match": etag})
    assert (early.status, early.code) == (403, "process")
    assert play.approve("mei", given=REASON).status == 200
    assert play.state == "completed"
