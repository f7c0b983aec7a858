"""From database rows to what a viewer gets: values, and for each present cell its level."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from heli.access.compile import FALSE, Sql
from heli.access.core.decide import TypeRights
from heli.access.core.line import Held, Keys, Level
from heli.access.viewer import Viewer
from heli.kernel import quick
from heli.kernel.errors import NotFound
from heli.kernel.ids import is_id
from heli.records import fields as f
from heli.records import reach, sealed, sql
from heli.records.names import Decorator
from heli.records.sight import Sight, mentions_reach, row_facts
from heli.records.types import KEY_COLUMNS, ObjectType

MASKED, MASKED_READ, MASKED_EDIT, READ, EDIT = "masked", "masked_read", "masked_edit", "read", "edit"
BROKEN = "broken"
"""Levels as sent to a page; ``masked_read``: one audited click reveals it; ``masked_edit``: and it may be changed;
``broken``: there is a value that can no longer be decrypted."""
ONLY_MASKED, ONLY_READ, ONLY_EDIT = "only_masked", "only_read", "only_edit"
"""In a session's mode: the level alone, of a cell whose value is not for who looks."""
ITSELF = 2
HIDING = frozenset({MASKED, MASKED_READ, MASKED_EDIT})
"""Levels at which the cell holds the mask."""
COUNTED = ("sensitive", "confidential")
"""Data classes whose cells shown in full are counted (``records.hooks.taken``)."""


CHUNK = 500
"""Ids bound in one query."""
REFERENCES = (f.DepartmentRef, f.PersonRef, f.Links, f.Link)
"""Fields whose values get a name beside their id."""
MOMENTS = (f.Date, f.DateTime)
"""Fields that SQLite keeps as the text that is shown, or nearly."""

type Cell = tuple[str, int, Callable[[Any], Any], f.Field | None, str]
"""(code, position, how it is shown, the field when its value refers to something, its class when it is counted)"""


