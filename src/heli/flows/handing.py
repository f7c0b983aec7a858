"""Hand-offs of running cases: what the handing side gathers, when it may hand over, what is kept of each time, and what becomes of it.

A packet is drafted by whoever has the handing node's work, handed over by the decision that approves that node, and accepted or returned
by the decision at the receiving node, each in the transaction of the step. What was returned is where the next draft begins.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from heli.access.core.line import Held
from heli.access.viewer import Viewer
from heli.flows import library, rights
from heli.flows.core import handing as core
from heli.flows.core.definition import Handoff, Kind
from heli.flows.looking import Looking, keep_cell
from heli.flows.models import Instance, Packet, PacketFile, Work
from heli.flows.needs import Need
from heli.kernel.errors import Invalid, NotFound, Problem
from heli.kernel.storable import UNSTORABLE, storable
from heli.kernel.words import Words
from heli.records import files

if TYPE_CHECKING:
    from heli.flows.run import Run

LONGEST_NOTE = 4000
MOST_IN_SLOT = 20
SCOPE = "workitem:"
MISSING_NOTE = Words("请填写「{part}」", "answer “{part}”")
MISSING_FILE = Words("请附上「{part}」", "attach “{part}”")
MISSING_FIELD = Words("「{part}」还没有填写", "“{part}” is empty")
NOT_SO = Words("未满足：{part}", "not so yet: {part}")
NOT_SO_WHY = Words("未满足：{part}（{why}）", "not so yet: {part} ({why})")
LACKING = Words("交接单还不齐，不能移交", "the packet is not complete: it cannot be handed over yet")
NO_PART = Words("交接单里没有这一项", "the packet has no such part")
TOO_LONG = Words("最多 {n} 个字符", "at most {n} characters")
TOO_MANY = Words("一项最多 {n} 个文件", "at most {n} files for one part")
NO_FILE = Words("这条记录没有这个附件", "the record has no such file")
WHY = Words(
    "请写明退回的原因：移交的一方要知道缺什么",
    "say why it is returned: whoever handed it over has to know what is missing",
)


@dataclass(slots=True)
class Filling:
    """What the handing side has gathered for one hand-off so far."""

    node: str
    handoff: Handoff
    notes: dict[str, str] = field(default_factory=dict)
    files: dict[str, list[PacketFile]] = field(default_factory=dict)
    last: Packet | None = None
    """The time before, where there was one."""


def filling(row: Instance, node: str, handoff: Handoff) -> Filling:
    """The draft; where there is none yet, what was handed over last."""
    rows = list(Packet.objects.filter(instance_id=row.pk, node=node).order_by("-number")[:2])
    draft = rows[0] if rows and rows[0].state == Packet.DRAFT else None
    last = next((one for one in rows if one is not draft), None)
    source = draft or last
    found = Filling(node, handoff, last=last)
    if source is not None:
        notes, slots = {one.code for one in handoff.notes}, {one.code for one in handoff.files}
        found.notes = {code: text for code, text in source.notes.items() if code in notes}
        here = live(row, list(source.files.order_by("pk")))
        for one in here:
            if one.slot in slots:
                found.files.setdefault(one.slot, []).append(one)
    return found


def live(row: Instance, rows: Sequence[PacketFile]) -> list[PacketFile]:
    """Those whose file the record still has."""
    there = {one.id for one in files.of(row.type, row.record_id, {one.file for one in rows})} if rows else set()
    return [one for one in rows if one.file in there]


# -- the handing side --------------------------------------------------------------------------------------------------


def draft(run: Run, viewer: Viewer, place: int, given: Mapping[str, Any]) -> None:
    """Keep what the handing side gathers for the node at ``place``: ``notes`` by code, ``files`` of the record by slot. Raises Invalid."""
    node, handoff = run.definition.nodes[place], run.engine.takers[place]
    notes, slots = {one.code for one in handoff.notes}, {one.code for one in handoff.files}
    problems: list[Problem] = []
    for code, text in dict(given.get("notes", {})).items():
        at = f"packets/{node.id}/notes/{code[:80]}"
        if code not in notes:
            problems.append(Problem(at, "unknown", NO_PART))
        elif len(text) > LONGEST_NOTE:
            problems.append(Problem(at, "too_long", TOO_LONG.fill(n=LONGEST_NOTE)))
        elif not storable(text):
            problems.append(Problem(at, "unicode", UNSTORABLE))
    wanted: dict[str, list[files.File]] = {}
    for code, ids in dict(given.get("files", {})).items():
        at = f"packets/{node.id}/files/{code[:80]}"
        if code not in slots:
            problems.append(Problem(at, "unknown", NO_PART))
        elif len(ids) > MOST_IN_SLOT:
            problems.append(Problem(at, "too_many", TOO_MANY.fill(n=MOST_IN_SLOT)))
        else:
            try:
                wanted[code] = [
                    files.one(viewer, run.row.type, run.row.record_id, int(one)) for one in dict.fromkeys(ids)
                ]
            except NotFound:
                problems.append(Problem(at, "unknown", NO_FILE))
    if problems:
        raise Invalid(problems)
    packet = _draft(run, node.id, handoff)
    packet.notes = {**packet.notes, **{code: str(text).strip() for code, text in dict(given.get("notes", {})).items()}}
    packet.save(update_fields=["notes"])
    for slot, found in wanted.items():
        PacketFile.objects.filter(packet=packet, slot=slot).delete()
        _attach(packet, slot, found)


def attach(run: Run, place: int, slot: str, file: files.File) -> None:
    """Put a file into a slot of the draft. Raises NotFound for no such slot, Invalid where it is full."""
    node, handoff = run.definition.nodes[place], run.engine.takers[place]
    if slot not in {one.code for one in handoff.files}:
        raise NotFound
    packet = _draft(run, node.id, handoff)
    if packet.files.filter(slot=slot).count() >= MOST_IN_SLOT:
        raise Invalid(Problem("file", "too_many", TOO_MANY.fill(n=MOST_IN_SLOT)))
    _attach(packet, slot, [file])


def _attach(packet: Packet, slot: str, found: Iterable[files.File]) -> None:
    rows = [PacketFile(packet=packet, slot=slot, file=one.id, name=one.name) for one in found]
    PacketFile.objects.bulk_create(rows, ignore_conflicts=True)


def _draft(run: Run, node: str, handoff: Handoff) -> Packet:
    """The draft of a node's next packet, begun with what was handed over last."""
    found = Packet.objects.filter(instance_id=run.row.pk, node=node, state=Packet.DRAFT).first()
    if found is not None:
        return found
    before = filling(run.row, node, handoff)
    number = before.last.number + 1 if before.last is not None else 1
    made = Packet.objects.create(
        instance_id=run.row.pk, node=node, number=number, version=run.row.version, notes=before.notes
    )
    for slot, rows in before.files.items():
        PacketFile.objects.bulk_create(PacketFile(packet=made, slot=slot, file=one.file, name=one.name) for one in rows)
    return made


