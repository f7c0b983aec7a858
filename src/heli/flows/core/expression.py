"""The expression language of conditions and mappings: fields, literals, comparison, and/or/not, arithmetic, in, dates.

An expression is parsed once, bounded in length and depth, and evaluated within a step budget. It can name values and
nothing else: there is no attribute, no item, no call but of the functions listed here.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, DecimalException

from heli.flows.core.values import FUNCTIONS, ExpressionError, Value, bounded, kind_of, operate
from heli.kernel.words import Words

__all__ = ["Expression", "ExpressionError", "Look", "Value", "parse"]

LONGEST = 2_000
"""Characters of an expression."""
DEEPEST = 40
"""Brackets, negations and calls within each other."""
MOST_OPERATIONS = 200
"""Operations that an expression may write."""
STEPS = 2_000
"""Operations of one evaluation."""
type Look = Callable[[str], Value]
"""Gives the value of a dotted name; KeyError when there is none."""

TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>\d+(?:\.\d+)?)
    | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)*)
    | (?P<sign>==|!=|<=|>=|[-+*/()<>=,\[\]])
    )""",
    re.VERBOSE,
)
COMPARE = {"=", "==", "!=", "<", "<=", ">", ">="}
WORDS = {"and", "or", "not", "in", "true", "false", "null"}


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression. ``names`` are the values that it may look at."""

    source: str
    names: frozenset[str]
    root: Part

    def value(self, look: Look, today: dt.date) -> Value:
        """Its value. Raises ExpressionError where it has none, also when the budget is spent."""
        return _Run(look, today).of(self.root)

    def holds(self, look: Look, today: dt.date) -> bool:
        """Its value as a condition: an empty value does not hold, any other than yes and no is an error."""
        found = self.value(look, today)
        if found is None:
            return False
        if not isinstance(found, bool):
            raise ExpressionError(
                Words(
                    f"条件应得出是或否，却得出{kind_of(found).zh}",
                    f"a condition is true or false, not {kind_of(found).en}",
                )
            )
        return found


@dataclass(frozen=True, slots=True)
class Part:
    """A node of the parsed expression: an operation with its parts, a name, or a literal."""

    does: str
    parts: tuple[Part, ...] = ()
    value: Value = None
    at: int = 0


def parse(source: str) -> Expression:
    """Read an expression. Raises ExpressionError naming the character where it cannot."""
    if len(source) > LONGEST:
        raise ExpressionError(
            Words(
                f"表达式有 {len(source):,} 个字符，最长 {LONGEST:,} 个，请写短一些，或用决策表",
                f"the expression has {len(source):,} characters, and at most {LONGEST:,} are read: shorten it, or use a table",
            )
        )
    reader = _Reader(source)
    root = reader.either()
    if reader.kind != "end":
        raise reader.wrong()
    return Expression(source, frozenset(reader.names), root)


class _Reader:
    """Reads by descending through the levels of binding: or, and, not, comparison, sum, product, sign, operand."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._place = 0
        self._depth = 0
        self._operations = 0
        self.names: set[str] = set()
        self.next()

    def next(self) -> None:
        rest = self._source[self._place :]
        if not rest.strip():
            self.kind, self.text, self.at = "end", "", len(self._source)
            return
        found = TOKEN.match(self._source, self._place)
        if found is None:
            at = self._place + len(rest) - len(rest.lstrip())
            raise ExpressionError(
                Words(
                    f"读不懂“{self._source[at]}”，请看看引号、括号和运算符",
                    f"“{self._source[at]}” is not understood: see to quotes, brackets and operators",
                ),
                at,
            )
        assert found.lastgroup is not None
        self.kind, self.text = found.lastgroup, found[found.lastgroup]
        self.at, self._place = found.start(found.lastgroup), found.end()
        if self.kind == "name" and self.text in WORDS:
            self.kind = "word"

    def wrong(self) -> ExpressionError:
        if self.kind == "end":
            return ExpressionError(
                Words(
                    "表达式没有写完，请补上后面的值或括号",
                    "the expression ends too early: add the value or the bracket that is missing",
                ),
                self.at,
            )
        return ExpressionError(
            Words(
                f"这里不该有“{self.text}”，请删去它，或补上它前面缺的",
                f"“{self.text}” is not expected here: take it out, or add what is missing before it",
            ),
            self.at,
        )

    def _is(self, kind: str, *texts: str) -> bool:
        return self.kind == kind and self.text in texts

    def _expect(self, sign: str) -> None:
        if not self._is("sign", sign):
            raise self.wrong()
        self.next()

    def _deeper(self, read: Callable[[], Part]) -> Part:
        self._depth += 1
        if self._depth > DEEPEST:
            raise ExpressionError(
                Words(
                    f"括号套了 {DEEPEST} 层以上，请拆成几个条件",
                    f"nested more than {DEEPEST} deep: divide it into several conditions",
                ),
                self.at,
            )
        found = read()
        self._depth -= 1
        return found

    def either(self) -> Part:
        return self._chain("or", self._both)

    def _both(self) -> Part:
        return self._chain("and", self._not)

    def _chain(self, word: str, below: Callable[[], Part]) -> Part:
        parts, at = [below()], self.at
        while self._is("word", word):
            self.next()
            parts.append(below())
        return parts[0] if len(parts) == 1 else Part(word, tuple(parts), at=at)

    def _not(self) -> Part:
        if self._is("word", "not"):
            at = self.at
            self.next()
            return Part("not", (self._deeper(self._not),), at=at)
        return self._comparison()

    def _comparison(self) -> Part:
        left, at = self._sum(), self.at
        if self.kind == "sign" and self.text in COMPARE:
            does = {"=": "=="}.get(self.text, self.text)
            self.next()
            return Part(does, (left, self._sum()), at=at)
        if self._is("word", "in"):
            self.next()
            return Part("in", (left, self._sum()), at=at)
        if self._is("word", "not"):
            self.next()
            if not self._is("word", "in"):
                raise self.wrong()
            self.next()
            return Part("not", (Part("in", (left, self._sum()), at=at),), at=at)
        return left

    def _sum(self) -> Part:
        return self._pairs(("+", "-"), self._product)

    def _product(self) -> Part:
        return self._pairs(("*", "/"), self._signed)

    def _pairs(self, signs: tuple[str, ...], below: Callable[[], Part]) -> Part:
        left = below()
        while self._is("sign", *signs):
            does, at = self.text, self.at
            self._operations += 1
            if self._operations > MOST_OPERATIONS:
                raise ExpressionError(
                    Words(
                        f"表达式的运算太多，最多 {MOST_OPERATIONS} 次，请写短一些，或用决策表",
                        f"the expression has too many operations, at most {MOST_OPERATIONS}: shorten it, or use a table",
                    ),
                    at,
                )
            self.next()
            left = Part(does, (left, below()), at=at)
        return left

    def _signed(self) -> Part:
        if self._is("sign", "-"):
            at = self.at
            self.next()
            return Part("negate", (self._deeper(self._signed),), at=at)
        return self._operand()

    def _operand(self) -> Part:
        kind, text, at = self.kind, self.text, self.at
        if kind == "number":
            self.next()
            return Part("literal", value=Decimal(text), at=at)
        if kind == "text":
            self.next()
            return Part("literal", value=re.sub(r"\\(.)", r"\1", text[1:-1]), at=at)
        if kind == "word" and text in ("true", "false", "null"):
            self.next()
            return Part("literal", value={"true": True, "false": False, "null": None}[text], at=at)
        if kind == "name":
            self.next()
            if self._is("sign", "("):
                return self._call(text, at)
            self.names.add(text)
            return Part("name", value=text, at=at)
        if self._is("sign", "("):
            self.next()
            found = self._deeper(self.either)
            self._expect(")")
            return found
        if self._is("sign", "["):
            return Part("list", self._listed("[", "]"), at=at)
        raise self.wrong()

    def _call(self, name: str, at: int) -> Part:
        wanted = FUNCTIONS.get(name)
        if wanted is None:
            raise ExpressionError(
                Words(
                    f"没有函数“{name}”，请用 {'、'.join(FUNCTIONS)} 之一",
                    f"there is no function “{name}”: use one of {', '.join(FUNCTIONS)}",
                ),
                at,
            )
        given = self._listed("(", ")")
        least, most = wanted[0], wanted[1]
        if not least <= len(given) <= most:
            count = str(least) if least == most else f"{least}–{most}"
            raise ExpressionError(
                Words(
                    f"{name} 需要 {count} 个参数，这里有 {len(given)} 个，请补上或删去",
                    f"{name} takes {count} values, not {len(given)}: add or take out what differs",
                ),
                at,
            )
        return Part(f"{name}()", given, at=at)

    def _listed(self, opens: str, closes: str) -> tuple[Part, ...]:
        self._expect(opens)
        parts: list[Part] = []
        while not self._is("sign", closes):
            if parts:
                self._expect(",")
            parts.append(self._deeper(self.either))
        self.next()
        return tuple(parts)


