"""A real company arrives from its files, and everyone counts exactly their part of it.

What is expected is computed here from the files, with nothing of the importer's.
"""

from __future__ import annotations

import csv
import json
import os
from collections import Counter, defaultdict
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest

from heli.audit.verify import verify
from tests.cli import Heli

DATA = Path(os.environ.get("HELI_DATA") or Path(__file__).parents[3] / "shared" / "data") / "crm" / "maven"
PROFILE = str(Path(str(files("heli"))) / "crm" / "profiles" / "maven.yaml")

pytestmark = [
    pytest.mark.django_db, pytest.mark.storage,
    pytest.mark.skipif(not DATA.is_dir(), reason="the data folder is not here (HELI_DATA)"),
]  # fmt: skip


def rows(file: str) -> list[dict[str, str]]:
    with (DATA / file).open(newline="") as stream:
        return list(csv.DictReader(stream))


def username(name: str) -> str:
    return name.lower().replace(" ", ".")


def money(deals: list[dict[str, str]]) -> str:
    return str(sum((Decimal(d["close_value"] or 0) for d in deals), Decimal(0)).quantize(Decimal("0.01")))


def test_every_figure_of_every_person_is_right(capsys: pytest.CaptureFixture[str]) -> None:
    heli = Heli(capsys)
    planned = heli("import", "--profile", PROFILE, str(DATA), "--dry-run")
    assert "error" in heli("count", "opportunity", "--as", "moses.frase"), "a dry run leaves nothing behind"
    done = heli("import", "--profile", PROFILE, str(DATA))
    assert done == planned
    assert done["created"] | {"position": 0} == {
        "account": 85, "assignment": 41, "department": 10, "opportunity": 8800, "person": 41, "product": 7,
        "reporting": 35, "position": 0,
    }  # fmt: skip
    assert (done["updated"], done["rejected"]) == ({}, [])
    cells = [(f["file"], f["line"], f["field"]) for f in done["flagged"]]
    assert len(cells) == len(set(cells)) == 1480 + 1425 + 500 + 12 + 1 + 5
    again = heli("import", "--profile", PROFILE, str(DATA))
    assert (again["created"], again["updated"], again["rejected"]) == ({}, {}, [])
    assert again["flagged"] == done["flagged"]

    deals = rows("sales_pipeline.csv")
    by_agent: dict[str, list[dict[str, str]]] = defaultdict(list)
    for deal in deals:
        by_agent[deal["sales_agent"]].append(deal)
    teams: dict[str, list[str]] = defaultdict(list)
    for agent in rows("sales_teams.csv"):
        teams[agent["manager"]].append(agent["sales_agent"])

    for agents in teams.values():
        for agent in agents:
            mine = by_agent[agent]
            stages = Counter(d["deal_stage"].lower() for d in mine)
            found = heli("count", "opportunity", "--as", username(agent), "--sum", "amount", "--by", "stage")
            assert (found["count"], found["sum"], found["readable"]) == (len(mine), money(mine), len(mine)), agent
            assert {name: one["count"] for name, one in found["groups"].items()} == stages
            reached = heli("count", "account", "--as", username(agent))
            assert reached == {"count": len({d["account"] for d in mine if d["account"]})}, agent
    for manager, agents in teams.items():
        team = [d for agent in agents for d in by_agent[agent]]
        found = heli("count", "opportunity", "--as", manager, "--sum", "amount", "--by", "owner")
        assert (found["count"], found["sum"]) == (len(team), money(team)), manager
        assert {name: one["count"] for name, one in found["groups"].items()} == {
            username(a): len(by_agent[a]) for a in agents if by_agent[a]
        }

    heli("user", "add", "Ada Boss", "--role", "management")
    found = heli("count", "opportunity", "--as", "Ada Boss", "--sum", "amount", "--by", "account")
    assert (found["count"], found["sum"]) == (8800, money(deals))
    assert found["groups"][""]["count"] == 1425
    assert {k: v["count"] for k, v in found["groups"].items() if k} == Counter(
        d["account"] for d in deals if d["account"]
    )

    page = heli(
        "list",
        "opportunity",
        "--as",
        "moses.frase",
        "--sort",
        "-amount",
        "--fields",
        "code,amount,owner,account",
        "--limit",
        "3",
    )
    best = sorted(by_agent["Moses Frase"], key=lambda d: -Decimal(d["close_value"] or 0))[:3]
    assert [row["amount"] for row in page["items"]] == [f"{Decimal(d['close_value']):.2f}" for d in best]
    assert {row["owner"] for row in page["items"]} == {"moses.frase"}
    assert page["items"][0]["account"] == best[0]["account"]
    following = heli(
        "list", "opportunity", "--as", "moses.frase", "--sort=-amount", "--fields", "code,amount,owner,account", "--limit", "3",
        "--after", page["next"],
    )  # fmt: skip
    assert not {r["id"] for r in following["items"]} & {r["id"] for r in page["items"]}

    code = best[0]["opportunity_id"]
    mine = heli("why", "read", "opportunity", code, "--as", "moses.frase")
    assert (mine["allowed"], mine["because"][0]["role"], mine["because"][0]["scope"]) == (True, "sales_rep", "own")
    hers = heli("why", "read", "opportunity", code, "--as", "cara.losch")
    nothing = heli("why", "read", "opportunity", "NO-SUCH", "--as", "cara.losch")
    assert json.dumps(hers) == json.dumps(nothing)
    assert not hers["allowed"]
    both = heli("why", "delete", "opportunity", code, "--as", "moses.frase", "--beside", "dustin.brinkmann")
    assert (both["mine"]["allowed"], both["theirs"]["allowed"]) == (False, True)
    assert both["theirs"]["because"][0]["role"] == "another reason"
    assert both["difference"][0]["code"].startswith("role:sales_manager@")
    assert both["mine"]["ask"] == ["dustin.brinkmann"]
    assert verify().ok
