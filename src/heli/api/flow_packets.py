"""Hand-offs over HTTP: what the handing side gathers, what was handed over each time, and the files that went with it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from heli.access.viewer import Viewer
from heli.api import shape
from heli.api.common import PERSON, WORDS, moment, people, ref
from heli.api.files import FILE_HEADERS, FORM, ONE_FILE, disposition
from heli.api.route import Answer, Call, Route
from heli.flows import gathering, handing, knowing, library, needs, seen
from heli.flows.core.definition import Criterion, Definition, Handoff, Node, Part
from heli.flows.looking import DATA, ITSELF, Looking, opened_cell, readable, take
from heli.flows.models import Instance, Packet, PacketFile
from heli.flows.needs import Need
from heli.flows.seen import Seen
from heli.insight import company
from heli.kernel.errors import Invalid, NotFound, Problem
from heli.kernel.words import Words
from heli.org import zone
from heli.records import files, names
from heli.records.types import TYPES

TEXT = {"type": "string"}
_MAYBE = {"type": ["string", "null"]}
NODE_ID = shape.text(200, 1)
SLOT: shape.Schema = {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,63}$"}
NUMBER: shape.Schema = {"type": "string", "pattern": "^[0-9]{1,9}$"}
NODE_NAME = shape.record({"id": TEXT, "name": ref(WORDS)})
_FILE = shape.record(
    {"id": TEXT, "name": TEXT, "size": {"type": ["integer", "null"], "description": "None: it has been removed since"}}
)
_PART = {"code": TEXT, "name": ref(WORDS), "required": {"type": "boolean"}}
_PARTS = {
    "notes": shape.array(shape.record({**_PART, "text": TEXT})),
    "files": shape.array(shape.record({**_PART, "files": shape.array(_FILE)})),
    "criteria": shape.array(
        shape.record(
            {
                "code": TEXT, "name": ref(WORDS),
                "met": {"type": ["boolean", "null"], "description": "None: it looks at what I may not read"},
            }
        )
    ),
}  # fmt: skip
GIVING = shape.record(
    {
        "node": NODE_NAME, "to": {**shape.nullable(ref(WORDS)), "description": "The department that answered last, where there was one"},
        "number": {"type": "integer"}, **_PARTS,
        "fields": shape.array(shape.record({"field": TEXT, "required": {"type": "boolean"}, "filled": {"type": ["boolean", "null"]}})),
    }
)  # fmt: skip
NEED = shape.record(
    {
        "place": TEXT, "code": TEXT, "message": {**ref(WORDS), "description": "What a refusal says for want of it"},
        "lacking": {"type": ["boolean", "null"], "description": "None: it hangs on what I may not read, and is said when I try"},
    }
)  # fmt: skip
PACKET = shape.record(
    {
        "id": TEXT, "node": NODE_NAME, "source": NODE_NAME, "number": {"type": "integer"},
        "state": {"type": "string", "enum": [Packet.HANDED, Packet.ACCEPTED, Packet.RETURNED, Packet.DROPPED]},
        "by": shape.nullable(ref(PERSON)), "department": shape.nullable(ref(WORDS)), "at": _MAYBE, "answered_by": shape.nullable(ref(PERSON)),
        "answered_at": _MAYBE, "reason": TEXT, **_PARTS,
        "fields": {**shape.array(shape.record({"field": TEXT, "value": {}})), "description": "As they stood then, of those that I read"},
    }
)  # fmt: skip
LIVE = shape.record(
    {
        "state": {"type": "string", "enum": ["preparing", "waiting", "returned"]}, "node": NODE_NAME, "giver": shape.nullable(ref(WORDS)),
        "taker": shape.nullable(ref(WORDS)), "number": {"type": "integer"}, "due_at": _MAYBE, "within": _MAYBE,
    }
)  # fmt: skip
SCHEMAS = {"FlowGiving": GIVING, "FlowNeed": NEED, "FlowPacket": PACKET, "FlowHandoff": LIVE}


def _called(definition: Definition, code: str) -> dict[str, Any]:
    place = definition.places.get(code)
    return {"id": code, "name": (definition.nodes[place].words if place is not None else Words(code, code)).json()}


# -- what I gather -----------------------------------------------------------------------------------------------------


def giving(one: Seen, place: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What the viewer's work at this node hands over, with what is gathered and what is so; and what that needs."""
    row, engine = one.row, one.engine
    found: list[dict[str, Any]] = []
    wanted: list[dict[str, Any]] = []
    if one.viewer.mode is not None and row.type in TYPES and not seen.sees_record(one.viewer, row):
        return found, wanted  # who looks as somebody else reads of it what they might see themselves
    for taker in engine.taken_from(place):
        node, handoff = engine.definition.nodes[taker], engine.takers[taker]
        here, looking, today = handing.filling(row, node.id, handoff), Looking(row), zone.today()
        every = list(handing.needs(here, looking, today))
        met = {need.criterion: not need.lacking for need in every if need.criterion}
        known = _known(one, handoff.criteria)
        kept = {file for rows in here.files.values() for file in rows}
        sizes = {file.id: file.size for file in files.of(row.type, row.record_id, [file.file for file in kept])}
        read = set(readable(one.viewer, row, handoff.fields))
        wanted += [need_said(need, read, known) for need in every]
        found.append(
            {
                "node": _called(engine.definition, node.id), "to": department(here.last.answered_by) if here.last is not None else None,
                "number": here.last.number + 1 if here.last is not None else 1,
                "notes": [{**_part(note), "text": here.notes.get(note.code, "")} for note in handoff.notes],
                "files": [
                    {**_part(part), "files": [_file(file, sizes) for file in here.files.get(part.code, [])]} for part in handoff.files
                ],
                "criteria": [_criterion(each, met.get(each.code), each.code in known) for each in handoff.criteria],
                "fields": [
                    {"field": code, "required": code in handoff.require, "filled": _filled(looking, code) if code in read else None}
                    for code in handoff.fields
                ],
            }
        )  # fmt: skip
    return found, wanted


