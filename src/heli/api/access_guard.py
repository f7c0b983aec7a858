"""The guard in the permission centre: budgets, alerts, freezing, settings, planted records, and what somebody took."""

from __future__ import annotations

from datetime import date
from typing import Any

from heli.access import freeze
from heli.api import organisation, shape
from heli.api.common import PERSON, WORDS, items, moment, people, ref
from heli.api.exports import said as exports_said
from heli.api.org_common import known, not_self, person_answer
from heli.api.route import Answer, Call, Param, Route
from heli.guard import alerts, budget, ledger, letting, plant, report, settings
from heli.guard.budget import Line
from heli.guard.models import Alert, Canary
from heli.kernel.errors import Conflict, Invalid, NotFound, Problem, Refused
from heli.kernel.words import Words
from heli.org.models import Person
from heli.records.types import TYPES
from heli.review import leaving

TAG = "guard"
PAGE = 50
NOT_YOURS = Words(
    "防护由安全管理员管理；自己的额度在「我的用量」里看",
    "the guard belongs to security administrators; your own budget is under “my use”",
)
SELF_FREEZE = Words(
    "不能冻结或解除自己，请另一位安全管理员处理", "nobody freezes or releases themselves: ask another one"
)
SELF_NOTE = Words("自己的离职由管理员登记", "your own leaving is written down by an administrator")


def _may(call: Call, action: str) -> bool:
    view = call.viewer.view
    return view is not None and view.may("policy", action)


def _needs(call: Call, action: str) -> None:
    if not _may(call, action):
        why = {"code": "no_line", "words": NOT_YOURS.json(), "action": action, "type": "policy"}
        raise Refused(NOT_YOURS, code="no_line", why=why)


def _line(one: Line) -> dict[str, Any]:
    return {
        "kind": one.kind, "window": one.window, "used": one.used, "limit": one.limit, "own": one.own,
        "peers": one.peers, "words": one.words().json(),
    }  # fmt: skip


def mine(call: Call) -> Answer:
    """My own budget, in words, and whether something of mine is frozen."""
    ledger.flush()
    lines = budget.lines(call.person)
    held = freeze.frozen(call.person)
    return Answer({"lines": [_line(one) for one in lines], "frozen": moment(held.starts) if held is not None else None})


def _may_with(one: report.Watched) -> list[str]:
    if one.frozen is not None:
        return ["release"]
    return ["allow", "freeze"] if one.share >= 1 else ["freeze"]


def watched(call: Call) -> Answer:
    """People with their use against what is usual: all for security and auditors, their own people for who leads."""
    ledger.flush()
    everybody = _may(call, "read")
    only = None if everybody else report.subordinates(call.person)
    found = report.watched(only) if only is None or only else []
    names = people(one.person for one in found)
    administers = _may(call, "administer")
    said = [
        {
            "person": names[one.person], "lines": [_line(line) for line in one.lines],
            "frozen": moment(one.frozen.starts) if one.frozen is not None else None,
            "frozen_why": one.frozen.reason if one.frozen is not None else "",
            "leaving_on": one.leaving_on.isoformat() if one.leaving_on is not None else None,
            "may": _may_with(one) if administers and one.person != call.person else [],
        }
        for one in found
        if one.person in names
    ]  # fmt: skip
    return Answer({"items": said})


def _other(call: Call) -> int:
    _needs(call, "administer")
    pk = known(call)
    if pk == call.person:
        raise Conflict(SELF_FREEZE, code="self")
    return pk


def freeze_one(call: Call) -> Answer:
    """Freeze somebody: their sensitive and confidential cells are masked until a release."""
    letting.freeze(call.viewer.actor, _other(call), call.body["reason"])
    return Answer(status=204, replay="never")


def release_one(call: Call) -> Answer:
    """Release somebody who is frozen."""
    letting.release(call.viewer.actor, _other(call), call.body["reason"])
    return Answer(status=204, replay="never")


def allow_one(call: Call) -> Answer:
    """Let somebody who is over their budget go on: it begins anew."""
    letting.allow(call.viewer.actor, _other(call), call.body["reason"])
    return Answer(status=204, replay="never")


