"""What an explanation takes: why, and why not, for every persona of the demo company, and who sees a record."""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from heli.config.bench import inside
from heli.config.cli import UsageError
from heli.kernel.words import Words

if TYPE_CHECKING:
    from heli.access.viewer import Viewer
    from heli.records.explain import Question

PEOPLE, RECORDS = 40, 6
"""People who ask, and records of each type that each of them asks about."""
ACTIONS = ("read", "edit", "delete", "transfer", "share")


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=5, help="timings of each question (the median of 5)")
    inside.options(parser)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """``{"cases": [{"database", "answer", "questions", "median_ms", "p99_ms", "worst_ms", "worst"}]}``: in process."""
    if not 1 <= args.rounds <= 1001:
        raise UsageError(Words("--rounds 为 1 到 1001", "--rounds is from 1 to 1001"))
    if args.inside:
        return {"cases": _measure(args.rounds)}
    found = inside.each("why", args, ("--rounds", args.rounds), demo=True)
    return {"cases": [case for _, one in found for case in one["cases"]]}


def _measure(rounds: int) -> list[dict[str, Any]]:
    from django.db import connection

    from heli.api import who
    from heli.records import explain
    from heli.records.types import TYPES

    taken: dict[str, list[tuple[float, str]]] = {"yes": [], "no": [], "who": []}
    for viewer, question in _questions():
        said = explain.why(viewer, question)
        about = f"{viewer.username} {question.action} {question.type} {question.field or ''}".strip()
        ms = _median_ms(rounds, lambda v=viewer, q=question: explain.why(v, q))
        taken["yes" if said.allowed else "no"].append((ms, about))
        if question.action == "read" and question.field is None and said.allowed:
            kind, record = TYPES[question.type], question.id or ""
            ms = _median_ms(1, lambda v=viewer, k=kind, r=record: who.others(v, k, r))
            taken["who"].append((ms, about))
    return [{"database": connection.vendor, **_case(answer, found)} for answer, found in taken.items()]


def _questions() -> Iterator[tuple[Viewer, Question]]:
    """Every action on records that the asker sees, and the reading and editing of two fields of each type."""
    from heli.api import viewer as identities
    from heli.org.models import Person
    from heli.records import store
    from heli.records.explain import Question

    for person in Person.objects.filter(status=Person.ACTIVE).order_by("pk").values_list("pk", flat=True)[:PEOPLE]:
        viewer = identities.for_person(person)
        for code in viewer.view.types if viewer.view is not None else ():
            asked = store.query(viewer, code)
            fields = list(asked.sight.rights.shape.fields) if asked.sight.rights is not None else []
            known = [field for field in fields if asked.sight.known(field) is not None][:2]
            actions = [
                one for one in ACTIONS if asked.sight.rights is not None and one in asked.sight.rights.shape.actions
            ]
            for record in asked.ids(RECORDS):
                yield from ((viewer, Question(action, code, record)) for action in actions)
                for field in known:
                    yield viewer, Question("read", code, record, field)
                    yield viewer, Question("edit", code, record, field)


def _median_ms(rounds: int, ask: Any) -> float:
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        ask()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def _case(answer: str, found: list[tuple[float, str]]) -> dict[str, Any]:
    ordered = sorted(found)
    times = [ms for ms, _ in ordered]
    return {
        "answer": answer,
        "questions": len(times),
        "median_ms": round(statistics.median(times), 3),
        "p99_ms": round(times[int(len(times) * 0.99)], 3),
        "worst_ms": round(times[-1], 3),
        "worst": ordered[-1][1],
    }
