"""Freezing: a ceiling on one person. Sensitive and confidential cells are masked for them and nothing is exported, until a
release; everything else goes on. Being a ceiling, it holds in lists, filters, sums, searches and explanations alike."""

from __future__ import annotations

from heli.access import epoch
from heli.access.core.line import Ceiling, Everything, Grip, Held, Level, Line, Source
from heli.access.models import Frozen
from heli.audit import log
from heli.audit.log import EntryData
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.kernel.errors import Conflict
from heli.kernel.words import Words

WORDS = Words("敏感数据已冻结，待安全管理员解除", "sensitive data is frozen until security releases it")
NOT_FROZEN = Words("此人没有被冻结", "this person is not frozen")

_LINE = Line(
    "*", frozenset({"read"}), ("all",),
    levels={"sensitive": Level.MASKED, "confidential": Level.MASKED, "*": Level.READ},
)  # fmt: skip
_SOURCE = Source(0, "ceiling:frozen", WORDS, 0, Words("上限", "ceiling"))
CEILING = Ceiling(
    "frozen", WORDS, frozenset({"read", "export"}), (Held(_LINE, _SOURCE, (Grip("all", (Everything(),)),)),)
)  # fmt: skip


def frozen(person: int) -> Frozen | None:
    """How somebody is frozen now."""
    return Frozen.objects.filter(person_id=person, released_at__isnull=True).first()


def freeze(by: Actor, person: int, reason: str) -> bool:
    """Freeze somebody at once; False when they are frozen already."""
    with log.transaction():
        _, made = Frozen.objects.get_or_create(
            person_id=person, released_at=None, defaults={"reason": reason, "by_id": by.person, "starts": clock.now()}
        )
        if made:
            epoch.bump_people([person])
            _tell(by, "person.freeze", person, reason)
    return made


def release(by: Actor, person: int, reason: str = "") -> None:
    """Give the person back what their roles give. Raises Conflict when they are not frozen."""
    with log.transaction():
        found = Frozen.objects.select_for_update().filter(person_id=person, released_at__isnull=True).first()
        if found is None:
            raise Conflict(NOT_FROZEN, code="not_frozen")
        found.released_at, found.released_by_id = clock.now(), by.person
        found.save(update_fields=["released_at", "released_by_id"])
        epoch.bump_people([person])
        _tell(by, "person.release", person, reason)


def _tell(by: Actor, action: str, person: int, reason: str) -> None:
    log.append(
        EntryData(
            action=action, object_type="person", object_id=str(person), actor_id=by.person, actor_name=by.name,
            acting_for_id=by.acting_for, origin=by.origin, via=by.via, reason=reason,
        )
    )  # fmt: skip
