"""Who I am: person, roles, pages, the company's units."""

from __future__ import annotations

import hashlib
import hmac
from functools import cache
from typing import Any

from django.conf import settings

from heli.access.viewer import SANDBOX, VIEW_AS, Viewer
from heli.api import modes, shape
from heli.api.common import NAMED, WORDS, moment, named, ref
from heli.api.models import Preference
from heli.api.route import Answer, Call, Route
from heli.guard import settings as guard
from heli.kernel import clock
from heli.kernel.words import Words
from heli.org.models import Assignment, Company
from heli.org.tree import valid

ME = shape.record(
    {
        "person": shape.record(
            {
                "id": {"type": "string"},
                "username": {"type": "string"},
                "name": {"type": "string"},
                "kind": {"type": "string", "enum": ["employee", "contractor", "service"]},
                "department": shape.nullable(ref(NAMED)),
                "position": {"type": ["string", "null"]},
                "post": shape.nullable(ref(WORDS)),
            }
        ),
        "roles": shape.array(shape.record({"code": {"type": "string"}, "name": ref(WORDS)})),
        "pages": shape.array({"type": "string"}),
        "administers": shape.array({"type": "string"}),
        "designs": {"type": "boolean"},
        "language": {"type": ["string", "null"]},
        "theme": {"type": ["string", "null"]},
        "epoch": {"type": "string"},
        "mode": shape.nullable(ref("Mode")),
        "may_view_as": {"type": "boolean"},
        "demo": {"type": "boolean"},
        "watermark": {"type": "boolean"},
        "frozen": {"type": "boolean"},
        "company": shape.record(
            {"name": {"type": "string"}, "currency": {"type": "string"}, "time_zone": {"type": "string"}}
        ),
    }
)
ADMINISTRATION = ("organisation", "policy", "settings", "process")


def company() -> dict[str, str]:
    """Name, base currency and time zone of the installation's company."""
    found = Company.objects.order_by("pk").values_list("name", "currency", "time_zone").first()
    name, currency, zone = found or ("Heli", "CNY", "Asia/Shanghai")
    return {"name": name, "currency": currency, "time_zone": zone}


def payload(viewer: Viewer) -> dict[str, Any]:
    """What GET /me answers."""
    view = viewer.view
    roles: dict[str, Words] = {}
    if view is not None:
        roles = {s.role: s.role_words for s in view.sources if s.role}
    department, position, post = _post(viewer.person)
    return {
        "person": {
            "id": str(viewer.person),
            "username": viewer.username,
            "name": viewer.name,
            "kind": viewer.kind,
            "department": department,
            "position": position,
            "post": post.json() if post is not None else None,
        },
        "roles": [{"code": code, "name": words.json()} for code, words in roles.items()],
        "pages": list(view.pages) if view else [],
        "administers": [code for code in ADMINISTRATION if view is not None and view.held.may(code, "administer")],
        "designs": view is not None and view.held.may("process", "design"),
        "language": viewer.language or None,
        "theme": theme_of(viewer.person),
        "epoch": epoch_text(viewer),
        "mode": mode_of(viewer),
        "may_view_as": modes.may_begin(viewer),
        "demo": bool(settings.HELI_DEMO),
        "watermark": guard.flag("watermark"),
        "frozen": view is not None and view.frozen,
        "company": company(),
    }


def mode_of(viewer: Viewer) -> dict[str, Any] | None:
    """What this session is in while it is not simply its person's."""
    mode = viewer.mode
    if mode is None:
        return None
    return {
        "kind": mode.kind, "of": mode.of, "name": mode.name, "by": {"id": str(mode.by), "name": mode.by_name},
        "until": moment(mode.until), "seconds": max(0, int((mode.until - clock.now()).total_seconds())),
    }  # fmt: skip


def theme_of(person: int | None) -> str | None:
    """light, dark or auto, as the person has set it; None is what their browser prefers."""
    if person is None:
        return None
    return Preference.objects.filter(person_id=person).values_list("theme", flat=True).first() or None


def epoch_text(viewer: Viewer) -> str:
    """What the viewer's rights hang on: when it changes, the page drops what it keeps. It changes as well when something begins
    or ends by itself, a loan for one; when that will be is not to be read from it."""
    if viewer.view is None:
        return ""
    text = ".".join("-".join(one) if isinstance(one, tuple) else str(one) for one in viewer.view.stamp)
    until = viewer.view.until
    if until is None:
        return text
    return f"{text}.{hashlib.blake2b(until.isoformat().encode(), key=_key(), digest_size=8).hexdigest()}"


@cache
def _key() -> bytes:
    return hmac.digest(settings.SECRET_KEY.encode(), b"heli.epoch", "sha256")


def _post(person: int | None) -> tuple[dict[str, str] | None, str | None, Words | None]:
    """Department and position of the primary post, and both as one line in either language."""
    if person is None:
        return None, None, None
    rows = Assignment.objects.filter(valid(clock.now()), person_id=person).order_by("-primary", "id")
    found = rows.values_list(
        "department_id", "department__name", "position__name", "department__name_en", "position__name_en"
    ).first()
    if found is None:
        return None, None, None
    pk, name, position, name_en, position_en = found
    return named(pk, name, name_en), position, post_words((name, name_en), (position, position_en))


def post_words(*names: tuple[str | None, str | None]) -> Words:
    """A department and a position as one line: 法务部 · 法务."""
    return Words(
        *(" · ".join(n for n in one if n) for one in ([zh for zh, _ in names], [en or zh for zh, en in names]))
    )


ROUTES = (
    Route("GET", "/me", lambda call: Answer(payload(call.viewer)), "getMe", "Who I am", "me", answers={200: ref("Me")}),
)
MODE = shape.record(
    {
        "kind": {"type": "string", "enum": [VIEW_AS, SANDBOX]}, "of": {"type": "string"}, "name": {"type": "string"},
        "by": shape.record({"id": {"type": "string"}, "name": {"type": "string"}}), "until": {"type": "string"},
        "seconds": {"type": "integer"},
    }
)  # fmt: skip
SCHEMAS = {"Me": ME, "Mode": MODE}

__all__ = ["ROUTES", "SCHEMAS", "Call", "company", "epoch_text", "payload", "theme_of"]
