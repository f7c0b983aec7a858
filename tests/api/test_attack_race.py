"""Two people at once, on PostgreSQL where they truly are: what takes two is given once, a draft is published once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings

from heli.access import grants
from heli.access.models import Grant
from heli.audit import again, verify
from heli.guard.models import Export
from heli.insight import company as companies
from heli.jobs.worker import drain
from heli.kernel import clock
from heli.lending.models import Loan
from heli.org.models import Assignment, Department
from heli.org.verbs import assignments, leaving, reporting
from heli.policy.models import PolicyVersion
from heli.review.models import Item
from tests.api.client import Api, Reply
from tests.api.lenders import SECURITY, Company, fresh
from tests.world import SETUP

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.storage]


@pytest.fixture
def company() -> Iterator[Company]:
    if connection.vendor != "postgresql":
        pytest.skip("one writer at a time anyway")
    yield fresh()


def at_once(*acts: Callable[[], Reply]) -> list[Reply]:
    start = Barrier(len(acts))

    def run(act: Callable[[], Reply]) -> Reply:
        start.wait(10)
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_two_yeses_at_once_give_a_role_once_and_one_person_twice_gives_nothing(company: Company) -> None:
    grants.save_role(SETUP, "keeper", name="keeper", lines=SECURITY)
    asked = company.at("sue").post("/access/requests/role", {"role": "keeper", "reason": "stand-in"})
    here = f"/access/requests/{asked.body['id']}/approve"
    sec, sid, boss = (company.at(name) for name in ("sec", "sid", "boss"))
    alone = at_once(lambda: sec.post(here), lambda: sec.post(here))
    assert sorted(r.status for r in alone) == [200, 409]
    assert not Grant.objects.filter(role__code="keeper").exists()
    both = at_once(lambda: sid.post(here), lambda: boss.post(here))
    assert sorted(r.status for r in both) == [200, 409]
    assert Grant.objects.filter(role__code="keeper", revoked_at=None).count() == 1


def test_two_yeses_at_once_to_one_request_lend_once(company: Company) -> None:
    share = [{"type": "opportunity", "actions": ["read", "share"], "scope": ["below"], "read": {"*": "read"}}]
    grants.grant_lines(SETUP, share, "position", str(company.positions["manager"]))
    deal = company.deal("bob")
    company.reads("sue", amount="hidden", competitor="hidden")
    bob, mei, sec, sid = (company.at(name) for name in ("bob", "mei", "sec", "sid"))
    here = f"/access/requests/{company.ask('sue', deal).body['id']}/approve"
    assert sorted(r.status for r in at_once(lambda: bob.post(here), lambda: mei.post(here))) == [200, 409]
    assert Loan.objects.count() == 1
    here = f"/access/requests/{company.ask('sue', deal, fields=['amount']).body['id']}"
    assert bob.post(f"{here}/approve").body["state"] == "confirming"
    done = at_once(lambda: sec.post(f"{here}/confirm"), lambda: sid.post(f"{here}/confirm"))
    assert sorted(r.status for r in done) == [200, 409]
    assert Loan.objects.count() == 2
    post = {"position": str(company.positions["finance"]), "reason": "x"}
    here = f"/access/requests/{company.at('sue').post('/access/requests/position', post).body['id']}/approve"
    assert sorted(r.status for r in at_once(lambda: sec.post(here), lambda: sid.post(here))) == [200, 409]
    held = Assignment.objects.filter(person_id=company.people["sue"], position_id=company.positions["finance"])
    assert held.count() == 1


def test_a_yes_at_the_moment_at_which_its_ground_goes_leaves_no_loan_behind(company: Company) -> None:
    """Whichever comes first: the record handed over or deleted, the lender's right taken, the lender gone."""
    company.reads("sue", competitor="hidden")
    bob, mei = company.at("bob"), company.at("mei")
    rep = Grant.objects.get(subject_kind="position", subject_id=str(company.positions["rep"]))

    def etag(api: Api, deal: str) -> str:
        return api.get(f"/records/opportunity/{deal}").etag

    def taken() -> Reply:
        again.until_done(lambda: grants.revoke(SETUP, rep.pk))
        return Reply(200, None, {})

    def gone() -> Reply:
        again.until_done(lambda: leaving.leave(SETUP, company.people["bob"]))
        return Reply(200, None, {})

    body = {"owner": str(company.people["ann"])}
    for what in ("transfer", "delete", "taken", "left"):
        deal = company.deal("bob")
        here = f"/access/requests/{company.ask('sue', deal).body['id']}/approve"
        mark, hers = etag(bob, deal), etag(mei, deal)
        act = {
            "transfer": lambda deal=deal, hers=hers: mei.post(f"/records/opportunity/{deal}/actions/transfer", body, If_Match=hers),
            "delete": lambda deal=deal, mark=mark: bob.delete(f"/records/opportunity/{deal}", If_Match=mark),
            "taken": taken, "left": gone,
        }[what]  # fmt: skip
        yes, other = at_once(lambda here=here: bob.post(here), act)
        assert other.status in (200, 204), (what, other.body)
        assert yes.status in (200, 401, 403, 404, 409), (what, yes.body)
        if what == "left":  # who had said yes in time lends on for a week
            assert all(one.ends <= clock.now() + timedelta(days=7) for one in Loan.objects.filter(record_id=deal))
            continue
        assert not [one for one in Loan.objects.filter(record_id=deal) if one.running()], what
        assert company.cell("sue", deal) is None, what
        assert not Grant.objects.filter(source__startswith="loan:", revoked_at=None).exists()
        if what == "taken":
            rep = grants.grant_role(SETUP, "rep", "position", str(company.positions["rep"]))
    assert verify.verify().ok


