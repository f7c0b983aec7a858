"""审批单: an approval as PDF to print, with what its reader sees and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from heli.access.viewer import Viewer
from heli.api import sheet
from heli.api.flow_said import whole
from heli.api.me import company
from heli.audit import log
from heli.audit.log import EntryData
from heli.flows.seen import Seen
from heli.guard.exports.cells import line_of, short, text
from heli.kernel import clock, money
from heli.kernel.errors import NotFound
from heli.kernel.words import Language, Words
from heli.org import zone
from heli.records import fields as f
from heli.records import store
from heli.records.rows import HIDING
from heli.records.types import TYPES

UNDER = Words("{process} #{number} · 第 {version} 版", "{process} #{number}, version {version}")
FOOT = Words(
    "{who} 于 {when} 打印，内容按其权限显示 · 合力", "printed by {who} on {when} with what they may see · Heli"
)
ABOUT, CONTENT, DECISIONS, STORY = (
    Words("流程", "The case"), Words("内容", "What it is about"), Words("审批意见", "Decisions"), Words("其他", "Also"),
)  # fmt: skip
INITIATOR, BEGUN, ENDED, STATE, RECORD = (
    Words("发起人", "Begun by"), Words("发起时间", "Begun on"), Words("结束时间", "Ended on"), Words("状态", "State"), Words("单据", "Record"),
)  # fmt: skip
HEAD = (
    Words("步骤", "Step"),
    Words("处理人", "Who"),
    Words("决定", "Decision"),
    Words("意见", "What they said"),
    Words("时间", "When"),
)
OF = Words("{who}（代 {of}）", "{who} (for {of})")
STATES = {
    "running": Words("进行中", "running"), "completed": Words("已办结", "completed"), "rejected": Words("未通过", "rejected"),
    "withdrawn": Words("已撤回", "withdrawn"),
}  # fmt: skip
OUTCOMES = {
    "approved": Words("同意", "approved"), "rejected": Words("不同意", "rejected"), "opinion": Words("给了意见", "gave a view"),
    "": Words("已处理", "done"),
}  # fmt: skip
FINISHED = {**OUTCOMES, "approved": Words("完成", "done")}
"""Where nothing is decided."""
TAKES = {**OUTCOMES, "approved": Words("接收", "accepted"), "rejected": Words("退回", "returned")}
WAITS = Words("待处理", "waits")
LEFT = Words("流程结束时没有办", "undone when the case ended")
AGAIN = Words("{node}（第 {n} 次）", "{node} (time {n})")
BACK = Words("{outcome}，退回「{node}」", "{outcome}, back to “{node}”")
TAKEN_BACK = Words("{outcome}（后来拿回）", "{outcome} (taken back later)")
HANDED = Words("交接单：{node}（第 {n} 次，{state}）", "Hand-off: {node} (time {n}, {state})")
PACKETS = {
    "handed": Words("等待接收", "waits to be accepted"), "accepted": Words("已接收", "accepted"), "returned": Words("已退回", "returned"),
    "dropped": Words("已撤下", "taken back"),
}  # fmt: skip
GIVEN, TAKEN, REASON = Words("移交", "Handed over"), Words("答复", "Answered"), Words("答复意见", "What they said")
MET, UNMET, UNKNOWN = (
    Words("已满足", "met"),
    Words("未满足", "not met"),
    Words("看不到所依据的内容", "looks at what you may not see"),
)
TOTAL = Words("合计", "Total")
BY = Words("{who} {when}", "{who} {when}")
PARTLY = Words(
    "有些步骤没有显示：走了哪条路会透露你无权查看的内容。",
    "Some steps are not shown: the way it took tells what you may not see.",
)


def drawn(viewer: Viewer, seen: Seen, language: Language) -> bytes:
    """The sheet of a case that is the viewer's to follow. Raises NotFound for one whose record they only see. What it tells of the
    record is counted as taken out, and printing stands in the log."""
    if not seen.follows:
        raise NotFound
    case = whole(seen)
    names = {one["id"]: Words(**one["name"])(language) for one in case["nodes"]}
    process = Words(**case["name"])
    about = [
        (INITIATOR(language), (case["initiator"] or {}).get("name", "")), (STATE(language), STATES[case["state"]](language)),
        (BEGUN(language), _at(case["started_at"])), (ENDED(language), _at(case["ended_at"])),
    ]  # fmt: skip
    if case["title"]:
        both = case["title_words"]
        about.append((RECORD(language), Words(**both)(language) if both is not None else case["title"]))
    parts: list[sheet.Pairs | sheet.Rows] = [sheet.Pairs(ABOUT(language), about)]
    content = list(_content(viewer, seen))
    currency = company()["currency"]
    pairs = [(one.field.words(language), one.said(language, currency)) for one in content if not one.is_table]
    if pairs:
        parts.append(sheet.Pairs(CONTENT(language), pairs))
    parts += [one.table(language, currency) for one in content if one.is_table]
    parts.append(
        sheet.Rows(
            DECISIONS(language),
            [one(language) for one in HEAD],
            _decisions(case, names, language),
            (0.2, 0.14, 0.17, 0.31, 0.18),
        )
    )
    parts += [_packet(one, language) for one in reversed(case["packets"])]
    if case["partly"]:
        parts.append(sheet.Pairs("", [(STORY(language), PARTLY(language))]))
    printed = [one.field.words(language) for one in content]
    entry = EntryData(
        action="flow.print", object_type="flow", object_id=case["id"], actor_id=viewer.actor.person, actor_name=viewer.actor.name,
        acting_for_id=viewer.actor.acting_for, origin=viewer.actor.origin, via=viewer.actor.via, after={"fields": printed},
    )  # fmt: skip
    with log.transaction():
        log.append(entry)
    foot = FOOT.fill(who=viewer.name, when=zone.told(clock.now()))(language)
    under = UNDER.fill(process=process, number=case["id"], version=case["version"])(language)
    return sheet.draw(_title(case["name"])(language), under, parts, foot)


def _title(name: dict[str, str]) -> Words:
    """合同审批 -> 合同审批单: what is called an approval needs not be called so twice."""
    zh, en = name["zh"], name["en"]
    return Words(
        f"{zh.removesuffix('审批')}审批单",
        f"{en} sheet" if en.lower().endswith("approval") else f"{en}: approval sheet",
    )


@dataclass(frozen=True, slots=True)
class _Shown:
    """A cell of the record as its viewer sees it."""

    field: f.Field
    value: Any
    access: str

    @property
    def is_table(self) -> bool:
        return isinstance(self.field, f.Lines) and isinstance(self.value, list) and bool(self.value)

    def said(self, language: Language, currency: str) -> str:
        plain = text(self.field, self.value, self.access, language)
        if not plain or self.access in HIDING:
            return plain
        if isinstance(self.field, f.Money):
            said = money.shown(plain, currency)
            # A voucher's amount stands in capitals too, which nobody turns into another one with a pen.
            return (
                f"{said}（{money.in_capitals(money.to_minor(plain))}）"
                if (language, currency) == ("zh", "CNY")
                else said
            )
        if isinstance(self.field, f.Percent):
            return f"{short(plain)}%"
        return money.grouped(short(plain)) if isinstance(self.field, f.Number) else plain

    def table(self, language: Language, currency: str) -> sheet.Rows:
        """The lines of a quote, an order, a contract, and what they come to."""
        head = [one.words(language) for one in f.Lines.line_fields.values()]
        rows = [
            [
                line_of(one), money.grouped(short(one["quantity"])), money.shown(one["unit_price"], currency), f"{short(one['discount'])}%",
                money.shown(one["amount"], currency),
            ]
            for one in self.value
        ]  # fmt: skip
        total = money.to_text(sum(money.to_minor(one["amount"]) for one in self.value))
        rows.append([TOTAL(language), "", "", "", money.shown(total, currency)])
        return sheet.Rows(self.field.words(language), head, rows, (0.38, 0.12, 0.19, 0.12, 0.19), figures=True)


def _content(viewer: Viewer, seen: Seen) -> Iterator[_Shown]:
    """The fields that the process's forms show, as far as the viewer sees them on the record now."""
    kind = TYPES.get(seen.row.type)
    if kind is None:
        return
    tasks = [node.task for node in seen.definition.nodes if node.task is not None]
    codes = [code for code in dict.fromkeys(code for task in tasks for code in task.form.show) if code in kind.fields]
    try:
        shown = store.query(viewer, kind.code).through("export").show(seen.row.record_id)
    except NotFound:
        return
    for code in codes:
        if code in shown.values and code in shown.access:
            yield _Shown(kind.fields[code], shown.values[code], shown.access[code])


