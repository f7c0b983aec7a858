"""Notices as sentences, each under the rights of who reads it; in mail without a word of any record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from heli.access.viewer import Viewer
from heli.api import flow_said, guard_told, lending_told, notices_due, notices_hands, review_told
from heli.api.common import people
from heli.flows import answering, drafts, hearing, knowing, library, seen, service, told_of
from heli.flows.doing import DELETED
from heli.flows.finding import may_administer
from heli.flows.models import Draft, Happening, Instance, Process, Version, Work
from heli.kernel.words import Words
from heli.notices.kinds import KINDS, Kind, Mail, Said, Say
from heli.notices.models import Notice
from heli.records import bin, comments, names
from heli.records.models import Comment
from heli.records.types import TYPES

CASE = Words("{process} #{number}", "{process} #{number}")
CASE_OF = Words("{process} #{number} · {title}", "{process} #{number}, {title}")
WORK = Words("等你处理「{node}」：{case}", "“{node}” waits for you: {case}")
URGED = Words("{who} 催你处理「{node}」：{case}", "{who} asks you to get on with “{node}”: {case}")
COPIED = Words("{who} 把流程抄送给你：{case}", "{who} lets you follow a case: {case}")
COPIED_BY_ITSELF = Words("流程抄送给你：{case}", "you may follow a case: {case}")
HALTED = Words("流程停住了，需要处理：{case}", "a case stands still and needs you: {case}")
STOPPED = Words(
    "你发起的流程停住了，它的记录已删除：{case}。恢复记录后会自动继续；不再需要的话，可以撤回流程",
    "your case stands still, for its record was deleted: {case}. It goes on by itself once that is restored; withdraw it if nobody needs it",
)
ENDS: Mapping[str, Words] = {
    Instance.COMPLETED: Words("你发起的流程已办结：{case}", "your case is completed: {case}"),
    Instance.REJECTED: Words("你发起的流程被拒绝：{case}", "your case was rejected: {case}"),
    Instance.WITHDRAWN: Words("你发起的流程已撤回：{case}", "your case was withdrawn: {case}"),
}
END = "end"
"""What a rejection that ends the case comes to, whatever nodes are called so."""
SENT_BACK = Words(
    "{who}退回了流程，等你再处理「{node}」：{case}", "{who} sent the case back: “{node}” waits for you: {case}"
)
REJECTED = Words("{who}拒绝了你发起的流程：{case}", "{who} rejected your case: {case}")
TITLE_GONE = Words(
    "「{title}」已删除，按你发起的流程：{case}。{days} 天内可由有权删除的人恢复",
    "“{title}” is deleted, by the process that you began: {case}. Who may delete it can restore it for {days} days",
)
RECORD_GONE = Words(
    "你发起的流程已删除它的记录：{case}。{days} 天内可由有权删除的人恢复",
    "the record of the process that you began is deleted: {case}. Who may delete it can restore it for {days} days",
)
DRAFTS: Mapping[str, Words] = {
    told_of.HANDED_IN: Words(
        "{who} 提交了流程草稿「{name}」，等你发布", "{who} hands in a process to be published: “{name}”"
    ),
    told_of.RETURNED: Words("流程草稿「{name}」退回给你修改", "the process “{name}” is returned to be changed"),
    told_of.PUBLISHED: Words("你设计的流程「{name}」已提交发布", "the process that you drew, “{name}”, is published"),
}
WAITS = Words(
    "你设计的流程「{name}」已提交发布，等安全管理员确认",
    "the process that you drew, “{name}”, is handed on to be published and waits for security",
)
"""Of a published draft whose version gives more than who published it may."""
AGREED = Words(
    "「{name}」第 {n} 版已获安全管理员同意，新发起的按这一版走",
    "security agrees to version {n} of “{name}”: what is begun from now on goes by it",
)
REFUSED = Words("「{name}」第 {n} 版没有获得同意{why}。{next}", "version {n} of “{name}” is refused{why}. {next}")
WHY = Words("：{text}", ": {text}")
NEXT_DRAFT = Words("草稿已退回，改好后可以再次提交", "The draft is open again: mend it and hand it in anew")
NEXT_FILE = Words("改好流程文件后可以重新上传", "Mend the file of the process and upload it anew")
ONCE = Words("今天同样的情况不再另行通知", "this is told once a day")
BOUNDED: Mapping[str, Words] = {
    told_of.ROW: Words(
        "流程「{process}」停止自动发起：{n} 个流程已一个接一个自动触发，中间没有人处理，多半成了循环。请看最后一个流程做了什么，"
        "改好互相触发的开始条件或操作后重新发布；{once}",
        "“{process}” is not begun by itself any more: {n} cases have brought each other about with nobody between them, most likely in a "
        "circle. See what the last of them did, mend the starts or acts that set each other off, and publish; {once}",
    ),
    told_of.MINUTE: Words(
        "流程「{process}」一分钟内被其他流程自动发起 {n} 次，多出来的没有发起。请查出反复触发它的流程，改好后重新发布；{once}",
        "“{process}” was brought about {n} times within a minute by other cases; more were not begun. Find what sets it off again and "
        "again, mend that and publish; {once}",
    ),
    told_of.HEARD: Words(
        "流程「{case}」停住了：一分钟内收到其他流程自动发出的 {n} 条消息，多半在互相应答。请改好两边的流程，再到这个流程里重试；{once}",
        "“{case}” stands still: it has heard {n} messages within a minute that other cases say by themselves, most likely answering "
        "each other. Mend both processes, then try again in this case; {once}",
    ),
    told_of.BELOW: Words(
        "流程「{case}」停住了：最上面的流程下面已有 {n} 个流程，不能再多。请减少逐个办理的项数，或改成不再层层调用，然后重试；{once}",
        "“{case}” stands still: there are {n} cases below the one at the top, which is the most. Let it do fewer things one by one, or "
        "call less deep, then try again; {once}",
    ),
    told_of.DEEP: Words(
        "流程「{case}」停住了：流程互相调用超过 {n} 层，多半会一直调用下去。请改好调用的流程，然后重试；{once}",
        "“{case}” stands still: processes call each other more than {n} deep, most likely without an end. Mend what calls, then try "
        "again; {once}",
    ),
}
"""What happened, why, and what to do next, of each bound against cases without an end."""
LIMITS: Mapping[str, int] = {
    told_of.ROW: hearing.MOST_HOPS, told_of.MINUTE: hearing.MOST_BEGUN, told_of.HEARD: hearing.MOST_HEARD,
    told_of.BELOW: service.MOST_BELOW, told_of.DEEP: service.MOST_DEEP,
}  # fmt: skip
STEP = Words("其中一步", "a step")
CLOSED = Words("这一步已经不用办了：{case}", "this step waits for nobody any more: {case}")
SOMEBODY = Words("有人", "somebody")
MENTIONED_IN = Words("{who} 在流程里提到你：{case}", "{who} mentioned you: {case}")
MENTIONED = Words("{who} 在「{title}」的评论里提到你", "{who} mentioned you in a comment on “{title}”")
MENTIONED_OUTSIDE = Words("{who} 在{type}的评论里提到你", "{who} mentioned you in a comment on a {type}")


def _cases(viewer: Viewer, notices: Sequence[Notice]) -> dict[int, Instance]:
    """The cases of these notices that are the viewer's to follow, by notice."""
    ids = {int(one.key) for one in notices}
    rows = Instance.objects.filter(pk__in=ids).select_related("version__process").defer("version__source")
    found = {row.pk: row for row in rows if seen.concerns(viewer, row)}
    return {one.pk: found[int(one.key)] for one in notices if int(one.key) in found}


