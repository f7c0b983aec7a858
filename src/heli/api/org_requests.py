"""Changes that wait for a second person: who may confirms them, and they are done as they were sent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from heli.access.viewer import Viewer
from heli.api import shape
from heli.api import viewer as identities
from heli.api.common import PERSON, WORDS, items, moment, people, ref
from heli.api.models import PendingChange
from heli.api.org_common import CONFLICT, TAG
from heli.api.route import Answer, Call, Param, Route
from heli.api.second_person import AUTHOR, PERMIT, NeedsSecondError, confirmed, told
from heli.audit import log
from heli.kernel import clock
from heli.kernel.errors import Conflict, HeliError, NotFound, Refused
from heli.kernel.words import Words
from heli.org.models import Department, Position
from heli.records.types import TYPES

MOST: Final = 100
EXPIRED: Final = "expired"
STATES: Final = (*(s for s, _ in PendingChange.STATES), EXPIRED)

ACTS: Final = {
    "addPerson": Words("新增人员", "a new person"),
    "assignPerson": Words("增加任职", "a further post"),
    "movePerson": Words("调动", "a move to another post"),
    "movePersonOn": Words("调动", "a move to another post"),
    "rehirePerson": Words("重新入职", "a return to the company"),
    "makePrimary": Words("设为主任职", "another primary post"),
    "endPost": Words("结束任职", "the end of a post"),
    "changePerson": Words("修改邮箱", "another e-mail address"),
    "changeDepartment": Words("部门调整", "a department's move"),
    "resetPassword": Words("重置密码", "a password reset"),
    "makeServiceToken": Words("创建令牌", "a token"),
    "addProject": Words("新建项目", "a new project"),
    "addMember": Words("加入项目", "a part in a project"),
    "changeMember": Words("项目角色变更", "another part in a project"),
}
OTHER_ACT = Words("组织变更", "a change of the organisation")
WHAT = Words("{name}：{act}，将获得「{roles}」", "{name}: {act}, which brings “{roles}”")
SEES = Words(
    "{name}：{act}，发起人将因此看到此人今后的{types}，包括敏感字段{more}",
    "{name}: {act}, by which who asks for it will see their new {types}, sensitive fields included{more}",
)
BESIDE = Words("；并将获得「{roles}」", "; it also brings “{roles}”")
TOUCHES = Words("{name}：{act}，本人持有「{roles}」", "{name}: {act}, who holds “{roles}”")
HOLDERS = frozenset({"resetPassword", "changePerson", "makeServiceToken"})
"""Acts about who holds the role already."""
HANDOVER = Words(
    "{name}：重置密码，没有邮箱，两人各转交一半口令",
    "{name}: a password reset without e-mail, one half from each of two people",
)
NO_LINE = Words(
    "待确认的变更由组织管理员和安全管理员查看",
    "changes that wait are for administrators of the organisation and of rights",
)
OWN = Words("自己发起的变更要由另一个人确认", "nobody confirms what they asked for themselves: it takes another person")
CONCERNED = Words("变更涉及的人不能确认它", "nobody whom a change concerns confirms it")
SECURITY = Words(
    "涉及敏感角色或敏感数据的变更由安全管理员（有授权权限的人）确认",
    "a change that brings a sensitive role, or sight of sensitive data, is confirmed by security administrators, who may "
    "give rights",
)
NOT_OPEN = Words("这项变更已处理、已撤回或已过期", "this change is settled, taken back or expired already")
AUTHOR_GONE = Words(
    "发起人已离职或不再有权这样做，请另行发起",
    "who asked for it has left or may no longer do it: let somebody else ask",
)
GROWN = Words(
    "自提请以来，这项变更带来的权限变多了，没有执行；请按现在的内容重新确认",
    "this change brings more by now than when it was asked for, so nothing was done: look at what it brings and confirm that",
)
NOT_YOURS = Words("只有发起人可以撤回", "only who asked for it takes it back")
BY_TOKEN = Words("令牌不能确认变更，请登录后操作", "a token confirms nothing: sign in to do this")


def _grants(viewer: Viewer) -> bool:
    return viewer.view is not None and viewer.view.may("policy", "grant")


def _administers(viewer: Viewer) -> bool:
    return viewer.view is not None and viewer.view.may("organisation", "administer")


def _needs(call: Call) -> None:
    if not _grants(call.viewer) and not _administers(call.viewer):
        raise Refused(NO_LINE, code="no_line", why={"code": "no_line", "words": NO_LINE.json()})


def why_not(viewer: Viewer, one: PendingChange) -> tuple[str, Words] | None:
    """Why this person may not confirm a change; None when they may."""
    if one.author_id == viewer.person:
        return "own", OWN
    if viewer.person in one.about:
        return "concerned", CONCERNED
    if one.gains and not _grants(viewer):
        return "no_line", SECURITY
    if not _grants(viewer) and not _administers(viewer):
        return "no_line", NO_LINE
    return None


def waiting(viewer: Viewer) -> list[PendingChange]:
    """The open changes that this person may confirm, the oldest first."""
    if viewer.role or not (_grants(viewer) or _administers(viewer)):
        return []
    rows = PendingChange.objects.filter(state=PendingChange.OPEN, ends__gt=clock.now()).order_by("at")[:MOST]
    return [one for one in rows if why_not(viewer, one) is None]


def state_of(one: PendingChange) -> str:
    """``expired`` is evaluated, never swept."""
    return (
        EXPIRED if one.state in (PendingChange.OPEN, PendingChange.CONFIRMED) and one.ends <= clock.now() else one.state
    )


def sentence(one: PendingChange) -> Words:
    """What a change does, in one sentence."""
    if one.first and not one.gains:
        return HANDOVER.fill(name=one.name)
    roles = Words("、".join(r["zh"] for r in one.roles), ", ".join(r["en"] for r in one.roles))
    act = ACTS.get(one.act, OTHER_ACT)
    seen = dict.fromkeys(code.rpartition(" ")[2] for code in one.gains.get(AUTHOR, ()))
    if seen:
        kinds = [TYPES[code] for code in seen if code in TYPES]
        types = Words("、".join(k.words.zh for k in kinds), ", ".join(k.plural.en.lower() for k in kinds))
        more = BESIDE.fill(roles=roles) if one.roles else Words("", "")
        return SEES.fill(name=one.name, act=act, types=types, more=more)
    return (TOUCHES if one.act in HOLDERS else WHAT).fill(name=one.name, act=act, roles=roles)


NAMED: Final = {
    "username": Words("用户名", "user name"),
    "email": Words("邮箱", "e-mail"),
    "department": Words("部门", "department"),
    "position": Words("岗位", "position"),
    "from": Words("自", "from"),
    "until": Words("至", "until"),
}
"""What of a request as it was sent is told to who confirms it, in this order: enough to know whom and where."""


def details(one: PendingChange) -> list[dict[str, Any]]:
    """What exactly was asked for, as names and values."""
    return [
        {"name": NAMED[key].json(), "value": value.json()}
        for key in NAMED
        if one.body.get(key) and (value := _value(key, str(one.body[key]))) is not None
    ]


def _value(key: str, given: str) -> Words | None:
    kinds: dict[str, type[Department | Position]] = {"department": Department, "position": Position}
    if key not in kinds:
        return Words(given, given)
    found = kinds[key].objects.filter(pk=int(given)).first() if given.isdecimal() else None
    return Words(found.name, found.name_en or found.name) if found is not None else None


def said(call: Call, one: PendingChange) -> dict[str, Any]:
    """A change as the API tells of it."""
    names = people([one.author_id, one.by_id])
    no = why_not(call.viewer, one)
    state = state_of(one)
    return {
        "id": one.pk, "state": state, "words": sentence(one).json(), "roles": list(one.roles), "details": details(one),
        "about": [str(p) for p in one.about], "author": names.get(one.author_id),
        "by": names.get(one.by_id) if one.by_id is not None else None, "reason": one.reason,
        "at": moment(one.at), "ends": moment(one.ends), "done_at": moment(one.done_at),
        "who": (SECURITY if one.gains else NO_LINE).json(),
        "may": [
            *(("confirm", "refuse") if state == PendingChange.OPEN and no is None else ()),
            *(("withdraw",) if state == PendingChange.OPEN and one.author_id == call.viewer.person else ()),
        ],
    }  # fmt: skip


def about(call: Call, person: int) -> list[dict[str, Any]]:
    """The open changes about a person, for their page."""
    rows = PendingChange.objects.filter(state=PendingChange.OPEN, ends__gt=clock.now()).order_by("at")[:MOST]
    return [said(call, one) for one in rows if person in one.about]


def listed(call: Call) -> Answer:
    """Changes, the newest first; those of one state. Who has no part in them gets an empty list, as the page asks for it
    before it knows."""
    if not _grants(call.viewer) and not _administers(call.viewer):
        return Answer({"items": []})
    rows = PendingChange.objects.order_by("-at", "-pk")
    state = call.query.get("state")
    if state == EXPIRED:
        rows = rows.filter(state__in=(PendingChange.OPEN, PendingChange.CONFIRMED), ends__lte=clock.now())
    elif state in (PendingChange.OPEN, PendingChange.CONFIRMED):
        rows = rows.filter(state=state, ends__gt=clock.now())
    elif state:
        rows = rows.filter(state=state)
    return Answer({"items": [said(call, one) for one in rows[:MOST]]})


def one(call: Call) -> Answer:
    """One change."""
    _needs(call)
    return Answer(said(call, _find(call)))


def _find(call: Call, *, locked: bool = False) -> PendingChange:
    rows = PendingChange.objects.select_for_update() if locked else PendingChange.objects.all()
    found: PendingChange | None = rows.filter(pk=call.path["id"]).first()
    if found is None:
        raise NotFound
    return found


def _open(call: Call) -> PendingChange:
    """The change in the path, locked. Raises Refused for tokens and others, Conflict when it is not open."""
    _needs(call)
    if call.viewer.role:
        raise Refused(BY_TOKEN, code="by_token")
    found = _find(call, locked=True)
    if state_of(found) != PendingChange.OPEN:
        raise Conflict(NOT_OPEN, code="settled")
    return found


def _may(call: Call, found: PendingChange) -> None:
    no = why_not(call.viewer, found)
    if no is not None:
        raise Refused(no[1], code=no[0], why={"code": no[0], "words": no[1].json()})


def confirm(call: Call) -> Answer:
    """Agree: the change is done now, as it was asked for and by the rights of who asked. One that brings more by now than it did then is
    not done: it stays open, says what it brings, and is ``grown``."""
    try:
        return _confirmed(call)
    except NeedsSecondError as more:
        with log.transaction():
            found = _open(call)
            found.gains, found.roles = more.said()["gains"], more.said()["roles"]
            found.save(update_fields=["gains", "roles"])
            told(call, found, "change.grow")
        return Answer({**said(call, found), "grown": GROWN.json()}, replay="body")


def _confirmed(call: Call) -> Answer:
    with log.transaction():
        found = _open(call)
        _may(call, found)
        found.by_id = call.person
        extra: dict[str, Any] = {}
        if found.act in PERMIT:  # its answer is a secret for who asked, who now does it
            found.state = PendingChange.CONFIRMED
        else:
            extra = _do(call, found)
            found.state, found.done_at = PendingChange.DONE, clock.now()
        found.save(update_fields=["by_id", "state", "done_at", "second"])
        told(call, found, "change.confirm")
    return Answer({**said(call, found), **extra}, replay="never" if extra else "body")


def _do(call: Call, found: PendingChange) -> dict[str, Any]:
    from heli.api.routes import route_of

    try:
        author = identities.for_person(found.author_id, origin=call.origin)
    except HeliError:
        raise Conflict(AUTHOR_GONE, code="author") from None
    by = replace(author.actor, via=f"confirmed by {call.viewer.name}")
    inner = Call(call.request, found.path, replace(author, actor=by), body=found.body, origin=call.origin)
    try:
        with confirmed(found):
            answer = route_of(found.act).handle(inner)
    except Refused:
        raise Conflict(AUTHOR_GONE, code="author") from None
    half = answer.body.get("second_half") if isinstance(answer.body, dict) else None
    return {"second_half": half} if half else {}


def refuse(call: Call) -> Answer:
    """Say no, with the reason."""
    with log.transaction():
        found = _open(call)
        _may(call, found)
        found.by_id, found.state, found.done_at = call.person, PendingChange.REFUSED, clock.now()
        found.reason = call.body["reason"]
        found.save(update_fields=["by_id", "state", "done_at", "reason"])
        told(call, found, "change.refuse", found.reason)
    return Answer(said(call, found), replay="body")


def withdraw(call: Call) -> Answer:
    """Take one's own request back."""
    with log.transaction():
        found = _open(call)
        if found.author_id != call.person:
            raise Refused(NOT_YOURS, code="not_yours", why={"code": "not_yours", "words": NOT_YOURS.json()})
        found.state, found.done_at = PendingChange.WITHDRAWN, clock.now()
        found.save(update_fields=["state", "done_at"])
        told(call, found, "change.withdraw")
    return Answer(said(call, found), replay="body")


