"""Freezing somebody, and letting them go on: what they took until then is decided on with that and counts no more, or whoever is
released would be frozen again by the next page they open. What they took stays in the reports and in the log."""

from __future__ import annotations

from heli.access import freeze as ceiling
from heli.audit import log
from heli.audit.log import EntryData
from heli.guard import alerts, budget, ledger, told
from heli.guard.models import Alert, Recent
from heli.kernel import clock
from heli.kernel.actor import Actor


def freeze(by: Actor, person: int, reason: str) -> bool:
    """Freeze somebody at once, and tell them; False when they are frozen already."""
    with log.transaction():
        made = ceiling.freeze(by, person, reason)
        if made:
            told.frozen(by, person, clock.now().isoformat())
    return made


def release(by: Actor, person: int, reason: str) -> None:
    """Give them back what their roles give, with a budget that begins anew. Raises Conflict when they are not frozen."""
    ledger.flush()
    with log.transaction():
        ceiling.release(by, person, reason)
        _anew(by, person, reason)
        told.released(by, person, clock.now().isoformat())
    ledger.look_again(person)


def allow(by: Actor, person: int, reason: str) -> None:
    """Let somebody who is slowed down go on: their budget begins anew."""
    ledger.flush()
    with log.transaction():
        used = {f"{kind} {window}": n for (kind, window), n in budget.used(person).items() if kind in budget.KINDS}
        _anew(by, person, reason)
        log.append(
            EntryData(
                action="guard.allow", object_type="person", object_id=str(person), actor_id=by.person, actor_name=by.name,
                acting_for_id=by.acting_for, origin=by.origin, via=by.via, reason=reason, before=used,
            )
        )  # fmt: skip
        told.released(by, person, clock.now().isoformat())
    ledger.look_again(person)


def _anew(by: Actor, person: int, reason: str) -> None:
    Recent.objects.filter(person_id=person).delete()
    if by.person != person:
        for pk in Alert.objects.filter(person_id=person, kind__in=("budget", "frozen"), closed_at=None).values_list(
            "pk", flat=True
        ):
            alerts.close(by, pk, reason)
