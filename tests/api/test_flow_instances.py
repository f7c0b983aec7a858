"""A process from its beginning to its end over HTTP: whose turn it is, what they see only meanwhile, and every way it goes back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from heli.access import grants
from heli.access.models import Grant
from heli.api import flows
from heli.audit import entries
from heli.audit.verify import verify
from heli.flows import clockwork, deciding, ends, rights
from heli.flows.models import Instance, Timer
from heli.kernel import clock, quick
from heli.kernel.quick import Row, Statement
from heli.notices.models import Notice
from heli.org.models import Person, Project, ProjectMember
from heli.org.verbs import deputies, leaving
from heli.policy.models import Duty
from heli.records import act
from heli.records.act import Action
from tests.api.client import signed_in
from tests.cases import BESIDE, TWO, Company, Play, process, publish, services, task
from tests.world import SETUP, fresh

pytestmark = [pytest.mark.django_db, pytest.mark.storage]


@pytest.fixture
def world(db: None) -> Company:
    return fresh(Company)


def test_work_moves_itself_to_the_next_person_and_takes_the_rights_along(world: Company) -> None:
    deal = world.make("ann", "opportunity", name="Big", amount="5000")
    play = Play(world, TWO, deal)
    assert play.where() == {"lead": ["mei"]}
    assert play.queue("mei") == ["lead"]
    hidden = world.make("wei", "opportunity", name="Wei's", amount="500")
    # Somebody of finance without any line on small deals reaches this one only while it is their turn.
    small = Play(
        world, process(task("ask", "position support", show="name amount"), "s>ask", "ask>e", id="ask"), hidden, "wei"
    )
    assert world.as_("sue").view is not None
    assert small.at("sue").get(f"/records/opportunity/{hidden}").body["values"]["amount"] == "500.00"
    assert small.at("sue").get(f"/records/opportunity/{deal}").status == 404
    why = small.at("sue").get(f"/why?action=read&type=opportunity&id={hidden}").body["because"][0]
    assert why["role"]["zh"] == "审批 · ask 中"
    assert why["fact"]["zh"] == f"你持有「审批 · ask 中」的待办（#{small.id}）"
    assert small.seen("sue").body["sees_record"] is True
    assert small.approve("sue").status in (200, 204)
    assert small.at("sue").get(f"/records/opportunity/{hidden}").status == 404, "the right is gone with the work"
    assert small.seen("sue").body["sees_record"] is False, "and the page does not ask for it"
    assert small.state == "completed"

    assert play.approve("mei", values={"next_follow_on": "2026-12-24"}, text="fine").status == 200
    assert play.where() == {"money": ["fin"]}
    assert play.approve("fin").status == 200
    assert play.state == "completed"
    told = play.seen("ann").body
    assert [(one["what"], one["node"], (one["person"] or {}).get("username")) for one in told["history"] if one["what"] in ("begun", "approve")] == [
        ("begun", None, "ann"), ("approve", "lead", "mei"), ("approve", "money", "fin"),
    ]  # fmt: skip
    assert [one["standing"] for one in told["nodes"]] == ["done", "done"]
    assert {one.action for one in entries.query(object_type="flow", object_id=play.id)} >= {
        "flow.begin",
        "flow.approve",
    }
    assert verify().ok


def test_work_is_listed_page_after_page(world: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flows, "PAGE", 2)
    for n in range(5):
        Play(world, TWO, world.make("ann", "opportunity", name=f"Deal {n}", amount="1"))
    mei, listed, after = signed_in("mei"), list[str](), ""
    for _ in range(3):
        page = mei.get(f"/flows/work{after}").body
        listed += [one["title"] for one in page["items"]]
        after = f"?after={page['next']}"
    assert (listed, page["next"]) == ([f"Deal {n}" for n in range(5)], None)
    for wrong in ("x", "2026-02-31T00:00:00.000000Z/1", "2026-02-03T00:00:00.000000Z/-1", "2026-02-03T00:00:00Z/1%00"):
        assert mei.get(f"/flows/work?after={wrong}").status == 422, wrong


def test_a_step_is_made_in_three_rounds(world: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each round is a trip to the database's server, beside the one that commits: what is read, what is written, the log's entry."""
    play = Play(world, BESIDE, world.make("ann", "opportunity", name="Big", amount="5000"))
    play.approve("mei")  # what is kept of rules and people is read once
    rounds = []
    together = quick.together

    def counted(some: Sequence[Statement]) -> list[list[Row]]:
        rounds.append(len(some))
        return together(some)

    number = play.seen("fin").body["mine"]["number"]
    viewer = world.as_("fin")
    monkeypatch.setattr(quick, "together", counted)
    deciding.decide(viewer, int(play.id), number, deciding.Decision())
    assert len(rounds) == 3
    monkeypatch.undo()
    assert play.where() == {"two": ["sue"]}
    assert verify().ok


