"""The processes that ``heli bench flow`` runs: the same file for every engine, but for how a condition names the amount."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
LINE, APPROVAL, LONG = "line", "approval", "long"
STEPS = {LINE: 8, APPROVAL: 8, LONG: 16}
"""Approvals of each from begin to end."""
NAMES = tuple(STEPS)
BLOCKS = 4
"""Of ``long``, one after the other: three branches beside each other, and one approval behind them."""
AMOUNT = 5000
"""Of every deal: more than the approval's condition asks for."""

type Edge = tuple[str, str] | tuple[str, str, str]


def source(name: str, amount: str = "record.amount") -> bytes:
    """``line``: eight approvals one after the other. ``approval``: eight of which two branches are parallel and one hangs on the amount.
    ``long``: four times three beside each other and one behind them. Each is done by the manager of who began it."""
    if name == LINE:
        tasks = [f"u{n}" for n in range(STEPS[LINE])]
        way = ["s", *tasks, "e"]
        return _file(name, tasks, [], list(pairwise(way)))
    if name == LONG:
        return _long()
    tasks = ["submit", "legal", "finance", "tax", "manager", "board", "sign", "archive"]
    gateways = [
        ("parallelGateway", "split"),
        ("parallelGateway", "join"),
        ("exclusiveGateway", "large"),
        ("exclusiveGateway", "merge"),
    ]
    edges: list[Edge] = [
        ("s", "submit"), ("submit", "split"), ("split", "legal"), ("split", "finance"), ("finance", "tax"), ("legal", "join"), ("tax", "join"),
        ("join", "manager"), ("manager", "large"), ("large", "board", f"{amount} > 1000"), ("large", "merge", ""), ("board", "merge"),
        ("merge", "sign"), ("sign", "archive"), ("archive", "e"),
    ]  # fmt: skip
    return _file(name, tasks, gateways, edges)


def _long() -> bytes:
    tasks: list[str] = []
    gateways: list[tuple[str, str]] = []
    edges: list[Edge] = []
    before = "s"
    for n in range(BLOCKS):
        beside, after = [f"a{n}", f"b{n}", f"c{n}"], f"d{n}"
        gateways += [("parallelGateway", f"split{n}"), ("parallelGateway", f"join{n}")]
        edges += [
            (before, f"split{n}"),
            *((f"split{n}", one) for one in beside),
            *((one, f"join{n}") for one in beside),
        ]
        edges.append((f"join{n}", after))
        tasks += [*beside, after]
        before = after
    return _file(LONG, tasks, gateways, [*edges, (before, "e")])


def _file(name: str, tasks: Iterable[str], gateways: Iterable[tuple[str, str]], edges: list[Edge]) -> bytes:
    def ends(node: str) -> str:
        came = "".join(f"<incoming>f{n}</incoming>" for n, edge in enumerate(edges) if edge[1] == node)
        return came + "".join(f"<outgoing>f{n}</outgoing>" for n, edge in enumerate(edges) if edge[0] == node)

    default = {edge[0]: f"f{n}" for n, edge in enumerate(edges) if len(edge) == 3 and not edge[2]}
    task = (
        '<userTask id="{0}" name="{0}"><extensionElements><heli:assignee rule="manager"/><heli:form show="name amount"/>'
        '<heli:moves allow="reject"/></extensionElements>{1}</userTask>'
    )
    nodes = f'<startEvent id="s">{ends("s")}</startEvent><endEvent id="e">{ends("e")}</endEvent>'
    nodes += "".join(task.format(one, ends(one)) for one in tasks)
    for kind, one in gateways:
        other = f' default="{default[one]}"' if one in default else ""
        nodes += f'<{kind} id="{one}" name="{one}"{other}>{ends(one)}</{kind}>'
    flows = ""
    for n, edge in enumerate(edges):
        said = edge[2].replace(">", "&gt;") if len(edge) == 3 else ""
        condition = f"<conditionExpression>{said}</conditionExpression>" if said else ""
        flows += f'<sequenceFlow id="f{n}" sourceRef="{edge[0]}" targetRef="{edge[1]}">{condition}</sequenceFlow>'
    return (
        f'<definitions xmlns="{BPMN}" xmlns:heli="urn:heli:flow"><process id="{name}" name="{name}" isExecutable="true"><extensionElements>'
        f'<heli:subject type="opportunity" right="edit"/></extensionElements>{nodes}{flows}</process></definitions>'
    ).encode()
