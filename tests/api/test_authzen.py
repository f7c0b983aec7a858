"""AuthZEN 1.0 out: programs ask who may do what, at the standard's addresses, and are told as far as they hold ``decide``."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from heli.access import grants
from heli.api.models import Token
from heli.api.viewer import digest
from heli.kernel import clock
from heli.kernel.ids import uuid7
from heli.org.models import Person
from heli.org.verbs import people
from tests.api.client import signed_in
from tests.world import SETUP, World

pytestmark = pytest.mark.storage

DATA = (
    Path(os.environ.get("HELI_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
    / "access"
    / "authzen_todo"
    / "test"
)
FILES = ("decisions.json", "decisions-authorization-api-1_0-00.json", "decisions-authorization-api-1_0-01.json",
         "decisions-authorization-api-1_0-02.json")  # fmt: skip
EVERYTHING = [
    {"type": kind, "actions": ["decide"], "scope": ["all"]} for kind in ("opportunity", "task", "organisation")
]


class Program:
    """A service account with a token, and what it is answered."""

    def __init__(self, lines: list[dict[str, Any]], name: str = "pep", kind: str = "service") -> None:
        code = f"pep_{name}"
        grants.save_role(SETUP, code, name=code, lines=lines)
        make = people.create_service_account if kind == "service" else people.add_person
        self.person = make(SETUP, name, name.title())
        grants.grant_role(SETUP, code, "person", str(self.person))
        self.secret = "heli_" + (name + "x" * 43)[:43]
        Token.objects.create(
            hash=digest(self.secret),
            person_id=self.person,
            name=name,
            role=code,
            expires_at=clock.now() + timedelta(days=1),
        )
        self.http = Client()

    def ask(self, path: str, body: Any, **headers: str) -> tuple[int, Any, dict[str, str]]:
        reply = self.http.post(
            f"/access/v1/{path}", json.dumps(body), content_type="application/json",
            HTTP_AUTHORIZATION=f"Bearer {self.secret}", **{f"HTTP_{k.upper()}": v for k, v in headers.items()},
        )  # fmt: skip
        return reply.status_code, json.loads(reply.content), dict(reply.headers)

    def may(self, who: str, action: str, kind: str, record: str, **more: Any) -> dict[str, Any]:
        status, body, _ = self.ask("evaluation", question(who, action, kind, record, **more))
        assert status == 200, body
        return dict(body)

    def all(self, path: str, body: dict[str, Any], limit: int) -> Iterator[dict[str, str]]:
        """Every hit of a search, page by page."""
        token = ""
        while True:
            _, found, _ = self.ask(f"search/{path}", {**body, "page": {"limit": limit, "token": token}})
            assert len(found["results"]) <= limit
            yield from found["results"]
            token = found["page"]["next_token"]
            if not token:
                return


def question(who: str, action: str, kind: str, record: str, **properties: Any) -> dict[str, Any]:
    return {
        "subject": {"type": "user", "id": who},
        "action": {"name": action, **({"properties": properties} if properties else {})},
        "resource": {"type": kind, "id": record},
    }


def test_a_program_is_told_what_the_doors_would_decide_and_why_not(world: World) -> None:
    pep = Program(EVERYTHING)
    deal = world.make("ann", "opportunity", name="Ann's deal", amount="5")
    assert pep.may("ann", "edit", "opportunity", deal) == {"decision": True}
    world.add("eva", "east", "rep")
    refused = pep.may("eva", "edit", "opportunity", deal)
    assert refused["decision"] is False
    assert refused["context"]["id"] == "no_scope"
    assert "outside your scope" in refused["context"]["reason_user"]["en"]
    assert pep.may("eva", "read", "opportunity", deal, field="name")["decision"]
    assert pep.may("eva", "read", "opportunity", deal, field="amount")["context"]["id"] == "level"
    unseen = pep.may("wei", "edit", "opportunity", deal)  # Wei must not learn that it is there
    assert unseen["context"]["id"] == "not_found"
    assert pep.may("ann", "can_delete", "opportunity", deal)["decision"]
    for nothing in (uuid7(), "1", "x"):
        assert pep.may("ann", "read", "opportunity", nothing) == {"decision": False}
    assert pep.may("nobody", "read", "opportunity", deal)["context"]["id"] == "no_subject"
    assert pep.may("ann", "decide", "opportunity", deal) == {"decision": False}
    assert pep.may("ann", "fly", "opportunity", deal) == {"decision": False}
    assert pep.may("ann", "read", "spaceship", deal) == {"decision": False}
    assert pep.may("ann", "create", "opportunity", "new")["decision"]


def test_outside_their_decide_a_program_hears_no_and_no_more_whatever_the_truth(world: World) -> None:
    deal = world.make("ann", "opportunity", name="Ann's deal", amount="5000")
    small = world.make("ann", "opportunity", name="Small deal", amount="5")
    line = {"type": "opportunity", "actions": ["decide"], "scope": ["all"], "where": [["amount", ">=", "1000"]]}
    narrow, none = Program([line], "narrow"), Program([], "none")
    human = Program(EVERYTHING, "human", kind="employee")
    assert narrow.may("ann", "edit", "opportunity", deal)["decision"]
    for program, record in ((narrow, small), (none, deal), (human, deal)):
        assert program.may("ann", "edit", "opportunity", record) == {"decision": False}
        assert program.may("wei", "edit", "opportunity", record) == {"decision": False}
        _, found, _ = program.ask(
            "search/subject", {**question("", "read", "opportunity", record), "subject": {"type": "user"}}
        )
        assert found["results"] == []
        _, found, _ = program.ask("search/action", question("ann", "read", "opportunity", record))
        assert found["results"] == []
    mine = {**question("ann", "edit", "opportunity", ""), "resource": {"type": "opportunity"}}
    assert [hit["id"] for hit in narrow.all("resource", mine, 10)] == [deal]
    assert list(none.all("resource", mine, 10)) == []
    assert Client().post("/access/v1/evaluation", "{}", content_type="application/json").status_code == 401


def test_who_reads_the_rules_besides_is_told_through_which_role(world: World) -> None:
    pep = Program([*EVERYTHING, {"type": "policy", "actions": ["read"], "scope": ["all"]}])
    deal = world.make("ann", "opportunity", name="Ann's deal", amount="5")
    context = pep.may("ann", "edit", "opportunity", deal)["context"]
    assert context["reason_admin"]["en"] == "rep: rep, east"


def test_searches_find_exactly_what_evaluations_allow_page_by_page(world: World) -> None:
    pep = Program(EVERYTHING)
    deals = [
        world.make(who, "opportunity", name=f"Deal {n}", amount=str(n))
        for n, who in enumerate(["ann", "bob", "wei"] * 3)
    ]
    everybody = Person.objects.order_by("pk").values_list("username", flat=True)
    for action in ("read", "edit", "approve"):
        asked = {**question("", action, "opportunity", deals[0]), "subject": {"type": "user"}}
        found = [hit["id"] for hit in pep.all("subject", asked, 2)]
        assert found == [one for one in everybody if pep.may(one, action, "opportunity", deals[0])["decision"]]
        for who in ("ann", "mei", "fin"):
            on = {**question(who, action, "opportunity", ""), "resource": {"type": "opportunity"}}
            hits = [hit["id"] for hit in pep.all("resource", on, 2)]
            assert hits == [one for one in reversed(deals) if pep.may(who, action, "opportunity", one)["decision"]]
    _, found, _ = pep.ask("search/action", question("mei", "read", "opportunity", deals[0]))
    assert {"name": "approve"} in found["results"]
    assert {"name": "delete"} not in found["results"]
    page = {**question("", "read", "opportunity", deals[0]), "subject": {"type": "user"}, "page": {"limit": 1}}
    token = pep.ask("search/subject", page)[1]["page"]["next_token"]
    other = {**page, "action": {"name": "edit"}, "page": {"limit": 1, "token": token}}
    assert pep.ask("search/subject", other)[0] == 400  # a token belongs to its search


def test_many_at_once_with_defaults_and_the_three_semantics(world: World) -> None:
    pep = Program(EVERYTHING)
    own, theirs = (world.make(who, "opportunity", name=who) for who in ("ann", "wei"))
    asked = {
        "subject": {"type": "user", "id": "ann"}, "action": {"name": "edit"},
        "evaluations": [{"resource": {"type": "opportunity", "id": one}} for one in (own, theirs, own)],
    }  # fmt: skip

    def decisions(semantic: str | None) -> list[bool]:
        options = {} if semantic is None else {"options": {"evaluations_semantic": semantic}}
        return [one["decision"] for one in pep.ask("evaluations", {**asked, **options})[1]["evaluations"]]

    assert decisions(None) == decisions("execute_all") == [True, False, True]
    assert decisions("deny_on_first_deny") == [True, False]
    assert decisions("permit_on_first_permit") == [True]
    lacking = pep.ask("evaluations", {**asked, "evaluations": [{}]})[1]["evaluations"]
    assert lacking[0]["context"]["error"]["status"] == 400
    assert pep.ask("evaluations", {**question("ann", "edit", "opportunity", own), "evaluations": []})[1] == {
        "decision": True
    }
    assert pep.ask("evaluations", {**asked, "options": {"evaluations_semantic": "guess"}})[0] == 400


def test_the_way_there_and_the_request_id(world: World) -> None:
    pep = Program(EVERYTHING)
    found = json.loads(Client().get("/.well-known/authzen-configuration").content)
    assert found["policy_decision_point"] == "http://testserver"
    assert found["search_action_endpoint"] == "http://testserver/access/v1/search/action"
    status, body, headers = pep.ask("evaluation", {"subject": {}}, x_request_id="bfe9eb29 ab87/4ca3")
    assert (status, headers["X-Request-Id"]) == (400, "bfe9eb29 ab87/4ca3")
    assert body["problems"]
    assert Client().get("/access/v1/evaluation").status_code == 405


def todo(world: World) -> None:
    """The scenario's to-do app: its own records, described by who owns them, and five people in three roles."""
    roles = {
        "todo_admin": [{"type": "task", "actions": ["read", "create", "edit", "delete"], "scope": ["all"]}],
        "todo_editor": [
            {"type": "task", "actions": ["read"], "scope": ["all"]},
            {"type": "task", "actions": ["create", "edit", "delete"], "scope": ["own"]},
        ],
        "todo_viewer": [{"type": "task", "actions": ["read"], "scope": ["all"]}],
    }  # fmt: skip
    for code, lines in roles.items():
        grants.save_role(
            SETUP, code, name=code, lines=[*lines, {"type": "organisation", "actions": ["read"], "scope": ["all"]}]
        )
    cast = (
        ("0", "rick@the-citadel.com", "admin"), ("1", "morty@the-citadel.com", "editor"),
        ("2", "summer@the-smiths.com", "editor"), ("3", "beth@the-smiths.com", "viewer"), ("4", "jerry@the-smiths.com", "viewer"),
    )  # fmt: skip
    for letter, mail, job in cast:
        middle = {"0": "DA2", "1": "DE2", "2": "DI2", "3": "DM2", "4": "DQ2"}[letter]
        opaque = f"CiRmZ{middle}MTRkMy1jMzlhLTQ3ODEtYjdiZC04Yjk2ZjVhNTEwMGQSBWxvY2Fs"
        person = people.add_person(SETUP, opaque, mail.split("@")[0].title(), email=mail)
        grants.grant_role(SETUP, f"todo_{job}", "person", str(person))
    names = [
        {
            "name": "todo", "type": "task", "elsewhere": True, "properties": {"ownerID": "owner"},
            "actions": {"can_read_todos": "read", "can_create_todo": "create", "can_update_todo": "edit", "can_delete_todo": "delete"},
        },
        {"name": "user", "type": "organisation", "actions": {"can_read_user": "read"}},
    ]  # fmt: skip
    put = signed_in("boss").send("PUT", "/access/authzen", {"names": names})
    assert put.status == 200, put.body


