"""Finding what someone means by a text: a person, a department, a position."""

from __future__ import annotations

from collections.abc import Sequence

from heli.kernel.errors import Invalid, Problem
from heli.kernel.words import Words
from heli.org.models import Department, Person, Position
from heli.org.tree import load_tree

_MOST_NAMED = 5
_LONGEST = 254


def find_person(text: str, *, place: str = "person") -> int:
    """The id of the person with this user name, e-mail or display name, tried in this order.

    A display name that several bear means the one who has not left. Raises Invalid, at ``place``, when nobody
    or more than one is meant.
    """
    wanted = _storable(text)
    for by in ("username__iexact", "email__iexact", "display_name", "display_name__iexact"):
        found = list(Person.objects.filter(**{by: wanted}).order_by("pk")) if wanted else []
        here = [p for p in found if p.status != Person.LEFT] or found
        if len(here) == 1:
            return here[0].pk
        if here:
            raise _ambiguous(place, wanted, [p.username for p in here])
    raise _unknown(place, wanted, Words("人员", "person"))


def find_department(text: str, *, place: str = "department") -> int:
    """The id of the open department with this id, code or name.

    Raises Invalid, at ``place``, when there is none or more than one is meant (a name that is borne twice; digits
    that are one department's id and another's code).
    """
    wanted = _storable(text)
    open_ones = Department.objects.filter(closed_at=None)
    found = set(open_ones.filter(code__iexact=wanted).values_list("pk", flat=True)) if wanted else set()
    number = _id(wanted)
    if number is not None:
        found |= set(open_ones.filter(pk=number).values_list("pk", flat=True))
    if wanted and not found:
        found = set(open_ones.filter(name=wanted).values_list("pk", flat=True)) or set(
            open_ones.filter(name_en__iexact=wanted).values_list("pk", flat=True)
        )
    if len(found) == 1:
        return found.pop()
    if found:
        tree = load_tree()
        raise _ambiguous(place, wanted, [f"{tree.path(pk)} ({tree.nodes[pk].code})" for pk in sorted(found)])
    raise _unknown(place, wanted, Words("部门", "department"))


def find_position(text: str, *, place: str = "position") -> int:
    """The id of the open position with this id, code or name. Raises Invalid, at ``place``, as ``find_department`` does."""
    wanted = _storable(text)
    open_ones = Position.objects.filter(closed_at=None)
    found = list(open_ones.filter(code__iexact=wanted)) if wanted else []
    number = _id(wanted)
    if number is not None:
        found += [p for p in open_ones.filter(pk=number) if p not in found]
    if wanted and not found:
        found = list(open_ones.filter(name=wanted)) or list(open_ones.filter(name_en__iexact=wanted))
    if len(found) == 1:
        return found[0].pk
    if found:
        raise _ambiguous(place, wanted, [f"{p.name} ({p.code})" for p in found])
    raise _unknown(place, wanted, Words("岗位", "position"))


def _storable(text: str) -> str:
    """The text as both databases can be asked for it: no NUL, no half surrogate."""
    return text.strip()[:_LONGEST].encode("utf-8", "replace").decode().replace("\0", "\ufffd")


def _id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _ambiguous(place: str, wanted: str, names: Sequence[str]) -> Invalid:
    some = ", ".join(names[:_MOST_NAMED]) + (" …" if len(names) > _MOST_NAMED else "")
    words = Words(f"“{wanted}”不唯一：{some}", f"“{wanted}” is ambiguous: {some}")
    return Invalid(Problem(place, "ambiguous", words), code="ambiguous")


def _unknown(place: str, wanted: str, kind: Words) -> Invalid:
    words = Words(f"没有{kind.zh}“{wanted}”", f"no {kind.en} “{wanted}”")
    return Invalid(Problem(place, "unknown", words), code="unknown")