def _flows(viewer: Viewer, notices: Sequence[Notice]) -> dict[int, Said]:
    cases = _cases(viewer, notices)
    titles = flow_said.titles(viewer, cases.values())
    there = notices_due.standing(notices, cases)
    told = people({*(one.by_id for one in notices), *(one.data.get("holder") for one in notices), *there.people})
    open_ = set(
        Work.objects.filter(instance_id__in={row.pk for row in cases.values()}, state=Work.OPEN).values_list("instance_id", "number")
    )  # fmt: skip
    ended = [cases[one.pk] for one in notices if one.kind == told_of.ENDED and one.pk in cases]
    deleted = _deleted(viewer, ended)
    # who said no is looked for only where somebody has
    refused = set(
        Happening.objects.filter(instance_id__in=[row.pk for row in cases.values()], what="reject").values_list(
            "instance_id", flat=True
        )
    )
    return {
        one.pk: _gone(cases[one.pk], titles) if one.kind == told_of.ENDED and cases[one.pk].pk in deleted
        else _flow(viewer, one, cases[one.pk], titles, told, (cases[one.pk].pk, one.data.get("number")) in open_,
                   cases[one.pk].pk in refused, there)
        for one in notices if one.pk in cases
    }  # fmt: skip


def _deleted(viewer: Viewer, cases: Sequence[Instance]) -> set[int]:
    """Those of the cases that have deleted their record, which is gone still; as far as the viewer saw it until then."""
    gone = flow_said.gone(viewer, cases)
    theirs = [row.pk for row in cases if (row.type, row.record_id) in gone]
    return (
        set(Happening.objects.filter(instance_id__in=theirs, what=DELETED).values_list("instance_id", flat=True))
        if theirs
        else set()
    )


