"""Called processes and messages between cases under kill -9: every case begins, ends and goes on once, every message is heard once.

A case calls another once for each of three things (at once, or one by one), tells a message to a case beside it and to a process that
begins by it, and goes on when that case answers; a signal ends what is left. One goes on when two of its three have ended. All of it is
done by jobs. A seed kills workers at their
n-th statement or commit, two of them beside each other; each lives in a later time, when the leases of the dead have run out.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.invariants import stage

SEEDS, TORTURE = 6, 150
LATER = 120
"""Seconds that each round lies after the one before: longer than every lease."""
WIDE = ("ann", "bob", "fin")
SOME = 2
"""How many of these are enough for ``some``."""
_rounds = 0


def files() -> list[str]:
    """``outer`` calls ``inner`` three times, ``line`` does so one after the other, ``some`` until two have ended; ``beside`` hears and
    answers, ``born`` begins by what is said; ``ears`` waits for a signal."""
    from tests.cases import process, task

    def message(name: str) -> str:
        return f'<message id="{name}" name="{name}"/>'

    def throw(id: str, what: str, key: str = "") -> str:
        to = f'<extensionElements><heli:to key="{key}"/></extensionElements>' if key else ""
        definition = f'<{what}EventDefinition {what}Ref="{id}"/>'
        return f'<intermediateThrowEvent id="say_{id}">{to}{definition}</intermediateThrowEvent>'

    def catch(id: str, what: str) -> str:
        return (
            f'<intermediateCatchEvent id="hear_{id}"><{what}EventDefinition {what}Ref="{id}"/></intermediateCatchEvent>'
        )

    def each(one_by_one: bool, enough: str = "") -> str:
        sequential = ' isSequential="true"' if one_by_one else ""
        until = f"<completionCondition>{enough}</completionCondition>" if enough else ""
        return (
            '<callActivity id="ask" calledElement="inner"><extensionElements><heli:give name="who" value="data.who"/>'
            f'<heli:take name="got" from="answer"/></extensionElements><multiInstanceLoopCharacteristics{sequential}>'
            f'<extensionElements><heli:each in="data.people" as="who"/></extensionElements>{until}</multiInstanceLoopCharacteristics></callActivity>'
        )

    table = (
        '<businessRuleTask id="rule"><extensionElements><heli:decision hit="U"><heli:input value="data.who"/><heli:output name="answer"/>'
        + "".join(
            f"<heli:rule><heli:when>'{one}'</heli:when><heli:then>'{one} too'</heli:then></heli:rule>" for one in WIDE
        )
        + "</heli:decision></extensionElements></businessRuleTask>"
    )
    send = (
        task("send", "position finance", moves="")
        .replace("userTask", "sendTask")
        .replace('<heli:form show="name amount" edit=""/>', "")
    )
    both = message("ready") + message("back") + '<signal id="over" name="over"/>'

    def made(id: str, *elements: str, subject: bool = True) -> str:
        found = process(*elements, id=id).replace("<process ", f"{both}<process ", 1)
        return found if subject else found.replace('<heli:subject type="opportunity" right="edit"/>', "")

    def calling(id: str, one_by_one: bool, enough: str = "") -> str:
        return made(
            id, each(one_by_one, enough), throw("ready", "message", "record.id"), catch("back", "message"), throw("over", "signal"),
            "s>ask", "ask>say_ready", "say_ready>hear_back", "hear_back>say_over", "say_over>e",
        )  # fmt: skip

    begun = '<startEvent id="heard"><messageEventDefinition messageRef="ready"/></startEvent>'
    born = (
        made("born", send, "s>send", "send>e")
        .replace('<startEvent id="s"/>', begun)
        .replace('sourceRef="s"', 'sourceRef="heard"')
    )
    return [
        made("inner", table, send, "s>rule", "rule>send", "send>e", subject=False),
        made("beside", catch("ready", "message"), throw("back", "message"), "s>hear_ready", "hear_ready>say_back", "say_back>e"),
        made("ears", catch("over", "signal"), "s>hear_over", "hear_over>e"), born, calling("outer", False), calling("line", True),
        calling("some", False, f"nrOfCompletedInstances = {SOME}"),
    ]  # fmt: skip


def publish(company: Any) -> None:
    from heli.flows import definitions
    from heli.flows.models import Version

    for file in files():
        version = definitions.publish(company.as_("pam"), file.encode())
        if version.state == Version.WAITING:
            definitions.answer(company.as_("boss"), version.pk, True)


def child(what: Callable[[], object]) -> int:
    """A process in a later time than all before it."""
    global _rounds
    _rounds += 1
    ahead = _rounds * LATER

    def inside() -> None:
        from heli.kernel import clock

        real = clock.now
        clock.now = lambda: real() + timedelta(seconds=ahead)
        what()

    return stage.fork(inside)


def work() -> None:
    """All that is due, as a worker does it."""
    from heli.jobs.worker import Worker

    worker = Worker(threading.Event(), f"w{os.getpid()}", own_connection=False)
    quiet = 0
    while quiet < 3:
        quiet = 0 if worker.once() else quiet + 1
        time.sleep(0.01 * quiet)


def work_and_die(point: int, before: bool) -> None:
    from tests.invariants.test_crash_writes import die_at

    die_at(point, before=before)
    work()


def due() -> int:
    from heli.jobs.models import Delivery, Job

    return Job.objects.filter(state="due").count() + Delivery.objects.filter(state="due").count()


def one_seed(company: Any, seed: int) -> dict[str, Any]:
    from heli.flows import begin

    chance = random.Random(seed)
    cases = {}
    deal = company.make("ann", "opportunity", name=f"Deal {seed}", amount="5")
    outer = ("outer", "line", "some")[seed % 3]
    for process in ("beside", "ears", outer):
        data = {"people": list(WIDE)} if process == outer else {}
        cases[process] = begin.begin(company.as_("ann"), begin.Begin(process, deal, data))
    kills = 0
    for _ in range(chance.randint(2, 4)):
        points = [int(1.4 ** chance.uniform(1, 18)) for _ in range(chance.choice((1, 1, 2)))]
        pids = [child(lambda p=point: work_and_die(p, chance.random() < 0.5)) for point in points]
        if chance.random() < 0.3:
            time.sleep(chance.uniform(0, 0.1))
            os.kill(pids[-1], signal.SIGKILL)
        kills += sum(os.WIFSIGNALED(os.waitpid(pid, 0)[1]) for pid in pids)
    for _ in range(20):
        if not due():
            break
        pids = [child(work) for _ in range(chance.choice((1, 2)))]
        for pid in pids:
            os.waitpid(pid, 0)
    return {"seed": seed, "kills": kills, "wrong": wrong(company, cases, outer, deal)}


def wrong(company: Any, cases: dict[str, int], outer: str, deal: str) -> list[str]:
    """Every way in which the tables differ from what must be there."""
    from heli.flows.models import Copied, Happening, Heard, Instance, Wait, Work
    from heli.jobs.models import Delivery, Event, Job
    from heli.notices.models import Notice

    found = [f"{one.task} is {one.state}: {one.error[-300:]}" for one in Job.objects.exclude(state="done")]
    found += [f"a delivery of {one.endpoint} is {one.state}" for one in Delivery.objects.exclude(state="done")]
    above = Instance.objects.get(pk=cases[outer])
    below = list(Instance.objects.filter(parent=above).order_by("parent_number"))
    born = list(Instance.objects.filter(process_code="born", record_id=deal))
    every = [*cases.values(), *(one.pk for one in below), *(one.pk for one in born)]
    states = Counter(Instance.objects.filter(pk__in=every).values_list("process_code", "state"))
    enough = SOME if outer == "some" else len(WIDE)
    ended_ = states.pop(("inner", "completed"), 0)
    needless = states.pop(("inner", "withdrawn"), 0)
    if ended_ + needless != len(below) or ended_ < enough:
        found.append(f"of what was called {ended_} are completed, {needless} needless")
    if states != Counter({(code, "completed"): 1 for code in ("beside", "ears", "born", outer)}):
        found.append(f"cases: {dict(states)}")
    outcomes = Happening.objects.filter(instance=above, what="done", node__isnull=False).values_list(
        "outcome", flat=True
    )
    if ("enough" in outcomes) != (outer == "some") or len(
        [one for one in below if one.outcome == "enough"]
    ) != needless:
        found.append(f"it went on by {list(outcomes)}")
    if [one.parent_number for one in below] != [0, 1, 2] and not (
        enough == len(below) == SOME
    ):  # enough before the last began
        found.append(f"called: {[one.parent_number for one in below]}")
    got = above.data.get("got") or []
    if (
        len(set(got)) != enough
        or not set(got) <= {f"{one} too" for one in WIDE}
        or len(got) != enough
        or (outer == "line" and got != [f"{one} too" for one in WIDE])
    ):
        found.append(f"brought back: {got}")
    told = Counter(Happening.objects.filter(instance_id__in=every).values_list("instance_id", "what"))
    for case, what, n in (
        (above.pk, "called", len(below)), (above.pk, "returned", enough), (above.pk, "heard", 1), (cases["beside"], "heard", 1),
        (cases["ears"], "heard", 1),
    ):  # fmt: skip
        if told[case, what] != n:
            found.append(f"{what} {told[case, what]} times in {case}")
    for case in every:
        if told[case, "begun"] != 1 or told[case, "ended"] != 1 or told[case, "incident"]:
            found.append(
                f"{case}: begun {told[case, 'begun']}, ended {told[case, 'ended']}, incidents {told[case, 'incident']}"
            )
    if Heard.objects.filter(instance_id__in=every).count() != 3:
        found.append("heard otherwise")
    if Wait.objects.filter(instance_id__in=every).exists() or Work.objects.filter(instance_id__in=every).exists():
        found.append("something waits still")
    copies = Copied.objects.filter(instance_id__in=every, person_id=company.people["fin"]).count()
    notices = Counter(Notice.objects.filter(key__in=[str(one) for one in every]).values_list("kind", "person_id"))
    ended = Instance.objects.filter(pk__in=every, initiator_id=company.people["ann"]).count()
    if not enough < copies <= 1 + ended_ + needless or notices["flow_copied", company.people["fin"]] != copies:
        found.append(f"{copies} copies, notices {dict(notices)}")
    if notices["flow_ended", company.people["ann"]] != ended:
        found.append(f"{ended} cases of Ann ended, told {notices['flow_ended', company.people['ann']]}")
    events = Counter(
        Event.objects.filter(object="flow", key__in=[str(one) for one in every]).values_list("type", "key")
    )
    found += [
        f"{case} begun by {events['flow.begin', str(case)]} events"
        for case in every
        if events["flow.begin", str(case)] != 1
    ]
    returned = events["flow.return", str(above.pk)]
    if returned != enough:
        found.append(f"{returned} events of a return")
    return found


def campaign(company: Any, first: str, last: str) -> object:
    publish(company)
    child_free = [one_seed(company, seed) for seed in range(int(first), int(last))]
    return {"seeds": child_free, "audit": stage.audit_is_whole()}


if __name__ == "__main__":
    opened = stage.open_with_processes()
    stage.say(globals()[sys.argv[1]](opened, *sys.argv[2:]))
    sys.exit()

import pytest  # noqa: E402 - the program above has no use for it

pytestmark = [pytest.mark.storage]


def killing(folder: Path, first: int, last: int) -> None:
    said = stage.program(__file__, folder, "campaign", str(first), str(last), seconds=60 + 10 * (last - first))
    stage.survived(said, last - first, 1)


def test_killed_workers_call_and_tell_once(tmp_path: Path) -> None:
    killing(tmp_path, 0, SEEDS)


@pytest.mark.torture
def test_killed_workers_call_and_tell_once_over_many_seeds(tmp_path: Path) -> None:
    killing(tmp_path, 1000, 1000 + TORTURE)
