"""What every test may use."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from heli.access import use
from heli.audit import pending
from heli.guard import ledger
from heli.guard import settings as settings_of_guard
from tests import plugin, prepared

MOST_IN_A_NAME = 60


def pytest_configure(config: pytest.Config) -> None:
    # Argon2 is slow by design; tests sign in thousands of times.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def vendor(db: None) -> str:
    """``sqlite`` or ``postgresql``: which database this run is on."""
    return connection.vendor


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any) -> Iterator[None]:
    """The tests' own database: a copy of the one with the schema. That migrations bring a database there is what `heli migrate` tests."""
    with django_db_blocker.unblock():
        connection.close()
        if connection.vendor == "sqlite":
            name = "file:heli-test?mode=memory&cache=shared"
        else:
            name = "test_heli"
            plugin.server(prepared.READY).create(prepared.SCHEMA, name)
        connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = name
        connection.ensure_connection()
        if connection.vendor == "sqlite":
            with closing(sqlite3.connect(f"file:{prepared.schema_file()}?mode=ro&immutable=1", uri=True)) as made:
                made.backup(connection.connection)
    yield
    with django_db_blocker.unblock():
        connection.close()


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
    yield


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Names of cases that every worker of a run gives alike: an address in memory or long bytes are no name."""
    if isinstance(val, bytes | str) and len(val) > MOST_IN_A_NAME:
        return f"{argname}-{len(val)}-long"
    return type(val).__name__ if " at 0x" in repr(val) else None
