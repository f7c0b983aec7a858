"""What a draft, or anything else that could be changed, would do: nothing here changes anything."""

from __future__ import annotations

from typing import Any

from heli.access.facts import World
from heli.access.scopes import SCOPES
from heli.access.unread import Unread
from heli.api import shape
from heli.api.access_common import told_question
from heli.api.common import PERSON, WORDS, ref
from heli.api.drafts import needs
from heli.api.route import Answer, Call, Param, Route
from heli.kernel import clock
from heli.kernel.errors import Conflict, Invalid, NotFound, Problem
from heli.kernel.words import Words
from heli.policy import apply, drafts, state
from heli.policy.change import KINDS, MOST_CHANGES, Change, check_grant, state_of, thing_of
from heli.policy.company import changed
from heli.policy.names import Names
from heli.policy.sentences import sentence
from heli.policy.simulate import json, narrower, replay, report, say, whatif
from heli.policy.simulate.rights import What
from heli.policy.simulate.symbolic import difference

TAG = "policy"
EITHER = Words("要么给 changes，要么给 what", "give either changes or what")
NO_CHANGE_THERE = Words("草稿里没有这处改动", "the draft has no such change")
STALE = Words(
    "草稿与公司现状矛盾，先解决矛盾再模拟", "the draft contradicts what the company has become: resolve that first"
)
PROPOSED = {
    narrower.UNUSED: Words("{days} 天没有人用过：{what}", "nobody used this in {days} days: {what}"),
    narrower.ALONE: Words("只有 {person} 用过：{what}，{n} 次", "{person} alone used this, {n} times: {what}"),
    narrower.SCOPE: Words(
        "{n} 次使用都在「{scope}」以内：{what}", "all {n} uses lie within “{scope}”: {what}"
    ),
}  # fmt: skip


def simulated(call: Call) -> Answer:
    """What a draft, or one of its changes, would do to everybody."""
    needs(call, "read")
    draft = drafts.get(int(call.path["id"]))
    names = Names.load()
    at = report.stamp()
    changes = _fitting(draft, names)
    only = call.query.get("change")
    before = World.load()
    found = report.simulate(
        before, changed(before, _only(changes, only), names), _only(changes, only), draft.authors, at=at,
        unread=Unread(call.viewer.view),
    )  # fmt: skip
    return Answer({**json.told(found, call.person), "question": None}, headers={"ETag": f'"{at}-{draft.revision}"'})


def _fitting(draft: Any, names: Names) -> list[Change]:
    """The draft's changes on the company as it is now. Raises Conflict where they contradict it."""
    changes, conflicts = apply.rebased(drafts.changes_of(draft), names)
    if conflicts:
        raise Conflict(STALE, code="conflict")
    return changes


def _only(changes: list[Change], only: str | None) -> list[Change]:
    """One change, with the roles that it needs to exist."""
    if only is None:
        return changes
    kind, _, key = only.partition("/")
    found = next((one for one in changes if one.thing == (kind, key)), None)
    if found is None:
        raise Invalid(Problem("change", "unknown", NO_CHANGE_THERE))
    needed = found.after.get("role") if kind == "grant" and found.after is not None else None
    roles = [one for one in changes if one.kind == "role" and one.key == needed and one.before is None]
    return [*roles, found]


def asked(call: Call) -> Answer:
    """What if: these changes, or somebody moves or leaves, a role goes, a grant ends."""
    needs(call, "read")
    body = call.body
    if ("changes" in body) == ("what" in body):
        raise Invalid(Problem("changes", "either", EITHER))
    told_question(call, "policy.simulate")
    names, at, now = Names.load(), report.stamp(), World.load()
    unread = Unread(call.viewer.view)
    if "what" in body:
        one = whatif.world(now, body["what"], names)
        found = report.simulate(now, one.world, one.changes, at=at, unread=unread)
        return Answer({**json.told(found, call.person), "question": one.words.json()})
    changes = _changes(body["changes"], names)
    found = report.simulate(now, changed(now, changes, names), changes, at=at, unread=unread)
    return Answer({**json.told(found, call.person), "question": None})


def _changes(listed: list[Any], names: Names) -> list[Change]:
    """Changes as sent, each with what its thing is now. Raises Invalid naming each place."""
    found: dict[tuple[str, str], Change] = {}
    for at, one in enumerate(listed):
        place = f"changes/{at}"
        kind, key = thing_of(one, place)
        after = state_of(kind, one.get("after"), f"{place}/after")
        before = state.current(kind, key, names)
        if kind == "grant":
            check_grant(before, after, f"{place}/after")
        if (kind, key) in found:
            raise Invalid(Problem(place, "twice", Words("同一处改动出现了两次", "the same thing is changed twice")))
        found[kind, key] = Change(kind, key, before, after)
    return list(found.values())


