"""What the handing side does before it hands over: gather notes and files for whoever receives them. Each is one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from heli.access.viewer import Viewer
from heli.audit import log
from heli.flows import handing, rights
from heli.flows.core.state import ItemState
from heli.flows.deciding import Mine, mine_of
from heli.flows.models import Instance
from heli.flows.run import Run, audited, in_one, opened
from heli.kernel.errors import Conflict, NotFound
from heli.kernel.words import Words
from heli.records import act, files, readers
from heli.records.sight import row_facts
from heli.records.types import ObjectType


def gather(viewer: Viewer, instance: int, number: int, node: str, given: Mapping[str, Any]) -> None:
    """Keep what is gathered so far for whom my node hands over to: notes and files. Raises NotFound, Conflict, Invalid naming each part."""

    def whole() -> None:
        with opened(instance, viewer.actor) as run:
            mine = _handing(run, act.current(viewer), number, node)
            run.by = mine.viewer.actor
            handing.draft(run, mine.viewer, run.definition.places[node], given)
            run.state.version += 1
            run.save("gather", told={"node": mine.node.id, "to": node})

    audited(viewer, "gather", instance, whole)


def attach(
    viewer: Viewer, instance: int, number: int, node: str, slot: str, name: str, chunks: Iterable[bytes]
) -> files.File:
    """Add a file to the record, into a slot of what my node hands over: whoever hands over may do so, within the ceilings. Raises as
    ``files.keep`` does, and NotFound for what is not theirs to hand over."""
    row, place = _slot(viewer, instance, number, node, slot)

    def need(now: Viewer) -> None:  # the case is locked before the log is written
        with log.transaction(), opened(instance, viewer.actor) as run:
            mine = _handing(run, now, number, node)
            kind, record = run.looking.kind, run.looking.record
            if kind is None or record is None:
                raise NotFound
            rights.attaching(mine.viewer, run.row, kind, mine.place).need(
                "edit", row_facts(dict(record), reached(mine, kind, record))
            )

    def also(file: int) -> None:
        with opened(instance, viewer.actor) as run:
            handing.attach(run, place, slot, files.of(row.type, row.record_id, [file])[0])
            run.state.version += 1
            run.save("gather", told={"node": run.definition.nodes[place].id, "slot": slot, "file": file})

    return files.keep(viewer, row.type, row.record_id, name, chunks, need, also)


def _slot(viewer: Viewer, instance: int, number: int, node: str, slot: str) -> tuple[Instance, int]:
    """The case and the place of the node, where this is one of its slots and theirs to fill. Raises NotFound."""

    def whole() -> tuple[Instance, int]:
        with opened(instance, viewer.actor) as run:
            _handing(run, act.current(viewer), number, node)
            place = run.definition.places[node]
            if slot not in {one.code for one in run.engine.takers[place].files}:
                raise NotFound
            return run.row, place

    return in_one(whole)


def reached(mine: Mine, kind: ObjectType, record: Mapping[str, Any]) -> frozenset[Any]:
    """How whoever has this work reaches its record."""
    return readers.reached_by(kind, record).get(mine.viewer.person or 0, frozenset())


def _handing(run: Run, viewer: Viewer, number: int, node: str) -> Mine:
    """My open work at the node that hands over to this one. Raises NotFound, Conflict."""
    mine = mine_of(run, viewer, number)
    place = run.definition.places.get(node, -1)
    if place not in run.engine.taken_from(mine.place) or mine.item.opinion:
        raise NotFound
    if mine.item.state is not ItemState.OPEN:
        raise Conflict(Words("这项待办已经处理过了", "this work is done already"), code="done")
    return mine
