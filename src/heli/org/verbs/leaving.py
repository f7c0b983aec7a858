"""Going on leave, coming back, and leaving the company."""

from __future__ import annotations

from datetime import date, timedelta

from django.contrib.auth.hashers import make_password
from django.db.models import Q

from heli.kernel.actor import Actor
from heli.kernel.errors import Conflict
from heli.kernel.words import Words
from heli.org import spans, zone
from heli.org.models import Department, Person
from heli.org.tree import load_tree
from heli.org.verbs import assignments, departments, deputies, projects, told
from heli.org.verbs.change import Change, Problems, changing
from heli.org.verbs.people import get
from heli.org.verbs.reporting import Book


def give_notice(by: Actor, person: int, last_day: date | None) -> None:
    """Write down somebody's last day, or with None that they stay after all. They keep every right until they leave;
    what guards data is stricter with them from this moment.

    Raises NotFound; Conflict for who has left; Invalid for a day long past.
    """
    with changing(by) as change:
        one, problems = get(person), Problems()
        if one.status == Person.LEFT:
            raise Conflict(Words("此人已离职", "this person has left already"), code="left")
        if last_day is not None and last_day < zone.today() - timedelta(days=31):
            words = Words("最后工作日不应早于一个月前", "the last day lies more than a month back")
            problems.invalid("on", "past", words)
        problems.check()
        since = None if last_day is None else one.leaving_since or change.now
        was = {"leaving_on": one.leaving_on}
        Person.objects.filter(pk=person).update(leaving_on=last_day, leaving_since=since)
        change.note("person.give_notice", person, was, {"leaving_on": last_day})
        change.touch(person)


def put_on_leave(by: Actor, person: int) -> None:
    """The person is away for a time and keeps every post. Raises NotFound; Conflict unless they are active."""
    with changing(by) as change:
        _turn(change, get(person), "person.put_on_leave", Person.ACTIVE, Person.ON_LEAVE)


def back_from_leave(by: Actor, person: int) -> None:
    """The person is back. Raises NotFound; Conflict unless they are on leave."""
    with changing(by) as change:
        _turn(change, get(person), "person.back_from_leave", Person.ON_LEAVE, Person.ACTIVE)


def rehire(by: Actor, person: int) -> None:
    """Someone who left comes back, without post or password. Raises NotFound; Conflict unless they left."""
    with changing(by) as change:
        _turn(change, get(person), "person.rehire", Person.LEFT, Person.ACTIVE)


def leave(by: Actor, person: int, *, successor: int | None = None) -> None:
    """The person leaves the company now: assignments, reporting lines, project parts and deputies end, those yet to
    begin are cancelled, and the password becomes unusable, which ends every session.

    A ``successor`` takes over the departments that the person heads or oversees and the people who report to them;
    without one such people report to nobody. Raises NotFound; Invalid for a bad successor; Conflict when they have
    left already, or (``orphaned_departments``) head or oversee departments and no successor is given.
    """
    with changing(by) as change:
        one, problems = get(person), Problems()
        if one.status == Person.LEFT:
            raise Conflict(Words("此人已离职", "this person has left already"), code="left")
        _check_successor(problems, one, successor)
        led = list(Department.objects.filter(Q(head=one) | Q(overseer=one), closed_at=None).order_by("pk"))
        if led and successor is None:
            tree = load_tree()
            names = "、".join(tree.path(d.pk) for d in led[:5]) + ("…" if len(led) > 5 else "")
            words = Words(f"负责或分管 {names}，请先更换或指定接任者",
                          f"heads or oversees {names}: replace them first, or name a successor")  # fmt: skip
            problems.conflict("successor", "orphaned_departments", words)
        problems.check()
        if successor is not None:
            departments.hand_over(change, led, person, successor)
        _end_posts(change, person)
        _hand_over_reports(change, problems, person, successor)
        problems.check()
        was = {"status": one.status, "left_at": None}
        Person.objects.filter(pk=person).update(
            status=Person.LEFT, left_at=change.now, leaving_on=None, leaving_since=None, password=make_password(None)
        )
        now = {"status": Person.LEFT, "left_at": change.now, "successor": successor}
        change.note("person.leave", person, was, now)
        change.touch(person)


def _turn(change: Change, one: Person, action: str, expected: str, status: str) -> None:
    if one.status != expected:
        said = {
            Person.ACTIVE: Words("在职", "active"),
            Person.ON_LEAVE: Words("休假中", "on leave"),
            Person.LEFT: Words("已离职", "gone"),
        }[one.status]
        words = Words("此人目前{said}", "this person is {said} at present").fill(said=said)
        raise Conflict(words, code="wrong_status")
    Person.objects.filter(pk=one.pk).update(status=status, left_at=None)
    change.note(action, one.pk, {"status": one.status, "left_at": one.left_at}, {"status": status, "left_at": None})
    change.touch(one.pk)


def _check_successor(problems: Problems, one: Person, successor: int | None) -> None:
    if successor is None:
        return
    heir = Person.objects.filter(pk=successor).first()
    if heir is None or heir.pk == one.pk:
        problems.invalid("successor", "unknown", Words("没有这个人员，或就是本人", "no such person, or the same one"))
    elif heir.status != Person.ACTIVE or heir.kind == Person.SERVICE:
        name = told.person(heir)
        problems.invalid("successor", "not_active", Words(f"{name} 不是在职人员", f"{name} is not an active person"))


def _end_posts(change: Change, person: int) -> None:
    assignments.load(person).end_all(change)
    projects.load_person(person).end_all(change)
    deputies.load(Q(principal=person) | Q(deputy=person)).end_all(change)


def _hand_over_reports(change: Change, problems: Problems, person: int, successor: int | None) -> None:
    """Whoever reported to the leaver reports to the successor; who stands above the successor, or is the successor,
    moves up to the leaver's own manager, since a line to the successor would close a cycle."""
    book = Book(change.now)
    own = [(r.manager_id, spans.of(r)) for r in book.of(person)]
    below = [(r.person_id, spans.Span(max(r.starts, change.now), r.ends)) for r in book.to(person)]
    for row in (*book.of(person), *book.to(person)):
        book.cut(row, change.now)
    for one, during in below if successor is not None else ():
        assert successor is not None
        if book.way(successor, one, during) is None:
            book.draw(problems, one, successor, during)
            continue
        for upper, when in own:
            shared = during.common(when)
            if shared is not None:
                book.draw(problems, one, upper, shared)
    book.write(change)
