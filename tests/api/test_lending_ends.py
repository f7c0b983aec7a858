"""What ends a loan beside its time: hand-over, deletion, leaving, renewal; and requests whose ground moves under them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from heli.access import grants
from heli.access import view as views
from heli.access.models import Grant, Reach
from heli.audit import log, verify
from heli.audit.models import Entry
from heli.crm.ceilings import ceilings
from heli.jobs.worker import drain
from heli.kernel import clock
from heli.kernel.errors import Conflict
from heli.kernel.ids import uuid7
from heli.lending import clockwork, standing
from heli.lending.models import Loan, Request
from heli.org import verbs as org
from heli.org.models import Assignment, Person, Project
from heli.org.verbs import leaving, people, projects
from heli.policy.models import Duty
from tests.api.lenders import DAY, HOUR, SECURITY, Company, fresh
from tests.world import REP, SETUP

pytestmark = pytest.mark.storage

SHARE = [{"type": "opportunity", "actions": ["read", "share"], "scope": ["below"], "read": {"*": "read"}}]


@pytest.fixture
def company(db: None, settings: Any) -> Company:
    settings.SESSION_COOKIE_AGE = 60 * DAY  # sessions that outlast a loan
    made = fresh()
    grants.grant_lines(SETUP, SHARE, "position", str(made.positions["manager"]))
    return made


def nothing_left(loan: str) -> bool:
    """No grant and no reach row of a loan lives on."""
    source = f"loan:{loan}"
    alive = Grant.objects.filter(source=source, revoked_at=None).exists()
    return not alive and not Reach.objects.filter(source=source).exists()


def test_a_hand_over_ends_it_unless_the_new_owner_keeps_it(company: Company) -> None:
    deal = company.deal("bob")
    loan = company.lent("bob", "sue", deal)
    assert company.cell("sue", deal) == "Acme"
    company.do("mei", "opportunity", "transfer", deal, owner=str(company.people["ann"]))
    assert company.cell("sue", deal) is None and nothing_left(loan)
    bench = company.at("ann").get("/workbench").body["queue"]
    assert [(one["kind"], one["loan"]) for one in bench if one["kind"] == "keep"] == [("keep", loan)]
    assert company.at("bob").post(f"/access/loans/{loan}/keep", {"go_on": True}).code == "not_asked"
    kept = company.at("ann").post(f"/access/loans/{loan}/keep", {"go_on": True})
    assert kept.status == 200 and kept.body["lender"]["username"] == "ann", kept.body
    assert company.cell("sue", deal) == "Acme"
    assert company.at("ann").post(f"/access/loans/{loan}/keep", {"go_on": True}).status == 409, "once"
    assert kept.body["ends"] == company.at("ann").get(f"/access/loans/{loan}").body["meant"], "no longer than before"


def test_what_becomes_of_a_loan_is_told_to_whom_it_concerns(company: Company) -> None:
    def told(who: str) -> list[str]:
        return [one["text"]["en"] for one in company.at(who).get("/notices").body["items"]]

    deal = company.deal("bob")
    loan = company.lent("bob", "sue", deal, fields=["name", "competitor"], seconds=10 * HOUR)
    assert told("sue") == ["Bob has lent you Robots"], "nobody was asked"
    with clock.later(seconds=9 * HOUR + 60):
        with log.transaction():  # as the job does
            clockwork.look.call()
        assert told("bob")[0].startswith("what you lent Sue of “Robots” ends at ")
        (_, ends) = told("sue")[0].split(" ends at ")
        assert told("sue")[0].startswith("what you borrow of “Robots”") and ends.endswith(": renew it if you need it")
        more = company.at("sue").post(f"/access/loans/{loan}/renew", {"seconds": DAY, "reason": "not done yet"})
        assert company.at("bob").post(f"/access/requests/{more.body['id']}/approve").body["state"] == "approved"
        assert told("sue")[0] == "your request for access was approved: Robots"
        items = company.at("sue").get("/notices").body["items"]
        assert items[1]["over"], "what ended soon was renewed"
        new = company.at("sue").get("/access/loans?tab=borrowed").body["items"][0]["id"]
        assert new != loan
        company.at("bob").post(f"/access/loans/{new}/end")
        assert told("sue")[0] == "what you borrowed of one Opportunity was called back", "the title went with the right"
        company.at("bob").post(f"/access/loans/{new}/restore")
        assert told("sue")[0].startswith("what you borrow of “Robots” goes on until ")
        company.do("mei", "opportunity", "transfer", deal, owner=str(company.people["ann"]))
        assert told("sue")[0] == "what you borrowed of one Opportunity ended with its hand-over"
        assert told("ann")[0] == "shall the loan of “Robots” to Sue go on?" and told("bob")[0].startswith("Sue asks to")


def test_deleting_ends_loans_and_requests_for_good(company: Company) -> None:
    deal = company.deal("bob")
    company.reads("sue", competitor="hidden")
    loan = company.lent("bob", "sue", deal)
    asked = company.ask("sue", deal, fields=["amount"])
    company.at("bob").post(f"/access/requests/{asked.body['id']}/approve")
    company.do("bob", "opportunity", "delete", deal)
    mine = company.at("sue").get("/access/requests?box=mine").body["items"][0]
    assert mine["state"] == "gone" and "deleted" in mine["answer"]
    assert company.at("sec").post(f"/access/requests/{asked.body['id']}/confirm").status in (404, 409)
    company.do("bob", "opportunity", "restore", deal)
    assert company.cell("sue", deal) is None and nothing_left(loan), "restoring brings no loan back"


def test_a_leavers_loans_go_on_for_a_week_unless_kept_and_a_borrower_takes_none_along(company: Company) -> None:
    deal, second = company.deal("bob"), company.deal("bob", name="Second")
    loan = company.lent("bob", "sue", deal, seconds=20 * DAY)
    company.lent("bob", "wei", second, seconds=20 * DAY)
    leaving.leave(SETUP, company.people["bob"])
    assert company.cell("sue", deal) == "Acme"
    item = next(one for one in company.at("mei").get("/access/loans?tab=asks").body["items"] if one["id"] == loan)
    assert item["asks"] == "left" and item["ends"] < item["meant"]
    with clock.later(days=7, seconds=1):
        assert company.cell("sue", deal) is None, "it lapses by itself"
    kept = company.at("mei").post(f"/access/loans/{loan}/keep", {"go_on": True})
    assert kept.status == 200 and kept.body["ends"] == item["meant"]
    with clock.later(days=8):
        assert company.cell("sue", deal) == "Acme" and company.cell("wei", second) is None
    leaving.leave(SETUP, company.people["sue"])
    assert nothing_left(kept.body["id"])
    assert Loan.objects.get(pk=kept.body["id"]).ended_how == Loan.LEFT
    org.rehire(SETUP, company.people["sue"])
    assert nothing_left(kept.body["id"]), "coming back brings nothing back"


def test_a_request_moves_on_when_its_approver_leaves_and_when_its_record_moves(company: Company) -> None:
    deal, other = company.deal("bob"), company.deal("bob", name="Other")
    company.reads("sue", competitor="hidden")
    first, second = company.ask("sue", deal), company.ask("sue", other)
    company.do("mei", "opportunity", "transfer", other, owner=str(company.people["ann"]))
    assert Request.objects.get(pk=second.body["id"]).approver_id == company.people["ann"]
    assert company.at("bob").post(f"/access/requests/{second.body['id']}/approve").status == 404
    leaving.leave(SETUP, company.people["bob"])
    assert Request.objects.get(pk=first.body["id"]).approver_id == company.people["mei"]
    yes = company.at("mei").post(f"/access/requests/{first.body['id']}/approve")
    assert yes.status == 200 and company.cell("sue", deal) == "Acme"
    leaving.leave(SETUP, company.people["sue"])
    assert Request.objects.get(pk=second.body["id"]).state == Request.GONE
    assert company.at("ann").post(f"/access/requests/{second.body['id']}/approve").status in (404, 409)


def test_security_confirms_only_what_its_lender_still_holds(company: Company) -> None:
    deal = company.deal("bob")
    company.reads("sue", amount="hidden")
    asked = company.ask("sue", deal, fields=["amount"])
    request = f"/access/requests/{asked.body['id']}"
    assert company.at("bob").post(f"{request}/approve").body["state"] == "confirming"
    with pytest.raises(Conflict):  # who heads nothing may go, but not twice
        leaving.leave(SETUP, company.people["bob"])
        leaving.leave(SETUP, company.people["bob"])
    assert company.at("sec").post(f"{request}/confirm").status in (404, 409)
    assert company.cell("sue", deal, "amount") is None
    again = Request.objects.get(pk=asked.body["id"])
    assert (again.state, again.approver_id) == (Request.OPEN, company.people["mei"])


def test_a_project_borrows_for_those_in_it_now_and_later(company: Company) -> None:
    deal = company.deal("bob")
    with_role = [{"type": "project", "actions": ["read"], "scope": ["all"]}]
    grants.grant_lines(SETUP, with_role, "everyone")
    project = Project.objects.create(name="Launch").pk
    projects.add_project_member(SETUP, project, company.people["sue"])
    company.reads("sue", competitor="hidden")
    company.reads("wei", competitor="hidden")
    asked = company.ask("sue", deal, project=project)
    assert asked.status == 201, asked.body
    assert company.at("bob").post(f"/access/requests/{asked.body['id']}/approve").status == 200
    assert company.cell("sue", deal) == "Acme" and company.cell("wei", deal) is None
    projects.add_project_member(SETUP, project, company.people["wei"], "viewer")
    assert company.cell("wei", deal) == "Acme", "who joins later gets it, whatever their part"
    (loan,) = company.at("wei").get("/access/loans?tab=borrowed").body["items"]
    left = datetime.fromisoformat(loan["ends"]) - clock.now()
    with clock.later(seconds=left.total_seconds() - 600):
        for who, warned in (("wei", [loan["id"]]), ("bob", [loan["id"]]), ("ann", [])):
            queue = company.at(who).get("/workbench").body["queue"]
            assert [one["loan"] for one in queue if one["kind"] == "loan"] == warned, "all who borrow, and who lent it"
    Project.objects.filter(pk=project).update(status=Project.FINISHED)
    more = {
        "type": "opportunity",
        "record": deal,
        "action": "read",
        "fields": ["amount"],
        "seconds": DAY,
        "reason": "x",
        "project": project,
    }
    refused = company.at("wei").post("/access/loans", more)
    assert refused.status == 422 and refused.body["problems"][0]["code"] == "finished", refused.body
    assert loan["may"] == ["renew"], "nothing is offered that would be refused"
    assert company.at("wei").post(f"/access/loans/{loan['id']}/end").code == "not_yours"
    projects.remove_project_member(SETUP, project, company.people["sue"])
    assert company.cell("sue", deal) is None, "who leaves loses it"
    why = company.at("wei").get(f"/why?action=read&type=opportunity&id={deal}&field=competitor").body["because"]
    assert any("Bob" in one["via"]["en"] and "Launch" in one["via"]["en"] for one in why)


def test_it_is_renewed_by_a_request_and_warned_of_before_its_end(company: Company) -> None:
    deal = company.deal("bob")
    loan = company.lent("bob", "sue", deal, seconds=10 * DAY)
    assert not [one for one in company.at("sue").get("/workbench").body["queue"] if one["kind"] == "loan"]
    with clock.later(days=9, seconds=60):
        with log.transaction():  # as its job runs it
            clockwork.look.func()
        soon = [one for one in company.at("sue").get("/workbench").body["queue"] if one["kind"] == "loan"]
        assert [one["loan"] for one in soon] == [loan]
        more = company.at("sue").post(f"/access/loans/{loan}/renew", {"seconds": 5 * DAY, "reason": "not done yet"})
        assert more.status == 201 and more.body["renews"]
        assert company.at("bob").post(f"/access/requests/{more.body['id']}/approve").status == 200
        assert company.at("bob").get(f"/access/loans/{loan}").body["ended"] == "renewed"
    with clock.later(days=13):
        assert company.cell("sue", deal) == "Acme"
    assert verify.verify().ok


def test_an_open_page_learns_that_a_loan_has_ended_by_the_clock(company: Company) -> None:
    deal = company.deal("bob")
    company.lent("bob", "sue", deal, seconds=DAY)

    def stamps() -> list[str]:
        return [company.at("sue").get(path).body["epoch"] for path in ("/pulse", "/me")]

    began, same = stamps()
    assert began == same
    with clock.later(seconds=DAY - 60):
        assert stamps() == [began, began]
    with clock.later(seconds=DAY + 1):
        ended, same = stamps()
        assert ended == same != began


def test_a_person_gets_a_role_through_a_request_never_from_themselves(company: Company) -> None:
    assert (
        company.at("sue")
        .post("/access/requests/role", {"role": "finance", "reason": "x", "person": str(company.people["wei"])})
        .status
        == 403
    )
    asked = company.at("sue").post(
        "/access/requests/role", {"role": "finance", "reason": "month's end", "seconds": 5 * DAY}
    )
    assert asked.status == 201, asked.body
    request = f"/access/requests/{asked.body['id']}"
    assert company.at("bob").post(f"{request}/approve").status == 404
    told = company.at("sec").get(request).body["gives"]
    assert any("opportunity" in str(one).lower() for one in told), "who decides reads what it would give"
    assert [one["new"] for one in told] == sorted((one["new"] for one in told), reverse=True)
    assert "gives" not in company.at("sue").get(request).body
    assert company.at("sec").post(f"{request}/approve").body["state"] == "approved"
    assert company.at("sec").post(f"{request}/approve").code == "approved"
    deal = company.deal("bob", amount="5000")
    assert company.cell("sue", deal, "amount") == "5000.00", "at once"
    with clock.later(days=5, seconds=1):
        assert company.cell("sue", deal) is None
    # Rights over rights take two, neither of whom is the one that gains or asked.
    grants.save_role(SETUP, "keeper", name="keeper", lines=SECURITY)
    offered = {one["code"]: one["needs"] for one in company.at("wei").get("/access/askable/roles").body["items"]}
    assert offered["keeper"] == 2, "what can be asked for tells how many agree"
    asked = company.at("sec").post("/access/requests/role", {"role": "keeper", "reason": "stand-in"})
    request = f"/access/requests/{asked.body['id']}"
    assert company.at("sec").post(f"{request}/approve").status == 403
    first = company.at("sid").post(f"{request}/approve")
    assert first.body["state"] == "open" and first.body["approvals"] == 1
    assert company.at("sid").post(f"{request}/approve").code == "twice"
    assert company.at("boss").post(f"{request}/approve").body["state"] == "approved"
    Duty.objects.create(
        code="d", body={"name": "钱与单", "name_en": "money and orders", "first": ["support"], "second": ["keeper"]}
    )
    asked = company.at("sue").post("/access/requests/role", {"role": "keeper", "reason": "x"})
    refused = company.at("sec").post(f"/access/requests/{asked.body['id']}/approve")
    assert refused.status == 409 and refused.code == "duty"


def test_a_person_gets_a_position_through_a_request_answered_like_a_role(company: Company) -> None:
    offered = {one["name"]["en"]: one for one in company.at("sue").get("/access/askable/positions").body["items"]}
    assert (offered["finance"]["needs"], offered["management"]["needs"]) == (1, 2)
    body = {"position": offered["finance"]["id"], "department": str(company.departments["finance"]),
            "reason": "month's end", "seconds": 5 * DAY}  # fmt: skip
    assert (
        company.at("wei").post("/access/requests/position", body | {"person": str(company.people["sue"])}).status == 403
    )
    assert company.at("sue").post("/access/requests/position", body | {"position": "999"}).places == ["position"]
    asked = company.at("sue").post("/access/requests/position", body)
    assert asked.status == 201 and asked.body["position"]["name"] == asked.body["department"]["name"] == "finance"
    assert company.at("sue").post("/access/requests/position", body).code == "twice"
    request = f"/access/requests/{asked.body['id']}"
    assert company.at("bob").get(request).status == 404
    waits = [one["title"] for one in company.at("sec").get("/workbench").body["queue"] if one["kind"] == "request"]
    assert waits == ["Sue 申请岗位：finance · finance"]
    assert company.at("sue").post(f"{request}/approve").status == 403
    assert company.at("sec").post(f"{request}/approve").body["state"] == "approved"
    assert company.at("sec").post(f"{request}/approve").code == "approved"
    deal = company.deal("bob", amount="5000")
    assert company.cell("sue", deal, "amount") == "5000.00", "at once"
    posts = company.at("sue").get(f"/organisation/people/{company.people['sue']}").body["assignments"]
    assert [(one["department"]["name"], one["primary"]) for one in posts] == [("support", True), ("finance", False)]
    assert company.at("sue").post("/access/requests/position", body).code == "held"
    with clock.later(days=5, seconds=1):
        assert company.cell("sue", deal) is None, "and until its day"
    # What is powerful takes two, as when an administrator gave the post.
    asked = company.at("wei").post(
        "/access/requests/position", {"position": offered["management"]["id"], "reason": "x"}
    )
    request = f"/access/requests/{asked.body['id']}"
    assert company.at("sec").post(f"{request}/approve").body["state"] == "open"
    assert company.at("sec").post(f"{request}/approve").code == "twice"
    assert company.at("sid").post(f"{request}/approve").body["state"] == "approved"
    # Roles that a duty keeps apart do not meet by a post either; refused with a reason, it is over.
    Duty.objects.create(code="d", body={"name": "分开", "name_en": "apart", "first": ["rep"], "second": ["finance"]})
    asked = company.at("bob").post("/access/requests/position", {"position": offered["finance"]["id"], "reason": "x"})
    request = f"/access/requests/{asked.body['id']}"
    assert company.at("sec").post(f"{request}/approve").code == "duty"
    assert company.at("sec").post(f"{request}/refuse", {"text": "no"}).body["state"] == "refused"
    # Contractors ask for nothing that they would hold by themselves; who they work for may.
    Person.objects.filter(pk=company.people["ann"]).update(kind="contractor")
    views.CACHE.clear()
    assert company.at("ann").get("/access/askable/positions").body["items"] == []
    mine = {"position": offered["manager"]["id"], "reason": "x"}
    assert company.at("ann").post("/access/requests/position", mine).code == "contractor"
    assert company.at("ann").post("/access/requests/role", {"role": "manager", "reason": "x"}).code == "contractor"
    assert (
        company.at("mei").post("/access/requests/position", mine | {"person": str(company.people["ann"])}).status == 201
    )


def test_in_a_declared_emergency_those_named_open_a_record_at_once_and_answer_for_it(company: Company) -> None:
    deal = company.deal("bob")
    body = {"title": "Outage", "reason": "customers are down", "types": ["opportunity"], "actions": ["read"],
            "classes": ["public", "internal"], "departments": [str(company.departments["support"])], "seconds": 7200}  # fmt: skip
    assert company.at("sue").post("/access/emergencies", body).status == 403
    assert company.at("sec").post("/access/emergencies", body | {"types": ["x"], "seconds": 10}).places == [
        "types/0",
        "actions/0",
        "seconds",
    ]
    made = company.at("sec").post("/access/emergencies", body)
    assert made.status == 201, made.body
    glass = f"/access/emergencies/{made.body['id']}"
    assert [one["mine"] for one in company.at("sue").get("/access/emergencies").body["items"]] == [True]
    assert (
        company.at("wei").get(glass).status == 404 and company.at("wei").get("/access/emergencies").body["items"] == []
    )
    open_for = {who: company.at(who).get("/pulse").body["emergencies"] for who in ("sue", "sec", "wei")}
    assert open_for == {"sue": 1, "sec": 1, "wei": 0}, "every page of those concerned tells of it"
    ask = {"type": "opportunity", "record": deal, "reason": "call them back", "seconds": 3600}
    assert company.at("wei").post(f"{glass}/uses", ask).status == 404
    assert company.at("sec").post(f"{glass}/uses", ask).status == 403, "never who declared it"
    assert company.at("sue").post(f"{glass}/uses", ask | {"record": uuid7()}).status == 404
    assert company.at("sue").post(f"{glass}/uses", ask | {"type": "account"}).places == ["type"]
    assert company.at("sue").post(f"{glass}/uses", ask | {"record": "SJ-0000-00000"}).status == 404
    number = company.at("bob").get(f"/records/opportunity/{deal}").body["values"]["code"]
    opened = company.at("sue").post(f"{glass}/uses", ask | {"record": f" {number.lower()}"})
    assert opened.status == 201, opened.body
    assert company.cell("sue", deal) == "Acme" and company.cell("sue", deal, "amount") is None
    assert company.at("sue").post(f"{glass}/uses", ask).code == "twice"
    for who in ("bob", "sec", "sid"):
        told = [one for one in company.at(who).get("/workbench").body["queue"] if one["kind"] == "emergency"]
        assert [(one["loan"], one["group"]) for one in told] == [(opened.body["id"], "today")], who
        said = company.at(who).get("/notices").body["items"][0]["text"]["en"]
        assert said.startswith("Sue opened ") and "in an emergency" in said, said
    why = company.at("sue").get(f"/why?action=read&type=opportunity&id={deal}").body["because"]
    assert any("in an emergency" in one["via"]["en"] for one in why)
    review = f"/access/loans/{opened.body['id']}/review"
    assert company.at("bob").post(review, {"verdict": "justified", "text": "ok"}).status == 403
    done = company.at("sid").post(review, {"verdict": "unjustified", "text": "no call was made"})
    assert done.status == 200 and done.body["verdict"] == "unjustified" and company.cell("sue", deal) is None
    assert company.at("sec").post(review, {"verdict": "justified", "text": "x"}).code == "no_use"
    # Who used it without a reason does not use it again, whatever the record: the verdict would mean nothing else.
    other = company.deal("bob", name="Other")
    for record in (deal, other):
        barred = company.at("sue").post(f"{glass}/uses", ask | {"record": record})
        assert (barred.status, barred.code) == (403, "barred")
        assert "Sid" in barred.body["message"]["en"] and "Sid or" not in barred.body["message"]["zh"]
        assert "ask Sec or Sid" in barred.body["message"]["en"], "who judged, when, and whom to ask"
    mine = company.at("sue").get(glass).body["barred"]
    assert [(b["person"]["username"], b["by"]["username"], b["text"], b["may_lift"]) for b in mine] == [
        ("sue", "sid", "no call was made", False)
    ]
    assert company.at("sue").post(f"{glass}/lift", {"person": str(company.people["sue"]), "text": "x"}).status == 403
    lifting = {"person": str(company.people["sue"]), "text": "the call was found after all"}
    assert (
        company.at("sec").post(f"{glass}/lift", lifting | {"person": str(company.people["wei"])}).code == "not_barred"
    )
    lifted = company.at("sec").post(f"{glass}/lift", lifting)
    assert lifted.status == 200 and lifted.body["barred"] == []
    told = Entry.objects.get(action="emergency.lift")
    assert (told.actor_id, told.reason) == (company.people["sec"], lifting["text"])
    assert company.at("sue").post(f"{glass}/uses", ask).status == 201
    assert company.at("sid").post(f"{glass}/close").status == 200
    assert company.cell("sue", deal) is None, "closing ends what was opened"
    assert company.at("sue").post(f"{glass}/uses", ask).status == 404


def test_a_ceiling_tells_nobody_in_an_emergency_that_a_record_is_there(company: Company) -> None:
    """A record that a ceiling keeps from who is named, and that they do not see, answers like one that is absent."""
    deal = company.deal("bob")
    bound = {"type": "opportunity", "actions": ["read"], "scope": ["own"], "read": {"*": "read"}}
    grants.set_ceiling(SETUP, "own-deals", name="own deals", type="opportunity", kinds=["employee"], lines=[bound])
    body = {"title": "Outage", "reason": "down", "types": ["opportunity"], "actions": ["read"], "classes": ["public"],
            "departments": [str(company.departments["support"])], "seconds": 7200}  # fmt: skip
    glass = f"/access/emergencies/{company.at('sec').post('/access/emergencies', body).body['id']}"
    ask = {"type": "opportunity", "reason": "call them back", "seconds": 3600}
    there, absent = (company.at("sue").post(f"{glass}/uses", ask | {"record": pk}) for pk in (deal, uuid7()))
    assert there.status == absent.status == 404 and there.body == absent.body


@pytest.fixture(params=["one by one", "together"])
def lenders(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """How lenders' rights are read: few by themselves, many together."""
    if request.param == "together":
        monkeypatch.setattr(standing, "MANY", 0)