def need(run: Run, places: Iterable[int]) -> None:
    """Raises Invalid, naming each part, while a packet to one of these nodes is not complete or a criterion is not so."""
    nodes, takers = run.definition.nodes, run.engine.takers
    problems = [
        one.problem
        for place in places
        for one in needs(filling(run.row, nodes[place].id, takers[place]), run.looking, run.today)
        if one.lacking
    ]
    if problems:
        raise Invalid(problems, LACKING)


def needs(here: Filling, looking: Looking, today: dt.date) -> Iterator[Need]:
    """All that has to be there before this is handed over, and whether it is: for the decision, and beforehand for whoever prepares it."""
    handoff, at, kind, record = here.handoff, f"packets/{here.node}", looking.kind, looking.record
    unfulfilled = core.unfulfilled(handoff, looking, today)
    for criterion in handoff.criteria:
        why, what = unfulfilled.get(criterion.code), criterion.words
        words = NOT_SO.fill(part=what) if why is None else NOT_SO_WHY.fill(part=what, why=why)
        problem = Problem(f"{at}/criteria/{criterion.code}", "criterion", words)
        yield Need(
            problem, lacking=criterion.code in unfulfilled, criterion=criterion.code, unsaid=NOT_SO.fill(part=what)
        )
    for code in handoff.require:
        one = kind.fields.get(code) if kind is not None else None
        if one is not None and record is not None:
            problem = Problem(f"{at}/fields/{code}", "required", MISSING_FIELD.fill(part=one.words))
            yield Need(problem, lacking=one.is_empty(record[one.column]), field=code)
    for file in handoff.files:
        if file.required:
            problem = Problem(f"{at}/files/{file.code}", "required", MISSING_FILE.fill(part=file.words))
            yield Need(problem, lacking=not here.files.get(file.code))
    for note in handoff.notes:
        if note.required:
            problem = Problem(f"{at}/notes/{note.code}", "required", MISSING_NOTE.fill(part=note.words))
            yield Need(problem, lacking=not here.notes.get(note.code))


# -- what becomes of it ------------------------------------------------------------------------------------------------


