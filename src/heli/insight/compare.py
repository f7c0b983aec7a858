"""One question about one or two people: the chain in its fixed order, the step where it ends, and where two part.

Person → path → matched fact → field level → ceiling. Sources that the asker may not know read "another reason"; what
hangs on a cell that the asker does not read is only said to depend.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from heli.access.core.decide import Decision, TypeRights
from heli.access.core.depends import Told, both_ways
from heli.access.core.line import REACH, Held, Level, Row
from heli.access.scopes import SCOPES, split
from heli.access.view import View
from heli.access.viewer import Viewer
from heli.insight import past, seen
from heli.insight.company import Company
from heli.insight.rights import action_words
from heli.kernel.actor import Actor
from heli.kernel.errors import Invalid, NotFound, Problem
from heli.kernel.words import Words
from heli.org.zone import company_zone
from heli.records import store
from heli.records.explain import ANOTHER, nearest
from heli.records.sight import kind_of, row_facts
from heli.records.types import ObjectType

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
KINDS = {
    "employee": Words("在职", "employed"),
    "contractor": Words("外包人员", "contractor"),
    "service": Words("服务账号", "service account"),
}
NOBODY = Words("没有这个人，或已离职", "no such person, or they have left")
GONE = Words("当时不在职", "did not work here then")
NO_POST = Words("没有任职", "no post")
SINCE = Words("{post}，{day} 起", "{post}, since {day}")
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
STOPPED = Words("不再计算", "not reached")
DEPENDS = Words("取决于一个你读不到的字段", "depends on a field that you do not read")
ABSENT = Words("当时还没有这条记录", "the record did not exist then")
ANYWHERE = Words("未指定记录", "no record named")


@dataclass(frozen=True, slots=True)
class Step:
    """``state``: yes, no, open (it depends) or skipped."""

    step: str
    state: str
    words: Words
    note: Words | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """One person before the question."""

    person: int
    name: str
    username: str
    department: str
    position: Words | None
    allowed: bool
    depends: bool
    level: str
    steps: tuple[Step, ...]
    also: int
    """Further reasons."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question with everything that it takes to answer it for anybody. ``row`` None: about the type as such."""

    kind: ObjectType
    right: str
    action: str
    field: str | None
    row: Row | None
    then: Row | None
    reached: Mapping[tuple[str, str], Set[int]]
    company: Company
    told: Told
    known: Set[str] | None
    at: datetime | None = None


def question(
    viewer: Viewer, company: Company, action: str, code: str, record: str | None, field: str | None,
    at: datetime | None = None,
) -> Question:  # fmt: skip
    """The question as this asker may put it: about a record that they see now, a field that exists for them.

    Raises NotFound, Invalid.
    """
    kind = kind_of(code)
    knows = viewer.view is not None and viewer.view.type(kind.code) is not None
    if not knows and not (record is None and seen.reads_rules(viewer)):
        raise NotFound
    right = seen.right_of(kind, action)
    seen.check_field(viewer, kind, field)
    row: Row | None = None
    then: Row | None = None
    reached: Mapping[tuple[str, str], Set[int]] = {}
    if record is not None:
        row = store.query(viewer, kind.code).row(record)
        if at is None:
            then, reached = row, seen.reached(kind, row)
        else:
            was = past.record_at(kind, row, at)
            then, reached = (was.row, was.reached) if was is not None else (None, {})
    told = seen.told_to(viewer, kind, row)
    return Question(kind, right, action, field, row, then, reached, company, told, seen.known_roles(viewer), at)


def side(asked: Question, person: int) -> Side:
    """The answer about one person. Raises Invalid for nobody."""
    company = asked.company
    who = company.world.people.get(person)
    if who is None:
        raise Invalid(Problem("person", "unknown", NOBODY if asked.at is None else GONE))
    view = view_of(company, person)
    rights = view.bare(asked.kind.code)
    department, position = _post(company, person)
    first = Step("person", "yes", KINDS[who.kind], _since(company, person))
    head = (person, who.name, who.username, department, position)
    if asked.row is not None and asked.then is None:
        steps = [first, Step("path", "skipped", STOPPED), Step("fact", "no", ABSENT)]
        return Side(*head, False, False, "", (*steps, *_skipped(3)), 0)
    chain = _Chain(asked, rights, person)
    answer = chain.answer()
    return Side(*head, answer[0], answer[1], chain.level(), (first, *answer[2]), answer[3])


def view_of(company: Company, person: int) -> View:
    """Anyone's rights in this company at its moment."""
    return company.view(person)


