"""Lines as sentences with what they reach now, and one person's chain of grants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from heli.access import view as views
from heli.access.facts import Stored
from heli.access.models import Grant
from heli.access.rules import parse_line
from heli.access.scopes import Carrier
from heli.api import shape
from heli.api.access_common import CODE, DRAFT, FLAG, LINE, NUMBER, TEXT, named, needs_rules, told_question
from heli.api.common import PERSON, WORDS, moment, people, ref
from heli.api.route import Answer, Call, Param, Route
from heli.kernel import clock
from heli.kernel.errors import Invalid, NotFound, Problem
from heli.kernel.words import Words
from heli.org.models import Person
from heli.policy import chain as chains
from heli.policy import holders as holding
from heli.policy.preview import preview
from heli.policy.proposed import draft_of, roles
from heli.policy.sentences import told
from heli.policy.simulate import json
from heli.records.types import TYPES

NO_RECORDS = Words("没有记录的对象无法计数", "only types with records can be counted")
NOBODY = Words("没有这个人，或已离职", "no such person, or they have left")
NO_ROLE = Words("没有这个角色", "no such role")
WHOSE = Words("要么给角色，要么给人员", "give either a role or a person")
BY_ROLE = Words(
    "{n} 位持有人中至少一人能触及的记录（不计各人的上限）",
    "records that at least one of its {n} holders reaches (without the ceilings on each)",
)
BY_PERSON = Words("{name} 现在触及的记录（已计上限）", "records that {name} reaches now (under their ceilings)")
SCHEMAS = {
    "ScopeList": shape.record(
        {
            "items": shape.array(
                shape.record(
                    {
                        "role": TEXT, "role_name": ref(WORDS), "at": NUMBER, "people": NUMBER,
                        "mark": {"type": ["string", "null"]}, "told": ref("ToldLine"),
                    }
                )
            )
        }
    ),
    "ScopePreview": shape.record(
        {
            "count": NUMBER, "more": FLAG, "unread": shape.array(ref(WORDS)),
            "exact": shape.nullable(ref(WORDS)), "people": NUMBER, "whose": ref(WORDS), "sentence": ref(WORDS),
            "warning": shape.nullable(ref(WORDS)),
            "samples": shape.array(
                shape.record(
                    {
                        "id": {"type": ["string", "null"]}, "title": {"type": ["string", "null"]},
                        "values": {"type": "object"},
                    }
                )
            ),
        }
    ),
    "PersonChain": shape.record(
        {
            "person": ref(PERSON),
            "layers": shape.array(
                shape.record(
                    {
                        "code": TEXT, "name": ref(WORDS),
                        "grants": shape.array(
                            shape.record(
                                {
                                    "id": TEXT, "role": {"type": ["string", "null"]}, "name": ref(WORDS),
                                    "via": ref(WORDS), "source": TEXT, "from": shape.MOMENT,
                                    "until": shape.nullable(shape.MOMENT), "later": FLAG, "lines": NUMBER,
                                    "told": shape.array(ref("ToldLine")),
                                }
                            )
                        ),
                    }
                )
            ),
        }
    ),
}  # fmt: skip
NOTHING = Words("这一项现在什么也触及不到", "this line reaches nothing now")
EVERYTHING = Words("这一项触及全公司的每一条", "this line reaches every record of the company")
DIRECTLY = Words("直接授予本人", "given to the person alone")


def list_scopes(call: Call) -> Answer:
    """Every line about a type (or of a role), as a sentence."""
    needs_rules(call)
    found = roles(draft_of(call.query.get("draft")))
    kind, only = call.query.get("type"), call.query.get("role")
    if (kind is None) == (only is None):
        raise Invalid(Problem("type", "either", Words("要么给对象，要么给角色", "give either a type or a role")))
    holders = holding.now().roles
    said = [
        {
            "role": one.code, "role_name": named(one.shown), "at": at, "people": len(holders.get(one.code, {})),
            "mark": one.mark, "told": told(line),
        }
        for one in found.values()
        if only in (None, one.code)
        for at, line in enumerate(one.shown["lines"])
        if kind in (None, line["type"])
    ]  # fmt: skip
    return Answer({"items": said})


def scope_preview(call: Call) -> Answer:
    """How much a line reaches now, for a person or for the holders of a role."""
    needs_rules(call)
    body = call.body
    line = parse_line(body["line"])
    if line.type not in TYPES:
        raise Invalid(Problem("line/type", "no_records", NO_RECORDS))
    person, role = body.get("person"), body.get("role")
    if (person is None) == (role is None):
        raise Invalid(Problem("person", "either", WHOSE))
    holders = holding.now()
    world = holders.world
    through: Mapping[int, Sequence[Carrier]]
    if person is not None:
        fact = world.people.get(int(person))
        if fact is None:
            raise Invalid(Problem("person", "unknown", NOBODY))
        through = {fact.id: [holders.carrier(fact.id)]}
        whose = BY_PERSON.fill(name=fact.name)
    else:
        if role not in world.roles and not body.get("draft"):
            raise Invalid(Problem("role", "unknown", NO_ROLE))
        through = holders.roles.get(str(role), {})
        whose = BY_ROLE.fill(n=len(through))
    found = preview(call.viewer, line, world, through, person is not None)
    told_question(call, "policy.preview", f"{line.type} {role or person} {body.get('draft', '')}")
    unbounded = "all" in line.scopes and not line.where
    warning = EVERYTHING if unbounded else NOTHING if found.count == 0 else None
    return Answer(
        {
            "count": found.count, "more": found.more, "unread": json.unread({line.type: found.unread}),
            "exact": json.exact({line.type: found.unread}, call.person), "people": found.people, "whose": whose.json(),
            "sentence": told(body["line"])["sentence"], "warning": warning.json() if warning is not None else None,
            "samples": [{"id": s.id, "title": s.title, "values": dict(s.values)} for s in found.samples],
        }
    )  # fmt: skip


def person_chain(call: Call) -> Answer:
    """What department, position, projects and grants of their own give one person. Raises NotFound."""
    needs_rules(call)
    pk = int(call.path["id"])
    if not Person.objects.filter(pk=pk).exclude(status=Person.LEFT).exists():
        raise NotFound
    links = chains.chain(pk, Stored(), clock.now())
    named = people(one.grant.giver for one in links if one.grant.giver is not None)
    givers = {giver: str(found["name"]) for giver, found in named.items()}
    layers: list[dict[str, Any]] = []
    for code, words in chains.LAYERS.items():
        grants = [_link(one, givers) for one in links if one.layer == code]
        layers.append({"code": code, "name": words.json(), "grants": grants})
    return Answer({"person": people([pk])[pk], "layers": layers})


def _link(one: chains.Link, givers: Mapping[int, str]) -> dict[str, Any]:
    grant = one.grant
    single, via = views.said(grant, one.subject, givers)
    if via is one.subject.words and grant.kind == Grant.PERSON:
        via = DIRECTLY
    return {
        "id": str(grant.id), "role": grant.role.code if grant.role is not None else None,
        "name": (grant.role.words if grant.role is not None else single).json(), "via": via.json(),
        "source": grant.source, "from": moment(grant.starts), "until": moment(grant.ends), "later": one.later,
        "lines": len(grant.given), "told": [] if grant.role is not None else [told(line) for line in grant.given],
    }  # fmt: skip


PREVIEW = shape.record(
    {"line": LINE, "role": CODE, "person": shape.NUMBER_ID, "draft": shape.NUMBER_ID}, required=("line",)
)
ROUTES = (
    Route("GET", "/access/scopes", list_scopes, "listScopes", "Permission lines as sentences", "access",
          params=(Param("type", CODE, "An object type"), Param("role", CODE, "A role"), DRAFT),
          answers={200: ref("ScopeList")}, errors=(403, 404)),
    Route("POST", "/access/scopes/preview", scope_preview, "previewScope", "What a line reaches now", "access",
          body=PREVIEW, answers={200: ref("ScopePreview")}, errors=(403,)),
    Route("GET", "/access/people/{id}/chain", person_chain, "getChain", "One person's chain of grants", "access",
          path_schemas={"id": shape.NUMBER_ID}, answers={200: ref("PersonChain")}, errors=(403,)),
)  # fmt: skip
