"""What expressions work on: values of a few kinds, how they are joined and compared, and the functions there are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Context, Decimal, InvalidOperation

from heli.kernel.words import Words

LONGEST_TEXT = 10_000
"""Characters of a text that an expression makes."""
NUMBERS = Context(prec=28, Emax=60, Emin=-60)


type Value = Decimal | str | bool | dt.date | dt.datetime | tuple["Value", ...] | None


class ExpressionError(Exception):
    """An expression that cannot be read or has no value. ``at`` is the character where, from 0."""

    def __init__(self, words: Words, at: int = 0) -> None:
        super().__init__(words.en)
        self.words = words
        self.at = at


def bounded(value: Value) -> Value:
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        raise ExpressionError(
            Words(f"得出的文本超过 {LONGEST_TEXT} 个字符", f"a text longer than {LONGEST_TEXT} characters")
        )
    return value


def kind_of(value: Value) -> Words:
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
        one, other = kind_of(left), kind_of(right)
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


def operate(does: str, left: Value, right: Value = None) -> Value:
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
            kind = kind_of(right)
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
    one, other = kind_of(left), kind_of(right)
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


def _days(_: dt.date, first: Value, last: Value) -> Value:
    return None if first is None or last is None else Decimal((_a_date(last) - _a_date(first)).days)


def _numbers(values: tuple[Value, ...]) -> list[Decimal]:
    found = values[0] if len(values) == 1 and isinstance(values[0], tuple) else values
    kept = [one for one in found if one is not None]
    if not all(isinstance(one, Decimal) for one in kept):
        raise ExpressionError(Words("这里需要数", "numbers are needed here"))
    return [one for one in kept if isinstance(one, Decimal)]


def _least(_: dt.date, *values: Value) -> Value:
    return min(_numbers(values), default=None)


def _most(_: dt.date, *values: Value) -> Value:
    return max(_numbers(values), default=None)


def _sum(_: dt.date, *values: Value) -> Value:
    total = Decimal(0)
    for one in _numbers(values):
        total = NUMBERS.add(total, one)
    return total


def _round(_: dt.date, value: Value, places: Value = Decimal(0)) -> Value:
    if value is None:
        return None
    if not isinstance(value, Decimal):
        raise ExpressionError(Words("这里需要数", "a number is needed here"))
    count = _whole(places)
    if not 0 <= count <= 10:
        raise InvalidOperation
    return value.quantize(Decimal(1).scaleb(-count), context=NUMBERS)


def _count(_: dt.date, value: Value) -> Value:
    if value is None:
        return Decimal(0)
    if isinstance(value, str | tuple):
        return Decimal(len(value))
    raise ExpressionError(
        Words("count 数列表的项或文本的字", "count counts the items of a list or the characters of a text")
    )


def _if(_: dt.date, condition: Value, then: Value, other: Value) -> Value:
    if not isinstance(condition, bool) and condition is not None:
        raise ExpressionError(Words("if 的第一个参数应是条件", "the first value of if is a condition"))
    return then if condition else other


def _empty(_: dt.date, value: Value) -> Value:
    return value is None or value in ("", ())


def _date(_: dt.date, value: Value) -> Value:
    return None if value is None else _a_date(value)


def _part_of_date(name: str) -> Callable[..., Value]:
    def found(_: dt.date, value: Value) -> Value:
        return None if value is None else Decimal(getattr(_a_date(value), name))

    return found


def _weekday(_: dt.date, value: Value) -> Value:
    return None if value is None else Decimal(_a_date(value).isoweekday())


def _today(today: dt.date) -> Value:
    return today


FUNCTIONS: Mapping[str, tuple[int, int, Callable[..., Value]]] = {
    "today": (0, 0, _today), "date": (1, 1, _date), "days": (2, 2, _days), "year": (1, 1, _part_of_date("year")),
    "month": (1, 1, _part_of_date("month")), "day": (1, 1, _part_of_date("day")), "weekday": (1, 1, _weekday),
    "min": (1, 20, _least), "max": (1, 20, _most), "sum": (1, 20, _sum), "round": (1, 2, _round), "count": (1, 1, _count),
    "if": (3, 3, _if), "empty": (1, 1, _empty),
}  # fmt: skip
"""Name -> fewest and most values, and what it does. ``weekday`` is 1 for Monday."""
