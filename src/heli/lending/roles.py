"""A person's standing rights change through requests too: a role for a person, approved by security.

Whoever holds ``policy: grant`` says yes, never for themselves and never for what they asked; a sensitive role takes two of
them. Roles that exclude each other (duties) are looked at for everything the person would hold with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from heli.access import epoch, grants
from heli.access import view as views
from heli.access.facts import GrantFact, World
from heli.access.models import Grant, Role
from heli.access.viewer import Viewer
from heli.audit import again, log
from heli.insight.company import Company
from heli.kernel import clock
from heli.kernel.errors import Conflict, Invalid, NotFound, Problem, Refused
from heli.kernel.words import Words
from heli.lending import ask as asking
from heli.lending import hold
from heli.lending.models import Request
from heli.lending.terms import MOST_REASON
from heli.org.models import Department, Person, ReportingLine
from heli.org.tree import load_tree, posts_of, valid
from heli.policy import duties, promises
from heli.policy import sensitive as powers
from heli.records.act import current

ADMINISTRATION = frozenset({"policy", "organisation", "settings", "audit"})
POWERS = frozenset({"administer", "grant", "export", "import"})

NO_ROLE = Words("没有这个角色", "no such role")
NOT_MANAGER = Words("只有本人和其上级能为其申请角色", "only the person and who is above them ask for a role")
HAS_IT = Words("此人已有这个角色", "the person holds this role already")
OWN = Words(
    "不能批准给自己的权限，也不能批准自己提出的申请", "nobody approves rights for themselves, nor what they asked for"
)
ONCE = Words(
    "你已经同意过；内容敏感，还需要另一位安全管理员",
    "you have agreed already; it is sensitive: a second administrator is needed",
)
NO_GRANT = Words("只有安全管理员能批准角色和岗位", "only security administrators approve roles and positions")
OUTSIDE = Words(
    "外包人员不能自己申请角色或岗位，请你的负责人替你申请",
    "contractors ask for no role and no position themselves: let whoever you work for ask for you",
)
LEFT = Words("此人已离职，申请已失效", "the person has left; the request has ended")


def sensitive(lines: Sequence[Mapping[str, Any]]) -> bool:
    """Whether these lines take two to give: they administer, export, or read confidential fields of everything."""
    for line in lines:
        actions = set(line.get("actions", []))
        if line.get("type") in ADMINISTRATION and actions - {"read"}:
            return True
        if actions & POWERS or (line.get("type") in ("audit", "policy") and "read" in actions):
            return True
        if (
            "all" in line.get("scope", [])
            and "read" in line.get("read", {}).values()
            and (line["read"].get("confidential") == "read" or line["read"].get("*") == "read")
        ):
            return True
    return False


def needed(role: Role) -> int:
    """How many say yes: two for what takes two people when a post brings it, too."""
    return 2 if role.sensitive else needed_for_lines(role.lines)


def needed_for_lines(lines: Sequence[Mapping[str, Any]]) -> int:
    """The same for single lines."""
    return 2 if sensitive(lines) or powers.why(views.lines_of(lines)) else 1


def requestable(viewer: Viewer) -> list[Role]:
    """The roles that somebody can ask for: for people who work here, those that are given to people. Contractors: none."""
    if viewer.kind != Person.EMPLOYEE:
        return []
    return list(Role.objects.filter(closed_at=None).order_by("pk"))


def ask(viewer: Viewer, code: str, *, person: int | None, seconds: int | None, reason: str) -> Request:
    """Ask for a role for oneself or for somebody below. Raises Invalid, Refused, Conflict, TooMany."""
    if not reason.strip() or len(reason) > MOST_REASON:
        raise Invalid(Problem("reason", "required", Words("请写明原因", "say why")))

    def whole() -> Request:
        with log.transaction():
            who = current(viewer)
            asker = asking.bounded(who)
            role = Role.objects.filter(code=code, closed_at=None).first()
            if role is None:
                raise Invalid(Problem("role", "unknown", NO_ROLE))
            subject = subject_of(who, person, NOT_MANAGER)
            if any(s.role == code for s in views.of(subject).sources):
                raise Conflict(HAS_IT, code="held")
            waits = Request.objects.filter(asking.waiting(), kind=Request.ROLE, borrower_id=subject, role=code)
            if waits.exists():
                raise Conflict(asking.TWICE, code="twice")
            one = Request.objects.create(
                kind=Request.ROLE, asker_id=asker, borrower_id=subject, role=code, seconds=seconds,
                reason=reason.strip(),
            )  # fmt: skip
            asking.tell(who.actor, one, "create", one.reason)
            return one

    return again.until_done(whole)


def subject_of(viewer: Viewer, person: int | None, not_manager: Words) -> int:
    """For whom it is asked: oneself, or somebody below. Raises Invalid for nobody, Refused for anybody else's people, and
    for contractors, for whom whoever is above them asks."""
    subject = person or viewer.person
    if subject is None or not Person.objects.filter(pk=subject).exclude(status=Person.LEFT).exists():
        raise Invalid(Problem("person", "unknown", asking.NO_PERSON))
    if viewer.kind != Person.EMPLOYEE:
        raise _refused(OUTSIDE, "contractor")
    if subject != viewer.person and not _above(viewer, subject):
        raise _refused(not_manager, "not_manager")
    return subject


def _above(viewer: Viewer, person: int) -> bool:
    """Whether the viewer is above the person: by reporting line, or as head of their department or one above it."""
    if viewer.view is not None and viewer.view.may("policy", "grant"):
        return True
    managers = dict(ReportingLine.objects.filter(valid(clock.now())).values_list("person_id", "manager_id"))
    above, seen = managers.get(person), set[int]()
    while above is not None and above not in seen:
        if above == viewer.person:
            return True
        seen.add(above)
        above = managers.get(above)
    tree, now = load_tree(), clock.now()
    places = [p.department for p in posts_of(person) if p.starts <= now and (p.ends is None or p.ends > now)]
    led = set(Department.objects.filter(head_id=viewer.person, closed_at=None).values_list("pk", flat=True))
    return any(led & set(tree.above(place)) for place in places)


def approve(viewer: Viewer, pk: str, text: str = "") -> Request:
    """Say yes; with the last yes that is needed the role is given. Raises NotFound, Refused, Conflict."""
    return answer_yes(viewer, pk, Request.ROLE, lambda who, one: _yes(who, one, text))


def answer_yes(viewer: Viewer, pk: str, kind: str, yes: Callable[[Viewer, Request], None]) -> Request:
    """What every yes of security looks at first: it waits, the person is still here, and it is not one's own affair."""

    def whole() -> Request:
        with log.transaction():
            who = current(viewer)
            one = asking.locked(pk)
            if one.kind != kind or not asking.knows(who, one):
                raise NotFound
            if one.state != Request.OPEN:
                raise asking.closed(one)
            asking.ready(one)
            if who.view is None or not who.view.may("policy", "grant"):
                raise _refused(NO_GRANT, "no_line")
            if who.person is None or who.person in (one.borrower_id, one.asker_id):
                raise _refused(OWN, "own")
            if any(a["by"] == who.person for a in one.approvals):
                raise Conflict(ONCE, code="twice")
            assert one.borrower_id is not None
            gone = not hold.employed(one.borrower_id)
            if gone:
                asking.close(one, Request.GONE, asking.JOB, LEFT.en)
            else:
                yes(who, one)
        if gone:
            raise Conflict(LEFT, code="gone")
        return one

    return again.until_done(whole)


