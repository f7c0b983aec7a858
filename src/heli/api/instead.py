"""What would help where asking for access cannot: somebody is frozen, a process holds the field or does the act, a ceiling forbids it.

Who is named is known to the asker already: whoever gives rights, and of a case those whose work they may see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from heli.access import freeze
from heli.access.core.explain import Fact
from heli.access.viewer import Viewer
from heli.api import shape
from heli.api.common import PERSON, WORDS, people, ref
from heli.flows import bars, library, seen
from heli.flows.models import Work
from heli.insight import company as companies
from heli.kernel.errors import NotFound
from heli.kernel.words import Words
from heli.org import zone
from heli.records import explain, hooks, store
from heli.records.explain import Why
from heli.records.missing import Question
from heli.records.rows import COUNTED
from heli.records.sight import kind_of
from heli.records.types import ObjectType
from heli.records.verbs import DELETE, verb_of

MOST = 5
CEILING = "ceiling:"
FROZEN = Words(
    "你的敏感和机密数据自 {at} 起被冻结：借到权限也仍是脱敏，申请没有用",
    "your sensitive and confidential data is frozen since {at}: lent rights would stay masked too, so asking does not help",
)
RELEASED = Words(
    "没有到期时间：安全管理员核实后解除，解除后立刻恢复",
    "it has no end by itself: a security administrator releases you, and all is back at once",
)
BOUNDED = Words(
    "{ceiling}不允许，任何授权或借用都越不过它，申请没有用",
    "{ceiling} forbids it; no grant and no loan passes it, so asking does not help",
)
CHANGED = Words("只有安全管理员修改这个上限才会变", "only a change of the ceiling by security would")
OVER = Words("流程走完、被驳回或撤回时就能改", "it can be changed once the case is completed, rejected or withdrawn")
OVER_DUE = Words(
    "流程走完、被驳回或撤回时就能改；现在这一步的期限是 {at}",
    "it can be changed once the case is completed, rejected or withdrawn; the present step is due {at}",
)
SCHEMA = shape.record(
    {
        "code": {"type": "string", "enum": ["frozen", "process", "by_process", "ceiling"]}, "words": ref(WORDS),
        "ends": shape.nullable(ref(WORDS)), "people": shape.array(ref(PERSON)), "href": {"type": "string"},
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Instead:
    """Why asking does not help, when it ends, whom to turn to, and where it is looked at (an address of the page, or empty)."""

    code: str
    words: Words
    ends: Words | None = None
    people: tuple[int, ...] = ()
    href: str = ""

    def json(self) -> dict[str, Any]:
        """As the API tells it."""
        names = people(self.people)
        return {
            "code": self.code, "words": self.words.json(), "ends": self.ends.json() if self.ends is not None else None,
            "people": [names[pk] for pk in self.people if pk in names], "href": self.href,
        }  # fmt: skip


def told(viewer: Viewer, asked: Question, found: Why) -> dict[str, Any]:
    """An answer about oneself as the API gives it: what a process keeps is a no, and where asking cannot help it says what would."""
    other = of(viewer, asked, found)
    if other is None:
        return explain.json(found)
    if found.allowed:
        said = other.words
        fact = Fact(other.code, said.zh, said.en)
        found = Why(False, (), ((fact,),), (), said, found.level)
    body = explain.json(found)
    return {**body, "ask": [], "instead": other.json()}


def of(viewer: Viewer, asked: Question, found: Why) -> Instead | None:
    """What stands in the way whatever anybody gives; None where asking may help, or nothing stands there."""
    if viewer.is_system or viewer.person is None:
        return None
    if not found.allowed:
        over = _over(viewer, found)
        if over is not None:
            return over
    if asked.id is None or found.missing == explain.unseen().missing:
        return None
    kind = kind_of(asked.type)
    if asked.field is not None:
        return held(viewer, kind, asked.id, asked.field) if asked.action == "edit" else None
    return _barred(viewer, kind, asked)


def beside(viewer: Viewer, kind: ObjectType, asked: Question, refused: bool) -> Instead | None:
    """The same beside a comparison, about a record that the viewer sees: what holds the field for everybody, or that the viewer is frozen
    where it is them whom it is refused (``refused``)."""
    if viewer.is_system or asked.field is None:
        return None
    if asked.action == "edit" and asked.id is not None:
        found = held(viewer, kind, asked.id, asked.field)
        if found is not None:
            return found
    return frozen(viewer) if refused and kind.fields[asked.field].data_class in COUNTED else None


def _over(viewer: Viewer, found: Why) -> Instead | None:
    """A ceiling without which no way leads to a yes."""
    sets = [[fact for fact in facts if fact.code.startswith(CEILING)] for facts in found.missing]
    if not sets or not all(sets):
        return None
    if any(fact.code == f"{CEILING}{freeze.CEILING.code}" for fact in sets[0]):
        state = frozen(viewer)
        if state is not None:
            return state
    fact = sets[0][0]
    return Instead("ceiling", BOUNDED.fill(ceiling=Words(fact.zh, fact.en)), CHANGED, _security(viewer))


def frozen(viewer: Viewer) -> Instead | None:
    """That the viewer is frozen, and who may release them."""
    state = freeze.frozen(viewer.person) if viewer.person is not None else None
    if state is None:
        return None
    return Instead("frozen", FROZEN.fill(at=zone.told(state.starts)), RELEASED, _security(viewer))


def _security(viewer: Viewer) -> tuple[int, ...]:
    return tuple(pk for pk in companies.now().may("policy", "administer") if pk != viewer.person)[:MOST]


def held(viewer: Viewer, kind: ObjectType, record: str, code: str) -> Instead | None:
    """What keeps a field of a record that the viewer sees from being edited by anybody."""
    found = next((one for one in bars.kept(kind, record) if one.code == code), None)
    if found is None:
        return None
    return Instead("by_process", found.words) if found.case is None else _case(viewer, found.words, found.case)


def _case(viewer: Viewer, words: Words, case: int) -> Instead:
    one = seen.one(viewer, case)
    if one is None:
        return Instead("process", words, OVER)
    open_ = [work for work in one.works if work.state == Work.OPEN and one.shows(work.node)]
    due = min((work.due_at for work in open_ if work.due_at is not None), default=None)
    ends = OVER if due is None else OVER_DUE.fill(at=zone.told(due))
    who = tuple(dict.fromkeys(work.person_id for work in open_))[:MOST]
    return Instead("process", words, ends, who, f"/flows/{case}")


def _barred(viewer: Viewer, kind: ObjectType, asked: Question) -> Instead | None:
    """What does an act in place of everybody: a running case, or a process that has to be begun."""
    verb = DELETE if asked.action == "delete" else verb_of(kind.code, asked.action)
    if verb is None or asked.id is None:
        return None
    try:
        row = store.row(viewer, kind.code, asked.id)
    except NotFound:
        return None
    found = hooks.barred(viewer, kind, verb, row)
    if found is None:
        return None
    code, words = found
    if code != "process":
        return Instead("by_process", words)
    running, _ = bars.standing(kind, asked.id)
    case = next((one.pk for one in running if verb.code in library.definition(one.version).verbs), None)
    return Instead("process", words, OVER) if case is None else _case(viewer, words, case)


__all__ = ["SCHEMA", "Instead", "beside", "frozen", "held", "of", "told"]
