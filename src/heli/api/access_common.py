"""What the permission centre's routes share: who may read the rules, the draft asked for, schemas of lines in words."""

from __future__ import annotations

from typing import Any

from heli.api import shape
from heli.api.common import WORDS, ref
from heli.api.route import Call, Param
from heli.kernel.errors import Refused
from heli.kernel.words import Words
from heli.policy import asked

TEXT: shape.Schema = {"type": "string"}
NUMBER: shape.Schema = {"type": "integer"}
FLAG: shape.Schema = {"type": "boolean"}
CODE = shape.text(80, 1)
LINE = shape.record(
    {
        "type": shape.text(64, 1),
        "actions": shape.array(shape.text(64), 50),
        "scope": shape.array(shape.text(80), 50),
        "where": {"type": "array", "maxItems": 20},
        "read": {"type": "object", "maxProperties": 300},
        "write": {"type": ["array", "object"], "maxItems": 300, "maxProperties": 300},
        "limit": {"type": ["string", "integer", "null"], "maxLength": 30},
    },
    required=("type", "actions", "scope"),
)
"""A permission line as roles state it; checked as a whole by the rule language."""
RAW: shape.Schema = {"type": "object", "description": "A permission line as roles state it"}
TOLD = shape.record(
    {
        "type": TEXT, "type_name": ref(WORDS), "actions": shape.array(ref(WORDS)), "scopes": shape.array(ref(WORDS)),
        "where": shape.array(ref(WORDS)), "levels": shape.array(ref(WORDS)),
        "writes": shape.nullable(ref(WORDS)), "limit": shape.nullable(ref(WORDS)), "sentence": ref(WORDS), "line": RAW,
    }
)  # fmt: skip
SCHEMAS = {"ToldLine": TOLD}
DRAFT = Param("draft", shape.NUMBER_ID, "As this draft would have it")
NO_RULES = Words(
    "权限规则只给审计员和安全管理员看；对某条记录的疑问可用「为什么」",
    "the rules are for auditors and security administrators; for a question about one record, ask “why”",
)


def needs_rules(call: Call) -> None:
    """Raises Refused for who may not read the rules."""
    view = call.viewer.view
    if view is None or not view.may("policy", "read"):
        raise Refused(
            NO_RULES,
            code="no_line",
            why={"code": "no_line", "words": NO_RULES.json(), "action": "read", "type": "policy"},
        )


def told_question(call: Call, action: str, about: str = "") -> None:
    """A question with conditions of its own counts records that fulfil them: each is written down, like a draft's changes; those about one
    rule (``about``) within a minute together."""
    asked.tell(call.viewer.actor, action, about, call.body)


def named(state: Any) -> dict[str, str]:
    """The name of a role, ceiling or duty from its state."""
    return Words(state["name"], state["name_en"] or state["name"]).json()
