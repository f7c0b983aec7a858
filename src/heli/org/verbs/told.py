"""How people, departments and spans of time are named in a refusal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from heli.kernel.words import Words
from heli.org.models import Department, Person, Position
from heli.org.spans import Spanned
from heli.org.zone import company_zone


def person(one: Person) -> str:
    return f"{one.display_name}({one.username})"


def people(ids: Iterable[int]) -> str:
    """Names joined as a way: ``王伟(wang.wei) → 李娜(li.na)``."""
    wanted = list(ids)
    known = Person.objects.in_bulk(set(wanted))
    return " → ".join(person(known[pk]) for pk in wanted if pk in known)


def moment(at: datetime) -> str:
    """The day in the company's zone, with the minute where it is not midnight."""
    here = at.astimezone(company_zone())
    midnight = not (here.hour or here.minute or here.second or here.microsecond)
    return f"{here:%Y-%m-%d}" if midnight else f"{here:%Y-%m-%d %H:%M}"


def span(row: Spanned) -> Words:
    starts = moment(row.starts)
    if row.ends is None:
        return Words(f"{starts} 起", f"from {starts}")
    ends = moment(row.ends)
    return Words(f"{starts} 至 {ends}", f"{starts} to {ends}")


def post(row: Spanned, department: int, position: int | None) -> Words:
    """``华东一组 · 销售代表（2025-01-01 起）``."""
    name = Department.objects.values_list("name", flat=True).get(pk=department)
    if position is not None:
        name += f" · {Position.objects.values_list('name', flat=True).get(pk=position)}"
    when = span(row)
    return Words(f"{name}（{when.zh}）", f"{name} ({when.en})")
