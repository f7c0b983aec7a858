"""Everything below /api/, and the addresses of a standard that stand elsewhere."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse
from django.urls import re_path
from django.views.decorators.csrf import csrf_exempt

from heli.api import authzen as authzen_routes
from heli.api.routes import TABLE
from heli.api.serve import answer

_REQUEST_ID = re.compile(r"[\x20-\x7e]{1,200}\Z")


@csrf_exempt  # the routes check the token themselves, and answer as the rest of the API does
def api(request: HttpRequest) -> HttpResponse:
    """The API's one door from HTTP."""
    return answer(TABLE, request)


@csrf_exempt  # called by programs with their tokens
def authzen(request: HttpRequest) -> HttpResponse:
    """AuthZEN at its own addresses: what is wrong with a request is a 400 there, and any request id comes back."""
    response = answer(authzen_routes.TABLE, request, "")
    if response.status_code == 422:
        response.status_code = 400
    given = request.META.get("HTTP_X_REQUEST_ID", "")
    if _REQUEST_ID.match(given):
        response.headers["X-Request-Id"] = given
    return response


urlpatterns = [re_path(r"^api(?:/|$)", api), re_path(r"^(?:access/v1/|\.well-known/authzen-configuration)", authzen)]
