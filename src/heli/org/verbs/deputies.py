"""Who stands in for whom, between two moments. Standing in never runs in a circle."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from heli.kernel.actor import Actor
from heli.kernel.errors import NotFound
from heli.kernel.words import Words
from heli.org import spans
from heli.org.models import Deputy, Person
from heli.org.verbs import told
from heli.org.verbs.change import Problems, changing, span, text
from heli.org.verbs.ledger import Ledger


def set_deputy(by: Actor, principal: int, deputy: int, *, starts: datetime, ends: datetime, flow: str = "") -> int:
    """The deputy acts for the principal from ``starts`` until ``ends``, in all processes or in the one whose code is
    ``flow``; returns the id.

    Raises NotFound for an unknown principal; Invalid for an unknown deputy, oneself, or a span that ends before it
    starts; Conflict when one of the two has left or is a service account, when another deputy stands in for the
    same at that time, or when standing in would run in a circle (``cycle``, with the way).
    """
    with changing(by) as change:
        problems = Problems()
        people = Person.objects.in_bulk([principal, deputy])
        if principal not in people:
            raise NotFound()
        for place, pk in (("principal", principal), ("deputy", deputy)):
            _may_deputise(problems, place, people.get(pk))
        if principal == deputy:
            problems.invalid("deputy", "self", Words("不能代理自己", "nobody is their own deputy"))
        flow = text(problems, "flow", flow, 64, required=False)
        span(problems, starts, ends, bounded=True)
        problems.check()
        row = Deputy(principal_id=principal, deputy_id=deputy, starts=starts, ends=ends, flow=flow)
        ledger = load(Q(ends__gt=starts, starts__lt=ends))
        for other in ledger:
            if other.principal_id == principal and other.flow == flow:
                name = told.person(Person.objects.get(pk=other.deputy_id))
                words = Words("这段时间已由 {name} 代理（{when}）", "{name} stands in at that time already ({when})")
                problems.conflict("starts", "overlap", words.fill(name=name, when=told.span(other)))
                problems.check()
        _refuse_circle(problems, row, list(ledger))
        problems.check()
        ledger.add(row)
        ledger.write(change)
        return row.pk


def end_deputy(by: Actor, deputy: int, *, at: datetime | None = None) -> None:
    """End a deputy's time (its id) at a moment (None: now); one that has not begun is cancelled.

    Raises NotFound when there is none that lasts until then.
    """
    with changing(by) as change:
        moment = at or change.now
        problems = Problems()
        span(problems, moment, None)
        problems.check()
        ledger = load(Q(pk=deputy, ends__gt=moment))
        row = ledger.get(deputy)
        if row is None:
            raise NotFound()
        ledger.cut(row, moment)
        ledger.write(change)


def load(which: Q) -> Ledger[Deputy]:
    rows = Deputy.objects.filter(which).order_by("starts", "pk")
    return Ledger("deputy", rows, lambda r: (r.principal_id, r.deputy_id))


def _may_deputise(problems: Problems, place: str, person: Person | None) -> None:
    if person is None:
        problems.invalid(place, "unknown", Words("没有这个人员", "no such person"))
    elif person.status == Person.LEFT:
        problems.conflict(place, "left", Words(f"{told.person(person)} 已离职", f"{told.person(person)} has left"))
    elif person.kind == Person.SERVICE:
        words = Words("服务账号不能代理，也不能被代理", "a service account neither has nor is a deputy")
        problems.conflict(place, "service_account", words)


def _refuse_circle(problems: Problems, row: Deputy, others: list[Deputy]) -> None:
    """A circle within one process: what is said for that process and what is said for all count together."""
    flows = {row.flow} if row.flow else {"", *(o.flow for o in others)}
    for flow in sorted(flows):
        mine = [o for o in others if o.flow in {"", flow}]
        found = spans.chain(
            row.deputy_id,
            row.principal_id,
            spans.of(row),
            lambda pk, mine=mine: [(o.deputy_id, spans.of(o)) for o in mine if o.principal_id == pk],  # type: ignore[misc]  # a bound default has no type
        )
        if found is not None:
            way, day = told.people((row.principal_id, *found[0])), told.moment(found[1])
            words = Words(f"{day} 起代理会形成循环：{way}", f"from {day} standing in would run in a circle: {way}")
            problems.conflict("deputy", "cycle", words)
            return
