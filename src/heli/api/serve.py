"""From a request to its answer: find the route, know the caller, read what they sent, act, and say how it went."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, QueryDict
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.datastructures import MultiValueDict

from heli.api import body, keyed, modes, problem, shape, trying, viewer
from heli.api.limits import LIMITS
from heli.api.route import SAFE, Answer, Call, Route
from heli.audit import again
from heli.guard import ledger
from heli.kernel.errors import HeliError, IfMatchRequired, NotFound, NotSignedIn, Refused
from heli.kernel.ids import uuid7
from heli.kernel.words import Words
from heli.records import hooks

PREFIX = "/api/v1"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")

NO_ADDRESS = Words("没有这个地址", "no such address")
NO_METHOD = Words("这个地址不支持 {m}", "this address does not know {m}")
NO_IF_MATCH = Words("修改前请带上 If-Match（记录的 ETag）", "send If-Match with the ETag of what you change")
CSRF = Words(
    "缺少或错误的 CSRF 令牌，请刷新页面后重试", "the CSRF token is missing or wrong: reload the page and try again"
)

HEADERS = {
    "Cache-Control": "private, no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Table:
    """Routes by address: a tree of path segments, so that many object types cost no time."""

    def __init__(self) -> None:
        self.routes: list[Route] = []
        self._root: dict[str, Any] = {}

    def add(self, route: Route) -> None:
        here = self._root
        for part in route.path.strip("/").split("/"):
            here = here.setdefault("{}" if part.startswith("{") else part, {})
        found = here.setdefault("", {})
        if route.method in found:
            raise ValueError(f"{route.method} {route.path} is registered twice")
        found[route.method] = (route, [p[1:-1] for p in route.path.strip("/").split("/") if p.startswith("{")])
        self.routes.append(route)

    def find(self, path: str) -> tuple[Mapping[str, tuple[Route, list[str]]], list[str]]:
        """The methods known at an address, and its variable parts. Raises NotFound."""
        here: dict[str, Any] = self._root
        values: list[str] = []
        for part in path.split("/"):
            below = here.get(part) if part else None
            if below is None:
                below = here.get("{}") if part else None
                values.append(part)
            if below is None:
                raise NotFound(NO_ADDRESS, code="no_such_address")
            here = below
        methods = here.get("")
        if methods is None:
            raise NotFound(NO_ADDRESS, code="no_such_address")
        return methods, values


class _Csrf(CsrfViewMiddleware):
    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:
        raise Refused(CSRF, code="csrf")

    def demand(self, request: HttpRequest) -> None:
        """Raises Refused unless the request carries the token of its cookie."""
        seen: Any = request
        seen.csrf_processing_done = False
        self.process_request(request)
        # The token stands in the header; Django would look into the form first, and read all of it.
        seen._post, seen._files = QueryDict(), MultiValueDict()
        try:
            self.process_view(request, _view, (), {})
        finally:
            del seen._post, seen._files


def _view(request: HttpRequest) -> HttpResponse:
    """The view that the token is demanded for; only its not being exempt matters."""
    return HttpResponse()


CSRF_CHECK = _Csrf(lambda request: HttpResponse())


def answer(table: Table, request: HttpRequest, prefix: str = PREFIX) -> HttpResponse:
    """The answer to any request below /api/v1 (or another prefix); never raises."""
    given = request.META.get("HTTP_X_REQUEST_ID", "")
    request_id = given if _REQUEST_ID.match(given) else uuid7()
    limits: Mapping[str, str] = {}
    try:
        request.get_host()  # raises for a name that is not ours
        if not request.path_info.startswith(f"{prefix}/"):
            raise NotFound(NO_ADDRESS, code="no_such_address")
        methods, values = table.find(request.path_info[len(prefix) + 1 :])
        method = request.method or ""
        found = methods.get("GET" if method == "HEAD" else method)
        if found is None:
            allow = ", ".join(sorted({*methods, *(("HEAD",) if "GET" in methods else ())}))
            raise problem.MethodNotAllowed(NO_METHOD.fill(m=method[:20]), headers={"Allow": allow})
        route, names = found
        known = viewer.from_request(request)
        limits = LIMITS.take(known.viewer.looker if known else viewer.address(request))
        anew = hooks.renewing.set(method == "GET" and "HTTP_X_HELI_ANEW" in request.META)
        try:
            response = _serve(route, request, dict(zip(names, values, strict=True)), known, request_id)
        finally:
            hooks.renewing.reset(anew)
    except Exception as error:  # noqa: BLE001  # the border: everything becomes an answer, the unforeseen is logged
        response = problem.render(problem.understood(error, request_id))
    ledger.settle()
    if request.method == "HEAD":
        response.content = b""
    headers = response.headers
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    for name, value in limits.items():
        headers.setdefault(name, value)
    headers["X-Request-Id"] = request_id
    response._has_been_logged = True  # type: ignore[attr-defined]  # refusals are answers, not warnings for Django's log
    return response


def _serve(
    route: Route, request: HttpRequest, path: dict[str, str], known: viewer.Known | None, request_id: str
) -> HttpResponse:
    call = Call(request, path, known.viewer if known else None, request_id=request_id)
    call.origin = known.viewer.actor.origin if known else viewer.address(request)
    if route.signed_in and known is None:
        raise NotSignedIn(viewer.NOT_SIGNED_IN, headers={"WWW-Authenticate": 'Bearer realm="heli"'})
    if route.changes and known is not None and known.cookie:
        CSRF_CHECK.demand(request)
    if known is not None and known.viewer.mode is not None:
        modes.guard(known.viewer.mode, route.id, route.path, changes=route.changes)
    for name, schema in route.path_schemas.items():
        if not _fits(path[name], schema):
            raise NotFound
    call.query = route.read_query(request.META.get("QUERY_STRING", ""))
    if route.if_match and call.if_match is None:
        raise IfMatchRequired(NO_IF_MATCH)
    raw = b""
    if route.body is not None and (route.body_required or request.META.get("CONTENT_LENGTH") not in (None, "", "0")):
        raw = body.read_bytes(request, route.most)
        call.body = body.parse(raw)
        if route.own_body:
            shape.check(call.body, route.body)
    elif route.form is not None:
        body.check_upload(request)
        raw = body.form_digest(request)
    mode = call.known.mode if call.known is not None else None
    if mode is not None and modes.tries(mode, route.id, route.path, changes=route.changes):
        return render(trying.attempt(lambda: route.handle(call)))
    key = request.META.get("HTTP_IDEMPOTENCY_KEY") if route.keyed else None
    if key is not None and not call.query.get("dry_run"):
        given = key
        return again.until_done(lambda: keyed.once(call, route, given, raw, render))
    if key is not None:
        keyed.check(key)  # trying a write does nothing that could be repeated, and a wrong key is wrong all the same
    return render(again.until_done(lambda: route.handle(call)) if route.changes else route.handle(call))


def _fits(value: str, schema: shape.Schema) -> bool:
    try:
        shape.check(value, schema)
    except HeliError:
        return False
    return True


def render(found: Answer) -> HttpResponse:
    """An answer as bytes."""
    if found.body is None:
        response = HttpResponse(status=found.status)
        del response.headers["Content-Type"]
    else:
        raw = found.body if isinstance(found.body, bytes) else orjson.dumps(found.body)
        response = HttpResponse(raw, status=found.status, content_type="application/json")
    for name, value in found.headers.items():
        response.headers[name] = value
    if found.location:
        response.headers["Location"] = PREFIX + found.location
    return response


__all__ = ["HEADERS", "PREFIX", "SAFE", "Table", "answer", "render"]
