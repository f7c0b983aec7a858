"""Figures of processes: what happened counts, of the cases somebody may know, and no way of a single case shows through a sum."""

from __future__ import annotations

import gzip
import time
from dataclasses import fields
from datetime import timedelta
from typing import Any, NoReturn

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.db.models import F
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from heli.access import grants
from heli.audit import entries
from heli.flows import logs
from heli.flows.analytics import others
from heli.flows.mining import kept, reading, xes
from heli.flows.mining.log import Log
from heli.flows.models import Instance, OtherLog, Work
from heli.jobs.worker import drain
from heli.kernel import clock
from tests.api.client import Api, Reply, signed_in
from tests.cases import TWO, Company, Play, midweek, process, task
from tests.world import SETUP, fresh

pytestmark = [pytest.mark.django_db, pytest.mark.storage]

FIGURES = "/flows/processes/deal/analytics"


@pytest.fixture
def world(db: None) -> Company:
    return fresh(Company)


def case(world: Company, amount: str, *, who: str = "ann", done: bool = True, sent_back: bool = False) -> Play:
    """A deal that mei lets pass, and finance above a thousand."""
    play = Play(world, TWO, world.make(who, "opportunity", name=f"Deal {amount}", amount=amount), who)
    play.approve("mei")
    if sent_back:
        play.reject("fin", "lead")
        play.approve("mei")
    if done and float(amount) > 1000:
        play.approve("fin")
    return play


def back(play: Play, hours: int) -> None:
    """It waited so long at its first step: put back to then."""
    for work in Work.objects.filter(
        instance_id=int(play.id),
        state=Work.DONE,
        node=Work.objects.filter(instance_id=int(play.id)).order_by("number")[0].node,
    ):
        Work.objects.filter(pk=work.pk).update(opened_at=work.done_at - timedelta(hours=hours) if work.done_at else None)  # fmt: skip
    row = Instance.objects.get(pk=int(play.id))
    Instance.objects.filter(pk=row.pk).update(started_at=row.started_at - timedelta(hours=hours))


def node(body: Any, id: str) -> Any:
    return next((one for one in body["nodes"] if one["id"] == id), None)


