"""reports 下属: the record's owner reports to the viewer, directly or through others."""

from __future__ import annotations

from heli.access.core.line import Atom, Keys
from heli.access.scopes.base import Carrier, Holders, Inverse, Person, scope


def _holders(asked: Inverse, parameter: str) -> Holders:
    owner = None if asked.row is None else asked.row["owner_id"]
    if asked.row is not None and owner is None:
        return Holders()
    return Holders(people=asked.managers(owner))


@scope(
    "reports",
    "下属",
    "reports",
    rank=30,
    holders=_holders,
    fact_zh="负责人是你的下属",
    fact_en="its owner reports to you",
)
def reports(person: Person, carrier: Carrier, parameter: str) -> tuple[Atom, ...]:
    found = person.reports()
    return (Keys("owner_id", found),) if found else ()
