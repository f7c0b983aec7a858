"""What the shape of a definition says: what follows what, and what lies behind what.

Back edges are flows to a node that every way to their source passes (a dominator); without them the graph has no circles,
and "behind X" means what work X leads to before it could come round again. Rejections go by that.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from heli.flows.core.definition import Definition, Kind


@dataclass(frozen=True)
class Graph:
    """A definition's nodes with what follows and precedes them, boundary events counted as ways out of their host."""

    definition: Definition
    root: int | None = None
    """Where it begins; None: where the definition does."""

    @property
    def start(self) -> int:
        return self.definition.start if self.root is None else self.root

    @cached_property
    def joins(self) -> bool:
        """Whether there are joins that wait for what can still come, or sub-processes that end when nothing is left in them."""
        return any(
            one.kind is Kind.LEAVE or (one.kind is Kind.INCLUSIVE and len(one.incoming) > 1)
            for one in self.definition.nodes
        )

    @cached_property
    def chains(self) -> tuple[tuple[int, ...], ...]:
        """Node -> the sub-processes that it stands in, the outermost first."""
        nodes = self.definition.nodes
        found: list[tuple[int, ...]] = []
        for node in nodes:
            chain: list[int] = []
            up = node.level
            while up >= 0 and nodes[up].kind is Kind.ENTER:
                chain.append(up)
                up = nodes[up].level
            found.append(tuple(reversed(chain)))
        return tuple(found)

    @cached_property
    def after(self) -> tuple[tuple[int, ...], ...]:
        """Node -> nodes that follow directly, a host's boundary events among them."""
        flows = self.definition.flows
        return tuple(
            tuple(dict.fromkeys([*(flows[f].target for f in n.outgoing), *n.boundaries])) for n in self.definition.nodes
        )

    @cached_property
    def before(self) -> tuple[tuple[int, ...], ...]:
        found: list[list[int]] = [[] for _ in self.after]
        for source, targets in enumerate(self.after):
            for target in targets:
                found[target].append(source)
        return tuple(tuple(one) for one in found)

    @cached_property
    def order(self) -> tuple[int, ...]:
        """Reverse postorder of what can be reached from the start; of what goes on at once, what the file says first is first."""
        seen, out = {self.start}, []
        stack = [(self.start, reversed(self.after[self.start]))]
        while stack:
            place, rest = stack[-1]
            target = next((one for one in rest if one not in seen), None)
            if target is None:
                out.append(place)
                stack.pop()
            else:
                seen.add(target)
                stack.append((target, reversed(self.after[target])))
        return tuple(reversed(out))

    @cached_property
    def dominators(self) -> dict[int, int]:
        """Node -> the nearest node that every way to it passes; the start is its own (Cooper, Harvey and Kennedy 2001)."""
        number = {place: n for n, place in enumerate(self.order)}
        found = {self.start: self.start}
        changed = True
        while changed:
            changed = False
            for place in self.order[1:]:
                known = [one for one in self.before[place] if one in found]
                best = known[0]
                for one in known[1:]:
                    other = best
                    while one != other:
                        while number[one] > number[other]:
                            one = found[one]  # noqa: PLW2901  # climbing
                        while number[other] > number[one]:
                            other = found[other]
                    best = one
                if found.get(place) != best:
                    found[place] = best
                    changed = True
        return found

    def dominates(self, one: int, other: int) -> bool:
        """Whether every way from the start to ``other`` passes ``one``."""
        while other != one:
            up = self.dominators.get(other)
            if up is None or up == other:
                return False
            other = up
        return True

    @cached_property
    def forward(self) -> tuple[tuple[int, ...], ...]:
        """``after`` without back edges."""
        return tuple(
            tuple(t for t in targets if not self.dominates(t, place)) if place in self.dominators else targets
            for place, targets in enumerate(self.after)
        )

    @cached_property
    def behind(self) -> tuple[frozenset[int], ...]:
        """Node -> itself and every node that its work leads to before it could come round again."""
        found: list[frozenset[int]] = []
        for place in range(len(self.after)):
            seen, waiting = {place}, [place]
            while waiting:
                for target in self.forward[waiting.pop()]:
                    if target not in seen:
                        seen.add(target)
                        waiting.append(target)
            found.append(frozenset(seen))
        return tuple(found)

    def earlier(self, place: int) -> list[int]:
        """User tasks before this node, nearest first: where work on it may be sent back to."""
        nodes = self.definition.nodes
        found = [p for p in self.order if p != place and nodes[p].kind is Kind.USER and place in self.behind[p]]
        return found[::-1]