def viewer_of(company: Company, person: int, origin: str = "") -> Viewer:
    who = company.world.people[person]
    return Viewer(person, who.username, who.name, who.kind, Actor(person, who.name, origin), view_of(company, person))


def parted(left: Side, right: Side) -> str | None:
    """The step where two people part: the first that one of them does not pass and the other does."""
    if left.allowed == right.allowed:
        return None
    for one, other in zip(left.steps, right.steps, strict=True):
        if (one.state == "yes") != (other.state == "yes"):
            return one.step
    return None


def _skipped(start: int) -> list[Step]:
    return [Step(name, "skipped", STOPPED) for name in STEPS[start:]]


def _post(company: Company, person: int) -> tuple[str, Words | None]:
    posts = [
        p
        for p in company.world.posts(person)
        if p.starts <= company.moment and (p.ends is None or p.ends > company.moment)
    ]
    post = next((p for p in posts if p.primary), posts[0] if posts else None)
    if post is None:
        return "", None
    node = company.world.tree.nodes.get(post.department)
    words = company.world.position_words.get(post.position) if post.position is not None else None
    return (node.name if node is not None else ""), words


def _since(company: Company, person: int) -> Words:
    home = company.homes.get(person)
    post = next((p for p in company.world.posts(person) if p.department == home and p.starts <= company.moment), None)
    department, position = _post(company, person)
    if post is None:
        return NO_POST
    day = post.starts.astimezone(company_zone()).strftime("%Y-%m-%d")
    where = Words(department, department)
    named = where if position is None else Words("{d}·{p}", "{p}, {d}").fill(d=where, p=position)
    return SINCE.fill(post=named, day=day)


class _Chain:
    """Steps two to five for one person."""

    def __init__(self, asked: Question, rights: TypeRights, person: int) -> None:
        self.asked, self.rights = asked, rights
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
            return [path, *_skipped(2)]
        fact = self._fact(rights, found, open_)
        if fact.state == "no":
            return [path, fact, *_skipped(3)]
        level = self._level(rights, open_)
        if level.state == "no":
            return [path, fact, level, *_skipped(4)]
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
        known = self.asked.known
        ordered = [h for _, h in nearest(held, self.row)]
        return min(ordered, key=lambda h: known is not None and h.source.role not in known)

    def _open(self, held: Held) -> bool:
        return self.asked.known is None or held.source.role in self.asked.known

    def _path(self, rights: TypeRights, found: Decision) -> Step:
        asked = self.asked
        named = self._named(rights)
        if not named:
            words = NO_LINE.fill(action=action_words(asked.kind.code, asked.right), type=asked.kind.words)
            return Step("path", "no", words)
        best = self._best(rights, found) or named[0]
        if not self._open(best):
            return Step("path", "yes", ANOTHER)
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
        return Step("fact", "yes", scope.words, scope.fact)

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


# -- the same row as both see it ----------------------------------------------------------------------------


def cells(viewer: Viewer, asked: Question, people: Sequence[int]) -> list[dict[str, Any]]:
    """The record's first fields as each of them sees it; values only where the asker reads them too."""
    if asked.row is None or asked.at is not None:
        return []
    kind = asked.kind
    query = store.query(viewer, kind.code)
    shown = query.one(str(asked.row["id"]))
    codes = [code for code in dict.fromkeys((kind.title, *kind.summary, *kind.columns)) if code in shown.access][:6]
    if asked.field is not None and asked.field not in codes and asked.field in shown.access:
        codes = [*codes[:5], asked.field]
    query.quote(shown, codes)
    chains = [_Chain(asked, view_of(asked.company, one).bare(kind.code), one) for one in people]
    found = []
    for code in codes:
        levels = [
            chain.least.level(code, chain.row)
            if chain.least.level(code, chain.row) == chain.most.level(code, chain.row)
            else None
            for chain in chains
            if chain.row is not None
        ]
        sees = [chain.least.decide("read", chain.row).allowed for chain in chains if chain.row is not None]
        may = [chain.most.decide("read", chain.row).allowed for chain in chains if chain.row is not None]
        found.append(
            {
                "field": code,
                "name": kind.fields[code].words,
                "value": shown.values[code],
                "masked": "masked" in shown.access[code],
                "levels": [
                    "depends" if level is None or see != could else level.name.lower() if see else "hidden"
                    for level, see, could in zip(levels, sees, may, strict=True)
                ],
            }
        )
    return found