def _gone(row: Instance, titles: Mapping[tuple[str, str], Words]) -> Said:
    """A case that has deleted its record, to who asked for it: by the name that it had."""
    case, title = CASE.fill(process=row.version.process.words, number=row.pk), titles.get((row.type, row.record_id))
    outside = RECORD_GONE.fill(case=case, days=bin.KEPT.days)
    said = TITLE_GONE.fill(title=title, case=case, days=bin.KEPT.days) if title is not None else outside
    return Said(said, outside, f"/flows/{row.pk}")


def _flow(
    viewer: Viewer, one: Notice, row: Instance, titles: Mapping[tuple[str, str], Words], told: Mapping[int, Mapping[str, str]], is_open: bool,
    refused: bool, there: notices_due.Standing,
) -> Said:  # fmt: skip
    process = row.version.process.words
    outside = CASE.fill(process=process, number=row.pk)
    title = titles.get((row.type, row.record_id))
    case = CASE_OF.fill(process=process, number=row.pk, title=title) if title else outside
    who = told.get(one.by_id or 0, {}).get("name")
    holder = told.get(one.data.get("holder") or 0, {}).get("name") or SOMEBODY
    over, node = False, STEP
    if one.kind in AT_WORK:
        over = not is_open
        node = _node(viewer, row, one)
    if one.kind in notices_due.KINDS:
        timed = notices_due.said(one, row, there, told, named=node is not STEP)
        if timed is None:
            return Said(CLOSED.fill(case=case), CLOSED.fill(case=outside), f"/flows/{row.pk}", True)
        text, more = timed
        both = [text.fill(node=node, case=of, holder=holder, **more) for of in (case, outside)]
        return Said(both[0], both[1], f"/flows/{row.pk}", over)
    pattern = {
        told_of.WORK: WORK, told_of.URGED: URGED, told_of.MENTIONED: MENTIONED_IN, told_of.COPIED: COPIED if who else COPIED_BY_ITSELF,
        told_of.HALTED: STOPPED if "gone" in one.data else HALTED,
        told_of.ENDED: ENDS.get(row.state, ENDS[Instance.COMPLETED]),
    }[one.kind]  # fmt: skip
    if one.kind == told_of.HALTED:
        over = not row.halted
    said = [pattern.fill(node=node, case=of, who=who or SOMEBODY, holder=holder) for of in (case, outside)]
    if one.kind == told_of.WORK and is_open:
        said = (
            _handed(viewer, row, one, (case, outside))
            or _refused(viewer, row, SENT_BACK, (case, outside), node=node)
            or said
        )
    if one.kind == told_of.ENDED and row.state == Instance.REJECTED:
        said = _refused(viewer, row, REJECTED, (case, outside)) or said
    return Said(said[0], said[1], f"/flows/{row.pk}", over)


def _handed(viewer: Viewer, row: Instance, one: Notice, cases: Sequence[Words]) -> list[Words] | None:
    """A hand-off with its facts, to whose work it is; None where it is none."""
    definition = library.definition(row.version)
    if one.data.get("version", row.version_id) != row.version_id or not any(
        node.task and node.task.handoff for node in definition.nodes
    ):
        return None
    work = Work.objects.filter(instance_id=row.pk, number=one.data["number"], state=Work.OPEN).first()
    mine = work is not None and (work.person_id == viewer.person or work.person_id in seen.stood_in_for(viewer, row))
    return notices_hands.noticed(row, definition, work, cases) if work is not None and mine else None


