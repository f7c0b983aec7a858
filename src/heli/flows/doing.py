"""What a step does with the case's record: as somebody, or as the process itself; whatever comes of it knows that it came of the case."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

from django.db import transaction

from heli.access.view import project_role
from heli.access.viewer import Viewer
from heli.flows import acts, rights
from heli.flows.core import events as e
from heli.flows.core.definition import Does, Node
from heli.flows.looking import QUICK, spoken
from heli.flows.models import Happening
from heli.flows.stepping import Stepping
from heli.kernel.errors import HeliError, NotFound
from heli.records import act
from heli.records.act import Action
from heli.records.work import Work as Act

DELETED, MADE, JOINED = "deleted", "made", "joined"
"""What happens in a case whose step deletes its record, makes another, or makes who approves it part of a project."""
within: ContextVar[int] = ContextVar("within a process", default=0)
"""The case whose step does something with a record; 0 outside of all."""


class Doing(Stepping):
    """A case under its lock that may do something with its record."""

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
        if does.verb == acts.DELETE:
            self.tell(DELETED, node=self.definition.places[node.id], person=viewer.person)
        if made:
            self.tell(MADE, node=self.definition.places[node.id], person=viewer.person, outcome=f"{does.type}/{made}")

    def _note(self, one: e.Command) -> None:
        super()._note(one)
        if isinstance(one, e.Done) and one.people and one.outcome == "approved":
            self._join(one.node, one.people)

    def _join(self, place: int, people: Sequence[int]) -> None:
        """Whoever has approved a node takes part in the project from now on, where it says so: given by the process, since nobody takes
        themselves in. Who is in it is left as they are; where there is no project that takes members nobody joins."""
        node = self.definition.nodes[place]
        project = self._project() if node.task is not None and node.task.joins else None
        if project is None or node.task is None:
            return
        role, by = node.task.joins, self.itself().actor
        for who in people:
            if acts.join(by, project, who, role):
                said = project_role(role)
                self.tell(JOINED, node=place, person=who, outcome=f"{acts.PROJECT}/{project}", words=said)
                self.beside = None
                self.__dict__.pop("finder", None)  # who does what comes next may be found by their part in it

    def _project(self) -> str | None:
        """The project that the case has made; where it has made none, that of its record."""
        begins = f"{acts.PROJECT}/"
        made = [outcome for what, *_, outcome, _zh, _en in self.happened if what == MADE and outcome.startswith(begins)]
        if not made and self.row.pk:
            told = Happening.objects.filter(instance_id=self.row.pk, what=MADE, outcome__startswith=begins)
            made = list(told.order_by("pk").values_list("outcome", flat=True))
        if made:
            return made[-1].removeprefix(begins)
        return (self.looking.record or {}).get("project_id")

    def _within[T](self, what: Callable[[], T]) -> T:
        inside, before = within.set(self.row.pk), len(self.held)
        self.beside = None  # what is done may change the organisation
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
