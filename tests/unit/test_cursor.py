"""Page cursors are handed on as they are: in an address, in a header, and after ``--after`` on a command line."""

from __future__ import annotations

import string

from heli.records import cursor

FIT = frozenset(string.ascii_letters + string.digits + "._")


def test_no_cursor_looks_like_an_option_or_needs_quoting() -> None:
    for number in range(1000):  # one in 64 began with "-" once
        sealed = cursor.seal([number, "值"], "liu", "opportunity")
        assert set(sealed) <= FIT
        assert cursor.unseal(sealed, "liu", "opportunity") == [number, "值"]
