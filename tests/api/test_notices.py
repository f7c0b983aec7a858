"""What people are told, in the page at once and by mail as they have set it: ids are kept, sentences made under the reader's rights."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail

from heli.flows import ladder
from heli.jobs import worker
from heli.kernel import clock
from heli.notices import post
from heli.notices.models import Letter, Notice
from heli.org import zone
from heli.org.models import Person
from heli.org.verbs import leaving
from tests.api.client import signed_in
from tests.cases import TWO, Company, Play, midweek, process, task
from tests.world import SETUP, fresh

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
NOON = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
"""A Wednesday, twelve o'clock in Shanghai."""


@pytest.fixture
def world(db: None) -> Company:
    found = fresh(Company)
    for name, pk in found.people.items():
        Person.objects.filter(pk=pk).update(email=f"{name}@example.com", language="en")
    return found


def told(who: str, *, unseen: bool = False) -> list[str]:
    return [one["text"]["en"] for one in signed_in(who).get(f"/notices?unseen={str(unseen).lower()}").body["items"]]


def deliver(at: datetime) -> list[Any]:
    """What goes by mail when the worker looks at this moment."""
    before = len(mail.outbox)
    with clock.at(at):
        post.sort.call()
        post.write.call()
        worker.drain()
    return list(mail.outbox[before:])


def test_work_is_told_to_whose_it_is_and_an_end_to_who_began_it(world: Company) -> None:
    deal = world.make("ann", "opportunity", name="Big", amount="5000")
    play = Play(world, TWO, deal)
    assert told("mei") == [f"“lead” waits for you: Approval #{play.id}, Big"]
    assert told("ann") == [] == told("fin")
    mei = play.at("mei")
    assert mei.get("/pulse").body["notices"] == 1
    (one,) = mei.get("/notices").body["items"]
    assert (one["href"], one["seen"], one["over"], one["by"]["username"]) == (f"/flows/{play.id}", False, False, "ann")
    play.approve("mei")
    (one,) = mei.get("/notices").body["items"]
    assert one["over"], "it is done"
    assert mei.send("POST", "/notices/seen", {}).status == 204
    assert mei.get("/pulse").body["notices"] == 0 and told("mei", unseen=True) == []
    play.approve("fin")
    assert told("ann") == [f"your case is completed: Approval #{play.id}, Big"]


def test_what_may_no_longer_be_known_is_told_no_more(world: Company) -> None:
    deal = world.make("wei", "opportunity", name="Secret name", amount="500")
    play = Play(world, process(task("ask", "position support", show="name"), "s>ask", "ask>e", id="ask"), deal, "wei")
    assert told("sue") == [f"“ask” waits for you: Approval #{play.id}, Secret name"]
    play.approve("sue")
    assert told("sue") == [f"“ask” waits for you: Approval #{play.id}"], "the name went with the right"
    other = signed_in("sue").get("/notices").body["items"][0]["id"]
    assert play.at("fin").send("POST", "/notices/seen", {"ids": [other]}).status == 204
    assert told("sue", unseen=True), "nobody sees for another"


def test_a_no_says_who_said_it_and_why_in_the_page_alone(world: Company) -> None:
    moves = "reject transfer"
    file = process(
        task("fill", "initiator", moves=moves), task("lead", "manager", moves=moves, back='to="any"'), "s>fill", "fill>lead", "lead>e", id="back"
    )  # fmt: skip
    file = file.replace('"e"', '"end"')  # the end of a process may be called as a rejection to it is
    play = Play(world, file, world.make("ann", "opportunity", name="Big", amount="5000"))
    play.approve("ann")
    play.reject("mei", "fill", text="The amount is last year's")
    whom = "Mei of east" if "Mei of east" in told("ann")[0] else "Mei"
    assert told("ann")[0] == (
        f"{whom} sent the case back: “fill” waits for you: Approval #{play.id}, Big. The reason: The amount is last year's"
    )
    Notice.objects.update(at=NOON)
    (sent,) = [one for one in deliver(NOON + timedelta(minutes=2)) if one.to == ["ann@example.com"]]
    assert "sent the case back" in sent.subject and "last year" not in f"{sent.subject}{sent.body}"
    play.apis.clear()
    assert play.approve("ann").status in (200, 204)
    assert told("ann")[0] == f"“fill” waits for you: Approval #{play.id}, Big", "what is done is told plainly"
    play.reject("mei", "end", text="")
    assert told("ann")[0] == f"{whom} rejected your case: Approval #{play.id}, Big"


