"""DATABASE_URL and Django's settings for the two databases that Heli runs on."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from heli.kernel.errors import Broken

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL;"
    "PRAGMA synchronous=FULL;"  # a commit that was answered survives the loss of power
    "PRAGMA foreign_keys=ON;"
    "PRAGMA cache_size=-65536;"  # KiB
    "PRAGMA temp_store=MEMORY;"
)
BUSY_SECONDS = 20
CONNECTION_SECONDS = 600
POSTGRES_OPTIONS = {"sslmode", "sslrootcert", "sslcert", "sslkey", "connect_timeout", "application_name", "host"}


def sqlite(path: Path) -> dict[str, Any]:
    """Settings for a file of the embedded database; writers queue for BUSY_SECONDS and lock at their start."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "CONN_MAX_AGE": CONNECTION_SECONDS,
        "OPTIONS": {"timeout": BUSY_SECONDS, "transaction_mode": "IMMEDIATE", "init_command": SQLITE_PRAGMAS},
    }


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def parse(url: str, home: Path) -> dict[str, Any]:
    """Settings for DATABASE_URL: ``postgres://user:password@host:port/name?sslmode=…`` (a ``host=`` in the query
    names a socket folder), ``sqlite:///path``, or the file in HELI_HOME when it is empty.

    Raises Broken, without repeating the password, when the address is none of these.
    """
    if not url:
        return sqlite(home / "heli.sqlite3")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Broken("DATABASE_URL is no address such as postgres://user:password@host:5432/name") from error
    name = unquote(parts.path[1:])
    if "\0" in unquote(url) or not _is_utf8(unquote(url, errors="surrogateescape")):
        raise Broken("DATABASE_URL holds a NUL, or bytes that are no UTF-8")
    if parts.scheme == "sqlite" and name and not parts.netloc:
        try:
            return sqlite(Path(name).expanduser().absolute())
        except RuntimeError:
            raise Broken("DATABASE_URL names the home of a user whom this machine does not know") from None
    if parts.scheme not in {"postgres", "postgresql"}:
        raise Broken(f"DATABASE_URL begins with {parts.scheme!r}; Heli runs on postgres:// and sqlite:///")
    if not name or "/" in name:
        raise Broken("DATABASE_URL names no database: postgres://user:password@host:5432/name")
    options = dict(parse_qsl(parts.query))
    unknown = sorted(set(options) - POSTGRES_OPTIONS)
    if unknown:
        raise Broken(f"DATABASE_URL has options that Heli does not know: {', '.join(unknown)}")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(port or ""),
        "CONN_MAX_AGE": CONNECTION_SECONDS,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": "10", "application_name": "heli", **options},
    }