def test_a_loan_ends_with_the_right_that_it_stands_on_and_who_could_lend_next_is_asked(
    company: Company, lenders: None
) -> None:
    """Nobody lends what they do not hold: not for a moment longer than they hold it, whatever takes it away."""
    deal = company.deal("bob")
    loan = company.lent("mei", "sue", deal)
    assert company.cell("sue", deal) == "Acme"
    lost = Grant.objects.filter(subject_kind="position", subject_id=str(company.positions["manager"])).last()
    assert lost is not None
    grants.revoke(SETUP, lost.pk)
    assert company.cell("sue", deal) is None and nothing_left(loan)
    (ended,) = company.at("sue").get(f"/access/loans?tab=record&record={deal}").body["items"]
    assert (ended["id"], ended["ended"]) == (loan, "lost"), "the page that is gone says why"
    assert company.at("wei").get(f"/access/loans?tab=record&record={deal}").body["items"] == []
    for who, said in (
        ("sue", "what Mei had lent you of one Opportunity ended: Mei does"),
        ("mei", "what you had lent Sue of"),
    ):
        assert company.at(who).get("/notices").body["items"][0]["text"]["en"].startswith(said)
    asked = company.at("bob").get("/access/loans?tab=asks").body["items"]
    assert [(one["id"], one["asks"]) for one in asked] == [(loan, "lost")]
    bench = company.at("bob").get("/workbench").body["queue"]
    assert [one["loan"] for one in bench if one["kind"] == "keep"] == [loan]
    kept = company.at("bob").post(f"/access/loans/{loan}/keep", {"go_on": True})
    assert kept.status == 200 and company.cell("sue", deal) == "Acme"
    # The owner's own post: with it goes the right, though the record stays theirs.
    org.move_person(SETUP, company.people["bob"], company.departments["support"], position=company.positions["support"])
    assert company.cell("sue", deal) is None and nothing_left(kept.body["id"])
    assert verify.verify().ok