class Composer:
    """The select list of a list query for one viewer, and the turning of its rows into JSON values."""

    def __init__(self, sight: Sight, codes: Sequence[str]) -> None:
        self.sight = sight
        self.codes = tuple(codes)
        self.parts: list[Sql] = []
        self.cells: list[tuple[str, f.Field, int, int]] = []
        """(code, field, position, group)"""
        self.bare: list[tuple[str, f.Field, int]] = []
        """Cells of which only the level may be told: (code, field, group)"""
        self.encrypted = {one.code: one for one in sight.kind.encrypted}
        self.flags: dict[int, int] = {}
        """Where each group's level stands; below zero those of the person looked at."""
        self.keys: dict[str, int] = {}
        self.edit: tuple[Held, ...] = sight.rights.held("edit") if sight.rights is not None else ()
        self.bounds: tuple[tuple[Held, ...], ...] = ()
        """The lines of each ceiling that bounds editing."""
        if sight.rights is not None:
            self.bounds = tuple(c.covering("edit") for c in sight.rights.bounds("edit"))
        self.full = {"sensitive": 0, "confidential": 0}
        """Cells of these classes that ``compose`` has shown in full, empty ones aside."""
        self._built = False
        self._counts = False
        held = [h for lines in (self.edit, *self.bounds) for h in lines]
        self._reached = mentions_reach(held)
        self._itself = tuple(h.itself for h in self.edit)
        self._lent = any(own is not h for own, h in zip(self._itself, self.edit, strict=True))
        self._asked = {a.column for h in held for a in h.atoms if isinstance(a, Keys)}
        self._asked |= {c.column for h in held for c in h.line.where}
        self._held: dict[tuple[Any, ...], tuple[tuple[int, ...], ...]] = {}
        """What edit lines say of rows that are alike in all that these lines look at."""

    @property
    def width(self) -> int:
        return len(self.parts)

    def again(self, sight: Sight) -> Composer:
        """The same select list for another question under the same rights; what was learnt of rows stays behind."""
        made = copy(self)
        made.sight = sight
        made._held = {}
        made.full = {"sensitive": 0, "confidential": 0}
        return made

    def counts(self, alias: str) -> bool:
        """Whether a cell of a counted class may come out in full."""
        if not self._built:
            self._build(alias)
        return self._counts

    def select(self, alias: str) -> Sql:
        """The select list: id, the cells, a level per varying group, and the keys that edit lines look at."""
        if not self._built:
            self._build(alias)
        return Sql(", ".join(p.text for p in self.parts), tuple(v for p in self.parts for v in p.params))

    def _build(self, alias: str) -> None:
        sight, lite = self.sight, sql.vendor() == "sqlite"
        self.parts.append(Sql(f"{alias}id"))
        masked_of: dict[int, Sql] = {}
        for code in self.codes:
            number = sight.group_of[code]
            group = sight.groups[number]
            one = sight.kind.fields[code]
            if group.constant == Level.HIDDEN:
                if sight.held is not None:
                    self.bare.append((code, one, number))
                continue
            if group.constant is not None:
                # As SQLite keeps it: a moment read into an object would only be written out again.
                raw = "+" if lite and isinstance(one, MOMENTS) else ""
                cell = Sql(f"{raw}{alias}{one.column}")
            else:
                if number not in masked_of:
                    masked_of[number] = sight.group_readable(group, alias, Level.MASKED)
                may = masked_of[number]
                cell = FALSE if may.is_false else Sql(f"CASE WHEN {may.text} THEN {alias}{one.column} END", may.params)
            self.cells.append((code, one, len(self.parts), number))
            self.parts.append(cell)
        for number, may in masked_of.items():
            self._flag(number, sight.group_readable(sight.groups[number], alias, Level.READ), may)
        held = sight.held
        for number in sorted({held.group_of[code] for code in self.codes}) if held is not None else ():
            group = held.groups[number]  # type: ignore[union-attr]  # only where there is one
            if group.constant is None:
                read, may = (held.group_readable(group, alias, level) for level in (Level.READ, Level.MASKED))  # type: ignore[union-attr]
                self._flag(-number - 1, read, may)
        if self.edit:
            for column in sight.uses([h for lines in (self.edit, *self.bounds) for h in lines]):
                self.keys[column] = len(self.parts)
                self.parts.append(Sql(f"{alias}{column}"))
        self._counts = any(one.data_class in COUNTED for _, one, _, _ in self.cells)
        self._built = True

    def _flag(self, number: int, read: Sql, masked: Sql) -> None:
        self.flags[number] = len(self.parts)
        text = f"CASE WHEN {read.text} THEN 2 WHEN {masked.text} THEN 1 ELSE 0 END"
        self.parts.append(Sql(text, (*read.params, *masked.params)))

    def compose(
        self, rows: Sequence[Sequence[Any]], *, named: bool = True
    ) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
        """JSON rows and the table of their access patterns."""
        decorator = Decorator(self.sight.viewer)
        flags = tuple(self.flags.values())
        alike: dict[tuple[Any, ...], list[int]] = {}
        for at, row in enumerate(rows):
            alike.setdefault((tuple([row[i] for i in flags]), self._editable(row)), []).append(at)
        table: list[dict[str, str]] = []
        items: list[dict[str, Any]] = [{}] * len(rows)
        broken: dict[int, list[str]] = {}
        # Column by column: rows of one pattern are shown by the same functions.
        for number, (pattern, places) in enumerate(alike.items()):
            levels, cells = self._pattern(*pattern)
            table.append(levels)
            chosen = [rows[at] for at in places]
            columns: list[list[Any]] = [[row[0] for row in chosen]]
            for code, at, shown, refers, counted in cells:
                secret = code in self.encrypted
                values = (
                    self._opened(code, at, shown, chosen, places, broken)
                    if secret
                    else [shown(row[at]) for row in chosen]
                )
                columns.append(values)
                if counted:
                    self.full[counted] += len(values) - values.count(None) - values.count("")
                if refers is not None and named:
                    decorator.add_all(refers, values)
            names = ("id", *[one[0] for one in cells], "_a")
            columns.append([number] * len(chosen))
            for at, item in zip(places, zip(*columns, strict=True), strict=True):
                items[at] = dict(zip(names, item, strict=True))
        for at, codes in broken.items():
            table.append({**table[items[at]["_a"]], **dict.fromkeys(codes, BROKEN)})
            items[at]["_a"] = len(table) - 1
        decorator.finish()
        return items, table

    def _opened(
        self, code: str, at: int, shown: Callable[[Any], Any], rows: Sequence[Sequence[Any]], places: Sequence[int],
        broken: dict[int, list[str]],
    ) -> list[Any]:  # fmt: skip
        """A column of encrypted cells as they are shown; those that do not open are noted."""
        one, values = self.encrypted[code], list[Any]()
        for place, row in zip(places, rows, strict=True):
            value = sealed.opened(self.sight.kind, row[0], one, row[at])
            if value is sealed.UNREADABLE:
                broken.setdefault(place, []).append(one.code)
            values.append(None if value is sealed.UNREADABLE else shown(value))
        return values

    def _editable(self, row: Sequence[Any]) -> tuple[tuple[int, ...], ...]:
        """Which edit lines hold on this row, and of each ceiling which lines; nothing when it may not be edited."""
        rights = self.sight.rights
        if rights is None or not self.edit:
            return ()
        keys = self.keys
        account = row[keys["account_id"]] if "account_id" in keys else None
        reached = self.sight.reach_of(row[0], account) if self._reached else frozenset()
        alike = (reached, *[row[at] for column, at in keys.items() if column in self._asked])
        found = self._held.get(alike)
        if found is None:
            found = self._held[alike] = self._holding({column: row[at] for column, at in keys.items()}, reached)
        return found

    def _holding(self, keys: dict[str, Any], reached: frozenset[tuple[str, str]]) -> tuple[tuple[int, ...], ...]:
        """0: the line does not hold; 1: it does; ``ITSELF``: also without being lent."""
        facts = row_facts(aware(keys), reached)
        holding = [tuple(int(h.holds(facts)) for h in lines) for lines in (self.edit, *self.bounds)]
        if self._lent:
            alone = zip(self.edit, self._itself, holding[0], strict=True)
            holding[0] = tuple(held and held + (own is h or own.holds(facts)) for h, own, held in alone)
        else:
            holding[0] = tuple(held and ITSELF for held in holding[0])
        return tuple(holding) if all(any(one) for one in holding) else ()

    def _pattern(
        self, flags: tuple[int, ...], editable: tuple[tuple[int, ...], ...]
    ) -> tuple[dict[str, str], list[Cell]]:
        level_of = dict(zip(self.flags, flags, strict=True))
        # A cell is editable where a line and every ceiling let it be written.
        lines = [
            [(h, holds) for h, holds in zip(held, holding, strict=True) if holds]
            for held, holding in zip((self.edit, *self.bounds), editable, strict=False)
        ]
        levels: dict[str, str] = {}
        cells: list[Cell] = []
        for code, one, _ in self.bare:
            self._only(levels, code, Level.HIDDEN, level_of, _writes(one, lines))
        for code, one, at, number in self.cells:
            constant = self.sight.groups[number].constant
            level = Level(level_of[number]) if constant is None else constant
            if self._only(levels, code, level, level_of, _writes(one, lines)) or level == Level.HIDDEN:
                continue
            secret = level == Level.READ and one.data_class == "sensitive" and self.sight.rights is not None
            masked = level == Level.MASKED or secret
            refers = one if isinstance(one, REFERENCES) and not masked else None
            counted = one.data_class if one.data_class in COUNTED and not masked else ""
            cells.append((code, at, one.mask if masked else one.dump, refers, counted))
            levels[code] = _level(masked, secret, level == Level.READ and _writes(one, lines))
        return levels, cells

    def _only(self, levels: dict[str, str], code: str, level: Level, level_of: dict[int, int], edit: bool) -> bool:
        """Note a cell's level alone where its person sees more of it than who looks; whether that was so."""
        held = self.sight.held
        if held is None:
            return False
        number = held.group_of[code]
        constant = held.groups[number].constant
        theirs = Level(level_of[-number - 1]) if constant is None else constant
        if theirs <= level:
            return False
        levels[code] = only(theirs, edit)
        return True


