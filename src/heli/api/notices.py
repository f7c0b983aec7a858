"""Notices: what I was told, that I have looked at it, and how I want to be told."""

from __future__ import annotations

from typing import Any

from heli.api import shape
from heli.api.account import own
from heli.api.common import PERSON, WORDS, moment, people, ref
from heli.api.route import Answer, Call, Param, Route
from heli.notices import inbox, settings
from heli.notices.inbox import Told
from heli.notices.kinds import KINDS, MAILS
from heli.notices.settings import DAYS, Settings
from heli.org.models import Person

TAG = "notices"
MOST_IDS = 200
_MAIL: shape.Schema = {"type": "string", "enum": list(MAILS)}
_TIME: shape.Schema = {"type": "string", "maxLength": 5, "description": "HH:MM on the company's clock"}
_DAYS: shape.Schema = {"type": "string", "enum": list(DAYS)}
SCHEMAS = {
    "Notice": shape.record(
        {
            "id": {"type": "string"}, "kind": {"type": "string"}, "text": ref(WORDS), "href": {"type": "string"}, "at": shape.MOMENT,
            "by": shape.nullable(ref(PERSON)), "seen": {"type": "boolean"},
            "over": {"type": "boolean", "description": "There is nothing to do about it any more"},
        }
    ),
    "NoticeSettings": shape.record(
        {
            "kinds": shape.array(shape.record({"kind": {"type": "string"}, "name": ref(WORDS), "mail": _MAIL, "shipped": _MAIL})),
            "quiet_from": _TIME, "quiet_to": _TIME, "digest_at": _TIME, "digest_days": _DAYS,
            "address": {"type": "string", "description": "Where mail goes; empty: I have no address, and get none"},
        }
    ),
}  # fmt: skip


def listed(call: Call) -> Answer:
    """My notices, newest first."""
    before = int(call.query["before"]) if "before" in call.query else None
    found, following = inbox.mine(call.viewer, before, unseen=call.query.get("unseen", False))
    told = people(one.notice.by_id for one in found)
    return Answer({"items": [_told(one, told) for one in found], "next": str(following) if following else None})


def _told(one: Told, told: dict[int, dict[str, Any]]) -> dict[str, Any]:
    row = one.notice
    return {
        "id": str(row.pk), "kind": row.kind, "text": one.said.text.json(), "href": one.said.href, "at": moment(row.at),
        "by": told.get(row.by_id or 0), "seen": row.seen_at is not None, "over": one.said.over,
    }  # fmt: skip


def mark_seen(call: Call) -> Answer:
    """I have looked at these; without any, at all of them."""
    ids = call.body.get("ids")
    inbox.mark_seen(call.viewer, [int(one) for one in ids] if ids is not None else None)
    return Answer(status=204)


def how(call: Call) -> Answer:
    """How I want to be told."""
    person = own(call)
    return Answer(_settings(person, settings.of([person])[person]))


def change(call: Call) -> Answer:
    """Set how I want to be told; what is not named stays."""
    person = own(call)
    return Answer(_settings(person, settings.change(call.viewer.actor, person, call.body)))


def _settings(person: int, found: Settings) -> dict[str, Any]:
    return {
        "kinds": [{"kind": one.code, "name": one.words.json(), "mail": found.of(one.code), "shipped": one.mail} for one in KINDS],
        "quiet_from": found.quiet_from, "quiet_to": found.quiet_to, "digest_at": found.digest_at, "digest_days": found.digest_days,
        "address": Person.objects.values_list("email", flat=True).get(pk=person),
    }  # fmt: skip


ROUTES = (
    Route("GET", "/notices", listed, "listNotices", "What I was told, newest first", TAG,
          params=(Param("unseen", {"type": "boolean"}, "Only what I have not looked at"), Param("before", shape.NUMBER_ID, "Older than this one")),
          answers={200: shape.record({"items": shape.array(ref("Notice")), "next": {"type": ["string", "null"]}})}),
    Route("POST", "/notices/seen", mark_seen, "markNoticesSeen", "I have looked at these, or at all", TAG,
          body=shape.record({"ids": shape.array(shape.NUMBER_ID, MOST_IDS)}, ()), answers={204: None}),
    Route("GET", "/me/notices", how, "getNoticeSettings", "How I want to be told", TAG, answers={200: ref("NoticeSettings")}, errors=(403,)),
    Route("PATCH", "/me/notices", change, "changeNoticeSettings", "Set how I want to be told", TAG,
          body=shape.record({
              "mail": {"type": "object", "maxProperties": 50, "additionalProperties": _MAIL}, "quiet_from": _TIME, "quiet_to": _TIME,
              "digest_at": _TIME, "digest_days": _DAYS,
          }, ()), answers={200: ref("NoticeSettings")}, errors=(403,)),
)  # fmt: skip
