"""What the page starts with: who asks, what may be named, the first page of data; one request less before the first row."""

from __future__ import annotations

import re
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import get_token

from heli.access.viewer import Viewer
from heli.api import lists, me, meta, record, viewer, workbench
from heli.kernel.errors import HeliError
from heli.records.types import TYPES

_LIST = re.compile(r"/records/([a-z_]{1,40})/?\Z")
_RECORD = re.compile(r"/records/([a-z_]{1,40})/([0-9a-f]{32})/?\Z")


def boot(request: HttpRequest) -> dict[str, Any]:
    """The boot data of one page request."""
    try:
        known = viewer.from_request(request)
    except HeliError:
        known = None
    who = known.viewer if known is not None and known.cookie else None
    said: dict[str, Any] = {
        "me": me.payload(who) if who is not None else None,
        "meta": meta.payload(who) if who is not None else None,
        "first": _first(who, request.path_info, request.META.get("QUERY_STRING", "")) if who is not None else None,
        "demo": _demo() if who is None else None,
        "company": me.company()["name"],
        "csrf": get_token(request),
    }
    return said


def _first(who: Viewer, path: str, query: str) -> dict[str, Any] | None:
    """The answer to the page's first question, when it is plain which one that is."""
    try:
        if path in ("/", "/workbench"):
            return {"path": "/workbench", "data": workbench.payload(who)}
        if (found := _LIST.match(path)) and found[1] in TYPES and not query:
            data = orjson.loads(lists.page(who, found[1], {"limit": 50}))
            return {"path": f"/records/{found[1]}?limit=50", "data": data}
        if (found := _RECORD.match(path)) and found[1] in TYPES:
            return {"path": f"/records/{found[1]}/{found[2]}", "data": record.present(who, TYPES[found[1]], found[2])}
    except HeliError:
        return None
    return None


def _demo() -> dict[str, Any] | None:
    """The personas and their one password: in demo mode only, and only to who is not signed in."""
    marked = settings.HELI_DEMO
    if marked is None:
        return None
    from heli.crm.demo.personas import PERSONAS

    return {"password": marked["password"], "personas": [one.json() for one in PERSONAS]}
