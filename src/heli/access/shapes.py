"""What the rights know of object types: filled by the records layer (and by pages and administration) at start-up."""

from __future__ import annotations

from heli.access.core.line import Shape, TypeShape
from heli.kernel.registry import Registry
from heli.kernel.words import Words

SHAPES: Registry[TypeShape] = Registry("type of object")

DECIDE = "decide"
"""To be told what others may do with it: what a program that asks for decisions holds, by type and scope."""
STANDARD_ACTIONS = frozenset(
    {"read", "create", "edit", "delete", "transfer", "assign", "share", "export", "import", "approve", "grant", DECIDE}
)
"""What every object type knows, beside the verbs that it declares."""

PAGE = "page:"


def add_plain(code: str, zh: str, en: str, actions: frozenset[str]) -> None:
    """Register a type without fields: a page, or a part of administration."""
    SHAPES.add(code, TypeShape(code, Words(zh, en), {}, False, actions | {DECIDE}))


def _administration() -> None:
    add_plain("organisation", "组织", "Organisation", frozenset({"read", "administer"}))
    add_plain("policy", "权限策略", "Policy", frozenset({"read", "administer", "grant"}))
    add_plain("process", "流程", "Processes", frozenset({"read", "design", "administer"}))
    add_plain("audit", "审计日志", "Audit log", frozenset({"read"}))
    add_plain("*", "任何对象", "Any object type", STANDARD_ACTIONS | {"*"})
    add_plain("settings", "系统设置", "Settings", frozenset({"read", "administer"}))


_administration()

__all__ = ["DECIDE", "PAGE", "SHAPES", "STANDARD_ACTIONS", "Shape", "TypeShape", "add_plain"]
