"""A case in memory, under its lock: one step after another by the core, with the people, times and copies that it asks for noted, not written."""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from heli.access import epoch
from heli.access.viewer import Viewer
from heli.flows import matters, rights
from heli.flows.core import events as e
from heli.flows.core.definition import Definition, reserved
from heli.flows.core.due import due
from heli.flows.core.expression import ExpressionError
from heli.flows.core.state import Ended, State
from heli.flows.core.step import Engine
from heli.flows.finding import Finder
from heli.flows.looking import Looking, spoken
from heli.flows.models import Copied, Instance
from heli.flows.store import Kept, Said
from heli.insight import company
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.kernel.quick import Row
from heli.kernel.words import Words
from heli.org import zone
from heli.records import act, write

MOST_FINDS = 2_000
"""Nodes whose people are looked for in one step: more is a circle on which everybody is passed over."""
LONGEST = 4000
"""Characters of what somebody says with a move."""


type Happened = tuple[str, int | None, int | None, int | None, int | None, str, str, str]
"""What, node, round, person, for whom, outcome, and the two texts: as the history keeps them."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What was asked in the round trip that locked an instance: the company's stamp, who stands in for whom, and what ``rights_of`` needs."""

    company: epoch.Stamp
    standing: rights.Standing | None
    holding: Sequence[Sequence[Row]]


