"""An operator starts and stops the server; it is one process tree, whatever ends it."""

from __future__ import annotations

import email
import email.policy
import http.client
import json
import os
import re
import signal
import time
import urllib.request
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tests import prepared
from tests.server import Server, processes


def answer(server: Server, path: str, **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, response.headers, body


def gone(pids: list[int], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not any(Path(f"/proc/{pid}").exists() and "State:\tZ" not in status(pid) for pid in pids):
            return True
        time.sleep(0.1)
    return False


def status(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/status").read_text("utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return "State:\tZ"


def linked(outbox: Path) -> set[str]:
    """The servers that letters in this directory link to."""
    files = [one.read_text("utf-8") for one in outbox.glob("*.log")]
    letters = [email.message_from_string(one.partition("-" * 79)[0], policy=email.policy.default) for one in files]
    return {link for one in letters for link in re.findall(r"https?://[^/\s]+", one.get_content())}


def test_links_in_mail_lead_to_where_it_serves(
    tmp_path: Path, installed: Callable[[Path, str], dict[str, str]]
) -> None:
    """Nobody has said an address: it is not the one that it would have by default. The clock stands in tomorrow's office hours, as mail is
    not sent at night."""
    home = tmp_path / "home"
    now = datetime.now(ZoneInfo("Asia/Shanghai"))
    morning = now.replace(hour=10, minute=0) + timedelta(days=1)
    environment = installed(home, prepared.DEMO) | {"HELI_CLOCK_AHEAD": str((morning - now).total_seconds())}
    with Server(home, "--worker", "--demo", environment=environment) as server:
        deadline = time.monotonic() + 60
        links: set[str] = set()
        while not links and time.monotonic() < deadline:
            time.sleep(0.5)
            links = linked(home / "outbox")
    assert links == {server.url}, "the demo company's people are told of their work, by where they find it"


def test_it_says_where_it_is_in_one_line_and_stops_when_asked(
    tmp_path: Path, installed: Callable[[Path], dict[str, str]]
) -> None:
    server = Server(tmp_path / "home", "--worker", environment=installed(tmp_path / "home"))
    server.start()
    assert server.url in server.line
    with urllib.request.urlopen(f"{server.url}/healthz", timeout=20) as response:
        assert json.load(response) == {"ok": True}
    tree = processes(server.process.pid)
    assert len(tree) >= 2, "a web process and a worker"
    assert server.stop() == 0
    assert gone(tree, 5)


def test_when_its_main_process_is_killed_the_rest_ends_too(
    tmp_path: Path, installed: Callable[[Path], dict[str, str]]
) -> None:
    server = Server(tmp_path / "home", "--worker", environment=installed(tmp_path / "home"))
    server.start()
    tree = processes(server.process.pid)
    assert len(tree) >= 2
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()
    assert gone(tree, 20), "web process and worker outlived their parent"


def test_a_killed_worker_and_a_killed_web_process_come_back(
    tmp_path: Path, installed: Callable[[Path], dict[str, str]]
) -> None:
    with Server(tmp_path / "home", "--worker", environment=installed(tmp_path / "home")) as server:
        before = processes(server.process.pid)
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            now = processes(server.process.pid)
            if len(now) >= 2 and not set(now) & set(before):
                break
            time.sleep(0.2)
        assert len(now) >= 2
        while time.monotonic() < deadline:
            try:
                assert answer(server, "/healthz")[0] == 200
                return
            except OSError:
                time.sleep(0.2)
        raise AssertionError("the web process did not come back")


def test_a_taken_port_is_named(tmp_path: Path, installed: Callable[[Path], dict[str, str]]) -> None:
    environment = installed(tmp_path / "home")
    with Server(tmp_path / "home", environment=environment) as server:
        second = Server(tmp_path / "home", environment=environment)
        second.port = server.port
        try:
            second.start()
        except AssertionError as error:
            assert f":{server.port}" in str(error)
        else:
            second.stop()
            raise AssertionError("two servers listen on one port")
