"""The server: granian over WSGI with threads, and background work, in one process tree that starts and stops as one."""

from __future__ import annotations

import logging
import multiprocessing
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass

from django.conf import settings
from django.db import connections
from granian import Granian
from granian.constants import Interfaces, Loops
from granian.log import LogLevels

from heli.config import demo, mail, parent
from heli.kernel.errors import Broken

log = logging.getLogger(__name__)

STOP_SECONDS = 10
"""How long a request or a job may go on after the server was asked to stop."""
READY_SECONDS = 60
CALM_SECONDS = 30
"""A part that ran this long before it ended is started again at once; one that falls at once waits longer each time."""


TO_STDERR = {"class": "logging.StreamHandler", "formatter": "generic", "stream": "ext://sys.stderr"}
LOGGING = {"handlers": {"console": TO_STDERR, "access": TO_STDERR}}
"""Granian's own lines; standard output carries our one line only."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to serve: an address, web processes × threads, whether to run jobs, load the demo and follow the code."""

    host: str
    port: int
    workers: int = 1
    threads: int = 4
    jobs: bool = False
    demo: bool = False
    reload: bool = False

    @property
    def url(self) -> str:
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104  # only shown
        return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{self.port}"


class Jobs:
    """The background worker's process, started again when it falls. ``url``: where this server is, which links in mail lead to when nothing
    else is said."""

    def __init__(self, url: str) -> None:
        self._environment = dict(os.environ)
        if not os.environ.get("HELI_URL") and settings.HELI_URL == mail.HERE:
            self._environment["HELI_URL"] = url
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="jobs", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def _keep(self) -> None:
        wait = 1.0
        while not self._stopping.is_set():
            began = time.monotonic()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "heli", "worker"],
                env=parent.mark(dict(self._environment)),
                stdin=subprocess.DEVNULL,
            )
            status = self._process.wait()
            if self._stopping.is_set():
                return
            if status == 0 or time.monotonic() - began > CALM_SECONDS:
                wait = 1.0
            log.error("the background worker ended with status %s; starting it again in %.0f s", status, wait)
            self._stopping.wait(wait)
            wait = min(wait * 2, 60.0)

    def again(self) -> None:
        """End the process; it is started again with the code as it is now."""
        if self._process is not None:
            self._process.terminate()

    def stop(self) -> None:
        """Ask it to finish its jobs and wait for STOP_SECONDS."""
        self._stopping.set()
        process = self._process
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            log.error("the background worker did not stop in %s s and was killed", STOP_SECONDS)
            process.kill()
            process.wait()


def _announce(plan: Plan, login: dict[str, str] | None) -> None:
    """One line once the first request is answered."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{plan.url}/healthz", timeout=READY_SECONDS):  # noqa: S310  # our own
                break
        except urllib.error.HTTPError:
            break
        except OSError:
            time.sleep(0.1)
    else:
        log.error("the server did not answer within %s s", READY_SECONDS)
        return
    line = f"合力 Heli {plan.url}"
    if login is not None:
        line += f"  演示登录 demo login: {login['username']} / {login['password']}"
    print(line, flush=True)


def _probe(plan: Plan) -> None:
    """Granian's own socket may share its port; two installations on one address would answer by turns."""
    host = plan.host.strip("[]")
    try:
        family = socket.getaddrinfo(host, plan.port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, plan.port))
    except OSError as error:
        raise Broken(f"cannot listen on {plan.host}:{plan.port}: {error.strerror or error}") from error


def run(plan: Plan) -> int:
    """Serve until asked to stop (SIGTERM, Ctrl+C); the exit status.

    Raises Broken when the address cannot be listened on.
    """
    _probe(plan)
    parent.follow()
    login = demo.ensure() if plan.demo else None
    connections.close_all()
    os.environ.update(parent.mark({}))
    # Web processes begin afresh: nothing of this one (connections, threads, modules) is copied into them.
    multiprocessing.set_start_method("spawn", force=True)
    server = Granian(
        "heli.config.wsgi:application",
        address=plan.host.strip("[]"),
        port=plan.port,
        interface=Interfaces.WSGI,
        workers=plan.workers,
        blocking_threads=plan.threads,
        blocking_threads_idle_timeout=600,
        loop=Loops.asyncio,
        backlog=1024,
        log_level=LogLevels.error,
        log_dictconfig=LOGGING,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        reload=plan.reload,
        reload_paths=[settings.PACKAGE] if plan.reload else None,
    )
    jobs = Jobs(plan.url) if plan.jobs else None

    @server.on_startup
    def started() -> None:
        if jobs is not None:
            jobs.start()
        threading.Thread(target=_announce, args=(plan, login), name="announce", daemon=True).start()

    @server.on_reload
    def reloaded() -> None:
        if jobs is not None:
            jobs.again()

    @server.on_shutdown
    def stopped() -> None:
        if jobs is not None:
            jobs.stop()

    server.serve()
    return 0
