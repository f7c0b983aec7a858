"""Writing an import's organisation: departments, positions, people, assignments and reporting lines, in batches.

Everything goes through the organisation's own verbs. What a verb refuses is a rejection of its row; the others of the
batch are tried again without it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

from heli.access import grants
from heli.access.models import Grant
from heli.audit import log
from heli.kernel.actor import Actor
from heli.kernel.errors import Conflict, HeliError, Invalid, Problem
from heli.kernel.words import Words
from heli.org import verbs
from heli.org.models import Department, Person, Position
from heli.org.verbs.change import _CODE
from heli.records import hooks
from heli.records.import_keys import Keys
from heli.records.import_memory import Memory, Remembered, merge
from heli.records.import_posts import PostImport
from heli.records.import_report import EDITED, HELD, LOST, Report
from heli.records.profiles import Planned, Ref

BATCH = 4000
"""Rows that wait before they are written."""

_PLAIN: Mapping[str, tuple[str, ...]] = {
    "department": ("name", "name_en", "function"),
    "position": ("name", "name_en"),
    "person": ("display_name", "email", "phone", "kind", "language"),
}
"""What is text of each part; the rest are links."""
_LINKS: Mapping[str, tuple[str, ...]] = {"department": ("parent", "head", "overseer"), "position": (), "person": ()}


class OrganisationImport:
    """The organisation of one run. Rows wait until enough are there, then each sort is written before what needs it."""

    def __init__(self, by: Actor, memory: Memory, keys: Keys, report: Report) -> None:
        self.by = by
        self.memory = memory
        self.keys = keys
        self.report = report
        self.waiting: dict[str, list[Planned]] = {}
        self._made: set[tuple[str, str]] = set()
        self.posts = PostImport(by, memory, keys, report)

    def add(self, planned: Planned) -> bool:
        """Take a row; True when enough are waiting."""
        rows = self.waiting.setdefault(planned.target, [])
        rows.append(planned)
        return len(rows) >= BATCH

    def flush(self) -> None:
        """Write everything that waits."""
        waiting, self.waiting = self.waiting, {}
        later: list[Planned] = []
        for kind in ("position", "department", "person"):
            whole = [row for row in waiting.get(kind, ()) if not row.part]
            later += [row for row in waiting.get(kind, ()) if row.part]
            known = self.memory.of(kind, (row.key for row in whole))
            there = self.keys.find(kind, (row.key for row in whole))
            fresh = [row for row in whole if row.key not in there]
            gone = {row.key for row in fresh if row.key in known}
            made = self._create(kind, [row for row in fresh if row.key not in gone])
            later += [row for row in whole if row.key in there or row.key in made]
        for row in later:
            self._settle(row)
        self.posts.assignments(waiting.get("assignment", ()))
        self.posts.lines(waiting.get("reporting", ()))

    # -- new ----------------------------------------------------------------------------------------------

    def _create(self, kind: str, rows: list[Planned]) -> set[str]:
        """Make what is new, parents before their departments. Heads and roles follow. Returns the keys made."""
        made: set[str] = set()
        left = rows
        while left:
            ready = [row for row in left if self._parent_there(row, left, made)]
            if not ready:
                for row in left:
                    self._lost(row, "parent")
                break
            ids = tried(ready, lambda some: self._make(kind, some), self.report)
            made |= {row.key for row in ready if row.key in ids}
            left = [row for row in left if row not in ready]
        return made

    def _parent_there(self, row: Planned, left: Sequence[Planned], made: set[str]) -> bool:
        parent = row.values.get("parent")
        if not isinstance(parent, Ref) or parent.key == row.key:
            return True
        return parent.key in made or all(other.key != parent.key for other in left)

    def _make(self, kind: str, rows: Sequence[Planned]) -> dict[str, str]:
        with log.transaction():
            if kind == "department":
                made = verbs.create_departments(self.by, [self._department(row) for row in rows])
            elif kind == "position":
                made = verbs.create_positions(self.by, [self._position(row) for row in rows])
            else:
                made = verbs.add_people(self.by, [self._person(row) for row in rows])
            ids = {row.key: str(pk) for row, pk in zip(rows, made, strict=True)}
            parents = ("parent",) if kind == "department" else ()
            self.memory.add(
                kind,
                [
                    (r.key, ids[r.key], {k: _plain(v) for k, v in r.values.items() if k in (*_PLAIN[kind], *parents)})
                    for r in rows
                ],
            )
        for key, record in ids.items():
            self.keys.add(kind, key, record)
            self._made.add((kind, key))
        self.report.created[kind] += len(ids)
        return ids

    def _department(self, row: Planned) -> verbs.NewDepartment:
        parent = row.values.get("parent")
        found = self.keys.one("department", parent.key) if isinstance(parent, Ref) else None
        if isinstance(parent, Ref) and found is None:
            self._lost(row, "parent")
        texts = _texts(row, "department")
        code = row.key if _CODE.match(row.key) else ""
        if code and Department.objects.filter(code__iexact=code).exists():
            code = ""
        return verbs.NewDepartment(
            texts.pop("name", "") or row.key, int(found) if found is not None else None, code=code, **texts
        )

    def _position(self, row: Planned) -> verbs.NewPosition:
        texts = _texts(row, "position")
        return verbs.NewPosition(texts.pop("name", "") or row.key, code=row.key, **texts)

    def _person(self, row: Planned) -> verbs.NewPerson:
        texts = {k: v for k, v in _texts(row, "person").items() if v or k != "kind"}
        return verbs.NewPerson(row.key, texts.pop("display_name", "") or row.key, **texts)

    # -- known, and what is completed later -----------------------------------------------------------------

    def _settle(self, row: Planned) -> None:
        """Bring one thing that is there to what its row says, where nobody has edited it."""
        kind = row.target
        record = self.keys.one(kind, row.key)
        if record is None:
            return
        wanted: dict[str, Any] = {k: _plain(v) for k, v in row.values.items() if k in _PLAIN[kind]}
        for name in _LINKS[kind]:
            value = row.values.get(name)
            if isinstance(value, Ref):
                found = self.keys.one(value.type, value.key)
                if found is None:
                    self._lost(row, name)
                else:
                    wanted[name] = value.key
            elif name in row.values:
                wanted[name] = None
        roles = row.values.get("roles")
        if isinstance(roles, tuple):
            wanted["roles"] = [str(one) for one in roles]
        current = self._current(kind, int(record), wanted)
        remembered: Remembered | None = self.memory.of(kind, [row.key]).get(row.key)
        if kind == "position" and "roles" in wanted:
            wanted["roles"] = sorted({*wanted["roles"], *current["roles"]})
        merged = merge(wanted, current, remembered.values if remembered is not None else None)
        for names, words, code in ((merged.edited, EDITED, "edited"), (merged.held, HELD, "held")):
            for name in names:
                self.report.flag(row, name, wanted[name], words.fill(now=str(current[name] or "")), code)
        try:
            rights = kind != "person" and not {"parent", "roles"}.isdisjoint(merged.changes)
            with log.transaction(), hooks.organised() if rights else nullcontext():
                if merged.changes:
                    self._change(kind, int(record), {name: wanted[name] for name in merged.changes}, current)
                if remembered is None:
                    self.memory.save(kind, row.key, record, merged.values)
                elif merged.fresh:
                    self.memory.change(kind, row.key, merged.values)
        except (Invalid, Conflict) as error:
            self.report.reject(row, error.problems or [Problem("", error.code, error.words)])
            return
        if merged.changes and (kind, row.key) not in self._made:
            self.report.updated[kind] += 1

    def _current(self, kind: str, record: int, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """What is stored; links as the key that the row names when it is the same thing, else as its name."""
        model = {"department": Department, "position": Position, "person": Person}[kind]
        one: Any = model._default_manager.get(pk=record)
        found: dict[str, Any] = {name: getattr(one, name) for name in _PLAIN[kind]}
        for name in _LINKS[kind]:
            other = getattr(one, name)
            found[name] = None
            if other is not None:
                target = "department" if name == "parent" else "person"
                key = wanted.get(name)
                same = key is not None and self.keys.one(target, key) == str(other.pk)
                found[name] = key if same else getattr(other, "username", None) or other.name
        if kind == "position":
            mine = Grant.objects.filter(subject_kind=Grant.POSITION, subject_id=str(record), revoked_at=None)
            found["roles"] = sorted(set(mine.exclude(role=None).values_list("role__code", flat=True)))
        return found

    def _change(self, kind: str, record: int, values: Mapping[str, Any], current: Mapping[str, Any]) -> None:
        texts = {name: value or "" for name, value in values.items() if name in _PLAIN[kind]}
        if kind == "person":
            verbs.change_person(self.by, record, **texts)
            return
        if kind == "position":
            if texts:
                verbs.rename_position(self.by, record, **texts)
            for role in values.get("roles", ()):
                if role not in current["roles"]:
                    grants.grant_role(
                        self.by, role, Grant.POSITION, str(record), source=f"import:{self.memory.profile}"
                    )
            return
        if texts:
            verbs.rename_department(self.by, record, **texts)
        for name, verb in _SETTERS.items():
            if name in values:
                target = "department" if name == "parent" else "person"
                found = self.keys.one(target, values[name]) if values[name] is not None else None
                verb(self.by, record, int(found) if found is not None else None)

    def _lost(self, row: Planned, name: str) -> None:
        value = row.values.get(name)
        if isinstance(value, Ref):
            self.report.flag(
                row, name, value.key, LOST.fill(type=Words(value.type, value.type), key=value.key), "no_target"
            )


_SETTERS: Mapping[str, Callable[[Actor, int, int | None], None]] = {
    "parent": verbs.move_department, "head": verbs.set_head, "overseer": verbs.set_overseer,
}  # fmt: skip


def tried(
    rows: Sequence[Planned], make: Callable[[Sequence[Planned]], dict[str, str]], report: Report
) -> dict[str, str]:
    """Make many at once; the rows that are refused are rejected, and the rest tried again."""
    left = list(rows)
    while left:
        try:
            return make(left)
        except (Invalid, Conflict) as error:
            bad = _numbered(error, len(left))
            if not bad:  # the refusal names no row: half of them at a time finds it
                if len(left) == 1:
                    report.reject(left[0], error.problems or [Problem("", error.code, error.words)])
                    return {}
                half = len(left) // 2
                return tried(left[:half], make, report) | tried(left[half:], make, report)
            for number, problems in bad.items():
                report.reject(left[number], problems)
            left = [row for n, row in enumerate(left) if n not in bad]
    return {}


def _numbered(error: HeliError, count: int) -> dict[int, list[Problem]]:
    """Problems by the number of the row that begins their place."""
    bad: dict[int, list[Problem]] = {}
    for problem in error.problems:
        number, _, place = problem.place.partition("/")
        if number.isdecimal() and int(number) < count:
            bad.setdefault(int(number), []).append(Problem(place, problem.code, problem.words))
    return bad


def _texts(row: Planned, kind: str) -> dict[str, Any]:
    return {name: row.values[name] or "" for name in _PLAIN[kind] if name in row.values}


def _plain(value: object) -> Any:
    """A planned value as memory keeps it: links by key, empty text as "" ."""
    if isinstance(value, Ref):
        return value.key
    return "" if value is None else value


def refs(rows: Iterable[Planned]) -> dict[str, set[str]]:
    """The keys that rows link to, by type."""
    found: dict[str, set[str]] = {}
    for row in rows:
        for value in row.values.values():
            if isinstance(value, Ref):
                found.setdefault(value.type, set()).add(value.key)
    return found
