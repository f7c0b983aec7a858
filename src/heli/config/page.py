"""The built web page: index.html with its boot data for every address of the page, and the files it names.

File names hold a hash of their contents, so that a browser keeps them for ever; the page itself is never kept.
"""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csp import get_nonce
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

FOREVER = "public, max-age=31536000, immutable"
BOOT = re.compile(rb'<script type="application/json" id="boot"[^>]*>.*?</script>', re.DOTALL)
UNSAFE = {
    b"<": b"\\u003c",
    b">": b"\\u003e",
    b"&": b"\\u0026",
    b"\xe2\x80\xa8": b"\\u2028",
    b"\xe2\x80\xa9": b"\\u2029",
}
ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
PACKED = tuple(suffix for _, suffix in ENCODINGS)
NOT_BUILT = """<!doctype html><meta charset="utf-8"><title>Heli</title>
<h1>网页尚未构建 / The web page is not built</h1><p><code>make run</code></p>"""

boot: Callable[[HttpRequest], dict[str, Any]] | None = None
"""What the page starts with, for this request; set by ``urls`` from the API's layer."""


@dataclass(frozen=True, slots=True)
class Built:
    """One build: the page around its boot element, and every file it may ask for."""

    before: bytes
    after: bytes
    files: dict[str, Path]


@lru_cache(maxsize=2)
def _read(folder: Path, changed: int) -> Built:
    parts = BOOT.split((folder / "index.html").read_bytes(), maxsplit=1)
    if len(parts) != 2:
        raise ValueError(f"{folder / 'index.html'} has no boot element")
    files = {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".") and path.name != "index.html"
    }
    return Built(parts[0], parts[1], files)


def built() -> Built | None:
    """The present build, or None when the page was never built. A new build is seen at once."""
    folder: Path = settings.HELI_WEB
    try:
        changed = (folder / "index.html").stat().st_mtime_ns
    except FileNotFoundError:
        return None
    return _read(folder, changed)


def _inline(data: dict[str, Any]) -> bytes:
    text = orjson.dumps(data)
    for raw, escaped in UNSAFE.items():
        text = text.replace(raw, escaped)
    return text


@gzip_page  # the boot data shrinks to a tenth; its CSRF token is masked anew each time
@require_safe
@ensure_csrf_cookie
def page(request: HttpRequest, path: str = "") -> HttpResponse:
    """The page at any of its addresses, with what this viewer sees first."""
    found = built()
    if found is None:
        return HttpResponse(NOT_BUILT, status=503)
    nonce = str(get_nonce(request)).encode()  # reading it puts it into the policy of this answer
    data = boot(request) if boot is not None else {}
    element = b'<script type="application/json" id="boot" nonce="%s">%s</script>' % (nonce, _inline(data))
    return HttpResponse(b"".join([found.before, element, found.after]))


def _accepts(request: HttpRequest, encoding: str) -> bool:
    for offer in request.headers.get("Accept-Encoding", "").split(","):
        name, _, weight = offer.partition(";")
        if name.strip().lower() == encoding:
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


@require_safe
def asset(request: HttpRequest, path: str) -> HttpResponse:
    """A file of the build, compressed beforehand; 404 for everything else."""
    found = built()
    name = f"assets/{path}"
    if found is None or name not in found.files or name.endswith(PACKED):
        raise Http404(name)
    chosen = found.files[name]
    response = HttpResponse(content_type=mimetypes.guess_type(name)[0] or "application/octet-stream")
    if response["Content-Type"].startswith("text/"):
        response["Content-Type"] += "; charset=utf-8"
    for encoding, suffix in ENCODINGS:
        if f"{name}{suffix}" in found.files and _accepts(request, encoding):
            chosen = found.files[f"{name}{suffix}"]
            response["Content-Encoding"] = encoding
            break
    response.content = _bytes(chosen, chosen.stat().st_mtime_ns)
    response["Cache-Control"] = FOREVER
    response["Vary"] = "Accept-Encoding"
    return response


@lru_cache(maxsize=256)
def _bytes(path: Path, changed: int) -> bytes:
    return path.read_bytes()
