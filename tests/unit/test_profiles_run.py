"""Running profiles over folders: what rows become, what is flagged, and that nothing bad stops the rest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from heli.records.profiles import Planned, ProfileError, Progress, Ref, load_profile, plan_rows, unread_files
from heli.records.tables import TableError

ACCOUNTS = """\
profile: shop
files:
  - file: accounts.csv
    rows:
      - make: account
        key: "{name}"
        set:
          name: name
"""


def nothing(type_: str, key: str) -> None:
    """An installation without anything in it."""


class Folder:
    """A folder of files and a profile over it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, name: str, text: str) -> Folder:
        (self.path / name).write_text(text, encoding="utf-8")
        return self

    def plan(self, profile: str, resolve: Callable[[str, str], bool | str | None] = nothing) -> list[Planned]:
        return list(plan_rows(load_profile(profile), self.path, resolve))

    def field(
        self, spec: str, *cells: str, resolve: Callable[[str, str], bool | str | None] = nothing
    ) -> list[Planned]:
        """Accounts with one more field ``x`` mapped by ``spec`` from the column ``c``, a row for each cell."""
        rows = "".join(f'n{at},"{cell}"\n' for at, cell in enumerate(cells, start=1))
        self.write("accounts.csv", f"name,c\n{rows}")
        return self.plan(ACCOUNTS + f"          x: {spec}\n", resolve)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def values(rows: list[Planned]) -> list[object]:
    return [row.values.get("x") for row in rows if not row.rejections]


def flags(rows: list[Planned]) -> list[tuple[int, str, str, str]]:
    return [(flag.line, flag.field, flag.value, flag.code) for row in rows for flag in row.flags]


def rejections(rows: list[Planned]) -> list[tuple[int, str, str, str]]:
    return [(flag.line, flag.field, flag.value, flag.code) for row in rows for flag in row.rejections]


def test_text_passes_exactly_and_numbers_become_plain(folder: Folder) -> None:
    assert values(folder.field("c", "  two spaces ", "=1+1", "")) == ["  two spaces ", "=1+1", None]
    assert values(folder.field("{column: c, as: integer}", "1 234", "12", "")) == [1234, 12, None]
    assert values(folder.field("{column: c, as: money, scale: 1_000_000}", "1100.04", "3.5万")) == [
        "1100040000",
        "35000000000",
    ]
    assert values(folder.field("{column: c, as: percent}", "15%", "12.50")) == ["15", "12.5"]
    assert values(folder.field("{column: c, as: boolean}", "是", "no")) == [True, False]


def test_unreadable_cells_are_left_empty_and_flagged_or_reject_their_row(folder: Folder) -> None:
    rows = folder.field("{column: c, as: integer}", "7", "many", "1.5")
    assert values(rows) == [7, None, None]
    assert flags(rows) == [(3, "c", "many", "unreadable"), (4, "c", "1.5", "unreadable")]
    rows = folder.field("{column: c, as: date, on_unreadable: reject}", "2016-10-20", "soon")
    assert values(rows) == ["2016-10-20"]
    assert rejections(rows) == [(3, "c", "soon", "unreadable")]


def test_the_date_style_is_the_columns_own(folder: Folder) -> None:
    assert values(folder.field("{column: c, as: date}", "05/03/2017", "20/10/2016")) == ["2017-03-05", "2016-10-20"]
    assert values(folder.field("{column: c, as: date}", "05/03/2017", "10/20/2016")) == ["2017-05-03", "2016-10-20"]
    assert values(folder.field("{column: c, as: date}", "42663", "42664")) == ["2016-10-20", "2016-10-21"]
    late = ["05/03/2017"] * 2500 + ["20/10/2016"]
    assert values(folder.field("{column: c, as: date}", *late))[0] == "2017-03-05"


def test_dates_that_could_be_two_days_are_flagged_until_the_profile_says(folder: Folder) -> None:
    rows = folder.field("{column: c, as: date}", "05/03/2017", "2017-01-02", "05/05/2017")
    assert values(rows) == [None, "2017-01-02", "2017-05-05"]
    assert flags(rows) == [(2, "c", "05/03/2017", "unreadable")]
    assert "dates: dmy" in rows[0].flags[0].reason.en
    assert values(folder.field("{column: c, as: date, dates: mdy}", "05/03/2017")) == ["2017-05-03"]


