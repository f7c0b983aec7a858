"""What would turn a no into a yes, the least first: exactly these cells for a while, a place in the team, a change of the rules.

Each says what more it opens (records, fields, people), who decides and for how long, and carries what is needed to act.
Numbers beyond the record itself, and lines of roles, are for who reads the rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from heli.access import view as views
from heli.access.compile import NO_REACH, all_of, formula
from heli.access.core.decide import TypeRights
from heli.access.core.depends import both_ways
from heli.access.core.line import REACH, Held, Level, Line, Row, Source
from heli.access.facts import RoleFact
from heli.access.scopes import SCOPES, Carrier, split
from heli.access.view import View
from heli.access.viewer import Viewer
from heli.insight import seen
from heli.insight.compare import Question, view_of
from heli.kernel.words import Words
from heli.records import sql
from heli.records.ask import granters

DAYS = 7
"""How long a loan is proposed for."""
MOST_APPROVERS = 3
CANDIDATES = ("department", "below", "reports", "customer:department", "customer:below", "project", "pool")
"""Scopes tried for a changed line, the narrowest first; the whole company when none of them holds."""
LENDABLE = frozenset({"read", "edit"})
FIXABLE = frozenset({"read", "edit", "delete", "transfer", "share"})
PLAIN = ("public", "internal")

LOAN = Words("临时借出这条记录的「{fields}」", "lend “{fields}” of this record for a while")
LOAN_WHOLE = Words("临时借出这一条记录", "lend this one record for a while")
TEAM = Words("加入这条记录的团队（{how}）", "add to the team of this record ({how})")
ROLE_FIELD = Words("角色「{role}」可{action}「{field}」", "the role “{role}” may {action} “{field}”")
ROLE_SCOPE = Words("角色「{role}」的范围扩到「{scope}」", "the role “{role}” reaches “{scope}” too")
ROLE_SOME = Words("调整对方的角色，让它包括这条记录", "change a role of theirs so that it covers this record")
ROLE_GIVEN = Words("授予角色「{role}」", "give the role “{role}”")
FOR_DAYS = Words("{n} 天，到期自动收回", "{n} days, then it ends by itself")
UNTIL_REMOVED = Words("直到移出团队", "until removed from the team")
LASTING = Words("长期", "lasting")
READ, EDIT = Words("只读", "read"), Words("可编辑", "edit")
SECURITY = Words("管理员提交草稿，第二人审批", "an administrator drafts it, a second person approves")


@dataclass(frozen=True, slots=True)
class Fix:
    """``records`` and ``people`` None: not for this asker to know. ``act`` is what a page sends to begin it."""

    kind: str
    words: Words
    records: int | None
    fields: int
    people: int | None
    approvers: tuple[int, ...]
    by: Words | None
    lasts: Words
    act: Mapping[str, Any]


def fixes(viewer: Viewer, asked: Question, person: int) -> list[Fix]:
    """The smallest fixes for someone who may not; none for who may, or where nothing depends on rights."""
    rights = view_of(asked.company, person).bare(asked.kind.code)
    if asked.row is None or asked.at is not None:
        return []
    # Conditions on cells that the asker does not read count as met: neither a fix nor its absence may tell of one.
    _, most = both_ways(rights, asked.told)
    if _decides(asked, most, _row(asked, person)) or asked.right not in FIXABLE:
        return []
    shape = rights.shape.fields.get(asked.field or "")
    if shape is not None and shape.readonly and asked.right == "edit":
        return []
    found = [
        _loan(asked, most, person),
        _team(asked, most, person),
        _rule(viewer, asked, most, person),
    ]
    made = [one for one in found if one is not None]
    return sorted(made, key=lambda one: (one.records is None, one.records or 0, one.fields, one.people or 0))


def _row(asked: Question, person: int, *more: tuple[str, str]) -> Row:
    assert asked.row is not None
    pairs = frozenset(pair for pair, people in asked.reached.items() if person in people)
    return {**{k: v for k, v in asked.row.items() if k != REACH}, REACH: pairs | frozenset(more)}


def _decides(asked: Question, rights: TypeRights, row: Row) -> bool:
    if asked.field is None:
        return rights.decide(asked.right, row).allowed
    return rights.decide_field(asked.right, asked.field, row).allowed


def _approvers(asked: Question, person: int) -> tuple[int, ...]:
    """Who may share the record: its owner, where the asker may know them, then heads up the line."""
    assert asked.row is not None
    near: list[int | None] = []
    if asked.told("owner"):
        near.append(asked.row.get("owner_id"))
    tree = asked.company.world.tree
    near += [tree.nodes[one].head for one in tree.above(asked.row.get("department_id") or 0)]
    some = [one for one in dict.fromkeys(near) if one in asked.company.world.people and one != person]
    return tuple(islice((one for one in some if one is not None and _shares(asked, one)), MOST_APPROVERS))


def _shares(asked: Question, person: int) -> bool:
    _, most = both_ways(view_of(asked.company, person).bare(asked.kind.code), asked.told)
    return most.decide("share", _row(asked, person)).allowed


def _loan(asked: Question, rights: TypeRights, person: int) -> Fix | None:
    """Exactly these cells of this record for a week."""
    kind = asked.kind
    if asked.right not in LENDABLE or not kind.fields:
        return None
    if asked.field is not None:
        fields = [asked.field]
    else:
        fields = [
            code for code, one in kind.fields.items()
            if one.data_class in PLAIN and rights.level(code, _row(asked, person)) < Level.READ
            and not (asked.right == "edit" and (one.readonly or one.flow))
        ]  # fmt: skip
    tag = "fix"
    line = Line(
        kind.code, frozenset({"read", asked.right}), (f"record:{tag}",), (),
        {"*": Level.HIDDEN, **dict.fromkeys(fields, Level.READ)}, frozenset(fields),
    )  # fmt: skip
    if not _with(asked, rights, person, line, ("record", tag)):
        return None  # a ceiling is in the way: no loan passes it
    assert asked.row is not None
    words = LOAN_WHOLE
    if asked.field is not None:
        words = LOAN.fill(fields=kind.fields[asked.field].words)
    body = {
        "type": kind.code,
        "record": str(asked.row["id"]),
        "action": asked.right,
        "fields": fields,
        "seconds": DAYS * 24 * 3600,
        "borrower": str(person),
    }
    approvers = _approvers(asked, person)
    act = {"method": "POST", "path": "/access/requests", "body": body}
    return Fix("loan", words, 1, len(fields), 1, approvers, None, FOR_DAYS.fill(n=str(DAYS)), act)


def _with(asked: Question, rights: TypeRights, person: int, line: Line, pair: tuple[str, str] | None = None) -> bool:
    """Whether it would be a yes if the person held this line too."""
    view = view_of(asked.company, person)
    if view.asked is None:
        return False
    held = _held(view, line, Carrier(department=view.home))
    then = TypeRights(rights.shape, [*rights.lines, held], [c for c in rights.ceilings if c.roles is None])
    return _decides(asked, then, _row(asked, person, *([pair] if pair is not None else [])))


def _held(view: View, line: Line, carrier: Carrier) -> Held:
    assert view.asked is not None
    return views.hold(line, Source(0, "", LASTING, 0, LASTING), view.asked, carrier)


def _team(asked: Question, rights: TypeRights, person: int) -> Fix | None:
    """A place in the record's team, where the person's own roles give enough to helpers."""
    assert asked.row is not None
    edit = asked.right != "read"
    pairs = [("team", ""), *([("team", "edit")] if edit else [])]
    then = _row(asked, person, *pairs)
    if not _decides(asked, rights, then):
        return None
    now = _row(asked, person)
    opened = sum(
        rights.level(code, then) == Level.READ and rights.level(code, now) < Level.READ for code in rights.shape.fields
    )
    body = {"person": str(person), "types": "", "edit": edit}
    path = f"/records/{asked.kind.code}/{asked.row['id']}/actions/team_add"
    act = {"method": "POST", "path": path, "body": body}
    words = TEAM.fill(how=EDIT if edit else READ)
    return Fix("team", words, 1, opened, 1, _approvers(asked, person), None, UNTIL_REMOVED, act)


# -- a change of the rules --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Changed:
    role: RoleFact
    lines: list[dict[str, Any]]
    line: Line
    words: Words
    fields: int


def _rule(viewer: Viewer, asked: Question, rights: TypeRights, person: int) -> Fix | None:
    """The smallest change of a role that the person holds, else a role that gives it."""
    view = view_of(asked.company, person)
    changed = _more_of_a_line(asked, rights, view, person) or _wider_scope(asked, rights, view, person)
    approvers = tuple(one for one in granters(viewer) if one != person)[:MOST_APPROVERS]
    reader = seen.reads_rules(viewer)
    if changed is None:
        return _given(asked, rights, person, approvers, reader=reader)
    known = seen.known_roles(viewer)
    words, opened = changed.words, changed.fields
    if known is not None and changed.role.code not in known:  # whose role it is would be told by its name
        words, opened = ROLE_SOME, 1 if asked.field is not None else _plain(asked)
    act: dict[str, Any] = {}
    records = people = None
    if reader:
        role = changed.role
        records = _records(asked, view, changed.line)
        holders: set[int] = set()
        for one in asked.company.world.all_grants.values():
            if one.role is not None and one.role.code == role.code and one.open_at(asked.company.moment):
                holders |= asked.company.crowd(one).all
        people = len(holders)
        act = {"draft": {"kind": "role", "key": role.code, "lines": changed.lines}}
    return Fix("role", words, records, opened, people, approvers, SECURITY, LASTING, act)


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
    code, row = asked.field, _row(asked, person)
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
        if more and _with(asked, rights, person, line):
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
            if asked.right not in held.line.actions or not _with(asked, rights, person, line):
                continue
            stored = dict(role.lines[index])
            lines = _stored(role, index, scope=[*stored.get("scope", []), scope])
            shown = SCOPES[split(scope)[0]].words
            readable = sum(line.level(one.code, one.data_class) == Level.READ for one in rights.shape.fields.values())
            return _Changed(role, lines, line, ROLE_SCOPE.fill(role=role.words, scope=shown), readable)
    return None


def _given(
    asked: Question, rights: TypeRights, person: int, approvers: tuple[int, ...], *, reader: bool
) -> Fix | None:  # fmt: skip
    """A whole role that gives it where the person works, the one with the fewest lines."""
    view = view_of(asked.company, person)
    for role in sorted(asked.company.world.roles.values(), key=lambda one: (len(one.lines), one.code)):
        if role.closed:
            continue
        lines = [line for line in views.lines_of(role.lines) if line.type == asked.kind.code]
        serving = next((line for line in lines if _with(asked, rights, person, line)), None)
        if serving is None:
            continue
        readable = sum(serving.level(one.code, one.data_class) == Level.READ for one in rights.shape.fields.values())
        records = _records(asked, view, serving) if reader else None
        username = asked.company.world.people[person].username
        after = {"role": role.code, "subject": f"person:{username}"}
        act = {"draft": {"kind": "grant", "key": f"{role.code}-{username}"[:60], "after": after}} if reader else {}
        return Fix("grant", ROLE_GIVEN.fill(role=role.words), records, readable, 1, approvers, SECURITY, LASTING, act)
    return None


def _records(asked: Question, view: View, line: Line) -> int:
    """On how many records the line would hold for this person: a number for who reads the rules."""
    held = _held(view, line, Carrier(department=view.home))
    found = formula([held], NO_REACH, asked.kind.parent == "account")
    where = all_of([sql.writer("t.").formula(found, NO_REACH)])
    text = f'SELECT COUNT(*) FROM "{asked.kind.table}" t WHERE t.deleted_at IS NULL AND {where.text}'
    return int(sql.rows(text, where.params)[0][0])
