"""Reviews of rights and people's leaving run as cases: the company's process says when and who else, the review decides as ever."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from heli.access import grants
from heli.api import reviews
from heli.crm import processes
from heli.flows import clockwork, definitions, ladder, told_of
from heli.flows.models import Work
from heli.jobs.worker import drain
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.notices.models import Notice
from heli.org import zone
from heli.org.verbs import departments, reporting
from heli.policy.models import Draft
from heli.review import deadline, decide, report
from heli.review.models import Item
from tests.api.client import Api, Reply, signed_in
from tests.cases import midweek
from tests.world import SETUP, World

pytestmark = pytest.mark.storage

SECURITY = [{"type": "policy", "actions": ["read", "administer", "grant"], "scope": ["all"]}]
ADMIN = [{"type": "organisation", "actions": ["read", "administer"], "scope": ["all"]}]
DESIGNER = [{"type": "process", "actions": ["read", "administer"], "scope": ["all"]}]
EXPORT = [{"type": "account", "actions": ["read", "export"], "scope": ["all"], "read": {"*": "read"}}]
HEAD_FIRST = """<userTask id="head" name="部门负责人先看 / The head looks first">
  <extensionElements>
    <heli:assignee rule="person" person="wei"/>
    <heli:people mode="any" empty="administrator"/>
    <heli:moves allow="transfer"/>
  </extensionElements>
