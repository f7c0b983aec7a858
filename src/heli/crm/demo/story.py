"""What all chapters share: the chance, the day of loading, who sells where, and the rows written so far."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from heli.crm.demo import organisation
from heli.crm.demo.chance import Chance
from heli.crm.demo.company import Person, Project, Row


def iso(moment: dt.datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def yuan(amount: int) -> str:
    return f"{amount}.00"


class Story:
    """Rows by type, and who stands where. Nothing here touches a database."""

    def __init__(self, chance: Chance, today: dt.date, people: list[Person], projects: tuple[Project, ...]) -> None:
        self.chance = chance
        self.today = today
        self.people = people
        self.projects = projects
        self.rows: dict[str, list[Row]] = defaultdict(list)
        self.home = {p.username: p.posts[0].department for p in people}
        self.login = {p.name: p.username for p in people}
        self.numbers: dict[str, int] = defaultdict(int)
        working = [p for p in people if p.status != "left"]
        self.reps = {
            team: [
                p.username for p in working if p.posts[0].department == team and p.posts[0].position != "sales_manager"
            ]
            for team in organisation.TEAMS
        }
        self.managers = {
            team: next(
                p.username for p in people if (p.posts[0].department, p.posts[0].position) == (team, "sales_manager")
            )
            for team in organisation.TEAMS
        }
        self.region_teams = {
            region: [team for team in organisation.TEAMS if organisation.REGION_OF[team] == region]
            for region in ("east", "south", "north")
        }

    def holders(self, *positions: str) -> list[str]:
        """User names of those active whose first post is one of these."""
        return [p.username for p in self.people if p.posts[0].position in positions and p.status == "active"]

    def day(self, days_ago: int) -> dt.date:
        """A working day about so long ago (negative: ahead)."""
        return self.chance.workday(self.today - dt.timedelta(days=days_ago))

    def past(self, day: dt.date) -> dt.date:
        """That day, at the latest yesterday: what has happened lies before the day of loading."""
        return min(day, self.today - dt.timedelta(days=1))

    def number(self, pattern: str, day: dt.date) -> str:
        """The next automatic number of a pattern such as ``HT-{year}-{n:04}``."""
        period = pattern.replace("{year}", str(day.year))
        self.numbers[period] += 1
        return pattern.format(year=day.year, n=self.numbers[period])

    def add(
        self,
        type_: str,
        owner: str | None,
        created: dt.datetime,
        values: Mapping[str, Any],
        *,
        updated: dt.datetime | None = None,
        by: str | None = None,
        pool: str | None = None,
        project: str | None = None,
        team: tuple[str, ...] = (),
        department: str | None = None,
    ) -> Row:
        """Write a row down; empty values are left out."""
        given = {code: value for code, value in values.items() if value is not None}
        where = department or (self.home[owner] if owner else pool if pool != "all" else None)
        latest = max(created, updated) if updated else created
        row = Row(
            type_, self.chance.id(created), owner, where, given, created, latest, by or owner, pool, project, team
        )
        self.rows[type_].append(row)
        return row
