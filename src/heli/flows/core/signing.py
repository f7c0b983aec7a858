"""What people do with their work: decide, claim, hand it on, ask others to sign too."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable

from heli.flows.core import events as e
from heli.flows.core.definition import Mode, Move
from heli.flows.core.moving import LIVE
from heli.flows.core.state import Group, Item, ItemState, Outcome, Token
from heli.flows.core.waiting import Waiting
from heli.kernel.errors import Conflict, Invalid, NotFound, Problem, Refused
from heli.kernel.words import Words

MOST_HANDS = 1_000
"""Pieces of work at a node at one time, those that were handed on among them."""


class Signing(Waiting, ABC):
    """A step that people's acts belong to. Deciding may send back, which ``back`` adds."""

    __slots__ = ()

    def _assigned(self, event: e.Assigned) -> None:
        state = self.state
        token = state.tokens.get(event.token)
        if token is None:
            return  # what has happened beside it in the same step has ended it
        task = self.definition.nodes[token.node].task
        if task is None or token.id in state.groups:
            raise Conflict(Words("这个节点已经有人处理", "this node has its people already"), code="assigned")
        people = event.people if len(event.people) < 2 else list(dict.fromkeys(event.people))
        passed = state.passed.get(token.node)
        signed = passed.people if passed is not None and passed.back is not None else ()
        share = task.share
        if passed is not None and passed.back is not None:
            people = [one for one in dict.fromkeys((*people, passed.back)) if one not in signed]
            share = max(share * 0, (share * (len(people) + len(signed)) - len(signed)) / len(people))
        elif task.same == "dedupe":
            earlier = self._have_decided(token.node)
            people = [one for one in people if one not in earlier]
        if not people:
            if (
                event.people or event.skip or task.empty == "skip"
            ):  # all of them have decided before, or nobody is needed
                self._passed(token, (), "skipped")
                return
            self._halt(token, "nobody")
            return
        if state.halted:
            state.halted.pop(token.id, None)
        group = state.groups[token.id] = Group(token.id, task.mode, share)
        before: int | None = None
        for person in people:
            waits = task.mode is Mode.SEQUENCE and before is not None
            before = self._item(group, person, after=before if waits else None)

    def _have_decided(self, node: int) -> set[int]:
        """Who has decided a node before this one, in the present round."""
        graph = self.graph
        return {
            one
            for p, passed in self.state.passed.items()
            if p != node and node in graph.behind[p]
            for one in passed.people
        }

    def _item(
        self, group: Group, person: int, *, after: int | None = None, opinion: bool = False, added_by: int | None = None
    ) -> int:
        number = self.state.fresh()
        item = Item(number, group.token, person, ItemState.WAITING, None, after, opinion, added_by=added_by)
        self.state.items[number] = item
        group.items.append(number)
        if after is None:
            self._opened(item)
        return number

    def _opened(self, item: Item) -> None:
        item.state = ItemState.OPEN
        self.commands.append(e.Opened(item.id, item.person, self.state.tokens[item.token].node))

    def _mine(self, number: int, by: int, move: Move | None = None) -> Item:
        """Somebody's open work. Raises NotFound for others' and what is not there, Conflict for what is over, Refused for a move
        that the node does not allow."""
        item = self.state.items.get(number)
        if item is None or item.person != by:
            raise NotFound
        if item.state is not ItemState.OPEN:
            raise Conflict(Words("这项待办已经处理过了", "this work is done already"), code="done")
        if move is not None:
            self._allowed(item, move)
        return item

    def _allowed(self, item: Item, move: Move) -> None:
        node = self.definition.nodes[self.state.tokens[item.token].node]
        if item.opinion and move not in (Move.REJECT, Move.TRANSFER):
            raise Refused(Words("被委派的人只发表意见", "a delegate only gives a view"), code="opinion")
        if item.opinion and move is Move.REJECT:
            return  # a view may be against it, whatever the node allows
        if node.task is None or move not in node.task.moves:
            called = node.name or node.id
            raise Refused(
                Words(f"“{called}”不允许这个操作（{move}）", f"{called!r} does not allow this ({move})"), code="move",
                why={"node": node.id, "move": str(move)},
            )  # fmt: skip

    def _group(self, item: Item) -> list[Item]:
        return [self.state.items[one] for one in self.state.groups[item.token].items]

    # -- deciding ------------------------------------------------------------------------------------------------------

    def _decide(self, event: e.Decide) -> None:
        item = self._mine(event.item, event.by, None if event.approve else Move.REJECT)
        item.acting_for = event.acting_for
        if item.opinion:
            if not event.approve and event.to is not None:
                raise Refused(Words("被委派的人只发表意见", "a delegate only gives a view"), code="opinion")
            self._close(item, ItemState.DONE, Outcome.OPINION)
            self._follow(item)
            return
        if not event.approve:
            token = self.state.tokens[item.token]
            target = self._target(token, event.to)  # before anything is changed
            self._close(item, ItemState.DONE, Outcome.REJECTED)
            if self._still_open_after_no(item):
                self._approved_or_next(item)
                return
            self._rejected(token, target)
            return
        self._close(item, ItemState.DONE, Outcome.APPROVED)
        self._approved_or_next(item)

    def _approved_or_next(self, item: Item) -> None:
        items = self._group(item)
        if self._enough(item, items):
            people = tuple([one.person for one in items if one.outcome is Outcome.APPROVED])
            before = self.state.passed.get(self.state.tokens[item.token].node)
            if before is not None and before.back is not None:
                people = (*before.people, *people)
            self._passed(self.state.tokens[item.token], people, "approved")
        else:
            self._follow(item)

    def _follow(self, item: Item) -> None:
        """Open what waited for this one."""
        for one in self._group(item):
            if one.after == item.id and one.state is ItemState.WAITING:
                one.after = None
                self._opened(one)

    def _enough(self, item: Item, items: Iterable[Item]) -> bool:
        """Whether the node is approved with this, of all that belong to it."""
        group = self.state.groups[item.token]
        if group.mode is Mode.VOTE:
            votes = [one for one in items if not one.opinion]
            total = sum((one.weight for one in votes if one.state is not ItemState.CLOSED), start=group.share * 0)
            yes = sum((one.weight for one in votes if one.outcome is Outcome.APPROVED), start=group.share * 0)
            return yes >= total * group.share
        live = [one for one in items if one.state in LIVE and not one.opinion]
        if live and group.mode in (Mode.ANY, Mode.CLAIM):
            if any(one.after == item.id or one.added_by is not None for one in live):
                return False
            # Who was asked to sign too signs beside one whom the node asks, and not instead of them.
            return any(one.outcome is Outcome.APPROVED and one.added_by is None and not one.opinion for one in items)
        return not live

    def _still_open_after_no(self, item: Item) -> bool:
        """Whether a vote can still be won after this rejection."""
        group = self.state.groups[item.token]
        if group.mode is not Mode.VOTE:
            return False
        items = [one for one in self._group(item) if not one.opinion and one.state is not ItemState.CLOSED]
        total = sum((one.weight for one in items), start=group.share * 0)
        possible = sum((one.weight for one in items if one.outcome is not Outcome.REJECTED), start=group.share * 0)
        return possible >= total * group.share

    @abstractmethod
    def _target(self, token: Token, to: str | None) -> int | None:
        """Where a rejection leads: a node, or None for the end."""

    @abstractmethod
    def _rejected(self, token: Token, target: int | None) -> None:
        """Go there."""

    # -- other hands ---------------------------------------------------------------------------------------------------

    def _claim(self, event: e.Claim) -> None:
        item = self._mine(event.item, event.by)
        if self.state.groups[item.token].mode is not Mode.CLAIM or item.opinion:
            raise Refused(Words("这项待办不需要认领", "this work needs no claiming"), code="move")
        group = self._group(item)
        kept = {item.id} | {one.id for one in group if one.added_by == item.person}
        while waited := {one.after for one in group if one.id in kept and one.after is not None} - kept:
            kept |= waited
        for one in group:
            if one.id not in kept and one.state in LIVE:
                self._close(one, ItemState.CLOSED)

    def _another(self, item: Item, person: int) -> None:
        if len(self.state.groups[item.token].items) >= MOST_HANDS:
            words = Words("这个节点经手的人已经太多", "this node has been through too many hands already")
            raise Refused(words, code="too_many")
        if any(one.person == person and one.state in LIVE for one in self._group(item)):
            raise Invalid(
                Problem(
                    "to",
                    "already",
                    Words("这一步已经在此人手里，请另选一人", "this step is theirs already: choose somebody else"),
                )
            )

    def _transfer(self, event: e.Transfer) -> None:
        item = self._mine(event.item, event.by, Move.TRANSFER)
        self._another(item, event.to)
        self._hand_on(item, event.to)

    def _hand_on(self, item: Item, person: int) -> None:
        """Another has this work instead, in its place: open where it was, waiting where it waited."""
        group = self.state.groups[item.token]
        new = self._item(group, person, after=item.after, opinion=item.opinion, added_by=item.added_by)
        self.state.items[new].weight = item.weight
        for one in self._group(item):
            if one.after == item.id:
                one.after = new
        self._close(item, ItemState.CLOSED)

    def _reassign(self, event: e.Reassign) -> None:
        """Raises NotFound for work that is over."""
        item = self.state.items.get(event.item)
        if item is None or item.state not in LIVE or item.person == event.to:
            raise NotFound
        held = [one for one in self._group(item) if one.person == event.to and one.state in LIVE]
        mine = next((one for one in held if item.opinion or not one.opinion), None)
        if mine is None:
            for view in held:  # asked for a view before, they decide now: nobody waits for what they would have said
                self._past(view, view.after, but=item)
            self._hand_on(item, event.to)
            return
        # They sign once: what waited for this work waits for theirs, or for what it waited for.
        self._past(item, mine.id, mine=mine)
        if item.added_by is None:
            mine.added_by = None

    def _past(self, item: Item, after: int | None, *, mine: Item | None = None, but: Item | None = None) -> None:
        """This work is needed no more: what waited for it waits for ``after``, and ``mine`` for what it waited for itself."""
        for one in self._group(item):
            if one.after == item.id:
                one.after = item.after if one is mine else after
                if one.after is None and one.state is ItemState.WAITING and one is not but:
                    self._opened(one)
        self._close(item, ItemState.CLOSED)

    def _delegate(self, event: e.Delegate) -> None:
        item = self._mine(event.item, event.by, Move.DELEGATE)
        self._another(item, event.to)
        self._before(item, event.to, opinion=True)

    def _before(self, item: Item, person: int, *, opinion: bool) -> None:
        """Somebody first; this one waits."""
        new = self._item(self.state.groups[item.token], person, opinion=opinion, added_by=item.person)
        self._close(item, ItemState.WAITING)
        item.after = new

    def _add(self, event: e.AddSigner) -> None:
        item = self._mine(event.item, event.by, Move.ADD)
        self._another(item, event.to)
        if event.place == "before":
            self._before(item, event.to, opinion=False)
        elif event.place == "after":
            later = [one for one in self._group(item) if one.after == item.id and one.state is ItemState.WAITING]
            new = self._item(self.state.groups[item.token], event.to, after=item.id, added_by=event.by)
            for one in later:
                one.after = new
        elif event.place == "parallel":
            self._item(self.state.groups[item.token], event.to, added_by=event.by)
        else:
            raise Invalid(
                Problem(
                    "place",
                    "unknown",
                    Words("加签的位置是 before、after 或 parallel", "a signer is added before, after or parallel"),
                )
            )

    def _remove(self, event: e.RemoveSigner) -> None:
        item = self._mine(event.item, event.by, Move.REMOVE)
        other = self.state.items.get(event.other)
        if other is None or other.token != item.token:
            raise NotFound
        if other.state not in LIVE:
            raise Conflict(Words("这个人已经处理过了", "this person has decided already"), code="done")
        if other.added_by is None:  # else one of several who have to sign could sign for all of them
            raise Refused(Words("只能减掉加签的人", "only a signer who was added can be taken off"), code="not_added")
        if len([one for one in self._group(item) if one.state in LIVE and not one.opinion]) <= 1 or other.id == item.id:
            raise Refused(
                Words("不能减掉最后一个人或自己", "neither the last signer nor oneself can be taken off"), code="last"
            )
        asked = self.state.items.get(other.after) if other.after is not None else None
        if asked is not None and asked.opinion and asked.state in LIVE:  # a view for which nobody waits any more
            self._close(asked, ItemState.CLOSED)
            other.after = None
        for one in self._group(item):
            if one.after == other.id:
                one.after = other.after
                if one.after is None and one.state is ItemState.WAITING:
                    self._opened(one)
        self._close(other, ItemState.CLOSED)
        if self.state.groups[item.token].mode is Mode.VOTE:
            self._approved_or_next(other)  # of fewer votes those given may be enough
