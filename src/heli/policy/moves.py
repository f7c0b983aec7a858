"""Moving people in a draft, several at once: to a department, a position, a manager, into projects and out of them.

What is asked for is worked out on what the draft says of each of them by now, else on what holds: a move to another department
keeps everybody's own position unless it names one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from heli.kernel.errors import Invalid, Problem
from heli.kernel.words import Words
from heli.org.verbs import codes
from heli.policy import state
from heli.policy.change import Change, State
from heli.policy.company import NO_PERSON
from heli.policy.drafts import NO_POST
from heli.policy.names import Names

type Thing = tuple[str, str, Any]

NOTHING = Words(
    "请至少选一种调动：部门或岗位、上级、项目", "choose at least one: department or position, manager, project"
)
NOBODY = Words("请至少选一个人", "choose at least one person")
ALREADY = Words("这些人已经是这样了，没有要改的", "they are so already: there is nothing to change")
SAME = Words("这个部门已经是这样了，没有要改的", "the department is so already: there is nothing to change")
NO_DEPARTMENT = Words("没有这个部门，或已关闭", "no such department, or it is closed")
NO_PROJECT = Words("没有这个项目", "no such project")


def things(asked: Mapping[str, Any], changes: Sequence[Change], names: Names) -> tuple[list[Thing], list[str]]:
    """What a draft with these changes shall say, and for each where it was asked for. Raises Invalid naming the place."""
    if "department" in asked:
        return _department(asked["department"], changes, names)
    post, projects = asked.get("post") or {}, asked.get("projects") or []
    if not post and "manager" not in asked and not projects:
        raise Invalid(Problem("post", "required", NOTHING))
    known = {one.thing: one.after for one in changes}
    found: dict[tuple[str, str], tuple[State, str]] = {}
    problems: list[Problem] = []

    def says(kind: str, key: str) -> State:
        return known[kind, key] if (kind, key) in known else state.current(kind, key, names)

    for at, one in enumerate(projects):
        if one["project"] not in names.projects:
            problems.append(Problem(f"projects/{at}/project", "unknown", NO_PROJECT))
    if not asked.get("people"):
        raise Invalid(Problem("people", "required", NOBODY))
    for at, sent in enumerate(asked["people"]):
        place, pk = f"people/{at}", names.person_ids.get(sent.lower())
        if pk is None:
            problems.append(Problem(place, "unknown", NO_PERSON.fill(code=sent[:80])))
            continue
        person = names.people[pk][0]
        if post:
            now = says("post", person)
            if now is None:
                problems.append(Problem(place, "unknown", NO_POST.fill(who=names.people[pk][1])))
                continue
            found["post", person] = {**now, **post}, place
        if (
            "manager" in asked and (asked["manager"] or "").lower() != person.lower()
        ):  # nobody is told to report to themselves
            found["manager", person] = {"manager": asked["manager"]}, place
        for each in projects:
            key = f"{each['project']}:{person}"
            if each["role"] is not None or says("member", key) is not None:
                found["member", key] = {"role": each["role"]} if each["role"] is not None else None, place
    if problems:
        raise Invalid(problems)
    told = {thing: one for thing, one in found.items() if one[0] != says(*thing)}
    if not told:
        raise Invalid(Problem("people", "already", ALREADY))
    return [(*thing, after) for thing, (after, _) in told.items()], [place for _, place in told.values()]


def _department(asked: Mapping[str, Any], changes: Sequence[Change], names: Names) -> tuple[list[Thing], list[str]]:
    """A department that is new (no ``code``), changed or closed (``close``)."""
    known = {one.key: one.after for one in changes if one.kind == "department"}
    said = {key: asked[key] for key in ("name", "name_en", "parent", "head", "overseer") if key in asked}
    code = asked.get("code")
    if code is None:
        taken = {one.lower() for one in (*names.department_ids, *known)}
        code = codes.free(said.get("name", ""), taken, "d")
        return [("department", code, {"parent": None, "head": None, "overseer": None, **said})], ["department"]
    now = known[code] if code in known else state.current("department", code, names)
    if now is None:
        raise Invalid(Problem("department/code", "unknown", NO_DEPARTMENT))
    after = None if asked.get("close") else {**now, **said}
    if after == now:
        raise Invalid(Problem("department", "already", SAME))
    return [("department", code, after)], ["department"]
