"""Whom the guard tells: security and who leads somebody of an alert, the person of a freeze and its end, deciders and asker of an export."""

from __future__ import annotations

from heli.guard import people
from heli.guard.models import Alert, Export
from heli.insight import company
from heli.kernel.actor import Actor
from heli.notices import tell as notices

ALERT, FROZEN, EXPORT_TURN, EXPORT_ANSWER = "guard_alert", "guard_frozen", "export_turn", "export_answer"
"""Kinds of notices."""
SETTLED = (Export.READY, Export.REFUSED, Export.FAILED)


def alert(found: Alert) -> None:
    """Tell of an alert that was raised, once for as long as it is open."""
    security = company.now().may("policy", "administer")
    told = [pk for pk in (*security, *people.managers(found.person_id)) if pk != found.person_id]
    notices.tell(told, ALERT, f"alert:{found.pk}", "alert", found.pk)


def frozen(by: Actor, person: int, since: str) -> None:
    """Tell somebody that what is sensitive is frozen for them."""
    notices.tell([person], FROZEN, f"frozen:{person}:{since}", "frozen", str(person), by=by.person)


def released(by: Actor, person: int, since: str) -> None:
    """Tell somebody that they may go on."""
    notices.tell([person], FROZEN, f"released:{person}:{since}", "released", str(person), by=by.person)


def export(row: Export, deciders: list[int]) -> None:
    """Tell who may decide on an export that waits; and who asked for it what became of it."""
    if row.state == Export.WAITING:
        notices.tell(deciders, EXPORT_TURN, f"export:{row.pk}:turn", "export", row.pk, by=row.person_id)
    elif row.state in SETTLED:
        by = row.decided_by_id if row.state == Export.REFUSED else None
        notices.tell([row.person_id], EXPORT_ANSWER, f"export:{row.pk}:{row.state}", "export", row.pk, by=by)
