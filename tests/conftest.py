"""What every test may use."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import connection


def pytest_configure(config: pytest.Config) -> None:
    # Argon2 is slow by design; tests sign in thousands of times.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def vendor(db: None) -> str:
    """``sqlite`` or ``postgresql``: which database this run is on."""
    return connection.vendor
