"""Going back: what a rejection undoes, what stays decided, and what joins are owed."""

from __future__ import annotations

from collections.abc import Sequence

from heli.flows.core import events as e
from heli.flows.core.definition import Kind, Mode, Move
from heli.flows.core.moving import Halt
from heli.flows.core.signing import Signing
from heli.flows.core.state import Ended, ItemState, Outcome, Passed, Token
from heli.kernel.errors import Conflict, NotFound, Refused
from heli.kernel.words import Words

TOGETHER = (Mode.ALL, Mode.SEQUENCE, Mode.VOTE)
JOINS = (Kind.PARALLEL, Kind.INCLUSIVE, Kind.LEAVE)


class Back(Signing):
    """A step that may go back (docs/decisions/0021)."""

    __slots__ = ("_decided",)
    _decided: frozenset[int]
    """Nodes that were done before it went back."""

    def _target(self, token: Token, to: str | None) -> int | None:
        """Where a rejection leads: a node, or None for the end. Raises Refused where the node does not allow it."""
        definition = self.definition
        task = definition.nodes[token.node].task
        assert task is not None
        earlier = [one for one in self.graph.earlier(token.node) if one in self.state.passed]
        given = task.rejection.to
        wanted = to or ("end" if given == "any" and not earlier else "previous" if given == "any" else given)
        if given in ("start", "previous") and to in definition.places:
            wanted = given  # by its name: it has to be the one that is meant, see below
        if given not in ("any", wanted):
            raise self._not_there(given)
        if wanted == "end":
            return None
        if wanted == "start":
            chosen = earlier[-1] if earlier else None
        elif wanted == "previous":
            chosen = max(earlier, key=lambda one: self.state.passed[one].at, default=None)
        else:
            place = definition.places.get(wanted)
            itself = given == wanted and place is not None and token.node in self.graph.behind[place]
            chosen = place if place in earlier or (itself and place in self.state.passed) else None
        if chosen is not None and wanted != to and to is not None and definition.places.get(to, chosen) != chosen:
            raise self._not_there(given)
        if chosen is None:
            said = Words(
                "没有可以退回的节点：只能退回到走过的、更早的节点",
                "nothing to send back to: only nodes that were passed before this one",
            )
            raise Refused(said, code="target", why={"earlier": [definition.nodes[one].id for one in earlier]})
        return chosen

    @staticmethod
    def _not_there(given: str) -> Refused:
        words = Words("这个节点不能退回到那里", "this node does not send back to there")
        return Refused(words, code="target", why={"to": given})

    def _rejected(self, token: Token, target: int | None) -> None:
        node, round_ = token.node, token.round
        people = tuple(
            one.person
            for one in (self.state.items[n] for n in self.state.groups[token.id].items)
            if one.outcome is Outcome.REJECTED
        )
        self.commands.append(e.Done(node, round_, people, "rejected"))
        if target is None:
            self._finish(Ended.REJECTED)
            return
        task = self.definition.nodes[node].task
        assert task is not None
        self._back(token, target, redo=task.rejection.siblings == "redone", straight=task.rejection.resubmit == "back")

    def _elapsed(self, event: e.Elapsed) -> None:
        """Raises Refused where a rejection leads nowhere."""
        token = self.state.tokens.get(event.token)
        if token is None or token.round != event.round or token.id not in self.state.groups:
            return
        if event.approve:
            self._passed(token, (), "elapsed")
        else:
            self._rejected(token, self._target(token, None))

    def _anew(self, event: e.Anew) -> None:
        """Raises NotFound for a node that waits neither for people nor for a moment."""
        token = self._token(event.token)
        node = self.definition.nodes[token.node]
        if event.to is not None and event.to != token.node:
            if token.node in self.graph.behind[event.to]:
                self._back(token, event.to, redo=False, straight=False)
            else:
                self._drop(token)
                self._arrive(event.to, -1)
            return
        if node.timer is not None:
            self._again(token)
            return
        if node.kind is not Kind.USER:
            raise NotFound
        self.state.halted.pop(token.id, None)
        self._release(token)
        self.commands.append(e.Find(token.id, token.node))

    def _again(self, token: Token) -> None:
        """Wait for the moment as it is worked out now."""
        self.state.halted.pop(token.id, None)
        self._untime(token.id)
        try:
            self._begin(token)
        except Halt as halt:
            self._halt(token, halt.code, halt.said)

    def _back(self, token: Token, target: int, *, redo: bool, straight: bool) -> None:
        """Undo what lies behind ``target`` and go there: its tokens, work, timers and jobs end; joins that had passed get back what
        came to them from elsewhere; decisions that stay are marked, so that nobody is asked twice."""
        graph, definition = self.graph, self.definition
        undone, here = graph.behind[target], token.node
        standing = set()
        self._decided = frozenset(self.state.passed)
        for place, passed in self.state.passed.items():
            passed.stands = False
            between = place in undone and place != target and here in graph.behind[place]
            beside = place in undone and here not in graph.behind[place] and place not in graph.behind[here]
            if place != here and ((between and straight) or (beside and not redo)):
                standing.add(place)
        restored = self._owed(target, here)
        for one in list(self.state.tokens.values()):
            arrived_from_elsewhere = (
                one.via >= 0
                and definition.flows[one.via].source not in undone
                and definition.nodes[one.node].kind in JOINS
            )
            if one.node in undone and not arrived_from_elsewhere:
                self._drop(one)
        self._sweep()
        for place in [p for p in self.state.passed if p in undone and p not in standing]:
            del self.state.passed[place]
        for place in standing:
            self.state.passed[place].stands = True
        begun: set[int] = set()
        for flow in restored:
            self._owe(flow, target, redo, begun)
        self._arrive(target, -1)

    def _owed(self, target: int, here: int) -> list[int]:
        """Ways into joins between ``target`` and ``here`` by which something had come from beside: the join has passed, and will
        wait for it again. An inclusive join, and the end of a sub-process, wait for what there is."""
        definition, graph = self.definition, self.graph
        undone = graph.behind[target]
        found = []
        for place in undone:
            node = definition.nodes[place]
            if node.kind not in JOINS or place == here or here not in graph.behind[place]:
                continue
            ways: Sequence[int] = node.incoming
            if node.kind is Kind.LEAVE:  # several branches may end at one end event
                ways = [f for end in node.incoming for f in definition.nodes[definition.flows[end].source].incoming]
            if len(ways) > 1:
                found += [f for f in ways if definition.flows[f].source not in undone]
        return found

    def _owe(self, flow: int, target: int, redo: bool, begun: set[int]) -> None:
        """Give a join what had come by this flow: at once where that decision stands, else by doing its branch again. ``begun``: the
        branches that are being done again."""
        definition, graph = self.definition, self.graph
        source, join = definition.flows[flow].source, definition.flows[flow].target
        waits = definition.nodes[join].kind is Kind.PARALLEL
        split = self._split(source, target) if redo else None
        if split is not None:
            ways = [
                number for number in definition.nodes[split].outgoing
                if source in graph.behind[(way := definition.flows[number].target)] and target not in graph.behind[way]
                and (waits or self._was_taken(split, way, source))
            ]  # fmt: skip
            for number in ways:
                if number not in begun:
                    begun.add(number)
                    way = definition.flows[number].target
                    self._forget(way, source)
                    self._arrive(way, number)
        elif waits:
            self._arrive(join, flow)

    def _was_taken(self, split: int, way: int, last: int) -> bool:
        """Whether work had gone this way from a split, on its way to ``last``."""
        kind, behind = self.definition.nodes[split].kind, self.graph.behind
        if kind is Kind.PARALLEL:
            return True
        return kind is not Kind.EXCLUSIVE and any(one in behind[way] and last in behind[one] for one in self._decided)

    def _split(self, one: int, other: int) -> int | None:
        """The nearest parallel split that both lie behind."""
        definition, graph = self.definition, self.graph
        up = one
        while True:
            above = graph.dominators.get(up)
            if above is None or above == up:
                return None
            up = above
            node = definition.nodes[up]
            if len(node.outgoing) > 1 and other in graph.behind[up]:
                return up

    def _forget(self, first: int, last: int) -> None:
        for place in [p for p in self.state.passed if p in self.graph.behind[first] and last in self.graph.behind[p]]:
            del self.state.passed[place]

    def _take_back(self, event: e.TakeBack) -> None:
        """The node whose item this was is worked on again by whom it was, as long as nothing has come of it."""
        place = event.node
        passed = self.state.passed.get(place)
        if passed is None or passed.back is not None or event.by not in passed.people:
            raise NotFound
        task = self.definition.nodes[place].task
        if task is None or Move.TAKE_BACK not in task.moves:
            raise Refused(Words("这个节点不允许拿回", "this node does not allow taking back"), code="move")
        behind = self.graph.behind[place]
        acted = (
            passed.at != self.state.clock
            or self.definition.nodes[place].does is not None
            or any(
                one.state is ItemState.DONE
                for one in self.state.items.values()
                if self.state.tokens[one.token].node in behind
            )
        )
        jobs = any(
            self.definition.nodes[t.node].kind in (Kind.SERVICE, Kind.SEND) and t.node in behind
            for t in self.state.tokens.values()
        )
        came = [t for t in self.state.tokens.values() if t.id >= passed.first]
        if acted or jobs or not came or any(t.node == place or t.node not in behind for t in came):
            raise Conflict(
                Words(
                    "后面已经有人处理或系统已经执行，不能拿回",
                    "somebody has acted on it, or the system has: it cannot be taken back",
                ),
                code="acted",
            )
        others = tuple(one for one in passed.people if one != event.by)
        self._back(came[0], place, redo=False, straight=False)
        if others and task.mode in TOGETHER:  # theirs alone: who signed beside them does not sign again
            self.state.passed[place] = Passed(passed.at, others, passed.first, back=event.by)
            self.state.rounds[place] -= 1
