"""Property 1, its third part: what "why" says is what the decision says, and what it calls missing is just what is missing.

The facts are added here to the rule language itself, by an evaluation of its own: a scope that is said to be missing
is made to hold, a condition is taken as met, a role is held at the place that is named, a ceiling is lifted.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
from django.db import transaction
from tests import world
from tests.invariants.examples import Undo, each_seed
from tests.invariants.strategies import KIND, Company, company

from heli.access import view as views
from heli.access.core.decide import TypeRights
from heli.access.core.line import Cond, Everything, Grip, Held, Level, Source
from heli.access.models import Role
from heli.access.scopes import Carrier, Person
from heli.access.viewer import Viewer
from heli.api import viewer as identities
from heli.kernel.errors import Invalid, NotFound
from heli.kernel.words import Words
from heli.org import tree as organisation
from heli.records import explain
from heli.records import reach as reaching
from heli.records.explain import Question, Why
from heli.records.sight import row_facts

pytestmark = [pytest.mark.django_db, pytest.mark.storage]

ACTIONS = ("read", "edit", "delete", "approve")
FIELDS = (None, "name", "amount", "competitor", "stage")
ABSENT = "0" * 32


def condition_code(cond: Cond) -> str:
    if cond.op == "empty":
        return f"where:{cond.field}:empty"
    value = ", ".join(map(str, sorted(cond.value))) if isinstance(cond.value, frozenset) else str(cond.value)
    return f"where:{cond.field}{cond.op}{value}"


def scope_code(scope: str) -> str:
    """Which of somebody's loans would name the record is nobody's choice: all of them are one way."""
    return "scope:record" if scope.partition(":")[0] == "record" else f"scope:{scope}"


class Facts:
    """A set of fact codes, and the rights of a viewer in the world where they hold."""

    def __init__(self, viewer: Viewer, rights: TypeRights, codes: Iterable[str]) -> None:
        self.viewer, self.rights, self.codes = viewer, rights, frozenset(codes)

    def rights_then(self, unread_in: dict[str, Any] | None = None) -> TypeRights:
        """``unread_in``: conditions about cells of this row that the viewer does not read count as not met, in lines that they hold
        and in ceilings as in roles that they lack.

        They are named whether they are met or not: that one is missing would else tell what the cell holds.
        """
        assert all(code.partition(":")[0] in ("scope", "where", "role", "ceiling") for code in self.codes), self.codes
        lent = [h for code in self.codes for h in self._of_role(code)]

        def counted(lines: Iterable[Held]) -> tuple[Held, ...]:
            return tuple(
                self._met(h) for h in lines if unread_in is None or all(self._told(c, unread_in) for c in h.line.where)
            )

        ceilings = [
            replace(c, lines=counted(c.lines)) for c in self.rights.ceilings if f"ceiling:{c.code}" not in self.codes
        ]
        return TypeRights(self.rights.shape, counted([*self.rights.lines, *lent]), ceilings)

    def _told(self, cond: Cond, row: dict[str, Any]) -> bool:
        return condition_code(cond) in self.codes or self.rights.level(cond.field, row) == Level.READ

    def _met(self, held: Held) -> Held:
        where = tuple(c for c in held.line.where if condition_code(c) not in self.codes)
        grips = tuple(Grip(g.scope, (Everything(),)) if scope_code(g.scope) in self.codes else g for g in held.grips)
        return Held(replace(held.line, where=where), held.source, grips)

    def _of_role(self, code: str) -> list[Held]:
        if not code.startswith("role:"):
            return []
        name, _, place = code.removeprefix("role:").partition("@")
        role = Role.objects.get(code=name)
        person, view = self.viewer.person, self.viewer.view
        assert person is not None
        assert view is not None
        lines = [line for line in views.lines_of(role.lines) if line.type == KIND.code]
        source = Source(-1, role.code, Words("", ""), role.version, Words("", ""))
        carrier = Carrier(department=int(place) if place else view.home)
        return [views.hold(line, source, _resolver(person, view), carrier) for line in lines]


def _resolver(person: int, view: views.View) -> Person:
    from heli.kernel import clock

    moment = clock.now()
    reports, _ = organisation.reports_of(person, moment)
    projects = frozenset(
        m.project
        for m in organisation.memberships_of(person)
        if m.starts <= moment and (m.ends is None or m.ends > moment)
    )
    return Person(person, view.tree, lambda: reports, projects)


def allows(rights: TypeRights, asked: Question, facts: dict[str, Any]) -> bool:
    if asked.field is None:
        return rights.decide(asked.action, facts).allowed
    return rights.decide_field(asked.action, asked.field, facts).allowed


@each_seed(25)
def test_what_is_explained_is_what_is_decided(seed: int) -> None:
    rng = random.Random(seed)
    with pytest.raises(Undo), transaction.atomic():
        made = company(rng, rows=8, people=4)
        for person in made.people:
            viewer = identities.for_person(person)
            assert viewer.view is not None
            rights = viewer.view.type(KIND.code)
            if rights is None:
                for record in (ABSENT, next(iter(made.rows))):
                    with pytest.raises(NotFound):
                        explain.why(viewer, Question("read", KIND.code, record))
            else:
                _check_person(rng, viewer, rights, made)
        raise Undo


def _check_person(rng: random.Random, viewer: Viewer, rights: TypeRights, made: Company) -> None:
    for record, row in made.rows.items():
        facts = row_facts(row, reaching.of_row(viewer.person, rights, record, row["account_id"]))
        seen = row["deleted_at"] is None and rights.decide("read", facts).allowed
        for action in ACTIONS:
            for field in (None, rng.choice(FIELDS[1:])) if action in ("read", "edit") else (None,):
                asked = Question(action, KIND.code, record, field)
                if field is not None and rights.best_level(field) == Level.HIDDEN:
                    with pytest.raises(Invalid):
                        explain.why(viewer, asked)
                elif not seen:
                    assert explain.why(viewer, asked) == explain.why(viewer, replace(asked, id=ABSENT))
                else:
                    _check_answer(viewer, rights, asked, facts, explain.why(viewer, asked))


def _check_answer(viewer: Viewer, rights: TypeRights, asked: Question, facts: dict[str, Any], said: Why) -> None:
    assert said.allowed == allows(rights, asked, facts), asked
    if asked.field is not None and asked.action == "read":
        assert said.level == rights.level(asked.field, facts).name.lower()
    if said.allowed:
        assert said.because
        assert not said.missing
        _check_because(rights, asked, facts, said)
        return
    assert not said.because
    if asked.field is not None and asked.action == "edit" and rights.shape.fields[asked.field].readonly:
        assert [f.code for one in said.missing for f in one] == ["readonly"]
        return
    sets = [frozenset(f.code for f in one) for one in said.missing]
    assert len(set(sets)) == len(sets)
    for codes in sets:
        assert codes, asked
        assert allows(Facts(viewer, rights, codes).rights_then(), asked, facts), (asked, codes)
        for part in combinations(sorted(codes), len(codes) - 1):
            then = Facts(viewer, rights, part).rights_then(facts)
            assert not allows(then, asked, facts), f"{asked}: {sorted(codes)}, but {part} are enough"


def _check_because(rights: TypeRights, asked: Question, facts: dict[str, Any], said: Why) -> None:
    """Each line that is named suffices alone (to write a cell it must be read too: lines that only read stay)."""
    reading = [_only_read(h) for h in rights.read] if asked.action != "read" else []
    for one in said.because:
        cited = [
            h
            for h in rights.held(asked.action)
            if str(h.source.grant) == one.grant and any(g.scope == one.scope_code and g.holds(facts) for g in h.grips)
        ]
        assert cited, f"{asked}: no line of grant {one.grant} holds by {one.scope_code}"
        alone = (TypeRights(rights.shape, [h, *reading], rights.ceilings) for h in cited)
        assert any(allows(then, asked, facts) for then in alone), f"{asked}: {one} is not enough"


def _only_read(held: Held) -> Held:
    return Held(replace(held.line, actions=frozenset({"read"})), held.source, held.grips)


@each_seed(15)
def test_what_is_said_of_a_type_is_what_some_record_could_be(seed: int) -> None:
    """Without a record: yes exactly when some line, and of every ceiling a line, could hold on some record."""
    rng = random.Random(seed)
    with pytest.raises(Undo), transaction.atomic():
        made = company(rng, rows=1)
        for person in made.people:
            viewer = identities.for_person(person)
            assert viewer.view is not None
            rights = viewer.view.type(KIND.code)
            if rights is None:
                continue
            for action in ACTIONS:
                said = explain.why(viewer, Question(action, KIND.code))
                assert said.allowed == _ever(rights, action), action
                for one in said.because:
                    mine = [h for h in rights.held(action) if str(h.source.grant) == one.grant]
                    assert any(_ever(TypeRights(rights.shape, [h], rights.ceilings), action) for h in mine), action
                for codes in ({f.code for f in one} for one in said.missing):
                    assert codes
                    assert Facts(viewer, rights, codes).rights_then().held(action), (action, codes)
                    for part in combinations(sorted(codes), len(codes) - 1):
                        assert not _ever(Facts(viewer, rights, part).rights_then(), action), (action, codes, part)
        raise Undo


def _ever(rights: TypeRights, action: str) -> bool:
    def somewhere(lines: Iterable[Held]) -> bool:
        return any(getattr(atom, "values", (1,)) for h in lines for grip in h.grips for atom in grip.atoms)

    return somewhere(rights.held(action)) and all(somewhere(c.covering(action)) for c in rights.bounds(action))


@each_seed(15)
def test_beside_a_colleague_both_answers_are_their_own(seed: int) -> None:
    """The asker must see the record; then both answers are what is decided for each, and nothing cited is unknown to them."""
    rng = random.Random(seed)
    with pytest.raises(Undo), transaction.atomic():
        made = company(rng, rows=6, people=4)
        for person in made.people:
            viewer, other = identities.for_person(person), identities.for_person(rng.choice(made.people))
            rights = viewer.view.type(KIND.code) if viewer.view is not None else None
            theirs = other.view.type(KIND.code) if other.view is not None else None
            for record, row in made.rows.items() if rights is not None else ():
                assert rights is not None
                asked = Question(rng.choice(ACTIONS), KIND.code, record)
                facts = row_facts(row, reaching.of_row(viewer.person, rights, record, row["account_id"]))
                if row["deleted_at"] is not None or not rights.decide("read", facts).allowed:
                    with pytest.raises(NotFound):
                        explain.beside(viewer, other, asked)
                    continue
                found = explain.beside(viewer, other, asked)
                assert found.mine == explain.why(viewer, asked)
                reached = (
                    reaching.of_row(other.person, theirs, record, row["account_id"])
                    if theirs is not None
                    else frozenset()
                )
                decided = theirs is not None and theirs.decide(asked.action, row_facts(row, reached)).allowed
                if found.theirs.missing == ((explain.DEPENDS,),):  # the answer would tell of a cell that is not read
                    hidden = {c.field for h in _all_lines(other) for c in h.line.where}
                    assert any(rights.level(code, facts) < Level.READ for code in hidden)
                    assert not found.difference
                    continue
                assert found.theirs.allowed == decided
                mine = {s.role for s in viewer.view.sources}  # type: ignore[union-attr]
                assert all(b.role_code in mine or b.role == explain.ANOTHER for b in found.theirs.because)
                assert bool(found.difference) <= (found.mine.allowed != found.theirs.allowed)
        raise Undo


def _all_lines(viewer: Viewer) -> list[Held]:
    assert viewer.view is not None
    rights = viewer.view.bare(KIND.code)
    return [*rights.lines, *(h for one in rights.ceilings for h in one.lines)]


def test_what_is_missing_tells_nothing_of_a_cell_that_is_not_read() -> None:
    """Finance reads deals of 1,000 and more. To a colleague who sees amounts masked, small and large deals answer alike."""
    made = world.fresh()
    made.add("amy", "east", "rep")
    small, large = (made.make("ann", "opportunity", name="A", amount=amount) for amount in ("500.00", "2500.00"))
    amy = made.as_("amy")
    told = [explain.why(amy, Question("read", "opportunity", record, "amount")).missing for record in (small, large)]
    assert told[0] == told[1]
    assert "where:amount>=100000" in {fact.code for one in told[0] for fact in one}
    beside = [explain.beside(amy, made.as_("sue"), Question("read", "opportunity", r)).theirs for r in (small, large)]
    assert beside[0].missing == beside[1].missing
