"""Who may do something with one record: people's rights beside its facts, asked for many people at little cost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from heli.access import epoch
from heli.access import view as views
from heli.access.core.line import REACH, Held
from heli.access.models import Reach
from heli.access.viewer import Viewer
from heli.kernel import clock, quick
from heli.kernel.ids import is_id
from heli.kernel.quick import Row, Statement
from heli.records import fields as f
from heli.records import hooks, rows, sealed, sql
from heli.records.sight import row_facts
from heli.records.types import ObjectType

WORK = "workitem"
COPIES = "copy:"
"""How the source of a reach row begins that comes of a copy, and not of work."""
PART = 200
"""People whose epochs and reach are read together."""

_REACHED = (
    "SELECT person_id, kind, line, source FROM access_reach WHERE type=%s AND (until IS NULL OR until>%s) "
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
    asked = list(people)
    for start in range(0, len(asked), PART):
        part = asked[start : start + PART]
        yield from answered(action, kind, row, part, quick.together(asking(kind, row, part)))


def asking(kind: ObjectType, row: Mapping[str, Any], people: Sequence[int]) -> list[Statement]:
    """What ``allowed`` asks for at most ``PART`` people, to be run beside other statements; ``answered`` decides by their rows."""
    return [_reaching(kind, row), *epoch.asking(people)]


def answered(
    action: str, kind: ObjectType, row: Mapping[str, Any], people: Iterable[int], answers: Sequence[Sequence[Row]]
) -> Iterator[Allowed]:
    """Those of the people who may, by what ``asking`` found."""
    facts = {k: v for k, v in row.items() if k != REACH}
    reached = _by_person(answers[0])
    for one, stamp in epoch.of_people(people, answers[1:]).items():
        rights = views.of(one, stamp).type(kind.code)
        if rights is None:
            continue
        theirs = row_facts(facts, reached.get(one, frozenset()))
        found = rights.decide(action, theirs)
        if found.allowed:
            yield Allowed(one, found.because, theirs)


def quiet_work(asker: Viewer, reached: Iterable[Sequence[Any]]) -> set[str]:
    """Of reach rows (person, kind, line, source) the sources of work that the asker may not be told of."""
    if asker.is_system:
        return set()
    return hooks.untold(asker, {source for _, kind, _, source in reached if kind == WORK})


def row_of(kind: ObjectType, record: str, *, lock: bool = False, deleted: bool = False) -> dict[str, Any] | None:
    """The stored columns of one live record, for finding out who could do something with it; never to be shown. ``lock``:
    until the transaction ends, as the write door locks it; ``deleted``: also of one that is deleted and kept, as it stood then."""
    asked = asking_row(kind, record, lock=lock, deleted=deleted)
    return row_in(kind, quick.rows(*asked)) if asked is not None else None


def asking_row(kind: ObjectType, record: str, *, lock: bool = False, deleted: bool = False) -> quick.Statement | None:
    """What ``row_of`` asks, to be run beside other statements (``row_in`` makes the row of its answer); None for what is no id."""
    if not is_id(record):
        return None
    end = "" if deleted else " AND deleted_at IS NULL"
    end += " FOR UPDATE" if lock and sql.vendor() == "postgresql" else ""
    listed = ", ".join(f'"{c}"' for c in kind.stored)
    return f'SELECT {listed} FROM "{kind.table}" WHERE id=%s{end}', [record]


def row_in(kind: ObjectType, found: Sequence[quick.Row]) -> dict[str, Any] | None:
    """What ``asking_row`` asked for."""
    return sealed.open_row(kind, rows.aware(dict(zip(kind.stored, found[0], strict=True)))) if found else None


def numbered(kind: ObjectType, text: str) -> str | None:
    """The id of the live record with this number (the one that people read out), in capitals or not; for finding it only."""
    for one in kind.fields.values():
        if isinstance(one, f.AutoNumber):
            found = sql.rows(
                f'SELECT id FROM "{kind.table}" WHERE "{one.column}"=%s AND deleted_at IS NULL', [text.strip().upper()]
            )
            if found:
                return str(found[0][0])
    return None


def rows_of(
    kind: ObjectType, records: Sequence[str], columns: Sequence[str] | None = None, *, deleted: bool = False
) -> dict[str, dict[str, Any]]:
    """The same of any number of records, by id; ``columns``: of these only. What lies encrypted stays so: deciding asks at most whether it
    is empty."""
    end = "" if deleted else " AND deleted_at IS NULL"
    stored = tuple(kind.stored) if columns is None else ("id", *columns)
    listed, found = ", ".join(f'"{c}"' for c in stored), {}
    for start in range(0, len(records), PART):
        part = [one for one in records[start : start + PART] if is_id(one)]
        marks = ",".join(["%s"] * len(part)) or "NULL"
        text = f'SELECT {listed} FROM "{kind.table}" WHERE id IN ({marks}){end}'
        for row in sql.rows(text, part):
            one = rows.aware(dict(zip(stored, row, strict=True)))
            found[one["id"]] = one
    return found


def of_account(kind: ObjectType, account: str, records: Sequence[str]) -> set[str]:
    """Which of these records (any number) belong to this customer."""
    found: set[str] = set()
    for start in range(0, len(records), PART):
        part = list(records[start : start + PART])
        marks = ",".join(["%s"] * len(part))
        text = f'SELECT id FROM "{kind.table}" WHERE account_id=%s AND id IN ({marks})'
        found |= {row[0] for row in sql.rows(text, [account, *part])}
    return found


def reached_by(
    kind: ObjectType, row: Mapping[str, Any], asker: Viewer | None = None
) -> dict[int, frozenset[tuple[str, str]]]:
    """By person: how the record is reached through team, workitem, relation or a grant that names it. ``asker``: to whom it is told;
    others' work of which they may not know is left out."""
    ways = quick.rows(*_reaching(kind, row))
    quiet = quiet_work(asker, ways) if asker is not None else set()
    untold = (
        one for one in ways if one[1] == WORK and one[3] in quiet and asker is not None and one[0] != asker.person
    )
    left_out = set(untold)
    return _by_person(one for one in ways if one not in left_out)


