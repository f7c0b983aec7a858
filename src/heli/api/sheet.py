"""A sheet of paper as PDF: a heading, tables and a foot on every page. Pure drawing; whoever calls has decided what may stand on it.

Chinese is set in the font that every reader of PDF knows for it (STSong), and what that lacks of Western letters and signs in Helvetica, so no
font is shipped or embedded. What neither has is a box: a gap nobody sees is one.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

FONT, WESTERN = "STSong-Light", "Helvetica"
MOST_CHARACTERS = 4000
"""Of one cell: longer text would not break across pages well, and the page in the browser has it whole."""
MOST_LINES = 100
"""Of one cell: what breaks more often goes on in the same line."""
MOST_IN_ALL = 40_000
"""Characters of a sheet; of what comes after, each cell shows a beginning."""
BEGINNING = 80
_BLANK = re.compile(r"\n\s*\n\s*\n\s*")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_BEYOND = re.compile("[^\x00-\x7f]+")
LINE = colors.HexColor("#c9c6bd")
GROUND = colors.HexColor("#f3f1ea")

pdfmetrics.registerFont(UnicodeCIDFont(FONT))

_TEXT = ParagraphStyle("text", fontName=FONT, fontSize=9, leading=13, wordWrap="CJK")
_LABEL = ParagraphStyle("label", parent=_TEXT, textColor=colors.HexColor("#5d5a52"))
_FIGURE = ParagraphStyle("figure", parent=_TEXT, alignment=2)
_FIGURE_LABEL = ParagraphStyle("figure label", parent=_LABEL, alignment=2)
_HEADING = ParagraphStyle("heading", parent=_TEXT, fontSize=11, leading=16, spaceBefore=10, spaceAfter=4)
_TITLE = ParagraphStyle("title", parent=_TEXT, fontSize=17, leading=23, alignment=1)
_FOOT = ParagraphStyle("foot", parent=_LABEL, fontSize=8, leading=10)
_UNDER = ParagraphStyle("under", parent=_LABEL, alignment=1, spaceAfter=6)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Labels with their values, two to a line."""

    heading: str
    items: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Rows:
    """A table with a head; ``widths`` in parts of the page's width; ``figures``: all columns but the first hold numbers."""

    heading: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float]
    figures: bool = False


def draw(title: str, under: str, parts: Sequence[Pairs | Rows], foot: str) -> bytes:
    """The PDF. ``foot`` stands at the foot of each page, with its number."""
    out = io.BytesIO()
    document = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=18 * mm, rightMargin=18 * mm, topMargin=16 * mm, bottomMargin=18 * mm, title=_clean(title),
        author="Heli", creator="Heli",
    )  # fmt: skip
    room = _Room()
    story: list[Any] = [_said(title, _TITLE), _said(under, _UNDER)]
    for part in parts:
        if part.heading:
            story.append(_said(part.heading, _HEADING))
        story.append(
            _pairs(part, document.width, room) if isinstance(part, Pairs) else _rows(part, document.width, room)
        )
        story.append(Spacer(1, 4))

    def mark(canvas: Any, page: Any) -> None:
        canvas.saveState()
        said = _said(foot[:110], _FOOT)
        said.wrap(document.width - 15 * mm, 8 * mm)
        said.drawOn(canvas, 18 * mm, 10 * mm - 3)
        canvas.setFont(FONT, 8)
        canvas.setFillColor(_FOOT.textColor)
        canvas.drawRightString(A4[0] - 18 * mm, 10 * mm, str(page.page))
        canvas.restoreState()

    document.build(story, onFirstPage=mark, onLaterPages=mark)
    return out.getvalue()


def _clean(text: str) -> str:
    cut = text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…"
    return _CONTROL.sub("", cut)


@lru_cache(4096)
def _font(char: str) -> str:
    """The font that has this character; none has "".

    STSong's characters are those of Adobe-GB1: GBK and the first extension of Chinese.
    """
    western = _in("cp1252", char)
    if _in("gb2312", char) and not (
        western and char.isalpha()
    ):  # its few Western letters are as wide as a Chinese character
        return FONT
    if western:
        return WESTERN
    return FONT if _in("gbk", char) or "\u3400" <= char <= "\u4db5" else ""


def _in(table: str, char: str) -> bool:
    try:
        char.encode(table)
    except UnicodeEncodeError:
        return False
    return True


def _set(found: re.Match[str]) -> str:
    """Characters beyond ASCII, each in a font that has it."""
    runs = ((font, "".join(run)) for font, run in groupby(found[0], _font))
    return "".join(
        {FONT: run, WESTERN: f'<font name="{WESTERN}">{run}</font>'}.get(font, "□" * len(run)) for font, run in runs
    )


def _said(text: str, style: ParagraphStyle) -> Paragraph:
    """Text as it is: nothing in it is markup. Empty lines become one; breaking a cell over pages costs the square of its lines."""
    lines = _BLANK.sub("\n\n", _BEYOND.sub(_set, escape(_clean(text)))).split("\n")
    return Paragraph("<br/>".join((*lines[: MOST_LINES - 1], " ".join(lines[MOST_LINES - 1 :]))), style)


class _Room:
    """What is left of a sheet's characters: a case may hold far more text than anybody prints."""

    def __init__(self) -> None:
        self._left = MOST_IN_ALL

    def cell(self, text: str, style: ParagraphStyle) -> Paragraph:
        self._left -= min(len(text), MOST_CHARACTERS)
        cut = text if self._left >= 0 or len(text) <= BEGINNING else f"{text[:BEGINNING]}…"
        return _said(cut, style)


def _pairs(part: Pairs, width: float, room: _Room) -> Table:
    cells: list[list[Any]] = []
    for start in range(0, len(part.items), 2):
        line: list[Any] = []
        for label, value in part.items[start : start + 2]:
            line += [_said(label, _LABEL), room.cell(value, _TEXT)]
        cells.append(line + [""] * (4 - len(line)))
    alone = [("SPAN", (1, -1), (3, -1)), ("BACKGROUND", (1, -1), (3, -1), colors.white)] if len(part.items) % 2 else []
    table = Table(
        cells or [["", "", "", ""]], colWidths=[width * one for one in (0.15, 0.35, 0.15, 0.35)], splitInRow=1
    )
    table.setStyle(_style([("BACKGROUND", (0, 0), (0, -1), GROUND), ("BACKGROUND", (2, 0), (2, -1), GROUND), *alone]))
    return table


def _rows(part: Rows, width: float, room: _Room) -> Table:
    texts = [_TEXT, *[_FIGURE if part.figures else _TEXT] * (len(part.head) - 1)]
    labels = [_LABEL, *[_FIGURE_LABEL if part.figures else _LABEL] * (len(part.head) - 1)]
    cells = [
        [_said(one, style) for one, style in zip(part.head, labels, strict=True)],
        *([room.cell(one, style) for one, style in zip(row, texts, strict=True)] for row in part.rows),
    ]
    table = Table(cells, colWidths=[width * one for one in part.widths], repeatRows=1, splitInRow=1)
    table.setStyle(_style([("BACKGROUND", (0, 0), (-1, 0), GROUND)]))
    return table


def _style(more: Sequence[tuple[Any, ...]]) -> TableStyle:
    return TableStyle(
        [
            ("GRID", (0, 0), (-1, -1), 0.5, LINE), ("VALIGN", (0, 0), (-1, -1), "TOP"), ("TOPPADDING", (0, 0), (-1, -1), 3),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 4), *more,
        ]
    )  # fmt: skip
