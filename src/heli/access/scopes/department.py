"""department 本部门: the record belongs to the department of the assignment that carries the grant."""

from __future__ import annotations

from heli.access.core.line import Atom, Keys
from heli.access.scopes.base import Carrier, Person, scope


@scope(
    "department",
    "本部门",
    "department",
    rank=10,
    fact_zh="它属于你任职的部门",
    fact_en="it belongs to your department",
    holders=lambda asked, parameter: asked.carried("department_id"),
)
def department(person: Person, carrier: Carrier, parameter: str) -> tuple[Atom, ...]:
    if carrier.department is None:
        return ()
    return (Keys("department_id", frozenset({carrier.department})),)
