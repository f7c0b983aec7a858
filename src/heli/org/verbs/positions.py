"""Positions: the jobs that roles reach people through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from heli.kernel.actor import Actor
from heli.kernel.errors import Conflict, NotFound
from heli.kernel.words import Words
from heli.org.models import Assignment, Person, Position
from heli.org.verbs import codes, told
from heli.org.verbs.change import Change, Problems, changing, text
from heli.org.verbs.change import code as clean_code


@dataclass(frozen=True, slots=True)
class NewPosition:
    """A position to be created; a code is made of its name where none is given."""

    name: str
    code: str = ""
    name_en: str = ""


def create_position(by: Actor, name: str, *, code: str = "", name_en: str = "") -> int:
    """A new position; returns its id. Raises Invalid for a bad name or code, Conflict for a taken code."""
    with changing(by) as change:
        return _create(change, [NewPosition(name, code, name_en)], Problems())[0]


def create_positions(by: Actor, rows: Sequence[NewPosition]) -> list[int]:
    """Many at once, all or none; returns the ids in the order of the rows."""
    with changing(by) as change:
        return _create(change, rows, Problems(batch=True))


def _create(change: Change, rows: Sequence[NewPosition], problems: Problems) -> list[int]:
    taken = {found.lower() for found in Position.objects.values_list("code", flat=True)}
    made: list[Position] = []
    for number, row in enumerate(rows):
        here = problems.row(number)
        name = text(here, "name", row.name, 200)
        name_en = text(here, "name_en", row.name_en, 200, required=False)
        code = clean_code(here, "code", row.code)
        if code and code.lower() in taken:
            here.conflict("code", "taken", Words(f"编码 {code} 已被使用", f"the code {code} is taken"))
        code = code or codes.free(name_en or name, taken, "p")
        taken.add(code.lower())
        made.append(Position(name=name, code=code, name_en=name_en))
    problems.check()
    Position.objects.bulk_create(made)
    for one in made:
        change.note("position.create", one.pk, after={"name": one.name, "name_en": one.name_en, "code": one.code})
    return [one.pk for one in made]


def rename_position(
    by: Actor, position: int, *, name: str | None = None, name_en: str | None = None, code: str | None = None
) -> None:
    """Change what a position is called; None leaves a value as it is.

    Raises NotFound; Invalid for a bad value; Conflict for a taken code.
    """
    with changing(by) as change:
        one = _get(position)
        problems = Problems()
        was = {"name": one.name, "name_en": one.name_en, "code": one.code}
        now = dict(was)
        if name is not None:
            now["name"] = text(problems, "name", name, 200)
        if name_en is not None:
            now["name_en"] = text(problems, "name_en", name_en, 200, required=False)
        if code is not None:
            now["code"] = clean_code(problems, "code", code)
            if code == "":
                problems.invalid("code", "required", Words("不能为空", "must not be empty"))
            elif Position.objects.exclude(pk=one.pk).filter(code__iexact=code).exists():
                problems.conflict("code", "taken", Words(f"编码 {code} 已被使用", f"the code {code} is taken"))
        problems.check()
        if now != was:
            Position.objects.filter(pk=one.pk).update(**now)
            change.note("position.rename", one.pk, was, now)
            change.tree()


_MOST_NAMED = 5


def close_position(by: Actor, position: int) -> None:
    """Close a position that nobody holds any more: nobody is assigned to it until it is opened again.

    Raises NotFound; Conflict when it is closed already, or (``held``) while people hold it, now or later, naming them.
    """
    with changing(by) as change:
        one = _get(position)
        if one.closed_at is not None:
            raise Conflict(Words("岗位已关闭", "the position is closed already"), code="closed")
        posts = Assignment.objects.filter(Q(ends=None) | Q(ends__gt=change.now), position=one)
        people = list(Person.objects.filter(pk__in=posts.values("person")).order_by("pk")[: _MOST_NAMED + 1])
        problems = Problems()
        if people:
            more = "…" if len(people) > _MOST_NAMED else ""
            some = "、".join(told.person(p) for p in people[:_MOST_NAMED]) + more
            words = Words(f"还有人担任这个岗位：{some}", f"people still hold this position: {some}")
            problems.conflict("position", "held", words)
        problems.check()
        _turn(change, one, "position.close", change.now)


def reopen_position(by: Actor, position: int) -> None:
    """Open a closed position again. Raises NotFound; Conflict when it is open."""
    with changing(by) as change:
        one = _get(position)
        if one.closed_at is None:
            raise Conflict(Words("岗位没有关闭", "the position is open"), code="open")
        _turn(change, one, "position.reopen", None)


def _get(position: int) -> Position:
    one = Position.objects.filter(pk=position).first()
    if one is None:
        raise NotFound()
    return one


def _turn(change: Change, one: Position, action: str, closed_at: datetime | None) -> None:
    Position.objects.filter(pk=one.pk).update(closed_at=closed_at)
    change.note(action, one.pk, {"closed_at": one.closed_at}, {"closed_at": closed_at})
