"""A user's filter: JSON in, a checked tree, and its SQL under the viewer's view.

Accepted forms: ``{"and": [...]}``, ``{"or": [...]}``, ``{"field": "amount", "op": ">=", "value": "1000"}``, and the
short ``{"stage": "won"}`` or ``{"amount": {">=": "1000", "<": "5000"}}``, whose members are joined by AND. A field that the
viewer can never read does not exist for them: the answer is the same as for a misspelt name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from heli.access.compile import Sql, all_of, any_of, is_not
from heli.kernel.errors import Invalid, Problem
from heli.kernel.words import Words
from heli.records import fields as f
from heli.records import sealed
from heli.records.sql import bind, vendor

MOST_DEPTH = 8
MOST_LEAVES = 100

NO_FIELD = Words("没有字段 {code}", "no such field: {code}")


@dataclass(frozen=True, slots=True)
class Leaf:
    """One comparison; ``value`` is as the column holds it."""

    field: f.Field
    op: str
    value: Any


@dataclass(frozen=True, slots=True)
class Group:
    """All (``and``) or any (``or``) of its parts."""

    op: str
    parts: tuple[Filter, ...]


type Filter = Leaf | Group

ALL = Group("and", ())


def leaves(one: Filter) -> list[Leaf]:
    return [one] if isinstance(one, Leaf) else [leaf for part in one.parts for leaf in leaves(part)]


class _Parser:
    def __init__(self, field: Callable[[str], f.Field | None]) -> None:
        self.field = field
        self.count = 0

    def parse(self, given: object, place: str, depth: int) -> Filter:
        if depth > MOST_DEPTH:
            raise self.wrong(place, "too_deep", Words(f"最多嵌套 {MOST_DEPTH} 层", f"at most {MOST_DEPTH} levels deep"))
        if isinstance(given, Sequence) and not isinstance(given, str) and len(given) == 3 and isinstance(given[0], str):
            return self.leaf(given[0], given[1], given[2], place)
        if not isinstance(given, Mapping):
            raise self.wrong(place, "type", Words("筛选条件应为对象", "a filter must be an object"))
        for op in ("and", "or"):
            if op in given:
                parts = given[op]
                if len(given) != 1 or not isinstance(parts, Sequence) or isinstance(parts, str):
                    raise self.wrong(f"{place}/{op}", "type", Words("应为条件的列表", "must be a list of filters"))
                return Group(op, tuple(self.parse(p, f"{place}/{op}/{i}", depth + 1) for i, p in enumerate(parts)))
        if "field" in given and set(given) <= {"field", "op", "value"}:
            return self.leaf(given["field"], given.get("op", "="), given.get("value"), place)
        return Group("and", tuple(p for code, v in given.items() for p in self.short(code, v, f"{place}/{code}")))

    def short(self, code: object, value: object, place: str) -> list[Filter]:
        if isinstance(value, Mapping):
            return [self.leaf(code, op, operand, place) for op, operand in value.items()]
        if isinstance(value, list):
            return [self.leaf(code, "in", value, place)]
        return [self.leaf(code, "empty" if value is None else "=", value, place)]

    def leaf(self, code: object, op: object, value: object, place: str) -> Leaf:
        self.count += 1
        if self.count > MOST_LEAVES:
            raise self.wrong(
                place, "too_many", Words(f"最多 {MOST_LEAVES} 个条件", f"at most {MOST_LEAVES} conditions")
            )
        found = self.field(code) if isinstance(code, str) else None
        if found is None:
            raise self.wrong(place, "unknown", NO_FIELD.fill(code=str(code)[:80]))
        try:
            return Leaf(found, str(op), found.operand(str(op), value))
        except f.FieldError as error:
            raise self.wrong(place, error.code, error.words) from None

    @staticmethod
    def wrong(place: str, code: str, words: Words) -> Invalid:
        return Invalid(Problem(place, code, words))


def parse(given: object, field: Callable[[str], f.Field | None]) -> Filter:
    """Check a filter. ``field`` answers a code with the field, or None when this viewer may not filter by it. Raises Invalid."""
    return ALL if given is None else _Parser(field).parse(given, "filter", 0)


def to_sql(one: Filter, readable: Callable[[f.Field], Sql], alias: str = "") -> Sql:
    """The filter's predicate; ``readable`` gives the predicate of rows whose cell the viewer reads."""
    if isinstance(one, Group):
        join = all_of if one.op == "and" else any_of
        return join(to_sql(p, readable, alias) for p in one.parts)
    may = readable(one.field)
    if one.op == "empty":
        return any_of([is_not(may), _empty(one.field, alias)])
    return all_of([may, comparison(one, alias)])


def _empty(field: f.Field, alias: str) -> Sql:
    name = alias + field.column
    return Sql(f"{name}=''") if field.empty_value == "" else Sql(f"{name} IS NULL")


def comparison(leaf: Leaf, alias: str = "") -> Sql:
    """The bare comparison of a leaf, without asking whether the cell may be read."""
    name, op, value = alias + leaf.field.column, leaf.op, leaf.value
    if isinstance(leaf.field, f.Text) and leaf.field.encrypted and op in ("=", "in"):
        return sealed.matches(leaf.field, value if op == "in" else [value], alias)
    match op:
        case "filled":
            return Sql(f"{name}<>''") if leaf.field.empty_value == "" else Sql(f"{name} IS NOT NULL")
        case "empty":
            return _empty(leaf.field, alias)
        case "in":
            values = [bind(v) for v in value]
            return Sql(f"{name} IN ({','.join(['%s'] * len(values))})", tuple(values))
        case "!=":
            if leaf.field.empty_value == "":
                return Sql(f"{name}<>%s", (bind(value),))
            return Sql(f"({name}<>%s OR {name} IS NULL)", (bind(value),))
        case "contains" | "starts":
            pattern = escape(str(value)) + "%"
            if op == "contains":
                pattern = "%" + pattern
            like = "ILIKE" if vendor() == "postgresql" else "LIKE"
            return Sql(f"{name} {like} %s ESCAPE '!'", (pattern,))
        case "has":
            return Sql(f"{name} LIKE %s ESCAPE '!'", (f'%"{escape(str(value))}"%',))
        case _:
            return Sql(f"{name}{op}%s", (bind(value),))


def escape(text: str) -> str:
    """The text as LIKE matches it literally, with ``!`` as escape."""
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
