"""Attacks on numbers: whoever writes rules may ask how many records they would reach, as often as they like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from heli.access import grants
from heli.access.models import Grant, Use
from heli.kernel import clock
from tests.api.client import Api, signed_in
from tests.world import REP, SETUP, World

pytestmark = pytest.mark.django_db
SECRET = 731
ECHO = ("says", "sentence", "changes", "ms", "stamp", "whose")
"""What an answer says of the question itself, and of the moment."""

type Where = list[list[Any]]
type Door = Callable[[Where], Any]


@pytest.fixture
def sec(world: World) -> Api:
    """A security administrator, who sees no record."""
    world.add("sec", "root", None)
    lines = [{"type": "policy", "actions": ["read", "administer"], "scope": ["all"]}]
    grants.grant_lines(SETUP, lines, "person", str(world.people["sec"]))
    return signed_in("sec")


def line(where: Where, **more: Any) -> dict[str, Any]:
    return {"type": "opportunity", "actions": ["read"], "scope": ["own"], "read": {"*": "read"}, "where": where, **more}


def role(*lines: dict[str, Any]) -> dict[str, Any]:
    return {"name": "rep", "lines": list(lines)}


def doors(api: Api, world: World) -> dict[str, Door]:
    """Every way to ask how much a condition lets through. ``padded`` brings four records that are known beside the secret one."""
    wei = str(world.people["wei"])
    draft = api.post("/access/drafts", {"title": "Try"})
    at, etag = f"/access/drafts/{draft.body['id']}", [draft.etag]

    def simulated(*lines: dict[str, Any]) -> Any:
        return api.post("/access/simulate", {"changes": [{"kind": "role", "key": "rep", "after": role(*lines)}]}).body

    def drafted(where: Where, path: str) -> Any:
        put = api.send("PUT", f"{at}/changes/role/rep", {"after": role(line(where))}, if_match=etag[0])
        etag[0] = put.etag
        return api.get(f"{at}/{path}").body

    def ceiling(where: Where) -> Any:
        after = {"name": "c", "type": "opportunity", "lines": [line(where, scope=["all"])]}
        return api.post("/access/ceilings/preview", {"code": "c", "after": after}).body

    return {
        "line": lambda where: api.post("/access/scopes/preview", {"line": line(where), "person": wei}).body,
        "line of a role": lambda where: api.post("/access/scopes/preview", {"line": line(where), "role": "rep"}).body,
        "ceiling": ceiling,
        "what if": lambda where: simulated(line(where)),
        "padded": lambda where: simulated(
            line([["expected_on", "<=", "2026-06-01"]]), line(where, scope=["department"])
        ),
        "complement": lambda where: simulated(*REP, line(where, scope=["all"])),
        "draft": lambda where: drafted(where, "simulation"),
        "replay": lambda where: drafted(where, "replay"),
    }


def without_echo(body: Any) -> Any:
    return {key: value for key, value in body.items() if key not in ECHO}


def filled(world: World) -> str:
    for n in range(4):
        world.make("wei", "opportunity", name=f"Known {n}", amount="10", expected_on="2026-01-01")
    secret = world.make("wei", "opportunity", name="Secret", amount=str(SECRET), expected_on="2027-01-01")
    rep = Grant.objects.get(role__code="rep").pk
    for grant in (rep, 0):
        Use.objects.create(
            day=clock.today(), person_id=world.people["wei"], grant_id=grant, type="opportunity", action="read",
            record_id=secret, n=1, last_at=clock.now(),
        )  # fmt: skip
    return secret


def test_no_series_of_questions_tells_a_value_that_the_asker_does_not_read(world: World, sec: Api) -> None:
    filled(world)
    for name, ask in doors(sec, world).items():
        op = ">" if name == "complement" else "<="
        answers: dict[int, Any] = {}

        def asked(at: int, ask: Door = ask, op: str = op, answers: dict[int, Any] = answers) -> Any:
            answers[at] = without_echo(ask([["amount", op, str(at)]]))
            return answers[at]

        low, high = 0, 990  # a bisection: it ends beside the secret where answers differ; 1000 stands in a role
        while asked(low) != asked(high) and high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if asked(middle) == answers[low] else (low, middle)
        found = [asked(at) for at in (SECRET - 1, SECRET)]  # and who guesses right learns it neither
        assert list(answers.values()) == [found[0]] * len(answers), f"{name} tells the amount: {low} to {high}"
        assert found[0].get("unread") or found[0].get("at_most"), f"{name}: that it is a bound is told"


def test_what_the_asker_may_read_or_anybody_may_know_is_counted_exactly(world: World, sec: Api) -> None:
    filled(world)
    boss = signed_in("boss")
    known = [["expected_on", ">", "2026-06-01"]]
    for op, n in (("<=", 5), (">", 0)):  # the boss reads all amounts
        ask = doors(boss, world)
        where = [["amount", op, str(SECRET)]]
        assert (ask["line"](where)["count"], ask["line"](where)["unread"]) == (n, [])
        simulated = ask["complement"](where)
        assert (simulated["figures"]["records_at_most"], simulated["unread"]) == (False, [])
        assert max([one["records"] or 0 for one in simulated["gains"] if not one["fields"]], default=0) == n
    ask = doors(sec, world)
    assert (ask["line"](known)["count"], ask["line"](known)["unread"]) == (1, [])
    assert ask["line"]([])["count"] == 5
    # one deal stays seen whatever it is worth; of the others it is said that they may go
    kept = ask["what if"](known)
    assert (kept["figures"]["records_lost"], kept["figures"]["records_at_most"]) == (4, False)
    secret = ask["what if"]([["amount", "<=", "5"]])
    assert (secret["figures"]["records_lost"], secret["figures"]["records_at_most"]) == (5, True)
    assert secret["unread"] == [{"zh": "商机·金额", "en": "Opportunity · Amount"}]
    assert "Boss" in secret["exact"]["zh"] and kept["exact"] is None, "who would see it exactly"
    both = ask["what if"]([*known, ["amount", "<=", "5"]])
    assert (both["figures"]["records_lost"], both["figures"]["records_at_most"]) == (5, True)
    ceiling = ask["ceiling"]([["amount", "<=", "5"]])
    assert (ceiling["takes"]["records"], ceiling["takes"]["records_at_most"]) == (5, True)
    assert (ceiling["gives"]["records"], ceiling["gives"]["cells"]) == (0, 0), (
        "a ceiling gives nothing, whatever is read"
    )


def test_who_reads_the_field_of_some_records_only_learns_nothing_of_the_others(world: World, sec: Api) -> None:
    """The manager of the east reads the amounts of the east, and is given the rules to read beside."""
    filled(world)
    lines = [{"type": "policy", "actions": ["read"], "scope": ["all"]}]
    grants.grant_lines(SETUP, lines, "person", str(world.people["mei"]))
    mei = signed_in("mei")
    body = {"line": line([["amount", "<=", "5"]]), "person": str(world.people["wei"])}
    found = mei.post("/access/scopes/preview", body).body
    assert (found["count"], len(found["unread"]), found["samples"]) == (5, 1, [])
    assert "Boss" in found["exact"]["en"], "who reads the rules and the field everywhere would see it exactly"


def test_how_much_the_smallest_fix_opens_tells_no_value(world: World, sec: Api) -> None:
    """The fix is a role with a condition on amounts, of which the asker reads that of this deal alone: they may change neither role nor
    record to ask."""
    seen = [
        {
            "type": "opportunity",
            "actions": ["read"],
            "scope": ["all"],
            "read": {"*": "hidden", "name": "read", "stage": "read"},
        },
        {"type": "opportunity", "actions": ["read"], "scope": ["team"], "read": {"*": "read"}},
    ]
    grants.grant_lines(SETUP, seen, "person", str(world.people["sec"]))
    world.add("new", "support", None)
    deal = world.make("wei", "opportunity", name="Robots", amount="5000")
    other = world.make("wei", "opportunity", name="Secret", amount="999")
    world.do("wei", "opportunity", "team_add", deal, person=str(world.people["sec"]))
    asked = f"/access/fixes?type=opportunity&id={deal}&person={world.people['new']}&action=read"

    def told() -> list[Any]:
        return [(one["kind"], one["records"], one["at_most"]) for one in signed_in("sec").get(asked).body["items"]]

    before = told()
    assert before and any(kind == "grant" for kind, _, _ in before), before
    world.do("wei", "opportunity", "edit", other, amount="1001")
    assert told() == before == [("loan", 1, False), ("grant", 2, True)]
    assert [one["at_most"] for one in signed_in("boss").get(asked).body["items"]] == [False, False], (
        "who reads them all"
    )
