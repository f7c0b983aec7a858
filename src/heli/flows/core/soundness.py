"""Whether every instance of a definition can end, whatever is decided: by its form where that is enough, else by every case."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, combinations

from heli.flows.core.definition import CATCHES, Definition, Flow, Kind, Node
from heli.flows.core.graph import Graph
from heli.kernel.errors import Problem
from heli.kernel.words import Words

MOST_STATES = 30_000
"""Markings that a check of the unstructured rest looks at."""
MOST_BRANCHES = 8
"""Of an inclusive gateway, of which every choice is tried."""
ENDS = (Kind.END, Kind.TERMINATE, Kind.ERROR)


def check(definition: Definition) -> list[Problem]:
    """What keeps this definition from being published: ends that cannot be reached, joins that wait for ever, work that runs
    twice, circles without a person. Empty when every instance can end whatever is decided.

    A sub-process is looked at by itself, and from outside as one task: work goes into it once and comes out of it once.
    """
    levels = [Graph(one.definition) for one in _levels(definition)]
    found = [*chain.from_iterable((*_reach(one), *_gateways(one.definition)) for one in levels), *_circles(definition)]
    found += _doubles(definition)
    return found or [problem for one in levels for problem in _behaviour(one)]


@dataclass(frozen=True, slots=True)
class Level:
    """A sub-process (or the whole, -1) as a process of its own; ``flows``: place of a flow in the whole -> in this one."""

    at: int
    definition: Definition
    nodes: dict[int, int]
    flows: dict[int, int]


def _levels(definition: Definition) -> Iterable[Level]:
    """The process without what stands in its sub-processes, then each of these as a process of its own."""
    nodes = definition.nodes
    within = sorted({one.level for one in nodes})
    if within == [-1]:
        yield Level(-1, definition, {p: p for p in range(len(nodes))}, {f: f for f in range(len(definition.flows))})
        return
    for level in within:
        kept = [place for place, one in enumerate(nodes) if one.level == level and one.kind is not Kind.LEAVE]
        renamed = {place: number for number, place in enumerate(kept)}
        renamed |= {one.other: renamed[p] for p in kept if (one := nodes[p]).kind is Kind.ENTER}
        flows = {
            number: Flow(one.id, renamed[one.source], renamed[one.target], one.condition)
            for number, one in enumerate(definition.flows)
            if one.source in renamed and one.target in renamed
        }  # fmt: skip
        numbers = {number: at for at, number in enumerate(flows)}
        made = []
        for place in kept:
            one = nodes[place]
            out = nodes[one.other].outgoing if one.kind is Kind.ENTER else one.outgoing
            default = nodes[one.other].default if one.kind is Kind.ENTER else one.default
            made.append(
                replace(
                    one, incoming=tuple(numbers[f] for f in one.incoming if f in numbers),
                    outgoing=tuple(numbers[f] for f in out if f in numbers),
                    default=numbers.get(default) if default is not None else None, level=-1, other=-1,
                    host=renamed.get(one.host) if one.host is not None else None, boundaries=tuple(renamed[b] for b in one.boundaries),
                )
            )  # fmt: skip
        start = renamed.get(definition.start) if level == -1 else None
        if start is None:
            start = next(number for number, one in enumerate(made) if one.kind is Kind.START)
        places = {one.id: number for number, one in enumerate(made)}
        alone = replace(
            definition, nodes=tuple(made), flows=tuple(flows.values()), start=start, places=places, starts=()
        )
        yield Level(level, alone, renamed, numbers)


def goes_on(definition: Definition, tokens: Sequence[tuple[int, int]], part: int = -1) -> bool | None:
    """Whether a case with tokens at these nodes, each come by its flow, can always end, and does no node twice at once; None where that
    is more than can be looked at. ``part``: the node whose part it does."""
    chains = Graph(definition).chains
    for level in _levels(definition):
        marking: set[int] = set()
        for node, via in tokens:
            chain = chains[node]
            here = node if definition.nodes[node].level == level.at else next(
                (one for one in chain if definition.nodes[one].level == level.at), None
            )  # fmt: skip
            if (
                here is None
                or here not in level.nodes
                or definition.nodes[here].kind is Kind.LEAVE
                or (level.at == -1 and part >= 0)
            ):
                continue  # elsewhere, or at its end here
            into = level.definition.nodes[level.nodes[here]].incoming
            own = level.flows.get(via) if here == node else None
            place = own if own in into else into[0]
            if place in marking and here == node:
                return False  # two at one place
            marking.add(place)
        found = _ends(Graph(level.definition), tuple(sorted(marking))) if marking else True
        if not found:
            return found
    return True


def _ahead(graph: Graph, net: _Net) -> dict[int, frozenset[int]]:
    """Place -> places that a token there may come to before it comes round again: as gateways ask when a case runs."""
    definition, count = graph.definition, len(graph.definition.nodes)
    return {
        place: frozenset(number for number, one in enumerate(definition.flows) if one.source in graph.behind[node % count])
        for node, places in net.into.items() for place in places
    }  # fmt: skip


def _ends(graph: Graph, first: Marking) -> bool | None:
    net = _net(graph)
    net.optional = {node: [] for node in net.optional}  # what interrupts nothing has happened, or will not
    reach, seen, waiting = _ahead(graph, net), dict[Marking, list[Marking]](), [first]
    while waiting:
        marking = waiting.pop()
        if marking in seen:
            continue
        if len(seen) >= MOST_STATES:
            return None
        seen[marking] = following = [new for new, _ in _steps(net, marking, reach)]
        if any(len(set(one)) != len(one) for one in following):
            return False
        waiting += following
    before: dict[Marking, list[Marking]] = {}
    for marking, following in seen.items():
        for one in following:
            before.setdefault(one, []).append(marking)
    good, back = set[Marking](), [one for one in seen if not one]
    while back:
        marking = back.pop()
        if marking not in good:
            good.add(marking)
            back += before.get(marking, ())
    return len(good) == len(seen)


def _problem(node: Node, code: str, zh: str, en: str) -> Problem:
    called = node.words
    return Problem(node.element, code, Words(f"“{called.zh}”{zh}", f"{called.en!r} {en}"))


def _reach(graph: Graph) -> Iterable[Problem]:
    nodes = graph.definition.nodes
    reached = set(graph.order)
    ends = [place for place, node in enumerate(nodes) if node.kind in ENDS]
    if not ends:
        yield _problem(nodes[graph.definition.start], "no_end", "之后没有结束事件", "leads to no end event")
        return
    seen, waiting = set(ends), list(ends)
    while waiting:
        for source in graph.before[waiting.pop()]:
            if source not in seen:
                seen.add(source)
                waiting.append(source)
    for place, node in enumerate(nodes):
        if place not in reached:
            yield _problem(node, "unreachable", "从开始走不到", "cannot be reached from the start")
        elif place not in seen:
            yield _problem(node, "stuck", "走不到任何结束", "leads to no end")


def _gateways(definition: Definition) -> Iterable[Problem]:
    for node in definition.nodes:
        if node.kind in (Kind.EXCLUSIVE, Kind.INCLUSIVE) and len(node.outgoing) > 1 and not node.id.startswith(":"):
            bare = [f for f in node.outgoing if definition.flows[f].condition is None and f != node.default]
            if bare and node.kind is Kind.EXCLUSIVE and len(bare) > 1:
                yield _problem(
                    node,
                    "unconditional",
                    f"有 {len(bare)} 条连线没有条件，不知道走哪一条",
                    f"has {len(bare)} flows without a condition: which one is taken is not said",
                )
            if not bare and node.default is None:
                yield _problem(
                    node,
                    "no_default",
                    "的条件可能都不成立，需要一条默认连线",
                    "may find no condition true and needs a default flow",
                )
        if node.kind in ENDS and node.outgoing:
            yield _problem(node, "end_goes_on", "是结束，却还有连线出去", "is an end and has flows that leave it")
        if node.kind is Kind.START and any(":" not in definition.flows[f].id for f in node.incoming):
            yield _problem(node, "start_comes_back", "是开始，却有连线进来", "is a start and has flows that come in")
        if node.kind is Kind.BOUNDARY and (
            node.incoming or not node.outgoing or (node.interrupts and len(node.outgoing) > 1)
        ):
            zh, en = "应有一条连线出去，而没有连线进来", "has one flow that leaves it and none that come in"
            yield _problem(node, "boundary", zh, en)
        if node.kind is Kind.EVENTS:
            targets = [definition.nodes[definition.flows[f].target] for f in node.outgoing]
            if len(targets) < 2 or any(one.kind not in CATCHES or len(one.incoming) != 1 for one in targets):
                zh, en = (
                    "之后应是两个以上只从这里进入的事件",
                    "leads to two or more events, which nothing else leads to",
                )
                yield _problem(node, "event_gateway", zh, en)
            if any(definition.flows[f].condition is not None for f in node.outgoing):
                yield _problem(node, "event_gateway", "之后的连线不带条件", "has flows without conditions")


def _doubles(definition: Definition) -> Iterable[Problem]:
    """Flows that are called as another flow, or as a node, is: a case that is taken over could not tell them apart."""
    known = {one.id for one in definition.nodes}
    for flow in definition.flows:
        if flow.id in known:
            words = Words(f"id“{flow.id}”用了两次", f"the id {flow.id!r} is used twice")
            yield Problem(flow.id, "double", words)
        known.add(flow.id)


def _circles(definition: Definition) -> Iterable[Problem]:
    """Circles of nodes that nobody and nothing outside ever holds up."""
    nodes, graph = definition.nodes, Graph(definition)
    quick = {p for p in range(len(nodes)) if _quick(definition, p)}
    left = {p: [t for t in graph.after[p] if t in quick] for p in quick}
    incoming = dict.fromkeys(quick, 0)
    for targets in left.values():
        for target in targets:
            incoming[target] += 1
    free = deque(p for p, n in incoming.items() if n == 0)
    while free:
        for target in left.pop(free.popleft()):
            incoming[target] -= 1
            if incoming[target] == 0:
                free.append(target)
    on = [p for p in left if _returns(left, p)]
    if on:
        yield _problem(
            nodes[on[0]],
            "endless",
            "在一个没有人、没有定时器的循环里，会永远转下去",
            "is on a circle without a person or a timer: it would run for ever",
        )


def _quick(definition: Definition, place: int) -> bool:
    """Whether work may go on from here without anybody or anything outside: a call does where all of what it begins does."""
    node = definition.nodes[place]
    if node.kind in (Kind.USER, *CATCHES):
        return False
    if node.kind is Kind.BOUNDARY:
        return node.hears is not None and node.hears.kind == "error"
    if node.kind is Kind.CALL:
        return bool(node.call and not node.call.process) and all(
            _quick(definition, p) for p, one in enumerate(definition.nodes) if one.level == place
        )
    return True


def _returns(after: dict[int, list[int]], place: int) -> bool:
    seen, waiting = set(), [place]
    while waiting:
        for target in after.get(waiting.pop(), ()):
            if target == place:
                return True
            if target not in seen:
                seen.add(target)
                waiting.append(target)
    return False


# -- behaviour ---------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Net:
    """The definition as nodes between numbered places (flows), with what is sound by its form folded away.

    A place holds a token that has taken this flow. ``kind`` is how a node joins and splits.
    """

    kinds: dict[int, Kind]
    into: dict[int, list[int]]
    out: dict[int, list[int]]
    optional: dict[int, list[int]]
    """Node -> places that it may fill besides its own (boundaries that interrupt nothing)."""


def _net(graph: Graph) -> _Net:
    definition = graph.definition
    net = _Net({}, {}, {}, {})
    for place, node in enumerate(definition.nodes):
        if node.kind is Kind.BOUNDARY:
            continue
        net.kinds[place] = _form(definition, node)
        net.into[place] = list(node.incoming)
        net.out[place] = list(node.outgoing)
        net.optional[place] = []
        fresh = len(definition.flows) + 2 * len(definition.nodes) + place
        ways = [definition.nodes[b] for b in node.boundaries]
        if ways:  # the activity, then a choice among its ways out
            choice = len(definition.nodes) + place
            net.kinds[choice], net.into[choice], net.optional[choice] = Kind.EXCLUSIVE, [fresh], []
            own = net.out[place]
            net.out[place] = [fresh]
            if len(own) > 1:  # its own ways leave together
                split, between = 2 * len(definition.nodes) + place, fresh + len(definition.nodes)
                net.kinds[split], net.into[split], net.out[split], net.optional[split] = (
                    net.kinds[place],
                    [between],
                    own,
                    [],
                )
                net.kinds[place] = Kind.PARALLEL
                own = [between]
            net.out[choice] = own + [f for one in ways if one.interrupts for f in one.outgoing[:1]]
            net.optional[place] = [f for one in ways if not one.interrupts for f in one.outgoing]
    return net


def _form(definition: Definition, node: Node) -> Kind:
    if node.kind in (Kind.EXCLUSIVE, Kind.PARALLEL, Kind.INCLUSIVE, Kind.TERMINATE, Kind.END):
        return node.kind
    if node.kind is Kind.ERROR:  # seen from outside, what is left inside ends with it
        return Kind.TERMINATE
    if node.kind is Kind.EVENTS:
        return Kind.EXCLUSIVE
    conditional = [f for f in node.outgoing if definition.flows[f].condition is not None or f == node.default]
    return Kind.INCLUSIVE if conditional and len(node.outgoing) > 1 else Kind.USER


def _fold(net: _Net) -> None:
    """Fold away what cannot go wrong: chains, choices that meet again, branches that meet again, circles back to a merge."""
    work = True
    while work:
        work = _chains(net) or _pairs(net)


def _chains(net: _Net) -> bool:
    for node in list(net.kinds):
        if len(net.into[node]) == 1 and len(net.out[node]) == 1 and not net.optional[node]:
            source, target = net.into[node][0], net.out[node][0]
            for other in net.kinds:
                if other != node and target in net.into[other]:
                    net.into[other] = [source if one == target else one for one in net.into[other]]
                    break
            else:
                continue
            for part in (net.kinds, net.into, net.out, net.optional):
                del part[node]
            return True
    return False


def _pairs(net: _Net) -> bool:
    holder = {place: node for node, places in net.into.items() for place in places}
    for node, kind in net.kinds.items():
        by: dict[int, list[int]] = {}
        for place in net.out[node]:
            if place in holder:
                by.setdefault(holder[place], []).append(place)
        for other, places in by.items():
            joins = net.kinds[other]
            merge = joins in (Kind.EXCLUSIVE, Kind.USER)
            alike = (
                (kind is Kind.EXCLUSIVE and merge)
                or (kind in (Kind.PARALLEL, Kind.USER) and joins is Kind.PARALLEL)
                or (kind is Kind.INCLUSIVE and joins is Kind.INCLUSIVE)
            )
            if len(places) > 1 and other != node and alike:
                gone = set(places[1:])
            elif other == node and kind is Kind.EXCLUSIVE and len(net.out[node]) > len(places):
                gone = set(places)  # a circle of one choice back to itself, which the same choice leaves
            else:
                continue
            net.out[node] = [p for p in net.out[node] if p not in gone]
            net.into[other] = [p for p in net.into[other] if p not in gone]
            return True
        if kind is Kind.EXCLUSIVE and len(net.into[node]) == 1:  # merge -> choice: one node, so that its circles show
            before = next((n for n in net.kinds if net.into[node][0] in net.out[n]), None)
            if (
                before is not None
                and before != node
                and len(net.out[before]) == 1
                and net.kinds[before] is Kind.EXCLUSIVE
                and not net.optional[before]
            ):
                net.out[before] = net.out[node]
                for part in (net.kinds, net.into, net.out, net.optional):
                    del part[node]
                return True
    return False


type Marking = tuple[int, ...]


def _behaviour(graph: Graph) -> list[Problem]:
    net = _net(graph)
    _fold(net)
    nodes = graph.definition.nodes
    start = graph.definition.start
    if start not in net.kinds:
        return []
    first: Marking = tuple(sorted(net.out[start]))
    reach = _reaching(net)
    seen: dict[Marking, list[Marking]] = {}
    waiting = [first]
    double: Node | None = None
    while waiting:
        marking = waiting.pop()
        if marking in seen:
            continue
        if len(seen) >= MOST_STATES:
            here = nodes[start]
            return [
                _problem(
                    here,
                    "too_wide",
                    f"之后的分支太多太散，{MOST_STATES} 种情形内查不完能否走完",
                    f"leads to branches too many to check within {MOST_STATES} cases whether they can end",
                )
            ]
        following = []
        for new, by in _steps(net, marking, reach):
            if len(set(new)) != len(new):
                double = double or _named(graph, net, new, by)
                continue
            following.append(new)
        seen[marking] = following
        waiting += following
    if double is not None:
        return [
            _problem(
                double,
                "twice",
                "可能被几条并行分支各触发一次：先用汇聚网关合并",
                "may be reached by several parallel branches, each on its own: join them first",
            )
        ]
    return _endings(graph, net, seen, reach)


def _named(graph: Graph, net: _Net, marking: Marking, by: int) -> Node:
    """The node to name for a place that was filled twice: who would take from it."""
    twice = next(p for p in marking if marking.count(p) > 1)
    at = next((node for node, into in net.into.items() if twice in into), by)
    nodes = graph.definition.nodes
    return nodes[at] if at < len(nodes) else nodes[by % len(nodes)]


def _reaching(net: _Net) -> dict[int, frozenset[int]]:
    """Place -> places that a token there may come to."""
    holder = {place: node for node, places in net.into.items() for place in places}
    found = {}
    for place in holder:
        seen, waiting = {place}, [place]
        while waiting:
            node = holder.get(waiting.pop())
            for target in () if node is None else chain(net.out[node], net.optional[node]):
                if target not in seen:
                    seen.add(target)
                    waiting.append(target)
        found[place] = frozenset(seen)
    return found


def _steps(net: _Net, marking: Marking, reach: dict[int, frozenset[int]]) -> Iterable[tuple[Marking, int]]:
    held = set(marking)
    for node, kind in net.kinds.items():
        have = [p for p in net.into[node] if p in held]
        if not have:
            continue
        if kind is Kind.TERMINATE:
            yield (), node
            continue
        if kind is Kind.PARALLEL:
            takes = [tuple(net.into[node])] if len(have) == len(net.into[node]) else []
        elif kind is Kind.INCLUSIVE:
            takes = [tuple(have)] if _joined(net, node, held, reach) else []
        else:
            takes = [(p,) for p in have]
        for taken in takes:
            rest = tuple(p for p in marking if p not in taken)
            for given in _given(net, node, kind):
                yield tuple(sorted(rest + given)), node


def _joined(net: _Net, node: int, held: set[int], reach: dict[int, frozenset[int]]) -> bool:
    """Whether no token elsewhere can still come to an empty way into this inclusive gateway."""
    empty = {p for p in net.into[node] if p not in held}
    own = set(net.into[node])
    return not any(empty & reach.get(p, frozenset()) for p in held if p not in own)


def _given(net: _Net, node: int, kind: Kind) -> Iterable[tuple[int, ...]]:
    out = net.out[node]
    if kind is Kind.EXCLUSIVE:
        yield from ((p,) for p in out)
        return
    if kind is Kind.INCLUSIVE and len(out) > 1:
        most = out[:MOST_BRANCHES]
        rest = tuple(out[MOST_BRANCHES:])
        for size in range(1, len(most) + 1):
            yield from combinations(most, size)
        if rest:
            yield tuple(out)
        return
    extra = net.optional[node]
    for size in range(len(extra) + 1):
        yield from (tuple(out) + more for more in combinations(extra, size))


def _endings(
    graph: Graph, net: _Net, seen: dict[Marking, list[Marking]], reach: dict[int, frozenset[int]]
) -> list[Problem]:
    """Markings from which the end cannot be reached; each join that waits there for ever is named."""
    before: dict[Marking, list[Marking]] = {}
    for marking, following in seen.items():
        for one in following:
            before.setdefault(one, []).append(marking)
    good, waiting = set(), [one for one in seen if not one]
    while waiting:
        marking = waiting.pop()
        if marking not in good:
            good.add(marking)
            waiting += before.get(marking, ())
    stuck = [one for one in seen if one not in good and not seen[one]]
    nodes = graph.definition.nodes
    named: dict[int, Problem] = {}
    for marking in stuck:
        for node, into in net.into.items():
            if (
                net.kinds[node] in (Kind.PARALLEL, Kind.INCLUSIVE)
                and any(p in into for p in marking)
                and node < len(nodes)
            ):
                named.setdefault(
                    node,
                    _problem(
                        nodes[node],
                        "waits_for_ever",
                        "会等一条可能没有走的分支，流程停在这里",
                        "may wait for a branch that was not taken: the process stops here",
                    ),
                )
    if named:
        return list(named.values())
    bad = [one for one in seen if one not in good]
    if bad:
        return [
            _problem(
                nodes[graph.definition.start],
                "cannot_end",
                "之后有一种走法到不了结束",
                "has a way from which no end is reached",
            )
        ]
    return []