@dataclass
class Stepping:
    """An instance under its lock, until its transaction ends."""

    row: Instance
    engine: Engine
    state: State
    kept: Kept
    by: Actor
    held: write.Told
    beside: Beside | None = None
    """What was asked beside it; None when it may have changed since."""
    now: dt.datetime = field(default_factory=clock.now)
    said: dict[int, Said] = field(default_factory=dict)
    happened: list[Happened] = field(default_factory=list)
    ungranted: set[int] = field(default_factory=set)
    found: set[int] = field(default_factory=set)
    """Items whose people the node's own rules have found in this step."""
    timers: dict[tuple[int, int], tuple[int, dt.datetime] | None] = field(default_factory=dict)
    waits: dict[tuple[int, int], e.Awaits | None] = field(default_factory=dict)
    jobs: list[tuple[int, int, int]] = field(default_factory=list)
    called: list[e.Called] = field(default_factory=list)
    thrown: list[e.Thrown] = field(default_factory=list)
    left: list[tuple[int, bool]] = field(default_factory=list)
    """Tokens that no longer wait for the cases that they have begun, and whether enough of these have ended."""
    copies: list[tuple[int, int]] = field(default_factory=list)
    """Who is to be told that they may follow it, and by which node."""
    done: list[tuple[int, str]] = field(default_factory=list)
    """Nodes that this step has done, and how."""
    opened: set[int] = field(default_factory=set)
    """Nodes at which it has opened work."""
    handed: list[tuple[str, int, str]] = field(default_factory=list)
    """What has become of packets: node, number, state."""
    more: bool = False
    """Whether its data or its outcome has changed."""
    ended: Ended | None = None

    @property
    def definition(self) -> Definition:
        return self.engine.definition

    @cached_property
    def looking(self) -> Looking:
        return Looking(self.row)

    @cached_property
    def finder(self) -> Finder:
        stamp = self.beside.company if self.beside is not None else None
        return Finder(self.looking, self.row.initiator_id, company.now(stamp))

    def rights_of(self, viewer: Viewer) -> Viewer:
        """The viewer under the rights of this transaction; whoever it was opened for has had them read beside it."""
        return act.current(viewer, self.beside.holding if self.beside is not None else ())

    @cached_property
    def today(self) -> dt.date:
        return zone.here(self.now).date()

    @property
    def matter(self) -> matters.Matter | None:
        """What it is about, when that is no record."""
        return matters.MATTERS.get(self.row.type)

    def step(self, place: int) -> str:
        """The step of its matter that a node does; empty for every other node."""
        return matters.step(self.row.type, self.definition.nodes[place])

    # -- stepping ------------------------------------------------------------------------------------------------------

    def send(self, event: e.Event) -> list[e.Command]:
        """Apply an event, and find the people that it asks for. Raises what the core raises; the transaction then goes."""
        log_: list[e.Command] = []
        waiting: deque[e.Event] = deque([event])
        steps = 0
        while waiting:
            next_, known = waiting.popleft(), set(self.state.items)
            steps += 1
            commands = self.engine.step(self.state, next_, self.looking, self.today)
            self.kept.note(self.state)
            if isinstance(next_, e.Assigned):
                new = self.state.items.keys() - known  # who took their own back may be somebody whom no rule finds
                self.found |= {one for one in new if self.state.items[one].person in next_.people}
            for one in commands:
                if isinstance(one, e.Find) and steps > MOST_FINDS:  # everybody on a circle is passed over
                    waiting.append(e.JobFailed(one.token, self.state.tokens[one.token].round, "circle"))
                elif isinstance(one, e.Find):
                    found = self.finder.find(self.definition.nodes[one.node], self._previous())
                    for left, to in found.instead:
                        self.tell("reassigned", node=one.node, person=to, acting_for=left)
                    waiting.append(e.Assigned(one.token, found.people, found.skip))
                elif isinstance(one, e.Timed):
                    waiting.extend(self._timed(one))
                else:
                    self._note(one)
            log_ += commands
        return log_

    def _timed(self, one: e.Timed) -> list[e.Event]:
        """Note when a timer is due; what comes of it where that cannot be said."""
        timer = self.definition.nodes[one.node].timer
        assert timer is not None
        try:
            at = due(timer, one.value, self.now, zone.here(self.now).tzinfo)
        except ExpressionError as error:
            return [e.JobFailed(one.token, one.round, "value", error.words)]
        self.timers[one.token, one.node] = (one.round, at)
        return []

    def _previous(self) -> tuple[int, ...]:
        """Who did the last node that people did."""
        done = [one for one in self.state.passed.values() if one.people and one.back is None]
        return max(done, key=lambda one: one.at).people if done else (self.row.initiator_id,)

    def _note(self, one: e.Command) -> None:
        match one:
            case e.Awaits(token=token, node=node):
                self.waits[token, node] = one
            case e.Untimed(token=token, node=node) if self.definition.nodes[node].hears is not None:
                self.waits[token, node] = None
            case e.Untimed(token=token, node=node):
                self.timers[token, node] = None
            case e.Called():
                self.called.append(one)
            case e.Thrown():
                self.thrown.append(one)
            case e.Noted(name=name, value=value):
                self.keep(name, spoken(value))
            case e.Dropped(token=token, node=node, enough=enough) if self.definition.nodes[node].call is not None:
                self.left.append((token, enough))
            case e.Job(token=token, node=node, round=round_):
                self.jobs.append((token, node, round_))
            case e.Done(node=node, round=round_, people=people, outcome=outcome, said=said):
                self.done.append((node, outcome))
                person = people[0] if people else None
                self.tell("done", node=node, round_=round_, outcome=outcome, person=person, words=said)
                self._tell_of(node, "informed")
            case e.Opened(node=node):
                self.opened.add(node)
                self._tell_of(node, "consulted")
            case e.Incident(node=node, code=code, said=said):
                self.tell("incident", node=node, outcome=code, words=said)
            case e.Finished(how=how, code=code, said=said):
                self.ended = how
                if code:
                    self.row.outcome, self.more = code[:80], True
                self.tell("ended", outcome=how, text=code, words=said)

    def keep(self, name: str, value: Any) -> None:
        """Note a value (JSON) in the case's data, never in the place of what is kept there for the case itself."""
        if reserved(name):
            return
        self.row.data = {**self.row.data, name: value}
        self.more = True

    @property
    def gone(self) -> bool:
        """Whether its record has been deleted."""
        return self.looking.kind is not None and self.looking.record is None

    def barred(self, place: int) -> int | None:
        """Who may not decide this node, whoever hands it to them: who began it, where the node says so."""
        task = self.definition.nodes[place].task
        return self.row.initiator_id if task is not None and task.self != "allow" else None

    def would_pass(self, event: e.Decide) -> bool:
        """Whether this decision is the one that approves its node: then the node's verb is due."""
        return self.engine.passes(self.state, event, self.looking, self.today)

    def tell(
        self, what: str, *, node: int | None = None, round_: int | None = None, outcome: str = "", text: str = "", person: int | None = None,
        acting_for: int | None = None, words: Words | None = None,
    ) -> None:  # fmt: skip
        """Note something for the instance's history: ``text`` is what somebody said, ``words`` what the program does."""
        text, english = (words.zh, words.en) if words is not None else (text, "")
        self.happened.append((what, node, round_, person, acting_for, str(outcome), text[:LONGEST], english[:LONGEST]))

    def copy(self, node: int) -> None:
        """Tell those whom a sending node's rules find of the instance."""
        here = self.definition.nodes[node]
        self._copied(node, self.finder.find(here, self._previous()).people if here.task is not None else [])

    def _copied(self, node: int, people: Sequence[int]) -> None:
        people = matters.hearing(self.row, people)
        rows = [Copied(instance_id=self.row.pk, person_id=one, node=node, at=self.now) for one in people]
        Copied.objects.bulk_create(  # who was told before is told anew
            rows,
            update_conflicts=True,
            unique_fields=["instance", "person_id"],
            update_fields=["node", "at", "seen_at"],
        )
        rights.copied(self.row, node, self.definition.nodes[node], people)
        self.copies += [(who, node) for who in people]

    def _tell_of(self, node: int, whom: Literal["consulted", "informed"]) -> None:
        """Tell those who are to be asked, or told, of a step: once in the case's life."""
        task = self.definition.nodes[node].task
        rules = getattr(task, whom) if task is not None else ()
        if rules:
            self._copied(node, sorted(self.finder.ruled(rules, self._previous())))
