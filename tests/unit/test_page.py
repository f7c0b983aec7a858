"""The built page and its files, as a browser asks for them."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import RequestFactory
from django.test.client import Client

from heli.config import page

INDEX = '<!doctype html><head><script type="application/json" id="boot">null</script></head><div id="root"></div>'
CODE = b"console.log('heli')" * 100
ZIPPED = gzip.compress(CODE, mtime=0)


@pytest.fixture
def dist(tmp_path: Path, settings: Any) -> Iterator[Path]:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text(INDEX)
    (tmp_path / "secret.txt").write_text("not an asset")
    (tmp_path / "assets" / "main-1a2b.js").write_bytes(CODE)
    (tmp_path / "assets" / "main-1a2b.js.gz").write_bytes(ZIPPED)
    (tmp_path / "assets" / "main-1a2b.js.br").write_bytes(b"brotli")
    settings.HELI_WEB = tmp_path
    yield tmp_path


@pytest.fixture
def boot(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    data: dict[str, Any] = {"me": None}

    def give(request: HttpRequest) -> dict[str, Any]:
        return data

    import_module("heli.config.urls")  # which names the real one
    monkeypatch.setattr(page, "boot", give)
    return data


def read(html: bytes) -> dict[str, Any]:
    found = re.search(rb'<script type="application/json" id="boot" nonce="[^"]+">(.*?)</script>', html)
    assert found
    value: dict[str, Any] = json.loads(found[1])
    return value


@pytest.mark.parametrize("path", ["/", "/records/account", "/records/account/0190", "/signin"])
def test_every_address_of_the_page_is_the_page(client: Client, dist: Path, boot: dict[str, Any], path: str) -> None:
    boot["me"] = {"name": "王敏"}
    response = client.get(path)
    assert response.status_code == 200
    assert read(response.content) == boot
    assert "no-store" in response["Cache-Control"]
    assert "csrftoken" in response.cookies


def test_data_cannot_leave_its_element(client: Client, dist: Path, boot: dict[str, Any]) -> None:
    boot["name"] = "</script><script>alert(1)</script><!--\u2028&"
    response = client.get("/")
    assert b"alert(1)</script" not in response.content
    assert response.content.count(b"</script>") == 1
    assert read(response.content) == boot


def test_the_policy_allows_no_inline_code_and_styles_only_by_nonce(
    client: Client, dist: Path, boot: dict[str, Any]
) -> None:
    first, second = client.get("/"), client.get("/")
    policy = first["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "script-src 'self';" in policy
    nonce = re.search(r"style-src 'self' 'nonce-([^']+)'", policy)
    assert nonce
    assert f'nonce="{nonce[1]}"'.encode() in first.content
    assert nonce[1] not in second["Content-Security-Policy"]
    assert first["X-Frame-Options"] == "DENY"
    assert first["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("accepts", "encoding", "body"),
    [
        ("gzip, deflate, br", "br", b"brotli"),
        ("gzip", "gzip", ZIPPED),
        ("br;q=0, gzip;q=0.5", "gzip", ZIPPED),
        ("", None, CODE),
        ("identity", None, CODE),
    ],
)
def test_files_are_kept_for_ever_and_sent_compressed(
    client: Client, dist: Path, accepts: str, encoding: str | None, body: bytes
) -> None:
    response = client.get("/assets/main-1a2b.js", headers={"Accept-Encoding": accepts})
    assert response.status_code == 200
    assert response.get("Content-Encoding") == encoding
    plain = gzip.decompress if encoding == "gzip" else bytes
    assert plain(response.content) == plain(body)
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["Content-Type"].startswith("text/javascript")
    assert response["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    "path",
    ["/assets/absent.js", "/assets/../secret.txt", "/assets/%2e%2e/secret.txt", "/assets/main-1a2b.js.br", "/assets/"],
)
def test_nothing_else_is_served_as_a_file(client: Client, dist: Path, boot: dict[str, Any], path: str) -> None:
    response = client.get(path)
    assert b"not an asset" not in response.content
    assert b"brotli" not in response.content


def test_an_unknown_address_of_the_api_is_not_the_page(client: Client, dist: Path, boot: dict[str, Any]) -> None:
    assert client.get("/api/v9/nothing").status_code == 404


def test_a_new_build_is_seen_at_once(client: Client, dist: Path, boot: dict[str, Any]) -> None:
    client.get("/")
    (dist / "assets" / "main-9z.js").write_bytes(b"new")
    (dist / "index.html").write_text(INDEX + "<!-- new -->")
    assert b"<!-- new -->" in client.get("/").content
    assert client.get("/assets/main-9z.js").content == b"new"


def test_without_a_build_the_page_says_what_to_do(client: Client, tmp_path: Path, settings: Any) -> None:
    settings.HELI_WEB = tmp_path / "nothing"
    response = client.get("/")
    assert response.status_code == 503
    assert b"make run" in response.content


def test_a_page_cannot_be_posted_to(rf: RequestFactory, dist: Path) -> None:
    assert page.page(rf.post("/")).status_code == 405
