"""What is known while a profile runs: the keys planned so far, what the installation has, rows of other files."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from heli.kernel.words import Words
from heli.records.profiles.model import FilePlan, Lookup
from heli.records.profiles.names import bare
from heli.records.tables import Row, Table, TableError, open_table

Resolve = Callable[[str, str], bool | str | None]
"""Whether the installation has a thing of this type with this key: True, its canonical key, or None (False)."""

_CACHED = 100_000
_INDEXED = 1_000_000


class Spellings:
    """Names, exact and bare; two names that are bare the same are no help to each other."""

    def __init__(self) -> None:
        self._names: dict[str, None] = {}
        self._bare: dict[str, str | None] = {}
        self._seen = 0

    def add(self, name: str) -> None:
        self._names[name] = None

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def __len__(self) -> int:
        return len(self._names)

    def nearest(self, name: str) -> str | None:
        """The one name that is the same but for case, spaces and punctuation."""
        for one in islice(self._names, self._seen, None):
            plain = bare(one)
            self._bare[plain] = None if plain in self._bare else one
        self._seen = len(self._names)
        plain = bare(name)
        return self._bare.get(plain) if plain else None


@dataclass(frozen=True, slots=True)
class Found:
    """The key that a link means, and whether its spelling had to be repaired."""

    key: str
    repaired: bool


class Known:
    """Keys by type: first those planned in this run, then those that the installation has."""

    def __init__(self, remembered: Iterable[str], resolve: Resolve) -> None:
        self._planned = {type_: Spellings() for type_ in remembered}
        self._resolve = resolve
        self._cache: dict[tuple[str, str], Found | None] = {}

    def add(self, type_: str, key: str) -> None:
        """Remember a planned key, of a type that is linked to or made in several places; others are not kept."""
        spellings = self._planned.get(type_)
        if spellings is not None and key not in spellings:
            spellings.add(key)

    def planned(self, type_: str, key: str) -> bool:
        """Whether this run has planned the thing before."""
        return key in self._planned.get(type_, ())

    def find(self, type_: str, key: str) -> Found | None:
        """What a link by this key means: exactly, else by the repaired spelling."""
        planned = self._planned[type_]
        if key in planned:
            return Found(key, repaired=False)
        place = (type_, key)
        found = self._cache.get(place)
        if found is None and place not in self._cache:
            answer = self._resolve(type_, key)
            found = Found(key if answer is True else answer, repaired=answer not in (True, key)) if answer else None
            if len(self._cache) >= _CACHED:
                self._cache.clear()
            self._cache[place] = found
        if found is None or found.repaired:
            near = planned.nearest(key)
            if near is not None:
                return Found(near, repaired=True)
        return found


@dataclass(frozen=True, slots=True)
class Taken:
    """A cell of another file, and the name of its row as that file spells it."""

    name: str
    cell: str


@dataclass(slots=True)
class _Index:
    rows: dict[str, dict[str, str]] = field(default_factory=dict)
    names: Spellings = field(default_factory=Spellings)


class OtherFiles:
    """Cells of other files of the folder, read once when first asked for."""

    def __init__(self, folder: Path, plans: dict[str, FilePlan]) -> None:
        self._folder, self._plans = folder, plans
        self._indexes: dict[tuple[str, str], _Index] = {}
        self._takes: dict[tuple[str, str], set[str]] = {}

    def expect(self, file: str, match: str, take: str | None) -> None:
        """Say beforehand which cells will be asked for, so that one reading serves all."""
        takes = self._takes.setdefault((file, match), set())
        if take is not None:
            takes.add(take)

    def columns(self) -> dict[str, set[str]]:
        """The headings that each file must have."""
        needed: dict[str, set[str]] = {}
        for (file, match), takes in self._takes.items():
            needed.setdefault(file, set()).update(takes | {match})
        return needed

    def lists(self, file: str, match: str, name: str) -> bool:
        """Whether any row has this name under ``match``, also in another spelling."""
        names = self._index(file, match).names
        return name in names or names.nearest(name) is not None

    def take(self, lookup: Lookup, name: str) -> Taken | None:
        """The cell asked for and the name as it is spelt there; None when no row has the name."""
        index = self._index(lookup.file, lookup.match)
        found = name if name in index.names else index.names.nearest(name)
        if found is None:
            return None
        return Taken(found, index.rows[found][lookup.take])

    def _index(self, file: str, match: str) -> _Index:
        index = self._indexes.get((file, match))
        if index is not None:
            return index
        index = self._indexes[file, match] = _Index()
        takes = sorted(self._takes[file, match])
        for row in open_file(self._folder, file, self._plans.get(file)).rows():
            if not isinstance(row, Row):
                continue  # reported where the file itself is read
            name = row.cells[match].strip()
            if not name or name in index.names:
                continue
            index.names.add(name)
            if takes:
                index.rows[name] = {take: row.cells[take].strip() for take in takes}
            if len(index.names) > _INDEXED:
                said = Words("超过 {n} 行，不能用于查找", "has more than {n} rows, too many to look things up in")
                raise TableError(file, "too_large", said.fill(n=_INDEXED))
        return index


def open_file(folder: Path, name: str, plan: FilePlan | None) -> Table:
    """Open a file of the folder as its plan says. Raises TableError."""
    if plan is None:
        return open_table(folder / name)
    return open_table(folder / name, sheet=plan.sheet, encoding=plan.encoding, delimiter=plan.delimiter)