def test_a_condition_takes_the_short_way(world: Company) -> None:
    play = Play(world, TWO, world.make("ann", "opportunity", name="Small", amount="900"))
    play.approve("mei")
    assert play.state == "completed"


def test_who_may_begin_and_what_is_refused(world: Company) -> None:
    publish(world, TWO)
    deal = world.make("ann", "opportunity", name="Mine", amount="1")
    ann, wei = signed_in("ann"), signed_in("wei")
    asked = {"process": "deal", "record": deal}
    assert wei.send("POST", "/flows/instances", asked).status == 404, "nobody begins with what they do not see"
    assert ann.send("POST", "/flows/instances", {"process": "nothing", "record": deal}).status == 404
    assert ann.send("POST", "/flows/instances", {"process": "deal"}).places == ["record"]
    assert ann.send("POST", "/flows/instances", {**asked, "text": "x" * 5000}).status == 422
    assert ann.send("POST", "/flows/instances", {**asked, "data": {"x": "y" * 30_000}}).status == 422
    first = ann.send("POST", "/flows/instances", asked)
    assert first.status == 201
    twice = ann.send("POST", "/flows/instances", asked)
    assert (twice.status, twice.code) == (409, "running")
    assert ann.send("POST", f"/flows/instances/{first.body['id']}/withdraw", {"text": "no"}).status == 200
    assert ann.send("POST", "/flows/instances", asked).status == 201, "once it has ended it may be begun again"


def test_only_whose_turn_it_is_decides_and_only_once(world: Company) -> None:
    play = Play(world, TWO, world.make("ann", "opportunity", name="Big", amount="5000"))
    number = play.seen("mei").body["mine"]["number"]
    for who in ("ann", "fin", "boss", "wei"):
        refused = play.at(who).send("POST", f"/flows/instances/{play.id}/work/{number}/decide", {"approve": True})
        assert refused.status == 404, who
    assert play.seen("wei").status == 404
    assert play.approve("mei").status == 200
    again = play.at("mei").send("POST", f"/flows/instances/{play.id}/work/{number}/decide", {"approve": True})
    assert (again.status, again.code) == (409, "done")
    assert (
        play.at("mei")
        .send("POST", f"/flows/instances/{play.id}/work/{number}/decide", {"approve": True, "more": 1})
        .status
        == 422
    )


def test_a_form_takes_its_own_fields_and_no_other(world: Company) -> None:
    play = Play(world, TWO, world.make("ann", "opportunity", name="Big", amount="5000"))
    assert play.approve("mei", values={"amount": "1"}).places == ["values/amount"]
    assert play.approve("mei", values={"next_follow_on": "no date"}).places == ["values/next_follow_on"]
    assert play.where() == {"lead": ["mei"]}, "nothing has moved"


def test_rejected_across_parallel_branches_what_was_decided_beside_stays(world: Company) -> None:
    play = Play(world, BESIDE, world.make("ann", "opportunity", name="Big", amount="5000"))
    play.approve("mei")
    assert play.where() == {"one": ["fin"], "two": ["sue"]}
    play.approve("fin")
    assert [one["id"] for one in play.seen("sue").body["mine"]["targets"]] == ["lead"]
    assert play.reject("sue", "lead", text="again").status == 200
    assert play.where() == {"lead": ["mei"]}
    assert play.seen("fin").body["mine"] is None
    play.approve("mei")
    assert play.where() == {"one": ["fin"], "two": ["sue"]} or play.where() == {"two": ["sue"]}


def test_rejected_to_the_end_it_is_over(world: Company) -> None:
    play = Play(world, TWO, world.make("ann", "opportunity", name="Big", amount="5000"))
    assert play.reject("mei", "end", text="no").status == 200
    assert play.state == "rejected"
    assert play.where() == {}


