"""What cases hear from outside: events of records, messages, signals. Each may begin cases and lets those go on that wait for it.

Whatever comes is spread first: one job for each case that it concerns, so that each is a transaction of its own. A cause tells one
thing from another: however often it comes, a case hears it once, and a process begins once by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import orjson

from heli.access.viewer import Viewer
from heli.audit import log
from heli.audit.log import EntryData
from heli.flows import library, told_of
from heli.flows.core import events as e
from heli.flows.core.definition import Definition, Hears, Node
from heli.flows.core.due import next_cycle
from heli.flows.core.expression import ExpressionError
from heli.flows.finding import administrators, may_administer
from heli.flows.looking import QUICK, Happened, Looking, of_record
from heli.flows.models import Happening, Heard, Instance, Opening, Version, Wait
from heli.flows.service import JOB
from heli.insight import company
from heli.jobs.events import EventView, subscribe
from heli.jobs.tasks import task
from heli.kernel import clock
from heli.kernel.errors import Invalid, NotFound, Problem
from heli.kernel.ids import is_id
from heli.kernel.storable import UNSTORABLE, storable
from heli.kernel.words import Words
from heli.org import zone
from heli.org.models import Person
from heli.records import readers, sql, write
from heli.records.fields import PersonRef
from heli.records.types import TYPES

if TYPE_CHECKING:
    from heli.flows.run import Run

MOST_DATA = 20_000
"""Bytes of what a message brings, and of what a case's data may come to by it: three times that."""
MOST_NAME = 80
SPREAD = 2_000
"""Cases that one signal or message reaches."""
OURS = Words(
    "“{name}”是记录的事件，由系统在它发生时发出",
    "“{name}” is an event of a record, which the system tells when it happens",
)
NOTHING = Words("没有流程等待或接受“{name}”", "no process waits for “{name}” or begins by it")
TOO_MUCH = Words("最多 {n} 字节", "at most {n} bytes")


def wanted(name: str) -> bool:
    """Whether a case waits for this event of a record, or a process begins by it. Asked at every write: plain."""
    return of_record(name) is not None and bool(sql.rows(_WANTED, [name, name]))


_WANTED = "SELECT 1 FROM flows_opening WHERE name=%s AND kind='message' UNION ALL SELECT 1 FROM flows_wait WHERE name=%s AND kind='message' LIMIT 1"


def told(event: EventView) -> None:
    """Something has happened with a record."""
    hops, case = event.data.get("hops", 0), event.data.get("case", 0)
    _spread("message", Happened(event.type, event.uid, event.object, event.key, {}, hops, case), None)


@task(timeout=60)
def spread(
    kind: str, name: str, key: str, cause: str, initiator: int, data: Mapping[str, Any] | None = None,
    origin: Mapping[str, int] | None = None,
) -> int:  # fmt: skip
    """Say a message or a signal to whoever waits for it or begins by it. Returns to how many."""
    return _spread(kind, Happened(name, cause, "", key, data or {}, **(origin or {})), initiator)


def _spread(kind: str, what: Happened, initiator: int | None) -> int:
    count = 0
    said = [what.name, what.cause, what.type, what.record, dict(what.data), what.hops, what.case]
    for opening in Opening.objects.filter(kind=kind, name=what.name).order_by("pk").values_list("version_id", "node"):
        start.enqueue(*opening, said, initiator)
        count += 1
    waits = Wait.objects.filter(kind=kind, name=what.name).order_by("pk")
    if kind == "message":
        keys = {by: what.key(by) for by in waits.order_by().values_list("by", flat=True).distinct()}
        found = [one for by, key in sorted(keys.items()) if key for one in waits.filter(by=by, key=key)[:SPREAD]]
    else:
        found = list(waits[:SPREAD])
    for one in found:
        receive.enqueue(one.instance_id, one.token, one.node, one.round, said)
    return count + len(found)


@task(timeout=30)
def receive(instance: int, token: int, node: int, round_: int, said: list[Any]) -> None:
    """Let a case go on that has waited for this; what comes too late, or again, does nothing."""
    from heli.flows.run import opened  # which enqueues what is spread here

    what = Happened(*said)
    try:
        with opened(instance, JOB) as run:
            node = _place(run, token, node, what.name)
            hears = run.definition.nodes[node].hears
            if (
                run.state.timers.get((token, node)) != round_
                or run.gone
                or hears is None
                or not _holds(hears, run.looking, what)
            ):
                return
            if not Heard.objects.get_or_create(instance_id=instance, cause=what.cause)[1]:
                return
            if what.case and _heard(instance) >= MOST_HEARD:
                run.send(e.JobFailed(token, round_, told_of.HEARD, RESTLESS.fill(n=MOST_HEARD)))
                run.save("incident", told={"node": run.definition.nodes[node].element})
                return
            for name, value in what.data.items():
                run.keep(name, value)
            if len(orjson.dumps(run.row.data)) > 3 * MOST_DATA:
                raise Invalid(Problem("data", "too_long", TOO_MUCH.fill(n=3 * MOST_DATA)))
            run.tell("heard", node=node, text=what.name)
            run.send(e.Received(token, node, round_))
            run.save("message", told={"node": run.definition.nodes[node].element, "message": what.name})
    except NotFound:
        return  # the case is gone


