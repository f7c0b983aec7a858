"""Whether a definition fits this company: what it names has to be there."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from heli.flows import acts, library, matters
from heli.flows.core import soundness
from heli.flows.core.definition import Definition, Hears, Kind, Mode, Move, Node
from heli.flows.core.expression import ExpressionError, Value
from heli.flows.core.own import quoted
from heli.flows.core.people import RULES
from heli.flows.core.values import kind_of
from heli.flows.core.waiting import MOST_CASES
from heli.flows.looking import CHANGE, CHANGED, DATA, EVENT, ITSELF, RECORD, of_record
from heli.flows.matters import MATTER, Matter
from heli.flows.models import Process
from heli.insight.company import Company
from heli.kernel import clock
from heli.kernel.errors import Problem
from heli.kernel.words import Words
from heli.records import fields as f
from heli.records.fields.scaled import Scaled
from heli.records.types import TYPES, ObjectType
from heli.records.verbs import verb_of, verbs_of

NO_TYPE = Words(
    "没有对象“{code}”：请在流程设置里另选一种记录",
    "there is no object type “{code}”: choose other records in its settings",
)
NO_MADE = Words(
    "“{node}”要新建“{code}”，没有这种对象：请另选一种",
    "“{node}” creates “{code}”, and there is no such object type: choose another",
)
NO_FIELD = Words(
    "“{node}”：{type}没有字段“{code}”，请另选一个字段，或删去",
    "“{node}”: {type} has no field “{code}”: choose another, or leave it out",
)
NO_VERB = Words(
    "“{node}”：{type}没有操作“{code}”，请另选一个操作，或删去",
    "“{node}”: {type} has no act “{code}”: choose another, or leave it out",
)
SKIPPED = Words(
    "“{node}”会执行操作“{code}”，不能被跳过：请把“找不到人”“是发起人自己”“已办过”时的跳过改掉（empty、self 不用 skip，same 不用 dedupe）",
    "“{node}” does the act “{code}” and cannot be passed over: let neither self nor empty be skip, nor same dedupe",
)
NOT_BY_ITSELF = Words(
    "“{node}”会执行操作“{code}”，要有人来做，到期后不能自动同意（outcome）：请改成自动退回，或不自动处理",
    "“{node}” does the act “{code}”, which somebody has to do, so it is not approved by itself (outcome): let it be rejected by itself, or neither",
)
NOT_SHOWN = Words(
    "“{node}”要求填写“{code}”，却不让处理人看到它：请把它也加到可看或可填的字段里（show、edit）",
    "“{node}” requires “{code}”, which its people are not shown: name it in show or edit too",
)
NOT_EVALUATED = Words(
    "“{node}”的接收条件“{criterion}”算不出来（{why}）：请改写这个条件",
    "“{node}”: the criterion “{criterion}” cannot be worked out ({why}): write it anew",
)
FILES_OF_RECORD = Words(
    "“{node}”：流程不针对记录，交接单不能有字段和文件，请删去它们，或在流程设置里选一种记录",
    "“{node}”: the process is about no record, so a packet has neither fields nor files: leave them out, or choose records in its settings",
)
NO_PARAM = Words(
    "“{node}”：操作“{verb}”没有参数“{code}”，请删去，或改成它有的参数{takes}",
    "“{node}”: the act “{verb}” has no parameter “{code}”: leave it out, or take one that it has{takes}",
)
TAKES = Words("（{names}）", " ({names})")
SYSTEM_FIELD = Words(
    "“{node}”：“{code}”由系统填写，不能编辑，请从可填的字段里删去",
    "“{node}”: “{code}” is filled in by the system and cannot be edited: leave it out of what is filled in",
)
NO_RECORD = Words(
    "“{node}”用到了表单、操作或记录的字段，而流程不针对记录：请在流程设置里选一种记录（heli:subject），或删去它们",
    "“{node}” has a form, an act or a field of a record, and the process is about no record: "
    "choose records in its settings (heli:subject), or leave them out",
)
NO_RECORD_BUT = Words(
    "“{node}”用到了表单、操作或记录的字段，而流程针对「{what}」，那不是记录：请删去它们",
    "“{node}” has a form, an act or a field of a record, and the process is about each {what}, which is none: leave them out",
)
NO_NAME = Words(
    "用到了“{code}”，没有这个值：请改成 record.字段、change.字段、changed、data.名称或 initiator",
    "“{code}” is looked at here and means nothing: take record.FIELD, change.FIELD, changed, data.NAME or initiator",
)
HERE = Words("“{node}”{said}", "“{node}”: {said}")
ON_THE_WAY = Words("从{source}到{target}的连线{said}", "the flow from {source} to {target}: {said}")
NO_SUCH = Words(
    "用到了“{code}”，而{type}没有这个字段：请另选一个字段",
    "{type} has no field “{code}”, which is looked at here: choose another",
)
NO_RECORDS = Words(
    "用到了记录的“{code}”，而流程不针对记录：请改掉这里，或在流程设置里选一种记录",
    "{code} of the record is looked at here, and the process is about no record: change this, or choose records in its settings",
)
NOT_PROPOSED = Words(
    "“{code}”不能作为变更申请的字段，它由系统填写，或指向别的记录和人员：请从可变更的字段里删去（proposes）",
    "“{code}” cannot be proposed, since the system fills it in or it names records or people: leave it out of what may be changed (proposes)",
)
NOTHING = Words(
    "“{node}”的操作“{code}”没有写明要写什么：edit 请写上字段和值（heli:give），change 请在流程设置里选可变更的字段（proposes）",
    "“{node}”: “{code}” does not say what is written: give edit its fields and values (heli:give), "
    "and change the fields that may be changed (proposes)",
)
ONLY_SHOWN = Words(
    "“{node}”是抄送，只给人看，没有人填写：请从它的表单里删去 edit 和 require",
    "“{node}” is a copy, which is read and where nobody fills anything in: take edit and require out of its form",
)
WHILE_THEIRS = Words(
    "“{node}”有人处理，字段在待办期间可看：请删去 lasts，它只用于抄送",
    "“{node}” is somebody's work, and shows its fields while they have it: take lasts out, which is of copies",
)
MOST_STEPS = 3
"""Links that a path may follow."""
NO_EVENT = Words(
    "“{node}”等待事件“{event}”，没有这个事件：请另选一个",
    "“{node}” waits for the event “{event}”, and there is none: choose another",
)
NOT_OURS = Words(
    "“{node}”：“{event}”不是本流程记录的事件，请用 by 写明它的哪个字段指向本流程的记录",
    "“{node}”: “{event}” happens with other records: say by which of their fields they name the record of this process (by)",
)
NO_SIGNAL = Words(
    "“{node}”：流程针对记录，信号和定时器说不出是哪一条，不能由它们发起，请改由记录的事件或由人发起",
    "“{node}”: the process is about a record, and neither a signal nor a timer says which: let an event of a record, or somebody, begin it",
)
NO_PROCESS = Words(
    "“{node}”调用流程“{code}”，没有这个可发起的流程：请先发布它（停用了的重新启用），或换一个流程",
    "“{node}” calls the process “{code}”, and there is none that can be begun: publish it first (open it again where it was closed), or call another",
)
CALLS_ITSELF = Words(
    "“{node}”：流程“{code}”会反过来调用本流程，没有尽头，请换一个流程，或去掉其中一处调用",
    "“{node}”: “{code}” calls this process again, without an end: call another, or take one of the calls out",
)
BY_ITSELF = Words(
    "“{node}”：流程“{code}”只由事件或定时器发起，不能调用，请换一个流程，或给它加一个由人发起的开始",
    "“{node}”: only events or timers begin “{code}”, so it cannot be called: call another, or give it a start that waits for nothing",
)
OTHER_RECORD = Words(
    "“{node}”：流程“{code}”针对另一种记录，请写明是哪一条（heli:call record）",
    "“{node}”: “{code}” is about records of another type: say which one (record of heli:call)",
)
OTHER_PROCESS = Words(
    "「{what}」已经有流程“{process}”：请修改它，或先停用它",
    "{process} is for each {what} already: change it, or close it first",
)
BEGINS_WITH = Words(
    "「{what}」自己发起流程：请只留一个开始，不等待任何事件",
    "each {what} begins its case itself: leave one start, without an event",
)
ONE_STEP = Words(
    '要有一个步骤做“{step}”，现在有 {n} 个：请{then}（heli:does verb="{code}"）',
    'one node has to do “{step}”, and {n} do: {then} (heli:does verb="{code}")',
)
STEP_AS = Words(
    "“{node}”做“{step}”，谁来处理由事项自己决定：请写成 rule='matter'、mode='any'、empty='stop'，{moves}，到时不自动决定（不写 outcome），"
    "没有表单和参数，不放进子流程",
    "“{node}” does “{step}”, and what the case is about says who: write rule='matter', mode='any', empty='stop', {moves}, no outcome, "
    "no form, no parameters, in no sub-process",
)
ADD_ONE, TOO_MANY = Words("加一个", "add one"), Words("只留一个", "leave one")
REJECT_ALONE = Words("只允许 reject（to='any'）", "reject (to='any') and nothing else")
NO_MOVE = Words("不允许任何流转动作", "no moves at all")
NO_STEP = Words(
    '“{node}”：rule="matter" 只用于处理事项本身的步骤，请换一条找人规则',
    '“{node}”: rule="matter" is for the steps of what the case is about: choose another rule',
)
DONE = ("create", "edit", "delete", "restore")
"""What happens with records of every type."""
NO_POSITION = Words(
    "“{node}”由岗位“{code}”处理，没有这个岗位：请换一个岗位，或先在「组织」里设立它",
    "“{node}” is for the position “{code}”, and there is none: choose another, or set it up under “Organisation” first",
)
NO_ROLE = Words(
    "“{node}”由角色“{code}”处理，没有这个角色：请换一个角色，或先在「权限」里设立它",
    "“{node}” is for the role “{code}”, and there is none: choose another, or set it up under “Permissions” first",
)
NO_DEPARTMENT = Words(
    "“{node}”的找人规则用到部门“{code}”，没有这个部门：请换一个部门，或先在「组织」里设立它",
    "“{node}” finds people by the department “{code}”, and there is none: choose another, or set it up under “Organisation” first",
)
COMPANYS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("positions", "position", ("position", "turn")), ("departments", "department", ()), ("people", "person", ("person",)),
    ("roles", "role", ("role", "chosen")),
)  # fmt: skip
"""What rules name that only a company has: what it is, the parameter that says it, and of which rules (none: of any)."""
MOST_STARTS = 20
"""Starts of one process: each clock among them begins a case a minute, at most."""
STARTS = Words(
    "有 {n} 个开始事件，最多 {most} 个：请删去一些，或拆成几个流程",
    "it has {n} start events, and there may be {most}: take some out, or make several processes of it",
)
NO_LIST = Words(
    "“{node}”逐个办理的应是一个列表或整数，这里却是{found}：请另选一个列表字段，或填写次数",
    "“{node}”: what it is done once for each of is a list or a whole number, not {found}: choose a list, or give a number of times",
)
NO_EACH = Words(
    "“{node}”逐个办理的列表算不出来（{why}）：请另选一个列表字段，或填写次数",
    "“{node}”: what it is done once for each of cannot be worked out ({why}): choose a list, or give a number of times",
)
NEVER_EACH = Words("“{node}”逐个办理 0 次：请至少写 1 次", "“{node}” is done no time at all: say at least once")
EACH_TOO_MANY = Words(
    "“{node}”逐个办理 {n} 次，最多 {most} 次：请减少，或拆成几步",
    "“{node}” is done {n} times, and there may be {most}: take fewer, or make several steps of it",
)
NO_ONE = Words(
    "“{node}”由“{code}”处理，没有这个人：请另选一个人，最好改用岗位或负责人",
    "“{node}” is for “{code}”, and there is nobody called that: choose somebody else, or better a position or a head",
)
NO_PERSON_FIELD = Words(
    "“{node}”由记录上的“{code}”处理，而它不是人员字段：请另选一个，如负责人",
    "“{node}” is for whom “{code}” of the record names, and it names nobody: choose another field, such as the owner",
)
NO_BEGINNER = Words(
    "“{node}”：“{code}”不是人员字段，不能作发起人，请另选一个，如负责人",
    "“{node}”: “{code}” names nobody who could count as having begun it: choose another field, such as the owner",
)


def check(definition: Definition, company: Company | None) -> list[Problem]:
    """Types, fields, acts, people that it names and that are not there. Without a company what only a company has is not looked up."""
    kind: ObjectType | None = None
    found: list[Problem] = []
    matter = matters.of(definition)
    if matter is not None:
        found += _matter(definition, matter, company)
    elif definition.subject is not None:
        kind = TYPES.get(definition.subject.type)
        if kind is None:
            found.append(Problem(definition.id, "type", NO_TYPE.fill(code=definition.subject.type[:60])))
            found += [problem for node in definition.nodes for problem in _people(node, node.words, company)]
            return found + _calls(definition, None, company, about=False)
        subject = definition.subject
        for verb in (subject.begins, subject.rejected, subject.withdrawn):
            if verb and verb_of(kind.code, verb) is None:
                found.append(
                    Problem(definition.id, "verb", NO_VERB.fill(node=definition.name, type=kind.words, code=verb))
                )
        if subject.right not in kind.all_actions:
            found.append(
                Problem(definition.id, "verb", NO_VERB.fill(node=definition.name, type=kind.words, code=subject.right))
            )
        for code in dict.fromkeys((*subject.holds, *subject.proposes, *subject.guards)):
            if code not in kind.fields:
                found.append(
                    Problem(definition.id, "field", NO_FIELD.fill(node=definition.name, type=kind.words, code=code))
                )
            elif code in subject.proposes and not proposable(kind.fields[code]):
                words = NOT_PROPOSED.fill(code=kind.fields[code].words)
                found.append(Problem(definition.id, "proposes", words))
        for code in subject.only:
            if code != acts.DELETE and verb_of(kind.code, code) is None:
                words = NO_VERB.fill(node=definition.name, type=kind.words, code=code)
                found.append(Problem(definition.id, "verb", words))
    proposes = definition.subject is not None and bool(definition.subject.proposes)
    for node in definition.nodes:
        if not (matter is not None and node.does is not None and node.does.verb in matter.steps):
            found += _node(node, kind, company, proposes, matter)
    heard = {name for one in definition.nodes if one.hears and one.hears.where for name in one.hears.where.names}
    for name in sorted(definition.named):
        if matter is not None and name.removeprefix(MATTER) in matter.values and name.startswith(MATTER):
            continue
        if not _known(name, kind) and not (name.startswith(EVENT) and name in heard):
            found += _unknown(definition, name, kind)
    if len(definition.starts) > MOST_STARTS:
        found.append(Problem(definition.id, "starts", STARTS.fill(n=len(definition.starts), most=MOST_STARTS)))
    return found + _calls(definition, kind, company)


def names(definition: Definition) -> dict[str, tuple[str, ...]]:
    """What a definition names that only a company has, by what it is."""
    found: dict[str, set[str]] = {one: set() for one in ("positions", "departments", "people", "roles", "processes")}
    rules = [one for node in definition.nodes if node.task is not None for one in node.task.rules]
    for rule in rules:
        for what, key, of in COMPANYS:
            if rule.given.get(key) and (not of or rule.rule in of):
                found[what].add(rule.given[key])
    found["processes"] |= {one.call.process for one in definition.nodes if one.call is not None and one.call.process}
    return {what: tuple(sorted(some)) for what, some in found.items()}


def _matter(definition: Definition, matter: Matter, company: Company | None) -> Iterable[Problem]:
    """Each step of the matter is there once, as its people's of the moment, and decided as the matter decides it; nothing but the matter
    begins a case."""
    others = Process.objects.filter(type=matter.code, closed_at=None, current__isnull=False).exclude(code=definition.id)
    for process in others[:1] if company is not None else ():
        yield Problem(definition.id, "matter", OTHER_PROCESS.fill(what=matter.words, process=process.words))
    if definition.by_itself or definition.begun is None:
        yield Problem(definition.id, "matter", BEGINS_WITH.fill(what=matter.words))
    for name, words in matter.steps.items():
        nodes = [one for one in definition.nodes if one.does is not None and one.does.verb == name]
        moves = {Move.REJECT} if matter.refusable else set[Move]()
        if len(nodes) != 1:
            yield Problem(
                definition.id,
                "step",
                ONE_STEP.fill(step=words, code=name, n=len(nodes), then=TOO_MANY if nodes else ADD_ONE),
            )
        for node in nodes:
            task = node.task
            plain = (
                node.kind is Kind.USER and task is not None and [one.rule for one in task.assignees] == ["matter"]
                and task.mode is Mode.ANY and task.empty == "stop" and task.self == "allow" and task.same == "ask"
                and not task.outcome and task.moves == moves and (task.rejection.to == "any" or not moves)
                and not task.form.show and not task.candidates
                and node.does is not None and not node.does.gives and node.level == -1
            )  # fmt: skip
            if not plain:
                yield Problem(
                    node.element,
                    "step",
                    STEP_AS.fill(node=node.words, step=words, moves=REJECT_ALONE if moves else NO_MOVE),
                )
    for node in definition.nodes:
        if any(one.rule == "matter" for one in (node.task.rules if node.task else ())) and not (
            node.does is not None and node.does.verb in matter.steps
        ):
            yield Problem(node.element, "step", NO_STEP.fill(node=node.words))


def proposable(one: f.Field) -> bool:
    """Whether a new value of this field can be proposed: a value of its own, that people write."""
    refers = isinstance(one, f.PersonRef | f.DepartmentRef | f.Link | f.Links | f.Lines)
    return not (one.readonly or one.flow or refers)


def _known(name: str, kind: ObjectType | None) -> bool:
    if name.startswith(RECORD):
        path = name.removeprefix(RECORD)
        return kind is not None and (path == ITSELF or at_end(kind, path) is not None)
    if name.startswith(CHANGE):
        return kind is not None and name.removeprefix(CHANGE) in kind.fields
    return name in ("initiator", CHANGED) or name.startswith(DATA)


def _unknown(definition: Definition, name: str, kind: ObjectType | None) -> Iterable[Problem]:
    """A name that means nothing, at each branch whose condition has it and at each node that has; else of the whole."""
    words = NO_NAME.fill(code=name)
    if name.startswith(RECORD):
        code = name.removeprefix(RECORD)
        words = NO_SUCH.fill(code=code, type=kind.words) if kind is not None else NO_RECORDS.fill(code=code)
    at: dict[str, Words] = {}
    for flow in definition.flows:
        if flow.condition is not None and name in flow.condition.names:
            source, target = (soundness.called(definition, definition.nodes[end]) for end in (flow.source, flow.target))
            at.setdefault(flow.id.partition(":")[0], ON_THE_WAY.fill(source=source, target=target, said=words))
    for node in definition.nodes:
        enough = node.call.enough.names if node.call is not None and node.call.enough is not None else frozenset[str]()
        if name in enough or any(name in one.names for one in node.expressions):
            at.setdefault(node.element, HERE.fill(node=node.words, said=words))
    for place, said in (at or {definition.id: words}).items():
        yield Problem(place, "name", said)


def at_end(kind: ObjectType, path: str) -> f.Field | None:
    """The field that a path leads to, over links of the fields before; None where there is none."""
    *way, last = path.split(".")
    for step in way:
        one = kind.fields.get(step)
        if not isinstance(one, f.Link) or len(way) > MOST_STEPS:
            return None
        kind = TYPES[one.target]
    return kind.fields.get(last)


def _event(node: Node, called: Words, kind: ObjectType | None) -> Iterable[Problem]:
    """An event of a record has to be one that there is, about a record that leads to ours."""
    hears = node.hears
    if hears is None:
        return
    theirs = of_record(hears.name) if hears.kind == "message" else None
    if theirs is not None:
        yield from _of_record(node, called, hears, theirs, kind)
    elif hears.by:
        yield Problem(node.element, "event", NO_EVENT.fill(node=called, event=hears.name))
    if node.kind is Kind.START and kind is not None and hears.kind == "signal":
        yield Problem(node.element, "event", NO_SIGNAL.fill(node=called))
    if hears.initiator and not (kind is not None and isinstance(kind.fields.get(hears.initiator), f.PersonRef)):
        yield Problem(node.element, "field", NO_BEGINNER.fill(node=called, code=hears.initiator))


def _of_record(
    node: Node, called: Words, hears: Hears, theirs: ObjectType, kind: ObjectType | None
) -> Iterable[Problem]:
    if hears.name.partition(".")[2] not in {*DONE, *(one.code for one in verbs_of(theirs.code))}:
        yield Problem(node.element, "event", NO_EVENT.fill(node=called, event=hears.name))
    for name in sorted(hears.where.names) if hears.where is not None else ():
        if name.startswith(EVENT) and name.removeprefix(EVENT) not in theirs.fields:
            yield Problem(node.element, "field", NO_FIELD.fill(node=called, type=theirs.words, code=name[:60]))
    if not hears.by:
        ours = theirs is kind
    elif hears.by not in theirs.fields:
        yield Problem(node.element, "field", NO_FIELD.fill(node=called, type=theirs.words, code=hears.by[:60]))
        return
    else:
        other = theirs.fields[hears.by]
        ours = isinstance(other, f.Link) and kind is not None and other.target == kind.code
    if not ours and hears.key is None and (kind is not None or node.kind is not Kind.START):
        yield Problem(node.element, "event", NOT_OURS.fill(node=called, event=hears.name))


def _calls(
    definition: Definition, kind: ObjectType | None, company: Company | None, *, about: bool = True
) -> list[Problem]:
    """Processes that it calls have to be there, to be about what they are handed, and not to call it again. ``about``: whether it is
    known what this one is about."""
    found: list[Problem] = []
    for node in definition.nodes:
        if node.kind is Kind.START and node.timer is not None and kind is not None:
            found.append(Problem(node.element, "event", NO_SIGNAL.fill(node=node.words)))
        if node.call is None or not node.call.process:
            continue
        code = node.call.process
        if company is None and code != definition.id:
            continue
        other = current(code) if company is not None else None
        if code == definition.id or (other is not None and _leads(other, definition.id, {code})):
            found.append(Problem(node.element, "circle", CALLS_ITSELF.fill(node=node.words, code=code[:60])))
        elif other is None:
            found.append(Problem(node.element, "process", NO_PROCESS.fill(node=node.words, code=code[:60])))
        elif other.begun is None or matters.of(other) is not None:
            found.append(Problem(node.element, "process", BY_ITSELF.fill(node=node.words, code=code)))
        elif about and (
            node.call.record is None and other.subject is not None and (kind is None or other.subject.type != kind.code)
        ):
            found.append(Problem(node.element, "process", OTHER_RECORD.fill(node=node.words, code=code)))
    return found


def current(code: str) -> Definition | None:
    """What cases of this process run by; None where there is none that can be begun."""
    process = Process.objects.filter(code=code, closed_at=None, current__isnull=False).select_related("current").first()
    return library.definition(process.current) if process is not None and process.current is not None else None


def _leads(definition: Definition, code: str, seen: set[str]) -> bool:
    """Whether this calls that process, itself or by others."""
    for node in definition.nodes:
        called = node.call.process if node.call is not None else ""
        if called == code:
            return True
        if called and called not in seen:
            seen.add(called)
            other = current(called)
            if other is not None and _leads(other, code, seen):
                return True
    return False


def _node(
    node: Node, kind: ObjectType | None, company: Company | None, proposes: bool, matter: Matter | None
) -> Iterable[Problem]:
    called = node.words
    form = node.task.form if node.task is not None else None
    task = node.task
    yield from _event(node, called, kind)
    skips = task is not None and ("skip" in (task.self, task.empty) or task.same == "dedupe")
    if node.kind is Kind.USER and node.does is not None and skips:
        yield Problem(node.element, "skipped", SKIPPED.fill(node=called, code=node.does.verb))
    if node.does is not None and task is not None and task.outcome == "approve":
        yield Problem(node.element, "outcome", NOT_BY_ITSELF.fill(node=called, code=node.does.verb))
    hidden = [code for code in form.require if code not in form.show] if form is not None else []
    if form is not None and node.kind is Kind.SEND and (form.edit or form.require):
        yield Problem(node.element, "copied", ONLY_SHOWN.fill(node=called))
    if form is not None and node.kind is Kind.USER and form.lasts:
        yield Problem(node.element, "lasts", WHILE_THEIRS.fill(node=called))
    for code in hidden:
        yield Problem(node.element, "hidden", NOT_SHOWN.fill(node=called, code=code))
    yield from _handoff(node, called, kind)
    yield from _each(node, called, kind)
    if kind is None:
        joins = task is not None and bool(task.joins)
        if joins or node.does is not None or (form is not None and (form.show or form.require)):
            about = NO_RECORD_BUT.fill(node=called, what=matter.words) if matter is not None else None
            yield Problem(node.element, "no_record", about or NO_RECORD.fill(node=called))
    else:
        for code in dict.fromkeys((*form.show, *form.require)) if form is not None else ():
            if code not in kind.fields:
                yield Problem(node.element, "field", NO_FIELD.fill(node=called, type=kind.words, code=code))
        for code in form.edit if form is not None else ():
            one = kind.fields.get(code)
            if one is not None and (one.readonly or one.flow):
                yield Problem(node.element, "readonly", SYSTEM_FIELD.fill(node=called, code=one.words))
        if node.does is not None and node.does.verb in acts.BUILT_IN:
            yield from _built_in(node, called, kind, proposes)
        elif node.does is not None:
            verb = verb_of(kind.code, node.does.verb)
            if verb is None:
                yield Problem(node.element, "verb", NO_VERB.fill(node=called, type=kind.words, code=node.does.verb))
            else:
                for name in node.does.gives:
                    if name not in verb.params:
                        some = quoted(*verb.params)
                        takes = TAKES.fill(names=some) if verb.params else Words("", "")
                        said = NO_PARAM.fill(node=called, verb=verb.words, code=name, takes=takes)
                        yield Problem(node.element, "parameter", said)
    yield from _people(node, called, company)
    for rule in node.task.rules if node.kind in (Kind.USER, Kind.SEND) and node.task is not None else ():
        if rule.rule == "field" and rule.given.get("field"):
            one = at_end(kind, rule.given["field"].removeprefix(RECORD)) if kind is not None else None
            if not isinstance(one, f.PersonRef):
                yield Problem(node.element, "field", NO_PERSON_FIELD.fill(node=called, code=rule.given["field"][:60]))


def _handoff(node: Node, called: Words, kind: ObjectType | None) -> Iterable[Problem]:
    """What is handed over is there, and what it depends on can be worked out of a record with something in every field."""
    handoff = node.task.handoff if node.task is not None else None
    if handoff is None:
        return
    if kind is None and (handoff.fields or handoff.files):
        yield Problem(node.element, "no_record", FILES_OF_RECORD.fill(node=called))
    for one in handoff.criteria:
        unknown = next((name for name in sorted(one.when.names) if not _known(name, kind)), None)
        why = NO_NAME.fill(code=unknown) if unknown is not None else None
        if why is None and all(name.startswith(RECORD) for name in one.when.names):
            try:
                one.when.holds(lambda name: _ordinary(kind, name), clock.now().date())
            except ExpressionError as error:
                why = error.words
        if why is not None:
            yield Problem(node.element, "criterion", NOT_EVALUATED.fill(node=called, criterion=one.words, why=why))


def _each(node: Node, called: Words, kind: ObjectType | None) -> Iterable[Problem]:
    """What a node is done once for each of is a list or a number, as far as that is seen before a case runs."""
    each = node.call.each if node.call is not None else None
    if each is None or not all(name.startswith(RECORD) and _known(name, kind) for name in each.names):
        return
    try:
        found = each.value(lambda name: _ordinary(kind, name), clock.now().date())
    except ExpressionError as error:
        yield Problem(node.element, "each", NO_EACH.fill(node=called, why=error.words))
        return
    if not isinstance(found, tuple | Decimal) or (isinstance(found, Decimal) and found != found.to_integral_value()):
        said = Words(str(found), str(found)) if isinstance(found, Decimal) else kind_of(found)
        yield Problem(node.element, "each", NO_LIST.fill(node=called, found=said))
    elif not each.names:
        n = len(found) if isinstance(found, tuple) else found
        if n <= 0:
            yield Problem(node.element, "each", NEVER_EACH.fill(node=called))
        elif n > MOST_CASES:
            yield Problem(node.element, "each", EACH_TOO_MANY.fill(node=called, n=n, most=MOST_CASES))


def _ordinary(kind: ObjectType | None, name: str) -> Value:
    """Something that may stand in this field."""
    one = at_end(kind, name.removeprefix(RECORD)) if kind is not None else None
    if isinstance(one, Scaled):
        return Decimal(1)
    if isinstance(one, f.DateTime):
        return clock.now().replace(tzinfo=None)
    if isinstance(one, f.Date):
        return clock.now().date()
    if isinstance(one, f.YesNo):
        return True
    return ("x",) if isinstance(one, f.Choices | f.Links | f.Lines) else "x"


def _built_in(node: Node, called: Words, kind: ObjectType, proposes: bool) -> Iterable[Problem]:
    """An act that every type knows: what it makes is there, and so are the fields that it writes."""
    does = node.does
    assert does is not None
    if does.verb == acts.CREATE and does.type not in TYPES:
        yield Problem(node.element, "type", NO_MADE.fill(node=called, code=does.type[:60]))
        return
    about = TYPES[does.type] if does.verb == acts.CREATE else kind
    for code in does.gives:
        one = about.fields.get(code)
        if one is None:
            yield Problem(node.element, "field", NO_FIELD.fill(node=called, type=about.words, code=code))
        elif (one.readonly or one.flow) and not (does.verb == acts.CREATE and code == acts.HOLDER):
            yield Problem(node.element, "readonly", SYSTEM_FIELD.fill(node=called, code=one.words))
    if (does.verb == acts.CHANGE and not proposes) or (does.verb == acts.EDIT and not does.gives):
        yield Problem(node.element, "nothing", NOTHING.fill(node=called, code=does.verb))


def _people(node: Node, called: Words, company: Company | None) -> Iterable[Problem]:
    """Positions, roles, departments and people that its rules name are there."""
    if company is None or node.kind not in (Kind.USER, Kind.SEND) or node.task is None:
        return
    world = company.world
    for rule in node.task.rules:
        given, known = rule.given, RULES.get(rule.rule)
        if known is None or any(not given.get(name) for name in known.wants):
            continue  # said already: what it does not name cannot be missing here
        if rule.rule in ("position", "turn") and given.get("position") not in world.position_codes:
            yield Problem(node.element, "position", NO_POSITION.fill(node=called, code=given.get("position", "")[:60]))
        if rule.rule in ("role", "chosen") and given.get("role") and given["role"] not in world.roles:
            yield Problem(node.element, "role", NO_ROLE.fill(node=called, code=given["role"][:60]))
        if given.get("department") and not any(one.code == given["department"] for one in world.tree.nodes.values()):
            yield Problem(node.element, "department", NO_DEPARTMENT.fill(node=called, code=given["department"][:60]))
        if rule.rule == "person" and not any(one.username == given.get("person") for one in world.people.values()):
            yield Problem(node.element, "person", NO_ONE.fill(node=called, code=given.get("person", "")[:60]))