class _Run:
    """One evaluation."""

    def __init__(self, look: Look, today: dt.date) -> None:
        self._look = look
        self.today = today
        self._left = STEPS

    def of(self, part: Part) -> Value:
        self._left -= 1
        if self._left < 0:
            raise ExpressionError(Words("表达式计算步数超过限制", "the expression takes too many steps"), part.at)
        does = part.does
        if does == "literal":
            return part.value
        if does == "name":
            return self._named(part)
        if does == "and":
            return all(self._yes(one) for one in part.parts)
        if does == "or":
            return any(self._yes(one) for one in part.parts)
        if does == "not":
            return not self._yes(part.parts[0])
        values = tuple(self.of(one) for one in part.parts)
        try:
            if does == "list":
                return values
            if does.endswith("()"):
                return bounded(FUNCTIONS[does[:-2]][2](self.today, *values))
            return bounded(operate(does, *values))
        except ExpressionError as error:
            raise ExpressionError(error.words, error.at or part.at) from error
        except (DecimalException, OverflowError, ValueError) as error:
            raise ExpressionError(
                Words("算不出结果：数太大、除以零或日期无效", "no result: too large, divided by zero, or no such date"),
                part.at,
            ) from error

    def _named(self, part: Part) -> Value:
        assert isinstance(part.value, str)
        try:
            return self._look(part.value)
        except KeyError:
            raise ExpressionError(
                Words(f"没有“{part.value}”这个值", f"there is no value {part.value!r}"), part.at
            ) from None

    def _yes(self, part: Part) -> bool:
        found = self.of(part)
        if found is None:
            return False
        if not isinstance(found, bool):
            kind = kind_of(found)
            raise ExpressionError(
                Words(f"and、or、not 连接是与否，这里是{kind.zh}", f"and, or, not join true and false, not {kind.en}"),
                part.at,
            )
        return found
