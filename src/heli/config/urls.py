"""Every address: the API, the built page's files, and the page itself for all others."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.urls import include, path, re_path
from django.urls.resolvers import URLPattern, URLResolver

from heli.config import health, page

urlpatterns: list[URLPattern | URLResolver] = []

if find_spec("heli.api.urls") is not None:
    urlpatterns.append(path("", include("heli.api.urls")))
if find_spec("heli.api.boot") is not None:
    page.boot = import_module("heli.api.boot").boot

urlpatterns += [
    path("healthz", health.health),
    path("assets/<path:path>", page.asset),
    re_path(r"^(?!api/)(?P<path>.*)$", page.page),
]
