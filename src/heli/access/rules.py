"""From a role's lines as JSON to lines of the rule language; every mistake names its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from heli.access.core.line import LEVELS, OPERATORS, Cond, Level, Line, TypeShape
from heli.access.scopes import SCOPES, split
from heli.access.shapes import SHAPES
from heli.kernel import money
from heli.kernel.errors import Invalid, Problem
from heli.kernel.storable import UNSTORABLE, storable
from heli.kernel.words import Words

MOST_SCOPE = 200
"""Characters of a scope: its name and whatever it names."""
KEYS = frozenset({"type", "actions", "scope", "where", "read", "write", "limit"})
CLASSES = frozenset({"public", "internal", "sensitive", "confidential", "*"})
MOST_LINES = 2000
MOST_CONDITIONS = 20


def parse_lines(lines: object, place: str = "lines") -> tuple[Line, ...]:
    """Lines of a role. Raises Invalid with one problem per mistake."""
    if not isinstance(lines, Sequence) or isinstance(lines, str):
        raise Invalid(Problem(place, "type", Words("应为权限项的列表", "must be a list of permission lines")))
    if len(lines) > MOST_LINES:
        raise Invalid(
            Problem(place, "too_many", Words(f"最多 {MOST_LINES} 条权限项", f"at most {MOST_LINES} permission lines"))
        )
    problems: list[Problem] = []
    parsed: list[Line] = []
    for i, line in enumerate(lines):
        try:
            parsed.append(parse_line(line, f"{place}/{i}"))
        except Invalid as error:
            problems.extend(error.problems)
    if problems:
        raise Invalid(problems)
    return tuple(parsed)


def parse_line(line: object, place: str = "line") -> Line:
    """One line. Raises Invalid."""
    if not isinstance(line, Mapping):
        raise Invalid(Problem(place, "type", Words("权限项应为对象", "a permission line must be an object")))
    for key in line:
        if key not in KEYS:
            raise Invalid(Problem(f"{place}/{key}", "unknown", Words("未知的键", "unknown key")))
    shape = SHAPES.get(str(line.get("type")))
    if shape is None:
        raise Invalid(Problem(f"{place}/type", "unknown", Words("没有这个对象", "no such object type")))
    actions = _words(line.get("actions"), f"{place}/actions")
    for action in actions:
        if action not in shape.actions:
            raise Invalid(
                Problem(f"{place}/actions", "unknown", Words(f"没有动作 {action}", f"no such action: {action}"))
            )
    return Line(
        type=shape.code,
        actions=frozenset(actions),
        scopes=_scopes(line.get("scope"), f"{place}/scope"),
        where=_conditions(shape, line.get("where", []), f"{place}/where"),
        levels=_levels(shape, line.get("read", {}), f"{place}/read"),
        writes=_writes(shape, line.get("write", ["*"]), f"{place}/write"),
        limit=_limit(line.get("limit"), actions, f"{place}/limit"),
    )


def _words(value: object, place: str) -> list[str]:
    if (
        not isinstance(value, Sequence)
        or isinstance(value, str)
        or not value
        or not all(isinstance(v, str) for v in value)
    ):
        raise Invalid(Problem(place, "type", Words("应为非空的词语列表", "must be a list of words, at least one")))
    return [str(v) for v in value]


def _scopes(value: object, place: str) -> tuple[str, ...]:
    scopes = _words(value, place)
    for text in scopes:
        if len(text) > MOST_SCOPE:
            raise Invalid(
                Problem(place, "too_long", Words(f"最多 {MOST_SCOPE} 个字符", f"at most {MOST_SCOPE} characters"))
            )
        if not storable(text):
            raise Invalid(Problem(place, "unicode", UNSTORABLE))
        name, parameter = split(text)
        found = SCOPES.get(name)
        if found is None:
            raise Invalid(Problem(place, "unknown", Words(f"没有数据范围 {name}", f"no such scope: {name}")))
        if found.parameters is not None and parameter not in found.parameters:
            raise Invalid(
                Problem(place, "unknown", Words(f"{name} 不接受 {parameter}", f"{name} does not take {parameter!r}"))
            )
    return tuple(dict.fromkeys(scopes))


def _conditions(shape: TypeShape, value: object, place: str) -> tuple[Cond, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise Invalid(Problem(place, "type", Words("应为条件的列表", "must be a list of conditions")))
    if len(value) > MOST_CONDITIONS:
        raise Invalid(Problem(place, "too_many", Words("条件过多", "too many conditions")))
    return tuple(_condition(shape, one, f"{place}/{i}") for i, one in enumerate(value))


def _condition(shape: TypeShape, value: object, place: str) -> Cond:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) not in (2, 3):
        raise Invalid(
            Problem(place, "type", Words("条件应为 [字段, 比较, 值]", "a condition is [field, operator, value]"))
        )
    code, op, operand = value[0], value[1], value[2] if len(value) == 3 else None
    field = shape.fields.get(str(code))
    if field is None:
        raise Invalid(Problem(place, "unknown", Words(f"没有字段 {code}", f"no such field: {code}")))
    if op not in OPERATORS:
        raise Invalid(
            Problem(
                place, "operator", Words("条件只用 = in < <= > >= empty", "conditions use = in < <= > >= empty only")
            )
        )
    try:
        parsed = field.operand(str(op), operand)
    except ValueError as error:
        words = getattr(error, "words", Words(str(error), str(error)))
        raise Invalid(Problem(place, "value", words)) from None
    return Cond(field.code, field.column, str(op), frozenset(parsed) if op == "in" else parsed)


def _levels(shape: TypeShape, value: object, place: str) -> dict[str, Level]:
    if not isinstance(value, Mapping):
        raise Invalid(Problem(place, "type", Words("应为 字段或分级 → 级别", "must map fields or classes to levels")))
    levels: dict[str, Level] = {}
    for key, word in value.items():
        if key not in CLASSES and key not in shape.fields:
            raise Invalid(
                Problem(f"{place}/{key}", "unknown", Words("没有这个字段或分级", "no such field or data class"))
            )
        if word not in LEVELS:
            raise Invalid(
                Problem(
                    f"{place}/{key}", "level", Words("应为 hidden、masked 或 read", "must be hidden, masked or read")
                )
            )
        levels[str(key)] = LEVELS[str(word)]
    return levels


def _writes(shape: TypeShape, value: object, place: str) -> frozenset[str] | None:
    """A list of fields, ``["*"]``, or (as for levels) fields, classes and ``*`` each with true or false."""
    if isinstance(value, Mapping):
        return _writes_by(shape, value, place)
    words = _words(value, place)
    if words == ["*"]:
        return None
    for word in words:
        if word not in shape.fields:
            raise Invalid(Problem(place, "unknown", Words(f"没有字段 {word}", f"no such field: {word}")))
    return frozenset(words)


def _writes_by(shape: TypeShape, value: Mapping[object, object], place: str) -> frozenset[str] | None:
    for key, may in value.items():
        if key not in CLASSES and key not in shape.fields:
            raise Invalid(
                Problem(f"{place}/{key}", "unknown", Words("没有这个字段或分级", "no such field or data class"))
            )
        if not isinstance(may, bool):
            raise Invalid(Problem(f"{place}/{key}", "type", Words("应为是或否", "must be true or false")))
    if dict(value) == {"*": True}:
        return None
    rest = value.get("*", False)
    return frozenset(code for code, one in shape.fields.items() if value.get(code, value.get(one.data_class, rest)))


def _limit(value: object, actions: Sequence[str], place: str) -> int | None:
    """Rows for export; minor units of the base currency for everything else. Raises Invalid."""
    if value is None:
        return None
    try:
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise ValueError
        found = int(value) if "export" in actions else money.to_minor(value)
    except ValueError:
        found = -1
    if found < 0:
        raise Invalid(Problem(place, "value", Words("应为非负的数", "must be a number that is not negative")))
    return found
