"""Instances, work and processes as JSON, each as its viewer may know it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any

from heli.access.core.line import Level
from heli.access.view import project_role
from heli.access.viewer import Viewer
from heli.api import flow_files, flow_packets, flow_timers, later, matter_said, shape, verbs
from heli.api.audit_words import act_words
from heli.api.common import PERSON, WORDS, moment, people, ref
from heli.api.organisation import knows_people
from heli.crm import processes as ships
from heli.flows import coming, commenting, knowing, ladder, library, looking, matters, rights, seen, together, usual
from heli.flows.core import handing
from heli.flows.core.definition import CHOSEN, Definition, Move, Node
from heli.flows.doing import JOINED, MADE
from heli.flows.models import Happening, Instance, Version, Work
from heli.flows.seen import Seen
from heli.flows.tending import Standing
from heli.kernel.words import Language, Words
from heli.org import zone
from heli.records import names, visible
from heli.records.files import File
from heli.records.types import TYPES
from heli.records.verbs import DELETE, Verb, verb_of

TEXT = {"type": "string"}
_MAYBE = {"type": ["string", "null"]}
STATE = {"type": "string", "enum": [Instance.RUNNING, Instance.COMPLETED, Instance.REJECTED, Instance.WITHDRAWN]}
HEAD: dict[str, Any] = {
    "id": TEXT, "process": TEXT, "name": ref(WORDS), "version": {"type": "integer"}, "type": TEXT, "record": TEXT,
    "title": {**_MAYBE, "description": "Of the record, as far as I may see it; of a matter what it asks for, in the language that I have set"},
    "title_words": {**shape.nullable(ref(WORDS)), "description": "The same of a matter, in both languages"},
    "initiator": shape.nullable(ref(PERSON)), "state": STATE,
    "record_deleted": {"type": "boolean", "description": "The record is deleted, and I saw it until then"},
    "halted": {"type": "boolean"}, "started_at": TEXT, "ended_at": _MAYBE,
    "matter": {**shape.nullable(shape.record({"code": TEXT, "name": ref(WORDS)})), "description": "What it is about, when that is no record"},
}  # fmt: skip
WORK = shape.record(
    {
        "number": {"type": "integer"}, "node": TEXT, "person": shape.nullable(ref(PERSON)),
        "state": {"type": "string", "enum": [Work.WAITING, Work.OPEN, Work.DONE, Work.CLOSED]}, "outcome": TEXT, "text": TEXT,
        "acting_for": shape.nullable(ref(PERSON)), "deputies": {**shape.array(ref(PERSON)), "description": "Who stands in for them now"},
        "added_by": shape.nullable(ref(PERSON)), "opinion": {"type": "boolean"},
        "opened_at": _MAYBE, "seen_at": _MAYBE, "due_at": _MAYBE, "done_at": _MAYBE, "mine": {"type": "boolean"},
        "round": {"type": "integer"}, "reassign": {"type": "boolean", "description": "I may give it to somebody else"},
        "left": {"type": "boolean", "description": "They still had it to do when the case ended"},
    }
)  # fmt: skip
SIDE = {
    "type": ["string", "null"],
    "description": "give: it hands over to another department; take: it accepts or returns",
}
USUAL: shape.Schema = {
    "type": ["integer", "null"],
    "description": "Seconds within which nine in ten pieces of its work were done of late; null: too few to tell",
}
NODE = shape.record(
    {
        "id": TEXT, "name": ref(WORDS), "kind": TEXT,
        "standing": {"type": "string", "enum": ["current", "halted", "done", "coming", "left", "passed_by"],
                     "description": "left: it was under way when the case ended; passed_by: the case ended or went on without it"},
        "round": {"type": "integer"}, "mode": _MAYBE, "within": _MAYBE, "usual": USUAL, "handoff": SIDE,
        "decides": {"type": "boolean", "description": "It is approved or not; else it is done, which decides nothing"},
        "timers": {**shape.array(flow_timers.TIMER), "description": "Moments for which it waits now"},
        "first": {**shape.nullable(flow_timers.FIRST), "description": "The case waits for this or for others; whichever comes first decides"},
        "chosen": {**shape.array(ref(PERSON)), "description": "Whom who began it has chosen for it"},
    }
)  # fmt: skip
NODE_NAME = shape.record({"id": TEXT, "name": ref(WORDS)})
MY_WORK = shape.record(
    {
        "number": {"type": "integer"}, "node": TEXT, "acting_for": shape.nullable(ref(PERSON)), "opinion": {"type": "boolean"},
        "entry": {**TEXT, "description": "As what it stands in my queue, by which it is put off"},
        "show": shape.array(TEXT), "edit": shape.array(TEXT), "require": shape.array(TEXT), "verb": _MAYBE,
        "step": {**_MAYBE, "description": "The step of its matter that is decided here"},
        "does": {**shape.nullable(ref("Verb")), "description": "The verb, which is done by deciding and which nobody need hold for it"},
        "given": {**shape.array(TEXT), "description": "Parameters of the verb that the process fills in"},
        "gives": {**shape.array(ref("FlowGiving")), "description": "What I gather for whom it is handed over to"},
        "needs": {**shape.array(ref("FlowNeed")), "description": "What has to be there before I approve, by the rule that refuses it"},
        "passes": {"type": "boolean", "description": "Approving is what hands over: else others sign after me, and nothing of it is asked of me"},
        "takes": {"type": "boolean", "description": "It was handed over to me: I accept or return it"},
        "joins": {**shape.nullable(ref(WORDS)), "description": "As what whose work it is takes part in the project once it is approved"},
        "moves": shape.array(TEXT), "targets": shape.array(NODE_NAME),
        "ends": {"type": "boolean", "description": "A rejection may end the process"},
        "others": shape.array(shape.record({"number": {"type": "integer"}, "person": shape.nullable(ref(PERSON))})),
    }
)  # fmt: skip
HAPPENING = shape.record(
    {
        "at": TEXT, "what": TEXT, "node": _MAYBE,
        "node_name": {**shape.nullable(ref(WORDS)), "description": "Of a node that is not in the version by which it runs now"},
        "person": shape.nullable(ref(PERSON)), "acting_for": shape.nullable(ref(PERSON)),
        "other": shape.nullable(ref(PERSON)), "outcome": TEXT, "text": TEXT, "words": shape.nullable(ref(WORDS)),
        "to_name": {**shape.nullable(ref(WORDS)), "description": "Where it was sent back to, for who knows of that node or sent it there"},
        "files": shape.array(ref("FlowFile")),
        "made": {
            **shape.nullable(shape.record({"type": TEXT, "id": TEXT, "title": TEXT})),
            "description": "The record that the step made, or in which somebody takes part since, for who sees it",
        },
    }
)  # fmt: skip
CASE = shape.record(
    {
        "id": TEXT,
        "node": _MAYBE,
        "number": {"type": ["integer", "null"]},
        "name": ref(WORDS),
        "state": STATE,
        "outcome": TEXT,
    }
)
MAY = shape.record(
    {
        "withdraw": {"type": "boolean"}, "urge": {"type": "boolean"}, "comment": {"type": "boolean"}, "take_back": shape.array(NODE_NAME),
        "retry": shape.array(NODE_NAME), "reassign": {"type": "boolean"},
        "tend": {"type": "boolean", "description": "I look after it: I may ask whose turn it is, give work away and end it"},
    }
)  # fmt: skip
TENDED = shape.record(
    {
        "work": shape.array(shape.record({
            "number": {"type": "integer"}, "node": NODE_NAME, "person": shape.nullable(ref(PERSON)), "opened_at": _MAYBE, "due_at": _MAYBE,
        })),
        "halted": shape.array(NODE_NAME),
        "below": {**shape.array(NODE_NAME), "description": "Running cases for which it waits, by their numbers"},
        "end": {"type": "boolean", "description": "It may be ended here"},
    }
)  # fmt: skip
SCHEMAS = {
    "FlowInstance": shape.record(
        {
            **HEAD, "nodes": shape.array(NODE), "work": shape.array(WORK), "mine": shape.nullable(MY_WORK), "may": MAY,
            "history": shape.array(HAPPENING),
            "copied": {**shape.nullable(ref("FlowCopied")), "description": "That I was told of it; null: I was not"},
            "sees_record": {"type": "boolean", "description": "Whether I see the record that it is about now"},
            "packets": {**shape.array(ref("FlowPacket")), "description": "What was handed over between departments, the latest first"},
            "difference": {
                **shape.array(shape.record({"field": TEXT, "before": {}, "after": {}})),
                "description": "What is proposed for the record, as far as I read it",
            },
            "above": {**shape.nullable(CASE), "description": "The case that waits for this one"},
            "cases": {**shape.array(CASE), "description": "Cases that a node of this one has begun and waits, or has waited, for"},
            "partly": {"type": "boolean", "description": "Some steps are not shown: the way it took tells what I may not see"},
            "decides": {
                **shape.array({"type": "string", "enum": [coming.CONDITIONS, coming.EVENTS]}),
                "description": "What decides which of the steps to come do; empty: nothing, as far as I may know of the way",
            },
        }
    ),
    "FlowCopied": shape.record(
        {
            "at": TEXT, "node": {**shape.nullable(NODE_NAME), "description": "The step that told me and still shows me something"},
            "show": {**shape.array(TEXT), "description": "Fields of the record that it shows me until then, beside what I may see myself"},
            "until": _MAYBE,
        }
    ),
    "FlowTended": TENDED,
    "FlowHead": shape.record({**HEAD, "now": shape.array(NODE_NAME), "holders": shape.array(ref(PERSON)),
                              "deputies": {**shape.array(ref(PERSON)), "description": "Who stands in for them now"}, "since": _MAYBE, "usual": USUAL,
                              "waits": {**shape.nullable(flow_timers.WAIT), "description": "For what moment it waits, with nobody at work"},
                              "handoff": shape.nullable(ref("FlowHandoff"))}),
    "FlowWork": shape.record(
        {
            **HEAD, "number": {"type": "integer"}, "node": TEXT, "node_name": ref(WORDS), "opened_at": _MAYBE, "due_at": _MAYBE, "usual": USUAL,
            "acting_for": shape.nullable(ref(PERSON)), "opinion": {"type": "boolean"}, "claim": {"type": "boolean"}, "handoff": SIDE,
            "show": {**shape.array(TEXT), "description": "Fields of the record that the step shows"},
            "together": {**TEXT, "description": "What may be approved with the same of it; empty: this is decided by itself"},
        }
    ),
    "FlowProcess": shape.record(
        {
            "code": TEXT, "name": ref(WORDS), "type": TEXT, "type_name": shape.nullable(ref(WORDS)),
            "about": {**shape.nullable(ref(WORDS)), "description": "What it is for, as its file says"},
            "version": {"type": ["integer", "null"]}, "running": {"type": ["integer", "null"]},
            "waiting": {"type": "integer"},
            "only": {**shape.array(TEXT), "description": "Acts that are done with such a record by this process alone"},
            "proposes": {**shape.array(TEXT), "description": "Fields whose new values who begins it proposes"},
            "chosen": {
                **shape.array(shape.record({"node": TEXT, "name": ref(WORDS), "role": TEXT})),
                "description": "Steps whose people who begins it chooses",
            },
            "by_hand": {"type": "boolean", "description": "Somebody can begin it; else events or timers only"},
            "shipped": {
                **shape.nullable({"type": "string", "enum": [ships.SAME, ships.NEWER, ships.OWN]}),
                "description": "Of one that ships, for who draws processes: the version in use is the file that ships now, or a newer one has come"
                " with the program, or it is the company's own",
            },
        }
    ),
    "FlowVersion": shape.record(
        {
            "id": TEXT, "number": {"type": "integer"}, "state": {"type": "string", "enum": [Version.WAITING, Version.PUBLISHED, Version.REFUSED]},
            "note": TEXT, "at": TEXT, "by": shape.nullable(ref(PERSON)), "answered_by": shape.nullable(ref(PERSON)), "current": {"type": "boolean"},
            "answer": {**TEXT, "description": "What was said with the answer, to who confirms, looks after processes or made it"},
            "may_answer": {"type": "boolean"},
            "why_not": {**shape.nullable(ref(WORDS)), "description": "Why one who confirms does not confirm this, and who may; null otherwise"},
            "gives": {**shape.array(ref("FlowGift")), "description": "What it gives, to who may say yes or no to it; empty for others"},
            "running": {"type": ["integer", "null"]},
        }
    ),
}  # fmt: skip

PERSONS = ("transfer", "delegate", "add_signer", "remove_signer", "reassigned", "copy", ladder.ESCALATED)
"""Happenings whose outcome is a person."""
NAMED = (MADE, JOINED)
"""Happenings whose outcome is a record, by its type and its id: that a step has made it, or that somebody takes part in it."""


EVENTS = ("begun", "heard")
"""Happenings that an event of a record may have brought about; their text is its name."""
OF_RECORD = Words("{type}：{act}", "{type}: {act}")


def event_words(name: str) -> Words | None:
    """What happened with a record, by the event's name (``opportunity.edit``); None for a name that whoever draws has given."""
    kind = looking.of_record(name)
    return OF_RECORD.fill(type=kind.words, act=act_words(name)) if kind is not None else None


