"""Definitions that are worked on: by whom, saved step by step, handed in, returned, published.

Whoever may ``design`` processes drafts them and hands them in; whoever looks after processes (``administer``) publishes, or
gives them back. A draft is its authors' and those people's; for everybody else there is none.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence

from django.db.models import QuerySet

from heli.access.view import View
from heli.access.viewer import Viewer
from heli.audit import log
from heli.audit.log import EntryData
from heli.flows import blank, confirming, definitions, told_of
from heli.flows.analytics import improving
from heli.flows.core import bpmn
from heli.flows.core.definition import named
from heli.flows.finding import may_administer
from heli.flows.models import Draft, DraftAuthor, DraftRemark, Process, Version
from heli.insight import company
from heli.jobs.events import EventData
from heli.kernel import clock
from heli.kernel.errors import Conflict, Invalid, NotFound, Problem, Refused, Stale
from heli.kernel.words import Words
from heli.records import write
from heli.records.act import current

MOST_TEXT = 2000
MOST_AUTHORS = 20
MOST_OPEN = 200
"""Open drafts of one person."""
STALE = Words(
    "这份草稿刚被{who}改过，你的改动没有保存：请看过最新内容后再改",
    "{who} has changed this draft meanwhile, and your change was not saved: look at it again and repeat",
)
NOT_OPEN = Words("这份草稿已经{state}，不能再改", "this draft is {state} and is changed no more")
STATES = {
    Draft.OPEN: Words("在编写", "open"), Draft.SUBMITTED: Words("提交", "handed in"),
    Draft.PUBLISHED: Words("发布", "published"), Draft.DISCARDED: Words("放弃", "discarded"),
}  # fmt: skip
HANDED_IN = Words(
    "草稿已提交，等流程管理员发布；要继续修改，请先取回",
    "the draft is handed in and waits for who publishes: take it back to go on with it",
)
NOT_HERE = Words(
    "发布流程要有管理流程的权限；可以把草稿提交给流程管理员",
    "publishing takes the right to look after processes: hand the draft in to somebody who has it",
)
BEHIND = Words(
    "草稿开始后，第 {n} 版已经发布；请先比较两者，确认要盖过它再发布",
    "version {n} was published after this draft was begun: compare the two, and publish only to put yours over it",
)
OTHER_CODE = Words(
    "草稿属于流程“{code}”，文件里是“{other}”：请保留 process 的 id",
    "the draft is of the process {code}, the file's is {other}: keep the id of the process",
)
TOO_MANY = Words(
    f"你已有 {MOST_OPEN} 份没有完成的草稿，请先发布或放弃一些",
    f"you have {MOST_OPEN} open drafts already: publish or discard some",
)
NO_DESIGNER = Words("{who}没有设计流程的权限", "{who} may not design processes")
SUBJECT = Words("没有可以用的对象“{code}”", "there is no object type {code} that you could use")


def may_design(view: View | None) -> bool:
    """Whether somebody may work on definitions."""
    return view is not None and (view.may("process", "design") or may_administer(view))


def all_of(viewer: Viewer) -> QuerySet[Draft]:
    """The drafts that this person knows of, last changed first. Raises NotFound for who designs nothing."""
    if not may_design(viewer.view) or viewer.person is None:
        raise NotFound
    rows = Draft.objects.defer("source").order_by("-changed_at", "-pk")
    if may_administer(viewer.view):
        return rows
    return rows.filter(pk__in=DraftAuthor.objects.filter(person_id=viewer.person).values("draft_id"))


def get(viewer: Viewer, pk: int) -> Draft:
    """One of them with its file. Raises NotFound."""
    found = all_of(viewer).defer(None).select_related("base", "version").filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


# -- beginning ---------------------------------------------------------------------------------------------------------


def create(viewer: Viewer, name: Words, type_: str) -> Draft:
    """A new process: a start, one approval, an end."""
    view = viewer.view
    if type_ and not blank.usable(view, type_):
        raise Invalid(Problem("type", "unknown", SUBJECT.fill(code=type_[:60])))
    code = f"p_{secrets.token_hex(5)}"
    return _begin(viewer, blank.source(code, name, type_, view), None, drawn=True)


def continued(viewer: Viewer, code: str) -> Draft:
    """The next version of a process, begun from the one in use. Raises NotFound."""
    process = Process.objects.select_related("current").filter(code=code, current__isnull=False).first()
    if process is None or process.current is None:
        raise NotFound
    return _begin(viewer, bytes(process.current.source), process.current)


def suggested(viewer: Viewer, code: str, given: improving.Noted) -> Draft:
    """Where a suggestion about a process is drawn: what the viewer draws of its version in use already, or a draft begun for it. The log of
    improvements says so. Raises NotFound, Invalid, Conflict."""
    with log.transaction():
        now = current(viewer)
        process = Process.objects.select_related("current").filter(code=code, current__isnull=False).first()
        if process is None or now.person is None or not may_design(now.view):
            raise NotFound
        mine = DraftAuthor.objects.filter(person_id=now.person).values("draft_id")
        own = all_of(now).filter(code=code, state=Draft.OPEN, base=process.current, pk__in=mine).first()
        draft = own or continued(viewer, code)
        improving.drawn(now, process, draft, given)
    return draft


def imported(viewer: Viewer, source: bytes) -> Draft:
    """A file from elsewhere; of a process that there is already it becomes the next version. Raises Invalid, TooLarge."""
    document = bpmn.read(source)
    if not definitions.people_code(document.process):
        raise Invalid(Problem("process", "id", definitions.NO_ID))
    known = Process.objects.select_related("current").filter(code=document.process).first()
    return _begin(viewer, source, known.current if known is not None else None, drawn=True)


def _begin(viewer: Viewer, source: bytes, base: Version | None, *, drawn: bool = False) -> Draft:
    """``drawn``: what it says is theirs, and no version's."""
    with log.transaction():
        now = current(viewer)
        if not may_design(now.view) or now.person is None:
            raise NotFound
        if Draft.objects.filter(made_by=now.person, state__in=(Draft.OPEN, Draft.SUBMITTED)).count() >= MOST_OPEN:
            raise Conflict(TOO_MANY, code="too_many")
        draft = Draft(source=source, base=base, made_by=now.person, changed_by=now.person)
        _name(draft, bpmn.read(source))
        draft.save()
        DraftAuthor.objects.create(draft=draft, person_id=now.person)
        if drawn:
            confirming.drew(draft, now.person)
        _tell(now, draft, "draft")
    return draft


