"""reports 下属: the record's owner reports to the viewer, directly or through others."""

from __future__ import annotations

from heli.access.core.line import Atom, Keys
from heli.access.scopes.base import Carrier, Person, scope


@scope("reports", "下属", "reports", rank=30, fact_zh="负责人是你的下属", fact_en="its owner reports to you")
def reports(person: Person, carrier: Carrier, parameter: str) -> tuple[Atom, ...]:
    found = person.reports()
    return (Keys("owner_id", found),) if found else ()
