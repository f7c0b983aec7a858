"""All routes, assembled at start-up: the fixed areas, and for each registered object type its own."""

from __future__ import annotations

from collections.abc import Iterator

from heli.api import (
    access_approval,
    access_bounds,
    access_common,
    access_guard,
    access_insight,
    access_matrix,
    access_moves,
    access_narrower,
    access_roles,
    access_scopes,
    access_why,
    account,
    account_deputies,
    account_sessions,
    authzen,
    bin,
    bulk,
    drafts,
    exports,
    files,
    flow_begin,
    flow_checks,
    flow_drafts,
    flow_figures,
    flow_files,
    flow_improving,
    flow_migrations,
    flow_packets,
    flow_together,
    flow_trials,
    flows,
    leaving,
    lending,
    lending_emergencies,
    lending_loans,
    lending_standing,
    lists,
    me,
    mentions,
    meta,
    notices,
    org_departments,
    org_handover,
    org_positions,
    org_projects,
    org_requests,
    org_reset,
    org_tokens,
    organisation,
    organisation_writes,
    oversight,
    parts,
    pulse,
    record,
    reviews,
    sandboxes,
    schemas,
    search,
    session,
    simulate,
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
from heli.kernel.errors import Broken
from heli.records.types import TYPES

AREAS = (
    session, me, account, account_sessions, account_deputies, mentions, meta, why, search, pulse, workbench, views,
    tokens, organisation, organisation_writes, org_departments, org_positions, org_projects, org_handover, org_reset,
    org_tokens, org_requests, oversight, drafts, reviews, leaving, access_matrix, access_bounds, access_roles,
    access_scopes, access_insight, access_why, simulate, access_moves, access_narrower, access_approval, lending, lending_standing, lending_loans,
    lending_emergencies,
    exports, access_guard, view_as, sandboxes, authzen,
    flows, flow_packets, flow_begin, flow_together, flow_files, flow_drafts, flow_checks, flow_trials, flow_figures, flow_improving, flow_migrations,
    notices,
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


def route_of(id_: str) -> Route:
    """The route of this id, which there is."""
    found: Route = next(one for area in AREAS for one in area.ROUTES if one.id == id_)
    return found


def shared_schemas() -> dict[str, Schema]:
    """Every named schema of the document."""
    areas = (getattr(area, "SCHEMAS", {}) for area in (*AREAS, *PER_TYPE))
    found: dict[str, Schema] = {}
    for some in (components(), schemas.SHARED, access_common.SCHEMAS, *areas, *(schemas.of(kind) for kind in TYPES)):
        twice = sorted(name for name, one in some.items() if found.get(name, one) != one)
        if twice:
            raise Broken(f"two schemas of the API have the name {twice[0]}")
        found |= some
    return found
