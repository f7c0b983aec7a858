"""Writing an import's records: new ones in bulk, known ones compared with what is stored and what was written before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from heli.access.viewer import Viewer
from heli.audit import log
from heli.kernel.errors import Conflict, HeliError, Invalid, Problem, Refused
from heli.kernel.words import Words
from heli.records import act, bulk, sealed, sql, write
from heli.records import fields as f
from heli.records.import_keys import Keys
from heli.records.import_memory import CHUNK, LONGEST_KEY, Memory, Remembered, merge
from heli.records.import_report import EDITED, GONE, HELD, LOST, Report
from heli.records.profiles import Planned, Profile, Ref, Value
from heli.records.types import TYPES, ObjectType

LONG_KEY = Words("键最多 {n} 个字符", "a key has at most {n} characters")


class RecordImport:
    """The records of one run. Rows wait in a buffer for each type and go to the database in the profile's order."""

    def __init__(self, viewer: Viewer, profile: Profile, memory: Memory, keys: Keys, report: Report) -> None:
        self.viewer = viewer
        self.memory = memory
        self.keys = keys
        self.report = report
        self.waiting: dict[str, list[Planned]] = {}
        self.count = 0
        self.size = bulk.BATCH
        self._linked = _linked(profile)
        self._parted = _parted(profile)
        self._made: dict[str, set[str]] = {code: set() for code in self._parted}
        """Keys made in this run, of the types that later rows may complete."""

    def add(self, planned: Planned) -> bool:
        """Take a row; True when a buffer is full."""
        if len(planned.key) > LONGEST_KEY:
            self.report.reject(planned, [Problem("", "too_long", LONG_KEY.fill(n=LONGEST_KEY))])
            return False
        rows = self.waiting.setdefault(planned.target, [])
        rows.append(planned)
        return len(rows) >= self.size

    def flush(self) -> None:
        """Write everything that waits; then links to what has only just been made."""
        late: list[Planned] = []
        waiting, self.waiting = self.waiting, {kind: [] for kind in self.waiting}
        pending = {kind: {row.key for row in rows} for kind, rows in waiting.items() if kind in self._linked}
        for code, rows in waiting.items():
            kind = TYPES[code]
            whole = [row for row in rows if not row.part]
            for start in range(0, len(whole), self.size):
                late += self._write(kind, whole[start : start + self.size], pending)
            for wave in _waves(row for row in rows if row.part):
                late += self._write(kind, wave, pending)
            pending.pop(code, None)
        for row in late:
            self._write(TYPES[row.target], [row], {})

    def _write(self, kind: ObjectType, rows: Sequence[Planned], pending: Mapping[str, set[str]]) -> list[Planned]:
        """New and known records of one type, each key once. Returns the links that must wait for others."""
        if not rows:
            return []
        late: list[Planned] = []
        ids = self._targets(rows)
        said = [(row, self._values(kind, row, ids, pending, late)) for row in rows]
        known = self.memory.of(kind.code, (row.key for row in rows))
        others = self.keys.find(kind.code, (row.key for row, _ in said if row.key not in known))
        fresh = [(r, v) for r, v in said if r.key not in known and r.key not in others and not r.part]
        self._create(kind, fresh)
        there = {key: one.id for key, one in known.items()} | others
        old = [(r, v) for r, v in said if r.key in there]
        if old:
            self._update(kind, old, there, known)
        return late

    def _targets(self, rows: Iterable[Planned]) -> dict[str, dict[str, str]]:
        wanted: dict[str, set[str]] = {}
        for row in rows:
            for value in row.values.values():
                if isinstance(value, Ref):
                    wanted.setdefault(value.type, set()).add(value.key)
        return {code: self.keys.find(code, some) for code, some in wanted.items()}

    def _values(
        self, kind: ObjectType, row: Planned, ids: Mapping[str, Mapping[str, str]], pending: Mapping[str, set[str]],
        late: list[Planned],
    ) -> dict[str, Any]:  # fmt: skip
        """JSON values of a row: links as ids; where a field has a default, an empty cell means it."""
        values: dict[str, Any] = {}
        for name, value in row.values.items():
            if isinstance(value, Ref):
                found = ids[value.type].get(value.key)
                if found is not None:
                    values[name] = [found] if isinstance(kind.fields[name], f.Links) else found
                elif value.key in pending.get(value.type, ()):
                    late.append(Planned(kind.code, row.key, {name: value}, row.file, row.line, part=True))
                else:
                    self._lost(row, name, value)
                    values[name] = None
            elif isinstance(value, tuple):
                values[name] = list(value)
            elif value is not None or kind.fields[name].default is None:
                values[name] = value
        return values

    def _lost(self, row: Planned, name: str, value: Ref) -> None:
        kind = TYPES.get(value.type)
        words = kind.words if kind is not None else Words(value.type, value.type)
        self.report.flag(row, name, value.key, LOST.fill(type=words, key=value.key), "no_target")

    # -- new ----------------------------------------------------------------------------------------------

    def _create(self, kind: ObjectType, fresh: list[tuple[Planned, dict[str, Any]]]) -> None:
        if not fresh:
            return
        remembers = kind.code in self._linked
        parted = self._made.get(kind.code)

        def remember(made: Sequence[bulk.Made]) -> None:
            self.memory.add(
                kind.code,
                (
                    (
                        row.key,
                        one.id,
                        {c: sealed.remembered(kind, c, one.after.get(c, empty[c])) for c in values},
                    )
                    for one in made
                    for row, values in (fresh[one.number],)
                ),
            )

        empty = {code: write.bare(field.dump(field.empty_value)) for code, field in kind.fields.items()}
        rows = (values for _, values in fresh)
        for outcome in bulk.import_many(self.viewer, kind, rows, size=len(fresh), also=remember):
            self.report.created[kind.code] += len(outcome.made)
            for bad in outcome.bad:
                row, values = fresh[bad.number]
                self.report.reject(row, bad.problems, {**values, **row.values})
            for one in outcome.made:
                key = fresh[one.number][0].key
                if remembers:
                    self.keys.add(kind.code, key, one.id)
                if parted is not None:
                    parted.add(key)

    # -- known --------------------------------------------------------------------------------------------

    def _update(
        self, kind: ObjectType, rows: list[tuple[Planned, dict[str, Any]]], there: Mapping[str, str],
        known: Mapping[str, Remembered],
    ) -> None:  # fmt: skip
        codes = sorted({code for _, values in rows for code in values})
        stored = _stored(kind, [there[row.key] for row, _ in rows], codes)
        with log.transaction():
            for row, values in rows:
                record = there[row.key]
                current = stored.get(record)
                if current is None:
                    self.report.flag(row, "", row.key, GONE, "deleted")
                else:
                    self._compare(kind, row, values, record, current, known.get(row.key))

    def _compare(
        self, kind: ObjectType, row: Planned, values: dict[str, Any], record: str, current: Mapping[str, Any],
        remembered: Remembered | None,
    ) -> None:  # fmt: skip
        wanted: dict[str, Any] = {}
        problems: list[Problem] = []
        for code, value in values.items():
            one = kind.fields[code]
            try:
                wanted[code] = write.bare(one.dump(one.parse(value)))
            except f.FieldError as error:
                problems.append(Problem(code, error.code, error.words))
        if problems:
            self.report.reject(row, problems, {**values, **row.values})
            return
        merged = merge(*_prints(kind, wanted, current, remembered.values if remembered is not None else None))
        for codes, words, told in ((merged.edited, EDITED, "edited"), (merged.held, HELD, "held")):
            for code in codes:
                value = row.values[code]
                text = value.key if isinstance(value, Ref) else value
                one = kind.fields[code]
                now = one.mask(current[code]) if one.encrypted else current[code]
                self.report.flag(row, code, text, words.fill(now=_text(now)), told)
        if merged.changes:
            action = act.Action(kind.code, "edit", record, {code: values[code] for code in merged.changes})
            try:
                act.do(self.viewer, action)
            except (Invalid, Refused, Conflict) as error:
                self.report.reject(row, _problems(error), {**values, **row.values})
                return
            if row.key not in self._made.get(kind.code, ()):
                self.report.updated[kind.code] += 1
        if remembered is None:
            self.memory.save(kind.code, row.key, record, merged.values)
        elif merged.fresh:
            self.memory.change(kind.code, row.key, merged.values)


