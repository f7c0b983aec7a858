"""Sandboxes of drafts: who is asked to try one, entering it, and what they say about it."""

from __future__ import annotations

from typing import Any

from heli.access.viewer import SANDBOX
from heli.api import modes, shape
from heli.api.common import PERSON, WORDS, items, moment, people, ref
from heli.api.drafts import needs
from heli.api.route import Answer, Call, Route
from heli.api.view_as import IN_ONE, mode_session, now_in
from heli.audit import log
from heli.kernel import clock
from heli.kernel.errors import Conflict
from heli.kernel.words import Words
from heli.org.models import Assignment
from heli.org.tree import valid
from heli.policy import drafts, sandbox
from heli.policy.models import Verdict

TAG = "policy"
_ID = {"id": shape.NUMBER_ID}
_AT = "/access/drafts/{id}/sandbox"
_TEXT: shape.Schema = {"type": "string"}


def seen(call: Call) -> Answer:
    """Who is asked to try a draft and what they said; to a tester who does not read the policy, only their own part."""
    pk = int(call.path["id"])
    view = call.viewer.view
    if view is None or not view.may("policy", "read"):
        own = sandbox.tester_of(pk, call.viewer.looker)
        found = [one for one in sandbox.standings(drafts.get(pk)) if one.tester.pk == own.pk]
        return Answer(_said(call, pk, found, whole=False))
    return Answer(_said(call, pk, sandbox.standings(drafts.get(pk)), whole=True))


def _said(call: Call, pk: int, standings: list[sandbox.Standing], *, whole: bool) -> dict[str, Any]:
    draft = drafts.get(pk)
    author = call.viewer.looker in draft.authors and whole and draft.state in sandbox.OPEN
    return {
        "draft": str(pk), "title": draft.title, "note": draft.note, "state": draft.state, "revision": draft.revision,
        "testers": testers(standings), "may": ["testers"] if author else [],
    }  # fmt: skip


def testers(standings: list[sandbox.Standing]) -> list[dict[str, Any]]:
    """Testers with their department and what they last said: for the draft's page, its simulation and whoever approves."""
    names = people(one.tester.person_id for one in standings)
    here = Assignment.objects.filter(valid(clock.now()), person_id__in=names, primary=True)
    rows = here.values_list("person_id", "department__name", "department__name_en")
    places = {pk: Words(name, english or name).json() for pk, name, english in rows}
    return [
        {
            "person": names[one.tester.person_id],
            "department": places.get(one.tester.person_id),
            "asked_at": moment(one.tester.asked_at),
            **_verdict(one),
        }
        for one in standings
        if one.tester.person_id in names
    ]


def _verdict(one: sandbox.Standing) -> dict[str, Any]:
    said = one.verdict
    if said is None:
        return {"verdict": None, "text": "", "place": "", "at": None, "revision": None, "stale": False}
    return {
        "verdict": said.kind, "text": said.text, "place": said.place, "at": moment(said.at), "revision": said.revision,
        "stale": one.stale,
    }  # fmt: skip


def put(call: Call) -> Answer:
    """Ask exactly these people to try the draft."""
    needs(call, "administer")
    sandbox.set_testers(call.viewer.actor, int(call.path["id"]), [int(one) for one in call.body["testers"]])
    return seen(call)


def mine(call: Call) -> Answer:
    """The open sandboxes that I am asked into."""
    return Answer({"items": my_sandboxes(call.viewer.looker)})


def my_sandboxes(person: int | None) -> list[dict[str, Any]]:
    """The open sandboxes that somebody is asked into, with what they last said."""
    found = sandbox.mine(person)
    names = people(one.tester.asked_by for one in found if one.tester.asked_by is not None)
    return [
        {
            "draft": str(one.tester.draft_id), "title": one.tester.draft.title, "note": one.tester.draft.note,
            "by": names.get(one.tester.asked_by or 0), "asked_at": moment(one.tester.asked_at), **_verdict(one),
        }
        for one in found
    ]  # fmt: skip


def enter(call: Call) -> Answer:
    """Use the product under the draft, writing nothing; ends by itself after two hours."""
    key = mode_session(call)
    if call.viewer.mode is not None:
        raise Conflict(IN_ONE, code="in_mode")
    with log.transaction():
        modes.begin(call.viewer, key, SANDBOX, int(call.path["id"]))
    return now_in(call)


def signed(call: Call) -> Answer:
    """Say that one can work like this."""
    sandbox.sign(call.viewer.actor, int(call.path["id"]), (call.body or {}).get("text", ""))
    return mine(call)


def reported(call: Call) -> Answer:
    """Say what one misses, and where one was."""
    sandbox.report(call.viewer.actor, int(call.path["id"]), call.body["text"], call.body.get("place", ""))
    return mine(call)


_VERDICT: dict[str, shape.Schema] = {
    "verdict": {"type": ["string", "null"], "enum": [*(k for k, _ in Verdict.KINDS), None]}, "text": _TEXT,
    "place": _TEXT, "at": {"type": ["string", "null"]}, "revision": {"type": ["integer", "null"]},
    "stale": {"type": "boolean"},
}  # fmt: skip
SCHEMAS = {
    "Tester": shape.record(
        {"person": ref(PERSON), "department": shape.nullable(ref(WORDS)), "asked_at": _TEXT, **_VERDICT}
    ),
    "Sandbox": shape.record(
        {
            "draft": _TEXT, "title": _TEXT, "note": _TEXT, "state": _TEXT, "revision": {"type": "integer"},
            "testers": shape.array(ref("Tester")), "may": shape.array(_TEXT),
        }
    ),
    "MySandbox": shape.record(
        {
            "draft": _TEXT, "title": _TEXT, "note": _TEXT, "by": shape.nullable(ref(PERSON)), "asked_at": _TEXT,
            **_VERDICT,
        }
    ),
}  # fmt: skip
_MINE = {200: items(ref("MySandbox"))}
ROUTES = (
    Route("GET", "/access/sandboxes", mine, "listSandboxes", "Sandboxes that I am asked into", TAG, answers=_MINE),
    Route("GET", _AT, seen, "getSandbox", "Testers of a draft and what they said", TAG, path_schemas=_ID,
          answers={200: ref("Sandbox")}),
    Route("PUT", _AT, put, "putSandbox", "Ask people to try a draft", TAG, path_schemas=_ID, answers={200: ref("Sandbox")},
          body=shape.record({"testers": shape.array(shape.NUMBER_ID, sandbox.MOST_TESTERS)}), errors=(409,)),
    Route("POST", f"{_AT}/enter", enter, "enterSandbox", "Use the product under a draft", TAG, path_schemas=_ID,
          answers={200: ref("Me")}, errors=(409,)),
    Route("POST", f"{_AT}/sign", signed, "signSandbox", "Say that one can work like this", TAG, path_schemas=_ID,
          body=shape.record({"text": shape.text(2000)}, required=()), body_required=False, answers=_MINE, errors=(409,)),
    Route("POST", f"{_AT}/report", reported, "reportInSandbox", "Say what one misses", TAG, path_schemas=_ID,
          body=shape.record({"text": shape.text(4000, 1), "place": shape.text(300)}, required=("text",)), answers=_MINE,
          errors=(409,)),
)  # fmt: skip
