"""How the latest hits of one type are reached: from postings where a text is rare, through the viewer's own rows where
they see few, and along the order of change where both are many. All three give the same rows.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from heli.access.compile import TRUE, Sql, all_of, any_of
from heli.records import counts, plan, search_grams, search_posts, sql
from heli.records.plan import emit
from heli.records.plan.estimates import UNITED, rows_of
from heli.records.plan.merge import possible
from heli.records.plan.phase import keyed, phases
from heli.records.search_grams import Asked
from heli.records.sight import Sight
from heli.records.types import ObjectType

RARE = 3000
"""Postings of one type up to which they are looked at one by one."""
MOST_RANGES = 40
"""Ranges not posted yet, of one type, up to which they are looked at beside the postings."""
FIRST = 2000
"""Rows of the first stretch of a walk; each further one is four times as long."""
OWN_COST = 2.0
"""What a row found by a key costs beside one of a walk."""
SHORT = 40_000
"""Rows that a walk reads at most before it is given up."""
PATIENCE = 1.0
"""Share of that, and of what reading all own rows costs, which a walk may use up."""
HOPE = 1.0
"""Weight of the rows that a walk is expected to read."""
FEW = 3000
"""A table with fewer rows is read as it is."""


def listed(parts: Sequence[Sql]) -> Sql:
    return Sql(", ".join(part.text for part in parts), tuple(v for part in parts for v in part.params))


@dataclass(slots=True)
class Candidates:
    """Which records the postings name for what is asked, by type; None where they are too many."""

    asked: Asked
    ranges: Sequence[search_posts.Range]
    _waiting: dict[str, list[search_posts.Range]] = field(default_factory=lambda: defaultdict(list))
    _known: dict[str, list[str]] | None = None

    def __post_init__(self) -> None:
        for one in self.ranges:
            self._waiting[one.type].append(one)
        rows = _postings(self.asked, None, RARE)
        if len(rows) <= RARE:
            self._known = defaultdict(list)
            for code, record in rows:
                self._known[code].append(record)

    def possible(self, kind: ObjectType) -> bool:
        """Whether a record of this type may fit at all: asked before anything is read of what the viewer may see."""
        if not search_posts.searched(kind):
            return False
        if not search_posts.kept(kind) or self._waiting.get(kind.code) or self._known is None:
            return True
        return bool(self._known.get(kind.code))

    @property
    def rare(self) -> bool:
        """Whether all postings that fit are at hand."""
        return self._known is not None

    def waiting(self, kind: ObjectType) -> list[search_posts.Range]:
        return self._waiting.get(kind.code, [])

    def usable(self, kind: ObjectType) -> bool:
        """Whether postings and short ranges together hold every record of the type that may fit."""
        waiting = self.waiting(kind)
        return search_posts.kept(kind) and len(waiting) <= MOST_RANGES and not any(one.whole for one in waiting)

    def of(self, kind: ObjectType) -> list[str] | None:
        """Records of a type whose words fit; None: more than RARE."""
        if self._known is not None:
            return self._known.get(kind.code, [])
        rows = _postings(self.asked, kind.code, RARE)
        return None if len(rows) > RARE else [record for _, record in rows]

    def named(self, kind: ObjectType) -> Sql:
        """Rows of a type that the postings name, however many, and those that are not posted yet."""
        held = _where(self.asked, kind.code)
        if sql.vendor() == "postgresql":
            own = Sql(f"t.id = ANY(ARRAY(SELECT record_id FROM records_posted WHERE {held.text}))", held.params)
        else:
            rows = (
                f"SELECT record_id FROM records_posted WHERE n IN (SELECT rowid FROM records_grams WHERE {held.text})"
            )
            own = Sql(f"t.id IN ({rows})", held.params)
        return any_of([own, *self.beside(kind)])

    def beside(self, kind: ObjectType) -> list[Sql]:
        """The ranges that are not posted yet."""
        return [Sql("(t.id > %s AND t.id <= %s)", (one.low, one.high)) for one in self.waiting(kind)]

    def count(self, kind: ObjectType, most: int) -> int:
        """How many postings of a type fit, counted up to ``most``."""
        held = _where(self.asked, kind.code)
        table = "records_posted" if sql.vendor() == "postgresql" else "records_grams"
        text = f"SELECT COUNT(*) FROM (SELECT 1 FROM {table} WHERE {held.text} LIMIT {most}) x"
        return int(sql.rows(text, held.params)[0][0])


def _where(asked: Asked, code: str | None) -> Sql:
    """Which postings fit, in the words of the index of this database."""
    if sql.vendor() == "postgresql":
        ways = [Sql("grams @> %s::integer[]", ([search_grams.number(w) for w in way],)) for way in asked.ways]
        return all_of([any_of(ways), *([Sql("type=%s", (code,))] if code is not None else [])])
    match = " OR ".join("(" + " AND ".join(f'"{word}"' for word in way) + ")" for way in asked.ways)
    if code is not None:
        match = f'"{search_grams.KIND}{code}" AND ({match})'
    return Sql("records_grams MATCH %s", (match,))


def _postings(asked: Asked, code: str | None, most: int) -> list[tuple[str, str]]:
    """``(type, record)`` of at most ``most + 1`` postings."""
    where = _where(asked, code)
    if sql.vendor() == "postgresql":
        text = f"SELECT type, record_id FROM records_posted WHERE {where.text} LIMIT {most + 1}"
        return [(kind, record) for kind, record in sql.rows(text, where.params)]
    # The numbers first: a common text is recognised before anything is looked up.
    held = sql.rows(f"SELECT rowid FROM records_grams WHERE {where.text} LIMIT {most + 1}", where.params)
    if len(held) > most:
        return [("", "")] * len(held)
    return [
        (kind, record)
        for kind, record in sql.rows(
            "SELECT type, record_id FROM records_posted WHERE n IN (SELECT value FROM json_each(%s))",
            [json.dumps([n for (n,) in held])],
        )
    ]


def latest(sight: Sight, select: Sql, where: Sql, most: int, candidates: Candidates) -> list[tuple[Any, ...]]:
    """The ``most`` rows changed last that fulfil ``where``; each begins with the record's id."""
    kind = sight.kind
    known = counts.known(kind)
    if known.total <= FEW and not candidates.usable(kind):
        return _sorted(kind, select, where, most)
    visible = min(rows_of(one, known) for one in (sight.visible, *sight.ceilings))
    own = visible * OWN_COST
    if candidates.usable(kind):
        named = candidates.of(kind) if candidates.rare or own > FIRST else None
        if named is not None:
            parts = [_among(named)] if named else []
            parts += candidates.beside(kind)
            return _sorted(kind, select, all_of([any_of(parts), where]), most) if parts else []
    hoped = HOPE * most * known.total * known.total / (max(RARE, 1) * max(visible, 1))
    narrow = all_of([_own(sight, known), where])
    if own <= hoped or "updated_at" not in kind.sort_fields:
        if candidates.usable(kind) and not candidates.rare and own > FIRST:
            found = _in_turns(sight, select, where, most)  # a common text: the latest own rows soon hold enough
            if found is not None:
                return found
        return _sorted(kind, select, narrow, most)
    budget = min(own, SHORT) * PATIENCE
    found = _walk(kind, select, where, most, budget)
    if found is not None:
        return found
    # The words are common and yet few rows fit: what the postings name is looked at in full, or all own rows.
    if candidates.usable(kind) and candidates.count(kind, int(own)) < own:
        return _sorted(kind, select, all_of([candidates.named(kind), where]), most)
    return _sorted(kind, select, narrow, most)


