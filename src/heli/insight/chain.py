"""The chain of one answer in its fixed order: path, matched fact, field level, ceiling, and the step where it ends."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from heli.access.core.decide import Decision, TypeRights
from heli.access.core.depends import both_ways
from heli.access.core.line import REACH, Held, Level, Row
from heli.access.scopes import SCOPES, split
from heli.access.view import AT_WORK, COPIED
from heli.insight.asked import Question
from heli.insight.rights import action_words
from heli.kernel.words import Words
from heli.org import zone
from heli.records.explain import ANOTHER, COPY, TOLD, TOLD_THEM, nearest
from heli.records.sight import row_facts

STEPS = ("person", "path", "fact", "level", "ceiling")
LEVELS = {
    Level.HIDDEN: Words("不可见", "hidden"),
    Level.MASKED: Words("脱敏", "masked"),
    Level.READ: Words("只读", "read"),
}
CLASSES = {
    "public": Words("公开", "public"),
    "internal": Words("内部", "internal"),
    "sensitive": Words("敏感", "sensitive"),
    "confidential": Words("机密", "confidential"),
}
STOPPED = Words("不再计算", "not reached")
NO_LINE = Words("没有角色给出「{action}{type}」", "no role may {action} {type}")
OUTSIDE = Words("数据范围里没有这条记录", "the record is outside the scope")
SCOPES_ARE = Words("范围：{scopes}", "scope: {scopes}")
WHOLE = Words("问的是整条记录", "the record as such is asked about")
GIVES = Words("{class} → {level}", "{class} → {level}")
FIELD = Words("{field}（{class}）", "{field} ({class})")
EDITS = Words("可写「{field}」", "may write “{field}”")
EDITS_NOT = Words("不可写「{field}」", "may not write “{field}”")
SYSTEM = Words("由系统填写，谁都不能直接改", "filled in by the system; nobody changes it directly")
BELOW = Words("没有被上限挡住", "no ceiling is in the way")
NO_CEILING = Words("没有相关的上限", "no ceiling concerns it")
ABOVE = Words("上限「{ceiling}」不允许", "the ceiling “{ceiling}” forbids it")
DEPENDS = Words("取决于一个你读不到的字段", "depends on a field that you do not read")
BY_STEPS = (AT_WORK, COPIED)
"""The paths of what steps of processes give."""
ANYWHERE = Words("未指定记录", "no record named")


@dataclass(frozen=True, slots=True)
class Step:
    """``state``: yes, no, open (it depends) or skipped."""

    step: str
    state: str
    words: Words
    note: Words | None = None


def theirs(fact: Words) -> Words:
    """A fact that a scope tells the person themselves, as it is told of somebody else."""
    english = re.sub(r"\bto you\b", "to them", fact.en)
    for own, other in (("yours", "theirs"), ("your", "their"), ("you", "they")):
        english = re.sub(rf"\b{own}\b", other, english)
    return Words(fact.zh.replace("你", " TA ").strip(), english)


def skipped(start: int) -> list[Step]:
    return [Step(name, "skipped", STOPPED) for name in STEPS[start:]]


class Chain:
    """Steps two to five for one person."""

    def __init__(self, asked: Question, rights: TypeRights, person: int) -> None:
        self.asked, self.rights, self.mine, self._person = asked, rights, person == asked.asker, person
        self.least, self.most = both_ways(rights, asked.told)
        self.row: Row | None = None
        if asked.then is not None:
            facts = {k: v for k, v in asked.then.items() if k != REACH}
            pairs = frozenset(pair for pair, people in asked.reached.items() if person in people)
            self.row = row_facts(facts, pairs)

    def _decide(self, rights: TypeRights) -> Decision:
        right, field = self.asked.right, self.asked.field
        if self.row is None:
            allowed = rights.ever(right)
            if allowed and field is not None and right == "read":
                allowed = rights.best_level(field) == Level.READ
            if allowed and field is not None and right in ("edit", "create"):
                allowed = not rights.shape.fields[field].readonly and any(
                    h.line.may_write(field) for h in rights.held(right)
                )
            return Decision(allowed, rights.held(right) if allowed else (), "" if allowed else "no_line")
        if field is None:
            return rights.decide(right, self.row)
        return rights.decide_field(right, field, self.row)

    def level(self) -> str:
        """What they see of the field; empty where that is not asked, or where it depends."""
        field = self.asked.field
        if self.row is None or field is None or self.asked.right != "read":
            return ""
        low, high = self.least.level(field, self.row), self.most.level(field, self.row)
        return low.name.lower() if low == high else ""

    def answer(self) -> tuple[bool, bool, Sequence[Step], int]:
        sure, could = self._decide(self.least), self._decide(self.most)
        depends = could.allowed and not sure.allowed
        if depends:
            return False, True, self._steps(self.most, could, open_=True), 0
        also = max(0, len({(h.source.grant, h.source.carrier) for h in sure.because}) - 1)
        return (
            sure.allowed,
            False,
            self._steps(self.least if sure.allowed else self.most, sure if sure.allowed else could),
            also,
        )

    def _steps(self, rights: TypeRights, found: Decision, *, open_: bool = False) -> list[Step]:
        path = self._path(rights, found)
        if path.state != "yes":
            return [path, *skipped(2)]
        fact = self._fact(rights, found, open_)
        if fact.state == "no":
            return [path, fact, *skipped(3)]
        level = self._level(rights, open_)
        if level.state == "no":
            return [path, fact, level, *skipped(4)]
        return [path, fact, level, self._ceiling(rights, found)]

    # -- the lines ------------------------------------------------------------------------------------------

    def _named(self, rights: TypeRights) -> tuple[Held, ...]:
        """Lines that give the action, whatever a ceiling says of their roles."""
        return tuple(h for h in rights.lines if self.asked.right in h.line.actions)

    def _holding(self, rights: TypeRights) -> tuple[Held, ...]:
        named = self._named(rights)
        return named if self.row is None else tuple(h for h in named if h.holds(self.row))

    def _best(self, rights: TypeRights, found: Decision) -> Held | None:
        held = found.because or self._holding(rights)
        if not held:
            return None
        return min((h for _, h in nearest(held, self.row)), key=lambda h: not self._open(h))

    def _open(self, held: Held) -> bool:
        asked = self.asked
        if asked.known is None or held.source.role in asked.known or held.source.via in BY_STEPS:
            return True  # of others' steps only what the asker may be told of is here (``Question.view``)
        grant = asked.company.world.all_grants.get(held.source.grant)
        return grant is not None and grant.lent and asked.asker is not None and grant.giver == asked.asker  # their own

    def _path(self, rights: TypeRights, found: Decision) -> Step:
        asked = self.asked
        named = self._named(rights)
        if not named:
            words = NO_LINE.fill(action=action_words(asked.kind.code, asked.right), type=asked.kind.words)
            return Step("path", "no", words)
        best = self._best(rights, found) or named[0]
        if not self._open(best):
            return Step("path", "yes", ANOTHER)
        if best.source.via in BY_STEPS:
            via = best.source.via
            return Step("path", "yes", best.source.role_words, via if self.mine else theirs(via))
        note = Words("{via} → {role} v{version}", "{via} → {role} v{version}").fill(
            via=best.source.via, role=best.source.role_words, version=str(best.source.version)
        )
        return Step("path", "yes", best.source.role_words, note)

    def _fact(self, rights: TypeRights, found: Decision, open_: bool) -> Step:
        if self.row is None:
            return Step("fact", "yes", ANYWHERE)
        best = self._best(rights, found)
        if best is None:
            scopes = dict.fromkeys(
                SCOPES[split(grip.scope)[0]].words for h in self._named(rights) if self._open(h) for grip in h.grips
            )
            some = Words("、".join(w.zh for w in scopes), ", ".join(w.en for w in scopes))
            return Step("fact", "no", OUTSIDE, SCOPES_ARE.fill(scopes=some) if scopes else None)
        if open_ and not self._holding(self.least):
            return Step("fact", "open", DEPENDS)
        if not self._open(best):
            return Step("fact", "yes", ANOTHER)
        grip = nearest([best], self.row)[0][0]
        scope = SCOPES[split(grip.scope)[0]]
        copy = self.asked.copies.get((self._person, split(grip.scope)[1]))
        if best.source.via == COPIED and copy is not None:
            says = TOLD if self.mine else TOLD_THEM
            fact = says.fill(step=best.source.role_words, number=copy.case, until=zone.told(copy.until))
            return Step("fact", "yes", COPY, fact)
        return Step("fact", "yes", scope.words, scope.fact if self.mine else theirs(scope.fact))

    def _level(self, rights: TypeRights, open_: bool) -> Step:
        field, right = self.asked.field, self.asked.right
        if field is None or right not in ("read", "edit", "create"):
            return Step("level", "yes", WHOLE)
        one = self.asked.kind.fields[field]
        note = FIELD.fill(field=one.words, **{"class": CLASSES[one.data_class]})
        holding = self._holding(rights)
        if right == "read":
            level = max((h.line.level(field, one.data_class) for h in holding), default=Level.HIDDEN)
            words = GIVES.fill(**{"class": CLASSES[one.data_class]}, level=LEVELS[level])
            if open_ and self._line_level(self.least, field) < Level.READ <= level:
                return Step("level", "open", DEPENDS, note)
            return Step("level", "yes" if level == Level.READ else "no", words, note)
        if rights.shape.fields[field].readonly:
            return Step("level", "no", SYSTEM, note)
        writes = [h for h in holding if h.line.may_write(field)]
        if rights.shape.fields[field].key and right == "edit" and self.row is not None:
            writes = [h for h in writes if h.itself.holds(self.row)]
        reads = right == "create" or self.row is None or self._line_level(rights, field) == Level.READ
        if writes and reads:
            return Step("level", "yes", EDITS.fill(field=one.words), note)
        return Step("level", "no", EDITS_NOT.fill(field=one.words), note)

    def _line_level(self, rights: TypeRights, field: str) -> Level:
        one = self.asked.kind.fields[field]
        reads = [h for h in rights.lines if "read" in h.line.actions and (self.row is None or h.holds(self.row))]
        return max((h.line.level(field, one.data_class) for h in reads), default=Level.HIDDEN)

    def _ceiling(self, rights: TypeRights, found: Decision) -> Step:
        asked = self.asked
        bounds = [c for c in rights.ceilings if c.bounds(asked.right)]
        if found.allowed:
            if not bounds:
                return Step("ceiling", "yes", NO_CEILING)
            return Step("ceiling", "yes", BELOW, _names([c.words for c in bounds]))
        hit = [c for c in bounds if not self._passes(rights, c.code)]
        words = _names([c.words for c in hit or bounds])
        return Step("ceiling", "no", ABOVE.fill(ceiling=words) if bounds else NO_CEILING)

    def _passes(self, rights: TypeRights, code: str) -> bool:
        """Whether this ceiling alone would let it pass."""
        alone = TypeRights(rights.shape, rights.lines, [c for c in rights.ceilings if c.code == code])
        return self._decide(alone).allowed


def _names(words: Sequence[Words]) -> Words:
    return Words("、".join(w.zh for w in words), ", ".join(w.en for w in words))
