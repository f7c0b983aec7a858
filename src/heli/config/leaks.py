"""The side channels of a running company, tried on its own people, rules and records: what one may not see is changed, and
all that they are told must stay the same. Everything is taken back, and nothing is said of it but codes and counts.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from django.db import connection, transaction

from heli.access.core.line import Level
from heli.access.viewer import Mode, Viewer
from heli.api import lists, record, strip, viewer, who, workbench
from heli.kernel import clock
from heli.kernel.errors import HeliError
from heli.kernel.ids import uuid7
from heli.kernel.words import Words
from heli.org.models import Person
from heli.records import act, explain, history, names, rows, search, store, visible, write
from heli.records import fields as f
from heli.records.missing import Question
from heli.records.sight import Sight
from heli.records.types import KEY_COLUMNS, TYPES, ObjectType

LEAST_PAUSE = 0.15
"""Seconds in which a writer of SQLite, who looks every tenth of a second whether the database is free, finds it so."""
SYSTEM = "leaks: what is there is compared with what is told"
REGISTER = Path(__file__).resolve().parents[3] / "docs" / "disclosures.md"
CHANNELS = {
    "list": Words("列表与显示的值", "lists and the values they show"),
    "sort": Words("排序", "sorting"),
    "filter": Words("筛选", "filters"),
    "count": Words("计数、合计与分组", "counts, sums and groups"),
    "record": Words("记录页、可做的操作与 ETag", "a record, its acts and its ETag"),
    "absent": Words("看不到与不存在的答复", "unseen answered as absent"),
    "search": Words("搜索", "search"),
    "links": Words("关联的名称", "titles of links"),
    "history": Words("变更记录", "history"),
    "who": Words("还有谁能看到", "who else sees it"),
    "why": Words("为什么", "why"),
    "workbench": Words("工作台的数字与待办", "figures and queue of the workbench"),
    "strip": Words("交接状态条", "the hand-off strip"),
    "pulse": Words("实时变化", "live changes"),
    "write": Words("写入被拒的答复", "answers of refused writes"),
}
"""What is compared, by code."""


@dataclass(slots=True)
class Channel:
    """How often a channel was tried, and how often it told."""

    tried: int = 0
    leaks: int = 0
    types: set[str] = field(default_factory=set)
    """Object types at which it told."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """Something that a person may not see: a whole record, or one cell of a record that they see."""

    kind: ObjectType
    row: Mapping[str, Any]
    code: str | None

    @property
    def changes(self) -> dict[str, Any]:
        """Other values in its place; deciding reads none of these columns."""
        fields = [self.kind.fields[self.code]] if self.code is not None else list(self.kind.fields.values())
        found = {one.column: _other(one, self.row[one.column]) for one in fields if _free(self.kind, one)}
        return {column: value for column, value in found.items() if value is not None}


def _free(kind: ObjectType, one: f.Field) -> bool:
    keys = one.column in KEY_COLUMNS or one.column in ("updated_at", "created_at", "updated_by_id", "created_by_id")
    return not keys and not one.flow and type(one) in (f.Text, f.Money, f.Number, f.Phone, f.Email) and not one.unique


def _other(one: f.Field, value: Any) -> Any:
    if isinstance(value, int):
        return value + 4217
    if isinstance(value, str) and value:
        return value[:-1] + ("7" if value[-1:] != "7" else "3")
    return None


def run(people: int, per_type: int) -> dict[str, Channel]:
    """Try every channel for so many people and, of each type, so many hidden records and cells; takes everything back.

    SQLite lets one write at a time, and a trial is a write: after each, others get as long as it kept them waiting.
    """
    takes_turns = connection.vendor == "sqlite" and not connection.in_atomic_block
    found = {code: Channel() for code in CHANNELS}
    for pk in _sample(
        list(Person.objects.exclude(status=Person.LEFT).order_by("pk").values_list("pk", flat=True)), people
    ):
        one = viewer.for_person(pk, "leaks")
        now = clock.now()
        one = replace(
            one, mode=Mode("leaks", pk, one.name, "", "", now, now)
        )  # what is tried here is no use of a grant
        for kind in TYPES:
            if one.view is None or not one.view.may(kind.code, "read"):
                continue
            for hidden in _hidden(one, kind, per_type):
                began = time.monotonic()
                _try(one, hidden, found)
                if takes_turns:
                    time.sleep(max(LEAST_PAUSE, time.monotonic() - began))
    return found


def _sample[T](all_: Sequence[T], most: int) -> list[T]:
    """Evenly spread, and the same every time."""
    step = max(1, len(all_) // most) if most else 1
    return list(all_[::step])[:most]


def _hidden(one: Viewer, kind: ObjectType, most: int) -> Iterator[Hidden]:
    """Records that this person does not see, and cells that they do not read of records that they see."""
    ids = store.query(viewer.system(SYSTEM), kind.code).ids(400)
    sight = Sight(one, kind)
    conditions = {c.column for h in sight.rights.lines for c in h.line.where} if sight.rights is not None else set()
    whole, cells = 0, 0
    for row in rows.load_many(sight, _sample(ids, 80)):
        if not rows.visible(sight, row):
            if whole < most:
                whole += 1
                yield Hidden(kind, row, None)
            continue
        for code, field_ in kind.fields.items():
            level = sight.rights.level(code, row) if sight.rights is not None else Level.READ
            if cells < most and level == Level.HIDDEN and _free(kind, field_) and field_.column not in conditions:
                cells += 1
                yield Hidden(kind, row, code)


def _try(one: Viewer, hidden: Hidden, found: Mapping[str, Channel]) -> None:
    changes = hidden.changes
    if not changes:
        return
    asks = _asks(one, hidden)
    for code in asks:
        found[code].tried += 1
    telling = _telling(hidden, changes, asks)
    if telling:  # once more: the company works on meanwhile, and its own changes are no leak
        telling = _telling(hidden, changes, {code: asks[code] for code in telling})
    for code in telling:
        found[code].leaks += 1
        found[code].types.add(hidden.kind.code)


def _telling(hidden: Hidden, changes: Mapping[str, Any], asks: Mapping[str, Callable[[], Any]]) -> set[str]:
    """Channels whose answer changes with the hidden thing. One short transaction, taken back: nobody waits long for it."""
    with transaction.atomic():
        before = {code: _digest(ask) for code, ask in asks.items()}
        after = [_changed(hidden, changes, asks)]
        if hidden.code is None:
            after.append(_changed(hidden, {"deleted_at": clock.now()}, asks))
        transaction.set_rollback(True)
    return {code for code, told in before.items() if any(other[code] != told for other in after)}


def _changed(hidden: Hidden, changes: Mapping[str, Any], asks: Mapping[str, Callable[[], Any]]) -> dict[str, bytes]:
    """What is told while the hidden thing is another; taken back."""
    with transaction.atomic():
        write.update(hidden.kind, str(hidden.row["id"]), changes)
        told = {code: _digest(ask) for code, ask in asks.items()}
        transaction.set_rollback(True)
    return told


def _digest(ask: Callable[[], Any]) -> bytes:
    try:
        told: Any = ask()
    except HeliError as error:
        told = [type(error).__name__, error.json()]
    return hashlib.blake2b(
        orjson.dumps(told, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    ).digest()


def _asks(one: Viewer, hidden: Hidden) -> dict[str, Callable[[], Any]]:
    """What the person asks, by channel; of a hidden record beside what they ask of one that is not there."""
    kind, row, code = hidden.kind, hidden.row, hidden.code
    pk, absent = str(row["id"]), uuid7()
    sight = Sight(one, kind)
    usable = [c for c, field_ in kind.fields.items() if sight.usable(c) is not None and field_.sortable]
    probe = code if code in usable else kind.title if kind.title in usable else (usable[0] if usable else None)
    asks: dict[str, Callable[[], Any]] = {
        "list": lambda: _page(one, kind, {"limit": 200}),
        "count": lambda: _counted(one, kind, probe),
        "search": lambda: [vars_of(hit) for hit in search.find(one, _text(kind, row, code), None, 20)],
        "links": lambda: names.shown(one, kind.code, [pk], code or kind.title),
        "workbench": lambda: workbench.payload(one),
        "pulse": lambda: visible.among(one, kind.code, [pk]),
        "history": lambda: _plain(history.told(one, kind, pk).events),
        "who": lambda: who.others(one, kind, pk),
        "why": lambda: explain.json(explain.why(one, Question("edit", kind.code, pk, code))),
        "record": lambda: record.present(one, kind, pk),
    }
    if probe is not None:
        value = kind.fields[probe].dump(row[kind.fields[probe].column])
        asks["sort"] = lambda: [_page(one, kind, {"limit": 200, "sort": sign + probe}) for sign in ("", "-")]
        if isinstance(value, str | int):
            wanted = {"field": probe, "op": "=", "value": value}
            asks["filter"] = lambda: _page(one, kind, {"limit": 200, "filter": wanted})
    if kind.code == "account":
        asks["strip"] = lambda: strip.steps(one, pk)
    if code is None:
        asks["absent"] = lambda: _same(lambda key: record.present(one, kind, key), pk, absent)
        asks["write"] = lambda: _same(
            lambda key: act.do(one, act.Action(kind.code, "edit", key, {kind.title: "x"}, dry_run=True)), pk, absent
        )
    return asks


def _same(ask: Callable[[str], Any], pk: str, absent: str) -> list[Any]:
    """Both answers where they differ: then the change beneath shows that the hidden one tells; nothing where they agree."""
    told = [_digest(partial(ask, key)) for key in (pk, absent)]
    return [] if told[0] == told[1] else [clock.now().isoformat(), uuid7()]


def _page(one: Viewer, kind: ObjectType, query: dict[str, Any]) -> Any:
    told = orjson.loads(lists.page(one, kind.code, query))
    return [told["items"], told["access"], told["next"] is not None]  # a cursor is sealed anew each time


def _counted(one: Viewer, kind: ObjectType, by: str | None) -> Any:
    totals = [c for c, field_ in kind.fields.items() if field_.summable][:2]
    found: list[Any] = [lists.count(one, kind, {})]
    for query in ({"by": by} if by is not None else {}, *({"sum": code} for code in totals)):
        try:
            found.append(lists.count(one, kind, query))
        except HeliError as error:
            found.append(error.json())
    return found


def _text(kind: ObjectType, row: Mapping[str, Any], code: str | None) -> str:
    return str(row[kind.fields[code or kind.title].column] or "")[:40] or "x"


def _plain(events: Sequence[Any]) -> list[Any]:
    return [[e.at, e.actor, e.action, [[c.field, c.old, c.new] for c in e.changes]] for e in events]


def vars_of(hit: search.Hit) -> list[Any]:
    return [hit.type, hit.id, hit.title, hit.subtitle, hit.matched]


def register() -> list[dict[str, str]]:
    """The rows of the disclosure register: what cannot be silent, and is therefore no leak."""
    if not REGISTER.is_file():
        return []
    cells = [
        re.findall(r"\| ([^|]+?) (?=\|)", line) for line in REGISTER.read_text().splitlines() if line.startswith("| `")
    ]
    return [
        {"code": one[0].strip("`"), "tells": one[1], "to": one[2], "why": one[3]} for one in cells if len(one) == 4
    ]  # fmt: skip


__all__ = ["CHANNELS", "Channel", "register", "run"]
