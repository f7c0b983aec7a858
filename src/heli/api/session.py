"""Signing in and out. Unknown user and wrong password are one answer, after one and the same time."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core import context
from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib.auth import login, logout
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.middleware.csrf import rotate_token

from heli.api import me, modes, sessions, shape, viewer
from heli.api.common import ref
from heli.api.route import Answer, Call, Route
from heli.audit import log
from heli.audit.log import EntryData
from heli.kernel.errors import NotSignedIn, Refused, TooMany
from heli.kernel.words import Words
from heli.org.models import Person

BODY = shape.record({"username": shape.text(254, 1), "password": shape.text(1000, 1)})
RETRY_SECONDS = 300

WRONG = Words("用户名或密码不对", "the user name or the password is wrong")
THROTTLED = Words("尝试次数过多，请 5 分钟后再试", "too many attempts: try again in 5 minutes")
FOREIGN = Words("不能从别的网站登录", "signing in from another site is refused")


def same_site(request: HttpRequest) -> None:
    """Raises Refused for another site: its form must not sign anyone in. It cannot send JSON; what says where it comes from is checked."""
    origin = request.META.get("HTTP_ORIGIN")
    if origin is not None and origin.partition("://")[2] != request.get_host():
        trusted = origin in settings.CSRF_TRUSTED_ORIGINS
        if not trusted:
            raise Refused(FOREIGN, code="csrf")


def _account(text: str) -> Person | None:
    name = text.strip()
    found = Person.objects.filter(username__iexact=name).first()
    if found is None and "@" in name:
        found = Person.objects.filter(email__iexact=name).first()
    return found


def sign_in(call: Call) -> Answer:
    """Check the password under the throttles, start a new session, and answer as GET /me would."""
    request = call.request
    same_site(request)
    name: str = call.body["username"]
    known = _account(name)
    username = known.username if known else name
    with context.request_context(request):
        if not ratelimit.consume(request, app="allauth.account", action="login"):
            raise _throttled(call, known)
        try:
            person = get_adapter().authenticate(request, username=username, password=call.body["password"])
        except ValidationError:
            raise _throttled(call, known) from None
    if person is None or not person.is_active:
        told(call, "signin.failed", known, outcome="failed", reason="wrong password or unknown user")
        raise NotSignedIn(WRONG, code="wrong_password")
    begin(request, person, call.origin)
    fresh = viewer.for_person(person.pk, call.origin)
    return Answer(me.payload(fresh))


def begin(request: HttpRequest, person: Person, origin: str) -> None:
    """A new session of this person, who has shown that it is they, with its entry in the audit log."""
    with log.transaction():
        request.session.flush()  # a new key every time, also for the same person
        login(request, person, backend=settings.AUTHENTICATION_BACKENDS[0])
        sessions.remember(request, origin)
        rotate_token(request)
        request.session.save()
        log.append(_entry(origin, "signin.ok", person))


def sign_out(call: Call) -> Answer:
    """End this session, and the mode that it is in."""
    who = call.viewer
    person, name = (who.mode.by, who.mode.by_name) if who.mode is not None else (who.person, who.name)
    with log.transaction():
        if who.mode is not None:
            modes.end(who, str(call.request.session.session_key))
        log.append(EntryData(action="signout", object_type="person", object_id=str(person), actor_id=person,
                             actor_name=name, origin=call.origin))  # fmt: skip
        logout(call.request)
    return Answer(status=204)


def _throttled(call: Call, known: Person | None) -> TooMany:
    told(call, "signin.failed", known, outcome="refused", reason="throttled")
    return TooMany(THROTTLED, code="throttled", headers={"Retry-After": str(RETRY_SECONDS)})


def told(call: Call, action: str, known: Person | None, *, outcome: Any, reason: str) -> None:
    """An unknown name is not written down: people type their password there."""
    log.append_alone(_entry(call.origin, action, known, outcome=outcome, reason=reason))


def _entry(origin: str, action: str, person: Person | None, *, outcome: Any = "done", reason: str = "") -> EntryData:
    return EntryData(
        action=action,
        object_type="person",
        object_id=str(person.pk) if person else "",
        actor_id=person.pk if person and outcome == "done" else None,
        actor_name=person.display_name if person and outcome == "done" else "",
        outcome=outcome,
        origin=origin,
        reason=reason,
    )


ROUTES = (
    Route("POST", "/session", sign_in, "signIn", "Sign in with user name or e-mail and password", "session",
          body=BODY, answers={200: ref("Me")}, errors=(401,), signed_in=False),
    Route("DELETE", "/session", sign_out, "signOut", "End this session", "session", answers={204: None}),
)  # fmt: skip