def _node(definition: Definition, place: int) -> dict[str, Any]:
    return {"id": definition.nodes[place].id, "name": definition.nodes[place].words.json()}


def titles(viewer: Viewer, rows: Iterable[Instance]) -> dict[tuple[str, str], Words]:
    """The records' titles as this viewer sees them, or saw them until they were deleted, by (type, id); of a matter what it asks for.
    Pages are read in either language, whatever their reader has set."""
    rows = list(rows)
    by_type: dict[str, set[str]] = {}
    for one in rows:
        if one.type in TYPES:
            by_type.setdefault(one.type, set()).add(one.record_id)
    found: dict[tuple[str, str], Words] = {}
    for code, ids in by_type.items():
        for record, title in names.shown(viewer, code, ids, TYPES[code].title, deleted=True).items():
            found[code, record] = Words(title, title)
    about: dict[str, list[str]] = {}
    for one in rows:
        if one.type in matters.MATTERS:
            about.setdefault(one.type, []).append(one.record_id)
    for code, keys in about.items():
        found |= {(code, key): words for key, words in matter_said.sentences(viewer, code, keys).items()}
    return found


def gone(viewer: Viewer, rows: Iterable[Instance]) -> set[tuple[str, str]]:
    """The records of these cases that are deleted and that the viewer saw until then, by (type, id). A record that goes lets the cases that
    run for it stand still, but for the one that deletes it, which goes on: only these and what has ended are looked at."""
    by_type: dict[str, set[str]] = {}
    for one in rows:
        if one.type in TYPES and (
            one.halted or one.state != Instance.RUNNING or DELETE.code in library.definition(one.version).verbs
        ):
            by_type.setdefault(one.type, set()).add(one.record_id)
    return {(code, record) for code, ids in by_type.items() for record in visible.gone(viewer, code, ids)}


