"""The sweep: every route of the description × who asks × whose record. A route without an expectation fails.

The expectations are said here by hand, apart from the program's own rules: what each role may do with its own
record, with a colleague's, with another department's, and that an absent record answers as an invisible one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from heli.api import openapi
from heli.kernel.ids import uuid7
from heli.records.types import TYPES
from tests.api.client import Api, Reply, signed_in
from tests.world import World

pytestmark = pytest.mark.storage

OWN, COLLEAGUE, OTHER, ABSENT = "own", "colleague", "other", "absent"

ALL = frozenset({"read", "create", "edit", "delete", "transfer", "share"})
MAY: dict[str, dict[str, dict[str, frozenset[str]]]] = {
    # who: {type: {whose record: actions}}; "" holds what needs no record
    "ann": {
        "opportunity": {"": frozenset({"create"}), OWN: ALL, COLLEAGUE: frozenset({"read"})},
        "account": {
            "": frozenset({"create"}),
            OWN: frozenset({"read", "create", "edit", "share", "transfer", "return"}),
            # nothing of a colleague's account, nor another department's
        },
        "contact": {"": frozenset({"create"}), OWN: frozenset({"read", "create", "edit"})},
    },
    "boss": {
        kind: {who: frozenset({"read"}) for who in ("", OWN, COLLEAGUE, OTHER)}
        for kind in ("opportunity", "account", "contact", "ticket", "contract")
    },
    "sue": {
        "ticket": {"": frozenset({"create"}), OWN: frozenset({"read", "create", "edit"})},
        "account": {"": frozenset()},
        "contact": {"": frozenset()},
    },
    "idle": {},
}
MAY_ONLY: dict[str, set[str]] = {
    "administrators": {"adm"},
    "auditors": set(),
    "security": {"boss"},
    "second": {"adm", "boss"},
}
EVERYONE = ("ann", "boss", "sue", "idle", "adm", "nobody")
OWNERS = {OWN: "ann", COLLEAGUE: "eva", OTHER: "wei"}


@dataclass
class Case:
    """One request to make and the statuses that are right."""

    who: str
    whose: str
    method: str
    path: str
    expected: set[int]
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    upload: bool = False


class Sweep:
    """The company with one record of each of three types for each owner, and everyone signed in."""

    def __init__(self, world: World) -> None:
        from heli.access import grants
        from tests.world import SETUP

        self.world = world
        world.add("eva", "east", "rep")
        world.add("idle", "west", None)
        world.add("adm", "root", None)
        lines = [{"type": "organisation", "actions": ["read", "administer"], "scope": ["all"]}]
        grants.grant_lines(SETUP, lines, "person", str(world.people["adm"]))
        self.ids: dict[tuple[str, str], str] = {}
        for whose, who in OWNERS.items():
            self.ids["account", whose] = world.make(who, "account", name=f"A {who}")
            self.ids["opportunity", whose] = world.make(who, "opportunity", name=f"D {who}", amount="5")
            self.ids["contact", whose] = world.make(who, "contact", name=f"C {who}")
        self.clients = {who: Api() if who == "nobody" else signed_in(who) for who in EVERYONE}

    def record(self, kind: str, whose: str) -> str:
        return self.ids.get((kind, whose)) or uuid7()

    def etag(self, kind: str, record: str, who: str) -> str:
        found = self.clients[who].get(f"/records/{kind}/{record}")
        return found.etag if found.status == 200 else '"x"'

    def send(self, case: Case) -> Reply:
        api = self.clients[case.who]
        with transaction.atomic():
            if case.upload:
                raw = encode_multipart(BOUNDARY, {"file": SimpleUploadedFile("a.txt", b"hello")})
                reply = api.send(case.method, case.path, raw=raw, media=MULTIPART_CONTENT, **case.headers)
            else:
                reply = api.send(case.method, case.path, case.body, **case.headers)
            transaction.set_rollback(True)
        return reply


def allowed(who: str, kind: str, whose: str) -> frozenset[str] | None:
    """Actions on a record; None when the type does not exist for this person."""
    if who == "nobody":
        return None
    types = MAY.get(who, {})
    return None if kind not in types else types[kind].get(whose, frozenset())


# What a route of a record asks for: (method, path below the record) -> (action, statuses when allowed)
RECORD: dict[tuple[str, str], tuple[str, set[int]]] = {
    ("GET", ""): ("read", {200}),
    ("PATCH", ""): ("edit", {200}),
    ("DELETE", ""): ("delete", {204}),
    ("POST", "/restore"): ("restore", {422}),
    ("GET", "/history"): ("read", {200}),
    ("GET", "/comments"): ("read", {200}),
    ("POST", "/comments"): ("read", {201}),
    ("PATCH", "/comments/{comment}"): ("read", {404}),
    ("DELETE", "/comments/{comment}"): ("read", {404}),
    ("GET", "/files"): ("read", {200}),
    ("POST", "/files"): ("edit", {201}),
    ("GET", "/files/{file}"): ("read", {404}),
    ("DELETE", "/files/{file}"): ("edit", {404}),
    ("GET", "/team"): ("read", {200}),
    ("GET", "/related"): ("read", {200}),
    ("GET", "/who"): ("read", {200}),
    ("GET", "/strip"): ("read", {200}),
    ("GET", "/moves"): ("read", {200}),
    ("GET", "/mentionable"): ("read", {200}),
}
VERB_RIGHTS = {"team_add": "share", "team_remove": "share", "reveal": "read"}
VERB_BODIES: dict[str, Any] = {"reveal": {"field": "name"}, "return": {"reason": "x"}}
BODIES: dict[tuple[str, str], Any] = {
    ("PATCH", ""): {"name": "changed"},
    ("POST", "/comments"): {"body": "hello"},
    ("PATCH", "/comments/{comment}"): {"body": "hello"},
}


def record_cases(sweep: Sweep, method: str, kind: str, below: str) -> Iterator[Case]:
    verb = below.removeprefix("/actions/") if below.startswith("/actions/") else ""
    if verb:
        action, good = VERB_RIGHTS.get(verb, verb), {200, 403, 409, 422}
    elif (method, below) in RECORD:
        action, good = RECORD[method, below]
    else:
        pytest.fail(f"no expectation for {method} /records/{kind}/{{id}}{below}")
    own = ("opportunity", "account", "contact")
    for who in EVERYONE:
        for whose in (OWN, COLLEAGUE, OTHER, ABSENT) if kind in own else (ABSENT,):
            record = sweep.record(kind, whose)
            may = allowed(who, kind, whose) if whose != ABSENT else frozenset()
            if who == "nobody":
                expected = {401}
            elif may is None or "read" not in may:
                expected = {404}
            elif action != "restore" and action not in may:
                expected = {403}
            else:
                expected = good
            headers = {"If-Match": sweep.etag(kind, record, who)} if verb or method in {"PATCH", "DELETE"} else {}
            if (method, below) == ("DELETE", "/files/{file}"):
                headers = {}
            if verb and VERB_BODIES.get(verb) is None and expected == {403}:
                expected = {403, 422}  # its parameters are looked at first
            yield Case(
                who, whose, method, f"/records/{kind}/{record}{below.replace('{file}', '1').replace('{comment}', '1')}", expected,
                VERB_BODIES.get(verb, {"owner": str(sweep.world.people["bob"])} if verb in {"transfer", "assign"} else {})
                if verb else BODIES.get((method, below)),
                headers, upload=(method, below) == ("POST", "/files"),
            )  # fmt: skip


TYPE_BODIES: dict[str, Any] = {
    "/bulk": {"act": "delete", "items": [{"id": uuid7()}]},
    "/bulk/offers": {"items": [uuid7()]},
}


def type_cases(sweep: Sweep, method: str, kind: str, below: str) -> Iterator[Case]:
    for who in EVERYONE:
        may = allowed(who, kind, "")
        if who == "nobody":
            expected = {401}
        elif may is None:
            expected = {404}
        elif method == "GET" or below in TYPE_BODIES:
            expected = {200}  # an act on many says of each record alone what it met
        else:
            expected = {201, 422} if "create" in may else {403, 422}
        made = TYPE_BODIES.get(below, {"name": "New"})
        yield Case(who, "", method, f"/records/{kind}{below}", expected, made if method == "POST" else None)


ADMIN_ONLY = {200, 201, 202, 204, 404, 409, 422}
PLAIN: dict[str, tuple[str, set[int]]] = {
    "GET /audit": ("auditors", {200}),
    "GET /policy": ("security", {200}),
    "GET /access/matrix": ("security", {422}),
    "GET /access/vocabulary": ("security", {200}),
    "GET /access/roles": ("security", {200}),
    "GET /access/roles/{role}": ("security", {404}),
    "GET /access/duties": ("security", {200}),
    "POST /access/drafts/{id}/cells": ("security", {404}),
    "GET /access/ceilings": ("security", {200}),
    "POST /access/ceilings/preview": ("security", {200}),
    "GET /access/scopes": ("security", {422}),
    "POST /access/scopes/preview": ("security", {200}),
    "GET /access/people/{id}/chain": ("security", {404}),
    "GET /access/me/rights": ("everyone", {200}),
    "GET /access/people/{id}/rights": ("security", {404}),
    "GET /access/who": ("everyone", {422}),
    "GET /access/why": ("everyone", {422}),
    "GET /access/fixes": ("everyone", {422}),
    "GET /access/things": ("everyone", {200}),
    "GET /access/absent": ("everyone", {422}),
    "GET /access/drafts/{id}/simulation": ("security", {404}),
    "GET /access/drafts/{id}/replay": ("security", {404}),
    "POST /access/simulate": ("security", {422}),
    "GET /access/narrower": ("security", {200}),
    "GET /access/stamp": ("security", {200}),
    "GET /access/approval": ("security", {200}),
    "GET /access/moves": ("security", {200}),
    "POST /access/moves/preview": ("security", {422}),
    "POST /access/drafts/{id}/moves": ("security", {404}),
    "POST /access/drafts/{id}/narrower": ("security", {404}),
    # path without variable parts -> (who may: everyone | employees | administrators | anyone, statuses for them)
    "GET /me": ("everyone", {200}),
    "POST /me/password": ("everyone", {422}),
    "PATCH /me/settings": ("everyone", {200}),
    "GET /me/notices": ("everyone", {200}),
    "PATCH /me/notices": ("everyone", {200}),
    "GET /notices": ("everyone", {200}),
    "POST /notices/seen": ("everyone", {204}),
    "GET /me/sign-ins": ("everyone", {200}),
    "GET /me/sessions": ("everyone", {200}),
    "POST /me/sessions/end-others": ("everyone", {200}),
    "DELETE /me/sessions/{id}": ("everyone", {404}),
    "GET /me/deputies": ("everyone", {200}),
    "POST /me/deputies": ("everyone", {422}),
    "DELETE /me/deputies/{id}": ("everyone", {404}),
    "GET /meta": ("everyone", {200}),
    "GET /mentions": ("everyone", {200}),
    "POST /mentions/seen": ("everyone", {204}),
    "GET /openapi.json": ("everyone", {200}),
    "GET /workbench": ("everyone", {200}),
    "POST /workbench/later": ("everyone", {422}),
    "GET /pulse": ("everyone", {200}),
    "GET /search": ("everyone", {422}),
    "GET /why": ("everyone", {422}),
    "GET /views": ("everyone", {200}),
    "POST /views": ("everyone", {422}),
    "GET /views/{id}": ("everyone", {404}),
    "PATCH /views/{id}": ("everyone", {422}),
    "DELETE /views/{id}": ("everyone", {404}),
    "GET /tokens": ("everyone", {200}),
    "POST /tokens": ("everyone", {422}),
    "GET /tokens/{id}": ("everyone", {404}),
    "DELETE /tokens/{id}": ("everyone", {404}),
    "POST /session": ("anyone", {422}),
    "DELETE /session": ("everyone", {204}),
    "GET /organisation/departments": ("everyone", {200}),
    "GET /organisation/people": ("everyone", {200}),
    "GET /organisation/people/{id}": ("everyone", {404}),
    "GET /organisation/positions": ("everyone", {200}),
    "GET /organisation/projects": ("everyone", {200}),
    "POST /organisation/departments": ("administrators", ADMIN_ONLY),
    "PATCH /organisation/departments/{id}": ("administrators", ADMIN_ONLY),
    "DELETE /organisation/departments/{id}": ("administrators", ADMIN_ONLY),
    "POST /organisation/people": ("administrators", ADMIN_ONLY),
    "PATCH /organisation/people/{id}": ("administrators", ADMIN_ONLY),
    "POST /organisation/people/{id}/assign": ("administrators", ADMIN_ONLY),
    "POST /organisation/people/{id}/move": ("administrators", ADMIN_ONLY),
    "POST /organisation/people/{id}/end": ("administrators", ADMIN_ONLY),
    "POST /organisation/people/{id}/leave": ("administrators", ADMIN_ONLY),
    "POST /organisation/people/{id}/deputy": ("administrators", ADMIN_ONLY),
    "POST /organisation/people/{id}/manager": ("administrators", ADMIN_ONLY),
    "DELETE /organisation/people/{id}/deputies/{deputy}": ("administrators", ADMIN_ONLY),
    "POST /organisation/positions": ("administrators", ADMIN_ONLY),
    "PATCH /organisation/positions/{id}": ("administrators", ADMIN_ONLY),
    "POST /organisation/people/{id}/primary": ("administrators", ADMIN_ONLY),
    "POST /organisation/people/{id}/away": ("administrators", ADMIN_ONLY),
    "POST /organisation/people/{id}/back": ("administrators", ADMIN_ONLY),
    "POST /organisation/people/{id}/rehire": ("administrators", ADMIN_ONLY),
    "POST /organisation/people/{id}/reset": ("administrators", ADMIN_ONLY),
    "GET /organisation/people/{id}/handover": ("administrators", ADMIN_ONLY),
    "GET /organisation/people/{id}/tokens": ("administrators", ADMIN_ONLY),
    "POST /organisation/people/{id}/tokens": ("administrators", ADMIN_ONLY),
    "DELETE /organisation/people/{id}/tokens/{token}": ("administrators", ADMIN_ONLY),
    "GET /organisation/positions/{id}": ("everyone", {404}),
    "POST /organisation/positions/{id}/close": ("administrators", ADMIN_ONLY),
    "POST /organisation/positions/{id}/reopen": ("administrators", ADMIN_ONLY),
    # nobody here has rights on projects as records: to all but administrators the type does not exist
    "GET /organisation/projects/{id}": ("everyone", {404}),
    "POST /organisation/projects": ("administrators", {201}),
    "PATCH /organisation/projects/{id}": ("everyone", {404}),
    "POST /organisation/projects/{id}/close": ("everyone", {404}),
    "POST /organisation/projects/{id}/members": ("everyone", {404}),
    "PATCH /organisation/projects/{id}/members/{person}": ("everyone", {404}),
    "DELETE /organisation/projects/{id}/members/{person}": ("everyone", {404}),
    "POST /session/password": ("anyone", {404}),
    "GET /access/askable": ("everyone", {422}),
    "GET /access/askable/roles": ("everyone", {200}),
    "GET /access/requests": ("everyone", {200}),
    "POST /access/requests": ("everyone", {422}),
    "GET /access/askable/positions": ("everyone", {200}),
    "POST /access/requests/role": ("everyone", {422}),
    "POST /access/requests/position": ("everyone", {422}),
    "GET /access/requests/{id}": ("everyone", {404}),
    "POST /access/requests/{id}/approve": ("everyone", {404}),
    "POST /access/requests/{id}/confirm": ("everyone", {404}),
    "POST /access/requests/{id}/refuse": ("everyone", {422}),
    "POST /access/requests/{id}/withdraw": ("everyone", {404}),
    "POST /access/requests/{id}/consent": ("everyone", {404}),
    "GET /flows/processes": ("everyone", {200}),
    "POST /flows/processes": ("everyone", {422}),
    "POST /flows/check": ("everyone", {422}),
    "GET /flows/processes/{code}/versions": ("everyone", {404}),
    "GET /flows/processes/{code}/analytics": ("everyone", {404}),
    "GET /flows/processes/{code}/analytics/ways": ("everyone", {404}),
    "GET /flows/processes/{code}/analytics/versions": ("everyone", {422}),
    "GET /flows/processes/{code}/analytics/steps": ("everyone", {404}),
    "POST /flows/processes/{code}/analytics/what-if": ("everyone", {422}),
    "GET /flows/processes/{code}/improvements": ("everyone", {404}),
    "POST /flows/processes/{code}/improvements": ("everyone", {422}),
    "POST /flows/improvements/{id}/close": ("everyone", {404}),
    "GET /flows/logs": ("everyone", {200}),
    "POST /flows/logs": ("everyone", {415}),
    "GET /flows/logs/{id}": ("everyone", {404}),
    "GET /flows/logs/{id}/ways": ("everyone", {404}),
    "DELETE /flows/logs/{id}": ("everyone", {404}),
    "GET /flows/processes/{code}/versions/{number}/source": ("everyone", {404}),
    "POST /flows/versions/{id}/answer": ("everyone", {422}),
    "GET /flows/kit": ("everyone", {404}),
    "GET /flows/drafts": ("everyone", {404}),
    "POST /flows/drafts": ("everyone", {404}),
    "GET /flows/drafts/{id}": ("everyone", {404}),
    "PUT /flows/drafts/{id}": ("everyone", {415}),
    "POST /flows/drafts/{id}/people": ("everyone", {422}),
    "POST /flows/drafts/{id}/remarks": ("everyone", {422}),
    "POST /flows/drafts/{id}/hand-in": ("everyone", {404}),
    "POST /flows/drafts/{id}/return": ("everyone", {404}),
    "POST /flows/drafts/{id}/discard": ("everyone", {404}),
    "POST /flows/drafts/{id}/publish": ("everyone", {404}),
    "POST /flows/compare": ("everyone", {422}),
    "POST /flows/gives": ("everyone", {422}),
    "POST /flows/trial": ("everyone", {422}),
    "GET /flows/trial/cases": ("everyone", {422}),
    "GET /flows/processes/{code}/versions/{number}/changes": ("everyone", {404}),
    "POST /flows/messages": ("everyone", {422}),
    "POST /flows/processes/{code}/migrations/trial": ("everyone", {404}),
    "POST /flows/processes/{code}/migrations": ("everyone", {404}),
    "GET /flows/processes/{code}/migrations": ("everyone", {404}),
    "POST /flows/migrations/{id}/revert": ("everyone", {404}),
    "GET /flows/instances": ("everyone", {200}),
    "POST /flows/instances": ("everyone", {422}),
    "GET /flows/instances/{id}": ("everyone", {404}),
    "GET /flows/records/{type}/{id}": ("everyone", {404}),
    "GET /flows/records/{type}/{id}/beginnings": ("everyone", {404}),
    "POST /flows/records/{type}/running": ("everyone", {422}),
    "GET /flows/work": ("everyone", {200}),
    "POST /flows/together": ("everyone", {422}),
    "POST /flows/instances/{id}/work/{number}/decide": ("everyone", {422}),
    "POST /flows/instances/{id}/work/{number}/claim": ("everyone", {404}),
    "POST /flows/instances/{id}/work/{number}/transfer": ("everyone", {422}),
    "POST /flows/instances/{id}/work/{number}/delegate": ("everyone", {422}),
    "POST /flows/instances/{id}/work/{number}/add-signer": ("everyone", {422}),
    "POST /flows/instances/{id}/work/{number}/remove-signer": ("everyone", {422}),
    "POST /flows/instances/{id}/work/{number}/reassign": ("everyone", {422}),
    "POST /flows/instances/{id}/work/{number}/seen": ("everyone", {204}),
    "PUT /flows/instances/{id}/work/{number}/packets/{node}": ("everyone", {415}),
    "POST /flows/instances/{id}/work/{number}/packets/{node}/files/{slot}": ("everyone", {415}),
    "GET /flows/instances/{id}/packets/{file}": ("everyone", {404}),
    "POST /flows/instances/{id}/files": ("everyone", {415}),
    "GET /flows/instances/{id}/files/{file}": ("everyone", {404}),
    "DELETE /flows/instances/{id}/files/{file}": ("everyone", {404}),
    "POST /flows/instances/{id}/take-back": ("everyone", {422}),
    "POST /flows/instances/{id}/tend": ("everyone", {422}),
    "POST /flows/instances/{id}/end": ("everyone", {422}),
    "POST /flows/instances/{id}/withdraw": ("everyone", {404}),
    "GET /flows/instances/{id}/sheet": ("everyone", {404}),
    "POST /flows/instances/{id}/urge": ("everyone", {404}),
    "POST /flows/instances/{id}/retry": ("everyone", {422}),
    "POST /flows/instances/{id}/comment": ("everyone", {422}),
    "POST /flows/instances/{id}/copy": ("everyone", {422}),
    "GET /access/loans": ("everyone", {200}),
    "POST /access/loans": ("everyone", {422}),
    "GET /access/loans/{id}": ("everyone", {404}),
    "POST /access/loans/{id}/end": ("everyone", {404}),
    "POST /access/loans/{id}/restore": ("everyone", {404}),
    "POST /access/loans/{id}/keep": ("everyone", {422}),
    "POST /access/loans/{id}/renew": ("everyone", {422}),
    "GET /access/emergencies": ("everyone", {200}),
    "POST /access/emergencies": ("everyone", {422}),
    "GET /access/emergencies/{id}": ("everyone", {404}),
    "POST /access/emergencies/{id}/close": ("everyone", {404}),
    "POST /access/emergencies/{id}/uses": ("everyone", {422}),
    "POST /access/emergencies/{id}/lift": ("everyone", {422}),
    "GET /access/emergency-uses": ("everyone", {200}),
    "POST /access/loans/{id}/review": ("everyone", {422}),
    "POST /access/view-as": ("security", {422}),
    "DELETE /access/mode": ("everyone", {200}),
    "GET /access/sandboxes": ("everyone", {200}),
    "GET /access/authzen": ("security", {200}),
    "PUT /access/authzen": ("security", {200}),
    "GET /access/drafts/{id}/sandbox": ("everyone", {404}),
    "PUT /access/drafts/{id}/sandbox": ("security", {404}),
    "POST /access/drafts/{id}/sandbox/enter": ("everyone", {404}),
    "POST /access/drafts/{id}/sandbox/sign": ("everyone", {404}),
    "POST /access/drafts/{id}/sandbox/report": ("everyone", {404}),
    "POST /session/password/halves": ("anyone", {404}),
    "GET /organisation/requests": ("everyone", {200}),
    "GET /organisation/requests/{id}": ("second", {404}),
    "POST /organisation/requests/{id}/confirm": ("second", {404}),
    "POST /organisation/requests/{id}/refuse": ("second", {404}),
    "POST /organisation/requests/{id}/withdraw": ("second", {404}),
    "GET /access/reviews": ("everyone", {200}),
    "POST /access/reviews": ("security", {201}),
    "GET /access/reviews/growth": ("everyone", {422}),
    "GET /access/reviews/shares/{id}": ("everyone", {404}),
    "GET /access/reviews/{id}": ("security", {404}),
    "GET /access/reviews/{id}/end": ("security", {404}),
    "POST /access/reviews/{id}/end": ("security", {404}),
    "DELETE /access/reviews/{id}/end": ("security", {404}),
    "GET /access/reviews/{id}/items": ("security", {404}),
    "GET /access/reviews/{id}/evidence": ("security", {404}),
    "GET /access/reviews/{id}/evidence.csv": ("security", {404}),
    "GET /access/reviews/batches/{batch}": ("everyone", {404}),
    "GET /access/reviews/batches/{batch}/items/{item}": ("everyone", {404}),
    "POST /access/reviews/batches/{batch}/items/{item}/keep": ("everyone", {404}),
    "POST /access/reviews/batches/{batch}/items/{item}/revoke": ("everyone", {404}),
    "POST /access/reviews/batches/{batch}/items/{item}/narrow": ("everyone", {404}),
    "POST /access/reviews/batches/{batch}/items/{item}/delegate": ("everyone", {404}),
    "POST /access/reviews/batches/{batch}/items/{item}/undo": ("everyone", {404}),
    "POST /access/reviews/batches/{batch}/accept": ("everyone", {404}),
    "POST /access/reviews/batches/{batch}/submit": ("everyone", {404}),
    "GET /access/leavers": ("administrators", {200}),
    "GET /access/leavings/{id}": ("everyone", {404}),
    "POST /access/leavings/{id}/plan": ("everyone", {404}),
    "POST /access/leavings/{id}/preview": ("everyone", {404}),
    "GET /access/people/{id}/holdings": ("administrators", {404}),
    "GET /access/people/{id}/handover": ("administrators", {404}),
    "POST /access/people/{id}/handover/preview": ("administrators", {404}),
    "POST /access/people/{id}/handover": ("administrators", {404}),
    "POST /access/people/{id}/offboard": ("administrators", {404}),
    "GET /access/people/{id}/moving": ("everyone", {422}),
    "POST /access/people/{id}/move": ("administrators", {404}),
    "GET /access/drafts": ("security", {200}),
    "POST /access/drafts": ("security", {201}),
    "GET /access/drafts/{id}": ("security", {404}),
    "PATCH /access/drafts/{id}": ("security", {404}),
    "PUT /access/drafts/{id}/changes/{kind}/{key}": ("security", {404}),
    "DELETE /access/drafts/{id}/changes/{kind}/{key}": ("security", {404}),
    "POST /access/drafts/{id}/rebase": ("security", {404}),
    "POST /access/drafts/{id}/remarks": ("security", {404}),
    "POST /access/drafts/{id}/submit": ("security", {404}),
    "POST /access/drafts/{id}/approve": ("security", {404}),
    "POST /access/drafts/{id}/return": ("security", {404, 422}),
    "POST /access/drafts/{id}/publish": ("security", {404}),
    "POST /access/drafts/{id}/withdraw": ("security", {404}),
    "GET /access/versions": ("security", {200}),
    "POST /access/versions/{id}/undo": ("security", {404}),
    "POST /access/versions/{id}/draft": ("security", {404}),
    "GET /access/promises": ("security", {200}),
    "GET /exports": ("everyone", {200}),
    "POST /exports": ("everyone", {404, 403}),
    "POST /exports/preview": ("everyone", {404, 403}),
    "GET /exports/{id}": ("everyone", {404}),
    "POST /exports/{id}/approve": ("everyone", {404}),
    "POST /exports/{id}/refuse": ("everyone", {404}),
    "POST /exports/{id}/withdraw": ("everyone", {404}),
    "GET /exports/{id}/file": ("everyone", {404}),
    "GET /access/guard/mine": ("everyone", {200}),
    "GET /access/guard/people": ("everyone", {200}),
    "POST /access/guard/people/{id}/freeze": ("security", {404}),
    "POST /access/guard/people/{id}/release": ("security", {404}),
    "POST /access/guard/people/{id}/allow": ("security", {404}),
    "GET /access/guard/alerts": ("everyone", {200}),
    "POST /access/guard/alerts/{id}/close": ("security", {404}),
    "GET /access/guard/settings": ("security", {200}),
    "PATCH /access/guard/settings": ("security", {200}),
    "GET /access/guard/canaries": ("security", {200}),
    "POST /access/guard/canaries": ("security", {201}),
    "DELETE /access/guard/canaries/{id}": ("security", {404}),
    "GET /access/people/{id}/taken": ("everyone", {404}),
    "POST /organisation/people/{id}/notice": ("administrators", ADMIN_ONLY),
}
PLAIN_BODIES: dict[str, Any] = {
    "PUT /access/drafts/{id}/sandbox": {"testers": []},
    "PUT /access/authzen": {"names": []},
    "POST /access/drafts/{id}/sandbox/report": {"text": "nothing works"},
    "POST /access/view-as": {"person": "999999", "reason": "to see"},
    "POST /access/ceilings/preview": {"code": "none", "after": None},
    "POST /access/scopes/preview": {
        "line": {"type": "account", "actions": ["read"], "scope": ["own"]},
        "role": "rep",
    },
    "POST /me/password": {},
    "PATCH /me/settings": {"theme": "dark"},
    "POST /me/deputies": {},
    "PATCH /me/notices": {"digest_at": "09:00"},
    "POST /notices/seen": {},
    "POST /mentions/seen": {"ids": ["1"]},
    "POST /organisation/departments": {"name": "New"},
    "PATCH /organisation/departments/{id}": {"name": "New"},
    "POST /organisation/people": {"name": "New", "username": "newcomer"},
    "PATCH /organisation/people/{id}": {"name": "New"},
    "POST /organisation/people/{id}/assign": {"department": "1"},
    "POST /organisation/people/{id}/move": {"department": "1"},
    "POST /organisation/people/{id}/end": {"assignment": "1"},
    "POST /organisation/people/{id}/leave": {},
    "POST /organisation/people/{id}/deputy": {"deputy": "1", "until": "2030-01-01"},
    "POST /organisation/people/{id}/manager": {"manager": None},
    "POST /organisation/positions": {"name": "New"},
    "PATCH /organisation/positions/{id}": {"name": "New"},
    "POST /organisation/people/{id}/primary": {"assignment": "1"},
    "POST /organisation/people/{id}/tokens": {"name": "New", "role": "rep", "days": 1},
    "POST /organisation/projects": {"name": "New"},
    "PATCH /organisation/projects/{id}": {"name": "New"},
    "POST /organisation/projects/{id}/members": {"person": "1"},
    "PATCH /organisation/projects/{id}/members/{person}": {"role": "lead"},
    "POST /access/simulate": {"what": {"kind": "role", "role": "nobody"}},
    "POST /access/moves/preview": {"people": ["no such person"], "manager": None},
    "POST /access/drafts/{id}/moves": {"people": ["ann"], "manager": None},
    "POST /access/drafts/{id}/narrower": {"role": "rep", "items": [{"line": 0, "kind": "unused", "action": "read"}]},
    "POST /access/guard/people/{id}/freeze": {"reason": "strange"},
    "POST /access/guard/people/{id}/release": {"reason": "fine"},
    "POST /access/guard/people/{id}/allow": {"reason": "fine"},
    "POST /access/guard/alerts/{id}/close": {"note": "spoke with them"},
    "PATCH /access/guard/settings": {"factor": 4},
    "POST /access/guard/canaries": {"type": "account"},
    "POST /organisation/people/{id}/notice": {"on": None},
    "POST /exports": {"type": "opportunity", "format": "csv"},
    "POST /exports/preview": {"type": "opportunity"},
    "POST /exports/{id}/refuse": {"note": "no need"},
    "POST /session/password": {"link": "1-aaaaaa-00", "password": "a new long password"},
    "POST /session/password/halves": {
        "username": "ann",
        "first": "0" * 16,
        "second": "0" * 16,
        "password": "a new long password",
    },
    "POST /organisation/requests/{id}/refuse": {"reason": "x"},
    "POST /access/reviews": {"kind": "all"},
    "POST /access/reviews/{id}/end": {"unanswered": "none", "reason": "no need"},
    "POST /access/people/{id}/move": {"department": "1"},
    "POST /access/reviews/batches/{batch}/items/{item}/delegate": {"to": "1"},
    "POST /access/drafts/{id}/cells": {
        "type": "account",
        "edits": [{"role": "rep", "column": "x", "key": "name", "state": "read"}],
    },
    "POST /access/drafts": {"title": "New"},
    "PATCH /access/drafts/{id}": {"title": "New"},
    "PUT /access/drafts/{id}/changes/{kind}/{key}": {"after": None},
    "DELETE /access/drafts/{id}/changes/{kind}/{key}": None,
    "POST /access/versions/{id}/draft": {"title": "Back"},
    "POST /access/drafts/{id}/remarks": {"text": "x"},
}


def plain_cases(method: str, path: str) -> Iterator[Case]:
    key = f"{method} {path}"
    if key not in PLAIN:
        pytest.fail(f"no expectation for {key}")
    who_may, good = PLAIN[key]
    hex_ids = path.startswith(
        (
            "/views",
            "/tokens",
            "/organisation/projects",
            "/organisation/requests",
            "/me/sessions",
            "/access/requests",
            "/exports",
            "/access/guard/alerts",
        )
    )
    real = (
        path.replace("{id}", uuid7() if hex_ids else "999999")
        .replace("{deputy}", "1")
        .replace("{person}", "1")
        .replace("{token}", uuid7())
        .replace("{batch}", "999999")
        .replace("{item}", "1")
        .replace("{role}", "nosuch")
        .replace("{kind}", "role")
        .replace("{key}", "rep")
        .replace("{code}", "nosuch")
        .replace("{number}", "1")
        .replace("{slot}", "scope")
        .replace("{type}", "opportunity")
    )
    if path.startswith("/flows/records"):
        real = real.replace("999999", uuid7())
    headers = {"If-Match": '"r1"'} if path.startswith(("/access/", "/flows/drafts")) and method != "GET" else {}
    for who in EVERYONE:
        if who == "nobody":
            expected = good if who_may == "anyone" else {401}
        elif who not in MAY_ONLY.get(who_may, EVERYONE):
            expected = {403}
        else:
            expected = good
        yield Case(
            who, "", method, real, expected, PLAIN_BODIES.get(key, {} if method in {"POST", "PATCH"} else None), headers
        )


def cases(sweep: Sweep) -> Iterator[Case]:
    for full, methods in openapi.document()["paths"].items():
        path = full.removeprefix("/api/v1")
        for method in (m.upper() for m in methods):
            found = re.match(r"/records/([a-z_]+)(/\{id\})?(.*)", path)
            if found is None:
                yield from plain_cases(method, path)
            elif found[2]:
                yield from record_cases(sweep, method, found[1], found[3])
            else:
                yield from type_cases(sweep, method, found[1], found[3])


def test_every_route_answers_everyone_as_expected(world: World) -> None:
    sweep = Sweep(world)
    wrong: list[str] = []
    sent = 0
    for case in cases(sweep):
        reply = sweep.send(case)
        sent += 1
        if reply.status not in case.expected:
            wrong.append(
                f"{case.who} {case.method} {case.path} ({case.whose}): {reply.status}, not {sorted(case.expected)}"
            )
        if case.method == "DELETE" and case.path == "/session":
            sweep.clients[case.who] = Api() if case.who == "nobody" else signed_in(case.who)
    assert not wrong, f"{len(wrong)} of {sent}:\n" + "\n".join(wrong[:60])
    assert sent > 3000
    assert {kind.code for kind in TYPES} >= {"account", "opportunity", "contact"}


def test_an_absent_record_answers_as_an_invisible_one_byte_for_byte(world: World) -> None:
    sweep = Sweep(world)
    unlike: list[str] = []
    for full, methods in openapi.document()["paths"].items():
        found = re.match(r"/api/v1/records/(opportunity|account|contact)/\{id\}(.*)", full)
        for method in methods if found is not None else ():
            assert found is not None
            kind, below = found[1], found[2].replace("{file}", "1")
            answers = []
            for record in (sweep.record(kind, OTHER), uuid7()):
                case = Case(
                    "ann", "", method.upper(), f"/records/{kind}/{record}{below}", set(), {}, {"If-Match": '"x"'}
                )
                reply = sweep.send(case)
                answers.append((reply.status, reply.body, sorted(k for k in reply.headers)))
            if answers[0] != answers[1]:
                unlike.append(f"{method} {full}: {answers}")
    assert not unlike, "\n".join(unlike)