</userTask>
<sequenceFlow id="f_head" sourceRef="head" targetRef="judge"/>"""


class Company(World):
    """The small company with an administrator, and its processes for reviews and leaving in use."""

    def __init__(self) -> None:
        super().__init__()
        for name, lines in (("adm", ADMIN), ("pam", DESIGNER)):
            self.add(name, "root", None)
            grants.grant_lines(SETUP, lines, "person", str(self.people[name]))
        departments.set_head(SETUP, self.departments["east"], self.people["mei"])
        for code in ("access_review", "offboarding"):
            definitions.ship(SETUP, processes.source(code))
        self.clients: dict[str, Api] = {}

    def at(self, name: str) -> Api:
        if name not in self.clients:
            self.clients[name] = signed_in(name)
        return self.clients[name]

    def notice(self, who: str, on: date | None) -> Reply:
        body = {"on": None if on is None else on.isoformat()}
        return self.at("adm").post(f"/organisation/people/{self.people[who]}/notice", body)

    def cases(self, who: str, process: str) -> list[dict[str, Any]]:
        """Cases of a process that somebody has work in, as the list of their work shows them."""
        reply = self.at(who).get("/flows/work")
        return [one for one in reply.body["items"] if one["process"] == process]

    def case(self, who: str, number: str) -> dict[str, Any]:
        reply = self.at(who).get(f"/flows/instances/{number}")
        assert reply.status == 200, reply.body
        return dict(reply.body)


@pytest.fixture
def company(db: None) -> Company:
    from tests import world

    return world.fresh(Company)


def now(found: dict[str, Any]) -> list[str]:
    return [one["id"] for one in found["nodes"] if one["standing"] == "current"]


def in_days(n: int) -> date:
    return zone.today() + timedelta(days=n)


# -- reviews -----------------------------------------------------------------------------------------------------------------


def start(company: Company) -> None:
    assert (
        company.at("boss")
        .post("/access/reviews", {"kind": "department", "department": str(company.departments["east"])})
        .status
        == 201
    )
    drain()


def test_what_rolls_over_waits_for_its_reviewer_as_long_as_it_does(company: Company) -> None:
    tasks = [{"type": "task", "actions": ["read", "edit"], "scope": ["all"]}]
    plain = grants.grant_lines(SETUP, tasks, "person", str(company.people["ann"])).pk
    reply = company.at("boss").post("/access/reviews", {"kind": "all", "days": 5})
    assert reply.status == 201, reply.body
    drain()
    mei = company.people["mei"]
    item = Item.objects.get(grant_id=plain)
    batch = str(item.batch_id)

    def shown() -> dict[str, Any]:
        return next(one for one in report.batches(mei) if one["id"] == batch)

    assert shown()["days_left"] == 5, "days of the calendar: it was begun just now"
    Item.objects.exclude(pk=item.pk).update(state=Item.KEPT, submitted_at=clock.now())
    work = Work.objects.filter(person_id=mei, state=Work.OPEN)
    told = Notice.objects.filter(person_id=mei, kind=told_of.REMINDED)
    with clock.later(days=5, seconds=1):
        deadline.close_due.call()
        assert (shown()["days_left"], shown()["done"]) == (14, False), "not due today, as its campaign was"
        assert [one["id"] for one in reviews.waiting(mei)] == [batch], "and it stays on the workbench"
        item.refresh_from_db()
        assert work.get().due_at == item.due, "its case has as much time"
    with clock.later(days=17, hours=1):
        ladder.climb()
        assert told.count() == 1, "and they are reminded before it ends"


def test_who_misses_a_review_hears_what_became_of_it_and_then_so_does_their_manager(company: Company) -> None:
    """Only the first was told, that "the step" was due; and nobody above: the deadline put the step off before it could climb."""
    tasks = [{"type": "task", "actions": ["read", "edit"], "scope": ["all"]}]
    reporting.set_manager(SETUP, company.people["mei"], company.people["boss"])
    given = [
        grants.grant_lines(SETUP, lines, "person", str(company.people["ann"])).pk for lines in (tasks, EXPORT, tasks)
    ]
    nine = midweek()
    with clock.at(nine):
        made = company.at("boss").post("/access/reviews", {"kind": "all", "days": 5, "title": "Autumn"})
        assert made.status == 201, made.body
        drain()
        kept = Item.objects.filter(grant_id=given[0]).get()
        decide.keep(Actor(company.people["mei"], "Mei", "web"), company.people["mei"], kept.batch_id, kept.pk)
    mei, boss = (company.people[one] for one in ("mei", "boss"))

    def heard(who: int, *kinds: str) -> int:
        return Notice.objects.filter(person_id=who, kind__in=kinds).count()

    with clock.at(nine + timedelta(days=5, minutes=1)):  # Monday
        ladder.climb()
        deadline.close_due.call()
        deadline.close_due.call()
        drain()
        assert (heard(mei, told_of.LATE), heard(mei, "review_due")) == (0, 1), "told once, by the review"
        assert heard(boss, told_of.ESCALATED) == 0, "there is a working day left until then"
    [text] = [
        one["text"]["en"] for one in company.at("mei").get("/notices").body["items"] if one["kind"] == "review_due"
    ]
    later = Item.objects.filter(batch__reviewer_id=mei, rolled=True)
    day = zone.told(later.earliest("due").due, "%Y-%m-%d")
    assert "Autumn" in text and ", 1 ended, " in text and f"{later.count()} roll over to {day}" in text
    assert text.endswith("1 decisions that you had not submitted are final")

    def told_above() -> dict[str, Any]:
        return next(one for one in company.at("boss").get("/notices").body["items"] if one["kind"] == told_of.ESCALATED)

    def moved_on(company: Company) -> list[tuple[str, str, str | None]]:
        company.clients.clear()
        history = company.case("boss", told_above()["href"].rpartition("/")[2])["history"]
        some = [one for one in history if one["what"] in ("put_off", "escalated")]
        return [(one["what"], one["person"]["name"], (one["other"] or {}).get("name")) for one in some]

    with clock.at(nine + timedelta(days=6, hours=1)):
        drain()
        assert heard(boss, told_of.ESCALATED) == 1
        assert moved_on(company) == [("put_off", "Mei", None), ("escalated", "Mei", "Boss")], (
            "and its history says to whom it has gone"
        )
    company.clients.clear()
    # what was due then has been put off: what is told agrees with the page of the case, and says so
    seen = told_above()
    [work] = [one for one in company.case("boss", seen["href"].rpartition("/")[2])["work"] if one["state"] == "open"]
    was, till = zone.told(kept.due), zone.told(datetime.fromisoformat(work["due_at"]))
    assert f"of Mei was not done by {was}; it is due by {till} now: " in seen["text"]["en"] and was != till
    assert f"{was} 到期时没有办完，已改到 {till} 到期：" in seen["text"]["zh"]
    with clock.at(later.earliest("due").due + timedelta(hours=1)):
        company.clients.clear()
        assert f"of Mei was not done by {was}, nor by {till}, and is overdue again" in told_above()["text"]["en"]


def test_who_has_answered_by_then_is_not_told_of_to_their_manager(company: Company) -> None:
    tasks = [{"type": "task", "actions": ["read", "edit"], "scope": ["all"]}]
    reporting.set_manager(SETUP, company.people["mei"], company.people["boss"])
    grants.grant_lines(SETUP, tasks, "person", str(company.people["ann"]))
    nine = midweek()
    with clock.at(nine):
        assert company.at("boss").post("/access/reviews", {"kind": "all", "days": 5}).status == 201
        drain()
    with clock.at(nine + timedelta(days=5, minutes=1)):
        deadline.close_due.call()
        for item in Item.objects.filter(batch__reviewer_id=company.people["mei"], state=Item.PENDING):
            decide.keep(SETUP, company.people["mei"], item.batch_id, item.pk)
        for batch in {
            one.batch_id for one in Item.objects.filter(batch__reviewer_id=company.people["mei"], submitted_at=None)
        }:
            decide.submit(SETUP, company.people["mei"], batch)
    with clock.at(nine + timedelta(days=6, hours=1)):
        drain()
    assert not Notice.objects.filter(kind=told_of.ESCALATED).exists()


def test_what_was_decided_and_not_handed_in_is_final_at_the_deadline(company: Company) -> None:
    drop = grants.grant_lines(SETUP, EXPORT, "person", str(company.people["ann"])).pk
    start(company)
    item = Item.objects.get(grant_id=drop)
    [work] = company.cases("mei", "access_review")
    mei = company.at("mei")
    for one in Item.objects.filter(batch=item.batch):
        verb = "keep" if one.via == "person" else "revoke"
        assert (
            mei.post(f"/access/reviews/batches/{one.batch_id}/items/{one.pk}/{verb}", {"note": "as agreed"}).status
            == 200
        )
    assert company.case("mei", work["id"])["state"] == "running"
    with clock.later(days=15):
        deadline.close_due.call()
    assert not Item.objects.filter(batch=item.batch, submitted_at=None).exists()
    assert company.case("mei", work["id"])["state"] != "running", "its case waits for nobody"
    drafts = set(Item.objects.filter(state=Item.DRAFTED).values_list("draft_id", flat=True))
    assert drafts and {one.state for one in Draft.objects.filter(pk__in=drafts)} == {Draft.SUBMITTED}, (
        "and what it proposes is asked for"
    )


def test_a_case_of_what_nobody_answered_says_so_and_nobody_is_offered_to_take_it_back(company: Company) -> None:
    grants.grant_lines(SETUP, EXPORT, "person", str(company.people["ann"]))
    start(company)
    [work] = company.cases("mei", "access_review")
    boss = company.at("boss")
    may = company.case("boss", work["id"])["may"]
    assert (may["withdraw"], may["urge"]) == (False, True), "who began the review may press for it, and not withdraw it"
    assert boss.send("POST", f"/flows/instances/{work['id']}/withdraw", {}).code == "not_taken_back"
    for moment in (timedelta(days=30), timedelta(days=60)):
        with clock.later(days=moment.days):
            deadline.close_due.call()
    share = company.at("mei").get(f"/access/reviews/shares/{company.case('mei', work['id'])['record']}").body
    assert share["done"] and share["unanswered"] == share["total"] > 0
    assert share["states"]["lapsed"] >= 1 and "kept" not in share["states"]


def test_a_share_of_a_review_is_a_case_that_ends_when_all_of_it_is_handed_in(company: Company) -> None:
    grants.grant_lines(SETUP, EXPORT, "person", str(company.people["ann"]))
    start(company)
    mei = company.at("mei")
    [work] = company.cases("mei", "access_review")
    case = company.case("mei", work["id"])
    assert now(case) == ["judge"] and case["title"].endswith("Mei") and case["matter"]["code"] == "access_review"
    assert case["title_words"]["zh"] == case["title"] and work["title_words"] == case["title_words"], (
        "in whichever language the page is read"
    )
    assert "reject" not in case["mine"]["moves"]
    queue = [one["kind"] for one in mei.get("/workbench").body["queue"]]
    assert "work" not in queue and queue.count("review") == len(mei.get("/access/reviews").body["batches"])
    assert [one["href"] for one in mei.get("/notices").body["items"]] == [f"/flows/{case['id']}"]
    assert company.at("ann").get(f"/flows/instances/{case['id']}").status == 404

    decide = f"/flows/instances/{case['id']}/work/{case['mine']['number']}/decide"
    early = mei.post(decide, {"approve": True})
    assert early.status == 409 and early.code == "undecided", early.body
    for batch in mei.get("/access/reviews").body["batches"]:
        for item in mei.get(f"/access/reviews/batches/{batch['id']}").body["items"]:
            assert mei.post(f"/access/reviews/batches/{batch['id']}/items/{item['id']}/keep", {}).status == 200
    assert mei.post(decide, {"approve": True, "given": {"all": True}}).places == ["given/all"]
    done = mei.post(decide, {"approve": True})
    assert done.status == 200 and done.body["state"] == "completed", done.body
    assert mei.get("/access/reviews").body["batches"][0]["done"] is True


def test_the_step_of_a_review_is_due_when_the_review_is(company: Company) -> None:
    grants.grant_lines(SETUP, EXPORT, "person", str(company.people["ann"]))
    asked = {"kind": "department", "department": str(company.departments["east"]), "days": 3}
    assert company.at("boss").post("/access/reviews", asked).status == 201
    drain()
    [work] = company.cases("mei", "access_review")
    [batch] = company.at("mei").get("/access/reviews").body["batches"]
    case = company.case("mei", work["id"])
    assert work["due_at"] == batch["due"] == case["work"][0]["due_at"], "one deadline, wherever one looks"
    [judge] = [one for one in case["nodes"] if one["id"] == "judge"]
    assert judge["within"] is None, "the seven days of the process are not told beside it"
    with clock.later(seconds=23 * 3600):
        assert ladder.climb() == 0
    with clock.later(seconds=25 * 3600):
        assert ladder.climb() > 0, "two days before its end its reviewer is reminded, as the process says"


def test_what_is_passed_on_opens_a_case_for_who_gets_it_and_ends_that_of_who_had_it(company: Company) -> None:
    grants.grant_lines(SETUP, EXPORT, "person", str(company.people["ann"]))
    start(company)
    mei = company.at("mei")
    [work] = company.cases("mei", "access_review")
    for batch in mei.get("/access/reviews").body["batches"]:
        for item in mei.get(f"/access/reviews/batches/{batch['id']}").body["items"]:
            path = f"/access/reviews/batches/{batch['id']}/items/{item['id']}/delegate"
            assert mei.post(path, {"to": str(company.people["wei"])}).status == 200
    drain()
    assert company.case("mei", work["id"])["state"] != "running" and not company.cases("mei", "access_review")
    [theirs] = company.cases("wei", "access_review")
    assert now(company.case("wei", theirs["id"])) == ["judge"]


def test_the_company_s_own_step_holds_the_review_until_it_is_done(company: Company) -> None:
    file = processes.source("access_review").decode()
    file = file.replace('targetRef="judge"/>', 'targetRef="head"/>').replace(
        '<startEvent id="start"', f'{HEAD_FIRST}<startEvent id="start"'
    )
    published = company.at("pam").post("/flows/processes", {"source": file})
    assert published.status == 201, published.body
    grants.grant_lines(SETUP, EXPORT, "person", str(company.people["ann"]))
    start(company)
    mei = company.at("mei")
    [batch] = mei.get("/access/reviews").body["batches"]
    assert batch["held"] is True and not [one for one in mei.get("/workbench").body["queue"] if one["kind"] == "review"]
    item = mei.get(f"/access/reviews/batches/{batch['id']}").body["items"][0]
    path = f"/access/reviews/batches/{batch['id']}/items/{item['id']}/keep"
    early = mei.post(path, {})
    assert early.status == 409 and early.code == "held", early.body
    assert early.body["message"]["en"].startswith("its process has “The head looks first” before this, with Wei")
    case = batch["waits"]["case"]
    assert case in [one["id"] for one in company.cases("wei", "access_review")]
    shown = mei.get(f"/access/reviews/batches/{batch['id']}").body
    share = mei.get(f"/access/reviews/shares/{company.case('mei', case)['record']}").body
    for waits in (batch["waits"], shown["waits"], share["waits"]):
        assert (waits["case"], waits["halted"], [one["name"] for one in waits["people"]]) == (case, False, ["Wei"])
        assert [one["name"]["zh"] for one in waits["steps"]] == ["部门负责人先看"] and waits["since"] is not None
    assert mei.get(f"/flows/instances/{waits['case']}").status == 200, "and she may follow it there"
    assert company.at("wei").get("/access/reviews").body["batches"] == [], (
        "who has the step before judges nothing by that"
    )
    work = next(one for one in company.cases("wei", "access_review"))
    assert (
        company.at("wei").post(f"/flows/instances/{work['id']}/work/{work['number']}/decide", {"approve": True}).status
        == 200
    )
    assert mei.post(path, {}).status == 200
    assert mei.get("/access/reviews").body["batches"][0]["held"] is False
    assert mei.get("/access/reviews").body["batches"][0]["waits"] is None


def test_what_comes_back_to_a_reviewer_is_judged_in_the_case_that_still_runs(company: Company) -> None:
    file = processes.source("access_review").decode()
    after = HEAD_FIRST.replace('targetRef="judge"', 'targetRef="judged"')
    file = file.replace('sourceRef="judge" targetRef="judged"', 'sourceRef="judge" targetRef="head"')
    file = file.replace('<startEvent id="start"', f'{after}<startEvent id="start"')
    assert company.at("pam").post("/flows/processes", {"source": file}).status == 201
    for who in ("ann", "bob"):
        grants.grant_lines(SETUP, EXPORT, "person", str(company.people[who]))
    start(company)
    mei, wei = company.at("mei"), company.at("wei")

    def items() -> list[tuple[str, dict[str, Any]]]:
        found = [
            (batch["id"], item)
            for batch in mei.get("/access/reviews").body["batches"]
            for item in mei.get(f"/access/reviews/batches/{batch['id']}").body["items"]
        ]
        return [(batch, item) for batch, item in found if not item["submitted"]]

    def pass_on(api: Api, batch: str, item: str, to: str) -> int:
        path = f"/access/reviews/batches/{batch}/items/{item}/delegate"
        return api.post(path, {"to": str(company.people[to])}).status

    def judge(some: list[tuple[str, dict[str, Any]]]) -> None:
        for batch, item in some:
            assert mei.post(f"/access/reviews/batches/{batch}/items/{item['id']}/keep", {}).status == 200
        for batch in {batch for batch, _ in some}:
            assert mei.post(f"/access/reviews/batches/{batch}/submit", {}).status == 200

    [mine] = company.cases("mei", "access_review")
    (first, passed), *others = items()
    assert pass_on(mei, first, passed["id"], "wei") == 200
    judge(others)
    drain()
    assert now(company.case("mei", mine["id"])) == ["head"], "the company looks at what was judged"
    back = wei.get("/access/reviews").body["batches"][0]["id"]
    assert pass_on(wei, back, passed["id"], "mei") == 200
    drain()
    assert [one["id"] for one in company.cases("mei", "access_review")] == [mine["id"]]
    assert now(company.case("mei", mine["id"])) == ["judge"]
    judge(items())
    assert now(company.case("mei", mine["id"])) == ["head"]


def test_a_drawing_leaves_no_step_out_and_lets_nobody_refuse_to_review(company: Company) -> None:
    pam, file = company.at("pam"), processes.source("access_review").decode()
    for wrong in (
        file.replace('<heli:does verb="judge"/>', ""),
        file.replace("<heli:does", '<heli:moves allow="reject"/><heli:rejection to="any"/><heli:does'),
        file.replace('rule="matter"', 'rule="person" person="wei"'),
    ):
        reply = pam.post("/flows/processes", {"source": wrong})
        assert reply.status == 422, reply.body


def test_a_drawing_that_cannot_be_is_told_what_to_leave_out(company: Company) -> None:
    """Neither said so: not what was wrong with the step, and to choose a type of records, which a review is none of."""
    pam, file = company.at("pam"), processes.source("access_review").decode()
    step = '<serviceTask id="note" name="Note"><extensionElements><heli:does verb="create" type="task"/></extensionElements></serviceTask>'
    for wrong, what in (
        (file.replace('escalate="P1D"/>', 'escalate="P1D" outcome="approve"/>'), "no outcome"),
        (
            file.replace("<endEvent", step + "<endEvent", 1),
            "about each review of rights, which is none: leave them out",
        ),
    ):
        problems = pam.post("/flows/check", {"source": wrong}).body["problems"]
        assert any(what in one["message"]["en"] for one in problems), problems


# -- leaving -----------------------------------------------------------------------------------------------------------------


def test_a_manager_plans_and_the_administrator_lets_them_leave_on_the_day(company: Company, monkeypatch: Any) -> None:
    for n in range(3):
        company.make("ann", "opportunity", name=f"D{n}", amount="1")
    assert company.notice("ann", in_days(5)).status == 200
    mei, adm = company.at("mei"), company.at("adm")
    [entry] = [one for one in mei.get("/workbench").body["queue"] if one["kind"] == "work"]
    case = company.case("mei", entry["work"]["instance"])
    assert now(case) == ["plan"] and case["title"] == f"Ann · 最后工作日 {in_days(5).isoformat()}"
    assert case["title_words"] == {"zh": case["title"], "en": f"Ann, last day {in_days(5).isoformat()}"}
    number = company.case("adm", case["id"])["record"]
    leaving = mei.get(f"/access/leavings/{number}").body
    assert (leaving["person"]["username"], leaving["days"], leaving["state"]) == ("ann", 5, "noticed")
    assert [(one["type"], one["count"]) for one in leaving["records"]] == [("opportunity", 3)]
    assert leaving["may_plan"] and not leaving["may_leave"]
    decide = f"/flows/instances/{case['id']}/work/{case['mine']['number']}/decide"
    assert mei.post(decide, {"approve": True}).code == "elsewhere", "who takes over is said first"
    for other in ("ann", "bob", "wei", "boss"):
        assert company.at(other).get(f"/access/leavings/{number}").status == 404, other
        assert company.at(other).post(f"/access/leavings/{number}/plan", {}).status == 404, other

    wrong = mei.post(
        f"/access/leavings/{number}/plan",
        {"rules": [{"to": str(company.people["ann"])}], "successor": str(company.people["ann"])},
    )
    assert wrong.status == 422 and wrong.places == ["rules/0/to"], wrong.body
    rules = [{"type": "opportunity", "to": str(company.people["bob"])}]
    told = mei.post(f"/access/leavings/{number}/preview", {"rules": rules}).body
    assert (told["total"], told["left"]) == (3, 0)
    planned = mei.post(f"/access/leavings/{number}/plan", {"rules": rules, "note": "Bob knows them"})
    assert planned.status == 200 and planned.body["state"] == "planned", planned.body
    assert now(company.case("adm", case["id"])) == ["last_day"], "nothing is asked of anybody before the day"
    assert not company.cases("adm", "offboarding")

    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + timedelta(days=6))
    clockwork.look.call()
    drain()
    company.clients.clear()
    [work] = company.cases("adm", "offboarding")
    assert now(company.case("adm", work["id"])) == ["leave"]
    adm = company.at("adm")
    held = adm.get(f"/access/people/{company.people['ann']}/holdings").body
    assert held["leaving"]["rules"] == [
        {"type": "opportunity", "department": None, "to": held["leaving"]["rules"][0]["to"]}
    ]
    assert held["leaving"]["rules"][0]["to"]["username"] == "bob" and held["leaving"]["note"] == "Bob knows them"
    at = f"/flows/instances/{work['id']}/work/{work['number']}/decide"
    assert adm.post(at, {"approve": True}).code == "elsewhere"
    told = company.case("pam", work["id"])
    assert told["may"]["reassign"] and not any(one["reassign"] for one in told["work"]), (
        "what it is about says whose it is"
    )
    assert adm.post(f"/access/people/{company.people['ann']}/offboard", {"rules": rules}).status == 200
    over = company.case("adm", work["id"])
    assert over["state"] == "completed", over
    assert [
        (one["what"], (one["person"] or {}).get("username")) for one in over["history"] if one["what"] == "approve"
    ] == [
        ("approve", "mei"),
        ("approve", "adm"),
    ]


def test_another_day_moves_the_wait_and_staying_ends_the_case(company: Company, monkeypatch: Any) -> None:
    company.notice("ann", in_days(20))
    [entry] = company.cases("mei", "offboarding")
    number = company.case("mei", entry["id"])["record"]
    assert company.at("mei").post(f"/access/leavings/{number}/plan", {}).status == 200
    assert company.notice("ann", in_days(2)).status == 200
    real = clock.now
    with monkeypatch.context() as moved:
        moved.setattr(clock, "now", lambda: real() + timedelta(days=3))
        clockwork.look.call()
        drain()
        company.clients.clear()
        assert [one["node"] for one in company.cases("adm", "offboarding")] == ["leave"]
        assert company.notice("ann", None).status == 200
        assert company.case("adm", entry["id"])["state"] != "running" and not company.cases("adm", "offboarding")
        assert company.at("adm").get(f"/access/leavings/{number}").body["state"] == "stayed"
        assert company.at("adm").post(f"/access/leavings/{number}/plan", {}).status == 409
        # and they may give notice again
        assert company.notice("ann", in_days(30)).status == 200
        assert len(company.cases("mei", "offboarding")) == 1


def test_who_is_let_go_before_anything_is_planned_takes_their_case_along(company: Company) -> None:
    company.notice("ann", in_days(9))
    [entry] = company.cases("mei", "offboarding")
    assert company.at("adm").post(f"/access/people/{company.people['ann']}/offboard", {}).status == 200
    over = company.case("adm", entry["id"])
    assert over["state"] == "completed" and not company.cases("mei", "offboarding"), over

    company.notice("bob", in_days(9))
    [entry] = company.cases("mei", "offboarding")
    from heli.org import verbs as org

    org.leave(SETUP, company.people["bob"])
    assert company.case("adm", entry["id"])["state"] != "running" and not company.cases("mei", "offboarding")
    assert (
        company.at("adm").get(f"/access/leavings/{company.case('adm', entry['id'])['record']}").body["state"] == "left"
    )


def test_the_company_s_own_step_before_the_plan_is_waited_for(company: Company) -> None:
    file = processes.source("offboarding").decode()
    step = HEAD_FIRST.replace('targetRef="judge"', 'targetRef="plan"')
    file = file.replace('sourceRef="start" targetRef="plan"', 'sourceRef="start" targetRef="head"')
    file = file.replace('<startEvent id="start"', f'{step}<startEvent id="start"')
    assert company.at("pam").post("/flows/processes", {"source": file}).status == 201
    company.notice("ann", in_days(9))
    [early] = company.cases("wei", "offboarding")
    number = company.case("adm", early["id"])["record"]
    assert company.at("mei").post(f"/access/leavings/{number}/plan", {"note": "soon"}).status == 200
    assert now(company.case("adm", early["id"])) == ["head"], "a plan passes nothing over"
    decide = f"/flows/instances/{early['id']}/work/{early['number']}/decide"
    assert company.at("wei").post(decide, {"approve": True}).status == 200
    assert now(company.case("adm", early["id"])) == ["plan"]
    assert company.at("mei").post(f"/access/leavings/{number}/plan", {"note": "as said"}).status == 200
    assert now(company.case("adm", early["id"])) == ["last_day"]
    pam = company.case("pam", early["id"])
    assert pam["title"] is None and "as said" not in str(pam), "who looks after processes learns nothing of who leaves"


def test_the_turn_goes_on_when_the_manager_leaves_first(company: Company) -> None:
    company.notice("ann", in_days(9))
    assert company.cases("mei", "offboarding")
    done = company.at("adm").post(
        f"/access/people/{company.people['mei']}/offboard", {"successor": str(company.people["wei"])}
    )
    assert done.status == 200, done.body
    assert [one["node"] for one in company.cases("wei", "offboarding")] == ["plan"]
