"""The file that a new process begins with, and which records a designer may make it about."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import quoteattr

from heli.access.core.line import Level
from heli.access.view import View
from heli.flows.core.bpmn import Document
from heli.flows.core.own import BPMN, HELI
from heli.flows.finding import may_administer
from heli.flows.matters import MATTERS
from heli.kernel.words import Words
from heli.records.fields import AutoNumber, DataClass
from heli.records.types import TYPES, ObjectType

FILE = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:heli="urn:heli:flow" targetNamespace="urn:heli:flows">
  <process id={code} name={name} isExecutable="true">{subject}
    <startEvent id="start" name="发起 / Start"/>
    <sequenceFlow id="f_start" sourceRef="start" targetRef="approve"/>
    <userTask id="approve" name="直属上级审批 / Manager approves">
      <extensionElements>
        <heli:assignee rule="manager"/>
        <heli:people mode="any" empty="administrator" self="manager"/>
        <heli:moves allow="reject transfer delegate add_signer remove_signer take_back"/>
        <heli:rejection to="any" siblings="kept" resubmit="walk"/>{form}
      </extensionElements>
    </userTask>
    <sequenceFlow id="f_end" sourceRef="approve" targetRef="end"/>
    <endEvent id="end" name="结束 / End"/>
  </process>
</definitions>
"""
SUBJECT = """
    <extensionElements>
      <heli:subject type={type} right="edit"/>
    </extensionElements>"""
FORM = """
        <heli:form show={fields}/>"""
OPEN_CLASSES: frozenset[DataClass] = frozenset({"public", "internal"})
"""Data classes that a step shows without anybody choosing to."""
MOST_LEADING = 8


def source(code: str, name: Words, type_: str, view: View | None) -> bytes:
    """A start, one approval by the manager of who begins it, an end. The step shows what such records lead with, as far as who draws it
    reads that: to show more is theirs to choose."""
    called = name.zh if name.en in ("", name.zh) else f"{name.zh} / {name.en}"
    subject = SUBJECT.format(type=quoteattr(type_)) if type_ else ""
    form = FORM.format(fields=quoteattr(" ".join(_shown(TYPES[type_], view)))) if type_ in TYPES else ""
    return FILE.format(code=quoteattr(code), name=quoteattr(called), subject=subject, form=form).encode()


def _shown(kind: ObjectType, view: View | None) -> list[str]:
    known = [code for code in leading(kind) if reads(view, kind, code)]
    return known if kind.title in known else [kind.title, *known]


def leading(kind: ObjectType) -> list[str]:
    """What a record is known by: its name, its number, and what its page leads with, but for what is sensitive."""
    return [code for code in _first(kind) if kind.fields[code].data_class in OPEN_CLASSES][:MOST_LEADING]


def withheld(kind: ObjectType) -> list[str]:
    """What stands among these and is sensitive: it is for whoever draws to say who needs it."""
    return [code for code in _first(kind) if kind.fields[code].data_class not in OPEN_CLASSES][:MOST_LEADING]


def _first(kind: ObjectType) -> Iterable[str]:
    numbers = [code for code, one in kind.fields.items() if isinstance(one, AutoNumber) and code in kind.columns]
    return dict.fromkeys((kind.title, *numbers, *(kind.summary or kind.columns)))


def reads(view: View | None, kind: ObjectType, code: str) -> bool:
    """Whether somebody reads this field in full, of some record."""
    rights = view.type(kind.code) if view is not None else None
    return rights is not None and rights.best_level(code) >= Level.READ


def usable(view: View | None, type_: str) -> bool:
    """Whether somebody may make a process about these records, which they read some of, or about anything, as who looks after processes."""
    if view is not None and type_ in MATTERS:
        return may_administer(view)
    if view is None or type_ not in TYPES:
        return False
    return may_administer(view) or view.may(type_, "read")


def about(document: Document) -> str:
    """The type of records that a file's process says it is about; empty for none."""
    path = f"{{{BPMN}}}extensionElements/{{{HELI}}}subject"
    for one in document.tree.getroot().findall(f"{{{BPMN}}}process"):
        if one.get("id", "") == document.process:
            found = one.find(path)
            return "" if found is None else found.get("type", "")
    return ""
