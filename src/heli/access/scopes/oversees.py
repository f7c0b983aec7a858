"""oversees 分管: the record belongs to a department that the viewer oversees, or one below it."""

from __future__ import annotations

from heli.access.core.line import Atom, Keys
from heli.access.scopes.base import Carrier, Holders, Inverse, Person, scope


def _holders(asked: Inverse, parameter: str) -> Holders:
    nodes = asked.tree.nodes
    some = nodes if asked.row is None else asked.tree.above(asked.row["department_id"] or 0)
    return Holders(people={who for one in some if (who := nodes[one].overseer) is not None})


@scope(
    "oversees",
    "分管",
    "oversees",
    rank=25,
    holders=_holders,
    fact_zh="它属于你分管的部门",
    fact_en="it belongs to a department you oversee",
)
def oversees(person: Person, carrier: Carrier, parameter: str) -> tuple[Atom, ...]:
    found: set[int] = set()
    for node in person.tree.nodes.values():
        if node.overseer == person.id:
            found |= person.tree.below(node.id)
    return (Keys("department_id", frozenset(found)),) if found else ()