type Holding = Sequence[Sequence[tuple[Held, int]]]
"""The edit lines that hold on a row, and of each ceiling those that hold."""


def _writes(one: f.Field, lines: Holding) -> bool:
    """Whether the lines that hold let this field be written, where it is read."""
    if one.readonly or one.flow or not lines:
        return False
    if not all(any(h.line.may_write(one.code) for h, _ in held) for held in lines):
        return False
    return one.column not in KEY_COLUMNS or any(h.line.may_write(one.code) and holds == ITSELF for h, holds in lines[0])


def only(level: Level, edit: bool) -> str:
    """How the level alone is sent."""
    if level == Level.MASKED:
        return ONLY_MASKED
    return ONLY_EDIT if edit else ONLY_READ


def _level(masked: bool, secret: bool, edit: bool) -> str:
    """How a cell is sent: ``secret`` cells are masked although they are read in full."""
    if secret:
        return MASKED_EDIT if edit else MASKED_READ
    return MASKED if masked else EDIT if edit else READ


def aware(row: dict[str, Any]) -> dict[str, Any]:
    """Moments as the decision core compares them: a plain cursor of SQLite gives them without their zone (UTC)."""
    for column, value in row.items():
        if type(value) is datetime and value.tzinfo is None:
            row[column] = value.replace(tzinfo=UTC)
    return row