def test_handed_on_inside_the_candidates_with_rights_outside_without(world: Company) -> None:
    deal = world.make("wei", "opportunity", name="Deal", amount="500")
    world.add("sam", "support", "support")
    play = Play(
        world, process(task("ask", "position support", people='mode="claim"'), "s>ask", "ask>e", id="ask"), deal, "wei"
    )
    assert play.where() == {"ask": ["sue", "sam"]}
    assert play.act("sue", "claim").status == 200
    assert play.where() == {"ask": ["sue"]}
    assert play.at("sam").get(f"/records/opportunity/{deal}").status == 404
    assert play.act("sue", "transfer", to=str(world.people["sam"])).status == 200
    assert play.at("sam").get(f"/records/opportunity/{deal}").status == 200, "sam is a candidate"
    assert play.act("sam", "transfer", to=str(world.people["ann"]), text="you?").status == 200
    assert play.where() == {"ask": ["ann"]}
    assert play.at("ann").get(f"/records/opportunity/{deal}").status == 404, "ann is none, and gains nothing"
    assert play.seen("ann").body["title"] is None
    assert play.act("ann", "transfer", to="999999").places == ["to"]


def test_a_signer_before_a_view_and_one_less(world: Company) -> None:
    play = Play(world, TWO, world.make("ann", "opportunity", name="Big", amount="5000"))
    assert play.act("mei", "add-signer", to=str(world.people["boss"]), place="before").status == 200
    assert play.where() == {"lead": ["boss"]}
    assert play.approve("boss").status in (200, 204)
    assert play.where() == {"lead": ["mei"]}
    assert play.act("mei", "delegate", to=str(world.people["bob"])).status == 200
    assert play.where() == {"lead": ["bob"]}
    assert play.approve("bob", text="I would").status in (200, 204)
    assert play.where() == {"lead": ["mei"]}
    assert play.act("mei", "add-signer", to=str(world.people["boss"]), place="parallel").status == 200
    others = play.seen("mei").body["mine"]["others"]
    assert play.act("mei", "remove-signer", other=others[-1]["number"]).status == 200
    off = next(one for one in play.seen("mei").body["history"] if one["what"] == "remove_signer")
    assert off["other"]["username"] == "boss", "the history says who was taken off"
    assert play.approve("mei").status == 200
    assert play.where() == {"money": ["fin"]}


def test_what_nobody_has_touched_is_taken_back(world: Company) -> None:
    play = Play(world, TWO, world.make("ann", "opportunity", name="Big", amount="5000"))
    play.approve("mei")
    assert [one["id"] for one in play.seen("mei").body["may"]["take_back"]] == ["lead"]
    assert play.at("mei").send("POST", f"/flows/instances/{play.id}/take-back", {"node": "lead"}).status == 200
    assert play.where() == {"lead": ["mei"]}
    play.approve("mei")
    play.approve("fin")
    late = play.at("mei").send("POST", f"/flows/instances/{play.id}/take-back", {"node": "lead"})
    assert (late.status, late.code) == (409, "ended")


def test_who_was_asked_to_sign_takes_back_their_own_without_gaining_anything(world: Company) -> None:
    file = process(
        task("sign", "position finance", people='mode="all"', more='<heli:assignee rule="manager"/>'),
        task("last", "position management"), "s>sign", "sign>last", "last>e", id="together",
    )  # fmt: skip
    deal = world.make("ann", "opportunity", name="Big", amount="5000")
    play = Play(world, file, deal)
    assert play.act("fin", "add-signer", to=str(world.people["sue"]), place="parallel").status == 200
    for who in ("fin", "mei", "sue"):
        assert play.approve(who).status in (200, 204)
    assert play.where() == {"last": ["boss"]}
    assert play.at("sue").send("POST", f"/flows/instances/{play.id}/take-back", {"node": "sign"}).status in (200, 204)
    assert play.where() == {"sign": ["sue"]}, "fin and mei have signed, and do not sign again"
    assert play.at("sue").get(f"/records/opportunity/{deal}").status == 404, "and she sees no more of it than before"
    assert play.seen("fin").body["may"]["take_back"] == []
    assert play.approve("sue", text="Now I have read it.").status in (200, 204)
    assert play.where() == {"last": ["boss"]}


