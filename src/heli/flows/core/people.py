"""Whom a node may name: the rules that find people, and which parameters each takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from heli.flows.core.definition import Assignee, Definition, Kind, Node
from heli.kernel.errors import Problem
from heli.kernel.words import Words

WAYS = ("any", "start", "previous", "end")
"""What ``heli:rejection to`` and whoever rejects call places without naming a node."""
OF = ("initiator", "previous", "owner")
"""Whose manager, leader or department: who began it, who did the node before, who owns the record."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to find people. ``takes`` maps a parameter to what it may be, () for anything; ``wants`` must be given."""

    words: Words
    takes: Mapping[str, tuple[str, ...]]
    wants: tuple[str, ...] = ()


RULES: Mapping[str, Rule] = {
    "person": Rule(Words("指定的人", "a named person"), {"person": ()}, ("person",)),
    "position": Rule(
        Words("部门里的岗位", "a position in a department"), {"position": (), "department": (), "of": OF}, ("position",)
    ),
    "turn": Rule(
        Words("岗位上轮到的人", "whose turn it is of those who hold a position"),
        {"position": (), "department": (), "of": OF},
        ("position",),
    ),
    "manager": Rule(Words("上级", "the manager"), {"of": OF, "levels": ("1", "2", "3", "4", "5")}),
    "leader": Rule(Words("分管领导", "the overseeing leader"), {"of": OF}),
    "head": Rule(Words("部门负责人", "the head of the department"), {"of": OF, "department": ()}),
    "project": Rule(Words("项目里的角色", "a role in the project"), {"role": ()}, ("role",)),
    "role": Rule(Words("角色", "a role"), {"role": ()}, ("role",)),
    "field": Rule(Words("记录上的人", "a person on the record"), {"field": ()}, ("field",)),
    "data": Rule(Words("流程数据里的人", "a person in the case's data"), {"name": ()}, ("name",)),
    "matter": Rule(Words("该事项轮到的人", "whose turn it is in what the case is about"), {}),
    "initiator": Rule(Words("发起人", "who began it"), {}),
    "chosen": Rule(Words("发起人选择的人", "whom the initiator chooses"), {"role": (), "department": ()}),
}  # fmt: skip

SAYS: Mapping[str, Words] = {
    "person": Words("哪个人（person）", "which person (person)"),
    "position": Words("哪个岗位（position）", "which position (position)"),
    "role": Words("哪个角色（role）", "which role (role)"),
    "field": Words("哪个字段（field）", "which field (field)"),
    "name": Words("哪个数据（name）", "which of the case's data (name)"),
}
"""What a rule wants to be told, in words, and as the file writes it."""
UNSAID = Words(
    "“{node}”：找人规则「{rule}」还没有说是{what}，请选上", "“{node}”: “{rule}” does not say {what} yet: choose it"
)
PARTS: Mapping[str, Words] = {
    "candidates": Words("可以转给的人", "those to whom it may be handed"), "accountable": Words("负责人（A）", "who answers for it (A)"),
    "consulted": Words("征询（C）", "who is consulted (C)"), "informed": Words("知会（I）", "who is informed (I)"),
}  # fmt: skip
"""Rules of a step that do not say who does it."""
OF_PART = Words("{node}”的“{part}", "{node}”, “{part}")
NOBODY = Words(
    "“{node}”没有写谁来处理：请选一条找人规则，如部门负责人、岗位或上级",
    "“{node}” does not say who does it: choose a rule, such as the head of a department, a position or the manager",
)


def check(definition: Definition) -> list[Problem]:
    """Nodes without anybody to do them, rules that do not exist, parameters that are missing or unknown; the latter of copies too."""
    found: list[Problem] = []
    for node in definition.nodes:
        if node.kind is Kind.USER:
            found += _node(node)
        elif node.kind is Kind.SEND and node.task is not None:
            found += (one for rule in node.task.assignees for one in _rule(node, node.words, rule))
    return found


def _node(node: Node) -> Iterable[Problem]:
    called = node.words
    assert node.task is not None
    if node.id in WAYS:
        zh = f"“{called.zh}”的 id 不能是 {node.id}，退回时它表示别的去处：请换一个 id"
        yield Problem(
            node.element,
            "reserved",
            Words(
                zh,
                f"the id of “{called.en}” cannot be {node.id}, which for a rejection means another place: give it another",
            ),
        )
    if not node.task.assignees:
        yield Problem(node.element, "nobody", NOBODY.fill(node=called))
    if len(node.task.accountable) > 1:
        zh = f"“{called.zh}”写了 {len(node.task.accountable)} 个负责人（A），只能有一个：请删去其余的"
        words = Words(
            zh,
            f"“{called.en}” names {len(node.task.accountable)} who answer for it, and there is one: take the others out",
        )
        yield Problem(node.id, "accountable", words)
    for one in node.task.assignees:
        yield from _rule(node, called, one)
    for part, said in PARTS.items():
        for one in getattr(node.task, part):
            yield from _rule(node, OF_PART.fill(node=called, part=said), one)


def _rule(node: Node, called: Words, one: Assignee) -> Iterable[Problem]:
    rule = RULES.get(one.rule)
    if rule is None:
        zh = f"“{called.zh}”的找人规则“{one.rule[:40]}”不存在：请换成 {'、'.join(RULES)} 之一"
        yield Problem(
            node.element,
            "rule",
            Words(
                zh, f"“{called.en}” finds people by “{one.rule[:40]}”, which is no rule: take one of {', '.join(RULES)}"
            ),
        )
        return
    for name in rule.wants:
        if not one.given.get(name):
            yield Problem(
                node.element,
                "missing",
                UNSAID.fill(node=called, rule=rule.words, what=SAYS[name]),
            )
    for name, value in one.given.items():
        known = rule.takes.get(name)
        if known is None:
            yield Problem(
                node.element,
                "unknown",
                Words(
                    f"“{called.zh}”的找人规则「{rule.words.zh}」不认识 {name[:40]}：请删去，或改成 {'、'.join(rule.takes) or '没有参数的写法'}",
                    f"“{called.en}”: “{rule.words.en}” does not know {name[:40]}: leave it out"
                    + (f", or take one of {', '.join(rule.takes)}" if rule.takes else ""),
                ),
            )
        elif known and value not in known:
            yield Problem(
                node.element,
                "value",
                Words(
                    f"“{called.zh}”的 {name} 不能是“{value[:40]}”：请改成 {'、'.join(known)} 之一",
                    f"“{called.en}”: {name} cannot be “{value[:40]}”: take one of {', '.join(known)}",
                ),
            )
