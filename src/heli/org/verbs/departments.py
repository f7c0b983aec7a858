"""Changing the department tree. It is adjacency only: a move writes one row."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from heli.kernel.actor import Actor
from heli.kernel.errors import NotFound
from heli.kernel.words import Words
from heli.org.models import Assignment, Department, Person
from heli.org.verbs import codes, told
from heli.org.verbs.change import Change, Problems, changing, code, text

_FUNCTION = re.compile(r"[a-z][a-z0-9_-]{0,31}\Z")
_FIELDS = ("name", "name_en", "code", "function", "parent_id", "head_id", "overseer_id", "closed_at")


@dataclass(frozen=True, slots=True)
class NewDepartment:
    """A department to be created. ``parent`` is an id, or the code of one that exists or stands earlier among them."""

    name: str
    parent: int | str | None = None
    code: str = ""
    name_en: str = ""
    function: str = ""
    head: int | None = None
    overseer: int | None = None


def create_department(
    by: Actor,
    name: str,
    parent: int | str | None = None,
    *,
    code: str = "",
    name_en: str = "",
    function: str = "",
    head: int | None = None,
    overseer: int | None = None,
) -> int:
    """A new department below ``parent`` (None: at the top); returns its id. A code is made where none is given.

    Raises Invalid for a bad name, code or function, an unknown or closed parent, a head or overseer who is no
    active person; Conflict where the code, or the name below this parent, is taken.
    """
    row = NewDepartment(name, parent, code, name_en, function, head, overseer)
    with changing(by) as change:
        return _create(change, [row], Problems())[0]


def create_departments(by: Actor, rows: Sequence[NewDepartment]) -> list[int]:
    """Many at once, all or none; returns the ids in the order of the rows. Raises as ``create_department`` does,
    with every place."""
    with changing(by) as change:
        return _create(change, rows, Problems(batch=True))


def _create(change: Change, rows: Sequence[NewDepartment], problems: Problems) -> list[int]:
    existing = {d.pk: d for d in Department.objects.all()}
    by_code = {d.code.lower(): d for d in existing.values()}
    taken = set(by_code)
    # Names are taken below a parent, which may be one that this batch makes and that has no id yet.
    names = {(id(existing.get(d.parent_id or 0)), d.name) for d in existing.values() if d.closed_at is None}
    leaders = leaders_of(x for r in rows for x in (r.head, r.overseer))
    made: list[Department] = []
    levels: dict[int, int] = {}
    for number, row in enumerate(rows):
        here = problems.row(number)
        one = Department(
            name=text(here, "name", row.name, 200),
            name_en=text(here, "name_en", row.name_en, 200, required=False),
            code=code(here, "code", row.code),
            function=_function(here, row.function),
            head=_leader(here, "head", row.head, leaders),
            overseer=_leader(here, "overseer", row.overseer, leaders),
        )
        one.parent = _parent(here, row.parent, existing, by_code)
        if one.code.lower() in taken and one.code:
            here.conflict("code", "taken", Words(f"编码 {one.code} 已被使用", f"the code {one.code} is taken"))
        one.code = one.code or codes.free(one.name, taken, "d")
        if (id(one.parent), one.name) in names:
            _name_taken(here, one.name)
        names.add((id(one.parent), one.name))
        taken.add(one.code.lower())
        by_code.setdefault(one.code.lower(), one)
        levels[id(one)] = levels.get(id(one.parent), -1) + 1
        made.append(one)
    problems.check()
    by_level: dict[int, list[Department]] = defaultdict(list)
    for one in made:
        by_level[levels[id(one)]].append(one)
    for level in sorted(by_level):
        Department.objects.bulk_create(by_level[level])
    for one in made:
        change.note("department.create", one.pk, after=_told(one))
    if made:
        change.tree()
    return [one.pk for one in made]


def rename_department(
    by: Actor,
    department: int,
    *,
    name: str | None = None,
    name_en: str | None = None,
    code: str | None = None,
    function: str | None = None,
) -> None:
    """Change what a department is called; None leaves a value as it is.

    Raises NotFound, Invalid, and Conflict where the name or code is taken.
    """
    with changing(by) as change:
        one, problems = get(department), Problems()
        was = _told(one)
        if name is not None:
            one.name = text(problems, "name", name, 200)
        if name_en is not None:
            one.name_en = text(problems, "name_en", name_en, 200, required=False)
        if code is not None:
            one.code = _new_code(problems, code)
        if function is not None:
            one.function = _function(problems, function)
        others = Department.objects.exclude(pk=one.pk)
        if others.filter(code__iexact=one.code).exists():
            problems.conflict("code", "taken", Words(f"编码 {one.code} 已被使用", f"the code {one.code} is taken"))
        if others.filter(parent=one.parent, name=one.name, closed_at=None).exists():
            _name_taken(problems, one.name)
        problems.check()
        _save(change, "department.rename", one, was)


def move_department(by: Actor, department: int, parent: int | None) -> None:
    """Hang a department with everything below it under another one (None: at the top). Writes one row.

    Raises NotFound; Invalid for an unknown or closed parent; Conflict (``cycle``) when the new parent lies
    below it, with the path, or when it has a department of this name already.
    """
    with changing(by) as change:
        one, problems = get(department), Problems()
        was = _told(one)
        above = {pk: (up, name) for pk, up, name in Department.objects.values_list("pk", "parent_id", "name")}
        if parent is not None and parent not in above:
            _no_parent(problems, parent)
            problems.check()
        path: list[str] = []
        here = parent
        while here is not None:
            up, name = above[here]
            path.append(name)
            if here == department:
                way = " / ".join(reversed(path))
                problems.conflict(
                    "parent",
                    "cycle",
                    Words(f"不能移到自己或自己的下级之下：{way}", f"cannot move below itself: {way}"),
                )
                problems.check()
            here = up
        one.parent = None if parent is None else Department.objects.get(pk=parent)
        if one.parent is not None and one.parent.closed_at is not None:
            _no_parent(problems, parent)
        if Department.objects.exclude(pk=one.pk).filter(parent=one.parent, name=one.name, closed_at=None).exists():
            _name_taken(problems, one.name)
        problems.check()
        _save(change, "department.move", one, was)


def set_head(by: Actor, department: int, person: int | None) -> None:
    """Who heads a department; None: nobody. Raises NotFound; Invalid when it is no active person."""
    set_heads(by, {department: person}, _batch=False)


def set_heads(by: Actor, heads: Mapping[int, int | None], *, _batch: bool = True) -> None:
    """Many heads at once, ``{department: person}``, all or none; places begin with the department's id."""
    _set_leaders(by, "head", heads, batch=_batch)


