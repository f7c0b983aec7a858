"""related 关联: the account, or a declared sibling, of a record the viewer reaches through own, workitem or team."""

from __future__ import annotations

from heli.access.core.line import Atom, Reached
from heli.access.scopes.base import Carrier, Person, scope


@scope(
    "related", "关联", "related", rank=55, holders=lambda asked, parameter: asked.reach("related"), lends=True,
    fact_zh="你手上有它的一条关联记录", fact_en="you hold a record that belongs to it",
)  # fmt: skip
def related(person: Person, carrier: Carrier, parameter: str) -> tuple[Atom, ...]:
    return (Reached("related"),)
