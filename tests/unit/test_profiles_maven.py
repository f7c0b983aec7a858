"""The shipped profile of the Maven pipeline, on the real data when it is there and on a handful of its rows always."""

from __future__ import annotations

import csv
import os
from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest

from heli.records.profiles import Planned, Profile, Ref, load_profile, plan_rows, unread_files

DATA = Path(os.environ.get("HELI_DATA") or Path(__file__).parents[3] / "shared" / "data") / "crm" / "maven"


@pytest.fixture(scope="module")
def profile() -> Profile:
    return load_profile(Path(str(files("heli"))) / "crm" / "profiles" / "maven.yaml")


def nothing(type_: str, key: str) -> None:
    """An empty installation."""


def cells(folder: Path, file: str) -> list[dict[str, str]]:
    with (folder / file).open(newline="") as stream:
        return list(csv.DictReader(stream))


def flagged(rows: list[Planned]) -> dict[tuple[str, str], Counter[str]]:
    found: dict[tuple[str, str], Counter[str]] = {}
    for row in rows:
        for flag in row.flags:
            found.setdefault((flag.file, flag.field), Counter())[flag.value] += 1
    return found


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """The published files, cut down to one row of every sort."""
    (tmp_path / "sales_teams.csv").write_text(
        "sales_agent,manager,regional_office\n"
        "Moses Frase,Dustin Brinkmann,Central\nMei-Mei Johns,Melvin Marxen,Central\n"
    )
    (tmp_path / "products.csv").write_text("product,series,sales_price\nGTX Pro,GTX,4821\n")
    (tmp_path / "accounts.csv").write_text(
        "account,sector,year_established,revenue,employees,office_location,subsidiary_of\r\n"
        "Bioholding,medical,2012,587.34,1356,Philipines,Golddex\r\nGolddex,technolgy,2008,52.5,165,United States,\r\n"
    )
    (tmp_path / "sales_pipeline.csv").write_text(
        "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n"
        "A1,Moses Frase,GTXPro,Golddex,Won,2016-10-20,2017-03-01,1054\nA2,Moses Frase,GTX Pro,,Prospecting,,,\n"
        "A3,Moses Frase,GTX Pro,Golddex,Won,2017-03-01,2016-10-20,0\n"
    )
    return tmp_path


def test_one_row_of_every_sort(profile: Profile, few: Path) -> None:
    rows = list(plan_rows(profile, few, nothing))
    by_key = {(row.target, row.key): row for row in rows if not row.part}
    assert profile.currency == "USD"
    assert by_key["department", "Central"].values["parent"] == Ref("department", "Maven")
    assert by_key["department", "Dustin Brinkmann"].values["parent"] == Ref("department", "Central")
    assert by_key["assignment", "dustin.brinkmann|Dustin Brinkmann|sales_manager"].values["primary"] is True
    assert by_key["person", "mei-mei.johns"].values == {"display_name": "Mei-Mei Johns"}
    assert ("reporting", "moses.frase|dustin.brinkmann") in by_key
    heads = [row.values["head"] for row in rows if row.target == "department" and row.part]
    assert heads == [Ref("person", "dustin.brinkmann"), Ref("person", "melvin.marxen")]
    deal = by_key["opportunity", "A1"].values
    assert deal == {
        "code": "A1", "product": Ref("product", "GTX Pro"), "account": Ref("account", "Golddex"),
        "name": "GTX Pro · Golddex", "stage": "won", "amount": "1054",
        "opened_on": "2016-10-20", "closed_on": "2017-03-01",
        "owner": Ref("person", "moses.frase"), "department": Ref("department", "Dustin Brinkmann"),
    }  # fmt: skip
    account = by_key["account", "Bioholding"].values
    assert (account["annual_revenue"], account["location"], account["owner"]) == ("587340000", "Philippines", None)
    assert account["department"] == Ref("department", "Maven")
    assert flagged(rows) == {
        ("sales_teams.csv", "sales_agent"): Counter({"Mei-Mei Johns": 1}),
        ("accounts.csv", "office_location"): Counter({"Philipines": 1}),
        ("accounts.csv", "sector"): Counter({"technolgy": 1}),
        ("sales_pipeline.csv", "product"): Counter({"GTXPro": 1}),
        ("sales_pipeline.csv", "account"): Counter({"": 1}),
        ("sales_pipeline.csv", "engage_date"): Counter({"": 1}),
        ("sales_pipeline.csv", "close_date"): Counter({"2016-10-20": 1}),
        ("sales_pipeline.csv", "close_value"): Counter({"0": 1}),
    }
    assert not any(row.rejections for row in rows)


