"""Single decisions a second, with their reasons, beside pycasbin and cedarpy on the same policy of 1,200 rules."""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable
from typing import Any

from heli.config.cli import UsageError
from heli.kernel.errors import Broken
from heli.kernel.words import Words

RULES, PEOPLE, DEPARTMENTS, ROWS = 1200, 300, 60, 400
QUESTIONS, TURNS = 2000, 7
"""300 people with four rules each: own, their department, one more department, all deals up to an amount."""
AMOUNTS = (1_000, 5_000, 20_000)

CASBIN_MODEL = """
[request_definition]
r = sub, obj, act
[policy_definition]
p = sub, act, scope, value
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.sub == p.sub && r.act == p.act && holds(r.obj, p.scope, p.value, r.sub)
"""


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seconds", type=float, default=4.0, help="seconds given to each program (4)")
    parser.add_argument(
        "--whole",
        type=int,
        default=500,
        help="questions compared where a peer holds the whole policy (500, at most 2000)",
    )


def policy() -> list[tuple[int, str, str, int]]:
    """(person, action, scope, value): 1,200 rules."""
    rng = random.Random(7)  # noqa: S311
    rules: list[tuple[int, str, str, int]] = []
    for person in range(PEOPLE):
        home = person % DEPARTMENTS
        rules.append((person, "read", "own", person))
        rules.append((person, "read", "department", home))
        rules.append((person, "edit", "own", person))
        rules.append((person, "read", "amount", rng.choice(AMOUNTS)) if person % 3 == 0 else
                     (person, "edit", "department", rng.randrange(DEPARTMENTS)))  # fmt: skip
    return rules


def rows() -> list[dict[str, Any]]:
    rng = random.Random(8)  # noqa: S311
    return [
        {
            "owner_id": rng.randrange(PEOPLE),
            "department_id": rng.randrange(DEPARTMENTS),
            "amount": rng.randrange(100_000),
        }
        for _ in range(ROWS)
    ]