def test_a_role_written_anew_in_several_steps_ends_no_loan_that_stands_at_its_end(company: Company) -> None:
    deal = company.deal("bob")
    loan = company.lent("bob", "sue", deal)
    from heli.audit import log

    given = Grant.objects.get(subject_kind="position", subject_id=str(company.positions["rep"]))
    with log.transaction():
        grants.revoke(SETUP, given.pk)
        assert Loan.objects.get(pk=loan).running()
        grants.grant_role(SETUP, "rep", "position", str(company.positions["rep"]))
    assert company.cell("sue", deal) == "Acme" and Loan.objects.get(pk=loan).running()
    without = [{k: v for k, v in line.items() if k != "actions"} | {"actions": [a for a in line["actions"] if a != "share"]}
               for line in REP]  # fmt: skip
    grants.save_role(SETUP, "rep", name="rep", lines=without)
    assert company.cell("sue", deal) is None and nothing_left(loan), "what may not be shared is not shared any longer"


def test_what_its_lender_is_to_lose_on_a_day_ends_on_that_day(company: Company, lenders: None) -> None:
    deal = company.deal("bob")
    loan = company.lent("mei", "sue", deal, seconds=20 * DAY)
    post = Assignment.objects.get(person_id=company.people["mei"])
    org.end_assignment(SETUP, post.pk, at=clock.now() + timedelta(days=3))
    item = next(one for one in company.at("bob").get("/access/loans?tab=asks").body["items"] if one["id"] == loan)
    assert item["asks"] == "losing" and item["ends"] < item["meant"]
    with clock.later(days=2):
        assert company.cell("sue", deal) == "Acme"
    with clock.later(days=3, seconds=1):
        assert company.cell("sue", deal) is None
    kept = company.at("bob").post(f"/access/loans/{loan}/keep", {"go_on": True})
    assert kept.status == 200 and kept.body["ends"] == item["meant"]


