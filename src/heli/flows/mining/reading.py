"""A file becomes a log, whichever of the known forms it has."""

from __future__ import annotations

import datetime as dt

from heli.flows.mining import moments, table, xes
from heli.flows.mining.log import Log
from heli.flows.mining.table import Columns


def read(
    source: bytes, columns: Columns | None = None, zone: dt.tzinfo = moments.UTC, *, paired: bool = True
) -> tuple[Log, Columns | None]:
    """XES (also compressed) or CSV, told apart by how the file begins; of CSV also what its columns were found to be.

    Raises Invalid naming each place, TooLarge.
    """
    start = source[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"<") or source[:2] == b"\x1f\x8b":
        return xes.read(source, zone, paired=paired), None
    return table.read(source, columns, zone, paired=paired)
