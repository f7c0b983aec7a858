"""What every test may use."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from heli.access import use
from heli.audit import log, pending
from heli.flows import library, usual
from heli.guard import ledger
from heli.guard import settings as settings_of_guard
from tests import database, plugin, prepared

MOST_IN_A_NAME = 60
LONGEST = (
    *("test_schemathesis", "test_many_at_once", "test_backup", "test_crash_jobs", "test_crash_writes", "test_demo"),
    *(
        "test_simulate",
        "test_cli_maven",
        "test_crash_purge",
        "test_two_worlds_wide",
        "test_plans",
        "test_sweep",
        "test_cli",
    ),
    *("test_access_for_all", "test_scenarios", "test_crawl", "test_serve", "test_modes", "test_guard"),
)
"""Files with tests that take many seconds."""
TOGETHER = ("test_backup", "test_demo", "test_openapi")
"""Files whose tests share what takes seconds to make: one worker does all of a file."""


_write = log._write


def _write_in_a_transaction(prepared: Any, first: Any = ()) -> int:
    """The log refuses entries outside a transaction, and a test is one: so an act without its own passed here and failed in
    the program. The transaction that the log itself opens around its rows counts for nothing."""
    own = [one for one in connection.atomic_blocks if not one._from_testcase]
    assert len(own) > 1, "an audit entry outside the transaction of its act"
    return _write(prepared, first)


def pytest_configure(config: pytest.Config) -> None:
    # Argon2 is slow by design; tests sign in thousands of times.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    log._write = _write_in_a_transaction


@pytest.fixture
def vendor(db: None) -> str:
    """``sqlite`` or ``postgresql``: which database this run is on."""
    return connection.vendor


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any) -> Iterator[None]:
    """The tests' own database: a copy of the one with the schema. That migrations bring a database there is what `heli migrate` tests."""
    with django_db_blocker.unblock():
        database.make()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", database.after_commits)
        yield
    connection.close()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first: at the end of a run no worker waits for another's."""
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))


class OneByOne(LoadScopeScheduling):
    """The next test to who is free, and files that are ``TOGETHER`` whole."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return file if Path(file).stem in TOGETHER else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> OneByOne | None:
    return OneByOne(config, log) if config.getvalue("dist") == "loadscope" else None


def pytest_collection_finish() -> None:
    """What is loaded by now stays: looking through it again and again for garbage took a twentieth of the run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("django_db") or "db" in getattr(item, "fixturenames", ()):
        database.before_a_test()


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "HELI_HOME"}}


@pytest.fixture(scope="session")
def own_database() -> Callable[[], dict[str, str]]:
    """Makes the environment, but for HELI_HOME, of an installation that a test starts by itself: with DATABASE_URL of a database of its
    own in a run on PostgreSQL, else without, so that the database is a file in its HELI_HOME. Nothing is in it yet."""

    def make() -> dict[str, str]:
        return _environment() | ({"DATABASE_URL": plugin.server(prepared.READY).create()} if plugin.STARTED else {})

    return make


@pytest.fixture(scope="session")
def installed() -> Callable[..., dict[str, str]]:
    """``installed(home)`` makes an installation as `heli migrate` leaves a new one (``prepared.DEMO``: with the demo company) and returns
    its environment, as ``own_database`` does."""

    def make(home: Path, kind: str = prepared.READY) -> dict[str, str]:
        postgres = plugin.server(kind) if plugin.STARTED else None
        return _environment() | prepared.install(home, kind, postgres)

    return make


@pytest.fixture(autouse=True)
def _no_refusal_outlives_its_test() -> Iterator[None]:
    """A test that rolls its company back leaves its refusals and uses of grants waiting, as it should: they belong to a
    database that is gone, and must not be written into the next test's."""
    pending.forget()
    use.BUFFER.clear()
    ledger.forget()
    settings_of_guard.forget()
    library.forget()
    usual.forget()
    yield


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Names of cases that every worker of a run gives alike: an address in memory or long bytes are no name."""
    if isinstance(val, bytes | str) and len(val) > MOST_IN_A_NAME:
        return f"{argname}-{len(val)}-long"
    return type(val).__name__ if " at 0x" in repr(val) else None