def test_a_record_that_leaves_its_lenders_scope_takes_the_loan_along(company: Company) -> None:
    deal = company.deal("bob")
    lines = [{"type": "opportunity", "actions": ["read", "share"], "scope": ["all"], "where": [["amount", ">=", "1000"]],
              "read": {"*": "read"}}]  # fmt: skip
    grants.grant_lines(SETUP, lines, "person", str(company.people["fin"]))
    loan = company.lent("fin", "sue", deal)
    company.do("bob", "opportunity", "edit", deal, competitor="Apex")
    assert company.cell("sue", deal) == "Apex"
    company.do("bob", "opportunity", "edit", deal, amount="10")
    assert company.cell("sue", deal) is None and nothing_left(loan)
    # What somebody lends as the customer's owner goes with the customer.
    account = company.make("ann", "account", name="Nordlicht")
    contact = company.make("ann", "contact", name="Li", account=account)
    share = [{"type": "contact", "actions": ["read", "share"], "scope": ["customer"], "read": {"*": "read"}}]
    grants.grant_lines(SETUP, share, "person", str(company.people["ann"]))
    held = company.lent("ann", "sue", contact, type="contact", fields=["name"])
    assert company.at("sue").get(f"/records/contact/{contact}").status == 200
    company.do("mei", "account", "transfer", account, owner=str(company.people["bob"]))
    assert company.at("sue").get(f"/records/contact/{contact}").status == 404 and nothing_left(held)


