"""The smallest change of the rules that would turn a no into a yes: more of a line they hold, a wider scope, a role."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from heli.access import view as views
from heli.access.compile import NO_REACH, all_of, formula
from heli.access.core.decide import TypeRights
from heli.access.core.line import Held, Level, Line
from heli.access.facts import RoleFact
from heli.access.scopes import SCOPES, Carrier, split
from heli.access.unread import Unread
from heli.access.view import View
from heli.access.viewer import Viewer
from heli.insight import seen
from heli.insight.asked import Question, view_of
from heli.insight.fix import EDIT, LASTING, MOST_APPROVERS, PLAIN, READ, Fix, held_as, row_of, with_line
from heli.kernel.words import Words
from heli.records import sql
from heli.records.ask import granters

CANDIDATES = ("department", "below", "reports", "customer:department", "customer:below", "project", "pool")
"""Scopes tried for a changed line, the narrowest first; the whole company when none of them holds."""
ROLE_FIELD = Words("角色「{role}」可{action}「{field}」", "the role “{role}” may {action} “{field}”")
ROLE_SCOPE = Words("角色「{role}」的范围扩到「{scope}」", "the role “{role}” reaches “{scope}” too")
ROLE_SOME = Words("调整对方的角色，让它包括这条记录", "change a role of theirs so that it covers this record")
ROLE_GIVEN = Words("授予角色「{role}」", "give the role “{role}”")
SECURITY = Words("管理员提交草稿，第二人审批", "an administrator drafts it, a second person approves")


@dataclass(frozen=True, slots=True)
class _Changed:
    role: RoleFact
    lines: list[dict[str, Any]]
    line: Line
    words: Words
    fields: int


def rule(viewer: Viewer, asked: Question, rights: TypeRights, person: int) -> Fix | None:
    """The smallest change of a role that the person holds, else a role that gives it."""
    view = view_of(asked.company, person)
    changed = _more_of_a_line(asked, rights, view, person) or _wider_scope(asked, rights, view, person)
    approvers = tuple(one for one in granters(viewer) if one != person)[:MOST_APPROVERS]
    reader = seen.reads_rules(viewer)
    if changed is None:
        return _given(viewer, asked, rights, person, approvers)
    known = seen.known_roles(viewer)
    words, opened = changed.words, changed.fields
    if known is not None and changed.role.code not in known:  # whose role it is would be told by its name
        words, opened = ROLE_SOME, 1 if asked.field is not None else _plain(asked)
    act: dict[str, Any] = {}
    records = people = None
    at_most = False
    if reader:
        role = changed.role
        records, at_most = _records(viewer, asked, view, changed.line)
        holders: set[int] = set()
        for one in asked.company.world.all_grants.values():
            if one.role is not None and one.role.code == role.code and one.open_at(asked.company.moment):
                holders |= asked.company.crowd(one).all
        people = len(holders)
        act = {"draft": {"kind": "role", "key": role.code, "lines": changed.lines}}
    return Fix("role", words, records, opened, people, approvers, SECURITY, LASTING, act, at_most)


def _plain(asked: Question) -> int:
    """How many fields anybody with a role on the type would read."""
    return sum(one.data_class in PLAIN for one in asked.kind.fields.values())


def _stored(role: RoleFact, index: int, **more: Any) -> list[dict[str, Any]]:
    lines = [dict(line) for line in role.lines]
    lines[index] = {**lines[index], **more}
    return lines


def _own_lines(asked: Question, view: View) -> list[tuple[RoleFact, int, Held]]:
    """The lines of the person's roles on the type, with their place in the role."""
    roles = asked.company.world.roles
    found = []
    for held in view.lines:
        role = roles.get(held.source.role)
        if role is None or held.line.type != asked.kind.code:
            continue
        for index, line in enumerate(views.lines_of(role.lines)):
            if line == held.line:
                found.append((role, index, held))
                break
    return found


