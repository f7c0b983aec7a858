"""Taking running cases over to another version of their process: tried on all of them first, each in a transaction of its own, and
back again.

What a case has behind it keeps the meaning that it had: finished work and history name the version by which their nodes are meant.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db.models import Q

from heli.access.models import Grant
from heli.access.viewer import Viewer
from heli.audit.log import EntryData
from heli.flows import handing, knowing, library, rights, store
from heli.flows.core import events as e
from heli.flows.core.definition import Definition
from heli.flows.core.moved import Moved, Reason, over
from heli.flows.core.state import ItemState
from heli.flows.finding import may_administer
from heli.flows.models import Happening, Instance, Migration, Process, Taken, Timer, Version, Wait, Work
from heli.flows.run import Run, in_one, opened, said
from heli.jobs.events import EventData
from heli.jobs.tasks import task
from heli.kernel import clock, quick
from heli.kernel.actor import Actor
from heli.kernel.errors import Conflict, Invalid, NotFound, Problem
from heli.kernel.words import Words
from heli.records import write
from heli.records.act import current

AT_ONCE = 100
"""Instances that are taken over before the answer; the others follow as jobs of so many."""
MOST_MAPPED = 200
MOST_SHOWN = 20
"""Cases that are named in each group of a trial."""
NO_VERSION = Words("没有这个版本，或它没有发布", "there is no such version, or it is not published")
NO_NODE = Words("版本 {number} 里没有节点“{node}”", "version {number} has no node {node}")
STILL_THERE = Words(
    "新版本里仍有节点“{node}”，不能另外指定", "{node} is still in the other version: nothing takes its place"
)
REVERTED = Words("已经撤回过", "it has been taken back already")
GOES_ON = Words("还在进行，完成后才能撤回", "it is still going on: take it back when it has ended")


@dataclass
class Group:
    """Cases of one version that stand alike: ``automatic``, ``mapping`` (once it is said what takes the node's place) or ``blocked``."""

    version: int
    state: str
    reason: Reason | None
    count: int = 0
    cases: list[int] = field(default_factory=list)


@dataclass
class Tried:
    """What would become of every running case of a process."""

    to: Version
    total: int
    groups: list[Group]

    def counts(self) -> dict[str, int]:
        found = Counter({"automatic": 0, "mapping": 0, "blocked": 0})
        for one in self.groups:
            found[one.state] += one.count
        return dict(found)


def running(process: Process, to: Version) -> Any:
    """The running cases of a process that do not run by this version yet."""
    return Instance.objects.filter(version__process=process, state=Instance.RUNNING).exclude(version=to).order_by("pk")


def attempt(viewer: Viewer, code: str, number: int | None, mapping: Mapping[str, str]) -> Tried:
    """Try it on every running case; nothing is written. Raises NotFound for who does not look after processes."""
    process, to = _asked(viewer, code, number)
    _check(process, to, mapping)
    new = library.definition(to)
    groups: dict[tuple[int, str, str, str], Group] = {}
    total = 0
    for pk in list(running(process, to).filter(hidden=False).values_list("pk", flat=True)):
        found = store.read(pk, lock=False)
        if found is None:
            continue
        row, state = found.row, found.state
        total += 1
        made = over(state, library.definition(row.version), new, mapping, row.part)
        first = next(iter(made.reasons), None)
        kind = "automatic" if first is None else "mapping" if all(one.mapping for one in made.reasons) else "blocked"
        key = (row.version.number, kind, first.node if first else "", first.words.en if first else "")
        group = groups.setdefault(key, Group(row.version.number, kind, first))
        group.count += 1
        if len(group.cases) < MOST_SHOWN and knowing.knows(viewer, row)[0]:
            group.cases.append(pk)  # else it would tell where this case stands
    return Tried(to, total, [groups[key] for key in sorted(groups)])


def _asked(viewer: Viewer, code: str, number: int | None) -> tuple[Process, Version]:
    process = Process.objects.select_related("current").filter(code=code).first()
    if process is None or not may_administer(viewer.view):
        raise NotFound
    published = Version.objects.filter(process=process, state=Version.PUBLISHED)
    to = process.current if number is None else published.filter(number=number).first()
    if to is None:
        raise Invalid(Problem("to", "unknown", NO_VERSION))
    to.process = process
    return process, to


def _check(process: Process, to: Version, mapping: Mapping[str, str]) -> None:
    """Raises Invalid for a mapping that names what is not there, or something else than itself for what is."""
    new = library.definition(to)
    wrong = [
        Problem(f"mapping/{old[:80]}", "unknown", NO_NODE.fill(number=to.number, node=node[:80]))
        for old, node in mapping.items() if node not in new.places
    ]  # fmt: skip
    wrong += [
        Problem(f"mapping/{old[:80]}", "there", STILL_THERE.fill(node=old[:80])) for old in mapping if old in new.places
    ]
    if wrong:
        raise Invalid(wrong)


def migrate(viewer: Viewer, code: str, number: int | None, mapping: Mapping[str, str], note: str = "") -> Migration:
    """Take every running case over that can be. Raises as ``attempt`` does."""
    note = said(note, "note")

    def begin() -> Migration:
        now = current(viewer)
        process, to = _asked(now, code, number)
        _check(process, to, mapping)
        Process.objects.select_for_update().get(pk=process.pk)  # publishing and this take turns
        _give(now.actor, to)
        made = Migration.objects.create(
            process=process,
            to=to,
            mapping=dict(mapping),
            note=note,
            by_id=now.person,
            asked=running(process, to).filter(hidden=False).count(),
        )
        _tell(now.actor, made, "migrate")
        return made

    made = in_one(begin)
    _go_on(made.pk, viewer.actor)
    return Migration.objects.select_related("process", "to").defer("to__source").get(pk=made.pk)


def _go_on(migration: int, by: Actor) -> None:
    """The next cases, each in a transaction of its own; then the rest as a job, or the end."""
    made = Migration.objects.select_related("process", "to").get(pk=migration)
    if made.ended_at is not None:
        return
    cases = list(running(made.process, made.to).filter(pk__gt=made.last).values_list("pk", flat=True)[: AT_ONCE + 1])
    for pk in cases[:AT_ONCE]:
        in_one(partial(_one, made, pk, by))

    def end() -> None:
        if len(cases) > AT_ONCE:
            Migration.objects.filter(pk=migration).update(last=cases[AT_ONCE - 1])
            carry_on.enqueue(migration)
            return
        Migration.objects.filter(pk=migration).update(last=cases[-1] if cases else made.last, ended_at=clock.now())
        _take_unused(made.process)

    in_one(end)


@task(timeout=600, atomic=False)
def carry_on(migration: int) -> None:
    """Take the next cases over. Each is done once, however often this is tried: who has gone over is not asked again."""
    _go_on(migration, Actor(None, "system: process", "job", via=f"migration:{migration}"))


def _one(made: Migration, instance: int, by: Actor) -> None:
    """One case, whole or not at all."""
    Process.objects.select_for_update().get(pk=made.process_id)  # nobody takes away meanwhile what the version gives
    _give(by, made.to)
    try:
        with opened(instance, by) as run:
            if run.row.state != Instance.RUNNING or run.row.version_id == made.to_id:
                return
            before = run.row.version
            reasons = carry(run, made.to, made.mapping)
            first = next(iter(reasons), None)
            Taken.objects.update_or_create(
                migration=made, instance_id=instance,
                defaults={
                    "before": before, "state": "stayed" if first else "moved", "node": first.node if first else "",
                    "reason": first.words.zh if first else "", "reason_en": first.words.en if first else "",
                },
            )  # fmt: skip
    except NotFound:
        return  # the case is gone


def carry(run: Run, to: Version, mapping: Mapping[str, str]) -> Sequence[Reason]:
    """Take the case under its lock over to a version; why not, where it cannot be."""
    row, old = run.row, run.definition
    new = library.definition(to)
    found = over(run.state, old, new, mapping, row.part)
    if found.reasons:
        return found.reasons
    before = row.version
    open_ = [one for one in run.state.items.values() if one.state is ItemState.OPEN]
    quick.together(rights.closing(row, [one.id for one in open_]))
    _rows(run, found, before, new)
    handing.rename(
        row.pk, {one.id: new.nodes[found.nodes[at]].id for at, one in enumerate(old.nodes) if at in found.nodes}
    )
    part = row.part
    if part:
        part = row.part = new.nodes[found.nodes[old.places[part]]].id
    row.version = to
    Instance.objects.filter(pk=row.pk).update(version=to, part=part)
    run.engine, run.state = library.engine(to, part), found.state
    run.kept.note(run.state)
    for one in open_:
        if run.kept.works[one.id].granted:
            quick.together(rights.opening(row, run.state.tokens[one.token].node, one.id, one.person)[1])
    run.tell("migrated", person=run.by.person, text=f"{before.number} → {to.number}")
    run.send(e.TakenOver(tuple(found.new)))
    run.save("migrate", told={"from": before.number, "to": to.number})
    return ()


def _rows(run: Run, found: Moved, before: Version, new: Definition) -> None:
    """Rows that name nodes: what is over keeps the version by which it is meant, what is live names the other version's nodes."""
    pk = run.row.pk
    Happening.objects.filter(instance_id=pk, version=None).update(version=before)
    Work.objects.filter(Q(state=Work.DONE) | Q(state=Work.CLOSED), instance_id=pk, version=None).exclude(
        number__in=list(run.state.items)
    ).update(version=before)
    for number, one in run.kept.works.items():
        place = found.nodes[one.node]
        if place != one.node:
            Work.objects.filter(instance_id=pk, number=number).update(node=place)
            one.node = place
    for timer in list(Timer.objects.filter(instance_id=pk)):
        timer.delete()
        place = found.nodes.get(timer.node, -1)
        if (timer.token, place) in found.state.timers:
            Timer.objects.create(instance_id=pk, token=timer.token, node=place, round=timer.round, due_at=timer.due_at)
    for wait in list(Wait.objects.filter(instance_id=pk)):
        wait.delete()
        place = found.nodes.get(wait.node, -1)
        hears = new.nodes[place].hears if (wait.token, place) in found.state.timers else None
        if hears is not None:
            Wait.objects.create(
                instance_id=pk,
                token=wait.token,
                node=place,
                round=wait.round,
                kind=hears.kind,
                name=hears.name,
                key=wait.key,
                by=hears.by,
            )


def revert(viewer: Viewer, migration: int) -> Migration:
    """Take the cases back that still run by the version they were taken over to. Raises NotFound, Conflict."""

    def begin() -> Migration:
        now = current(viewer)
        made = (
            Migration.objects.select_for_update(of=("self",))
            .select_related("process", "to")
            .filter(pk=migration)
            .first()
        )
        if made is None or not may_administer(now.view):
            raise NotFound
        if made.reverted_at is not None:
            raise Conflict(REVERTED, code="reverted")
        if made.ended_at is None:
            raise Conflict(GOES_ON, code="running")
        made.reverted_at, made.reverted_by = clock.now(), now.person
        made.save(update_fields=["reverted_at", "reverted_by"])
        for before in Version.objects.filter(pk__in=made.taken.filter(state="moved").values("before")):
            before.process = made.process
            _give(now.actor, before)
        _tell(now.actor, made, "migrate_back")
        return made

    made = in_one(begin)
    back = {node: old for old, node in made.mapping.items()}
    for pk in list(made.taken.filter(state="moved").order_by("instance_id").values_list("pk", flat=True)):
        in_one(partial(_back, pk, back, viewer.actor))
    in_one(lambda: _take_unused(made.process))
    return Migration.objects.select_related("process", "to").defer("to__source").get(pk=made.pk)


def _back(taken: int, mapping: Mapping[str, str], by: Actor) -> None:
    one = Taken.objects.select_related("before", "migration").get(pk=taken)
    Process.objects.select_for_update().get(pk=one.migration.process_id)
    _give(by, one.before)
    try:
        with opened(one.instance_id, by) as run:
            if run.row.state != Instance.RUNNING or run.row.version_id != one.migration.to_id:
                return
            one.before.process = run.row.version.process
            there = library.definition(one.before).places
            first = next(
                iter(carry(run, one.before, {old: node for old, node in mapping.items() if node in there})), None
            )
            one.state = "kept" if first else "returned"
            if first is not None:
                one.node, one.reason, one.reason_en = first.node, first.words.zh, first.words.en
            one.save(update_fields=["state", "node", "reason", "reason_en"])
    except NotFound:
        return


# -- versions ----------------------------------------------------------------------------------------------------------


def _give(by: Actor, version: Version) -> None:
    """Let the nodes of a version give their lines again, where nothing has run by it any more."""
    if not Grant.objects.filter(source=f"flow:{version.pk}", revoked_at__isnull=True).exists():
        rights.give(by, version, library.definition(version))


def _take_unused(process: Process) -> None:
    """Versions that nothing runs by any more give nothing."""
    process.refresh_from_db(fields=["current"])
    running_ = Instance.objects.filter(version__process=process, state=Instance.RUNNING)
    used = set(running_.values_list("version_id", flat=True).distinct())
    published = Version.objects.filter(process=process, state=Version.PUBLISHED).exclude(pk__in=used)
    unused = set(published.exclude(pk=process.current_id or 0).values_list("pk", flat=True))
    for old in sorted(unused - rights.still_shown(unused)):
        rights.take(old)


def _tell(by: Actor, made: Migration, what: str) -> None:
    after = {
        "process": made.process.code,
        "version": made.to.number,
        "migration": made.pk,
        "cases": made.asked,
        "mapping": made.mapping,
    }
    entry = EntryData(
        action=f"process.{what}", object_type="process", object_id=made.process.code, actor_id=by.person, actor_name=by.name,
        origin=by.origin, via=by.via, reason=made.note, after=after,
    )  # fmt: skip
    write.tell(EventData(f"process.{what}", "process", made.process.code, {"migration": made.pk}), entry)


def listed(viewer: Viewer, code: str) -> list[Migration]:
    """The migrations of a process, latest first. Raises NotFound."""
    process, _ = _asked(viewer, code, None)
    return list(
        Migration.objects.filter(process=process)
        .select_related("process", "to")
        .defer("to__source")
        .order_by("-pk")[:MOST_SHOWN]
    )
