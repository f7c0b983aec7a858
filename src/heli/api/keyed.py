"""Idempotency-Key: a POST that is sent twice is done once.

The key is written in the transaction of what the request does, so that either both exist or neither. The
second request with the same body gets the first one's answer, read again under the rights of now; with
another body it is refused.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta

import orjson
from django.db import IntegrityError
from django.db.transaction import atomic
from django.http import HttpResponse

from heli.api.models import KeyedAnswer
from heli.api.route import Answer, Call, Route
from heli.audit import log
from heli.kernel import clock
from heli.kernel.errors import BadRequest, Conflict, Problem
from heli.kernel.words import Words

KEPT = timedelta(hours=24)
_KEY = re.compile(r"[\x21-\x7e]{1,200}\Z")

BAD_KEY = Words(
    "Idempotency-Key 应为 1 到 200 个可见 ASCII 字符", "Idempotency-Key must be 1 to 200 visible ASCII characters"
)
OTHER_BODY = Words("这个 Idempotency-Key 已用于另一个请求", "this Idempotency-Key was used for another request")
ONCE = Words("这个请求已经完成，其结果只显示一次", "this request was done before; its result is shown once only")


def check(key: str) -> None:
    """Raises BadRequest for a key of the wrong form."""
    if not _KEY.match(key):
        raise BadRequest(BAD_KEY, problems=[Problem("Idempotency-Key", "format", BAD_KEY)])


def once(call: Call, route: Route, key: str, raw: bytes, render: Callable[[Answer], HttpResponse]) -> HttpResponse:
    """Serve a keyed POST. Raises BadRequest for a bad key, Conflict for a key that was used for something else."""
    check(key)
    person = call.person
    print_ = hashlib.sha256(b"\0".join([route.method.encode(), call.request.get_full_path().encode(), raw])).hexdigest()
    with log.transaction():
        KeyedAnswer.objects.filter(person_id=person, key=key, at__lte=clock.now() - KEPT).delete()
        row, fresh = _claim(person, key, print_)
        if fresh:
            found = route.handle(call)
            row.status = found.status
            row.location = found.location if found.replay == "location" else ""
            row.body = orjson.dumps(found.body).decode() if found.replay == "body" else ""
            row.save(update_fields=["status", "location", "body"])
            return render(found)
    if row.fingerprint != print_:
        raise Conflict(OTHER_BODY, code="key_reused", problems=[Problem("Idempotency-Key", "reused", OTHER_BODY)])
    return _again(call, row, render)


def _claim(person: int, key: str, fingerprint: str) -> tuple[KeyedAnswer, bool]:
    """The row of this key; on PostgreSQL a second request waits here until the first has ended."""
    made = KeyedAnswer(person_id=person, key=key, fingerprint=fingerprint, at=clock.now())
    try:
        with atomic():
            made.save(force_insert=True)
    except IntegrityError:
        return KeyedAnswer.objects.get(person_id=person, key=key), False
    return made, True


def _again(call: Call, row: KeyedAnswer, render: Callable[[Answer], HttpResponse]) -> HttpResponse:
    if row.location:
        from heli.api.routes import TABLE

        methods, values = TABLE.find(row.location.strip("/"))
        route, names = methods["GET"]
        found = route.handle(Call(call.request, dict(zip(names, values, strict=True)), call.viewer, origin=call.origin))
        return render(Answer(found.body, row.status, found.headers, row.location))
    if row.body:
        return render(Answer(orjson.loads(row.body), row.status))
    raise Conflict(ONCE, code="already_done")
