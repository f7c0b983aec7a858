"""Processes at random, decided at random: no work is lost or doubled, and every instance can always end."""

from __future__ import annotations

from random import Random

from tests.flows import Play, compiled, drawn, structured
from tests.invariants.examples import each_seed

from heli.flows.core import events as e
from heli.flows.core import graph, soundness
from heli.flows.core.definition import Kind
from heli.flows.core.state import Ended, ItemState
from heli.kernel.errors import HeliError

MOVES = 40
MODES = ("any", "all", "sequence", "vote", "claim")


def whole(play: Play) -> None:
    """What must hold after every step."""
    state, nodes = play.state, play.engine.definition.nodes
    assert (state.ended is None) == bool(state.tokens)
    assert set(state.groups) <= set(state.tokens)
    assert {one.token for one in state.items.values()} <= set(state.groups)
    for token in state.tokens.values():
        assert token.id not in state.halted, state.halted
        kind = nodes[token.node].kind
        if kind is Kind.USER:
            open_ = [one for one in state.items.values() if one.token == token.id and one.state is ItemState.OPEN]
            assert open_, "somebody always has the work"
        else:
            assert kind in (Kind.SERVICE, Kind.PARALLEL, Kind.INCLUSIVE)
    ways = [
        (one.node, one.via) for one in state.tokens.values() if nodes[one.node].kind in (Kind.PARALLEL, Kind.INCLUSIVE)
    ]
    assert len(set(ways)) == len(ways), "no way into a join holds two"
    busy = [one.node for one in state.tokens.values() if nodes[one.node].kind in (Kind.USER, Kind.SERVICE)]
    assert len(set(busy)) == len(busy), "no node is worked on twice at once"


def told_whole(play: Play) -> None:
    """Rights and notices begin and end in pairs, as the commands told the world."""
    open_: dict[int, int] = {}
    for one in play.log:
        if isinstance(one, e.Opened):
            assert one.item not in open_
            open_[one.item] = one.person
        elif isinstance(one, e.Closed):
            assert open_.pop(one.item) == one.person
    assert open_ == {one.id: one.person for one in play.open()}
    jobs: set[tuple[int, int]] = set()
    for one in play.log:
        if isinstance(one, e.Job):
            assert (one.node, one.round) not in jobs, "the key of a job is never used again"
            jobs.add((one.node, one.round))


def any_move(play: Play, rng: Random) -> None:
    """Somebody does something, allowed or not."""
    state, nodes = play.state, play.engine.definition.nodes
    jobs = [one for one in state.tokens.values() if nodes[one.node].kind is Kind.SERVICE]
    items = play.open()
    if jobs and (not items or rng.random() < 0.4):
        job = rng.choice(jobs)
        play.send(e.JobDone(job.id, rng.choice((job.round, job.round, job.round - 1))))
        return
    if not items:
        return
    item = rng.choice(items)
    other = rng.randint(1, 6)
    earlier = [nodes[one].id for one in play.engine.targets(state, item.id)]
    choices: list[e.Event] = [
        *[e.Decide(item.id, item.person)] * 5,
        e.Decide(item.id, item.person, False, rng.choice([*earlier, "start", "previous", None])),
        e.Transfer(item.id, item.person, other),
        e.Delegate(item.id, item.person, other),
        e.Claim(item.id, item.person),
        e.AddSigner(item.id, item.person, other, rng.choice(("before", "after", "parallel"))),
        e.RemoveSigner(item.id, item.person, rng.choice(list(state.items))),
        e.TakeBack(rng.randrange(len(nodes)), other),
        e.Decide(item.id, other + 10),
        e.Anew(item.token),
    ]
    what = rng.choice(choices)
    try:
        play.send(what)
    except HeliError:
        return


def played(seed: int) -> Play:
    rng = Random(seed)
    source = drawn(
        structured(rng, rng.randint(2, 14)), mode=rng.choice(MODES), siblings=rng.choice(("kept", "redone")), resubmit=rng.choice(("walk", "back")),
    )  # fmt: skip
    definition = compiled(source)
    assert soundness.check(definition) == []
    people = {node.id: rng.sample(range(1, 7), rng.randint(1, 3)) for node in definition.nodes}
    play = Play(definition, people, lambda name: rng.random() < 0.4)
    for _ in range(MOVES):
        any_move(play, rng)
        whole(play)
        if play.state.ended is not None:
            break
    return play


@each_seed(150)
def test_every_instance_can_always_end_and_nothing_is_lost_or_doubled(seed: int) -> None:
    play = played(seed)
    play.look = lambda name: False  # from now on everybody agrees, and no circle is taken again
    for _ in range(400):
        if play.state.ended is not None:
            break
        nodes = play.engine.definition.nodes
        job = next((one for one in play.state.tokens.values() if nodes[one.node].kind is Kind.SERVICE), None)
        if job is not None:
            play.send(e.JobDone(job.id, job.round))
        else:
            item = play.open()[0]
            play.send(e.Decide(item.id, item.person))
        whole(play)
    told_whole(play)
    assert play.state.ended in (Ended.COMPLETED, Ended.REJECTED)
    assert not play.state.tokens and not play.state.items and not play.state.timers


@each_seed(60)
def test_the_same_events_come_to_the_same_state(seed: int) -> None:
    assert played(seed).state == played(seed).state


def wild(rng: Random) -> str:
    """A graph at random, sound or not, from which every node can be reached and leads to the end."""
    inner = [f"{letter}{n}" for n, letter in enumerate(rng.choices("uxxppo", k=rng.randint(2, 7)))]
    edges = [f"s>{inner[0]}"]
    for at, node in enumerate(inner):
        if at:
            edges.append(f"{rng.choice(inner[:at])}>{node}")
        edges.append(f"{node}>{rng.choice([*inner[at + 1 :], 'e'])}")
    return " ".join(dict.fromkeys(edges))


@each_seed(300)
def test_what_is_folded_away_is_as_sound_as_what_is_not(seed: int) -> None:
    definition = compiled(drawn(wild(Random(seed))))
    shape = graph.Graph(definition)
    folded = soundness._behaviour(shape)
    keep, soundness._fold = soundness._fold, lambda net: None
    try:
        plain = soundness._behaviour(shape)
    finally:
        soundness._fold = keep
    assert bool(folded) == bool(plain), drawn(wild(Random(seed)))
