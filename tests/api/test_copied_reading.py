"""What a copy is good for: whom a step names reads what the step shows, for as long as it says, and nobody else does."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from heli.access import grants
from heli.access.models import Reach
from heli.flows import rights
from heli.kernel import clock
from heli.org import zone
from heli.records import act, files
from heli.records.act import Action
from tests.api.client import signed_in
from tests.cases import Company, Play, process, publish, settle, task
from tests.world import SETUP, fresh

pytestmark = [pytest.mark.django_db, pytest.mark.storage]


def copy(show: str = "name amount", *, lasts: str = "", who: str = "support", more: str = "") -> str:
    form = (
        f'<heli:form show="{show}"{f" lasts={chr(34)}{lasts}{chr(34)}" if lasts else ""}{more}/>'
        if show or more
        else ""
    )
    return (
        f'<sendTask id="tell" name="告知 / Tell"><extensionElements><heli:assignee rule="position" position="{who}"/>{form}'
        '<heli:people empty="skip"/></extensionElements></sendTask>'
    )


def file(*, id: str = "deal", **how: Any) -> str:
    return process(task("lead", "manager"), copy(**how), "s>lead", "lead>tell", "tell>e", id=id)


@pytest.fixture
def world(db: None) -> Company:
    return fresh(Company)


def begun(world: Company, **how: Any) -> tuple[Play, str]:
    deal = world.make("wei", "opportunity", name="Big", amount="5000", competitor="X")
    play = Play(world, file(**how), deal, "wei")
    assert play.at("sue").get(f"/records/opportunity/{deal}").status == 404
    (lead,) = play.where()["lead"]
    assert play.approve(lead).status in (200, 204)
    settle()
    assert play.state == "completed"
    return play, deal


def test_whom_a_step_copies_it_to_reads_what_it_shows_for_as_long_as_it_says(
    world: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    play, deal = begun(world, lasts="P7D")
    sue, at = play.at("sue"), f"/records/opportunity/{deal}"
    seen = sue.get(at).body
    assert (seen["values"]["name"], seen["values"]["amount"], "competitor" in seen["values"]) == (
        "Big",
        "5000.00",
        False,
    )
    assert [one for one, may in seen["actions"].items() if may and one != "reveal"] == [], "it is for reading"
    case = play.seen("sue").body
    assert (case["title"], case["sees_record"], case["state"]) == ("Big", True, "completed")
    assert case["copied"]["show"] == ["name", "amount"] and case["copied"]["node"]["name"]["en"] == "Tell"
    (why,) = sue.get(f"/why?action=read&type=opportunity&id={deal}").body["because"]
    assert why["role"]["zh"] == "审批 · 告知"
    until = zone.told(datetime.fromisoformat(case["copied"]["until"]))
    assert why["fact"]["zh"] == f"流程「审批 · 告知」抄送给了你（#{play.id}），到 {until} 为止"
    assert (why["via"]["en"], why["scope"]["en"]) == ("copy", "copy")
    assert play.seen("wei").body["copied"] is None, "who began it was not told by it"

    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=7, seconds=5))
    play.apis.clear()
    assert play.at("sue").get(at).status == 404, "by then it is over"
    case = play.seen("sue").body
    assert (case["title"], case["sees_record"], case["copied"]["show"], case["copied"]["until"]) == (
        None,
        False,
        [],
        None,
    )
    assert rights.forget() == 1 and not Reach.objects.filter(source__startswith="copy:").exists()


def test_who_else_sees_the_record_is_told_of_a_copy_as_a_copy_and_until_when(world: Company) -> None:
    """It was called open work, and side by side it was no reason at all."""
    play, deal = begun(world, lasts="P7D")
    until = play.seen("sue").body["copied"]["until"]
    for asker, path in (
        ("wei", f"/records/opportunity/{deal}/who"),
        ("boss", f"/access/who?type=opportunity&id={deal}"),
    ):
        body = play.at(asker).get(path).body
        [one] = [one for one in body.get("people", body.get("items")) if one["person"]["name"] == "Sue"]
        assert one["via"] == {
            "zh": f"流程「审批 · 告知」的抄送（#{play.id}）",
            "en": f"a copy by “Approval, Tell” (#{play.id})",
        }
        assert one["until"] == until
        assert all(other["until"] is None for other in body.get("people", body.get("items")) if other is not one)
    told = zone.told(datetime.fromisoformat(until))
    for asker, whom in (("boss", "sue"), ("sue", "sue"), ("wei", "sue")):
        asked = f"/access/why?action=read&type=opportunity&id={deal}&person={world.people[whom]}"
        side = play.at(asker).get(asked).body["left"]
        steps = {one["step"]: one for one in side["steps"]}
        them = "you" if asker == "sue" else "them"
        assert side["allowed"] and steps["path"]["words"]["zh"] == "审批 · 告知"
        assert steps["path"]["note"]["en"] == f"a copy to {them}"
        assert steps["fact"]["words"] == {"zh": "抄送", "en": "copy"}
        assert (
            steps["fact"]["note"]["en"] == f"“Approval, Tell” sent {them} a copy (#{play.id}), which lasts until {told}"
        )


def test_who_has_the_work_too_is_told_of_by_that(world: Company) -> None:
    _, deal = begun(world)
    more = Play(world, process(task("ask", "person person=sue"), "s>ask", "ask>e", id="more"), deal, "wei")
    [one] = [
        one
        for one in more.at("wei").get(f"/records/opportunity/{deal}/who").body["people"]
        if one["person"]["name"] == "Sue"
    ]
    assert (one["via"]["zh"], one["until"]) == ("流程「审批 · ask 中」的待办", None)
    side = (
        more.at("wei")
        .get(f"/access/why?action=read&type=opportunity&id={deal}&person={world.people['sue']}")
        .body["left"]
    )
    assert side["allowed"]


def test_of_a_copy_is_told_only_to_who_may_know_the_way_of_its_case(world: Company) -> None:
    hidden = process(
        task("lead", "manager"),
        copy(),
        "s>lead",
        "lead>x1",
        "x1>e",
        "x1>tell if record.competitor == 'X'",
        "tell>e",
        id="deal",
    )
    deal = world.make("wei", "opportunity", name="Big", amount="5000", competitor="X")
    plain = {"type": "opportunity", "actions": ["read"], "scope": ["all"], "read": {"*": "hidden", "name": "read"}}
    grants.grant_lines(SETUP, [plain], "person", str(world.people["bob"]))
    play = Play(world, hidden, deal, "wei")
    (lead,) = play.where()["lead"]
    assert play.approve(lead).status in (200, 204)
    settle()
    assert play.at("sue").get(f"/records/opportunity/{deal}").status == 200
    told = {one["person"]["name"] for one in play.at("bob").get(f"/records/opportunity/{deal}/who").body["people"]}
    assert told and "Sue" not in told
    asked = f"/access/why?action=read&type=opportunity&id={deal}&person={world.people['sue']}"
    assert play.at("bob").get(asked).body["left"]["allowed"] is False


def test_copies_that_have_run_out_are_found_by_their_moment_and_not_among_all_that_is_reached(world: Company) -> None:
    begun(world)
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # of so few rows it would read all
            cursor.execute("SET LOCAL enable_seqscan = off")
        assert "reach_until" in rights.run_out().explain()


def test_a_copy_shows_no_files_and_nobody_hands_it_on(world: Company) -> None:
    play, deal = begun(world)
    paper = files.add(world.as_("wei"), "opportunity", deal, "plan.txt", [b"secret"])
    listed = play.at("sue").get(f"/records/opportunity/{deal}/files")
    assert listed.status != 200 or listed.body["items"] == [], paper.name
    # who follows it may let others follow it too, and gives them nothing with that
    assert (
        play.at("sue").send("POST", f"/flows/instances/{play.id}/copy", {"people": [str(world.people["fin"])]}).status
        == 200
    )
    assert play.seen("fin").status == 200
    assert not Reach.objects.filter(person_id=world.people["fin"], source__startswith="copy:").exists()


def test_a_copy_stays_what_it_was_when_the_next_version_is_published(world: Company) -> None:
    play, deal = begun(world)
    publish(world, file(show="name"))
    publish(world, file(show=""))
    assert play.at("sue").get(f"/records/opportunity/{deal}").body["values"]["amount"] == "5000.00"


def test_a_copy_says_by_which_step_it_came_though_the_case_has_gone_over_to_a_version_without_that(
    world: Company,
) -> None:
    running = process(
        task("lead", "manager"), copy(), task("last", "manager"), "s>lead", "lead>tell", "tell>last", "last>e"
    )
    deal = world.make("ann", "opportunity", name="Big", amount="5000")
    play = Play(world, running, deal)
    assert play.approve("mei").status in (200, 204)
    settle()
    assert play.where() == {"last": ["mei"]}
    publish(world, process(task("lead", "manager"), task("last", "manager"), "s>lead", "lead>last", "last>e"))
    moved = signed_in("pam").send("POST", "/flows/processes/deal/migrations", {"to": 2, "mapping": {}})
    assert moved.status in (200, 201), moved.body
    told = play.seen("sue").body["copied"]
    assert (told["node"]["id"], told["show"]) == ("tell", ["name", "amount"])
    assert play.at("sue").get(f"/records/opportunity/{deal}").status == 200


def test_a_record_that_is_deleted_is_read_no_more(world: Company) -> None:
    play, deal = begun(world)
    act.do(world.system, Action("opportunity", "delete", deal))
    assert play.at("sue").get(f"/records/opportunity/{deal}").status == 404
    assert play.seen("sue").status == 200


def test_what_a_copy_shows_waits_for_security_and_is_told_to_it(world: Company) -> None:
    made = signed_in("pam").send("POST", "/flows/processes", {"source": file(lasts="P7D")})
    assert (made.status, made.body["state"]) == (201, "waiting")
    (one,) = signed_in("boss").get("/flows/processes/deal/versions").body["items"]
    (tell,) = [gift for gift in one["gives"] if gift["node"] and gift["node"]["en"] == "Tell"]
    assert [each["code"] for each in tell["holds"][0]["reads"]] == ["name", "amount"]
    said = {fact["name"]["en"]: fact["text"] for fact in tell["facts"]}
    assert said["Who is told"]["en"].startswith("a position")
    assert said["For how long"] == {"zh": "抄送后 7 天", "en": "for 7 days from then on"}


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"more": ' edit="name"'}, "copied"),
        ({"lasts": "P2000D"}, "lasts"),
        ({"lasts": "a week"}, "lasts"),
        ({"show": "nothing"}, "field"),
    ],
)
def test_a_copy_only_shows_and_not_for_ever(world: Company, how: dict[str, str], code: str) -> None:
    made = signed_in("pam").send("POST", "/flows/processes", {"source": file(**how)})
    assert (made.status, [one["code"] for one in made.body["problems"]]) == (422, [code]), made.body


def test_a_step_that_somebody_does_shows_for_as_long_as_they_have_it(world: Company) -> None:
    bad = process(task("lead", "manager").replace('edit=""', 'edit="" lasts="P7D"'), "s>lead", "lead>e")
    made = signed_in("pam").send("POST", "/flows/processes", {"source": bad})
    assert (made.status, [one["code"] for one in made.body["problems"]]) == (422, ["lasts"])


@pytest.mark.parametrize(
    ("source", "warned"),
    [
        (file(show=""), ["tell"]), (file(), []), (file(show="", who="management"), []),
        (process(task("lead", "manager", more='<heli:informed rule="position" position="support"/>'), "s>lead", "lead>e"), ["lead"]),
    ],
    ids=["nothing-shown", "shown", "they-see-deals", "informed"],
)  # fmt: skip
def test_publishing_warns_of_copies_to_who_can_read_nothing_of_it(
    world: Company, source: str, warned: list[str]
) -> None:
    found = signed_in("pam").send("POST", "/flows/check", {"source": source}).body
    told = [one for one in found["concerns"] if one["code"] == "copied_blind"]
    assert [one["place"] for one in told] == warned
    assert all(one["level"] == "warning" and "商机" in one["message"]["zh"] for one in told)


def test_a_copy_that_does_not_say_whom_it_tells_yet_is_not_published(world: Company) -> None:
    unsaid = file(show="", who="")
    checked = signed_in("pam").send("POST", "/flows/check", {"source": unsaid})
    assert checked.status == 200
    assert [(one["place"], one["code"]) for one in checked.body["problems"]] == [("tell", "missing")]
    assert signed_in("pam").send("POST", "/flows/processes", {"source": unsaid}).status == 422
