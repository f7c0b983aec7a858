"""Whether this process can serve: for load balancers and for whoever starts it."""

from __future__ import annotations

import logging

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from heli.kernel.errors import one_line

log = logging.getLogger(__name__)


@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """200 when the database answers, else 503; the reason goes to the log in one line, since anyone may ask."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        log.error("the database does not answer: %s", one_line(error))
        return JsonResponse({"ok": False}, status=503)
    return JsonResponse({"ok": True})
