"""Where mail goes, and where its links lead."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from heli.kernel.errors import Broken

BACKENDS = "django.core.mail.backends"
OUTBOX = "outbox"
HERE = "http://127.0.0.1:8000"
"""Where `heli serve` listens when nobody says otherwise."""
PATIENCE = 5
"""Seconds that a mail server may take."""


def mailer(address: str, home: Path) -> dict[str, Any]:
    """Django's mailer for ``smtp://user:password@host:port`` (STARTTLS) or ``smtps://`` (TLS from the start); without an
    address, files in the folder ``outbox`` of this installation. Raises Broken."""
    if not address:
        return {"BACKEND": f"{BACKENDS}.filebased.EmailBackend", "OPTIONS": {"file_path": str(home / OUTBOX)}}
    try:
        found = urlsplit(address)
        port = found.port
    except ValueError:
        found, port = urlsplit(""), None
    if found.scheme not in {"smtp", "smtps"} or not found.hostname:
        raise Broken("HELI_SMTP is no address such as smtp://user:password@mail.example.com:587")
    whole = found.scheme == "smtps"
    return {
        "BACKEND": f"{BACKENDS}.smtp.EmailBackend",
        "OPTIONS": {
            "host": found.hostname, "port": port or (465 if whole else 587), "username": unquote(found.username or ""),
            "password": unquote(found.password or ""), "use_tls": not whole, "use_ssl": whole, "timeout": PATIENCE,
        },
    }  # fmt: skip


def address(said: str, hosts: Sequence[str], *, secure: bool) -> str:
    """Where people open the page: as said, else at the first name that the server answers to. Raises Broken."""
    if not said:
        return f"{'https' if secure else 'http'}://{hosts[0]}" if hosts else HERE
    try:
        found = urlsplit(said)
    except ValueError:
        found = urlsplit("")
    if found.scheme not in {"http", "https"} or not found.hostname or found.query or found.fragment:
        raise Broken("HELI_URL is no address such as https://crm.example.com")
    return said.rstrip("/")
