"""Why, and why not, about one record (or a type as such): the lines that allow it, or the smallest sets of facts missing.

Asked about a record that the asker does not see, the answer is the one for a record that is not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import F

from heli.access import use
from heli.access.core import explain as core
from heli.access.core.decide import Decision, TypeRights, can_hold
from heli.access.core.depends import Told, both_ways
from heli.access.core.explain import Fact
from heli.access.core.line import REACH, Grip, Held, Level, Row, Source
from heli.access.models import Reach
from heli.access.scopes import SCOPES, split
from heli.access.shapes import SHAPES
from heli.access.viewer import Viewer
from heli.kernel.errors import Invalid, NotFound, Problem
from heli.kernel.words import Words
from heli.org import zone
from heli.org.tree import names_of
from heli.records import filters, readers, store
from heli.records.ask import whom_to_ask
from heli.records.missing import Question, missing
from heli.records.readers import WORK
from heli.records.reasons import WORDS, reason
from heli.records.sight import kind_of, row_facts, told_to
from heli.records.types import ObjectType
from heli.records.verbs import verb_of

UNSEEN = Fact("unseen", "没有这条记录，或者你看不到它", "no such record, or you cannot see it")
NO_ACTION = Words("没有这个操作", "no such action")
ANOTHER = Words("另有原因", "another reason")
DEPENDS = Fact("depends", "取决于一个你读不到的字段", "it depends on a field that you do not read")


@dataclass(frozen=True, slots=True)
class Because:
    """One line that allows it: the grant, its role, the path to the person, the scope and the fact that makes it hold."""

    grant: str
    role: Words
    via: Words
    scope: Words
    fact: Words
    role_code: str = ""
    scope_code: str = ""


@dataclass(frozen=True, slots=True)
class Why:
    """The answer. ``level`` is set for the reading of a field; ``ask`` are ids of people who could give what is missing."""

    allowed: bool
    because: tuple[Because, ...] = ()
    missing: tuple[tuple[Fact, ...], ...] = ()
    ask: tuple[int, ...] = ()
    words: Words | None = None
    level: str = ""


@dataclass(frozen=True, slots=True)
class Beside:
    """Two people before the same question, and what one has that the other lacks."""

    mine: Why
    theirs: Why
    difference: tuple[Fact, ...] = ()


def why(viewer: Viewer, asked: Question) -> Why:
    """Answer for the viewer. Raises NotFound for a type they know nothing of, Invalid for an unknown action or field."""
    kind, asked = checked(viewer, asked)
    row = _row(viewer, kind, asked)
    absent = asked.id is not None and row is None
    found = unseen() if absent else _answer(viewer, kind, asked, row, told_to(viewer, kind, row))
    if not found.allowed and not viewer.is_system:  # what people ask after is what they lack
        use.note(viewer.user, kind.code, asked.right, (), (asked.id or "")[:32], (asked.field or "")[:80], refused=True)
    return found


def unseen() -> Why:
    """The answer about a record that is not there, or that the asker does not see."""
    return Why(False, (), ((UNSEEN,),), (), Words(UNSEEN.zh, UNSEEN.en))


def beside(viewer: Viewer, other: Viewer, asked: Question) -> Beside:
    """The same question for a colleague, who must not learn, nor teach, more than the asker may see.

    Raises NotFound when the asker does not see the record; as ``why`` does otherwise.
    """
    kind, asked = checked(viewer, asked)
    row = _row(viewer, kind, asked)
    if asked.id is not None and row is None:
        raise NotFound
    told = told_to(viewer, kind, row)
    mine = _answer(viewer, kind, asked, row, told)
    facts = None if row is None else _as_seen_by(viewer, other, kind, row)
    theirs = answer(viewer, _at_work_here(other, facts), kind, asked, facts, told)
    return Beside(mine, theirs, difference(mine, theirs))


def answer(viewer: Viewer, about: Viewer, kind: ObjectType, asked: Question, row: Row | None, told: Told) -> Why:
    """The answer about someone, in the words that the asker may know."""
    if about.person == viewer.person:
        return _answer(about, kind, asked, row, told)
    rights: TypeRights | None = None
    if row is not None and about.view is not None:
        least, most = both_ways(about.view.bare(kind.code), told)
        (low, less), (high, more) = (_decide(one, asked, row) for one in (least, most))
        if low.allowed != high.allowed or less != more:
            return Why(False, (), ((DEPENDS,),), (), Words(DEPENDS.zh, DEPENDS.en))
        # Neither which further lines allow it nor what forbids it first may tell of such a cell.
        rights = least if low.allowed else most
    theirs = _answer(about, kind, asked, row, told, rights, asker=viewer)
    return replace(theirs, because=_discreet(theirs.because, about, _known_roles(viewer)))


def difference(mine: Why, theirs: Why) -> tuple[Fact, ...]:
    """What one has that the other lacks."""
    if mine.allowed == theirs.allowed or (DEPENDS,) in theirs.missing:
        return ()
    lacking = theirs if mine.allowed else mine
    return lacking.missing[0] if lacking.missing else ()


def checked(viewer: Viewer, asked: Question) -> tuple[ObjectType, Question]:
    """The type, and the question with the action that lines name. Raises NotFound, Invalid."""
    kind = kind_of(asked.type)
    rights = viewer.view.type(kind.code) if viewer.view is not None else None
    if rights is None and not viewer.is_system:
        raise NotFound
    verb = verb_of(kind.code, asked.action)
    right = verb.right if verb is not None else asked.action
    if right not in SHAPES[kind.code].actions:
        raise Invalid(Problem("action", "unknown", NO_ACTION))
    if asked.field is not None and (rights is None or rights.best_level(asked.field) == Level.HIDDEN):
        raise Invalid(Problem("field", "unknown", filters.NO_FIELD.fill(code=asked.field[:80])))
    return kind, replace(asked, right=right)


def _row(viewer: Viewer, kind: ObjectType, asked: Question) -> Row | None:
    if asked.id is None:
        return None
    try:
        return store.row(viewer, kind.code, asked.id)
    except NotFound:
        return None


def _as_seen_by(viewer: Viewer, other: Viewer, kind: ObjectType, row: Row) -> Row:
    """The same columns with the other person's reach, as far as the viewer may know of it."""
    reached = readers.reached_by(kind, row, viewer).get(other.person or 0, frozenset())
    return row_facts({k: v for k, v in row.items() if k != REACH}, reached)


