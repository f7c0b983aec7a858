"""Why, and why not: what made a decision, and the smallest sets of facts that would turn a no into a yes.

Formulas are monotone (lines and conditions only add), so every no has smallest missing sets, and the difference of two
people is a difference of atoms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from heli.access.core.decide import TypeRights
from heli.access.core.line import Cond, Held, Level, Line, Row
from heli.kernel.words import Words

MOST_SETS = 8
"""So many smallest sets are told at most."""


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
    if action not in line.actions:
        return False
    if code is None:
        return True
    if action == "read":
        return line.level(code, data_class) >= wanted
    return line.may_write(code) if action in ("edit", "create") else True


def condition(cond: Cond, name: Words) -> Fact:
    """A condition as a fact."""
    value = ", ".join(map(str, sorted(cond.value))) if isinstance(cond.value, frozenset) else str(cond.value)
    if cond.op == "empty":
        return Fact(f"where:{cond.field}:empty", f"{name.zh}为空", f"{name.en} is empty")
    text = f"{cond.op} {value}"
    return Fact(f"where:{cond.field}{cond.op}{value}", f"{name.zh} {text}", f"{name.en} {text}")


def from_held(
    held: Iterable[Held], row: Row, fact_of: FactOf, cond_of: Callable[[Cond], Fact]
) -> list[frozenset[Fact]]:
    """For lines that the viewer holds but which do not hold on the row: what each lacks, per scope."""
    found: list[frozenset[Fact]] = []
    for one in held:
        lacking = frozenset(cond_of(c) for c in one.line.where if not c.holds(row))
        if any(grip.holds(row) for grip in one.grips):
            found.append(lacking)
        else:
            found += [lacking | {fact_of(grip.scope)} for grip in one.grips]
    return found


def from_roles(
    roles: Iterable[tuple[Fact, Line]],
    row: Row,
    covers: Callable[[str], bool],
    fact_of: FactOf,
    cond_of: Callable[[Cond], Fact],
) -> list[frozenset[Fact]]:
    """For lines of roles that the viewer lacks: the role, and what else would have to be true.

    ``covers(scope)``: whether holding the role at the right place makes the scope hold by itself.
    """
    found: list[frozenset[Fact]] = []
    for role, line in roles:
        lacking = frozenset(cond_of(c) for c in line.where if not c.holds(row))
        for scope in line.scopes:
            more = frozenset() if covers(scope) else frozenset({fact_of(scope)})
            found.append(lacking | more | {role})
    return found


def smallest(sets: Iterable[frozenset[Fact]], most: int = MOST_SETS) -> list[list[Fact]]:
    """The sets of which no other is a part, shortest first; never the empty one (that would be a yes)."""
    kept: list[frozenset[Fact]] = []
    for one in sorted({s for s in sets if s}, key=lambda s: (len(s), sorted(f.code for f in s))):
        if not any(other <= one for other in kept):
            kept.append(one)
    return [sorted(one) for one in kept[:most]]


def blocking(rights: TypeRights, action: str, row: Row, code: str | None, wanted: Level) -> list[Fact]:
    """Ceilings that forbid it however many lines allow it."""
    shape = rights.shape.fields.get(code) if code is not None else None
    found: list[Fact] = []
    for ceiling in rights.ceilings:
        if not ceiling.bounds(action):
            continue
        if ceiling.roles is not None:
            continue
        lines: Sequence[Held] = ceiling.covering(action)
        if shape is not None:
            lines = [
                h
                for h in lines
                if serves(h.line, action if action in h.line.actions else "*", shape.code, shape.data_class, wanted)
            ]
        if not any(h.holds(row) for h in lines):
            found.append(
                Fact(f"ceiling:{ceiling.code}", f"上限「{ceiling.words.zh}」", f"the ceiling “{ceiling.words.en}”")
            )
    return found