def questions() -> list[tuple[int, str, int]]:
    """(person, action, number of the row): half of them about rows of their own."""
    rng = random.Random(9)  # noqa: S311
    table = rows()
    found = []
    for n in range(QUESTIONS):
        at = rng.randrange(ROWS)
        person = table[at]["owner_id"] if n % 2 else rng.randrange(PEOPLE)
        found.append((person, rng.choice(("read", "edit")), at))
    return found


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Decisions per second of each, how many times faster ours are, and whether all answers were the same."""
    try:
        import casbin  # noqa: F401
        import cedarpy  # noqa: F401
    except ImportError as error:
        raise Broken("heli bench decide needs the development dependencies: make setup") from error
    if not 1 <= args.whole <= QUESTIONS or not 0.1 <= args.seconds <= 600:
        raise UsageError(
            Words(f"--whole 为 1 到 {QUESTIONS}", f"--whole is from 1 to {QUESTIONS}, --seconds from 0.1 to 600")
        )
    asked = questions()
    heli = _heli()
    mine = [heli(q) for q in asked]
    found: dict[str, Any] = {}
    ours: list[float] = []
    agreed = True
    makers: dict[str, Callable[[bool], Callable[[tuple[int, str, int]], bool]]] = {
        "pycasbin": _casbin,
        "cedarpy": _cedar,
    }
    for name, make in makers.items():
        for own in (False, True):
            peer = make(own)
            sample = asked if own else asked[: args.whole]
            agreed &= all(peer(q) == mine[n] for n, q in enumerate(sample))
            # In turns: a machine that grows slower does so for both.
            pairs = [
                (_rate(heli, asked, args.seconds / TURNS), _rate(peer, asked, args.seconds / TURNS))
                for _ in range(TURNS)
            ]
            ours += [a for a, _ in pairs]
            label = f"{name}_own" if own else name
            found[f"{label}_per_s"] = round(statistics.median(b for _, b in pairs), 1)
            found[f"times_{label}"] = round(statistics.median(a / b for a, b in pairs), 1)
    found["heli_per_s"] = round(statistics.median(ours))
    return {
        **found, "agreed": agreed, "rules": len(policy()), "allowed": sum(mine), "sampled": len(mine),
        "sampled_whole": args.whole,
    }  # fmt: skip


def _rate(decide: Callable[[tuple[int, str, int]], bool], asked: list[tuple[int, str, int]], seconds: float) -> float:
    """Decisions a second, over at least ``seconds``."""
    done, began = 0, time.perf_counter()
    while True:
        for question in asked:
            decide(question)
            done += 1
            if done % 16 == 0 and time.perf_counter() - began > seconds:
                return round(done / (time.perf_counter() - began), 1)


def _heli() -> Callable[[tuple[int, str, int]], bool]:
    """Ours: the compiled rights of each person, and a decision with the lines that made it."""
    from heli.access.core.decide import TypeRights
    from heli.access.core.line import REACH, Source
    from heli.access.rules import parse_lines
    from heli.access.scopes.base import Carrier, Person
    from heli.access.shapes import SHAPES
    from heli.access.view import hold
    from heli.org.tree import Node, Tree

    shape = SHAPES["opportunity"]
    nodes = {n: Node(n, f"D{n}", "", None, None, None, "", "") for n in range(DEPARTMENTS)}
    tree = Tree(nodes, {None: tuple(nodes)})
    by: dict[int, list[Any]] = {}
    for number, (person, action, scope, value) in enumerate(policy()):
        line: dict[str, Any] = {"type": "opportunity", "actions": [action], "read": {"*": "read"}, "scope": [scope]}
        if scope == "amount":
            line |= {"scope": ["all"], "where": [["amount", "<=", f"{value / 100:.2f}"]]}
        who = Person(person, tree, lambda: frozenset(), frozenset())
        source = Source(number, "bench", Words("测量", "bench"), 1, Words("直接授予", "granted"))
        held = [hold(one, source, who, Carrier(department=value)) for one in parse_lines([line])]
        by.setdefault(person, []).extend(held)
    rights = {person: TypeRights(shape, held, ()) for person, held in by.items()}
    blank = dict.fromkeys(c.column for c in shape.fields.values())
    table = [{**blank, **row, REACH: frozenset()} for row in rows()]

    def decide(question: tuple[int, str, int]) -> bool:
        person, action, at = question
        made = rights[person].decide(action, table[at])
        return made.allowed and bool(made.because)

    return decide


def _casbin(own: bool) -> Callable[[tuple[int, str, int]], bool]:
    """pycasbin with its reason (``enforce_ex``); ``own``: an enforcer for each person with their rules only."""
    import logging

    import casbin
    from casbin.model import Model

    logging.getLogger("casbin").setLevel(logging.ERROR)

    def holds(row: Any, scope: str, value: str, person: str) -> bool:
        if scope == "own":
            return bool(row["owner_id"] == int(value))
        if scope == "department":
            return bool(row["department_id"] == int(value))
        return bool(row["amount"] <= int(value))

    def enforcer(rules: list[tuple[int, str, str, int]]) -> Any:
        model = Model()
        model.load_model_from_text(CASBIN_MODEL)
        made = casbin.Enforcer(model)
        made.add_function("holds", holds)
        made.add_policies([[str(p), a, s, str(v)] for p, a, s, v in rules])
        return made

    table = rows()
    if own:
        each = {p: enforcer([r for r in policy() if r[0] == p]) for p in range(PEOPLE)}
        return lambda q: bool(each[q[0]].enforce_ex(str(q[0]), table[q[2]], q[1])[0])
    whole = enforcer(policy())
    return lambda q: bool(whole.enforce_ex(str(q[0]), table[q[2]], q[1])[0])


def _cedar(own: bool) -> Callable[[tuple[int, str, int]], bool]:
    """cedarpy, whose answer names the policies that allowed; policies and entities are parsed beforehand where it can."""
    import cedarpy

    tests = {
        "own": "resource.owner == {v}",
        "department": "resource.department == {v}",
        "amount": "resource.amount <= {v}",
    }

    def text(rules: list[tuple[int, str, str, int]]) -> str:
        return "\n".join(
            f'permit(principal == Person::"{p}", action == Action::"{a}", resource) when {{ {tests[s].format(v=v)} }};'
            for p, a, s, v in rules
        )

    whole = text(policy())
    each = {p: text([r for r in policy() if r[0] == p]) for p in range(PEOPLE)} if own else {}
    entities = [
        [{
            "uid": {"type": "Deal", "id": str(n)}, "parents": [],
            "attrs": {"owner": row["owner_id"], "department": row["department_id"], "amount": row["amount"]},
        }]
        for n, row in enumerate(rows())
    ]  # fmt: skip

    def decide(question: tuple[int, str, int]) -> bool:
        person, action, at = question
        request = {"principal": f'Person::"{person}"', "action": f'Action::"{action}"', "resource": f'Deal::"{at}"'}
        answer = cedarpy.is_authorized(request | {"context": {}}, each[person] if own else whole, entities[at])
        return bool(answer.decision == cedarpy.Decision.Allow)

    return decide
