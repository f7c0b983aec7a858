"""All routes, assembled at start-up: the fixed areas, and for each registered object type its own."""

from __future__ import annotations

from collections.abc import Iterator

from heli.api import (
    account,
    account_deputies,
    account_sessions,
    authzen,
    bin,
    bulk,
    drafts,
    files,
    lists,
    me,
    mentions,
    meta,
    org_departments,
    org_handover,
    org_positions,
    org_projects,
    org_reset,
    org_tokens,
    organisation,
    organisation_writes,
    oversight,
    parts,
    pulse,
    record,
    sandboxes,
    schemas,
    search,
    session,
    tokens,
    verbs,
    view_as,
    views,
    why,
    workbench,
)
from heli.api.common import components
from heli.api.route import Route
from heli.api.serve import Table
from heli.api.shape import Schema
from heli.records.types import TYPES

AREAS = (
    session, me, account, account_sessions, account_deputies, mentions, meta, why, search, pulse, workbench, views,
    tokens, organisation, organisation_writes, org_departments, org_positions, org_projects, org_handover, org_reset,
    org_tokens, oversight, drafts, view_as, sandboxes, authzen,
)  # fmt: skip
PER_TYPE = (lists, bin, record, bulk, verbs, parts, mentions, files)


def _all() -> Iterator[Route]:
    from heli.api import openapi

    for area in AREAS:
        yield from area.ROUTES
    for kind in TYPES:
        for part in PER_TYPE:
            yield from part.routes(kind)
    yield openapi.ROUTE


def _table() -> Table:
    table = Table()
    for route in _all():
        table.add(route)
    return table


TABLE = _table()


def shared_schemas() -> dict[str, Schema]:
    """Every named schema of the document."""
    found = {**components(), **schemas.SHARED}
    for area in (*AREAS, *PER_TYPE):
        found |= getattr(area, "SCHEMAS", {})
    for kind in TYPES:
        found |= schemas.of(kind)
    return found
