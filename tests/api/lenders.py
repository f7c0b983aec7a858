"""The small company with two for security, seen through HTTP: who lends what to whom, and who sees which cell."""

from __future__ import annotations

from typing import Any

from django.core.cache import cache

from heli.access import grants
from heli.crm import processes
from heli.flows import definitions
from tests import world
from tests.api.client import Api, Reply, signed_in
from tests.world import SETUP, World

HOUR, DAY = 3600, 86400
SECURITY = [{"type": "policy", "actions": ["read", "administer", "grant"], "scope": ["all"]}]


class Company(World):
    """The small company with somebody for security, and everyone signed in once."""

    def __init__(self) -> None:
        super().__init__()
        for name in ("sec", "sid"):
            self.add(name, "root", None)
            grants.grant_lines(SETUP, SECURITY, "person", str(self.people[name]))
        for code in ("temporary_permission", "permission_change"):  # requests run as cases of these
            definitions.ship(SETUP, processes.source(code))
        self._clients: dict[str, Api] = {}

    def at(self, name: str) -> Api:
        if name not in self._clients:
            self._clients[name] = signed_in(name)
        return self._clients[name]

    def ask(self, who: str, record: str, **more: Any) -> Reply:
        body = {
            "type": "opportunity",
            "record": record,
            "action": "read",
            "fields": ["competitor"],
            "seconds": DAY,
            "reason": "for a case",
        }
        return self.at(who).post("/access/requests", body | more)

    def cell(self, who: str, record: str, field: str = "competitor") -> Any:
        """What somebody sees of a cell of a deal: None when they do not see it."""
        reply = self.at(who).get(f"/records/opportunity/{record}")
        assert reply.status in (200, 404), reply.body
        return reply.body["values"].get(field) if reply.status == 200 else None

    def deal(self, who: str = "bob", **more: Any) -> str:
        return self.make(who, "opportunity", **{"name": "Robots", "amount": "1310400", "competitor": "Acme"} | more)

    def reads(self, who: str, **levels: str) -> None:
        """Let somebody see every deal, but these cells."""
        line = {"type": "opportunity", "actions": ["read"], "scope": ["all"], "read": levels}
        grants.grant_lines(SETUP, [line], "person", str(self.people[who]))

    def lent(self, who: str, to: str, record: str, **more: Any) -> str:
        """Lend without being asked; returns the loan's id."""
        body = {"type": "opportunity", "record": record, "action": "read", "fields": ["competitor"], "seconds": DAY,
                "reason": "a case", "borrower": str(self.people[to])}  # fmt: skip
        reply = self.at(who).post("/access/loans", body | more)
        assert reply.status == 201 and reply.body["state"] == "approved", reply.body
        return str(self.at(to).get("/access/loans?tab=borrowed").body["items"][0]["id"])


def fresh() -> Company:
    """A new company, with nothing remembered from another test."""
    cache.clear()
    return world.fresh(Company)
