"""problem+json (RFC 9457) for every error that a caller can meet."""

from __future__ import annotations

import logging
from http.client import responses
from typing import Any

import orjson
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError, OperationalError
from django.http import HttpResponse, UnreadablePostError

from heli.kernel.errors import BadRequest, HeliError, TooLarge, one_line
from heli.kernel.words import Words

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 2

_logger = logging.getLogger(__name__)


class MethodNotAllowed(HeliError):
    """The address exists and does not know this method; ``Allow`` names those it knows."""

    status = 405
    code = "method_not_allowed"


class Busy(HeliError):
    """The database is locked or away for the moment; trying again is right."""

    status = 503
    code = "busy"


class Failed(HeliError):
    """Our own mistake. The log has the details under the request's id; the answer has none of them."""

    status = 500
    code = "failed"


BROKEN = Words(
    "服务器没能完成这次请求，已记录（编号 {id}）", "the server could not finish this request; it is logged as {id}"
)
BUSY = Words("系统正忙，请稍后再试", "the system is busy: try again shortly")
CUT_OFF = Words("请求没有完整送达", "the request did not arrive whole")


def understood(error: Exception, request_id: str) -> HeliError:
    """The error as one that may be shown. What nobody foresaw is logged and becomes a bare 500."""
    if isinstance(error, HeliError):
        return error
    if isinstance(error, RequestDataTooBig):
        return TooLarge(Words("请求过大", "the request is too large"))
    if isinstance(error, SuspiciousOperation | UnreadablePostError):
        return BadRequest(CUT_OFF)
    if isinstance(error, OperationalError) and _is_passing(error):
        _logger.warning("request %s met a busy database: %s", request_id, one_line(error))
        return Busy(BUSY, headers={"Retry-After": str(RETRY_SECONDS)})
    _logger.error("request %s failed", request_id, exc_info=error)
    return Failed(BROKEN.fill(id=request_id))


def _is_passing(error: DatabaseError) -> bool:
    text = str(error).lower()
    return any(word in text for word in ("locked", "deadlock", "timeout", "serialize", "connection"))


def body_of(error: HeliError) -> dict[str, Any]:
    return {
        "type": f"urn:heli:problem:{error.code}",
        "title": responses.get(error.status, "Error"),
        **error.json(),
    }


def render(error: HeliError) -> HttpResponse:
    """The answer that carries this error."""
    response = HttpResponse(orjson.dumps(body_of(error)), status=error.status, content_type=MEDIA_TYPE)
    for name, value in error.headers.items():
        response[name] = value
    return response
