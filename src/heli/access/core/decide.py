"""The decision: may this viewer do this with this row, and what do they see of its cells.

``allow <=> some valid line's scope and conditions hold AND every ceiling has a line that holds``. Unknown type,
action or field, and any exception while deciding: no.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from heli.access.core.line import Ceiling, Held, Level, Row, Shape, TypeShape, tester


@dataclass(frozen=True, slots=True)
class Decision:
    """An answer with its reasons: the lines that allow it, or the code of why not."""

    allowed: bool
    because: tuple[Held, ...] = ()
    reason: str = ""
    """``no_line``, ``no_scope``, ``ceiling:<code>``, ``level``, ``limit``, ``unknown``; empty when allowed."""


MOST_ALLOWED = 256
"""Answers kept for one viewer and type: one for each set of lines that held."""

type _Holding = tuple[tuple[bool, ...], tuple[tuple[bool, ...], ...]]

NO = Decision(False, (), "unknown")
NO_LINE = Decision(False, (), "no_line")
NO_SCOPE = Decision(False, (), "no_scope")


class TypeRights:
    """All that one viewer holds on one object type. Immutable; shared between threads."""

    def __init__(self, shape: TypeShape, lines: Sequence[Held], ceilings: Sequence[Ceiling]) -> None:
        self.shape = shape
        self.whole: TypeRights | None = None
        """Where more is held than is shown (``Bounded``): what is held."""
        self.lines = tuple(lines)
        self.ceilings = tuple(ceilings)
        self._by_action: dict[str, tuple[Held, ...]] = {}
        self._bounds: dict[str, tuple[Ceiling, ...]] = {}
        self._best: dict[str, Level] = {}
        self._tests: dict[str, tuple[tuple[int, Callable[[Row], bool]], ...]] = {}
        self._allowed: dict[tuple[str, int], Decision] = {}
        self._levels: dict[_Holding, Mapping[str, Level]] = {}
        for action in shape.actions:
            held = tuple(h for h in self.lines if action in h.line.actions)
            for ceiling in self.ceilings:
                if ceiling.roles is not None and ceiling.bounds(action):
                    held = tuple(h for h in held if h.source.role in ceiling.roles)
            if held:
                self._by_action[action] = held

    def held(self, action: str) -> tuple[Held, ...]:
        """The lines that give this action, after ceilings that name roles."""
        return self._by_action.get(action, ())

    def bounds(self, action: str) -> tuple[Ceiling, ...]:
        """The ceilings that bound this action by scope, field or limit."""
        found = self._bounds.get(action)
        if found is None:
            found = self._bounds[action] = tuple(c for c in self.ceilings if c.roles is None and c.bounds(action))
        return found

    @cached_property
    def read(self) -> tuple[Held, ...]:
        return self.held("read")

    def decide(self, action: str, row: Row) -> Decision:
        """May the viewer do ``action`` with this row (without looking at fields and limits)."""
        tests = self._tests.get(action)
        if tests is None:
            held = self._by_action.get(action)
            if held is None:
                return NO_LINE if action in self.shape.actions else NO
            tests = self._tests[action] = tuple((1 << at, tester(h)) for at, h in enumerate(held))
        # This is every list's, form's and act's inner part: which lines hold is a number, and its answer is kept.
        lines = 0
        try:
            for bit, holds in tests:
                if holds(row):
                    lines |= bit
        except Exception:  # noqa: BLE001  # asked again line by line: the one that cannot be decided is told and does not hold
            lines = sum(1 << at for at, h in enumerate(self._by_action[action]) if h.holds(row))
        if not lines:
            return NO_SCOPE
        for ceiling in self.bounds(action):
            if not any(h.holds(row) for h in ceiling.covering(action)):
                return Decision(False, self._matched(action, lines), f"ceiling:{ceiling.code}")
        made = self._allowed.get((action, lines))
        if made is None:
            made = Decision(True, self._matched(action, lines))
            if len(self._allowed) < MOST_ALLOWED:
                self._allowed[action, lines] = made
        return made

    def _matched(self, action: str, lines: int) -> tuple[Held, ...]:
        return tuple(h for at, h in enumerate(self._by_action[action]) if lines >> at & 1)

    def everywhere(self, action: str, known: Row) -> bool:
        """Whether the viewer may do this with every row of which these keys are known, whatever else it holds."""

        def sure(lines: Sequence[Held]) -> bool:
            return any(not h.line.where and h.holds(known) for h in lines)

        return sure(self.held(action)) and all(sure(c.covering(action)) for c in self.bounds(action))

    def level(self, code: str, row: Row) -> Level:
        """What the viewer sees of this cell: the best of the matching read lines, bounded by every ceiling."""
        shape = self.shape.fields.get(code)
        return Level.HIDDEN if shape is None else self._level(shape, row)

    def _level(self, shape: Shape, row: Row) -> Level:
        best = max(
            (h.line.level(shape.code, shape.data_class) for h in self.read if h.holds(row)), default=Level.HIDDEN
        )
        for ceiling in self.bounds("read"):
            cap = max(
                (h.line.level(shape.code, shape.data_class) for h in ceiling.covering("read") if h.holds(row)),
                default=Level.HIDDEN,
            )
            best = min(best, cap)
        return best

    def levels(self, row: Row) -> Mapping[str, Level]:
        """``level`` of every cell of this row at once."""
        lines = tuple(h.holds(row) for h in self.read)
        caps = tuple(tuple(h.holds(row) for h in c.covering("read")) for c in self.bounds("read"))
        found = self._levels.get((lines, caps))
        if found is None:  # the levels hang on which lines hold, and on nothing else of the row
            found = {code: self._level(shape, row) for code, shape in self.shape.fields.items()}
            if len(self._levels) < MOST_ALLOWED:
                self._levels[lines, caps] = found
        return found

    def decide_field(self, action: str, code: str, row: Row, wanted: Level = Level.READ) -> Decision:
        """May the viewer read this cell at ``wanted``, or write it (``edit``, ``create``)."""
        shape = self.shape.fields.get(code)
        if shape is None:
            return NO
        if action == "read":
            whole = self.decide("read", row)
            if not whole.allowed:
                return whole
            if self._level(shape, row) < wanted:
                return Decision(False, (), "level")
            return Decision(True, tuple(h for h in whole.because if h.line.level(code, shape.data_class) >= wanted))
        whole = self.decide(action, row)
        if not whole.allowed:
            return whole
        if action in ("edit", "create"):
            if shape.readonly:
                return Decision(False, (), "readonly")
            covering = tuple(h for h in whole.because if h.line.may_write(code))
            if covering and shape.key and action == "edit":
                # Else a helper could move a record to where they see it on their own, and keep it after the help has ended.
                covering = tuple(h for h in covering if h.itself.holds(row))
                if not covering:
                    return Decision(False, (), "lent")
            if not covering or not self._ceiling_writes(action, code, row):
                return Decision(False, (), "not_writable")
            if action == "edit" and self._level(shape, row) < Level.READ:
                return Decision(False, (), "level")
            return Decision(True, covering)
        return whole

    def _ceiling_writes(self, action: str, code: str, row: Row) -> bool:
        return all(
            any(h.line.may_write(code) and h.holds(row) for h in c.covering(action)) for c in self.bounds(action)
        )

    def limit(self, action: str, row: Row) -> int:
        """The largest amount (minor units, base currency) or number of rows this action may concern; 0 when none is given."""
        best = max((h.line.limit or 0 for h in self.held(action) if h.holds(row)), default=0)
        for ceiling in self.bounds(action):
            caps = [h.line.limit for h in ceiling.covering(action) if h.holds(row)]
            if None in caps:
                continue
            best = min(best, max((c for c in caps if c is not None), default=0))
        return best

    def ever(self, action: str) -> bool:
        """Whether some row could exist on which the viewer may do this: a line can hold, and of each ceiling one."""
        return any(map(can_hold, self.held(action))) and all(
            any(map(can_hold, c.covering(action))) for c in self.bounds(action)
        )

    def best_level(self, code: str) -> Level:
        """The highest level any row can give this field; HIDDEN means: to this viewer the field does not exist."""
        found = self._best.get(code)
        if found is None:
            found = self._best_level(code)
            if code in self.shape.fields:  # what people misspell is not kept
                self._best[code] = found
        return found

    def _best_level(self, code: str) -> Level:
        shape = self.shape.fields.get(code)
        if shape is None:
            return Level.HIDDEN
        best = max((h.line.level(code, shape.data_class) for h in self.read), default=Level.HIDDEN)
        for ceiling in self.bounds("read"):
            best = min(
                best,
                max((h.line.level(code, shape.data_class) for h in ceiling.covering("read")), default=Level.HIDDEN),
            )
        return best


class Bounded(TypeRights):
    """One person's rights as another looks at them: what is read is bounded by ceilings more, and all that is no value
    (what they may do, which fields they know of) stays theirs."""

    def __init__(self, whole: TypeRights, bounds: Sequence[Ceiling]) -> None:
        super().__init__(whole.shape, whole.lines, (*whole.ceilings, *bounds))
        self.whole = whole

    def decide_field(self, action: str, code: str, row: Row, wanted: Level = Level.READ) -> Decision:
        if action == "read":
            return super().decide_field(action, code, row, wanted)
        return self._held.decide_field(action, code, row, wanted)

    def ever(self, action: str) -> bool:
        return self._held.ever(action)

    def best_level(self, code: str) -> Level:
        return self._held.best_level(code)

    @property
    def _held(self) -> TypeRights:
        assert self.whole is not None
        return self.whole


def can_hold(held: Held) -> bool:
    """False only for a line whose scopes came to nothing."""
    return any(map(atom_can_hold, held.atoms))


def atom_can_hold(atom: object) -> bool:
    """False only for an empty list of keys."""
    values = getattr(atom, "values", None)
    return values is None or bool(values)
