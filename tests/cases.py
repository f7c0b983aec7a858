"""Cases of processes for tests: files written in a few words, played over HTTP by the people of a company."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from heli.access import grants
from heli.audit import log
from heli.flows import hearing, library, service
from heli.flows.models import Instance, Work
from heli.jobs.events import EventView
from heli.jobs.models import Delivery, Event, Job
from heli.kernel import clock
from tests.api.client import Api, Reply, signed_in
from tests.world import SETUP, World

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
MOVES = "reject transfer delegate add_signer remove_signer take_back"


def midweek() -> datetime:
    """A Wednesday of next March at nine in the morning in China: working days on all sides, whenever the tests run."""
    march = datetime(clock.now().year + 1, 3, 8, 1, tzinfo=UTC)
    return march + timedelta(days=(2 - march.weekday()) % 7)


def task(id: str, rule: str, *, show: str = "name amount", edit: str = "", verb: str = "", moves: str = MOVES, people: str = "", more: str = "",
         back: str = "") -> str:  # fmt: skip
    """A user task; ``rule`` as ``position finance``, ``manager`` or ``head of=owner``."""
    words = rule.split()
    given = "".join(
        f' {a.partition("=")[0]}="{a.partition("=")[2]}"' if "=" in a else f' {words[0]}="{a}"' for a in words[1:]
    )
    return (
        f'<userTask id="{id}" name="{id} 中 / {id}"><extensionElements><heli:assignee rule="{words[0]}"{given}/>{more}'
        f'<heli:people {people}/><heli:moves allow="{moves}"/><heli:form show="{show}" edit="{edit}"/><heli:rejection {back}/>'
        f"{f'<heli:does verb={chr(34)}{verb}{chr(34)}/>' if verb else ''}</extensionElements></userTask>"
    )


def process(*elements: str, subject: str = 'type="opportunity" right="edit"', id: str = "deal") -> str:
    """A file. A flow is written ``a>b`` or ``a>b if CONDITION``; what begins with ``<`` stands as it is; ``s`` and ``e`` are there."""
    found, gateways = [], {}
    flows = ""
    for number, one in enumerate(elements):
        if one.startswith("<"):
            found.append(one)
            continue
        edge, _, condition = one.partition(" if ")
        source, target = edge.split(">")
        for node in (source, target):
            if node[0] in "xp" and node[1:].isdigit():
                gateways.setdefault(node, "")
        if source[0] == "x" and not condition:
            gateways[source] = f' default="f{number}"'
        inside = f"<conditionExpression>{condition.replace('>', '&gt;')}</conditionExpression>" if condition else ""
        flows += f'<sequenceFlow id="f{number}" sourceRef="{source}" targetRef="{target}">{inside}</sequenceFlow>'
    for node, default in gateways.items():
        found.append(f'<{"exclusive" if node[0] == "x" else "parallel"}Gateway id="{node}"{default}/>')
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><definitions xmlns="{BPMN}" xmlns:heli="urn:heli:flow"><process id="{id}" name="审批 / Approval">'
        f"<extensionElements><heli:subject {subject}/></extensionElements>"
        f'<startEvent id="s"/><endEvent id="e"/>{"".join(found)}{flows}</process></definitions>'
    )


TWO = process(
    task("lead", "manager", edit="next_follow_on"), task("money", "position finance"), "s>lead", "lead>x1", "x1>e",
    "x1>money if record.amount > 1000", "money>e",
)  # fmt: skip
BESIDE = process(
    task("lead", "manager"), task("one", "position finance"), task("two", "position support", show="name"), task("last", "position management"),
    "s>lead", "lead>p1", "p1>one", "p1>two", "one>p2", "two>p2", "p2>last", "last>e",
)  # fmt: skip


class Company(World):
    """The tests' company with somebody who looks after processes."""

    def __init__(self) -> None:
        super().__init__()
        self.add("pam", "root", None)
        lines = [{"type": "process", "actions": ["read", "administer"], "scope": ["all"]}]
        grants.grant_lines(SETUP, lines, "person", str(self.people["pam"]))


class Play:
    """An instance that people move through the API."""

    def __init__(self, world: Company, file: str, record: str, who: str = "ann", **more: Any) -> None:
        self.world = world
        self.apis: dict[str, Api] = {}
        code = file.partition('<process id="')[2].partition('"')[0]
        if not published(world, code):
            publish(world, file)
        begun = self.at(who).send("POST", "/flows/instances", {"process": code, "record": record, **more})
        assert begun.status == 201, begun.body
        self.id = begun.body["id"]

    def at(self, who: str) -> Api:
        if who not in self.apis:
            self.apis[who] = signed_in(who)
        return self.apis[who]

    def seen(self, who: str) -> Reply:
        return self.at(who).get(f"/flows/instances/{self.id}")

    def queue(self, who: str) -> list[str]:
        return [one["node"] for one in self.at(who).get("/flows/work").body["items"] if one["id"] == self.id]

    def act(self, who: str, what: str, **body: Any) -> Reply:
        """A move with the work that is theirs."""
        mine = self.seen(who).body.get("mine")
        number = mine["number"] if mine else 1
        return self.at(who).send("POST", f"/flows/instances/{self.id}/work/{number}/{what}", body)

    def approve(self, who: str, **body: Any) -> Reply:
        return self.act(who, "decide", approve=True, **body)

    def reject(self, who: str, to: str | None = None, **body: Any) -> Reply:
        return self.act(who, "decide", approve=False, to=to, **body)

    def where(self) -> dict[str, list[str]]:
        """Whose turn it is, by node."""
        found: dict[str, list[str]] = {}
        names = {pk: name for name, pk in self.world.people.items()}
        for one in Work.objects.filter(instance_id=int(self.id), state=Work.OPEN).order_by("number"):
            node = library.definition(Instance.objects.get(pk=int(self.id)).version).nodes[one.node].id
            found.setdefault(node, []).append(names[one.person_id])
        return found

    @property
    def state(self) -> str:
        return Instance.objects.get(pk=int(self.id)).state


def published(world: Company, code: str) -> bool:
    return code in {one["code"] for one in signed_in("pam").get("/flows/processes").body["items"]}


def publish(world: Company, file: str) -> None:
    """Publish as who looks after processes, with security's yes where it gives more than they hold."""
    made = signed_in("pam").send("POST", "/flows/processes", {"source": file})
    assert made.status == 201, made.body
    if made.body["state"] == "waiting":
        answered = signed_in("boss").send("POST", f"/flows/versions/{made.body['id']}/answer", {"yes": True})
        assert answered.status == 200, answered.body


TASKS = {
    one.module_path: one
    for one in (service.perform, service.call, service.returned, hearing.spread, hearing.receive, hearing.start)
}


def services() -> int:
    """Do the jobs of processes that wait; how many that were."""
    found = list(Job.objects.filter(task__in=TASKS, state="due").order_by("made_at"))
    for job in found:
        with log.transaction():
            TASKS[job.task].call(*json.loads(job.args)["args"])
            job.delete()
    return len(found)


def settle() -> int:
    """Tell what has happened to whoever hears it, and do all that comes of it; how many jobs that were."""
    done = 0
    while True:
        told = list(Delivery.objects.filter(endpoint="flows.events", state="due").order_by("event"))
        for one in told:
            event = Event.objects.get(uid=one.event)
            view = EventView(
                event.uid, event.type, event.object, event.key, event.subject_seq, json.loads(event.data), event.at
            )
            with log.transaction():
                hearing.told(view)
                one.delete()
        count = services()
        done += count
        if not told and not count:
            return done