def test_a_draft_published_twice_at_once_is_one_version(company: Company) -> None:
    sec, sid = company.at("sec"), company.at("sid")
    made = sec.post("/access/drafts", {"title": "t"})
    here = f"/access/drafts/{made.body['id']}"
    after: dict[str, Any] = {
        "lines": [{"type": "task", "actions": ["read"], "scope": ["all"]}],
        "subject": "person:wei",
    }
    put = sec.send("PUT", f"{here}/changes/grant/n", {"after": after}, If_Match=made.etag)
    assert sec.send("POST", f"{here}/submit", {}, If_Match=put.etag).status == 200
    assert sid.send("POST", f"{here}/approve", {}, If_Match=put.etag).status == 200
    done = at_once(*(lambda api=api: api.send("POST", f"{here}/publish", {}, If_Match=put.etag) for api in (sec, sid)))
    assert sorted(r.status for r in done) == [200, 409]
    assert PolicyVersion.objects.count() == 1


def test_a_move_published_at_the_moment_at_which_its_ground_moves_is_whole_or_not_there(company: Company) -> None:
    """A draft moves somebody while they are moved by hand, while somebody writes into it, or while it is sent back."""
    sec, sid = company.at("sec"), company.at("sid")
    codes = dict(Department.objects.values_list("name", "code"))
    for what, who in (("moved", "wei"), ("changed", "ann"), ("returned", "bob")):
        made = sec.post("/access/drafts", {"title": f"Move {who}"})
        here = f"/access/drafts/{made.body['id']}"
        put = sec.send(
            "POST", f"{here}/moves", {"people": [who], "post": {"department": codes["support"]}}, If_Match=made.etag
        )
        assert put.status == 200, put.body
        assert sec.send("POST", f"{here}/submit", {}, If_Match=put.etag).status == 200
        assert sid.send("POST", f"{here}/approve", {}, If_Match=put.etag).status == 200

        def other(what: str = what, who: str = who, here: str = here, etag: str = put.etag) -> Reply:
            if what == "moved":
                assignments.move_person(SETUP, company.people[who], company.departments["finance"])
                return Reply(200, None, {})
            if what == "changed":
                return sec.send("POST", f"{here}/moves", {"people": ["fin"], "manager": "sid"}, If_Match=etag)
            return sid.send("POST", f"{here}/return", {"text": "not so"}, If_Match=etag)

        before = PolicyVersion.objects.count()
        published, done = at_once(
            lambda here=here, etag=put.etag: sid.send("POST", f"{here}/publish", {}, If_Match=etag), other
        )
        assert published.status in (200, 409, 412), published.body
        assert done.status in (200, 409, 412), done.body
        draft = sec.get(here).body
        assert (
            (draft["state"] == "published")
            == (published.status == 200)
            == (PolicyVersion.objects.count() == before + 1)
        )
        posts = Assignment.objects.filter(person_id=company.people[who], ends=None)
        (live,) = posts.values_list("department__name", flat=True)
        if what == "moved":
            assert live in ("finance", "support")
        else:
            assert (live == "support") == (published.status == 200) != (done.status == 200), (
                "what was approved is what holds"
            )


