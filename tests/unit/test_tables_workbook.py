"""Workbooks: what a sheet's cells become as text, and files that want to take the machine down."""

from __future__ import annotations

import datetime as dt
import tracemalloc
import zipfile
from pathlib import Path

import openpyxl
import pytest

from heli.records.tables import BadRow, Limits, Row, TableError, open_table


def sheet_xml(rows: str) -> str:
    return f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>'


def made(path: Path, sheet: str, shared: str = "", declared: int | None = None) -> Path:
    """A workbook written by hand, for what no honest program writes."""
    office = "http://schemas.openxmlformats.org/officeDocument/2006"
    package = "http://schemas.openxmlformats.org/package/2006"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("[Content_Types].xml", f'<Types xmlns="{package}/content-types"/>')
        out.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}/relationships">'
            f'<Relationship Id="r" Type="{office}/relationships/officeDocument" Target="xl/workbook.xml"/>'
            "</Relationships>",
        )
        out.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{office}/relationships">'
            '<sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        out.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{package}/relationships">'
            f'<Relationship Id="rId1" Type="{office}/relationships/worksheet" Target="worksheets/sheet1.xml"/>'
            f'<Relationship Id="rId2" Type="{office}/relationships/sharedStrings" Target="sharedStrings.xml"/>'
            "</Relationships>",
        )
        if shared:
            out.writestr("xl/sharedStrings.xml", f'<sst xmlns="{main}">{shared}</sst>')
        out.writestr("xl/worksheets/sheet1.xml", sheet_xml(sheet))
    if declared is not None:
        raw = path.read_bytes()
        at = raw.rindex(b"PK\x01\x02")
        path.write_bytes(raw[: at + 24] + declared.to_bytes(4, "little") + raw[at + 28 :])
    return path


@pytest.fixture
def customers(tmp_path: Path) -> Path:
    book = openpyxl.Workbook()
    book.active.title = "说明"  # type: ignore[union-attr]
    sheet = book.create_sheet("客户")
    for at, name in enumerate(["名称", "员工", "收入", "毛利率", "成立", "更新", "VIP", "编号", "状态"], start=2):
        sheet.cell(3, at, name)
    values = [
        "华为",
        3,
        0.1 + 0.2,
        0.15,
        dt.date(2016, 10, 20),
        dt.datetime.fromisoformat("2016-10-20T13:45"),
        True,
        "00123456789012345678",
        "#N/A",
    ]
    for at, value in enumerate(values, start=2):
        sheet.cell(4, at, value)
    sheet.cell(6, 2, "中兴")
    sheet.cell(6, 3, 1e21)
    sheet.cell(7, 2, "多")
    sheet.cell(7, 12, "出")
    path = tmp_path / "customers.xlsx"
    book.save(path)
    return path


def test_cells_become_clean_text_and_lines_are_the_sheets_rows(customers: Path) -> None:
    table = open_table(customers, sheet="客户")
    assert table.headings[:3] == ("名称", "员工", "收入")
    assert table.heading_line == 3
    rows = list(table.rows())
    assert rows[0] == Row(
        4,
        {
            "名称": "华为",
            "员工": "3",
            "收入": "0.3",
            "毛利率": "0.15",
            "成立": "2016-10-20",
            "更新": "2016-10-20 13:45:00",
            "VIP": "TRUE",
            "编号": "00123456789012345678",
            "状态": "#N/A",
        },
    )
    assert isinstance(rows[1], Row)
    assert (rows[1].line, rows[1].cells["员工"]) == (6, "1000000000000000000000")
    assert isinstance(rows[2], BadRow)
    assert (rows[2].line, rows[2].code) == (7, "too_many_cells")
    assert list(table.rows()) == rows


def test_a_workbook_is_known_by_its_bytes_not_its_name(customers: Path) -> None:
    named = customers.rename(customers.with_suffix(".csv"))
    assert next(iter(open_table(named, sheet="客户").rows())).line == 4


def test_an_unknown_sheet_is_refused_with_those_that_exist(customers: Path) -> None:
    with pytest.raises(TableError, match="说明, 客户"):
        open_table(customers, sheet="联系人")
    with pytest.raises(TableError) as caught:
        open_table(customers)  # the first sheet is empty
    assert caught.value.problems[0].code == "no_heading"


def test_two_far_cells_do_not_take_all_memory(tmp_path: Path) -> None:
    path = made(
        tmp_path / "far.xlsx",
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
    )
    with pytest.raises(TableError, match="1048576 rows × 16384 columns"):
        open_table(path)


def test_one_long_text_in_many_cells_does_not_either(tmp_path: Path) -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 2001))
    path = made(tmp_path / "texts.xlsx", rows, shared=f"<si><t>{'x' * 30_000}</t></si>")
    with pytest.raises(TableError, match="texts come to more"):
        open_table(path, limits=Limits(expanded_bytes=32 << 20))
    two = '<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2"><c r="A2" t="s"><v>1</v></c></row>'
    path = made(tmp_path / "fine.xlsx", two, shared="<si><t>heading</t></si><si><t>value</t></si>")
    assert list(open_table(path).rows()) == [Row(2, {"heading": "value"})]


def test_a_zip_bomb_is_stopped_while_unzipping(tmp_path: Path) -> None:
    path = made(tmp_path / "bomb.xlsx", " " * 40_000_000)
    assert path.stat().st_size < 100_000
    with pytest.raises(TableError, match="unzips to more than 16 MB"):
        open_table(path, limits=Limits(expanded_bytes=16 << 20))


@pytest.mark.parametrize("where", ["sheet", "shared"])
def test_a_bomb_without_an_end_keeps_neither_memory_nor_processor(tmp_path: Path, where: str) -> None:
    row = '<row r="1"><c r="A1" t="inlineStr"><is><t>名称</t></is></c></row><row r="2">'
    spaces = " " * (100 << 20)
    path = made(tmp_path / "spaces.xlsx", row + spaces * (where == "sheet"), "<si><t>" + spaces * (where == "shared"))
    tracemalloc.start()
    with pytest.raises(TableError, match="unzips to more than"):
        open_table(path, limits=Limits(expanded_bytes=96 << 20))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 40 << 20, "what was unzipped was kept"


def test_a_member_that_hides_its_size_is_no_intact_file(tmp_path: Path) -> None:
    path = made(tmp_path / "lie.xlsx", '<row r="1"><c r="A1"><v>1</v></c></row>' * 100, declared=50)
    with pytest.raises(TableError, match="not an intact XLSX"):
        open_table(path)


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04", b"PK\x03\x04" + b"\0" * 400, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600]
)
def test_half_a_workbook_and_an_old_one_are_refused_in_words(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "half.xlsx"
    path.write_bytes(content)
    with pytest.raises(TableError) as caught:
        open_table(path)
    assert caught.value.problems[0].code == "workbook"


def test_a_zip_that_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "notes.xlsx"
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("notes.txt", "hello")
    with pytest.raises(TableError) as caught:
        open_table(path)
    assert caught.value.problems[0].code == "workbook"


@pytest.mark.parametrize("cut", [10, 200, 1000, 3000])
def test_a_workbook_cut_short(customers: Path, cut: int) -> None:
    customers.write_bytes(customers.read_bytes()[:-cut])
    with pytest.raises(TableError):
        open_table(customers, sheet="客户")
