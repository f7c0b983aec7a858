"""Publishing: a file becomes a version that instances run by. What it gives beyond what its author may give waits for security."""

from __future__ import annotations

from dataclasses import dataclass

from heli.access.view import View
from heli.access.viewer import Viewer
from heli.audit import log
from heli.audit.log import EntryData
from heli.flows import answering, confirming, fit, giving, hearing, library, rights
from heli.flows.analytics import improving
from heli.flows.core import bpmn, handing, people, soundness
from heli.flows.core.definition import Definition, named
from heli.flows.finding import may_administer
from heli.flows.models import Instance, Process, Version
from heli.insight import company
from heli.insight.company import Company
from heli.jobs.events import EventData
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.kernel.errors import Conflict, Invalid, NotFound, Problem, Refused
from heli.kernel.words import Words
from heli.records import write
from heli.records.act import current

MOST_NOTE = 500
NOT_SOUND = Words(
    "流程定义不能发布，请先改正列出的问题", "the definition cannot be published: mend what is listed first"
)
NO_ID = Words(
    "流程的 id“{id}”不能用作代码：请在文件里把 process 的 id 改成小写字母、数字和下划线，最多 64 个字符，如 contract_review",
    "the id of the process, “{id}”, cannot be its code: in the file, make the id of process one of small letters, digits and underscores, "
    "at most 64, such as contract_review",
)
SUPERSEDED = Words(
    "已有更新的版本在用，这个版本不能再启用；请重新提交",
    "a later version is in use, and this one cannot be put in its place: submit it again",
)
ANSWERED = Words("这个版本已经处理过了", "this version has been answered already")


@dataclass(frozen=True, slots=True)
class Checked:
    """A file with all that keeps it from being published."""

    document: bpmn.Document
    problems: tuple[Problem, ...]


def check(source: bytes) -> Checked:
    """Read a file and look whether it can run here. Raises Invalid or TooLarge where it cannot even be read."""
    document = bpmn.read(source)
    return Checked(document, tuple(wrong(document, company.now())))


def wrong(document: bpmn.Document, here: Company | None) -> list[Problem]:
    """All that keeps a file from being published here; without a company, what can be said without one."""
    problems, definition = list(document.problems), document.definition
    if definition is not None:
        problems += soundness.check(definition) + people.check(definition) + handing.check(definition)
        problems += fit.check(definition, here)
    if not people_code(document.process):
        problems.append(Problem("process", "id", NO_ID.fill(id=document.process[:80])))
    return problems


def people_code(text: str) -> bool:
    """Whether this can be a process's code."""
    return text.isascii() and text.replace("_", "a").isalnum() and text.islower() and len(text) <= 64


def exceeds(view: View, definition: Definition) -> bool:
    """Whether a definition gives somebody, on some record, what its author does not hold on every record."""
    lines = [line for one in giving.with_called(definition) for giver in giving.givers(one) for line in giver.lines]
    return bool(lines) and giving.beyond(view, lines)


def publish(viewer: Viewer, source: bytes, note: str = "") -> Version:
    """Make a file the next version of its process. What exceeds its author's rights waits until security says yes.

    Raises NotFound for who does not look after processes, Invalid with every problem by its node.
    """
    if len(note) > MOST_NOTE:
        raise Invalid(Problem("note", "too_long", Words(f"最多 {MOST_NOTE} 个字符", f"at most {MOST_NOTE} characters")))
    with log.transaction():
        now = current(viewer)
        if not may_administer(now.view):
            raise NotFound
        return _publish(now.actor, now.view, source, note)


def ship(by: Actor, source: bytes) -> Version | None:
    """Bring a definition that ships, as the program itself; None where the company has a process of this code already."""
    with log.transaction():
        document = bpmn.read(source)
        if Process.objects.filter(code=document.process).exists():
            return None
        return _publish(by, None, source, "")


def replace(by: Actor, source: bytes, note: str) -> Version:
    """Publish the next version of a process, as the program itself."""
    with log.transaction():
        return _publish(by, None, source, note)


