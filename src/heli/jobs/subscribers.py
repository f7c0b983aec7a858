"""Who is called when something happens. Filled while the program starts; each subscriber is an endpoint of
deliveries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from heli.jobs.tasks import ATTEMPTS, TIMEOUT
from heli.kernel.errors import Broken


@dataclass(frozen=True, slots=True)
class EventView:
    """An event as readers and subscribers get it. ``subject_seq`` counts the events of one object from 1: a
    gap shows a loss."""

    uid: str
    type: str
    object: str
    key: str
    subject_seq: int
    data: dict[str, Any]
    at: datetime


Handler = Callable[[EventView], None]


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A handler and the events it wants: ``opportunity.*``, ``*.deleted``, ``*``."""

    name: str
    pattern: str
    handler: Handler
    timeout: int
    max_attempts: int
    when: Callable[[str], bool] | None = None
    """Asked with an event's type, as it is published, whether it is wanted at all."""


_by_name: dict[str, Subscriber] = {}
_by_type: dict[str, tuple[Subscriber, ...]] = {}


def subscribe(
    pattern: str, handler: Handler, *, name: str | None = None, timeout: int = TIMEOUT, max_attempts: int = ATTEMPTS,
    when: Callable[[str], bool] | None = None,
) -> Handler:  # fmt: skip
    """Have ``handler`` called for every event whose type matches, after the commit, once, in the order of
    each object.

    It runs in one transaction with the mark that it is done. ``name`` identifies the subscriber in stored
    deliveries: it must stay when the function is renamed (left out: ``module.function``). ``when`` is asked in the publishing
    transaction, once for each type of event in it. Raises Broken when
    another handler has that name.
    """
    endpoint = name or f"{handler.__module__}.{handler.__qualname__}"
    known = _by_name.get(endpoint)
    fresh = Subscriber(endpoint, pattern, handler, timeout, max_attempts, when)
    if known is not None and known != fresh:
        raise Broken(f"the subscriber {endpoint!r} is registered twice")
    _by_name[endpoint] = fresh
    _by_type.clear()
    return handler


@contextmanager
def subscribed(pattern: str, handler: Handler, *, name: str | None = None) -> Iterator[None]:
    """Subscribe for a block only; for tests."""
    endpoint = name or f"{handler.__module__}.{handler.__qualname__}"
    subscribe(pattern, handler, name=endpoint)
    try:
        yield
    finally:
        del _by_name[endpoint]
        _by_type.clear()


def matching(event_type: str) -> tuple[Subscriber, ...]:
    """The subscribers of events of this type."""
    found = _by_type.get(event_type)
    if found is None:
        found = tuple(one for one in _by_name.values() if fnmatchcase(event_type, one.pattern))
        _by_type[event_type] = found
    return found


def named(endpoint: str) -> Subscriber:
    """Raises LookupError when this code has no such subscriber."""
    found = _by_name.get(endpoint)
    if found is None:
        raise LookupError(f"no subscriber is called {endpoint!r}")
    return found
