"""A person's forgotten or leaked password: an administrator ends it, and the person sets a new one by a link of one use.

The link holds no password and stands in one answer only. It dies with its use, with the next reset, with any other change
of the password, and after ``PASSWORD_RESET_TIMEOUT`` seconds.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from allauth.core import context
from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib.auth.tokens import default_token_generator as links

from heli.api import organisation, sessions, shape
from heli.api.common import moment
from heli.api.org_common import CONFLICT, ID, TAG, by_person, guarded, known, not_self
from heli.api.route import Answer, Call, Route
from heli.api.session import RETRY_SECONDS, THROTTLED, same_site
from heli.audit import log
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.kernel.errors import Conflict, NotFound, TooMany
from heli.kernel.words import Words
from heli.org import verbs as org
from heli.org.models import Person

OWN = Words("不能重置自己的密码，请另一位管理员操作", "nobody resets their own password: ask another administrator")
SERVICE = Words("服务账号没有密码，请使用令牌", "a service account has no password: use a token")
LEFT = Words("此人已离职", "this person has left")
DEAD = Words(
    "链接无效、已用过或已过期，请向管理员索取新的链接",
    "the link is wrong, used or expired: ask your administrator for a new one",
)


def reset(call: Call) -> Answer:
    """End a person's password and sessions; the answer holds the link by which they set a new one."""
    organisation.needs_admin(call)
    by_person(call)
    pk = known(call)
    not_self(call, pk, OWN)
    with log.transaction():
        found = Person.objects.get(pk=pk)
        if found.kind == Person.SERVICE:
            raise Conflict(SERVICE, code="service_account")
        if found.status == Person.LEFT:
            raise Conflict(LEFT, code="left")
        org.set_password(call.viewer.actor, pk, None)
        sessions.end_all(pk)
        found.refresh_from_db()
        link = f"{pk}-{links.make_token(found)}"
    ends = clock.now() + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
    return Answer({"link": link, "path": f"/signin#link={link}", "expires_at": moment(ends)}, replay="never")


def set_by_link(call: Call) -> Answer:
    """Set a new password by a link; what is wrong with the password is named, and the link stays good then."""
    request = call.request
    same_site(request)
    with context.request_context(request):
        if not ratelimit.consume(request, app="allauth.account", action="login"):
            raise TooMany(THROTTLED, code="throttled", headers={"Retry-After": str(RETRY_SECONDS)})
    number, _, token = call.body["link"].partition("-")
    with log.transaction():
        rows: Any = Person.objects.select_for_update().exclude(status=Person.LEFT).exclude(kind=Person.SERVICE)
        found = rows.filter(pk=int(number)).first()
        if found is None or not links.check_token(found, token):
            raise NotFound(DEAD, code="dead_link")
        org.set_password(
            Actor(found.pk, found.display_name, call.origin, via="reset link"), found.pk, call.body["password"]
        )
        sessions.end_all(found.pk)
    return Answer({"username": found.username}, replay="never")


_RESET = shape.record({"link": {"type": "string"}, "path": {"type": "string"}, "expires_at": shape.MOMENT})
_LINK: shape.Schema = {"type": "string", "pattern": "^[0-9]{1,18}-[0-9a-z]{1,13}-[0-9a-f]{1,128}$", "maxLength": 200}
ROUTES = (
    *guarded((
        Route("POST", "/organisation/people/{id}/reset", reset, "resetPassword", "End a password; a link sets the next one",
              TAG, path_schemas=ID, body=shape.record({}, required=()), body_required=False, errors=CONFLICT,
              answers={200: _RESET}),
    )),
    Route("POST", "/session/password", set_by_link, "setPasswordByLink", "Set a new password by a link of one use", "session",
          body=shape.record({"link": _LINK, "password": shape.text(1000, 1)}), errors=(404, 429), signed_in=False,
          answers={200: shape.record({"username": {"type": "string"}})}),
)  # fmt: skip
