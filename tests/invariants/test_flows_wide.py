"""Everything that is executed at random, moved at random: tokens are conserved, and every case can always end."""

from __future__ import annotations

import re
from random import Random

from tests.flows import Nested, Play, compiled
from tests.invariants.examples import each_seed

from heli.flows.core import bpmn, soundness
from heli.flows.core import events as e
from heli.flows.core.definition import CATCHES, Kind
from heli.flows.core.moved import over
from heli.flows.core.state import Ended, ItemState
from heli.kernel.errors import HeliError

MOVES = 50
TASK_OF_ANY = '<extensionElements><heli:people mode="any"/></extensionElements>'
HOLDS = (Kind.PARALLEL, Kind.INCLUSIVE, Kind.LEAVE)


def whole(play: Play) -> None:
    """What must hold after every step."""
    state, graph = play.state, play.engine.graph
    nodes = play.engine.definition.nodes
    assert (state.ended is None) == bool(state.tokens)
    assert not state.halted, state.halted
    assert {place for one in state.tokens.values() for place in graph.chains[one.node]} == set(state.scopes), (
        "work is in it, or it is shut"
    )
    assert len({*state.scopes.values()} | {*state.tokens}) == len(state.scopes) + len(state.tokens)
    for (number, place), _ in state.timers.items():
        host = nodes[place].host
        if host is not None and nodes[host].kind is Kind.ENTER:
            assert state.scopes[host] == number
        else:
            assert state.tokens[number].node in (place, host) or nodes[state.tokens[number].node].kind is Kind.EVENTS
    assert set(state.calls) <= set(state.tokens)
    for one in state.tokens.values():
        kind = nodes[one.node].kind
        waits = {place for number, place in state.timers if number == one.id}
        if kind is Kind.USER:
            assert [item for item in state.items.values() if item.token == one.id and item.state is ItemState.OPEN]
        elif kind in CATCHES:
            assert one.node in waits
        elif kind is Kind.EVENTS:
            assert len(waits) >= 2
        elif kind is Kind.CALL:
            assert one.id in state.calls
        else:
            assert kind in (Kind.SERVICE, *HOLDS), kind
    joins = [(one.node, one.via) for one in state.tokens.values() if nodes[one.node].kind in HOLDS]
    assert len(set(joins)) == len(joins), "no way into a join holds two"
    busy = [one.node for one in state.tokens.values() if nodes[one.node].kind not in HOLDS]
    assert len(set(busy)) == len(busy), "no node is worked on twice at once"


def told_whole(play: Play) -> None:
    """What begins has ended: work, timers, what is waited for; and no key is used twice."""
    work: dict[int, int] = {}
    awaited: dict[tuple[int, int], int] = {}
    keys: set[tuple[str, int, int, int]] = set()
    for one in play.log:
        match one:
            case e.Opened():
                assert work.setdefault(one.item, one.person) == one.person
            case e.Closed():
                assert work.pop(one.item) == one.person
            case e.Timed() | e.Awaits():
                assert awaited.setdefault((one.token, one.node), one.round) == one.round
            case e.Untimed():
                awaited.pop((one.token, one.node), None)
            case e.Job() | e.Called():
                key = (type(one).__name__, one.node, one.round, getattr(one, "number", 0))
                assert key not in keys
                keys.add(key)
    assert work == {one.id: one.person for one in play.open()}
    assert set(play.state.timers) <= set(awaited)


def world(play: Play, rng: Random) -> list[e.Event]:
    """What may come from outside now, of which nothing is refused."""
    state, nodes = play.state, play.engine.definition.nodes
    found: list[e.Event] = [e.Due(number, place, round_) for (number, place), round_ in state.timers.items()]
    found += [e.Received(number, place, round_ - 1) for (number, place), round_ in state.timers.items()]
    for one in state.tokens.values():
        if nodes[one.node].kind is Kind.SERVICE:
            found += [e.JobDone(one.id, one.round), e.JobDone(one.id, one.round - 1)]
        if nodes[one.node].kind is Kind.CALL:
            found += [
                e.CallEnded(one.id, one.round, 0),
                e.CallEnded(one.id, one.round, 0, rng.choice(("", "", "bad"))),
                e.CallEnded(one.id, 0, 0),
            ]
    return found


