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
NO_END = Words(
    "{node}之后没有结束事件：请在最后一步之后加一个结束，用连线接上",
    "{node} leads to no end event: add an end after the last step, with a flow to it",
)
UNREACHABLE = Words(
    "{node}从开始走不到：请从前面的步骤画一条连线到这里，或者删掉它",
    "{node} cannot be reached from the start: draw a flow to it from a step before, or take it out",
)
STUCK = Words(
    "{node}走不到任何结束：请从这里画一条连线到后面的步骤或结束",
    "{node} leads to no end: draw a flow from it to a later step, or to an end",
)
UNCONDITIONAL = Words(
    "{node}有 {n} 条连线没有条件，不知道走哪一条：请给它们写上条件，只留一条作默认分支",
    "{node} has {n} flows without a condition, so which one is taken is not said: give them conditions, and leave one as the default",
)
NO_DEFAULT = Words(
    "{node}的条件可能都不成立，那时没有路可走：请把其中一条连线设为默认分支",
    "{node} may find no condition true, and then has no way to go: make one of its flows the default",
)
END_GOES_ON = Words(
    "{node}是结束，却还有连线出去：请删掉出去的连线，或者把它换成一个步骤",
    "{node} is an end and has flows that leave it: take them out, or make it a step",
)
START_COMES_BACK = Words(
    "{node}是开始，却有连线进来：请把连线改接到开始之后的第一步",
    "{node} is a start and has flows that come in: lead them to the first step behind it",
)
BOUNDARY = Words(
    "{node}附在步骤上，应有一条连线出去，而没有连线进来：请画出事情发生后走的那一条，删掉其余的",
    "{node} stands on a step and has one flow that leaves it and none that come in: draw the way that is taken when it happens, "
    "and take out the rest",
)
EVENT_TARGETS = Words(
    "{node}之后应是两个以上只从这里进入的事件：请让每条连线直接接到一个等待（消息、信号或定时器），别处不再接到它",
    "{node} leads to two or more events, which nothing else leads to: let each of its flows lead to a message, a signal or a timer of its own",
)
EVENT_CONDITION = Words(
    "{node}之后的连线带了条件，而这里走哪条由先发生的事决定：请删掉条件，需要时在事件之后再分支",
    "{node} has a flow with a condition, and here what comes first decides: take the condition out; where one is needed, branch behind the event",
)
DOUBLE = Words(
    "id“{id}”用了两次：请在「BPMN」里给其中一个换一个 id",
    "the id “{id}” is used twice: give one of them another, under “BPMN”",
)
ENDLESS = Words(
    "{node}在一个没有人、也不等待任何事的循环里，会永远转下去：请在循环里加一个由人处理的步骤、定时器或等待的消息，或者去掉转回来的连线",
    "the circle of {node} waits for nobody and nothing and would run for ever: add a step of people, a timer or a message to it, "
    "or take out the flow that leads back",
)
TOO_WIDE = Words(
    "{node}之后的分支太多太散，{most} 种情形内查不完能否走完：请把一部分放进子流程，或用成对的网关分开和合并",
    "{node} leads to branches too many to check within {most} cases whether they can end: put some into a sub-process, "
    "or split and join them in pairs",
)
TWICE = Words(
    "{node}可能被几条并行分支各触发一次：请在它之前加一个并行网关，先把这些分支合并",
    "{node} may be reached by several parallel branches, each on its own: join them by a parallel gateway before it",
)
WAITS = Words(
    "{node}会等一条可能没有走的分支，流程停在这里：请让分开和合并用同一种网关，二选一的分支用排他网关合并",
    "{node} may wait for a branch that was not taken, and the process stops here: split and join by gateways of one kind; where one of several ways "
    "is taken, join by an exclusive gateway",
)
CANNOT_END = Words(
    "{node}之后有一种走法到不了结束：请逐条看各个分支，让每一条都接到后面的步骤或结束",
    "{node} has a way behind it from which no end is reached: follow each branch, and lead it to a later step or an end",
)
BEHIND = Words("“{node}”之后的{kind}", "the {kind} behind “{node}”")
GATEWAY, EVENT, END, STEP = (
    Words("网关", "gateway"),
    Words("事件", "event"),
    Words("结束", "end"),
    Words("步骤", "step"),
)
START = Words("开始事件", "the start")
UNNAMED = Words("{kind}“{node}”", "the {kind} “{node}”")
QUOTED = Words("“{node}”", "“{node}”")
MOST_LISTED = 6
"""Nodes that one sentence names."""
GATEWAYS = (Kind.EXCLUSIVE, Kind.PARALLEL, Kind.INCLUSIVE, Kind.EVENTS)


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


def _problem(definition: Definition, node: Node, code: str, said: Words, **more: object) -> Problem:
    return Problem(node.element, code, said.fill(node=called(definition, node), **more))


