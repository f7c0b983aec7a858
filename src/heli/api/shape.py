"""Checking a JSON value against the part of JSON Schema that our own bodies and parameters use.

One schema both describes (in OpenAPI) and checks, so that the two cannot differ.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from heli.kernel.errors import Invalid, Problem
from heli.kernel.storable import UNSTORABLE, storable
from heli.kernel.words import Words

Schema = dict[str, Any]

TEXT_PATTERN = "^[^\\u0000]*$"
"""PostgreSQL stores no NUL."""
ID: Schema = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
NUMBER_ID: Schema = {"type": "string", "pattern": "^[0-9]{1,18}$"}
MOMENT: Schema = {"type": "string", "format": "date-time"}

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}
_NAMES = {
    "string": Words("文本", "text"),
    "integer": Words("整数", "a whole number"),
    "number": Words("数", "a number"),
    "boolean": Words("是或否", "true or false"),
    "array": Words("列表", "a list"),
    "object": Words("对象", "an object"),
    "null": Words("空", "null"),
}


def text(maximum: int, minimum: int = 0) -> Schema:
    """A string of so many characters."""
    found: Schema = {"type": "string", "maxLength": maximum, "pattern": TEXT_PATTERN}
    return {**found, "minLength": minimum} if minimum else found


def nullable(schema: Schema) -> Schema:
    kind = schema.get("type")
    if isinstance(kind, str) and "enum" not in schema:
        return {**schema, "type": [kind, "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def array(items: Schema, maximum: int | None = None) -> Schema:
    found: Schema = {"type": "array", "items": items}
    return {**found, "maxItems": maximum} if maximum is not None else found


def record(properties: dict[str, Schema], required: tuple[str, ...] | None = None) -> Schema:
    """A closed object; everything is required unless said otherwise."""
    found: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    names = list(properties) if required is None else list(required)
    return {**found, "required": names} if names else found


def check(value: Any, schema: Schema) -> None:
    """Raises Invalid (422) with one problem per mistake, each naming its place."""
    problems = list(_problems(value, schema, ""))
    if problems:
        raise Invalid(problems)


@lru_cache(maxsize=256)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text.removesuffix("$") + r"\Z" if text.endswith("$") else text)  # "$" also ends before a newline


def _kinds(schema: Schema) -> tuple[str, ...]:
    kind = schema.get("type")
    return () if kind is None else (kind,) if isinstance(kind, str) else tuple(kind)


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, _TYPES[kind])


def _problems(value: Any, schema: Schema, place: str) -> Iterator[Problem]:
    if "anyOf" in schema:
        branches = [list(_problems(value, one, place)) for one in schema["anyOf"]]
        if all(branches):
            yield from min(branches, key=len)
        return
    kinds = _kinds(schema)
    if kinds and not any(_is(value, kind) for kind in kinds):
        yield Problem(place, "type", Words("应为{k}", "must be {k}").fill(k=_NAMES[kinds[0]]))
        return
    if "enum" in schema and value not in schema["enum"]:
        said = ", ".join(str(one) for one in schema["enum"])[:300]
        yield Problem(place, "option", Words(f"应为 {said} 之一", f"must be one of {said}"))
        return
    if isinstance(value, str):
        yield from _text(value, schema, place)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _number(value, schema, place)
    elif isinstance(value, list):
        yield from _list(value, schema, place)
    elif isinstance(value, dict):
        yield from _object(value, schema, place)


def _text(value: str, schema: Schema, place: str) -> Iterator[Problem]:
    if len(value) > schema.get("maxLength", len(value)):
        most = schema["maxLength"]
        yield Problem(place, "too_long", Words(f"最多 {most} 个字符", f"at most {most} characters"))
    elif len(value) < schema.get("minLength", 0):
        yield Problem(place, "required", Words("必填", "required"))
    elif not storable(value):
        yield Problem(place, "unicode", UNSTORABLE)
    elif "pattern" in schema and not _pattern(schema["pattern"]).search(value):
        yield Problem(place, "format", Words("格式不对", "has the wrong form"))


def _number(value: float, schema: Schema, place: str) -> Iterator[Problem]:
    if value < schema.get("minimum", value):
        yield Problem(place, "too_small", Words(f"不小于 {schema['minimum']}", f"at least {schema['minimum']}"))
    elif value > schema.get("maximum", value):
        yield Problem(place, "too_big", Words(f"不大于 {schema['maximum']}", f"at most {schema['maximum']}"))


def _list(value: list[Any], schema: Schema, place: str) -> Iterator[Problem]:
    if len(value) > schema.get("maxItems", len(value)):
        yield Problem(place, "too_long", Words(f"最多 {schema['maxItems']} 项", f"at most {schema['maxItems']} items"))
        return
    if len(value) < schema.get("minItems", 0):
        yield Problem(place, "required", Words("至少一项", "at least one item"))
        return
    for n, one in enumerate(value):
        yield from _problems(one, schema.get("items", {}), f"{place}/{n}".lstrip("/"))


def _object(value: dict[str, Any], schema: Schema, place: str) -> Iterator[Problem]:
    known = schema.get("properties", {})
    if len(value) < schema.get("minProperties", 0):
        yield Problem(place, "required", Words("至少给一个字段", "give at least one field"))
    if len(value) > schema.get("maxProperties", len(value)):
        most = schema["maxProperties"]
        yield Problem(place, "too_long", Words(f"最多 {most} 项", f"at most {most} items"))
        return
    for name in schema.get("required", ()):
        if name not in value:
            yield Problem(f"{place}/{name}".lstrip("/"), "required", Words("必填", "required"))
    others = schema.get("additionalProperties", True)
    for name, one in value.items():
        here = f"{place}/{name[:80]}".lstrip("/")
        if name in known:
            yield from _problems(one, known[name], here)
        elif others is False or list(_problems(name, schema.get("propertyNames", {}), here)):
            yield Problem(here, "unknown", Words("没有这个字段", "no such field"))
        elif isinstance(others, dict):
            yield from _problems(one, others, here)
        else:  # whatever it is, it has to be kept
            yield from _text(name, {}, here)
            yield from _problems(one, {}, here)