def test_a_mail_waits_for_the_page_and_names_no_record(world: Company) -> None:
    play = Play(world, TWO, world.make("ann", "opportunity", name="Big", amount="5000"))
    Notice.objects.update(at=NOON)
    assert deliver(NOON + timedelta(seconds=30)) == [], "there is time to see it in the page"
    (sent,) = deliver(NOON + timedelta(seconds=61))
    assert sent.to == ["mei@example.com"]
    assert sent.subject == f"Heli: “lead” waits for you: Approval #{play.id}"
    assert f"/flows/{play.id}" in sent.body and "Big" not in sent.body and "5000" not in sent.body
    letter = Letter.objects.get()
    assert letter.sent_at is not None and sent.extra_headers["Message-ID"].startswith(f"<{letter.pk}@")
    assert deliver(NOON + timedelta(hours=1)) == [], "once"
    post.send.call(letter.pk)
    assert len(mail.outbox) == 1, "a letter that was taken is not sent again"


def test_what_was_seen_or_done_meanwhile_is_not_mailed(world: Company) -> None:
    first = Play(world, TWO, world.make("ann", "opportunity", name="One", amount="5000"))
    second = Play(world, TWO, world.make("ann", "opportunity", name="Two", amount="5000"))
    Notice.objects.update(at=NOON)
    first.approve("mei")
    seen = [one["id"] for one in second.at("mei").get("/notices").body["items"] if str(second.id) in one["href"]]
    second.at("mei").send("POST", "/notices/seen", {"ids": seen})
    Notice.objects.update(at=NOON)
    sent = deliver(NOON + timedelta(minutes=2))
    assert [one.to for one in sent] == [["pam@example.com"], ["fin@example.com"]]
    assert "security agrees to version 1" in sent[0].subject, "to who published what they work by"


def test_quiet_hours_digests_and_none_are_kept(world: Company) -> None:
    mei = signed_in("mei")
    before = mei.get("/me/notices").body
    assert (before["quiet_from"], before["digest_at"], before["address"]) == ("21:00", "08:30", "mei@example.com")
    assert {one["kind"]: one["mail"] for one in before["kinds"]}["flow_work"] == "now"
    play = Play(world, TWO, world.make("ann", "opportunity", name="One", amount="5000"))
    night = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)  # eleven at night
    Notice.objects.update(at=night)
    assert deliver(night + timedelta(hours=8)) == []
    assert len(deliver(datetime(2026, 11, 26, 0, 0, 5, tzinfo=UTC))) == 1, "at eight"

    assert mei.send("PATCH", "/me/notices", {"mail": {"flow_work": "digest"}}).status == 200
    play.reject("mei", "end", text="no")
    again = Play(world, TWO, world.make("ann", "opportunity", name="Two", amount="5000"))
    friday = datetime(2026, 11, 27, 2, 0, tzinfo=UTC)
    Notice.objects.filter(mail="new").update(at=friday)
    monday = datetime(2026, 11, 30, 0, 30, tzinfo=UTC)
    assert [one.to for one in deliver(monday - timedelta(minutes=1))] == [], "not at the weekend"
    sent = {one.to[0]: one.subject for one in deliver(monday + timedelta(seconds=1))}
    assert sent == dict.fromkeys(("ann@example.com", "mei@example.com"), "Heli daily digest: 1 notices")
    assert signed_in("mei").send("PATCH", "/me/notices", {"mail": {"flow_work": "off"}}).status == 200
    again.apis.clear()
    again.reject("mei", "end", text="no")
    Play(world, TWO, world.make("ann", "opportunity", name="Three", amount="5000"))
    assert [one.to for one in deliver(clock.now() + timedelta(days=5)) if one.to == ["mei@example.com"]] == []


@pytest.mark.parametrize(
    ("body", "places"),
    [
        ({"quiet_from": "25:00"}, ["quiet_from"]),
        ({"quiet_from": ""}, ["quiet_from"]),
        ({"quiet_from": "08:00"}, ["quiet_to"]),
        ({"digest_at": ""}, ["digest_at"]),
        ({"digest_at": "8:30"}, ["digest_at"]),
        ({"mail": {"nothing": "now"}}, ["mail"]),
        ({"mail": {"mention": "often"}}, ["mail/mention"]),
        ({"digest_days": "never"}, ["digest_days"]),
        ({"other": 1}, ["other"]),
    ],
)
def test_bad_settings_are_refused_by_place(world: Company, body: dict[str, Any], places: list[str]) -> None:
    mei = signed_in("mei")
    before = mei.get("/me/notices").body
    answer = mei.send("PATCH", "/me/notices", body)
    assert (answer.status, answer.places) == (422, places)
    assert mei.get("/me/notices").body == before


