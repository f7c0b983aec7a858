"""The verbs that every type knows: transfer, assign, claim, return, team, reveal.

Verbs that move keys are decided before, and over the target by ``assign``, instead of after: whoever hands a record
over may well lose sight of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from heli.access.core.line import Level
from heli.access.scopes.pool import pool_of
from heli.audit import log
from heli.kernel import clock
from heli.kernel.errors import Conflict, Invalid, NotFound, Problem, Refused
from heli.kernel.words import Words
from heli.org import tree
from heli.org.models import Person
from heli.records import fields as f
from heli.records import reach, related, sealed, write
from heli.records.sight import row_facts
from heli.records.types import KEY_COLUMNS, TYPES
from heli.records.verbs import verb
from heli.records.work import NO_PERSON, Work, refusal

ONESELF = Words("不能把自己加入团队", "nobody adds themselves to a team")
NOT_YOURS = Words(
    "你自己不能对该客户的全部「{type}」这样做，因此不能开放给别人",
    "you cannot do this with all {type} of the account yourself, so you cannot open them to others",
)
PAST = Words("到期时间应在将来", "must be in the future")
MOST_KEPT = timedelta(days=366)
KEPT_TOO_LONG = Words("最多保留一年", "at most a year")


def _owned(row: Mapping[str, Any]) -> bool:
    return row.get("owner_id") is not None


def _pooled(row: Mapping[str, Any]) -> bool:
    return row.get("owner_id") is None and bool(row.get("pool_id"))


def _person(value: int, place: str) -> Person:
    found = Person.objects.filter(pk=value).exclude(status=Person.LEFT).first()
    if found is None:
        raise Invalid(Problem(place, "missing", NO_PERSON))
    return found


def home_of(person: int) -> int | None:
    """The department of a person's primary assignment now."""
    moment = clock.now()
    posts = [p for p in tree.posts_of(person) if p.starts <= moment and (p.ends is None or p.ends > moment)]
    return next((p.department for p in posts if p.primary), posts[0].department if posts else None)


def _hand_over(work: Work, owner: int) -> None:
    _person(owner, "owner")
    target = {**work.row, "owner_id": owner, "department_id": home_of(owner), "pool_id": ""}
    if work.kind.code == "account":
        target |= {"account_owner_id": owner, "account_department_id": target["department_id"]}
    work.need("assign", target)
    work.set(owner=owner, department=target["department_id"], pool="")


@verb(
    "*", "transfer", zh="移交", en="Transfer", after=False,
    params={
        "owner": f.PersonRef(zh="新负责人", en="New owner", required=True),
        "keep_until": f.DateTime(zh="原负责人保留查看至", en="The former owner keeps seeing it until"),
        "reason": f.Text(zh="原因", en="Reason", max_length=500),
    },
)  # fmt: skip
def transfer(work: Work, params: dict[str, Any]) -> None:
    """Give the record to another owner; the former one may keep seeing it until a moment."""
    former = work.row["owner_id"]
    until = params["keep_until"]
    if until is not None and until <= clock.now():
        raise Invalid(Problem("keep_until", "past", PAST))
    if until is not None and until > clock.now() + MOST_KEPT:
        raise Invalid(Problem("keep_until", "too_late", KEPT_TOO_LONG))
    work.reason = params["reason"]
    _hand_over(work, params["owner"])
    if until is not None and former is not None and former != params["owner"]:
        related.join_team(work.kind, work.row, former, (), edit=False, until=until)


@verb(
    "*", "assign", zh="分配", en="Assign", after=False, applies=lambda row: not _owned(row),
    params={"owner": f.PersonRef(zh="负责人", en="Owner", required=True)},
)  # fmt: skip
def assign(work: Work, params: dict[str, Any]) -> None:
    """Give an unowned record to someone."""
    _hand_over(work, params["owner"])


@verb("*", "claim", zh="领取", en="Claim", after=False, applies=_pooled)
def claim(work: Work, params: dict[str, Any]) -> None:  # verbs share one form
    """Take an unowned record out of the pool."""
    if work.viewer.person is None or work.viewer.view is None:
        raise NotFound
    work.set(owner=work.viewer.person, department=work.viewer.view.home, pool="")


@verb(
    "*", "return", zh="退回公海", en="Return to the pool", after=False, applies=_owned, danger=True,
    params={"reason": f.Text(zh="原因", en="Reason", required=True, max_length=500)},
)  # fmt: skip
def give_back(work: Work, params: dict[str, Any]) -> None:
    """Put the record back into its department's pool, with the reason."""
    work.reason = params["reason"]
    department = work.row["department_id"]
    work.set(owner=None, pool=pool_of(department) if department is not None else "all")


