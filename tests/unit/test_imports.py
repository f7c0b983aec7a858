"""Importing twice: what nobody touched follows the file, what a person edited stays and is flagged."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from heli.access import grants
from heli.api import viewer as viewers
from heli.audit.verify import verify
from heli.kernel.actor import Actor
from heli.kernel.errors import Conflict, Invalid
from heli.lending import decide
from heli.lending.models import Loan
from heli.org.models import Company, Department, Person
from heli.org.verbs import add_person, move_person, set_company
from heli.records import act, bulk, bulk_checks, import_keys, imports, store
from heli.records.import_report import Report
from heli.records.profiles import lines, load_profile
from heli.records.types import TYPES

pytestmark = [pytest.mark.django_db, pytest.mark.storage]

HAND = Actor(None, "someone", "test")
PROFILE = """
profile: small
currency: USD
fixed:
  - {make: department, key: Acme, set: {name: {value: Acme}}}
  - {make: position, key: seller, set: {name: {value: Seller}}}
files:
  - file: people.csv
    rows:
      - {make: department, key: "{team}", distinct: true, set: {name: team, parent: {value: Acme, link: department}}}
      - {make: person, key: "{name|lower|dots}", set: {display_name: name, email: mail}}
      - make: assignment
        set:
          person: {text: "{name|lower|dots}", link: person}
          department: {column: team, link: department}
          position: {value: seller, link: position}
          primary: {value: true}
  - file: accounts.csv
    rows:
      - make: account
        key: "{name}"
        set: {name: name, location: city, parent_account: {column: above, link: account}}
  - file: deals.csv
    rows:
      - make: opportunity
        key: "{code}"
        set:
          code: code
          name: {column: title, required: true}
          account: {column: account, link: account}
          amount: {column: value, as: money}
          owner: {text: "{owner|lower|dots}", link: person}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "small.yaml").write_text(PROFILE)
    (tmp_path / "people.csv").write_text("name,team,mail\nAda Li,North,ada@acme.example\nBo Sun,South,\n")
    (tmp_path / "accounts.csv").write_text("name,city,above\nChild,Lima,Top\nTop,Rome,\n")
    (tmp_path / "deals.csv").write_text(
        "code,title,account,value,owner\nD1,One,Top,10.5,Ada Li\nD2,Two,Child,20,Bo Sun\n"
    )
    return tmp_path


def run(folder: Path) -> Report:
    return imports.run(viewers.system("test"), load_profile(folder / "small.yaml"), folder)


def deal(code: str) -> dict[str, object]:
    page = store.query(viewers.system("test"), "opportunity").where({"code": code}).page()
    return page.items[0]


def edit(code: str, **values: object) -> None:
    act.do(viewers.system("a person"), act.Action("opportunity", "edit", str(deal(code)["id"]), values))


def test_a_company_arrives_and_a_second_run_does_nothing(folder: Path) -> None:
    first = run(folder)
    assert first.created == {
        "department": 3,
        "position": 1,
        "person": 2,
        "assignment": 2,
        "account": 2,
        "opportunity": 2,
    }
    assert (first.updated, first.rejections, first.flags) == ({}, [], {})
    second = run(folder)
    assert (second.created, second.updated, second.rejections, second.flags) == ({}, {}, [], {})
    company = Company.objects.get()
    assert (company.name, company.currency) == ("Acme", "USD")
    account = store.query(viewers.system("test"), "account").where({"name": "Child"}).page().items[0]
    assert account["parent_account"]["title"] == "Top"
    assert deal("D1")["owner"]["username"] == "ada.li"  # type: ignore[index]


def test_what_a_person_edited_is_kept_and_flagged_and_the_rest_follows_the_file(folder: Path) -> None:
    run(folder)
    edit("D1", amount="99.00")
    (folder / "deals.csv").write_text("code,title,account,value,owner\nD1,Uno,Top,11,Ada Li\nD2,Two,Child,21,Bo Sun\n")
    report = run(folder)
    assert report.updated == {"opportunity": 2}
    assert (deal("D1")["amount"], deal("D1")["name"], deal("D2")["amount"]) == ("99.00", "Uno", "21.00")
    flags = [(f.file, f.line, f.field, f.value, f.code) for f in report.flags.values()]
    assert flags == [("deals.csv", 2, "value", "11", "edited")]
    assert run(folder).updated == {}


def test_a_file_moves_a_person_but_not_one_that_was_moved_by_hand(folder: Path) -> None:
    run(folder)
    south = Department.objects.get(name="South").pk
    ada, bo = Person.objects.get(username="ada.li").pk, Person.objects.get(username="bo.sun").pk
    move_person(HAND, ada, south)
    (folder / "people.csv").write_text("name,team,mail\nAda Li,Acme,ada@acme.example\nBo Sun,North,\n")
    report = run(folder)
    homes = {p.person_id: p.department.name for p in Person.objects.get(pk=ada).assignments.filter(ends=None)} | {
        p.person_id: p.department.name for p in Person.objects.get(pk=bo).assignments.filter(ends=None)
    }
    assert homes == {ada: "South", bo: "North"}
    assert report.updated["assignment"] == 1
    assert ("people.csv", 2, "team") in report.flags


