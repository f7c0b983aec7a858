"""Requests as cases of the company's processes: 临时授权 for loans, 权限变更 for roles and positions.

What decides a request is here in lending, whatever the process says: nobody lends what they do not hold, nobody confirms their own. The
process says what has to happen beside: steps of the company's own before an answer, times, reminders, whom to tell. A request whose
process has steps before the next answer is ``held`` until it comes there.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

from heli.access.models import Role
from heli.access.viewer import Viewer
from heli.flows import following, matters
from heli.flows.core.state import Ended
from heli.flows.core.values import Value
from heli.flows.following import Did
from heli.flows.matters import Answer, Matter, Settled
from heli.insight import company
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.kernel.errors import Invalid, Problem
from heli.kernel.words import Words
from heli.lending.models import Request
from heli.org.models import Position
from heli.records.types import TYPES

LOAN, RIGHTS = "loan_request", "rights_request"
CONSENT, APPROVE, CONFIRM = "consent", "approve", "confirm"
STEP = {Request.PROPOSED: CONSENT, Request.OPEN: APPROVE, Request.CONFIRMING: CONFIRM}
"""The step that a request waits for, by its state."""
DAY = 86_400
GIVEN = ("action", "fields", "seconds")
NOT_GIVEN = Words("只能给出 action、fields、seconds", "only action, fields and seconds are given here")
MALFORMED = Words("格式不对", "is malformed")
STEPS = {
    CONSENT: Words("本人同意提议", "the person consents"),
    APPROVE: Words("批准", "approve"),
    CONFIRM: Words("安全管理员确认", "security confirms"),
}
VALUES = {
    "state": Words("状态（proposed、open、confirming）", "its state (proposed, open, confirming)"),
    "kind": Words("种类（loan、role、position）", "its kind (loan, role, position)"),
    "days": Words("天数；不限时为空", "for how many days; empty without an end"),
    "type": Words("对象类型", "the object type"),
    "action": Words("动作", "the act"),
    "confidential": Words("含机密字段", "whether it names confidential fields"),
    "project": Words("为项目申请", "whether it is for a project"),
    "for_other": Words("为别人申请", "whether it is for somebody else than who asks"),
    "role": Words("角色", "the role"),
    "position": Words("岗位", "the position"),
    "sensitive": Words("要两位安全管理员", "whether it takes two of security"),
}


def matter_of(one: Request) -> str:
    """As what its case is known."""
    return RIGHTS if one.kind in Request.STANDING else LOAN


def step_of(one: Request, what: str) -> str:
    """The step that an answer was given at."""
    second = what == "approve" and bool(one.approvals) and bool(one.approvals[-1].get("second"))
    return CONFIRM if second else CONSENT if what == "consent" else APPROVE if what == "approve" else ""


def follow(by: Actor, one: Request, what: str, text: str, words: Words) -> None:
    """Begin the case of a request that was made, or let it follow what has become of it; ``one.held`` is then as it leaves it. In the
    caller's transaction, after the request has been written."""
    matter = matter_of(one)
    if following.is_following(matter, one.pk):
        return
    if what == "create":
        if following.begin(matter, one.pk, one.asker_id, by, hidden=not one.seen) is None:
            return
    else:
        following.follow(matter, one.pk, by, _did(by, one, what, text, words))
    one.held = Request.objects.values_list("held", flat=True).get(pk=one.pk)


def _did(by: Actor, one: Request, what: str, text: str, words: Words) -> Did:
    if what in ("approve", "consent"):
        return Did(following.YES, step_of(one, what), by.person)
    if what == "refuse":
        return Did(following.NO, person=by.person, text=text)
    if what == "withdraw" and by.person == one.asker_id:
        return Did(following.BACK, person=by.person)
    if what == "withdraw" and by.person is not None and by.person == one.borrower_id:
        return Did(following.NO, person=by.person)
    if one.state in STEP:
        return Did(following.MOVED, STEP[one.state])
    return Did(following.OVER, person=by.person, words=words)


