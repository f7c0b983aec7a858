"""Messages from outside: taken once each, however often the other side sends them; and which of its objects
are ours."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.db.transaction import atomic

from heli.jobs import times
from heli.jobs.models import ExternalRef
from heli.jobs.tasks import LeaseTask

_TAKE = "INSERT INTO jobs_inbox (source, external_id, body, at) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING"


def accept(source: str, external_id: str, body: str, task: LeaseTask) -> bool:
    """Keep a verified message and enqueue ``task(source, external_id, body)``, together; False when it was
    taken before.

    ``source`` has at most 100 and ``external_id`` at most 200 characters. Raises ValueError when one is empty
    or longer.
    """
    for name, value, most in (("source", source, 100), ("external_id", external_id, 200)):
        if not 0 < len(value) <= most or "\0" in value:
            raise ValueError(f"{name} has between 1 and {most} characters")
    with atomic(), connection.cursor() as cursor:
        cursor.execute(_TAKE, [source, external_id, body.replace("\0", "\ufffd"), times.now()])
        if cursor.rowcount != 1:
            return False
        task.enqueue(source, external_id, body)
    return True


@dataclass(frozen=True, slots=True)
class Ref:
    """``hash`` of the content and ``version`` of the other side when both last agreed: a change that we made
    ourselves is known by them."""

    system: str
    external_id: str
    object: str
    key: str
    hash: str
    version: str = ""


def remember(ref: Ref) -> None:
    """Note, or note anew, which object of another system is which of ours. Raises IntegrityError when ours is
    bound to another."""
    ExternalRef.objects.update_or_create(
        system=ref.system,
        object=ref.object,
        external_id=ref.external_id,
        defaults={"key": ref.key, "hash": ref.hash, "version": ref.version},
    )


def find(system: str, object: str, *, external_id: str | None = None, key: str | None = None) -> Ref | None:
    """The pairing by the other side's number or by our key."""
    rows = ExternalRef.objects.filter(system=system, object=object)
    rows = rows.filter(key=key) if external_id is None else rows.filter(external_id=external_id)
    row = rows.values_list("system", "external_id", "object", "key", "hash", "version").first()
    return None if row is None else Ref(*row)