def test_work_that_takes_its_time_climbs(world: Company) -> None:
    sla = '<heli:sla within="PT8H" remind="PT2H" escalate="PT4H"/>'
    file = process(task("ask", "person person=ann", more=sla), "s>ask", "ask>e", id="ask")
    nine = midweek()
    with clock.at(nine):  # a working day has nine hours
        play = Play(world, file, world.make("wei", "opportunity", name="Deal", amount="1"), "wei")
    for after, of_ann, of_mei in (
        (timedelta(hours=6, minutes=-1), [], []),
        (timedelta(hours=6, minutes=1), ["is due soon"], []),
        (timedelta(hours=8, minutes=1), ["is overdue", "is due soon"], []),
        (timedelta(hours=27, minutes=-1), ["is overdue", "is due soon"], []),
        (timedelta(hours=27, minutes=1), ["is overdue", "is due soon"], ["of Ann is overdue"]),
        (timedelta(days=26, hours=3), ["is overdue", "is due soon"], ["of Ann is overdue"]),
    ):
        with clock.at(nine + after):
            ladder.climb()
            ladder.climb()
            told_then = told("ann")[:-1]
            # that it is due soon is told no more once it is overdue: the page of the case says that too
            said = [next(w for w in ("is due soon", "is overdue") if w in one) for one in told_then]
            assert said == ["is overdue"] * len(of_ann) if "is overdue" in of_ann else said == of_ann, after
            assert [one.partition("” ")[2].partition(" since")[0] for one in told("mei")] == of_mei, after
    due = zone.told(nine + timedelta(hours=8))
    with clock.at(nine + timedelta(days=27)):
        assert told("mei") == [
            f"“ask” of Ann is overdue since {due}: Approval #{play.id}. Talk to them; where they cannot, ask who looks after "
            "processes to reassign it"
        ]
        gone = [one for one in play.seen("ann").body["history"] if one["what"] == "escalated"]
        assert [(one["person"]["name"], one["other"]["name"]) for one in gone] == [("Ann", "Mei")], (
            "to whom it has gone"
        )
        assert play.approve("ann").status in (200, 204)
        assert all(one["over"] for one in play.at("ann").get("/notices").body["items"])
        assert told("mei")[0].startswith(f"“ask” of Ann was not done by {due}; it was done on ")


def test_who_was_told_that_work_is_late_reads_who_has_it_now(world: Company) -> None:
    sla = '<heli:sla within="PT8H" escalate="PT4H"/>'
    file = process(task("ask", "person person=ann", more=sla), "s>ask", "ask>e", id="ask")
    nine = midweek()
    due = zone.told(nine + timedelta(hours=8))
    with clock.at(nine):
        play = Play(world, file, world.make("ann", "opportunity", name="Deal", amount="1"), "ann")
    with clock.at(nine + timedelta(hours=27, minutes=1)):
        ladder.climb()
        ladder.climb()
        [late] = play.seen("mei").body["work"]
        given = {"to": str(world.people["wei"]), "text": "she is ill"}
        reassigned = play.at("pam").send("POST", f"/flows/instances/{play.id}/work/{late['number']}/reassign", given)
        assert reassigned.status == 200, reassigned.body
        [now] = [one for one in play.seen("mei").body["work"] if one["state"] == "open"]
        till = zone.told(datetime.fromisoformat(now["due_at"]))
        [said, *_] = [one for one in told("mei") if "of Ann" in one]
        assert (
            said == f"“ask” of Ann was not done by {due}; it is with Wei now, due by {till}: Approval #{play.id}, Deal"
        )


