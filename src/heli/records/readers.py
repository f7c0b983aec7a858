"""Who may do something with one record: people's rights beside its facts, asked for many people at little cost."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from heli.access import epoch
from heli.access import view as views
from heli.access.core.line import REACH, Held
from heli.kernel import clock
from heli.kernel.ids import is_id
from heli.org.models import Assignment, Person
from heli.org.tree import Tree, valid
from heli.records import rows, sealed, sql
from heli.records.sight import row_facts
from heli.records.types import ObjectType

PART = 200
"""People whose epochs and reach are read together."""

_REACHED = (
    "SELECT person_id, kind, line FROM access_reach WHERE type=%s AND (until IS NULL OR until>%s) "
    "AND ((record_id=%s AND via='id') OR (record_id=%s AND via='account'))"
)


@dataclass(frozen=True, slots=True)
class Allowed:
    """A person who may, the lines that allow it, and the record's facts as they reach it."""

    person: int
    because: tuple[Held, ...]
    facts: Mapping[str, Any]


def allowed(action: str, kind: ObjectType, row: Mapping[str, Any], people: Iterable[int]) -> Iterator[Allowed]:
    """Those of the people who may do this with the record, in the given order; read lazily, a part at a time."""
    facts = {k: v for k, v in row.items() if k != REACH}
    asked = list(people)
    reached = reached_by(kind, row)
    for start in range(0, len(asked), PART):
        part = asked[start : start + PART]
        stamps = epoch.current_of(part)
        for one in part:
            rights = views.of(one, stamps[one]).type(kind.code)
            if rights is None:
                continue
            theirs = row_facts(facts, reached.get(one, frozenset()))
            found = rights.decide(action, theirs)
            if found.allowed:
                yield Allowed(one, found.because, theirs)


def row_of(kind: ObjectType, record: str, *, lock: bool = False) -> dict[str, Any] | None:
    """The stored columns of one live record, for finding out who could do something with it; never to be shown. ``lock``:
    until the transaction ends, as the write door locks it."""
    if not is_id(record):
        return None
    end = " FOR UPDATE" if lock and sql.vendor() == "postgresql" else ""
    listed = ", ".join(f'"{c}"' for c in kind.stored)
    found = sql.rows(f'SELECT {listed} FROM "{kind.table}" WHERE id=%s AND deleted_at IS NULL{end}', [record])
    return sealed.open_row(kind, rows.aware(dict(zip(kind.stored, found[0], strict=True)))) if found else None


def reached_by(kind: ObjectType, row: Mapping[str, Any]) -> dict[int, frozenset[tuple[str, str]]]:
    """By person: how the record is reached through team, workitem, relation or a grant that names it."""
    account = row.get("account_id") if kind.parent == "account" else None
    found: dict[int, set[tuple[str, str]]] = {}
    moment = sql.bind(clock.now())
    for person, scope, line in sql.rows(_REACHED, [kind.code, moment, row["id"], account or ""]):
        found.setdefault(person, set()).add((scope, line))
    return {person: frozenset(pairs) for person, pairs in found.items()}


def nearest(tree: Tree, kind: ObjectType, row: Mapping[str, Any], first: Iterable[Any] = ()) -> Iterator[int]:
    """Everyone who has not left, nearest to the record first: its owner and ``first``, who reaches it, then department by
    department up the tree with heads and overseers, then all others by id."""
    given: set[int] = set()

    def new(people: Iterable[Any]) -> list[int]:
        found = [one for one in dict.fromkeys(people) if one is not None and one not in given]
        given.update(found)
        return sorted(_here(found), key=found.index)

    yield from new([row.get("owner_id"), *first])
    yield from new(sorted(reached_by(kind, row)))
    now = clock.now()
    for department in tree.above(row.get("department_id") or 0):
        node = tree.nodes[department]
        members = Assignment.objects.filter(valid(now), department_id=department).order_by("person_id")
        yield from new([node.head, node.overseer, *members.values_list("person_id", flat=True)])
    rest = Person.objects.exclude(status=Person.LEFT).order_by("pk").values_list("pk", flat=True)
    yield from (one for one in rest.iterator(chunk_size=1000) if one not in given)


def _here(people: Sequence[int]) -> list[int]:
    """Those who have not left."""
    found: list[int] = []
    for start in range(0, len(people), PART):
        part = people[start : start + PART]
        rows = Person.objects.filter(pk__in=part).exclude(status=Person.LEFT)
        found += rows.values_list("pk", flat=True)
    return found


class Budget:
    """Time for looking at people: ``left`` is asked between two of them."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> bool:
        return time.monotonic() < self._end
