"""My account: my password, what I set for myself, and who signed in as me, or tried to."""

from __future__ import annotations

from dataclasses import replace

from allauth.account.adapter import get_adapter
from allauth.core import context
from django.contrib.auth import HASH_SESSION_KEY
from django.core.exceptions import ValidationError

from heli.api import me, modes, sessions, shape
from heli.api.common import items, moment, ref
from heli.api.models import Preference
from heli.api.route import Answer, Call, Route
from heli.api.session import RETRY_SECONDS, THROTTLED, told
from heli.audit import entries, log
from heli.kernel.errors import Conflict, Invalid, Problem, Refused, TooMany
from heli.kernel.words import Words
from heli.org import verbs as org
from heli.org.models import Person

TAG = "me"
MOST_SIGN_INS = 30
SIGN_INS = ("signin.ok", "signin.failed", "signout", *modes.ACTS)
LANGUAGES, THEMES = ("zh", "en"), ("light", "dark", "auto")

BY_TOKEN = Words("令牌不能更改账号，请登录后操作", "a token cannot change the account: sign in to do this")
SERVICE = Words("服务账号没有密码，请使用令牌", "a service account has no password: use a token")
WRONG = Words("当前密码不对", "this is not your present password")
SAME = Words("新密码与当前密码相同", "the new password is the present one")


def own(call: Call) -> int:
    """The person whose account it is. Raises Refused for a token: it speaks for a program, not for the person."""
    if call.viewer.role:
        raise Refused(BY_TOKEN, code="by_token")
    return call.person


def change_password(call: Call) -> Answer:
    """A new password for who knows the present one. All other sessions end; tokens of programs stay."""
    pk = own(call)
    request, body = call.request, call.body
    found = Person.objects.get(pk=pk)
    if found.kind == Person.SERVICE:
        raise Conflict(SERVICE, code="service_account")
    with context.request_context(request):
        try:  # counts wrong ones as signing in does
            known = get_adapter().authenticate(request, username=found.username, password=body["current"])
        except ValidationError:
            told(call, "signin.failed", found, outcome="refused", reason="throttled: changing the password")
            raise TooMany(THROTTLED, code="throttled", headers={"Retry-After": str(RETRY_SECONDS)}) from None
    if known is None:
        told(call, "signin.failed", found, outcome="failed", reason="wrong present password: changing the password")
        raise Invalid(Problem("current", "wrong", WRONG))
    if body["new"] == body["current"]:
        raise Invalid(Problem("new", "same", SAME))
    with log.transaction():
        try:
            org.set_password(call.viewer.actor, pk, body["new"])
        except Invalid as error:
            raise Invalid([replace(one, place="new") for one in error.problems]) from None
        found.refresh_from_db()
        request.session.cycle_key()
        request.session[HASH_SESSION_KEY] = found.get_session_auth_hash()
        request.session.save()
        ended = sessions.end_others(pk, str(request.session.session_key))
    return Answer({"ended": ended}, replay="never")


def change_settings(call: Call) -> Answer:
    """Language and theme, on every device. What is not named stays."""
    pk = own(call)
    with log.transaction():
        if "language" in call.body:
            org.change_person(call.viewer.actor, pk, language=call.body["language"])
        if "theme" in call.body:
            Preference.objects.update_or_create(person_id=pk, defaults={"theme": call.body["theme"]})
    language = Person.objects.values_list("language", flat=True).get(pk=pk)
    return Answer({"language": language or None, "theme": me.theme_of(pk)})


def sign_ins(call: Call) -> Answer:
    """The latest sign-ins as me, failed ones too, newest first."""
    found = entries.query(object_type="person", object_id=str(own(call)), actions=SIGN_INS, limit=MOST_SIGN_INS)
    return Answer({"items": [
        {"at": moment(one.at), "action": one.action, "outcome": one.outcome, **_told(one)} for one in found
    ]})  # fmt: skip


def _told(one: entries.EntryView) -> dict[str, str]:
    """Where it came from; for who looked as this person, who that was and why."""
    if one.action in modes.ACTS:
        return {"origin": "", "by": one.actor_name, "reason": one.reason}
    return {"origin": one.origin, "by": "", "reason": ""}


_PASSWORD = shape.record({"current": shape.text(1000, 1), "new": shape.text(1000, 1)})
_SETTINGS: dict[str, shape.Schema] = {
    "language": {"type": "string", "enum": list(LANGUAGES)}, "theme": {"type": "string", "enum": list(THEMES)},
}  # fmt: skip
SCHEMAS = {
    "Settings": shape.record({
        "language": {"type": ["string", "null"]}, "theme": {"type": ["string", "null"], "enum": [*THEMES, None]},
    }),
    "SignIn": shape.record({
        "at": shape.MOMENT, "action": {"type": "string", "enum": list(SIGN_INS)},
        "outcome": {"type": "string", "enum": ["done", "refused", "failed"]},
        "origin": {"type": "string"}, "by": {"type": "string"}, "reason": {"type": "string"},
    }),
}  # fmt: skip
ROUTES = (
    Route("POST", "/me/password", change_password, "changeMyPassword", "Change my password; other sessions end", TAG,
          body=_PASSWORD, answers={200: shape.record({"ended": {"type": "integer"}})}, errors=(403, 409, 429)),
    Route("PATCH", "/me/settings", change_settings, "changeMySettings", "Set my language and theme", TAG,
          body=shape.record(_SETTINGS, required=()), answers={200: ref("Settings")}, errors=(403,)),
    Route("GET", "/me/sign-ins", sign_ins, "listMySignIns", "My latest sign-ins and failed attempts", TAG,
          answers={200: items(ref("SignIn"))}, errors=(403,)),
)  # fmt: skip
