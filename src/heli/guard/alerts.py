"""Alerts: what security and a person's manager have to look at, with what it rests on. One open alert a person and kind."""

from __future__ import annotations

from typing import Any

from django.db.models import F

from heli.audit import log
from heli.audit.log import EntryData
from heli.guard import told
from heli.guard.models import Alert
from heli.jobs import events
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.kernel.errors import Conflict, NotFound
from heli.kernel.words import Words

KINDS = {
    "budget": Words("超出敏感数据额度", "over the budget of sensitive data"),
    "frozen": Words("已被冻结", "frozen"),
    "canary": Words("读取了诱饵记录", "read planted records"),
}
CLOSED = Words("这条告警已经处理", "this alert has been dealt with")
SELF = Words("不能处理关于自己的告警", "nobody deals with an alert about themselves")
QUIET = 600
"""Seconds within which the same thing is not told again."""


def tell(kind: str, person: int, evidence: dict[str, Any], *, always: bool = False) -> Alert | None:
    """Raise an alert, or add to the open one; None when it was told just now, unless ``always``."""
    now = clock.now()
    with log.transaction():
        open_one = Alert.objects.select_for_update().filter(kind=kind, person_id=person, closed_at=None).first()
        if open_one is not None:
            if (
                not always
                and (now - open_one.last_at).total_seconds() < QUIET
                and open_one.evidence.get("rank", 0) >= rank(evidence)
            ):
                return None
            chain = [*open_one.evidence.get("before", []), _short(open_one)][-20:]
            Alert.objects.filter(pk=open_one.pk).update(
                last_at=now, times=F("times") + 1, evidence={**evidence, "rank": rank(evidence), "before": chain}
            )
            found = open_one
        else:
            found = Alert.objects.create(
                kind=kind, person_id=person, at=now, last_at=now, evidence={**evidence, "rank": rank(evidence)}
            )
            told.alert(found)
        events.publish(f"alert.{kind}", "alert", found.pk, {"person": str(person)})
        log.append(
            EntryData(
                action=f"alert.{kind}", object_type="person", object_id=str(person), actor_id=None,
                actor_name="system: guard", origin="job", via="guard", after=evidence,
            )
        )  # fmt: skip
    return found


def rank(evidence: dict[str, Any]) -> int:
    """How grave it is, so that what grows worse is told at once: doublings over the budget, or records read."""
    if evidence.get("limit"):
        return int(evidence["used"] // evidence["limit"])
    return int(evidence.get("rows", 0))


def _short(alert: Alert) -> dict[str, Any]:
    kept = {k: v for k, v in alert.evidence.items() if k not in ("before", "rank")}
    return {"at": alert.last_at.isoformat(), **kept}


def close(by: Actor, alert: str, note: str) -> Alert:
    """Say that it has been dealt with, and how. Raises NotFound; Conflict when it was already, or is about oneself."""
    with log.transaction():
        found = Alert.objects.select_for_update().filter(pk=alert).first()
        if found is None:
            raise NotFound
        if found.closed_at is not None:
            raise Conflict(CLOSED, code="closed")
        if found.person_id == by.person:
            raise Conflict(SELF, code="self")
        found.closed_at, found.closed_by_id, found.note = clock.now(), by.person, note
        found.save(update_fields=["closed_at", "closed_by_id", "note"])
        log.append(
            EntryData(
                action="alert.close", object_type="person", object_id=str(found.person_id), actor_id=by.person,
                actor_name=by.name, acting_for_id=by.acting_for, origin=by.origin, via=by.via, reason=note,
                after={"alert": alert, "kind": found.kind},
            )
        )  # fmt: skip
    return found
