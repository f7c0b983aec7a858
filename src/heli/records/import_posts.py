"""Writing an import's assignments and reporting lines: a post that a file moves is moved, one whose dates or rank it says anew
is put right, and what a person changed is kept and flagged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Q
from django.utils import timezone

from heli.audit import log
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.kernel.errors import Conflict, Invalid, Problem
from heli.kernel.words import Words
from heli.org import verbs
from heli.org.models import Assignment, ReportingLine
from heli.org.verbs import Dates
from heli.records import hooks
from heli.records.import_keys import Keys
from heli.records.import_memory import Memory, Merged, merge
from heli.records.import_report import EDITED, HELD, LOST, Report
from heli.records.profiles import Planned, Ref

ENDED = Words("已结束", "ended")
ELSEWHERE = Words("别处", "elsewhere")
BAD_MOMENT = Words("不是日期", "not a date")


class PostImport:
    """The assignments and reporting lines of one run; remembered by what they join."""

    def __init__(self, by: Actor, memory: Memory, keys: Keys, report: Report) -> None:
        self.by = by
        self.memory = memory
        self.keys = keys
        self.report = report

    def assignments(self, rows: Sequence[Planned]) -> None:
        """Assign people; where the import itself wrote the primary post, a new one moves the person."""
        fresh, held = self._sorted("assignment", rows)
        new: list[tuple[Planned, verbs.NewAssignment]] = []
        posts = _primaries(made.person for _, made in fresh)
        for row, made in fresh:
            old = posts.get(made.person)
            if old is None or made.primary is False or old.ends is not None:
                same = _same(made)
                if same is not None:
                    self.memory.save("assignment", row.key, str(same), {})
                    held.append((row, str(same)))
                else:
                    new.append((row, made))
            elif (old.department_id, old.position_id) == (made.department, made.position):
                self.memory.save("assignment", row.key, str(old.pk), {})
                held.append((row, str(old.pk)))
            elif self._wrote("assignment", old.pk):
                self._move(row, made, old)
            else:
                self.report.flag(
                    row, "department", _key(row, "department"), EDITED.fill(now=old.department.name), "edited"
                )
        self._make("assignment", new, lambda some: verbs.assign_many(self.by, some))
        self._settle("assignment", held)

    def _move(self, row: Planned, made: verbs.NewAssignment, old: Assignment) -> None:
        try:
            with log.transaction(), hooks.organised():
                fresh = verbs.move_person(
                    self.by, made.person, made.department, assignment=old.pk, position=made.position, at=made.starts
                )
                self.memory.save("assignment", row.key, str(fresh), _said(row, "assignment"))
        except (Invalid, Conflict) as error:
            self.report.reject(row, error.problems or [Problem("", error.code, error.words)])
            return
        self.report.updated["assignment"] += 1

    def lines(self, rows: Sequence[Planned]) -> None:
        """Draw reporting lines; one that a person drew meanwhile is kept."""
        fresh, held = self._sorted("reporting", rows)
        current = _lines(made.person for _, made in fresh)
        new: list[tuple[Planned, verbs.NewReporting]] = []
        changed: set[str] = set()
        for row, made in fresh:
            line = current.get(made.person)
            if line is not None and line.manager_id == made.manager:
                self.memory.save("reporting", row.key, str(line.pk), {})
                held.append((row, str(line.pk)))
            elif line is None or self._wrote("reporting", line.pk):
                new.append((row, made))
                changed |= {row.key} if line is not None else set()
            else:
                self.report.flag(row, "manager", _key(row, "manager"), EDITED.fill(now=line.manager.username), "edited")
        self._make("reporting", new, lambda some: verbs.set_managers(self.by, some), changed)
        self._settle("reporting", held)

    # -- known --------------------------------------------------------------------------------------------

    def _settle(self, kind: str, held: Sequence[tuple[Planned, str]]) -> None:
        """Bring what was imported before to the dates and the rank that its row says now, where nobody has edited them."""
        model: Any = Assignment if kind == "assignment" else ReportingLine
        known = self.memory.of(kind, (row.key for row, _ in held))
        there: dict[int, Any] = model.objects.in_bulk([int(record) for _, record in held])
        asked: dict[int, list[tuple[Planned, Dates, Merged]]] = {}
        for row, record in held:
            one = there.get(int(record))
            try:
                wanted = _said(row, kind)
            except ValueError:
                self.report.reject(row, [Problem("starts", "date", BAD_MOMENT)])
                continue
            if one is None or ("ends" not in wanted and one.ends is not None and one.ends <= clock.now()):
                name = "department" if kind == "assignment" else "manager"
                self.report.flag(row, name, _key(row, name), EDITED.fill(now=ENDED), "edited")
                continue
            current = _stored(one)
            merged = merge(wanted, current, known[row.key].values)
            for names, words, code in ((merged.edited, EDITED, "edited"), (merged.held, HELD, "held")):
                for name in names:
                    now = "" if current[name] is None else str(current[name])
                    self.report.flag(row, name, str(row.values.get(name)), words.fill(now=now), code)
            if merged.changes:
                asked.setdefault(one.person_id, []).append((row, _dates(one, wanted, merged.changes), merged))
            elif merged.fresh:
                self.memory.change(kind, row.key, merged.values)
        verb = verbs.change_assignments if kind == "assignment" else verbs.change_reporting
        for rows in asked.values():  # what the rows of one person say holds together or not at all
            self._redate(kind, verb, rows)

    def _redate(self, kind: str, verb: Any, rows: Sequence[tuple[Planned, Dates, Merged]]) -> None:
        from heli.records.import_org import tried

        by_row = {id(row): (dates, merged) for row, dates, merged in rows}

        def change(some: Sequence[Planned]) -> dict[str, str]:
            with log.transaction(), hooks.organised():
                verb(self.by, [by_row[id(row)][0] for row in some])
                for row in some:
                    self.memory.change(kind, row.key, by_row[id(row)][1].values)
            return {row.key: "" for row in some}

        done = tried([row for row, _, _ in rows], change, self.report)
        if done:
            self.report.updated[kind] += len(done)

    # -- shared -------------------------------------------------------------------------------------------

    def _sorted(
        self, kind: str, rows: Sequence[Planned]
    ) -> tuple[list[tuple[Planned, Any]], list[tuple[Planned, str]]]:
        """Rows that were never imported, as the verbs take them, and those that were, with their id."""
        known = self.memory.of(kind, (row.key for row in rows))
        held = [(row, known[row.key].id) for row in rows if row.key in known]
        fresh: list[tuple[Planned, Any]] = []
        for row in rows:
            if row.key not in known:
                made = self._asked(kind, row)
                if made is not None:
                    fresh.append((row, made))
        return fresh, held

    def _asked(self, kind: str, row: Planned) -> Any:
        """The row as the verb takes it; None when something it joins is missing or a date is none."""
        ids: dict[str, int] = {}
        for name in ("person", "manager", "department", "position"):
            value = row.values.get(name)
            if isinstance(value, Ref):
                found = self.keys.one(value.type, value.key)
                if found is None:
                    words = LOST.fill(type=Words(value.type, value.type), key=value.key)
                    self.report.reject(row, [Problem(name, "no_target", words)])
                    return None
                ids[name] = int(found)
        needed = ("person", "department") if kind == "assignment" else ("person", "manager")
        missing = [name for name in needed if name not in ids]
        if missing:
            self.report.reject(
                row, [Problem(name, "missing", Words("没有值", "there is no value")) for name in missing]
            )
            return None
        moments: dict[str, dt.datetime | None] = {}
        for name in ("starts", "ends"):
            try:
                moments[name] = _moment(row.values.get(name))
            except ValueError:
                self.report.reject(row, [Problem(name, "date", BAD_MOMENT)])
                return None
        if kind == "reporting":
            return verbs.NewReporting(ids["person"], ids["manager"], **moments)
        primary = row.values.get("primary")
        return verbs.NewAssignment(
            ids["person"], ids["department"], ids.get("position"),
            primary=primary if isinstance(primary, bool) else None, **moments,
        )  # fmt: skip

    def _wrote(self, kind: str, record: int) -> bool:
        """Whether this profile made the row."""
        from heli.records.models import Imported

        return Imported.objects.filter(profile=self.memory.profile, type=kind, record_id=str(record)).exists()

    def _make(self, kind: str, rows: list[tuple[Planned, Any]], verb: Any, changed: set[str] | None = None) -> None:
        from heli.records.import_org import tried

        asked = {id(row): made for row, made in rows}

        def make(some: Sequence[Planned]) -> dict[str, str]:
            with log.transaction(), hooks.organised():
                ids = verb([asked[id(row)] for row in some])
                found = {row.key: str(pk) for row, pk in zip(some, ids, strict=True)}
                self.memory.add(kind, [(row.key, found[row.key], _said(row, kind)) for row in some])
            return found

        made = tried([row for row, _ in rows], make, self.report) if rows else {}
        for key in made:
            (self.report.updated if key in (changed or ()) else self.report.created)[kind] += 1


def _said(row: Planned, kind: str) -> dict[str, Any]:
    """The dates and the rank that a row says, as memory keeps them. No beginning is no word on it; an empty end is open.

    Raises ValueError for what is no date.
    """
    said: dict[str, Any] = {}
    for name in ("starts", "ends"):
        moment = _moment(row.values.get(name))
        if name in row.values and (moment is not None or name == "ends"):
            said[name] = _text(moment)
    if kind == "assignment" and isinstance(row.values.get("primary"), bool):
        said["primary"] = row.values["primary"]
    return said


def _text(moment: dt.datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(dt.UTC).isoformat()


def _stored(one: Any) -> dict[str, Any]:
    return {"starts": _text(one.starts), "ends": _text(one.ends), "primary": getattr(one, "primary", None)}


def _dates(one: Any, wanted: Mapping[str, Any], changes: Sequence[str]) -> Dates:
    """The row's dates and rank with these changes."""
    new = {**_stored(one), **{name: wanted[name] for name in changes}}
    ends = None if new["ends"] is None else dt.datetime.fromisoformat(new["ends"])
    return Dates(one.pk, dt.datetime.fromisoformat(new["starts"]), ends, new["primary"])


