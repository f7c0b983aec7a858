"""A second import puts posts and reporting lines right where its file says them anew, and keeps what a person changed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from heli.api import viewer as viewers
from heli.audit import entries
from heli.kernel.actor import Actor
from heli.org.models import Assignment, Department, Person, Position, ReportingLine
from heli.org.verbs import assign, end_assignment, end_reporting
from heli.records import imports
from heli.records.import_report import Report
from heli.records.profiles import load_profile

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
HAND = Actor(None, "someone", "test")
PROFILE = """
profile: posts
currency: USD
fixed:
  - {make: department, key: North, set: {name: {value: North}}}
  - {make: department, key: South, set: {name: {value: South}}}
  - {make: position, key: seller, set: {name: {value: Seller}}}
files:
  - file: people.csv
    rows:
      - {make: person, key: "{name|lower}", set: {display_name: name}}
  - file: posts.csv
    rows:
      - make: assignment
        set:
          person: {text: "{name|lower}", link: person}
          department: {column: team, link: department}
          position: {value: seller, link: position}
          starts: {column: from, as: date}
          ends: {column: to, as: date}
          primary: {column: main, as: boolean}
  - file: lines.csv
    rows:
      - make: reporting
        set:
          person: {text: "{name|lower}", link: person}
          manager: {text: "{boss|lower}", link: person}
          starts: {column: from, as: date}
          ends: {column: to, as: date}
"""
POSTS = "name,team,from,to,main\nAda,North,2025-01-01,,yes\nAda,South,2025-03-01,,no\nBo,South,2025-01-01,,yes\n"
LINES = "name,boss,from,to\nBo,Ada,2025-01-01,\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "posts.yaml").write_text(PROFILE)
    (tmp_path / "people.csv").write_text("name\nAda\nBo\nCy\n")
    (tmp_path / "posts.csv").write_text(POSTS)
    (tmp_path / "lines.csv").write_text(LINES)
    return tmp_path


def run(folder: Path, posts: str | None = None, lines: str | None = None) -> Report:
    if posts is not None:
        (folder / "posts.csv").write_text(posts)
    if lines is not None:
        (folder / "lines.csv").write_text(lines)
    return imports.run(viewers.system("test"), load_profile(folder / "posts.yaml"), folder)


def held() -> set[tuple[str, str, str, str, bool]]:
    rows = Assignment.objects.select_related("person", "department")
    return {(a.person.username, a.department.name, day(a.starts), day(a.ends), a.primary) for a in rows}


def day(at: datetime | None) -> str:
    from django.utils import timezone

    return "" if at is None else timezone.localtime(at).date().isoformat()


ADA_NORTH = ("ada", "North", "2025-01-01", "", True)
ADA_SOUTH = ("ada", "South", "2025-03-01", "", False)
BO = ("bo", "South", "2025-01-01", "", True)


def test_dates_and_rank_that_the_file_says_anew_are_put_right(folder: Path) -> None:
    first = run(folder)
    assert (first.created["assignment"], first.rejections) == (3, [])
    assert held() == {ADA_NORTH, ADA_SOUTH, BO}
    ids = set(Assignment.objects.values_list("pk", flat=True))
    swapped = POSTS.replace("Ada,North,2025-01-01,,yes", "Ada,North,2025-03-01,,no").replace(
        ",,no\nBo", ",2099-06-30,yes\nBo"
    )
    swapped = swapped.replace("Ada,North,2025-03-01,,no", "Ada,North,2025-03-01,2099-01-31,no")
    second = run(folder, swapped)
    assert (second.rejections, second.flags) == ([], {})
    assert second.updated == {"assignment": 2}
    assert held() == {
        ("ada", "North", "2025-03-01", "2099-01-31", False),
        ("ada", "South", "2025-03-01", "2099-06-30", True),
        BO,
    }
    assert set(Assignment.objects.values_list("pk", flat=True)) == ids, "put right, not made anew"
    assert {e.action for e in entries.query(object_type="assignment", limit=2)} == {"assignment.change"}
    third = run(folder)
    assert (third.created, third.updated, third.rejections, third.flags) == ({}, {}, [], {})


def test_what_a_person_changed_since_is_kept_and_flagged(folder: Path) -> None:
    run(folder)
    bo = Assignment.objects.get(person__username="bo")
    end_assignment(HAND, bo.pk, at=datetime(2099, 12, 31, tzinfo=UTC))
    kept = held()
    report = run(folder, POSTS.replace("Bo,South,2025-01-01,,yes", "Bo,South,2025-01-01,2099-05-31,yes"))
    assert held() == kept
    assert report.updated == {}
    flags = [(f.file, f.line, f.field, f.code) for f in report.flags.values()]
    assert flags == [("posts.csv", 4, "to", "edited")]


def test_a_file_that_contradicts_itself_changes_nothing_of_that_person(folder: Path) -> None:
    run(folder)
    for posts, code in (
        (POSTS.replace("03-01,,no", "03-01,,yes"), "two_primaries"),
        (POSTS.replace("01-01,,yes\nAda", "01-01,2099-01-01,yes\nAda"), "no_primary"),
        (POSTS.replace("Ada,South,2025-03-01,", "Ada,South,2025-03-01,2025-02-01"), "ends_before_start"),
    ):
        assert posts != POSTS
        report = run(folder, posts)
        assert [one.code for one in report.rejections] == [code]
        assert held() == {ADA_NORTH, ADA_SOUTH, BO}, code
    assert run(folder, POSTS.replace("Bo,South,2025-01-01,,yes", "Bo,South,2024-01-01,,yes")).updated == {
        "assignment": 1
    }


def test_what_was_there_before_the_import_is_compared_too(folder: Path) -> None:
    """A post that somebody had entered by hand is taken over, and its dates are theirs."""
    (folder / "posts.csv").write_text("name,team,from,to,main\n")
    run(folder)
    cy = Person.objects.get(username="cy").pk
    seller = Position.objects.get().pk
    assign(HAND, cy, Department.objects.get(name="North").pk, seller, starts=datetime(2025, 5, 1, tzinfo=UTC))
    before = held()
    report = run(folder, "name,team,from,to,main\nCy,North,2025-01-01,,yes\n")
    assert held() == before
    assert [(f.field, f.code) for f in report.flags.values()] == [("from", "held")]


def test_reporting_lines_follow_their_dates_too(folder: Path) -> None:
    run(folder)
    line = ReportingLine.objects.get()
    report = run(folder, lines="name,boss,from,to\nBo,Ada,2024-06-01,2099-01-01\n")
    assert (report.updated, report.rejections, report.flags) == ({"reporting": 1}, [], {})
    line.refresh_from_db()
    assert (day(line.starts), day(line.ends)) == ("2024-06-01", "2099-01-01")
    end_reporting(HAND, line.person_id, at=datetime(2098, 1, 1, tzinfo=UTC))
    report = run(folder, lines="name,boss,from,to\nBo,Ada,2024-06-01,2099-02-02\n")
    assert [(f.field, f.code) for f in report.flags.values()] == [("to", "edited")]
    line.refresh_from_db()
    assert day(line.ends) == "2098-01-01"