def test_times_without_a_zone_are_the_companys(folder: Folder) -> None:
    folder.write("accounts.csv", "name,c\nA,2016-10-20 08:30\nB,2016-10-20T08:30:00Z\n")
    profile = load_profile(ACCOUNTS + "          x: {column: c, as: datetime}\n")
    shanghai = dt.timezone(dt.timedelta(hours=8))
    rows = list(plan_rows(profile, folder.path, nothing, zone=shanghai))
    assert values(rows) == ["2016-10-20T00:30:00Z", "2016-10-20T08:30:00Z"]


def test_repairs_are_flagged_cell_by_cell_with_the_profiles_reason(folder: Folder) -> None:
    rows = folder.field("{column: c, repair: {technolgy: technology}}", "technolgy", "retail", "technolgy")
    assert values(rows) == ["technology", "retail", "technology"]
    assert flags(rows) == [(2, "c", "technolgy", "repaired"), (4, "c", "technolgy", "repaired")]
    rows = folder.field("{column: c, repair: {a: b}, reason: {zh: 笔误, en: a slip}}", "a")
    assert [flag.json("zh") for flag in rows[0].flags] == [
        {"file": "accounts.csv", "line": 2, "field": "c", "value": "a", "reason": "笔误"}
    ]


def test_translated_values(folder: Folder) -> None:
    spec = "{column: c, values: {Won: won, Lost: lost}%s}"
    rows = folder.field(spec % "", "Won", "WON ", "Stalled", "")
    assert values(rows) == ["won", "won", None, None]
    assert flags(rows) == [(3, "c", "WON ", "respelt"), (4, "c", "Stalled", "unlisted")]
    assert values(folder.field(spec % ", on_missing: keep", "Stalled")) == ["Stalled"]
    assert rejections(folder.field(spec % ", on_missing: reject", "Stalled")) == [(2, "c", "Stalled", "unlisted")]
    assert values(folder.field("{column: c, one_of: [a], default: z}", "a", "b", "")) == ["a", "z", "z"]


def test_empty_cells(folder: Folder) -> None:
    assert flags(folder.field("{column: c, on_empty: flag}", " ")) == [(2, "c", " ", "empty")]
    rows = folder.field("{column: c, required: true}", "", "x")
    assert rejections(rows) == [(2, "c", "", "empty")]
    assert values(rows) == ["x"]


def test_links_find_their_target_exactly_or_by_a_spelling_that_is_flagged(folder: Folder) -> None:
    def resolve(type_: str, key: str) -> bool | str | None:
        return {"GTX Pro": True, "GTXPro": "GTX Pro", "GTX Basic": True}.get(key) if type_ == "product" else None

    rows = folder.field("{column: c, link: product}", "GTX Pro", "GTXPro", "GTK 500", "", resolve=resolve)
    assert values(rows) == [Ref("product", "GTX Pro"), Ref("product", "GTX Pro"), None, None]
    assert flags(rows) == [(3, "c", "GTXPro", "respelt"), (4, "c", "GTK 500", "no_target")]
    assert rejections(folder.field("{column: c, link: product, on_missing: reject}", "?")) == [
        (2, "c", "?", "no_target")
    ]


def test_a_spelling_that_two_names_share_helps_nobody(folder: Folder) -> None:
    folder.write("products.csv", "name\nA-1\nA 1\n").write("accounts.csv", "name,c\nX,A1\nY,A 1\n")
    rows = folder.plan(
        ACCOUNTS
        + "          x: {column: c, link: product}\n"
        + "  - file: products.csv\n    rows: [{make: product, key: '{name}', set: {name: name}}]\n"
    )
    accounts = [row for row in rows if row.target == "account"]
    assert values(accounts) == [None, Ref("product", "A 1")]
    assert flags(rows) == [(2, "c", "A1", "no_target")]


