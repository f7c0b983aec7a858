"""Rights to be reviewed: grants to single people, ninety days of use, two campaigns under way and a year of counts."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from heli.access import grants, use
from heli.access.facts import World
from heli.crm.demo.company import DemoCompany
from heli.crm.demo.people import BY, Ids
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.org import zone
from heli.records import owned
from heli.review import campaigns, decide, growth, judging
from heli.review.holders import Company, Holding
from heli.review.judge import KEEP
from heli.review.models import Campaign, Item

DAYS = 90
PER_PERSON = 6
"""Records of one's own that a person opens again and again."""
SECURITY = "mayujie"
GROWING = 30
"""Of a hundred roles so many hold more than a year ago."""


def _line(type_: str, actions: str, scope: str, **more: Any) -> dict[str, Any]:
    return {"type": type_, "actions": actions.split(), "scope": scope.split(), **more}


LEADS = _line("lead", "read export", "own", read={"sensitive": "read"}, limit="5000")
DEALS = _line("opportunity", "read export", "own", read={"confidential": "read"}, limit="2000")
SINGLE: tuple[tuple[str, str, int, int, tuple[dict[str, Any], ...], int, int | None], ...] = (
    # department, position, which of them, given so many days ago, lines, last used so many days ago (-1: never), ends in days
    ("gz", "sales_rep", 1, 420, (LEADS,), 0, None),
    ("sh1", "sales_rep", 2, 700, (_line("campaign", "read edit delete", "all"),), 81, None),
    ("sh1", "sales_rep", 3, 260, (_line("ticket", "read edit", "department"),), 64, None),
    ("sh1", "key_account_manager", 0, 120, (DEALS,), 2, None),
    ("sh2", "sales_rep", 1, 340, (_line("product", "read edit", "all"),), 23, None),
    ("sh2", "sales_rep", 4, 45, (_line("lead", "read edit", "department"),), 1, 20),
    ("hz", "sales_rep", 2, 800, (_line("feedback", "read edit", "all"),), -1, None),
    ("marketing", "marketing_specialist", 3, 1080, (_line("campaign", "read edit delete", "all"),), 81, None),
    ("support2", "support_agent", 1, 200, (_line("ticket", "read edit export", "department", limit="2000"),), 3, None),
    ("product", "product_manager", 2, 150, (_line("campaign", "read export", "all", limit="1000"),), 30, None),
)  # fmt: skip
"""What single people hold beside their posts: a few needed, most left over."""


def load(demo: DemoCompany, ids: Ids) -> None:
    """Bring all of it; in the loader's transaction."""
    last = _grants(demo, ids)
    company = Company(World.load(), clock.now())
    _use(company, demo, ids, last)
    _volume(company)
    person = ids.people[SECURITY]
    name = next(p.name for p in demo.people if p.username == SECURITY)
    by = Actor(person, name, "demo", via="demo")
    sales = campaigns.start(by, Campaign.DEPARTMENT, department=ids.departments["sales"], days=6)
    outsiders = campaigns.start(by, Campaign.OUTSIDERS, days=9)
    for one in (sales, outsiders):
        judging.begin.call(one.pk)  # nobody works beside the loading
    _decided(sales, ids, demo)


def _grants(demo: DemoCompany, ids: Ids) -> Mapping[int, tuple[int, int]]:
    """The single grants; by grant: its person, and when they used it last."""
    now = clock.now()
    found: dict[int, tuple[int, int]] = {}
    for department, position, at, ago, lines, last, ends in SINGLE:
        fitting = [
            p for p in demo.people if (p.posts[0].department, p.posts[0].position) == (department, position)
            and p.status != "left"
        ]  # fmt: skip
        person = ids.people[fitting[at % len(fitting)].username]
        made = grants.grant_lines(
            BY, lines, "person", str(person), starts=now - dt.timedelta(days=ago),
            ends=now + dt.timedelta(days=ends) if ends is not None else None,
        )  # fmt: skip
        found[made.pk] = (person, last)
    return found


# -- use ----------------------------------------------------------------------------------------------------------


def _chance(*parts: object) -> int:
    """A number from 0 to 99 that these always give: cheap, and the same in every run."""
    return zlib.crc32(" ".join(map(str, parts)).encode()) % 100


def _use(company: Company, demo: DemoCompany, ids: Ids, last: Mapping[int, tuple[int, int]]) -> None:
    logins = {pk: login for login, pk in ids.people.items()}
    today = zone.today()
    rows: list[tuple[Any, ...]] = []
    for grant in company.grants:
        if grant.kind == "everyone":
            continue
        for held in company.by_grant[grant.id]:
            if held.person in company.world.people:
                if grant.id in last:
                    rows += _single(held, logins[held.person], last[grant.id][1], today)
                elif grant.role is not None:
                    rows += _daily(held, logins[held.person], today)
    for start in range(0, len(rows), 500):
        use.write_rows(rows[start : start + 500])


