"""Processes that ship: one BPMN file each in ``crm/flows``; a company that has one of the same code keeps its own."""

from __future__ import annotations

from importlib.resources import files

from heli.flows import definitions
from heli.kernel.actor import Actor

SHIPPED = (
    "contract_approval", "contract_deletion", "quote_approval", "payment_collection", "customer_change", "customer_reassignment", "campaign_closing",
    "lead_distribution", "ticket_closing", "product_feedback", "project_setup", "service_handover", "temporary_permission", "permission_change",
    "access_review", "offboarding",
)  # fmt: skip
"""By code, in the order in which they are listed."""


def source(code: str) -> bytes:
    """The file of a process that ships."""
    return (files("heli.crm") / "flows" / f"{code}.bpmn").read_bytes()


def bring(by: Actor) -> None:
    """Publish those that are missing, in the caller's transaction."""
    for code in SHIPPED:
        definitions.ship(by, source(code))