def test_a_link_to_a_row_further_down_is_completed_at_the_end(folder: Folder) -> None:
    folder.write("accounts.csv", "name,c\nChild,Parent\nOther,parent\nParent,\nLost,Nobody\nSelf,Self\n")
    rows = folder.plan(ACCOUNTS + "          x: {column: c, link: account}\n")
    assert [
        (row.key, dict(row.values), row.part) for row in rows if row.target and (row.part or "x" in row.values)
    ] == [
        ("Parent", {"name": "Parent", "x": None}, False),
        ("Child", {"x": Ref("account", "Parent")}, True),
        ("Other", {"x": Ref("account", "Parent")}, True),
        ("Self", {"x": Ref("account", "Self")}, True),
    ]
    assert flags(rows) == [(3, "c", "parent", "respelt"), (5, "c", "Nobody", "no_target")]


def test_the_same_key_twice_is_rejected_or_updates(folder: Folder) -> None:
    folder.write("accounts.csv", "name,c\nA,1\nB,2\nA,3\n A ,4\n,5\n")
    rows = folder.plan(ACCOUNTS + "          x: c\n")
    assert values(rows) == ["1", "2"]
    assert [(line, code) for line, _, _, code in rejections(rows)] == [(4, "repeated"), (5, "repeated"), (6, "no_key")]
    assert "line 2" in next(row for row in rows if row.rejections).rejections[0].reason.en
    rows = folder.plan(ACCOUNTS.replace("        set:", "        on_repeat: update\n        set:") + "          x: c\n")
    assert [(row.key, row.values["x"], row.part) for row in rows if not row.rejections] == [
        ("A", "1", False), ("B", "2", False), ("A", "3", True), ("A", "4", True)
    ]  # fmt: skip


def test_distinct_things_are_made_once_and_contradictions_flagged(folder: Folder) -> None:
    folder.write("accounts.csv", "name,c\nA,1\nA,1\nA,2\n")
    rows = folder.plan(ACCOUNTS.replace("        set:", "        distinct: true\n        set:") + "          x: c\n")
    assert [row.key for row in rows if row.target] == ["A"]
    assert flags(rows) == [(4, "c", "2", "differs")]


def test_one_entry_for_one_cell_also_when_two_things_are_wrong_with_it(folder: Folder) -> None:
    folder.write("accounts.csv", "name,c\nA,?\n")
    rows = folder.plan(ACCOUNTS + "          x: {column: c, link: person}\n          y: {column: c, as: integer}\n")
    assert flags(rows) == [(2, "c", "?", "no_target")]
    assert rows[0].flags[0].reason.en == "there is no such person; the link is left empty; is no number; left empty"


def test_cells_of_another_file(folder: Folder) -> None:
    folder.write("teams.csv", "agent,team\nAnna,East\nBo,\n").write(
        "accounts.csv", "name,c\nA,Anna\nB,anna\nC,Carl\nD,Bo\nE,\n"
    )
    rows = folder.plan(ACCOUNTS + "          x: {lookup: {file: teams.csv, match: {c: agent}, take: team}}\n")
    assert values(rows) == ["East", "East", None, None, None]
    assert flags(rows) == [(3, "c", "anna", "respelt"), (4, "c", "Carl", "no_row")]


def test_several_things_from_one_row_and_only_when_a_condition_holds(folder: Folder) -> None:
    folder.write("people.csv", "name,boss,kind\nAnna,Bo,rep\nCarl,,chief\n")
    rows = folder.plan(
        """\
profile: p
fixed:
  - {make: department, key: HQ, set: {name: {value: HQ}}}
  - {make: position, key: rep, set: {name: {value: Rep}, roles: {value: [sales_rep]}}}
files:
  - file: people.csv
    rows:
      - {make: person, key: "{name|lower|dots}", set: {display_name: name}}
      - make: assignment
        when: {kind: [rep, manager]}
        set:
          person: {text: "{name|lower}", link: person}
          department: {value: HQ, link: department}
          position: {column: kind, link: position}
      - make: reporting
        when: {boss: filled}
        set:
          person: {text: "{name|lower}", link: person}
          manager: {text: "{boss|lower}", link: person, on_missing: reject}
"""
    )
    assert [(row.target, row.key, row.line) for row in rows] == [
        ("department", "HQ", 0),
        ("position", "rep", 0),
        ("person", "anna", 2),
        ("assignment", "anna|HQ|rep", 2),
        ("reporting", "", 2),
        ("person", "carl", 3),
    ]
    assert rows[1].values["roles"] == ("sales_rep",)
    assert rejections(rows) == [(2, "boss", "Bo", "no_target")]  # the rest of the row stands


