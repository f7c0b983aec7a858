"""Whether a definition fits this company: what it names has to be there."""

from __future__ import annotations

from collections.abc import Iterable

from heli.flows.core.definition import Assignee, Definition, Kind, Node
from heli.flows.looking import DATA, RECORD
from heli.insight.company import Company
from heli.kernel.errors import Problem
from heli.kernel.words import Words
from heli.records import fields as f
from heli.records.types import TYPES, ObjectType
from heli.records.verbs import verb_of

NO_TYPE = Words("没有对象“{code}”", "there is no object type {code}")
NO_FIELD = Words("“{node}”：{type}没有字段“{code}”", "{node}: {type} has no field {code}")
NO_VERB = Words("“{node}”：{type}没有操作“{code}”", "{node}: {type} has no act {code}")
SKIPPED = Words(
    "“{node}”会执行操作“{code}”，不能被跳过：self、empty 不用 skip，same 不用 dedupe",
    "{node} does the act {code} and cannot be passed over: neither self nor empty is skip, nor same dedupe",
)
NOT_SHOWN = Words(
    "“{node}”要求填写“{code}”，却不让处理人看到它：请加入 show 或 edit",
    "{node} requires {code}, which its people are not shown: name it in show or edit too",
)
NO_PARAM = Words("“{node}”：操作“{verb}”没有参数“{code}”", "{node}: the act {verb} has no parameter {code}")
SYSTEM_FIELD = Words(
    "“{node}”：“{code}”由系统填写，不能编辑", "{node}: {code} is filled in by the system and cannot be edited"
)
NO_RECORD = Words(
    "“{node}”：流程没有 heli:subject，不能用表单、操作和记录的字段",
    "{node}: without heli:subject there is no form, no act and no field of a record",
)
NO_NAME = Words(
    "条件里的“{code}”不存在：可用 record.字段、data.名称、initiator",
    "{code} in a condition means nothing: there are record.FIELD, data.NAME and initiator",
)
NO_POSITION = Words("“{node}”：没有岗位“{code}”", "{node}: there is no position {code}")
NO_ROLE = Words("“{node}”：没有角色“{code}”", "{node}: there is no role {code}")
NO_DEPARTMENT = Words("“{node}”：没有部门“{code}”", "{node}: there is no department {code}")
NO_ONE = Words("“{node}”：没有人员“{code}”", "{node}: there is nobody called {code}")
NO_PERSON_FIELD = Words("“{node}”：“{code}”不是人员字段", "{node}: {code} is no field that names a person")


def check(definition: Definition, company: Company) -> list[Problem]:
    """Types, fields, acts, people that it names and that are not there."""
    kind: ObjectType | None = None
    found: list[Problem] = []
    if definition.subject is not None:
        kind = TYPES.get(definition.subject.type)
        if kind is None:
            return [Problem(definition.id, "type", NO_TYPE.fill(code=definition.subject.type[:60]))]
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
        for code in subject.holds:
            if code not in kind.fields:
                found.append(
                    Problem(definition.id, "field", NO_FIELD.fill(node=definition.name, type=kind.words, code=code))
                )
    for node in definition.nodes:
        found += _node(node, kind, company)
    for name in sorted(definition.named):
        if not _known(name, kind):
            found.append(Problem(definition.id, "name", NO_NAME.fill(code=name)))
    return found


def _known(name: str, kind: ObjectType | None) -> bool:
    if name.startswith(RECORD):
        return kind is not None and name.removeprefix(RECORD) in kind.fields
    return name == "initiator" or name.startswith(DATA)


def _node(node: Node, kind: ObjectType | None, company: Company) -> Iterable[Problem]:
    called = Words(node.name or node.id, node.name or node.id)
    form = node.task.form if node.task is not None else None
    task = node.task
    skips = task is not None and ("skip" in (task.self, task.empty) or task.same == "dedupe")
    if node.kind is Kind.USER and node.does is not None and skips:
        yield Problem(node.id, "skipped", SKIPPED.fill(node=called, code=node.does.verb))
    hidden = [code for code in form.require if code not in form.show] if form is not None else []
    for code in hidden:
        yield Problem(node.id, "hidden", NOT_SHOWN.fill(node=called, code=code))
    if kind is None:
        if node.does is not None or (form is not None and (form.show or form.require)):
            yield Problem(node.id, "no_record", NO_RECORD.fill(node=called))
    else:
        for code in dict.fromkeys((*form.show, *form.require)) if form is not None else ():
            if code not in kind.fields:
                yield Problem(node.id, "field", NO_FIELD.fill(node=called, type=kind.words, code=code))
        for code in form.edit if form is not None else ():
            one = kind.fields.get(code)
            if one is not None and (one.readonly or one.flow):
                yield Problem(node.id, "readonly", SYSTEM_FIELD.fill(node=called, code=one.words))
        if node.does is not None:
            verb = verb_of(kind.code, node.does.verb)
            if verb is None:
                yield Problem(node.id, "verb", NO_VERB.fill(node=called, type=kind.words, code=node.does.verb))
            else:
                for name in node.does.gives:
                    if name not in verb.params:
                        yield Problem(node.id, "parameter", NO_PARAM.fill(node=called, verb=verb.words, code=name))
    if node.kind in (Kind.USER, Kind.SEND) and node.task is not None:
        for rule in (*node.task.assignees, *node.task.candidates):
            yield from _rule(node, called, rule, kind, company)


def _rule(node: Node, called: Words, rule: Assignee, kind: ObjectType | None, company: Company) -> Iterable[Problem]:
    given, world = rule.given, company.world
    if rule.rule == "position" and given.get("position") not in world.position_codes:
        yield Problem(node.id, "position", NO_POSITION.fill(node=called, code=given.get("position", "")[:60]))
    if rule.rule in ("role", "chosen") and given.get("role") and given["role"] not in world.roles:
        yield Problem(node.id, "role", NO_ROLE.fill(node=called, code=given["role"][:60]))
    if given.get("department") and not any(one.code == given["department"] for one in world.tree.nodes.values()):
        yield Problem(node.id, "department", NO_DEPARTMENT.fill(node=called, code=given["department"][:60]))
    if rule.rule == "person" and not any(one.username == given.get("person") for one in world.people.values()):
        yield Problem(node.id, "person", NO_ONE.fill(node=called, code=given.get("person", "")[:60]))
    if rule.rule == "field":
        one = kind.fields.get(given.get("field", "").removeprefix(RECORD)) if kind is not None else None
        if not isinstance(one, f.PersonRef):
            yield Problem(node.id, "field", NO_PERSON_FIELD.fill(node=called, code=given.get("field", "")[:60]))
