"""What whoever draws a definition should know before it is published, though nothing of it keeps it from running: departments
where a node finds nobody, fields that a ceiling hides from whoever gets the work, steps whose people would decide by a name alone.

Nothing is written, and nothing of any record is looked at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from heli.access import view as views
from heli.access.core.decide import TypeRights
from heli.access.core.line import Level, Source
from heli.access.rules import parse_lines
from heli.access.scopes import Carrier
from heli.flows import rights
from heli.flows.core.definition import Assignee, Definition, Kind, Move, Node
from heli.flows.core.lexicon import CODES, Lexicon
from heli.flows.finding import Finder
from heli.flows.looking import RECORD, Looking
from heli.flows.models import Instance
from heli.insight.company import Company
from heli.kernel.words import Words
from heli.records.fields import AutoNumber
from heli.records.types import TYPES, ObjectType
from heli.records.verbs import verb_of

MOST_NAMED = 6
"""Departments, people or fields that one sentence names."""
MOST_HELD = 200
"""People of one node whose ceilings are looked at."""
MOST_PEOPLE = 5_000
"""People for whom a node is tried that goes by the reporting lines."""

CORNER = Words(
    "{departments}的人发起时，这里按规则找不到人：{then}。请给那里安排人，或再加一条找人规则",
    "where somebody of {departments} begins it, the rules find nobody here: {then}. Appoint somebody there, or add a rule",
)
NEVER = Words(
    "现在按规则找不到任何人：{then}。请给这个岗位安排人，或换一条找人规则",
    "at present the rules find nobody at all: {then}. Appoint somebody, or choose another rule",
)
THEN = {
    "skip": Words("会跳过这一步", "the step is skipped"),
    "manager": Words("会交给发起人的上级，再没有就交给流程管理员", "it goes to the manager of who began it, else to who looks after processes"),
    "administrator": Words("会交给流程管理员", "it goes to who looks after processes"),
    "stop": Words("会停在这里，等流程管理员处理", "it stands still until somebody who looks after processes acts"),
}  # fmt: skip
HIDDEN = Words(
    "权限上限不让{people}看到{fields}，表单上会缺这些字段：请从这一步去掉它们，另选处理人，或请安全管理员调整上限",
    "a ceiling hides {fields} from {people}, and their form will lack them: leave them out here, choose other people, "
    "or ask security about the ceiling",
)
CLOSED = Words(
    "权限上限不让{people}填写{fields}，而这里要求填写：请不要求填写，另选处理人，或请安全管理员调整上限",
    "a ceiling keeps {people} from filling in {fields}, which is required here: do not require it, choose other people, "
    "or ask security about the ceiling",
)
BARRED = Words(
    "权限上限不让{people}{verb}，到这一步会被拒绝：请另选处理人，或请安全管理员调整上限",
    "a ceiling keeps {people} from “{verb}”, and the step will be refused: choose other people, or ask security about the ceiling",
)
WAYS = Words(
    "分支条件用到了{fields}：看不到这些字段的人，只会看到自己的那一步",
    "conditions name {fields}: who does not see these fields is shown only their own step",
)
UNSEEN = Words(
    "接收条件用到了{fields}，移交的人在“{source}”的表单上看不到，条件不满足时不知道缺什么：请在“{source}”的表单上选上它们",
    "criteria look at {fields}, which the form of “{source}” does not show, so who hands over will not know what is missing: show them there",
)
BLIND = Words(
    "“{node}”的处理人只看得到{seen}：自己打不开这条记录的人，看不到别的就要作决定。{asked}请在「表单和字段权限」里选上他们作决定要看的字段",
    "whoever approves “{node}” sees only {seen}: who may not open the record otherwise decides by that alone. {asked}"
    "Choose under “Form and rights” what they need to see",
)
COPIED_BLIND = Words(
    "抄送给{people}，但在自己的权限里看不到任何{type}：只会知道流程由谁发起、结果如何，打不开它关于的记录。请在这一步选上给他们看的字段，或另选抄送的人",
    "it is copied to {people}, who by their own rights see no {type} at all: they will know who began the case and how it ended, and open "
    "nothing of what it is about. Choose here which fields it shows them, or other people",
)
TOLD_BLIND = Words(
    "会征询或知会{people}，但在自己的权限里看不到任何{type}：只会知道流程由谁发起、结果如何，打不开它关于的记录。要让他们看到字段，请改用"
    "「抄送」步骤并选上字段，或另选人",
    "it asks or tells {people}, who by their own rights see no {type} at all: they will know who began the case and how it ended, and open "
    "nothing of what it is about. Make it a step that copies and choose there which fields it shows them, or choose other people",
)
ASKED = Words("流程里还用到了{fields}。", "The process also looks at {fields}. ")
NOT_EVEN = Words("这一步轮到了自己，连记录的名称也看不到", "that it is their turn, not even the name of the record")
BARE = Words(
    "这条分支没有写条件，总会走它，不会走到默认分支：请写上条件，或把它设为默认分支",
    "this branch has no condition, so it is always taken, and the default never: give it one, or make it the default",
)
COMMA = Words("、", ", ")
MORE = Words("{some}等 {n} 个", "{some} and {n} in all")


@dataclass(frozen=True, slots=True)
class Concern:
    """One thing to know, at a node or (by the process's own id) about the whole. ``grave``: the work will not go as drawn."""

    place: str
    code: str
    words: Words
    grave: bool = True

    def json(self) -> dict[str, Any]:
        return {
            "place": self.place, "code": self.code, "message": self.words.json(),
            "level": "warning" if self.grave else "note",
        }  # fmt: skip


def concerns(definition: Definition, company: Company | None, lexicon: Lexicon = CODES) -> list[Concern]:
    """All of them, in the order of the nodes. ``lexicon``: what fields and people are called, as far as who draws it may know them.
    ``company``: None where there is none to ask; what goes by its people and ceilings is then left out."""
    kind = TYPES.get(definition.subject.type) if definition.subject is not None else None
    found: list[Concern] = []
    for node in definition.nodes:
        if node.kind is Kind.USER and node.task is not None:
            if company is not None:
                tried = _tried(node.task.assignees, kind, company, _beginners(definition, kind, company))
                found += _corners(node, tried, company)
                found += _ceilings(node, kind, company, tried, lexicon)
            found += _unseen(definition, node, kind, lexicon)
            found += _blind(definition, node, kind, lexicon)
        if company is not None:
            found += _copied_blind(definition, node, kind, company, lexicon)
    return [*found, *_bare(definition), *_ways(definition, kind, lexicon)]


def untried(definition: Definition) -> list[Node]:
    """Steps of which only a case knows who does them: neither departments without anybody nor ceilings are told of these."""
    return [
        one
        for one in definition.nodes
        if one.kind is Kind.USER and one.task is not None and any(_unknowable(rule) for rule in one.task.assignees)
    ]


def _unseen(definition: Definition, node: Node, kind: ObjectType | None, lexicon: Lexicon) -> Iterator[Concern]:
    """Fields on which handing over depends and that who hands over is not shown by their own step."""
    handoff = node.task.handoff if node.task is not None else None
    at = definition.places.get(handoff.source) if handoff is not None else None
    giver = definition.nodes[at].task if at is not None else None
    if handoff is None or giver is None or at is None or kind is None:
        return
    named = {
        name.removeprefix(RECORD).partition(".")[0]
        for one in handoff.criteria
        for name in one.when.names
        if name.startswith(RECORD)
    }
    hidden = _called(lexicon, kind, sorted(named - {*giver.form.show}))
    if hidden:
        yield Concern(node.element, "unseen", UNSEEN.fill(fields=listed(hidden), source=definition.nodes[at].words))


def _blind(definition: Definition, node: Node, kind: ObjectType | None, lexicon: Lexicon) -> Iterator[Concern]:
    """People who decide and are shown no more of the record than what it is called.

    An act that cannot be refused is work and no decision; a packet says what it is about; who began it or owns the record opens it
    without this step; and what is not about records has nothing to show."""
    task = node.task
    if kind is None or task is None or (node.does is not None and Move.REJECT not in task.moves):
        return
    if task.handoff is not None and (task.handoff.files or task.handoff.notes):
        return
    if task.assignees and all(_theirs(one) for one in task.assignees):
        return
    if not all(code == kind.title or isinstance(kind.fields.get(code), AutoNumber) for code in task.form.show):
        return
    named = {name.removeprefix(RECORD).partition(".")[0] for name in definition.named if name.startswith(RECORD)}
    named |= {code for one in definition.nodes if one.task is not None for code in one.task.form.show}
    more = _called(
        lexicon, kind, [code for code in kind.fields if code in named and code not in (kind.title, *task.form.show)]
    )
    seen = listed(_called(lexicon, kind, task.form.show)) if task.form.show else NOT_EVEN
    asked = ASKED.fill(fields=listed(more)) if more else Words("", "")
    yield Concern(node.element, "blind", BLIND.fill(node=node.words, seen=seen, asked=asked))


def _copied_blind(
    definition: Definition, node: Node, kind: ObjectType | None, company: Company, lexicon: Lexicon
) -> Iterator[Concern]:
    """People to whom it is copied and who can read nothing of what it is about: not by rights of their own, nor by what the copy shows.
    Who began it, or owns the record, opens it by rights that brought them there."""
    task = node.task
    if kind is None or task is None or (node.kind is Kind.SEND and task.form.show):
        return
    rules = task.assignees if node.kind is Kind.SEND else (*task.consulted, *task.informed)
    asked = tuple(one for one in rules if not _theirs(one))
    if node.kind not in (Kind.USER, Kind.SEND) or not asked:
        return
    people = _tried(asked, kind, company, _beginners(definition, kind, company)).people
    blind = [one for one in sorted(people)[:MOST_HELD] if not _ever_sees(company, one, kind)]
    if blind:
        said = COPIED_BLIND if node.kind is Kind.SEND else TOLD_BLIND
        words = said.fill(people=_names(company, blind, lexicon), type=kind.words)
        yield Concern(node.element, "copied_blind", words)


def _ever_sees(company: Company, person: int, kind: ObjectType) -> bool:
    found = company.view(person).type(kind.code)
    return found is not None and found.ever("read")


def _theirs(one: Assignee) -> bool:
    """Whether a rule finds who began the case, or whose record it is about."""
    return one.rule == "initiator" or (
        one.rule == "field" and one.given.get("field", "").removeprefix(RECORD) == "owner"
    )


def _bare(definition: Definition) -> Iterator[Concern]:
    """Branches of a choice without a condition, though there is a default."""
    for node in definition.nodes:
        if node.kind in (Kind.EXCLUSIVE, Kind.INCLUSIVE) and node.default is not None and len(node.outgoing) > 1:
            for one in node.outgoing:
                if one != node.default and definition.flows[one].condition is None:
                    yield Concern(definition.flows[one].id, "bare", BARE)


# -- people ------------------------------------------------------------------------------------------------------------


class _Sample(Looking):
    """A record that nobody wrote, of one owner and one department."""

    def __init__(self, kind: ObjectType | None, owner: int, department: int | None) -> None:
        super().__init__(Instance(type=kind.code if kind is not None else "", initiator_id=owner, data={}))
        self.__dict__["record"] = None if kind is None else defaultdict(
            lambda: None, {"owner_id": owner, "department_id": department}
        )  # fmt: skip


def _beginners(definition: Definition, kind: ObjectType | None, company: Company) -> set[int]:
    """Who may begin it: whoever holds the right on some record; everybody, where it is about none."""
    everybody = {one.id for one in company.world.people.values() if one.kind != "service"}
    if kind is None or definition.subject is None:
        return everybody
    right = definition.subject.right
    found: set[int] = set()
    for one in company.given(kind.code):
        if right in one.line.actions and not one.grant.of_process:
            found |= one.crowd.all
    return found & everybody


@dataclass(frozen=True, slots=True)
class _Tried:
    """Whom a node's rules find, and in which departments they find nobody. ``sure``: every rule could be tried."""

    people: frozenset[int]
    none: frozenset[int | None]
    all_: int
    sure: bool = True


def _tried(rules: Sequence[Assignee], kind: ObjectType | None, company: Company, beginners: set[int]) -> _Tried:
    if any(_unknowable(one) for one in rules):
        return _Tried(frozenset(), frozenset(), 0, sure=False)
    own: dict[int | None, list[int]] = defaultdict(list)
    for one in sorted(beginners):
        own[company.homes.get(one)].append(one)
    each = any(one.rule == "manager" for one in rules)
    people: set[int] = set()
    none: set[int | None] = set()
    tries = 0
    for department, some in own.items():
        for who in some if each else some[:1]:
            tries += 1
            if tries > MOST_PEOPLE:
                break
            found = Finder(_Sample(kind, who, department), who, company).ruled(rules)
            people |= found
            if not found:
                none.add(department)
        if all(_constant(one) for one in rules):
            break  # the same wherever it begins
    return _Tried(frozenset(people), frozenset(none), len(own))


def _unknowable(one: Assignee) -> bool:
    """Whether whom a rule finds depends on what only a case knows."""
    if one.rule in ("project", "chosen", "matter") or one.given.get("of") == "previous":
        return True
    return one.rule == "field" and one.given.get("field", "").removeprefix(RECORD) != "owner"


def _constant(one: Assignee) -> bool:
    if one.rule in ("person", "role"):
        return True
    return one.rule in ("position", "head", "turn") and (
        bool(one.given.get("department")) or (one.rule != "head" and not one.given.get("of"))
    )


def _corners(node: Node, tried: _Tried, company: Company) -> Iterator[Concern]:
    task = node.task
    if task is None or not task.assignees or not tried.none:
        return
    then = THEN.get(task.empty, THEN["stop"])
    grave = task.empty in ("stop", "skip") or task.empty not in THEN
    if not tried.people:
        yield Concern(node.element, "nobody_now", NEVER.fill(then=then), True)
        return
    tree = company.world.tree.nodes
    names = [
        Words(tree[one].name, tree[one].name_en or tree[one].name) if one is not None else NO_DEPARTMENT
        for one in sorted(tried.none, key=lambda one: one or 0)
    ]
    yield Concern(node.element, "corner", CORNER.fill(departments=listed(names), then=then), grave)


PEOPLE = Words("{n} 个人", "some people ({n})")
NO_DEPARTMENT = Words("没有部门", "no department")


# -- rights ------------------------------------------------------------------------------------------------------------


def _ceilings(
    node: Node, kind: ObjectType | None, company: Company, tried: _Tried, lexicon: Lexicon
) -> Iterator[Concern]:
    """What ceilings take from those whom the node finds, of what the node gives."""
    if kind is None or node.task is None:
        return
    hidden: dict[str, list[int]] = defaultdict(list)
    closed: dict[str, list[int]] = defaultdict(list)
    barred: list[int] = []
    form = node.task.form
    verb = verb_of(kind.code, node.does.verb) if node.does is not None else None
    for person in sorted(tried.people)[:MOST_HELD]:
        has = given(company, person, kind, node)
        if has is None:
            continue
        for code in form.show:
            if has.best_level(code) < Level.READ:
                hidden[code].append(person)
        for code in form.require:
            if code in form.edit and not all(
                any(h.line.may_write(code) for h in c.covering("edit")) for c in has.bounds("edit")
            ):
                closed[code].append(person)
        if verb is not None and not has.ever(verb.right):
            barred.append(person)
    for found, words, code in ((hidden, HIDDEN, "hidden"), (closed, CLOSED, "closed")):
        for people, fields in _together(found).items():
            named = listed(_called(lexicon, kind, fields))
            yield Concern(node.element, code, words.fill(people=_names(company, people, lexicon), fields=named))
    if barred and verb is not None:
        yield Concern(node.element, "barred", BARRED.fill(people=_names(company, barred, lexicon), verb=verb.words))


def _together(found: Mapping[str, list[int]]) -> dict[tuple[int, ...], list[str]]:
    """Fields by the people for whom they are missing."""
    made: dict[tuple[int, ...], list[str]] = defaultdict(list)
    for code, people in found.items():
        made[tuple(people)].append(code)
    return made


def given(company: Company, person: int, kind: ObjectType, node: Node) -> TypeRights | None:
    """What the node's work alone gives somebody on its record, under their ceilings; None for who has left."""
    view = company.view(person)
    if view.asked is None:
        return None
    lines = rights.lines_of_node(kind, node, "0")
    if node.does is not None and (verb := verb_of(kind.code, node.does.verb)) is not None:
        lines.append({"type": kind.code, "actions": [verb.right], "scope": ["all"]} | _limit(node))
    everywhere = parse_lines([{**line, "scope": ["all"]} for line in lines])
    source = Source(0, "", Words("", ""), 0, Words("", ""))
    return view.with_lines([views.hold(one, source, view.asked, Carrier()) for one in everywhere]).type(kind.code)


def _limit(node: Node) -> dict[str, str]:
    return {"limit": node.does.limit} if node.does is not None and node.does.limit else {}


def _ways(definition: Definition, kind: ObjectType | None, lexicon: Lexicon) -> Iterator[Concern]:
    named = {name.removeprefix(RECORD) for name in definition.ways if name.startswith(RECORD)}
    if kind is not None and named:
        fields = listed(_called(lexicon, kind, sorted(named)))
        yield Concern(definition.id, "ways", WAYS.fill(fields=fields), False)


# -- words -------------------------------------------------------------------------------------------------------------


def listed(words: Iterable[Words]) -> Words:
    """The first few, and how many there are."""
    every = list(words)
    some = Words(COMMA.zh.join(one.zh for one in every[:MOST_NAMED]), COMMA.en.join(one.en for one in every[:MOST_NAMED]))  # fmt: skip
    return some if len(every) <= MOST_NAMED else MORE.fill(some=some, n=Words(str(len(every)), str(len(every))))


def _called(lexicon: Lexicon, kind: ObjectType, codes: Iterable[str]) -> list[Words]:
    """Fields of these by what they are called; by their code, which the file says, where who draws it may not know them."""
    return [lexicon.of("field", code, kind.code) for code in codes if code in kind.fields]


def _names(company: Company, people: Iterable[int], lexicon: Lexicon) -> Words:
    """People by name; how many they are where who draws it may not know them."""
    known = [company.world.people[one] for one in people if one in company.world.people]
    names = [lexicon.call("person", one.username, "") for one in known[: MOST_NAMED + 1]]
    told = [one for one in names if one is not None]
    if len(told) < len(names):
        return PEOPLE.fill(n=len(known))
    return listed([*told, *(Words("", "") for _ in known[len(told) :])])
