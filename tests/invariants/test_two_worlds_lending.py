"""Property 7 for lending: asking for access tells nothing of what one does not see; unseen and absent records answer alike."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import orjson
import pytest
from django.core.cache import cache
from django.db import connection
from tests import world
from tests.api.client import Api, signed_in
from tests.invariants import test_two_worlds, worlds
from tests.invariants.worlds import ABSENT

from heli.access import grants
from heli.access import view as views
from heli.crm import processes
from heli.flows import definitions
from heli.jobs.worker import drain
from heli.kernel import clock
from heli.records.types import TYPES

pytestmark = [pytest.mark.django_db, pytest.mark.storage]

KINDS = ("opportunity", "account", "contact", "ticket")
FEW = ("opportunity", "ticket")
"""What stands for the others every day; the torture suite asks about all."""
ASKERS = ("wei", "sue", "fin", "bob")
LISTS = (
    "/access/requests?box=mine",
    "/access/requests",
    "/access/loans",
    "/access/loans?tab=borrowed",
    "/access/emergencies",
    "/flows/instances",
    "/flows/instances?scope=all",
    "/flows/instances?scope=halted",
    "/flows/work",
    "/flows/processes",
    "/flows/processes/temporary_permission/analytics",
    "/notices",
)
CASES = 1_000_000
"""Cases of these tests have numbers from here on: PostgreSQL gives none of them twice."""
FRESH = re.compile(r'"id":"[0-9a-f]{32}"|"1[0-9]{6}"')


@pytest.fixture
def company(db: None) -> Iterator[world.World]:
    """The company of the property, where requests run as cases, and one of the askers looks after processes."""
    cache.clear()
    with clock.at(clock.now().replace(microsecond=0)):
        made = world.fresh(test_two_worlds.Company)
        for one in ("temporary_permission", "permission_change"):
            definitions.ship(world.SETUP, processes.source(one))
        lines = [{"type": "process", "actions": ["read", "administer"], "scope": ["all"]}]
        grants.grant_lines(world.SETUP, lines, "person", str(made.people["fin"]))
        number = (
            "SELECT setval(pg_get_serial_sequence('flows_instance', 'id'), %s)"
            if connection.vendor == "postgresql"
            else "INSERT INTO sqlite_sequence (name, seq) VALUES ('flows_instance', %s)"
        )
        with connection.cursor() as cursor:
            cursor.execute(number, [CASES])
        yield made


def bodies(code: str, record: str) -> Iterator[dict[str, Any]]:
    base = {"type": code, "record": record, "seconds": 86400, "reason": "because"}
    yield base | {"action": "read", "fields": []}
    yield base | {"action": "read", "fields": ["owner"]}
    yield base | {"action": "edit", "fields": [TYPES[code].title]}
    yield base | {"action": "read", "fields": ["nmae"]}
    yield base | {"action": "read", "fields": [], "borrower": "1"}
    yield base | {"action": "delete"}


def asked(api: Api, code: str, record: str) -> dict[str, bytes]:
    """Everything that lending answers about one record, each write in a world of its own."""
    found: dict[str, bytes] = {}
    seen = api.get(f"/access/askable?type={code}&id={record}")
    found[f"askable {code} {record}"] = orjson.dumps([seen.status, seen.body])
    for path in ("/access/requests", "/access/loans"):
        for n, body in enumerate(bodies(code, record)):
            with worlds.undone():
                reply = api.post(path, body)
                drain()
                mine = api.get(LISTS[0]).body["items"]
                cases = [api.get(one).body for one in LISTS if "flows" in one or "notices" in one]
                told = orjson.dumps([reply.status, _said(reply.body), mine, cases]).decode()
            told = told.replace(str(_id(reply.body)), "REQUEST")
            found[f"{path} {n} {code} {record}"] = FRESH.sub("", told).encode()
    return found


def _id(body: Any) -> Any:
    return body.get("id", "-no request-") if isinstance(body, dict) else "-no request-"


def _said(body: Any) -> Any:
    return {k: v for k, v in body.items() if k not in ("id", "instance")} if isinstance(body, dict) else body


def everything(api: Api, records: dict[str, list[str]]) -> dict[str, bytes]:
    found = {path: orjson.dumps(api.get(path).body) for path in LISTS}
    for code, some in records.items():
        for record in (*some, ABSENT):
            found |= asked(api, code, record)
    return found


def check(made: world.World, name: str, kinds: Sequence[str], most: int) -> None:
    """Both worlds of one person, and up to ``most`` records of each type; unseen ones also beside an absent one."""
    api, viewer = signed_in(name), made.as_(name)
    rows = {code: worlds.all_rows(TYPES[code]) for code in kinds}
    unseen = {
        code: [row["id"] for row in rows[code] if worlds.levels(viewer, TYPES[code], row) is None][:most]
        for code in kinds
    }
    seen = {code: [row["id"] for row in rows[code] if row["id"] not in unseen[code]][:most] for code in kinds}
    answers: list[dict[str, bytes]] = []

    def ask() -> dict[str, bytes]:
        views.CACHE.clear()
        answers.append(everything(api, {code: [*unseen[code], *seen[code]] for code in kinds}))
        return answers[-1]

    assert worlds.leaks(ask, viewer, ASKERS.index(name), kinds) == []
    assert any(unseen.values()), "nothing is unseen: there is nothing to compare with what is absent"
    for record in (record for records in unseen.values() for record in records):
        for question, answer in answers[0].items():
            if question.endswith(f" {record}"):
                alike = answers[0][question.replace(record, ABSENT)]
                assert answer.replace(record.encode(), ABSENT.encode()) == alike, question


@pytest.mark.parametrize("name", ["wei", "fin"])
def test_asking_answers_alike_in_both_worlds_and_for_absent_records(company: world.World, name: str) -> None:
    check(company, name, FEW, 1)


@pytest.mark.torture
@pytest.mark.parametrize("name", ASKERS)
def test_asking_answers_alike_for_everybody_and_every_record(company: world.World, name: str) -> None:
    check(company, name, KINDS, 100)
