"""Inclusive gateways wait for just what the standard says, in processes at random: blocks within each other, crossed ones, sub-processes."""

from __future__ import annotations

from random import Random

import pytest
from tests.flows import Nested, Play, compiled, crossed, drawn
from tests.invariants.examples import each_seed
from tests.invariants.test_flows_wide import any_move

from heli.flows.core.definition import Definition, Kind
from heli.flows.core.moving import Moving

MOVES = 40


def leads(definition: Definition, start: int, join: int) -> set[int]:
    """Nodes to which a way leads that does not visit the join; by a sub-process, and by the events on what is done."""
    found, waiting = {start}, [start]
    while waiting:
        node = definition.nodes[waiting.pop()]
        over = {node.other} if node.kind is Kind.ENTER else {definition.flows[one].target for one in node.outgoing}
        ways = {*over, *node.boundaries} - found - {join}
        found |= ways
        waiting += ways
    return found


def held_up(step: Moving, join: int) -> bool:
    """BPMN 2.0.2, table 13.3: by a token from which a way leads to an empty way in, and none to a way in that has a token. What is in a
    sub-process is at that sub-process, to who sees it from outside."""
    definition, level = step.definition, step.definition.nodes[join].level
    arrived = {one.via for one in step.state.at(join)}
    full, empty = (
        {definition.flows[one].source for one in definition.nodes[join].incoming if (one in arrived) is there}
        for there in (True, False)
    )
    for token in step.state.tokens.values():
        here = token.node
        while here >= 0 and definition.nodes[here].level != level:
            here = definition.nodes[here].level
        if token.node != join and here >= 0:
            reached = leads(definition, here, join)
            if reached & empty and not reached & full:
                return True
    return False


def play(source: bytes, rng: Random, seen: list[bool]) -> None:
    may_come = Moving._may_come

    def asked(self: Moving, join: int) -> bool:
        found = may_come(self, join)
        if self.definition.nodes[join].kind is Kind.INCLUSIVE:
            assert found is held_up(self, join), source
            seen.append(found)
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Moving, "_may_come", asked)
        one = Play(compiled(source), look=lambda name: rng.random() < 0.5)
        for _ in range(MOVES):
            if one.state.ended is not None:
                break
            any_move(one, rng)


def with_a_join(rng: Random) -> bytes:
    while True:
        size = rng.randint(4, 14)
        edges = crossed(rng, size) if rng.random() < 0.8 else None
        source = drawn(edges) if edges is not None else Nested(rng, size).source
        if b"inclusiveGateway" in source:
            return source


@each_seed(40)
def test_inclusive_gateways_wait_for_what_the_standard_says(seed: int) -> None:
    rng = Random(seed)
    play(with_a_join(rng), rng, [])


def test_both_answers_are_met() -> None:
    seen: list[bool] = []
    for seed in range(20):
        play(with_a_join(Random(seed)), Random(seed), seen)
    assert {True, False} == set(seen)
