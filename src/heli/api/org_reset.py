"""A person's forgotten or leaked password: an administrator ends it, and the person sets a new one by a link of one use.

The link goes to the person's e-mail and to nobody else. It holds no password and dies with its use, with the next reset, with
any other change of the password, and after ``PASSWORD_RESET_TIMEOUT`` seconds. Where no e-mail is known, two people hand over
half of a code each: who asked for the reset, and who confirmed it. A link and a code are good for the account as it was: once it holds
another sensitive right they are dead.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from hmac import compare_digest
from typing import Any

from allauth.core import context
from allauth.core.internal import ratelimit
from django.conf import settings

from heli.api import organisation, password_mail, second_person, sessions, shape
from heli.api.common import moment
from heli.api.models import PendingChange
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
from heli.policy import sensitive

OWN = Words("不能重置自己的密码，请另一位管理员操作", "nobody resets their own password: ask another administrator")
SERVICE = Words("服务账号没有密码，请使用令牌", "a service account has no password: use a token")
LEFT = Words("此人已离职", "this person has left")
DEAD = Words(
    "链接或口令无效、已用过或已过期，请让管理员重新重置密码",
    "the link or the code is wrong, used or expired: ask your administrator for another reset",
)


def reset(call: Call) -> Answer:
    """End a person's password and sessions; the link by which they set a new one goes to their e-mail."""
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
        change = second_person.agreed()
        if not found.email and (change is None or not change.first):
            raise second_person.NeedsSecondError(_held(pk), [pk], handover=True)
        org.set_password(call.viewer.actor, pk, None)
        sessions.end_all(pk)
        found.refresh_from_db()
        ends = clock.now() + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
        said = {"sent_to": "", "expires_at": moment(ends)}
        if found.email:
            password_mail.send(call, found)
            said["sent_to"] = password_mail.hinted(found.email)
        else:
            assert change is not None
            PendingChange.objects.filter(first__gt="", about=[pk]).exclude(pk=change.pk).update(first="", second="")
            half = secrets.token_hex(8)
            change.second = second_person.digest(half)
            said["second_half"] = half
    return Answer(said, replay="never")


def _held(pk: int) -> dict[str, dict[str, Words]]:
    """The sensitive roles of a person, as what the reset would put at stake."""
    powers = sensitive.powers(pk)
    return {str(pk): powers} if powers else {}


def set_by_halves(call: Call) -> Answer:
    """Set a new password by the two halves that two people handed over."""
    request, body = call.request, call.body
    same_site(request)
    with context.request_context(request):
        if not ratelimit.consume(request, app="allauth.account", action="login"):
            raise TooMany(THROTTLED, code="throttled", headers={"Retry-After": str(RETRY_SECONDS)})
    with log.transaction():
        rows: Any = Person.objects.select_for_update().exclude(status=Person.LEFT).exclude(kind=Person.SERVICE)
        found = rows.filter(username__iexact=body["username"]).first()
        fresh = clock.now() - timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
        changes = PendingChange.objects.select_for_update().filter(
            state=PendingChange.DONE, done_at__gt=fresh, second__gt="", first=second_person.digest(body["first"])
        )
        change = next((c for c in changes if found is not None and c.about == [found.pk]), None)
        given = second_person.digest(body["second"])
        if found is None or found.has_usable_password() or change is None or not compare_digest(change.second, given):
            raise NotFound(DEAD, code="dead_link")
        if not sensitive.powers(found.pk).keys() <= set(change.gains.get(str(found.pk), ())):
            raise NotFound(DEAD, code="dead_link")
        by = Actor(found.pk, found.display_name, call.origin, via="two halves")
        org.set_password(by, found.pk, body["password"])
        sessions.end_all(found.pk)
        change.first = change.second = ""
        change.save(update_fields=["first", "second"])
    return Answer({"username": found.username}, replay="never")


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
        if found is None or not password_mail.links.check_token(found, token):
            raise NotFound(DEAD, code="dead_link")
        org.set_password(
            Actor(found.pk, found.display_name, call.origin, via="reset link"), found.pk, call.body["password"]
        )
        sessions.end_all(found.pk)
    return Answer({"username": found.username}, replay="never")


_RESET = shape.record(
    {"sent_to": {"type": "string"}, "expires_at": shape.MOMENT, "second_half": {"type": "string"}},
    required=("sent_to", "expires_at"),
)
_HALF: shape.Schema = {"type": "string", "pattern": "^[0-9a-f]{16}$", "maxLength": 16}
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
    Route("POST", "/session/password/halves", set_by_halves, "setPasswordByHalves", "Set a new password by two halves of a code",
          "session", body=shape.record({
              "username": shape.text(64, 1), "first": _HALF, "second": _HALF, "password": shape.text(1000, 1)}),
          errors=(404, 429), signed_in=False, answers={200: shape.record({"username": {"type": "string"}})}),
)  # fmt: skip
