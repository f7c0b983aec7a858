"""project 项目: the record belongs to the project that carries the grant, else to any project of the viewer."""

from __future__ import annotations

from heli.access.core.line import Atom, Keys
from heli.access.scopes.base import Carrier, Holders, Inverse, Person, scope


def _holders(asked: Inverse, parameter: str) -> Holders:
    project = None if asked.row is None else asked.row["project_id"]
    if asked.row is not None and project is None:
        return Holders()
    return Holders(projects=None if project is None else frozenset({project}), loose=asked.members(project))


@scope(
    "project",
    "项目",
    "project",
    rank=40,
    holders=_holders,
    fact_zh="它属于你参与的项目",
    fact_en="it belongs to a project you are in",
)
def project(person: Person, carrier: Carrier, parameter: str) -> tuple[Atom, ...]:
    found = frozenset({carrier.project}) if carrier.project is not None else person.projects
    return (Keys("project_id", found),) if found else ()
