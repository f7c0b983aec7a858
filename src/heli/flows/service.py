"""What processes do by themselves: one job for each time that a service is reached, done exactly once with its step."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.db import transaction

from heli.access.viewer import Viewer
from heli.flows import told_of
from heli.flows.core import events as e
from heli.flows.core.definition import Call, Kind, Node
from heli.flows.core.expression import ExpressionError
from heli.flows.core.state import Ended
from heli.flows.core.step import BY_ITSELF
from heli.flows.looking import RECORD, plain, spoken
from heli.flows.models import Instance, Process, Version
from heli.jobs.events import EventView, subscribe
from heli.jobs.models import Job
from heli.jobs.tasks import task
from heli.kernel.actor import Actor
from heli.kernel.errors import HeliError, NotFound, Refused
from heli.kernel.words import Words
from heli.records import readers, sql, write
from heli.records.types import TYPES

if TYPE_CHECKING:
    from heli.flows.run import Run

JOB = Actor(None, "system: process", "job", via="process")


@task(timeout=30)
def perform(instance: int, token: int, node: int, round_: int) -> None:
    """Do a service or send a message, and go on; what comes too late (the work went back meanwhile) does nothing.

    A refusal of the record's own rules will not go away by trying again: it halts the token and waits for an administrator.
    """
    from heli.flows.run import opened  # which enqueues this

    try:
        with opened(instance, JOB) as run:
            current = run.state.tokens.get(token)
            if current is None or current.round != round_ or token in run.state.halted:
                return
            node = current.node  # by the version that it runs by now
            here = run.definition.nodes[node]
            error = run.attempt(lambda itself: _do(run, itself, here)) if here.does is not None else None
            if error is not None:
                run.send(e.JobFailed(token, round_, error.code, error.words))
            else:
                if here.kind is Kind.SEND:
                    run.copy(node)
                run.send(e.JobDone(token, round_))
            run.save("service" if error is None else "incident", told={"node": here.element})
    except NotFound:
        return  # the instance is gone


def _do(run: Run, itself: Viewer, node: Node) -> None:
    try:
        run.do(itself, node, {})
    except ExpressionError as error:
        raise Refused(error.words, code="condition") from None


MOST_DEEP = 20
"""Cases that wait for each other in a row."""
MOST_BELOW = 2_000
"""Cases in all for which one waits, at whatever depth."""
TOO_MANY = Words(
    "最上面的流程下面已经有 {n} 个流程，不能再多", "there are {n} cases below the one at the top, which is the most"
)
NO_PROCESS = Words("没有可用的流程“{code}”", "there is no process {code} that can be begun")
NO_RECORD = Words("没有可以交给流程“{code}”的记录", "there is no record to hand to the process {code}")
TOO_DEEP = Words("流程互相调用超过 {n} 层", "processes call each other more than {n} deep")


@task(timeout=30)
def call(instance: int, token: int, node: int, round_: int, number: int, thing: Any) -> None:
    """Begin one of the cases that a node waits for; one that has begun already goes on, or tells again that it has ended."""
    from heli.flows.run import opened

    try:
        with opened(instance, JOB) as run:
            current, calls = run.state.tokens.get(token), run.state.calls.get(token)
            if (
                current is None
                or calls is None
                or current.round != round_
                or number in calls.ended
                or token in run.state.halted
            ):
                return
            begun = Instance.objects.filter(
                parent_id=instance, parent_token=token, parent_round=round_, parent_number=number
            ).first()
            node = current.node  # by the version that it runs by now
            if begun is not None:
                if begun.state != Instance.RUNNING:
                    returned.enqueue(begun.pk)
                return
            before = len(run.held)
            try:
                with transaction.atomic():
                    _call(run, token, node, round_, number, thing)
            except HeliError as error:
                del run.held[before:]
                run.send(e.JobFailed(token, round_, error.code, error.words))
                run.save("incident", told={"node": run.definition.nodes[node].element})
    except NotFound:
        return  # the instance is gone


def _call(run: Run, token: int, node: int, round_: int, number: int, thing: Any) -> None:
    """Raises HeliError where the case cannot begin."""
    from heli.flows.begin import Made

    row, called = run.row, run.definition.nodes[node].call
    assert called is not None
    if row.depth >= MOST_DEEP:
        raise Refused(TOO_DEEP.fill(n=MOST_DEEP), code=told_of.DEEP)
    if row.parent_id is not None and _below_top(row.pk) >= MOST_BELOW:
        raise Refused(TOO_MANY.fill(n=MOST_BELOW), code=told_of.BELOW)
    own = {called.name: thing, "number": number + 1} if called.each is not None else {}
    try:
        run.looking.extra = {name: plain(value) for name, value in own.items()}
        gives = {name: spoken(one.value(run.looking, run.today)) for name, one in called.gives.items()}
        record = (
            row.record_id if called.record is None else str(spoken(called.record.value(run.looking, run.today)) or "")
        )
    except ExpressionError as error:
        raise Refused(error.words, code="value") from None
    finally:
        run.looking.extra = {}
    version, part, data = row.version, run.definition.nodes[node].id, {**row.data, **own, **gives}
    if called.process:
        version, part, data = _version(called.process), "", {**own, **gives}
        record = _record(version, record)
        _theirs(run, called, version, record)
    made = Made(
        version, record, row.initiator_id, data, above=(row, token, round_, number), part=part, hidden=row.hidden
    )
    with write.held() as told:
        below = made.run(JOB, told)
        if below is None:
            raise Refused(NO_PROCESS.fill(code=called.process), code="no_process")
        below.tell("begun")
        below.send(e.Start() if part else e.Start(_start(below)))
        below.save("begin", told={"above": row.pk})
    run.tell("called", node=node, outcome=str(below.row.pk))
    run.state.version += 1
    run.save("call", told={"node": run.definition.nodes[node].element, "case": below.row.pk})


_BELOW = """
WITH RECURSIVE above(id, parent) AS (
    SELECT id, parent_id FROM flows_instance WHERE id = %s
    UNION ALL SELECT i.id, i.parent_id FROM flows_instance i JOIN above a ON i.id = a.parent
), below(id) AS (
    SELECT id FROM above WHERE parent IS NULL
    UNION ALL SELECT i.id FROM flows_instance i JOIN below b ON i.parent_id = b.id
)
SELECT COUNT(*) - 1 FROM below"""


def _below_top(case: int) -> int:
    """How many cases there are below the one at the top of this one."""
    return int(sql.rows(_BELOW, [case])[0][0])


def _start(run: Run) -> int:
    found = run.definition.begun
    if found is None:
        raise Refused(BY_ITSELF, code="by_itself")
    return found


def _version(code: str) -> Version:
    found = (
        Process.objects.select_related("current").defer("current__source").filter(code=code, closed_at=None, current__isnull=False)
    ).first()  # fmt: skip
    if found is None or found.current is None:
        raise Refused(NO_PROCESS.fill(code=code), code="no_process")
    found.current.process = found
    return found.current


def _record(version: Version, record: str) -> str:
    """The record that a called process is about; empty for one that is about none. Raises Refused."""
    from heli.flows import library

    subject = library.definition(version).subject
    if subject is None:
        return ""
    if not record or readers.row_of(TYPES[subject.type], record) is None:
        raise Refused(NO_RECORD.fill(code=version.process.code), code="no_record")
    return record


def _theirs(run: Run, called: Call, version: Version, record: str) -> None:
    """A record that is not the case's own, nor one that it leads to, is one about which who began the case could begin this themselves:
    else anybody would, by what they hand to a case. Raises Refused, as for a record that is not there."""
    from heli.flows import library
    from heli.flows.begin import may_begin

    subject = library.definition(version).subject
    names = called.record.names if called.record is not None else frozenset()
    own = called.record is None or (bool(names) and all(one.startswith(RECORD) for one in names))
    if subject is not None and not own and not may_begin(run.row.initiator_id, subject, record):
        raise Refused(NO_RECORD.fill(code=version.process.code), code="no_record")


@task(timeout=30)
def returned(case: int) -> None:
    """A case has ended for which another waits."""
    from heli.flows.run import opened

    row = Instance.objects.filter(pk=case).first()
    if row is None or row.parent_id is None or row.parent_token is None or row.state == Instance.RUNNING:
        return
    token, round_, number = row.parent_token, row.parent_round or 0, row.parent_number or 0
    with opened(row.parent_id, JOB) as run:
        calls, current = run.state.calls.get(token), run.state.tokens.get(token)
        if calls is None or current is None or current.round != round_ or number in calls.ended:
            return
        node = run.definition.nodes[current.node]
        assert node.call is not None
        for name, theirs in node.call.takes.items():
            value = row.data.get(theirs)
            run.keep(name, value if node.call.each is None else [*(run.row.data.get(name) or []), value])
        code = row.outcome or (Ended.REJECTED if row.state == Instance.REJECTED else "")
        run.tell("returned", node=current.node, outcome=str(case))
        run.send(e.CallEnded(token, round_, number, str(code)))
        run.save("return", told={"node": node.element, "case": case})


CARRIED_ON = (perform.module_path, call.module_path)
"""Jobs whose token stands still when they have died: what they are given begins with the case, the token, the node and the round."""


def died(event: EventView) -> None:
    """A job that could not be done after every attempt: its token stands still until an administrator tries again."""
    if event.data.get("name") not in CARRIED_ON:
        return
    from heli.flows.run import opened

    job = Job.objects.filter(pk=event.key).first()
    if job is None:
        return
    instance, token, _, round_ = json.loads(job.args)["args"][:4]
    try:
        with opened(instance, JOB) as run:
            current = run.state.tokens.get(token)
            if current is None or current.round != round_ or token in run.state.halted:
                return
            run.send(e.JobFailed(token, round_, "died"))
            run.save("incident", told={"node": run.definition.nodes[current.node].element})
    except NotFound:
        return


def attach() -> None:
    """Listen for services that died."""
    subscribe("job.dead", died, name="flows.service.died")