def said_yes(who: Viewer, one: Request, text: str, needs: int) -> bool:
    """Write the yes down; whether it was the last that is needed."""
    one.approvals = [*one.approvals, {"by": who.person, "at": clock.now().isoformat(), "text": text}]
    done = len(one.approvals) >= needs
    if done:
        one.state, one.answered_by, one.answered_at, one.answer = Request.APPROVED, who.person, clock.now(), text
    one.save()
    asking.tell(who.actor, one, "approve", text)
    return done


def _yes(who: Viewer, one: Request, text: str) -> None:
    role = Role.objects.select_for_update().filter(code=one.role, closed_at=None).first()
    if role is None:
        raise Conflict(NO_ROLE, code="no_role")
    epoch.hold(one.borrower_id)  # what the person holds cannot change under the look at duties
    ends = clock.now() + timedelta(seconds=one.seconds) if one.seconds else None
    world = World.load()
    subject, moment = str(one.borrower_id), clock.now()
    more = GrantFact(-1, world.roles[one.role], None, Grant.PERSON, subject, False, moment, ends)
    after = replace(world, all_grants={**world.all_grants, -1: more})
    was = Company(world, clock.now())
    duties.refuse_new(was, was.beside(after), [one.borrower_id or 0])
    promises.refuse_new(was, was.beside(after), [one.borrower_id or 0])
    if said_yes(who, one, text, needed(role)):
        source = f"request:{one.pk}"
        grants.grant_role(who.actor, one.role, Grant.PERSON, subject, starts=moment, ends=ends, source=source)


def _refused(words: Words, code: str) -> Refused:
    return Refused(words, code=code, why={"code": code, "words": words.json()})
