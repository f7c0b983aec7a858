"""What a write brings: values that are read, checked against the viewer's rights, and links to what they see."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from heli.access.core.line import Level
from heli.access.viewer import Viewer
from heli.kernel.errors import Invalid, NotFound, Problem
from heli.kernel.words import Words
from heli.org.models import Department, Person
from heli.records import fields as f
from heli.records import rows, sql
from heli.records.fields import lines
from heli.records.reasons import refusal
from heli.records.sight import Sight, kind_of
from heli.records.types import ObjectType

UNKNOWN = Words("没有字段 {code}", "no such field: {code}")
REQUIRED = Words("必填", "required")
NO_TARGET = Words("没有这条记录，或者你看不到它", "no such record, or you cannot see it")
NO_PERSON = Words("没有这个人，或已离职", "no such person, or they have left")
NO_DEPARTMENT = Words("没有这个部门，或已关闭", "no such department, or it is closed")
POOLED = Words("这个客户在公海里，请先领取", "this customer lies in the pool: claim it first")
BACKWARDS = Words(
    "「{end}」早于「{start}」，请改正其中一个日期", "“{end}” is before “{start}”: put one of the two right"
)
TOO_LATE = Words("「{start}」晚于「{end}」，请改正其中一个日期", "“{start}” is after “{end}”: put one of the two right")
CYCLE = Words("会形成循环的上下级关系", "this would make a cycle")
MOST_STEPS = 100


@dataclass(frozen=True, slots=True)
class Input:
    """The checks of one viewer's values for one type."""

    viewer: Viewer
    kind: ObjectType

    def may_field(self, action: str, code: str, row: Mapping[str, Any]) -> bool:
        """Whether the viewer may write this field in a row as it is, or will be."""
        if self.viewer.is_system:
            return True
        rights = self.viewer.view.type(self.kind.code) if self.viewer.view is not None else None
        return rights is not None and rights.decide_field(action, code, row).allowed

    def parse(self, given: Mapping[str, Any], action: str, row: Mapping[str, Any] | None) -> dict[str, Any]:
        """Column values of JSON fields. A field that never shows answers as an unknown one. Raises Invalid naming every place,
        Refused for a field that may not be written."""
        values: dict[str, Any] = {}
        problems: list[Problem] = []
        rights = self.viewer.view.type(self.kind.code) if self.viewer.view is not None else None
        for code, value in given.items():
            one = self.kind.fields.get(code)
            hidden = one is None
            if one is not None and rights is not None:
                level = rights.level(code, row) if row is not None else rights.best_level(code)
                hidden = level == Level.HIDDEN and not (row is None and self._ever_writes(code, action))
            if one is None or hidden:
                problems.append(Problem(str(code)[:80], "unknown", UNKNOWN.fill(code=str(code)[:80])))
                continue
            if (one.readonly or one.flow) and not self.viewer.is_system:
                raise refusal(self.viewer, self.kind, action, row, code)
            if row is not None and not self.may_field(action, code, row):
                raise refusal(self.viewer, self.kind, action, row, code)
            try:
                values[code] = one.parse(value)
            except f.FieldError as error:
                place = f"{code}/{error.place}" if error.place else code
                problems.append(Problem(place, error.code, error.words))
        if problems:
            raise Invalid(problems)
        return values

    def _ever_writes(self, code: str, action: str) -> bool:
        rights = self.viewer.view.type(self.kind.code) if self.viewer.view is not None else None
        return rights is not None and any(h.line.may_write(code) and h.line.writes for h in rights.held(action))

    def links(self, values: Mapping[str, Any], own: str | None) -> None:
        """Linked records must be visible to the viewer, people must exist, and trees must stay trees. Raises Invalid."""
        problems: list[Problem] = []
        for code, value in values.items():
            one = self.kind.fields[code]
            if not value:
                continue
            if isinstance(one, f.Links):
                problems += [
                    Problem(f"{code}/{i}", "missing", NO_TARGET)
                    for i, record in enumerate(one.ids(value))
                    if not self._sees(one.target, record)
                ]
            elif isinstance(one, f.Lines):
                problems += self._products(one, value, own)
            elif isinstance(one, f.Link):
                if not self._sees(one.target, value):
                    problems.append(Problem(code, "missing", NO_TARGET))
                elif one.target == self.kind.code and self._cycle(one, value, own):
                    problems.append(Problem(code, "cycle", CYCLE))
                elif code == "account" and self.kind.related and only_pooled(self.viewer, value):
                    problems.append(Problem(code, "pooled", POOLED))
            elif isinstance(one, f.DepartmentRef):
                if not Department.objects.filter(pk=value, closed_at__isnull=True).exists():
                    problems.append(Problem(code, "missing", NO_DEPARTMENT))
            elif (
                isinstance(one, f.PersonRef)
                and not Person.objects.filter(pk=value).exclude(status=Person.LEFT).exists()
            ):
                problems.append(Problem(code, "missing", NO_PERSON))
        if problems:
            raise Invalid(problems)

    def _products(self, one: f.Lines, value: Any, own: str | None) -> list[Problem]:
        """Lines that name a product which the viewer does not see, but for those that stand there already."""
        there = sql.rows(f'SELECT {one.column} FROM "{self.kind.table}" WHERE id=%s', [own]) if own else []
        known = set(one.products(there[0][0]) if there else ())
        fresh = list(dict.fromkeys(product for product in one.products(value) if product not in known))
        try:
            sight = Sight(self.viewer, kind_of("product"))
        except NotFound:
            pass
        else:
            known |= {row["id"] for row in rows.load_many(sight, fresh) if rows.visible(sight, row)}
        return [
            Problem(f"{one.code}/{n}/product", "missing", NO_TARGET)
            for n, line in enumerate(lines.stored(value))
            if line["product"] and line["product"] not in known
        ]

    def _sees(self, code: str, record: str) -> bool:
        try:
            sight = Sight(self.viewer, kind_of(code))
        except NotFound:
            return False
        row = rows.load(sight, record)
        return row is not None and rows.visible(sight, row)

    def _cycle(self, one: f.Field, start: str, own: str | None) -> bool:
        here = start
        for _ in range(MOST_STEPS):
            if here == own:
                return True
            found = sql.rows(f'SELECT {one.column} FROM "{self.kind.table}" WHERE id=%s', [here])
            if not found or not found[0][0]:
                return False
            here = found[0][0]
        return True