@verb(
    "*", "team_add", zh="添加团队成员", en="Add to the team", right="share", after=False,
    params={
        "person": f.PersonRef(zh="成员", en="Person", required=True),
        "types": f.Text(zh="也可见的下级对象", en="Child types also seen", max_length=400),
        "edit": f.YesNo(zh="可以编辑", en="May edit", default=False),
        "until": f.DateTime(zh="至", en="Until"),
    },
)  # fmt: skip
def team_add(work: Work, params: dict[str, Any]) -> None:
    """Let someone help: they reach the record and, on an account, the named child types; nothing else."""
    person = _person(params["person"], "person")
    until = params["until"]
    if until is not None and until <= clock.now():
        raise Invalid(Problem("until", "past", PAST))
    types = [t for t in params["types"].replace(",", " ").split() if t]
    children = {t.code for t in TYPES if t.parent == "account"} if work.kind.code == "account" else set()
    unknown = [t for t in types if t not in children]
    if unknown:
        words = Words(f"不是客户的下级对象：{unknown[0]}", f"not a child type of an account: {unknown[0]}")
        raise Invalid(Problem("types", "unknown", words))
    if person.pk == work.viewer.person:
        raise Refused(ONESELF, code="oneself", why={"code": "oneself", "words": ONESELF.json()})
    for code in types:
        for action in ("read", "edit") if params["edit"] else ("read",):
            _lend(work, code, action)
    if params["edit"]:
        work.need("edit")
    was = _part(work, person.pk)
    edit = bool(params["edit"])
    related.join_team(work.kind, work.row, person.pk, types, edit=edit, until=until)
    told = {"member": person.pk, "types": types, "edit": edit, "until": until.isoformat() if until else None}
    _tell(work, "team_add", {"was": was} if was else None, {"person": person.username, **told})


def _part(work: Work, person: int) -> dict[str, Any] | None:
    """Someone's part in the team as the log keeps it, so that it can tell who helped on an earlier day."""
    for one in related.team_of(work.kind, work.row["id"]):
        if one["person"] == person:
            until = one["until"]
            said = until.isoformat() if isinstance(until, datetime) else until
            return {"member": person, "types": one["types"], "edit": one["edit"], "until": said}
    return None


def _lend(work: Work, code: str, action: str) -> None:
    """Whoever opens an account's records of one type holds the action on every one of them. Raises Refused."""
    if work.viewer.is_system:
        return
    child = TYPES[code]
    rights = work.viewer.view.type(code) if work.viewer.view is not None else None
    blank = dict.fromkeys((*child.stored, *KEY_COLUMNS))
    keys = {k: work.row.get(k) for k in ("account_owner_id", "account_department_id")}
    reached = reach.of_row(work.viewer.person, rights, "", work.row["id"]) if rights is not None else frozenset()
    if rights is None or not rights.everywhere(
        action, row_facts({**blank, **keys, "account_id": work.row["id"]}, reached)
    ):
        words = NOT_YOURS.fill(type=child.plural)
        raise Refused(words, code="not_yours", why={"code": "not_yours", "words": words.json()})


@verb(
    "*", "team_remove", zh="移出团队", en="Remove from the team", right="share", after=False, danger=True,
    params={"person": f.PersonRef(zh="成员", en="Person", required=True)},
)  # fmt: skip
def team_remove(work: Work, params: dict[str, Any]) -> None:
    """End someone's help on the record; what they reached through it ends with this transaction."""
    was = _part(work, params["person"])
    if not related.leave_team(work.kind, work.row, params["person"]):
        raise Invalid(Problem("person", "missing", Words("此人不在团队里", "this person is not in the team")))
    _tell(work, "team_remove", was, {"person": str(params["person"])})


def _tell(work: Work, action: str, before: dict[str, Any] | None, after: dict[str, Any]) -> None:
    decided = work.decision("share")
    entry = write.told(work.kind, action, work.row["id"], work._actor(decided), before, after)
    write.announce(work.kind, action, work.row["id"], entry)


@verb(
    "*", "reveal", zh="显示", en="Reveal", right="read", after=False,
    params={"field": f.Text(zh="字段", en="Field", required=True, max_length=80)},
)  # fmt: skip
def reveal(work: Work, params: dict[str, Any]) -> None:
    """Show one sensitive value in full, to whoever may read it; the look is audited."""
    code = params["field"]
    one = work.kind.fields.get(code)
    rights = work.sight.rights if work.sight is not None else None
    level = Level.READ if rights is None else rights.level(code, work.row)
    if one is None or level == Level.HIDDEN:
        raise Invalid(Problem("field", "unknown", Words(f"没有字段 {code}", f"no such field: {code}")))
    if level < Level.READ:
        raise refusal(work.viewer, work.kind, "read", work.row, code)
    if work.row[one.column] is sealed.UNREADABLE:
        raise Conflict(sealed.BROKEN_CELL.fill(field=one.words), code="broken")
    work.answer = {"field": code, "value": one.dump(work.row[one.column])}
    actor = replace(work.viewer.actor)
    log.append(replace(write.told(work.kind, "reveal", work.row["id"], actor, None, {"field": code}), action="reveal"))