def filling_in(one: Seen, node: Node) -> list[dict[str, Any]]:
    """What the form of the viewer's work needs."""
    row = one.row
    if node.task is None or not node.task.form.require:
        return []
    if one.viewer.mode is not None and not seen.sees_record(one.viewer, row):
        return []
    read = set(readable(one.viewer, row, node.task.form.require))
    return [need_said(need, read, ()) for need in needs.of_form(node, Looking(row))]


def need_said(need: Need, read: Collection[str], known: Collection[str]) -> dict[str, Any]:
    """What is needed, and whether it is there as far as the viewer may know: they read the field, or all that the criterion looks at."""
    knows = (not need.field or need.field in read) and (not need.criterion or need.criterion in known)
    if not knows:
        said = {"message": need.unsaid.json()} if need.unsaid is not None else {}
        return need.problem.json() | said | {"lacking": None}
    return need.problem.json() | {"lacking": need.lacking}


def _part(part: Part) -> dict[str, Any]:
    return {"code": part.code, "name": part.words.json(), "required": part.required}


def _file(file: PacketFile, sizes: Mapping[int, int]) -> dict[str, Any]:
    return {"id": str(file.file), "name": file.name, "size": sizes.get(file.file)}


def _criterion(one: Criterion, met: bool | None, known: bool) -> dict[str, Any]:
    return {"code": one.code, "name": one.words.json(), "met": met if known else None}


def _filled(looking: Looking, code: str) -> bool:
    kind, record = looking.kind, looking.record
    one = kind.fields.get(code) if kind is not None else None
    return one is not None and record is not None and not one.is_empty(record[one.column])


def _known(one: Seen, criteria: Iterable[Criterion]) -> set[str]:
    """The criteria of which the viewer may know whether they are so: they read all that these look at."""
    kind = TYPES.get(one.row.type)
    every = list(criteria)
    paths = {
        each.code: {name.partition(".")[2] for name in each.when.names if name.startswith(("record.", "change."))}
        - {ITSELF}
        for each in every
    }
    asked = set().union(*paths.values())
    read = knowing.read(one.viewer, kind, one.row.record_id, asked) if kind is not None and asked else set()
    return {
        each.code
        for each in every
        if paths[each.code] <= read and (one.ways or not any(name.startswith(DATA) for name in each.when.names))
    }


# -- what was handed over ----------------------------------------------------------------------------------------------