@pytest.mark.parametrize("told_at_once", [64, 0], ids=["all-deputies-known", "each-asked-for"])
def test_a_deputy_acts_for_the_principal_and_never_on_their_own(
    world: Company, told_at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rights, "MOST_STANDING", told_at_once)
    now = clock.now()
    deputies.set_deputy(SETUP, world.people["mei"], world.people["bob"], starts=now, ends=now + timedelta(days=1))
    deputies.set_deputy(SETUP, world.people["fin"], world.people["sue"], starts=now, ends=now + timedelta(days=1))
    deal = world.make("ann", "opportunity", name="Big", amount="5000")
    play = Play(world, TWO, deal)
    assert play.queue("bob") == ["lead"]
    assert play.seen("bob").body["mine"]["acting_for"]["username"] == "mei"
    assert play.approve("bob").status in (200, 204)
    done = next(one for one in play.seen("ann").body["work"] if one["node"] == "lead")
    assert done["acting_for"]["username"] == "mei"
    assert play.queue("sue") == ["money"], "and so does who stands in for whom the next step finds"
    assert play.at("sue").get(f"/records/opportunity/{deal}").status == 200
    assert play.approve("sue").status in (200, 204)
    assert play.state == "completed"
    own = Play(world, TWO, world.make("bob", "opportunity", name="Bob's", amount="1"), "bob")
    assert own.queue("bob") == []
    number = own.seen("mei").body["mine"]["number"]
    refused = own.at("bob").send("POST", f"/flows/instances/{own.id}/work/{number}/decide", {"approve": True})
    assert (refused.status, refused.code) == (403, "own")


def test_everybody_who_approves_takes_part_in_the_records_project_and_the_next_step_finds_them_there(
    world: Company,
) -> None:
    """Also where a deputy signs: the part is the principal's, whose work it was."""
    now = clock.now()
    project = act.do(world.system, Action("project", "create", values={"name": "P1"})).id
    deal = world.make("ann", "opportunity", name="Big", amount="5000")
    act.do(world.system, Action("opportunity", "edit", deal, {"project": project}))
    deputies.set_deputy(SETUP, world.people["fin"], world.people["sue"], starts=now, ends=now + timedelta(days=1))
    file = process(
        task("take", "person person=fin", people='mode="all"', moves="take_back reject",
             more='<heli:assignee rule="person" person="wei"/><heli:joins role="member"/>'),
        task("go", "project role=member", back='to="take"'), "s>take", "take>go", "go>e", id="take",
    )  # fmt: skip
    play = Play(world, file, deal)

    def inside() -> list[tuple[str, str]]:
        rows = ProjectMember.objects.filter(project_id=project).order_by("person__username")
        return list(rows.values_list("person__username", "role"))

    assert play.approve("wei").status in (200, 204)
    assert inside() == [], "one of two has only said what they think"
    assert play.approve("sue").status in (200, 204)
    assert inside() == [("fin", "member"), ("wei", "member")]
    assert play.where() == {"go": ["fin", "wei"]}
    assert play.reject("fin", "take", text="once more").status in (200, 204)
    assert play.approve("wei").status in (200, 204)
    assert play.approve("fin").status in (200, 204)
    assert inside() == [("fin", "member"), ("wei", "member")], "and nobody twice"


@pytest.fixture
def apart(world: Company) -> None:
    """Whoever edits deals, as members and leaders of projects do here, approves no contracts, as Sue does."""
    body = {
        "name": "商机与合同分开", "name_en": "who edits deals approves no contracts", "first": [], "second": [],
        "first_rights": ["opportunity.edit"], "second_rights": ["contract.approve"],
    }  # fmt: skip
    Duty.objects.create(code="apart", body=body)
    line: dict[str, Any] = {"type": "opportunity", "actions": ["edit"], "scope": ["project"], "write": ["competitor"]}
    for role in ("member", "lead"):
        grants.grant_lines(SETUP, [line], Grant.PROJECT_ROLE, role)
    other: dict[str, Any] = {"type": "contract", "actions": ["read", "approve"], "scope": ["all"]}
    grants.grant_lines(SETUP, [other], "person", str(world.people["sue"]))