def _packet(packet: dict[str, Any], language: Language) -> sheet.Pairs:
    """What was handed over at one time, and what became of it."""
    who = (packet["by"] or {}).get("name") or Words(**packet["source"]["name"])(language)
    found = [(GIVEN(language), BY.fill(who=who, when=_at(packet["at"]))(language))]
    found += [(Words(**one["name"])(language), one["text"]) for one in packet["notes"] if one["text"]]
    found += [
        (
            Words(**one["name"])(language),
            ("、" if language == "zh" else ", ").join(file["name"] for file in one["files"]),
        )
        for one in packet["files"]
        if one["files"]
    ]
    said = {True: MET, False: UNMET, None: UNKNOWN}
    found += [(Words(**one["name"])(language), said[one["met"]](language)) for one in packet["criteria"]]
    if packet["answered_at"]:
        name = (packet["answered_by"] or {}).get("name", "")
        found.append((TAKEN(language), BY.fill(who=name, when=_at(packet["answered_at"]))(language)))
    if packet["reason"]:
        found.append((REASON(language), packet["reason"]))
    title = HANDED.fill(node=Words(**packet["node"]["name"]), n=packet["number"], state=PACKETS[packet["state"]])
    return sheet.Pairs(title(language), found)


def _decisions(case: dict[str, Any], names: dict[str, str], language: Language) -> list[list[str]]:
    """In the order in which they were made, what waits last."""
    found = []
    takes = {one["id"] for one in case["nodes"] if one["handoff"] == "take"}
    decides = {one["id"] for one in case["nodes"] if one["decides"]}
    sent, undone = _marked(case)
    votes = {one["id"] for one in case["nodes"] if one["mode"] == "vote"}
    last = {
        (one["node"], one["round"]): one["number"] for one in sorted(case["work"], key=lambda one: one["done_at"] or "")
    }
    made = [one for one in case["work"] if one["state"] in ("done", "open") or one["left"]]
    for one in sorted(made, key=lambda one: (one["done_at"] is None, one["done_at"] or "", one["number"])):
        who = (one["person"] or {}).get("name", "")
        if one["acting_for"] is not None:
            who = OF.fill(who=who, of=one["acting_for"]["name"])(language)
        done = one["state"] == "done"
        outcomes = TAKES if one["node"] in takes else OUTCOMES if one["node"] in decides or one["opinion"] else FINISHED
        outcome = outcomes.get(one["outcome"], OUTCOMES[""]) if done else LEFT if one["left"] else WAITS
        if one["number"] in sent and (one["node"] not in votes or last[one["node"], one["round"]] == one["number"]):
            outcome = BACK.fill(outcome=outcome, node=sent[one["number"]])
        if one["number"] in undone:
            outcome = TAKEN_BACK.fill(outcome=outcome)
        named = names.get(one["node"], one["node"])
        step = AGAIN.fill(node=named, n=one["round"])(language) if one["round"] > 1 else named
        found.append([step, who, outcome(language), one["text"], _at(one["done_at"])])
    return found


def _marked(case: dict[str, Any]) -> tuple[dict[int, Words], set[int]]:
    """Where each no sent the case, and what was taken back later, by the number of the work: each decision that the history tells is the
    next that its person made at that step."""
    sent: dict[int, Words] = {}
    undone: set[int] = set()
    left: dict[tuple[str, str], list[int]] = {}
    last: dict[tuple[str, str], int] = {}
    for work in sorted(case["work"], key=lambda one: one["number"]):
        if work["state"] == "done" and work["person"]:
            left.setdefault((work["node"], work["person"]["id"]), []).append(work["number"])
    for one in case["history"]:
        mine = (one["node"], (one["person"] or {}).get("id", ""))
        if one["what"] in ("approve", "reject") and left.get(mine):
            last[mine] = left[mine].pop(0)
            if one["to_name"]:
                sent[last[mine]] = Words(**one["to_name"])
        elif one["what"] == "take_back" and mine in last:
            undone.add(last[mine])
    return sent, undone


def _at(text_: str | None) -> str:
    return zone.told(datetime.fromisoformat(text_)) if text_ else ""
