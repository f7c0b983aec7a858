"""Everything below /api/."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import re_path
from django.views.decorators.csrf import csrf_exempt

from heli.api.routes import TABLE
from heli.api.serve import answer


@csrf_exempt  # the routes check the token themselves, and answer as the rest of the API does
def api(request: HttpRequest) -> HttpResponse:
    """The API's one door from HTTP."""
    return answer(TABLE, request)


urlpatterns = [re_path(r"^api(?:/|$)", api)]
