"""A profile, read and checked: what a folder of tables becomes. Frozen; see ``load.py`` for the language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from heli.kernel.words import Words
from heli.records.profiles.template import Template


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the profile something is written; both count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Ref:
    """A link to the thing of this type with this natural key (a person's is the user name, a department's its code)."""

    type: str
    key: str


Scalar = str | int | bool | None
Value = Scalar | Ref | tuple[Scalar, ...]
"""What a planned field holds, in the JSON form that fields take: decimals and dates are text."""

Kind = Literal["text", "integer", "decimal", "money", "percent", "date", "datetime", "boolean"]
KINDS: tuple[Kind, ...] = ("text", "integer", "decimal", "money", "percent", "date", "datetime", "boolean")


@dataclass(frozen=True, slots=True)
class Column:
    """The cell under one heading."""

    name: str


@dataclass(frozen=True, slots=True)
class Constant:
    """The same value on every row."""

    value: Scalar | tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Lookup:
    """The cell ``take`` of the row of another file whose ``match`` equals this row's ``column``."""

    file: str
    column: str
    match: str
    take: str


Source = Column | Constant | Template | Lookup


@dataclass(frozen=True, slots=True)
class FieldMap:
    """How one field gets its value.

    A cell goes through ``repair`` (flagged), ``values`` (a translation, silent) or ``link``, else through ``kind``.
    """

    name: str
    place: Place
    source: Source
    kind: Kind = "text"
    link: str | None = None
    repair: Mapping[str, str] = field(default_factory=dict)
    reason: Words | None = None
    """Why cells are repaired, in the profile's own words."""
    values: Mapping[str, Scalar] | None = None
    default: Scalar = None
    on_empty: Literal["keep", "flag", "reject"] = "keep"
    on_missing: Literal["keep", "flag", "reject"] = "flag"
    """For a link without target or a value that ``values`` does not have."""
    on_unreadable: Literal["flag", "reject"] = "flag"
    scale: Decimal | None = None
    dates: str | None = None
    numbers: str | None = None
    column: str = field(init=False)
    """The heading that flags name: the (first) one that the field reads, or its own name when it reads none."""

    def __post_init__(self) -> None:
        source = self.source
        column = self.name
        if isinstance(source, Column):
            column = source.name
        elif isinstance(source, Lookup):
            column = source.column
        elif isinstance(source, Template) and source.columns:
            column = source.columns[0]
        object.__setattr__(self, "column", column)


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold of a row: every named column has one of these texts, or is filled, or is empty."""

    column: str
    place: Place
    filled: bool | None = None
    values: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """One thing that each row makes: a part of the organisation or a record of a type."""

    make: str
    place: Place
    key: Template | None
    """None only for an assignment and a reporting line, whose key is what they join."""
    fields: tuple[FieldMap, ...]
    distinct: bool = False
    """The same thing stands on many rows: made once, differing rows flagged."""
    on_repeat: Literal["reject", "update"] = "reject"
    when: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """Something every row (for which ``when`` holds) should fulfil; a row that does not is flagged, or rejected."""

    place: Place
    column: str
    test: Literal["filled", "empty", "positive", "one_of", "not_before", "listed_in"]
    reason: Words
    when: tuple[Condition, ...] = ()
    rejects: bool = False
    values: frozenset[str] = frozenset()
    other: str = ""
    """The other column of ``not_before`` and ``listed_in``."""
    file: str = ""


@dataclass(frozen=True, slots=True)
class FilePlan:
    """One file and what its rows make."""

    name: str
    place: Place
    targets: tuple[Target, ...]
    checks: tuple[Check, ...] = ()
    sheet: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    dates: str | None = None
    numbers: str | None = None
    after: tuple[str, ...] = ()
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """A whole profile. ``files`` are in the order in which they are read: what is linked to comes first."""

    name: str
    title: Words
    currency: str | None
    """ISO 4217 code of every amount, or None where the installation's own is meant."""
    fixed: tuple[Target, ...]
    files: tuple[FilePlan, ...]
    ignored: tuple[str, ...] = ()
    source: str = ""
    """The profile's own file name, for messages."""


@dataclass(frozen=True, slots=True)
class Flag:
    """One cell that was not taken as it stands, or is suspicious. ``field`` is the file's own heading."""

    file: str
    line: int
    field: str
    value: str
    reason: Words
    code: str

    def json(self, language: str = "en") -> dict[str, str | int]:
        return {
            "file": self.file,
            "line": self.line,
            "field": self.field,
            "value": self.value,
            "reason": self.reason(language),
        }


@dataclass(frozen=True, slots=True)
class Planned:
    """What one row (or a ``fixed`` entry, line 0) asks for.

    ``target`` is empty when there is nothing to write: the row only carries flags, or could not be read. With
    ``rejections`` nothing may be written. ``part`` completes a thing planned earlier in this run (a department's head,
    a link to a later row) and gives only the fields to be set.
    """

    target: str
    key: str
    values: Mapping[str, Value]
    file: str
    line: int
    flags: tuple[Flag, ...] = ()
    rejections: tuple[Flag, ...] = ()
    part: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """``rows`` of ``file`` are planned; ``share`` of all files' bytes is read, from 0 to 1."""

    file: str
    rows: int
    share: float


ORGANISATION: Mapping[str, tuple[str, ...]] = {
    "department": ("name", "name_en", "function", "parent", "head", "overseer"),
    "position": ("name", "name_en", "roles"),
    "person": ("display_name", "email", "phone", "kind", "language"),
    "assignment": ("person", "department", "position", "primary", "starts", "ends"),
    "reporting": ("person", "manager", "starts", "ends"),
}
"""Parts of the organisation that a profile may make, and what may be set of each besides the key."""

JOINS: Mapping[str, tuple[str, ...]] = {
    "assignment": ("person", "department", "position"),
    "reporting": ("person", "manager"),
}
"""Parts whose key is what they join."""
