"""How the words of the rules are said: fields, data classes, levels, actions."""

from __future__ import annotations

from heli.access.shapes import SHAPES
from heli.kernel.words import Words
from heli.records.reasons import ACTIONS
from heli.records.types import TYPES
from heli.records.verbs import verb_of

LEVELS = {
    "hidden": Words("不可见", "Hidden"),
    "masked": Words("脱敏", "Masked"),
    "read": Words("只读", "Read"),
    "edit": Words("编辑", "Edit"),
}
CLASSES = {
    "public": Words("公开", "Public"),
    "internal": Words("内部", "Internal"),
    "sensitive": Words("敏感", "Sensitive"),
    "confidential": Words("机密", "Confidential"),
}
ALL_FIELDS = Words("全部字段", "all fields")
MORE_ACTIONS = {
    "open": Words("打开", "open"),
    "grant": Words("授权", "grant"),
    "administer": Words("管理", "administer"),
    "*": Words("任何操作", "anything"),
}


def type_words(code: str) -> Words:
    """An object type, a page or a part of administration by its name."""
    found = SHAPES.get(code)
    return found.words if found is not None else Words(code, code)


def field_words(kind: str, code: str) -> Words:
    """A record's field by its name; what is no field is said by its code."""
    found = TYPES.get(kind)
    one = found.fields.get(code) if found is not None else None
    return one.words if one is not None else Words(code, code)


def cells_words(kind: str, key: str) -> Words:
    """A field, a data class, or all of them."""
    return ALL_FIELDS if key == "*" else CLASSES.get(key) or field_words(kind, key)


def said_action(kind: str, action: str) -> Words:
    """An action as a rule names it."""
    verb = verb_of(kind, action)
    return ACTIONS.get(action) or (verb.words if verb is not None else MORE_ACTIONS.get(action, Words(action, action)))
