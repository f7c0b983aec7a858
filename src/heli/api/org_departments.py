"""Changing the department tree: new, renamed, moved, led by somebody else, closed."""

from __future__ import annotations

from heli.api import organisation, shape
from heli.api.common import ref
from heli.api.org_common import CONFLICT, ID, MAYBE_REF, NAME, TAG, change, guarded, not_self, number
from heli.api.own_rights import OWN_REACH
from heli.api.route import Answer, Call, Route
from heli.audit import log
from heli.kernel.errors import Conflict, NotFound, Problem
from heli.kernel.words import Words
from heli.org import verbs as org
from heli.records.standing import said, standing

HAS_RECORDS = Words("还有记录：{some}，请先转给其他部门", "records still stand in it: {some}; transfer them first")


def _not_overseer(call: Call) -> None:
    """Who oversees a department sees its records by it."""
    if call.body.get("overseer") is not None:
        not_self(call, int(call.body["overseer"]), OWN_REACH)


def _answer(call: Call, pk: int, status: int = 200) -> Answer:
    listed = organisation.departments(call).body["items"]
    found = next((d for d in listed if d["id"] == str(pk)), None)
    if found is None:
        raise NotFound
    return Answer(found, status, replay="body")


def add_department(call: Call) -> Answer:
    """A new department."""
    organisation.needs_admin(call)
    body = call.body
    _not_overseer(call)
    pk = org.create_department(
        call.viewer.actor, body["name"], number(body.get("parent")), code=body.get("code") or "",
        name_en=body.get("name_en") or "", function=body.get("function") or "",
        head=number(body.get("head")), overseer=number(body.get("overseer")),
    )  # fmt: skip
    return _answer(call, pk, 201)


def change_department(call: Call) -> Answer:
    """Rename, move, say what it does, or give a department its head and overseer; all in one transaction."""
    organisation.needs_admin(call)
    pk, body, by = int(call.path["id"]), call.body, call.viewer.actor
    _not_overseer(call)
    with log.transaction():
        names = {k: body[k] for k in ("name", "name_en", "code", "function") if k in body}
        if names:
            org.rename_department(by, pk, **names)
        if "parent" in body:
            org.move_department(by, pk, number(body["parent"]))
        if "head" in body:
            org.set_head(by, pk, number(body["head"]))
        if "overseer" in body:
            org.set_overseer(by, pk, number(body["overseer"]))
    return _answer(call, pk)


def close_department(call: Call) -> Answer:
    """Close a department in which neither departments, people nor records stand any more; a refusal names them all."""
    organisation.needs_admin(call)
    pk = int(call.path["id"])
    with log.transaction():
        problems: list[Problem] = []
        try:
            org.close_department(call.viewer.actor, pk)
        except Conflict as error:
            problems += error.problems
        # After the change of the tree, which waits for every write under way: none slips in behind the question.
        kinds = standing(pk)
        if kinds:
            problems.append(Problem("department", "has_records", HAS_RECORDS.fill(some=said(kinds, pk))))
        if problems:
            told = Words("；".join(p.words.zh for p in problems), "; ".join(p.words.en for p in problems))
            raise Conflict(told, code=problems[0].code, problems=problems)
    return Answer(status=204)


_DEPARTMENT = {
    "name": NAME, "parent": MAYBE_REF, "code": shape.text(64), "name_en": shape.text(200), "function": shape.text(32),
    "head": MAYBE_REF, "overseer": MAYBE_REF,
}  # fmt: skip

ROUTES = guarded(
    (
        Route("POST", "/organisation/departments", add_department, "addDepartment", "A new department", TAG, keyed=True,
              body=shape.record(_DEPARTMENT, required=("name",)), errors=CONFLICT, answers={201: ref("Department")}),
        Route("PATCH", "/organisation/departments/{id}", change_department, "changeDepartment", "Change a department", TAG,
              path_schemas=ID, body=change(_DEPARTMENT), errors=CONFLICT, answers={200: ref("Department")}),
        Route("DELETE", "/organisation/departments/{id}", close_department, "closeDepartment", "Close a department", TAG,
              path_schemas=ID, errors=CONFLICT, answers={204: None}),
    )
)  # fmt: skip
