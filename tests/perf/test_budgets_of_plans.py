"""What a page may cost at most: hopes are bounded by the certain plan, and looking whether a filter follows a scope is small."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any, cast

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heli.access.compile import NO_REACH, Branch, Formula, Sql
from heli.records import counts, plan, sql
from heli.records.plan import chooser, probe
from heli.records.plan.estimates import Costs
from heli.records.plan.run import FOUND, STEPS, STEPS_PER_ROW, Run
from heli.records.types import TYPES

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
KIND = TYPES["opportunity"]
ROWS = 3000


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    counts.forget()
    probe.forget()
    yield
    counts.forget()
    probe.forget()


def _rows(count: int, stage_of: Any) -> None:
    text = {c.column: "" for c in KIND.model._meta.concrete_fields if not c.null}
    made = []
    for n in range(count):
        row = dict.fromkeys(KIND.stored) | text | {
            "id": f"{n:08x}00007000800000000000{n:04x}", "name": f"d{n}", "name_key": f"d{n:06}", "code": f"c{n}",
            "code_key": f"c{n}", "stage": stage_of(n), "amount": n, "owner_id": n % 3, "department_id": n % 10,
            "created_at": "2026-01-01 10:00:00", "updated_at": f"2026-01-01 {n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}",
            "version": 1,
        }  # fmt: skip
        made.append(tuple(row.values()))
    sql.insert_many(KIND.table, KIND.stored, made)


def _want(scope: Formula, stage: str = "", limit: int = 50) -> plan.Want:

    def filtered(alias: str) -> Sql:
        return Sql(f"{alias}stage=%s", (stage,))

    drivers = (plan.Driver("stage", (stage,), Sql("t.stage=%s", (stage,))),) if stage else ()
    return plan.Want(
        KIND, Sql("t.id, t.name"), scope, (), NO_REACH, plan.Order("updated_at", True, (), plan.NEVER), limit,
        **({"filter": filtered, "leaves": 1, "drivers": drivers} if stage else {}),
    )  # fmt: skip


AMOUNT = st.floats(min_value=0.5, max_value=1e7)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(visible=AMOUNT, filtered=AMOUNT, walk=AMOUNT, united=AMOUNT, share=st.floats(min_value=1e-7, max_value=0.999))
def test_a_hope_may_read_no_more_than_the_certain_plan_costs(
    visible: float, filtered: float, walk: float, united: float, share: float
) -> None:
    scope = Formula(False, (Branch("department_id", (1, 2)),))
    (phase,) = chooser.phases(_want(scope, "won"))
    cost = Costs(scope, None, visible, share, 2, visible, filtered, 1.0, walk, 10**7, united)
    sure = cost.certain * chooser.SORT[sql.vendor()]
    for name in ("walk", "union"):
        one = chooser._single(phase, cost, name)
        if one.budget is None:
            assert name == "union"
            assert sql.vendor() == "postgresql"
            continue
        assert one.budget <= chooser.SMALL or one.budget * chooser.SCAN[sql.vendor()] <= sure * 1.001


class Counted(Run):
    """Counts the rows that its statements may look at."""

    spent = 0

    def rows(self, text: str, params: Any = ()) -> list[tuple[Any, ...]]:
        found = re.search(r"LIMIT (\d+)\) t WHERE", text)
        Counted.spent += int(found[1]) if found and not self.sqlite else 0
        return super().rows(text, params)

    def bounded(self, text: str, params: Any, rows: int) -> tuple[list[tuple[Any, ...]], bool]:
        Counted.spent += rows
        return super().bounded(text, params, rows)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_all_hopes_of_a_page_together_stay_within_the_certain_plan(seed: int) -> None:
    rng = random.Random(seed)
    with pytest.MonkeyPatch.context() as patch:
        if not sql.rows(f'SELECT 1 FROM "{KIND.table}" LIMIT 1'):
            _rows(ROWS, lambda n: "won" if n % 10 < 5 else "lost")
        # Counts that lie about everything: what is hoped for will not come true.
        lie = counts.Counts(
            ROWS,
            {
                "department_id": {str(n): rng.randrange(1, ROWS) for n in range(10)},
                "stage": {"won": rng.randrange(1, ROWS), "lost": rng.randrange(1, ROWS)},
            },
            {},
        )
        patch.setattr(counts, "known", lambda kind: lie)
        patch.setattr(chooser, "Run", Counted)
        patch.setattr(chooser, "SMALL", 1)
        patch.setattr(probe, "inside", lambda *given: None)
        Counted.spent = 0
        scope = Formula(False, (Branch("department_id", tuple(rng.sample(range(10), rng.randint(1, 8)))),))
        want = _want(scope, rng.choice(("won", "lost")), rng.choice((5, 50)))
        ready = plan.prepare(want)
        got = plan.fetch(want, ready)
        certain = sum(
            cost.certain * chooser.SORT[sql.vendor()] / chooser.SCAN[sql.vendor()] for _, cost in ready.phases
        )
        assert Counted.spent <= certain + len(ready.phases), (got.plan, Counted.spent, certain)
        where = f"department_id IN ({','.join(map(str, scope.branches[0].values))}) AND stage=%s"
        expected = sql.rows(
            f'SELECT id FROM "{KIND.table}" WHERE {where} ORDER BY updated_at DESC, id DESC LIMIT {want.limit}',
            want.drivers[0].values,
        )
        assert [row[0] for _, row in got.rows] == [one for (one,) in expected]


def test_a_statement_on_sqlite_is_stopped_at_its_budget() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL bounds a walk by LIMIT")
    _rows(ROWS, lambda n: "won")
    looked = 0

    def look(value: int) -> int:
        nonlocal looked
        looked += 1
        return value

    connection.ensure_connection()
    cast(Any, connection.connection).create_function("look", 1, look)
    text = f'SELECT id FROM "{KIND.table}" WHERE look(amount) < 0'
    found, ended = Run().bounded(text, (), 100)
    assert (found, ended) == ([], False)
    # Each row takes at least four steps of SQLite's machine.
    assert looked <= (FOUND + 100 * STEPS_PER_ROW // STEPS + 1) * STEPS / 4 < ROWS
    assert Run().bounded(text, (), 10**6) == ([], True)


@pytest.mark.parametrize(("stage", "share"), [("won", 1.0), ("lost", 0.0005), ("new", 0.5)])
def test_the_probe_finds_out_whether_a_filter_follows_the_scope(stage: str, share: float) -> None:
    """Departments 0 to 4 hold what is won, 5 to 9 what is lost; what is new lies anywhere."""
    _rows(ROWS, lambda n: "new" if n % 7 == 0 or n // 10 % 2 else "won" if n % 10 < 5 else "lost")
    scope = Formula(False, (Branch("department_id", (0, 1, 2, 3, 4)),))
    want = _want(scope, stage)
    (phase,) = chooser.phases(want)
    with Statements() as seen:
        found = probe.inside(phase, scope, want.drivers[0], 700.0, ROWS / 2)
        assert found is not None
        assert found == pytest.approx(share, abs=0.1)
        assert probe.inside(phase, scope, want.drivers[0], 700.0, ROWS / 2) == found
    assert len(seen.texts) == 1  # the second answer is remembered
    assert f"LIMIT {probe.LOOK}" in seen.texts[0]


def test_the_probe_does_not_look_where_looking_would_not_pay() -> None:
    _rows(50, lambda n: "won")
    scope = Formula(False, (Branch("department_id", (0, 1)),))
    want = _want(scope, "won")
    (phase,) = chooser.phases(want)
    with Statements() as seen:
        assert probe.inside(phase, scope, want.drivers[0], probe.LEAST - 1, 10**6) is None
        assert probe.inside(phase, scope, want.drivers[0], 10**6, probe.LEAST - 1) is None
        reached = Formula(False, (Branch("id", (), (), ("record", "")),))
        assert probe.inside(phase, reached, want.drivers[0], 10**6, 10**6) is None
        several = plan.Driver("stage", ("won", "lost"), Sql("t.stage IN ('won','lost')"))
        assert probe.inside(phase, scope, several, 10**6, 10**6) is None
    assert seen.texts == []


class Statements:
    """The statements that run inside."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def __enter__(self) -> Statements:
        self._wrapper = connection.execute_wrapper(self._note)
        self._wrapper.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._wrapper.__exit__(*error)

    def _note(self, execute: Any, text: str, params: Any, many: bool, context: Any) -> Any:
        self.texts.append(text)
        return execute(text, params, many, context)
