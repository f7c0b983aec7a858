"""A bare Django view: no middleware, no rights, the page's SQL as one would write it by hand, and its rows dumped as JSON.

Served for ``heli bench http`` only; HELI_BENCH_SQL holds the statement and its column names.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import orjson


def application() -> Callable[..., Any]:
    """The WSGI application, with settings of its own over the same database."""
    import django
    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler
    from django.db import connection
    from django.http import HttpRequest, HttpResponse
    from django.urls import path

    from heli.config import database, home

    asked = orjson.loads(os.environ["HELI_BENCH_SQL"])

    def listed(request: HttpRequest) -> HttpResponse:
        with connection.cursor() as cursor:
            cursor.execute(asked["sql"], asked["params"])
            rows = [dict(zip(asked["columns"], row, strict=True)) for row in cursor.fetchall()]
        return HttpResponse(orjson.dumps({"items": rows}), content_type="application/json")

    settings.configure(
        DATABASES={"default": database.parse(os.environ.get("DATABASE_URL", ""), home.find())},
        ROOT_URLCONF=type("Urls", (), {"urlpatterns": [path("list", listed)]}),
        ALLOWED_HOSTS=["127.0.0.1"],
        MIDDLEWARE=[],
        USE_TZ=True,
        SECRET_KEY="bench",  # noqa: S106  # signs nothing
    )
    django.setup()
    return WSGIHandler()
