"""市场活动: distribute its leads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heli.access import view as views
from heli.access.viewer import Viewer
from heli.flows import hearing
from heli.kernel.actor import Actor
from heli.kernel.errors import Refused
from heli.kernel.ids import uuid7
from heli.kernel.words import Words
from heli.org.models import Person
from heli.records import readers, store
from heli.records.sight import kind_of
from heli.records.verbs import verb

if TYPE_CHECKING:
    from heli.records.work import Work

MESSAGE = "distribute_lead"
"""What a lead that is to be distributed hears."""
OPEN_STAGES = ("new", "contacted", "qualified")
MOST = 1000
NOBODY = Words("活动没有负责人，无法分配线索", "the campaign has no owner in whose name its leads could be distributed")


@verb("campaign", "distribute", zh="分配线索", en="Distribute its leads", after=False)
def distribute(work: Work, params: dict[str, Any]) -> None:
    """Hand every open lead of the campaign to sales, in the name of who owns the campaign and as far as they see leads."""
    owner = Person.objects.filter(pk=work.value("owner") or 0).exclude(status=Person.LEFT).first()
    if owner is None:
        raise Refused(NOBODY, code="no_owner")
    actor = Actor(owner.pk, owner.display_name, "job", via="campaign.distribute")
    viewer = Viewer(owner.pk, owner.username, owner.display_name, owner.kind, actor, views.of(owner.pk))
    its = {"field": "campaign", "op": "=", "value": work.row["id"]}
    leads = sorted(store.query(viewer, "lead").where(its).ids(MOST))
    rows, cause = readers.rows_of(kind_of("lead"), leads), uuid7()
    for lead in leads:
        if lead in rows and rows[lead]["stage"] in OPEN_STAGES:
            hearing.spread.enqueue("message", MESSAGE, lead, f"{cause}:{lead}", owner.pk)
