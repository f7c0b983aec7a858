"""Another engine agrees on what both execute: SpiffWorkflow (LGPL), in a program of its own that HELI_SPIFF names; skipped without it.

Beyond the cases here, 10,500 processes of ``plain``, 2,300 larger ones, 4,300 that are not made of blocks and 4,000 with errors and sub-processes
within each other were played by both: they went the same way but for the three things that ``OTHERWISE`` lists (21 times), where SpiffWorkflow
3.2 does not do what BPMN says; 18 it could not play.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import subprocess
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tests.flows import compiled, crossed, drawn, structured

from heli.flows.core.expression import Value
from heli.flows.core.trial import Script, Trial

PEER = Path(__file__).parent.parent / "peers" / "spiff.py"
CASES = 150
CROSSED = 50
STEPS = 60


def plain(rng: Random) -> str:
    """A process at random of what both know: people, gateways of three kinds, circles, sub-processes with branches that end on their own
    or fail, work done once for each of several until enough are done."""
    source = bare(structured(rng, rng.randint(2, 12)))
    for one in re.findall(r'<userTask id="(u\d+)">', source):
        if rng.random() < 0.25:
            source = source.replace(TASK.format(one), inside(one, rng.random() < 0.3))
        elif rng.random() < 0.25:
            source = source.replace(TASK.format(one), several(rng, one))
        elif rng.random() < 0.25:
            source = failing(source, one)
    return wired(source)


TASK = '<userTask id="{}"></userTask>'


def bare(edges: str) -> str:
    """A process without what is Heli's own in it, whose conditions both read."""
    source = drawn(edges).decode().replace("serviceTask", "manualTask")
    source = re.sub(r"<extensionElements>.*?</extensionElements>", "", source)
    source = re.sub(r"<conditionExpression>(\w+)<", r"<conditionExpression>\1 == 1<", source)
    return source.replace('<process id="p"', '<process id="p" isExecutable="true"')


def failing(source: str, one: str, code: str = "") -> str:
    """Two people beside each other, the first of whom ends it by an error; it is caught on it, and somebody puts it right. Each has an error
    of its own, for the reason that ``OTHERWISE`` has."""
    code = code or f"bad-{one}"
    event = f'<errorEventDefinition errorRef="{code}"/>'
    failed = (
        inside(one, False).replace(f'<endEvent id="{one}y"></endEvent>', f'<endEvent id="{one}y">{event}</endEvent>')
        + f'<boundaryEvent id="{one}c" attachedToRef="{one}">{event}</boundaryEvent>{TASK.format(one + "d")}'
        + f'<exclusiveGateway id="{one}m"></exclusiveGateway>'
        + "".join(
            f'<sequenceFlow id="f{one}{a}{b}" sourceRef="{one}{a}" targetRef="{one}{b}"/>'
            for a, b in (("c", "d"), ("d", "m"), ("", "m"))
        )
    )
    source = source.replace(f'sourceRef="{one}" ', f'sourceRef="{one}m" ').replace(TASK.format(one), failed)
    error = f'<error id="{code}" name="{code}" errorCode="{code}"/>'
    return source if error in source else source.replace("<process ", f"{error}<process ", 1)


def inside(one: str, ends: bool) -> str:
    """Two people beside each other; ``ends``: the first ends it for both."""
    end = "<terminateEventDefinition/>" if ends else ""
    edges = [("s", "p"), ("p", "a"), ("p", "b"), ("a", "y"), ("b", "z")]
    flows = "".join(f'<sequenceFlow id="{one}{a}{b}" sourceRef="{one}{a}" targetRef="{one}{b}"/>' for a, b in edges)
    return (
        f'<subProcess id="{one}"><startEvent id="{one}s"></startEvent><parallelGateway id="{one}p"></parallelGateway>'
        f'<userTask id="{one}a"></userTask><userTask id="{one}b"></userTask>'
        f'<endEvent id="{one}y">{end}</endEvent><endEvent id="{one}z"></endEvent>{flows}</subProcess>'
    )


def several(rng: Random, one: str) -> str:
    """Some people each for themselves, at once or one by one, until so many are done."""
    n = rng.randint(2, 4)
    enough = (
        f"<completionCondition>nrOfCompletedInstances &gt;= {rng.randint(1, n)}</completionCondition>"
        if rng.random() < 0.8
        else ""
    )
    loop = f'<multiInstanceLoopCharacteristics isSequential="{str(rng.random() < 0.5).lower()}"><loopCardinality>{n}</loopCardinality>{enough}'
    return f'<userTask id="{one}">{loop}</multiInstanceLoopCharacteristics></userTask>'


