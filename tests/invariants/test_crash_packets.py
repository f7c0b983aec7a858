"""Hand-offs under kill -9: a packet is gathered, handed over, taken back, returned and accepted whole or not at all, and each once.

A seed takes one case through some rounds: a file is added, the packet handed over, then taken back, returned with a reason, or accepted. Each
act is tried by children that die before or after their n-th statement or commit, sometimes two beside each other; after each, the case stands
as before the act or as after it, in every table that tells of it. What was done is tried once more and changes nothing.
"""

from __future__ import annotations

import os
import random
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.invariants import stage

SEEDS, TORTURE = 4, 120
ROUNDS = 3
"""Times at most that one case is handed over."""
TRIES = 4
"""Children at most that are to die at one act."""
NOTE, WHY, NEXT = "by the end of the year", "the scope is not signed", "2026-12-24"


@dataclass
class Told:
    """What must be told of a case: its packets in order, whose turn it is, what the record and its people have got."""

    packets: list[list[Any]] = field(default_factory=list)
    """State, who handed over, who answered, the reason, notes, files, fields."""
    turn: dict[str, str] = field(default_factory=lambda: {"prepare": "ann"})
    files: list[str] = field(default_factory=list)
    heard: Counter[str] = field(default_factory=Counter)
    """How often each was told that work is theirs."""

    def draft(self) -> list[Any]:
        if not self.packets or self.packets[-1][0] != "draft":
            notes, files = (self.packets[-1][4], self.packets[-1][5]) if self.packets else ({}, [])
            self.packets.append(["draft", None, None, "", dict(notes), list(files), {}])
        return self.packets[-1]

    def after(self, act: str, amount: str) -> Told:
        """The same once this was done."""
        one = Told(
            [[*p[:4], dict(p[4]), list(p[5]), dict(p[6])] for p in self.packets],
            dict(self.turn),
            list(self.files),
            Counter(self.heard),
        )
        if act == "attach":
            one.files.append(f"scope{len(one.files)}.txt")
            one.draft()[5].append(one.files[-1])
            return one
        if act == "hand":
            draft = one.draft()
            draft[:2] = ["handed", "ann"]
            draft[4], draft[6] = {"promised": NOTE}, {"name": "Deal", "amount": amount, "next_follow_on": NEXT}
            one.turn, who = {"receive": "sue"}, "sue"
        elif act == "accept":
            one.packets[-1][0], one.packets[-1][2] = "accepted", "sue"
            one.turn, who = {"after": "fin"}, "fin"
        else:
            back = act == "return"
            one.packets[-1][0] = "returned" if back else "dropped"
            one.packets[-1][2:4] = ["sue", WHY] if back else [None, ""]
            one.turn, who = {"prepare": "ann"}, "ann" if back else ""
        one.heard += Counter([who] if who else [])
        return one


def found(company: Any, case: int, deal: str) -> Told:
    """The same by the tables."""
    from heli.flows import library
    from heli.flows.models import Instance, Packet, Work
    from heli.notices.models import Notice
    from heli.records.models import Attachment

    names = {pk: name for name, pk in company.people.items()}
    row = Instance.objects.select_related("version__process").get(pk=case)
    packets = [
        [p.state, names.get(p.by_id), names.get(p.answered_by), p.reason, p.notes, [f.name for f in p.files.order_by("pk")], p.fields]
        for p in Packet.objects.filter(instance_id=case).order_by("number")
    ]  # fmt: skip
    nodes = library.definition(row.version).nodes
    turn = {nodes[one.node].id: names[one.person_id] for one in Work.objects.filter(instance_id=case, state="open")}
    files = Attachment.objects.filter(type="opportunity", record_id=deal).order_by("pk").values_list("name", flat=True)
    told = Notice.objects.filter(kind="flow_work", key=str(case)).values_list("person_id", flat=True)
    return Told(packets, turn, list(files), Counter(names[one] for one in told))


def beside(company: Any, case: int, deal: str) -> list[str]:
    """What else must hold after whatever has died: rights for exactly the work that is open, each act audited and told once, and of the record's
    files whoever receives them reads those that were handed over."""
    from heli.access.models import Reach
    from heli.audit.models import Entry
    from heli.flows.models import PacketFile, Work
    from heli.jobs.models import Event
    from heli.kernel.errors import NotFound, Refused
    from heli.records import files

    wrong = []
    work = {(one.person_id, f"work:{case}:{one.number}") for one in Work.objects.filter(instance_id=case, state="open")}
    reached = set(
        Reach.objects.filter(kind="workitem", source__startswith=f"work:{case}:").values_list("person_id", "source")
    )
    if work != reached:
        wrong.append(f"rights {sorted(reached)} for work {sorted(work)}")
    entries = Entry.objects.filter(object_type="flow", object_id=str(case), outcome="done").count()
    events = Event.objects.filter(object="flow", key=str(case)).count()
    if entries != events:
        wrong.append(f"{entries} entries, {events} events")
    handed = set(
        PacketFile.objects.filter(packet__instance_id=case, packet__state="handed").values_list("file", flat=True)
    )
    try:
        seen = {one.id for one in files.listed(company.as_("sue"), "opportunity", deal)}
    except (NotFound, Refused):
        seen = set()
    if seen != handed:
        wrong.append(f"Sue reads {sorted(seen)} of the handed {sorted(handed)}")
    return wrong


