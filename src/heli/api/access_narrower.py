"""Taking proposed narrower roles into a draft: all that is proposed for a role in one press, or some actions and fields of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from heli.access.facts import World
from heli.api import shape
from heli.api.access_common import CODE
from heli.api.common import ref
from heli.api.drafts import etag, needs
from heli.api.route import Answer, Call, Route
from heli.audit import log
from heli.kernel.errors import Conflict, Invalid, NotFound, Problem
from heli.kernel.words import Words
from heli.policy import drafts, state
from heli.policy.names import Names
from heli.policy.simulate import narrower, narrowing
from heli.policy.simulate.narrower import Proposal
from heli.policy.simulate.narrowing import Pick

MOST = 200
MOVED = Words(
    "这条建议已经不成立了（规则或使用情况有变），请重新看建议",
    "this is no longer proposed (the rules or their use have changed): look at the proposals again",
)
GONE = Words("这份草稿要取消这个角色，没有可收窄的", "this draft removes the role: there is nothing left to narrow")
ALREADY = Words("草稿里已经是这样了，没有再收窄的", "the draft has it so already: nothing is left to take out")
NO_FIELD = Words("这一项没有这个字段可收", "there is no such field to take out here")
NOT_ALONE = Words("只有「唯一使用者」的建议可以单独留给此人", "only what one person alone used can be kept for them")
NO_FIELDS_THERE = Words("缩小范围的建议不能只选字段", "a narrower scope is taken as a whole, not by fields")

type Item = Mapping[str, Any]


def taken(call: Call) -> Answer:
    """Write what was picked of a role's proposals into a draft, on what the draft says of the role by now."""
    needs(call, "administer")
    pk, body = int(call.path["id"]), call.body
    drafts.get(pk)  # there is one
    code, world, names = body["role"], World.load(), Names.load()
    if code not in world.roles or world.roles[code].closed:
        raise NotFound
    proposed = _proposed(narrower.narrower(world, role=code), body["items"])
    lines = world.roles[code].lines
    picks = [_pick(item, one, lines) for item, one in zip(body["items"], proposed, strict=True)]
    with log.transaction():
        draft = drafts.get(pk, lock=True)
        known = {(one.kind, one.key): one.after for one in drafts.changes_of(draft)}
        stored = state.current("role", code, names)
        now = known.get(("role", code), stored)
        if stored is None or list(stored["lines"]) != list(lines):
            raise Conflict(MOVED, code="moved")
        if now is None:
            raise Conflict(GONE, code="gone")
        left, done = narrowing.narrowed(now["lines"], picks)
        if not done:
            raise Conflict(ALREADY, code="already")
        kept = [
            _kept(code, item, one, pick, names)
            for item, one, pick in zip(body["items"], proposed, picks, strict=True)
            if item.get("keep") and pick in done
        ]  # fmt: skip
        draft = drafts.put_many(call.viewer.actor, pk, draft.revision, [("role", code, {**now, "lines": left}), *kept])
    answer = {
        "revision": draft.revision,
        "size": len(draft.changes),
        "taken": len(done),
        "already": len(picks) - len(done),
    }
    return Answer(answer, headers={"ETag": etag(draft)})


def _proposed(found: narrower.Narrower, items: Sequence[Item]) -> list[Proposal]:
    """The proposals that are meant. Raises Conflict for those that are none any more, Invalid for what does not go with them."""
    known = {(one.line, one.kind, one.action): one for one in found.proposals} if found.enough else {}
    told: list[Proposal] = []
    gone: list[Problem] = []
    problems: list[Problem] = []
    for at, item in enumerate(items):
        one = known.get((item["line"], item["kind"], item["action"]))
        if one is None:
            gone.append(Problem(f"items/{at}", "moved", MOVED))
            continue
        fields = item.get("fields", [])
        problems += [
            Problem(f"items/{at}/fields/{i}", "unknown", NO_FIELD)
            for i in narrowing.unknown_fields(one.type, one.action, fields)
        ]  # fmt: skip
        if fields and one.kind == narrower.SCOPE:
            problems.append(Problem(f"items/{at}/fields", "unfit", NO_FIELDS_THERE))
        if item.get("keep") and one.kind != narrower.ALONE:
            problems.append(Problem(f"items/{at}/keep", "unfit", NOT_ALONE))
        told.append(one)
    if problems:
        raise Invalid(problems)
    if gone:
        raise Conflict(MOVED, code="moved", problems=gone)
    return told


def _pick(item: Item, one: Proposal, lines: Sequence[Mapping[str, Any]]) -> Pick:
    return Pick(lines[one.line], one.action, one.scope, tuple(dict.fromkeys(item.get("fields", ()))))


def _kept(code: str, item: Item, one: Proposal, pick: Pick, names: Names) -> tuple[str, str, Any]:
    """A grant of the action to who alone used it, so that they lose nothing."""
    assert one.person is not None
    line = {**pick.line, "actions": [pick.action]}
    subject = f"person:{names.people[one.person][0]}"
    return "grant", f"keep-{code}-{one.line}-{one.action}"[:120], {"lines": [line], "subject": subject}


_ITEM = shape.record(
    {
        "line": {"type": "integer", "minimum": 0, "maximum": 2000},
        "kind": {"type": "string", "enum": [narrower.UNUSED, narrower.ALONE, narrower.SCOPE]}, "action": CODE,
        "fields": shape.array(CODE, 300), "keep": {"type": "boolean"},
    },
    required=("line", "kind", "action"),
)  # fmt: skip
_N: shape.Schema = {"type": "integer"}
SCHEMAS = {"NarrowerTaken": shape.record({"revision": _N, "size": _N, "taken": _N, "already": _N})}
ROUTES = (
    Route("POST", "/access/drafts/{id}/narrower", taken, "takeNarrowerRole", "Take proposals for a narrower role into a draft",
          "policy", path_schemas={"id": shape.NUMBER_ID}, answers={200: ref("NarrowerTaken")}, errors=(403, 404, 409),
          body=shape.record({"role": CODE, "items": {**shape.array(_ITEM, MOST), "minItems": 1}})),
)  # fmt: skip
