"""Where the product attaches to the write door: called in the transaction of a write, after it and before its audit."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from heli.kernel.hooks import Hook

if TYPE_CHECKING:
    from heli.access.viewer import Viewer
    from heli.kernel.words import Words
    from heli.records.types import ObjectType
    from heli.records.verbs import Verb

written: Hook[[ObjectType, Mapping[str, Any]]] = Hook("record written")
"""Fired with the type and the row as it now is, for one record created, changed, deleted or restored. Imports in bulk
bring what follows from their rows themselves and do not fire it."""

changed: Hook[[ObjectType, Mapping[str, Any], Mapping[str, Any]]] = Hook("record changed")
"""Fired with the type and the row before and after, for one record edited, moved, deleted or restored. Imports do not fire
it either."""


type Bar = Callable[[Viewer, ObjectType, Verb, Mapping[str, Any]], tuple[str, Words] | None]
bars: list[Bar] = []
"""What may stand in the way of a verb although the right is there and the record's state allows it: asked for what is offered, and again
when it is done."""


def barred(viewer: Viewer, kind: ObjectType, verb: Verb, row: Mapping[str, Any]) -> tuple[str, Words] | None:
    """The code and words of what stands in the way; None when nothing does."""
    return next((found for bar in bars if (found := bar(viewer, kind, verb, row)) is not None), None)


editing: Hook[[Viewer, ObjectType, Mapping[str, Any], Mapping[str, Any]]] = Hook("fields about to be edited")
"""Fired with who is about to write which values by field code into which row, when their right has been found. A listener may refuse."""


creating: Hook[[Viewer, ObjectType, Mapping[str, Any]]] = Hook("record about to be made")
"""The same of who is about to make a record of which values. Imports do not fire it: they bring what was so elsewhere."""


@dataclass(frozen=True, slots=True)
class Derived:
    """What some fields of a row come to, kept beside them: worked out again whenever one of ``needs`` is written, at every door.
    ``of`` gives column values by field code, of the fields ``gives``."""

    needs: frozenset[str]
    gives: frozenset[str]
    of: Callable[[Mapping[str, Any]], Mapping[str, Any]]


deriving: dict[str, Derived] = {}
"""By object type."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What one answer of the read door gave somebody: how many cells of the classes that are counted stand in it in
    full (empty ones aside), and which records it names. ``channel``: list, record, search, figure (counts, sums and groups), reveal,
    export, approved (an export that somebody decided on) or part."""

    viewer: Viewer
    kind: ObjectType
    channel: str
    sensitive: int
    confidential: int
    ids: Sequence[str] = ()
    mark: int = 0
    """The same for the same cells asked for in the same way, in this process; 0: not told."""


renewing: ContextVar[bool] = ContextVar("renewing", default=False)
"""Whether it is an open page that reads anew what it shows, because rights have changed, and not the person who asks."""

asking: Hook[[Viewer, ObjectType, str]] = Hook("asking for counted cells")
"""Fired before cells of a counted class, or a page of a list, are read for a person. A listener may refuse."""

taken: Hook[[Taken]] = Hook("cells taken")
"""Fired with what a person has just been given. On the hot path of every list: a listener only counts."""

work_told: list[Callable[[Viewer, Collection[str]], Collection[str]]] = []
"""Which pieces of work at a record (the sources of their reach rows) somebody may be told of: who has work there may tell which way a
case went, and so what it found in cells that they do not read."""


def untold(viewer: Viewer, sources: Collection[str]) -> set[str]:
    """Those that this viewer may not be told of."""
    return set(sources).difference(*(one(viewer, sources) for one in work_told)) if sources else set()


organising: list[Callable[[], AbstractContextManager[None]]] = []
"""Entered around what an import or a process changes of the organisation, within its transaction; may refuse it with Conflict."""


@contextmanager
def organised() -> Iterator[None]:
    """One change of the organisation by an import or a process, under whatever watches it."""
    with ExitStack() as stack:
        for one in organising:
            stack.enter_context(one())
        yield


uncounted: dict[str, frozenset[str]] = {}
"""Records by type that no count and no sum takes in; few. They are listed like any other."""
