"""Texts made from cells: ``"{first|lower}.{last|lower}"``.

``{heading}`` is the cell under a heading, ``{@field}`` a field of the same target that is set above this one (a link
gives its key). Functions follow after bars. ``[ … ]`` is left out when something in it is empty. Doubled brackets are
themselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

FUNCTIONS: Mapping[str, Callable[[str], str]] = {
    "strip": str.strip,
    "lower": str.lower,
    "upper": str.upper,
    "title": str.title,
    "words": lambda text: " ".join(text.split()),
    "dots": lambda text: ".".join(text.split()),
}

_TOKEN = re.compile(r"\{\{|\}\}|\[\[|\]\]|\{([^{}\[\]]*)\}|[{}\[\]]")


class BadTemplateError(ValueError):
    """The template's text is wrong; the message says what, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


@dataclass(frozen=True, slots=True)
class Slot:
    """One ``{…}``: a column, or a field when ``field`` is true, through functions in turn."""

    name: str
    field: bool
    functions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed template; ``parts`` are texts, slots, and tuples of these for optional stretches."""

    text: str
    parts: tuple[str | Slot | tuple[str | Slot, ...], ...]
    columns: tuple[str, ...]
    """The headings it reads, in order."""

    def slots(self) -> list[Slot]:
        return _slots(self.parts)

    def fill(self, cells: Mapping[str, str], fields: Mapping[str, object]) -> str:
        """The text for one row; ``""`` when a slot outside the optional stretches is empty."""
        out: list[str] = []
        for part in self.parts:
            if isinstance(part, str):
                out.append(part)
                continue
            stretch = part if isinstance(part, tuple) else (part,)
            texts = [piece if isinstance(piece, str) else _value(piece, cells, fields) for piece in stretch]
            if all(texts):
                out.extend(texts)
            elif not isinstance(part, tuple):
                return ""
        return "".join(out)


def _value(slot: Slot, cells: Mapping[str, str], fields: Mapping[str, object]) -> str:
    if slot.field:
        value = fields.get(slot.name)
        text = "" if value is None else str(getattr(value, "key", value))
    else:
        text = cells[slot.name].strip()
    for name in slot.functions:
        text = FUNCTIONS[name](text)
    return text


def parse_template(text: str) -> Template:
    """Raises BadTemplateError."""
    parts: list[str | Slot | tuple[str | Slot, ...]] = []
    stretch: list[str | Slot] | None = None
    at = 0

    def add(piece: str | Slot) -> None:
        if piece != "":
            (parts if stretch is None else stretch).append(piece)

    for found in _TOKEN.finditer(text):
        add(text[at : found.start()])
        at = found.end()
        bracket = found.group()
        if found[1] is not None:
            add(_slot(found[1]))
        elif len(bracket) == 2:
            add(bracket[0])
        elif bracket == "[" and stretch is None:
            stretch = []
        elif bracket == "]" and stretch is not None:
            parts.append(tuple(stretch))
            stretch = None
        else:
            raise BadTemplateError(f"“{bracket}”不成对", f'"{bracket}" has no partner')
    if stretch is not None:
        raise BadTemplateError("“[”没有关闭", '"[" is not closed')
    add(text[at:])
    return Template(text, tuple(parts), tuple(slot.name for slot in _slots(parts) if not slot.field))


def _slots(parts: Iterable[str | Slot | tuple[str | Slot, ...]]) -> list[Slot]:
    found: list[Slot] = []
    for part in parts:
        found.extend(p for p in (part if isinstance(part, tuple) else (part,)) if isinstance(p, Slot))
    return found


def _slot(inside: str) -> Slot:
    name, *functions = (piece.strip() for piece in inside.split("|"))
    field = name.startswith("@")
    name = name.removeprefix("@")
    if not name:
        raise BadTemplateError("“{}”里没有列名", '"{}" names no column')
    for function in functions:
        if function not in FUNCTIONS:
            known = ", ".join(FUNCTIONS)
            raise BadTemplateError(
                f"没有函数“{function}”；有：{known}", f'no function "{function}"; there are: {known}'
            )
    return Slot(name, field, tuple(functions))