@dataclass(frozen=True, slots=True)
class Copy:
    """That a step of a case copied the record to somebody: which case, and until when they read by it."""

    case: int
    until: datetime


def copies(kind: ObjectType, record: str, asker: Viewer, moment: datetime | None = None) -> dict[tuple[int, str], Copy]:
    """Who reads a record by a copy, by person and the tag of the step that made it; of several at one step that which lasts longest, of
    those of which the asker may be told: of two cases of one process they may know the way of one alone."""
    rows_ = Reach.objects.filter(record_id=record, type=kind.code, via="id", kind=WORK, source__startswith=COPIES)
    rows_ = rows_.filter(until__gt=moment or clock.now()).order_by("until")
    found = list(rows_.values_list("person_id", "line", "source", "until"))
    quiet = quiet_work(asker, [(person, WORK, tag, source) for person, tag, source, _ in found])
    return {
        (person, tag): Copy(int(source.split(":")[1]), until)
        for person, tag, source, until in found
        if until is not None and (source not in quiet or person == asker.person)
    }


def _reaching(kind: ObjectType, row: Mapping[str, Any]) -> Statement:
    account = row.get("account_id") if kind.parent == "account" else None
    return _REACHED, [kind.code, sql.bind(clock.now()), row["id"], account or ""]


def _by_person(ways: Iterable[Sequence[Any]]) -> dict[int, frozenset[tuple[str, str]]]:
    found: dict[int, set[tuple[str, str]]] = {}
    for person, scope, line, _ in ways:
        found.setdefault(person, set()).add((scope, line))
    return {person: frozenset(pairs) for person, pairs in found.items()}
