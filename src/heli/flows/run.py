"""One step of an instance: one transaction. Lock, step, do what the step asks for, write, audit, tell.

A step is decided in memory by the core; here it meets the company: whom rules find, what the record says, whose rights begin and end.
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

from django.db import transaction

from heli.access import epoch
from heli.access.viewer import Viewer
from heli.audit import again, bulk, log
from heli.audit.log import EntryData
from heli.flows import acts, handing, ladder, library, matters, rights, store, told_of
from heli.flows.core import events as e
from heli.flows.core.definition import Definition, Does, Node, reserved
from heli.flows.core.due import due
from heli.flows.core.expression import ExpressionError, Value
from heli.flows.core.state import Ended, Item, ItemState, State
from heli.flows.core.step import Engine
from heli.flows.core.waiting import NO_LONGER
from heli.flows.finding import Finder
from heli.flows.looking import QUICK, Looking, spoken
from heli.flows.models import Copied, Instance, Timer, Wait
from heli.flows.store import Kept, Said
from heli.insight import company
from heli.jobs.events import EventData
from heli.kernel import clock, quick
from heli.kernel.actor import Actor
from heli.kernel.errors import Conflict, HeliError, Invalid, NotFound, Problem, Refused
from heli.kernel.quick import Row
from heli.kernel.words import Words
from heli.org import zone
from heli.records import act, write
from heli.records.act import Action
from heli.records.work import Work as Act

_HAPPENING = (
    "instance_id",
    "step",
    "at",
    "what",
    "node",
    "round",
    "person_id",
    "acting_for",
    "outcome",
    "text",
    "text_en",
)
TOO_LONG = Words("最多 {n} 个字符", "at most {n} characters")
UNSTORABLE = Words("含有无法保存的字符", "contains a character that cannot be stored")
within: ContextVar[int] = ContextVar("within a process", default=0)
"""The case whose step does something with a record; 0 outside of all."""
MOST_FINDS = 2_000
"""Nodes whose people are looked for in one step: more is a circle on which everybody is passed over."""
LONGEST = 4000
"""Characters of what somebody says with a move."""


type Happened = tuple[str, int | None, int | None, int | None, int | None, str, str, str]
"""What, node, round, person, for whom, outcome, and the two texts: as in ``_HAPPENING``."""


@dataclass
class Run:
    """An instance under its lock, until its transaction ends."""

    row: Instance
    engine: Engine
    state: State
    kept: Kept
    by: Actor
    held: write.Told
    beside: Sequence[Sequence[Row]] = ()
    """What was asked beside it: the company's stamp, and what ``rights_of`` needs."""
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
        stamp = epoch.of_everything(self.beside[0]) if self.beside else None
        return Finder(self.looking, self.row.initiator_id, company.now(stamp))

    def rights_of(self, viewer: Viewer) -> Viewer:
        """The viewer under the rights of this transaction; whoever it was opened for has had them read beside it."""
        return act.current(viewer, self.beside[1:])

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
                self.found |= self.state.items.keys() - known
            for one in commands:
                if isinstance(one, e.Find) and steps > MOST_FINDS:  # everybody on a circle is passed over
                    waiting.append(e.JobFailed(one.token, self.state.tokens[one.token].round, "circle"))
                elif isinstance(one, e.Find):
                    people, skip = self.finder.find(self.definition.nodes[one.node], self._previous())
                    waiting.append(e.Assigned(one.token, people, skip))
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
        done = [one for one in self.state.passed.values() if one.people]
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
        item = self.state.items[event.item]
        node = self.state.tokens[item.token].node
        commands = self.engine.step(self.state.copy(), event, self.looking, self.today)
        return any(isinstance(one, e.Done) and one.node == node and one.outcome == "approved" for one in commands)

    def tell(
        self, what: str, *, node: int | None = None, round_: int | None = None, outcome: str = "", text: str = "", person: int | None = None,
        acting_for: int | None = None, words: Words | None = None,
    ) -> None:  # fmt: skip
        """Note something for the instance's history: ``text`` is what somebody said, ``words`` what the program does."""
        text, english = (words.zh, words.en) if words is not None else (text, "")
        self.happened.append((what, node, round_, person, acting_for, str(outcome), text[:LONGEST], english[:LONGEST]))

    # -- the record ----------------------------------------------------------------------------------------------------

    def change(self, viewer: Viewer, verb: str, values: Mapping[str, Any]) -> None:
        """Do something with the record as this viewer, within this transaction. Raises as the write door does."""
        kind = self.looking.kind
        if kind is None:
            raise NotFound
        self._within(lambda: act.perform(Act.begin(viewer, kind), Action(kind.code, verb, self.row.record_id, values)))

    def do(self, viewer: Viewer, node: Node, asked: Mapping[str, Any]) -> None:
        """Do what a node does, as this viewer; ``asked``: what they bring beside what the process fills in. Raises as the write door
        does, and ExpressionError."""
        kind, does = self.looking.kind, node.does
        if kind is None or does is None:
            raise NotFound
        given = {**asked, **self.given(does)}
        made = self._within(lambda: acts.perform(viewer, kind, self.row.record_id, does, given))
        if made:
            self.tell("made", node=self.definition.places[node.id], person=viewer.person, outcome=f"{does.type}/{made}")

    def _within[T](self, what: Callable[[], T]) -> T:
        inside, before = within.set(self.row.pk), len(self.held)
        self.beside = ()  # what is done may change the organisation
        try:
            found = what()
            for at, (event, entry) in enumerate(
                self.held[before:], before
            ):  # what comes of it knows that it came of itself
                self.held[at] = (replace(event, data={**event.data, **self.origin}), entry)
            return found
        finally:
            within.reset(inside)
            self.looking.forget()

    @property
    def origin(self) -> dict[str, int]:
        """What an event that this step brings about says of where it comes from; nothing where a person did the step. Of a case that has
        been there for a while the row begins anew."""
        if self.by.person is not None:
            return {}
        soon = self.now - self.row.started_at < QUICK
        return {"hops": self.row.depth + 1 if soon else 0, "case": self.row.pk}

    def attempt(self, what: Callable[[Viewer], None]) -> HeliError | None:
        """Do something as the process itself, taken back whole where it is refused; the refusal, if it was."""
        before, told = len(self.held), len(self.happened)
        try:
            with transaction.atomic():
                what(self.itself())
        except HeliError as error:
            del self.held[before:]
            del self.happened[told:]
            self.looking.forget()
            return error
        return None

    def given(self, does: Does) -> dict[str, Any]:
        """What the process fills in of an act: parameters, fields, or the change that was proposed. Raises ExpressionError."""
        if does.verb == acts.CHANGE:
            return self.looking.proposed()
        takes = acts.takes(self.looking.kind, does) if self.looking.kind is not None else {}
        return {
            name: acts.fitting(takes.get(name), spoken(one.value(self.looking, self.today)))
            for name, one in does.gives.items()
        }

    def itself(self) -> Viewer:
        """The process as who acts."""
        return rights.itself(self.row, self.definition)

    def copy(self, node: int) -> None:
        """Tell those whom a sending node's rules find of the instance."""
        here = self.definition.nodes[node]
        self._copied(node, self.finder.find(here, self._previous())[0] if here.task is not None else [])

    def _copied(self, node: int, people: Sequence[int]) -> None:
        people = matters.hearing(self.row, people)
        rows = [Copied(instance_id=self.row.pk, person_id=one, node=node, at=self.now) for one in people]
        Copied.objects.bulk_create(  # who was told before is told anew
            rows,
            update_conflicts=True,
            unique_fields=["instance", "person_id"],
            update_fields=["node", "at", "seen_at"],
        )
        told_of.copied(self.row, people, self.by.person)

    def _tell_of(self, node: int, whom: Literal["consulted", "informed"]) -> None:
        """Tell those who are to be asked, or told, of a step: once in the case's life."""
        task = self.definition.nodes[node].task
        rules = getattr(task, whom) if task is not None else ()
        if rules:
            self._copied(node, sorted(self.finder.ruled(rules, self._previous())))

    # -- writing -------------------------------------------------------------------------------------------------------

    def save(self, what: str, *, text: str = "", told: Mapping[str, Any] | None = None) -> None:
        """Write what the step has left: rows, rights, timers, jobs, history; audit and event last."""
        before = {number for number, one in self.kept.works.items() if one.state == "open"}
        new = [one for number, one in self.kept.items.items() if number not in self.kept.works]
        for one in new:
            if one.id not in self.found and not self._named(one):
                self.ungranted.add(one.id)
        now = {number for number, one in self.state.items.items() if one.state is ItemState.OPEN}
        if self.ended is not None:
            self._end()
        handing.settle(self, self.opened, self.done, text)
        if self.handed:
            told = {
                **(told or {}),
                "packets": [{"node": node, "number": n, "state": state} for node, n, state in self.handed],
            }
        lines = store.writing(
            self.row, self.state, self.kept, self.now, self.said, self._due, self._first, self.ungranted, self.more
        )
        lines += rights.closing(self.row, before - now)
        for number in sorted(now - before):
            item, theirs = self.state.items[number], None
            place = self.state.tokens[item.token].node
            if self.matter is not None and self.step(place):  # it gives no cell
                if not self.matter.tells:
                    lines += told_of.opening(self.row, place, number, [item.person], self.by.person)
                continue
            if number not in self.ungranted and getattr(self.kept.works.get(number), "granted", True):
                theirs, more = rights.opening(self.row, place, number, item.person)
                lines += more
            lines += told_of.opening(self.row, place, number, theirs or [item.person], self.by.person)
        begun = (self.row.pk, self.state.version, quick.moment(self.now))
        happened = [(*begun, *one) for one in self.happened]
        lines += bulk.statements("flows_happening", _HAPPENING, happened)
        quick.together(quick.one(lines))
        self._timers()
        self._waits()
        if self.ended is not None and self.matter is None and not self.row.hidden:
            told_of.ended(self.row, self.by.person)
        codes = {outcome for what, *_, outcome, _zh, _en in self.happened if what == "incident"}
        if codes and not self.row.hidden:
            for why in codes.intersection(told_of.BOUNDS):
                told_of.bounded(self.row.version, why, self.row)
            if not codes <= set(told_of.BOUNDS):
                told_of.halted(self.row, self.state.version)
        self._jobs()
        self._told(what, text, told or {})
        self._cancel()
        if self.matter is not None:
            at = frozenset(filter(None, (self.step(one.node) for one in self.state.tokens.values())))
            self.matter.settled(self.row.record_id, matters.Settled(at, self.ended, self.by, text))

    def _cancel(self) -> None:
        """End the cases for which this one no longer waits: after itself, so that locks go from above downwards."""
        if not self.left:
            return
        enough = dict(self.left)
        cases = Instance.objects.filter(parent_id=self.row.pk, parent_token__in=enough, state=Instance.RUNNING)
        for case, token in cases.order_by("pk").values_list("pk", "parent_token"):
            with opened(case, self.by) as below:
                below.send(e.Cancel("enough", NO_LONGER) if enough[token or 0] else e.Cancel())
                below.save("cancel", told={"enough": True} if enough[token or 0] else None)

    def _jobs(self) -> None:
        """What others do about this step, after it: services, cases that it begins, what it says, and who waits for its end."""
        from heli.flows import hearing, service  # which take this up again

        row = self.row
        for token, node, round_ in self.jobs:
            service.perform.enqueue(row.pk, token, node, round_)
        for one in self.called:
            service.call.enqueue(row.pk, one.token, one.node, one.round, one.number, spoken(one.thing))
        for at, said_ in enumerate(self.thrown):
            throws = self.definition.nodes[said_.node].throws
            assert throws is not None
            key = self._key(said_.key)
            cause = f"{row.pk}:{self.state.version}:{at}"
            hearing.spread.enqueue(throws.kind, throws.name, key, cause, row.initiator_id, None, self.origin)
        if self.ended not in (None, Ended.WITHDRAWN) and row.parent_id is not None:
            service.returned.enqueue(row.pk)

    def _key(self, key: Value) -> str:
        """To whom a message is addressed: left out, to the record that the case is about, or to the case."""
        return str(spoken(key))[:200] if key is not None else self.row.record_id or str(self.row.pk)

    def _waits(self) -> None:
        for (token, node), one in self.waits.items():
            Wait.objects.filter(instance_id=self.row.pk, token=token, node=node).delete()
            hears = self.definition.nodes[node].hears
            if one is not None and hears is not None:
                key = self._key(one.key) if hears.kind == "message" else ""
                Wait.objects.create(
                    instance_id=self.row.pk, token=token, node=node, round=one.round, kind=hears.kind, name=hears.name, key=key,
                    by=hears.by,
                )  # fmt: skip

    def _named(self, item: Item) -> bool:
        """Whether the node's rules or candidates name the person of an added piece of work."""
        node, _ = self.kept.nodes[item.token]
        return item.person in self.finder.named(self.definition.nodes[node], self._previous())

    def _due(self, node: int) -> dt.datetime | None:
        """Until when work that is opened now is to be done: in working time."""
        task = self.definition.nodes[node].task
        return ladder.due(task, self.now) if task is not None else None

    def _first(self, node: int, until: dt.datetime | None) -> dt.datetime | None:
        """When somebody is told first of the time that it takes."""
        task = self.definition.nodes[node].task
        return ladder.first(task, until) if task is not None else None

    def _timers(self) -> None:
        for (token, node), one in self.timers.items():
            Timer.objects.filter(instance_id=self.row.pk, token=token, node=node).delete()
            if one is not None:
                round_, at = one
                Timer.objects.create(instance_id=self.row.pk, token=token, node=node, round=round_, due_at=at)

    def _end(self) -> None:
        """What the process does with its record when it ends otherwise than by being completed."""
        subject = self.definition.subject
        if subject is None or self.row.part or self.looking.record is None:
            return
        verb = {Ended.REJECTED: subject.rejected, Ended.WITHDRAWN: subject.withdrawn}.get(
            self.ended or Ended.COMPLETED, ""
        )
        if not verb:
            return
        error = self.attempt(lambda itself: self.change(itself, verb, {}))
        if (
            error is not None
        ):  # the case is over all the same: the record stands where it stood, and the history says why
            self.tell("incident", outcome="end", words=error.words)

    def _told(self, what: str, text: str, told: Mapping[str, Any]) -> None:
        after = {
            "process": self.row.process_code, "version": self.row.version.number, "type": self.row.type or None,
            "record": self.row.record_id or None, "at": [self.definition.nodes[one.node].element for one in self.state.tokens.values()],
            "state": self.row.state, **told,
        }  # fmt: skip
        entry = EntryData(
            action=f"flow.{what}", object_type="flow", object_id=str(self.row.pk), actor_id=self.by.person, actor_name=self.by.name,
            acting_for_id=self.by.acting_for, origin=self.by.origin, via=self.by.via, reason=text[:LONGEST], after=after,
        )  # fmt: skip
        data = {"type": self.row.type, "record": self.row.record_id}
        write.tell(EventData(f"flow.{what}", "flow", str(self.row.pk), data), entry)


