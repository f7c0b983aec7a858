"""What an auditor and a security administrator read: the log of acts, and the rules as they stand. Nothing here writes.

The log says who did what to which thing, from where and under which grant, with the names of the fields that changed. Values are
shown nowhere here: a record's own page shows its history as far as the reader's view of it goes.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db.models import Q

from heli.access.core.explain import SIGNS
from heli.access.models import Ceiling, Grant, Role
from heli.access.scopes import SCOPES, split
from heli.access.shapes import SHAPES
from heli.api import shape
from heli.api.audit_words import act_words, field_words, thing_words
from heli.api.common import WORDS, moment, ref
from heli.api.meta import CLASSES
from heli.api.route import Answer, Call, Param, Route
from heli.audit import entries, log
from heli.kernel import clock
from heli.kernel.errors import Refused
from heli.kernel.words import Words
from heli.org.models import Department, Person, Position
from heli.org.tree import project_names
from heli.records import fields as f
from heli.records.reasons import ACTIONS
from heli.records.types import TYPES
from heli.records.verbs import verb_of

_TEXT: shape.Schema = {"type": "string"}
_NUMBER: shape.Schema = {"type": "integer"}
PAGE = 100

ENTRY = shape.record(
    {
        "seq": _NUMBER, "at": shape.MOMENT, "actor": _TEXT, "action": _TEXT, "object_type": _TEXT, "object_id": _TEXT,
        "outcome": {"type": "string", "enum": ["done", "refused", "failed"]}, "origin": _TEXT, "via": _TEXT,
        "reason": _TEXT, "fields": shape.array(_TEXT),
        "act": ref(WORDS), "thing": ref(WORDS), "changed": shape.array(ref(WORDS)),
    }
)  # fmt: skip
RULE = shape.record(
    {
        "type": ref(WORDS), "actions": shape.array(ref(WORDS)), "scopes": shape.array(ref(WORDS)),
        "where": shape.array(ref(WORDS)), "levels": shape.array(ref(WORDS)), "limit": {"type": ["string", "null"]},
    }
)  # fmt: skip
ROLE = shape.record(
    {
        "code": _TEXT, "name": ref(WORDS), "version": _NUMBER, "template": _TEXT, "template_version": _NUMBER,
        "rules": shape.array(ref("Rule")), "given_to": shape.array(ref(WORDS)),
    }
)  # fmt: skip
CEILING = shape.record({"code": _TEXT, "name": ref(WORDS), "type": ref(WORDS), "active": {"type": "boolean"}})
SCHEMAS = {
    "AuditEntry": ENTRY,
    "AuditPage": shape.record(
        {"items": shape.array(ref("AuditEntry")), "next": {"type": ["integer", "null"]}, "entries": _NUMBER}
    ),
    "Rule": RULE,
    "RoleRules": ROLE,
    "CeilingRule": CEILING,
    "Policy": shape.record({"roles": shape.array(ref("RoleRules")), "ceilings": shape.array(ref("CeilingRule"))}),
}
ALL_FIELDS = Words("全部字段", "all fields")
SEEN = {"hidden": Words("不可见", "hidden"), "masked": Words("脱敏", "masked"), "read": Words("可见", "visible")}
LEVEL = Words("{field}：{level}", "{field}: {level}")
EMPTY = Words("{field}为空", "{field} is empty")
NO_LOG = Words(
    "审计日志只给审计员看；需要时请向安全管理员申请",
    "the audit log is for auditors; ask a security administrator if you need it",
)
NO_RULES = Words(
    "权限规则只给审计员和安全管理员看；对某条记录的疑问可用「为什么」",
    "the rules are for auditors and security administrators; for a question about one record, ask “why”",
)


def _needs(call: Call, code: str, words: Words) -> None:
    view = call.viewer.view
    if view is None or not view.may(code, "read"):
        raise Refused(
            words, code="no_line", why={"code": "no_line", "words": words.json(), "action": "read", "type": code}
        )


def audit(call: Call) -> Answer:
    """The newest entries that fit, newest first."""
    _needs(call, "audit", NO_LOG)
    actor = call.query.get("actor")
    actor_id = None
    if actor:
        found = Person.objects.filter(Q(username__iexact=actor) | Q(display_name=actor)).values_list("pk", flat=True)
        actor_id = found[0] if len(found) == 1 else 0
    rows = entries.query(
        actor_id=actor_id,
        object_type=call.query.get("type") or None,
        object_id=call.query.get("id") or None,
        outcome=call.query.get("outcome"),
        before=call.query.get("before"),
        limit=PAGE,
    )
    head = log.head()
    said = [
        {
            "seq": e.seq, "at": moment(e.at), "actor": e.actor_name, "action": e.action, "object_type": e.object_type,
            "object_id": e.object_id, "outcome": e.outcome, "origin": e.origin, "via": e.via, "reason": e.reason,
            **_words(e),
        }
        for e in rows
    ]  # fmt: skip
    return Answer(
        {"items": said, "next": rows[-1].seq if len(rows) == PAGE else None, "entries": head[1] if head else 0}
    )


def _words(entry: entries.EntryView) -> dict[str, Any]:
    """The fields that changed, and act, thing and fields as people call them."""
    fields = sorted({*(entry.before or {}), *(entry.after or {})})
    return {
        "fields": fields,
        "act": act_words(entry.action).json(),
        "thing": thing_words(entry.object_type).json(),
        "changed": [field_words(entry.object_type, one).json() for one in fields],
    }


def policy(call: Call) -> Answer:
    """Every role with its lines in words and who holds it; every ceiling."""
    _needs(call, "policy", NO_RULES)
    holders: dict[int, list[Words]] = defaultdict(list)
    now = clock.now()
    grants = Grant.objects.filter(Q(ends__isnull=True) | Q(ends__gt=now), revoked_at__isnull=True, role__isnull=False)
    names = _Names()
    for grant in grants.order_by("pk"):
        if grant.role_id is not None:
            holders[grant.role_id].append(names.subject(grant))
    roles = [
        {
            "code": role.code, "name": Words(role.name, role.name_en or role.name).json(), "version": role.version,
            "template": role.template, "template_version": role.template_version,
            "rules": [_rule(line) for line in role.lines],
            "given_to": [words.json() for words in holders[role.pk]],
        }
        for role in Role.objects.filter(closed_at__isnull=True).order_by("pk")
    ]  # fmt: skip
    ceilings = [
        {
            "code": one.code, "name": Words(one.name, one.name_en or one.name).json(), "type": _type(one.type).json(),
            "active": one.active,
        }
        for one in Ceiling.objects.order_by("pk")
    ]  # fmt: skip
    return Answer({"roles": roles, "ceilings": ceilings})


class _Names:
    """Names of the subjects of grants; one query per kind."""

    def __init__(self) -> None:
        self._people = dict(Person.objects.values_list("pk", "display_name"))
        self._positions = {pk: Words(n, e or n) for pk, n, e in Position.objects.values_list("pk", "name", "name_en")}
        self._departments = {
            pk: Words(n, e or n) for pk, n, e in Department.objects.values_list("pk", "name", "name_en")
        }
        self._projects = project_names()

    def subject(self, grant: Grant) -> Words:
        """``岗位 销售代表`` and the like."""
        match grant.subject_kind:
            case Grant.PERSON:
                name = self._people.get(int(grant.subject_id), "?")
                return Words(f"人员 {name}", f"person {name}")
            case Grant.POSITION:
                place = self._positions.get(int(grant.subject_id), Words("?", "?"))
                return Words("岗位 {p}", "position {p}").fill(p=place)
            case Grant.DEPARTMENT:
                place = self._departments.get(int(grant.subject_id), Words("?", "?"))
                below = Words("及下级", " and below") if grant.below else Words("", "")
                return Words("部门 {p}{b}", "department {p}{b}").fill(p=place, b=below)
            case Grant.PROJECT_ROLE:
                project, _, role = grant.subject_id.rpartition(":")
                where = self._projects.get(project, "")
                return Words(
                    f"项目「{where}」的 {role}" if where else f"任一项目的 {role}",
                    f"{role} of project {where or 'any'}",
                )
        return Words("所有人", "everyone")


def _type(code: str) -> Words:
    found = SHAPES.get(code)
    return found.words if found is not None else Words(code, code)


def _rule(line: dict[str, Any]) -> dict[str, Any]:
    code = str(line.get("type"))
    scopes = [SCOPES.get(split(text)[0]) for text in line.get("scope", [])]
    return {
        "type": _type(code).json(),
        "actions": [_action(code, action).json() for action in line.get("actions", [])],
        "scopes": [one.words.json() for one in scopes if one is not None],
        "where": [_condition(code, one).json() for one in line.get("where", [])],
        "levels": [
            LEVEL.fill(field=_cells(code, field), level=SEEN[level]).json()
            for field, level in line.get("read", {}).items()
        ],
        "limit": str(line["limit"]) if line.get("limit") is not None else None,
    }


def _condition(code: str, one: list[Any]) -> Words:
    """``["amount", "<=", "500000"]`` -> 金额 ≤ 500000; options by their names."""
    name, sign, value = one[0], str(one[1]), one[2] if len(one) == 3 else None
    if sign == "empty":
        return EMPTY.fill(field=field_words(code, name))
    kind = TYPES.get(code)
    field = kind.fields.get(name) if kind is not None else None
    said = [
        field.said(value) if isinstance(field, f.Choice) else Words(str(value), str(value))
        for value in (value if isinstance(value, list) else [value])
    ]
    shown = Words("、".join(w.zh for w in said), ", ".join(w.en for w in said))
    return Words("{f} {s} {v}", "{f} {s} {v}").fill(f=field_words(code, name), s=SIGNS[sign], v=shown)


def _cells(code: str, field: str) -> Words:
    """A field, a data class, or all of them."""
    return ALL_FIELDS if field == "*" else CLASSES.get(field) or field_words(code, field)


def _action(code: str, action: str) -> Words:
    verb = verb_of(code, action)
    more = {"open": Words("打开", "open"), "administer": Words("管理", "administer"), "grant": Words("授权", "grant")}
    return ACTIONS.get(action) or (verb.words if verb is not None else more.get(action, Words(action, action)))


PARAMS = (
    Param("actor", shape.text(150), "User name, or unique name, of who acted"),
    Param("type", shape.text(80), "Object type"),
    Param("id", shape.text(100), "Id of the thing"),
    Param("outcome", {"type": "string", "enum": ["done", "refused", "failed"]}, "How it ended"),
    Param("before", {"type": "integer", "minimum": 1, "maximum": 2**62}, "Number of the last entry of the page before"),
)
ROUTES = (
    Route("GET", "/audit", audit, "listAudit", "The log of acts", "oversight", params=PARAMS,
          answers={200: ref("AuditPage")}, errors=(403,)),
    Route("GET", "/policy", policy, "getPolicy", "Roles, who holds them, ceilings", "oversight",
          answers={200: ref("Policy")}, errors=(403,)),
)  # fmt: skip