def replayed(call: Call) -> Answer:
    """The last days' decisions under a draft."""
    needs(call, "read")
    draft = drafts.get(int(call.path["id"]))
    names, at, now = Names.load(), report.stamp(), World.load()
    found = difference(now, changed(now, _fitting(draft, names), names), clock.now())
    past = replay.replay(found, call.query.get("days", replay.DAYS), Unread(call.viewer.view))
    answer = json.replayed(past, _namer(now, names))
    return Answer({**answer, "stamp": at})


def _namer(world: World, names: Names) -> Any:
    def name(pk: int) -> dict[str, Any]:
        username, said = names.people.get(pk, ("", "?"))
        return {"id": str(pk), "username": username, "name": said}

    return name


def narrowed(call: Call) -> Answer:
    """Roles that could be narrower, from the use of the last 90 days."""
    needs(call, "read")
    world, names = World.load(), Names.load()
    role = call.query.get("role")
    if role is not None and role not in world.roles:
        raise NotFound
    found = narrower.narrower(world, role=role)
    name = _namer(world, names)
    items = [_proposal(one, world, name) for one in found.proposals[: json.MOST_ROWS]] if found.enough else []
    return Answer(
        {
            "since": found.since.isoformat(), "enough": found.enough, "in_all": len(found.proposals) if found.enough else 0,
            "recorded_since": found.recorded_since.isoformat() if found.recorded_since else None, "items": items,
        }
    )  # fmt: skip


def _proposal(one: narrower.Proposal, world: World, name: Any) -> dict[str, Any]:
    what = say.what_words(What(one.type, one.action))
    person = name(one.person) if one.person is not None else None
    words = PROPOSED[one.kind].fill(
        days=narrower.DAYS, what=what, n=f"{one.n:,}", person=person["name"] if person else "",
        scope=SCOPES[one.scope].words if one.scope else "",
    )  # fmt: skip
    return {
        "role": one.role, "role_words": world.roles[one.role].words.json(), "line": one.line, "kind": one.kind,
        "line_words": sentence(world.roles[one.role].lines[one.line]).json(),
        "type": one.type, "action": one.action, "person": person, "scope": one.scope or None, "n": one.n,
        "words": words.json(),
    }  # fmt: skip


def stamped(call: Call) -> Answer:
    """The stamp of rules and organisation now: whether a simulation is still of this company."""
    needs(call, "read")
    return Answer({"stamp": report.stamp()})


_TEXT: shape.Schema = {"type": "string"}
_N: shape.Schema = {"type": "integer"}
_YES: shape.Schema = {"type": "boolean"}
_WORD = ref(WORDS)
_SPOT = shape.nullable(shape.record({"id": _TEXT, "words": _WORD}))
_RIGHT: dict[str, shape.Schema] = {
    "type": _TEXT, "action": _TEXT, "fields": shape.array(_TEXT), "level": {"type": ["string", "null"]}, "words": _WORD,
}  # fmt: skip
_USE = shape.record({"n": _N, "type": _TEXT, "action": _TEXT, "words": _WORD})
_MOVED = shape.record(
    {"type": _TEXT, "words": _WORD, "before": _N, "after": _N, "gained": _N, "lost": _N, "at_most": _YES}
)
_SHORT = shape.record({**_RIGHT, "scopes": shape.array(_WORD)})
_FIGURES = ("gaining", "losing", "records_gained", "records_lost", "cells_gained", "cells_lost", "corners", "duties",
            "passed", "tests")  # fmt: skip
