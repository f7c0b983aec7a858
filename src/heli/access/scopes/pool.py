"""pool 公海: the record has no owner and lies in a pool of the carrying department, one above it, or the company's."""

from __future__ import annotations

from heli.access.core.line import Atom, Keys
from heli.access.scopes.base import EVERYONE, Carrier, Holders, Inverse, Person, scope

COMPANY = "all"
"""The pool open to everyone whose role names the scope."""


def pool_of(department: int) -> str:
    """Name of a department's pool, as ``pool_id`` holds it."""
    return f"d{department}"


def _holders(asked: Inverse, parameter: str) -> Holders:
    if asked.row is None or asked.row["pool_id"] == COMPANY:
        return EVERYONE
    number = (asked.row["pool_id"] or "").removeprefix("d")
    return Holders(departments=asked.tree.below(int(number)) if number.isdecimal() else frozenset())


@scope(
    "pool",
    "公海",
    "pool",
    rank=65,
    holders=_holders,
    fact_zh="它在你的公海里，没有负责人",
    fact_en="it lies in your pool without an owner",
)
def pool(person: Person, carrier: Carrier, parameter: str) -> tuple[Atom, ...]:
    above = person.tree.above(carrier.department) if carrier.department is not None else ()
    return (Keys("pool_id", frozenset({COMPANY, *(pool_of(d) for d in above)})),)