def _rests(evidence: dict[str, Any]) -> dict[str, Any]:
    """What an alert rests on; types by name, for whoever sees nothing of them too."""
    found = {k: v for k, v in evidence.items() if k != "rank"}
    kind = TYPES.get(str(found.get("type")))
    if kind is not None:
        found["type_name"] = kind.words.json()
    if isinstance(found.get("before"), list):
        found["before"] = [_rests(one) for one in found["before"]]
    return found


def _alert(one: Alert, names: dict[int, dict[str, Any]], viewer: int, administers: bool) -> dict[str, Any]:
    return {
        "id": one.pk, "kind": one.kind, "words": alerts.KINDS[one.kind].json(), "person": names.get(one.person_id),
        "at": moment(one.at), "last_at": moment(one.last_at), "times": one.times,
        "evidence": _rests(one.evidence), "closed_at": moment(one.closed_at),
        "closed_by": names.get(one.closed_by_id) if one.closed_by_id is not None else None, "note": one.note,
        "may_close": administers and one.closed_at is None and one.person_id != viewer,
    }  # fmt: skip


def told(call: Call) -> Answer:
    """Alerts, newest first: all for security and auditors, those about their people for who leads; never about oneself."""
    rows = Alert.objects.exclude(person_id=call.person)
    if not _may(call, "read"):
        rows = rows.filter(person_id__in=report.subordinates(call.person))
    if call.query.get("state", "open") == "open":
        rows = rows.filter(closed_at=None)
    if "before" in call.query:
        rows = rows.filter(pk__lt=call.query["before"])
    found = list(rows.order_by("-pk")[:PAGE])
    names = people([pk for one in found for pk in (one.person_id, one.closed_by_id)])
    said = [_alert(one, names, call.person, _may(call, "administer")) for one in found]
    return Answer({"items": said, "next": found[-1].pk if len(found) == PAGE else None})


def close(call: Call) -> Answer:
    """Say that an alert has been dealt with, and how."""
    _needs(call, "administer")
    one = alerts.close(call.viewer.actor, call.path["id"], call.body["note"])
    return Answer(_alert(one, people([one.person_id, one.closed_by_id]), call.person, True))


def _settings(call: Call) -> dict[str, Any]:
    now = settings.everything()
    return {
        "items": [
            {"key": key, "words": one.words.json(), "value": now[key], "shipped": one.shipped, "least": one.least,
             "most": one.most}
            for key, one in settings.CHOICES.items()
        ],
        "may_change": _may(call, "administer"),
    }  # fmt: skip


def read_settings(call: Call) -> Answer:
    """The guard's settings."""
    _needs(call, "read")
    return Answer(_settings(call))


def change_settings(call: Call) -> Answer:
    """Change some of them."""
    _needs(call, "administer")
    settings.change(call.viewer.actor, call.body)
    return Answer(_settings(call))


def _canary(one: Canary, names: dict[int, dict[str, Any]]) -> dict[str, Any]:
    kind = TYPES.get(one.type)
    return {
        "id": str(one.pk), "type": one.type, "name": (kind.words if kind else Words(one.type, one.type)).json(),
        "record": one.record_id, "planted_at": moment(one.planted_at), "note": one.note,
        "by": names.get(one.by_id) if one.by_id is not None else None,
    }  # fmt: skip


def canaries(call: Call) -> Answer:
    """Planted records, and of which types there can be some. For who administers the rules: who else knows them avoids them."""
    _needs(call, "administer")
    rows = list(Canary.objects.filter(removed_at=None).order_by("-pk")[:200])
    names = people(one.by_id for one in rows)
    types = [{"type": kind.code, "name": kind.words.json()} for kind in plant.possible()]
    return Answer({"items": [_canary(one, names) for one in rows], "types": types})


def plant_one(call: Call) -> Answer:
    """Plant a record that alerts when it is read in bulk or exported."""
    _needs(call, "administer")
    department = call.body.get("department")
    made = plant.plant(
        call.viewer, call.body["type"], int(department) if department is not None else None, call.body.get("note") or ""
    )
    return Answer(_canary(made, people([made.by_id])), 201, replay="body")