def _name(draft: Draft, document: bpmn.Document) -> None:
    """What the draft is called and about, by its file."""
    words = named(document.name or document.process)
    draft.code, draft.name, draft.name_en = document.process[:64], words.zh[:200], words.en[:200]
    draft.type = blank.about(document)[:64]


# -- working on it -----------------------------------------------------------------------------------------------------


def save(viewer: Viewer, pk: int, revision: int, source: bytes) -> Draft:
    """Keep the file as it is now, whether or not it could run. Raises Stale, Conflict, Invalid where it is no BPMN at all."""
    document = bpmn.read(source)
    with log.transaction():
        now, draft = _for_change(viewer, pk, revision)
        if draft.state == Draft.SUBMITTED and not may_administer(now.view):
            raise Conflict(HANDED_IN, code="handed_in")
        if document.process != draft.code:
            words = OTHER_CODE.fill(code=draft.code, other=document.process[:64])
            raise Invalid(Problem("process", "id", words))
        if now.person is not None and bytes(draft.source) != source:
            confirming.drew(draft, now.person)
        draft.source = source
        _name(draft, document)
        _changed(now, draft)
        _tell(now, draft, "save_draft")
    return draft


def share(viewer: Viewer, pk: int, revision: int, people: Iterable[int]) -> Draft:
    """Who works on it, beside who began it. Raises Invalid naming who may design nothing."""
    wanted = list(dict.fromkeys(people))
    if len(wanted) > MOST_AUTHORS:
        words = Words(f"最多 {MOST_AUTHORS} 人", f"at most {MOST_AUTHORS} people")
        raise Invalid(Problem("people", "too_many", words))
    with log.transaction():
        now, draft = _for_change(viewer, pk, revision)
        here = company.now()
        for place, one in enumerate(wanted):
            known = here.world.people.get(one)
            if known is None or not may_design(here.view(one)):
                who = known.name if known is not None else str(one)
                raise Invalid(Problem(f"people/{place}", "no_designer", NO_DESIGNER.fill(who=Words(who, who))))
        keep = {draft.made_by, *wanted}
        DraftAuthor.objects.filter(draft=draft).exclude(person_id__in=keep).delete()
        DraftAuthor.objects.bulk_create(
            [DraftAuthor(draft=draft, person_id=one) for one in keep], ignore_conflicts=True
        )
        _changed(now, draft)
        _tell(now, draft, "share_draft")
    return draft


def say(viewer: Viewer, pk: int, text: str) -> Draft:
    """A remark of one of those who know of it."""
    with log.transaction():
        now = current(viewer)
        draft = _locked(now, pk)
        _remark(now, draft, DraftRemark.SAID, text)
        _tell(now, draft, "remark_draft")
    return draft


# -- what becomes of it ------------------------------------------------------------------------------------------------


