"""Hostile and mistaken input: 4xx naming the place, nothing half written."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from heli.audit import entries
from tests.api.client import Api, signed_in
from tests.world import World

pytestmark = pytest.mark.storage

DATA = Path(os.environ.get("HELI_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
BLNS = DATA / "import" / "blns" / "blns.json"


@pytest.fixture
def ann(world: World) -> Api:
    return signed_in("ann")


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"{", "line 1, column 2"),
        (b'{"name": "a",}', "malformed JSON"),
        (b'{"name": "\xff"}', "byte 10 is not UTF-8"),
        (b'{"name": "a", "name": "b"}', "'name' is given twice"),
        (b'{"name": NaN}', "malformed JSON"),
        (b'{"name": 1e999}', "infinity"),
        (b'{"name": ' + b"9" * 60 + b"}", "out of range"),
        (b'{"name": "\\ud800"}', "malformed JSON"),
        (b"[" * 33 + b"]" * 33, "deeper than 32"),
        (b"[" * 5000 + b"]" * 5000, "malformed JSON"),
        (b" ", "malformed JSON"),
    ],
)
def test_malformed_json_is_refused_with_its_place(ann: Api, raw: bytes, said: str) -> None:
    reply = ann.send("POST", "/records/account", raw=raw)
    assert (reply.status, reply.code) == (400, "malformed"), reply.body
    assert said in reply.body["message"]["en"]
    assert reply.body["message"]["zh"]
    assert reply.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("media", "status"),
    [("text/plain", 415), ("application/x-www-form-urlencoded", 415), ("application/json; charset=gbk", 415),
     ("", 415), ("application/json; charset=UTF-8", 201)],
)  # fmt: skip
def test_the_body_must_be_json_in_utf_8(ann: Api, media: str, status: int) -> None:
    assert ann.send("POST", "/records/account", raw=b'{"name": "A"}', media=media).status == status


@pytest.mark.parametrize("size", [1024 * 1024 + 1, 10 * 1024 * 1024])
def test_a_large_body_is_413(ann: Api, size: int) -> None:
    assert ann.send("POST", "/records/account", raw=b'{"name": "' + b"a" * size + b'"}').status == 413


@pytest.mark.parametrize(
    ("body", "places"),
    [
        ({}, ["name"]),
        ({"name": 5}, ["name"]),
        ({"name": "x" * 201}, ["name"]),
        ({"name": "a\u0000b"}, ["name"]),
        ({"name": "A", "nope": 1, "neither": 2}, ["nope", "neither"]),
        ({"name": "A", "industry": "no such option"}, ["industry"]),
        ({"name": "A", "parent_account": "0" * 32}, ["parent_account"]),
        ({"name": "A", "parent_account": 7}, ["parent_account"]),
        ({"name": "A", "employees": "many"}, ["employees"]),
        ({"name": "A", "credit_limit": "1.234"}, ["credit_limit"]),
        ([], [""]),
        ("text", [""]),
        (None, [""]),
    ],
)
def test_wrong_fields_are_named_and_nothing_is_written(ann: Api, body: Any, places: list[str]) -> None:
    reply = ann.send("POST", "/records/account", raw=json.dumps(body).encode())
    assert reply.status == 422, reply.body
    assert sorted(reply.places) == sorted(places)
    assert ann.get("/records/account/count").body["count"] == 0
    assert not [e for e in entries.query(object_type="account") if e.outcome == "done"]


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("nope=1", "nope"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=ten", "limit"),
        ("limit=5&limit=6", "limit"),
        ("limit=99999999999999999999999", "limit"),
        ("sort=nope", "sort"),
        ("sort=", "sort"),
        ("sort=name,name", "sort"),
        ("fields=nope", "fields"),
        ("after=x", "after"),
        ("after=" + "A" * 3000, "after"),
        ("filter={", "filter"),
        ("filter=5", "filter"),
        ('filter={"nope":1}', "filter/nope"),
        ('filter={"name":{"<<":1}}', "filter/name"),
        ('filter={"name":5}', "filter/name"),
        ('filter={"name":"a","name":"b"}', "filter"),
        ("filter=" + '{"and":[' * 9 + '{"name":"a"}' + "]}" * 9, "filter"),
        ("filter=" + json.dumps({"or": [{"name": "a"}] * 101}), "filter"),
    ],
)
def test_wrong_questions_are_named(ann: Api, query: str, place: str) -> None:
    from urllib.parse import quote

    reply = ann.get("/records/account?" + quote(query, safe="=&,"))
    assert reply.status == 422, reply.body
    assert reply.places[0].startswith(place)


def test_a_query_that_is_not_utf_8_is_400(ann: Api) -> None:
    assert ann.get("/search?q=%ff").status == 400
    assert ann.get("/search?q=" + "a" * 70_000).status == 414


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [("PUT", "/records/account", "GET, HEAD, POST"), ("POST", "/me", "GET, HEAD"), ("TRACE", "/meta", "GET, HEAD"),
     ("OPTIONS", "/session", "DELETE, POST")],
)  # fmt: skip
def test_a_wrong_method_tells_the_right_ones(ann: Api, method: str, path: str, allow: str) -> None:
    reply = ann.send(method, path)
    assert (reply.status, reply.headers["Allow"]) == (405, allow)
    assert reply.code == "method_not_allowed"


@pytest.mark.parametrize(
    "path", ["/", "", "/nothing", "/records", "/records/nothing", "/records/account/xyz", "/records/account/" + "0" * 33,
             "/records/account//", "/me/", "/files/../../etc/passwd", "/records/account/%00"]
)  # fmt: skip
def test_what_is_no_address_is_404(ann: Api, path: str) -> None:
    reply = ann.get(path)
    assert reply.status == 404
    assert reply.headers["Content-Type"] == "application/problem+json"


def test_head_is_a_get_without_its_body(ann: Api) -> None:
    reply = ann.send("HEAD", "/me")
    assert (reply.status, reply.body) == (200, b"")


def test_an_unforeseen_failure_tells_nothing_of_our_insides(ann: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    from heli.records import store

    def broken(*_: object) -> None:
        raise RuntimeError("SELECT secret FROM internals")

    monkeypatch.setattr(store, "query", broken)
    reply = ann.get("/records/account", **{"X-Request-Id": "abc-1"})
    assert (reply.status, reply.code) == (500, "failed")
    assert "secret" not in str(reply.body)
    assert reply.headers["X-Request-Id"] == "abc-1"
    assert "abc-1" in reply.body["message"]["en"]


def test_ids_of_another_type_do_not_exist(ann: Api) -> None:
    account = ann.post("/records/account", {"name": "A"}).body["id"]
    assert ann.get(f"/records/opportunity/{account}").status == 404
    reply = ann.post("/records/opportunity", {"name": "D", "contact": account})
    assert (reply.status, reply.places) == (422, ["contact"])


@pytest.mark.skipif(not BLNS.exists(), reason="the list of naughty strings is not here")
def test_naughty_strings_come_back_exactly(ann: Api) -> None:
    strings = [one for one in json.loads(BLNS.read_text("utf-8")) if one and "\0" not in one]
    assert len(strings) > 300
    api_text = [one[:5000] for one in strings]
    made = ann.post("/records/account", {"name": "A"})
    at, etag = f"/records/account/{made.body['id']}", made.etag
    for one in api_text:
        reply = ann.patch(at, {"description": one}, **{"If-Match": etag})
        assert reply.status == 200, (one, reply.body)
        assert reply.body["values"]["description"] == one
        etag = reply.etag
    assert ann.get(at).body["values"]["description"] == api_text[-1]
