"""The decision core by itself: lines, ceilings, levels, limits; and its answers beside cedarpy's."""

from __future__ import annotations

import random
from typing import Any

import cedarpy
import pytest

from heli.access.core.decide import TypeRights
from heli.access.core.line import (
    REACH,
    Ceiling,
    Cond,
    Everything,
    Grip,
    Held,
    Keys,
    Level,
    Line,
    Reached,
    Shape,
    Source,
    TypeShape,
)
from heli.kernel.words import Words

NAME = Words("x", "x")
FIELDS = {
    code: Shape(code, data_class, code, code == "number", lambda op, value: value)
    for code, data_class in (
        ("name", "internal"),
        ("phone", "sensitive"),
        ("amount", "confidential"),
        ("number", "public"),
    )
}
SHAPE = TypeShape("deal", NAME, FIELDS, True, frozenset({"read", "edit", "create", "approve"}))
SOURCE = Source(1, "role", NAME, 1, NAME)
ROW = {"owner_id": 1, "department_id": 7, "name": "A", "phone": "1", "amount": 500, "number": "N", REACH: frozenset()}


def held(*atoms: Any, actions: str = "read", role: str = "role", **line: Any) -> Held:
    source = Source(1, role, NAME, 1, NAME)
    return Held(Line("deal", frozenset(actions.split()), ("s",), **line), source, (Grip("s", tuple(atoms)),))


def own(person: int = 1) -> Keys:
    return Keys("owner_id", frozenset({person}))


def ceiling(*lines: Held, actions: frozenset[str] | None = None, roles: frozenset[str] | None = None) -> Ceiling:
    return Ceiling("c", NAME, actions, lines, roles)


def rights(*lines: Held, ceilings: tuple[Ceiling, ...] = ()) -> TypeRights:
    return TypeRights(SHAPE, lines, ceilings)


def test_a_no_says_what_kind_of_no_it_is() -> None:
    some = rights(held(own()), held(own(), actions="edit", writes=frozenset({"amount", "name", "number"})))
    assert some.decide("read", ROW).allowed
    assert some.decide("approve", ROW).reason == "no_line"
    assert some.decide("fly", ROW).reason == "unknown"
    assert some.decide("read", {**ROW, "owner_id": None}).reason == "no_scope"
    assert some.decide_field("edit", "name", ROW).allowed
    assert some.decide_field("edit", "amount", ROW).reason == "level"
    assert some.decide_field("edit", "phone", ROW).reason == "not_writable"
    assert some.decide_field("edit", "number", ROW).reason == "readonly"
    assert some.decide_field("edit", "nmae", ROW).reason == "unknown"


def test_levels_follow_field_then_class_then_star_then_default() -> None:
    plain = rights(held(own()))
    assert [plain.level(c, ROW) for c in FIELDS] == [Level.READ, Level.MASKED, Level.HIDDEN, Level.READ]
    named = rights(held(own(), levels={"amount": Level.READ, "confidential": Level.HIDDEN, "*": Level.MASKED}))
    assert [named.level(c, ROW) for c in FIELDS] == [Level.MASKED, Level.MASKED, Level.READ, Level.MASKED]


def test_a_ceiling_bounds_rows_cells_and_limits_but_gives_nothing() -> None:
    line = held(Everything(), actions="read edit approve", levels={"*": Level.READ}, limit=900)
    cap = ceiling(held(own(), actions="read approve", levels={"amount": Level.MASKED, "*": Level.READ}, limit=100))
    capped = rights(line, ceilings=(cap,))
    assert capped.level("amount", ROW) == Level.MASKED
    assert capped.limit("approve", ROW) == 100
    assert not capped.decide("read", {**ROW, "owner_id": 2}).allowed
    assert capped.decide("edit", ROW).reason == "ceiling:c"
    assert not rights(ceilings=(cap,)).decide("read", ROW).allowed
    through = rights(line, ceilings=(ceiling(roles=frozenset({"other"})),))
    assert not through.decide("read", ROW).allowed


def test_a_condition_on_an_empty_cell_is_false_and_never_negates() -> None:
    for op, value in (("=", 1), ("<", 1), (">=", 1), ("in", frozenset({1}))):
        assert not Cond("amount", "amount", op, value).holds({"amount": None})
    assert Cond("amount", "amount", "empty", None).holds({"amount": None})


def test_what_cannot_be_decided_is_a_no() -> None:
    broken = rights(held(own(), where=(Cond("amount", "amount", "<", "text"),)))
    assert not broken.decide("read", ROW).allowed
    assert broken.level("name", ROW) == Level.HIDDEN
    assert not rights(held(own())).decide("read", {}).allowed


def test_certainty_about_unknown_rows_needs_a_line_without_conditions() -> None:
    keys = {"owner_id": None, "department_id": None, "account_owner_id": 1, REACH: frozenset()}
    mine = Keys("account_owner_id", frozenset({1}))
    assert rights(held(mine)).everywhere("read", keys)
    assert not rights(held(mine, where=(Cond("amount", "amount", "empty", None),))).everywhere(
        "read", {**keys, "amount": None}
    )
    assert not rights(held(own())).everywhere("read", keys)
    assert not rights(held(mine), ceilings=(ceiling(held(own())),)).everywhere("read", keys)