_TEXT: shape.Schema = {"type": "string"}
_PERSON = shape.nullable(ref(PERSON))
_CHANGE = {
    "id": shape.ID, "state": {"type": "string", "enum": list(STATES)}, "words": ref(WORDS),
    "roles": shape.array(ref(WORDS)), "details": shape.array(shape.record({"name": ref(WORDS), "value": ref(WORDS)})),
    "about": shape.array(_TEXT), "author": _PERSON, "by": _PERSON, "reason": _TEXT,
    "at": shape.MOMENT, "ends": shape.MOMENT, "done_at": shape.nullable(shape.MOMENT), "who": ref(WORDS),
    "may": shape.array(_TEXT), "second_half": _TEXT, "grown": ref(WORDS),
}  # fmt: skip
SCHEMAS = {
    "PendingChange": shape.record(_CHANGE, required=tuple(k for k in _CHANGE if k not in ("second_half", "grown"))),
    "Waiting": shape.record({"pending": ref("PendingChange"), "first_half": _TEXT}, required=("pending",)),
}
_PATH = "/organisation/requests"
_ID = {"id": shape.ID}
_EMPTY = shape.record({}, required=())


def _step(name: str, handle: Any, id_: str, words: str, body: shape.Schema) -> Route:
    return Route("POST", f"{_PATH}/{{id}}/{name}", handle, id_, words, TAG, path_schemas=_ID, body=body, keyed=True,
                 body_required=name == "refuse", errors=CONFLICT, answers={200: ref("PendingChange")})  # fmt: skip


ROUTES = (
    Route("GET", _PATH, listed, "listPendingChanges", "Changes that wait for a second person", TAG,
          params=(Param("state", {"type": "string", "enum": list(STATES)}, "Only those in this state"),),
          answers={200: items(ref("PendingChange"))}),
    Route("GET", f"{_PATH}/{{id}}", one, "getPendingChange", "One of them", TAG, path_schemas=_ID,
          answers={200: ref("PendingChange")}, errors=(403,)),
    _step("confirm", confirm, "confirmPendingChange", "Agree, and have it done", _EMPTY),
    _step("refuse", refuse, "refusePendingChange", "Say no, with the reason", shape.record({"reason": shape.text(500, 1)})),
    _step("withdraw", withdraw, "withdrawPendingChange", "Take one's own back", _EMPTY),
)  # fmt: skip