@dataclass(frozen=True, slots=True)
class RowView:
    """One record as a viewer sees it. ``row`` holds the raw columns for the write door and never leaves the program, nor
    does ``under``: what stands under the masks of cells that the viewer may reveal."""

    id: str
    values: dict[str, Any]
    access: dict[str, str]
    row: dict[str, Any]
    under: dict[str, Any]
    only: dict[str, str] = field(default_factory=dict)
    """Cells of which who looks may know the level and no value."""


def load(sight: Sight, record: str, *, lock: bool = False, deleted: bool = False) -> dict[str, Any] | None:
    """All columns of a row with the viewer's reach, undecided: for decisions in process. None when there is none."""
    kind = sight.kind
    if not is_id(record):
        return None
    columns = kind.stored
    end = "" if deleted else " AND deleted_at IS NULL"
    if lock and sql.vendor() == "postgresql":
        end += " FOR UPDATE"
    listed = ", ".join(f'"{c}"' for c in columns)
    found = sql.rows(f'SELECT {listed} FROM "{kind.table}" WHERE id=%s{end}', [record])
    if not found:
        return None
    row = sealed.open_row(kind, aware(dict(zip(columns, found[0], strict=True))))
    account = row.get("account_id") if kind.parent == "account" else None
    return row_facts(row, sight.reach_of(record, account))


