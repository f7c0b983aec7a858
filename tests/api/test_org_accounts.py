"""What administrators do about signing in: reset a password by a link of one use; make tokens for service accounts."""

from __future__ import annotations

import pytest
from django.core import mail

from heli.access import grants
from heli.api.models import Token
from heli.audit.models import Entry, Value
from heli.org import verbs as org
from heli.org.models import Person
from tests.api.client import Api, set_password, signed_in
from tests.api.test_org_posts import ADMINISTER
from tests.world import SETUP, World

pytestmark = pytest.mark.storage

NEW = "a completely new secret"


@pytest.fixture
def admin(world: World) -> Api:
    world.add("adm", "root", None)
    grants.grant_lines(SETUP, ADMINISTER, "person", str(world.people["adm"]))
    return signed_in("adm")


@pytest.fixture
def robot(world: World) -> int:
    """A service account that works as a sales rep."""
    made = org.create_service_account(SETUP, "robot", "ERP")
    org.assign(SETUP, made, world.departments["east"], world.positions["rep"])
    return made


@pytest.fixture
def address(world: World) -> None:
    Person.objects.filter(username="ann").update(email="ann@example.com")


def sent() -> str:
    """The link in the last e-mail."""
    found: str = mail.outbox[-1].body.split("#link=")[1].split()[0]
    return found


def told(action: str) -> list[Entry]:
    return list(Entry.objects.filter(action=action).order_by("pk"))


@pytest.mark.usefixtures("address")
def test_a_password_is_reset_by_a_link_of_one_use_that_only_the_person_gets(world: World, admin: Api) -> None:
    ann = signed_in("ann")
    made = admin.post(f"/organisation/people/{world.people['ann']}/reset")
    assert made.status == 200 and made.headers["Cache-Control"] == "private, no-store"
    link = sent()
    assert mail.outbox[-1].to == ["ann@example.com"] and f"/signin#link={link}" in mail.outbox[-1].body
    assert made.body["sent_to"] == "a***@example.com" and link not in str(made.body)
    assert ann.get("/me").status == 401, "the sessions end with the password"
    assert Api().post("/session", {"username": "ann", "password": "correct horse battery"}).status == 401
    stranger = Api()
    weak = stranger.post("/session/password", {"link": link, "password": "12345678"})
    assert weak.status == 422 and set(weak.places) == {"password"}, "a weak one is named and the link stays good"
    done = stranger.post("/session/password", {"link": link, "password": NEW})
    assert (done.status, done.body) == (200, {"username": "ann"})
    assert Api().post("/session", {"username": "ann", "password": NEW}).status == 200
    assert stranger.post("/session/password", {"link": link, "password": NEW + "!"}).code == "dead_link"
    by = [(e.actor_id, e.via) for e in told("person.set_password")]
    assert by == [(world.people["adm"], ""), (world.people["ann"], "reset link")]
    assert link not in str(list(Value.objects.values_list("body", flat=True)))


@pytest.mark.usefixtures("address")
def test_a_link_dies_with_the_next_one_and_with_its_person(world: World, admin: Api) -> None:
    at = f"/organisation/people/{world.people['ann']}"
    first, second = (sent() for _ in range(2) if admin.post(f"{at}/reset").status == 200)
    assert Api().post("/session/password", {"link": first, "password": NEW}).code == "dead_link"
    other = second.replace(f"{world.people['ann']}-", f"{world.people['bob']}-", 1)
    assert Api().post("/session/password", {"link": other, "password": NEW}).code == "dead_link", "nobody else's"
    admin.post(f"{at}/leave", {})
    assert Api().post("/session/password", {"link": second, "password": NEW}).code == "dead_link"
    for wrong in ("", "1", "1-", "x-y-z", None, 7, "1-aaa-zz", "9" * 19 + "-aaa-00"):
        reply = Api().post("/session/password", {"link": wrong, "password": NEW})
        assert reply.status == 422 and reply.places == ["link"], (wrong, reply.body)


def test_links_are_guessed_slowly_and_from_this_site_only(world: World, admin: Api) -> None:
    body = {"link": "1-aaaaaa-00", "password": NEW}
    assert Api().post("/session/password", body, Origin="https://elsewhere.example").code == "csrf"
    found = {Api().post("/session/password", body).status for _ in range(70)}
    assert found == {404, 429}