def set_overseer(by: Actor, department: int, person: int | None) -> None:
    """The leader who oversees a department (分管); None: nobody. Raises NotFound; Invalid for no active person."""
    _set_leaders(by, "overseer", {department: person}, batch=False)


def set_overseers(by: Actor, overseers: Mapping[int, int | None]) -> None:
    """Many overseeing leaders at once, ``{department: person}``, all or none."""
    _set_leaders(by, "overseer", overseers, batch=True)


def _set_leaders(by: Actor, role: str, wanted: Mapping[int, int | None], *, batch: bool) -> None:
    with changing(by) as change:
        problems = Problems(batch=batch)
        leaders = leaders_of(wanted.values())
        known = Department.objects.in_bulk(list(wanted))
        done: list[tuple[Department, dict[str, Any]]] = []
        for pk, person in wanted.items():
            one = known.get(pk)
            if one is None or one.closed_at is not None:
                if not batch:
                    raise NotFound()
                problems.row(pk).invalid("department", "unknown", Words("没有这个部门", "no such department"))
                continue
            was = _told(one)
            setattr(one, role, _leader(problems.row(pk), role, person, leaders))
            done.append((one, was))
        problems.check()
        for one, was in done:
            _save(change, f"department.set_{role}", one, was)


def hand_over(change: Change, led: Iterable[Department], person: int, successor: int) -> None:
    """Where the person heads or oversees these departments, the successor, known to be fit, does from now on."""
    for one in led:
        for role in ("head", "overseer"):
            if getattr(one, f"{role}_id") == person:
                was = _told(one)
                setattr(one, f"{role}_id", successor)
                _save(change, f"department.set_{role}", one, was)