def test_a_program_keeps_its_records_itself_and_describes_them(world: World) -> None:
    todo(world)
    pep = Program(EVERYTHING)

    def may(who: str, action: str, owner: str) -> bool:
        asked = question(who, action, "todo", "its-own-id")
        asked["resource"]["properties"] = {"ownerID": owner}
        return bool(pep.ask("evaluation", asked)[1]["decision"])

    assert may("morty@the-citadel.com", "can_update_todo", "morty@the-citadel.com")
    assert not may("morty@the-citadel.com", "can_update_todo", "rick@the-citadel.com")
    assert not may("morty@the-citadel.com", "can_update_todo", "stranger@example.com")
    assert may("rick@the-citadel.com", "can_delete_todo", "stranger@example.com")
    assert pep.may("beth@the-smiths.com", "can_read_user", "user", "anyone")["decision"]
    wrong = signed_in("boss").send("PUT", "/access/authzen", {"names": [{"name": "x", "type": "nothing"}]})
    assert wrong.places == ["names/0/type"]


@pytest.mark.skipif(not DATA.is_dir(), reason="the data folder is not here (HELI_DATA)")
def test_the_standards_to_do_scenario_decides_as_published(world: World) -> None:
    todo(world)
    pep = Program(EVERYTHING)
    asked = 0
    for name in FILES:
        cases = json.loads((DATA / name).read_text())
        for one in cases.get("evaluation", cases.get("decisions", [])):
            status, body, _ = pep.ask("evaluation", one["request"])
            assert (status, body["decision"]) == (200, one["expected"]), (name, one)
            asked += 1
        for one in cases.get("evaluations", []):
            status, body, _ = pep.ask("evaluations", one["request"])
            told = [{"decision": found["decision"]} for found in body["evaluations"]]
            assert (status, told) == (200, one["expected"]), (name, one)
            asked += 1
    assert asked == 163