def called(definition: Definition, node: Node) -> Words:
    """What a node is called in a sentence: one without a name by the step that it follows."""
    if not node.name and node.kind is Kind.START and node.level == -1:
        return START
    if node.name:
        return QUOTED.fill(node=node.words)
    seen: set[str] = set()
    before: Node | None = node
    while before is not None and before.id not in seen and not before.name and before.incoming:
        seen.add(before.id)
        before = definition.nodes[definition.flows[before.incoming[0]].source]
    ends, waits = node.kind in ENDS, node.kind in (*CATCHES, Kind.BOUNDARY, Kind.THROW)
    kind = GATEWAY if node.kind in GATEWAYS else END if ends else EVENT if waits else STEP
    if before is None or not before.name:
        return UNNAMED.fill(node=node.words, kind=kind)
    return BEHIND.fill(node=before.words, kind=kind)


def _reach(graph: Graph) -> Iterable[Problem]:
    whole, nodes = graph.definition, graph.definition.nodes
    reached = set(graph.order)
    ends = [place for place, node in enumerate(nodes) if node.kind in ENDS]
    if not ends:
        yield _problem(whole, nodes[whole.start], "no_end", NO_END)
        return
    seen = _behind(graph.before, ends)
    last = [place for place in range(len(nodes)) if place not in seen and not graph.after[place]]
    led = _behind(graph.before, last) - set(last)  # said already where it stops
    for place, node in enumerate(nodes):
        if place not in reached:
            yield _problem(whole, node, "unreachable", UNREACHABLE)
        elif place not in seen and place not in led:
            yield _problem(whole, node, "stuck", STUCK)


def _behind(after: Sequence[Iterable[int]], first: Iterable[int]) -> set[int]:
    """These places, and all that they lead to."""
    seen = set(first)
    waiting = list(seen)
    while waiting:
        for target in after[waiting.pop()]:
            if target not in seen:
                seen.add(target)
                waiting.append(target)
    return seen


def _gateways(definition: Definition) -> Iterable[Problem]:
    for node in definition.nodes:
        if node.kind in (Kind.EXCLUSIVE, Kind.INCLUSIVE) and len(node.outgoing) > 1 and not node.id.startswith(":"):
            bare = [f for f in node.outgoing if definition.flows[f].condition is None and f != node.default]
            if bare and node.kind is Kind.EXCLUSIVE and len(bare) > 1:
                yield _problem(definition, node, "unconditional", UNCONDITIONAL, n=len(bare))
            if not bare and node.default is None:
                yield _problem(definition, node, "no_default", NO_DEFAULT)
        if node.kind in ENDS and node.outgoing:
            yield _problem(definition, node, "end_goes_on", END_GOES_ON)
        if node.kind is Kind.START and any(":" not in definition.flows[f].id for f in node.incoming):
            yield _problem(definition, node, "start_comes_back", START_COMES_BACK)
        if node.kind is Kind.BOUNDARY and (
            node.incoming or not node.outgoing or (node.interrupts and len(node.outgoing) > 1)
        ):
            yield _problem(definition, node, "boundary", BOUNDARY)
        if node.kind is Kind.EVENTS:
            targets = [definition.nodes[definition.flows[f].target] for f in node.outgoing]
            if len(targets) < 2 or any(one.kind not in CATCHES or len(one.incoming) != 1 for one in targets):
                yield _problem(definition, node, "event_gateway", EVENT_TARGETS)
            if any(definition.flows[f].condition is not None for f in node.outgoing):
                yield _problem(definition, node, "event_gateway", EVENT_CONDITION)


def _doubles(definition: Definition) -> Iterable[Problem]:
    """Flows that are called as another flow, or as a node, is: a case that is taken over could not tell them apart."""
    known = {one.id for one in definition.nodes}
    for flow in definition.flows:
        if flow.id in known:
            yield Problem(flow.id, "double", DOUBLE.fill(id=flow.id))
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
        each = [called(definition, nodes[p]) for p in on if nodes[p].name] or [called(definition, nodes[on[0]])]
        words = Words("、".join(one.zh for one in each[:MOST_LISTED]), ", ".join(one.en for one in each[:MOST_LISTED]))
        yield Problem(nodes[on[0]].element, "endless", ENDLESS.fill(node=words))


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
            return [_problem(graph.definition, nodes[start], "too_wide", TOO_WIDE, most=f"{MOST_STATES:,}")]
        following = []
        for new, by in _steps(net, marking, reach):
            if len(set(new)) != len(new):
                double = double or _named(graph, net, new, by)
                continue
            following.append(new)
        seen[marking] = following
        waiting += following
    if double is not None:
        return [_problem(graph.definition, double, "twice", TWICE)]
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
                named.setdefault(node, _problem(graph.definition, nodes[node], "waits_for_ever", WAITS))
    if named:
        return list(named.values())
    bad = [one for one in seen if one not in good]
    if bad:
        return [_problem(graph.definition, nodes[graph.definition.start], "cannot_end", CANNOT_END)]
    return []
