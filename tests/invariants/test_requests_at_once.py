"""A request for access that several answer at the same moment, in its case, in lending and by taking it back: one answer counts, and
lending and the case say the same."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.invariants import stage

ROUNDS, TORTURE = 3, 35


def race(company: Any, first: str, last: str) -> object:
    """Rounds of one request each, of three kinds: said yes to twice, answered with yes and no, answered while it is taken back."""
    return {"rounds": [_round(company, n) for n in range(int(first), int(last))], "audit": stage.audit_is_whole()}


def _round(company: Any, n: int) -> dict[str, Any]:
    from heli.flows import commenting, deciding, following, moves
    from heli.flows.models import Happening, Instance, Work
    from heli.kernel.errors import HeliError
    from heli.lending import ask, decide
    from heli.lending.models import Loan, Request

    deal = company.make("bob", "opportunity", name=f"Deal {n}", amount="1310400", competitor="Acme")
    one = ask.ask(
        company.as_("sue"), "opportunity", deal, action="read", fields=["competitor"], seconds=3600, reason="a case"
    )
    case = following.case_of("loan_request", one.pk)
    assert case is not None
    work = Work.objects.get(instance_id=case, state="open").number
    acts: list[tuple[str, Callable[[Any], object]]] = [
        ("bob", lambda who: deciding.decide(who, case, work, deciding.Decision())),
        ("bob", lambda who: decide.approve(who, one.pk)),
        ("bob", lambda who: decide.refuse(who, one.pk, "no")),
        ("sue", lambda who: ask.withdraw(who, one.pk)),
        ("sue", lambda who: moves.withdraw(who, case)),
        ("bob", lambda who: commenting.comment(who, case, "hm")),
    ]  # fmt: skip

    def act(number: int, wait: Callable[[], object]) -> str:
        name, what = acts[number]
        viewer = company.as_(name)
        wait()
        try:
            what(viewer)
        except HeliError as error:
            return error.code
        return "ok"

    answers = stage.together(len(acts), act)
    now = Request.objects.get(pk=one.pk)
    row = Instance.objects.get(pk=case)
    loans = Loan.objects.filter(request=one).count()
    said = list(
        Happening.objects.filter(instance_id=case, what__in=("approve", "reject", "withdraw")).values_list(
            "what", flat=True
        )
    )
    wrong = []
    wanted = {
        "approved": ("completed", ["approve"], 1),
        "refused": ("rejected", ["reject"], 0),
        "withdrawn": ("withdrawn", ["withdraw"], 0),
    }
    if (row.state, said, loans) != wanted.get(now.state):
        wrong.append(f"{now.state}: {row.state}, {said}, {loans} loans")
    if answers[:5].count("ok") != 1 or answers[5] != "ok":
        wrong.append(f"answers {answers}")
    if Work.objects.filter(instance_id=case, state="open").exists():
        wrong.append("something is left to be done")
    return {"state": now.state, "wrong": wrong, "answers": answers}


if __name__ == "__main__":
    import django

    django.setup()
    from tests.api import lenders

    opened = lenders.fresh()
    opened.reads("sue", competitor="hidden")
    stage.say(globals()[sys.argv[1]](opened, *sys.argv[2:]))
    sys.exit()

import pytest  # noqa: E402 - the program above has no use for it

pytestmark = [pytest.mark.storage]


def racing(folder: Path, first: int, last: int) -> None:
    said = stage.program(__file__, folder, "race", str(first), str(last), seconds=60 + 10 * (last - first))
    assert [one for one in said["rounds"] if one["wrong"]] == []
    assert len(said["rounds"]) == last - first
    assert said["audit"]["ok"], said["audit"]


def test_one_answer_counts_wherever_it_is_given(tmp_path: Path) -> None:
    racing(tmp_path, 0, ROUNDS)


@pytest.mark.torture
def test_one_answer_counts_wherever_it_is_given_often(tmp_path: Path) -> None:
    racing(tmp_path, 100, 100 + TORTURE)