def test_a_duty_that_joining_would_break_keeps_it_from_being_accepted(world: Company, apart: None) -> None:
    project = act.do(world.system, Action("project", "create", values={"name": "P1"})).id
    file = process(task("take", "position support", more='<heli:joins role="member"/>'), "s>take", "take>e", id="take")
    deal = world.make("ann", "opportunity", name="Big", amount="5000")
    act.do(world.system, Action("opportunity", "edit", deal, {"project": project}))
    play = Play(world, file, deal)
    refused = play.approve("sue")
    assert refused.status == 409 and "approves no contracts" in refused.body["message"]["en"], refused.body
    assert play.where() == {"take": ["sue"]} and not ProjectMember.objects.exists(), "and nothing of it is done"


def test_nor_is_a_project_made_to_be_led_by_whom_a_duty_keeps_from_it(world: Company, apart: None) -> None:
    make = (
        '<serviceTask id="make" name="立项 / Set up"><extensionElements><heli:does verb="create" type="project"/>'
        '<heli:give name="name" value="record.name"/><heli:give name="owner" value="record.owner"/></extensionElements></serviceTask>'
    )
    deal = world.make("ann", "opportunity", name="Big", amount="5000")
    act.do(world.system, Action("opportunity", "transfer", deal, {"owner": str(world.people["sue"])}))
    play = Play(
        world, process(make, "s>make", "make>e", id="make", subject='type="opportunity" right="read"'), deal, "boss"
    )
    services()
    assert Instance.objects.get(pk=int(play.id)).halted, "it stands still, and somebody is told"
    assert not ProjectMember.objects.exists() and not Project.objects.exists()


def test_nobody_joins_a_project_that_is_finished_or_none(world: Company) -> None:
    done = act.do(world.system, Action("project", "create", values={"name": "P1", "status": "finished"})).id
    file = process(task("take", "person person=fin", more='<heli:joins role="member"/>'), "s>take", "take>e", id="take")
    for project in (done, None):
        deal = world.make("ann", "opportunity", name="Big", amount="5000")
        if project is not None:
            act.do(world.system, Action("opportunity", "edit", deal, {"project": project}))
        play = Play(world, file, deal)
        assert play.approve("fin").status in (200, 204), "it is accepted all the same"
        assert play.state == "completed"
    assert not ProjectMember.objects.exists()


def test_the_work_of_who_leaves_goes_to_their_manager(world: Company) -> None:
    deal = world.make("wei", "opportunity", name="West")
    play = Play(world, process(task("ask", "person person=ann"), "s>ask", "ask>e", id="ask"), deal, "wei")
    assert play.where() == {"ask": ["ann"]}
    leaving.leave(SETUP, world.people["ann"])
    assert play.where() == {"ask": ["mei"]}
    assert play.at("mei").get(f"/records/opportunity/{deal}").status == 200, "with the rights of the work"
    assert play.approve("mei").status in (200, 204)
    assert play.state == "completed"


def test_nobody_is_found_so_who_looks_after_processes_gets_it_or_it_stands(world: Company) -> None:
    deal = world.make("wei", "opportunity", name="Top")
    play = Play(world, process(task("ask", "manager"), "s>ask", "ask>e", id="ask"), deal, "wei")
    assert play.where() == {"ask": ["pam"]}, "wei reports to nobody"
    stands = Play(
        world, process(task("ask", "manager", people='empty="stop"'), "s>ask", "ask>e", id="stop"), deal, "wei"
    )
    assert stands.where() == {}
    assert Instance.objects.get(pk=int(stands.id)).halted
    assert [one["standing"] for one in stands.seen("pam").body["nodes"]] == ["halted"]
    assert [one["id"] for one in stands.at("pam").get("/flows/instances?scope=halted").body["items"]] == [stands.id]
    from heli.org.verbs import reporting

    reporting.set_manager(SETUP, world.people["wei"], world.people["mei"])
    assert stands.at("wei").send("POST", f"/flows/instances/{stands.id}/retry", {"node": "ask"}).status == 404
    assert stands.at("pam").send("POST", f"/flows/instances/{stands.id}/retry", {"node": "ask"}).status == 200
    assert stands.where() == {"ask": ["mei"]}


