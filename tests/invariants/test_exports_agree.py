"""An export is its requester's list: cell by cell, for random rights; and nothing in it begins like a formula."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from tests import world as worlds
from tests.world import SETUP, World

from heli.access import grants
from heli.api import viewer as identities
from heli.guard.exports import ask, cells, decide, write
from heli.guard.exports.ask import Asked
from heli.jobs.worker import drain
from heli.records import store

HOSTILE = st.text(st.sampled_from("=+-@\t\r\n ＝＋－＠'\"a1,;\u200b\ufeff\xa0\u3000\u202e|!"), max_size=12)


@given(st.lists(HOSTILE, min_size=1, max_size=5))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_cell_of_a_file_begins_like_a_formula(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    folder = tmp_path_factory.getbasetemp()
    for format in ("csv", "xlsx"):
        path = folder / f"neutral.{format}"
        out = write.writer(format, path)
        out.row(texts, [False] * len(texts))
        out.close("the mark")
        for cell in (one for row in read(path) for one in row):
            assert not cell.startswith(cells.STARTS), repr(cell)
            assert not cell.lstrip("\u200b\ufeff\xa0\u3000\u202e").startswith(cells.STARTS), repr(cell)


def test_a_number_of_a_number_field_stays_one_and_text_never_turns_into_one(tmp_path: Path) -> None:
    path = tmp_path / "numbers.xlsx"
    out = write.writer("xlsx", path)
    out.row(["-12.50", "12345678901234567890", "=1+1", "007"], [True, True, False, False])
    out.close("x")
    row = next(iter(load_workbook(path).worksheets[0].iter_rows(max_row=1)))
    assert [one.value for one in row] == [-12.5, "12345678901234567890", "'=1+1", "007"]
    assert all(one.data_type != "f" for one in row)


def read(path: Path) -> list[list[str]]:
    if path.suffix == ".csv":
        return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))
    return [[str(one.value or "") for one in row] for row in load_workbook(path).worksheets[0].iter_rows()]


LEVELS = st.sampled_from(["hidden", "masked", "read"])
FIELDS = ("name", "amount", "owner", "stage", "account", "probability")
RIGHTS = st.fixed_dictionaries(
    {
        "scopes": st.lists(
            st.tuples(st.sampled_from(["own", "department", "below", "all"]), st.dictionaries(st.sampled_from(FIELDS), LEVELS, max_size=3)),
            min_size=1, max_size=3,
        ),
        "export": st.lists(st.sampled_from(["own", "department", "below", "all"]), min_size=1, max_size=2),
    }
)  # fmt: skip


@pytest.fixture
def company(db: None) -> World:
    world = worlds.fresh()
    for n, who in enumerate(("ann", "bob", "wei", "ann", "wei")):
        account = world.make(who, "account", name=f"Customer {n}")
        world.make(who, "opportunity", name=f"={n}+1 Deal", amount=str(n * 100), account=account)
    return world


@pytest.mark.storage
@given(rights=RIGHTS)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_an_export_is_the_list_of_who_asked_row_by_row_and_cell_by_cell(company: World, rights: dict[str, Any]) -> None:
    from django.db import transaction

    with transaction.atomic():
        who = company.add("zoe", "east", None)
        lines = [
            {"type": "opportunity", "actions": ["read"], "scope": [scope], "read": levels}
            for scope, levels in rights["scopes"]
        ]
        lines += [{"type": "account", "actions": ["read"], "scope": ["below"]}]
        lines += [{"type": "opportunity", "actions": ["export"], "scope": rights["export"], "limit": "100"}]
        grants.grant_lines(SETUP, lines, "person", str(who))
        grants.grant_lines(
            SETUP, [{"type": "opportunity", "actions": ["export"], "scope": ["all"], "limit": "100"}], "person",
            str(company.people["boss"]),
        )  # fmt: skip
        agree(company, who)
        transaction.set_rollback(True)


def agree(company: World, who: int) -> None:
    viewer = identities.for_person(who)
    query = store.query(viewer, "opportunity")
    codes = [one for one in FIELDS if query.sight.known(one) is not None]
    page = query.fields(codes).sort("-created_at").page(200)
    rights = query.sight.rights
    assert rights is not None
    kind = query.kind

    def cell(item: dict[str, Any], code: str) -> str:
        levels = page.access[item["_a"]]
        if code not in levels:
            return ""
        said = cells.text(kind.fields[code], item[code], levels[code], "zh")
        return cells.neutral(said, numeric=cells.is_numeric(kind.fields[code]))

    may = [item for item in page.items if rights.decide("export", store.row(viewer, kind.code, item["id"])).allowed]
    wanted = [[cell(item, code) for code in codes] for item in may]
    if not wanted:
        return
    made = ask.ask(viewer, Asked("opportunity", None, "-created_at", tuple(codes)), "csv", "a reason to have it")
    if made.state == "waiting":
        decide.decide(identities.for_person(company.people["boss"]), made.pk, yes=True, note="")
    drain()
    _, path = decide.open_file(identities.for_person(who), made.pk)
    rows = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))
    assert rows[1:-1] == wanted
