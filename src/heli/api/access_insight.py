"""What a person may do with its origin, and who may do something with a record among everybody."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

from heli.api import shape
from heli.api.access_why import AT, company_of
from heli.api.common import NAMED, PERSON, WORDS, moment, named, people, person, ref
from heli.api.route import Answer, Call, Param, Route
from heli.api.who import UNTIL
from heli.audit import log
from heli.audit.log import EntryData
from heli.insight import past_record, seen
from heli.insight import rights as insight
from heli.insight.asked import view_of
from heli.insight.company import Company
from heli.insight.who import ALL_TOLD, Asked
from heli.kernel.errors import NotFound, Refused
from heli.kernel.words import Words
from heli.records import readers, store
from heli.records.sight import kind_of, told_to

PAGE = 50
_TEXT: shape.Schema = {"type": "string"}
_FLAG: shape.Schema = {"type": "boolean"}
_NUMBER: shape.Schema = {"type": "integer"}
_CODE: shape.Schema = {"type": "string", "minLength": 1, "maxLength": 80}
ORIGIN = shape.record(
    {"grant": _TEXT, "scope": ref(WORDS), "where": shape.array(ref(WORDS)), "limit": {"type": ["integer", "null"]}}
)
SCHEMAS = {
    "RightGrant": shape.record(
        {
            "id": _TEXT, "role": _TEXT, "name": ref(WORDS), "version": _NUMBER,
            "path": {"type": "string", "enum": ["person", "position", "department", "project", "everyone", "loan"]},
            "via": ref(WORDS), "source": _TEXT, "starts": {"type": ["string", "null"]}, "ends": {"type": ["string", "null"]},
        }
    ),
    "RightType": shape.record(
        {
            "code": _TEXT, "name": ref(WORDS),
            "actions": shape.array(
                shape.record(
                    {
                        "action": _TEXT, "name": ref(WORDS), "origins": shape.array(ORIGIN),
                        "ceilings": shape.array(ref(WORDS)),
                    }
                )
            ),
            "fields": shape.array(
                shape.record(
                    {
                        "code": _TEXT, "name": ref(WORDS), "data_class": _TEXT,
                        "level": {"type": "string", "enum": ["masked", "read", "edit"]}, "sometimes": _FLAG,
                        "grants": shape.array(_TEXT),
                    }
                )
            ),
        }
    ),
    "PersonRights": shape.record(
        {
            "person": ref(PERSON), "kind": _TEXT, "department": shape.nullable(ref(NAMED)),
            "grants": shape.array(ref("RightGrant")), "types": shape.array(ref("RightType")),
            "pages": shape.array(shape.record({"code": _TEXT, "name": ref(WORDS), "grants": shape.array(_TEXT)})),
        }
    ),
    "Seers": shape.record(
        {
            "count": _NUMBER,
            "items": shape.array(
                shape.record(
                    {"person": ref(PERSON), "department": shape.nullable(ref(NAMED)), "via": ref(WORDS), "maybe": _FLAG, "until": UNTIL}
                )
            ),
            "groups": shape.array(shape.record({"via": ref(WORDS), "count": _NUMBER})),
            "next": {"type": ["integer", "null"]},
        }
    ),
}  # fmt: skip
NO_RIGHTS = Words(
    "别人的全部权限只给审计员和安全管理员看；对某条记录的疑问可用「为什么」",
    "another person's rights are for auditors and security administrators; for a question about one record, ask “why”",
)
NO_TYPE = Words(
    "谁能看到一类对象，只给审计员和安全管理员看；请指定一条你能看到的记录",
    "who sees a type of object is for auditors and security administrators; name a record that you see",
)


def _refuse(words: Words) -> Refused:
    return Refused(
        words, code="no_line", why={"code": "no_line", "words": words.json(), "action": "read", "type": "policy"}
    )


def mine(call: Call) -> Answer:
    """All that I may do, and where it comes from."""
    return Answer(_rights(call.person, company_of(call.query.get("at")), call.viewer.role))


def rights(call: Call) -> Answer:
    """All that someone may do; of another it is written down that one has looked."""
    viewer, wanted = call.viewer, int(call.path["id"])
    if wanted == viewer.person:
        return mine(call)
    if not seen.reads_rules(viewer):
        raise _refuse(NO_RIGHTS)
    company = company_of(call.query.get("at"))
    if wanted not in company.world.people:
        raise NotFound
    with log.transaction():
        log.append(
            EntryData(
                action="rights.read", object_type="person", object_id=str(wanted), actor_id=viewer.person,
                actor_name=viewer.name, origin=call.origin,
            )
        )  # fmt: skip
    return Answer(_rights(wanted, company))


def _rights(wanted: int, company: Company, role: str = "") -> dict[str, Any]:
    """``role``: only what a program's token may use of them."""
    if wanted not in company.world.people:
        raise NotFound
    view = view_of(company, wanted)
    if role:
        view = view.limited_to(role)
    found = insight.rights(view, company.world.all_grants)
    who = company.world.people[wanted]
    return {
        "person": person((who.id, who.username, who.name)),
        "kind": who.kind,
        "department": _department(company, wanted),
        "grants": [
            {
                "id": one.id, "role": one.role, "name": one.words.json(), "version": one.version, "path": one.path,
                "via": one.via.json(), "source": one.source, "starts": moment(one.starts), "ends": moment(one.ends),
            }
            for one in found.grants
        ],
        "types": [
            {
                "code": kind.code, "name": kind.words.json(),
                "actions": [
                    {
                        "action": one.action, "name": one.words.json(), "ceilings": [w.json() for w in one.ceilings],
                        "origins": [
                            {"grant": o.grant, "scope": o.words.json(), "where": [w.json() for w in o.where], "limit": o.limit}
                            for o in one.origins
                        ],
                    }
                    for one in kind.actions
                ],
                "fields": [
                    {
                        "code": one.code, "name": one.words.json(), "data_class": one.data_class,
                        "level": "edit" if one.edit else one.level.name.lower(), "sometimes": one.sometimes,
                        "grants": list(one.grants),
                    }
                    for one in kind.fields
                ],
            }
            for kind in found.types
        ],
        "pages": [{"code": code, "name": words.json(), "grants": list(own)} for code, words, own in found.pages],
    }  # fmt: skip


