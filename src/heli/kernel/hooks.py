"""Calls upward inside one transaction: a lower layer says that something changed, a higher one reacts at once.

Only for what must happen in the same transaction and cannot wait for an event (bumping an epoch, for one).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Hook[**P]:
    """A named point that higher layers attach to at start-up; a failing listener fails the transaction."""

    name: str
    _listeners: list[Callable[P, None]] = field(default_factory=list)

    def listen(self, listener: Callable[P, None]) -> Callable[P, None]:
        if listener not in self._listeners:
            self._listeners.append(listener)
        return listener

    def fire(self, *args: P.args, **kwargs: P.kwargs) -> None:
        for listener in self._listeners:
            listener(*args, **kwargs)


organisation_changed: Hook[[frozenset[int] | None]] = Hook("organisation_changed")
"""Fired by org's verbs with the people whose own assignments changed, or None when the tree itself did."""

rights_changed: Hook[[frozenset[int] | None]] = Hook("rights_changed")
"""Fired with the people whose rights an act may have changed (None: anybody's), once, when it is complete and before its
transaction ends: what stands on somebody's rights is looked at then."""
