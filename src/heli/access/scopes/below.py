"""below 本部门及下级: the record belongs to the carrying department or one below it."""

from __future__ import annotations

from heli.access.core.line import Atom, Keys
from heli.access.scopes.base import Carrier, Person, scope


@scope(
    "below", "本部门及下级", "department and below", rank=20, holders=lambda asked, parameter: asked.carried_above("department_id"),
    fact_zh="它属于你的部门或其下级", fact_en="it belongs to your department or one below it",
)  # fmt: skip
def below(person: Person, carrier: Carrier, parameter: str) -> tuple[Atom, ...]:
    if carrier.department is None:
        return ()
    found = person.tree.below(carrier.department)
    return (Keys("department_id", found),) if found else ()
