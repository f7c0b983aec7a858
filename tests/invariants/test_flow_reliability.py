"""Processes under kill -9 and under a crowd: a step is there whole or not at all, an effect once, a vote counted once.

A child does one move and dies before or after its n-th statement; the parent then looks at every table. The program goes on with the
next point until a child lives. Many processes then vote at one node at the same moment.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.invariants import stage
from tests.invariants.test_crash_writes import changed, die_at, state

MOST = 400
VOTERS = 6


def running(company: Any, file: str, **values: str) -> int:
    """A published process with one case of Ann's deal."""
    from heli.flows import begin, definitions
    from heli.flows.models import Version

    version = definitions.publish(company.as_("pam"), file.encode())
    if version.state == Version.WAITING:
        definitions.answer(company.as_("boss"), version.pk, True)
    deal = company.make("ann", "opportunity", **values)
    return begin.begin(company.as_("ann"), begin.Begin("deal", deal))


def open_of(company: Any, instance: int, who: str) -> int:
    from heli.flows.models import Work

    return Work.objects.get(instance_id=instance, person_id=company.people[who], state="open").number


def steps(company: Any) -> dict[str, Callable[[], object]]:
    """Moves of every shape, each on a case of its own."""
    from tests.cases import BESIDE, TWO

    from heli.flows import begin, clockwork, deciding, service
    from heli.flows.models import Timer
    from heli.kernel import clock

    one = running(company, TWO, name="One", amount="5000")
    work = open_of(company, one, "mei")
    begun = company.make("ann", "opportunity", name="Begin", amount="1")
    other = running(company, BESIDE, name="Beside", amount="5000")
    beside = open_of(company, other, "mei")
    deciding.decide(company.as_("mei"), other, beside, deciding.Decision())
    back = open_of(company, other, "fin")
    serving = running(company, SERVED, name="Served")
    deciding.decide(company.as_("mei"), serving, open_of(company, serving, "mei"), deciding.Decision())
    token, node = _standing(serving)
    timed = running(company, TIMED, name="Timed")
    timer = Timer.objects.get(instance_id=timed)
    Timer.objects.update(due_at=clock.now())
    return {
        "begin": lambda: begin.begin(company.as_("ann"), begin.Begin("deal", begun)),
        "approve": lambda: deciding.decide(
            company.as_("mei"), one, work, deciding.Decision(values={"next_follow_on": "2026-12-24"}, text="fine")
        ),
        "reject": lambda: deciding.decide(company.as_("fin"), other, back, deciding.Decision(False, "lead", "again")),
        "service": lambda: service.perform.call(serving, token, node, 1),
        "timer": lambda: clockwork.fire(timer.pk, timed),
    }


def _standing(instance: int) -> tuple[int, int]:
    from heli.flows import store

    found = store.read(instance, lock=False)
    assert found is not None
    token = next(iter(found.state.tokens.values()))
    return token.id, token.node


def _file(*parts: str) -> str:
    from tests.cases import process

    return process(*parts)


LOSE = (
    '<serviceTask id="lose"><extensionElements><heli:does verb="lose"/>'
    '<heli:give name="lost_reason" value="\'price\'"/></extensionElements></serviceTask>'
)


def kill(company: Any, names: str) -> object:
    """Every move at every point; what was killed, and what was wrong after."""
    known = steps(company)
    said = {name: one_step(known[name]) for name in (names.split("|") if names != "all" else known)}
    return {"steps": said, "audit": stage.audit_is_whole()}


def one_step(do: Callable[[], object]) -> dict[str, Any]:
    from heli.audit import log

    began = state()
    wrong: list[str] = []
    kills = late = 0

    def inside() -> None:
        with log.transaction():
            do()

    for point in range(1, MOST):
        for before in (True, False):
            pid = stage.fork(lambda p=point, b=before: (die_at(p, before=b), inside()))
            status = os.waitpid(pid, 0)[1]
            now = state()
            if not os.WIFSIGNALED(status):
                if status or not changed(began, now):
                    wrong.append(f"the move failed, or left nothing, at {point}")
                return {"kills": kills, "late": late, "wrong": wrong + whole(began, now)}
            kills += 1
            if changed(began, now):
                wrong += [f"{'before' if before else 'after'} {point}: {one}" for one in whole(began, now)]
                late += 1
                if before:
                    wrong.append(f"written although killed before statement {point} was sent")
                return {"kills": kills, "late": late, "wrong": wrong}
    return {"kills": kills, "late": late, "wrong": [*wrong, "it never ended"]}