def close_department(by: Actor, department: int) -> None:
    """Close a department that nobody works in any more; its row stays for history.

    Whether records or flows still stand in it is the caller's to check. Raises NotFound; Conflict while it has
    open departments below it or people, now or later.
    """
    with changing(by) as change:
        one, problems = get(department), Problems()
        children = list(Department.objects.filter(parent=one, closed_at=None).values_list("name", flat=True)[:6])
        if children:
            some = "、".join(children[:5]) + ("…" if len(children) > 5 else "")
            problems.conflict(
                "department", "has_departments", Words(f"还有下级部门：{some}", f"still has departments: {some}")
            )
        posts = Assignment.objects.filter(Q(ends=None) | Q(ends__gt=change.now), department=one)
        people = list(Person.objects.filter(pk__in=posts.values("person")).order_by("pk")[:6])
        if people:
            some = "、".join(told.person(p) for p in people[:5]) + ("…" if len(people) > 5 else "")
            problems.conflict("department", "has_people", Words(f"还有人员：{some}", f"still has people: {some}"))
        problems.check()
        was = _told(one)
        one.closed_at = change.now
        _save(change, "department.close", one, was)


def reopen_department(by: Actor, department: int, parent: int | None) -> None:
    """Open a closed department again, below ``parent``.

    Raises NotFound, Invalid for an unknown or closed parent, Conflict where its name is taken there.
    """
    with changing(by) as change:
        one, problems = Department.objects.filter(pk=department, closed_at__isnull=False).first(), Problems()
        if one is None:
            raise NotFound()
        was = _told(one)
        one.parent = _parent(problems, parent, Department.objects.in_bulk([parent] if parent is not None else []), {})
        if Department.objects.filter(parent=one.parent, name=one.name, closed_at=None).exists():
            _name_taken(problems, one.name)
        problems.check()
        one.closed_at = None
        _save(change, "department.reopen", one, was)


def get(department: int) -> Department:
    """The open department; NotFound when there is none."""
    one = Department.objects.filter(pk=department, closed_at=None).first()
    if one is None:
        raise NotFound()
    return one


def leaders_of(ids: Iterable[int | None]) -> dict[int, Person]:
    return Person.objects.in_bulk({pk for pk in ids if pk is not None})


def _leader(problems: Problems, place: str, pk: int | None, known: Mapping[int, Person]) -> Person | None:
    """The person, when they may lead: active, and no service account."""
    if pk is None:
        return None
    person = known.get(pk)
    if person is None:
        problems.invalid(place, "unknown", Words("没有这个人员", "no such person"))
    elif person.status != Person.ACTIVE or person.kind == Person.SERVICE:
        name = told.person(person)
        problems.invalid(place, "not_active", Words(f"{name} 不是在职人员", f"{name} is not an active person"))
    else:
        return person
    return None


def _parent(
    problems: Problems, wanted: int | str | None, existing: Mapping[int, Department], by_code: Mapping[str, Department]
) -> Department | None:
    if wanted is None:
        return None
    found = existing.get(wanted) if isinstance(wanted, int) else by_code.get(wanted.lower())
    if found is None or found.closed_at is not None:
        _no_parent(problems, wanted)
        return None
    return found


def _no_parent(problems: Problems, wanted: object) -> None:
    words = Words(f"没有上级部门 {wanted}，或已关闭", f"no parent department {wanted}, or it is closed")
    problems.invalid("parent", "unknown", words)


def _name_taken(problems: Problems, name: str) -> None:
    words = Words(f"上级部门下已有部门“{name}”", f"there is a department “{name}” below this parent already")
    problems.conflict("name", "taken", words)


def _new_code(problems: Problems, wanted: str) -> str:
    found = code(problems, "code", wanted)
    if wanted == "":
        problems.invalid("code", "required", Words("不能为空", "must not be empty"))
    return found


def _function(problems: Problems, value: object) -> str:
    if value == "" or (isinstance(value, str) and _FUNCTION.match(value)):
        return str(value)
    problems.invalid(
        "function", "pattern", Words("职能由小写字母开头的编码表示", "a function is a lower-case code such as sales")
    )
    return ""


def _told(one: Department) -> dict[str, Any]:
    return {name.removesuffix("_id"): getattr(one, name) for name in _FIELDS}


def _save(change: Change, action: str, one: Department, was: dict[str, Any]) -> None:
    now = _told(one)
    changed = {k: v for k, v in now.items() if was[k] != v}
    if changed:
        Department.objects.filter(pk=one.pk).update(**changed)
        change.note(action, one.pk, was, now)
        change.tree()
