"""Figures of processes: the live picture, ways and hand-offs, one version beside another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from heli.api import flow_said as said
from heli.api import shape
from heli.api.common import PERSON, WORDS, people, ref
from heli.api.flows import CODE, TAG, sees_all
from heli.api.route import Answer, Call, Param, Route
from heli.flows import library
from heli.flows.core.definition import Assignee, Definition, Kind
from heli.flows.models import Instance, Process, Version, Work
from heli.insight import company
from heli.kernel.errors import Invalid, NotFound, Problem, Refused
from heli.kernel.words import Words

PERIODS = (30, 90, 180, 365)
FEW = Words(
    "你不能查看每个案例走了哪条路，所以只给出全公司的数字，不按部门细分",
    "you may not know which way each case took: figures are of the whole company, not of a department",
)
NO_VERSION = Words("没有这个版本", "there is no such version")

_INT: shape.Schema = {"type": "integer"}
_NUMBER: shape.Schema = {"type": "number"}
_MAYBE: shape.Schema = {"type": ["number", "null"]}
_FLAG: shape.Schema = {"type": "boolean"}
_TEXT: shape.Schema = {"type": "string"}
_MAYBE_TEXT: shape.Schema = {"type": ["string", "null"]}
_NUMBERS: shape.Schema = {"type": "object", "additionalProperties": _NUMBER}
_SPREAD = shape.record({"p50": _MAYBE, "p90": _MAYBE, "p95": _MAYBE})
_TIMES = shape.record({"working": ref("FlowSpread"), "calendar": ref("FlowSpread")})
_WHOLE = shape.record(
    {
        "cases": _INT, "completed": _INT, "running": _INT, "aged": _INT, "cycle": ref("FlowTimes"), "wait_share": _MAYBE,
        "first_time_right": _MAYBE, "touchless": _MAYBE, "rework": _MAYBE, "timed": _MAYBE, "late": _MAYBE, "hands": _MAYBE,
    }
)  # fmt: skip
_FIGURES = shape.record(
    {
        "visits": _INT, "cases": _INT, "share": _NUMBER, "score": _NUMBER, "wait_part": _NUMBER, "wait": ref("FlowTimes"), "work": ref("FlowTimes"),
        "total": ref("FlowTimes"), "wait_sum": _MAYBE, "rework": _NUMBER, "repeated": _INT, "rejected": _INT, "timed": _INT, "late": _INT,
        "load": _MAYBE, "causes": _NUMBERS,
    }
)  # fmt: skip
_NODE = shape.record(
    {
        "id": _TEXT, "name": ref(WORDS), "wip": {"type": ["integer", "null"]}, "aged": _INT, "oldest": _MAYBE, "daily": shape.array(_INT),
        "usual": _NUMBER, "few": {**_FLAG, "description": "Too few cases to tell of"}, "figures": shape.nullable(_FIGURES),
    }
)  # fmt: skip
_SHAPE = shape.record(
    {
        "id": _TEXT,
        "kind": _TEXT,
        "name": shape.nullable(ref(WORDS)),
        "host": _MAYBE_TEXT,
        "waiting": {
            "type": ["integer", "null"],
            "description": "Of a join: cases that have come by one way and wait for another; null: too few to tell",
        },
        "resolver": shape.nullable(ref(WORDS)),
        "mode": _MAYBE_TEXT,
    }
)
_EDGE = shape.record(
    {"source": _TEXT, "target": _TEXT, "cases": {"type": ["integer", "null"]}, "condition": _FLAG, "back": _FLAG}
)
_RETURN = shape.record({"source": _TEXT, "target": _TEXT, "count": _INT, "cases": _INT, "share": _NUMBER})
_SUGGESTION = shape.record(
    {"code": _TEXT, "node": _TEXT, "other": _MAYBE_TEXT, "n": _INT, "figures": _NUMBERS, "now": _MAYBE, "then": _MAYBE}
)
_WAITING = shape.record(
    {
        "case": _TEXT, "node": _TEXT, "seconds": _INT, "instance": _MAYBE_TEXT, "title": _MAYBE_TEXT,
        "title_words": shape.nullable(ref(WORDS)), "holders": shape.array(ref(PERSON)),
    }
)  # fmt: skip
_OF_LOG = {
    **shape.record({"events": _INT, "since": _TEXT, "until": _TEXT}),
    "description": "What a log of another system holds; null of our own cases. Of a log nothing is told of what waits now",
}
_NAMED = shape.record({"id": _TEXT, "name": ref(WORDS)})
_SIDE = shape.record(
    {
        "version": _INT, "cases": {"type": ["integer", "null"]}, "figures": shape.nullable({"type": "object"}),
        "nodes": shape.array(shape.record({"id": _TEXT, "cases": _INT, "total": ref("FlowTimes")})),
    }
)  # fmt: skip
WAYS = {
    "variants": shape.record(
        {
            "all": _INT, "cases": _INT, "few": _INT,
            "items": shape.array(shape.record(
                {"path": shape.array(_TEXT), "cases": _INT, "share": _NUMBER, "coverage": _NUMBER, "p50": _MAYBE, "p90": _MAYBE}
            )),
        }
    ),
    "handoffs": shape.record(
        {
            "by": {"type": "string", "enum": ["department", "actor"]},
            "pairs": shape.array(shape.record({"source": _TEXT, "target": _TEXT, "count": _INT, "wait": _MAYBE})),
            "rallies": shape.array(shape.record({"one": _TEXT, "other": _TEXT, "count": _INT, "cases": _INT})),
        }
    ),
    "packets": shape.array(shape.record(
        {
            "node": _TEXT, "source": _MAYBE_TEXT, "cases": _INT, "handed": _INT, "accepted": _INT, "returned": _INT, "first_time": _MAYBE,
            "most": _INT, "wait": ref("FlowTimes"), "open": _INT, "oldest": _MAYBE,
        }
    )),
    "people": shape.array(shape.record({"person": _TEXT, "visits": _INT, "wait": ref("FlowTimes")})),
    "repeats": shape.array(shape.record({"node": _TEXT, "cases": _INT, "repeated": _INT, "rejected": _INT, "rate": _NUMBER})),
    "names": {"type": "object", "additionalProperties": ref(WORDS), "description": "What activities, departments and people are called"},
}  # fmt: skip
FIGURES = {
    "name": ref(WORDS), "days": _INT, "knows_all": _FLAG, "untold": _INT, "working": _FLAG, "queues": _FLAG, "whole": ref("FlowWhole"),
    "before": shape.nullable(ref("FlowWhole")), "nodes": shape.array(ref("FlowFigure")), "shapes": shape.array(_SHAPE), "edges": shape.array(_EDGE),
    "returns": shape.array(_RETURN), "bottleneck": _MAYBE_TEXT, "suggestions": shape.array(ref("FlowSuggestion")), "waiting": shape.array(_WAITING),
    "version": {"type": ["integer", "null"]}, "versions": shape.array(_INT), "departments": shape.array(_NAMED), "of_log": shape.nullable(_OF_LOG),
}  # fmt: skip
SCHEMAS = {
    "FlowSpread": _SPREAD, "FlowTimes": _TIMES, "FlowWhole": _WHOLE, "FlowFigure": _NODE, "FlowSuggestion": _SUGGESTION,
    "FlowFigures": shape.record(FIGURES), "FlowWays": shape.record(WAYS),
    "FlowVersions": shape.record(
        {
            "sides": shape.array(_SIDE), "names": {"type": "object", "additionalProperties": ref(WORDS)},
            "difference": shape.nullable(shape.record(
                {"p50": _MAYBE, "low": _MAYBE, "high": _MAYBE, "n": shape.array(_INT), "certain": _FLAG}
            )),
        }
    ),
}  # fmt: skip


def process_of(call: Call) -> Process:
    """The process of the address: everybody may know of those that can be begun. Raises NotFound."""
    found = Process.objects.select_related("current").defer("current__source").filter(code=call.path["code"]).first()
    if found is None or not (sees_all(call) or (found.closed_at is None and found.current_id is not None)):
        raise NotFound
    return found


def source_of(call: Call, process: Process) -> Any:
    """Raises Refused where a part would tell more than the whole."""
    from heli.flows.analytics import scope as scopes
    from heli.flows.analytics import source

    asked = scopes.Asked(
        call.query.get("days", 90), call.query.get("version", 0), int(call.query.get("department", 0) or 0)
    )
    found = source.of_process(scopes.Scope(call.viewer, process, asked))
    if asked.department and not found.knows_all:
        raise Refused(FEW, code="few")
    return found


def live(call: Call) -> Answer:
    """The whole, each step, the ways between them, the bottleneck with its causes, what might help, what has waited longest."""
    from heli.flows.analytics import live as lives

    process = process_of(call)
    found = source_of(call, process)
    told = lives.document(found)
    told["shapes"] = _resolved(told["shapes"], found.definition)
    told["waiting"] = _waiting(call, told["waiting"])
    numbers = Version.objects.filter(process=process, state=Version.PUBLISHED).order_by("-number")
    return Answer(
        {
            **told, "name": process.words.json(), "version": process.current.number if process.current is not None else None,
            "versions": list(numbers.values_list("number", flat=True)[:100]), "departments": _departments(found) if found.knows_all else [],
        }
    )  # fmt: skip


def ways(call: Call) -> Answer:
    """Ways that cases take, what is done again, and who hands to whom."""
    from heli.flows.analytics import ways as way

    found = source_of(call, process_of(call))
    told = way.document(found)
    return Answer({**told, "names": named(found, told)})


def named(found: Any, told: Mapping[str, Any]) -> dict[str, Any]:
    """What the activities, departments and people in an answer are called, by what stands for them in it."""
    ways = [code for one in told["variants"]["items"] for code in one["path"]]
    ways += [one["node"] for part in ("repeats", "packets") for one in told[part]]
    ways += [one["source"] for one in told["packets"] if one["source"] is not None]
    names = {code: words.json() for code, words in found.called(ways).items()}
    if not found.cases:
        return names
    hands = told["handoffs"]
    sides = {one[side] for one in hands["pairs"] for side in ("source", "target")} | {
        one[side] for one in hands["rallies"] for side in ("one", "other")
    }
    if hands["by"] == "department":
        tree = company.now().world.tree.nodes
        names |= {
            f"department:{one}": Words(tree[int(one)].name, tree[int(one)].name_en or tree[int(one)].name).json()
            for one in sides if int(one) in tree
        }  # fmt: skip
    refs = people(int(one["person"]) for one in told["people"])
    return names | {f"person:{pk}": {"zh": one["name"], "en": one["name"]} for pk, one in refs.items()}


def versions(call: Call) -> Answer:
    """Two versions beside each other."""
    from heli.flows.analytics import versions as beside

    process = process_of(call)
    known = set(Version.objects.filter(process=process).values_list("number", flat=True))
    unknown = [name for name in ("one", "other") if call.query[name] not in known]
    if unknown:
        raise Invalid([Problem(name, "unknown", NO_VERSION) for name in unknown])
    found = source_of(call, process)
    told = beside.document(found, call.query["one"], call.query["other"])
    ids = [one["id"] for side in told["sides"] for one in side["nodes"]]
    return Answer({**told, "names": {code: words.json() for code, words in found.called(ids).items()}})


# -- words -------------------------------------------------------------------------------------------------------------

RULES = {
    "initiator": Words("发起人", "who began it"),
    "manager": Words("{of}的直属上级", "manager of {of}"),
    "leader": Words("{of}的分管领导", "leader over {of}"),
    "head": Words("{of}的部门负责人", "head of the department of {of}"),
    "field": Words("记录上指定的人", "whom the record names"),
    "chosen": Words("由发起人选定", "chosen at the beginning"),
    "person": Words("指定的人", "a named person"),
    "project": Words("项目角色", "a part in the project"),
    "role": Words("角色", "a role"),
}
OF = {
    "initiator": Words("发起人", "who began it"),
    "previous": Words("上一步处理人", "who did the step before"),
    "owner": Words("记录负责人", "the record's owner"),
}
BOTH = Words("、", ", ")


def _resolved(shapes: Sequence[dict[str, Any]], definition: Definition | None) -> list[dict[str, Any]]:
    """Each step with whom its rules find, in words, and how they decide together."""
    found = []
    for one in shapes:
        node = definition.nodes[definition.places[one["id"]]] if definition is not None else None
        task = node.task if node is not None and node.kind is Kind.USER else None
        words = [_rule(rule) for rule in task.assignees] if task is not None else []
        resolver = {"zh": BOTH.zh.join(w.zh for w in words), "en": BOTH.en.join(w.en for w in words)} if words else None
        found.append({**one, "resolver": resolver, "mode": str(task.mode) if task is not None else None})
    return found


def _rule(rule: Assignee) -> Words:
    if rule.rule == "position":
        world = company.now().world
        return world.position_words.get(world.position_codes.get(rule.given["position"], 0)) or Words(
            "岗位", "a position"
        )
    return RULES.get(rule.rule, RULES["person"]).fill(of=OF.get(rule.given.get("of", "initiator"), OF["initiator"]))


def _departments(found: Any) -> list[dict[str, Any]]:
    """Departments of those who began the cases, with those above them, as the tree has them."""
    here = company.now()
    tree = here.world.tree
    used: set[int] = set()
    for one in found.cases:
        home = here.homes.get(one.initiator)
        if home is not None:
            used.update(tree.above(home))
    return [
        {"id": str(pk), "name": {"zh": node.name, "en": node.name_en or node.name}}
        for pk, node in tree.nodes.items() if pk in used and node.parent is not None
    ]  # fmt: skip


def _waiting(call: Call, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What has waited longest, with who has it and what it is about, as far as one may know."""
    cases = {int(one["case"]) for one in rows}
    instances = {
        one.pk: one
        for one in Instance.objects.filter(pk__in=cases).select_related("version__process").defer("version__source")
    }
    holders: dict[tuple[int, str], list[int]] = {}
    for work in Work.objects.filter(instance_id__in=cases, state=Work.OPEN).order_by("number"):
        node = library.definition(instances[work.instance_id].version).nodes[work.node].id
        holders.setdefault((work.instance_id, node), []).append(work.person_id)
    told, titles = (
        people(one for some in holders.values() for one in some),
        said.titles(call.viewer, instances.values()),
    )
    found = []
    for one in rows:
        row = instances.get(int(one["case"]))
        who = [told[pk] for pk in holders.get((int(one["case"]), one["node"]), ()) if pk in told]
        title = titles.get((row.type, row.record_id)) if row is not None else None
        about = said.title_of(call.viewer, row, title) if row is not None else {"title": None, "title_words": None}
        found.append({**one, "instance": one["case"], **about, "holders": who})
    return found


