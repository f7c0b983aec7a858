"""record 指定记录: the grant names the record. The parameter is the grant's own tag (loans use their number)."""

from __future__ import annotations

from heli.access.core.line import Atom, Reached
from heli.access.scopes.base import Carrier, Person, scope


@scope(
    "record",
    "指定记录",
    "record",
    rank=60,
    holders=lambda asked, parameter: asked.reach("record", parameter),
    lends=True,
    fact_zh="授权指定了这条记录",
    fact_en="a grant names this record",
    parameters=None,
)
def record(person: Person, carrier: Carrier, parameter: str) -> tuple[Atom, ...]:
    return (Reached("record", parameter),)
