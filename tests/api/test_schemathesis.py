"""Schemathesis on the running server: every check, no undocumented answer, no 5xx."""

from __future__ import annotations

import http.cookiejar
import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import prepared
from tests.server import Server

ROOT = Path(__file__).resolve().parents[2]
CONFIG = """
[auth.openapi.token]
bearer = "${HELI_TOKEN}"
[checks]
# What a schema cannot say is 422; a token may not manage tokens; there is no such record in most questions.
positive_data_acceptance.expected-statuses = [200, 201, 204, 401, 403, 404, 409, 412, 414, 422, 428, 429]
missing_required_header.expected-statuses = [400, 404, 422, 428]
negative_data_rejection.expected-statuses = [400, 401, 403, 404, 406, 409, 412, 413, 414, 415, 422, 428]
"""
SOME = r"^/api/v1/(records/opportunity|me|meta|why|search|pulse|mentions|workbench|views|tokens|session|openapi)"
"""All types have the same routes: one stands for them every day. The torture suite takes all, and tries values at random."""


class Browser:
    """Signs in as a person would, to make a token."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def send(self, path: str, body: object = None) -> bytes:
        csrf = next((c.value or "" for c in self.jar if c.name == "csrftoken"), "")
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "X-CSRFToken": csrf} if data else {}
        with self.opener.open(urllib.request.Request(self.url + path, data, headers), timeout=30) as answer:
            return bytes(answer.read())


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("schemathesis")
    prepared.install(home, prepared.DEMO)
    with Server(home, "--demo") as server:
        yield server


@pytest.mark.parametrize(
    ("more", "least"),
    [
        pytest.param(("--phases", "examples,coverage", "--include-path-regex", SOME), 1000, id="some"),
        pytest.param(
            ("--phases", "examples,coverage,fuzzing", "--max-examples", "5"), 5000, id="all", marks=pytest.mark.torture
        ),
    ],
)
def test_every_check_of_schemathesis_passes(served: Server, tmp_path: Path, more: tuple[str, ...], least: int) -> None:
    demo = json.loads((served.home / "demo.json").read_text("utf-8"))
    browser = Browser(served.url)
    browser.send("/api/v1/session", {"username": "linguodong", "password": demo["password"]})
    made = json.loads(browser.send("/api/v1/tokens", {"name": "test", "role": "management", "days": 1}))
    document, config = tmp_path / "openapi.json", tmp_path / "schemathesis.toml"
    document.write_bytes(browser.send("/api/v1/openapi.json"))
    config.write_text(CONFIG, "utf-8")
    command = [
        str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(config), "run", str(document),
        "-u", served.url, "--checks", "all", "--continue-on-failure", "--workers", "2", "--seed", "1", "--no-color", *more,
    ]  # fmt: skip
    environment = {**os.environ, "HELI_TOKEN": made["token"]}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=3600, check=False
    )
    failures = done.stdout.partition("= FAILURES =")[2] or done.stdout
    assert done.returncode == 0, failures[:6000] + done.stderr[-2000:]
    tested = re.search(r"(\d+) generated", done.stdout)
    assert tested is not None and int(tested[1]) > least
    assert "Traceback" not in served.log.read_text("utf-8")
