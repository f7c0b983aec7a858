"""Reading a request's body: JSON without surprises, or a form with files. Every refusal says what and where."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable
from typing import Any, NoReturn

import orjson
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError

from heli.kernel.errors import BadRequest, Problem, TooLarge, Unsupported
from heli.kernel.words import Words

JSON_LIMIT = 1024 * 1024
"""Bytes of a JSON body."""
LONG_LIMIT = 6 * 1024 * 1024
"""Bytes of one with a text that alone may be longer than that: what is escaped in it takes room too. Django's own bound is the same."""
UPLOAD_LIMIT = 25 * 1024 * 1024
"""Bytes of one uploaded file."""
FORM_SPARE = 64 * 1024
"""Bytes that a form may take beside its file."""
DEPTH = 32
DRAIN = 64 * 1024 * 1024
"""A caller who is still sending hears our refusal only when we read on; we do, up to this many bytes."""


def _length(request: HttpRequest) -> int:
    text = request.META.get("CONTENT_LENGTH") or "0"
    if not text.isascii() or not text.isdigit():
        raise BadRequest(Words("Content-Length 无效", "Content-Length is not a number"))
    return int(text)


def _too_large(request: HttpRequest, limit: int) -> NoReturn:
    left = min(_length(request), DRAIN)
    while left > 0 and (chunk := request.read(min(left, 1 << 16))):
        left -= len(chunk)
    size = f"{limit // 1024 // 1024} MB"
    words = Words(f"请求过大，最多 {size}", f"the request is larger than {size}")
    raise TooLarge(words, problems=[Problem("body", "too_large", words)])


def media_type(request: HttpRequest) -> str:
    return (request.META.get("CONTENT_TYPE") or "").split(";", 1)[0].strip().lower()


def read_bytes(request: HttpRequest, limit: int = JSON_LIMIT) -> bytes:
    """The JSON body's bytes. Raises Unsupported (415) for another media type or charset, TooLarge (413)."""
    if media_type(request) != "application/json" or not _is_utf8(request):
        raise Unsupported(
            Words("请求应为 application/json（UTF-8）", "the body must be application/json in UTF-8"),
            headers={"Accept": "application/json"},
        )
    if _length(request) > limit:
        _too_large(request, limit)
    return request.body


def _is_utf8(request: HttpRequest) -> bool:
    for part in (request.META.get("CONTENT_TYPE") or "").split(";")[1:]:
        name, _, value = part.partition("=")
        if name.strip().lower() == "charset" and value.strip().strip('"').lower() not in {"utf-8", "utf8"}:
            return False
    return True


def malformed(zh: str, en: str, place: str = "body") -> BadRequest:
    words = Words(zh, en)
    return BadRequest(words, code="malformed", problems=[Problem(place, "malformed", words)])


def parse(raw: bytes) -> Any:
    """The JSON value of these bytes.

    Raises BadRequest (400) naming line and column for malformed JSON and invalid UTF-8, and the place for
    duplicate keys, numbers that are not finite, and nesting deeper than 32.
    """
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        raise malformed(f"第 {error.start} 字节不是 UTF-8", f"byte {error.start} is not UTF-8") from None
    try:
        quick = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise malformed(
            f"JSON 有误：第 {error.lineno} 行第 {error.colno} 列",
            f"malformed JSON at line {error.lineno}, column {error.colno}: {error.msg}",
        ) from None
    _check_depth(quick)
    try:
        # A second, slower reading, for what the first one hides: a key given twice, and 1e999.
        return json.loads(raw, object_pairs_hook=_once, parse_float=_finite, parse_constant=_finite, parse_int=_whole)
    except RecursionError:
        raise malformed(f"嵌套超过 {DEPTH} 层", f"nested deeper than {DEPTH}") from None


def _check_depth(value: Any) -> None:
    level: list[Any] = [value]
    for _ in range(DEPTH):
        below: list[Any] = []
        for one in level:
            inside: Iterable[Any] = one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
            below.extend(v for v in inside if isinstance(v, dict | list))
        if not below:
            return
        level = below
    raise malformed(f"嵌套超过 {DEPTH} 层", f"nested deeper than {DEPTH}")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise malformed(f"键「{key[:80]}」出现两次", f"the key {key[:80]!r} is given twice", key[:80])
            seen.add(key)
    return found


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise malformed("数值超出范围", "a number is out of range")
    return number


def _whole(text: str) -> int:
    if len(text) > 40:
        raise malformed("数值超出范围", "a number is out of range")
    return int(text)


def read_json(request: HttpRequest) -> Any:
    """The parsed JSON body. Raises as ``read_bytes`` and ``parse`` do."""
    return parse(read_bytes(request))


def check_upload(request: HttpRequest) -> None:
    """Refuse a form that is no form (415) or too large (413), before any of it is read."""
    if media_type(request) != "multipart/form-data":
        raise Unsupported(
            Words("请求应为 multipart/form-data", "the body must be multipart/form-data"),
            headers={"Accept": "multipart/form-data"},
        )
    if _length(request) > UPLOAD_LIMIT + FORM_SPARE:
        _too_large(request, UPLOAD_LIMIT)


def form_digest(request: HttpRequest) -> bytes:
    """Read the whole form; a digest of its values and files. Raises BadRequest for a form that cannot be read."""
    try:
        values, files = request.POST, request.FILES
    except (MultiPartParserError, ValueError) as error:
        raise malformed("表单无法解读", f"the form cannot be read: {error}") from None
    digest = hashlib.sha256()
    for name in sorted(values):
        digest.update(repr((name, values.getlist(name))).encode("utf-8", "replace"))
    for name in sorted(files):
        for file in files.getlist(name):
            digest.update(repr((name, file.name, file.size)).encode("utf-8", "replace"))
            for chunk in file.chunks():
                digest.update(chunk)
            file.seek(0)
    return digest.digest()
