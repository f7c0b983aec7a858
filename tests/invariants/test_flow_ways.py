"""How many cases went each way, worked out from what steps tell, is how many did: also where several ways are gone at once."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import pytest
from tests.flows import Play, compiled, drawn, structured
from tests.invariants.examples import each_seed

from heli.flows.core import events as e
from heli.flows.core.definition import Kind
from heli.flows.core.moving import Moving
from heli.flows.mining import traffic

CASES = 12


class Forward(Random):
    """Chance that draws no circles."""

    def choice(self, seq: Sequence[Any]) -> Any:
        return super().choice([one for one in seq if one != "l"] if isinstance(seq, str) else seq)


@each_seed(120)
def test_ways_are_counted_as_they_were_gone(seed: int) -> None:
    rng = Forward(seed)
    definition = compiled(drawn(structured(rng, rng.randint(2, 14))))
    came: dict[int, set[int]] = {}
    left: dict[int, set[int]] = {}
    waiting: dict[int, set[int]] = {}
    gone: dict[int, set[int]] = {}
    case = 0
    arrive = Moving._arrive

    def arrived(self: Moving, node: int, via: int) -> None:
        gone.setdefault(via, set()).add(case)
        came.setdefault(node, set()).add(case)
        arrive(self, node, via)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Moving, "_arrive", arrived)
        for case in range(CASES):
            names = {name: rng.random() < 0.5 for name in definition.named}
            play = Play(definition, look=names.__getitem__)
            for _ in range(rng.randint(0, 20)):
                doable = [
                    one
                    for one in play.state.tokens.values()
                    if definition.nodes[one.node].kind in (Kind.USER, Kind.SERVICE)
                ]
                if not doable:
                    break
                token = rng.choice(doable)
                if definition.nodes[token.node].kind is Kind.SERVICE:
                    play.send(e.JobDone(token.id, token.round))
                else:
                    play.approve(play.name(token.node))
            for one in play.log:
                if isinstance(one, e.Done):
                    left.setdefault(one.node, set()).add(case)
            for token in play.state.tokens.values():
                if definition.nodes[token.node].kind in (Kind.PARALLEL, Kind.INCLUSIVE):
                    waiting.setdefault(token.node, set()).add(case)
    said = traffic.ways(definition, frozenset(range(CASES)), came, left, waiting)
    wrong = {}
    for node in definition.nodes:
        if node.kind is Kind.INCLUSIVE:
            for flow in (*node.incoming, *node.outgoing):
                count = said[flow]
                if count is not None and count != len(gone.get(flow, ())):
                    wrong[definition.flows[flow].id] = (count, len(gone.get(flow, ())))
                ends = {
                    definition.nodes[definition.flows[flow].source].kind,
                    definition.nodes[definition.flows[flow].target].kind,
                }
                assert count is not None or ends.isdisjoint(traffic.STEPS), "beside a step it is always told"
    assert not wrong, wrong