def remove_one(call: Call) -> Answer:
    """Take a planted record away."""
    _needs(call, "administer")
    plant.remove(call.viewer, int(call.path["id"]))
    return Answer(status=204)


def taken(call: Call) -> Answer:
    """What somebody saw and exported in the last days, by day, type, channel and class; no values."""
    pk = int(call.path["id"])
    allowed = pk == call.person or _may(call, "read") or pk in report.subordinates(call.person)
    view = call.viewer.view
    allowed = allowed or (view is not None and view.may("organisation", "administer"))
    if not allowed or not Person.objects.filter(pk=pk).exists():
        raise NotFound
    ledger.flush()
    days = call.query.get("days", 30)
    rows = report.taken(pk, days)
    for row in rows:
        kind = TYPES.get(str(row["type"]))
        row["name"] = (kind.words if kind is not None else Words(str(row["type"]), str(row["type"]))).json()
    totals = dict.fromkeys(budget.KINDS, 0)
    for row in rows:
        totals[str(row["kind"])] += int(str(row["n"]))
    return Answer(
        {"days": days, "totals": totals, "items": rows, "exports": exports_said(report.exported(pk, days), call.person)}
    )


def notice(call: Call) -> Answer:
    """Write down somebody's last day, or take it back with null."""
    organisation.needs_admin(call)
    pk = known(call)
    not_self(call, pk, SELF_NOTE)
    text = call.body["on"]
    try:
        on = None if text is None else date.fromisoformat(text)
    except ValueError:
        raise Invalid(
            Problem("on", "type", Words("应为日期，如 2026-11-23", "must be a day such as 2026-11-23"))
        ) from None
    leaving.give_notice(call.viewer.actor, pk, on)
    return person_answer(call, pk)


