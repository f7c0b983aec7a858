"""Several statements to PostgreSQL in one round trip, prepared when they come again.

psycopg's cursors can do this too; they look at the socket for each statement and make objects that a statement of ours needs none of, which
takes longer than the database does. This goes to the library of PostgreSQL itself by what psycopg has for it, with its own types.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NoReturn

from psycopg import errors, generators, pq
from psycopg.adapt import AdaptersMap, PyFormat, Transformer
from psycopg.types.numeric import Int8Dumper
from psycopg.waiting import Ready, Wait

type Row = tuple[Any, ...]
type Statement = tuple[str, Sequence[Any]]

PREPARE_AFTER = 2
"""Times that a statement is sent as text before it is prepared."""
MOST_PREPARED = 400
"""Statements that a connection keeps prepared; there are few that are not of our own fixed texts."""
FAILED = (pq.ExecStatus.FATAL_ERROR, pq.ExecStatus.BAD_RESPONSE)

_LINE = "_heli_line"

type _Key = tuple[bytes, tuple[int, ...]]
type _Ready = tuple[_Key, Sequence[Any], Any]


def run(handle: Any, statements: Sequence[Statement]) -> list[list[Row]]:
    """Run statements on psycopg's connection, in the transaction that is open there; the rows of each. Raises psycopg's errors: what the
    first that fails raises, and what follows it is not done."""
    line = handle.__dict__.get(_LINE)
    if line is None:
        line = handle.__dict__[_LINE] = Line(handle)
    return line.run(handle, statements)  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class _Kinds:
    """How values of the connection are written and read, without the connection itself: it would hold what holds it."""

    adapters: AdaptersMap
    connection: None = None


class Line:
    """What is known of one connection."""

    def __init__(self, handle: Any) -> None:
        kinds = _Kinds(AdaptersMap(handle.adapters))
        kinds.adapters.register_dumper(
            int, Int8Dumper
        )  # whole numbers are of one kind, so that a statement is prepared once
        self._turn = Transformer(kinds)
        self._seen: dict[_Key, int] = {}
        self._names: dict[_Key, bytes] = {}
        self._made = 0
        self._most = MOST_PREPARED

    def run(self, handle: Any, statements: Sequence[Statement]) -> list[list[Row]]:
        ready = [
            self._bound(text, params) for text, params in statements
        ]  # what cannot be bound fails before anything is sent
        library = handle.pgconn
        fresh: list[_Key] = []
        kept: list[bool] = []
        begins = not handle.autocommit and library.transaction_status == pq.TransactionStatus.IDLE
        library.enter_pipeline_mode()
        try:
            if begins:
                library.send_query_params(b"BEGIN", None)
                kept.append(False)
            for one in ready:
                kept += self._send(library, one, fresh)
            library.pipeline_sync()
            answers = handle.wait(_answers(library, len(kept) + 1))
        except BaseException:
            handle.close()  # nobody knows what is still on its way
            raise
        library.exit_pipeline_mode()
        for some in answers:
            if some[-1].status in FAILED:
                self._failed(some[-1], fresh)
        return [self._rows(some[-1]) for some, keep in zip(answers, kept, strict=False) if keep]

    def _bound(self, text: str, params: Sequence[Any]) -> _Ready:
        query, count = _numbered(text)
        values = self._turn.dump_sequence(params, [PyFormat.AUTO] * count)
        return (query, self._turn.types or ()), values, self._turn.formats

    def _send(self, library: Any, one: _Ready, fresh: list[_Key]) -> list[bool]:
        """Put a statement on its way; of each answer that it brings, whether it is the statement's own."""
        key, values, formats = one
        name = self._names.get(key)
        if name is not None:
            library.send_query_prepared(name, values, formats)
            return [True]
        seen = self._seen[key] = self._seen.get(key, 0) + 1
        if seen <= PREPARE_AFTER or len(self._names) >= self._most:
            if len(self._seen) > 10 * MOST_PREPARED:
                self._seen.clear()
            library.send_query_params(key[0], values, key[1], formats)
            return [True]
        self._made += 1
        name = self._names[key] = f"heli_{self._made}".encode()
        fresh.append(key)
        library.send_prepare(name, key[0], key[1])
        library.send_query_prepared(name, values, formats)
        return [False, True]

    def _failed(self, answer: Any, fresh: Sequence[_Key]) -> NoReturn:
        """Raise what the database says. What was prepared beside it may be there or not: it is prepared again under another name."""
        error = errors.error_from_result(answer, "utf-8")
        for key in fresh:
            self._names.pop(key, None)
        if isinstance(error, errors.FeatureNotSupported):  # a table has changed since
            self._names.clear()
        if isinstance(
            error, errors.InvalidSqlStatementName
        ):  # something between us and the server hands connections round
            self._names.clear()
            self._most = 0
        raise error

    def _rows(self, answer: Any) -> list[Row]:
        if answer.status != pq.ExecStatus.TUPLES_OK:
            return []
        self._turn.set_pgresult(answer)
        return self._turn.load_rows(0, answer.ntuples, tuple)


def _answers(library: Any, count: int) -> Generator[Any, Any, list[list[Any]]]:
    """Send what is buffered and wait for so many answers."""
    while library.flush():
        while not (ready := (yield Wait.RW)):
            continue
        if ready & Ready.R:
            library.consume_input()
    found = []
    for _ in range(count):
        found.append((yield from generators.fetch_many(library)))
    return found


@lru_cache(maxsize=4096)
def _numbered(text: str) -> tuple[bytes, int]:
    """The statement with numbered places, and how many there are."""
    parts = text.replace("%%", "\0").split("%s")
    made = parts[0] + "".join(f"${at}{part}" for at, part in enumerate(parts[1:], 1))
    return made.replace("\0", "%").encode(), len(parts) - 1
