"""Every address: the API, the built page's files, and the page itself for all others."""

from __future__ import annotations

from django.urls import include, path, re_path
from django.urls.resolvers import URLPattern, URLResolver

from heli.api import boot
from heli.config import health, page

page.boot = boot.boot

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("heli.api.urls")),
    path("healthz", health.health),
    path("assets/<path:path>", page.asset),
    re_path(r"^(?!api/)(?P<path>.*)$", page.page),
]
