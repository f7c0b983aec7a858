"""Every property of seeds, thousands of times: `make torture`. The first seed of each run is printed."""

from __future__ import annotations

import pytest
from tests.invariants import (
    examples,
    test_access_agree,
    test_access_change,
    test_access_explain,
    test_administration,
    test_lending,
)

pytestmark = [pytest.mark.django_db, pytest.mark.storage, pytest.mark.torture]

MODULES = (test_access_agree, test_access_change, test_access_explain, test_administration, test_lending)
PARTS = 8
"""So many tests share a property's cases, so that a run shows how far it is."""


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("name", examples.PROPERTIES)
def test_it_holds_in_thousands_of_companies(capsys: pytest.CaptureFixture[str], name: str, part: int) -> None:
    seeds = range(examples.FIRST + part, examples.FIRST + examples.CASES, PARTS)
    for seed in seeds:
        try:
            examples.PROPERTIES[name](seed)
        except BaseException as error:
            error.add_note(f"again: HELI_SEED={seed} HELI_CASES=1 pytest -m torture -k '{name}'")
            raise
    with capsys.disabled():
        print(f"\n{name}: {len(seeds)} seeds, every {PARTS}th from {seeds.start}", flush=True)  # noqa: T201


def test_every_property_module_is_here() -> None:
    assert len(MODULES) <= len(examples.PROPERTIES) >= 7