def title_of(viewer: Viewer, row: Instance, title: Words | None) -> dict[str, Any]:
    """What a case is about, as its viewer has set the language, and of a matter in both."""
    language: Language = "en" if viewer.language == "en" else "zh"
    both = title.json() if title is not None and row.type in matters.MATTERS else None
    return {"title": title(language) if title is not None else None, "title_words": both}


def head(
    viewer: Viewer, row: Instance, told: Mapping[int, dict[str, Any]], title: Words | None, deleted: Set[tuple[str, str]] = frozenset()
) -> dict[str, Any]:  # fmt: skip
    """The head of an instance."""
    return {
        "id": str(row.pk), "process": row.process_code, "name": row.version.process.words.json(), "version": row.version.number,
        "type": row.type, "record": row.record_id, **title_of(viewer, row, title), "initiator": told.get(row.initiator_id), "state": row.state,
        "record_deleted": (row.type, row.record_id) in deleted,
        "halted": row.halted, "started_at": moment(row.started_at), "ended_at": moment(row.ended_at),
        "matter": {"code": row.type, "name": matters.MATTERS[row.type].words.json()} if row.type in matters.MATTERS else None,
    }  # fmt: skip


def whole(one: Seen) -> dict[str, Any]:
    """All that its page shows."""
    row, definition = one.row, one.definition
    shown = one.shown()
    chosen = {place: _chosen(row, definition.nodes[place]) for place in shown}
    works = [work for work in one.works if one.shows(work.node)] if one.follows or one.ways else []
    stand_ins = _stand_ins(one.viewer, works)
    told = people(
        {
            row.initiator_id, *stand_ins.people, *(w.person_id for w in works), *(w.acting_for for w in works), *(w.added_by for w in works),
            *(h.person_id for h in one.happenings), *(h.acting_for for h in one.happenings),
            *(int(h.outcome) for h in one.happenings if h.what in PERSONS and h.outcome.isdecimal()),
            *(who for some in chosen.values() for who in some),
        }
    )  # fmt: skip
    title = titles(one.viewer, [row]).get((row.type, row.record_id))
    usually = usual.usual(row.version.process_id)
    files = commenting.of_case(row.pk) if one.follows else {}
    timers = flow_timers.of_case(one)
    made = _made(one)
    return {
        **head(one.viewer, row, told, title, gone(one.viewer, [row])), "sees_record": seen.sees_record(one.viewer, row),
        "copied": _copied(one),
        "nodes": [
            {
                **_node(definition, place), "kind": str(definition.nodes[place].kind), "standing": one.standing(place),
                "round": one.state.rounds.get(place, 0),
                "mode": str(task.mode) if (task := definition.nodes[place].task) is not None else None,
                "within": _within(row, definition.nodes[place]), "usual": usually.get(definition.nodes[place].id),
                "handoff": handing.side(definition, place), "chosen": [told[who] for who in chosen[place] if who in told],
                "decides": task is not None and Move.REJECT in task.moves, "timers": timers.get(place, []),
                "first": flow_timers.first(one, place),
            }
            for place in shown
        ],
        "work": [_work(one, work, told, stand_ins) for work in works],
        "mine": _mine(one, told) if one.work is not None else None,
        "may": {
            "withdraw": one.may_withdraw, "urge": one.may_urge, "comment": one.follows,
            "take_back": [_node(definition, place) for place in one.take_back()],
            "retry": [_node(definition, p) for p in shown if one.administers and one.standing(p) == "halted"], "reassign": one.administers,
            "tend": one.administers and one.follows and not one.viewer.role and row.state == Instance.RUNNING,
        },
        "history": [
            _happening(one, h, told, files, made) for h in one.told
        ],
        "packets": flow_packets.handed(one),
        "difference": _difference(one),
        "above": _case(one.viewer, above) if (above := seen.above(one.viewer, row)) is not None else None,
        "cases": [_case(one.viewer, below, _at(one, below)) for below in seen.cases(row, one)],
        "partly": not one.ways or bool(one.veiled - one.own_nodes), "decides": one.decides(),
    }  # fmt: skip


