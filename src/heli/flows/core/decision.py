"""Decision tables (as DMN draws them): rules over inputs, and what becomes of several that hold."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from heli.flows.core.expression import Expression, ExpressionError, Look, parse
from heli.flows.core.values import Value
from heli.kernel.words import Words

MOST_RULES = 500
MOST_COLUMNS = 30
HITS = ("U", "F", "A", "C")
"""Unique, first, any (all say the same), collect."""
INPUT = "input"
"""What a cell's test calls the value of its column."""
RANGE = re.compile(r"([\[\](])\s*(.+?)\s*\.\.\s*(.+?)\s*([\[\])])")
COMPARES = re.compile(r"(<=|>=|<|>|!=|=)\s*(.+)", re.DOTALL)
NOT = re.compile(r"not\s*\((.*)\)", re.DOTALL)
NAMES_INPUT = re.compile(r"(?<![\w.])input(?![\w.])")


@dataclass(frozen=True, slots=True)
class Row:
    """One rule: a test for each input (None: whatever it is), and a value for each output."""

    when: tuple[Expression | None, ...]
    then: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """A table. ``outputs`` are the names in the case's data that it fills in."""

    hit: str
    inputs: tuple[Expression, ...]
    outputs: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def expressions(self) -> Iterator[Expression]:
        """What it looks at, without what cells call their own column's value."""
        yield from self.inputs
        for row in self.rows:
            for one in (*row.when, *row.then):
                if one is not None and INPUT not in one.names:
                    yield one

    def decide(self, look: Look, today: dt.date) -> Mapping[str, Value]:
        """What it says, by output; nothing (null) where no rule holds. Raises ExpressionError where it has no answer: two rules where
        one may hold, or several that say different things."""
        given = [one.value(look, today) for one in self.inputs]
        found: list[tuple[Value, ...]] = []
        for row in self.rows:
            if all(
                test is None or _holds(test, value, look, today) for test, value in zip(row.when, given, strict=True)
            ):
                found.append(tuple(one.value(look, today) for one in row.then))
                if self.hit == "F":
                    break
        if self.hit == "U" and len(found) > 1:
            raise ExpressionError(Words("有多条规则同时成立，而这张表只允许一条", "several rules hold where one may"))
        if self.hit == "A" and any(one != found[0] for one in found):
            raise ExpressionError(Words("成立的规则结论不同", "rules that hold say different things"))
        if self.hit == "C":
            return {name: tuple(one[at] for one in found) for at, name in enumerate(self.outputs)}
        first: Sequence[Value] = found[0] if found else (None,) * len(self.outputs)
        return dict(zip(self.outputs, first, strict=True))


def _holds(test: Expression, value: Value, look: Look, today: dt.date) -> bool:
    return test.holds(lambda name: value if name == INPUT else look(name), today)


def test(text: str) -> Expression | None:
    """A cell as DMN writes it: ``-``, ``> 5``, ``[1..5]``, ``"a", "b"``, ``not("a")``, or an expression over ``input``.
    Raises ExpressionError."""
    text = text.strip()
    return None if text in ("", "-") else parse(_unary(text))


def _unary(text: str) -> str:
    denied = NOT.fullmatch(text)
    if denied is not None:
        return f"not ({_unary(denied[1].strip())})"
    return " or ".join(f"({_single(one)})" for one in _parts(text))


def _single(text: str) -> str:
    if NAMES_INPUT.search(text):
        return text
    between = RANGE.fullmatch(text)
    if between is not None:
        low, high = (">=" if between[1] == "[" else ">"), ("<=" if between[4] == "]" else "<")
        return f"{INPUT} {low} ({between[2]}) and {INPUT} {high} ({between[3]})"
    compares = COMPARES.fullmatch(text)
    if compares is not None:
        return f"{INPUT} {compares[1]} ({compares[2]})"
    return f"{INPUT} = ({text})"


def _parts(text: str) -> list[str]:
    """At commas that stand neither in a text nor in brackets."""
    found, depth, quote, start, at = [], 0, "", 0, 0
    while at < len(text):
        sign = text[at]
        if quote:
            if sign == "\\":
                at += 1
            elif sign == quote:
                quote = ""
        elif sign in "\"'":
            quote = sign
        elif sign in "([":
            depth += 1
        elif sign in ")]":
            depth -= 1
        elif sign == "," and depth <= 0:
            found.append(text[start:at].strip())
            start = at + 1
        at += 1
    found.append(text[start:].strip())
    return found