def handed(one: Seen) -> list[dict[str, Any]]:
    """All that was handed over in a case, the latest first, for who follows it and sees what it is about."""
    row = one.row
    if not one.follows or (row.type in TYPES and not seen.sees_record(one.viewer, row)):
        return []
    rows = [packet for packet in handing.packets(row) if _shows(one, packet)]
    if not rows:
        return []
    told = people({*(packet.by_id for packet in rows), *(packet.answered_by for packet in rows)})
    read = set(readable(one.viewer, row, {code for packet in rows for code in packet.fields}))
    shown = _files(one.viewer, row)
    decorator = names.Decorator(one.viewer)
    said = [_packet(one, packet, told, read, shown, decorator) for packet in rows]
    decorator.finish()
    take(
        one.viewer,
        row,
        read & {code for packet in rows for code, value in packet.fields.items() if value not in (None, "", [])},
    )
    return said


def _shows(one: Seen, packet: Packet) -> bool:
    place = one.definition.places.get(packet.node)
    return one.shows(place) if place is not None else one.ways


def _files(viewer: Viewer, row: Instance) -> dict[int, int]:
    """The sizes of the files that the viewer is shown of the record."""
    if row.type not in TYPES:
        return {}
    try:
        return {file.id: file.size for file in files.listed(viewer, row.type, row.record_id)}
    except NotFound:
        return {}


def _packet(
    one: Seen, packet: Packet, told: Mapping[int, dict[str, Any]], read: set[str], shown: Mapping[int, int], decorator: names.Decorator
) -> dict[str, Any]:  # fmt: skip
    definition, kind = library.definition(packet.version), TYPES.get(one.row.type)
    if packet.node not in definition.places:  # it has gone over to a version that calls the node otherwise
        definition = one.definition
    place = definition.places.get(packet.node)
    node = definition.nodes[place] if place is not None else None
    handoff = node.task.handoff if node is not None and node.task is not None else None
    handoff = handoff or Handoff("")
    known = _known(one, handoff.criteria)
    fields = []
    for code, kept in packet.fields.items():
        if code in read and kind is not None and code in kind.fields:
            value = opened_cell(kind, one.row.record_id, kind.fields[code], kept)
            decorator.add(kind.fields[code], value)
            fields.append({"field": code, "value": value})
    rows = sorted(packet.files.all(), key=lambda file: file.pk)
    there = {file.id for file in files.of(one.row.type, one.row.record_id, [each.file for each in rows])}
    # what was removed since is named to whoever is shown the rest; what they are not shown is not there
    mine = [each for each in rows if each.file in shown or each.file not in there]
    return {
        "id": str(packet.pk), "node": _called(definition, packet.node), "source": _called(definition, handoff.source),
        "number": packet.number, "state": packet.state, "by": told.get(packet.by_id or 0), "department": department(packet.by_id),
        "at": moment(packet.at), "answered_by": told.get(packet.answered_by or 0), "answered_at": moment(packet.answered_at),
        "reason": packet.reason, "fields": fields,
        "notes": [{**_part(note), "text": packet.notes.get(note.code, "")} for note in handoff.notes],
        "files": [{**_part(part), "files": [_file(each, shown) for each in mine if each.slot == part.code]} for part in handoff.files],
        "criteria": [_criterion(each, packet.criteria.get(each.code), each.code in known) for each in handoff.criteria],
    }  # fmt: skip


# -- where it stands ---------------------------------------------------------------------------------------------------


def department(person: int | None) -> dict[str, str] | None:
    """The department in which somebody works, by its name."""
    here = company.now()
    home = here.homes.get(person or 0)
    node = here.world.tree.nodes.get(home) if home is not None else None
    return Words(node.name, node.name_en or node.name).json() if node is not None else None


def live(row: Instance, places: Sequence[int], holders: Mapping[int, Sequence[Any]]) -> dict[str, Any] | None:
    """How a hand-off of a case stands now, at one of the nodes that its viewer may know of; None where none is under way.
    ``holders``: open work by node."""
    engine = library.of(row)
    if not engine.takers:
        return None
    for place in places:
        taking = place in engine.takers
        for taker in [place] if taking else engine.taken_from(place):
            node, handoff = engine.definition.nodes[taker], engine.takers[taker]
            last = (
                Packet.objects.filter(instance_id=row.pk, node=node.id)
                .exclude(state=Packet.DRAFT)
                .order_by("-number")
                .first()
            )
            works = holders.get(place, ())
            here = department(works[0].person_id) if works else None
            returned = not taking and last is not None and last.state == Packet.RETURNED
            source = _called(engine.definition, handoff.source)["name"]
            due = min((work.due_at for work in works if work.due_at is not None), default=None)
            task = engine.definition.nodes[place].task
            return {
                "state": "waiting" if taking else "returned" if returned else "preparing", "node": _called(engine.definition, node.id),
                "giver": ((department(last.by_id) if last is not None else None) or source) if taking else here,
                "taker": here if taking else (department(last.answered_by) if returned and last is not None else None) or node.words.json(),
                "number": last.number if last is not None else 1, "due_at": moment(due), "within": (task.within or None) if task else None,
            }  # fmt: skip
    return None


