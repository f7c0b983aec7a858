"""Kinds of notices. Whoever makes sentences (the API's layer) registers each with how it is said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from heli.access.viewer import Viewer
from heli.kernel.registry import Registry
from heli.kernel.words import Words
from heli.notices.models import Notice

type Mail = Literal["now", "digest", "off"]
MAILS: tuple[Mail, ...] = ("now", "digest", "off")


@dataclass(frozen=True, slots=True)
class Said:
    """A notice as its person may read it now. ``text`` for the page; ``outside`` for a mail, which leaves the house: it names no record.
    ``over``: there is nothing to do about it any more. ``href``: where it opens."""

    text: Words
    outside: Words
    href: str
    over: bool = False


type Say = Callable[[Viewer, Sequence[Notice]], dict[int, Said]]
"""The sentences by notice; what its person may not know of any more has none."""


@dataclass(frozen=True, slots=True)
class Kind:
    """``mail``: how it goes by mail until its person says otherwise."""

    code: str
    words: Words
    mail: Mail
    say: Say


KINDS: Registry[Kind] = Registry("kind of notice")


def said(viewer: Viewer, notices: Sequence[Notice]) -> dict[int, Said]:
    """All their sentences, each kind asked once."""
    by_kind: dict[str, list[Notice]] = {}
    for one in notices:
        by_kind.setdefault(one.kind, []).append(one)
    found: dict[int, Said] = {}
    for code, some in by_kind.items():
        kind = KINDS.get(code)
        if kind is not None:
            found |= kind.say(viewer, some)
    return found
