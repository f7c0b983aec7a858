"""One step of an instance: one transaction. Lock, step, do what the step asks for, write, audit, tell.

A step is decided in memory by the core; here it meets the company: whom rules find, what the record says, whose rights begin and end.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from heli.access import epoch
from heli.access.viewer import Viewer
from heli.audit import again, bulk, log
from heli.audit.log import EntryData
from heli.flows import handing, ladder, library, matters, rights, store, told_of
from heli.flows.core import events as e
from heli.flows.core.expression import Value
from heli.flows.core.state import Ended, Item, ItemState
from heli.flows.core.waiting import NO_LONGER
from heli.flows.doing import Doing
from heli.flows.looking import spoken
from heli.flows.models import Instance, Timer, Wait
from heli.flows.stepping import LONGEST, Beside
from heli.jobs.events import EventData
from heli.kernel import quick
from heli.kernel.actor import Actor
from heli.kernel.errors import Conflict, Invalid, NotFound, Problem, Refused
from heli.kernel.quick import Statement
from heli.kernel.storable import UNSTORABLE, storable
from heli.kernel.words import Words
from heli.records import act, readers, write
from heli.records.types import TYPES

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


class Run(Doing):
    """An instance under its lock, until its transaction ends; ``save`` writes what its steps have left."""

    def save(self, what: str, *, text: str = "", told: Mapping[str, Any] | None = None, last: bool = False) -> None:
        """Write what the step has left: rows, rights, timers, jobs, history; audit and event last. ``last``: nothing is asked of it in this
        transaction any more, so that it may be written with these."""
        before = {number for number, one in self.kept.works.items() if one.state == "open"}
        standing = self.beside.standing if self.beside is not None else None
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
                theirs, more = rights.opening(self.row, place, number, item.person, standing)
                lines += more
            lines += told_of.opening(self.row, place, number, theirs or [item.person], self.by.person)
        begun = (self.row.pk, self.state.version, quick.moment(self.now))
        happened = [(*begun, *one) for one in self.happened]
        lines += bulk.statements("flows_happening", _HAPPENING, happened)
        lines = quick.one(lines)
        codes = {outcome for what, *_, outcome, _zh, _en in self.happened if what == "incident"}
        follows = (
            self.timers,
            self.waits,
            self.jobs,
            self.called,
            self.thrown,
            self.left,
            self.ended,
            self.matter,
            self.copies,
        )
        if last and not codes and not any(follows):
            self.held.first += lines
            self._told(what, text, told or {})
            return
        quick.together(lines)
        self._timers()
        self._waits()
        tells = self.ended is not None and self.matter is None and not self.row.hidden
        # who began it is told of its end, and need not be told beside that how it came there
        for node in dict.fromkeys(node for _, node in self.copies):
            people = [who for who, at in self.copies if at == node and not (tells and who == self.row.initiator_id)]
            told_of.copied(self.row, people, self.by.person, node)
        self.copies = []
        if tells:
            told_of.ended(self.row, self.by.person)
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
        """Until when work that is opened now is to be done: when its matter says, else in working time."""
        place = self.definition.nodes[node]
        said = matters.due(self.row.type, self.row.record_id, place)
        return said or (ladder.due(place.task, self.now) if place.task is not None else None)

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
        about = store.about(instance)
        record = _asking(*about) if about is not None else None
        asked = [epoch.EVERYONE, rights.standing(), *(act.holding(viewer) if viewer is not None else ())]
        found = store.read(instance, beside=[*asked, *([record] if record is not None else [])])
        if found is None:
            raise NotFound
        row = found.row
        everyone, standing, *holding = found.beside[: len(asked)]
        beside = Beside(epoch.of_everything(everyone), rights.stand(standing), holding)
        run = Run(row, library.of(row), found.state, found.kept, by, told, beside)
        if record is not None and about == (row.type, row.record_id):
            run.looking.known(readers.row_in(TYPES[row.type], found.beside[-1]))
        try:
            yield run
        except BaseException:
            told.clear()
            raise


def _asking(type_: str, record: str) -> Statement | None:
    """What asks for the record of a case; None where it has none."""
    return readers.asking_row(TYPES[type_], record) if type_ in TYPES and record else None


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
    if not storable(text):
        raise Invalid(Problem(place, "unicode", UNSTORABLE))
    return text.strip()


def acting(viewer: Viewer, principal: int | None) -> Viewer:
    """The viewer with the name of whom they stand in for on their acts."""
    return viewer if principal is None else replace(viewer, actor=replace(viewer.actor, acting_for=principal))


__all__ = ["Run", "acting", "audited", "in_one", "opened", "said"]
