"""A draft's changes as people read them: names instead of codes, and what differs in a word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from heli.access.facts import World
from heli.access.view import project_role
from heli.kernel.words import Words
from heli.org.tree import project_names
from heli.policy import brief
from heli.policy.approval import ALWAYS
from heli.policy.change import KINDS, Change
from heli.policy.merge import keyed
from heli.policy.names import part
from heli.policy.sentences import joined, single

MORE = Words("加 {n} 条", "{n} added")
LESS = Words("减 {n} 条", "{n} removed")
OTHER = Words("改 {n} 条", "{n} changed")
NEW = Words("{n} 条权限项", "{n} lines")
GIVEN = Words("{role} → {subject}", "{role} → {subject}")
EVERYONE = Words("所有人", "everyone")
POST = Words("{person}：{before} → {after}", "{person}: {before} → {after}")
BELOW = Words("{department} → {parent} 之下", "{department} → below {parent}")
OPENED = Words("新部门 {department}，在 {parent} 之下", "a new department {department}, below {parent}")
CLOSED = Words("关闭部门 {department}", "{department} is closed")
RENAMED = Words("部门 {before} 改名为 {after}", "{before} is called {after}")
TOP = Words("最上层", "the top")
MEMBER = Words("{person}在项目「{project}」：{before} → {after}", "{person} in project {project}: {before} → {after}")
MANAGER = Words("{person}的上级：{before} → {after}", "manager of {person}: {before} → {after}")
PARTS = Words("{role}", "{role}")
NO_PART = Words("不在其中", "no part")
CHANGED = Words("{before} → {after}", "{before} → {after}")
NOTHING = Words("", "")


def told(one: Change, before: World, after: World) -> dict[str, Any]:
    """With ``words`` naming the thing, and ``detail`` saying what differs."""
    words, detail = _said(one, before, after)
    return {**one.json(), "words": words.json(), "kind_words": KINDS[one.kind].json(), "detail": detail.json()}


def _said(one: Change, before: World, after: World) -> tuple[Words, Words]:
    body = one.after or one.before or {}
    match one.kind:
        case "role":
            name = Words(str(body.get("name", one.key)), str(body.get("name_en") or body.get("name", one.key)))
            return _named("role", name), _lines(one.before, one.after)
        case "grant":
            code = body.get("role")
            role = after.roles.get(code) or before.roles.get(code) if code is not None else None
            words = GIVEN.fill(
                role=role.words if role is not None else single(body.get("lines") or ()),
                subject=_subject(str(body["subject"]), after),
            )
            return words, NOTHING
        case "post":
            person = _person(one.key, before)
            return POST.fill(person=person, before=_post(one.before, before), after=_post(one.after, after)), NOTHING
        case "department" if one.before is None or one.after is None or _called(one.before) != _called(one.after):
            return _department_said(one, before, after), NOTHING
        case "department" if one.after is not None:
            parent = one.after.get("parent")
            where = _department(parent, after) if parent is not None else TOP
            return BELOW.fill(department=_department(one.key, after), parent=where), NOTHING
        case "member":
            project, _, username = one.key.rpartition(":")
            had, has = (
                PARTS.fill(role=project_role(s["role"])) if s is not None else NO_PART for s in (one.before, one.after)
            )
            return MEMBER.fill(
                person=_person(username, before), project=_project(project, before, after), before=had, after=has
            ), NOTHING
        case "manager":
            had, has = (_manager(s, world) for s, world in ((one.before, before), (one.after, after)))
            return MANAGER.fill(person=_person(one.key, before), before=had, after=has), NOTHING
        case "setting":
            had, has = (brief.SETTINGS.get((one.key, _value(s)), NOTHING) for s in (one.before, one.after))
            return brief.SETTING, CHANGED.fill(before=had, after=has)
    return brief.rule_said(one), NOTHING


def _value(state: Mapping[str, Any] | None) -> str:
    """What a setting says; the strictest word where it says nothing."""
    return str(state["value"]) if state is not None else ALWAYS


def _project(key: str, *worlds: World) -> str:
    for world in worlds:
        for some in world.members_by_person.values():
            for one in some:
                if one.project == key:
                    return one.project_name
    return key


def _manager(state: Mapping[str, Any] | None, world: World) -> Words:
    who = state["manager"] if state is not None else None
    return Words(said, said) if (said := _person(who, world) if who is not None else "") else brief.NOBODY


def _named(kind: str, name: Words) -> Words:
    return Words("{kind}「{name}」", "{kind} “{name}”").fill(kind=KINDS[kind], name=name)


def _lines(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> Words:
    """How many lines are new, gone, and changed in what they show, let write or allow."""
    had: Sequence[Mapping[str, Any]] = before["lines"] if before is not None else []
    have: Sequence[Mapping[str, Any]] = after["lines"] if after is not None else []
    if before is None or after is None:
        return NEW.fill(n=len(had) + len(have))
    old, new = keyed(had), keyed(have)
    other = sum(1 for key in old.keys() & new.keys() if old[key] != new[key])
    counted = (MORE, len(new.keys() - old.keys())), (LESS, len(old.keys() - new.keys())), (OTHER, other)
    return joined((words.fill(n=n) for words, n in counted if n), "，", ", ")


def _person(username: str, world: World) -> str:
    found = world.people.get(world.usernames.get(username.lower(), 0))
    return found.name if found is not None else username


def _department(code: str, world: World) -> Words:
    node = world.tree.nodes.get(world.department_codes.get(code, 0))
    return Words(node.name, node.name_en or node.name) if node is not None else Words(code, code)


def _called(state: Mapping[str, Any]) -> tuple[Any, Any]:
    return state.get("name"), state.get("name_en")


def _department_said(one: Change, before: World, after: World) -> Words:
    """A department that is new, called otherwise or closed."""
    if one.after is None:
        return CLOSED.fill(department=_department(one.key, before))
    parent = one.after["parent"]
    where = _department(parent, after) if parent is not None else TOP
    if one.before is None:
        return OPENED.fill(department=_department(one.key, after), parent=where)
    moved = BELOW.fill(department=_department(one.key, after), parent=where)
    renamed = RENAMED.fill(before=_department(one.key, before), after=_department(one.key, after))
    return renamed if one.before["parent"] == parent else joined((renamed, moved), "；", "; ")


def _position(code: str, world: World) -> Words:
    return world.position_words.get(world.position_codes.get(code, 0), Words(code, code))


def _post(state: Mapping[str, Any] | None, world: World) -> Words:
    if state is None:
        return Words("—", "–")
    department = _department(state["department"], world)
    if state["position"] is None:
        return department
    return Words("{d}·{p}", "{d}, {p}").fill(d=department, p=_position(state["position"], world))


def _subject(text: str, world: World) -> Words:
    kind, _, name = text.partition(":")
    match kind:
        case "person":
            said = _person(name, world)
            return Words(said, said)
        case "department":
            return _department(name, world)
        case "position":
            return _position(name, world)
        case "everyone":
            return EVERYONE
    project, _, role = name.rpartition(":")
    return part(role, project_names().get(project, "") if project else "")
