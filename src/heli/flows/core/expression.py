"""The expression language of conditions and mappings: fields, literals, comparison, and/or/not, arithmetic, in, dates.

An expression is parsed once, bounded in length and depth, and evaluated within a step budget. It can name values and
nothing else: there is no attribute, no item, no call but of the functions listed here.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, DecimalException, InvalidOperation

from heli.kernel.words import Words

LONGEST = 2_000
"""Characters of an expression."""
DEEPEST = 40
"""Brackets, negations and calls within each other."""
MOST_OPERATIONS = 200
"""Operations that an expression may write."""
STEPS = 2_000
"""Operations of one evaluation."""
LONGEST_TEXT = 10_000
"""Characters of a text that an expression makes."""
NUMBERS = Context(prec=28, Emax=60, Emin=-60)

type Value = Decimal | str | bool | dt.date | dt.datetime | tuple["Value", ...] | None
type Look = Callable[[str], Value]
"""Gives the value of a dotted name; KeyError when there is none."""


class ExpressionError(Exception):
    """An expression that cannot be read or has no value. ``at`` is the character where, from 0."""

    def __init__(self, words: Words, at: int = 0) -> None:
        super().__init__(words.en)
        self.words = words
        self.at = at


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
    _root: Part

    def value(self, look: Look, today: dt.date) -> Value:
        """Its value. Raises ExpressionError where it has none, also when the budget is spent."""
        return _Run(look, today).of(self._root)

    def holds(self, look: Look, today: dt.date) -> bool:
        """Its value as a condition: an empty value does not hold, any other than yes and no is an error."""
        found = self.value(look, today)
        if found is None:
            return False
        if not isinstance(found, bool):
            raise ExpressionError(
                Words(
                    f"条件应得出是或否，却得出{_kind(found).zh}", f"a condition is true or false, not {_kind(found).en}"
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
                f"表达式最长 {LONGEST} 个字符，这里有 {len(source)} 个",
                f"an expression has at most {LONGEST} characters, not {len(source)}",
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
            raise ExpressionError(Words(f"读不懂“{self._source[at]}”", f"{self._source[at]!r} is not understood"), at)
        assert found.lastgroup is not None
        self.kind, self.text = found.lastgroup, found[found.lastgroup]
        self.at, self._place = found.start(found.lastgroup), found.end()
        if self.kind == "name" and self.text in WORDS:
            self.kind = "word"

    def wrong(self) -> ExpressionError:
        if self.kind == "end":
            return ExpressionError(Words("表达式没有写完", "the expression ends too early"), self.at)
        return ExpressionError(Words(f"这里不该有“{self.text}”", f"{self.text!r} is not expected here"), self.at)

    def _is(self, kind: str, *texts: str) -> bool:
        return self.kind == kind and self.text in texts

    def _expect(self, sign: str) -> None:
        if not self._is("sign", sign):
            raise self.wrong()
        self.next()

    def _deeper(self, read: Callable[[], Part]) -> Part:
        self._depth += 1
        if self._depth > DEEPEST:
            raise ExpressionError(Words(f"嵌套超过 {DEEPEST} 层", f"nested more than {DEEPEST} deep"), self.at)
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
                        f"一个表达式最多 {MOST_OPERATIONS} 次运算",
                        f"an expression has at most {MOST_OPERATIONS} operations",
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
                    f"没有函数“{name}”，可用：{'、'.join(FUNCTIONS)}",
                    f"there is no function {name!r}; there are {', '.join(FUNCTIONS)}",
                ),
                at,
            )
        given = self._listed("(", ")")
        least, most = wanted[0], wanted[1]
        if not least <= len(given) <= most:
            count = str(least) if least == most else f"{least}–{most}"
            raise ExpressionError(
                Words(
                    f"{name} 需要 {count} 个参数，这里有 {len(given)} 个",
                    f"{name} takes {count} values, not {len(given)}",
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
                return _bounded(FUNCTIONS[does[:-2]][2](self, *values))
            return _bounded(_operate(does, *values))
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
            kind = _kind(found)
            raise ExpressionError(
                Words(f"and、or、not 连接是与否，这里是{kind.zh}", f"and, or, not join true and false, not {kind.en}"),
                part.at,
            )
        return found


def _bounded(value: Value) -> Value:
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        raise ExpressionError(
            Words(f"得出的文本超过 {LONGEST_TEXT} 个字符", f"a text longer than {LONGEST_TEXT} characters")
        )
    return value


def _kind(value: Value) -> Words:
    if isinstance(value, bool):
        return Words("是或否", "true or false")
    for type_, words in (
        (Decimal, Words("数", "a number")), (str, Words("文本", "a text")), (dt.date, Words("日期", "a date")),
        (tuple, Words("列表", "a list")),
    ):  # fmt: skip
        if isinstance(value, type_):
            return words
    return Words("空", "nothing")


def _alike(left: Value, right: Value) -> tuple[Value, Value]:
    """Both as values of one kind that have an order. Raises ExpressionError when they are not."""
    if (
        isinstance(left, dt.datetime) != isinstance(right, dt.datetime)
        and isinstance(left, dt.date)
        and isinstance(right, dt.date)
    ):
        left, right = (one.date() if isinstance(one, dt.datetime) else one for one in (left, right))
    if type(left) is not type(right) or isinstance(left, bool | tuple):
        one, other = _kind(left), _kind(right)
        raise ExpressionError(Words(f"{one.zh}和{other.zh}不能比较大小", f"{one.en} and {other.en} have no order"))
    return left, right


def _order(does: str, left: Value, right: Value) -> bool:
    if left is None or right is None:
        return False
    one, other = _alike(left, right)
    try:
        below, equal = one < other, one == other  # type: ignore[operator]  # of one kind, see _alike
    except TypeError as error:  # a moment with a time zone and one without
        raise ExpressionError(
            Words("带时区和不带时区的时刻不能比较", "a moment with a time zone and one without have no order")
        ) from error
    return {"<": below, "<=": below or equal, ">": not below and not equal, ">=": not below}[does]


def _operate(does: str, left: Value, right: Value = None) -> Value:
    if does in ("==", "!="):
        return _equal(left, right) == (does == "==")
    if does in ("<", "<=", ">", ">="):
        return _order(does, left, right)
    if does == "in":
        if right is None:
            return False
        if isinstance(right, str) and isinstance(left, str):
            return left in right
        if not isinstance(right, tuple):
            kind = _kind(right)
            raise ExpressionError(
                Words(f"in 之后应是列表或文本，这里是{kind.zh}", f"in is followed by a list or a text, not {kind.en}")
            )
        return any(_equal(left, one) for one in right)
    if left is None or (right is None and does != "negate"):
        return None
    if does == "negate" and isinstance(left, Decimal):
        return NUMBERS.minus(left)
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return {"+": NUMBERS.add, "-": NUMBERS.subtract, "*": NUMBERS.multiply, "/": NUMBERS.divide}[does](left, right)
    if does == "+" and isinstance(left, str) and isinstance(right, str):
        return left + right
    if isinstance(left, dt.date) and isinstance(right, Decimal) and does in ("+", "-"):
        return left + dt.timedelta(days=_whole(right)) * (1 if does == "+" else -1)
    one, other = _kind(left), _kind(right)
    raise ExpressionError(
        Words(f"{one.zh}和{other.zh}之间不能用“{does}”", f"{one.en} and {other.en} cannot be joined by {does!r}")
    )


def _equal(left: Value, right: Value) -> bool:
    if isinstance(left, bool) != isinstance(right, bool):
        return False
    return left == right


def _whole(value: Value) -> int:
    if not isinstance(value, Decimal) or value != value.to_integral_value() or abs(value) > 1_000_000:
        raise ExpressionError(Words("这里需要一个整数", "a whole number is needed here"))
    return int(value)


def _a_date(value: Value) -> dt.date:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    if isinstance(value, str):
        return dt.date.fromisoformat(value)
    raise ExpressionError(Words("这里需要一个日期", "a date is needed here"))


def _days(_: _Run, first: Value, last: Value) -> Value:
    return None if first is None or last is None else Decimal((_a_date(last) - _a_date(first)).days)


def _numbers(values: tuple[Value, ...]) -> list[Decimal]:
    found = values[0] if len(values) == 1 and isinstance(values[0], tuple) else values
    kept = [one for one in found if one is not None]
    if not all(isinstance(one, Decimal) for one in kept):
        raise ExpressionError(Words("这里需要数", "numbers are needed here"))
    return [one for one in kept if isinstance(one, Decimal)]


def _least(_: _Run, *values: Value) -> Value:
    return min(_numbers(values), default=None)


def _most(_: _Run, *values: Value) -> Value:
    return max(_numbers(values), default=None)


def _sum(_: _Run, *values: Value) -> Value:
    total = Decimal(0)
    for one in _numbers(values):
        total = NUMBERS.add(total, one)
    return total


def _round(_: _Run, value: Value, places: Value = Decimal(0)) -> Value:
    if value is None:
        return None
    if not isinstance(value, Decimal):
        raise ExpressionError(Words("这里需要数", "a number is needed here"))
    count = _whole(places)
    if not 0 <= count <= 10:
        raise InvalidOperation
    return value.quantize(Decimal(1).scaleb(-count), context=NUMBERS)


def _count(_: _Run, value: Value) -> Value:
    if value is None:
        return Decimal(0)
    if isinstance(value, str | tuple):
        return Decimal(len(value))
    raise ExpressionError(
        Words("count 数列表的项或文本的字", "count counts the items of a list or the characters of a text")
    )


def _if(_: _Run, condition: Value, then: Value, other: Value) -> Value:
    if not isinstance(condition, bool) and condition is not None:
        raise ExpressionError(Words("if 的第一个参数应是条件", "the first value of if is a condition"))
    return then if condition else other


def _empty(_: _Run, value: Value) -> Value:
    return value is None or value in ("", ())


def _date(_: _Run, value: Value) -> Value:
    return None if value is None else _a_date(value)


def _part_of_date(name: str) -> Callable[..., Value]:
    def found(_: _Run, value: Value) -> Value:
        return None if value is None else Decimal(getattr(_a_date(value), name))

    return found


def _weekday(_: _Run, value: Value) -> Value:
    return None if value is None else Decimal(_a_date(value).isoweekday())


def _today(run: _Run) -> Value:
    return run.today


FUNCTIONS: Mapping[str, tuple[int, int, Callable[..., Value]]] = {
    "today": (0, 0, _today), "date": (1, 1, _date), "days": (2, 2, _days), "year": (1, 1, _part_of_date("year")),
    "month": (1, 1, _part_of_date("month")), "day": (1, 1, _part_of_date("day")), "weekday": (1, 1, _weekday),
    "min": (1, 20, _least), "max": (1, 20, _most), "sum": (1, 20, _sum), "round": (1, 2, _round), "count": (1, 1, _count),
    "if": (3, 3, _if), "empty": (1, 1, _empty),
}  # fmt: skip
"""Name -> fewest and most values, and what it does. ``weekday`` is 1 for Monday."""
