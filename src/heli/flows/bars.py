"""What stands in the way of acts on records: cases that run for them, and processes that are the only way to something."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from heli.access.viewer import Viewer
from heli.flows import library, store
from heli.flows.core.definition import Subject
from heli.flows.doing import within
from heli.flows.models import Instance, Process, Version
from heli.kernel import quick
from heli.kernel.errors import Refused
from heli.kernel.words import Words
from heli.records import hooks
from heli.records.types import ObjectType
from heli.records.verbs import Verb

HELD = Words(
    "「{name}」#{number} 正在进行，期间不能修改「{field}」；要修改请先驳回或撤回流程",
    "“{name}” #{number} is running and holds “{field}”: to change it, reject or withdraw the case first",
)
GUARDED = Words(
    "「{field}」要经流程「{name}」批准后才能修改，请发起该流程提交变更",
    "“{field}” is changed by the process “{name}” once it is approved: begin it and propose the change",
)
BY_PROCESS = Words(
    "「{verb}」正由流程「{name}」#{number} 办理，请在流程中处理或先撤回它",
    "“{verb}” is done by the process “{name}” #{number}: decide there, or withdraw it first",
)
ONLY = Words(
    "「{verb}」要通过流程「{name}」办理，请发起该流程",
    "“{verb}” is done by the process “{name}”: begin it",
)
_STANDING = (
    "SELECT i.id, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM flows_instance i WHERE i.record_id=%s AND i.type=%s AND i.state='running' "
    "UNION ALL SELECT NULL, p.id, p.code, p.name, p.name_en, v.id, v.number, v.at FROM flows_process p "
    "JOIN flows_version v ON v.id=p.current_id WHERE p.type=%s AND p.closed_at IS NULL"
)
"""Asked at every write, so that the asking is plain."""


_HOLDING = "SELECT i.id, i.record_id, i.version_id FROM flows_instance i WHERE i.type=%s AND i.record_id IN ({}) AND i.state='running'"


@dataclass(frozen=True, slots=True)
class Kept:
    """A field that nobody edits by hand now, and why. ``process``: what can be begun to change it; ``case``: what holds it."""

    code: str
    words: Words
    process: str = ""
    case: int | None = None


def standing(kind: ObjectType, record: str) -> tuple[Sequence[Instance], Sequence[tuple[Process, Subject]]]:
    """The cases that run for a record, and what can be begun about its type."""
    found = quick.rows(_STANDING, [record, kind.code, kind.code])
    cases = [case for case, *_ in found if case is not None]
    running: Sequence[Instance] = ()
    if cases:
        rows = Instance.objects.filter(pk__in=cases).select_related("version__process")
        running = list(rows.defer("version__source").order_by("pk"))
    open_: list[tuple[Process, Subject]] = []
    for case, pk, code, name, name_en, version, number, at in sorted(found, key=lambda row: row[1] or 0):
        if case is None:
            one = store.made(Process, {"id": pk, "code": code, "name": name, "name_en": name_en, "type": kind.code})
            now = store.made(Version, {"id": version, "process_id": pk, "number": number, "at": store.moment(at)})
            subject = library.definition(now).subject
            if subject is not None:
                open_.append((one, subject))
    return running, open_


def barred(viewer: Viewer, kind: ObjectType, verb: Verb, row: Mapping[str, Any]) -> tuple[str, Words] | None:
    """What a running case does with its record is done by it and in no other way: neither past those who have not yet signed, nor so
    that its own step finds it done; nor by another case. What a process is the only way to is begun by it, or done by another process that
    security has confirmed. What is done with any record (transfer, share) stays free."""
    case = within.get()
    if (viewer.is_system and not case) or verb.type == "*":
        return None
    cases, processes = standing(kind, row["id"])
    for one in cases:
        if verb.code in library.definition(one.version).verbs and not (case and _together(one.pk, case)):
            return "process", BY_PROCESS.fill(verb=verb.words, name=one.version.process.words, number=one.pk)
    for process, subject in processes if not case else ():
        if verb.code in subject.only:
            return "by_process", ONLY.fill(verb=verb.words, name=process.words)
    return None


def alone() -> frozenset[tuple[str, str]]:
    """What processes alone do now, and nobody by hand: types of records, and verbs."""
    open_ = Process.objects.filter(closed_at=None, current__isnull=False).select_related("current")
    subjects = (library.definition(one.current).subject for one in open_.defer("current__source") if one.current)
    return frozenset((one.type, verb) for one in subjects if one is not None for verb in one.only)


def kept(kind: ObjectType, record: str) -> Iterator[Kept]:
    """The fields of a record that nobody edits by hand now: held by a running case, or changed by a process alone."""
    cases, processes = standing(kind, record)
    for one in cases:
        subject = library.definition(one.version).subject
        for code in subject.holds if subject is not None else ():
            words = HELD.fill(field=kind.fields[code].words, name=one.version.process.words, number=one.pk)
            yield Kept(code, words, case=one.pk)
    for process, subject in processes:
        for code in subject.guards:
            words = GUARDED.fill(field=kind.fields[code].words, name=process.words)
            yield Kept(code, words, process=process.code)


def held(kind: ObjectType, records: Sequence[str], codes: Collection[str]) -> dict[str, dict[str, Kept]]:
    """Of these fields of many records those that a running case holds, by record; of several cases the first."""
    rows = quick.rows(_HOLDING.format(", ".join(["%s"] * len(records))), [kind.code, *records]) if records else []
    if not rows:
        return {}
    running = Version.objects.select_related("process").defer("source").filter(pk__in={row[2] for row in rows})
    versions = {one.pk: one for one in running}
    found: dict[str, dict[str, Kept]] = {}
    for case, record, version in sorted(rows):
        subject = library.definition(versions[version]).subject
        for code in subject.holds if subject is not None else ():
            if code in codes:
                words = HELD.fill(field=kind.fields[code].words, name=versions[version].process.words, number=case)
                found.setdefault(record, {}).setdefault(code, Kept(code, words, case=case))
    return found


def editing(viewer: Viewer, kind: ObjectType, codes: Mapping[str, Any], row: Mapping[str, Any]) -> None:
    """What a running case holds stays as its people have seen it, but at its own steps and those of cases begun with it; what a process
    guards is changed by processes. Raises Refused."""
    case = within.get()
    if viewer.is_system and not case:
        return
    barring = (one for one in kept(kind, row["id"]) if one.code in codes)
    found = next((one for one in barring if not case or (one.case is not None and not _together(one.case, case))), None)
    if found is not None:
        code = "process" if found.case is not None else "by_process"
        raise Refused(found.words, code=code, why={"code": code, "fields": [found.code], "words": found.words.json()})


def _together(one: int, other: int) -> bool:
    """Whether two cases are one, or belong to the same: one was begun by the other, or both by a third."""
    return one == other or _first(one) == _first(other)


def _first(case: int) -> int:
    """The case that was begun by no other, above this one."""
    above: int | None = case
    while above is not None:
        case, above = above, Instance.objects.only("parent_id").get(pk=above).parent_id
    return case


def attach() -> None:
    """Stand in the way at the write door."""
    if barred not in hooks.bars:
        hooks.bars.append(barred)
    hooks.editing.listen(editing)