def _heard(instance: int) -> int:
    """How often a case has heard something within the last moments."""
    since = clock.now() - QUICK
    return Happening.objects.filter(instance_id=instance, what="heard", at__gt=since).count()


def _place(run: Run, token: int, node: int, name: str) -> int:
    """The event that waits for this, which has another place where the case has gone over to another version since."""
    nodes = run.definition.nodes
    for number, place in run.state.timers:
        hears = nodes[place].hears
        if number == token and hears is not None and hears.name == name:
            return place
    return min(node, len(nodes) - 1)


def _holds(hears: Hears, looking: Looking, what: Happened) -> bool:
    """Whether what has come is what is waited for. A condition that has no value does not hold."""
    looking.event = what
    try:
        return hears.where is None or hears.where.holds(looking, zone.here(clock.now()).date())
    except ExpressionError:
        return False
    finally:
        looking.event = None


@task(timeout=30)
def start(version: int, node: int, said: list[Any], initiator: int | None) -> None:
    """Begin a case by an event, unless its condition does not hold, it has begun one already, or the version is in use no more."""
    from heli.flows.begin import Made, may_begin, there

    what = Happened(*said)
    found = Version.objects.select_related("process").defer("source").filter(pk=version).first()
    if found is None or found.process.current_id != version or found.process.closed_at is not None:
        return
    definition = library.definition(found)
    hears = definition.nodes[node].hears
    record = what.key(hears.by) if hears is not None else what.record
    subject = definition.subject
    if subject is not None and (not is_id(record) or readers.row_of(TYPES[subject.type], record) is None):
        return  # it is about none of our records, or about one that has gone since
    cause = f"{what.cause}:{found.process_id}"[-80:]
    row = Instance(
        version=found, type=subject.type if subject else "", record_id=record if subject else "", data=dict(what.data)
    )
    if hears is not None and not _holds(hears, Looking(row), what):
        return
    if initiator is not None and subject is not None and not may_begin(initiator, subject, record):
        initiator = None  # who says a message about a record that is not theirs to begin with
    who = _initiator(Looking(row), hears, initiator)
    if who is None:
        _refuse(found, record, cause, NOBODY)
        return
    circle = _circle(found, what)
    if circle is not None:
        why, words = circle
        _refuse(found, record, cause, words)
        last = Instance.objects.filter(pk=what.case).defer("standing", "data").first()
        if last is not None:
            Happening.objects.create(
                instance_id=what.case, step=last.step, at=clock.now(), what="incident", outcome="circle", text=words.zh, text_en=words.en
            )  # fmt: skip
        told_of.bounded(found, why, None if last is None or last.hidden else last)
        return
    with write.held() as told_:
        run = Made(found, record if subject else "", who, what.data, cause, depth=what.hops).run(JOB, told_)
        if run is None:
            if not Instance.objects.filter(cause=cause).exists():
                _refuse(found, record, cause, ALREADY)
            return
        run.tell("begun", text=what.name)
        if subject is not None and subject.begins and not there(run, subject):
            begins = subject.begins
            error = run.attempt(lambda itself: run.change(itself, begins, {}))
            if error is not None:
                run.tell("incident", outcome="begin", words=error.words)
        run.send(e.Start(node))
        run.save("begin", told={"event": what.name, "cause": what.cause})


MOST_HOPS = 20
"""Cases that bring each other about in a row, nobody and no minute between them."""
NARROW, MOST_BEGUN = 3, 500
"""From so many in a row on, so many cases of a process begin within a minute."""
MOST_HEARD = 200
"""Messages that a case hears within a minute by what other cases say by themselves."""
CIRCLE = Words(
    "已有 {n} 个流程接连自动发起，中间没有人处理，可能在循环，因此不再发起“{name}”",
    "{n} cases have brought each other about with nobody between them, perhaps in a circle: “{name}” is not begun again",
)
TOO_MANY = Words(
    "一分钟内已有 {n} 个“{name}”由流程接连自动发起，不再发起",
    "{n} cases of “{name}” were brought about by other cases within a minute: no more are begun",
)
RESTLESS = Words(
    "一分钟内已收到其他流程自动发出的 {n} 条消息，可能在循环，因此停在这里",
    "it has heard {n} messages within a minute that other cases say by themselves, perhaps in a circle, and stands still here",
)