def wired(source: str) -> str:
    """With each node's flows named in it, as the peer wants it."""
    flows = re.findall(r'<sequenceFlow id="(\w+)" sourceRef="(\w+)" targetRef="(\w+)"', source)
    for code in dict.fromkeys(one for _, *ends in flows for one in ends):
        said = "".join(f"<incoming>{flow}</incoming>" for flow, _, target in flows if target == code)
        said += "".join(f"<outgoing>{flow}</outgoing>" for flow, start, _ in flows if start == code)
        source = re.sub(rf'(<\w+ id="{code}"[^>]*>)', rf"\1{said}", source, count=1)
    return source


def ours(source: str, values: dict[str, int], picks: list[int]) -> list[Any]:
    definition = compiled(source.encode())
    numbers: dict[str, Value] = {name: Decimal(values.get(name, 0)) for name in definition.named}
    start = dt.datetime(2026, 11, 27, tzinfo=dt.UTC)
    play = Trial(definition, Script("p", start, {node.element: ["p"] for node in definition.nodes}, numbers, ()))
    play.play()
    seen = []
    for pick in picks:
        ready = sorted(one["node"] for one in play.work())
        seen.append(ready)
        if not ready:
            break
        play._move("approve", {"approve": ready[pick % len(ready)], "by": "p"})
    return [seen, play.state.ended is not None]


OTHERWISE: dict[str, tuple[str, dict[str, int], list[int], list[list[str]]]] = {
    "an inclusive gateway waits while work is inside of what stands in a circle before it": (
        bare("s>o1 o1>u9 u9>o2 o1>x1 x1>u1 u1>x2 x2>u2 x2>x1 u2>o2 o1>u3 u3>o2 o2>u4 u4>e").replace(TASK.format("u1"), inside("u1", False)),
        {"way3": 1, "way7": 0, "way9": 1},
        [1] * 6,
        [["u1a", "u1b", "u3"], ["u1a", "u3"], ["u1a"], ["u2"], ["u4"], []],
    ),
    "a parallel gateway waits for each of its branches again when a circle comes round": (
        bare("s>x1 x1>u1 u1>p1 p1>u4 u4>p2 p1>u5 u5>p2 p2>x2 x2>u6 x2>x1 u6>e"),
        {"way9": 1},
        [0, 1, 0, 0, 0, 0],
        [["u1"], ["u4", "u5"], ["u4"], ["u1"], ["u4", "u5"], ["u5"]],
    ),
    "an error ends the sub-process that it is in, and no other that would have caught it": (
        failing(failing(bare("s>p1 p1>u1 u1>p2 p1>u2 u2>p2 p2>u3 u3>e"), "u1", "bad"), "u2", "bad"),
        {},
        [0] * 7,
        [["u1a", "u1b", "u2a", "u2b"], ["u1d", "u2a", "u2b"], ["u2a", "u2b"], ["u2d"], ["u3"], []],
    ),
}  # fmt: skip
"""What the other engine does otherwise: file, values, picks, and what waits for people after every step by BPMN."""


@pytest.mark.parametrize("what", OTHERWISE)
def test_what_the_standard_says_is_done(what: str) -> None:
    source, values, picks, waits = OTHERWISE[what]
    assert ours(wired(source), values, picks)[0] == waits


@pytest.mark.parametrize("what", OTHERWISE)
def test_the_other_engine_still_does_otherwise(what: str) -> None:
    """Where it does not any more, the case belongs to those that agree."""
    source, values, picks, waits = OTHERWISE[what]
    ((seen, _),) = theirs([{"source": wired(source), "process": "p", "values": values, "picks": picks}])
    assert seen != waits


def theirs(cases: list[dict[str, Any]]) -> list[Any]:
    python = os.environ.get("HELI_SPIFF")
    if not python:
        pytest.skip("HELI_SPIFF names no Python that has SpiffWorkflow")
    done = subprocess.run(
        [python, str(PEER)], input=json.dumps(cases), capture_output=True, text=True, check=True, timeout=300
    )
    found: list[Any] = json.loads(done.stdout)
    return found


def case(source: str, rng: Random) -> dict[str, Any]:
    names = sorted(set(re.findall(r"way\d+", source)))  # the same cases each time
    values = {name: int(rng.random() < 0.5) for name in names}
    for again in re.findall(r'sourceRef="(x\d+)" targetRef="x\d+"><conditionExpression>(way\d+)', source):
        values[again[1]] = 0  # a circle that is taken again would be so for ever
    return {"source": source, "process": "p", "values": values, "picks": [rng.randrange(100) for _ in range(STEPS)]}


def test_another_engine_agrees() -> None:
    rng = Random(20261128)
    cases = [case(plain(rng), rng) for _ in range(CASES)]
    while len(cases) < CASES + CROSSED:
        edges = crossed(rng, rng.randint(3, 12))
        if edges is not None:
            cases.append(case(wired(bare(edges)), rng))
    differs = [
        (case["source"], mine, other) for case, other in zip(cases, theirs(cases), strict=True)
        if (mine := ours(case["source"], case["values"], case["picks"])) != other
    ]  # fmt: skip
    assert not differs, (len(differs), differs[0])