def _publish(by: Actor, view: View | None, source: bytes, note: str) -> Version:
    """``view``: what its author holds; None for the program, which is trusted."""
    with log.transaction():
        definition, name = _checked(source)
        process = _process(definition, name)
        last = Version.objects.filter(process=process).order_by("-number").values_list("number", flat=True).first() or 0
        waits = view is not None and exceeds(view, definition)
        version = Version.objects.create(
            process=process, number=last + 1, source=source, note=note.strip(), by_id=by.person,
            state=Version.WAITING if waits else Version.PUBLISHED,
        )  # fmt: skip
        if not waits:
            _use(by, version, definition, name)
        _tell(by, version, "submit" if waits else "publish")
    return version


def _checked(source: bytes) -> tuple[Definition, str]:
    found = check(source)
    if found.problems or found.document.definition is None:
        raise Invalid(list(found.problems), NOT_SOUND)
    return found.document.definition, found.document.name


def _said(definition: Definition, name: str) -> dict[str, str]:
    """What a process is called and about, by a definition of it."""
    words = named(name or definition.id)
    subject = definition.subject.type if definition.subject is not None else ""
    return {"name": words.zh[:200], "name_en": words.en[:200], "type": subject}


def _process(definition: Definition, name: str) -> Process:
    """The process, made when it is new, locked. It is what its current version says: one that waits changes nothing of it."""
    Process.objects.get_or_create(code=definition.id, defaults=_said(definition, name))
    return Process.objects.select_for_update().get(code=definition.id)


def _use(by: Actor, version: Version, definition: Definition, name: str) -> None:
    """New instances run by this version from now on; versions that nothing runs by any more give nothing."""
    rights.give(by, version, definition)
    hearing.open_for(version, definition)
    process = version.process
    process.current, process.closed_at = version, None
    for field, value in _said(definition, name).items():
        setattr(process, field, value)
    process.save(update_fields=["current", "closed_at", "name", "name_en", "type"])
    running = set(
        Instance.objects.filter(version__process=process, state=Instance.RUNNING).values_list("version_id", flat=True).distinct()
    )  # fmt: skip
    published = Version.objects.filter(process=process, state=Version.PUBLISHED)
    unused = set(published.exclude(pk__in={version.pk, *running}).values_list("pk", flat=True))
    for old in sorted(unused - rights.still_shown(unused)):
        rights.take(old)


def answer(viewer: Viewer, version: int, yes: bool, text: str = "") -> Version:
    """Security says yes or no to a version that waits. Raises NotFound, Refused for its author, Conflict when it is answered."""
    with log.transaction():
        now = current(viewer)
        if now.view is None or not now.view.may("policy", "grant") or now.role:
            raise NotFound
        found = Version.objects.select_for_update(of=("self",)).select_related("process").filter(pk=version).first()
        if found is None:
            raise NotFound
        if found.state != Version.WAITING:
            raise Conflict(ANSWERED, code="answered")
        definition, name = _checked(bytes(found.source)) if yes else (library.definition(found), "")
        theirs = confirming.hands([found])[found.pk]
        if (why := confirming.touched(found, now.person or 0, theirs, definition)) is not None:
            raise Refused(why, code="own")
        Process.objects.select_for_update().get(pk=found.process_id)  # publishing and answering take turns
        found.state, found.answered_by, found.answered_at = (
            Version.PUBLISHED if yes else Version.REFUSED,
            now.person,
            clock.now(),
        )
        found.save(update_fields=["state", "answered_by", "answered_at"])
        if yes:
            newer = Version.objects.filter(process=found.process, number__gt=found.number, state=Version.PUBLISHED)
            if newer.exists():
                raise Conflict(SUPERSEDED, code="superseded")
            gains = confirming.gained(now.view, now.person or 0, definition)
            if gains is not None:
                raise Refused(confirming.named(gains, now.person or 0, theirs, definition), code="own")
            _use(now.actor, found, definition, name)
        improving.answered(now, found, yes=yes)
        answering.settle(now, found, text[:MOST_NOTE])
        _tell(now.actor, found, "publish" if yes else "refuse", text)
    return found


def _tell(by: Actor, version: Version, what: str, text: str = "") -> None:
    after = {"process": version.process.code, "version": version.number, "note": version.note}
    entry = EntryData(
        action=f"process.{what}", object_type="process", object_id=version.process.code, actor_id=by.person, actor_name=by.name,
        origin=by.origin, via=by.via, reason=text[:MOST_NOTE], after=after,
    )  # fmt: skip
    write.tell(EventData(f"process.{what}", "process", version.process.code, {"version": version.number}), entry)