def whole(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """What is there of a step must be all of it: one step of one case, its history, its audit entries and as many events, and rights for
    exactly the work that is open."""
    from heli.access.models import Reach
    from heli.flows.models import Instance, Work

    wrong = []
    entries = len(after["audit_entry"]) - len(before["audit_entry"])
    events = len(after["jobs_event"]) - len(before["jobs_event"])
    if entries < 1 or events != entries:
        wrong.append(f"{entries} entries, {events} events")
    if not changed(before, after) >= {"flows_instance", "flows_happening"}:
        wrong.append(f"only {sorted(changed(before, after))}")
    open_ = {
        (one.person_id, f"work:{one.instance_id}:{one.number}")
        for one in Work.objects.filter(state="open", granted=True, instance__state=Instance.RUNNING).exclude(
            instance__record_id=""
        )
    }
    reached = set(Reach.objects.filter(kind="workitem").values_list("person_id", "source"))
    if open_ != reached:
        wrong.append(f"rights {sorted(reached)} for work {sorted(open_)}")
    return wrong


def votes(company: Any) -> object:
    """Everybody signs, or votes, at one node at the same moment."""
    from heli.flows import deciding
    from heli.flows.models import Happening, Instance, Work
    from heli.kernel.errors import HeliError

    names = ["fin", *(f"v{n}" for n in range(VOTERS - 1))]
    for name in names[1:]:
        company.add(name, "finance", "finance")
    said = {}
    for mode, file in (("all", ALL), ("vote", VOTE)):
        instance = running(company, file, name=mode)

        def sign(number: int, wait: Callable[[], object], instance: int = instance) -> str:
            viewer = company.as_(names[number])
            work = Work.objects.get(instance_id=instance, person_id=company.people[names[number]]).number
            wait()
            try:
                deciding.decide(viewer, instance, work, deciding.Decision())
            except HeliError as error:
                return error.code
            return "signed"

        answers = stage.together(VOTERS, sign)
        rows = Work.objects.filter(instance_id=instance)
        passed = Happening.objects.filter(instance_id=instance, what="done", outcome="approved")
        said[mode] = {
            "answers": sorted(answers), "state": Instance.objects.get(pk=instance).state,
            "approved": rows.filter(outcome="approved").count(), "open": rows.filter(state="open").count(), "passed": passed.count(),
        }  # fmt: skip
    return {"said": said, "audit": stage.audit_is_whole()}


def _task(mode: str) -> str:
    from tests.cases import task

    return task("ask", "position finance", people=f'mode="{mode}" share="1/2"', show="name")


if __name__ == "__main__":
    opened = stage.open_with_processes()
    from tests.cases import task

    SERVED = _file(task("ask", "manager"), LOSE, "s>ask", "ask>lose", "lose>e")
    AFTER = "<timerEventDefinition><timeDuration>P2D</timeDuration></timerEventDefinition>"
    TIMED = _file(
        task("ask", "manager"), f'<boundaryEvent id="late" attachedToRef="ask">{AFTER}</boundaryEvent>', "s>ask", "ask>e", "late>e"
    )  # fmt: skip
    ALL = _file(_task("all"), "s>ask", "ask>e")
    VOTE = _file(_task("vote"), "s>ask", "ask>e")
    stage.say(globals()[sys.argv[1]](opened, *sys.argv[2:]))
    sys.exit()

import pytest  # noqa: E402 - the program above has no use for it

pytestmark = [pytest.mark.storage]


def killed(folder: Path, names: str) -> None:
    said = stage.program(__file__, folder, "kill", names, seconds=580)
    for name, one in said["steps"].items():
        assert one["wrong"] == [], name
        assert one["kills"] >= 10, (name, one)
        assert one["late"] == 1, f"{name}: no child died between its commit and its answer"
    assert said["audit"]["ok"], said["audit"]


def test_a_killed_step_leaves_all_or_nothing(tmp_path: Path) -> None:
    killed(tmp_path, "approve")


@pytest.mark.torture
def test_a_killed_step_leaves_all_or_nothing_whatever_it_was(tmp_path: Path) -> None:
    killed(tmp_path, "all")


def test_a_crowd_at_one_node_is_counted_exactly(tmp_path: Path) -> None:
    said = stage.program(__file__, tmp_path, "votes", seconds=300)
    least = VOTERS // 2
    assert said["said"] == {
        "all": {"answers": ["signed"] * VOTERS, "state": "completed", "approved": VOTERS, "open": 0, "passed": 1},
        "vote": {
            "answers": ["done"] * (VOTERS - least) + ["signed"] * least, "state": "completed", "approved": least, "open": 0, "passed": 1,
        },
    }  # fmt: skip
    assert said["audit"]["ok"]