def load_alone(viewer: Viewer, kind: ObjectType, record: str) -> dict[str, Any] | None:
    """All columns of one live row that the viewer sees with how they reach it, in one round trip and without asking what else they reach.
    None when there is none. Raises NotFound when they can never read any of this type."""
    rights = None
    if not viewer.is_system:
        rights = viewer.view.type(kind.code) if viewer.view is not None else None
        if rights is None or not rights.read:
            raise NotFound
    if not is_id(record):
        return None
    listed = ", ".join(f'"{c}"' for c in kind.stored)
    asked: list[quick.Statement] = [
        (f'SELECT {listed} FROM "{kind.table}" WHERE id=%s AND deleted_at IS NULL', [record])
    ]
    if rights is not None:
        asked += reach.asking(viewer.person, rights, kind, record)
    found, *reached = quick.together(asked)
    if not found:
        return None
    row = sealed.open_row(kind, aware(dict(zip(kind.stored, found[0], strict=True))))
    facts = row_facts(row, frozenset(pair for pairs in reached for pair in pairs))
    return facts if rights is None or rights.decide("read", facts).allowed else None


def load_many(sight: Sight, records: Sequence[str]) -> list[dict[str, Any]]:
    """The same for several live records in few queries, undecided; those that do not exist are left out."""
    kind, columns = sight.kind, sight.kind.stored
    listed = ", ".join(f'"{c}"' for c in columns)
    found: list[dict[str, Any]] = []
    for start in range(0, len(records), CHUNK):
        part = records[start : start + CHUNK]
        marks = ",".join(["%s"] * len(part))
        text = f'SELECT {listed} FROM "{kind.table}" WHERE deleted_at IS NULL AND id IN ({marks})'
        for values in sql.rows(text, part):
            row = sealed.open_row(kind, aware(dict(zip(columns, values, strict=True))))
            account = row.get("account_id") if kind.parent == "account" else None
            found.append(row_facts(row, sight.reach_of(row["id"], account)))
    return found


def compose_one(sight: Sight, record: str) -> RowView:
    """One record, decided in process. Raises NotFound."""
    row = load(sight, record)
    if row is None or not visible(sight, row):
        raise NotFound
    return present(sight, row)


def visible(sight: Sight, row: dict[str, Any]) -> bool:
    return sight.rights is None or sight.rights.decide("read", row).allowed


def present(sight: Sight, row: dict[str, Any], *, named: bool = True) -> RowView:
    """The cells of a visible row; sensitive ones are masked until revealed, here as in lists."""
    rights: TypeRights | None = sight.rights
    values: dict[str, Any] = {}
    access: dict[str, str] = {}
    under: dict[str, Any] = {}
    bare: dict[str, str] = {}
    whole = rights.whole if rights is not None else None
    decorator = Decorator(sight.viewer)
    for code, one in sight.kind.fields.items():
        level = Level.READ if rights is None else rights.level(code, row)
        if whole is not None and (theirs := whole.level(code, row)) > level:
            may = not one.readonly and not one.flow and whole.decide_field("edit", code, row).allowed
            bare[code] = only(theirs, may)
            continue
        if level == Level.HIDDEN:
            continue
        raw = row[one.column]
        secret = level == Level.READ and one.data_class == "sensitive" and rights is not None
        masked = level == Level.MASKED or secret
        edit = level == Level.READ and not one.readonly and not one.flow
        edit = edit and (rights is None or rights.decide_field("edit", code, row).allowed)
        if raw is sealed.UNREADABLE:
            access[code], values[code] = BROKEN, None
            continue
        access[code] = _level(masked, secret, edit)
        values[code] = one.mask(raw) if masked else one.dump(raw)
        if secret:
            under[code] = one.dump(raw)
        if named and values[code] and not masked:
            decorator.add(one, values[code])
    decorator.finish()
    return RowView(str(row["id"]), values, access, row, under, bare)


def full_cells(kind: ObjectType, values: dict[str, Any], access: dict[str, str]) -> dict[str, int]:
    """How many cells of each counted class one shown record gives in full, empty ones aside."""
    found = {"sensitive": 0, "confidential": 0}
    for code, level in access.items():
        one = kind.fields[code]
        if one.data_class in COUNTED and level not in HIDING and values.get(code) not in (None, ""):
            found[one.data_class] += 1
    return found