def _problems(error: HeliError) -> Sequence[Problem]:
    return error.problems or [Problem("", error.code, error.words)]


def _text(value: Value | Any) -> str:
    return "" if value is None else str(value)[:100]


def _stored(kind: ObjectType, ids: Sequence[str], codes: Sequence[str]) -> dict[str, dict[str, Any]]:
    """These fields of live records, dumped as the log keeps them, by id."""
    fields = [kind.fields[code] for code in codes]
    listed = "".join(f', "{one.column}"' for one in fields)
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        marks = ",".join(["%s"] * len(part))
        text = f'SELECT id{listed} FROM "{kind.table}" WHERE deleted_at IS NULL AND id IN ({marks})'
        for record, *cells in sql.rows(text, part):
            found[record] = {
                one.code: _dumped(kind, record, one, cell) for one, cell in zip(fields, cells, strict=True)
            }
    return found


def _prints(
    kind: ObjectType, wanted: Mapping[str, Any], current: Mapping[str, Any], before: Mapping[str, Any] | None
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any] | None]:
    """The three sides of a comparison with encrypted values as prints, made by the key of what is remembered."""

    def printed(values: Mapping[str, Any]) -> dict[str, Any]:
        return {c: sealed.remembered(kind, c, v, (before or {}).get(c)) for c, v in values.items()}

    return printed(wanted), printed(current), None if before is None else printed(before)


def _waves(rows: Iterable[Planned]) -> list[list[Planned]]:
    """The rows in their order, each key at most once in a wave."""
    waves: list[list[Planned]] = []
    turn: dict[str, int] = {}
    for row in rows:
        at = turn.get(row.key, 0)
        turn[row.key] = at + 1
        if at == len(waves):
            waves.append([])
        waves[at].append(row)
    return waves


def _dumped(kind: ObjectType, record: str, one: f.Field, cell: Any) -> Any:
    if isinstance(one, f.Text) and one.encrypted:
        cell = sealed.opened(kind, record, one, cell)
        return "\x1f" if cell is sealed.UNREADABLE else cell  # like nothing in a file: it is kept and flagged
    return write.bare(one.dump(cell))


def _linked(profile: Profile) -> set[str]:
    """Types that some row links to."""
    return {one.link for target in _all(profile) for one in target.fields if one.link}


def _parted(profile: Profile) -> set[str]:
    """Types whose records later rows may complete."""
    counts: dict[str, int] = {}
    found: set[str] = set()
    for target in _all(profile):
        counts[target.make] = counts.get(target.make, 0) + 1
        if target.on_repeat == "update" or any(one.link == target.make for one in target.fields):
            found.add(target.make)
    links = {one.link for target in _all(profile) for one in target.fields if one.link}
    makes = {target.make for target in _all(profile)}
    crossed = (
        {target.make for target in _all(profile) if any(o.link in makes for o in target.fields)}
        if len(links)
        else set()
    )
    return found | {make for make, n in counts.items() if n > 1} | (crossed & links)


def _all(profile: Profile) -> list[Any]:
    return [*profile.fixed, *(target for plan in profile.files for target in plan.targets)]
