"""Editing a cell of the matrix changes that cell, for that line, and nothing else: for random roles, said by the core's own lines."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.invariants import strategies

from heli.access.core.line import Level
from heli.access.rules import parse_lines
from heli.policy import matrix

SHAPE = matrix.shape_of("opportunity")


def role(seed: int) -> list[dict[str, Any]]:
    rng = random.Random(seed)
    lines = [strategies.line(rng) for _ in range(rng.randint(1, 5))]
    for one in lines:
        if "write" in one and rng.random() < 0.5:
            one["write"] = {key: rng.random() < 0.7 for key in rng.sample((*strategies.CLASSES, *strategies.FIELDS), 3)}
    return [*lines, {"type": "account", "actions": ["read", "edit"], "scope": ["own"], "write": ["name"]}]


def by_core(lines: list[dict[str, Any]], column: matrix.Column) -> dict[str, str]:
    """The same cells, but from parsed lines: an evaluation that the matrix does not share."""
    parsed = parse_lines(lines)
    found: dict[str, str] = {}
    for code, field in SHAPE.fields.items():
        level = parsed[column.at].level(code, field.data_class) if column.at is not None else Level.READ
        writes = not field.readonly and any(parsed[i].may_write(code) for i in column.edits)
        if level == Level.READ and writes:
            found[code] = "edit"
        else:
            found[code] = matrix.STATES[level] if column.at is not None else "hidden"
    return found


def everything(lines: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
    return {one.id: by_core(lines, one) for one in matrix.columns(lines, "opportunity")}


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_a_cell_is_set_and_no_other_moves(seed: int, pick: int) -> None:
    lines, rng = role(seed), random.Random(pick)
    found = matrix.columns(lines, "opportunity")
    column, key = rng.choice(found), rng.choice(matrix.rows(SHAPE))
    state = rng.choice(("hidden", "edit") if column.at is None else (*matrix.STATES, None))
    before, owned = everything(lines), matrix.cells(lines, column, SHAPE)
    untouched = [line for i, line in enumerate(lines) if i != column.at and i not in column.edits]
    kept = [dict(line) for line in lines]

    changed = matrix.set_cell(lines, "opportunity", column.id, key, state)

    assert lines == kept, "the given lines are left alone"
    assert all(line in changed for line in untouched), "other lines stand as they stood"
    assert len(changed) - len(lines) in (0, 1)
    after = everything(changed)
    assert set(after) == set(before)
    heirs = {code for code, one in SHAPE.fields.items() if one.data_class == key and not owned[code].own} | {key}
    for other, states in before.items():
        for code, was in states.items():
            if other != column.id or code not in heirs:
                assert after[other][code] == was, (other, code)
    now = next(one for one in matrix.columns(changed, "opportunity") if one.id == column.id)
    shown = matrix.cells(changed, now, SHAPE)
    for code, one in shown.items():
        if code in SHAPE.fields:
            assert one.state == after[column.id][code], "the matrix says what the core decides"
    if state is None:
        assert not shown[key].own
    else:
        most = "hidden" if column.at is None else "read"
        for code in heirs:
            beyond = state == "edit" and not matrix.writable(SHAPE, code)
            assert shown[code].state == (most if beyond else state), code


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_setting_and_taking_back_leaves_what_was_inherited(seed: int, pick: int) -> None:
    lines, rng = role(seed), random.Random(pick)
    column = rng.choice(matrix.columns(lines, "opportunity"))
    owned = matrix.cells(lines, column, SHAPE)
    free = [code for code in SHAPE.fields if not owned[code].own]
    if not free or column.at is None:
        return
    code = rng.choice(free)
    there = matrix.set_cell(lines, "opportunity", column.id, code, rng.choice(matrix.STATES))
    back = matrix.set_cell(there, "opportunity", column.id, code, None)
    assert everything(back) == everything(lines)
