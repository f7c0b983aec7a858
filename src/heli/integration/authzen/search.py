"""Who may, on which records, and what: searches for a program that holds ``decide`` there. Elsewhere: no hit."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from heli.access.shapes import DECIDE
from heli.access.viewer import Viewer
from heli.integration.authzen import decide
from heli.integration.authzen.decide import Asked
from heli.kernel.errors import NotFound
from heli.org.models import Person
from heli.records import cursor, rows, store
from heli.records.types import TYPES

MOST = 100
SECONDS = 1.0
"""Time for one page: it ends early, with a token to go on, rather than late."""
CHUNK = 100


@dataclass(frozen=True, slots=True)
class Found:
    """A page of hits and the token of the next; empty when there is none."""

    hits: list[dict[str, str]]
    next: str = ""


NOTHING = Found([])


def _from(token: str, *bound: object) -> Any:
    return cursor.unseal(token, *bound)[0] if token else None


def subjects(caller: Viewer, asked: Asked, kind: str, token: str, limit: int) -> Found:
    """People who may do it with this record, by id. Raises Invalid for a foreign token."""
    named, action = asked.named, asked.action
    if named is None or action is None or named.shape.code not in TYPES or kind not in decide.SUBJECTS:
        return NOTHING
    type_ = TYPES[named.shape.code]
    row = decide.row_of(type_, asked)
    if row is None or not decide.may_ask(caller, type_, row):
        return NOTHING
    bound = (caller.person, "authzen", "subject", type_.code, asked.id, action, repr(asked.properties))
    after, end = _from(token, *bound) or 0, time.monotonic() + SECONDS
    hits: list[dict[str, str]] = []
    while True:
        people = list(Person.objects.exclude(status=Person.LEFT).filter(pk__gt=after).order_by("pk")[:CHUNK])
        for one in people:
            after = one.pk
            if decide.decision(decide.viewer_of(one), type_, action, row, asked.field).allowed:
                hits.append({"type": kind, "id": one.username})
            if len(hits) == limit or time.monotonic() > end:
                return Found(hits, cursor.seal([after], *bound))
        if len(people) < CHUNK:
            return Found(hits)


def resources(caller: Viewer, asked: Asked, token: str, limit: int) -> Found:
    """Records of the type with which the subject may do it and about which the caller may ask, the newest first."""
    named, action, subject = asked.named, asked.action, asked.subject
    if named is None or action is None or subject is None or named.shape.code not in TYPES or named.elsewhere:
        return NOTHING
    type_ = TYPES[named.shape.code]
    if caller.view is None or not caller.view.may(type_.code, DECIDE):
        return NOTHING
    bound = (caller.person, "authzen", "resource", type_.code, subject.person, action, asked.field)
    last, end = _from(token, *bound), time.monotonic() + SECONDS
    try:
        asks = store.query(subject, type_.code)
    except NotFound:
        return NOTHING
    hits: list[dict[str, str]] = []
    while True:
        ids = asks.ids(CHUNK, before=last)
        loaded = {row["id"]: row for row in rows.load_many(asks.sight, ids)}
        for pk in ids:
            last, row = pk, loaded.get(pk)
            allowed = row is not None and decide.decision(subject, type_, action, row, asked.field).allowed
            if row is not None and allowed and decide.may_ask(caller, type_, row):
                hits.append({"type": named.outside, "id": pk})
            if len(hits) == limit or time.monotonic() > end:
                return Found(hits, cursor.seal([last], *bound))
        if len(ids) < CHUNK:
            return Found(hits)


def actions(caller: Viewer, asked: Asked) -> Found:
    """What the subject may do with this record."""
    named, subject = asked.named, asked.subject
    if named is None or subject is None:
        return NOTHING
    found = []
    for action in sorted(named.shape.actions - {DECIDE}):
        one = Asked(subject, named, action, asked.id, asked.properties)
        if decide.decide(caller, one).allowed:
            found.append({"name": named.said(action)})
    return Found(found)