def act(company: Any, name: str, case: int, number: int, amount: str, file: str) -> None:
    """Do it, as who does it."""
    from heli.flows import deciding, gathering, moves

    if name == "attach":
        gathering.attach(company.as_("ann"), case, number, "receive", "scope", file, [b"signed"])
    elif name == "hand":
        values = {"amount": amount, "next_follow_on": NEXT}
        packets = {"receive": {"notes": {"promised": NOTE}}}
        deciding.decide(company.as_("ann"), case, number, deciding.Decision(values=values, packets=packets))
    elif name == "take_back":
        moves.take_back(company.as_("ann"), case, "prepare")
    else:
        accept = name == "accept"
        deciding.decide(
            company.as_("sue"),
            case,
            number,
            deciding.Decision(accept, None if accept else "prepare", "" if accept else WHY),
        )


def tried(company: Any, *said: Any) -> None:
    """What may be refused because it has been done already."""
    from heli.kernel.errors import HeliError

    try:
        act(company, *said)
    except HeliError:
        return


def child(what: Callable[[], object], point: int, *, before: bool) -> int:
    from tests.invariants.test_crash_writes import die_at

    def inside() -> None:
        if point:
            die_at(point, before=before)
        what()

    return stage.fork(inside)


def plan(chance: random.Random) -> list[str]:
    acts = []
    for number in range(chance.randint(1, ROUNDS)):
        acts += ["attach"] * (chance.randint(1, 2) if number == 0 else chance.randint(0, 1))
        acts += ["hand", chance.choice(("take_back", "return", "return"))]
    return [*acts[:-1], "accept"]


def one_seed(company: Any, seed: int) -> dict[str, Any]:
    from heli.flows import begin
    from heli.flows.models import Work

    chance = random.Random(seed)
    deal = company.make("ann", "opportunity", name="Deal", amount="500")
    case = begin.begin(company.as_("ann"), begin.Begin("handed", deal))
    now, kills, wrong = Told(), 0, list[str]()
    for step, name in enumerate(plan(chance)):
        amount = f"{chance.randint(2000, 9000)}.00"
        number = Work.objects.get(instance_id=case, state="open").number
        after = now.after(name, amount)
        said = (name, case, number, amount, after.files[-1] if after.files else "")
        for attempt in range(TRIES + 1):
            sure = attempt == TRIES
            points = [0] if sure else [int(1.3 ** chance.uniform(1, 17)) for _ in range(chance.choice((1, 1, 2)))]
            pids = [child(lambda s=said: tried(company, *s), point, before=chance.random() < 0.5) for point in points]
            kills += sum(os.WIFSIGNALED(os.waitpid(pid, 0)[1]) for pid in pids)
            there = found(company, case, deal)
            if name == "attach" and there.files[len(now.files) :] == [said[4]] * 2:  # two beside each other, both done
                now.draft()[5].append(said[4])
                now.files.append(said[4])
                after = now.after(name, amount)
                after.files[-1] = after.packets[-1][5][-1] = said[4]
            if there not in (now, after):
                wrong.append(f"{step} {name}: {there} is neither {now} nor {after}")
            wrong += [f"{step} {name}: {one}" for one in beside(company, case, deal)]
            if there == after or wrong:
                break
        else:
            wrong.append(f"{step} {name} was never done")
        if wrong:
            break
        now = after
        if name != "attach" and chance.random() < 0.5:  # pressed once more
            tried(company, *said)
            if found(company, case, deal) != now:
                wrong.append(f"{step} {name}: twice is not once")
    return {"seed": seed, "kills": kills, "wrong": wrong}


def campaign(company: Any, first: str, last: str) -> object:
    from tests.api.test_hand_offs import HANDED

    from heli.flows import definitions
    from heli.flows.models import Version

    version = definitions.publish(company.as_("pam"), HANDED.encode())
    if version.state == Version.WAITING:
        definitions.answer(company.as_("boss"), version.pk, True)
    return {
        "seeds": [one_seed(company, seed) for seed in range(int(first), int(last))],
        "audit": stage.audit_is_whole(),
    }


if __name__ == "__main__":
    opened = stage.open_with_processes()
    stage.say(globals()[sys.argv[1]](opened, *sys.argv[2:]))
    sys.exit()

import pytest  # noqa: E402 - the program above has no use for it

pytestmark = [pytest.mark.storage]


def killing(folder: Path, first: int, last: int) -> None:
    said = stage.program(__file__, folder, "campaign", str(first), str(last), seconds=60 + 20 * (last - first))
    stage.survived(said, last - first, 2)


def test_killed_hand_offs_are_whole_or_not_at_all(tmp_path: Path) -> None:
    killing(tmp_path, 0, SEEDS)


@pytest.mark.torture
def test_killed_hand_offs_are_whole_or_not_at_all_over_many_seeds(tmp_path: Path) -> None:
    killing(tmp_path, 1000, 1000 + TORTURE)
