"""One of a fixed list of options."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models

from heli.kernel.errors import Broken
from heli.kernel.words import Words
from heli.records.fields.base import EMPTY_OPERATORS, Field, FieldError, Schema, TextStyle

NOT_OPTION = Words("不是可选的值", "is not one of the options")


@dataclass(frozen=True, slots=True)
class Option:
    """One option. color: a token of the page (v1-v6, wait, bad, mute). closed: an end state (won, lost).

    hidden: shown in kanban and pickers only where some record has it (an imported company's own stages).
    acted: written by an act of its own and refused to who would choose it by hand: forms do not offer it.
    """

    value: str
    zh: str
    en: str
    color: str = ""
    closed: bool = False
    hidden: bool = False
    acted: bool = False

    @property
    def words(self) -> Words:
        return Words(self.zh, self.en)

    def meta(self) -> dict[str, Any]:
        said: dict[str, Any] = {"value": self.value, "name": self.words.json(), "color": self.color}
        if self.closed:
            said["closed"] = True
        if self.hidden:
            said["hidden"] = True
        if self.acted:
            said["acted"] = True
        return said


class Choice(Field):
    """One of `options`, stored as its value; sorts in the options' order through `ranks`."""

    kind = "choice"
    operators: tuple[str, ...] = ("=", "!=", "in", *EMPTY_OPERATORS)

    def __init__(self, *, options: Sequence[Option], **common: Any) -> None:
        super().__init__(**common)
        self.options = tuple(options)
        self.values = frozenset(o.value for o in self.options)
        if len(self.values) != len(self.options) or any(not o.value or len(o.value) > 40 for o in self.options):
            raise Broken(f"options of {self.words.en}: values must be distinct, 1 to 40 characters")
        self.ranks = {o.value: n for n, o in enumerate(self.options)}
        self._spelt = {s.casefold(): o.value for o in reversed(self.options) for s in (o.en, o.zh, o.value)}

    def option(self, value: str) -> Option | None:
        rank = self.ranks.get(value)
        return None if rank is None else self.options[rank]

    def said(self, value: Any) -> Words:
        found = self.option(str(value))
        return super().said(value) if found is None else Words(found.zh, found.en)

    def _column(self) -> models.Field[Any, Any]:
        return models.CharField(max_length=40, null=True, blank=True)

    def _parse(self, value: object) -> str:
        if not isinstance(value, str) or value not in self.values:
            raise FieldError("option", NOT_OPTION)
        return value

    def _json_of(self, text: str, style: TextStyle) -> object:
        return self._spelt.get(text.casefold(), text)

    def value_schema(self) -> Schema:
        return {"type": "string", "enum": [o.value for o in self.options]}

    def meta(self) -> dict[str, Any]:
        return {"options": [o.meta() for o in self.options]}
