"""Notices of the guard as sentences: alerts, freezes, exports. An export says how much of what kind, never which records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from heli.access import freeze
from heli.access.viewer import Viewer
from heli.api.common import people
from heli.guard import alerts, report, told
from heli.guard.exports import approvers
from heli.guard.models import Alert, Export
from heli.kernel.words import Words
from heli.notices.kinds import Mail, Said, Say
from heli.notices.models import Notice
from heli.records.types import TYPES

ALERT = Words("{who}：{what}", "{who}: {what}")
ALERT_OUTSIDE = Words("防护有一条告警等你查看", "the guard has an alert for you to look at")
FROZEN = Words(
    "你的敏感和机密数据已冻结：显示为脱敏，也不能导出。请联系安全管理员解除",
    "your sensitive and confidential data is frozen: shown masked, not exported. Ask a security administrator to release it",
)
RELEASED = Words(
    "安全管理员已放行：敏感数据照常可用，额度重新计算",
    "security lets you go on: your data is open again and your budget begins anew",
)
TURN = Words("{who} 申请导出 {n} 条{type}，等你决定", "{who} asks to export {n} records ({type}): decide on it")
TURN_OUTSIDE = Words("有一份导出等你决定", "an export waits for your decision")
ANSWERS: Mapping[str, Words] = {
    Export.READY: Words("你导出的{type}可以下载了（{n} 条）", "your export is ready: {type}, {n} records"),
    Export.REFUSED: Words("你的导出申请被拒绝：{type}（{n} 条）", "your export was refused: {type}, {n} records"),
    Export.FAILED: Words("你的导出没有完成：{type}（{n} 条）", "your export failed: {type}, {n} records"),
}
ANSWER_OUTSIDE = Words("你的导出有了结果", "your export has its answer")


def of_alerts(viewer: Viewer, notices: Sequence[Notice]) -> dict[int, Said]:
    """Alerts, for security and who leads the person."""
    rows = {row.pk: row for row in Alert.objects.filter(pk__in={one.key for one in notices})}
    below = (
        None
        if viewer.view is not None and viewer.view.may("policy", "read")
        else report.subordinates(viewer.person or 0)
    )
    known = people(row.person_id for row in rows.values())
    found = {}
    for one in notices:
        row = rows.get(one.key)
        if row is None or row.person_id == viewer.person or (below is not None and row.person_id not in below):
            continue
        who = known.get(row.person_id, {}).get("name") or "?"
        text = ALERT.fill(who=who, what=alerts.KINDS[row.kind])
        found[one.pk] = Said(text, ALERT_OUTSIDE, "/access/guard?part=alerts", row.closed_at is not None)
    return found


def of_freezes(viewer: Viewer, notices: Sequence[Notice]) -> dict[int, Said]:
    """Something of mine was frozen, or is no longer."""
    held = viewer.person is not None and freeze.frozen(viewer.person) is not None
    return {
        one.pk: Said(FROZEN, FROZEN, "/access/guard?part=mine", not held)
        if one.object == "frozen"
        else Said(RELEASED, RELEASED, "/access/guard?part=mine")
        for one in notices
    }


def of_exports(viewer: Viewer, notices: Sequence[Notice]) -> dict[int, Said]:
    """An export waits for me, or mine has its answer."""
    rows = {row.pk: row for row in Export.objects.filter(pk__in={one.key for one in notices})}
    known = people(row.person_id for row in rows.values())
    found = {}
    for one in notices:
        row = rows.get(one.key)
        if row is None or viewer.person is None or row.type not in TYPES:
            continue
        told_of = {"n": row.rows, "type": TYPES[row.type].words, "who": known.get(row.person_id, {}).get("name") or "?"}
        if one.kind == told.EXPORT_TURN:
            waits = row.state == Export.WAITING
            if row.decided_by_id == viewer.person or approvers.may(viewer.person, row.person_id, row.type, row.rows):
                found[one.pk] = Said(TURN.fill(**told_of), TURN_OUTSIDE, "/exports?of=deciding", not waits)
        elif row.person_id == viewer.person:
            state = one.source.rpartition(":")[2]
            if state in ANSWERS:
                over = state == Export.READY and row.state != Export.READY
                found[one.pk] = Said(ANSWERS[state].fill(**told_of), ANSWER_OUTSIDE, f"/exports/{row.pk}", over)
    return found


KINDS: tuple[tuple[str, Words, Mail, Say], ...] = (
    (told.ALERT, Words("防护告警", "Alerts of the guard"), "now", of_alerts),
    (told.FROZEN, Words("我的敏感数据冻结或放行", "Freezes of my sensitive data"), "now", of_freezes),
    (told.EXPORT_TURN, Words("导出等我决定", "Exports that wait for me"), "now", of_exports),
    (told.EXPORT_ANSWER, Words("我的导出有结果", "Answers to my exports"), "digest", of_exports),
)
