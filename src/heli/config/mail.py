"""Where mail goes, from one address."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from heli.kernel.errors import Broken

BACKENDS = "django.core.mail.backends"
OUTBOX = "outbox"
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