# -- routes ------------------------------------------------------------------------------------------------------------


def gather(call: Call) -> Answer:
    """Keep what I gather for whom my work hands over to: answers to notes, files of the record by slot."""
    instance, number = _mine(call)
    gathering.gather(call.viewer, instance, number, call.path["node"], call.body)
    return _after(call, instance)


def attach(call: Call) -> Answer:
    """Add a file to the record, into a slot of what I hand over."""
    instance, number = _mine(call)
    form = call.request
    if list(form.FILES) != ["file"] or len(form.FILES.getlist("file")) != 1 or form.POST:
        raise Invalid(Problem("file", "required", ONE_FILE))
    given: Any = form.FILES["file"]
    gathering.attach(
        call.viewer, instance, number, call.path["node"], call.path["slot"], given.name or "", given.chunks()
    )
    return _after(call, instance)


def download(call: Call) -> Answer:
    """A file that was handed over, or that I am about to hand over, as the record's door gives it."""
    found = seen.one(call.viewer, int(call.path["id"]))
    if found is None or found.row.type not in TYPES:
        raise NotFound
    file = int(call.path["file"])
    rows = PacketFile.objects.filter(packet__instance_id=found.row.pk, file=file).select_related("packet")
    mine = {one["node"]["id"] for one in giving(found, found.work.node)[0]} if found.work is not None else set()
    if not any(
        (row.packet.node in mine) if row.packet.state == Packet.DRAFT else found.follows and _shows(found, row.packet)
        for row in rows
    ):
        raise NotFound
    one = files.one(call.viewer, found.row.type, found.row.record_id, file)
    try:
        content = one.path.read_bytes()
    except FileNotFoundError:
        raise NotFound from None
    return Answer(content, headers={**FILE_HEADERS, "Content-Disposition": disposition(one.name)})


def _mine(call: Call) -> tuple[int, int]:
    from heli.api.flows import _acts  # which says of each move that a token makes none

    return _acts(call)


def _after(call: Call, instance: int) -> Answer:
    from heli.api import flow_said  # which tells packets among the rest

    found = seen.one(call.viewer, instance)
    if found is None:
        raise NotFound
    return Answer(flow_said.whole(found))


_WORK = {"id": shape.NUMBER_ID, "number": NUMBER, "node": NODE_ID}
_ERRORS = (403, 404, 409)
NOTES: shape.Schema = {"type": "object", "maxProperties": 30, "additionalProperties": shape.text(4000)}
FILES: shape.Schema = {"type": "object", "maxProperties": 30, "additionalProperties": shape.array(shape.NUMBER_ID, 20)}
GATHERED = shape.record({"notes": NOTES, "files": FILES}, ())

ROUTES = (
    Route("PUT", "/flows/instances/{id}/work/{number}/packets/{node}", gather, "gatherPacket", "Keep what I gather for a hand-off", "processes",
          path_schemas=_WORK, body=GATHERED, answers={200: ref("FlowInstance")}, errors=_ERRORS),
    Route("POST", "/flows/instances/{id}/work/{number}/packets/{node}/files/{slot}", attach, "attachToPacket",
          "Add a file to what I hand over", "processes", path_schemas={**_WORK, "slot": SLOT}, form=FORM, answers={200: ref("FlowInstance")},
          errors=_ERRORS),
    Route("GET", "/flows/instances/{id}/packets/{file}", download, "getPacketFile", "Download a file that was handed over", "processes",
          path_schemas={"id": shape.NUMBER_ID, "file": shape.NUMBER_ID}, answers={200: {"type": "string", "format": "binary"}},
          media="application/octet-stream", errors=(404,)),
)  # fmt: skip