def test_a_service_does_its_verb_as_the_process_and_a_refusal_stands(world: Company) -> None:
    lose = (
        '<serviceTask id="lose"><extensionElements><heli:does verb="lose"/>'
        '<heli:give name="lost_reason" value="\'price\'"/></extensionElements></serviceTask>'
    )
    file = process(task("ask", "manager"), lose, "s>ask", "ask>lose", "lose>e", id="lose")
    deal = world.make("ann", "opportunity", name="Deal")
    play = Play(world, file, deal)
    play.approve("mei")
    assert play.state == "running"
    assert services() == 1
    assert play.state == "completed"
    assert play.at("ann").get(f"/records/opportunity/{deal}").body["values"]["stage"] == "lost"
    entry = next(one for one in entries.query(object_id=deal) if one.action == "opportunity.lose")
    assert (entry.actor_id, entry.actor_name) == (None, f"流程审批 #{play.id}")
    again = Play(world, file, deal)
    again.approve("mei")
    services()
    assert again.state == "running"
    assert Instance.objects.get(pk=int(again.id)).halted, "what is lost cannot be lost"
    stopped = [one for one in again.seen("ann").body["history"] if one["what"] == "incident"]
    assert len(stopped) == 1
    assert stopped[0]["words"]["zh"]
    assert stopped[0]["words"]["en"] != stopped[0]["words"]["zh"], "told in both languages"


