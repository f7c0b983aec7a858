"""View-as, whatever the rules: no value that either of the two may not see, on any route; and none that both may see is lost."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest

from heli.access import grants
from heli.access.bounded import BoundedView
from heli.api import openapi
from tests.api.client import Api, signed_in
from tests.world import SETUP, World

pytestmark = pytest.mark.storage

TYPES = ("opportunity", "account", "contact")
SCOPES = ("all", "own", "below", "department", "team", "related", "customer", "reports")
MARK = re.compile(r"mark\d+x|(?<![0-9a-f])7\d{5}77(?![0-9a-f])")


def company(world: World) -> dict[tuple[str, str], str]:
    """Records of several people, every value a mark of its own; some are lent, some hang on others' customers."""
    made: dict[tuple[str, str], str] = {}
    n = 100
    for who in ("ann", "bob", "wei", "mei"):
        account = None
        for kind in TYPES:
            n += 1
            given: dict[str, Any] = {"name": f"mark{n}x"}
            if kind == "opportunity":
                given |= {"amount": f"7{n:05d}77"}
            if kind == "contact":
                given |= {"phone": "13800138000"}
            if kind != "account" and account is not None:
                given["account"] = account
            owner = "ann" if who == "mei" else who  # a manager makes nothing herself
            made[kind, f"{who}"] = world.make(owner, kind, **given)
            account = made[kind, who] if kind == "account" else account
    world.do("ann", "opportunity", "team_add", made["opportunity", "ann"], person=str(world.people["wei"]))
    return made


def lines(chance: random.Random) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [{"type": "policy", "actions": ["read"], "scope": ["all"]}]
    for kind in TYPES:
        for _ in range(chance.randrange(3)):
            level = chance.choice(["hidden", "masked", "read"])
            line = {"type": kind, "actions": ["read"], "scope": chance.sample(SCOPES, chance.randint(1, 2)),
                    "read": {"*": level, chance.choice(["name", "owner", "internal", "public"]): chance.choice(["masked", "read"])}}  # fmt: skip
            if kind == "opportunity" and chance.random() < 0.4:
                line["where"] = [["amount", chance.choice([">=", "<="]), "700107"]]
            found.append(line)
    return found


def paths(made: dict[tuple[str, str], str]) -> list[str]:
    """Every GET address of the description, of every record."""
    found: list[str] = []
    for full, methods in openapi.document()["paths"].items():
        path = full.removeprefix("/api/v1")
        if "get" not in methods:
            continue
        kind = path.split("/")[2] if path.startswith("/records/") else ""
        if kind and kind not in TYPES:
            continue
        ids = [pk for (one, _), pk in made.items() if one == kind] if "{id}" in path and kind else ["1"]
        found += [path.replace("{id}", pk).replace("{file}", "1").replace("{deputy}", "1") for pk in ids]
    found += ["/search?q=mark", "/search?q=700107", "/search?q=77"]
    found += [f"/records/{kind}?sort=-name&limit=3" for kind in TYPES]
    return found


def marks(api: Api, made: dict[tuple[str, str], str]) -> dict[str, set[str]]:
    """The marks in the values of each record, as who asks may see them."""
    found: dict[str, set[str]] = {}
    for (kind, _), pk in made.items():
        reply = api.get(f"/records/{kind}/{pk}")
        found[pk] = set(MARK.findall(str(reply.body["values"]))) if reply.status == 200 else set()
    return found


def leaks(world: World, seed: int, rounds: int, targets: int = 2) -> list[tuple[str, str, str, set[str]]]:
    """Marks that were shown though one of the two may not see them, or kept back though both may."""
    made = company(world)
    chance = random.Random(seed)
    everything = paths(made)
    found: list[tuple[str, str, str, set[str]]] = []
    for round_ in range(rounds):
        name = f"aud{round_}"
        job = chance.choice([None, "rep", "manager", "finance"])
        pk = world.add(name, chance.choice(["east", "west", "finance"]), job)
        grants.grant_lines(SETUP, lines(chance), "person", str(pk))
        api = signed_in(name)
        own = marks(api, made)
        for target in chance.sample(["ann", "wei", "mei"], targets):
            theirs = marks(signed_in(target), made)
            assert api.post("/access/view-as", {"person": str(world.people[target]), "reason": "to see"}).status == 200
            both = {one: own[one] & theirs[one] for one in made.values()}
            shown = marks(api, made)
            found += [(name, target, one, shown[one] ^ both[one]) for one in both if shown[one] != both[one]]
            may = set().union(*both.values())
            for path in everything:
                more = set(MARK.findall(str(api.get(path).body))) - may
                if more:
                    found.append((name, target, path, more))
            api.delete("/access/mode")
    return found


def test_nothing_that_either_may_not_see_is_shown_and_all_that_both_may_see_is(world: World) -> None:
    assert leaks(world, 20, 2) == []


def test_the_sweep_finds_a_planted_leak(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BoundedView, "_bounds", lambda self, code: ())
    assert leaks(world, 21, 1, targets=1)


@pytest.mark.torture
def test_nothing_is_shown_under_many_more_rules(world: World) -> None:
    assert leaks(world, 22, 20, targets=3) == []
