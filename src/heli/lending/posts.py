"""A position is asked for and answered like a role (``roles``): what it brings is what the position is granted, at a department.

Approved, it is a post like any other, with an end where one was asked for; what of it is sensitive takes two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from heli.access import epoch
from heli.access.facts import World
from heli.access.models import Grant
from heli.access.viewer import Viewer
from heli.audit import again, log
from heli.insight.company import Company
from heli.kernel import clock
from heli.kernel.errors import Conflict, Invalid, Problem
from heli.kernel.words import Words
from heli.lending import ask as asking
from heli.lending import roles
from heli.lending.models import Request
from heli.lending.terms import MOST_REASON
from heli.org import verbs as org
from heli.org.models import Department, Person, Position
from heli.org.tree import Post, posts_of
from heli.policy import duties, promises, sensitive
from heli.records.act import current

NO_POSITION = Words("没有这个岗位，或已关闭", "no such position, or it is closed")
NO_DEPARTMENT = Words("没有这个部门，或已关闭；请指定部门", "no such department, or it is closed: name one")
NOT_MANAGER = Words("只有本人和其上级能为其申请岗位", "only the person and who is above them ask for a position")
HOLDS = Words("此人已在这个部门担任这个岗位", "the person holds this position at this department already")


def requestable(viewer: Viewer) -> list[tuple[Position, int]]:
    """The open positions with how many have to agree; for contractors, who ask for nothing by themselves, none."""
    if viewer.kind != Person.EMPLOYEE:
        return []
    takes = _takes()
    return [(one, takes.get(str(one.pk), 1)) for one in Position.objects.filter(closed_at=None).order_by("name", "pk")]


def _takes() -> Mapping[str, int]:
    """How many agree, by position, as far as what is granted to the position itself decides it."""
    rows = Grant.objects.filter(subject_kind=Grant.POSITION, revoked_at__isnull=True).select_related("role")
    found: dict[str, int] = {}
    for one in rows:
        needs = roles.needed(one.role) if one.role is not None else roles.needed_for_lines(one.lines or ())
        found[one.subject_id] = max(needs, found.get(one.subject_id, 1))
    return found


def ask(
    viewer: Viewer, position: int, *, department: int | None, person: int | None, seconds: int | None, reason: str
) -> Request:
    """Ask for a position for oneself or for somebody below; at their own department when none is named.

    Raises Invalid, Refused, Conflict, TooMany.
    """
    if not reason.strip() or len(reason) > MOST_REASON:
        raise Invalid(Problem("reason", "required", Words("请写明原因", "say why")))

    def whole() -> Request:
        with log.transaction():
            who = current(viewer)
            asker = asking.bounded(who)
            if not Position.objects.filter(pk=position, closed_at=None).exists():
                raise Invalid(Problem("position", "unknown", NO_POSITION))
            subject = roles.subject_of(who, person, NOT_MANAGER)
            held = _posts(subject)
            place = department or next((p.department for p in held if p.primary), None)
            if place is None or not Department.objects.filter(pk=place, closed_at=None).exists():
                raise Invalid(Problem("department", "unknown", NO_DEPARTMENT))
            if any((p.position, p.department) == (position, place) for p in held):
                raise Conflict(HOLDS, code="held")
            same = {"kind": Request.POSITION, "borrower_id": subject, "position_id": position, "department_id": place}
            if Request.objects.filter(asking.waiting(), **same).exists():
                raise Conflict(asking.TWICE, code="twice")
            one = Request.objects.create(**same, asker_id=asker, seconds=seconds, reason=reason.strip())
            asking.tell(who.actor, one, "create", one.reason)
            return one

    return again.until_done(whole)


def _posts(person: int) -> list[Post]:
    now = clock.now()
    return [p for p in posts_of(person) if p.starts <= now and (p.ends is None or p.ends > now)]


def approve(viewer: Viewer, pk: str, text: str = "") -> Request:
    """Say yes; with the last yes that is needed the post begins. Raises NotFound, Refused, Conflict."""
    return roles.answer_yes(viewer, pk, Request.POSITION, lambda who, one: _yes(who, one, text))


def _yes(who: Viewer, one: Request, text: str) -> None:
    assert one.borrower_id is not None and one.position_id is not None and one.department_id is not None
    if not Position.objects.select_for_update().filter(pk=one.position_id, closed_at=None).exists():
        raise Conflict(NO_POSITION, code="no_position")
    if not Department.objects.filter(pk=one.department_id, closed_at=None).exists():
        raise Conflict(NO_DEPARTMENT, code="no_department")
    epoch.hold(one.borrower_id)  # what the person holds cannot change under the look at duties
    begins = clock.now()
    ends = begins + timedelta(seconds=one.seconds) if one.seconds else None
    world = World.load()
    after = _with_post(world, one, begins, ends)
    was = Company(world, clock.now())
    duties.refuse_new(was, was.beside(after), [one.borrower_id])
    promises.refuse_new(was, was.beside(after), [one.borrower_id])
    fresh = set(sensitive.powers(one.borrower_id, after)) - set(sensitive.powers(one.borrower_id, world))
    needs = 2 if fresh else _takes().get(str(one.position_id), 1)
    if roles.said_yes(who, one, text, needs):
        by = replace(who.actor, via=f"request {one.pk}")
        org.assign(by, one.borrower_id, one.department_id, one.position_id, ends=ends)


def needed(one: Request) -> int:
    """How many have to agree, as far as what is granted to the position itself decides it."""
    return _takes().get(str(one.position_id), 1)


def _with_post(world: World, one: Request, begins: datetime, ends: datetime | None) -> World:
    person = one.borrower_id or 0
    assert one.department_id is not None
    held = world.posts_by_person.get(person, ())
    more = Post(-1, person, one.department_id, one.position_id, not held, begins, ends)
    return replace(world, posts_by_person={**world.posts_by_person, person: (*held, more)})
