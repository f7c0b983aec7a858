"""Drafts of changes to the policy, what is said of them, and the versions that came of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from heli.access.viewer import Viewer
from heli.api import access_roles, shape
from heli.api.common import PERSON, WORDS, items, moment, people, ref
from heli.api.route import Answer, Call, Param, Route
from heli.insight import company as companies
from heli.kernel.errors import Conflict, Invalid, Problem, Refused
from heli.kernel.words import Words
from heli.policy import brief, drafts, drift, parts, promises
from heli.policy.apply import CONTRADICTS
from heli.policy.approval import asked
from heli.policy.change import KINDS, Change
from heli.policy.checks import Checked
from heli.policy.lifted import Lifted
from heli.policy.models import Draft, PolicyVersion, Remark

NO_READ = Words("你不能查看权限策略", "you may not read the policy")
NO_CHANGE = Words("修改权限策略需要安全管理员的权限", "changing the policy takes a security administrator's right")
NO_GRANT = Words("批准和发布需要授权的权限", "approving and publishing takes the right to grant")
BY_TOKEN = Words("令牌不能批准或发布，请登录后操作", "a token approves and publishes nothing: sign in to do this")
NEEDED = {"read": NO_READ, "administer": NO_CHANGE, "grant": NO_GRANT}
MOST = 200
MOST_BESIDE = 20
TAG = "policy"
_ETAG = re.compile(r'"r(\d{1,9})"\Z')
_TEXT = shape.text(4000)
_ID = {"id": shape.NUMBER_ID}
_THING = {**_ID, "kind": {"type": "string", "enum": list(KINDS)}, "key": shape.text(120, 1)}
_STATE: shape.Schema = {"type": ["object", "null"]}


def needs(call: Call, action: str) -> None:
    """Raises Refused, with its why, for who may not do this with the policy: that there is one is no secret."""
    view = call.viewer.view
    if view is None or not view.may("policy", action):
        words = NEEDED[action]
        raise Refused(
            words, code="no_line", why={"code": "no_line", "words": words.json(), "action": action, "type": "policy"}
        )
    if action == "grant" and call.viewer.role:
        raise Refused(BY_TOKEN, code="by_token")


def revision(call: Call) -> int:
    found = _ETAG.match(call.if_match or "")
    if found is None:
        raise drafts.stale()
    return int(found[1])


def etag(draft: Draft) -> str:
    return f'"r{draft.revision}"'


def said(viewer: Viewer, draft: Draft, *, whole: bool = True) -> dict[str, Any]:
    """A draft as the page shows it; ``whole``: with its changes, remarks and what stands against it."""
    remarks = list(draft.remarks.order_by("pk")) if whole else []
    names = people([draft.created_by, *draft.authors, *(one.by for one in remarks)])
    answer: dict[str, Any] = {
        "id": str(draft.pk), "title": draft.title, "note": draft.note, "state": draft.state,
        "revision": draft.revision, "created_by": names.get(draft.created_by or 0),
        "authors": [names[one] for one in draft.authors if one in names], "created_at": moment(draft.created_at),
        "changed_at": moment(draft.changed_at), "size": len(draft.changes),
        "version": str(draft.version) if draft.version is not None else None,
    }  # fmt: skip
    if not whole:
        return answer
    changes = drafts.changes_of(draft)
    reads = viewer.view is not None and viewer.view.may("policy", "read")  # told what rules reach, in numbers
    standing = _standing(draft, counted=reads) if draft.state in (Draft.OPEN, Draft.SUBMITTED) else None
    return answer | {
        "changes": changes_said(changes),
        "beside": beside(draft, changes) if standing is not None else [],
        "remarks": [_remark(one, names) for one in remarks],
        "standing": standing,
        "parts": access_roles.parts_said(viewer, parts.touched(changes)) if standing is not None else [],
        "may": _may(viewer, draft, standing),
    }


def changes_said(changes: Sequence[Change], among: Sequence[Change] = ()) -> list[dict[str, Any]]:
    """Changes as people read them: what is about it in a line, and what differs as sentences. ``among``: what else the draft
    says, by which new things are called."""
    speaker = brief.Speaker.load([*among, *changes]) if changes else None
    return [_change(one, speaker) for one in changes if speaker is not None]


def _change(one: Change, speaker: brief.Speaker) -> dict[str, Any]:
    lines = [(state or {}).get("lines", []) for state in (one.before, one.after)]
    return {
        **one.json(), "words": brief.said(one, speaker).json(), "kind_words": KINDS[one.kind].json(),
        "told": speaker.told(one),
        "steps": [access_roles.step(s) for s in drift.steps(*lines)] if one.kind == "role" else [],
    }  # fmt: skip


def _remark(one: Remark, names: dict[int, dict[str, Any]]) -> dict[str, Any]:
    return {
        "kind": one.kind, "text": one.text, "revision": one.revision, "by": names.get(one.by or 0),
        "at": moment(one.at),
    }  # fmt: skip


def _rules(standing: dict[str, Any] | None) -> list[str]:
    return [f"{one['kind']}/{one['key']}" for one in standing["lifted"]] if standing is not None else []


def _may(viewer: Viewer, draft: Draft, standing: dict[str, Any] | None) -> list[str]:
    """What the viewer may do with the draft as it is: the page shows these and computes none."""
    view = viewer.view
    found: list[str] = []
    if view is None:
        return found
    open_ = draft.state in (Draft.OPEN, Draft.SUBMITTED)
    if view.may("policy", "administer") and open_:
        found += ["change", "withdraw", *(("submit",) if draft.state == Draft.OPEN and draft.changes else ())]
    if view.may("policy", "grant") and not viewer.role and open_:
        approvals, approved = (
            standing["approvals"] if standing is not None else 1,
            drafts.approvers(draft, _rules(standing)),
        )
        if draft.state == Draft.SUBMITTED:
            found += ["return"] if viewer.person in (*draft.authors, *approved) else ["approve", "return"]
        if draft.changes and (not approvals or (draft.state == Draft.SUBMITTED and len(approved) >= approvals)):
            found.append("publish")
    return found


def _standing(draft: Draft, *, counted: bool) -> dict[str, Any]:
    """What stands against publishing: contradictions with what the company has become, and blockers."""
    changes = drafts.changes_of(draft)
    told: dict[str, Any] = _approvals(asked(changes, ())) | {
        "approved_by": [],
        "conflicts": [], "contested": [], "blockers": [], "tests": None, "lifted": [], "sight": [],
    }  # fmt: skip
    try:
        rebased, conflicts, checked = drafts.review(draft, counted=counted)
    except (Invalid, Conflict) as error:
        approved = list(people(drafts.approvers(draft)).values())
        return told | {"blockers": [p.json() for p in error.problems], "approved_by": approved}
    if conflicts:
        told |= _contested(changes, conflicts, rebased, drafts.contradictions(draft))
    if checked is not None:
        told["blockers"] = [p.json() for p in checked.problems]
        told["tests"] = _tests(checked)
        told["lifted"] = [_lifted(one) for one in checked.lifted]
        told["sight"] = [words.json() for some in checked.sight.values() for words in some]
        told |= _approvals(drafts.needed(draft, changes, checked))
    told["approved_by"] = list(people(drafts.approvers(draft, _rules(told))).values())
    return told


def beside(draft: Draft | None, changes: Sequence[Change]) -> list[dict[str, Any]]:
    """Other drafts under way that touch the same things, and what they would make of them."""
    found = drafts.beside(draft, changes)[:MOST_BESIDE]
    names = people(one.created_by for one, _ in found)
    said_of = iter(changes_said([one for _, one in found]))
    return [
        {
            "id": str(one.pk), "title": one.title, "state": one.state, "by": names.get(one.created_by or 0),
            "change": next(said_of),
        }
        for one, _ in found
    ]  # fmt: skip


def _contested(
    changes: Sequence[Change],
    conflicts: Sequence[tuple[int, str]],
    rebased: Sequence[Change],
    contradictions: Sequence[Change],
) -> dict[str, Any]:
    """Where a draft contradicts what others have published, and what there is to choose between: as it is now, and as
    the draft would have it."""
    speaker = brief.Speaker.load(changes)
    now = {(one.kind, one.key): one for one in rebased}
    things = {(changes[at].kind, changes[at].key): changes[at] for at, _ in conflicts}
    named = {thing: speaker.name(replace(one, after=now[thing].before)) for thing, one in things.items()}
    return {
        "conflicts": [
            {
                "kind": changes[at].kind, "key": changes[at].key, "place": place,
                "words": CONTRADICTS.fill(
                    kind=KINDS[changes[at].kind], key=named[changes[at].kind, changes[at].key]
                ).json(),
            }
            for at, place in conflicts
        ],
        "contested": [_change(one, speaker) for one in contradictions],
    }  # fmt: skip


def _approvals(n: int) -> dict[str, Any]:
    return {"needs_approval": n > 0, "approvals": n}


def _lifted(one: Lifted) -> dict[str, Any]:
    return {
        "kind": one.kind, "key": one.key, "name": one.name.json(), "how": [words.json() for words in one.how],
        "earlier": one.earlier,
    }  # fmt: skip


def _tests(checked: Checked) -> dict[str, Any]:
    failed = [one for one in checked.tests if not one.kept]
    return {
        "passed": len(checked.tests) - len(failed),
        "failed": len(failed),
        "failures": [failure(one, checked.after) for one in failed],
    }


def failure(one: promises.Result, world: Any) -> dict[str, Any]:
    """A policy test that does not hold, with how."""
    promise = one.promise
    return {
        "code": one.code,
        "name": Words(promise.name, promise.name_en or promise.name).json(),
        "how": [words.json() for words in promises.said(one, world)],
    }


def listed(call: Call) -> Answer:
    """Drafts, the latest first."""
    needs(call, "read")
    rows = Draft.objects.order_by("-changed_at", "-pk")
    if call.query.get("state"):
        rows = rows.filter(state=call.query["state"])
    return Answer({"items": [said(call.viewer, one, whole=False) for one in rows[:MOST]]})


def answered(call: Call, draft: Draft, status: int = 200) -> Answer:
    return Answer(said(call.viewer, draft), status, {"ETag": etag(draft)}, location=f"/access/drafts/{draft.pk}")


def one(call: Call) -> Answer:
    """One draft with all that stands against it."""
    needs(call, "read")
    return answered(call, drafts.get(int(call.path["id"])))


def made(call: Call) -> Answer:
    """A new draft."""
    needs(call, "administer")
    return answered(call, drafts.create(call.viewer.actor, call.body["title"], call.body.get("note", "")), 201)


def described(call: Call) -> Answer:
    """Another title or note."""
    needs(call, "administer")
    body = call.body
    return answered(
        call,
        drafts.describe(
            call.viewer.actor, int(call.path["id"]), revision(call), title=body.get("title"), note=body.get("note")
        ),
    )


def changed(call: Call) -> Answer:
    """Say what one thing shall be."""
    needs(call, "administer")
    path = call.path
    return answered(
        call,
        drafts.put(call.viewer.actor, int(path["id"]), revision(call), path["kind"], path["key"], call.body["after"]),
    )


def taken_out(call: Call) -> Answer:
    """Leave one thing as it is."""
    needs(call, "administer")
    path = call.path
    return answered(
        call, drafts.take_out(call.viewer.actor, int(path["id"]), revision(call), path["kind"], path["key"])
    )


def rebased(call: Call) -> Answer:
    """Bring the draft up to date."""
    needs(call, "administer")
    return answered(
        call, drafts.rebase(call.viewer.actor, int(call.path["id"]), revision(call), call.body.get("choose", {}))
    )


def remarked(call: Call) -> Answer:
    """Say something about a draft."""
    needs(call, "read")
    pk = int(call.path["id"])
    drafts.remark(call.viewer.actor, pk, call.body["text"])
    return answered(call, drafts.get(pk), 201)


def _step(verb: Any, action: str) -> Any:
    def handle(call: Call) -> Answer:
        needs(call, action)
        text = (call.body or {}).get("text", "")
        found = verb(call.viewer.actor, int(call.path["id"]), revision(call), text)
        return answered(call, found if isinstance(found, Draft) else drafts.get(int(call.path["id"])))

    return handle


def _returned(by: Any, pk: int, revision: int, text: str) -> Draft:
    if not text.strip():
        raise Invalid(Problem("text", "required", Words("退回要写明原因", "say why it is returned")))
    return drafts.send_back(by, pk, revision, text)


def version_said(
    one: PolicyVersion, names: dict[int, dict[str, Any]], undone: bool, speaker: brief.Speaker
) -> dict[str, Any]:
    return {
        "id": str(one.pk), "title": one.title, "at": moment(one.at), "by": names.get(one.by or 0),
        "approved_by": names.get(one.approved_by or 0), "draft": str(one.draft_id) if one.draft_id else None,
        "undoes": str(one.undoes_id) if one.undoes_id else None, "undone": undone,
        "changes": [_change(Change.of(c), speaker) for c in one.changes],
    }  # fmt: skip


def versions(call: Call) -> Answer:
    """Publications, the latest first, a page at a time."""
    needs(call, "read")
    rows = PolicyVersion.objects.order_by("-pk")
    if call.query.get("before"):
        rows = rows.filter(pk__lt=int(call.query["before"]))
    found = list(rows[:50])
    names = people(pk for one in found for pk in (one.by, one.approved_by))
    speaker = brief.Speaker.load(Change.of(c) for one in found for c in one.changes)
    undone = set(PolicyVersion.objects.filter(undoes__in=found).values_list("undoes_id", flat=True))
    return Answer(
        {
            "items": [version_said(one, names, one.pk in undone, speaker) for one in found],
            "next": str(found[-1].pk) if len(found) == 50 else None,
        }
    )


def undone(call: Call) -> Answer:
    """Take a version back in one step."""
    needs(call, "grant")
    found = drafts.undo(call.viewer.actor, int(call.path["id"]))
    names = people([found.by, found.approved_by])
    return Answer(version_said(found, names, False, brief.Speaker.load()), 201, location="/access/versions")


def undone_as_draft(call: Call) -> Answer:
    """A draft of what takes a version back, for what takes a second person."""
    needs(call, "administer")
    return answered(call, drafts.undo_as_draft(call.viewer.actor, int(call.path["id"]), call.body["title"]), 201)


def tests(call: Call) -> Answer:
    """Every policy test against what holds now."""
    needs(call, "read")
    company = companies.now()
    world, results = company.world, promises.run(company.world, promises.stored(), company=company)
    return Answer(
        {
            "passed": sum(1 for one in results if one.kept),
            "failed": sum(1 for one in results if not one.kept),
            "items": [
                {"code": r.code, "kept": r.kept, "promise": r.promise.json(), **failure(r, world)} for r in results
            ],
        }
    )


_WORD = ref(WORDS)
_PROBLEMS = shape.array({"type": "object"})
_TEST = shape.record({"code": {"type": "string"}, "name": _WORD, "how": shape.array(_WORD)})
_TESTS = shape.record({"passed": {"type": "integer"}, "failed": {"type": "integer"}, "failures": shape.array(_TEST)})
_STATES: shape.Schema = {"type": "string", "enum": [state for state, _ in Draft.STATES]}
_CHANGE: shape.Schema = ref("DraftChange")
_CHANGED = shape.record(
    {
        "kind": {"type": "string"}, "key": {"type": "string"}, "before": _STATE, "after": _STATE, "words": _WORD,
        "kind_words": _WORD, "told": shape.array(shape.record({"was": {"type": "boolean"}, "words": _WORD})),
        "steps": shape.array(ref("RoleStep")),
    }
)  # fmt: skip
_BRIEF: dict[str, shape.Schema] = {
    "id": {"type": "string"}, "title": {"type": "string"}, "note": {"type": "string"}, "state": _STATES,
    "revision": {"type": "integer"}, "created_by": shape.nullable(ref(PERSON)), "authors": shape.array(ref(PERSON)),
    "created_at": {"type": "string"}, "changed_at": {"type": "string"}, "size": {"type": "integer"},
    "version": {"type": ["string", "null"]},
}  # fmt: skip
_LIFTED = shape.record(
    {
        "kind": {"type": "string", "enum": ["duty", "promise"]}, "key": {"type": "string"}, "name": _WORD,
        "how": shape.array(_WORD), "earlier": {"type": "boolean"},
    }
)  # fmt: skip
SCHEMAS = {
    "DraftChange": _CHANGED,
    "DraftBeside": shape.record(
        {"id": {"type": "string"}, "title": {"type": "string"}, "state": _STATES, "by": shape.nullable(ref(PERSON)), "change": _CHANGE}
    ),
    "DraftBrief": shape.record(_BRIEF),
    "Draft": shape.record(
        {
            **_BRIEF,
            "changes": shape.array(_CHANGE), "beside": shape.array(ref("DraftBeside")),
            "remarks": shape.array(
                shape.record(
                    {
                        "kind": {"type": "string", "enum": [kind for kind, _ in Remark.KINDS]},
                        "text": {"type": "string"}, "revision": {"type": "integer"},
                        "by": shape.nullable(ref(PERSON)), "at": {"type": "string"},
                    }
                )
            ),
            "standing": shape.nullable(
                shape.record(
                    {
                        "approved_by": shape.array(ref(PERSON)), "needs_approval": {"type": "boolean"},
                        "approvals": {"type": "integer"}, "lifted": shape.array(_LIFTED),
                        "sight": shape.array(_WORD),
                        "conflicts": shape.array(
                            shape.record(
                                {
                                    "kind": {"type": "string"}, "key": {"type": "string"},
                                    "place": {"type": "string"}, "words": _WORD,
                                }
                            )
                        ),
                        "contested": shape.array(_CHANGE),
                        "blockers": _PROBLEMS, "tests": shape.nullable(_TESTS),
                    }
                )
            ),
            "parts": {**shape.array(ref("PartGiven")), "description": "Parts in projects of which it makes more or less"},
            "may": shape.array({"type": "string"}),
        }
    ),
    "PolicyVersion": shape.record(
        {
            "id": {"type": "string"}, "title": {"type": "string"}, "at": {"type": "string"},
            "by": shape.nullable(ref(PERSON)), "approved_by": shape.nullable(ref(PERSON)),
            "draft": {"type": ["string", "null"]}, "undoes": {"type": ["string", "null"]},
            "undone": {"type": "boolean"}, "changes": shape.array(_CHANGE),
        }
    ),
    "PolicyTests": shape.record(
        {
            "passed": {"type": "integer"}, "failed": {"type": "integer"},
            "items": shape.array(
                shape.record(
                    {
                        "code": {"type": "string"}, "name": _WORD, "kept": {"type": "boolean"},
                        "promise": {"type": "object"}, "how": shape.array(_WORD),
                    }
                )
            ),
        }
    ),
}  # fmt: skip

_TITLE = shape.text(200, 1)
_SAY = shape.record({"text": _TEXT}, required=())
_HERE = "/access/drafts"
_DRAFT = {200: ref("Draft")}


def _step_route(name: str, verb: Any, action: str, said: str) -> Route:
    return Route(
        "POST", f"{_HERE}/{{id}}/{name}", _step(verb, action), f"{name}Draft", said, TAG, path_schemas=_ID, body=_SAY,
        body_required=False, if_match=True, answers=_DRAFT, errors=(409, 422),
    )  # fmt: skip


ROUTES = (
    Route("GET", _HERE, listed, "listDrafts", "Drafts of the policy", TAG, answers={200: items(ref("DraftBrief"))},
          params=(Param("state", _STATES, "Only those in this state"),), errors=(403,)),
    Route("POST", _HERE, made, "makeDraft", "Begin a draft", TAG, keyed=True, answers={201: ref("Draft")},
          body=shape.record({"title": _TITLE, "note": _TEXT}, required=("title",)), errors=(404, 409)),
    Route("GET", f"{_HERE}/{{id}}", one, "getDraft", "A draft and what stands against it", TAG, path_schemas=_ID,
          answers=_DRAFT, etag=True, errors=(403,)),
    Route("PATCH", f"{_HERE}/{{id}}", described, "describeDraft", "Change title or note", TAG, path_schemas=_ID,
          if_match=True, answers=_DRAFT, errors=(409,),
          body={**shape.record({"title": _TITLE, "note": _TEXT}, required=()), "minProperties": 1}),
    Route("PUT", f"{_HERE}/{{id}}/changes/{{kind}}/{{key}}", changed, "changeInDraft", "Say what one thing shall be", TAG,
          path_schemas=_THING, if_match=True, body=shape.record({"after": _STATE}), answers=_DRAFT, errors=(409,)),
    Route("DELETE", f"{_HERE}/{{id}}/changes/{{kind}}/{{key}}", taken_out, "leaveOutOfDraft", "Leave one thing as it is",
          TAG, path_schemas=_THING, if_match=True, answers=_DRAFT, errors=(409,)),
    Route("POST", f"{_HERE}/{{id}}/rebase", rebased, "rebaseDraft", "Bring a draft up to what the company has become", TAG,
          path_schemas=_ID, if_match=True, answers=_DRAFT, errors=(409,), body_required=False,
          body=shape.record({"choose": {"type": "object", "maxProperties": 500, "additionalProperties": {
              "type": "string", "enum": ["mine", "theirs"]}}}, required=())),
    Route("POST", f"{_HERE}/{{id}}/remarks", remarked, "remarkOnDraft", "Say something about a draft", TAG,
          path_schemas=_ID, body=shape.record({"text": shape.text(4000, 1)}), answers={201: ref("Draft")}),
    _step_route("submit", drafts.submit, "administer", "Ask for approval"),
    _step_route("approve", drafts.approve, "grant", "Approve this revision"),
    _step_route("return", _returned, "grant", "Return it, with the reason"),
    _step_route("publish", drafts.publish, "grant", "Let it hold"),
    _step_route("withdraw", drafts.withdraw, "administer", "Give it up"),
    Route("GET", "/access/versions", versions, "listPolicyVersions", "Versions of the policy", TAG,
          params=(Param("before", shape.NUMBER_ID, "Id of the last version of the page before"),),
          answers={200: items(ref("PolicyVersion"), paged=True)}, errors=(403,)),
    Route("POST", "/access/versions/{id}/undo", undone, "undoPolicyVersion", "Take a version back in one step", TAG,
          path_schemas=_ID, answers={201: ref("PolicyVersion")}, errors=(409,), keyed=True),
    Route("POST", "/access/versions/{id}/draft", undone_as_draft, "draftUndoOfPolicyVersion", "Take a version back by a draft", TAG,
          path_schemas=_ID, body=shape.record({"title": shape.text(200, 1)}), answers={201: ref("Draft")}, errors=(409,),
          keyed=True),
    Route("GET", "/access/promises", tests, "runPolicyTests", "Every policy test against what holds", TAG,
          answers={200: ref("PolicyTests")}, errors=(403,)),
)  # fmt: skip