def _copied(one: Seen) -> dict[str, Any] | None:
    """That the viewer was told of the case, and what the step that told them still shows them."""
    if one.copied is None:
        return None
    copy, node, until = one.copied
    shown = list(node.task.form.show) if node is not None and node.task is not None else []
    return {
        "at": moment(copy.at), "node": {"id": node.id, "name": node.words.json()} if node is not None else None, "show": shown,
        "until": moment(until),
    }  # fmt: skip


def _within(row: Instance, node: Node) -> str | None:
    """How long a node may take, where that is the node's to say."""
    own = matters.due(row.type, row.record_id, node) is not None
    return node.task.within or None if node.task is not None and not own else None


def _chosen(row: Instance, node: Node) -> list[int]:
    """Whom who began it has chosen for a node whose people are chosen so."""
    if node.task is None or all(one.rule != "chosen" for one in node.task.assignees):
        return []
    return [int(who) for who in row.data.get(f"{CHOSEN}{node.id}", ())]


def tended(one: Standing) -> dict[str, Any]:
    """Whose turn it is, for who looks after processes and asked."""
    told = people(work.person_id for work, _ in one.works)
    return {
        "work": [
            {
                "number": work.number, "node": {"id": node.id, "name": node.words.json()}, "person": told.get(work.person_id),
                "opened_at": moment(work.opened_at), "due_at": moment(work.due_at),
            }
            for work, node in one.works
        ],
        "halted": [{"id": node.id, "name": node.words.json()} for node in one.halted],
        "below": [{"id": str(case.pk), "name": case.version.process.words.json()} for case in one.below],
        "end": one.row.parent_id is None and one.row.type not in matters.MATTERS,
    }  # fmt: skip