def _refused(
    viewer: Viewer, row: Instance, says: Words, cases: Sequence[Words], node: Words | None = None
) -> list[Words] | None:
    """Who said no and why, as far as the viewer may know it: what sent the case back to this node, or ended it; None where nobody did. Outside
    the page nothing of it is told."""
    known = seen.one(viewer, row.pk)
    told = known.told if known is not None else []
    last = next((one for one in reversed(told) if one.what == "reject"), None)
    if known is None or last is None or last.person_id is None:
        return None
    to = known.definition.places.get(last.outcome) if last.outcome != END else None
    meant = known.definition.nodes[to].words if to is not None else None
    since = told[told.index(last) :]
    if meant != node or (to is not None and any(one.what == "approve" and one.node == to for one in since)):
        return None
    return notices_hands.with_reason(last.person_id, says, cases, last.text, node)


AT_WORK = (told_of.WORK, told_of.REMINDED, told_of.LATE, told_of.ESCALATED, told_of.URGED)


def _node(viewer: Viewer, row: Instance, one: Notice) -> Words:
    """What the step is called: to whom it is theirs, or who may know which way the case took. It is one of the version by which the case
    ran when it was told."""
    place, definition = int(one.data["node"]), library.definition(row.version)
    meant = one.data.get("version", row.version_id)
    if meant != row.version_id:
        version = Version.objects.select_related("process").defer("source").filter(pk=meant).first()
        definition = library.definition(version) if version is not None else definition
    if place >= len(definition.nodes):
        return STEP
    node = definition.nodes[place]
    if one.kind == told_of.ESCALATED:
        ways, veiled = knowing.knows(viewer, row)
        if not ways or library.definition(row.version).places.get(node.id) in veiled:
            return STEP
    return node.words


def _mentions(viewer: Viewer, notices: Sequence[Notice]) -> dict[int, Said]:
    there = set(Comment.objects.filter(pk__in={one.data["comment"] for one in notices}).values_list("pk", flat=True))
    told = people(one.by_id for one in notices)
    by_type: dict[str, set[str]] = {}
    for one in notices:
        by_type.setdefault(one.object, set()).add(one.key)
    titles = {
        (code, record): title
        for code, ids in by_type.items() if code in TYPES
        for record, title in names.shown(viewer, code, ids, TYPES[code].title).items()
    }  # fmt: skip
    found: dict[int, Said] = {}
    for one in notices:
        title = titles.get((one.object, one.key))
        if title is None or one.data["comment"] not in there:
            continue
        who = told.get(one.by_id or 0, {}).get("name") or SOMEBODY
        outside = MENTIONED_OUTSIDE.fill(who=who, type=TYPES[one.object].words)
        found[one.pk] = Said(
            MENTIONED.fill(who=who, title=title), outside, f"/records/{one.object}/{one.key}?tab=comments"
        )
    return found


def _drafts(viewer: Viewer, notices: Sequence[Notice]) -> dict[int, Said]:
    if not drafts.may_design(viewer.view):
        return {}
    theirs = drafts.all_of(viewer).filter(pk__in={int(one.key) for one in notices})
    rows = {one.pk: one for one in theirs.select_related("version").defer("source", "version__source")}
    told = people(one.by_id for one in notices)
    found: dict[int, Said] = {}
    for one in notices:
        row = rows.get(int(one.key))
        if row is not None:
            who = told.get(one.by_id or 0, {}).get("name") or SOMEBODY
            waits = one.kind == told_of.PUBLISHED and row.version is not None and row.version.state == Version.WAITING
            text = (WAITS if waits else DRAFTS[one.kind]).fill(who=who, name=row.words)
            over = one.kind == told_of.HANDED_IN and row.state != Draft.SUBMITTED
            found[one.pk] = Said(text, text, f"/flows/design/{row.pk}", over)
    return found


def _bounded(viewer: Viewer, notices: Sequence[Notice]) -> dict[int, Said]:
    """Only to who looks after processes still, and the case only where it is theirs to follow."""
    if not may_administer(viewer.view):
        return {}
    processes = {one.code: one for one in Process.objects.filter(code__in={one.key for one in notices})}
    ids = {one.data["case"] for one in notices if "case" in one.data}
    rows = Instance.objects.filter(pk__in=ids).select_related("version__process").defer("version__source")
    cases = {row.pk: row for row in rows if seen.concerns(viewer, row)}
    found: dict[int, Said] = {}
    for one in notices:
        process, why, row = processes.get(one.key), one.data["why"], cases.get(one.data.get("case", 0))
        if process is None or why not in BOUNDED:
            continue
        case = CASE.fill(process=process.words, number=row.pk) if row is not None else process.words
        text = BOUNDED[why].fill(process=process.words, case=case, n=LIMITS[why], once=ONCE)
        mended = process.closed_at is not None or process.current_id != one.data["version"]
        over = not row.halted if row is not None and why in told_of.BOUNDS else mended
        found[one.pk] = Said(text, text, f"/flows/{row.pk}" if row is not None else f"/flows/live/{process.code}", over)
    return found


