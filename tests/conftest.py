"""What every test may use."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.db import connection

from heli.access import use
from heli.audit import pending
from heli.guard import ledger
from heli.guard import settings as settings_of_guard
from tests import plugin

MOST_IN_A_NAME = 60


def pytest_configure(config: pytest.Config) -> None:
    # Argon2 is slow by design; tests sign in thousands of times.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def vendor(db: None) -> str:
    """``sqlite`` or ``postgresql``: which database this run is on."""
    return connection.vendor


@pytest.fixture(scope="session")
def own_database() -> Callable[[], dict[str, str]]:
    """Makes the environment, but for HELI_HOME, of an installation that a test starts by itself: with DATABASE_URL of a database of its
    own in a run on PostgreSQL, else without, so that the database is a file in its HELI_HOME."""

    def make() -> dict[str, str]:
        rest = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "HELI_HOME"}}
        return rest | ({"DATABASE_URL": plugin.STARTED[0].create()} if plugin.STARTED else {})

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
