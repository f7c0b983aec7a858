"""A small HTTP client on Django's test client: JSON in, JSON out, signed in with a real session."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.test import Client, RequestFactory

from heli.api import session, sessions, viewer
from heli.org.models import Person

BASE = "/api/v1"
PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def etag(self) -> str:
        return self.headers["ETag"]

    @property
    def code(self) -> str:
        return str(self.body["code"])

    @property
    def places(self) -> list[str]:
        return [problem["place"] for problem in self.body.get("problems", ())]


class Api:
    """One browser (or program)."""

    def __init__(self, token: str = "") -> None:
        self.http = Client(enforce_csrf_checks=True)
        self.token = token

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        raw: bytes | None = None,
        media: str = "application/json",
        **headers: str,
    ) -> Reply:
        extra = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
        if self.token:
            extra["HTTP_AUTHORIZATION"] = f"Bearer {self.token}"
        csrf = self.http.cookies.get("csrftoken")
        if csrf is not None and method not in {"GET", "HEAD"}:
            extra.setdefault("HTTP_X_CSRFTOKEN", csrf.value)
        data = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        sent: dict[str, Any] = {"content_type": media} if data or raw is not None else {}
        response = self.http.generic(method, BASE + path, data, **sent, **extra)
        content = response.getvalue()
        kind = response.headers.get("Content-Type", "")
        return Reply(
            response.status_code, json.loads(content) if content and "json" in kind else content, dict(response.headers)
        )

    def get(self, path: str, **headers: str) -> Reply:
        return self.send("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Reply:
        return self.send("POST", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Reply:
        return self.send("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Reply:
        return self.send("DELETE", path, **headers)

    def cookie(self) -> str | None:
        found = self.http.cookies.get(settings.SESSION_COOKIE_NAME)
        return found.value if found is not None and found.value else None


def set_password(username: str, password: str = PASSWORD) -> Person:
    person = Person.objects.get(username=username)
    person.set_password(password)
    person.save(update_fields=["password"])
    return person


def signed_in(username: str) -> Api:
    """A browser in which this person has signed in: with the session that `POST /session` begins once the password is right."""
    person = set_password(username)
    assert person.is_active, username
    request = RequestFactory().post(f"{BASE}/session")
    request.session = sessions.SessionStore()
    session.begin(request, person, viewer.address(request))
    api = Api()
    api.http.cookies[settings.SESSION_COOKIE_NAME] = request.session.session_key
    api.http.cookies[settings.CSRF_COOKIE_NAME] = request.META["CSRF_COOKIE"]
    return api