NO_ASKS: dict[str, Any] = {"only": [], "proposes": [], "chosen": []}


def begin_asks(viewer: Viewer, version: Version) -> dict[str, Any]:
    """What beginning a process asks for: fields to propose (those that the viewer may ever read), people to choose."""
    definition = library.definition(version)
    subject = definition.subject
    rights = viewer.view.type(subject.type) if subject is not None and viewer.view is not None else None
    proposes = subject.proposes if subject is not None else ()
    return {
        "only": list(subject.only) if subject is not None else [],
        "proposes": [code for code in proposes if rights is not None and rights.best_level(code) == Level.READ],
        "chosen": [
            {"node": node.id, "name": node.words.json(), "role": rule.given.get("role", "")}
            for node in definition.nodes if node.task is not None
            for rule in node.task.assignees if rule.rule == "chosen"
        ],
    }  # fmt: skip


def _difference(one: Seen) -> list[dict[str, Any]]:
    return [
        {"field": code, "before": before, "after": after}
        for code, before, after in looking.difference(one.viewer, one.row)
    ]


def _at(one: Seen, below: Instance) -> str | None:
    """The node that waits for a case below, where it still does."""
    token = one.state.tokens.get(below.parent_token or 0)
    return one.definition.nodes[token.node].id if token is not None else None