def _at_work_here(other: Viewer, facts: Row | None) -> Viewer:
    """The colleague with what their open work gives on this record alone: that they have work at a step of some other case is not said,
    nor of this one where the asker may not know of it."""
    view = other.view
    if view is None:
        return other
    here = {f"{WORK}:{tag}" for name, tag in (facts[REACH] if facts is not None else ()) if name == WORK}

    def told(grip: Grip) -> bool:
        return split(grip.scope)[0] != WORK or grip.scope in here

    # A line of a role may hold by work or otherwise: only what nothing but such work gives is not theirs here.
    shown = [one for one in view.lines if not one.grips or any(map(told, one.grips))]
    return other if len(shown) == len(view.lines) else replace(other, view=view.with_lines(shown))


def _answer(
    viewer: Viewer, kind: ObjectType, asked: Question, row: Row | None, told: Told, judged: TypeRights | None = None,
    asker: Viewer | None = None,
) -> Why:  # fmt: skip
    """``judged``: the rights to decide by, where they are not the viewer's as they stand. ``asker``: to whom it is told, where that is
    somebody else."""
    if viewer.view is None:
        raise NotFound
    rights = viewer.view.bare(kind.code)
    decision, level = _decide(judged or rights, asked, row)
    if decision.allowed:
        found = dict.fromkeys(because(grip, one.source) for grip, one in nearest(decision.because, row))
        told_ = tuple(_with_case(viewer, kind, row, one, asker) for one in found)  # a role may say the same twice
        return Why(True, told_, level=level)
    if asked.field is not None and asked.right in ("edit", "create") and rights.shape.fields[asked.field].readonly:
        said = WORDS["readonly"].fill(field=kind.fields[asked.field].words)
        return Why(False, (), ((Fact.of("readonly", said),),), (), said, level)
    unknown = row is None and viewer.view.type(kind.code) is not None
    words = None if unknown else reason(viewer, kind, asked.right, row, asked.field, rights=judged, told=told)[1]
    ask = whom_to_ask(kind, row, viewer, told)
    return Why(False, (), missing(viewer, kind, asked, row, rights, told), ask, words, level)


def _decide(rights: TypeRights, asked: Question, row: Row | None) -> tuple[Decision, str]:
    if row is None:
        shape = rights.shape.fields.get(asked.field or "")
        data_class = shape.data_class if shape is not None else ""
        held = tuple(
            h
            for h in rights.held(asked.right)
            if can_hold(h) and core.serves(h.line, asked.right, asked.field, data_class, Level.READ)
        )
        readonly = shape is not None and shape.readonly and asked.right in ("edit", "create")
        allowed = bool(held) and rights.ever(asked.right) and not readonly
        return Decision(allowed, held if allowed else (), "" if allowed else "no_line"), ""
    if asked.field is None:
        return rights.decide(asked.right, row), ""
    level = rights.level(asked.field, row).name.lower() if asked.action == "read" else ""
    return rights.decide_field(asked.right, asked.field, row), level