# -- what the case asks of a request ---------------------------------------------------------------------------------


def security(one: Request) -> list[int]:
    """Those of security who may answer a request, or confirm it: nobody who asks, gets or lends it, and who has not said yes before."""
    here = company.now()
    mates = {part.person for part in here.parts.get(one.project_id, ())} if one.project_id else set[int]()
    barred = {one.asker_id, one.borrower_id, one.approver_id, *mates, *(said["by"] for said in one.approvals)}
    return [who for who in here.may("policy", "grant") if who not in barred]


def _people(key: str, step: str) -> list[int]:
    one = Request.objects.filter(pk=key).first()
    if one is None:
        return []
    if step == CONSENT:
        return [one.borrower_id] if one.borrower_id is not None else []
    if step == APPROVE and one.kind == Request.LOAN:
        return list(reversed(one.asked)) or ([one.approver_id] if one.approver_id is not None else [])
    return security(one)


def _value(key: str, name: str) -> Value:
    one = Request.objects.filter(pk=key).first()
    if one is None:
        return None
    match name:
        case "days":
            return None if one.seconds is None else Decimal(one.seconds) / DAY
        case "confidential":
            kind = TYPES.get(one.type)
            return kind is not None and any(
                code in kind.fields and kind.fields[code].data_class == "confidential" for code in one.fields
            )
        case "project":
            return one.project_id != ""
        case "for_other":
            return one.borrower_id != one.asker_id
        case "position":
            return Position.objects.filter(pk=one.position_id or 0).values_list("code", flat=True).first() or ""
        case "sensitive":
            return _needs(one) > 1
    found: str = getattr(one, name)
    return found


def _needs(one: Request) -> int:
    from heli.lending import posts, roles  # which answer such requests

    if one.kind == Request.ROLE:
        role = Role.objects.filter(code=one.role).first()
        return roles.needed(role) if role is not None else 1
    return posts.needed(one) if one.kind == Request.POSITION else 1


def _decide(viewer: Viewer, key: str, step: str, answer: Answer) -> None:
    from heli.lending import ask, decide, posts, roles  # whose verbs let the case follow

    wrong = [one for one in answer.given if one not in GIVEN or step != APPROVE or not answer.approve]
    if wrong:
        raise Invalid([Problem(f"given/{one[:80]}", "unknown", NOT_GIVEN) for one in wrong])
    if step == CONSENT:
        (ask.consent if answer.approve else ask.withdraw)(viewer, key)
    elif not answer.approve:
        decide.refuse(viewer, key, answer.text)
    elif step == CONFIRM:
        decide.confirm(viewer, key, answer.text)
    else:
        kind = Request.objects.values_list("kind", flat=True).get(pk=key)
        if kind != Request.LOAN:
            (roles if kind == Request.ROLE else posts).approve(viewer, key, answer.text)
            return
        action, fields, seconds = _less(answer.given)
        decide.approve(viewer, key, action=action, fields=fields, seconds=seconds, text=answer.text)


def _less(given: Any) -> tuple[str | None, Sequence[str] | None, int | None]:
    """What less than all is said yes to. Raises Invalid."""
    action, fields, seconds = (given.get(name) for name in GIVEN)
    wrong = [
        name
        for name, fits in (
            ("action", action is None or isinstance(action, str)),
            ("fields", fields is None or (isinstance(fields, list) and all(isinstance(one, str) for one in fields))),
            ("seconds", seconds is None or (isinstance(seconds, int) and not isinstance(seconds, bool))),
        )
        if not fits
    ]
    if wrong:
        raise Invalid([Problem(f"given/{one}", "type", MALFORMED) for one in wrong])
    return action, fields, seconds


def _withdraw(viewer: Viewer, key: str) -> None:
    from heli.lending import ask

    ask.withdraw(viewer, key)