def _circle(version: Version, what: Happened) -> tuple[str, Words] | None:
    """Why no case is begun any more by what cases bring about themselves: the bound, and in words; None where one may be."""
    name = version.process.words
    if what.hops > MOST_HOPS:
        return told_of.ROW, CIRCLE.fill(n=MOST_HOPS, name=name)
    if what.hops < NARROW:
        return None
    latest = Instance.objects.order_by("-pk").values_list("process_code", "depth", "started_at")[: 2 * MOST_BEGUN]
    since = clock.now() - QUICK
    begun = sum(code == version.process.code and depth >= NARROW and at > since for code, depth, at in latest)
    return (told_of.MINUTE, TOO_MANY.fill(n=MOST_BEGUN, name=name)) if begun >= MOST_BEGUN else None


NOBODY = Words("没有人可以作为发起人", "nobody counts as having begun it")
ALREADY = Words("这条记录已经在走这个流程", "this record runs through the process already")


def _refuse(version: Version, record: str, cause: str, why: Words) -> None:
    """A case that an event would have begun and that cannot: told in the log."""
    entry = EntryData(
        action="flow.begin", object_type="flow", object_id="", actor_id=None, actor_name=JOB.name, origin=JOB.origin, via=JOB.via,
        outcome="refused", reason=why.en, after={"process": version.process.code, "record": record or None, "cause": cause},
    )  # fmt: skip
    log.append(entry)


def _initiator(looking: Looking, hears: Hears | None, initiator: int | None) -> int | None:
    """Who counts as having begun it: whom the named field of the record names, its owner, who said the message, else the first who
    looks after processes."""
    kind, row = looking.kind, looking.record
    people: list[int | None] = []
    if kind is not None and row is not None:
        for code in (hears.initiator if hears is not None else "", "owner"):
            one = kind.fields.get(code)
            if isinstance(one, PersonRef):
                people.append(row[one.column])
    people.append(initiator)
    here = company.now()
    world = here.world.people
    known = [one for one in people if one is not None and one in world and world[one].kind != Person.SERVICE]
    return next(iter([*known, *administrators(here)]), None)


# -- from outside ------------------------------------------------------------------------------------------------------


def say(viewer: Viewer, name: str, key: str, data: Mapping[str, Any], uid: str = "", *, signal: bool = False) -> str:
    """Somebody, or a program of theirs, tells a message; its cause.

    Raises NotFound for who does not look after processes, Invalid for what is no message: an event of a record, data that is no JSON or
    too much, a name that nothing hears.
    """
    from heli.flows.begin import check_names, check_size

    if not may_administer(viewer.view):
        raise NotFound
    if of_record(name) is not None:
        raise Invalid(Problem("name", "event", OURS.fill(name=name[:MOST_NAME])))
    wrong = [place for place, text in (("name", name), ("key", key), ("id", uid)) if not storable(text)]
    if wrong:
        raise Invalid([Problem(place, "unicode", UNSTORABLE) for place in wrong])
    check_names(data)
    check_size(data)
    kind = "signal" if signal else "message"
    hears = Wait.objects.filter(kind=kind, name=name).exists() or Opening.objects.filter(kind=kind, name=name).exists()
    if not hears:
        raise Invalid(Problem("name", "not_awaited", NOTHING.fill(name=name[:MOST_NAME])))
    cause = f"said:{uid or uuid4()}"[:60]
    with log.transaction():
        spread.enqueue(kind, name, key, cause, viewer.person or 0, dict(data))
        entry = EntryData(
            action=f"flow.{kind}", object_type="flow", object_id="", actor_id=viewer.person, actor_name=viewer.name,
            origin=viewer.actor.origin, via=viewer.actor.via, after={"name": name, "key": key or None, "cause": cause},
        )  # fmt: skip
        log.append(entry)
    return cause


# -- publishing --------------------------------------------------------------------------------------------------------


def listens(node: Node) -> tuple[str, str]:
    """The kind and name by which a start event begins cases; empty for one that somebody makes."""
    if node.hears is not None:
        return node.hears.kind, node.hears.name
    return ("timer", "") if node.timer is not None else ("", "")


def open_for(version: Version, definition: Definition) -> None:
    """This version is in use from now on: it begins cases by its start events, and no other version of its process does."""
    Opening.objects.filter(version__process_id=version.process_id).delete()
    for place in definition.starts:
        kind, name = listens(definition.nodes[place])
        if kind:
            timer = definition.nodes[place].timer
            at = next_cycle(timer, clock.now(), None) if timer is not None else None
            Opening.objects.create(version=version, node=place, kind=kind, name=name, due_at=at)


def attach() -> None:
    """Listen to what happens with records."""
    subscribe("*.*", told, name="flows.events", when=wanted)
