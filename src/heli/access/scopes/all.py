"""all 全公司: every record."""

from __future__ import annotations

from heli.access.core.line import Atom, Everything
from heli.access.scopes.base import EVERYONE, Carrier, Person, scope


@scope(
    "all",
    "全公司",
    "all",
    rank=90,
    fact_zh="范围是全公司",
    fact_en="the scope is the whole company",
    holders=lambda asked, parameter: EVERYONE,
)
def everything(person: Person, carrier: Carrier, parameter: str) -> tuple[Atom, ...]:
    return (Everything(),)