def _settled(key: str, now: Settled) -> None:
    """Where its case stands after a step: it waits for what stands before its next answer; what the company's own steps refuse is
    refused."""
    from heli.lending import ask

    theirs = any(following.is_following(code, key) for code in (LOAN, RIGHTS))
    one = Request.objects.get(pk=key)
    if not theirs:
        if not _ends(one, now) and _held(one, now) == one.held:
            return  # nothing to write: whoever answers it now has it locked, and waits for the case
        one = ask.locked(key)
        if _ends(one, now):
            ask.close(one, Request.REFUSED if now.ended is Ended.REJECTED else Request.WITHDRAWN, now.by, now.text)
            return
    held = _held(one, now)
    if held == one.held:
        return
    Request.objects.filter(pk=key).update(held=held, turn_at=clock.now())
    one.held = held
    if not theirs:
        ask.notify(now.by, one)


def _ends(one: Request, now: Settled) -> bool:
    """Whether the company's own steps have ended a request that waits."""
    return one.state in Request.WAITING and now.ended in (Ended.REJECTED, Ended.WITHDRAWN)


def _held(one: Request, now: Settled) -> bool:
    """Whether a request waits for what stands before its next answer."""
    return one.state in Request.WAITING and now.ended is None and STEP[one.state] not in now.steps


# -- who may know ------------------------------------------------------------------------------------------------------


def _follows(viewer: Viewer, keys: Sequence[str]) -> set[str]:
    return {one.pk for one in Request.objects.filter(pk__in=keys) if follows(viewer, one)}


def follows(viewer: Viewer, one: Request) -> bool:
    """Whether somebody may know of the case of a request: who answers it, security where it does, and who asked or is to get it, of an
    unseen record once there is a yes."""
    me = viewer.person
    if me is None:
        return False
    if me in (one.approver_id, one.answered_by, *one.asked):
        return True
    if me in (one.asker_id, one.borrower_id):
        return one.seen or one.state == Request.APPROVED or me != one.asker_id
    security = viewer.view is not None and viewer.view.may("policy", "grant")
    return security and (one.kind in Request.STANDING or one.state == Request.CONFIRMING)


def known(viewer: Viewer, many: Sequence[Request]) -> dict[str, int]:
    """The cases of requests that are somebody's to follow, by the requests' ids."""
    found: dict[str, int] = {}
    for matter in {matter_of(one) for one in many}:
        here = {one.pk: one for one in many if matter_of(one) == matter}
        cases_ = following.latest(matter, list(here))
        if cases_ and viewer.person is not None:
            did = following.worked(matter, list(cases_), viewer.person)
            found |= {key: case for key, case in cases_.items() if key in did or follows(viewer, here[key])}
    return found


def _veils(viewer: Viewer, key: str) -> frozenset[str]:
    from heli.lending import ask

    one = Request.objects.filter(pk=key).first()
    return frozenset((APPROVE,)) if one is not None and not ask.knows_approver(viewer, one) else frozenset()


def _hidden(viewer: Viewer, key: str) -> bool:
    one = Request.objects.filter(pk=key).first()
    return one is None or not follows(viewer, one)


def _hears(key: str, people: Collection[int]) -> set[int]:
    one = Request.objects.filter(pk=key).first()
    quiet = one is not None and not one.seen and one.state != Request.APPROVED
    return {who for who in people if not (quiet and one is not None and who == one.asker_id)}


def attach() -> None:
    """Make both kinds known to the processes."""
    for code, words, steps, values in (
        (LOAN, Words("临时授权申请", "request for access"), (CONSENT, APPROVE, CONFIRM),
         ("state", "days", "type", "action", "confidential", "project", "for_other")),
        (RIGHTS, Words("权限变更申请", "request for a role or position"), (APPROVE,),
         ("state", "kind", "days", "for_other", "role", "position", "sensitive")),
    ):  # fmt: skip
        matters.register(
            Matter(
                code, words, {name: STEPS[name] for name in steps}, {name: VALUES[name] for name in values},
                _people, _value, _decide, _withdraw, _settled, _follows, _veils, _hidden, hears=_hears,
            )
        )  # fmt: skip
