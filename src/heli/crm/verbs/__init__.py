"""The verbs of the object types: each decides by its stage rule, then changes the record through the open act."""

from heli.crm.verbs import campaigns, contracts, deals, leads, orders, payments, quotes, taking, tickets

__all__ = ["campaigns", "contracts", "deals", "leads", "orders", "payments", "quotes", "taking", "tickets"]
