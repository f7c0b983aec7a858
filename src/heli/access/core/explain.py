"""Why, and why not: what made a decision, and the smallest sets of facts that would turn a no into a yes.

Formulas are monotone (lines and conditions only add), so every no has smallest missing sets, and the difference of two
people is a difference of atoms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from heli.access.core.decide import TypeRights
from heli.access.core.line import Ceiling, Cond, Held, Level, Line, Row
from heli.kernel.words import Words

MOST_SETS = 8
"""So many smallest sets are told at most."""
MOST_KEPT = 200
"""So many are followed while demands are joined."""

SIGNS = {
    "=": Words("为", "is"),
    "in": Words("为其中之一：", "is one of"),
    "<": Words("<", "<"),
    "<=": Words("≤", "≤"),
    ">": Words(">", ">"),
    ">=": Words("≥", "≥"),
}


@dataclass(frozen=True, slots=True, order=True)
class Fact:
    """An atom of an explanation: a stable code, and how it is said."""

    code: str
    zh: str
    en: str

    @staticmethod
    def of(code: str, words: Words) -> Fact:
        return Fact(code, words.zh, words.en)

    def json(self) -> dict[str, object]:
        return {"code": self.code, "words": {"zh": self.zh, "en": self.en}}


type FactOf = Callable[[str], Fact]
"""Names a scope's fact (``below`` -> "it belongs to your department or one below it")."""


def serves(line: Line, action: str, code: str | None, data_class: str, wanted: Level) -> bool:
    """Whether this line, where it holds, gives the action (on the field)."""
    return action in line.actions and gives(line, action, code, data_class, wanted)


def gives(line: Line, action: str, code: str | None, data_class: str, wanted: Level) -> bool:
    """The same for a line that is known to be about the action (a ceiling's may be about all of them)."""
    if code is None:
        return True
    if action == "read":
        return line.level(code, data_class) >= wanted
    return line.may_write(code) if action in ("edit", "create") else True


def condition(cond: Cond, name: Words, shown: Words | None = None) -> Fact:
    """A condition as a fact. ``shown``: its value as people read it; the code keeps the stored one."""
    if cond.op == "empty":
        return Fact(f"where:{cond.field}:empty", f"{name.zh}为空", f"{name.en} is empty")
    value = ", ".join(map(str, sorted(cond.value))) if isinstance(cond.value, frozenset) else str(cond.value)
    said = shown or Words(value, value)
    sign = SIGNS[cond.op]
    return Fact(
        f"where:{cond.field}{cond.op}{value}", f"{name.zh} {sign.zh} {said.zh}", f"{name.en} {sign.en} {said.en}"
    )


type Ways = list[frozenset[Fact]]
"""The ways in which one demand could be met: sets of facts, each of which would be enough."""


def from_held(held: Iterable[Held], row: Row, fact_of: FactOf, cond_of: Callable[[Cond], Fact],
              told: Callable[[str], bool]) -> Ways:  # fmt: skip
    """For lines that the person holds: what each lacks on the row, per scope; the empty set where one holds. ``told`` as below."""
    found: Ways = []
    for one in held:
        lacking = frozenset(cond_of(c) for c in one.line.where if not told(c.field) or not c.holds(row))
        if any(grip.holds(row) for grip in one.grips):
            found.append(lacking)
        else:
            found += [lacking | {fact_of(grip.scope)} for grip in one.grips]
    return found


def from_role(role: Fact, held: Held, row: Row, fact_of: FactOf, cond_of: Callable[[Cond], Fact],
              told: Callable[[str], bool]) -> Ways:  # fmt: skip
    """For a line of a role that the viewer lacks, ``held`` as they would hold it: the role, and what else would have to be
    true. A condition on a field that may not be told (``told``) is named whether it is met or not: silence would tell."""
    lacking = frozenset(cond_of(c) for c in held.line.where if not told(c.field) or not c.holds(row))
    if any(grip.holds(row) for grip in held.grips):
        return [lacking | {role}]
    return [lacking | {role, fact_of(grip.scope)} for grip in held.grips]


def ceilings(
    rights: TypeRights, action: str, row: Row, code: str | None, wanted: Level, fact_of: FactOf,
    cond_of: Callable[[Cond], Fact], told: Callable[[str], bool],
) -> list[Ways]:  # fmt: skip
    """For each ceiling that bounds the action: it is lifted, or one of its lines comes to hold."""
    shape = rights.shape.fields.get(code) if code is not None else None
    data_class = shape.data_class if shape is not None else ""
    found: list[Ways] = []
    for one in rights.bounds(action):
        lines = [h for h in one.covering(action) if gives(h.line, action, code, data_class, wanted)]
        found.append([*from_held(lines, row, fact_of, cond_of, told), frozenset({ceiling_fact(one)})])
    return found


def ceiling_fact(one: Ceiling) -> Fact:
    """That a ceiling is in the way."""
    return Fact(f"ceiling:{one.code}", f"上限「{one.words.zh}」", f"the ceiling “{one.words.en}”")


def smallest(demands: Sequence[Ways], most: int = MOST_SETS) -> list[list[Fact]]:
    """The sets of facts that meet every demand and of which no part does, shortest first. Met demands add nothing."""
    open_ = [_least(ways) for ways in demands if not any(not way for way in ways)]
    sets: Ways = [frozenset()]
    for ways in open_:
        sets = _least(one | way for one in sets for way in ways)[:MOST_KEPT]
    return [sorted(one) for one in _least(_bare(one, open_) for one in sets if one)[:most]]


def _least(sets: Iterable[frozenset[Fact]]) -> Ways:
    """Without those of which another is a part; shortest first."""
    kept: Ways = []
    for one in sorted(set(sets), key=lambda s: (len(s), sorted(f.code for f in s))):
        if not any(other <= one for other in kept):
            kept.append(one)
    return kept


def _bare(one: frozenset[Fact], demands: Sequence[Ways]) -> frozenset[Fact]:
    """The set without what no demand needs: a longer set may survive where a shorter one was left out on the way."""
    for fact in sorted(one):
        less = one - {fact}
        if all(any(way <= less for way in ways) for ways in demands):
            one = less
    return one