_TEXT: shape.Schema = {"type": "string"}
_MAYBE: shape.Schema = {"type": ["string", "null"]}
_INT: shape.Schema = {"type": "integer"}
_FLAG: shape.Schema = {"type": "boolean"}
_REASON = shape.record({"reason": shape.text(500, 2)})
_COUNTS = shape.record(dict.fromkeys(budget.KINDS, _INT))
SCHEMAS = {
    "BudgetLine": shape.record(
        {"kind": {"type": "string", "enum": list(budget.KINDS)}, "window": {"type": "string", "enum": list(budget.WINDOWS)},
         "used": _INT, "limit": _INT, "own": _INT, "peers": _INT, "words": ref(WORDS)}
    ),
    "MyBudget": shape.record({"lines": shape.array(ref("BudgetLine")), "frozen": _MAYBE}),
    "Watched": shape.record(
        {"person": ref(PERSON), "lines": shape.array(ref("BudgetLine")), "frozen": _MAYBE, "frozen_why": _TEXT,
         "leaving_on": _MAYBE, "may": shape.array(_TEXT)}
    ),
    "Alert": shape.record(
        {"id": shape.ID, "kind": _TEXT, "words": ref(WORDS), "person": shape.nullable(ref(PERSON)), "at": shape.MOMENT,
         "last_at": shape.MOMENT, "times": _INT, "evidence": {"type": "object"}, "closed_at": _MAYBE,
         "closed_by": shape.nullable(ref(PERSON)), "note": _TEXT, "may_close": _FLAG}
    ),
    "GuardSettings": shape.record(
        {"items": shape.array(shape.record(
            {"key": _TEXT, "words": ref(WORDS), "value": {"type": ["integer", "boolean"]},
             "shipped": {"type": ["integer", "boolean"]}, "least": _INT, "most": _INT})),
         "may_change": _FLAG}
    ),
    "Canary": shape.record(
        {"id": _TEXT, "type": _TEXT, "name": ref(WORDS), "record": shape.ID, "planted_at": shape.MOMENT, "note": _TEXT,
         "by": shape.nullable(ref(PERSON))}
    ),
    "Canaries": shape.record(
        {"items": shape.array(ref("Canary")), "types": shape.array(shape.record({"type": _TEXT, "name": ref(WORDS)}))}
    ),
    "TakenReport": shape.record(
        {"days": _INT, "totals": _COUNTS, "exports": shape.array(ref("Export")),
         "items": shape.array(shape.record(
             {"day": _TEXT, "type": _TEXT, "name": ref(WORDS), "channel": _TEXT, "kind": _TEXT, "n": _INT}))}
    ),
}  # fmt: skip
_SETTINGS = {
    **shape.record(
        {
            key: {"type": "boolean" if isinstance(one.shipped, bool) else "integer"}
            for key, one in settings.CHOICES.items()
        },
        required=(),
    ),
    "minProperties": 1,
}
_PLANT = shape.record(
    {"type": shape.text(64, 1), "department": shape.nullable(shape.NUMBER_ID), "note": shape.nullable(shape.text(200))},
    required=("type",),
)
_PERSON = {"id": shape.NUMBER_ID}
_ALERT = {"id": shape.ID}
_STATE = Param("state", {"type": "string", "enum": ["open", "all"]}, "Open ones (default), or all")
_BEFORE = Param("before", shape.ID, "`next` of the page before")
_DAYS = Param("days", {"type": "integer", "minimum": 1, "maximum": 365}, "Days back (30)")
ROUTES = (
    Route("GET", "/access/guard/mine", mine, "getMyBudget", "My budget of sensitive data", TAG, answers={200: ref("MyBudget")}),
    Route("GET", "/access/guard/people", watched, "listWatched", "Use of sensitive data against what is usual", TAG,
          answers={200: items(ref("Watched"))}),
    Route("POST", "/access/guard/people/{id}/freeze", freeze_one, "freezePerson", "Freeze somebody's sensitive data", TAG,
          path_schemas=_PERSON, body=_REASON, keyed=True, errors=(409,), answers={204: None}),
    Route("POST", "/access/guard/people/{id}/release", release_one, "releasePerson", "Release somebody", TAG,
          path_schemas=_PERSON, body=_REASON, keyed=True, errors=(409,), answers={204: None}),
    Route("POST", "/access/guard/people/{id}/allow", allow_one, "allowPerson", "Let somebody go on beyond their budget", TAG,
          path_schemas=_PERSON, body=_REASON, keyed=True, errors=(409,), answers={204: None}),
    Route("GET", "/access/guard/alerts", told, "listAlerts", "Alerts", TAG, params=(_STATE, _BEFORE),
          answers={200: items(ref("Alert"), paged=True)}),
    Route("POST", "/access/guard/alerts/{id}/close", close, "closeAlert", "Deal with an alert", TAG, path_schemas=_ALERT,
          body=shape.record({"note": shape.text(1000, 2)}), keyed=True, errors=(409,), answers={200: ref("Alert")}),
    Route("GET", "/access/guard/settings", read_settings, "getGuardSettings", "Settings of the guard", TAG, errors=(403,),
          answers={200: ref("GuardSettings")}),
    Route("PATCH", "/access/guard/settings", change_settings, "changeGuardSettings", "Change settings of the guard", TAG,
          body=_SETTINGS, answers={200: ref("GuardSettings")}),
    Route("GET", "/access/guard/canaries", canaries, "listCanaries", "Planted records", TAG, errors=(403,),
          answers={200: ref("Canaries")}),
    Route("POST", "/access/guard/canaries", plant_one, "plantCanary", "Plant a record", TAG, body=_PLANT, keyed=True,
          errors=(409,), answers={201: ref("Canary")}),
    Route("DELETE", "/access/guard/canaries/{id}", remove_one, "removeCanary", "Remove a planted record", TAG,
          path_schemas=_PERSON, answers={204: None}),
    Route("GET", "/access/people/{id}/taken", taken, "getTaken", "What somebody saw and exported", TAG, path_schemas=_PERSON,
          params=(_DAYS,), answers={200: ref("TakenReport")}),
    Route("POST", "/organisation/people/{id}/notice", notice, "giveNotice", "Write down somebody's last day", "organisation",
          path_schemas=_PERSON, body=shape.record({"on": {"type": ["string", "null"], "format": "date", "maxLength": 10}}),
          keyed=True, errors=(409,), answers={200: ref("PersonPage")}),
)  # fmt: skip
