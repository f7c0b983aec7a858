"""What a version gives, said in words to whoever is to say yes or no to it, and to whoever draws it before that: step by step, with what goes
beyond its author's rights, and what differs from the version in use."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from heli.access.view import project_role
from heli.access.viewer import Viewer
from heli.api import shape
from heli.api.common import WORDS, ref
from heli.api.flow_words import lexicon
from heli.api.organisation import knows_people
from heli.flows import giving, library, rights
from heli.flows.core.compare import CREATES, Teller, called
from heli.flows.core.definition import COPY_LASTS, Definition, Does, Handoff, Hears, Kind, Node, Part, named
from heli.flows.core.expression import parse
from heli.flows.core.lexicon import Lexicon, joined, lasting, literal, spelled
from heli.flows.giving import ALL, Author, Beyond, OnType, Thing, To
from heli.flows.looking import of_record
from heli.flows.models import Process, Version
from heli.insight import company
from heli.kernel.words import Words
from heli.records.said import ALL_FIELDS, said_action
from heli.records.types import TYPES

WHO, CANDIDATES = Words("谁来处理", "Who does it"), Words("可转给", "May go to")
ACCOUNTABLE = Words("负责人 A", "Accountable")
CONSULTED, INFORMED = Words("开始时征询", "Asked when it begins"), Words("完成时知会", "Told when it is done")
FILES = Words("附件", "Files")
ALL_FILES = Words("待办期间可看记录的全部附件", "while it is theirs, they see all files of the record")
MORE_FILES = Words("待办期间可看、可增删记录的附件", "while it is theirs, they see, add and remove files of the record")
HANDED_MORE = Words(
    "只看移交过来的附件，可以删去它们、再添加别的",
    "they see the files that were handed over and no other, may take them away and add some",
)
HANDED_FILES = Words("只看移交过来的附件", "they see the files that were handed over, and no other")
TAKES, HANDS = Words("接收移交", "Is handed"), Words("移交", "Hands over")
FROM, ONTO = (
    Words("由「{node}」移交：{parts}", "by “{node}”: {parts}"),
    Words("给「{node}」：{parts}", "to “{node}”: {parts}"),
)
FIELDS, PAPERS = Words("字段 {some}", "fields {some}"), Words("文件 {some}", "files {some}")
NOTES, CRITERIA = Words("说明 {some}", "notes {some}"), Words("接收条件 {some}", "criteria {some}")
LOOKS = Words("判断和填写时还会用到", "Looks at besides")
COPIES = Words("抄送给{who}：他们可以跟进这个流程", "copies it to {who}, who may follow the case")
BEGUN = Words(
    "「{event}」时，{about}{where}自动发起；算由{who}发起",
    "begins a case by itself on “{event}”{about}{where}; {who} counts as having begun it",
)
ABOUT_ITS, WHERE = Words("关于它的「{field}」，", ", about its “{field}”"), Words("如果{where}，", ", where {where}")
NOT_SAID = Words("", "")
IN_FIELD = Words("记录的「{field}」所写的人", "whom the record's “{field}” names")
ITS_OWNER, ITS_SAYER = Words("记录的负责人", "the record's owner"), Words("发出它的人", "who says it")
BY_CLOCK = Words("流程管理员", "who looks after processes")
SAYS = Words("发出「{name}」", "says “{name}”")
CALLS = Words(
    "发起并等待流程「{process}」，关于{about}", "begins the process “{process}” and waits for it, about {about}"
)
CALLS_EACH = Words(
    "对{each}逐个发起流程「{process}」，关于{about}", "begins the process “{process}” for each of {each}, about {about}"
)
SAME_RECORD = Words("同一条记录", "the same record")
ENDS = {
    "begins": Words("自动发起时", "When begun by itself"), "rejected": Words("被拒绝时", "When rejected"),
    "withdrawn": Words("被撤回时", "When withdrawn"),
}  # fmt: skip
JOINS = Words("加入项目", "Joins the project")
PART_IN = Words(
    "谁同意这一步，谁就成为项目的{role}：流程建立的项目；没有建立的，就是记录所属的项目。移出项目为止",
    "whoever approves this step is a {role} of the project from then on: of the one that the case makes, else of the record's own; until "
    "they are taken out of it",
)
LEADS = Words("建立的项目交给谁，谁就是{role}", "whom the new project is given to is its {role}")
BRINGS = Words("这个角色带来什么", "What the part brings")
BY_RULES = Words(
    "由权限规则决定；看得到规则的人会在这里看到明细，也可以问安全管理员",
    "the rules say; whoever reads them is told here what, and security can be asked",
)
TELLS, HOW_LONG = Words("抄送给谁", "Who is told"), Words("可看多久", "For how long")
FROM_THEN = Words("抄送后 {span}", "for {span} from then on")
CLOSE = ("sensitive", "confidential")
"""Classes of data that whoever confirms looks at twice."""
SEMICOLON = Words("；", "; ")
_CODES = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Reader:
    """To whom it is told. ``author``: whose rights it is held against. ``parts``: whether they may know what a part in a project brings.
    ``read``: codes in the files, which they have read (``types``: of records); None: they answer for it, and are told all."""

    words: Lexicon
    author: Author | None
    parts: bool = True
    read: frozenset[str] | None = None
    types: frozenset[str] = frozenset()

    def knows(self, what: str, code: str, of: str = "") -> bool:
        """Whether they may know that there is such a thing. Acts and links bring rights along that no file names."""
        written = self.read is None or code in (self.types if what == "type" else self.read)
        return written or self.words.call(what, code, of) is not None

    def shown(self, one: OnType) -> OnType | None:
        """Of what is given on a type, what they may know of; None where that is nothing."""
        if not self.knows("type", one.type):
            return None
        kept = OnType(
            one.type,
            [each for each in one.acts if self.knows("act", each.code, one.type)],
            [each for each in one.reads if each.code == ALL or self.knows("field", each.code, one.type)],
            [each for each in one.writes if each.code == ALL or self.knows("field", each.code, one.type)],
        )
        return kept if kept.acts or kept.reads or kept.writes else None


type Place = tuple[str, str]
"""Where it is given: the process and its step, by their codes; no step: the process itself."""
type Told = list[tuple[Place, dict[str, Any]]]


def gifts(viewer: Viewer, version: Version) -> list[dict[str, Any]]:
    """Every step of a version and of all that it calls, and what each process does by itself; for its confirming reader."""
    author = Author(company.now().view(version.by_id)) if version.by_id is not None else None
    reader = Reader(lexicon(viewer, people=True), author)  # they answer for who is given it
    current = version.process.current
    old = library.definition(current) if current is not None and current.pk != version.pk else None
    return _beside(_told(reader, library.definition(version)), _told(reader, old) if old is not None else None)


def drawn(viewer: Viewer, definition: Definition, source: str, current: Version | None) -> list[dict[str, Any]]:
    """The same of a file that is drawn, for who draws it, as far as they may know what is there; held against their own rights."""
    assert viewer.view is not None
    old = library.definition(current) if current is not None else None
    every = [*giving.with_called(definition), *(giving.with_called(old) if old is not None else ())]
    files = Process.objects.filter(code__in={one.id for one in every}, current__isnull=False).values_list(
        "current__source", flat=True
    )
    read = frozenset(
        code
        for file in (source, *(bytes(one).decode("utf-8", "replace") for one in files))
        for code in _CODES.findall(file)
    )
    words = lexicon(viewer, people=knows_people(viewer))
    types = {one.subject.type for one in every if one.subject is not None}
    types |= {node.does.type for one in every for node in one.nodes if node.does is not None}
    heard = {node.hears.name for one in every for node in one.nodes if node.hears is not None}
    types |= {kind.code for name in heard if (kind := of_record(name)) is not None}
    reader = Reader(words, Author(viewer.view), viewer.view.may("policy", "read"), read, frozenset(types))
    return _beside(_told(reader, definition), _told(reader, old) if old is not None else None)


def _told(reader: Reader, whole: Definition) -> Told:
    return [said for one in giving.with_called(whole) for said in _Giving(one, reader, other=one is not whole).said()]


# -- what differs ------------------------------------------------------------------------------------------------------


ADDED, REMOVED = "added", "removed"
_LISTS = ("holds", "acts", "part")


def _beside(now: Told, before: Told | None) -> list[dict[str, Any]]:
    """What is given now, with what it was in the version in use, and what that gave besides."""
    old = dict(before) if before is not None else None
    found = [_differs(one, old.get(place) if old is not None else None, first=old is None) for place, one in now]
    places = {place for place, _ in now}
    return found + [_differs(_nothing(one), one, first=False) for place, one in before or () if place not in places]


def _nothing(one: dict[str, Any]) -> dict[str, Any]:
    return {**one, "facts": [], "does": None, **{name: [] for name in _LISTS}}


def _differs(now: dict[str, Any], old: dict[str, Any] | None, *, first: bool) -> dict[str, Any]:
    before = old if old is not None else _nothing(now)
    change = (
        None
        if first or _said(now) == _said(before)
        else ADDED
        if old is None
        else REMOVED
        if not _said(now)
        else "changed"
    )
    return {
        **now, "change": change, "facts": _facts_beside(now["facts"], before["facts"], first=first),
        "did": before["does"] if not first and before["does"] != now["does"] else None,
        **{name: _types_beside(now[name], before[name], first=first) for name in _LISTS},
    }  # fmt: skip


def _said(one: Mapping[str, Any]) -> list[Any]:
    return [each for each in (one["facts"], one["does"], *(one[name] for name in _LISTS)) if each]


def _facts_beside(now: list[dict[str, Any]], old: list[dict[str, Any]], *, first: bool) -> list[dict[str, Any]]:
    def name(one: dict[str, Any]) -> tuple[str, str]:
        return one["name"]["zh"], one["name"]["en"]

    def key(one: dict[str, Any]) -> tuple[str, ...]:
        return *name(one), one["text"]["zh"], one["text"]["en"]

    # by keys: a process has thousands of them; what stands there word for word is as it was, also where several are called alike
    here, there = {key(one) for one in now}, {key(one) for one in old}
    left: dict[tuple[str, str], deque[int]] = defaultdict(deque)
    for place, one in enumerate(old):
        if key(one) not in here:
            left[name(one)].append(place)
    found = []
    for one in now:
        same, others = key(one) in there, left.get(name(one))
        before = old[others.popleft()] if others and not same else None
        change = None if first or same else ADDED if before is None else "changed"
        found.append({**one, "change": change, "before": before["text"] if before is not None else None})
    gone = sorted(place for places in left.values() for place in places)
    return found + [{**old[place], "change": REMOVED, "before": None} for place in gone]


def _types_beside(now: list[dict[str, Any]], old: list[dict[str, Any]], *, first: bool) -> list[dict[str, Any]]:
    def things(some: Sequence[dict[str, Any]], before: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        def key(one: dict[str, Any]) -> tuple[str, str | None]:
            return one["code"], one["limit"]

        here, there = {key(one) for one in some}, {key(one) for one in before}
        kept = [{**one, "change": None if first or key(one) in there else ADDED} for one in some]
        return kept + [{**one, "change": REMOVED, "beyond": None} for one in before if key(one) not in here]

    was = {one["type"]["zh"]: one for one in old}
    codes = [one["type"]["zh"] for one in now]
    pairs = [(one, was.get(one["type"]["zh"], {})) for one in now]
    pairs += [({**one, **dict.fromkeys(_THINGS_OF, ())}, one) for name, one in was.items() if name not in codes]
    return [{**one, **{what: things(one[what], before.get(what, ())) for what in _THINGS_OF}} for one, before in pairs]


_THINGS_OF = ("reads", "writes", "acts")


class _Giving:
    def __init__(self, definition: Definition, reader: Reader, *, other: bool) -> None:
        self._definition, self._words, self._reader = definition, reader.words, reader
        self._teller = Teller(definition, reader.words)
        self._process = named(definition.name or definition.id).json() if other else None
        self._given = {(one.to, one.place): one.lines for one in giving.givers(definition)}
        self._handed: dict[str, list[tuple[Node, Handoff]]] = defaultdict(list)
        for node in definition.nodes:
            if node.task is not None and node.task.handoff is not None:
                self._handed[node.task.handoff.source].append((node, node.task.handoff))

    def said(self) -> Told:
        definition = self._definition
        steps = [
            ((definition.id, definition.nodes[place].id), self._entry(place))
            for place in giving.in_order(definition)
            if definition.nodes[place].kind is Kind.USER
            or {(To.PEOPLE, place), (To.ACT, place), (To.PART, place)} & self._given.keys()
        ]
        return [*steps, *(((definition.id, ""), one) for one in self._itself())]

    def _entry(self, place: int) -> dict[str, Any]:
        node = self._definition.nodes[place]
        return {
            "process": self._process, "node": called(self._definition, node).json(), "facts": self._facts(node),
            "holds": self._types(To.PEOPLE, place), "does": self._act(node.does).json() if node.does is not None else None,
            "acts": self._types(To.ACT, place), "part": self._types(To.PART, place),
        }  # fmt: skip

    def _itself(self) -> list[dict[str, Any]]:
        facts = [_fact(name, text) for name, text in self._by_itself()]
        holds = self._types(To.ITSELF, None)
        if not facts and not holds:
            return []
        return [
            {
                "process": self._process,
                "node": None,
                "facts": facts,
                "holds": holds,
                "does": None,
                "acts": [],
                "part": [],
            }
        ]

    # -- what is given -------------------------------------------------------------------------------------------------

    def _types(self, to: To, place: int | None) -> list[dict[str, Any]]:
        if to is To.PART and not self._reader.parts:
            return []
        told = giving.told(self._given.get((to, place), ()), self._reader.author)
        return [self._type(one) for each in told if (one := self._reader.shown(each)) is not None]

    def _type(self, one: OnType) -> dict[str, Any]:
        known = TYPES[one.type].fields

        def fields(things: Sequence[Thing]) -> list[dict[str, Any]]:
            return [
                _thing(each, ALL_FIELDS) if each.code == ALL
                else _thing(each, self._words.of("field", each.code, one.type), known[each.code].data_class if named(each.code) else "")
                for each in things
            ]  # fmt: skip

        def named(code: str) -> bool:
            return self._reader.read is None or self._words.call("field", code, one.type) is not None

        def acted(code: str) -> Words:
            known_act = self._reader.read is None or self._words.call("act", code, one.type) is not None
            return said_action(one.type, code) if known_act else Words(code, code)

        return {
            "type": self._words.of("type", one.type).json(), "reads": fields(one.reads), "writes": fields(one.writes),
            "acts": [_thing(each, acted(each.code)) for each in one.acts],
        }  # fmt: skip

    def _act(self, does: Does) -> Words:
        """What an act does, with what the process fills in."""
        subject = self._definition.subject
        verb = self._words.of("act", does.verb, subject.type if subject is not None else "")
        if does.type:
            verb = CREATES.fill(type=self._words.of("type", does.type))
        if not does.gives:
            return verb
        return Words("{verb}（{given}）", "{verb} ({given})").fill(
            verb=verb, given=self._teller.told("gives", does.gives, does)
        )

    # -- what belongs to it --------------------------------------------------------------------------------------------

    def _facts(self, node: Node) -> list[dict[str, Any]]:
        found: list[tuple[Words, Words]] = []
        task = node.task
        if task is not None and node.kind is Kind.USER:
            found += [
                (name, joined((self._teller.rule(one) for one in rules), SEMICOLON))
                for name, rules in (
                    (WHO, task.assignees), (CANDIDATES, task.candidates), (ACCOUNTABLE, task.accountable), (CONSULTED, task.consulted),
                    (INFORMED, task.informed),
                ) if rules
            ]  # fmt: skip
            if giving.kind_of(self._definition) is not None:
                every, handed = (MORE_FILES, HANDED_MORE) if task.form.edit else (ALL_FILES, HANDED_FILES)
                found.append((FILES, every if task.handoff is None else handed))
            if task.joins:
                found.append((JOINS, PART_IN.fill(role=project_role(task.joins))))
                found += self._brings()
            if task.handoff is not None:
                found.append(
                    (TAKES, FROM.fill(node=self._called(task.handoff.source), parts=self._packet(task.handoff)))
                )
        if task is not None and node.kind is Kind.SEND:
            found.append((TELLS, joined(map(self._teller.rule, task.assignees), SEMICOLON)))
            if task.form.show:
                lasts = task.form.lasts or f"P{COPY_LASTS.days}D"
                found.append((HOW_LONG, FROM_THEN.fill(span=lasting(lasts, working=False) or Words(lasts, lasts))))
        if (task is None or not task.joins) and (role := rights.part_of(node)):
            found.append((JOINS, LEADS.fill(role=project_role(role))))
            found += self._brings()
        for other, handoff in self._handed.get(node.id, ()):
            found.append((HANDS, ONTO.fill(node=called(self._definition, other), parts=self._packet(handoff))))
        return [_fact(name, text) for name, text in found]

    def _brings(self) -> list[tuple[Words, Words]]:
        """That the part brings rights, to who may not know which: the same whatever they are."""
        return [] if self._reader.parts else [(BRINGS, BY_RULES)]

    def _called(self, code: str) -> Words:
        place = self._definition.places.get(code)
        return called(self._definition, self._definition.nodes[place]) if place is not None else Words(code, code)

    def _packet(self, handoff: Handoff) -> Words:
        def parts(some: Iterable[Part]) -> Words:
            return self._teller.told("files", tuple(some))

        said = [
            (FIELDS, self._teller.told("fields", handoff.fields, handoff), handoff.fields), (PAPERS, parts(handoff.files), handoff.files),
            (NOTES, parts(handoff.notes), handoff.notes), (CRITERIA, self._teller.told("criteria", handoff.criteria), handoff.criteria),
        ]  # fmt: skip
        return joined((pattern.fill(some=words) for pattern, words, some in said if some), SEMICOLON)

    def _by_itself(self) -> Iterator[tuple[Words, Words]]:
        """What the process does without anybody, by the place where it does it."""
        definition = self._definition
        for place in giving.in_order(definition):
            node = definition.nodes[place]
            name = called(definition, node)
            if place in definition.starts:
                yield from ((name, words) for words in self._begins(node))
            if node.kind in (Kind.SERVICE, Kind.SEND) and node.does is not None:
                yield name, self._act(node.does)
            if node.kind is Kind.SEND and node.task is not None and node.task.assignees:
                yield name, COPIES.fill(who=joined(map(self._teller.rule, node.task.assignees)))
            if node.call is not None and node.call.process:
                yield name, self._calls(node)
            if node.throws is not None and node.throws.kind != "error":
                yield name, SAYS.fill(name=self._words.of("event", node.throws.name))
        for when, does in giving.ends(definition):
            yield ENDS[when], self._act(does)
        looks = giving.looked_at(definition)
        if looks:
            type_ = definition.subject.type if definition.subject is not None else ""
            yield LOOKS, joined(spelled(parse(one), self._words, type_) for one in looks)

    def _begins(self, node: Node) -> Iterator[Words]:
        """By what a start begins cases without anybody, and who counts as having begun them: they follow them, take them back, and do what
        is done by whoever began them. Nothing where somebody begins them."""
        hears, told = node.hears, self._teller.told
        if hears is not None:
            yield BEGUN.fill(
                event=told("name", hears.name, hears),
                about=ABOUT_ITS.fill(field=told("by", hears.by, hears)) if hears.by else NOT_SAID,
                where=WHERE.fill(where=told("where", hears.where)) if hears.where is not None else NOT_SAID,
                who=self._begun_by(hears),
            )
        elif node.timer is not None:
            yield BEGUN.fill(event=told("timer", node.timer), about=NOT_SAID, where=NOT_SAID, who=BY_CLOCK)

    def _begun_by(self, hears: Hears) -> Words:
        """As ``hearing`` finds them."""
        if hears.initiator:
            return IN_FIELD.fill(field=self._teller.told("initiator", hears.initiator, hears))
        kind = giving.kind_of(self._definition)
        return ITS_OWNER if kind is not None and "owner" in kind.fields else ITS_SAYER

    def _calls(self, node: Node) -> Words:
        call = node.call
        assert call is not None
        about = self._teller.spelled(call.record) if call.record is not None else SAME_RECORD
        process = self._words.of("process", call.process)
        if call.each is not None:
            return CALLS_EACH.fill(process=process, about=about, each=self._teller.spelled(call.each))
        return CALLS.fill(process=process, about=about)


def _fact(name: Words, text: Words) -> dict[str, Any]:
    return {"name": name.json(), "text": text.json()}


def _thing(one: Thing, words: Words, data_class: str = "") -> dict[str, Any]:
    limit = literal(Decimal(one.limit)).zh if one.limit else None
    return {
        "code": one.code, "name": words.json(), "data_class": data_class if data_class in CLOSE else None,
        "beyond": one.beyond.value or None, "limit": limit,
    }  # fmt: skip


_WORD = ref(WORDS)
_TEXT: shape.Schema = {"type": "string"}
_CHANGE: shape.Schema = {
    "type": ["string", "null"], "enum": [ADDED, REMOVED, None],
    "description": "Against the version in use: given anew, or no more; null: as before, or there is none",
}  # fmt: skip
_CHANGED: shape.Schema = {**_CHANGE, "enum": [ADDED, "changed", REMOVED, None]}
THING = shape.record(
    {
        "code": _TEXT, "name": _WORD, "limit": shape.nullable(_TEXT), "data_class": {"type": ["string", "null"], "enum": [*CLOSE, None]},
        "beyond": {"type": ["string", "null"], "enum": [Beyond.PART.value, Beyond.ALL.value, None],
                   "description": "How much of it the author of the version does not hold: some (part) or anything (all)"},
        "change": _CHANGE,
    }
)  # fmt: skip
_THINGS = shape.array(ref("FlowGiven"))
ON_TYPE = shape.record({"type": _WORD, "acts": _THINGS, "reads": _THINGS, "writes": _THINGS})
GIFT = shape.record(
    {
        "process": {**shape.nullable(_WORD), "description": "Of another process that this one calls; null: its own"},
        "node": {**shape.nullable(_WORD), "description": "The step; null: the process itself"},
        "change": _CHANGED,
        "facts": shape.array(shape.record({"name": _WORD, "text": _WORD, "change": _CHANGED, "before": shape.nullable(_WORD)})),
        "holds": {**shape.array(ref("FlowGivenOn")), "description": "What its people hold while they have work here, or the process itself"},
        "does": {**shape.nullable(_WORD), "description": "What approving the step does"},
        "did": {**shape.nullable(_WORD), "description": "What it does in the version in use, where that is something else"},
        "acts": {**shape.array(ref("FlowGivenOn")), "description": "What that act holds, and nobody else"},
        "part": {**shape.array(ref("FlowGivenOn")), "description": "What a part in the project brings to who approves it, or leads what it makes"},
    }
)  # fmt: skip
SCHEMAS = {"FlowGiven": THING, "FlowGivenOn": ON_TYPE, "FlowGift": GIFT}
