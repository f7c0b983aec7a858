"""What if: changes at steps of a process, reckoned on its own cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from heli.flows.analytics.source import Source
from heli.flows.mining import figures, whatif
from heli.flows.mining.log import HOUR, NOBODY
from heli.flows.mining.report import seconds, share
from heli.kernel.errors import Conflict, Invalid, Problem
from heli.kernel.words import Words

NO_STEP = Words("没有这个步骤，或这段时间没有案例经过", "no such step, or no case passed it in this time")
FEW = Words("已办结的案例不足 {n} 个，还算不了", "fewer than {n} cases have ended: nothing can be reckoned yet")


@dataclass(frozen=True, slots=True)
class Wish:
    """At one step. ``people``: how many do it then; ``mode``: ``all`` or ``any`` of so many as decide there then; ``hours``: a limit after which
    it goes on by itself."""

    node: str
    people: int | None = None
    mode: str | None = None
    deciding: int = 2
    hours: float | None = None


def steps(source: Source) -> list[dict[str, Any]]:
    """Steps that people do, with how many did them."""
    past = source.measures.past
    found = []
    for one in source.measures.activities:
        who = past.actor[(past.activity == one.number) & (past.actor != NOBODY)]
        if len(who) and not source.few(one.cases):
            found.append(
                {
                    "id": source.log.activities[one.number],
                    "name": source.name(one.number).json(),
                    "people": len(set(who.tolist())),
                }
            )
    return found


def reckon(source: Source, wishes: Sequence[Wish]) -> dict[str, Any]:
    """Raises Invalid for an unknown step, Conflict where there are too few cases."""
    known = {one["id"]: one["people"] for one in steps(source)}
    changes = []
    for at, one in enumerate(wishes):
        if one.node not in known:
            raise Invalid(Problem(f"changes/{at}/node", "unknown", NO_STEP))
        changes.append(
            whatif.Change(
                list(source.log.activities).index(one.node), one.people / known[one.node] if one.people else None,
                one.deciding if one.mode == "all" else None, one.deciding if one.mode == "any" else None,
                int(one.hours * HOUR) if one.hours is not None else None,
            )
        )  # fmt: skip
    found = whatif.foresee(source.measures.past, source.pieces, changes)
    if found is None:
        raise Conflict(FEW.fill(n=whatif.FEWEST), code="few")
    return {
        "cases": found.cases, "now": _told(found.now), "then": _told(found.then),
        "error": {"p50": share(found.error[0]), "p90": share(found.error[1])} if found.error is not None else None,
        "change": share(figures.share(found.then.p50 - found.now.p50, found.now.p50)),
    }  # fmt: skip


def _told(one: whatif.Reckoned) -> dict[str, float | None]:
    return {"p50": seconds(one.p50), "p90": seconds(one.p90), "low": seconds(one.low), "high": seconds(one.high)}
