"""From lead to cash 从线索到回款: which department has the customer, what is done, what is next, cell by cell.

Each step speaks only of records that the viewer sees; a step whose type they cannot read is not there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from heli.access.viewer import Viewer
from heli.api import shape
from heli.api.common import NAMED, PERSON, WORDS, ref
from heli.kernel.errors import NotFound
from heli.kernel.words import Words
from heli.records import store
from heli.records.types import TYPES


@dataclass(frozen=True, slots=True)
class Step:
    """One step: an object type, its stage field, the stages that are under way, and those that finish it."""

    code: str
    words: Words
    field: str
    current: tuple[str, ...]
    done: tuple[str, ...]


STEPS = (
    Step("opportunity", Words("商机", "Opportunity"), "stage",
         ("prospecting", "engaging", "new", "qualified", "proposal", "negotiation"), ("won",)),
    Step("quote", Words("报价", "Quote"), "status", ("draft", "sent"), ("accepted",)),
    Step("contract", Words("合同", "Contract"), "status", ("draft", "review", "approved"), ("signed", "finished")),
    Step("order", Words("交付", "Delivery"), "status", ("draft", "confirmed", "delivering"), ("delivered",)),
    Step("invoice", Words("开票", "Invoice"), "status", ("requested",), ("issued",)),
    Step("payment", Words("回款", "Payment"), "status", ("planned", "received"), ("confirmed",)),
    Step("ticket", Words("服务", "Service"), "stage", ("open", "processing", "waiting"), ("resolved", "closed")),
)  # fmt: skip
_MAYBE: shape.Schema = {"type": ["string", "null"]}
SCHEMAS = {
    "StripStep": shape.record(
        {
            "department": shape.nullable(ref(NAMED)),
            "code": {"type": "string"},
            "title": ref(WORDS),
            "state": {"type": "string", "enum": ["done", "current", "waiting"]},
            "record": shape.nullable(
                shape.record(
                    {"id": shape.ID, "type": {"type": "string"}, "title": {"type": "string"}}, required=("id", "type")
                )
            ),
            "person": shape.nullable(ref(PERSON)),
            "since": _MAYBE,
        }
    )
}


def steps(viewer: Viewer, account: str) -> list[dict[str, Any]]:
    """The steps of one account, which the viewer sees."""
    return [said for step in STEPS if step.code in TYPES and (said := _step(viewer, step, account)) is not None]


def _step(viewer: Viewer, step: Step, account: str) -> dict[str, Any] | None:
    try:
        asked = store.query(viewer, step.code)
    except NotFound:
        return None
    if asked.sight.usable("account") is None or asked.sight.usable(step.field) is None:
        return None
    kind = TYPES[step.code]
    wanted = [
        c for c in (kind.title, step.field, "owner", "department", "stage_since", "updated_at") if asked.sight.known(c)
    ]
    mine = asked.where({"field": "account", "op": "=", "value": account}).fields(
        [c for c in wanted if c in kind.fields]
    )
    for state, stages in (("current", step.current), ("done", step.done)):
        page = mine.where({"field": step.field, "op": "in", "value": list(stages)}).page(1)
        if page.items:
            return _said(step, kind.title, state, page.items[0])
    return {"department": None, "code": step.code, "title": step.words.json(), "state": "waiting", "record": None,
            "person": None, "since": None}  # fmt: skip


def _said(step: Step, title: str, state: str, row: dict[str, Any]) -> dict[str, Any]:
    record: dict[str, Any] = {"id": row["id"], "type": step.code}
    if row.get(title):
        record["title"] = str(row[title])
    owner, department = row.get("owner"), row.get("department")
    return {
        "department": department if isinstance(department, dict) and "name" in department else None,
        "code": step.code,
        "title": step.words.json(),
        "state": state,
        "record": record,
        "person": owner if isinstance(owner, dict) and "username" in owner else None,
        "since": row.get("stage_since") or row.get("updated_at"),
    }
