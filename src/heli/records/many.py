"""One act on many records: each item is decided, done and audited alone, in one transaction and one pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from heli.access.core.decide import TypeRights
from heli.access.core.line import Level
from heli.access.viewer import Viewer
from heli.audit import again, log
from heli.kernel.errors import Conflict, HeliError, Invalid, Problem, Refused
from heli.kernel.ids import is_id
from heli.kernel.words import Words
from heli.records import act, reasons, rows, sql, write
from heli.records import fields as f
from heli.records.sight import Sight, kind_of
from heli.records.types import ObjectType
from heli.records.verbs import Verb, verbs_of
from heli.records.work import Work
from heli.records.work_input import UNKNOWN

MOST = 1000
"""Records of one act."""
PLAIN = ("edit", "delete", "restore")
ONE_BY_ONE = frozenset({"reveal"})
"""Verbs that answer with a value: each look is a decision of its own."""
MOVES = frozenset({"transfer", "assign", "claim", "return"})
"""Verbs that change who owns a record."""

REPEATED = Words("这条记录已经在前面给出", "this record is named before")
NOTHING = Words("没有要修改的字段", "there is nothing to change")


@dataclass(frozen=True, slots=True)
class Item:
    """A record to act on; ``etag``: what it was when it was read (optional)."""

    id: str
    etag: str | None = None


@dataclass(frozen=True, slots=True)
class Many:
    """One act to ask for on up to 1,000 records of a type. ``verb``: edit, delete, restore, or a verb of the type.

    ``values`` are JSON values of fields or of the verb's parameters, the same for each record. ``dry_run`` decides
    everything and changes nothing.
    """

    type: str
    verb: str
    items: Sequence[Item]
    values: Mapping[str, Any] = field(default_factory=dict)
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one record: done, or the error that a single act would have met."""

    id: str
    error: HeliError | None = None


def verbs_for(kind: ObjectType) -> list[Verb]:
    """The verbs of a type that many records can undergo at once."""
    pooled = kind.code in act.POOLED
    known = [v for v in verbs_of(kind.code) if v.code not in ONE_BY_ONE]
    return [v for v in known if pooled or v.type != "*" or v.code not in ("claim", "return")]


def do(viewer: Viewer, many: Many) -> list[Outcome]:
    """Do one act on many records as this viewer; the outcomes stand in the order of the items.

    Raises NotFound when the viewer has nothing to do with the type, Invalid when the request is wrong for every record
    (an unknown act, a repeated id, values that no record takes). Whatever concerns one record is its own outcome.
    """
    kind = kind_of(many.type)
    _once(many.items)
    used: dict[str, act.Done | None] = {}
    found = again.until_done(lambda: _all(viewer, kind, many, used))
    for one, done in used.items():
        act.note(viewer, act.Action(kind.code, many.verb, one, dry_run=many.dry_run), done)
    return found


def _all(viewer: Viewer, kind: ObjectType, many: Many, used: dict[str, act.Done | None]) -> list[Outcome]:
    """One attempt at everything, in one transaction; ``used`` then holds which grants it took, by record."""
    used.clear()
    found: dict[str, HeliError | None] = {}
    with log.transaction():
        now = act.current(viewer)
        begun = Work.begin(now, kind)
        _check(begun, many)
        _lock(kind, many)
        with write.held() as told:
            # In the order of ids, as they are locked.
            for item in sorted(many.items, key=lambda one: one.id):
                asked = act.Action(kind.code, many.verb, item.id, many.values, item.etag, many.dry_run)
                found[item.id] = _one(now, begun.sight, asked, told, used)
            if many.dry_run:
                told.clear()
                transaction.set_rollback(True)
    return [Outcome(item.id, found[item.id]) for item in many.items]


def _lock(kind: ObjectType, many: Many) -> None:
    """Lock all records concerned before the first is changed, and first the customers, then what belongs to them: two such
    acts then never wait for each other's rows in a ring, nor one for the hand-over of a customer."""
    if sql.vendor() != "postgresql":
        return
    ids = sorted(one.id for one in many.items if is_id(one.id))
    if not ids:
        return
    marks = ",".join(["%s"] * len(ids))
    sql.rows(f'SELECT id FROM "{kind.table}" WHERE id IN ({marks}) ORDER BY id FOR UPDATE', ids)
    if kind.code == "account" and many.verb in MOVES:
        write.lock_children(ids)