def test_a_second_run_on_what_the_first_made_plans_the_same(profile: Profile, few: Path) -> None:
    first = list(plan_rows(profile, few, nothing))
    made = {(row.target, row.key) for row in first}
    second = list(plan_rows(profile, few, lambda type_, key: (type_, key) in made))

    def sums(rows: list[Planned]) -> dict[tuple[str, str], dict[str, object]]:
        things: dict[tuple[str, str], dict[str, object]] = {}
        for row in rows:
            things.setdefault((row.target, row.key), {}).update(row.values)
        return things

    assert sums(first) == sums(second)
    assert flagged(first) == flagged(second)


@pytest.mark.skipif(not DATA.is_dir(), reason="the data folder is not here (HELI_DATA)")
def test_the_whole_company_arrives_and_its_dirt_is_flagged(profile: Profile) -> None:
    rows = list(plan_rows(profile, DATA, nothing))
    deals, accounts = cells(DATA, "sales_pipeline.csv"), cells(DATA, "accounts.csv")
    made = Counter(row.target for row in rows if row.target and not row.part)
    assert made == {
        "department": 10, "position": 2, "person": 41, "assignment": 41, "reporting": 35, "product": 7, "account": 85,
        "opportunity": 8800,
    }  # fmt: skip
    assert not any(row.rejections for row in rows)
    assert unread_files(profile, DATA) == []
    planned = [row for row in rows if row.target == "opportunity"]
    assert [row.key for row in planned] == [deal["opportunity_id"] for deal in deals]
    assert all(isinstance(row.values[name], Ref) for row in planned for name in ("owner", "department", "product"))
    agents = {f.values["display_name"]: f.key for f in rows if f.target == "person"}
    assert [row.values["owner"] for row in planned] == [Ref("person", str(agents[d["sales_agent"]])) for d in deals]
    # Every affected cell once, on its own line, and no other cell at all.
    expected: set[tuple[str, int, str, str]] = set()
    for line, deal in enumerate(deals, start=2):
        expected |= {("sales_pipeline.csv", line, "product", "GTXPro")} if deal["product"] == "GTXPro" else set()
        expected |= {("sales_pipeline.csv", line, name, "") for name in ("account", "engage_date") if not deal[name]}
    for line, account in enumerate(accounts, start=2):
        expected |= {("accounts.csv", line, "sector", "technolgy")} if account["sector"] == "technolgy" else set()
        expected |= (
            {("accounts.csv", line, "office_location", "Philipines")} if account["account"] == "Bioholding" else set()
        )
    busy = {deal["sales_agent"] for deal in deals}
    for line, agent in enumerate(cells(DATA, "sales_teams.csv"), start=2):
        name = agent["sales_agent"]
        expected |= {("sales_teams.csv", line, "sales_agent", name)} if name not in busy else set()
    found = [(flag.file, flag.line, flag.field, flag.value) for row in rows for flag in row.flags]
    assert len(found) == len(set(found)) == 1480 + 1425 + 500 + 12 + 1 + 5
    assert set(found) == expected
    parents = {row.key: row.values["parent_account"] for row in rows if row.values.get("parent_account")}
    assert parents == {a["account"]: Ref("account", a["subsidiary_of"]) for a in accounts if a["subsidiary_of"]}