def test_one_bad_row_stops_nothing(folder: Path) -> None:
    (folder / "people.csv").write_text("name,team,mail\nAda Li,North,no mail\nBo Sun,South,bo@acme.example\n")
    (folder / "deals.csv").write_text(
        "code,title,account,value,owner\nD1,,Top,1,Bo Sun\nD2,Two,Nowhere,20,Ada Li\n"
        "D2,Again,Top,2,Bo Sun\nD3,Three,Top,-5,Bo Sun\nD4,Four,Top,5,Bo Sun\n"
    )
    report = run(folder)
    assert report.created["opportunity"] == 2
    assert report.created["person"] == 1
    rejected = {(f.file, f.line, f.field) for f in report.rejections}
    assert {("people.csv", 2, "mail"), ("deals.csv", 2, "title"), ("deals.csv", 5, "value")} <= rejected
    assert ("deals.csv", 4, "code") in rejected
    assert {("deals.csv", 3, "account"), ("deals.csv", 3, "name"), ("deals.csv", 3, "owner")} & set(report.flags)
    assert deal("D2")["owner"] is None


def test_deleted_records_stay_deleted(folder: Path) -> None:
    run(folder)
    act.do(viewers.system("a person"), act.Action("opportunity", "delete", str(deal("D1")["id"])))
    report = run(folder)
    assert (report.created, report.updated) == ({}, {})
    assert [f.code for f in report.flags.values()] == ["deleted"]


def test_wrong_profiles_and_other_money_are_refused_before_anything_is_written(folder: Path) -> None:
    set_company(HAND, name="Here", currency="CNY")
    with pytest.raises(Conflict):
        run(folder)
    (folder / "small.yaml").write_text(
        PROFILE.replace("city", "city, nonsense: city").replace("make: opportunity", "make: dragon")
    )
    with pytest.raises(Invalid) as caught:
        run(folder)
    assert {p.place.partition(":")[0] for p in caught.value.problems} == {"small.yaml"}
    assert not Department.objects.exists()


def test_bulk_rows_are_checked_numbered_and_unique() -> None:
    rows = [
        {"name": "A"},
        {"name": "A"},
        {"name": ""},
        {"name": "B", "parent_account": "f" * 32},
        {"name": "C", "nothing": 1},
        {"name": "D"},
    ]
    outcome = next(bulk.import_many(viewers.system("test"), TYPES["account"], rows))
    assert [one.number for one in outcome.made] == [0, 5]
    assert [(one.number, one.problems[0].place, one.problems[0].code) for one in outcome.bad] == [
        (1, "name", "taken"), (2, "name", "required"), (3, "parent_account", "missing"), (4, "nothing", "unknown"),
    ]  # fmt: skip
    codes = [str(one.after["code"]) for one in outcome.made]
    assert [int(c.rpartition("-")[2]) for c in codes] == [1, 2]


def test_a_name_taken_while_the_batch_was_checked_costs_only_its_own_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process commits the same name between the check and the insert: as if the check had seen nothing."""
    assert next(bulk.import_many(viewers.system("test"), TYPES["account"], [{"name": "Mine"}])).made
    monkeypatch.setattr(bulk_checks, "taken_values", lambda *_: set())
    rows = ({"name": name} for name in ("A", "Mine", "B"))
    outcome = next(bulk.import_many(viewers.system("test"), TYPES["account"], rows))
    assert [one.number for one in outcome.made] == [0, 2]
    assert [(one.number, one.problems[0].code) for one in outcome.bad] == [(1, "taken")]
    assert verify().ok


@pytest.mark.skipif(connection.vendor != "sqlite", reason="how SQLite says what it will do")
def test_keys_and_unique_values_are_found_by_their_index() -> None:
    """Without the index's own condition each lookup reads the whole table: an import twice as long takes four times."""
    with CaptureQueriesContext(connection) as said:
        bulk_checks.taken_values(TYPES["opportunity"], TYPES["opportunity"].fields["code"], {"D1", "D2"})
        import_keys._by_key("opportunity", ["D1", "D2"])
    for one in said.captured_queries:
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN QUERY PLAN " + one["sql"])
            assert "opportunity_code_once" in cursor.fetchone()[3]


def test_lines_are_remembered_also_of_keys_that_were_set_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "KEPT", 3)
    seen = lines.Lines()
    for line, key in enumerate(["a", "b", "\ud800", "c", "a", "d", "x" * 10_000], start=1):
        seen.put(key, line)
    assert [seen.get(key) for key in ("a", "b", "\ud800", "c", "d", "x" * 10_000, "e")] == [5, 2, 3, 4, 6, 7, None]


def test_an_import_that_gives_a_record_to_another_ends_what_was_lent_of_it(folder: Path) -> None:
    """What an import hands over it hands over like anybody: the loan ends, and its new owner is asked."""
    run(folder)
    ada, bo = (Person.objects.get(username=name).pk for name in ("ada.li", "bo.sun"))
    lines = [{"type": "opportunity", "actions": ["read", "share"], "scope": ["own"], "read": {"*": "read"}}]
    grants.grant_lines(HAND, lines, "everyone")
    record = str(deal("D1")["id"])
    decide.lend(viewers.for_person(ada), "opportunity", record, borrower=bo, action="read", fields=["name"],
                seconds=86400, reason="a case")  # fmt: skip
    cleo = add_person(HAND, "cleo", "Cleo")
    (folder / "deals.csv").write_text("code,title,account,value,owner\nD1,One,Top,10.5,Cleo\n")
    run(folder)
    assert deal("D1")["owner"]["username"] == "cleo"  # type: ignore[index]  # a row of the API
    loan = Loan.objects.get(record_id=record)
    assert (loan.ended_how, loan.keeper_id) == (Loan.TRANSFERRED, cleo)
