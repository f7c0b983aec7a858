"""The short way: API requests pass none of the page's middleware, which costs more than a list page's SQL."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

API = "/api/"
LONG = frozenset({"/api/v1/session", "/api/v1/me/password"})
"""What changes the session goes the long way: Django's own session and CSRF middleware set its cookies."""


def api(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Answer API requests here; let the others on. Stands first in MIDDLEWARE."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        if not path.startswith(API) or path in LONG:
            return get_response(request)
        from heli.api.routes import TABLE
        from heli.api.serve import answer

        return answer(TABLE, request)

    return middleware
