"""Narrower roles, proposed from use: actions that nobody used, that one person alone used, scopes wider than any use."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Min, Sum

from heli.access.facts import World
from heli.access.models import Grant, Use
from heli.access.scopes import SCOPES, split
from heli.access.shapes import PAGE
from heli.kernel import clock
from heli.policy.simulate.holdings import Company
from heli.records import cubes
from heli.records.types import TYPES

DAYS = 90
STEP = 3
ENOUGH_DAYS = 30
"""Of less recorded use nothing is concluded."""
UNUSED, ALONE, SCOPE = "unused", "alone", "scope"
NARROW = ("own", "department")
"""Scopes that are proposed instead of wider ones, narrowest first."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """One thing that a role could do without. ``line``: its number from 0; ``person``: who alone used it."""

    role: str
    line: int
    kind: str
    type: str
    action: str
    person: int | None = None
    scope: str = ""
    n: int = 0
    """How often it was used."""


@dataclass
class Narrower:
    """What was found, and from how many days of use."""

    since: date
    recorded_since: date | None
    proposals: list[Proposal] = field(default_factory=list)

    @property
    def enough(self) -> bool:
        return self.recorded_since is not None and (clock.today() - self.recorded_since).days >= ENOUGH_DAYS


@dataclass
class _Seen:
    """Use of one action through one role."""

    n: int = 0
    people: set[int] = field(default_factory=set)
    listed: bool = False
    fits: set[str] | None = None
    """The narrow scopes in which every record used lies."""


def narrower(world: World, days: int = DAYS, role: str | None = None) -> Narrower:
    """Proposals for every role that somebody holds, or for one."""
    today = clock.today()
    since = today - timedelta(days=days)
    first = Use.objects.filter(day__gte=since).aggregate(Min("day"))["day__min"]
    found = Narrower(since, first)
    if first is None:
        return found
    company = Company(world, clock.now())
    seen = _seen(company, max(first, since), today, role)
    held = {grant.role.code for grant in world.all_grants.values() if grant.role is not None and company.holders(grant)}
    for code in sorted(held if role is None else held & {role}):
        found.proposals += _proposals(company, code, seen)
    return found


def _seen(company: Company, since: date, today: date, role: str | None) -> Mapping[tuple[str, str, str], _Seen]:
    """Use by (role, type, action)."""
    rows = Grant.objects.filter(role__isnull=False)
    roles = dict((rows.filter(role__code=role) if role is not None else rows).values_list("pk", "role__code"))
    found: dict[tuple[str, str, str], _Seen] = defaultdict(_Seen)
    told = (
        Use.objects.filter(day__gte=since, grant_id__in=roles)
        if len(roles) < 500
        else Use.objects.filter(day__gte=since)
    )
    for grant, code, action, person, n in told.values_list("grant_id", "type", "action", "person_id").annotate(
        Sum("n")
    ):
        if grant in roles:
            one = found[roles[grant], code, action]
            one.n += n
            one.people.add(person)
    places = {p: {post.department for post in company.open_posts(p)} for p in company.world.people}
    for code in sorted({code for _, code, _ in found if code in TYPES}):
        day = since
        while day <= today:
            until = day + timedelta(days=STEP)
            for used in cubes.used(code, (day, until), ("owner_id", "department_id")):
                if used.grant not in roles:
                    continue
                one = found[roles[used.grant], code, used.action]
                if used.cell is None:
                    one.listed = one.listed or not used.record
                    continue
                owner, department, _ = used.cell
                fits = {"own"} if owner == used.person else set()
                if department in places.get(used.person, ()):
                    fits.add("department")
                one.fits = fits if one.fits is None else one.fits & fits
            day = until
    return found


def _proposals(company: Company, role: str, seen: Mapping[tuple[str, str, str], _Seen]) -> Iterator[Proposal]:
    for at, line in enumerate(company.wordings.lines(company.world.roles[role].lines)):
        if line.type.startswith(PAGE) or line.type not in TYPES:
            continue
        for action in sorted(line.actions):
            one = seen.get((role, line.type, action))
            if one is None:
                yield Proposal(role, at, UNUSED, line.type, action)
                continue
            if len(one.people) == 1 and len(_holders(company, role)) > 2:
                yield Proposal(role, at, ALONE, line.type, action, person=next(iter(one.people)), n=one.n)
            # A list shows all that a scope reaches: what was looked at there is not known record by record.
            if one.fits and not one.listed and action != "create":
                wide = min((SCOPES[split(s)[0]].rank for s in line.scopes), default=0)
                scope = next((s for s in NARROW if s in one.fits and SCOPES[s].rank < wide), "")
                if scope:
                    yield Proposal(role, at, SCOPE, line.type, action, scope=scope, n=one.n)


def _holders(company: Company, role: str) -> frozenset[int]:
    return frozenset(
        person
        for grant in company.world.all_grants.values()
        if grant.role is not None and grant.role.code == role
        for person in company.holders(grant)
    )
