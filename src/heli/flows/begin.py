"""Beginning a case: of a process that can be begun, about a record that who begins it may do this with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
from django.db import IntegrityError, transaction

from heli.access import view as views
from heli.access.core.line import Level
from heli.access.viewer import Viewer
from heli.flows import library, matters, store
from heli.flows.core import events as e
from heli.flows.core.definition import CHOSEN, PROPOSED, WAS, Definition, Subject, reserved
from heli.flows.core.expression import ExpressionError
from heli.flows.core.state import State
from heli.flows.core.step import BY_ITSELF
from heli.flows.looking import keep_cell
from heli.flows.models import Instance, Process, Version
from heli.flows.run import Run, audited, said
from heli.flows.starting import Here
from heli.flows.store import Kept
from heli.kernel.actor import Actor
from heli.kernel.errors import Conflict, Invalid, NotFound, Problem, Refused
from heli.kernel.storable import UNSTORABLE, unstorable_in
from heli.kernel.words import Words
from heli.records import act, readers, write
from heli.records import fields as f
from heli.records.reasons import refusal
from heli.records.sight import kind_of, row_facts
from heli.records.types import TYPES
from heli.records.work import Work as Act
from heli.records.work_input import UNKNOWN, forwards

MOST_DATA = 20_000
"""Bytes of what an instance is begun with."""
NO_PROCESS = Words("没有这个流程，或它已停用", "there is no such process, or it is closed")
NEEDS_RECORD = Words("这个流程要从一条记录发起", "this process begins from a record")
NO_RECORD = Words("这个流程不针对记录", "this process is about no record")
WITH_MATTER = Words(
    "这个流程随「{what}」自动发起，请在那里提交", "this process begins with each {what}: make one there"
)
NO_CHANGE = Words("这个流程不提交字段变更", "this process proposes no change of fields")
WANTS_CHANGE = Words("请填写要变更的字段", "say which fields are to be changed")
SAME = Words("与现在的值相同", "it is the same as now")
NO_JSON = Words("应为 JSON（整数最多 64 位）", "must be JSON, with whole numbers of at most 64 bits")
RESERVED = Words("这个名称由系统使用", "this name is the system's own")
RUNNING = Words("这条记录已经有一个「{name}」在走", "“{name}” is running for this record already")
NOT_THEM = Words(
    "「{node}」不能交给这个人，流程限定了可以选谁：请另选一人",
    "“{node}” cannot go to this person, for the process says who may be chosen: choose somebody else",
)


@dataclass(frozen=True, slots=True)
class Begin:
    """A process to begin. ``chosen``: node id -> people, for nodes whose people the initiator chooses; ``change``: new values that are
    proposed for fields of the record; ``cause``: the event that begins it, which begins it once."""

    process: str
    record: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    chosen: Mapping[str, Sequence[int]] = field(default_factory=dict)
    change: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""
    cause: str | None = None


def begin(viewer: Viewer, asked: Begin) -> int:
    """Begin an instance; its number.

    Raises NotFound for a process or record that is not there for this viewer, Refused with its reason where they may not begin it,
    Invalid naming each place, Conflict where the record runs through it already.
    """
    text = said(asked.text)
    data = _data(asked)
    return audited(viewer, "begin", None, lambda: _begin(act.current(viewer), asked, data, text))


def _data(asked: Begin) -> dict[str, Any]:
    check_names(asked.data)
    found = {**asked.data, **{f"{CHOSEN}{node}": [int(one) for one in people] for node, people in asked.chosen.items()}}
    check_size(found)
    return found


def check_size(data: Mapping[str, Any]) -> None:
    """Raises Invalid for what cannot be kept, or is too much."""
    try:
        text = orjson.dumps(dict(data))
    except (TypeError, orjson.JSONEncodeError):
        raise Invalid(Problem("data", "type", NO_JSON)) from None
    if len(text) > MOST_DATA:
        raise Invalid(Problem("data", "too_long", Words(f"最多 {MOST_DATA} 字节", f"at most {MOST_DATA} bytes")))
    if unstorable_in(data) is not None:
        raise Invalid(Problem("data", "unicode", UNSTORABLE))


def check_names(data: Mapping[str, Any]) -> None:
    """Raises Invalid naming what would stand in the place of something that the case keeps itself."""
    ours = [name for name in data if reserved(name)]
    if ours:
        raise Invalid([Problem(f"data/{name[:80]}", "reserved", RESERVED) for name in ours])


def _begin(viewer: Viewer, asked: Begin, data: dict[str, Any], text: str) -> int:
    process = (
        Process.objects.select_related("current")
        .defer("current__source")
        .filter(code=asked.process, closed_at=None, current__isnull=False)
        .first()
    )
    if process is None or process.current is None or viewer.person is None:
        raise NotFound(NO_PROCESS)
    process.current.process = process
    engine = library.engine(process.current)
    subject = engine.definition.subject
    about = matters.of(engine.definition)
    if about is not None:
        raise Refused(WITH_MATTER.fill(what=about.words), code="by_itself")
    if subject is not None and not asked.record:
        raise Invalid(Problem("record", "required", NEEDS_RECORD))
    if subject is None and asked.record:
        raise Invalid(Problem("record", "unknown", NO_RECORD))
    if engine.definition.begun is None:
        raise Refused(BY_ITSELF, code="by_itself")
    with write.held() as told:
        if subject is not None:
            opening = Act.begin(viewer, kind_of(subject.type))
            opening.open(asked.record)
            opening.need(subject.right)
            _now(viewer, opening, engine.definition, process.words)
            if subject.proposes:
                data |= _proposed(opening, subject, asked.change)
            elif asked.change:
                raise Invalid(Problem("change", "unknown", NO_CHANGE))
        made = Made(process.current, asked.record, viewer.person, data, cause=asked.cause)
        run = made.run(viewer.actor, told)
        if run is None:
            raise Conflict(RUNNING.fill(name=process.words), code="running")
        # Said now: when their turn comes, somebody else would have it, and nobody would know why.
        if unfit := [one for one in engine.definition.nodes if run.finder.unfit(one)]:
            raise Invalid([Problem(f"chosen/{one.id}", "unfit", NOT_THEM.fill(node=one.words)) for one in unfit])
        if subject is not None and subject.begins and not there(run, subject):
            run.change(viewer, subject.begins, {})
        run.tell("begun", person=viewer.person, text=text)
        run.send(e.Start())
        run.save("begin", text=text)
    return run.row.pk


def _now(viewer: Viewer, opening: Act, definition: Definition, name: Words) -> None:
    """Raises Refused where its start condition does not hold of the record."""
    if definition.subject is None or definition.subject.when is None:
        return
    words = Here(viewer, opening.kind, opening.row, definition).not_now(name)
    if words is not None:
        raise Refused(words, code="condition", why={"code": "condition", "words": words.json()})


def may_begin(person: int, subject: Subject, record: str) -> bool:
    """Whether somebody could begin this about this record themselves: they see it, and may do with it what beginning takes."""
    kind = TYPES[subject.type]
    stored, view = readers.row_of(kind, record), views.of(person)
    rights_ = view.type(kind.code)
    if stored is None or rights_ is None:
        return False
    facts = row_facts(dict(stored), readers.reached_by(kind, stored).get(person, frozenset()))
    return all(rights_.decide(action, facts).allowed for action in ("read", subject.right))


def there(run: Run, subject: Subject) -> bool:
    """Whether the record stands already where beginning would bring it. Raises Invalid where that cannot be said."""
    if subject.unless is None:
        return False
    try:
        return subject.unless.holds(run.looking, run.today)
    except ExpressionError as error:
        raise Invalid(Problem("record", "condition", error.words)) from None


def _proposed(opening: Act, subject: Subject, given: Mapping[str, Any]) -> dict[str, Any]:
    """New values for fields of the record, and what stood there, as they are kept: checked like an edit, by whoever reads the field
    as it is. Raises Invalid naming each place, Refused."""
    kind, rights, row = opening.kind, opening.sight.rights if opening.sight is not None else None, opening.row
    found: dict[str, Any] = {}
    was: dict[str, Any] = {}
    columns: dict[str, Any] = {}
    problems: list[Problem] = []
    for code, value in given.items():
        level = rights.level(code, row) if rights is not None and code in subject.proposes else Level.HIDDEN
        if level == Level.HIDDEN:
            problems.append(Problem(f"change/{code[:80]}", "unknown", UNKNOWN.fill(code=code[:80])))
            continue
        if level < Level.READ:
            raise refusal(opening.viewer, kind, "read", row, code)
        one = kind.fields[code]
        try:
            column = one.parse(value)
        except f.FieldError as error:
            problems.append(Problem(f"change/{code}", error.code, error.words))
            continue
        if column == row[one.column] or (one.is_empty(column) and one.is_empty(row[one.column])):
            problems.append(Problem(f"change/{code}", "same", SAME))
            continue
        columns[one.column] = column
        found[code], was[code] = (
            keep_cell(kind, row["id"], one, column),
            keep_cell(kind, row["id"], one, row[one.column]),
        )
    for problem, other in forwards(kind, {**row, **columns}, found):
        if other.code in found or (rights is not None and rights.level(other.code, row) == Level.READ):
            problems.append(replace(problem, place=f"change/{problem.place}"))
    if not problems and not found:
        problems.append(Problem("change", "required", WANTS_CHANGE))
    if problems:
        raise Invalid(problems)
    return {PROPOSED: found, WAS: was}


@dataclass(frozen=True, slots=True)
class Made:
    """A case that is about to begin, by whoever or whatever begins it. ``above``: the case that waits for it, with the token, the
    round and the number for which it does; ``part``: what of the version it does; ``hidden``, ``depth``: as in ``Instance``."""

    version: Version
    record: str
    initiator: int
    data: Mapping[str, Any]
    cause: str | None = None
    above: tuple[Instance, int, int, int] | None = None
    part: str = ""
    hidden: bool = False
    depth: int = 0

    def run(self, by: Actor, told: write.Told) -> Run | None:
        """Its row, under its lock; None where its record runs through this process already, or its cause has begun one."""
        subject = library.definition(self.version).subject
        type_ = subject.type if subject is not None else ""
        row = Instance(
            version=self.version, process_code=self.version.process.code, type=type_, record_id=self.record if type_ else "",
            initiator_id=self.initiator, data=dict(self.data), standing=store.dump(State(self.initiator)), cause=self.cause, part=self.part,
            hidden=self.hidden, depth=self.depth,
        )  # fmt: skip
        if self.above is not None:
            parent, row.parent_token, row.parent_round, row.parent_number = self.above
            row.parent_id, row.depth = parent.pk, parent.depth + 1
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:
            return None
        return Run(row, library.of(row), State(self.initiator), Kept({}), by, told)
