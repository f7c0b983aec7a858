"""Where I am signed in: each browser with when and from where, to be ended one by one or all others at once."""

from __future__ import annotations

from django.conf import settings

from heli.api import sessions, shape
from heli.api.account import TAG, own
from heli.api.common import items, moment, ref
from heli.api.models import Session
from heli.api.route import Answer, Call, Route
from heli.audit import log
from heli.audit.log import EntryData
from heli.kernel import clock
from heli.kernel.errors import NotFound

MOST = 200


def _mine(call: Call) -> list[Session]:
    live = Session.objects.filter(person_id=own(call), expire_date__gt=clock.now())
    return list(live.order_by("-seen_at", "session_key")[:MOST])


def _here(call: Call) -> str:
    return call.request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")


def listed(call: Call) -> Answer:
    """My sessions, the latest used first."""
    here = _here(call)
    return Answer({"items": [
        {
            "id": sessions.public(one.session_key),
            "current": one.session_key == here,
            "since": moment(one.made_at),
            "seen": moment(one.seen_at),
            "address": one.address,
            "device": one.device,
        }
        for one in _mine(call)
    ]})  # fmt: skip


def end(call: Call) -> Answer:
    """End one of my sessions; its next request is not signed in. Also this one, as signing out does."""
    found = next((one for one in _mine(call) if sessions.public(one.session_key) == call.path["id"]), None)
    if found is None:
        raise NotFound
    with log.transaction():
        ended = Session.objects.filter(session_key=found.session_key).delete()[0]
        if ended:
            log.append(_entry(call, {"device": found.device, "address": found.address}))
    return Answer(status=204)


def end_others(call: Call) -> Answer:
    """End all of my sessions but this one."""
    with log.transaction():
        ended = sessions.end_others(own(call), _here(call))
        if ended:
            log.append(_entry(call, {"others": ended}))
    return Answer({"ended": ended}, replay="never")


def _entry(call: Call, after: dict[str, object]) -> EntryData:
    who = call.viewer
    return EntryData(action="session.end", object_type="person", object_id=str(who.person), actor_id=who.person,
                     actor_name=who.name, origin=call.origin, after=after)  # fmt: skip


SCHEMAS = {
    "MySession": shape.record({
        "id": shape.ID, "current": {"type": "boolean"}, "since": shape.MOMENT, "seen": shape.MOMENT,
        "address": {"type": "string"}, "device": {"type": "string"},
    })
}  # fmt: skip
ROUTES = (
    Route("GET", "/me/sessions", listed, "listMySessions", "Where I am signed in", TAG,
          answers={200: items(ref("MySession"))}, errors=(403,)),
    Route("POST", "/me/sessions/end-others", end_others, "endMyOtherSessions", "End all other sessions", TAG,
          answers={200: shape.record({"ended": {"type": "integer"}})}, errors=(403,)),
    Route("DELETE", "/me/sessions/{id}", end, "endMySession", "End one of my sessions", TAG, path_schemas={"id": shape.ID},
          answers={204: None}, errors=(403,)),
)  # fmt: skip