def _key(row: Planned, name: str) -> str:
    value = row.values.get(name)
    return value.key if isinstance(value, Ref) else ""


def _moment(value: object) -> dt.datetime | None:
    """A planned date or moment; a date is midnight in the company's zone. Raises ValueError."""
    if value is None or value == "":
        return None
    found = dt.datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    try:
        return (found if found.tzinfo else timezone.make_aware(found)).astimezone(dt.UTC)
    except OverflowError as error:
        raise ValueError(str(error)) from error


def _now() -> Q:
    moment = clock.now()
    return Q(starts__lte=moment) & (Q(ends=None) | Q(ends__gt=moment))


def _primaries(people: Iterable[int]) -> Mapping[int, Assignment]:
    rows = Assignment.objects.filter(_now(), primary=True).select_related("department")
    wanted = set(people)
    return {one.person_id: one for one in rows if one.person_id in wanted}


def _lines(people: Iterable[int]) -> Mapping[int, ReportingLine]:
    wanted = set(people)
    rows = ReportingLine.objects.filter(_now()).select_related("manager")
    return {one.person_id: one for one in rows if one.person_id in wanted}


def _same(made: verbs.NewAssignment) -> int | None:
    """A present assignment to the very post."""
    rows = Assignment.objects.filter(_now(), person_id=made.person, department_id=made.department)
    found = rows.filter(position=None) if made.position is None else rows.filter(position_id=made.position)
    return found.values_list("pk", flat=True).first()