ASKED = (
    Param("days", {"type": "integer", "enum": list(PERIODS)}, "Cases that ended in so many days, beside those that run (90)"),
    Param("version", {"type": "integer", "minimum": 1, "maximum": 1_000_000}, "Of this version only"),
    Param("department", shape.NUMBER_ID, "Begun by people of this department or below"),
)  # fmt: skip
_NUMBER_OF: shape.Schema = {"type": "integer", "minimum": 1, "maximum": 1_000_000}
_PATH = {"code": CODE}

ROUTES = (
    Route("GET", "/flows/processes/{code}/analytics", live, "getProcessFigures", "How a process goes and where it waits", TAG, path_schemas=_PATH,
          params=ASKED, answers={200: ref("FlowFigures")}, errors=(403, 404)),
    Route("GET", "/flows/processes/{code}/analytics/ways", ways, "getProcessWays", "Ways that cases take, rework, hand-offs", TAG,
          path_schemas=_PATH, params=ASKED, answers={200: ref("FlowWays")}, errors=(403, 404)),
    Route("GET", "/flows/processes/{code}/analytics/versions", versions, "compareProcessVersions", "One version beside another", TAG,
          path_schemas=_PATH,
          params=(Param("one", _NUMBER_OF, "The version before", required=True), Param("other", _NUMBER_OF, "The version after", required=True),
                  ASKED[0], ASKED[2]),
          answers={200: ref("FlowVersions")}, errors=(403, 404)),
)  # fmt: skip