def _department(company: Company, one: int) -> dict[str, str] | None:
    node = company.world.tree.nodes.get(company.homes.get(one, 0))
    return None if node is None else named(node.id, node.name, node.name_en)


def who(call: Call) -> Answer:
    """Everybody who may, with the reason as far as I may know it."""
    viewer, query = call.viewer, call.query
    kind = kind_of(query["type"])
    row: dict[str, Any] | None = None
    told = ALL_TOLD
    at = query.get("at")
    reached: Mapping[tuple[str, str], Set[int]] = {}
    helpers: Set[int] = frozenset()
    if "id" in query:
        row = now = store.row(viewer, kind.code, query["id"])
        if at is None:
            reached, helpers = seen.reached(viewer, kind, row), seen.helpers_of(kind, query["id"])
        else:
            then = past_record.record_at(kind, row, at, viewer)
            if then is None:
                return Answer({"count": 0, "items": [], "groups": [], "next": None})
            row, reached = dict(then.row), then.reached
        told = told_to(viewer, kind, now)
    elif not seen.reads_rules(viewer):
        raise _refuse(NO_TYPE)
    copies = readers.copies(kind, str(row["id"]), viewer, at) if row is not None else {}
    right = seen.right_of(kind, query.get("action", "read"))
    seen.check_field(viewer, kind, query.get("field"))
    company = company_of(at)
    found = seen.seers(viewer, company, Asked(kind, right, row, query.get("field"), reached, copies), helpers, told)
    after = query.get("after", 0)
    page = found[after : after + PAGE]
    names = people(one.person for one in page)
    return Answer(
        {
            "count": len(found),
            "items": [
                {
                    "person": names[one.person], "department": _department(company, one.person),
                    "via": one.via.json(), "maybe": one.maybe, "until": moment(one.until),
                }
                for one in page if one.person in names
            ],
            "groups": [{"via": words.json(), "count": count} for words, count in seen.groups(found)],
            "next": after + PAGE if len(found) > after + PAGE else None,
        }
    )  # fmt: skip


PARAMS = (
    Param("type", _CODE, "An object type", required=True),
    Param("action", _CODE, "read (when left out), edit, delete or a verb"),
    Param("id", shape.ID, "A record that I see; without one: who could on some record"),
    Param("field", _CODE, "One of its fields"),
    AT,
    Param("after", {"type": "integer", "minimum": 0, "maximum": 10**6}, "`next` of the page before"),
)
ROUTES = (
    Route("GET", "/access/me/rights", mine, "getMyRights", "All that I may do, with its origin", "access",
          params=(AT,), answers={200: ref("PersonRights")}, errors=(404,)),
    Route("GET", "/access/people/{id}/rights", rights, "getRights", "All that a person may do, with its origin", "access",
          path_schemas={"id": shape.NUMBER_ID}, params=(AT,), answers={200: ref("PersonRights")}, errors=(403,)),
    Route("GET", "/access/who", who, "who", "Everybody who may do something with a record or a field", "access",
          params=PARAMS, answers={200: ref("Seers")}, errors=(403, 404)),
)  # fmt: skip
