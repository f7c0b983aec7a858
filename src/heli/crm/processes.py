"""Processes that ship: one BPMN file each in ``crm/flows``; a company that has one of the same code keeps its own."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from heli.flows import definitions
from heli.flows.models import Process
from heli.kernel.actor import Actor

SHIPPED = (
    "contract_approval", "contract_deletion", "quote_approval", "payment_collection", "customer_change", "customer_reassignment", "campaign_closing",
    "lead_distribution", "ticket_closing", "product_feedback", "project_setup", "service_handover", "temporary_permission", "permission_change",
    "access_review", "offboarding",
)  # fmt: skip
"""By code, in the order in which they are listed."""


@cache
def source(code: str) -> bytes:
    """The file of a process that ships."""
    return (files("heli.crm") / "flows" / f"{code}.bpmn").read_bytes()


SAME, NEWER, OWN = "same", "newer", "own"


def beside(process: Process) -> str | None:
    """How the version in use stands to the file that ships now: the same; as an earlier release brought it, so that there is a newer one; or
    the company's own. None for what does not ship, or is not in use."""
    now = process.current
    if process.code not in SHIPPED or now is None:
        return None
    if bytes(now.source) == source(process.code):
        return SAME
    return NEWER if now.by_id is None and now.number == 1 else OWN


def bring(by: Actor) -> None:
    """Publish those that are missing, in the caller's transaction."""
    for code in SHIPPED:
        definitions.ship(by, source(code))
