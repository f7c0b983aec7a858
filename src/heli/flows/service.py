"""What processes do by themselves: one job for each time that a service is reached, done exactly once with its step."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from heli.access.viewer import Viewer
from heli.flows.core import events as e
from heli.flows.core.definition import Kind, Node
from heli.flows.core.expression import ExpressionError
from heli.jobs.events import EventView, subscribe
from heli.jobs.models import Job
from heli.jobs.tasks import task
from heli.kernel.actor import Actor
from heli.kernel.errors import NotFound, Refused

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
            if current is None or current.node != node or current.round != round_ or token in run.state.halted:
                return
            here = run.definition.nodes[node]
            error = run.attempt(lambda itself: _do(run, itself, here)) if here.does is not None else None
            if error is not None:
                run.send(e.JobFailed(token, round_, error.code, error.words))
            else:
                if here.kind is Kind.SEND:
                    run.copy(node)
                run.send(e.JobDone(token, round_))
            run.save("service" if error is None else "incident", told={"node": here.id})
    except NotFound:
        return  # the instance is gone


def _do(run: Run, itself: Viewer, node: Node) -> None:
    try:
        run.do(itself, node, {})
    except ExpressionError as error:
        raise Refused(error.words, code="condition") from None


def died(event: EventView) -> None:
    """A job that could not be done after every attempt: its token stands still until an administrator tries again."""
    if event.data.get("name") != perform.module_path:
        return
    from heli.flows.run import opened

    job = Job.objects.filter(pk=event.key).first()
    if job is None:
        return
    instance, token, node, round_ = json.loads(job.args)["args"]
    try:
        with opened(instance, JOB) as run:
            current = run.state.tokens.get(token)
            if current is None or current.node != node or current.round != round_ or token in run.state.halted:
                return
            run.send(e.JobFailed(token, round_, "died"))
            run.save("incident", told={"node": run.definition.nodes[node].id})
    except NotFound:
        return


def attach() -> None:
    """Listen for services that died."""
    subscribe("job.dead", died, name="flows.service.died")
