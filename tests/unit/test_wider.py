"""Whether rights have grown is decided by meaning: compared with every row and cell of a small world, in both directions."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

from tests.invariants.examples import each_seed

from heli.access.core.line import REACH, Atom, Ceiling, Everything, Grip, Held, Keys, Line, Reached, Source
from heli.access.view import View, lines_of
from heli.access.wider import wider
from heli.kernel.words import Words
from heli.org.tree import Tree

SOURCE = Source(1, "rep", Words("x", "x"), 1, Words("x", "x"))
TREE = Tree({}, {})
ATOMS: tuple[Atom, ...] = (
    Keys("owner_id", frozenset({1})), Keys("owner_id", frozenset({1, 2})), Keys("department_id", frozenset({1})),
    Keys("department_id", frozenset({2, 3})), Keys("department_id", frozenset({1, 2, 3})),
    Keys("department_id", frozenset()), Reached("team", ""), Reached("record", "7"),
)  # fmt: skip
FIELDS = ("name", "amount", "owner")
ACTIONS = ("read", "edit", "delete", "approve")
CONDITIONS: tuple[list[list[Any]], ...] = (
    [["amount", op, value] for op in ("<", "<=", ">", ">=", "=") for value in ("1", "50")] + [["amount", "empty"]],
    [["stage", "=", "new"], ["stage", "in", ["new", "won"]], ["stage", "in", ["won", "qualified"]]],
    [["competitor", "empty"], ["competitor", "=", "X"], ["competitor", "in", ["X", "Y"]]],
)
VALUES: tuple[dict[str, tuple[Any, ...]], ...] = (
    {"amount": (None, 99, 100, 101, 4999, 5000, 5001)},
    {"stage": ("new", "won", "qualified", "lost")},
    {"competitor": ("", "X", "Y", "Z")},
)


def held(line: Line, *atoms: Atom, role: str = "rep") -> Held:
    return Held(line, replace(SOURCE, role=role), (Grip("x", atoms),))


def view(lines: list[Held], ceilings: list[Ceiling]) -> View:
    return View(1, "employee", (0, 0), None, lines, {"opportunity": tuple(ceilings)}, TREE)


def a_line(rng: random.Random, conditions: list[list[Any]]) -> Held:
    raw: dict[str, Any] = {
        "type": "opportunity", "actions": sorted({"read", *rng.sample(ACTIONS, 2)}), "scope": ["own"],
        "read": {"*": "read"} if rng.random() < 0.5 else {"*": rng.choice(("masked", "read")), "amount": "masked"},
    }  # fmt: skip
    if rng.random() < 0.5:
        raw["where"] = rng.sample(conditions, rng.randint(1, 2))
    if rng.random() < 0.3:
        raw["write"] = rng.sample(FIELDS, 2)
    if rng.random() < 0.3:
        raw["limit"] = rng.choice(("10", "20"))
    atoms = (Everything(),) if rng.random() < 0.15 else rng.sample(ATOMS, rng.randint(1, 3))
    return held(lines_of([raw])[0], *atoms, role=rng.choice(("rep", "lead")))


def a_ceiling(rng: random.Random, conditions: list[list[Any]]) -> Ceiling:
    code = f"c{rng.random()}"
    if rng.random() < 0.2:
        return Ceiling(code, SOURCE.via, rng.choice((None, frozenset({"edit"}))), (), frozenset({"rep"}))
    lines = tuple(a_line(rng, conditions) for _ in range(rng.randint(1, 2)))
    return Ceiling(code, SOURCE.via, rng.choice((None, frozenset({"read", "edit"}))), lines)


def changed(rng: random.Random, one: Held, conditions: list[list[Any]]) -> list[Held]:
    """A line said otherwise: mostly narrower or the same cut in pieces."""
    line, atoms = one.line, list(one.atoms)
    keys = [atom for atom in atoms if isinstance(atom, Keys) and len(atom.values) > 1]
    match rng.randrange(9):
        case 0:
            return []
        case 1:
            return [replace(one, line=replace(line, actions=frozenset({"read"})))]
        case 2:
            return [replace(one, grips=(Grip("y", tuple(atoms[:1])),))]
        case 3:
            (other,) = lines_of(
                [{"type": "opportunity", "actions": ["read"], "scope": ["own"], "where": rng.sample(conditions, 1)}]
            )
            return [replace(one, line=replace(line, where=(*line.where, *other.where)))]
        case 4:
            return [replace(one, grips=(Grip("y", (atom,)),)) for atom in atoms]
        case 5 if keys:
            rest = tuple(atom for atom in atoms if atom is not keys[0])
            cut = [Keys(keys[0].column, frozenset({value})) for value in keys[0].values]
            return [replace(one, grips=(Grip("y", (*rest, atom)),)) for atom in cut]
        case 6:
            return [replace(one, line=replace(line, levels={**line.levels, "*": 1, "amount": 0}))]  # type: ignore[dict-item]  # levels as numbers
        case 7:
            return [replace(one, line=replace(line, writes=frozenset({"name"}), limit=None))]
        case _:
            return [one, a_line(rng, conditions)] if rng.random() < 0.3 else [one]


def rows(at: int) -> Iterator[dict[str, Any]]:
    (column, values), *_ = VALUES[at].items()
    reached = [frozenset(pairs) for pairs in ((), (("team", ""),), (("record", "7"),), (("team", ""), ("record", "7")))]
    plain = {"amount": 1, "stage": "new", "competitor": "", "pool_id": "", "project_id": None}
    for owner, department, reach, value in product((None, 1, 2), (None, 1, 2, 3), reached, values):
        yield {**plain, "owner_id": owner, "department_id": department, REACH: reach, column: value}


def had(one: View, at: int) -> set[tuple[Any, ...]]:
    """All that this view allows in the small world."""
    rights, found = one.bare("opportunity"), set[tuple[Any, ...]]()
    for n, row in enumerate(rows(at)):
        for action in ACTIONS:
            if rights.decide(action, row).allowed:
                found.add((n, action))
                found |= {(n, action, limit) for limit in (1000, 2000) if rights.limit(action, row) >= limit}
        for field in (*FIELDS, "source"):
            found |= {(n, field, level) for level in range(1, rights.level(field, row) + 1)}
            found |= {
                (n, field, action) for action in ("edit", "create") if rights.decide_field(action, field, row).allowed
            }
    return found | {("ever", action) for action in ACTIONS if rights.ever(action)}


def disagreement(rng: random.Random) -> str | None:
    at = rng.randrange(len(CONDITIONS))
    conditions = CONDITIONS[at]
    lines = [a_line(rng, conditions) for _ in range(rng.randint(1, 3))]
    ceilings = [a_ceiling(rng, conditions) for _ in range(rng.choice((0, 0, 1, 2)))]
    before = view(lines, ceilings)
    moved = [piece for one in lines for piece in changed(rng, one, conditions)]
    bounds = [c for c in ceilings if rng.random() < 0.9]
    if rng.random() < 0.2:
        bounds.append(a_ceiling(rng, conditions))
    after = view(moved, bounds)
    said, gained = wider(before, after), had(after, at) - had(before, at)
    return None if said == bool(gained) else f"wider={said}, gained {sorted(map(str, gained))[:3]}"


@each_seed(80)
def test_rights_have_grown_when_some_row_or_cell_is_gained(seed: int) -> None:
    found = disagreement(random.Random(seed))
    assert found is None, f"seed {seed}: {found}"