def only_pooled(viewer: Viewer, account: str) -> bool:
    """Seen through the pool alone: who hangs a record on it would reach by it what lies around the account."""
    sight = Sight(viewer, kind_of("account"))
    row = rows.load(sight, account)
    if sight.rights is None or row is None:
        return False
    because = sight.rights.decide("read", row).because
    return all(grip.scope == "pool" for held in because for grip in held.grips if grip.holds(row))


def forwards(kind: ObjectType, row: Mapping[str, Any], codes: Container[str]) -> Iterator[tuple[Problem, f.Field]]:
    """What ends before it starts in a row of which these fields have just been written: the problem, at the field that was written, and
    the field that it is held against. ``row`` holds column values."""
    for start, end in kind.spans:
        if start.code not in codes and end.code not in codes:
            continue
        begins, ends = row.get(start.column), row.get(end.column)
        if begins is not None and ends is not None and ends < begins:
            here, other, words = (end, start, BACKWARDS) if end.code in codes else (start, end, TOO_LATE)
            yield Problem(here.code, "backwards", words.fill(start=start.words, end=end.words)), other


def complete(kind: ObjectType, row: Mapping[str, Any], codes: Container[str] | None = None) -> None:
    """Required fields are filled; of an edit only those it writes, since another may be hidden from the viewer. Raises Invalid."""
    missing = [
        Problem(code, "required", REQUIRED)
        for code, one in kind.fields.items()
        if one.required and one.is_empty(row[one.column]) and (codes is None or code in codes)
    ]
    if missing:
        raise Invalid(missing)