def test_figures_are_what_happened(world: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_AHEAD", midweek() + timedelta(hours=8) - clock.now())
    for amount in ("500", "900", "5000"):
        back(case(world, amount), 30)
    case(world, "7000", sent_back=True)
    case(world, "8000", done=False)
    found = signed_in("mei").get(FIGURES).body
    assert (found["whole"]["cases"], found["whole"]["running"], found["knows_all"], found["untold"]) == (4, 1, True, 0)
    assert found["whole"]["first_time_right"] == 0.75 and found["whole"]["rework"] == 0.25
    lead, money = node(found, "lead"), node(found, "money")
    assert (lead["figures"]["cases"], lead["figures"]["visits"], lead["wip"]) == (4, 5, 0)
    assert (money["figures"]["cases"], money["figures"]["repeated"], money["figures"]["rejected"], money["wip"]) == (
        2,
        1,
        1,
        1,
    )
    assert 29.9 * 3600 < lead["figures"]["wait"]["calendar"]["p90"] < 30.1 * 3600
    assert found["bottleneck"] == "lead"
    assert sum(lead["figures"]["causes"].values()) == pytest.approx(1, abs=0.001)
    ways = {(one["source"], one["target"]): one["cases"] for one in found["edges"]}
    assert ways["s", "lead"] == 5 and ways["x1", "money"] == 3 and ways["x1", "e"] == 2 and ways["money", "e"] == 2
    assert [(one["source"], one["target"], one["count"]) for one in found["returns"]] == [("money", "lead", 1)]
    assert [(one["node"], one["title"], [p["username"] for p in one["holders"]]) for one in found["waiting"]] == [
        ("money", "Deal 8000", ["fin"])
    ]
    ways = signed_in("mei").get(f"{FIGURES}/ways").body
    assert [(one["path"], one["cases"]) for one in ways["variants"]["items"]] == [
        (["lead"], 2), (["lead", "money"], 1), (["lead", "money", "lead", "money"], 1),
    ]  # fmt: skip
    assert {one["person"] for one in ways["people"]} == {str(world.people["mei"])}, "finance reports to nobody here"
    east, finance = str(world.departments["east"]), str(world.departments["finance"])
    assert [(one["source"], one["target"], one["count"]) for one in ways["handoffs"]["pairs"]] == [
        (east, finance, 3),
        (finance, east, 1),
    ]
    assert ways["handoffs"]["rallies"][0]["cases"] == 1
    beside = signed_in("mei").get(f"{FIGURES}/versions?one=1&other=1").body
    assert [one["cases"] for one in beside["sides"]] == [4, 4] and beside["difference"] is None, "too few to conclude"


ANY = process(
    task("lead", "manager"), task("one", "position finance"), task("two", "position support", show="name"), task("last", "manager"),
    '<inclusiveGateway id="o1" default="f11"/>', '<inclusiveGateway id="o2"/>', '<inclusiveGateway id="o3"/>',
    "s>lead", "lead>x1", "x1>o1", "x1>e if record.amount = 1", "o1>o3", "o1>one if record.amount > 100", "o1>two if record.amount > 1000",
    "one>o2", "two>o2", "o2>o3", "o3>last", "last>e",
)  # fmt: skip


def looked_at(minutes: int) -> None:
    """Whatever was done had been looked at so long before."""
    Work.objects.filter(state=Work.DONE).update(seen_at=F("done_at") - timedelta(minutes=minutes))


def suggested(who: str, place: str = "lead") -> dict[str, dict[str, Any]]:
    found = signed_in(who).get(FIGURES).body["suggestions"]
    return {one["code"]: one for one in found if one["node"] == place}


def test_a_suggestion_says_what_its_values_may_go_by(world: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits by how long the step takes and waits."""
    monkeypatch.setattr(clock, "_AHEAD", midweek() + timedelta(hours=8) - clock.now())
    plays = [case(world, str(400 + 10 * n)) for n in range(22)]
    plays.append(case(world, "1234", sent_back=True))
    for at, play in enumerate(plays):
        back(play, 1 + at // 8)
    looked_at(1)
    limits = next(
        one["figures"] for code, one in suggested("mei").items() if code in ("oftener", "deputy", "in_turn", "remind")
    )
    assert limits["of"] == 24 and 1.9 * 3600 < limits["p75"] <= limits["p90"] <= limits["p95"] < 3.1 * 3600, limits
    assert "automate" not in suggested("mei"), "of so few nothing is concluded, however well they went"


def test_what_could_pass_by_itself_is_held_against_newer_cases(world: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """Up to an amount that follows from the older cases; of records whose amounts who looks reads, and what the step fills in."""
    start, apis = midweek() - clock.now(), {}

    def pass_by(n: int, amount: int, what: str = "approve", **more: Any) -> None:
        monkeypatch.setattr(clock, "_AHEAD", start + timedelta(minutes=3 * n))
        play = Play(world, TWO, world.make("ann", "opportunity", name=f"Deal {n}", amount=str(amount)))
        play.apis = apis
        monkeypatch.setattr(clock, "_AHEAD", start + timedelta(minutes=3 * n + 2))
        moved = play.reject("mei", "end", **more) if what == "reject" else play.approve("mei", **more)
        assert moved.status == 200, moved.body

    for n in range(150):
        amount = 400 + 37 * n % 600
        filled = {"values": {"next_follow_on": "2030-01-01"}} if 800 < amount <= 900 else {}
        pass_by(n, amount, "reject" if amount > 900 else "approve", **filled)
    looked_at(1)
    assert "automate" not in suggested("mei"), "fifty of the 75 newer ones would pass: too few to say"
    apis.clear()
    for n in range(150, 200):
        pass_by(n, 400 + 7 * n % 400)
    looked_at(1)
    found = suggested("mei")["automate"]
    told = found["figures"]
    assert told["upto.amount"] == 790, "what was refused is above 900, and what was filled in above 800"
    assert (told["older"], told["learned"], told["newer"], told["through"], told["wrong"]) == (100, 65, 100, 83, 0)
    assert (found["n"], told["passed"], told["looked"], told["read"], told["all"]) == (148, 1, 60, 200, 200)
    assert 0 == told["low"] < told["high"] < 0.05
    assert told["saved"] == pytest.approx(60, abs=1) and told["saved_all"] == pytest.approx(63 * 60, abs=60), (
        "twenty came after six"
    )
    assert "automate" not in suggested("pam"), "who reads no amount is told of all cases: too many were refused"
    where = [["amount", "<", "850"]]
    grants.grant_lines(SETUP, [{"type": "opportunity", "actions": ["read"], "scope": ["all"], "where": where, "read": {"*": "read"}}], "person",
                       str(world.people["pam"]))  # fmt: skip
    other = suggested("pam")["automate"]["figures"]
    assert (other["upto.amount"], other["read"], other["all"], other["wrong"]) == (790, 164, 200, 0), (
        "of those that she reads"
    )


def test_inclusive_gateways_tell_the_ways_taken_and_what_waits_at_them(world: Company) -> None:
    moves: tuple[tuple[str, str], ...] = (
        ("5", ""),
        ("500", ""),
        ("500", "fin"),
        ("5000", ""),
        ("5000", "fin"),
        ("6000", "fin sue"),
        ("1", ""),
    )
    for amount, more in moves:
        play = Play(world, ANY, world.make("ann", "opportunity", name=f"Deal {amount}", amount=amount))
        play.approve("mei")
        for who in more.split():
            play.approve(who)
        if amount == "6000":
            play.approve("mei")
    found = signed_in("mei").get(FIGURES).body
    ways = {(one["source"], one["target"]): one["cases"] for one in found["edges"]}
    assert ways["x1", "o1"] == 6 and ways["o1", "o3"] == 1, "by no condition: the default alone"
    assert (ways["o1", "one"], ways["o1", "two"]) == (5, 3), "three went both ways"
    assert (ways["one", "o2"], ways["two", "o2"], ways["o2", "o3"], ways["o3", "last"]) == (3, 1, 2, 3)
    waiting = {one["id"]: one["waiting"] for one in found["shapes"]}
    assert (waiting["o2"], waiting["o3"]) == (1, 0), "finance is done, support is not"
    assert waiting["o1"] is waiting["one"] is None, "nothing waits where ways part"
    unseen = {one["id"]: one["waiting"] for one in signed_in("pam").get(FIGURES).body["shapes"]}
    assert unseen["o2"] is None, "one is too few to tell"


PAID = (
    '<intermediateCatchEvent id="paid" name="付款了 / Paid"><extensionElements><heli:on event="payment"/></extensionElements>'
    "<messageEventDefinition/></intermediateCatchEvent>"
)
DAYS = "<timerEventDefinition><timeDuration>P{n}D</timeDuration></timerEventDefinition>"
FIRST = process(
    task("look", "manager"), '<eventBasedGateway id="g"/>', PAID,
    f'<intermediateCatchEvent id="late" name="三天了 / Three days">{DAYS.format(n=3)}</intermediateCatchEvent>',
    f'<intermediateCatchEvent id="week" name="一周后 / A week later">{DAYS.format(n=7)}</intermediateCatchEvent>',
    task("thank", "manager"), "s>look", "look>x1", "x1>week", "x1>g if record.amount > 99", "g>paid", "g>late", "paid>thank", "late>thank",
    "week>e", "thank>e",
)  # fmt: skip


def test_cases_that_wait_for_what_is_to_happen_stand_where_they_wait(world: Company) -> None:
    plays = [
        Play(world, FIRST, world.make("ann", "opportunity", name=f"Deal {n}", amount=n)) for n in ("500", "600", "5")
    ]
    for play in plays:
        play.approve("mei")
    record = Instance.objects.get(pk=int(plays[0].id)).record_id
    told = {"name": "payment", "key": record, "data": {}, "id": "m1"}
    assert signed_in("pam").send("POST", "/flows/messages", told).status == 202
    drain()
    found = signed_in("mei").get(FIGURES).body
    waiting = {one["id"]: one["waiting"] for one in found["shapes"]}
    assert {one: waiting[one] for one in ("g", "paid", "late", "week")} == {"g": 1, "paid": 0, "late": 0, "week": 1}
    ways = {(one["source"], one["target"]): one["cases"] for one in found["edges"]}
    assert (ways["x1", "g"], ways["g", "paid"], ways["g", "late"]) == (2, 1, 0), "who waits has come there"
    assert (ways["x1", "week"], ways["week", "e"]) == (1, 0)
    unseen = {one["id"]: one["waiting"] for one in signed_in("pam").get(FIGURES).body["shapes"]}
    assert unseen["g"] is unseen["week"] is None, "one is too few to tell"


def test_who_may_not_know_a_way_has_no_figures_of_it(world: Company) -> None:
    """A colleague who sees the deals, but not what they are worth, learns nothing of which way they went."""
    case(world, "500")
    world.add("amy", "east", "rep")
    before = [
        signed_in("amy").get(FIGURES + more) for more in ("", "/ways", "/versions?one=1&other=1", "?department=2")
    ]
    case(world, "5000")
    case(world, "600", done=False)
    after = [signed_in("amy").get(FIGURES + more) for more in ("", "/ways", "/versions?one=1&other=1", "?department=2")]
    assert [(one.status, one.body) for one in before] == [(one.status, one.body) for one in after]
    assert before[0].body["whole"]["cases"] == 0 and before[0].body["nodes"] == []
    # One that she is told of is hers to follow: that it is left out is said, its way is not.
    play = case(world, "9000")
    play.at("ann").send("POST", f"/flows/instances/{play.id}/copy", {"people": [str(world.people["amy"])]})
    told = signed_in("amy").get(FIGURES).body
    assert (told["untold"], told["whole"]["cases"], told["nodes"], told["waiting"]) == (1, 0, [], [])
    assert signed_in("ann").get(FIGURES).body["whole"]["cases"] == 4, "her own, which she reads"
    assert signed_in("wei").get(FIGURES).body["whole"]["cases"] == 0, "another region sees none of the deals"


def test_who_looks_after_processes_sees_sums_but_no_single_way(world: Company) -> None:
    for amount in ("100", "200", "300", "400", "5000"):
        case(world, amount)
    case(world, "6000", done=False)
    pam = signed_in("pam")
    found = pam.get(FIGURES).body
    assert (found["whole"]["cases"], found["knows_all"], found["waiting"], found["departments"]) == (5, False, [], [])
    assert node(found, "lead")["figures"]["cases"] == 5
    money = node(found, "money")
    assert (money["few"], money["figures"], money["wip"], money["daily"]) == (True, None, None, [])
    assert {(one["source"], one["target"]): one["cases"] for one in found["edges"]}["x1", "money"] is None
    ways = pam.get(f"{FIGURES}/ways").body
    assert (ways["variants"]["items"], ways["variants"]["all"], ways["people"]) == ([], 0, []), "not even how many ways"
    assert ways["handoffs"]["pairs"] == []
    refused = pam.get(f"{FIGURES}?department={world.departments['east']}")
    assert (refused.status, refused.code) == (403, "few")
    # Somebody who reads the deals sees it all.
    grants.grant_lines(
        SETUP, [{"type": "process", "actions": ["administer"], "scope": ["all"]}], "person", str(world.people["boss"])
    )
    whole = signed_in("boss").get(FIGURES).body
    assert whole["knows_all"] and node(whole, "money")["figures"]["cases"] == 1
    assert [one["title"] for one in whole["waiting"]] == ["Deal 6000"]


def test_what_is_not_there_and_what_is_asked_wrongly(world: Company) -> None:
    case(world, "500")
    api = signed_in("mei")
    assert api.get("/flows/processes/ghost/analytics").status == 404
    assert api.get(f"{FIGURES}?days=31").status == 422
    assert api.get(f"{FIGURES}?version=0").status == 422
    assert api.get(f"{FIGURES}/versions?one=1&other=9").body["problems"][0]["place"] == "other"
    with clock.at(clock.now() + timedelta(days=400)):
        later = signed_in("mei").get(FIGURES)
        assert later.status == 200 and later.body["whole"]["cases"] == 0


def test_what_if_needs_cases_and_known_steps(world: Company) -> None:
    case(world, "500")
    api = signed_in("mei")
    assert [(one["id"], one["people"]) for one in api.get(f"{FIGURES}/steps").body["items"]] == [("lead", 1)]
    few = api.send("POST", f"{FIGURES}/what-if", {"changes": [{"node": "lead", "people": 2}]})
    assert (few.status, few.code) == (409, "few")
    unknown = api.send("POST", f"{FIGURES}/what-if", {"changes": [{"node": "ghost", "people": 2}]})
    assert unknown.body["problems"][0]["place"] == "changes/0/node"
    assert (
        signed_in("wei").send("POST", f"{FIGURES}/what-if", {"changes": [{"node": "lead", "people": 2}]}).status == 422
    )


def test_an_improvement_is_noted_and_closed_by_a_version(world: Company) -> None:
    case(world, "500")
    pam, where = signed_in("pam"), "/flows/processes/deal/improvements"
    made = pam.send(
        "POST", where, {"title": "More hands", "code": "staff", "node": "lead", "evidence": {"share": 0.48}}
    )
    assert (made.status, made.body["before"], made.body["state"]) == (201, 1, "open")
    assert pam.send("POST", where, {"title": "  "}).status == 422
    close = f"/flows/improvements/{made.body['id']}/close"
    assert (
        signed_in("mei").get(where).status == 404 and signed_in("mei").send("POST", close, {"version": 1}).status == 404
    )
    assert signed_in("mei").send("POST", where, {"title": "mine"}).status == 404
    assert pam.send("POST", close, {"version": 7}).body["problems"][0]["place"] == "version"
    assert pam.send("POST", close, {"version": 1, "text": "done"}).body["state"] == "done"
    assert pam.send("POST", close, {}).code == "closed"
    assert [(one["title"], one["after"], one["evidence"]) for one in pam.get(where).body["items"]] == [
        ("More hands", 1, {"share": 0.48})
    ]
    assert [one.action for one in entries.query(object_type="process", object_id="deal")][:2] == [
        "process.improved",
        "process.improve",
    ]


def test_a_log_of_another_system_is_seen_in_the_same_views_by_its_uploader_alone(world: Company) -> None:
    rows = [
        f"c{n},{what},p{n % 3},2026-03-0{day} 1{n}:00"
        for n in range(6)
        for day, what in ((2, "in"), (3, "check"), (4, "out"))
    ]
    file = ("单号,环节,处理人,完成时间\n" + "\n".join(rows)).encode("gb18030")
    mei = signed_in("mei")
    made = upload(mei, "日志.csv", file)
    assert (made.status, made.body["state"], made.body["events"]) == (201, "waiting", 0)
    where = f"/flows/logs/{made.body['id']}"
    early = mei.get(where)
    assert (early.status, early.code) == (409, "reading"), "no request waits for it"
    known = was_read(mei, made)
    assert (known["state"], known["done"], known["cases"], known["events"]) == ("ready", 100, 6, 18)
    assert bytes(OtherLog.objects.get(pk=made.body["id"]).content) == b"", (
        "the file itself is kept no longer than it takes"
    )
    assert [one.action for one in entries.query(object_type="process_log")][:2] == [
        "process_log.read",
        "process_log.upload",
    ]
    found = mei.get(where).body
    assert (found["whole"]["cases"], found["knows_all"], found["bottleneck"]) == (6, True, "check")
    assert {(one["source"], one["target"]): one["cases"] for one in found["edges"]} == {
        ("in", "check"): 6,
        ("check", "out"): 6,
    }
    assert found["of_log"] == {"events": 18, "since": "2026-03-02T02:00:00+00:00", "until": "2026-03-04T07:00:00+00:00"}
    assert (found["waiting"], found["whole"]["wait_share"], found["whole"]["aged"]) == ([], None, 0), (
        "it is over, and notes no starts"
    )
    assert {(one["wip"], one["usual"], len(one["daily"])) for one in found["nodes"]} == {(None, 0, 0)}, (
        "nothing stands anywhere now"
    )
    assert mei.get(f"{where}/ways").body["variants"]["items"][0]["path"] == ["in", "check", "out"]
    assert signed_in("pam").get(where).status == 404 and signed_in("pam").get("/flows/logs").body["items"] == []
    assert upload(mei, "x.csv", b"a,b\n1,2\n").body["problems"][0]["place"] == "case"
    assert upload(mei, "x.csv", b"a,b,c\n1,x,2026-01-01\n", case="a", activity="b", time="c").status == 201
    hostile = upload(mei, "x.xes", b"<!DOCTYPE log><log/>")
    assert was_read(mei, hostile)["problems"][0]["code"] == "hostile"
    shown = mei.get(f"/flows/logs/{hostile.body['id']}/ways")
    assert (shown.status, shown.code) == (409, "unread") and "文档类型" in shown.body["message"]["zh"]
    assert upload(mei, "x.csv", file, colour="red").status == 422
    assert signed_in("pam").send("DELETE", where).status == 404
    assert mei.send("DELETE", where).status == 204 and mei.get(where).status == 404


def test_an_uploaded_log_keeps_no_process_busy(world: Company) -> None:
    """Cases of a thousand visits took most of a minute, two hundred thousand activities far more."""
    ann = signed_in("ann")
    head = "case,activity,time\n"
    rows = (f"{i // 1000},a{i % 50},2026-01-{1 + i % 28:02d}T{i % 24:02d}:{i % 60:02d}:00Z\n" for i in range(20_000))
    made = upload(ann, "long.csv", (head + "".join(rows)).encode())
    began = time.process_time()
    was_read(ann, made)
    assert ann.get(f"/flows/logs/{made.body['id']}").status == 200
    assert time.process_time() - began < 5
    many = "".join(f"1,a{i},2026-01-01T00:00:00Z\n" for i in range(300))
    assert was_read(ann, upload(ann, "many.csv", (head + many).encode()))["problems"][0]["code"] == "too_large"
    wide = gzip.compress(b"<log>" + b" " * (65 * 2**20) + b"</log>")
    assert was_read(ann, upload(ann, "wide.xes", wide))["problems"][0]["code"] == "too_large"


XES = (
    '<?xml version="1.0" encoding="{}"?><log><trace><string key="concept:name" value="c1"/>'
    '<event><string key="concept:name" value="提交 ü"/><date key="time:timestamp" value="2026-01-01T10:00:00+08:00"/></event></trace></log>'
)
TABLE = "case,activity,timestamp\nc1,提交,2026-01-01\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("gb.xes", XES.format("GB18030").encode("gb18030")),
        ("gbk.xes", XES.replace(" ü", "").format("gbk").encode("gbk")),
        ("wide.xes", XES.format("UTF-16").encode("utf-16")),
        ("marked.xes.gz", gzip.compress(b"\xef\xbb\xbf" + XES.format("UTF-8").encode())),
        ("wide.csv", TABLE.encode("utf-16")),
        ("packed.csv.gz", gzip.compress(TABLE.encode())),
    ],
)
def test_logs_are_read_as_they_are_written(world: Company, name: str, content: bytes) -> None:
    mei = signed_in("mei")
    made = upload(mei, name, content)
    known = was_read(mei, made)
    assert (known["state"], known["events"]) == ("ready", 1), known
    found = signed_in("mei").get(f"/flows/logs/{made.body['id']}").body
    assert [one["id"].partition(" ")[0] for one in found["nodes"]] == ["提交"]


@pytest.mark.parametrize(
    "content", [b"case,activity,time\r1,a,2026-01-01\r", b"case,activity\r,time\n1,a,2026-01-01\n"]
)
def test_lines_that_end_as_they_did_long_ago_break_no_upload(world: Company, content: bytes) -> None:
    mei = signed_in("mei")
    made = upload(mei, "old.csv", content)
    assert made.status == 201, made.body
    assert was_read(mei, made)["state"] in ("ready", "failed")


def test_what_no_database_keeps_breaks_neither_an_upload_nor_the_job_that_reads_it(world: Company) -> None:
    """PostgreSQL stores no NUL: neither in what a column is called nor in what is quoted of a file."""
    mei = signed_in("mei")
    named = upload(mei, "x.csv", b'"a",b,c\n1,x,2026-01-01\n', case="\0", activity="b", time="c")
    assert (named.status, named.places) == (422, ["case"])
    far = b"case,activity,time\n" + b"1,a,2026-01-01\n" * 6000 + b"1,a,2026\0-01-01\n"
    known = was_read(mei, upload(mei, "far.csv", far))
    assert (known["state"], known["problems"][0]["code"]) == ("failed", "moment")
    assert "2026\ufffd-01-01" in known["problems"][0]["message"]["en"]


def test_a_database_that_is_away_for_a_moment_costs_nobody_their_log(
    world: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was told to be a fault of the program, and the file was gone."""
    mei = signed_in("mei")
    made = upload(mei, "x.csv", TABLE.encode())

    def away(*_given: object, **_more: object) -> None:
        raise OperationalError("database is locked")

    with monkeypatch.context() as patched:
        patched.setattr(others, "_kept", away)
        with pytest.raises(OperationalError):
            others.take(int(made.body["id"]))
    [known] = mei.get("/flows/logs").body["items"]
    assert (known["state"], known["problems"]) == ("reading", [])
    assert was_read(mei, made)["state"] == "ready"


def test_a_small_archive_of_nothing_but_commas_is_not_taken_apart(
    world: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cell takes many times the byte of its comma: what unpacks to no more than a log may have would take gigabytes at each look."""
    monkeypatch.setattr(others, "MOST_CELLS", 5_000)
    wide = b"case,activity,time" + b"," * 1_000 + b"\n" + (b"1,a,2026-01-01" + b"," * 1_000 + b"\n") * 5
    for content in (
        wide,
        gzip.compress(wide),
        b"case,activity,time\n" + b"\n" * 6_000,
        b'case,activity,"time"\n' + b"," * 6_000,
    ):
        mei = signed_in("mei")
        [problem] = was_read(mei, upload(mei, "wide.csv", content))["problems"]
        assert problem["code"] == "too_large"
        assert "5000 个单元格" in problem["message"]["zh"] and "5000 cells" in problem["message"]["en"]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("no.xes", b"this is no xml\nat all\n", "文件名是 XES，内容却不是 XML；CSV 请用 .csv 作后缀"),
        ("cut.xes", XES.format("UTF-8").encode()[:150], "第 1 行不是合法的 XML：文件在标签中间断了"),
        ("latin.xes", XES.replace("提交", "").format("UTF-8").encode("latin-1"), "第 1 行不是合法的 XML：有不允许的字符，或编码不对"),
        ("odd.xes", XES.format("klingon").encode(), "文件声明的编码“klingon”不认识，请用 UTF-8 另存"),
        ("not-gbk.xes", XES.format("GB18030").encode("gb18030")[:-20] + b"\xff\xff", "文件声明编码是 GB18030，内容却不是"),
        ("no-time.xes", XES.replace("time:timestamp", "time").format("UTF-8").encode(), "第 1 个事件：事件没有时间（time:timestamp）"),
        ("bad-time.xes", XES.replace("2026-01-01T", "yesterday ").format("UTF-8").encode(),
         "第 1 个事件：“yesterday 10:00:00+08:00”不是可以读懂的时间"),
        ("bad-time.csv", TABLE.encode() + b"c1,a,31.31.2026\n", "第 2 个事件：“31.31.2026”不是可以读懂的时间"),
        ("ragged.csv", TABLE.encode() + b'c1,"a"\n', "第 3 行：这一行有 2 格，表头有 3 格"),
        ("head.csv", b"a,b,c\n1,2,3\n", "找不到表示案例的列，请指明是哪一列。文件的列：a、b、c"),
        ("empty.csv", b"", "文件是空的"),
        ("empty.xes", b"<log/>", "文件里没有事件"),
        ("bad.gz", b"\x1f\x8b\x08\x00junk", "压缩文件已损坏，解不开"),
        ("book.xlsx", b"PK\x03\x04" + bytes(100), "这是 Excel 或 ZIP 文件：请另存为 CSV，或先解压"),
        ("picture.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "不是文本：XES 和 CSV 应是 UTF-8、UTF-16 或 GB18030（GBK）编码的文本"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_where_and_why(world: Company, name: str, content: bytes, says: str) -> None:
    mei = signed_in("mei")
    made = upload(mei, name, content)
    at_once = made.status == 422
    begins = ("no.xes", "head.csv", "empty.csv", "bad.gz", "book.xlsx", "picture.png")
    assert at_once == (name in begins), "what the beginning tells"
    problem = (made.body if at_once else was_read(mei, made))["problems"][0]
    told = problem["message"]
    assert told["zh"] == says
    assert told["en"].isascii() or "“" in told["en"], "nothing of it is left in Chinese"


def upload(api: Api, name: str, content: bytes, **fields: str) -> Reply:
    raw = encode_multipart(BOUNDARY, {"file": SimpleUploadedFile(name, content), **fields})
    return api.send("POST", "/flows/logs", raw=raw, media=MULTIPART_CONTENT)


def was_read(api: Api, made: Reply) -> dict[str, Any]:
    """What the list says of an uploaded log once the worker has been at it."""
    assert made.status == 201, made.body
    drain()
    return dict(next(one for one in api.get("/flows/logs").body["items"] if one["id"] == made.body["id"]))


def test_a_log_that_could_not_be_read_takes_nobody_s_room(world: Company) -> None:
    mei = signed_in("mei")
    kept = [upload(mei, f"{n}.csv", TABLE.encode()) for n in range(4)]
    broken = upload(mei, "broken.xes", b"<html/>")
    assert was_read(mei, broken)["state"] == "failed"
    kept.append(upload(mei, "4.csv", TABLE.encode()))
    assert kept[-1].status == 201, kept[-1].body
    full = upload(mei, "5.csv", TABLE.encode())
    assert (full.status, full.code) == (409, "full")
    left = {one["id"] for one in mei.get("/flows/logs").body["items"]}
    assert left == {one.body["id"] for one in kept}, "one that is read or waits stays"


def test_a_log_that_ends_its_worker_says_so_and_is_tried_no_more(
    world: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    mei = signed_in("mei")
    made = upload(mei, "a.csv", TABLE.encode())
    number = int(made.body["id"])

    def dies(*_: object, **__: object) -> NoReturn:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(others.reading, "read", dies)
        for _ in range(2):
            with pytest.raises(SystemExit):
                others.take(number)
            assert mei.get("/flows/logs").body["items"][0]["state"] == "reading"
    with clock.later(seconds=3600):
        assert logs.again.call() == 1, "whose job has gone is asked for again"
        known = was_read(mei, made)
    assert (known["state"], known["problems"][0]["code"], known["events"]) == ("failed", "died", 0)
    assert OtherLog.objects.get(pk=number).told in (b"", memoryview(b"")), "nothing of it is there"
    with clock.later(seconds=7200):
        assert logs.again.call() == 0


def test_a_failure_of_the_program_s_own_is_said_and_a_log_that_is_deleted_meanwhile_stays_so(
    world: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    mei = signed_in("mei")
    broken, gone = upload(mei, "a.csv", TABLE.encode()), upload(mei, "b.csv", TABLE.encode())

    def fails(*_: object, **__: object) -> NoReturn:
        OtherLog.objects.filter(pk=gone.body["id"]).delete()
        raise ZeroDivisionError

    monkeypatch.setattr(others.reading, "read", fails)
    drain()
    [known] = mei.get("/flows/logs").body["items"]
    assert (known["id"], known["state"], known["problems"][0]["code"]) == (broken.body["id"], "failed", "broken")


def test_figures_of_a_release_before_are_worked_out_anew(world: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    mei = signed_in("mei")
    made = upload(mei, "a.csv", TABLE.encode())
    was_read(mei, made)
    where = f"/flows/logs/{made.body['id']}"
    before = mei.get(where).body
    monkeypatch.setattr(others, "FORM", "later")
    early = mei.get(where)
    assert (early.status, early.code) == (409, "reading")
    assert was_read(mei, made)["state"] == "ready"
    assert mei.get(where).body == before


def test_how_far_it_is_is_told(world: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    mei, seen = signed_in("mei"), []
    monkeypatch.setattr(others, "OFTEN", 0)
    monkeypatch.setattr(xes, "CHUNK", 2_000)
    events = (
        '<event><string key="concept:name" value="a"/><date key="time:timestamp" value="2026-01-01T10:00:00Z"/></event>'
    )
    made = upload(mei, "a.xes", f"<log><trace>{events * 200}</trace></log>".encode())
    told = others._Told.__call__

    def noted(self: Any, share: float) -> None:
        told(self, share)
        seen.append(OtherLog.objects.get(pk=made.body["id"]).done)

    monkeypatch.setattr(others._Told, "__call__", noted)
    was_read(mei, made)
    assert seen == sorted(seen) and len(set(seen)) > 5 and seen[-1] > 80


def test_a_log_is_kept_as_it_was_read(world: Company) -> None:
    found, _ = reading.read(TABLE.encode() + "c2,批准,2026-02-01\n".encode())
    again = kept.unpack(kept.pack(found))
    for one in fields(Log):
        before, after = getattr(found, one.name), getattr(again, one.name)
        same = (
            np.array_equal(before, after)
            if isinstance(before, np.ndarray)
            else (before == after or list(before) == after)
        )
        assert same, one.name
