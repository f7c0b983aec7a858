"""The reason of a refusal, short enough for a button: what is refused, why, and what to do next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from heli.access.core import explain as core
from heli.access.core.decide import TypeRights
from heli.access.core.explain import Fact
from heli.access.core.line import Cond, Level
from heli.access.viewer import Viewer
from heli.kernel.errors import Refused
from heli.kernel.words import Words
from heli.records.types import ObjectType

ACTIONS: Mapping[str, Words] = {
    "read": Words("查看", "read"),
    "create": Words("新建", "create"),
    "edit": Words("编辑", "edit"),
    "delete": Words("删除", "delete"),
    "transfer": Words("移交", "transfer"),
    "assign": Words("分配", "assign"),
    "share": Words("共享", "share"),
    "export": Words("导出", "export"),
    "import": Words("导入", "import"),
    "approve": Words("审批", "approve"),
    "decide": Words("查询他人权限", "ask decisions on"),
    "claim": Words("领取", "claim"),
    "return": Words("退回公海", "return to the pool"),
}

WORDS: Mapping[str, Words] = {
    "no_line": Words(
        "你的角色都没有{action}{type}的权限；需要时请向安全管理员申请",
        "none of your roles may {action} {type}; ask a security administrator if you need to",
    ),
    "no_scope": Words(
        "你可以{action}{type}，但不包括这一条：它不在你的数据范围内；可请负责人处理或共享",
        "you may {action} {type}, but not this one: it is outside your scope; ask its owner to do it or to share it",
    ),
    "condition": Words(
        "你可以{action}{type}，但这一条现在不行：要求{conditions}",
        "you may {action} {type}, but not this one as it stands: it takes {conditions}",
    ),
    "ceiling": Words(
        "公司上限「{ceiling}」不允许{action}；任何授权都不能超过它",
        "the company's ceiling “{ceiling}” forbids to {action}; no grant passes it",
    ),
    "level": Words(
        "你看不到「{field}」的完整内容，因此也不能修改它", "you cannot read “{field}” in full, so you cannot change it"
    ),
    "readonly": Words(
        "「{field}」由系统或专门的操作填写，不能直接修改",
        "“{field}” is filled in by the system or by an action of its own; it cannot be changed directly",
    ),
    "not_writable": Words(
        "你的角色可以查看「{field}」，但不能修改它；可请负责人修改",
        "your roles may read “{field}” but not change it; ask the record's owner",
    ),
    "lent": Words(
        "你是以协助者的身份编辑它，「{field}」决定谁能看到它，只有本来就有权的人才能修改；可请负责人修改",
        "you edit it as a helper; “{field}” decides who sees it, and only those whose own it is to edit may change it: ask its owner",
    ),
    "unknown": Words("没有这个操作", "no such action"),
}


def action_words(kind: ObjectType, action: str) -> Words:
    """The action in words; a verb has its own."""
    from heli.records.verbs import verb_of

    verb = verb_of(kind.code, action)
    return ACTIONS.get(action) or (verb.words if verb is not None else Words(action, action))


def condition(kind: ObjectType, cond: Cond) -> Fact:
    """A condition of a line with its value as people read it."""
    field = kind.fields.get(cond.field)
    if field is None or cond.op == "empty":
        return core.condition(cond, field.words if field is not None else Words(cond.field, cond.field))
    values = sorted(cond.value) if isinstance(cond.value, frozenset) else [cond.value]
    said = [field.said(value) for value in values]
    shown = Words("、".join(one.zh for one in said), ", ".join(one.en for one in said))
    return core.condition(cond, field.words, shown)


def _lacking(
    rights: TypeRights, kind: ObjectType, action: str, row: Mapping[str, Any], told: Callable[[str], bool]
) -> Words | None:
    """The fewest conditions that a line lacks whose scope the record is in; None when it is in none. A condition on a cell that may
    not be told of is named whether it is met or not."""
    ways = [
        [condition(kind, cond) for cond in held.line.where if not told(cond.field) or not cond.holds(row)]
        for held in rights.held(action)
        if any(grip.holds(row) for grip in held.grips)
    ]
    if not ways or not all(ways):
        return None
    facts = min(ways, key=len)
    return Words("，且".join(one.zh for one in facts), " and ".join(one.en for one in facts))


def reason(
    viewer: Viewer, kind: ObjectType, action: str, row: Mapping[str, Any] | None, field: str | None = None, *,
    rights: TypeRights | None = None, told: Callable[[str], bool] | None = None,
) -> tuple[str, Words]:  # fmt: skip
    """Code and words of why not (for an action that is refused). ``rights``: others than theirs as they stand; ``told``: which
    fields of the row may be spoken of to who is told (those that they read themselves)."""
    if rights is None and viewer.view is not None:
        rights = viewer.view.type(kind.code)
    code, ceiling = "no_line", ""
    if rights is not None and row is not None:
        decision = rights.decide_field(action, field, row, Level.READ) if field else rights.decide(action, row)
        code = decision.reason or "no_line"
        if code.startswith("ceiling:"):
            code, _, ceiling = code.partition(":")
    elif field is not None and (kind.fields[field].readonly or kind.fields[field].flow):
        code = "readonly"
    found = [c for c in (rights.ceilings if rights else ()) if c.code == ceiling]
    lacking = None
    if code == "no_scope" and rights is not None and row is not None:
        own = rights
        lacking = _lacking(own, kind, action, row, told or (lambda one: own.level(one, row) == Level.READ))
    words = WORDS["condition" if lacking is not None else code].fill(
        conditions=lacking or "",
        action=action_words(kind, action),
        type=kind.words,
        field=kind.fields[field].words if field else "",
        ceiling=found[0].words if found else ceiling,
    )
    return code, words


def refusal(
    viewer: Viewer, kind: ObjectType, action: str, row: Mapping[str, Any] | None, field: str | None = None
) -> Refused:
    """The refusal of an action, with its why."""
    code, words = reason(viewer, kind, action, row, field)
    why: dict[str, Any] = {"code": code, "words": words.json(), "action": action, "type": kind.code}
    if field is not None:
        why["field"] = field
    if row is not None and row.get("id") and action != "create":  # a record that is not made has no id
        why["id"] = row["id"]
    return Refused(words, code=code, why=why)