def _in_turns(sight: Sight, select: Sql, where: Sql, most: int) -> list[tuple[Any, ...]] | None:
    """The viewer's own rows, key by key in the order of their last change, until enough fit; at worst all of them. None
    where no index has them in that order."""
    kind = sight.kind
    if "updated_at" not in kind.sort_fields:
        return None
    order = plan.Order("updated_at", True, (), plan.NEVER)
    want = plan.Want(
        kind, select, sight.visible, sight.ceilings, sight.reach, order, most, filter=lambda alias: where, leaves=1
    )
    (phase,) = phases(want)
    scope = min(phase.scopes, key=lambda one: sum(len(b.values) for b in one.branches), default=None)
    if scope is None or scope.everything or scope.partial or not possible(phase, scope):
        return None
    if sum(len(b.values) for b in keyed(scope)) > UNITED[sql.vendor()]:
        return None
    if sql.vendor() == "postgresql" and len(scope.branches) == 1 and len(scope.branches[0].values) == 1:
        return _stretches(kind, select, all_of([sql.writer("t.").branch(scope.branches[0])]), where, most)
    statement = emit.united(phase, scope)
    return None if statement is None else [row[:-2] for row in sql.rows(statement.text, statement.params)]


def _stretches(kind: ObjectType, select: Sql, own: Sql, where: Sql, most: int) -> list[tuple[Any, ...]] | None:
    """The same for one key on PostgreSQL, which takes common texts for rare and would read all rows of the key: the latest
    so many, then four times as many. None when not enough are found in SHORT rows."""
    order, length = "t.updated_at DESC, t.id DESC", FIRST
    while length < SHORT:
        text = (
            f'SELECT {select.text} FROM (SELECT * FROM "{kind.table}" t WHERE {own.text} ORDER BY {order} LIMIT {length}) t '
            f"WHERE {where.text} ORDER BY {order} LIMIT {most}"
        )
        found = sql.rows(text, (*select.params, *own.params, *where.params))
        if len(found) >= most:
            return found
        length *= 4
    return None


