"""What a changed company must not be: broken policy tests, people who hold both sides of a duty, initiators who gained,
an installation that nobody can administer any more, records in departments that are closed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from heli.access import view as views
from heli.access.facts import World
from heli.access.wider import course, ever_wider
from heli.insight.company import Company
from heli.kernel import clock
from heli.kernel.errors import Problem
from heli.kernel.words import Words
from heli.org import zone
from heli.policy import duties, own_sight, promises
from heli.policy.change import ORGANISATION, Change
from heli.policy.lifted import Lifted, broken, find
from heli.policy.likeness import Likeness
from heli.records.standing import said, standing

GAINED = Words(
    "{name} 参与了这份草稿，却会因此扩大自己的权限；请由不受益的人提出和批准",
    "{name} had a hand in this draft and would gain from it: it takes people who gain nothing",
)
NOBODY = Words(
    "改动之后没有任何人能{what}，系统将无人可管；请先让另一个人能做这件事",
    "after this nobody could {what}: let somebody else be able to do so first",
)
NOBODY_FROM = Words(
    "{day} 起没有任何人能{what}，系统将无人可管；请先让另一个人从那时起能做这件事",
    "from {day} on nobody could {what}: let somebody else be able to do so from then on first",
)
HAS_RECORDS = Words(
    "「{name}」里还有记录：{some}，请先转给其他部门", "records still stand in {name}: {some}; transfer them first"
)
POWERS = (
    ("policy", "administer", Words("修改权限策略", "change the policy")),
    ("policy", "grant", Words("批准和发布权限策略", "approve and publish the policy")),
    ("organisation", "administer", Words("管理组织", "administer the organisation")),
)
"""What somebody must always be able to do."""
MOST_HANDS = 64
"""So many changes to come are looked at ahead."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A changed company beside the present one, with all that stands against publishing it."""

    before: World
    after: World
    tests: tuple[promises.Result, ...]
    clashes: tuple[duties.Clash, ...]
    """Those that are new."""
    lifted: tuple[Lifted, ...]
    """Rules that are taken away or weakened and would be broken: they block nothing, but take one approval more."""
    sight: Mapping[int, Sequence[Words]]
    """Which of the initiators would come to see what somebody makes who is moved, in sentences: takes another's approval."""
    problems: tuple[Problem, ...]
    """What blocks publication, each with its code: ``promise``, ``duty``, ``self``, ``nobody``, ``has_records``."""


def check(
    before: World, after: World, changes: Sequence[Change], initiators: Iterable[int], *, counted: bool = False
) -> Checked:
    """Look at the company that these changes would make. ``initiators``: who wrote, approves or publishes them.
    ``counted``: say also how many records are in the way, to who may know that."""
    initiators = tuple(initiators)
    moment = clock.now()
    was = Company(before, moment)  # not one that is kept: what the changes give begins later than that
    known, in_force = promises.stored(), duties.stored()
    rules = _bodies("duty", in_force, changes)
    had = broken(promises.run(before, known, company=was))
    old = {one.thing for one in duties.clashes(before, rules, company=was)}
    became = was.beside(after)  # now that it has worked out what both have in common
    tests = _tests(was, became, _bodies("promise", known, changes))
    clashes = [one for one in duties.clashes(after, rules, company=became, before=was) if one.thing not in old]
    problems = [
        Problem(
            f"promises/{one.code}",
            "promise",
            promises.BROKEN.fill(name=Words(one.promise.name, one.promise.name_en or one.promise.name), how=how[0]),
        )
        for one in tests
        if not broken([one]) <= had and (how := promises.said(one, after))
    ]
    problems += [Problem(f"duties/{one.duty}", "duty", duties.said(one, _name(after, one.person))) for one in clashes]
    problems += [
        Problem("authors", "self", GAINED.fill(name=_name(before, person)))
        for person in sorted(set(initiators))
        if gains(before, after, person)
    ]
    problems += unmanned(was, became)
    problems += left(before, changes, counted=counted)
    lifted = find(
        was, became, changes, {"promise": known, "duty": in_force},
        lambda bodies: promises.run(before, bodies, company=was), lambda bodies: _tests(was, became, bodies),
    )  # fmt: skip
    moves = any(one.kind in ORGANISATION for one in changes)
    sight = own_sight.said(was, became, initiators) if moves else {}
    return Checked(before, after, tuple(tests), tuple(clashes), lifted, sight, tuple(problems))


