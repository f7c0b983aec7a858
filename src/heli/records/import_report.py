"""What an import did, row by row where it matters: flags and rejections name file, line, heading, value and reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from heli.kernel.errors import Problem
from heli.kernel.words import Words
from heli.records.profiles import FieldMap, Flag, Planned, Profile

EDITED = Words(
    "上次导入后有人改成了“{now}”，保留", 'changed to "{now}" by someone since the last import, which is kept'
)
HELD = Words("这里已有“{now}”，不是导入写的，保留", 'there is "{now}" here already, not from an import; it is kept')
GONE = Words("上次导入后被删除，不再导入", "deleted since the last import; not imported again")
LOST = Words("所指的{type}“{key}”没有导入，留空", 'the {type} "{key}" it names was not imported; left empty')
LONGEST = 1000


@dataclass(slots=True)
class Report:
    """The result of one run. ``created`` and ``updated`` count things by type."""

    profile: Profile
    created: Counter[str] = field(default_factory=Counter)
    updated: Counter[str] = field(default_factory=Counter)
    flags: dict[tuple[str, int, str], Flag] = field(default_factory=dict)
    rejections: list[Flag] = field(default_factory=list)
    _fields: dict[tuple[str, str, str], FieldMap] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for target in self.profile.fixed:
            self._fields |= {(self.profile.source, target.make, one.name): one for one in target.fields}
        for plan in self.profile.files:
            for target in plan.targets:
                self._fields |= {(plan.name, target.make, one.name): one for one in target.fields}

    def take(self, planned: Planned) -> None:
        """The planner's own flags and rejections."""
        for one in planned.flags:
            self._add(one)
        self.rejections.extend(planned.rejections)

    def _add(self, flag: Flag) -> None:
        """One flag for each cell: a second reason joins the first."""
        cell = (flag.file, flag.line, flag.field)
        before = self.flags.get(cell)
        if before is not None and flag.reason.en not in before.reason.en:
            both = Words(f"{before.reason.zh}；{flag.reason.zh}", f"{before.reason.en}; {flag.reason.en}")
            flag = Flag(flag.file, flag.line, flag.field, before.value, both, before.code)
        self.flags[cell] = flag

    def heading(self, planned: Planned, name: str) -> str:
        """The file's own heading of a field, or the field's name when no column gives it."""
        found = self._fields.get((planned.file, planned.target, name))
        return found.column if found is not None else name

    def flag(self, planned: Planned, name: str, value: object, reason: Words, code: str) -> None:
        """Say that one value was not taken as it stands."""
        text = "" if value is None else str(value)[:LONGEST]
        self._add(Flag(planned.file, planned.line, self.heading(planned, name), text, reason, code))

    def reject(self, planned: Planned, problems: Iterable[Problem], values: dict[str, Any] | None = None) -> None:
        """Say that a row was not written, and why."""
        shown = values if values is not None else dict(planned.values)
        for problem in problems:
            name = problem.place.partition("/")[0]
            value = shown.get(name, planned.key)
            text = getattr(value, "key", value)
            self.rejections.append(
                Flag(
                    planned.file, planned.line, self.heading(planned, name),
                    "" if text is None else str(text)[:LONGEST], problem.words, problem.code,
                )
            )  # fmt: skip

    def json(self, language: str = "en") -> dict[str, Any]:
        """The document that the command prints."""
        return {
            "created": dict(sorted(self.created.items())),
            "updated": dict(sorted(self.updated.items())),
            "flagged": [one.json(language) for one in self.flags.values()],
            "rejected": [one.json(language) for one in self.rejections],
        }