def hand_in(viewer: Viewer, pk: int, revision: int, text: str = "") -> Draft:
    """Give it to whoever publishes."""
    with log.transaction():
        now, draft = _for_change(viewer, pk, revision)
        if draft.state == Draft.SUBMITTED:
            raise Conflict(HANDED_IN, code="handed_in")
        draft.state = Draft.SUBMITTED
        _changed(now, draft)
        _remark(now, draft, DraftRemark.SUBMITTED, text)
        _tell(now, draft, "hand_in", text)
        told_of.drafted(draft, told_of.HANDED_IN, now.person)
    return draft


def give_back(viewer: Viewer, pk: int, revision: int, text: str = "") -> Draft:
    """Open it again: its authors take it back, or who publishes returns it with what is to be done."""
    with log.transaction():
        now, draft = _for_change(viewer, pk, revision)
        draft.state = Draft.OPEN
        _changed(now, draft)
        _remark(now, draft, DraftRemark.RETURNED, text)
        _tell(now, draft, "return_draft", text)
        told_of.drafted(draft, told_of.RETURNED, now.person)
    return draft


def discard(viewer: Viewer, pk: int, revision: int) -> Draft:
    """Let it go. It stays to be read."""
    with log.transaction():
        now, draft = _for_change(viewer, pk, revision)
        draft.state = Draft.DISCARDED
        _changed(now, draft)
        _remark(now, draft, DraftRemark.DISCARDED, "")
        _tell(now, draft, "discard_draft")
    return draft


def publish(
    viewer: Viewer, pk: int, revision: int, note: str = "", over: int | None = None, closes: Sequence[int] = ()
) -> Version:
    """Make it the next version of its process (``definitions.publish``). ``closes``: suggestions drawn in it that it brings. Raises Refused for
    who only designs, Conflict where another version came in between and ``over`` does not name it."""
    with log.transaction():
        now, draft = _for_change(viewer, pk, revision)
        if not may_administer(now.view):
            raise Refused(NOT_HERE, code="no_line")
        process = Process.objects.select_related("current").filter(code=draft.code).first()
        newest = process.current if process is not None else None
        if newest is not None and newest.pk != draft.base_id and over != newest.number:
            raise Conflict(BEHIND.fill(n=Words(str(newest.number), str(newest.number))), code="behind")
        version = definitions.publish(viewer, bytes(draft.source), note)
        draft.state, draft.version = Draft.PUBLISHED, version
        _changed(now, draft)
        improving.brought(now, draft, version, closes)
        _remark(now, draft, DraftRemark.PUBLISHED, note)
        told_of.drafted(draft, told_of.PUBLISHED, now.person)
    return version


def _locked(now: Viewer, pk: int) -> Draft:
    """Raises NotFound."""
    known = all_of(now).filter(pk=pk).exists()
    draft = Draft.objects.select_for_update().filter(pk=pk).first() if known else None
    if draft is None:
        raise NotFound
    return draft


def _for_change(viewer: Viewer, pk: int, revision: int) -> tuple[Viewer, Draft]:
    """Who asks as they are now, and the draft under its lock. Raises NotFound, Stale, Conflict."""
    now = current(viewer)
    draft = _locked(now, pk)
    if draft.revision != revision:
        who = company.now().world.people.get(draft.changed_by)
        name = Words(who.name, who.name) if who is not None else Words("别人", "somebody")
        raise Stale(STALE.fill(who=name))
    if draft.state not in (Draft.OPEN, Draft.SUBMITTED):
        raise Conflict(NOT_OPEN.fill(state=STATES[draft.state]), code="not_open")
    return now, draft


def _changed(now: Viewer, draft: Draft) -> None:
    draft.revision += 1
    draft.changed_by, draft.changed_at = now.person or draft.changed_by, clock.now()
    draft.save()


def _remark(now: Viewer, draft: Draft, kind: str, text: str) -> None:
    if len(text) > MOST_TEXT:
        raise Invalid(Problem("text", "too_long", Words(f"最多 {MOST_TEXT} 个字符", f"at most {MOST_TEXT} characters")))
    DraftRemark.objects.create(
        draft=draft, kind=kind, text=text.strip(), revision=draft.revision, by_id=now.person or draft.changed_by
    )


def _tell(now: Viewer, draft: Draft, what: str, text: str = "") -> None:
    by = now.actor
    after = {"draft": draft.pk, "revision": draft.revision, "state": draft.state, "name": draft.name}
    entry = EntryData(
        action=f"process.{what}", object_type="process", object_id=draft.code, actor_id=by.person, actor_name=by.name,
        origin=by.origin, via=by.via, reason=text[:500], after=after,
    )  # fmt: skip
    write.tell(EventData(f"process.{what}", "process", draft.code, {"draft": draft.pk}), entry)
