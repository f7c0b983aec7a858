"""Attacks on cases that nobody may know of: what an asker, or who looks after processes, learns of a request about an unseen record."""

from __future__ import annotations

from typing import Any

import pytest

from heli.access import grants
from heli.crm import processes
from heli.flows import ladder
from heli.flows.models import Instance
from heli.jobs.worker import drain
from heli.kernel import clock
from heli.kernel.ids import uuid7
from heli.org.verbs import reporting
from tests import world
from tests.api.lenders import DAY, Company, fresh
from tests.api.test_matters import Company as Matters
from tests.api.test_matters import in_days
from tests.api.test_requests_as_cases import publish
from tests.world import SETUP

pytestmark = pytest.mark.storage


@pytest.fixture
def company(db: None, settings: Any) -> Company:
    settings.SESSION_COOKIE_AGE = 60 * DAY
    made = fresh()
    made.add("pam", "root", None)
    lines = [{"type": "process", "actions": ["read", "administer"], "scope": ["all"]}]
    grants.grant_lines(SETUP, lines, "person", str(made.people["pam"]))
    return made


def pair(company: Company, who: str) -> tuple[str, str]:
    """Two hidden cases of this asker: about a deal that is there, and about none."""
    there, gone = company.ask(who, company.deal("wei")).body, company.ask(who, uuid7()).body
    drain()
    cases = dict(Instance.objects.filter(hidden=True).values_list("record_id", "pk"))
    return str(cases[there["id"]]), str(cases[gone["id"]])


@pytest.mark.parametrize("who", ["sue", "pam"])
def test_no_move_on_a_hidden_case_tells_its_asker_whether_the_record_is_there(company: Company, who: str) -> None:
    there, gone = pair(company, who)
    me = company.at(who)
    moves: tuple[tuple[str, Any], ...] = (
        ("urge", None), ("retry", {"node": "approve"}), ("take-back", {"node": "approve"}), ("comment", {"text": "hm"}),
        ("copy", {"people": [str(company.people["ann"])]}), ("work/1/reassign", {"to": str(company.people["ann"])}),
        ("work/1/decide", {"approve": True}), ("work/1/transfer", {"to": str(company.people["ann"])}), ("work/1/seen", None),
    )  # fmt: skip
    for what, body in moves:
        one, other = (me.post(f"/flows/instances/{case}/{what}", body) for case in (there, gone))
        absent = me.post(f"/flows/instances/999999/{what}", body)
        assert (one.status, one.body) == (other.status, other.body) == (absent.status, absent.body), what


def test_nobody_can_be_made_to_tell_its_asker_of_a_hidden_case(company: Company) -> None:
    """The lender does not know that whom they answer must not know; nor does the ladder, nor who draws whom a step informs."""
    file = processes.source("temporary_permission").decode()
    told = file.replace('<heli:does verb="approve"/>', '<heli:does verb="approve"/><heli:informed rule="initiator"/>')
    assert publish(company, told).status == 201
    reporting.set_manager(SETUP, company.people["wei"], company.people["sue"])
    there, _ = pair(company, "sue")
    wei, sue, known = company.at("wei"), company.at("sue"), str(company.people["sue"])
    said = wei.post(f"/flows/instances/{there}/comment", {"text": "why?", "people": [known]})
    copied = wei.post(f"/flows/instances/{there}/copy", {"people": [str(company.people["ann"]), known]})
    assert (said.status, said.places) == (422, ["people/0"]), said.body
    assert (copied.status, copied.places) == (422, ["people/1"]), copied.body
    with clock.later(seconds=6 * DAY):
        assert ladder.climb() > 0
        assert sue.get("/notices").body["items"] == []
    request = wei.get(f"/flows/instances/{there}").body["record"]
    assert wei.post(f"/access/requests/{request}/refuse", {"text": "no"}).status == 200
    assert sue.get("/notices").body["items"] == []
    assert sue.get("/flows/instances?scope=copied").body["items"] == []
    assert sue.get(f"/flows/instances/{there}").status == 404
    assert sue.get(f"/access/requests/{request}").body["state"] == "open"


def test_figures_of_requests_leave_out_what_nobody_may_know_of(company: Company) -> None:
    """Who looks after processes asks for a record that they do not see: a refusal must not show as one case less."""
    there, gone = pair(company, "pam")
    pam = company.at("pam")

    def figures() -> list[Any]:
        listed = next(one for one in pam.get("/flows/processes").body["items"] if one["code"] == "temporary_permission")
        rows = pam.get("/flows/processes/temporary_permission/versions").body["items"]
        trial = pam.post("/flows/processes/temporary_permission/migrations/trial", {"to": 1}).body
        return [listed["running"], [one["running"] for one in rows], trial["total"], trial["counts"]]

    file = processes.source("temporary_permission").decode()
    assert publish(company, file.replace("已授权", "已经授权")).status == 201
    before = figures()
    request = company.at("wei").get(f"/flows/instances/{there}").body["record"]
    assert company.at("wei").post(f"/access/requests/{request}/refuse", {"text": "no"}).status == 200
    assert figures() == before
    moved = pam.post("/flows/processes/temporary_permission/migrations", {}).body
    assert (moved["asked"], moved["counts"]["moved"], moved["stayed"]) == (0, 0, []), moved
    assert Instance.objects.get(pk=int(gone)).version.number == 2, "it goes over all the same"


# -- who leaves ------------------------------------------------------------------------------------------------------------


def test_who_leaves_learns_nothing_of_it_from_the_case_of_their_leaving(db: None, settings: Any) -> None:
    """Though they look after processes, and somebody who has work in it reports to them: they hear of it from people."""
    settings.SESSION_COOKIE_AGE = 60 * DAY
    company = world.fresh(Matters)
    reporting.set_manager(SETUP, company.people["adm"], company.people["pam"])
    assert company.notice("pam", in_days(40)).status == 200
    (work,) = company.cases("adm", "offboarding")
    here, adm, pam, known = (
        f"/flows/instances/{work['id']}",
        company.at("adm"),
        company.at("pam"),
        str(company.people["pam"]),
    )
    said = adm.post(f"{here}/comment", {"text": "who takes over?", "people": [known]})
    copied = adm.post(f"{here}/copy", {"people": [known]})
    assert (said.status, said.places) == (422, ["people/0"]), said.body
    assert (copied.status, copied.places) == (422, ["people/0"]), copied.body
    assert (
        adm.post(f"{here}/comment", {"text": "who takes over?", "people": [str(company.people["boss"])]}).status == 200
    )
    with clock.later(seconds=12 * DAY):
        assert ladder.climb() > 0
        assert pam.get("/notices").body["items"] == [] and pam.get("/pulse").body["notices"] == 0
    for scope in ("all", "halted", "copied", "begun"):
        assert pam.get(f"/flows/instances?scope={scope}").body["items"] == [], scope
    for what, body in (("urge", None), ("retry", {"node": "plan"}), ("comment", {"text": "hm"}), ("withdraw", {})):
        assert pam.post(f"{here}/{what}", body).status == 404, what
    number = company.case("adm", work["id"])["mine"]["number"]
    assert pam.post(f"{here}/work/{number}/reassign", {"to": str(company.people["ann"])}).status == 404
    assert pam.get(here).status == pam.get(f"{here}/sheet").status == 404
    file = processes.source("offboarding").decode().replace("已离职", "已经离职")
    assert pam.post("/flows/processes", {"source": file}).status == 201
    trial = pam.post("/flows/processes/offboarding/migrations/trial", {}).body
    assert [one["cases"] for one in trial["groups"]] == [[]], "that somebody leaves, and not whose case it is"