# -- beside an implementation nobody here wrote -----------------------------------------------------------------


def cedar_of(one: Held, action: str) -> str:
    """A held line as a Cedar permit. Empty cells are absent attributes."""
    scopes = []
    for atom in one.atoms:
        match atom:
            case Everything():
                scopes.append("true")
            case Keys(column, values):
                listed = ", ".join(map(str, sorted(values)))
                scopes.append(f"(resource has {column} && [{listed}].contains(resource.{column}))")
            case Reached(kind, tag):
                scopes.append(f'resource.reach.contains("{kind}:{tag}")')
    said = ["(" + " || ".join(scopes) + ")"]
    for cond in one.line.where:
        if cond.op == "empty":
            said.append(f"!(resource has {cond.column})")
        elif cond.op == "in":
            said.append(
                f"(resource has {cond.column} && [{', '.join(map(str, sorted(cond.value)))}].contains(resource.{cond.column}))"
            )
        else:
            sign = "==" if cond.op == "=" else cond.op
            said.append(f"(resource has {cond.column} && resource.{cond.column} {sign} {cond.value})")
    return f'permit(principal, action == Action::"{action}", resource) when {{ {" && ".join(said)} }};'


def random_line(rng: random.Random) -> Held:
    atoms = rng.sample(
        [
            Everything(), own(rng.randint(1, 3)), Keys("department_id", frozenset(rng.sample(range(1, 6), 2))),
            Reached("team", ""), Reached("related"),
        ],
        rng.randint(1, 2),
    )  # fmt: skip
    where = rng.sample(
        [
            Cond("amount", "amount", rng.choice(("<", "<=", ">", ">=", "=")), rng.choice((0, 5, 10))),
            Cond("amount", "amount", "empty", None), Cond("amount", "amount", "in", frozenset({0, 5})),
        ],
        rng.choice((0, 0, 1, 2)),
    )  # fmt: skip
    return held(*atoms, actions=rng.choice(("read", "edit", "read edit")), where=tuple(where))


def random_row(rng: random.Random) -> dict[str, Any]:
    return {
        "owner_id": rng.choice((None, 1, 2, 3)), "department_id": rng.choice((None, 1, 2, 3, 4, 5)),
        "amount": rng.choice((None, 0, 5, 7, 10)),
        REACH: frozenset(rng.sample([("team", ""), ("related", ""), ("team", "edit")], rng.randint(0, 2))),
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(40))
def test_cedar_given_the_same_grants_agrees(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(5):
        lines = [random_line(rng) for _ in range(rng.randint(1, 4))]
        both = rights(*lines)
        rows = [random_row(rng) for _ in range(6)]
        policies = "\n".join(cedar_of(h, action) for h in lines for action in sorted(h.line.actions))
        entities = [
            {
                "uid": {"type": "Row", "id": str(i)}, "parents": [],
                "attrs": {k: v for k, v in row.items() if k != REACH and v is not None}
                | {"reach": [f"{kind}:{tag}" for kind, tag in sorted(row[REACH])]},
            }
            for i, row in enumerate(rows)
        ]  # fmt: skip
        asked = [(action, i) for action in ("read", "edit", "approve") for i in range(len(rows))]
        requests = [
            {"principal": 'P::"u"', "action": f'Action::"{action}"', "resource": f'Row::"{i}"', "context": {}}
            for action, i in asked
        ]
        said = cedarpy.is_authorized_batch(requests, policies, entities)
        for (action, i), answer in zip(asked, said, strict=True):
            assert not answer.diagnostics.errors
            assert both.decide(action, rows[i]).allowed == answer.allowed, (action, rows[i], policies)


def test_a_line_that_cannot_be_decided_does_not_hold_and_spoils_no_other(caplog: pytest.LogCaptureFixture) -> None:
    broken = held(Everything(), where=(Cond("amount", "amount", "<", "ten"),))
    mine = held(own())
    for lines in ((broken, mine), (mine, broken)):
        made = rights(*lines)
        for _ in range(2):
            assert made.decide("read", ROW).because == (mine,)
            assert made.decide("read", {**ROW, "owner_id": 2}).reason == "no_scope"
    assert "undecidable line" in caplog.text


def test_an_answer_names_the_lines_that_hold_on_this_row_and_no_others() -> None:
    lines = [held(own(n), where=(Cond("amount", "amount", ">=", n),) if n % 2 else ()) for n in range(12)]
    lines += [held(own(3), Keys("department_id", frozenset({7, n}))) for n in range(3)]
    made = rights(*lines)
    rng = random.Random(11)
    for _ in range(2000):
        row = {**ROW, "owner_id": rng.randrange(14), "department_id": rng.randrange(9), "amount": rng.randrange(12)}
        assert list(made.decide("read", row).because) == [one for one in lines if one.holds(row)]
