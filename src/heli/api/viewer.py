"""The only maker of a viewer: from a request's session or token, for the command line's ``--as``, for the system.

A request costs one query here: session (or token), person and epochs together. A person who has left, a token
that was revoked, a right that was taken away: all are seen by the next request of every process.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from heli.access import epoch
from heli.access import view as views
from heli.access.epoch import Stamp
from heli.access.view import View
from heli.access.viewer import Viewer
from heli.api import modes
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.kernel.errors import NotFound, NotSignedIn
from heli.kernel.words import Words
from heli.org.models import Person
from heli.org.people import find_person

TOKEN_PREFIX = "heli_"  # noqa: S105  # what a secret looks like, not a secret
_TOKEN = re.compile(r"heli_[A-Za-z0-9_-]{43}\Z")
_SESSION_KEY = re.compile(r"[a-z0-9]{32}\Z")

HOUR = len("2026-11-24 11")

NOT_SIGNED_IN = Words("请先登录", "sign in first")
BAD_TOKEN = Words("令牌无效、已过期或已撤销", "the token is wrong, expired or revoked")
NO_PERSON = Words("没有「{name}」这个人", "no such person: {name}")

_PERSON = "p.id, p.username, p.display_name, p.kind, p.status, p.language"
_BY_SESSION = (
    f"SELECT {_PERSON}, {{stamp}}, s.auth, p.password, s.seen_at, s.mode FROM api_session s "  # noqa: S608  # constants only
    "JOIN org_person p ON p.id = s.person_id WHERE s.session_key = %s AND s.expire_date > %s"
)
_BY_TOKEN = (
    f"SELECT {_PERSON}, {{stamp}}, t.id, t.role, t.last_used_on FROM api_token t "  # noqa: S608
    "JOIN org_person p ON p.id = t.person_id WHERE t.hash = %s AND t.expires_at > %s AND t.revoked_at IS NULL"
)


@dataclass(frozen=True, slots=True)
class Known:
    """Who a request comes from. ``cookie`` tells whether a browser sent it along by itself (CSRF is due then)."""

    viewer: Viewer
    cookie: bool
    token: str = ""


def from_request(request: HttpRequest) -> Known | None:
    """Who asks; None for nobody. Raises NotSignedIn for an ``Authorization`` header that gives no one."""
    header = request.META.get("HTTP_AUTHORIZATION")
    if header is not None:
        return Known(for_token(_bearer(header), address(request)), cookie=False, token="bearer")  # noqa: S106
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    if key is None or not _SESSION_KEY.match(key):
        return None
    row = _row(_BY_SESSION, key)
    if row is None or row[4] == Person.LEFT or row[9] != _auth_hash(row[10]):
        return None
    _remember_seen(key, row[11])
    who = _viewer(row, address(request))
    return Known(modes.enter(who, key) if row[12] else who, cookie=True)


def _remember_seen(key: str, last: Any) -> None:
    from heli.api.models import Session

    now = clock.now()
    if str(last)[:HOUR] != str(now)[:HOUR]:  # a plain cursor gives text on SQLite, a moment in UTC on PostgreSQL
        Session.objects.filter(session_key=key).update(seen_at=now)


def _row(sql: str, key: str) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(
            sql.format(stamp=epoch.columns("p.id")), [key, connection.ops.adapt_datetimefield_value(clock.now())]
        )
        found: tuple[Any, ...] | None = cursor.fetchone()
    return found


@lru_cache(maxsize=4096)
def _auth_hash(password: str) -> str:
    """What Django puts into a session when it is signed in: see ``AbstractBaseUser.get_session_auth_hash``."""
    salt = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"
    return salted_hmac(salt, password, algorithm="sha256").hexdigest()


def _viewer(row: tuple[Any, ...], origin: str, role: str = "") -> Viewer:
    person, username, name, kind, _, language, *stamp = row[:9]
    view = _view(person, epoch.of_columns(*stamp), role)
    return Viewer(person, username, name, kind, Actor(person, name, origin), view, role=role, language=language)


def _view(person: int, stamp: Stamp, role: str) -> View:
    view = views.of(person, stamp)
    if not role:
        return view
    key = ("limited to", role)
    found = view.shared.get(key)
    if not isinstance(found, View):
        found = view.shared[key] = view.limited_to(role)
    return found


def _bearer(header: str) -> str:
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        raise _bad_token()
    return token.strip()


def _bad_token() -> NotSignedIn:
    return NotSignedIn(BAD_TOKEN, code="bad_token", headers={"WWW-Authenticate": 'Bearer realm="heli"'})


def digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def for_token(token: str, origin: str = "api") -> Viewer:
    """The viewer of a program's token: the person's rights through the token's role. Raises NotSignedIn."""
    row = _row(_BY_TOKEN, digest(token)) if _TOKEN.match(token) else None
    if row is None or row[4] == Person.LEFT:
        raise _bad_token()
    _remember_use(row[9], row[11])
    return _viewer(row, origin, role=row[10])


def _remember_use(token: str, last: Any) -> None:
    from heli.api.models import Token

    today = clock.now().date()
    if str(last) != today.isoformat():  # a plain cursor gives text on SQLite, a date on PostgreSQL
        Token.objects.filter(pk=token).update(last_used_on=today)


def for_person(person: int, origin: str = "cli") -> Viewer:
    """The viewer of a person who acts through another border than HTTP. Raises NotFound for no one, or who has left."""
    row = Person.objects.filter(pk=person).exclude(status=Person.LEFT).first()
    if row is None:
        raise NotFound(NO_PERSON.fill(name=person), code="no_person")
    name = row.display_name
    return Viewer(
        row.pk,
        row.username,
        name,
        row.kind,
        Actor(row.pk, name, origin),
        views.of(row.pk),
        language=row.language,
    )


def for_job(person: int, role: str = "") -> Viewer:
    """The viewer of somebody for whom the program works on; ``role`` bounds it as their token was. Raises NotFound."""
    found = for_person(person, "job")
    if not role or found.view is None:
        return found
    return replace(found, role=role, view=found.view.limited_to(role))


def named(text: str) -> int:
    """The id of a person by user name, e-mail or unique display name. Raises Invalid when nobody or several fit."""
    return find_person(text, place="as")


def for_organisation(who: Viewer) -> Viewer:
    """The same person as an administrator of the organisation, who makes and changes projects whoever's they are: what
    needs no line on the records needs ``organisation: administer``, which the caller has asked. The log keeps their name.
    """
    return replace(who, view=None, system="organisation: administer", role="")


def system(reason: str) -> Viewer:
    """The program itself (imports, jobs). It has no rights to look up; its reason stands in every audit entry."""
    if not reason.strip():
        raise ValueError("the system acts for a reason")
    words = f"system: {reason}"
    return Viewer(None, "system", "system", "system", Actor(None, words, "job", via=reason), None, system=reason)


def address(request: HttpRequest) -> str:
    """The caller's address, past as many proxies as are ours (HELI_PROXIES)."""
    proxies: int = getattr(settings, "ALLAUTH_TRUSTED_PROXY_COUNT", 0)
    if proxies:
        hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
        if len(hops) >= proxies:
            return str(hops[-proxies])[:60]
    return str(request.META.get("REMOTE_ADDR", ""))[:60]