def _case(viewer: Viewer, row: Instance, node: str | None = None) -> dict[str, Any]:
    """Another case; with what it came to, which tells its way, for who may know that."""
    told = row.outcome != "" and knowing.knows(viewer, row)[0]
    return {
        "id": str(row.pk), "node": node, "number": row.parent_number, "name": row.version.process.words.json(), "state": row.state,
        "outcome": row.outcome if told else "",
    }  # fmt: skip


def _stand_ins(viewer: Viewer, works: Iterable[Work]) -> rights.StandIns:
    """Who stands in now for those who have open work: colleagues know it, and to whom it is to turn."""
    return rights.StandIns({one.person_id for one in works if one.state == Work.OPEN} if knows_people(viewer) else ())


def _work(one: Seen, work: Work, told: Mapping[int, dict[str, Any]], stand_ins: rights.StandIns) -> dict[str, Any]:
    deputies = stand_ins.of([work.person_id], one.row) if work.state == Work.OPEN else []
    return {
        "number": work.number, "node": one.definition.nodes[work.node].id, "person": told.get(work.person_id), "state": work.state,
        "outcome": work.outcome, "text": work.text if one.follows else "", "acting_for": told.get(work.acting_for or 0),
        "deputies": [told[who] for who in deputies if who in told], "added_by": told.get(work.added_by or 0),
        "opinion": work.opinion, "opened_at": moment(work.opened_at),
        "seen_at": moment(work.seen_at), "due_at": moment(work.due_at), "done_at": moment(work.done_at), "mine": one.mine(work),
        "round": work.round, "left": one.undone(work),
        "reassign": one.administers and work.state == Work.OPEN and not matters.step(one.row.type, one.definition.nodes[work.node]),
    }  # fmt: skip


