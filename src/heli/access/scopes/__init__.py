"""The scopes: one file each. A new one is a file here and a line in this list."""

from heli.access.scopes import (
    all,
    below,
    customer,
    department,
    oversees,
    own,
    pool,
    project,
    record,
    related,
    reports,
    team,
    workitem,
)
from heli.access.scopes.base import SCOPES, Carrier, Person, Scope, split

__all__ = [
    "SCOPES",
    "Carrier",
    "Person",
    "Scope",
    "all",
    "below",
    "customer",
    "department",
    "oversees",
    "own",
    "pool",
    "project",
    "record",
    "related",
    "reports",
    "split",
    "team",
    "workitem",
]