def _one(
    viewer: Viewer, sight: Sight | None, asked: act.Action, told: write.Told, used: dict[str, act.Done | None]
) -> HeliError | None:
    before = len(told)
    try:
        with transaction.atomic():
            done = act.perform(Work(viewer, kind_of(asked.type), sight), asked)
    except HeliError as error:
        del told[before:]
        if isinstance(error, Refused) and asked.id is not None:
            used[asked.id] = None
        # Trying finds out what would be refused and is no attempt; a taken value is told by a try as well.
        if isinstance(error, Conflict) or (isinstance(error, Refused) and not asked.dry_run):
            log.append_alone(act.refused(viewer, asked, error))
        return error
    used[done.id] = done
    return None


def _once(items: Sequence[Item]) -> None:
    seen: set[str] = set()
    problems: list[Problem] = []
    for n, item in enumerate(items):
        if item.id in seen:
            problems.append(Problem(f"items/{n}/id", "repeated", REPEATED))
        seen.add(item.id)
    if problems:
        raise Invalid(problems)


def _check(work: Work, many: Many) -> None:
    """What is wrong whichever record it concerns is told once, at its place in the request."""
    kind, rights = work.kind, _rights(work)
    if many.verb == "edit":
        problems = [p for code, value in many.values.items() for p in _value(work, rights, code, value)]
        if not many.values:
            problems = [Problem("values", "empty", NOTHING)]
    elif many.verb in PLAIN:
        problems = [_unknown(code) for code in many.values]
    else:
        verb = next((v for v in verbs_for(kind) if v.code == many.verb), None)
        if verb is None:
            raise Invalid(Problem("act", "unknown", act.NO_VERB))
        try:
            work.params(verb, many.values)
            problems = []
        except Invalid as error:
            problems = [Problem(f"values/{p.place}", p.code, p.words) for p in error.problems]
    if problems:
        raise Invalid(problems)


def _value(work: Work, rights: TypeRights | None, code: str, value: Any) -> list[Problem]:
    one = work.kind.fields.get(code)
    if one is None or (rights is not None and rights.best_level(code) == Level.HIDDEN):
        return [_unknown(code)]
    if one.readonly or one.flow:
        words = reasons.WORDS["readonly"].fill(field=one.words)
        return [Problem(f"values/{code}", "readonly", words)]
    try:
        one.parse(value)
    except f.FieldError as error:
        return [Problem(f"values/{code}/{error.place}".rstrip("/"), error.code, error.words)]
    return []


def _unknown(code: str) -> Problem:
    return Problem(f"values/{code[:80]}", "unknown", UNKNOWN.fill(code=code[:80]))


def _rights(work: Work) -> TypeRights | None:
    view = work.viewer.view
    return view.type(work.kind.code) if view is not None and not work.viewer.is_system else None


# -- what is offered ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Offers:
    """On how many of some records the viewer may do each act, and change each field; acts that fit none are left out."""

    acts: Mapping[str, int]
    fields: Mapping[str, int]


def offers(viewer: Viewer, code: str, records: Sequence[str]) -> Offers:
    """What the viewer may do with at least one of these records, as they are now. Those they do not see count nowhere.

    Raises NotFound when the viewer has nothing to do with the type.
    """
    kind = kind_of(code)
    sight = Sight(viewer, kind)
    verbs = verbs_for(kind)
    acts: dict[str, int] = dict.fromkeys(["edit", *(v.code for v in verbs), "delete"], 0)
    fields: dict[str, int] = {c: 0 for c, one in kind.fields.items() if not one.readonly and not one.flow}
    for row in rows.load_many(sight, list(dict.fromkeys(records))):
        if not rows.visible(sight, row):
            continue
        writable = _writable(sight, row, fields)
        for one in writable:
            fields[one] += 1
        acts["edit"] += bool(writable)
        acts["delete"] += _may(sight, "delete", row)
        for verb in verbs:
            acts[verb.code] += _may(sight, verb.right, row) and verb.refuses(viewer, row) is None
    return Offers({c: n for c, n in acts.items() if n}, {c: n for c, n in fields.items() if n})


def _may(sight: Sight, action: str, row: Mapping[str, Any]) -> bool:
    return sight.rights is None or sight.rights.decide(action, row).allowed


def _writable(sight: Sight, row: Mapping[str, Any], codes: Mapping[str, int]) -> list[str]:
    if sight.rights is None:
        return list(codes)
    if not sight.rights.decide("edit", row).allowed:
        return []
    rights = sight.rights
    return [c for c in codes if rights.decide_field("edit", c, row).allowed]


__all__ = ["MOST", "Item", "Many", "Offers", "Outcome", "do", "offers", "verbs_for"]
