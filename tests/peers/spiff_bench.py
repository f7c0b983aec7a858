"""Steps a second of SpiffWorkflow, in a Python of its own that has it: nothing of Heli is imported here, and nothing of it there.

Reads what ``heli bench flow`` writes: the definition, how many cases, the values that conditions name, and where its state is saved. That
is done as its documentation does: the whole case as JSON, written and committed at each step.
"""

import json
import sys
import time

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

LOCKED = "SELECT body FROM peer_spiff WHERE id = {mark}"
SAVED = "UPDATE peer_spiff SET body = {mark} WHERE id = {mark}"


class Sqlite:
    """As Heli keeps its own: a log that is written ahead, on the disk at every commit."""

    def __init__(self, path: str) -> None:
        import sqlite3

        self.here = sqlite3.connect(path, isolation_level=None)
        for setting in ("journal_mode=WAL", "synchronous=FULL"):
            self.here.execute(f"PRAGMA {setting}")
        self.here.execute("DROP TABLE IF EXISTS peer_spiff")
        self.here.execute("CREATE TABLE peer_spiff (id INTEGER PRIMARY KEY, body TEXT)")

    def begin(self, key: int, body: str) -> None:
        self.here.execute("INSERT INTO peer_spiff VALUES (?, ?)", (key, body))

    def step(self, key: int, change) -> None:
        self.here.execute("BEGIN IMMEDIATE")
        (body,) = self.here.execute(LOCKED.format(mark="?"), (key,)).fetchone()
        self.here.execute(SAVED.format(mark="?"), (change(body), key))
        self.here.execute("COMMIT")


class Postgres:
    def __init__(self, address: str) -> None:
        import psycopg

        self.here = psycopg.connect(address, autocommit=True)
        self.here.execute("DROP TABLE IF EXISTS peer_spiff")
        self.here.execute("CREATE TABLE peer_spiff (id BIGINT PRIMARY KEY, body TEXT)")

    def begin(self, key: int, body: str) -> None:
        self.here.execute("INSERT INTO peer_spiff VALUES (%s, %s)", (key, body))

    def step(self, key: int, change) -> None:
        with self.here.transaction():
            (body,) = self.here.execute(LOCKED.format(mark="%s") + " FOR UPDATE", (key,)).fetchone()
            self.here.execute(SAVED.format(mark="%s"), (change(body), key))


class Peer:
    def __init__(self, asked: dict) -> None:
        parser = BpmnParser()
        parser.add_bpmn_xml(etree.fromstring(asked["source"].encode()), filename="a.bpmn")
        self.spec, self.inner = parser.get_spec(asked["process"]), parser.get_subprocess_specs(asked["process"])
        self.serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure())
        self.values = asked["values"]
        self.size = 0

    def new(self) -> BpmnWorkflow:
        made = BpmnWorkflow(self.spec, self.inner)
        made.do_engine_steps()
        return made

    def go(self, case: BpmnWorkflow) -> bool:
        ready = next(iter(case.get_tasks(state=TaskState.READY, manual=True)), None)
        if ready is None:
            return False
        ready.data.update(self.values)
        ready.run()
        case.do_engine_steps()
        return True

    def change(self, body: str) -> str:
        case = self.serializer.deserialize_json(body)
        self.go(case)
        said = self.serializer.serialize_json(case)
        self.size = max(self.size, len(said))
        return said


def main() -> None:
    asked = json.load(sys.stdin)
    peer = Peer(asked)
    probe, steps = peer.new(), 0
    while peer.go(probe):
        steps += 1
    store = Sqlite(asked["sqlite"]) if asked.get("sqlite") else Postgres(asked["postgresql"])
    for key in range(asked["cases"]):
        store.begin(key, peer.serializer.serialize_json(peer.new()))
    began, cpu = time.perf_counter(), time.process_time()
    for key in range(asked["cases"]):
        for _ in range(steps):
            store.step(key, peer.change)
    spent, used = time.perf_counter() - began, time.process_time() - cpu
    total = asked["cases"] * steps
    began, done = time.process_time(), 0
    while time.process_time() - began < 1:
        case = peer.new()
        while peer.go(case):
            done += 1
    core = done / (time.process_time() - began)
    said = {
        "steps": total, "steps_per_second": total / spent, "cpu_ms_per_step": used / total * 1000, "core_steps_per_second": core,
        "bytes_of_a_case": peer.size, "python": sys.version.split()[0],
    }  # fmt: skip
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main()