def _at(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(8, 30), dt.UTC)


def _daily(held: Holding, login: str, today: dt.date) -> Iterator[tuple[Any, ...]]:
    """A person's working days: a list, and some records of their own opened and changed."""
    role = held.grant.role
    assert role is not None
    types = [
        k.code
        for k in owned.kinds()
        if any(line["type"] == k.code and "read" in line["actions"] for line in role.lines)
    ]
    edits = {line["type"] for line in role.lines if "edit" in line["actions"]}
    mine = {
        kind.code: [record for record, _ in owned.some(kind, held.person, None, "", PER_PERSON)]
        for kind in owned.kinds() if kind.code in types
    }  # fmt: skip
    busy = [t for t in types if mine[t]] or types[:2]
    for ago in range(1, DAYS):
        day = today - dt.timedelta(days=ago)
        if day.weekday() > 4 or _chance(login, ago) < 20 or not busy:
            continue
        type_ = busy[_chance(login, ago, "t") % len(busy)]
        key = (day, held.person, held.grant.id, type_)
        yield (*key, "read", "", "", 3 + _chance(login, ago, "n") % 9, _at(day))
        if mine[type_]:
            record = mine[type_][_chance(login, ago, "r") % len(mine[type_])]
            yield (*key, "read", "", record, 1 + _chance(login, ago, "m") % 3, _at(day))
            if type_ in edits and _chance(login, ago, "e") < 35:
                yield (*key, "edit", "", record, 1, _at(day))


def _single(held: Holding, login: str, last: int, today: dt.date) -> Iterator[tuple[Any, ...]]:
    """Use of a single grant: now and then until its last day; somebody who leaves uses it more and more."""
    if last < 0:
        return
    lines = held.grant.given
    rising = last == 0
    for ago in range(last, DAYS):
        day = today - dt.timedelta(days=ago)
        often = 90 if rising and ago < 6 else 4 if rising else 14
        if ago != last and _chance(login, ago, held.grant.id % 7) >= often:
            continue
        line = lines[ago % len(lines)]
        actions = [a for a in line["actions"] if a != "delete"]
        action = actions[-1] if rising and ago < 6 else actions[_chance(login, ago, "a") % len(actions)]
        n = 24 - 4 * ago if rising and ago < 6 else 1 + _chance(login, ago, "k") % 3
        yield (day, held.person, held.grant.id, line["type"], action, "", "", max(n, 1), _at(day))


# -- counts and campaigns ---------------------------------------------------------------------------------------


def _volume(company: Company) -> None:
    """A year of monthly counts, a little more each month back than now: rights were tidied up. Only who was given something of
    their own, and a few roles, hold more than before."""
    now = growth.count(company)
    single = [(g.subject, g.starts.date(), len(growth.rights_in(g))) for g in company.grants if g.kind == "person"]
    today = zone.today()
    month = today.replace(day=1)
    for back in range(13, 0, -1):
        day = month
        for _ in range(back - 1):
            day = (day - dt.timedelta(days=1)).replace(day=1)
        if day < today:
            share = 1 + 0.26 * (back / 13) ** 1.5 + (0.02 if back % 4 == 0 else 0)
            counts = {key: round(n * share) for key, n in now.items()}
            for kind, key in now:
                if kind == "role" and _chance(key) < GROWING:
                    counts[kind, key] = round(now[kind, key] * (2 - share))
            for subject in {subject for subject, _, _ in single}:
                later = sum(n for who, begun, n in single if who == subject and begun > day)
                counts["person", subject] = max(0, now.get(("person", subject), 0) - later)
            growth.write(day, counts, tidy=False)
    growth.write(today, now)


def _decided(campaign: Campaign, ids: Ids, demo: DemoCompany) -> None:
    """Some reviewers have begun: what is plainly to be kept in their first batches is kept."""
    names = {ids.people[p.username]: p.name for p in demo.people}
    for batch in campaign.batches.filter(number=1).order_by("pk"):
        quiet = [
            one for one in batch.items.filter(state=Item.PENDING).order_by("risk", "pk")
            if one.facts["suggestion"]["decision"] == KEEP
        ]  # fmt: skip
        by = Actor(batch.reviewer_id, names[batch.reviewer_id], "demo", via="demo")
        for one in quiet[:3]:
            decide.keep(by, batch.reviewer_id, batch.pk, one.pk)