def _answered(viewer: Viewer, notices: Sequence[Notice]) -> dict[int, Said]:
    """Of security's answer to a version, to who may still draw or publish; the reason stays out of mail."""
    if not drafts.may_design(viewer.view):
        return {}
    rows = Version.objects.filter(pk__in={one.data["version"] for one in notices}).select_related("process")
    versions = {one.pk: one for one in rows.defer("source")}
    theirs = drafts.all_of(viewer).filter(version__in=versions).order_by("pk")
    mine = {one.version_id: one for one in theirs}
    reasons = {
        one.process_id: answering.reasons(one.process) for one in versions.values() if one.state == Version.REFUSED
    }
    found: dict[int, Said] = {}
    for one in notices:
        row, draft = versions.get(one.data["version"]), mine.get(one.data["version"])
        if row is None or row.state == Version.WAITING:
            continue
        where = f"/flows/design/{draft.pk}" if draft is not None else f"/flows?process={row.process.code}"
        if row.state == Version.PUBLISHED:
            said = AGREED.fill(name=row.process.words, n=row.number)
            found[one.pk] = Said(said, said, f"/flows?process={row.process.code}")
            continue
        if draft is None and row.by_id != viewer.person:
            continue  # they work on it no more: what is to be mended is not theirs to know
        text, then = reasons[row.process_id].get(row.number, ""), NEXT_FILE if draft is None else NEXT_DRAFT
        why = WHY.fill(text=text) if text else Words("", "")
        told = [
            REFUSED.fill(name=row.process.words, n=row.number, why=each, next=then) for each in (why, Words("", ""))
        ]
        over = draft is not None and draft.state != Draft.OPEN
        found[one.pk] = Said(told[0], told[1], where, over)
    return found


_KINDS: tuple[tuple[str, Words, Mail, Say], ...] = (
    (told_of.WORK, Words("流程：等我处理", "Processes: work for me"), "now", _flows),
    (told_of.URGED, Words("流程：被催办", "Processes: I am asked to get on"), "now", _flows),
    (told_of.MENTIONED, Words("流程：提到我", "Processes: mentions of me"), "now", _flows),
    (told_of.REMINDED, Words("流程：快到期", "Processes: due soon"), "now", _flows),
    (told_of.LATE, Words("流程：已到期", "Processes: overdue"), "now", _flows),
    (told_of.ESCALATED, Words("流程：下属的待办超时", "Processes: overdue work of my people"), "now", _flows),
    (told_of.ENDED, Words("流程：我发起的有了结果", "Processes: what I began has ended"), "digest", _flows),
    (told_of.COPIED, Words("流程：抄送我", "Processes: copied to me"), "digest", _flows),
    (told_of.HALTED, Words("流程：停住了", "Processes: stands still"), "now", _flows),
    (told_of.BOUNDED, Words("流程：自动触发没有尽头", "Processes: cases without an end"), "now", _bounded),
    (told_of.HANDED_IN, Words("流程：草稿等我发布", "Processes: drafts to publish"), "now", _drafts),
    (told_of.RETURNED, Words("流程：我的草稿被退回", "Processes: my drafts returned"), "now", _drafts),
    (told_of.PUBLISHED, Words("流程：我的草稿已发布", "Processes: my drafts published"), "digest", _drafts),
    (
        told_of.ANSWERED,
        Words("流程：安全管理员答复了我的版本", "Processes: security answered my version"),
        "now",
        _answered,
    ),
    (comments.MENTION, Words("评论里提到我", "Mentions of me in comments"), "now", _mentions),
    *lending_told.KINDS,
    *guard_told.KINDS,
    *review_told.KINDS,
)


def attach() -> None:
    """Register every kind."""
    for code, words, mail, say in _KINDS:
        KINDS.add(code, Kind(code, words, mail, say))
    KINDS.freeze()
