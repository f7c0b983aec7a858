"""Taking a record over from whoever has it: done by deciding to in a process, and held by no role."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heli.kernel.errors import NotFound
from heli.records.common import home_of
from heli.records.verbs import verb

if TYPE_CHECKING:
    from heli.records.work import Work


def _take(work: Work) -> None:
    person = work.viewer.person
    if person is None:
        raise NotFound
    work.set(owner=person, department=home_of(person), pool="")


@verb("lead", "accept", zh="接收", en="Accept", after=False)
def accept(work: Work, params: dict[str, Any]) -> None:
    """Who accepts a lead that was handed to them owns it."""
    _take(work)


@verb("account", "take_over", zh="接手", en="Take over", after=False)
def take_over(work: Work, params: dict[str, Any]) -> None:
    """Who takes a customer over owns it, and meets all that hangs on it."""
    _take(work)