def settle(run: Run, opened: Set[int], done: Sequence[tuple[int, str]], text: str) -> None:
    """Let packets follow a step: which nodes it has ``done`` and how, at which it has ``opened`` work."""
    takers = run.engine.takers
    if not takers:
        return
    for place, outcome in done:
        if run.definition.nodes[place].kind is Kind.USER and outcome == "approved":
            for taker in run.engine.taken_from(place):
                _hand(run, taker, by=run.by.person)
        if place in takers:
            _answer(run, place, accepted=outcome == "approved", text=text)
    for place in sorted(opened & takers.keys()):
        if not _handed(run, place).exists():  # by a service, or by a decision that stands
            _hand(run, place, by=None)
    _drop(run)


def _handed(run: Run, place: int) -> Any:
    return Packet.objects.filter(instance_id=run.row.pk, node=run.definition.nodes[place].id, state=Packet.HANDED)


def _hand(run: Run, place: int, *, by: int | None) -> None:
    node, handoff = run.definition.nodes[place], run.engine.takers[place]
    _handed(run, place).update(state=Packet.DROPPED)
    packet = _draft(run, node.id, handoff)
    kind, record = run.looking.kind, run.looking.record
    lacking = core.unfulfilled(handoff, run.looking, run.today)
    packet.state, packet.version, packet.by_id, packet.at = Packet.HANDED, run.row.version, by, run.now
    packet.criteria = {one.code: one.code not in lacking for one in handoff.criteria}
    if kind is not None and record is not None:
        packet.fields = {
            code: keep_cell(kind, run.row.record_id, kind.fields[code], record[kind.fields[code].column])
            for code in handoff.fields if code in kind.fields
        }  # fmt: skip
    packet.save()
    run.handed.append((node.id, packet.number, "handed"))


def _answer(run: Run, place: int, *, accepted: bool, text: str) -> None:
    packet = _handed(run, place).order_by("-number").first()
    if packet is None:
        return
    packet.state = Packet.ACCEPTED if accepted else Packet.RETURNED
    packet.answered_by, packet.answered_at, packet.reason = run.by.person, run.now, text
    packet.save(update_fields=["state", "answered_by", "answered_at", "reason"])
    run.handed.append((packet.node, packet.number, packet.state))


def _drop(run: Run) -> None:
    """What was handed over and no longer comes to anybody: taken back, or the case went another way."""
    behind, places = run.engine.graph.behind, run.definition.places
    for packet in Packet.objects.filter(instance_id=run.row.pk, state=Packet.HANDED):
        place = places.get(packet.node, -1)
        source = places.get(run.engine.takers[place].source, -1) if place in run.engine.takers else -1
        comes = any(
            one.node == place
            or (source >= 0 and place in behind[one.node] and one.node in behind[source] and one.node != source)
            for one in run.state.tokens.values()
        )
        if not comes:
            Packet.objects.filter(pk=packet.pk).update(state=Packet.DROPPED)


def rename(instance: int, names: Mapping[str, str]) -> None:
    """The case goes over to a version that calls these nodes otherwise."""
    for old, new in names.items():
        if old != new and not Packet.objects.filter(instance_id=instance, node=new).exists():
            Packet.objects.filter(instance_id=instance, node=old).update(node=new)


# -- rights ------------------------------------------------------------------------------------------------------------


def files_bound(viewer: Viewer, code: str, record: str, because: Sequence[Held]) -> Set[int] | None:
    """Who sees a record by nothing but work at which it was handed over to them reads those files of it that were handed over."""
    tags = {scope.removeprefix(SCOPE) for held in because for scope in held.line.scopes if scope.startswith(SCOPE)}
    if not tags or any(not scope.startswith(SCOPE) for held in because for scope in held.line.scopes):
        return None
    person = viewer.person or 0
    rows = Work.objects.filter(state=Work.OPEN, granted=True, instance__type=code, instance__record_id=record)
    mine = rows.filter(person_id__in={person, *rights.principals(person)}).select_related("instance__version__process")
    found: set[tuple[int, str]] = set()
    for work in mine.defer("instance__version__source"):
        if rights.tag(work.instance.version_id, work.node) in tags:
            node = library.definition(work.instance.version).nodes[work.node]
            if node.task is None or node.task.handoff is None:
                return None  # another step, whose people see the record with all that lies beside it
            found.add((work.instance_id, node.id))
    return {
        file
        for instance, node in found
        for file in PacketFile.objects.filter(packet__instance_id=instance, packet__node=node)
        .exclude(packet__state=Packet.DRAFT)
        .values_list("file", flat=True)
    }  # fmt: skip


def packets(row: Instance) -> list[Packet]:
    """All that was handed over in a case, the latest first."""
    rows = Packet.objects.filter(instance_id=row.pk).exclude(state=Packet.DRAFT).select_related("version__process")
    return list(rows.defer("version__source").prefetch_related("files").order_by("-pk")[:100])


def attach_to_files() -> None:
    """Let the door of files ask which of them go with a hand-off."""
    files.bounds.append(files_bound)