PARTIAL = {"pool_id": "NOT (s.pool_id = '')"}
"""Columns whose index leaves out the empty ones, in the words of the index: else SQLite does not see that it serves."""


def _own(sight: Sight, known: counts.Counts) -> Sql:
    """Nothing but what the rights say anyway, told by keys one after another: a database left alone reads the table
    when one key of several seems to have no index. True where the rights are not by keys."""
    scope = min((sight.visible, *sight.ceilings), key=lambda one: rows_of(one, known))
    if scope.everything or scope.partial or not scope.branches:
        return TRUE
    writer = sql.writer("s.")
    parts = []
    for branch in scope.branches:
        own = writer.branch(branch, sight.reach)
        also = PARTIAL.get(branch.column, f"s.{branch.column} IS NOT NULL")
        parts.append(Sql(f'SELECT s.id FROM "{sight.kind.table}" s WHERE {own.text} AND {also}', own.params))
    united = " UNION ".join(part.text for part in parts)
    text = f"t.id = ANY(ARRAY({united}))" if sql.vendor() == "postgresql" else f"t.id IN ({united})"
    return Sql(text, tuple(v for part in parts for v in part.params))


def _among(ids: list[str]) -> Sql:
    if sql.vendor() == "postgresql":
        return Sql("t.id = ANY(%s::varchar[])", (ids,))
    return Sql("t.id IN (SELECT value FROM json_each(%s))", (json.dumps(ids),))


def _sorted(kind: ObjectType, select: Sql, where: Sql, most: int) -> list[tuple[Any, ...]]:
    """Every row that fits, then the latest: the order must not tempt the database into a walk."""
    inner = f'SELECT {select.text}, t.updated_at AS at_, t.id AS id_ FROM "{kind.table}" t WHERE {where.text}'
    if sql.vendor() == "postgresql":
        text = f"SELECT * FROM ({inner} OFFSET 0) x ORDER BY at_ DESC, id_ DESC LIMIT {most}"
    else:
        text = f"{inner} ORDER BY +t.updated_at DESC, +t.id DESC LIMIT {most}"
    return [row[:-2] for row in sql.rows(text, (*select.params, *where.params))]


def _walk(kind: ObjectType, select: Sql, where: Sql, most: int, budget: float) -> list[tuple[Any, ...]] | None:
    """Rows by their last change, in growing stretches until enough fit; None when the budget is spent before."""
    hint = f'INDEXED BY "{kind.code}_updated_at"' if sql.vendor() == "sqlite" else ""
    found: list[tuple[Any, ...]] = []
    bounds: list[Sql] = []
    read, length = 0, FIRST
    while True:
        end = all_of(bounds)
        last = sql.rows(
            f'SELECT t.updated_at, t.id FROM "{kind.table}" t {hint} WHERE {end.text} '
            f"ORDER BY t.updated_at DESC, t.id DESC LIMIT 1 OFFSET {length - 1}",
            end.params,
        )
        inside = all_of([*bounds, *([Sql("(t.updated_at, t.id) >= (%s, %s)", last[0])] if last else []), where])
        found += [
            row[:-2]
            for row in sql.rows(
                f'SELECT {select.text}, t.updated_at, t.id FROM "{kind.table}" t {hint} WHERE {inside.text} '
                f"ORDER BY t.updated_at DESC, t.id DESC LIMIT {most - len(found)}",
                (*select.params, *inside.params),
            )
        ]
        read += length
        if len(found) >= most or not last:
            return found
        if read > budget:
            return None
        bounds = [Sql("(t.updated_at, t.id) < (%s, %s)", last[0])]
        length *= 4
