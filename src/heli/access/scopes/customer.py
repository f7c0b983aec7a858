"""customer 客户归属: the record's account is the viewer's own, or (with a parameter) their department's."""

from __future__ import annotations

from heli.access.core.line import Atom, Keys
from heli.access.scopes.base import Carrier, Holders, Inverse, Person, scope


def _holders(asked: Inverse, parameter: str) -> Holders:
    if parameter in ("", "own"):
        return asked.person("account_owner_id")
    if parameter == "department":
        return asked.carried("account_department_id")
    return asked.carried_above("account_department_id")


@scope(
    "customer", "客户归属", "customer", rank=35, holders=_holders, parameters=("", "own", "department", "below"),
    fact_zh="它的客户归你或你的部门", fact_en="its account is yours or your department's",
)  # fmt: skip
def customer(person: Person, carrier: Carrier, parameter: str) -> tuple[Atom, ...]:
    if parameter in ("", "own"):
        return (Keys("account_owner_id", frozenset({person.id})),)
    if carrier.department is None:
        return ()
    if parameter == "department":
        return (Keys("account_department_id", frozenset({carrier.department})),)
    found = person.tree.below(carrier.department)
    return (Keys("account_department_id", found),) if found else ()
