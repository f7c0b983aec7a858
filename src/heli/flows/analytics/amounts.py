"""Up to which amount a step might be passed by: what the records of cases say that were never sent back."""

from __future__ import annotations

from decimal import Decimal

from heli.flows.analytics.source import Source
from heli.flows.core.definition import Definition, Node
from heli.flows.looking import value_of
from heli.flows.mining.log import REJECTED
from heli.flows.mining.suggest import ENOUGH
from heli.records import readers
from heli.records.fields.money import Money
from heli.records.types import TYPES, ObjectType

DIGITS = 2
"""Of an amount that is proposed: the rest is rounded down."""


def bound(source: Source, activity: int) -> dict[str, float]:
    """By ``below.FIELD`` an amount, and of how many cases (``clean``): half of those that nobody ever sent back are below it, and none of
    those that somebody did. Only what who looks reads is counted; nothing of fewer than enough."""
    scope, definition = source.scope, source.definition
    kind = TYPES.get(definition.subject.type) if definition is not None and definition.subject is not None else None
    place = definition.places.get(source.log.activities[activity]) if definition is not None else None
    if scope is None or kind is None or definition is None or place is None:
        return {}
    one = None if _stays(definition, place) else _amount(kind, definition.nodes[place])
    if one is None:
        return {}
    log = source.measures.past
    passed = set(log.case[log.activity == activity].tolist())
    back = set(log.case[log.outcome == REJECTED].tolist())
    record = {at: source.cases[at].record for at in passed}
    read = scope.reading(kind.code, list(record.values()), frozenset({one.code}))
    rows = readers.rows_of(kind, sorted(read))
    amount = {key: value for key, row in rows.items() if isinstance(value := value_of(one, row[one.column]), Decimal)}
    clean = sorted(amount[record[at]] for at in passed - back if record[at] in amount)
    sent = [amount[record[at]] for at in passed & back if record[at] in amount]
    if len(clean) < ENOUGH:
        return {}
    found = _round(min(clean[len(clean) // 2], *sent) if sent else clean[len(clean) // 2])
    return {f"below.{one.code}": float(found), "clean": float(len(clean))} if found > 0 else {}


def _stays(definition: Definition, place: int) -> bool:
    """Whether there can be no way past a step: it does an act in its holder's name, or is a side of a hand-off."""
    node = definition.nodes[place]
    handed = [one.task.handoff for one in definition.nodes if one.task is not None and one.task.handoff is not None]
    own = node.task is not None and node.task.handoff is not None
    return node.does is not None or own or any(one.source == node.id for one in handed)


def _amount(kind: ObjectType, node: Node) -> Money | None:
    """The amount that its people are shown, else the record's first."""
    money = [one for one in kind.fields.values() if isinstance(one, Money)]
    shown = node.task.form.show if node.task is not None else ()
    return next((one for one in money if one.code in shown), money[0] if money else None)


def _round(amount: Decimal) -> Decimal:
    """Down to two figures."""
    if amount <= 0:
        return Decimal(0)
    step = Decimal(10) ** max(amount.adjusted() - DIGITS + 1, 0)
    return amount // step * step