def test_who_has_no_password_has_none_reset(world: World, admin: Api, robot: int) -> None:
    assert admin.post(f"/organisation/people/{robot}/reset").code == "service_account"
    assert admin.post(f"/organisation/people/{world.people['adm']}/reset").code == "self"
    admin.post(f"/organisation/people/{world.people['wei']}/leave", {})
    assert admin.post(f"/organisation/people/{world.people['wei']}/reset").code == "left"


def test_a_service_account_gets_a_token_that_is_shown_once_and_revoked(world: World, admin: Api, robot: int) -> None:
    world.make("ann", "opportunity", name="A")
    at = f"/organisation/people/{robot}/tokens"
    assert [r["code"] for r in admin.get(at).body["roles"]] == ["rep"]
    body = {"name": "ERP 同步", "role": "rep", "days": 30}
    made = admin.post(at, body, Idempotency_Key="k1")
    assert made.status == 201 and made.body["token"].startswith("heli_")
    assert admin.post(at, body, Idempotency_Key="k1").status == 409, "not shown a second time"
    assert "token" not in admin.get(at).body["items"][0] and Token.objects.count() == 1
    erp = Api(made.body["token"])
    assert erp.get("/me").body["person"]["username"] == "robot"
    assert [one["name"] for one in erp.get("/records/opportunity").body["items"]] == ["A"]
    assert admin.delete(f"{at}/{made.body['id']}").status == 204
    assert erp.get("/me").status == 401
    assert admin.delete(f"{at}/{made.body['id']}").status == 404
    entries = [(e.action, e.actor_id) for e in Entry.objects.filter(object_type="token").order_by("pk")]
    assert entries == [("token.create", world.people["adm"]), ("token.revoke", world.people["adm"])]
    bodies = Value.objects.filter(entry__object_type="token").values_list("body", flat=True)
    assert all(f'"person":{robot}' in str(body) and made.body["token"] not in str(body) for body in bodies)


def test_nobody_makes_a_token_for_a_person_or_beyond_the_account(world: World, admin: Api, robot: int) -> None:
    body = {"name": "x", "role": "rep", "days": 1}
    assert admin.post(f"/organisation/people/{world.people['ann']}/tokens", body).code == "not_service"
    assert admin.get(f"/organisation/people/{world.people['ann']}/tokens").code == "not_service"
    at = f"/organisation/people/{robot}/tokens"
    assert admin.post(at, {**body, "role": "management"}).places == ["role"]
    for wrong, place in (
        ({"days": 0}, "days"),
        ({"days": 366}, "days"),
        ({"name": ""}, "name"),
        ({"role": None}, "role"),
    ):
        assert admin.post(at, {**body, **wrong}).places == [place]
    set_password("ann")
    assert signed_in("ann").post(at, body).code == "no_line"
    mine = org.create_service_account(SETUP, "second", "Second")
    grants.save_role(SETUP, "orgadm", name="orgadm", lines=ADMINISTER)
    grants.grant_role(SETUP, "orgadm", "person", str(mine))
    asked = admin.post(f"/organisation/people/{mine}/tokens", {**body, "role": "orgadm"})
    assert asked.status == 202 and "token" not in asked.body, "the role administers: it takes a second person"
    boss = signed_in("boss")
    assert boss.post(f"/organisation/requests/{asked.body['pending']['id']}/confirm", {}).status == 200
    token = admin.post(f"/organisation/people/{mine}/tokens", {**body, "role": "orgadm"}).body["token"]
    assert admin.post(f"/organisation/people/{mine}/tokens", {**body, "role": "orgadm"}).status == 202, "one only"
    assert Api(token).post(at, body).code == "by_token"
    admin.post(f"/organisation/people/{robot}/leave", {})
    assert admin.post(at, body).code == "left"
    assert Person.objects.get(pk=robot).status == "left"


def test_a_token_sets_nobodys_password_and_so_never_reaches_beyond_its_role(world: World) -> None:
    """A session opened with a password that a token set would have every role of its person, and no end."""
    grants.save_role(SETUP, "hr", name="hr", lines=ADMINISTER)
    world.add("adm", "root", None)
    grants.grant_role(SETUP, "hr", "person", str(world.people["adm"]))
    admin = signed_in("adm")
    program = Api(admin.post("/tokens", {"name": "HR", "role": "hr", "days": 1}).body["token"])
    at = f"/organisation/people/{world.people['ann']}"
    for reply in (program.post(f"{at}/reset"),):
        assert (reply.status, reply.code) == (403, "by_token"), reply.body
    assert program.post("/organisation/people", {"name": "New", "username": "newcomer"}).status == 201
    assert signed_in("ann").get("/me").status == 200
