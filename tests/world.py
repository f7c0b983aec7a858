"""The small company that every test shares: two regions with teams, support, finance; rights given as the company would.

company (root)
├── east ── east1
├── west
├── support
└── finance
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from heli.access import grants, use
from heli.access import view as views
from heli.access.viewer import Viewer
from heli.api import viewer as identities
from heli.insight import company as companies
from heli.kernel.actor import Actor
from heli.org.verbs import assignments, departments, people, positions, reporting
from heli.records import act, store
from heli.records.act import Action
from tests import again

SETUP = Actor(None, "set-up", "test")

OWN = {
    "type": "opportunity", "actions": ["read", "create", "edit", "delete", "transfer", "share"], "scope": ["own"],
    "read": {"*": "read"},
}  # fmt: skip
REP = [
    OWN,
    {"type": "opportunity", "actions": ["read"], "scope": ["department"], "read": {"amount": "masked"}},
    {"type": "opportunity", "actions": ["read"], "scope": ["team"]},
    {"type": "opportunity", "actions": ["edit"], "scope": ["team:edit"]},
    {
        "type": "account",
        "actions": ["read", "create", "edit", "share", "transfer", "return"],
        "scope": ["own"],
        "read": {"*": "read"},
    },
    {"type": "account", "actions": ["read", "claim"], "scope": ["pool"]},
    {"type": "account", "actions": ["read"], "scope": ["related", "team"]},
    {"type": "contact", "actions": ["read"], "scope": ["team", "related"]},
    {"type": "contact", "actions": ["read", "create", "edit"], "scope": ["own", "customer"], "read": {"*": "read"}},
]
MANAGER = [
    {
        "type": "opportunity", "actions": ["read", "edit", "transfer", "assign", "approve"], "scope": ["below"],
        "read": {"*": "read"}, "limit": "500000",
    },
    {"type": "account", "actions": ["read", "edit", "transfer", "assign"], "scope": ["below"], "read": {"*": "read"}},
]  # fmt: skip
SUPPORT = [
    {"type": "ticket", "actions": ["read", "create", "edit"], "scope": ["own", "department"], "read": {"*": "read"}},
    {"type": "account", "actions": ["read"], "scope": ["related"]},
    {"type": "contact", "actions": ["read"], "scope": ["related"], "read": {"*": "read"}},
]
FINANCE = [
    {"type": "opportunity", "actions": ["read"], "scope": ["all"], "where": [["amount", ">=", "1000"]], "read": {"amount": "read"}},
]  # fmt: skip
MANAGEMENT = [
    {"type": t, "actions": ["read"], "scope": ["all"], "read": {"*": "read"}}
    for t in ("opportunity", "account", "contact", "ticket", "contract")
] + [{"type": "policy", "actions": ["read", "administer", "grant"], "scope": ["all"]}]


class World:
    """The company's people by short names; ``as_`` gives a viewer as the command line would make it."""

    def __init__(self) -> None:
        self.departments: dict[str, int] = {}
        self.people: dict[str, int] = {}
        root = departments.create_department(SETUP, "Company")
        self.departments["root"] = root
        for name, parent in (
            ("east", "root"),
            ("east1", "east"),
            ("west", "root"),
            ("support", "root"),
            ("finance", "root"),
        ):
            self.departments[name] = departments.create_department(SETUP, name, self.departments[parent])
        jobs = {
            "rep": REP, "manager": MANAGER, "support": SUPPORT, "finance": FINANCE, "management": MANAGEMENT,
        }  # fmt: skip
        self.positions: dict[str, int] = {}
        for code, lines in jobs.items():
            grants.save_role(SETUP, code, name=code, lines=lines)
            self.positions[code] = positions.create_position(SETUP, code, code=code)
            grants.grant_role(SETUP, code, "position", str(self.positions[code]))
        for name, department, job in (
            ("ann", "east", "rep"), ("bob", "east1", "rep"), ("wei", "west", "rep"), ("mei", "east", "manager"),
            ("sue", "support", "support"), ("fin", "finance", "finance"), ("boss", "root", "management"),
        ):  # fmt: skip
            self.add(name, department, job)
        for name in ("ann", "bob"):
            reporting.set_manager(SETUP, self.people[name], self.people["mei"])

    def add(self, name: str, department: str, job: str | None) -> int:
        """A new person at a post."""
        person = people.add_person(SETUP, name, name.title())
        self.people[name] = person
        assignments.assign(SETUP, person, self.departments[department], self.positions[job] if job else None)
        return person

    def as_(self, name: str) -> Viewer:
        return identities.for_person(self.people[name])

    @property
    def system(self) -> Viewer:
        return identities.system("test")

    def make(self, who: str, kind: str, /, **values: Any) -> str:
        """Create a record as this person; returns its id."""
        return act.do(self.as_(who), Action(kind, "create", values=values)).id

    def do(self, who: str, kind: str, verb: str, record: str, /, **values: Any) -> dict[str, Any]:
        return dict(act.do(self.as_(who), Action(kind, verb, record, values)).answer)

    def list(self, name: str, kind: str, fields: Sequence[str] | None = None) -> list[dict[str, Any]]:
        return store.query(self.as_(name), kind).fields(fields).page(200).items

    def names(self, name: str, kind: str = "opportunity") -> set[str]:
        return {row["name"] for row in self.list(name, kind)}


def fresh[T: World](kind: type[T] = World) -> T:  # type: ignore[assignment]  # no default fits every T
    """A new company, with nothing remembered from another test."""
    views.CACHE.clear()
    companies.KEPT.clear()
    use.BUFFER.clear()
    return again.again(kind)
