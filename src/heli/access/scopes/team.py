"""team 团队成员: the viewer helps on the record, or on its account for the child types named there."""

from __future__ import annotations

from heli.access.core.line import Atom, Reached
from heli.access.scopes.base import Carrier, Person, scope


@scope(
    "team",
    "团队成员",
    "team",
    rank=45,
    holders=lambda asked, parameter: asked.reach("team", "edit" if parameter == "edit" else ""),
    lends=True,
    fact_zh="你在它的团队里",
    fact_en="you are in its team",
    parameters=("", "edit"),
)
def team(person: Person, carrier: Carrier, parameter: str) -> tuple[Atom, ...]:
    return (Reached("team", "edit"),) if parameter == "edit" else (Reached("team", ""),)
