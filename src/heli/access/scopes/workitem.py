"""workitem 待办: an open workitem of the viewer is about the record. The parameter names the node that grants it."""

from __future__ import annotations

from heli.access.core.line import Atom, Reached
from heli.access.scopes.base import Carrier, Person, scope


@scope(
    "workitem",
    "待办",
    "open work",
    rank=50,
    holders=lambda asked, parameter: asked.reach("workitem", parameter),
    lends=True,
    fact_zh="你有一个关于它的待办",
    fact_en="you have open work about it",
    parameters=None,
)
def workitem(person: Person, carrier: Carrier, parameter: str) -> tuple[Atom, ...]:
    return (Reached("workitem", parameter),)
