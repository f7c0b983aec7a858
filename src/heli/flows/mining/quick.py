"""CSV without quotes, cut into columns at once: what is not that plain is left to the careful reader."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from heli.flows.mining.log import Coded, Ints

type Bytes = NDArray[np.uint8]

COMMA, NEWLINE, RETURN, QUOTE, NUL = 44, 10, 13, 34, 0
WIDEST = 64
"""Bytes of a cell that is taken here; columns with longer ones are read carefully."""
_MIX = np.uint64(0x9E3779B97F4A7C15)


class Grid:
    """The cells of a file by where they begin and end."""

    def __init__(self, data: Bytes, begins: Ints, ends: Ints) -> None:
        self.data = data
        self.begins = begins
        self.ends = ends
        """A row a line, a column a column."""

    def cells(self, column: int) -> Bytes | None:
        """A column as rows of bytes filled up with zeros; None where one is too long for it."""
        begins, lengths = self.begins[:, column], self.ends[:, column] - self.begins[:, column]
        wide = int(lengths.max())
        if wide > WIDEST:
            return None
        wide = -(-max(wide, 1) // 8) * 8
        cells: Bytes = sliding_window_view(self.data, wide)[begins]
        if int(lengths.min()) < wide:
            cells &= np.tri(wide + 1, wide, -1, np.uint8)[lengths] * np.uint8(255)
        return cells

    def lengths(self, column: int) -> Ints:
        found: Ints = self.ends[:, column] - self.begins[:, column]
        return found

    def texts(self, column: int) -> list[str]:
        """A column as texts, one by one."""
        whole = self.data.tobytes()
        spans = zip(self.begins[:, column].tolist(), self.ends[:, column].tolist(), strict=True)
        return [whole[a:b].decode() for a, b in spans]

    def coded(self, column: int) -> Coded:
        """A column as names by number, in the order in which they first come."""
        cells = self.cells(column)
        return coded(self.texts(column)) if cells is None else _coded(cells) or coded(self.texts(column))


def grid(source: bytes, delimiter: str) -> tuple[list[str], Grid] | None:
    """The head and the cells of a UTF-8 file; None where it is not plain: quotes, bare returns, empty or uneven lines."""
    if b'"' in source or b"\0" in source:
        return None
    # Room at the end for a window that begins at the last cell.
    data = np.frombuffer(source + (b"" if source.endswith(b"\n") else b"\n") + bytes(WIDEST), np.uint8)
    lines = np.flatnonzero(data == NEWLINE)
    if len(lines) < 2:
        return None
    head = data[: lines[0]].tobytes().decode().removesuffix("\r").split(delimiter)
    wide = len(head)
    returned = source.count(b"\r")
    if returned not in (0, len(lines)) or (returned and not bool((data[lines - 1] == RETURN).all())):
        return None
    marks = np.flatnonzero(data == ord(delimiter))
    marks = marks[marks > lines[0]]
    many = len(lines) - 1
    if len(marks) != many * (wide - 1):
        return None
    begins, ends = np.empty((many, wide), np.int64), np.empty((many, wide), np.int64)
    inner = marks.reshape(many, wide - 1)
    begins[:, 0], begins[:, 1:] = lines[:-1] + 1, inner + 1
    ends[:, :-1], ends[:, -1] = inner, lines[1:] - (1 if returned else 0)
    if (
        bool((ends < begins).any())
        or bool((begins[:, -1] > lines[1:]).any())
        or bool((ends[:, -1] == begins[:, 0]).any())
    ):
        return None  # a line with too many cells beside one with too few, or an empty one
    return head, Grid(data, begins, ends)


def _coded(cells: Bytes) -> Coded | None:
    """By a hash of each cell, proved cell by cell; None where two cells share one."""
    words = np.ascontiguousarray(cells).view(np.uint64)
    with np.errstate(over="ignore"):
        mixed = words[:, 0].copy()
        for at in range(1, words.shape[1]):
            mixed ^= mixed >> np.uint64(29)
            mixed = mixed * _MIX + words[:, at]
        mixed *= _MIX
        mixed ^= mixed >> np.uint64(32)
    order = np.argsort(mixed, kind="stable")
    held = mixed[order]
    fresh = np.ones(len(held), np.bool_)
    fresh[1:] = held[1:] != held[:-1]
    first = order[fresh]  # stable: the first of each
    groups = np.empty(len(held), np.int64)
    groups[order] = np.cumsum(fresh) - 1
    if not bool((words == words[first[groups]]).all()):
        return None
    rank = np.argsort(first)
    number = np.empty(len(first), np.int64)
    number[rank] = np.arange(len(first))
    names = [cells[at].tobytes().rstrip(b"\0").decode() for at in first[rank].tolist()]
    return Coded(names, number[groups])


def coded(texts: Sequence[str]) -> Coded:
    """Names in the order in which they first come, and the number of each place's."""
    names = list(dict.fromkeys(texts))
    number: Callable[[str], int] = {name: number for number, name in enumerate(names)}.__getitem__
    return Coded(names, np.fromiter(map(number, texts), np.int64, len(texts)))
