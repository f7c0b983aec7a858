"""View-as: a security administrator or auditor looks at the product as somebody else sees it, and nothing is written."""

from __future__ import annotations

from django.conf import settings

from heli.access.viewer import VIEW_AS
from heli.api import me, modes, shape, viewer
from heli.api.common import ref
from heli.api.route import Answer, Call, Route
from heli.audit import log
from heli.kernel.errors import Conflict, Invalid, Problem, Refused
from heli.kernel.words import Words
from heli.org.models import Person

TAG = "access"
NOT_YOURS = Words(
    "以他人身份查看只给安全管理员和审计员；对某条记录的疑问可用「为什么」",
    "viewing as somebody else is for security administrators and auditors; for a question about one record, ask “why”",
)
BY_TOKEN = Words("令牌没有会话，不能进入此模式", "a token has no session, and no mode")
YOURSELF = Words("这就是你自己", "this is yourself")
NOBODY = Words("没有这个人，或已离职", "no such person, or they have left")
IN_ONE = Words("请先结束现在的模式", "end the present mode first")
BODY = shape.record({"person": shape.NUMBER_ID, "reason": shape.text(500, 1)})


def begin(call: Call) -> Answer:
    """Start to look as a person, for a reason that is written down; ends by itself after 30 minutes."""
    who = call.viewer
    key = mode_session(call)
    if who.mode is not None:
        raise Conflict(IN_ONE, code="in_mode")
    if not modes.may_begin(who):
        raise Refused(
            NOT_YOURS,
            code="no_line",
            why={"code": "no_line", "words": NOT_YOURS.json(), "action": "read", "type": "policy"},
        )
    reason = call.body["reason"].strip()
    if not reason:
        raise Invalid(Problem("reason", "required", Words("必填", "required")))
    pk = int(call.body["person"])
    if pk == who.person:
        raise Invalid(Problem("person", "yourself", YOURSELF))
    with log.transaction():
        person = Person.objects.filter(pk=pk).exclude(status=Person.LEFT).first()
        if person is None:
            raise Invalid(Problem("person", "unknown", NOBODY))
        modes.begin(who, key, VIEW_AS, person.pk, reason)
    return now_in(call)


def end(call: Call) -> Answer:
    """Leave the mode that this session is in; nothing happens where it is in none."""
    modes.end(call.viewer, mode_session(call))
    return now_in(call)


def mode_session(call: Call) -> str:
    """The key of the browser's session. Raises Refused for a token."""
    key = call.request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    if call.viewer.role or key is None or "HTTP_AUTHORIZATION" in call.request.META:
        raise Refused(BY_TOKEN, code="by_token")
    return str(key)


def now_in(call: Call) -> Answer:
    """Who the session now is, as GET /me would say."""
    known = viewer.from_request(call.request)
    assert known is not None  # the same request was let in with the same session
    return Answer(me.payload(known.viewer))


ROUTES = (
    Route("POST", "/access/view-as", begin, "beginViewAs", "Look at the product as another person", TAG, body=BODY,
          answers={200: ref("Me")}, errors=(409,)),
    Route("DELETE", "/access/mode", end, "endMode", "Leave the mode of this session", TAG, answers={200: ref("Me")}),
)  # fmt: skip
