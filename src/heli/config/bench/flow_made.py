"""The processes that ``heli bench flow`` runs: the same file for every engine, but for how a condition names the amount."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

STEPS = 8
BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
LINE, APPROVAL = "line", "approval"
NAMES = (LINE, APPROVAL)
AMOUNT = 5000
"""Of every deal: more than the approval's condition asks for."""

type Edge = tuple[str, str] | tuple[str, str, str]


def source(name: str, amount: str = "record.amount") -> bytes:
    """``line``: eight approvals one after the other. ``approval``: eight of which two branches are parallel and one hangs on the amount.
    Each is done by the manager of who began it."""
    if name == LINE:
        tasks = [f"u{n}" for n in range(STEPS)]
        way = ["s", *tasks, "e"]
        return _file(name, tasks, [], list(pairwise(way)))
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
