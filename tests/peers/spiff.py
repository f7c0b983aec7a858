"""Plays processes by SpiffWorkflow, in a Python of its own that has it: nothing of Heli is imported here, and nothing of it there.

Reads ``[{"source": XML, "process": ID, "values": {NAME: 0 or 1}, "picks": [NUMBER, ...]}]`` and writes for each what waits for
people after every step: the pick-th of them by name is done next.
"""

import json
import sys

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState


def counted(task):
    """What a completion condition counts is there by name in Heli; here whoever runs a task says it."""
    merged = task.parent.internal_data.get("merged")
    if merged is not None:
        task.data["nrOfCompletedInstances"] = len(merged) + 1
    return task


def played(source: str, process: str, values: dict, picks: list) -> list:
    parser = BpmnParser()
    parser.add_bpmn_xml(etree.fromstring(source.encode()), filename="a.bpmn")
    workflow = BpmnWorkflow(parser.get_spec(process), parser.get_subprocess_specs(process))
    workflow.task_tree.data.update(values)
    for one in workflow.get_tasks():
        one.data.update(values)
    workflow.do_engine_steps()
    seen = []
    for pick in picks:
        ready = sorted(workflow.get_tasks(state=TaskState.READY, manual=True), key=lambda one: one.task_spec.bpmn_id)
        seen.append([one.task_spec.bpmn_id for one in ready])
        if not ready:
            break
        counted(ready[pick % len(ready)]).run()
        workflow.do_engine_steps()
        workflow.refresh_waiting_tasks()
        workflow.do_engine_steps()
    return [seen, workflow.is_completed()]


if __name__ == "__main__":
    json.dump([played(**one) for one in json.load(sys.stdin)], sys.stdout)
