"""Whether somebody may still have what a file holds: every row still theirs to see and export, every cell still shown as
fully. Beside each file lies its key: the record of each row, and per column whether it was shown, masked or left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import batched

from heli.guard.exports import files
from heli.guard.models import Export
from heli.records import exporting
from heli.records.rows import HIDING
from heli.records.store import MOST_ROWS, Query

ABSENT, MASKED, FULL = "012"


def shown(levels: dict[str, str], codes: Sequence[str]) -> str:
    """How each column of a row was shown."""
    return "".join(ABSENT if one not in levels else MASKED if levels[one] in HIDING else FULL for one in codes)


def holds(row: Export, query: Query) -> bool:
    """Whether all of it may still be given out. ``query``: what was asked, under the rights of now."""
    codes = row.columns
    if any(query.sight.known(one) is None for one in codes):
        return False
    query = exporting.exportable(query.fields(codes).through("check"), max(row.done, 1))
    for some in batched(_lines(row), MOST_ROWS):
        page = query.among([record for record, _ in some]).page(MOST_ROWS, named=False)
        now = {item["id"]: shown(page.access[item["_a"]], codes) for item in page.items}
        for record, was in some:
            if record not in now or any(a < b for a, b in zip(now[record], was, strict=True)):
                return False
    return True


def _lines(row: Export) -> Iterator[tuple[str, str]]:
    with files.key_of(row.stored).open(encoding="ascii") as lines:
        for line in lines:
            record, _, levels = line.strip().partition(" ")
            yield record, levels