def _mine(one: Seen, told: Mapping[int, dict[str, Any]]) -> dict[str, Any]:
    work = one.work
    assert work is not None
    node = one.definition.nodes[work.node]
    assert node.task is not None
    form = node.task.form
    fills = not work.opinion
    gives, needs = flow_packets.giving(one, work.node) if fills else ([], [])
    form_needs = flow_packets.filling_in(one, node) if fills else []
    return {
        "number": work.number, "node": node.id,
        "entry": later.entry({"work": {"instance": one.row.pk, "number": work.number}}),
        "acting_for": told.get(work.person_id) if work.person_id != one.viewer.person else None,
        "opinion": work.opinion, "show": list(form.show), "edit": list(form.edit) if fills else [], "require": list(form.require) if fills else [],
        "verb": node.does.verb if node.does is not None and fills else None, "step": matters.step(one.row.type, node) or None,
        "does": verbs.meta(verb) if (verb := _verb(one, node)) is not None and fills else None,
        "given": list(node.does.gives) if node.does is not None else [],
        "gives": gives, "needs": [*form_needs, *needs],
        "passes": not needs or one.would_pass(work, looking.Looking(one.row), zone.today()), "takes": fills and node.task.handoff is not None,
        "joins": project_role(node.task.joins).json() if fills and node.task.joins else None,
        "moves": one.moves(work), "targets": [_node(one.definition, place) for place in one.targets(work)],
        "ends": node.task.rejection.to in ("any", "end"),
        "others": [{"number": w.number, "person": told.get(w.person_id)} for w in one.others(work)],
    }  # fmt: skip


def _verb(one: Seen, node: Node) -> Verb | None:
    if node.does is not None and node.does.verb == DELETE.code:
        return DELETE
    return verb_of(one.row.type, node.does.verb) if node.does is not None else None


def _made(one: Seen) -> dict[str, str]:
    """Names of the records that its steps have made, as far as the viewer sees them."""
    by_type: dict[str, set[str]] = {}
    for h in one.told:
        code, _, pk = h.outcome.partition("/")
        if h.what in NAMED and code in TYPES:
            by_type.setdefault(code, set()).add(pk)
    return {
        f"{code}/{pk}": str(title)
        for code, ids in by_type.items() for pk, title in names.shown(one.viewer, code, ids, TYPES[code].title).items()
    }  # fmt: skip


def _linked(outcome: str, title: str) -> dict[str, Any]:
    code, _, pk = outcome.partition("/")
    return {"type": code, "id": pk, "title": title}


def _happening(
    one: Seen, h: Happening, told: Mapping[int, dict[str, Any]], files: Mapping[int, Sequence[File]], made: Mapping[str, str]
) -> dict[str, Any]:  # fmt: skip
    other = told.get(int(h.outcome)) if h.what in PERSONS and h.outcome.isdecimal() else None
    by_event = h.what in EVENTS and h.person_id is None
    words = Words(h.text, h.text_en) if h.text_en else event_words(h.text) if by_event else None
    to = one.definition.places.get(h.outcome) if h.what == "reject" else None
    told_to = to is not None and (one.shows(to) or h.person_id == one.viewer.person)
    back = h.what == "reject" and h.outcome not in ("", "end")
    return {
        "at": moment(h.at), "what": h.what, "node": one.definition.nodes[h.node].id if h.node is not None else None,
        "node_name": one.former[h.pk].words.json() if h.pk in one.former else None,
        "person": told.get(h.person_id or 0), "acting_for": told.get(h.acting_for or 0), "other": other,
        "outcome": "" if other is not None or (back and not told_to) else h.outcome.partition("/")[0] if h.what in NAMED else h.outcome,
        "made": _linked(h.outcome, made[h.outcome]) if h.what in NAMED and h.outcome in made else None,
        "to_name": one.definition.nodes[to].words.json() if to is not None and told_to else None,
        "text": "" if words is not None or (h.what == "ended" and not one.ways) else h.text,
        "words": words.json() if words is not None else None,
        "files": [flow_files.said(file) for file in files.get(h.step, ())] if h.what == "comment" else [],
    }  # fmt: skip


