"""Attacks by what cases are handed: messages, data of a begin, values of cases below."""

from __future__ import annotations

import json
from typing import Any

import pytest

from heli.flows.models import Instance
from tests.api.client import signed_in
from tests.cases import Company, Play, process, publish, settle, task
from tests.world import fresh

pytestmark = [pytest.mark.django_db, pytest.mark.storage]

WRITES = '<serviceTask id="write"><extensionElements><heli:does verb="change"/></extensionElements></serviceTask>'
GO = '<intermediateCatchEvent id="go"><messageEventDefinition messageRef="go"/></intermediateCatchEvent>'
PROPOSES = 'type="opportunity" right="edit" proposes="amount"'


@pytest.fixture
def world(db: None) -> Company:
    return fresh(Company)


def with_message(file: str, name: str = "go") -> str:
    return file.replace("<process ", f'<message id="{name}" name="{name}"/><process ', 1)


@pytest.mark.parametrize("name", ["change", "was", "chosen.lead"])
def test_a_message_puts_nothing_in_the_place_of_what_was_approved(world: Company, name: str) -> None:
    file = process(task("lead", "manager"), GO, WRITES, "s>lead", "lead>go", "go>write", "write>e", subject=PROPOSES)
    deal = world.make("ann", "opportunity", name="A", amount="5")
    play = Play(world, with_message(file), deal, change={"amount": "20"})
    assert play.approve("mei").status == 200
    data: dict[str, Any] = {name: {"amount": "999999"}}
    said = signed_in("pam").post("/flows/messages", {"name": "go", "key": deal, "data": data})
    assert (said.status, said.places) == (422, [f"data/{name}"]), said.body
    assert signed_in("pam").post("/flows/messages", {"name": "go", "key": deal, "data": {"n": 1}}).status == 202
    settle()
    assert play.state == "completed"
    assert signed_in("ann").get(f"/records/opportunity/{deal}").body["values"]["amount"] == "20.00"


@pytest.mark.parametrize("name", ["change", "was", "chosen.lead"])
def test_no_drawing_lets_other_values_in_the_place_of_what_was_proposed(world: Company, name: str) -> None:
    take = f'<heli:take name="{name}" from="x"/>'
    give = f'<heli:give name="{name}" value="1"/>'
    each = (
        "<multiInstanceLoopCharacteristics><extensionElements>"
        f'<heli:each in="data.people" as="{name}"/></extensionElements></multiInstanceLoopCharacteristics>'
    )
    table = (
        '<businessRuleTask id="t"><extensionElements><heli:decision hit="U"><heli:input value="record.amount"/>'
        f'<heli:output name="{name}"/><heli:rule><heli:when>-</heli:when><heli:then>1</heli:then></heli:rule></heli:decision>'
        "</extensionElements></businessRuleTask>"
    )
    calls = [
        f'<callActivity id="t" calledElement="deal"><extensionElements>{one}</extensionElements></callActivity>'
        for one in (take, give)
    ]
    calls += [f'<callActivity id="t" calledElement="deal">{each}</callActivity>', table]
    for one in calls:
        made = signed_in("pam").post("/flows/processes", {"source": process(one, "s>t", "t>e")})
        assert made.status == 422, (one, made.body)
        found = {(p["place"], p["code"]) for p in made.body["problems"]}
        assert ("t", "reserved") in found, (one, found)


VALUES = (
    "[" * 5000 + "]" * 5000, "9" * 39, "-" + "9" * 25, '"\\ud800"', '"\\u0000"', "1e999", "NaN", "[" * 28 + "]" * 28,
)  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_no_data_breaks_a_begin_or_a_message(world: Company, value: str) -> None:
    file = process(task("lead", "manager"), GO, "s>lead", "lead>x1", "x1>go", "x1>e if data.a = 7", "go>e")
    deal = world.make("ann", "opportunity", name="A", amount="5")
    publish(world, with_message(file))
    raw = json.dumps({"process": "deal", "record": deal, "data": {"a": "X"}}).replace('"X"', value)
    begun = signed_in("ann").send("POST", "/flows/instances", raw=raw.encode())
    assert begun.status in (201, 400, 422), (begun.status, begun.body)
    if begun.status != 201:
        begun = signed_in("ann").post("/flows/instances", {"process": "deal", "record": deal})
    case, mei = f"/flows/instances/{begun.body['id']}", signed_in("mei")
    number = mei.get(case).body["mine"]["number"]
    assert mei.post(f"{case}/work/{number}/decide", {"approve": True}).status == 200
    raw = json.dumps({"name": "go", "key": deal, "data": {"a": "X"}}).replace('"X"', value)
    said = signed_in("pam").send("POST", "/flows/messages", raw=raw.encode())
    assert said.status in (202, 400, 422), (said.status, said.body)
    if said.status == 202:
        settle()
        assert Instance.objects.get().state == "completed"


@pytest.mark.parametrize("place", ["name", "key", "id"])
def test_what_no_database_keeps_is_refused_where_it_stands(world: Company, place: str) -> None:
    body: dict[str, Any] = {"name": "go", "key": "k", "id": "1"} | {place: "a\0b"}
    said = signed_in("pam").post("/flows/messages", body)
    assert said.status == 422 and said.places == [place], said.body
