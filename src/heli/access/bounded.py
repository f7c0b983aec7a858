"""One person's view as another looks through it: values where both may see them, and what is no value as it is for the first.

Menus, columns, acts and levels are those of the person looked at; rows and values besides pass the looker's own read
lines. Parts of administration (the log, the rules, the organisation) need both.

Which rows, levels and acts are shown must not tell of cells that the looker does not read: by a rule's conditions they
would, and who writes a draft chooses them. Such a condition counts as met, as it does in every count (``unread``).
"""

from __future__ import annotations

import hashlib
import operator
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from heli.access import epoch
from heli.access.core.decide import Bounded, TypeRights
from heli.access.core.line import Ceiling, Held
from heli.access.shapes import PAGE, SHAPES
from heli.access.unread import Unread
from heli.access.view import View
from heli.kernel.words import Words

READ = frozenset({"read"})
LOOKER = "looker"
"""Code of the ceiling that the looker's own lines make."""
WORDS = Words("查看者自己的权限", "what the looker may see")


class BoundedView(View):
    """``whole``: the view looked at. ``by``: the looker's own. ``alone``: they are two people, so what reaches records
    through reach rows counts for the first only (reach rows are the first person's)."""

    def __init__(self, whole: View, by: View, *, alone: bool) -> None:
        whole = loosened(whole, Unread(by))
        super().__init__(
            whole.person, whole.kind, _stamp(whole, by), _earlier(whole.until, by.until), whole.lines, {}, whole.tree,
            whole.home, whole.asked,
        )  # fmt: skip
        self._whole = whole
        self._by = by
        self._alone = alone

    @property
    def held(self) -> View:
        return self._whole

    @property
    def by(self) -> View:
        return self._by

    def type(self, code: str) -> TypeRights | None:
        if code not in self._types:
            whole = self._whole.type(code)
            self._types[code] = None if whole is None else Bounded(whole, self._bounds(code))
        return self._types[code]

    def bare(self, code: str) -> TypeRights:
        return self.type(code) or Bounded(self._whole.bare(code), self._bounds(code))

    def may(self, code: str, action: str) -> bool:
        if not self._whole.may(code, action):
            return False
        shape = SHAPES.get(code)
        shown = shape is not None and (bool(shape.fields) or code.startswith(PAGE))
        return shown or self._by.may(code, action)

    @property
    def ceilings(self) -> tuple[Ceiling, ...]:
        return self._whole.ceilings

    def _bounds(self, code: str) -> tuple[Ceiling, ...]:
        rights = self._by.bare(code)
        own = Ceiling(LOOKER, WORDS, READ, self._stripped(rights.read))
        return own, *(
            replace(one, actions=READ, lines=self._stripped(one.covering("read"))) for one in rights.bounds("read")
        )

    def _stripped(self, lines: Iterable[Held]) -> tuple[Held, ...]:
        return tuple(one.itself if self._alone else one for one in lines)


def loosened(whole: View, unread: Unread) -> View:
    """The view with conditions on cells that the looker does not read counted as met; itself where there are none."""
    lines = [unread.loose(one) for one in whole.lines]
    bounds: dict[str, tuple[Ceiling, ...]] = {}
    for on, one in whole.bounds:
        bounds[on] = (*bounds.get(on, ()), unread.ceiling(one))
    same = all(map(operator.is_, lines, whole.lines)) and all(
        map(operator.is_, (one for found in bounds.values() for one in found), whole.ceilings)
    )
    return whole if same else whole.with_lines(lines, bounds)


def _stamp(whole: View, by: View) -> epoch.Stamp:
    """A stamp that is neither's own: it changes with either's, and nothing kept for one of them is taken for this."""
    text = repr((whole.person, whole.stamp, by.person, by.stamp)).encode()
    return whole.stamp[0], int.from_bytes(hashlib.blake2b(text, digest_size=7).digest())


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((moment for moment in (one, other) if moment is not None), default=None)
