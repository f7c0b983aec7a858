"""The OpenAPI 3.1 document, written by django-ninja from the routes and by the registry's schemas."""

from __future__ import annotations

import inspect
from functools import lru_cache
from http.client import responses
from typing import Annotated, Any

import orjson
from django.http import HttpRequest
from ninja import NinjaAPI, Path, Router

from heli import __version__
from heli.api.common import PROBLEM, ref
from heli.api.problem import MEDIA_TYPE
from heli.api.route import Answer, Call, Route
from heli.api.shape import Schema

DESCRIPTION = (
    "Every answer is a function of the caller's own view: what they may not see is absent, and an invisible thing "
    "answers as a missing one (404). Moments are UTC (RFC 3339); money and decimals are strings; errors are "
    "problem+json (RFC 9457). A browser signs in with POST /session and sends `X-CSRFToken`; a program sends "
    "`Authorization: Bearer` with a token bound to one role."
)
SECURITY: dict[str, Any] = {
    "session": {"type": "apiKey", "in": "cookie", "name": "sessionid"},
    "token": {"type": "http", "scheme": "bearer"},
}


def _header(name: str, schema: Schema, said: str, *, required: bool = False) -> dict[str, Any]:
    return {"in": "header", "name": name, "schema": schema, "required": required, "description": said}


def _parameters(route: Route) -> list[dict[str, Any]]:
    found = [
        {"in": "query", "name": p.name, "schema": p.schema, "required": p.required, "description": p.help}
        for p in route.params
    ]
    if route.if_match:
        tag: Schema = {"type": "string", "pattern": '^"[\\x21\\x23-\\x7e]{1,100}"$'}
        found.append(_header("If-Match", tag, "The record's ETag as it was read", required=True))
    if route.keyed:
        key: Schema = {"type": "string", "pattern": "^[\\x21-\\x7e]{1,200}$"}
        found.append(_header("Idempotency-Key", key, "Makes a repeated request harmless for 24 hours"))
    return found


def _responses(route: Route) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for status, schema in route.answers.items():
        said: dict[str, Any] = {"description": responses.get(status, "")}
        if schema is not None:
            said["content"] = {route.media: {"schema": schema}}
        headers = {}
        if route.etag:
            headers["ETag"] = {"schema": {"type": "string"}, "description": "For If-Match"}
        if status == 201:
            headers["Location"] = {"schema": {"type": "string"}}
        if headers:
            said["headers"] = headers
        found[str(status)] = said
    for status in route.statuses:
        found[str(status)] = {"$ref": f"#/components/responses/Error{status}"}
    return found


def _error(status: int) -> dict[str, Any]:
    if status == 414:
        return {"description": "URI Too Long; a server before ours answers without a body"}
    said: dict[str, Any] = {
        "description": responses.get(status, ""),
        "content": {MEDIA_TYPE: {"schema": ref(PROBLEM)}},
    }
    if status in {429, 503}:
        said["headers"] = {"Retry-After": {"schema": {"type": "integer"}}}
    return said


def _body(route: Route) -> dict[str, Any] | None:
    if route.form is not None:
        return {"required": True, "content": {"multipart/form-data": {"schema": route.form}}}
    if route.body is None:
        return None
    return {"required": route.body_required, "content": {"application/json": {"schema": route.body}}}


def _view(route: Route) -> Any:
    """What ninja looks at to learn the path's parameters; requests are served by ``serve.answer``."""

    def view(request: HttpRequest, **path: str) -> None:
        raise NotImplementedError(route.id)

    names = [p[1:-1] for p in route.path.split("/") if p.startswith("{")]
    given = [inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=HttpRequest)]
    for name in names:
        pattern = route.path_schemas.get(name, {}).get("pattern")
        kind = Annotated[str, Path(..., pattern=pattern)]
        given.append(inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=kind))
    view.__signature__ = inspect.Signature(given)  # type: ignore[attr-defined]  # read by the document writer
    return view


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The whole document as plain data."""
    from heli.api.routes import TABLE, shared_schemas

    api = NinjaAPI(title="Heli", version=__version__, description=DESCRIPTION, openapi_url=None, docs_url=None,
                   urls_namespace="heli-openapi", servers=[{"url": "/"}])  # fmt: skip
    router = Router()
    for route in TABLE.routes:
        extra: dict[str, Any] = {"parameters": _parameters(route), "responses": _responses(route)}
        body = _body(route)
        if body is not None:
            extra["requestBody"] = body
        extra["security"] = [{"session": []}, {"token": []}] if route.signed_in else []
        main = next(iter(route.answers))
        router.add_api_operation(
            route.path, [route.method], _view(route), response={main: None}, operation_id=route.id,
            summary=route.summary, tags=[route.tag], openapi_extra=extra,
        )  # fmt: skip
    api.add_router("", router)
    made = orjson.loads(orjson.dumps(api.get_openapi_schema(path_prefix="api/v1"), option=orjson.OPT_NON_STR_KEYS))
    made["components"] = {
        "schemas": dict(sorted(shared_schemas().items())),
        "responses": {f"Error{s}": _error(s) for s in sorted({s for r in TABLE.routes for s in r.statuses})},
        "securitySchemes": SECURITY,
    }
    found: dict[str, Any] = made
    return found


def text() -> bytes:
    """The document as docs/openapi.json keeps it."""
    return orjson.dumps(document(), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"


@lru_cache(maxsize=1)
def _compact() -> bytes:
    return orjson.dumps(document())


def _show(call: Call) -> Answer:
    return Answer(_compact())


ROUTE = Route("GET", "/openapi.json", _show, "getOpenapi", "This document", "me", answers={200: {"type": "object"}})