def test_an_export_that_is_approved_refused_taken_back_and_left_at_once_comes_to_one_end(
    company: Company, tmp_path: Path
) -> None:
    with override_settings(HELI_HOME=tmp_path):
        for who, scope in (("bob", "own"), ("mei", "below")):
            lines = [{"type": "opportunity", "actions": ["export"], "scope": [scope], "limit": "500"}]
            grants.grant_lines(SETUP, lines, "person", str(company.people[who]))
        company.deal()
        bob, mei = company.at("bob"), company.at("mei")
        body = {"type": "opportunity", "format": "csv", "fields": ["name", "amount"], "reason": "The quarter"}
        for n in range(4):
            here = f"/exports/{bob.post('/exports', body).body['id']}"
            acts = [
                partial(mei.post, f"{here}/approve", {}), partial(mei.post, f"{here}/refuse", {"note": "no"}),
                partial(bob.post, f"{here}/withdraw", {}),
            ]  # fmt: skip
            found = at_once(*acts[n % 3 :], *acts[: n % 3])
            assert sorted(one.status for one in found) == [200, 409, 409], [one.body for one in found]
        here = f"/exports/{bob.post('/exports', body).body['id']}"
        assert mei.post(f"{here}/approve", {}).status == 200
        drain()
        got = at_once(*[lambda: bob.get(f"{here}/file")] * 3)
        assert [one.status for one in got] == [200] * 3 and bob.get(here).body["downloads"] == 3

        def leaves() -> Reply:
            leaving.leave(SETUP, company.people["bob"])
            return Reply(200, None, {})

        last = at_once(lambda: bob.get(f"{here}/file"), leaves, lambda: bob.get(f"{here}/file"))
        assert {one.status for one in last} <= {200, 401, 404, 409}, [one.body for one in last]
        assert bob.get(f"{here}/file").status == 401
        assert Export.objects.get(pk=here.rpartition("/")[2]).state == Export.ENDED and not list(
            tmp_path.glob("exports/*")
        )


def test_the_last_two_who_administer_are_not_reviewed_away_at_once(company: Company) -> None:
    """Each reviewer saw that the other administrator was still there."""
    for whose, reviewer in (("sec", "bob"), ("sid", "mei")):
        reporting.set_manager(SETUP, company.people[whose], company.people[reviewer])
    started = company.at("boss").post("/access/reviews", {"kind": "all"})
    assert started.status == 201, started.body
    management = Grant.objects.get(subject_kind="position", subject_id=str(company.positions["management"]))
    grants.revoke(SETUP, management.pk)

    def revoking(reviewer: str, whose: str) -> Callable[[], Reply]:
        item = Item.objects.get(campaign_id=int(started.body["id"]), person_id=company.people[whose])
        api, here = company.at(reviewer), f"/access/reviews/batches/{item.batch_id}/items/{item.pk}/revoke"
        return lambda: api.post(here, {})

    found = at_once(revoking("bob", "sec"), revoking("mei", "sid"))
    assert sorted((one.status, one.code if one.status == 409 else "") for one in found) == [(200, ""), (409, "last")]
    assert len(companies.now().may("policy", "grant")) == 1
