"""What somebody holds of a record by themselves, and until when: nobody lends more, in any direction.

By themselves means without what leads to the record for a while (team, workitem, relation, another loan): whatever was lent
is not lent on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from heli.access import epoch
from heli.access import view as views
from heli.access.core.decide import TypeRights
from heli.access.core.depends import Told, both_ways
from heli.access.core.line import REACH, Level, Source
from heli.access.facts import Facts
from heli.access.rules import parse_lines
from heli.access.scopes import Carrier
from heli.access.view import View
from heli.kernel import clock
from heli.kernel.words import Words
from heli.lending.terms import Terms, lines, right_of, writable
from heli.org.models import Person, ReportingLine
from heli.org.tree import Tree, load_tree, valid
from heli.records import readers
from heli.records.reasons import action_words
from heli.records.sight import row_facts
from heli.records.types import ObjectType

Row = Mapping[str, Any]
MOST_EDGES = 64
"""Changes of one person's rights that are looked at ahead; whoever has more lends until the last of them."""

SHARE = Words("你不能借出这条记录", "you may not lend this record")
CELL = Words("你自己看不到「{field}」的完整内容", "you do not read “{field}” in full yourself")
WRITE = Words("你自己不能修改「{field}」", "you may not change “{field}” yourself")
CEILING = Words(
    "公司上限不让借用人看到或编辑「{field}」，借出也不会生效：{ceiling}",
    "a company ceiling keeps the borrower from “{field}”, lending it would give nothing: {ceiling}",
)
RECORD = Words(
    "公司上限不让借用人接触这条记录，借出也不会生效：{ceiling}",
    "a company ceiling keeps the borrower from this record, lending it would give nothing: {ceiling}",
)
RECORD_HELP = Words(
    "{ceiling}；借出不会越过这个上限。先把借用人加入这条记录的团队或项目，就可以借",
    "{ceiling}; a loan goes no further. Take the borrower into the record's team or its project first, then it can be lent",
)
WITHOUT = Words("借出也不会让借用人看到或编辑「{field}」", "lending “{field}” would give the borrower nothing")
ACT = Words("你自己不能「{action}」", "you may not “{action}” yourself")


def alone(row: Row) -> dict[str, Any]:
    """The record's facts without any way that leads to it for a while."""
    return row_facts({k: v for k, v in row.items() if k != REACH}, frozenset())


def lacking(view: View, kind: ObjectType, row: Row, terms: Terms) -> Words | None:
    """What somebody with this view lacks to lend this; None when they hold all of it."""
    rights, facts = view.type(kind.code), alone(row)
    if rights is None or not rights.decide("share", facts).allowed:
        return SHARE
    if not rights.decide("read", facts).allowed:
        return SHARE
    for code in terms.fields:
        if rights.level(code, facts) < Level.READ:
            return CELL.fill(field=kind.fields[code].words)
        if terms.action == "edit" and writable(kind, code) and not rights.decide_field("edit", code, facts).allowed:
            return WRITE.fill(field=kind.fields[code].words)
    if terms.action not in ("read", "edit") and not rights.decide(right_of(kind, terms.action), facts).allowed:
        return ACT.fill(action=action_words(kind, terms.action))
    return None


def readable(view: View, kind: ObjectType, row: Row) -> frozenset[str]:
    """The cells that somebody reads in full by themselves."""
    rights, facts = view.type(kind.code), alone(row)
    if rights is None:
        return frozenset()
    return frozenset(code for code in kind.fields if rights.level(code, facts) == Level.READ)


def lasts(
    view: View, kind: ObjectType, row: Row, terms: Terms, end: datetime, role: str = "", facts: Facts | None = None
) -> datetime | None:
    """Until when somebody holds all of it, as far as is known today: ``end`` at the latest; None when not even now.

    facts: what the view was built from, where that is at hand.
    """
    moment = clock.now()
    person = view.person
    for _ in range(MOST_EDGES):
        if lacking(view, kind, row, terms) is not None:
            return None if moment <= clock.now() else moment
        if person is None or view.until is None or view.until >= end:
            return end
        moment = view.until
        fresh = views.build(person, view.stamp, moment, facts)
        view = fresh.limited_to(role) if role else fresh
    return moment


# -- who could lend -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Above:
    """Who stands above whom: everybody's manager, and the tree with its heads and overseers."""

    managers: Mapping[int, int]
    tree: Tree

    @staticmethod
    def load(tree: Tree | None = None) -> Above:
        lines = ReportingLine.objects.filter(valid(clock.now())).values_list("person_id", "manager_id")
        return Above(dict(lines), tree or load_tree())


def line_up(kind: ObjectType, row: Row, tree: Tree | None = None, above: Above | None = None) -> list[int]:
    """The record's owner, then up their reporting line, then heads and overseers up its department.

    above: who stands above whom, where it is at hand.
    """
    known = above or Above.load(tree)
    found: list[int] = []
    owner = row.get("owner_id")
    if owner is not None:
        found.append(owner)
        one = known.managers.get(owner) or _last_manager(owner)
        while one is not None and one not in found:
            found.append(one)
            one = known.managers.get(one)
    for place in known.tree.above(row.get("department_id") or 0):
        node = known.tree.nodes[place]
        found += [who for who in (node.head, node.overseer) if who is not None]
    return list(dict.fromkeys(found))