@contextmanager
def opened(instance: int, by: Actor, viewer: Viewer | None = None) -> Iterator[Run]:
    """An instance under its lock, in the caller's transaction; audit and events of all that is done with it come last. Raises NotFound.
    ``viewer``: for whom, when their rights are asked next (``rights_of``)."""
    with write.held() as told:
        asked = [epoch.EVERYONE, *act.holding(viewer)] if viewer is not None else []
        found = store.read(instance, beside=asked)
        if found is None:
            raise NotFound
        row = found.row
        try:
            yield Run(row, library.of(row), found.state, found.kept, by, told, found.beside)
        except BaseException:
            told.clear()
            raise


def in_one[T](what: Callable[[], T]) -> T:
    """Do it in one transaction, again where a deadlock ended it."""

    def whole() -> T:
        with log.transaction():
            return what()

    return again.until_done(whole)


def audited[T](viewer: Viewer, what: str, instance: int | None, whole: Callable[[], T]) -> T:
    """A move in one transaction; one that is refused is audited in a transaction of its own, as every refused write is."""
    try:
        return in_one(whole)
    except (Refused, Conflict) as error:
        entry = EntryData(
            action=f"flow.{what}", object_type="flow", object_id=str(instance or ""), actor_id=viewer.person, actor_name=viewer.name,
            acting_for_id=viewer.actor.acting_for, outcome="refused", origin=viewer.actor.origin, reason=error.words.en,
        )  # fmt: skip
        log.append_alone(entry)
        raise


def said(text: str, place: str = "text") -> str:
    """What somebody says with a move. Raises Invalid."""
    if len(text) > LONGEST:
        raise Invalid(Problem(place, "too_long", TOO_LONG.fill(n=LONGEST)))
    if "\0" in text:
        raise Invalid(Problem(place, "unicode", UNSTORABLE))
    return text.strip()


def acting(viewer: Viewer, principal: int | None) -> Viewer:
    """The viewer with the name of whom they stand in for on their acts."""
    return viewer if principal is None else replace(viewer, actor=replace(viewer.actor, acting_for=principal))


__all__ = ["Run", "acting", "audited", "in_one", "opened", "said"]
