"""Of several things done one by one enough may have ended: whatever comes, however often and late, is counted once, and nothing is left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from tests.flows import Play, compiled
from tests.invariants.examples import each_seed

from heli.flows.core import bpmn
from heli.flows.core import events as e
from heli.flows.core.expression import Value
from heli.flows.core.state import Ended

FILE = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:heli="urn:heli:flow"><process id="p"><startEvent id="s"/>'
    '<sequenceFlow id="f1" sourceRef="s" targetRef="all"/><callActivity id="all" calledElement="other"><multiInstanceLoopCharacteristics '
    'isSequential="{one_by_one}"><loopCardinality>{n}</loopCardinality><completionCondition>{enough}</completionCondition>'
    '</multiInstanceLoopCharacteristics></callActivity><sequenceFlow id="f2" sourceRef="all" targetRef="e"/><endEvent id="e"/>'
    "</process></definitions>"
)


def source(n: int, enough: str, *, one_by_one: bool = False) -> bytes:
    text = enough.replace("&", "&amp;").replace("<", "&lt;")
    return FILE.format(n=n, enough=text, one_by_one=str(one_by_one).lower()).encode()


def conditions(k: int) -> dict[str, Callable[[int, int, int, Any], bool | None]]:
    """A condition, and what it comes to by (all, ended, begun and not ended, what is told otherwise); "broken" has no value while a text is."""
    return {
        f"nrOfCompletedInstances >= {k}": lambda n, done, open_, told: done >= k,
        "${nrOfCompletedInstances / nrOfInstances >= 0.5}": lambda n, done, open_, told: 2 * done >= n,
        f"numberOfActiveInstances < {k} and numberOfCompletedInstances > 1": lambda n, done, open_, told: (
            open_ < k and done > 1
        ),
        "false": lambda *_: False,
        f"told = 1 or nrOfCompletedInstances = {k}": lambda n, done, open_, told: told == 1 or done == k,
        "told > 0": lambda n, done, open_, told: None if told == "x" else told > 0,
    }


@each_seed(400)
def test_what_ends_is_counted_once_and_enough_is_enough(seed: int) -> None:
    rng = Random(seed)
    n, one_by_one = rng.randint(1, 8), rng.random() < 0.5
    enough, meant = rng.choice(list(conditions(rng.randint(1, n)).items()))
    told: Value = Decimal(0)
    play = Play(compiled(source(n, enough, one_by_one=one_by_one)), look=lambda name: told)
    token = next(iter(play.state.tokens.values()))
    ended: list[int] = []
    halted, how = False, ""
    for _ in range(60):
        if how:
            break
        told = rng.choice((Decimal(0), Decimal(0), Decimal(1), "x")) if "told" in enough else Decimal(0)
        known: Any = told if told == "x" else int(str(told))
        retried = halted and rng.random() < 0.4
        before = len(ended)
        if retried:
            play.send(e.Retry(token.id))
        else:
            begun = [one.number for one in play.log if isinstance(one, e.Called)]
            number = rng.choice(begun)
            play.send(e.CallEnded(token.id, token.round - rng.choice((0, 0, 0, 1)), number))
            calls = play.state.calls.get(token.id)
            if (calls is not None and number in calls.ended and number not in ended) or play.state.ended is not None:
                ended.append(number)
        if retried or len(ended) > before:
            shut = 0 if one_by_one else n - len(ended)
            fits = meant(n, len(ended), shut, known)
            halted = fits is None and len(ended) < n
            how = "done" if len(ended) == n else "enough" if fits else ""
        calls = play.state.calls.get(token.id)
        assert (calls is None) == bool(how)
        assert calls is None or sorted(calls.ended) == sorted(ended)
        assert play.state.halted == ({token.id: "completion"} if halted else {})
    for _ in range(n + 1 if how else 0):  # what comes too late means nothing
        play.send(e.CallEnded(token.id, token.round, rng.randrange(n)))
    called = Counter(one.number for one in play.log if isinstance(one, e.Called))
    assert one_by_one or set(called) == set(range(n))
    assert not one_by_one or set(called) == set(range(len(called))), "one after the other"
    over = [one for one in play.log if isinstance(one, e.Done)]
    assert [one.outcome for one in over] == ([how] if how else [])
    assert [one.enough for one in play.log if isinstance(one, e.Dropped)] == ([True] if how == "enough" else [])
    assert (play.state.ended is Ended.COMPLETED) == bool(how)
    if how == "enough":
        assert over[0].said is not None and f"{len(ended)} of {n}" in over[0].said.en


@pytest.mark.parametrize("enough", ["nrOfCompletedInstances >=", "nrOfCompletedInstances", "nrOfInstances - 'x' > 1"])
def test_a_condition_that_cannot_be_read_or_says_neither_yes_nor_no_is_refused_with_its_place(enough: str) -> None:
    found = bpmn.read(source(3, enough))
    assert [(one.place, one.code) for one in found.problems] == [("all", "condition")]
    assert "completion condition" in found.problems[0].words.en


@pytest.mark.parametrize("enough", ["nrOfCompletedInstances >= 2", "  "])
def test_what_says_when_enough_have_ended_is_executed(enough: str) -> None:
    found = bpmn.read(source(3, enough))
    assert list(found.problems) == []
    assert all(one.executed for one in found.elements)