def _more_of_a_line(asked: Question, rights: TypeRights, view: View, person: int) -> _Changed | None:
    """A line that holds on the record gives the field too."""
    code, row = asked.field, row_of(asked, person)
    if code is None or asked.right not in ("read", "edit"):
        return None
    for role, index, held in sorted(_own_lines(asked, view), key=lambda one: one[2].source.grant):
        if asked.right not in held.line.actions or not held.holds(row):
            continue
        stored = dict(role.lines[index])
        more: dict[str, Any] = {}
        if rights.level(code, row) < Level.READ:
            more["read"] = {**stored.get("read", {}), code: "read"}
        if asked.right == "edit" and not held.line.may_write(code):
            more["write"] = [*(stored.get("write") or []), code]
        line = replace(
            held.line, levels={**held.line.levels, code: Level.READ},
            writes=None if held.line.writes is None else held.line.writes | {code},
        )  # fmt: skip
        if more and with_line(asked, rights, person, line):
            words = ROLE_FIELD.fill(
                role=role.words, action=EDIT if asked.right == "edit" else READ, field=asked.kind.fields[code].words
            )
            return _Changed(role, _stored(role, index, **more), line, words, 1)
    return None


def _wider_scope(asked: Question, rights: TypeRights, view: View, person: int) -> _Changed | None:
    """A line of a role that the person holds reaches the record by one scope more, the narrowest that does."""
    for scope in (*CANDIDATES, "all"):
        for role, index, held in _own_lines(asked, view):
            line = replace(held.line, scopes=(*held.line.scopes, scope))
            if asked.right not in held.line.actions or not with_line(asked, rights, person, line):
                continue
            stored = dict(role.lines[index])
            lines = _stored(role, index, scope=[*stored.get("scope", []), scope])
            shown = SCOPES[split(scope)[0]].words
            readable = sum(line.level(one.code, one.data_class) == Level.READ for one in rights.shape.fields.values())
            return _Changed(role, lines, line, ROLE_SCOPE.fill(role=role.words, scope=shown), readable)
    return None


def _given(viewer: Viewer, asked: Question, rights: TypeRights, person: int, approvers: tuple[int, ...]) -> Fix | None:
    """A whole role that gives it where the person works, the one with the fewest lines."""
    view = view_of(asked.company, person)
    for role in sorted(asked.company.world.roles.values(), key=lambda one: (len(one.lines), one.code)):
        if role.closed:
            continue
        lines = [line for line in views.lines_of(role.lines) if line.type == asked.kind.code]
        serving = next((line for line in lines if with_line(asked, rights, person, line)), None)
        if serving is None:
            continue
        readable = sum(serving.level(one.code, one.data_class) == Level.READ for one in rights.shape.fields.values())
        reader = seen.reads_rules(viewer)
        records, at_most = _records(viewer, asked, view, serving) if reader else (None, False)
        username = asked.company.world.people[person].username
        after = {"role": role.code, "subject": f"person:{username}"}
        act = {"draft": {"kind": "grant", "key": f"{role.code}-{username}"[:60], "after": after}} if reader else {}
        return Fix(
            "grant", ROLE_GIVEN.fill(role=role.words), records, readable, 1, approvers, SECURITY, LASTING, act, at_most
        )
    return None


def _records(viewer: Viewer, asked: Question, view: View, line: Line) -> tuple[int, bool]:
    """On how many records the line would hold for this person: a number for who reads the rules, and whether it is the most that could
    be, since the line has conditions on cells that they do not read."""
    shown = Unread(viewer.view).line(line)
    held = held_as(view, shown, Carrier(department=view.home))
    found = formula([held], NO_REACH, asked.kind.parent == "account")
    where = all_of([sql.writer("t.").formula(found, NO_REACH)])
    text = f'SELECT COUNT(*) FROM "{asked.kind.table}" t WHERE t.deleted_at IS NULL AND {where.text}'
    return int(sql.rows(text, where.params)[0][0]), shown is not line