@pytest.mark.parametrize(("outcome", "ends"), [("approve", "completed"), ("reject", "rejected")])
def test_what_nobody_decides_in_its_time_is_decided_by_itself_at_last(world: Company, outcome: str, ends: str) -> None:
    sla = f'<heli:sla within="PT8H" escalate="PT4H" outcome="{outcome}" after="P1D"/>'
    file = process(task("ask", "person person=ann", more=sla), "s>ask", "ask>e", id="ask")
    nine = midweek()
    with clock.at(nine):
        play = Play(world, file, world.make("wei", "opportunity", name="Deal", amount="1"), "wei")
    for after, state in (
        (timedelta(hours=8, minutes=1), "running"),  # overdue
        (timedelta(hours=27, minutes=1), "running"),  # the manager is told
        (timedelta(hours=31, minutes=58), "running"),
        (timedelta(hours=33, minutes=1), ends),
    ):
        with clock.at(nine + after):
            ladder.climb()
            ladder.climb()
        assert play.state == state, after
    assert told("mei"), "the manager was told before"
    last = [
        (one["what"], one["person"], one["outcome"])
        for one in play.seen("wei").body["history"]
        if one["what"] == "elapsed"
    ]
    assert last == [("elapsed", None, {"approve": "approved", "reject": "rejected"}[outcome])]
    assert play.queue("ann") == []


def test_a_step_that_does_something_is_not_approved_by_itself(world: Company) -> None:
    sla = '<heli:sla within="PT8H" outcome="approve"/>'
    file = process(task("ask", "person person=ann", more=sla, verb="win"), "s>ask", "ask>e", id="ask")
    refused = signed_in("pam").send("POST", "/flows/processes", {"source": file})
    assert "outcome" in {one["code"] for one in refused.body["problems"]}
    for bad in ('outcome="approve"', 'within="PT8H" outcome="pass"', 'within="PT8H" after="P1D"'):
        wrong = process(task("ask", "person person=ann", more=f"<heli:sla {bad}/>"), "s>ask", "ask>e", id="ask")
        assert signed_in("pam").send("POST", "/flows/processes", {"source": wrong}).status == 422


def test_who_began_it_urges_once_in_a_while(world: Company) -> None:
    play = Play(world, TWO, world.make("ann", "opportunity", name="Big", amount="5000"))
    assert play.seen("ann").body["may"]["urge"] and not play.seen("mei").body["may"]["urge"]
    urge = f"/flows/instances/{play.id}/urge"
    assert play.at("mei").send("POST", urge).status == 404 == play.at("wei").send("POST", urge).status
    assert play.at("ann").send("POST", urge).status == 200
    assert told("mei")[0] == f"Ann asks you to get on with “lead”: Approval #{play.id}, Big"
    again = play.at("ann").send("POST", urge)
    assert (again.status, again.code) == (409, "urged")
    with clock.at(clock.now() + timedelta(hours=5)):
        assert play.at("pam").send("POST", urge).status == 200
    play.reject("mei", "end", text="no")
    assert play.at("ann").send("POST", urge).status == 409


def test_mentions_and_requests_are_told_of_too(world: Company) -> None:
    deal = world.make("ann", "opportunity", name="Big", amount="5000")
    said = f"@{{{world.people['mei']}}} look"
    made = signed_in("ann").send(
        "POST", f"/records/opportunity/{deal}/comments", {"body": said, "mentions": [str(world.people["mei"])]}
    )
    assert made.status == 201
    assert told("mei") == ["Ann mentioned you in a comment on “Big”"]
    mei = signed_in("mei")
    assert mei.get("/pulse").body["notices"] == 1
    (mention,) = mei.get("/mentions?unseen=true").body["items"]
    assert mei.send("POST", "/mentions/seen", {"ids": [mention["id"]]}).status == 204
    assert mei.get("/pulse").body["notices"] == 0, "what was looked at in one place is seen in the other"
    gone = signed_in("ann").delete(
        f"/records/opportunity/{deal}/comments/{made.body['id']}", **{"If-Match": f'"{made.body["etag"]}"'}
    )
    assert gone.status == 204
    assert told("mei") == []


def test_who_has_left_gets_no_mail_and_nothing_is_lost_by_a_refusing_server(
    world: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    play = Play(world, TWO, world.make("ann", "opportunity", name="Big", amount="5000"))
    Notice.objects.update(at=NOON)
    real = mail.EmailMessage.send

    def down(*_: object, **__: object) -> int:
        raise ConnectionRefusedError

    monkeypatch.setattr(mail.EmailMessage, "send", down)
    assert deliver(NOON + timedelta(minutes=2)) == []
    assert Letter.objects.filter(sent_at=None).count() == 1
    monkeypatch.setattr(mail.EmailMessage, "send", real)
    assert [one.to for one in deliver(NOON + timedelta(hours=1))] == [["mei@example.com"]], "the job tries again"
    play.approve("mei")
    Notice.objects.filter(mail="new").update(at=NOON)
    leaving.leave(SETUP, world.people["fin"])
    assert [one for one in deliver(NOON + timedelta(hours=2)) if one.to == ["fin@example.com"]] == []
