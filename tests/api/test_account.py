"""My account: my password, where I am signed in, who stands in for me, what I set; never anybody else's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from heli.access import grants
from heli.audit.models import Entry, Value
from heli.kernel import clock
from heli.org import verbs as org
from heli.org import zone
from heli.org.models import Person
from heli.records import sql
from tests.api.client import PASSWORD, Api, signed_in
from tests.world import SETUP, World

pytestmark = pytest.mark.storage

NEW = "a completely new secret"


def day(days: int) -> str:
    return (zone.today() + timedelta(days=days)).isoformat()


def again(username: str) -> Api:
    """The same person at another device."""
    api = Api()
    assert api.post("/session", {"username": username, "password": PASSWORD}).status == 200
    return api


def token(api: Api) -> Api:
    made = api.post("/tokens", {"name": "ERP", "role": "rep", "days": 30})
    assert made.status == 201
    return Api(made.body["token"])


def test_my_password_changes_for_who_knows_it_and_ends_every_other_session(world: World) -> None:
    here, there = signed_in("ann"), again("ann")
    program = token(here)
    before = here.cookie()
    wrong = here.post("/me/password", {"current": "not this one", "new": NEW})
    assert (wrong.status, wrong.places) == (422, ["current"])
    weak = here.post("/me/password", {"current": PASSWORD, "new": "12345678"})
    assert weak.status == 422 and set(weak.places) == {"new"}
    same = here.post("/me/password", {"current": PASSWORD, "new": PASSWORD})
    assert (same.status, same.places) == (422, ["new"])
    assert there.get("/me").status == 200, "nothing has changed so far"
    assert here.get("/me/sign-ins").body["items"][0]["outcome"] == "failed", "who guesses from inside is seen"

    done = here.post("/me/password", {"current": PASSWORD, "new": NEW})
    assert (done.status, done.body) == (200, {"ended": 1})
    assert here.cookie() != before, "the session goes on under a new key"
    assert here.get("/me").status == 200
    assert there.get("/me").status == 401
    old = Api()
    old.http.cookies["sessionid"] = before or ""
    assert old.get("/me").status == 401, "the former key is worth nothing"
    assert program.get("/me").status == 200, "a program's token has its own end"
    assert Api().post("/session", {"username": "ann", "password": PASSWORD}).status == 401
    assert Api().post("/session", {"username": "ann", "password": NEW}).status == 200
    told = list(Entry.objects.filter(action="person.set_password"))
    assert [one.actor_id for one in told] == [world.people["ann"]]
    assert NEW not in str(list(Value.objects.values_list("body", flat=True)))


def test_a_password_is_guessed_slowly_also_from_inside(world: World) -> None:
    ann = signed_in("ann")
    found = [ann.post("/me/password", {"current": f"guess {n}", "new": NEW}).status for n in range(12)]
    assert set(found) == {422, 429} and found[-1] == 429
    assert signed_in("bob").post("/me/password", {"current": PASSWORD, "new": NEW}).status == 200, "others go on"


def test_another_site_changes_nothing(world: World) -> None:
    ann = signed_in("ann")
    body = {"current": PASSWORD, "new": NEW}
    ann.http.cookies["csrftoken"] = ""
    assert ann.post("/me/password", body).code == "csrf"
    ann.http.cookies["csrftoken"] = ""
    assert ann.patch("/me/settings", {"theme": "dark"}).code == "csrf"


def test_i_see_where_i_am_signed_in_and_end_what_is_not_me(world: World) -> None:
    here, there = signed_in("ann"), Api()
    sent = there.post(
        "/session", {"username": "ann", "password": PASSWORD}, **{"User-Agent": "Phone\x07 9 " + "x" * 500}
    )
    assert sent.status == 200
    listed = here.get("/me/sessions").body["items"]
    assert [one["current"] for one in listed].count(True) == 1
    assert here.cookie() not in str(listed), "a session's key is told to nobody, not even to its person"
    other = next(one for one in listed if not one["current"])
    assert other["device"].startswith("Phone 9") and len(other["device"]) == 200
    assert other["address"] == "127.0.0.1"
    assert signed_in("bob").delete(f"/me/sessions/{other['id']}").status == 404
    assert there.get("/me").status == 200
    assert here.delete(f"/me/sessions/{other['id']}").status == 204
    assert there.get("/me").status == 401
    assert here.delete(f"/me/sessions/{other['id']}").status == 404
    third, fourth = again("ann"), again("ann")
    assert here.post("/me/sessions/end-others").body == {"ended": 2}
    assert {third.get("/me").status, fourth.get("/me").status} == {401}
    assert here.get("/me").status == 200
    assert here.post("/me/sessions/end-others").body == {"ended": 0}
    assert Entry.objects.filter(action="session.end").count() == 2


def test_a_session_tells_when_it_was_used_last(world: World) -> None:
    ann = signed_in("ann")
    with clock.later(hours=5):
        assert ann.get("/me").status == 200
        used = ann.get("/me/sessions").body["items"][0]
    assert used["seen"] > used["since"]


def test_a_deputy_is_named_for_days_and_shown_to_colleagues(world: World) -> None:
    ann, bob = signed_in("ann"), signed_in("bob")
    made = ann.post("/me/deputies", {"deputy": str(world.people["bob"]), "from": day(1), "until": day(7)})
    assert made.status == 201, made.body
    assert made.body["person"]["username"] == "bob"
    assert [one["person"]["username"] for one in ann.get("/me/deputies").body["mine"]] == ["bob"]
    assert [one["person"]["username"] for one in bob.get("/me/deputies").body["for"]] == ["ann"]
    assert bob.delete(f"/me/deputies/{made.body['id']}").status == 404, "only who is stood in for ends it"
    assert ann.delete(f"/me/deputies/{made.body['id']}").status == 204
    assert ann.get("/me/deputies").body == {"mine": [], "for": []}
    assert bob.get("/me/deputies").body == {"mine": [], "for": []}


@pytest.mark.parametrize(
    ("who", "since", "until", "place", "code"),
    [
        ("ann", 0, 5, "deputy", "self"),
        ("gone", 0, 5, "deputy", "left"),
        ("robot", 0, 5, "deputy", "service_account"),
        ("nobody", 0, 5, "deputy", "unknown"),
        ("bob", -1, 5, "from", "past"),
        ("bob", -9, -2, "from", "past"),
        ("bob", 0, -1, "until", "past"),
        ("bob", 5, 3, "until", ""),
        ("bob", 0, 500, "until", "too_long"),
        ("mei", 3, 12, "from", "overlap"),
        ("sue", 40, 45, "deputy", "cycle"),
    ],
)
def test_a_deputy_that_cannot_be_is_refused_by_name(
    world: World, who: str, since: int, until: int, place: str, code: str
) -> None:
    world.people |= {"nobody": 987654, "robot": org.create_service_account(SETUP, "robot", "ERP")}
    org.leave(SETUP, world.add("gone", "east", "rep"))
    ann = signed_in("ann")
    assert ann.post("/me/deputies", {"deputy": str(world.people["wei"]), "until": day(5)}).status == 201 or who != "mei"
    sue = signed_in("sue").post("/me/deputies", {"deputy": str(world.people["ann"]), "from": day(40), "until": day(45)})
    assert sue.status == 201
    before = ann.get("/me/deputies").body["mine"]
    if who != "mei":
        for one in before:
            ann.delete(f"/me/deputies/{one['id']}")
        before = []
    said = ann.post("/me/deputies", {"deputy": str(world.people[who]), "from": day(since), "until": day(until)})
    assert said.status in {409, 422}, said.body
    assert place in said.places, said.body
    assert not code or code in str(said.body)
    assert ann.get("/me/deputies").body["mine"] == before


def test_settings_follow_me_to_the_next_device(world: World) -> None:
    ann = signed_in("ann")
    assert ann.get("/me").body["theme"] is None
    assert ann.patch("/me/settings", {"theme": "dark"}).body == {"language": None, "theme": "dark"}
    assert ann.patch("/me/settings", {"language": "en"}).body == {"language": "en", "theme": "dark"}
    there = Api().post("/session", {"username": "ann", "password": PASSWORD}).body
    assert (there["language"], there["theme"]) == ("en", "dark")
    assert signed_in("bob").get("/me").body["theme"] is None
    for body in ({"theme": "pink"}, {"language": "fr"}, {"colour": "x"}, {"theme": None}, []):
        assert ann.patch("/me/settings", body).status in {400, 422}, body


def test_i_see_who_signed_in_as_me_or_tried_to(world: World) -> None:
    ann = signed_in("ann")
    Api().post("/session", {"username": "ann", "password": "not this one"})
    Api().post("/session", {"username": "bob", "password": "not this one"})
    found = ann.get("/me/sign-ins").body["items"]
    assert (found[0]["action"], found[0]["outcome"]) == ("signin.failed", "failed")
    assert found[0]["origin"] == "127.0.0.1"
    assert [one["action"] for one in found].count("signin.failed") == 1, "what was tried on bob is bob's"


def test_a_token_speaks_for_a_program_and_changes_no_account(world: World) -> None:
    robot = org.create_service_account(SETUP, "robot", "ERP")
    grants.grant_role(SETUP, "rep", "person", str(robot))
    program = token(signed_in("ann"))
    for method, path, body in (
        ("POST", "/me/password", {"current": PASSWORD, "new": NEW}),
        ("PATCH", "/me/settings", {"theme": "dark"}),
        ("GET", "/me/sessions", None),
        ("POST", "/me/sessions/end-others", None),
        ("DELETE", "/me/sessions/" + "0" * 32, None),
        ("GET", "/me/deputies", None),
        ("POST", "/me/deputies", {"deputy": str(world.people["bob"]), "until": day(2)}),
        ("DELETE", "/me/deputies/1", None),
        ("GET", "/me/sign-ins", None),
    ):
        said = program.send(method, path, body)
        assert (said.status, said.code) == (403, "by_token"), (method, path, said.body)
    assert Person.objects.get(username="ann").check_password(PASSWORD)


def test_a_session_that_the_version_before_wrote_is_one_like_any_other(world: World) -> None:
    """During an upgrade the old process goes on signing people in: its insert names none of the new columns."""
    ann = signed_in("ann")
    sql.execute(
        "INSERT INTO api_session (session_key, session_data, expire_date, person_id, auth) "
        "SELECT %s, session_data, expire_date, person_id, auth FROM api_session WHERE session_key=%s",
        ["o" * 32, ann.cookie()],
    )
    old = Api()
    old.http.cookies["sessionid"] = "o" * 32
    assert old.get("/me").body["person"]["username"] == "ann"
    listed = old.get("/me/sessions").body["items"]
    assert [(one["device"], one["address"]) for one in listed if one["current"]] == [("", "")]
