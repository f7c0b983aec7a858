"""Two people for what would make one of them powerful; roles that stay apart; the last one who administers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from heli.access import grants
from heli.access import view as views
from heli.access.models import Grant
from heli.api.models import PendingChange
from heli.audit.models import Entry
from heli.kernel import clock
from heli.org import verbs as org
from heli.org.models import Assignment, Person
from heli.org.verbs import assignments, departments, people
from heli.policy.models import Duty
from tests.api.client import Api, signed_in
from tests.api.test_org_posts import ADMINISTER
from tests.world import SETUP, World

pytestmark = pytest.mark.storage

SECURITY = [{"type": "policy", "actions": ["read", "grant"], "scope": ["all"]}]
NEW = "a completely new secret"


@pytest.fixture
def staffed(world: World) -> World:
    """Two administrators of the organisation, and one of rights beside the boss."""
    for code, lines in (("orgadm", ADMINISTER), ("secadm", SECURITY)):
        grants.save_role(SETUP, code, name=code, lines=lines)
    for name, role in (("adm", "orgadm"), ("ada", "orgadm"), ("sec", "secadm")):
        world.add(name, "root", None)
        grants.grant_role(SETUP, role, "person", str(world.people[name]))
    return world


def post_of(world: World, department: str, job: str) -> dict[str, str]:
    return {"department": str(world.departments[department]), "position": str(world.positions[job])}


def steps(api: Api, asked: Any, step: str, **body: Any) -> Any:
    return api.post(f"/organisation/requests/{asked.body['pending']['id']}/{step}", body)


def test_a_sensitive_post_waits_for_security_and_is_then_given_as_it_was_asked_for(staffed: World) -> None:
    world, adm, ada, sec = staffed, signed_in("adm"), signed_in("ada"), signed_in("sec")
    ann = world.people["ann"]
    at = f"/organisation/people/{ann}"
    assert adm.post(f"{at}/assign", post_of(world, "support", "support")).status == 200, "an ordinary post needs nobody"
    asked = adm.post(f"{at}/assign", post_of(world, "root", "management"))
    assert asked.status == 202
    pending = asked.body["pending"]
    assert pending["words"]["zh"] == "Ann：增加任职，将获得「management」" and pending["may"] == ["withdraw"]
    told = {one["name"]["en"]: one["value"]["en"] for one in pending["details"]}
    assert told == {"department": "Company", "position": "management"}, "who confirms sees whom and where"
    assert not views.of(ann).may("policy", "grant"), "nothing acts before"
    assert adm.post(f"{at}/assign", post_of(world, "root", "management")).body["pending"]["id"] == pending["id"]

    assert (
        [p["id"] for p in adm.get(at).body["pending"]]
        == [pending["id"]]
        == [p["id"] for p in sec.get(at).body["pending"]]
    )
    item = next(i for i in sec.get("/workbench").body["queue"] if i["kind"] == "change")
    assert item["id"] == pending["id"] and item["href"] == f"/organisation/people/{ann}"
    assert not [i for i in ada.get("/workbench").body["queue"] if i["kind"] == "change"]
    assert "pending" not in signed_in("bob").get(at).body

    assert steps(adm, asked, "confirm").code == "own"
    assert steps(ada, asked, "confirm").code == "no_line", "another administrator of the organisation is not security"
    assert steps(signed_in("bob"), asked, "confirm").code == "no_line"
    done = steps(sec, asked, "confirm")
    assert (done.status, done.body["state"]) == (200, "done")
    assert views.of(ann).may("policy", "grant")
    assert steps(signed_in("boss"), asked, "confirm").code == "settled"
    told = Entry.objects.filter(action="assignment.create", object_id__gt="").order_by("-pk").first()
    assert told is not None and (told.actor_id, told.via) == (world.people["adm"], "confirmed by Sec")
    assert Entry.objects.filter(action="change.confirm", actor_id=world.people["sec"]).count() == 1


def test_who_gains_does_not_confirm_and_what_waits_too_long_is_over(staffed: World) -> None:
    world, adm, sec = staffed, signed_in("adm"), signed_in("sec")
    asked = adm.post(f"/organisation/people/{world.people['sec']}/assign", post_of(world, "root", "management"))
    assert steps(sec, asked, "confirm").code == "concerned"
    no = steps(signed_in("boss"), asked, "refuse", reason="一个人只管一件事")
    assert (no.body["state"], no.body["reason"]) == ("refused", "一个人只管一件事")
    later = adm.post(f"/organisation/people/{world.people['ann']}/move", post_of(world, "root", "management"))
    waited = PendingChange.objects.filter(pk=later.body["pending"]["id"])
    assert waited.get().ends - waited.get().at == timedelta(days=7)
    waited.update(ends=clock.now())
    assert steps(sec, later, "confirm").code == "settled"
    states = [one["state"] for one in sec.get("/organisation/requests").body["items"]]
    assert states == ["expired", "refused"]
    mine = adm.post(f"/organisation/people/{world.people['bob']}/move", post_of(world, "root", "management"))
    assert steps(sec, mine, "withdraw").code == "not_yours"
    assert steps(adm, mine, "withdraw").body["state"] == "withdrawn"
    gone = adm.post(f"/organisation/people/{world.people['wei']}/move", post_of(world, "root", "management"))
    signed_in("ada").post(f"/organisation/people/{world.people['adm']}/leave", {})
    assert steps(sec, gone, "confirm").code == "author"


def test_a_new_person_at_a_sensitive_post_is_made_and_told_only_when_confirmed(staffed: World) -> None:
    body = {"name": "钱总", "username": "qian", "email": "qian@example.com", **post_of(staffed, "root", "management")}
    asked = signed_in("adm").post("/organisation/people", body)
    assert asked.status == 202 and mail.outbox == [] and not Person.objects.filter(username="qian").exists()
    assert steps(signed_in("sec"), asked, "confirm").status == 200
    (sent,) = mail.outbox
    link = sent.body.split("#link=")[1].split()[0]
    assert sent.to == ["qian@example.com"]
    assert Api().post("/session/password", {"link": link, "password": NEW}).status == 200
    assert Api().post("/session", {"username": "qian", "password": NEW}).status == 200


def test_an_address_to_which_a_reset_would_go_is_changed_by_two(staffed: World) -> None:
    adm, at = signed_in("adm"), f"/organisation/people/{staffed.people['boss']}"
    asked = adm.patch(at, {"email": "adm@example.com"})
    assert asked.status == 202 and "management" in asked.body["pending"]["words"]["en"]
    assert adm.patch(at, {"name": "Boss"}).status == 200 and Person.objects.get(username="boss").email == ""
    assert adm.patch(f"/organisation/people/{staffed.people['ann']}", {"email": "ann@example.com"}).status == 200
    assert steps(signed_in("sec"), asked, "confirm").status == 200
    assert Person.objects.get(username="boss").email == "adm@example.com"


def test_a_department_that_moves_below_a_powerful_one_takes_nobody_along_unseen(staffed: World) -> None:
    grants.grant_lines(SETUP, SECURITY, "department", str(staffed.departments["support"]), below=True)
    adm, at = signed_in("adm"), f"/organisation/departments/{staffed.departments['east1']}"
    asked = adm.patch(at, {"parent": str(staffed.departments["support"])})
    assert asked.status == 202 and not views.of(staffed.people["bob"]).may("policy", "grant")
    assert steps(signed_in("sec"), asked, "confirm").status == 200
    assert views.of(staffed.people["bob"]).may("policy", "grant")


def test_where_no_address_is_known_two_people_hand_over_half_a_code_each(staffed: World) -> None:
    adm, ada, ann = signed_in("adm"), signed_in("ada"), signed_in("ann")
    asked = adm.post(f"/organisation/people/{staffed.people['ann']}/reset")
    assert asked.status == 202 and ann.get("/me").status == 200
    done = steps(ada, asked, "confirm")
    assert done.status == 200 and ann.get("/me").status == 401
    first, second = asked.body["first_half"], done.body["second_half"]
    body = {"username": "ann", "password": NEW}
    for halves in ({"first": first, "second": first}, {"first": second, "second": first}):
        assert Api().post("/session/password/halves", {**body, **halves}).code == "dead_link"
    weak = Api().post("/session/password/halves", {**body, "password": "1234", "first": first, "second": second})
    assert set(weak.places) == {"password"}
    assert Api().post("/session/password/halves", {**body, "first": first, "second": second}).status == 200
    assert Api().post("/session/password/halves", {**body, "first": first, "second": second}).code == "dead_link"
    assert Api().post("/session", body).status == 200
    assert first not in str(list(Entry.objects.values())) and second not in str(list(Entry.objects.values()))


def test_a_link_or_a_code_for_an_ordinary_account_is_no_way_into_a_powerful_one(staffed: World) -> None:
    """One administrator has them sent to an account that is about to be given a sensitive role by others."""
    world, adm, ada = staffed, signed_in("adm"), signed_in("ada")
    ann, bob = (world.people[name] for name in ("ann", "bob"))
    assert adm.patch(f"/organisation/people/{ann}", {"email": "adm@example.com"}).status == 200
    assert adm.post(f"/organisation/people/{ann}/reset").status == 200
    link = mail.outbox[-1].body.split("#link=")[1].split()[0]
    asked = adm.post(f"/organisation/people/{bob}/reset")
    code = {"first": asked.body["first_half"], "second": steps(ada, asked, "confirm").body["second_half"]}
    for one in (ann, bob):
        grants.grant_role(SETUP, "secadm", "person", str(one))
    assert Api().post("/session/password", {"link": link, "password": NEW}).code == "dead_link"
    assert Api().post("/session/password/halves", {"username": "bob", "password": NEW, **code}).code == "dead_link"
    asked = adm.post(f"/organisation/people/{ann}/reset")
    assert asked.status == 202 and steps(signed_in("sec"), asked, "confirm").status == 200
    link = mail.outbox[-1].body.split("#link=")[1].split()[0]
    assert Api().post("/session/password", {"link": link, "password": NEW}).status == 200, "two have agreed to this one"


def test_what_brings_more_than_was_agreed_to_is_not_done_and_says_what_it_brings_by_now(staffed: World) -> None:
    world, adm, sec = staffed, signed_in("adm"), signed_in("sec")
    large = [{"type": "opportunity", "actions": ["export"], "scope": ["all"], "limit": "99999"}]
    grants.save_role(SETUP, "exporter", name="exporter", lines=large)
    grants.grant_role(SETUP, "exporter", "position", str(world.positions["support"]))
    at = f"/organisation/people/{world.people['ann']}"
    asked = adm.post(f"{at}/assign", post_of(world, "support", "support"))
    assert asked.status == 202 and "secadm" not in asked.body["pending"]["words"]["en"]
    grants.grant_role(SETUP, "secadm", "position", str(world.positions["support"]))
    told = steps(sec, asked, "confirm")
    assert (told.status, told.body["state"], told.body["may"]) == (200, "open", ["confirm", "refuse"]), told.body
    assert "secadm" in told.body["words"]["en"] and "nothing was done" in told.body["grown"]["en"]
    assert not views.of(world.people["ann"]).may("policy", "grant")
    assert steps(sec, asked, "confirm").body["state"] == "done"
    assert views.of(world.people["ann"]).may("policy", "grant")


def test_roles_that_a_duty_keeps_apart_meet_in_nobody(staffed: World) -> None:
    Duty.objects.create(code="d", body={"name": "分开", "name_en": "apart", "first": ["rep"], "second": ["support"]})
    adm, at = signed_in("adm"), f"/organisation/people/{staffed.people['ann']}"
    refused = adm.post(f"{at}/assign", post_of(staffed, "support", "support"))
    assert (refused.status, refused.code) == (409, "duty") and "Ann" in refused.body["message"]["en"]
    soon = (clock.now().date().replace(year=clock.now().year + 1)).isoformat()
    later = adm.post(f"{at}/assign", {**post_of(staffed, "support", "support"), "from": soon})
    assert later.code == "duty", "nor later, nor for a while"
    assert adm.post(f"{at}/move", post_of(staffed, "support", "support")).status == 200, "one after the other is fine"


def test_the_last_one_who_could_administer_stays(staffed: World) -> None:
    adm, at = signed_in("adm"), "/organisation/people/"
    assert signed_in("ada").post(f"{at}{staffed.people['adm']}/leave", {}).status == 200
    ada = signed_in("ada")
    assert ada.post(f"{at}{staffed.people['sec']}/leave", {}).status == 200, "the boss still publishes rights"
    boss = ada.post(f"{at}{staffed.people['boss']}/leave", {})
    assert (boss.status, boss.code) == (409, "nobody") and "权限策略" in boss.body["message"]["zh"]
    grants.grant_role(SETUP, "orgadm", "person", str(staffed.people["mei"]))
    mei = signed_in("mei")
    assert mei.post(f"{at}{staffed.people['ada']}/leave", {}).status == 200
    assert adm.get("/me").status == 401


def test_off_boarding_and_moving_with_their_hand_over_are_looked_at_like_the_plain_acts(staffed: World) -> None:
    """The routes of the permission centre do what those of the organisation do, and are no way around the second person."""
    adm = signed_in("adm")
    moving = adm.post(f"/access/people/{staffed.people['ann']}/move", post_of(staffed, "root", "management"))
    assert moving.status == 202 and not views.of(staffed.people["ann"]).may("policy", "grant")
    assert adm.post(f"/access/people/{staffed.people['boss']}/offboard", {}).code == "nobody"
    assert Person.objects.get(username="boss").status == Person.ACTIVE


def test_no_end_of_a_post_on_a_day_to_come_leaves_nobody_who_administers(staffed: World) -> None:
    """What nobody could do any more on a later day is refused when that day is set, not when it comes."""
    adm, boss = signed_in("adm"), staffed.people["boss"]
    at, post = f"/organisation/people/{boss}", str(Assignment.objects.get(person_id=boss).pk)
    day = (clock.now() + timedelta(days=30)).date().isoformat()
    ending = adm.post(f"{at}/end", {"assignment": post, "until": day})
    assert (ending.status, ending.code) == (409, "nobody")
    assert "修改权限策略" in ending.body["message"]["zh"] and " 起" in ending.body["message"]["zh"], (
        "what, and from when"
    )
    moving = {**post_of(staffed, "support", "support"), "from": day}
    assert adm.post(f"{at}/move", moving).code == adm.post(f"/access/people/{boss}/move", moving).code == "nobody"
    # A deputy acts in processes and holds nothing by it; who heads a department neither.
    assert adm.post(f"{at}/deputy", {"deputy": str(staffed.people["mei"]), "until": day}).status == 200
    assert adm.post(f"{at}/end", {"assignment": post, "until": day}).code == "nobody"
    # Somebody who takes over from that day on is enough; and then their own post stays.
    asked = adm.post(
        f"/organisation/people/{staffed.people['mei']}/assign", {**post_of(staffed, "root", "management"), "from": day}
    )
    assert steps(signed_in("sec"), asked, "confirm").status == 200
    assert adm.post(f"{at}/end", {"assignment": post, "until": day}).status == 200
    later = Assignment.objects.get(person_id=staffed.people["mei"], position_id=staffed.positions["management"])
    assert adm.post(f"/organisation/people/{staffed.people['mei']}/end", {"assignment": str(later.pk)}).code == "nobody"


def test_no_position_and_no_department_is_closed_under_the_last_one_who_administers(staffed: World) -> None:
    """Both are refused while anybody holds them, now or on a day to come; then nobody can lose anything by it."""
    adm = signed_in("adm")
    closing = f"/organisation/positions/{staffed.positions['management']}/close"
    assert adm.post(closing).code == "held"
    assert adm.delete(f"/organisation/departments/{staffed.departments['root']}").code == "has_departments"
    # Rights that a department brings go when it is moved out of it.
    grants.grant_role(SETUP, "secadm", "department", str(staffed.departments["west"]), below=True)
    team = departments.create_department(SETUP, "west1", staffed.departments["west"])
    people.add_person(SETUP, "una", "Una")
    una = Person.objects.get(username="una").pk
    assignments.assign(SETUP, una, team, None)
    by = {"person": staffed.people["sec"], "position": staffed.positions["management"]}
    for kind, subject in by.items():
        for grant in Grant.objects.filter(revoked_at=None, subject_kind=kind, subject_id=str(subject)):
            grants.revoke(SETUP, grant.pk)
    org.end_assignment(SETUP, Assignment.objects.get(person_id=staffed.people["wei"]).pk)
    moved = adm.patch(f"/organisation/departments/{team}", {"parent": str(staffed.departments["east"])})
    assert (moved.status, moved.code) == (409, "nobody")
    assert views.of(una).may("policy", "grant")
