"""The verbs of the object types: each decides by its stage rule, then changes the record through the open act."""

from heli.crm.verbs import contracts, deals, leads, orders, payments, tickets

__all__ = ["contracts", "deals", "leads", "orders", "payments", "tickets"]