def test_many_hand_overs_at_once_end_and_ask_as_a_single_one_does(company: Company) -> None:
    deals = [company.deal("bob", name=f"Deal {n}") for n in range(3)]
    for deal in deals:
        company.lent("bob", "sue", deal)
    held = {one["record"]: one["id"] for one in company.at("sue").get("/access/loans?tab=borrowed").body["items"]}
    asked = company.ask("wei", deals[0], fields=["competitor"]).body["id"]
    drain()
    body = {"act": "transfer", "items": [{"id": deal} for deal in deals[:2]],
            "values": {"owner": str(company.people["ann"])}}  # fmt: skip
    done = company.at("mei").post("/records/opportunity/bulk", body)
    assert [one["status"] for one in done.body["items"]] == [200, 200], done.body
    assert [company.cell("sue", deal) for deal in deals] == [None, None, "Acme"]
    assert [nothing_left(held[deal]) for deal in deals] == [True, True, False]
    asks = company.at("ann").get("/access/loans?tab=asks").body["items"]
    assert {(one["record"], one["asks"]) for one in asks} == {(deal, "transferred") for deal in deals[:2]}
    assert Request.objects.get(pk=asked).approver_id == company.people["ann"], "what waits goes to the new owner"


def test_contractors_borrow_within_their_ceiling_and_are_told_what_lies_above_it(company: Company) -> None:
    """A ceiling is never exceeded, by a loan neither: a contractor borrows of what their team, project or pool reaches."""
    for one in ceilings():
        if one.code == "contractor-opportunity":
            grants.set_ceiling(SETUP, one.code, name=one.words.zh, name_en=one.words.en, type=one.type, kinds=one.kinds,
                               actions=one.actions, lines=one.lines)  # fmt: skip
    con = people.add_person(SETUP, "con", "Con", kind="contractor")
    company.people["con"] = con
    team = [
        {
            "type": "opportunity",
            "actions": ["read"],
            "scope": ["team"],
            "read": {"competitor": "hidden", "amount": "hidden"},
        }
    ]
    grants.grant_lines(SETUP, team, "person", str(con))
    deal = company.deal("bob")
    asked = company.ask("con", deal)
    assert asked.status == 201, "of what they do not see they are told nothing, as everybody"
    drain()
    request = f"/access/requests/{asked.body['id']}"
    refused = company.at("bob").post(f"{request}/approve")
    assert (refused.status, refused.code) == (403, "ceiling")
    assert "contractors work on their own" in refused.body["message"]["en"] and "team" in refused.body["message"]["en"]
    offer = company.at("bob").get(request).body["offer"]
    assert not offer["ok"] and any("团队" in check["words"]["zh"] for check in offer["checks"] if not check["ok"])
    company.do("bob", "opportunity", "team_add", deal, person=str(con))
    assert company.at("bob").post(f"{request}/approve").body["state"] == "approved"
    assert company.cell("con", deal) == "Acme", "within their bounds they borrow like anybody"
    secret = company.ask("con", deal, fields=["amount"])
    assert (secret.status, secret.code) == (403, "ceiling") and "contractors" in secret.body["message"]["en"]
    assert company.cell("con", deal, "amount") is None