def any_move(play: Play, rng: Random) -> None:
    state, nodes = play.state, play.engine.definition.nodes
    outside, items = world(play, rng), play.open()
    if outside and (not items or rng.random() < 0.4):
        play.send(rng.choice(outside))
        return
    item, other = rng.choice(items), rng.randint(1, 6)
    earlier = [nodes[one].id for one in play.engine.targets(state, item.id)]
    choices: list[e.Event] = [
        *[e.Decide(item.id, item.person)] * 4,
        *[e.Decide(item.id, item.person, False, rng.choice([*earlier, *earlier, "start", "previous"]))] * 2,
        e.AddSigner(item.id, item.person, other, rng.choice(("before", "after", "parallel"))),
        e.RemoveSigner(item.id, item.person, rng.choice(list(state.items))),
        e.Delegate(item.id, item.person, other),
        e.TakeBack(rng.randrange(len(nodes)), other),
        e.Withdraw(rng.choice((9, *[other] * 15))),
    ]
    try:
        play.send(rng.choice(choices))
    except HeliError:
        return


def on(play: Play) -> None:
    """Move whatever can move, without going back."""
    state, nodes = play.state, play.engine.definition.nodes
    for one in state.tokens.values():
        kind = nodes[one.node].kind
        if kind is Kind.SERVICE:
            play.send(e.JobDone(one.id, one.round))
            return
        if kind is Kind.CALL:
            play.send(e.CallEnded(one.id, one.round, 0))
            return
        if kind in (*CATCHES, Kind.EVENTS):
            number, place = next(key for key in state.timers if key[0] == one.id)
            play.send(e.Due(number, place, state.timers[number, place]))
            return
    item = play.open()[0]
    play.send(e.Decide(item.id, item.person))


def drawn(rng: Random) -> bytes:
    siblings, resubmit = rng.choice(("kept", "redone")), rng.choice(("walk", "back"))
    return Nested(rng, rng.randint(3, 14), siblings=siblings, resubmit=resubmit).source


def played(seed: int, moves: int = MOVES) -> Play:
    rng = Random(seed)
    definition = compiled(drawn(rng))
    assert soundness.check(definition) == []
    people = {node.id: rng.sample(range(1, 7), rng.randint(1, 3)) for node in definition.nodes}
    play = Play(definition, people, lambda name: rng.random() < 0.4)
    for _ in range(moves):
        if play.state.ended is not None:
            break
        any_move(play, rng)
        whole(play)
    return play


@each_seed(150)
def test_every_case_can_always_end_and_nothing_is_lost_or_doubled(seed: int) -> None:
    play = played(seed)
    play.look = lambda name: False
    for _ in range(600):
        if play.state.ended is not None:
            break
        on(play)
        whole(play)
    told_whole(play)
    assert play.state.ended is not None
    assert not (play.state.tokens or play.state.items or play.state.timers or play.state.scopes or play.state.calls)


@each_seed(60)
def test_a_case_that_is_taken_over_can_end(seed: int) -> None:
    """Into the same process every case goes; into one with a step more, with other gateways or quite another where it can end there."""
    rng = Random(seed + 1)
    play = played(seed, rng.randint(1, 12))
    if play.state.ended is not None:
        return
    old, source = play.engine.definition, drawn(Random(seed)).decode()
    flow = rng.choice(re.findall(r'<sequenceFlow id="f\d+" sourceRef="u\d+" targetRef="(\w+)">', source) or ["-"])
    longer = source.replace(f'targetRef="{flow}">', f'targetRef="more"><!-- {flow} -->', 1)
    level = source[: source.find(f'id="{flow}"')]
    if level.count("<subProcess") == level.count("</subProcess") and flow != "-":
        new_flow = f'<sequenceFlow id="f0" sourceRef="more" targetRef="{flow}"></sequenceFlow>'
        longer = longer.replace("</process>", f'<userTask id="more">{TASK_OF_ANY}</userTask>{new_flow}</process>')
    else:
        longer = source
    looser = source.replace("parallelGateway", "inclusiveGateway")
    others = [found.definition for one in (longer, looser) if (found := bpmn.read(one.encode())).definition is not None]
    others = [one for one in others if one is not None and not soundness.check(one)]
    for new in (old, *others, compiled(drawn(rng))):
        made = over(play.state, old, new, {})
        if new is old:
            assert not made.reasons or made.reasons[0].node == "", [one.words.en for one in made.reasons]
        if made.reasons:
            continue
        there = Play(new, {}, lambda name: False)
        there.state, there.log = made.state, []
        there.send(e.TakenOver(tuple(made.new)))
        whole(there)
        for _ in range(600):
            if there.state.ended is not None:
                break
            on(there)
            whole(there)
        assert there.state.ended in (Ended.COMPLETED, Ended.REJECTED)
