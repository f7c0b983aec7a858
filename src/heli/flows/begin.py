"""Beginning a case: of a process that can be begun, about a record that who begins it may do this with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.db import IntegrityError, transaction

from heli.access.viewer import Viewer
from heli.flows import library, store
from heli.flows.core import events as e
from heli.flows.core.state import State
from heli.flows.finding import CHOSEN
from heli.flows.models import Instance, Process
from heli.flows.run import UNSTORABLE, Run, audited, said
from heli.flows.store import Kept
from heli.kernel.errors import Conflict, Invalid, NotFound, Problem
from heli.kernel.words import Words
from heli.records import act, write
from heli.records.sight import kind_of
from heli.records.work import Work as Act

MOST_DATA = 20_000
"""Bytes of what an instance is begun with."""
NO_PROCESS = Words("没有这个流程，或它已停用", "there is no such process, or it is closed")
NEEDS_RECORD = Words("这个流程要从一条记录发起", "this process begins from a record")
NO_RECORD = Words("这个流程不针对记录", "this process is about no record")
RUNNING = Words("这条记录已经有一个「{name}」在走", "“{name}” is running for this record already")


@dataclass(frozen=True, slots=True)
class Begin:
    """A process to begin. ``chosen``: node id -> people, for nodes whose people the initiator chooses; ``cause``: the event that
    begins it, which begins it once."""

    process: str
    record: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    chosen: Mapping[str, Sequence[int]] = field(default_factory=dict)
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
    ours = [name for name in asked.data if name.startswith(CHOSEN)]
    if ours:
        words = Words("这个名称由系统使用", "this name is the system's own")
        raise Invalid([Problem(f"data/{name[:80]}", "reserved", words) for name in ours])
    found = {**asked.data, **{f"{CHOSEN}{node}": [int(one) for one in people] for node, people in asked.chosen.items()}}
    try:
        text = orjson.dumps(found)
    except (TypeError, orjson.JSONEncodeError):
        raise Invalid(Problem("data", "type", Words("应为 JSON", "must be JSON"))) from None
    if len(text) > MOST_DATA:
        raise Invalid(Problem("data", "too_long", Words(f"最多 {MOST_DATA} 字节", f"at most {MOST_DATA} bytes")))
    if _unstorable(found):
        raise Invalid(Problem("data", "unicode", UNSTORABLE))
    return found


def _unstorable(value: Any) -> bool:
    """Whether a text in it holds what no database keeps."""
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, Mapping):
        return any(_unstorable(one) for pair in value.items() for one in pair)
    return isinstance(value, list | tuple) and any(_unstorable(one) for one in value)


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
    if subject is not None and not asked.record:
        raise Invalid(Problem("record", "required", NEEDS_RECORD))
    if subject is None and asked.record:
        raise Invalid(Problem("record", "unknown", NO_RECORD))
    with write.held() as told:
        if subject is not None:
            opening = Act.begin(viewer, kind_of(subject.type))
            opening.open(asked.record)
            opening.need(subject.right)
        row = Instance(
            version=process.current, process_code=process.code, type=subject.type if subject is not None else "",
            record_id=asked.record, initiator_id=viewer.person, data=data, standing=store.dump(State(viewer.person)), cause=asked.cause,
        )  # fmt: skip
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:
            raise Conflict(RUNNING.fill(name=process.words), code="running") from None
        run = Run(row, engine, State(viewer.person), Kept({}), viewer.actor, told)
        if subject is not None and subject.begins:
            run.change(viewer, subject.begins, {})
        run.tell("begun", person=viewer.person, text=text)
        run.send(e.Start())
        run.save("begin", text=text)
    return row.pk
