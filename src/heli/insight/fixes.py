"""What would turn a no into a yes, the least first: exactly these cells for a while, a place in the team, a change of the rules.

Each says what more it opens (records, fields, people), who decides and for how long, and carries what is needed to act.
Numbers beyond the record itself, and lines of roles, are for who reads the rules.
"""

from __future__ import annotations

from itertools import islice

from heli.access.core.decide import TypeRights
from heli.access.core.depends import both_ways
from heli.access.core.line import Level, Line
from heli.access.viewer import Viewer
from heli.insight.asked import Question, view_of
from heli.insight.fix import EDIT, MOST_APPROVERS, PLAIN, READ, Fix, decides, row_of, with_line
from heli.insight.fixes_rules import rule
from heli.kernel.words import Words

DAYS = 7
"""How long a loan is proposed for."""
LENDABLE = frozenset({"read", "edit"})
FIXABLE = frozenset({"read", "edit", "delete", "transfer", "share"})

LOAN = Words("临时借出这条记录的「{fields}」", "lend “{fields}” of this record for a while")
LOAN_WHOLE = Words("临时借出这一条记录", "lend this one record for a while")
TEAM = Words("加入这条记录的团队（{how}）", "add to the team of this record ({how})")
FOR_DAYS = Words("{n} 天，到期自动收回", "{n} days, then it ends by itself")
UNTIL_REMOVED = Words("直到移出团队", "until removed from the team")


def fixes(viewer: Viewer, asked: Question, person: int) -> list[Fix]:
    """The smallest fixes for someone who may not; none for who may, or where nothing depends on rights."""
    rights = asked.view(person).bare(asked.kind.code)
    if asked.row is None or asked.at is not None:
        return []
    # Conditions on cells that the asker does not read count as met: neither a fix nor its absence may tell of one.
    _, most = both_ways(rights, asked.told)
    if decides(asked, most, row_of(asked, person)) or asked.right not in FIXABLE:
        return []
    shape = rights.shape.fields.get(asked.field or "")
    if shape is not None and shape.readonly and asked.right == "edit":
        return []
    found = [
        _loan(asked, most, person),
        _team(asked, most, person),
        rule(viewer, asked, most, person),
    ]
    made = [one for one in found if one is not None]
    return sorted(made, key=lambda one: (one.records is None, one.records or 0, one.fields, one.people or 0))


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
    return most.decide("share", row_of(asked, person)).allowed


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
            if one.data_class in PLAIN and rights.level(code, row_of(asked, person)) < Level.READ
            and not (asked.right == "edit" and (one.readonly or one.flow))
        ]  # fmt: skip
    tag = "fix"
    line = Line(
        kind.code, frozenset({"read", asked.right}), (f"record:{tag}",), (),
        {"*": Level.HIDDEN, **dict.fromkeys(fields, Level.READ)}, frozenset(fields),
    )  # fmt: skip
    if not with_line(asked, rights, person, line, ("record", tag)):
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


def _team(asked: Question, rights: TypeRights, person: int) -> Fix | None:
    """A place in the record's team, where the person's own roles give enough to helpers."""
    assert asked.row is not None
    edit = asked.right != "read"
    pairs = [("team", ""), *([("team", "edit")] if edit else [])]
    then = row_of(asked, person, *pairs)
    if not decides(asked, rights, then):
        return None
    now = row_of(asked, person)
    opened = sum(
        rights.level(code, then) == Level.READ and rights.level(code, now) < Level.READ for code in rights.shape.fields
    )
    body = {"person": str(person), "types": "", "edit": edit}
    path = f"/records/{asked.kind.code}/{asked.row['id']}/actions/team_add"
    act = {"method": "POST", "path": path, "body": body}
    words = TEAM.fill(how=EDIT if edit else READ)
    return Fix("team", words, 1, opened, 1, _approvers(asked, person), None, UNTIL_REMOVED, act)