def _last_manager(person: int) -> int | None:
    """Whom somebody reported to last: of who has left, their records still go up that line."""
    lines = ReportingLine.objects.filter(person_id=person, ends__isnull=False).order_by("-ends", "-pk")
    return lines.values_list("manager_id", flat=True).first()


def lenders(
    kind: ObjectType, row: Row, terms: Terms, but: Iterable[int | None], above: Above | None = None
) -> Iterator[int]:
    """Those in the line who are at work and could lend it now, nearest first."""
    asked = [one for one in line_up(kind, row, above=above) if one not in set(but)]
    here = set(Person.objects.filter(pk__in=asked, status=Person.ACTIVE).values_list("pk", flat=True))
    stamps = epoch.current_of(asked) if asked else {}
    for one in asked:
        if one in here and lacking(views.of(one, stamps[one]), kind, row, terms) is None:
            yield one


def knowable(kind: ObjectType, row: Row, lender: int, told: Told) -> bool:
    """Whether it follows from what somebody may know of the record (``told``) that it is the turn of this one: neither they nor anybody
    nearer in the line could lend it, or not, by what a cell holds that may not be told of."""
    for one in line_up(kind, row):
        rights = views.of(one).type(kind.code)
        if rights is not None and both_ways(rights, told)[0] is not rights:
            return False
        if one == lender:
            return True
    return False


# -- what the borrower gains ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Gain:
    """One cell before and with the loan: ``hidden``, ``masked``, ``read`` or ``edit``."""

    field: str
    now: str
    then: str


def seen_by(view: View, kind: ObjectType, row: Row) -> bool:
    """Whether somebody sees the record now, in whatever way."""
    rights = view.type(kind.code)
    return rights is not None and rights.decide("read", reached(view, kind, row)).allowed


def reached(view: View, kind: ObjectType, row: Row, *more: tuple[str, str]) -> dict[str, Any]:
    """The record's facts with the ways that lead this person to it."""
    ways = readers.reached_by(kind, row).get(view.person or 0, frozenset())
    return row_facts({k: v for k, v in row.items() if k != REACH}, ways | frozenset(more))


def gains(view: View, kind: ObjectType, row: Row, terms: Terms) -> list[Gain]:
    """What this person sees of each cell now and would see with the loan, under their own ceilings."""
    rights = view.type(kind.code)
    before = reached(view, kind, row)
    after = reached(view, kind, row, ("record", "new"))
    wider = with_loan(view, kind, terms)
    return [
        Gain(code, _word(rights, code, before) if rights is not None else "hidden", _word(wider, code, after))
        for code in kind.fields
    ]


def with_loan(view: View, kind: ObjectType, terms: Terms) -> TypeRights:
    """The person's rights on the type with the loan's lines (reached by the tag ``new``), under their ceilings."""
    bare = view.bare(kind.code)
    source = Source(0, "", Words("", ""), 0, Words("", ""))
    if view.asked is None:
        return bare
    more = [views.hold(line, source, view.asked, Carrier()) for line in parse_lines(lines(kind, terms, "new"))]
    return TypeRights(bare.shape, (*bare.lines, *more), bare.ceilings)


def blocked(view: View | None, kind: ObjectType, row: Row, terms: Terms, gains: Sequence[Gain]) -> Words | None:
    """What keeps a loan from giving this person what it says: the ceiling that lies over them; None when nothing does."""
    if view is None:
        return None
    then = {gain.field: gain.then for gain in gains}
    for code in terms.fields:
        enough = ("edit",) if terms.action == "edit" and _written(kind, code) else ("read", "edit")
        if then and then[code] not in enough:
            return _over(view, kind, row, terms, code)
    return None


def _over(view: View, kind: ObjectType, row: Row, terms: Terms, code: str) -> Words:
    """The words for the ceiling that bounds a cell, and for what would help where it bounds the whole record."""
    wider, facts = with_loan(view, kind, terms), reached(view, kind, row, ("record", "new"))
    bounds = [(c, "read") for c in wider.bounds("read")]
    bounds += [(c, "edit") for c in wider.bounds("edit")] if terms.action == "edit" else []
    one, data_class = kind.fields[code], kind.fields[code].data_class
    for ceiling, action in bounds:
        lines = ceiling.covering(action)
        held = [h for h in lines if h.holds(facts)]
        if not held:
            helps = any(scope.partition(":")[0] in ("team", "project") for h in lines for scope in h.line.scopes)
            return (RECORD_HELP if helps else RECORD).fill(ceiling=ceiling.words)
        if action == "read" and max(h.line.level(code, data_class) for h in held) < Level.READ:
            return CEILING.fill(field=one.words, ceiling=ceiling.words)
        if action == "edit" and not any(h.line.may_write(code) for h in held):
            return CEILING.fill(field=one.words, ceiling=ceiling.words)
    return WITHOUT.fill(field=one.words)


def _written(kind: ObjectType, code: str) -> bool:
    return writable(kind, code) and not kind.shape().fields[code].key


def _word(rights: TypeRights, code: str, facts: Row) -> str:
    if not rights.decide("read", facts).allowed:
        return "hidden"
    level = rights.level(code, facts)
    if level == Level.READ and rights.decide_field("edit", code, facts).allowed:
        return "edit"
    return level.name.lower()


def employed(person: int) -> bool:
    """Whether the person has not left."""
    return Person.objects.filter(pk=person).exclude(status=Person.LEFT).exists()