def heads(viewer: Viewer, rows: Sequence[Instance]) -> list[dict[str, Any]]:
    """A list of instances with where each stands, as far as the viewer may know it."""
    open_: dict[int, list[Work]] = {}
    for work in Work.objects.filter(instance_id__in=[row.pk for row in rows], state=Work.OPEN).order_by("number"):
        open_.setdefault(work.instance_id, []).append(work)
    stand_ins = _stand_ins(viewer, (work for some in open_.values() for work in some))
    told = people(
        {
            *(row.initiator_id for row in rows),
            *(w.person_id for some in open_.values() for w in some),
            *stand_ins.people,
        }
    )
    named, deleted = titles(viewer, rows), gone(viewer, rows)
    known: dict[int, tuple[bool, frozenset[int]]] = {}

    def knows(row: Instance) -> tuple[bool, frozenset[int]]:
        if row.pk not in known:
            known[row.pk] = knowing.knows(viewer, row)
        return known[row.pk]

    idle = [row for row in rows if row.pk not in open_]
    waits = flow_timers.of_cases(idle, lambda row, place: knows(row)[0] and place not in knows(row)[1])
    found = []
    for row in rows:
        works = open_.get(row.pk, [])
        ways, veiled = knows(row) if works else (False, frozenset[int]())
        theirs = [w for w in works if w.person_id == viewer.person or (ways and w.node not in veiled)]
        places = dict.fromkeys(work.node for work in theirs)
        held = {place: [w for w in theirs if w.node == place] for place in places}
        definition = library.definition(row.version)
        first = min((w for w in theirs if w.opened_at), key=lambda w: (w.opened_at, w.number), default=None)
        found.append(
            {
                **head(viewer, row, told, named.get((row.type, row.record_id)), deleted), "now": [_node(definition, place) for place in places],
                "holders": [told[w] for w in dict.fromkeys(work.person_id for work in theirs) if w in told],
                "deputies": [told[w] for w in stand_ins.of((work.person_id for work in theirs), row) if w in told],
                "since": moment(first.opened_at) if first is not None else None,
                "usual": usual.usual(row.version.process_id).get(definition.nodes[first.node].id) if first is not None else None,
                "handoff": flow_packets.live(row, list(places), held), "waits": waits.get(row.pk),
            }
        )  # fmt: skip
    return found


def works(viewer: Viewer, rows: Sequence[Work]) -> list[dict[str, Any]]:
    """Pieces of open work, for the queue."""
    told = people({*(w.person_id for w in rows), *(w.instance.initiator_id for w in rows)})
    named = titles(viewer, [w.instance for w in rows])
    found = []
    for work in rows:
        row = work.instance
        definition = library.definition(row.version)
        task = definition.nodes[work.node].task
        found.append(
            {
                **head(viewer, row, told, named.get((row.type, row.record_id))), "number": work.number, "node": definition.nodes[work.node].id,
                "node_name": definition.nodes[work.node].words.json(), "opened_at": moment(work.opened_at), "due_at": moment(work.due_at),
                "usual": usual.usual(row.version.process_id).get(definition.nodes[work.node].id),
                "acting_for": told.get(work.person_id) if work.person_id != viewer.person else None, "opinion": work.opinion,
                "claim": task is not None and task.mode == "claim", "handoff": handing.side(definition, work.node),
                "show": [*task.form.show] if task is not None else [], "together": together.key(work, definition),
            }
        )  # fmt: skip
    return found