def test_a_timer_that_is_due_goes_on_without_anybody(world: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    after = "<timerEventDefinition><timeDuration>P2D</timeDuration></timerEventDefinition>"
    late = f'<boundaryEvent id="late" attachedToRef="ask">{after}</boundaryEvent>'
    play = Play(
        world,
        process(task("ask", "manager"), late, "s>ask", "ask>e", "late>e", id="late"),
        world.make("ann", "opportunity", name="D"),
    )
    assert clockwork.look.call() == 0
    Timer.objects.update(due_at=clock.now() - timedelta(seconds=1))
    assert clockwork.look.call() == 1
    assert play.state == "completed"
    assert play.where() == {}
    assert Timer.objects.count() == 0


def test_a_deleted_record_stands_still_until_it_comes_back(world: Company) -> None:
    deal = world.make("ann", "opportunity", name="D", amount="5")
    play = Play(world, TWO, deal)
    assert play.queue("mei") == ["lead"]
    world.do("ann", "opportunity", "delete", deal)
    assert Instance.objects.get(pk=int(play.id)).halted
    assert play.queue("mei") == [], "nobody can do it now"
    assert [one for one in play.at("mei").get("/workbench").body["queue"] if "work" in one] == []
    refused = play.approve("mei")
    assert refused.status in (404, 409)
    world.do("ann", "opportunity", "restore", deal)
    assert play.queue("mei") == ["lead"]
    assert play.approve("mei").status == 200
    assert play.state == "completed"


def test_who_does_not_read_what_a_condition_names_sees_no_way(world: Company) -> None:
    play = Play(world, TWO, world.make("ann", "opportunity", name="Big", amount="5000"))
    play.at("ann").send("POST", f"/flows/instances/{play.id}/copy", {"people": [str(world.people["sue"])]})
    play.approve("mei")
    told = play.seen("sue").body
    assert (told["partly"], told["nodes"], told["title"], told["state"]) == (True, [], None, "running")
    assert not [one for one in told["history"] if one["node"] is not None]
    assert [one["id"] for one in play.seen("ann").body["nodes"]] == ["lead", "money"]


def test_where_somebody_sent_it_back_is_told_by_name_to_them_and_to_who_knows_the_way(world: Company) -> None:
    file = process(task("lead", "manager"), task("look", "position support", show="name"), "s>lead", "lead>x1", "x1>e",
                   "x1>look if record.amount > 9", "look>e")  # fmt: skip
    play = Play(world, file, world.make("ann", "opportunity", name="Big", amount="5000"))
    play.at("ann").send("POST", f"/flows/instances/{play.id}/copy", {"people": [str(world.people["wei"])]})
    play.approve("mei")
    assert play.reject("sue", "lead", text="why").status == 200

    def told(who: str) -> list[tuple[str, object]]:
        body = play.seen(who).body
        return [(one["outcome"], one["to_name"]) for one in body["history"] if one["what"] == "reject"]

    name = {"zh": "lead 中", "en": "lead"}
    assert told("sue") == told("ann") == [("lead", name)]
    assert not [one for one in play.seen("sue").body["nodes"] if one["id"] == "lead"], "though no step of it is theirs"
    assert told("wei") == []


def test_what_gives_more_than_its_author_holds_waits_for_security(world: Company) -> None:
    pam, boss = signed_in("pam"), signed_in("boss")
    made = pam.send("POST", "/flows/processes", {"source": TWO, "note": "first"})
    assert (made.status, made.body["state"]) == (201, "waiting")
    ann = signed_in("ann")
    deal = world.make("ann", "opportunity", name="D", amount="5")
    assert ann.send("POST", "/flows/instances", {"process": "deal", "record": deal}).status == 404
    assert pam.send("POST", f"/flows/versions/{made.body['id']}/answer", {"yes": True}).status == 404
    assert boss.send("POST", f"/flows/versions/{made.body['id']}/answer", {"yes": True}).body["state"] == "published"
    assert boss.send("POST", f"/flows/versions/{made.body['id']}/answer", {"yes": True}).code == "answered"
    assert ann.send("POST", "/flows/instances", {"process": "deal", "record": deal}).status == 201
    assert ann.send("POST", "/flows/processes", {"source": TWO}).status == 404
    bad = pam.send("POST", "/flows/processes", {"source": TWO.replace('show="name amount"', 'show="nothing"')})
    assert (bad.status, set(bad.places)) == (422, {"lead", "money"})
    looked = pam.send("POST", "/flows/check", {"source": TWO.replace("record.amount", "record.none")})
    assert (looked.body["publishable"], [one["place"] for one in looked.body["problems"]]) == (False, ["f5"])
    assert pam.send("POST", "/flows/check", {"source": "<x/>"}).status == 422


def test_who_is_mentioned_is_told_and_may_follow_and_sees_no_more_of_the_record(world: Company) -> None:
    deal = world.make("ann", "opportunity", name="Robots", amount="5000.00")
    play = Play(world, TWO, deal)
    at = f"/flows/instances/{play.id}/comment"
    assert play.seen("sue").status == 404 and play.at("sue").get(f"/records/opportunity/{deal}").status == 404
    sue = str(world.people["sue"])
    said = play.at("ann").send("POST", at, {"text": "@Sue what do you think?", "people": [sue, sue]})
    assert said.status == 200, said.body
    told = [one for one in play.at("sue").get("/notices").body["items"] if one["kind"] == "flow_mentioned"]
    assert len(told) == 1 and "Robots" not in str(told[0]), "a notice tells no cell that one does not see"
    assert play.seen("sue").body["title"] is None and play.at("sue").get(f"/records/opportunity/{deal}").status == 404
    assert [one["text"] for one in play.seen("sue").body["history"] if one["what"] == "comment"] == [
        "@Sue what do you think?"
    ]

    nobody = play.at("ann").send("POST", at, {"text": "@x", "people": [sue, "999999"]})
    assert nobody.status == 422 and nobody.places == ["people/1"]
    assert play.at("wei").send("POST", at, {"text": "hi", "people": [sue]}).status == 404


def test_every_step_that_tells_somebody_tells_them_though_they_were_told_before(world: Company) -> None:
    tell = (
        '<sendTask id="{id}"><extensionElements><heli:assignee rule="position" position="support"/>'
        '<heli:people empty="skip"/></extensionElements></sendTask>'
    )
    file = process(
        tell.format(id="taken"), task("ship", "manager"), tell.format(id="out"), "s>taken", "taken>ship", "ship>out",
        "out>e", id="told",
    )  # fmt: skip
    play = Play(world, file, world.make("ann", "opportunity", name="Wish"))
    copies = Notice.objects.filter(kind="flow_copied", key=play.id, person_id=world.people["sue"])
    services()
    assert copies.count() == 1, "that it is taken"
    assert play.approve("mei").status in (200, 204)
    services()
    assert play.state == "completed"
    assert copies.count() == 2, "and that it is out"


def test_who_waits_reads_who_stands_in_for_whom_they_wait_for(world: Company) -> None:
    now = clock.now()
    deal = world.make("ann", "opportunity", name="Big", amount="5000")
    play = Play(world, TWO, deal)
    assert [one["deputies"] for one in play.seen("ann").body["work"]] == [[]]

    def stands_in(who: str, flow: str = "") -> None:
        day = timedelta(days=1)
        deputies.set_deputy(SETUP, world.people["mei"], world.people[who], starts=now, ends=now + day, flow=flow)

    stands_in("bob")
    stands_in("sue", flow="another")
    stands_in("ann", flow="deal")  # but not in what she has begun herself

    def names(found: dict[str, Any]) -> list[str]:
        return [one["username"] for one in found["deputies"]]

    assert [names(one) for one in play.seen("ann").body["work"]] == [["bob"]]
    listed = play.at("ann").get(f"/flows/records/opportunity/{deal}").body["items"][0]
    assert names(listed) == ["bob"]
    other = world.make("ann", "opportunity", name="Next", amount="5000")
    steps = play.at("ann").get(f"/flows/records/opportunity/{other}/beginnings").body["items"][0]["steps"]
    assert [names(one) for one in steps if one["id"] == "lead"] == [["bob"]]
    Person.objects.filter(pk=world.people["ann"]).update(kind=Person.CONTRACTOR)
    outside = signed_in("ann").get(f"/flows/instances/{play.id}").body
    assert [names(one) for one in outside["work"]] == [[]], "who may not know the company's people is told of none"
    assert play.approve("bob").status in (200, 204)
    done = next(one for one in play.seen("mei").body["work"] if one["node"] == "lead")
    assert (names(done), done["acting_for"]["username"]) == ([], "mei"), "what is done says who did it for whom"


@pytest.mark.parametrize("mode", ["all", "sequence", "vote"])
def test_for_who_was_named_to_sign_and_has_left_since_signs_their_manager(world: Company, mode: str) -> None:
    fin = '<heli:assignee rule="person" person="fin"/>'
    file = process(
        task("sign", "person person=bob", people=f'mode="{mode}" share="1"', more=fin), "s>sign", "sign>e", id=f"by_{mode}"
    )  # fmt: skip
    Play(world, file, world.make("wei", "opportunity", name="Before"), "wei")
    (heir,) = ends.heirs(world.people["bob"])
    boss = next(name for name, pk in world.people.items() if pk == heir)
    leaving.leave(SETUP, world.people["bob"])
    play = Play(world, file, world.make("wei", "opportunity", name="After"), "wei")
    took = [one for one in play.seen("wei").body["history"] if one["what"] == "reassigned"]
    assert [(one["node"], one["person"]["username"], one["acting_for"]["username"]) for one in took] == [
        ("sign", boss, "bob")
    ], "and the case says for whom"
    for who in (boss, "fin"):
        assert play.state == "running", "everybody signs, also for who has left"
        assert play.approve(who).status in (200, 204)
    assert play.state == "completed"


def test_where_one_is_enough_nobody_is_given_it_for_who_has_left(world: Company) -> None:
    fin = '<heli:assignee rule="person" person="fin"/>'
    file = process(task("sign", "person person=bob", people='mode="any"', more=fin), "s>sign", "sign>e", id="by_any")
    Play(world, file, world.make("wei", "opportunity", name="Before"), "wei")
    leaving.leave(SETUP, world.people["bob"])
    play = Play(world, file, world.make("wei", "opportunity", name="After"), "wei")
    assert play.where() == {"sign": ["fin"]}


def test_a_step_that_others_have_too_is_left_to_them(world: Company) -> None:
    file = process(
        task("judge", "person person=bob", people='mode="claim"', more='<heli:assignee rule="person" person="fin"/>'),
        task("sign", "person person=bob", people='mode="all"', more='<heli:assignee rule="person" person="fin"/>'),
        "s>p1", "p1>judge", "p1>sign", "judge>p2", "sign>p2", "p2>e", id="feedback",
    )  # fmt: skip
    play = Play(world, file, world.make("ann", "opportunity", name="Wish"))
    told = ends.heirs(world.people["bob"])
    leaving.leave(SETUP, world.people["bob"])
    where = play.where()
    assert {world.people[one] for one in where["sign"]} == {world.people["fin"], *told}, "as it was said beforehand"
    assert list(told.values()) == [1]
    assert where["judge"] == ["fin"], "one is enough, and has it: nobody above is given it"
    assert len(where["sign"]) == 2, "where all sign, somebody signs for who has left"
    assert play.seen("fin").status == 200
