"""Property 5: what simulate says of a change is what is observed when the change is made; for everybody, to the cell."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from tests.invariants.examples import Undo, each_seed
from tests.invariants.strategies import KIND, Company, ceiling_line, company, line

from heli.access import epoch
from heli.access import view as views
from heli.access.core.decide import TypeRights
from heli.access.core.line import Level
from heli.access.core.terms import Right
from heli.access.facts import World
from heli.access.models import Ceiling, Grant, Role
from heli.access.part import Part
from heli.access.unread import Unread
from heli.api import viewer as identities
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.kernel.errors import HeliError, NotFound
from heli.org.models import Assignment, Department, Person, ProjectMember, ReportingLine
from heli.policy import apply, state
from heli.policy.change import Change, state_of
from heli.policy.company import changed
from heli.policy.names import Names
from heli.policy.simulate.counting import Counts, Moved, count
from heli.policy.simulate.rights import What
from heli.policy.simulate.symbolic import Difference, Piece, difference
from heli.records import reach as reaching
from heli.records import store
from heli.records.sight import row_facts

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
ME = Actor(None, "set-up", "test")
ACTIONS = ("read", "edit", "delete", "approve")


def change(rng: random.Random, made: Company) -> str:
    """One random change of rules or organisation, written without the verbs: what is tested is what follows from it."""
    epoch.bump_policy()
    views.CACHE.clear()
    roles = list(Role.objects.order_by("pk"))
    person = rng.choice(made.people)
    what = rng.choice(
        ("lines", "lines", "lines", "grant", "revoke", "kind", "leave", "move", "post", "parent", "overseer", "reports",
         "ceiling", "member", "close")
    )  # fmt: skip
    match what:
        case "lines":
            role = rng.choice(roles)
            kept = [one for one in role.lines if rng.random() < 0.6]
            role.lines = kept + [line(rng) for _ in range(rng.randint(0, 2))]
            role.save()
        case "close":
            Role.objects.filter(pk=rng.choice(roles).pk).update(closed_at=clock.now())
        case "grant":
            kind, subject = rng.choice(
                [("person", str(person)), ("everyone", ""), ("department", str(rng.choice(made.departments))),
                 ("project_role", "lead")]
            )  # fmt: skip
            Grant.objects.create(
                lines=[line(rng)], subject_kind=kind, subject_id=subject, below=rng.random() < 0.5,
                starts=clock.now() - timedelta(days=1),
            )  # fmt: skip
        case "revoke":
            Grant.objects.filter(pk=rng.choice(list(Grant.objects.values_list("pk", flat=True)))).update(
                revoked_at=clock.now()
            )
        case "kind":
            Person.objects.filter(pk=person).update(kind=rng.choice(("employee", "contractor", "service")))
        case "leave":
            Person.objects.filter(pk=person).update(status=Person.LEFT)
        case "move":
            Assignment.objects.filter(person_id=person).update(department_id=rng.choice(made.departments))
        case "post":
            Assignment.objects.create(
                person_id=person,
                department_id=rng.choice(made.departments),
                starts=clock.now() - timedelta(days=1),
                primary=False,
            )
        case "parent":
            # later departments below earlier ones only, so that no circle comes of it
            at = rng.randrange(1, len(made.departments))
            Department.objects.filter(pk=made.departments[at]).update(parent_id=rng.choice(made.departments[:at]))
        case "overseer":
            Department.objects.filter(pk=rng.choice(made.departments)).update(overseer_id=rng.choice((None, person)))
        case "reports":
            ReportingLine.objects.filter(person_id=person).delete()
            if person != made.people[0]:
                ReportingLine.objects.create(
                    person_id=person, manager_id=made.people[0], starts=clock.now() - timedelta(days=1)
                )
        case "member":
            ProjectMember.objects.filter(person_id=person).delete()
        case "ceiling":
            if rng.random() < 0.5:
                Ceiling.objects.all().update(active=False)
            else:
                Ceiling.objects.create(
                    code=f"n{rng.random()}", name="n", type="opportunity", kinds=rng.choice((None, ["employee"])),
                    actions=rng.choice((None, ["read"], ["edit"])), lines=[ceiling_line(rng)],
                )  # fmt: skip
    return what


class Seen:
    """What one person may do with every row of one world, asked of the decision core one by one."""

    def __init__(self, made: Company, person: int, world: World) -> None:
        self.made, self.person = made, person
        self.rights = views.build(person, (0, 0), clock.now(), world).type("opportunity")

    def facts(self, record: str, rights: TypeRights) -> dict[str, Any]:
        row = self.made.rows[record]
        return row_facts(row, reaching.of_row(self.person, rights, record, row["account_id"]))

    def may(self, what: What, record: str) -> bool:
        rights = self.rights
        if rights is None:
            return False
        facts = self.facts(record, rights)
        if what.limit is not None:
            return rights.decide(what.action, facts).allowed and rights.limit(what.action, facts) >= what.limit
        if not what.fields:
            return rights.decide(what.action, facts).allowed
        if what.action == "read":
            assert what.level is not None
            return all(rights.level(code, facts) >= what.level for code in what.fields)
        return all(rights.decide_field(what.action, code, facts).allowed for code in what.fields)


def questions() -> list[What]:
    found = [What("opportunity", action) for action in ACTIONS]
    for code in KIND.fields:
        found += [What("opportunity", "read", (code,), level) for level in (Level.MASKED, Level.READ)]
        found.append(What("opportunity", "edit", (code,)))
    return found


def said(pieces: tuple[Piece, ...], what: What) -> Piece | None:
    """The piece that a question is about; none: no difference is claimed."""
    for one in pieces:
        alike = (one.what.action, one.what.level, one.what.limit) == (what.action, what.level, None)
        if alike and set(what.fields) <= set(one.what.fields) and bool(what.fields) == bool(one.what.fields):
            return one
    return None


def in_right(right: Right, row: dict[str, Any], reached: frozenset[tuple[str, str]]) -> bool:
    return any(term.holds(row, reached) for term in right)


def reach_of(person: int, record: str, account: str | None) -> frozenset[tuple[str, str]]:
    from heli.access.models import Reach

    rows = Reach.objects.filter(person_id=person, type="opportunity")
    return frozenset(
        (r.kind, r.line) for r in rows
        if (r.until is None or r.until > clock.now())
        and ((r.via == "id" and r.record_id == record) or (r.via == "account" and r.record_id == account))
    )  # fmt: skip


def check(made: Company, found: Difference, before: World, after: World) -> None:
    by_person = {p: (g, i) for g in found.groups for i, p in enumerate(g.people)}
    counts = count(found)
    for person in made.people:
        sides = (Seen(made, person, before), Seen(made, person, after))
        group, at = by_person.get(person, (None, 0))
        for record, row in made.rows.items():
            reached = reach_of(person, record, row["account_id"])
            for one in group.pieces if group is not None else ():
                assert group is not None
                claimed = (
                    in_right(group.before[at].ground(one.before), row, reached),
                    in_right(group.after[at].ground(one.after), row, reached),
                )
                assert claimed == tuple(s.may(one.what, record) for s in sides), (person, one)
            for what in questions():
                was, now = (s.may(what, record) for s in sides)
                if was != now:
                    one_piece = said(group.pieces, what) if group is not None else None
                    assert one_piece is not None, (person, what, "not foreseen")
        live = [record for record, row in made.rows.items() if row["deleted_at"] is None]
        for one in group.pieces if group is not None else ():
            held = [{r for r in live if s.may(one.what, r)} for s in sides]
            moved = counts.moved[person, one.what]
            assert (moved.before, moved.after) == (len(held[0]), len(held[1])), (person, one)
            assert (moved.gained, moved.lost) == (len(held[1] - held[0]), len(held[0] - held[1])), (person, one)


@each_seed(40)
def test_the_symbolic_difference_is_what_is_observed_cell_by_cell(seed: int) -> None:
    rng = random.Random(seed)
    with pytest.raises(Undo), transaction.atomic():
        made = company(rng)
        before = World.load()
        for _ in range(rng.randint(1, 2)):
            change(rng, made)
        after = World.load()
        check(made, difference(before, after, clock.now()), before, after)
        raise Undo


@each_seed(40)
def test_counts_are_those_of_the_read_door_after_the_change_is_made(seed: int) -> None:
    rng = random.Random(seed)
    with pytest.raises(Undo), transaction.atomic():
        made = company(rng, rows=20)
        before = World.load()
        a_part_is_like_the_whole(made.people[1:4], before)
        seen = {p: visible(p) for p in made.people}
        with transaction.atomic():
            change(rng, made)
            after = World.load()
            now = {p: visible(p) for p in made.people}
            transaction.set_rollback(True)
        views.CACHE.clear()
        found = difference(before, after, clock.now())
        counts = count(found)
        read = What("opportunity", "read")
        for person in made.people:
            moved = counts.moved.get((person, read), Moved())
            assert (moved.gained, moved.lost) == (len(now[person] - seen[person]), len(seen[person] - now[person]))
        bounded(found, counts)
        new = {record for p in made.people for record in now[p] - seen[p]}
        gone = {record for p in made.people for record in seen[p] - now[p]}
        assert counts.seen("opportunity") == (len(new), len(gone))
        raise Undo


def a_part_is_like_the_whole(some: list[int], world: World) -> None:
    """What is read of some people, as far as one type goes, gives them the rights that the whole company gives them."""
    part, moment = Part.of(some, ["opportunity"]), clock.now()
    for person in some:
        one, other = (views.build(person, (0, 0), moment, facts) for facts in (part, world))
        assert one.until == other.until
        mine, theirs = one.type("opportunity"), other.type("opportunity")
        assert (mine is None) == (theirs is None)
        if mine is not None and theirs is not None:
            assert (mine.lines, mine.ceilings) == (theirs.lines, theirs.ceilings)


def bounded(found: Difference, exact: Counts) -> None:
    """To whoever reads no record the numbers are bounds, and the same whatever the cells hold."""
    reads_nothing = Unread(views.View(None, "nobody", (0, 0), None, (), {}, found.before.world.tree))
    told = count(found, unread=reads_nothing)
    for key, one in told.moved.items():
        most, is_ = (one.gained, one.lost), (exact.moved[key].gained, exact.moved[key].lost)
        assert most[0] >= is_[0] and most[1] >= is_[1] and (one.at_most or most == is_), key
        held, are = (one.before, one.after), (exact.moved[key].before, exact.moved[key].after)
        assert held[0] >= are[0] and held[1] >= are[1] and (one.held_at_most or held == are), key
    assert all(told.heaps[heap][0] >= pair[0] and told.heaps[heap][1] >= pair[1] and (heap in told.at_most or told.heaps[heap] == pair)
               for heap, pair in exact.heaps.items())  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("UPDATE crm_opportunity SET amount = 100")
    again = count(found, unread=reads_nothing)
    assert (again.moved, again.heaps, again.at_most) == (told.moved, told.heaps, told.at_most)


def visible(person: int) -> set[str]:
    """What the read door gives somebody, one page after the other; nothing for whoever has left."""
    try:
        found = store.query(identities.for_person(person), "opportunity")
    except NotFound:
        return set()
    return set(found.ids())


def draft(rng: random.Random, made: Company) -> list[Change]:
    """Random changes as a draft has them."""
    names = Names.load()
    person, department = rng.choice(made.people), rng.choice(made.departments)
    username, code = names.people[person][0], names.departments[department][0]
    role = rng.choice(list(Role.objects.order_by("pk")))
    found: list[Change] = []
    for kind in rng.sample(("role", "closed", "grant", "revoked", "ceiling", "post", "department"), rng.randint(1, 3)):
        match kind:
            case "role" | "closed":
                before = state.current("role", role.code, names)
                kept = [one for one in role.lines if rng.random() < 0.6]
                after = None if kind == "closed" else {**(before or {}), "lines": [*kept, line(rng)]}
                found.append(Change("role", role.code, before, after))
            case "grant":
                subject = rng.choice((f"person:{username}", f"department:{code}", "everyone", "project_role:member"))
                after = state_of(
                    "grant", {"lines": [line(rng)], "subject": subject, "below": rng.random() < 0.5}, "after"
                )
                found.append(Change("grant", "new", None, after))
            case "revoked":
                pk = str(rng.choice(list(Grant.objects.values_list("pk", flat=True))))
                found.append(Change("grant", pk, state.current("grant", pk, names), None))
            case "ceiling":
                after = state_of("ceiling", {"name": "c", "type": "opportunity", "lines": [ceiling_line(rng)]}, "after")
                found.append(Change("ceiling", "drafted", None, after))
            case "post":
                before = state.current("post", username, names)
                if before is not None:
                    found.append(Change("post", username, before, {"department": code, "position": None}))
            case "department":
                before = state.current("department", code, names)
                if before is not None:
                    found.append(Change("department", code, before, {**before, "overseer": username}))
    return list({one.thing: one for one in found}.values())


@each_seed(40)
def test_a_draft_does_what_it_was_foreseen_to_do(seed: int) -> None:
    """In memory by ``company.changed``, and for good by the verbs that publishing uses."""
    rng = random.Random(seed)
    with pytest.raises(Undo), transaction.atomic():
        made = company(rng, rows=12, people=4)
        changes = draft(rng, made)
        before = World.load()
        try:
            foreseen = changed(before, changes)
        except HeliError:
            raise Undo from None
        counts = count(difference(before, foreseen, clock.now()))
        seen = {p: visible(p) for p in made.people}
        try:
            with transaction.atomic():
                apply.write(ME, changes, Names.load())
        except HeliError:  # a verb of the organisation has more to say than rights have
            raise Undo from None
        now = {p: visible(p) for p in made.people}
        read = What("opportunity", "read")
        for person in made.people:
            moved = counts.moved.get((person, read), Moved())
            told = (moved.gained, moved.lost)
            assert told == (len(now[person] - seen[person]), len(seen[person] - now[person])), changes
        raise Undo
