"""A page that uses a class whose sheet it does not bring is found, and only that."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools import styles

MAIN = (
    'import "./base.css";\nconst page = lazy(() => import("./page"));\nconst other = lazy(() => import("./other"));\n'
)


@pytest.fixture
def pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two pages, one of which has a sheet of its own."""
    for name, text in {
        "main.tsx": MAIN,
        "base.css": ".row { display: flex; }\n@media (max-width: 720px) { .row { display: block; } }\n",
        "other.tsx": 'import "./other.css";\nexport default () => <p className="list" />;\n',
        "other.css": "/* .told { } */ .list, .foot > b { color: red; }\n.list.wide { color: blue; }\n",
        "page.tsx": "export default () => null;\n",
    }.items():
        (tmp_path / name).write_text(text, "utf-8")
    monkeypatch.setattr(styles, "ROOT", tmp_path)
    monkeypatch.setattr(styles, "PAGES", tmp_path)
    monkeypatch.setattr(styles, "MAIN", tmp_path / "main.tsx")
    styles.together.cache_clear()
    return tmp_path


@pytest.mark.parametrize(
    "text",
    [
        '<p className="row list" />',
        '<p className={one ? "list" : "row"} />',
        '<p className={`row ${one ? "wide" : ""} foot`} />',
        '<p className={one === "wide" ? "foot" : ""} />',
        'import { Part } from "./part";',
        'const Part = lazy(() => import("./part"));',
    ],
)
def test_a_borrowed_sheet_is_found(pages: Path, text: str) -> None:
    (pages / "part.tsx").write_text('export default () => <b className="foot" />;\n', "utf-8")
    (pages / "page.tsx").write_text(f"{text}\n", "utf-8")
    found = list(styles.missing())
    assert found
    assert all("other.css" in one for one in found)


@pytest.mark.parametrize(
    "text",
    [
        '<p className="row" />',
        'import "./other.css";\n<p className="list" />',
        'import "./other";\n<p className="list" />',
        '<p className={one === "list" ? "row" : "unknown"} />',
        '<p className="told wide" />',
        'const kind = "list";',
    ],
)
def test_what_a_page_brings_or_only_names_is_not(pages: Path, text: str) -> None:
    (pages / "page.tsx").write_text(f"{text}\n", "utf-8")
    assert list(styles.missing()) == []


def test_a_part_relies_on_what_all_its_pages_bring(pages: Path) -> None:
    (pages / "part.tsx").write_text('export default () => <b className="foot" />;\n', "utf-8")
    fetches = 'const Part = lazy(() => import("./part"));\n'
    (pages / "other.tsx").write_text(f'import "./other.css";\n{fetches}', "utf-8")
    assert list(styles.missing()) == []
    styles.together.cache_clear()
    (pages / "page.tsx").write_text(fetches, "utf-8")
    assert list(styles.missing()) == ["part.tsx: part.tsx uses of other.css: foot"]


@pytest.mark.parametrize(
    ("sheet", "name"),
    [
        (".list { color: green; }", "list"),
        (".list:hover { color: green; }", "list"),
        ("@media (max-width: 720px) { .list[open] { color: green; } }", "list"),
        (".cell.list { color: green; }", "list"),
        (".cell > .card.list { color: green; }", "list"),
        (".row { color: green; }", "row"),
    ],
)
def test_a_class_with_two_meanings_is_found(pages: Path, sheet: str, name: str) -> None:
    (pages / "page.css").write_text(sheet, "utf-8")
    assert [one.split(":")[0] for one in styles.clashing()] == [f".{name}"]


@pytest.mark.parametrize(
    "sheet",
    [
        ".cell { color: green; }",
        ".cell.row { color: green; }",
        ".cell .list { color: green; }",
        ".list > .cell { color: green; }",
    ],
)
def test_a_class_that_a_page_only_places_or_varies_is_not(pages: Path, sheet: str) -> None:
    (pages / "page.css").write_text(sheet, "utf-8")
    assert list(styles.clashing()) == []
