"""Another engine agrees on what both execute: SpiffWorkflow (LGPL), in a program of its own that HELI_SPIFF names; skipped without it."""

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
from tests.flows import compiled, drawn, structured

from heli.flows.core.expression import Value
from heli.flows.core.trial import Script, Trial

PEER = Path(__file__).parent.parent / "peers" / "spiff.py"
CASES = 150
STEPS = 60


def plain(rng: Random) -> str:
    """A process at random of what both know: people, gateways of three kinds, circles, sub-processes with branches that end on their own,
    work done once for each of several until enough are done."""
    source = drawn(structured(rng, rng.randint(2, 12))).decode().replace("serviceTask", "manualTask")
    source = re.sub(r"<extensionElements>.*?</extensionElements>", "", source)
    source = re.sub(r"<conditionExpression>(\w+)<", r"<conditionExpression>\1 == 1<", source)
    for one in re.findall(r'<userTask id="(u\d+)">', source):
        if rng.random() < 0.25:
            source = source.replace(f'<userTask id="{one}"></userTask>', inside(one, rng.random() < 0.3))
        elif rng.random() < 0.25:
            source = source.replace(f'<userTask id="{one}"></userTask>', several(rng, one))
    return wired(source.replace('<process id="p"', '<process id="p" isExecutable="true"'))


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


def test_another_engine_agrees() -> None:
    python = os.environ.get("HELI_SPIFF")
    if not python:
        pytest.skip("HELI_SPIFF names no Python that has SpiffWorkflow")
    rng = Random(20261128)
    cases = []
    for _ in range(CASES):
        source = plain(rng)
        names = sorted(set(re.findall(r"way\d+", source)))  # the same cases each time
        values = {name: int(rng.random() < 0.5) for name in names}
        for again in re.findall(r'sourceRef="(x\d+)" targetRef="x\d+"><conditionExpression>(way\d+)', source):
            values[again[1]] = 0  # a circle that is taken again would be so for ever
        cases.append(
            {"source": source, "process": "p", "values": values, "picks": [rng.randrange(100) for _ in range(STEPS)]}
        )
    done = subprocess.run(
        [python, str(PEER)], input=json.dumps(cases), capture_output=True, text=True, check=True, timeout=300
    )
    theirs = json.loads(done.stdout)
    differs = [
        (case["source"], mine, other) for case, other in zip(cases, theirs, strict=True)
        if (mine := ours(case["source"], case["values"], case["picks"])) != other
    ]  # fmt: skip
    assert not differs, (len(differs), differs[0])