def left(before: World, changes: Sequence[Change], *, counted: bool) -> list[Problem]:
    """Departments that would be closed over records: those would be out of everyone's reach."""
    closed = (one.key for one in changes if one.kind == "department" and one.after is None)
    there = [(code, before.department_codes[code]) for code in closed if code in before.department_codes]
    problems = []
    for code, pk in there:
        if kinds := standing(pk):
            node = before.tree.nodes[pk]
            words = HAS_RECORDS.fill(
                name=Words(node.name, node.name_en or node.name), some=said(kinds, pk, counted=counted)
            )
            problems.append(Problem(f"departments/{code}", "has_records", words))
    return problems


def unmanned(was: Company, became: Company) -> list[Problem]:
    """What nobody could administer any more, now or from a day on, that somebody could without the change."""
    ends = _ends(was, became)
    problems: list[Problem] = []
    for code, action, words in POWERS:
        found = gap(became.world, code, action, became.moment, company=became)
        if found is not None and found > became.moment and able(Company(was.world, found), code, action):
            said = NOBODY_FROM.fill(what=words, day=zone.told(found, "%Y-%m-%d"))
        elif any(able(one, code, action) and not able(then, code, action) for one, then in ends):
            said = NOBODY.fill(what=words)
        else:
            continue
        problems.append(Problem("powers", "nobody", said))
    return problems


def _bodies(
    kind: str, stored: Mapping[str, Mapping[str, Any]], changes: Sequence[Change]
) -> dict[str, Mapping[str, Any]]:
    found = dict(stored)
    for one in changes:
        if one.kind == kind:
            found.pop(one.key, None)
            if one.after is not None:
                found[one.key] = one.after
    return found


def _name(world: World, person: int) -> str:
    found = world.people.get(person)
    return found.name if found is not None else "?"


def _tests(was: Company, became: Company, bodies: Mapping[str, Mapping[str, Any]]) -> list[promises.Result]:
    """The policy tests on what would hold; also as if what begins later had begun, so that nothing waits them out."""
    before, after, moment = was.world, became.world, became.moment
    likeness = Likeness(became, was)
    found = promises.run(after, bodies, company=became, likeness=likeness)
    fresh = {
        pk: replace(one, starts=moment)
        for pk, one in after.all_grants.items()
        if one.starts > moment and before.all_grants.get(pk) != one
    }
    if not fresh:
        return found
    world = replace(after, all_grants={**after.all_grants, **fresh})
    begun = promises.run(world, bodies, company=Company(world, moment), likeness=likeness)
    return [late if one.kept else one for one, late in zip(found, begun, strict=True)]


def _ends(was: Company, became: Company) -> list[tuple[Company, Company]]:
    """Both companies now, and at the moments at which grants would end otherwise than they do."""
    before, after, moment = was.world, became.world, became.moment
    ends = {
        one.ends
        for pk, one in after.all_grants.items()
        if one.ends is not None and one.ends > moment and before.all_grants.get(pk) != one
    }
    return [(was, became), *((Company(before, at), Company(after, at)) for at in sorted(ends))]


def gains(before: World, after: World, person: int) -> bool:
    """Whether this person would hold more than they do, now or on a day to come."""
    moment = clock.now()
    return ever_wider(course(person, moment, before), course(person, moment, after))


def able(company: Company, code: str, action: str) -> bool:
    """Whether anybody who can sign in with a password may do this."""
    return next(_holders(company, code, action), None) is not None


def _holders(company: Company, code: str, action: str) -> Iterator[views.View]:
    """Those who may, each as they are at the company's moment."""
    world = company.world
    likely: set[int] = set()  # to whom some grant gives such a line at all: the others need no view
    for grant in world.all_grants.values():
        if grant.open_at(company.moment) and any(n["type"] == code and action in n["actions"] for n in grant.given):
            likely |= company.crowd(grant).all
    for person in sorted(likely):
        if world.people[person].kind != "service":
            view = views.build(person, (0, 0), company.moment, world)
            if view.may(code, action):
                yield view


def gap(
    world: World, code: str, action: str, since: datetime, until: datetime | None = None, company: Company | None = None
) -> datetime | None:
    """The first moment from ``since`` on (and before ``until``) at which nobody may do this; None when somebody always may.
    ``company``: the world at ``since``, where it is at hand."""
    moment = since
    for _ in range(MOST_HANDS):
        last = moment
        for view in _holders(company or Company(world, moment), code, action):
            end = _lasts(world, view, code, action)
            if end is None:
                return None
            last = max(last, end)
        if last == moment:
            return moment
        moment, company = last, None
        if until is not None and moment >= until:
            return None
    return None


def _lasts(world: World, view: views.View, code: str, action: str) -> datetime | None:
    """When somebody who may do this may no longer; None when that is not arranged."""
    assert view.person is not None
    moment = view.until
    for _ in range(MOST_HANDS):
        if moment is None:
            return None
        later = views.build(view.person, (0, 0), moment, world)
        if not later.may(code, action):
            return moment
        moment = later.until
    return None
