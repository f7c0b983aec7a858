"""What an auditor and a security administrator read: the log of acts, and the rules as they stand. Nothing here writes.

The log says who did what to which thing, from where and under which grant, with the names of the fields that changed. Values are
shown nowhere here: a record's own page shows its history as far as the reader's view of it goes.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db.models import Q

from heli.access.models import Ceiling, Grant, Role
from heli.api import shape
from heli.api.access_common import NO_RULES
from heli.api.audit_words import act_words, field_words, thing_words
from heli.api.common import WORDS, moment, ref
from heli.api.route import Answer, Call, Param, Route
from heli.audit import entries, log
from heli.kernel import clock
from heli.kernel.errors import Refused
from heli.kernel.words import Words
from heli.org.models import Person
from heli.policy.names import Names
from heli.policy.sentences import told
from heli.records.said import type_words

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
NO_LOG = Words(
    "审计日志只给审计员看；需要时请向安全管理员申请",
    "the audit log is for auditors; ask a security administrator if you need it",
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
    names = Names.load()
    for grant in grants.order_by("pk"):
        if grant.role_id is not None:
            subject = names.words(names.subject(grant.subject_kind, grant.subject_id))
            below = Words("及下级", " and below") if grant.below else Words("", "")
            holders[grant.role_id].append(Words("{s}{b}", "{s}{b}").fill(s=subject, b=below))
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
            "code": one.code, "name": Words(one.name, one.name_en or one.name).json(), "type": type_words(one.type).json(),
            "active": one.active,
        }
        for one in Ceiling.objects.order_by("pk")
    ]  # fmt: skip
    return Answer({"roles": roles, "ceilings": ceilings})


def _rule(line: dict[str, Any]) -> dict[str, Any]:
    said = told(line)
    return {
        "type": said["type_name"], "actions": said["actions"], "scopes": said["scopes"], "where": said["where"],
        "levels": said["levels"], "limit": str(line["limit"]) if line.get("limit") is not None else None,
    }  # fmt: skip


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
