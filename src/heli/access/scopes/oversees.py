"""oversees 分管: the record belongs to a department that the viewer oversees, or one below it."""

from __future__ import annotations

from heli.access.core.line import Atom, Keys
from heli.access.scopes.base import Carrier, Person, scope


@scope(
    "oversees",
    "分管",
    "oversees",
    rank=25,
    fact_zh="它属于你分管的部门",
    fact_en="it belongs to a department you oversee",
)
def oversees(person: Person, carrier: Carrier, parameter: str) -> tuple[Atom, ...]:
    found: set[int] = set()
    for node in person.tree.nodes.values():
        if node.overseer == person.id:
            found |= person.tree.below(node.id)
    return (Keys("department_id", frozenset(found)),) if found else ()