_DONE = shape.record({"person": ref(PERSON), "n": _N, "type": _TEXT, "action": _TEXT, "words": _WORD})
SCHEMAS = {
    "SimulatedEntry": shape.record(
        {
            "department": _SPOT, "people": _N, "names": shape.array(ref(PERSON)), **_RIGHT, "brings": _N,
            "scopes": shape.array(_WORD), "records": {"type": ["integer", "null"]}, "at_most": _YES, "risk": _N, "data_class": _TEXT,
            "recent": _N,
        }
    ),
    "DeadCorner": shape.record(
        {
            "kind": {"type": "string", "enum": ["action", "field", "page", "records", "person", "role", "node", "node_partly"]},
            "type": _TEXT, "code": _TEXT, "n": _N, "new": _YES, "words": _WORD,
        }
    ),
    "SimulatedPerson": shape.record(
        {
            "person": ref(PERSON), "department": _SPOT, "gained": shape.array(_SHORT), "lost": shape.array(_SHORT),
            "records": shape.array(_MOVED), "cells_gained": _N, "cells_lost": _N, "cells_at_most": _YES,
            "recent": _N,
        }
    ),
    "Simulation": shape.record(
        {
            "stamp": _TEXT, "people": _N, "types": _N,
            "ms": {"type": "object", "additionalProperties": {"type": "number"}},
            "question": shape.nullable(_WORD),
            "changes": shape.array(
                shape.record(
                    {
                        "kind": _TEXT, "key": _TEXT, "words": _WORD, "kind_words": _WORD, "detail": _WORD,
                        "before": {"type": ["object", "null"]}, "after": {"type": ["object", "null"]},
                    }
                )
            ),
            "figures": shape.record({**dict.fromkeys(_FIGURES, _N), "records_at_most": _YES, "cells_at_most": _YES}),
            "unread": {
                **shape.array(_WORD),
                "description": "Fields that the asker does not read and numbers hang on: those are the most that could be",
            },
            "exact": {
                **shape.nullable(_WORD), "description": "Who would see the exact numbers, where some are only bounds",
            },
            "gains": shape.array(ref("SimulatedEntry")), "losses": shape.array(ref("SimulatedEntry")),
            "gains_in_all": _N, "losses_in_all": _N, "corners": shape.array(ref("DeadCorner")),
            "corners_ended": shape.array(ref("DeadCorner")),
            "duties": shape.array(
                shape.record(
                    {
                        "duty": _TEXT, "words": _WORD, "person": ref(PERSON), "department": _SPOT, "first": _WORD,
                        "second": _WORD, "new": _YES,
                    }
                )
            ),
            "tests": shape.record(
                {
                    "passed": _N, "failed": _N,
                    "items": shape.array(
                        shape.record(
                            {"code": _TEXT, "kept": _YES, "blocks": _YES, "name": _WORD, "how": shape.array(_WORD)}
                        )
                    ),
                }
            ),
            "blockers": shape.array(shape.record({"code": _TEXT, "place": _TEXT, "words": _WORD})),
            "warnings": shape.array(_WORD),
            "breaks": shape.array(shape.record({"person": ref(PERSON), "n": _N, "uses": shape.array(_USE)})),
            "breaks_at_most": _YES,
            "persons": shape.array(ref("SimulatedPerson")), "persons_in_all": _N,
        }
    ),
    "Replay": shape.record(
        {
            "stamp": _TEXT, "since": _TEXT, "recorded_since": {"type": ["string", "null"]}, "decisions": _N, "people": _N,
            "refused": _N, "allowed": _N, "at_most": _YES, "refusals": shape.array(_DONE), "allowances": shape.array(_DONE),
        }
    ),
    "Narrower": shape.record(
        {
            "since": _TEXT, "enough": _YES, "in_all": _N, "recorded_since": {"type": ["string", "null"]},
            "items": shape.array(
                shape.record(
                    {
                        "role": _TEXT, "role_words": _WORD, "line": _N, "line_words": _WORD,
                        "kind": {"type": "string", "enum": [narrower.UNUSED, narrower.ALONE, narrower.SCOPE]},
                        "type": _TEXT, "action": _TEXT, "person": shape.nullable(ref(PERSON)),
                        "scope": {"type": ["string", "null"]}, "n": _N, "words": _WORD,
                    }
                )
            ),
        }
    ),
    "Stamp": shape.record({"stamp": _TEXT}),
}  # fmt: skip


def _what(kind: str, properties: dict[str, shape.Schema], required: tuple[str, ...]) -> shape.Schema:
    return shape.record({"kind": {"type": "string", "enum": [kind]}, **properties}, required=("kind", *required))


_CODE = shape.text(64, 1)
_NAME = shape.text(150, 1)
_BODY = shape.record(
    {
        "changes": {
            **shape.array(
                shape.record(
                    {
                        "kind": {"type": "string", "enum": list(KINDS)}, "key": shape.text(120, 1),
                        "after": {"type": ["object", "null"]},
                    }
                ),
                MOST_CHANGES,
            ),
            "minItems": 1,
        },
        "what": {
            "anyOf": [
                _what("move", {"person": _NAME, "department": _CODE, "position": shape.nullable(_CODE)},
                      ("person", "department")),
                _what("leave", {"person": _NAME}, ("person",)),
                _what("role", {"role": _CODE}, ("role",)),
                _what("grant", {"grant": shape.NUMBER_ID}, ("grant",)),
            ]
        },
    },
    required=(),
)  # fmt: skip
_ID = {"id": shape.NUMBER_ID}
ROUTES = (
    Route("GET", "/access/drafts/{id}/simulation", simulated, "simulateDraft", "What a draft would do", TAG,
          path_schemas=_ID, params=(Param("change", shape.text(200, 1), "Only this change of it: kind/key"),), etag=True,
          answers={200: ref("Simulation")}, errors=(403, 409)),
    Route("GET", "/access/drafts/{id}/replay", replayed, "replayDraft", "The last days' decisions under a draft", TAG,
          path_schemas=_ID, params=(Param("days", {"type": "integer", "minimum": 1, "maximum": 365}, "So many (90)"),),
          answers={200: ref("Replay")}, errors=(403, 409)),
    Route("POST", "/access/simulate", asked, "simulate", "What if", TAG, body=_BODY, answers={200: ref("Simulation")},
          errors=(409,)),
    Route("GET", "/access/narrower", narrowed, "proposeNarrowerRoles", "Roles that could be narrower, from their use", TAG,
          params=(Param("role", _CODE, "Only this one"),), answers={200: ref("Narrower")}, errors=(403, 404)),
    Route("GET", "/access/stamp", stamped, "policyStamp", "Whether a simulation is still of this company", TAG,
          answers={200: ref("Stamp")}, errors=(403,)),
)  # fmt: skip
