"""What every test may use."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connection

from heli.audit import pending

MOST_IN_A_NAME = 60


def pytest_configure(config: pytest.Config) -> None:
    # Argon2 is slow by design; tests sign in thousands of times.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def vendor(db: None) -> str:
    """``sqlite`` or ``postgresql``: which database this run is on."""
    return connection.vendor


@pytest.fixture(autouse=True)
def _no_refusal_outlives_its_test() -> Iterator[None]:
    """A test that rolls its company back leaves its refusals waiting, as it should: they belong to a database
    that is gone, and must not be written into the next test's log."""
    pending.forget()
    yield


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Names of cases that every worker of a run gives alike: an address in memory or long bytes are no name."""
    if isinstance(val, bytes | str) and len(val) > MOST_IN_A_NAME:
        return f"{argname}-{len(val)}-long"
    return type(val).__name__ if " at 0x" in repr(val) else None
