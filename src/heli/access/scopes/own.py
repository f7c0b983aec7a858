"""own 本人: the viewer is the record's owner."""

from __future__ import annotations

from heli.access.core.line import Atom, Keys
from heli.access.scopes.base import Carrier, Person, scope


@scope(
    "own",
    "本人",
    "own",
    rank=0,
    holders=lambda asked, parameter: asked.person("owner_id"),
    fact_zh="你是负责人",
    fact_en="you are its owner",
)
def own(person: Person, carrier: Carrier, parameter: str) -> tuple[Atom, ...]:
    return (Keys("owner_id", frozenset({person.id})),)