def nearest(because: Iterable[Held], row: Row | None) -> tuple[tuple[Grip, Held], ...]:
    """Lines that allow it, each by its nearest scope that holds, the nearest to the person's own work first."""
    found = ((_grip(one, row), one) for one in because)
    return tuple(sorted(found, key=lambda pair: (_rank(pair[0]), pair[1].source.grant)))


TOLD = Words(
    "流程「{step}」抄送给了你（#{number}），到 {until} 为止",
    "“{step}” sent you a copy (#{number}), which lasts until {until}",
)
TOLD_THEM = Words(
    "流程「{step}」抄送给了 TA（#{number}），到 {until} 为止",
    "“{step}” sent them a copy (#{number}), which lasts until {until}",
)
"""The same of somebody else."""
COPY = Words("抄送", "copy")
CASE = Words("你持有「{step}」的待办（#{number}）", "you hold the work of “{step}” (#{number})")
CASE_THEM = Words("TA 持有「{step}」的待办（#{number}）", "they hold the work of “{step}” (#{number})")


def because(grip: Grip, source: Source) -> Because:
    """A line that allows it, by one of its scopes."""
    scope = SCOPES[split(grip.scope)[0]]
    return Because(str(source.grant), source.role_words, source.via, scope.words, scope.fact, source.role, grip.scope)


def _with_case(viewer: Viewer, kind: ObjectType, row: Row | None, one: Because, asker: Viewer | None) -> Because:
    """The same, and of work at a step of a process which case it belongs to: of several at one step, one of which the asker may be told."""
    name, tag = split(one.scope_code)
    if name != "workitem" or row is None or viewer.person is None:
        return one
    held = Reach.objects.filter(person_id=viewer.person, type=kind.code, record_id=row["id"], kind=name, line=tag)
    rows = list(held.order_by(F("until").desc(nulls_first=True)).values_list("source", "until"))
    if asker is not None:
        quiet = readers.quiet_work(asker, [(viewer.person, name, tag, source) for source, _ in rows])
        rows = [each for each in rows if each[0] not in quiet]
    source, until = rows[0] if rows else ("", None)
    if source.count(":") != 2:
        return one
    kind_, case, _ = source.split(":")
    if kind_ == "copy" and until is not None:
        says = TOLD if asker is None else TOLD_THEM
        return replace(one, fact=says.fill(step=one.role, number=case, until=zone.told(until)), via=COPY, scope=COPY)
    return replace(one, fact=(CASE if asker is None else CASE_THEM).fill(step=one.role, number=case))


def _grip(one: Held, row: Row | None) -> Grip:
    holding = [g for g in one.grips if row is None or g.holds(row)]
    return min(holding or one.grips, key=_rank)


def _rank(grip: Grip) -> int:
    return SCOPES[split(grip.scope)[0]].rank


def _discreet(because: Iterable[Because], other: Viewer, known: frozenset[str] | None) -> tuple[Because, ...]:
    """Sources that the asker may not know read "another reason"."""
    if known is None:
        return tuple(because)
    sources: dict[str, Source] = {str(s.grant): s for s in (other.view.sources if other.view is not None else ())}
    found = []
    for one in because:
        source = sources.get(one.grant)
        open_ = source is not None and source.role in known
        found.append(one if open_ else Because("", ANOTHER, ANOTHER, ANOTHER, ANOTHER))
    return tuple(dict.fromkeys(found))


def _known_roles(viewer: Viewer) -> frozenset[str] | None:
    """Roles whose holding may be told to the viewer: their own; all of them (None) for who reads the rules."""
    if viewer.view is None or viewer.view.may("policy", "read"):
        return None
    return frozenset(s.role for s in viewer.view.sources if s.role)


# -- as JSON ----------------------------------------------------------------------------------------------------


def json(one: Why) -> dict[str, Any]:
    """The answer as the API and the command line give it."""
    names = names_of(one.ask)
    said: dict[str, Any] = {
        "allowed": one.allowed,
        "because": [
            {
                "grant": b.grant,
                "role": b.role.json(),
                "via": b.via.json(),
                "scope": b.scope.json(),
                "fact": b.fact.json(),
            }
            for b in one.because
        ],
        "missing": [[fact.json() for fact in facts] for facts in one.missing],
        "ask": [{"id": str(pk), "username": names[pk][0], "name": names[pk][1]} for pk in one.ask if pk in names],
    }
    if one.words is not None:
        said["words"] = one.words.json()
    if one.level:
        said["level"] = one.level
    return said


def beside_json(one: Beside) -> Mapping[str, Any]:
    return {"mine": json(one.mine), "theirs": json(one.theirs), "difference": [fact.json() for fact in one.difference]}


__all__ = [
    "ANOTHER", "Because", "Beside", "Question", "Why", "answer", "because", "beside", "beside_json", "checked",
    "difference", "json", "nearest", "unseen", "why",
]  # fmt: skip