def test_checks_flag_and_reject_with_the_profiles_words(folder: Folder) -> None:
    folder.write(
        "accounts.csv",
        "name,from,to,n,s\nA,2017-01-02,2017-01-01,5,Won\nB,,,,Won\nC,2017-01-01,2017-01-02,-1,Lost\nD,,,x,Odd\n",
    )
    rows = folder.plan(
        ACCOUNTS
        + """\
    checks:
      - {expect: {to: {not_before: from}}, flag: ends before it begins}
      - {when: {s: Won}, expect: {n: filled}, flag: {zh: 缺金额, en: no value}}
      - {when: {n: filled}, expect: {n: positive}, flag: not positive}
      - {expect: {s: [Won, Lost]}, reject: {zh: 未知阶段, en: unknown stage}}
"""
    )
    assert flags(rows) == [
        (2, "to", "2017-01-01", "check"),
        (3, "n", "", "check"),
        (4, "n", "-1", "check"),
        (5, "n", "x", "check"),
    ]
    assert rejections(rows) == [(5, "s", "Odd", "check")]
    assert [row.key for row in rows if not row.rejections] == ["A", "B", "C"]


def test_bad_rows_are_reported_and_the_rest_goes_on(folder: Folder) -> None:
    folder.write("accounts.csv", 'name,c\nA,1\nB,2,3\n"C"x,4\nD,5\n')
    rows = folder.plan(ACCOUNTS + "          x: c\n")
    assert values(rows) == ["1", "5"]
    assert [(line, code) for line, _, _, code in rejections(rows)] == [(3, "too_many_cells"), (4, "quotes")]


def test_a_missing_file_or_column_is_one_clear_error_before_anything_is_planned(folder: Folder) -> None:
    with pytest.raises(ProfileError) as caught:
        plan_rows(load_profile(ACCOUNTS), folder.path, nothing)
    assert [(problem.place, problem.code) for problem in caught.value.problems] == [("accounts.csv", "no_file")]
    folder.write("accounts.csv", "nome,c\nA,1\n")
    with pytest.raises(ProfileError, match=r'no column "name"; did you mean "nome"\? \(profile:8\)'):
        plan_rows(load_profile(ACCOUNTS), folder.path, nothing)
    with pytest.raises(TableError, match="no such folder"):
        plan_rows(load_profile(ACCOUNTS), folder.path / "none", nothing)


def test_optional_files_may_be_absent(folder: Folder) -> None:
    assert folder.plan(ACCOUNTS.replace("accounts.csv", "accounts.csv\n    optional: true")) == []


def test_a_file_in_another_encoding_delimiter_and_form(folder: Folder) -> None:
    (folder.path / "accounts.csv").write_bytes("name;c\n上海机电;１２，５\n重庆长安;3,25\n".encode("gbk"))
    rows = folder.plan(ACCOUNTS + "          x: {column: c, as: decimal}\n")
    assert [(row.key, row.values["x"]) for row in rows] == [("上海机电", "12.5"), ("重庆长安", "3.25")]


def test_progress_reaches_the_end_and_unread_files_are_named(folder: Folder) -> None:
    folder.write("accounts.csv", "name\n" + "".join(f"n{i}\n" for i in range(3000))).write("extra.csv", "a\n")
    seen: list[Progress] = []
    rows = list(plan_rows(load_profile(ACCOUNTS), folder.path, nothing, progress=seen.append))
    assert len(rows) == 3000
    assert seen[-1] == Progress("accounts.csv", 3000, 1.0)
    assert [one.share for one in seen] == sorted(one.share for one in seen)
    assert unread_files(load_profile(ACCOUNTS), folder.path) == ["extra.csv"]
    assert unread_files(load_profile(ACCOUNTS + "ignore: [extra.csv]\n"), folder.path) == []
