"""Asking for an export: what is asked is checked, counted under the asker's rights, and either queued or put before an
approver."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from heli.access.viewer import Viewer
from heli.audit import log
from heli.audit.log import EntryData
from heli.guard import budget, people, settings, told
from heli.guard.exports import approvers
from heli.guard.models import Export
from heli.jobs import events
from heli.kernel import clock
from heli.kernel.errors import Conflict, Invalid, Problem, Refused
from heli.kernel.words import Words
from heli.records import exporting, store
from heli.records.reasons import refusal
from heli.records.store import Query

LASTS = timedelta(hours=24)
MOST_IDS = 1000
MOST_FIELDS = 200
MOST_OPEN = 20
"""Exports of one person that wait or run."""
FORMATS = ("csv", "xlsx")

NEEDS = {
    "rows": Words("行数较多", "it has many rows"),
    "confidential": Words("含机密字段", "it holds confidential fields"),
    "leaving": Words("申请人即将离职", "who asks is about to leave"),
    "budget": Words("超出本人敏感数据额度", "it passes the asker's budget of sensitive data"),
}
NOTHING = Words("没有可以导出的记录", "there is nothing here that you may export")
TOO_MANY_ROWS = Words(
    "这份导出有 {n} 行以上，你一次最多导出 {most} 行；请缩小筛选范围",
    "this has more than {n} rows and you may export {most} at once: narrow the filter",
)
REASON = Words("请填写用途：导出内容较多或敏感", "say what it is for: it is large or sensitive")
OPEN = Words("你有太多进行中的导出，请先等它们完成", "too many of your exports are under way: wait for them first")
NOBODY = Words(
    "没有可以审批这份导出的人，请联系安全管理员", "nobody can approve this export: speak to a security administrator"
)
BOTH = Words("筛选和所选记录只能给一个", "give a filter or chosen records, not both")


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants as a file."""

    type: str
    filter: Any = None
    sort: str | None = None
    fields: tuple[str, ...] | None = None
    ids: tuple[str, ...] | None = None

    def json(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "filter": self.filter, "sort": self.sort, "fields": None if self.fields is None else list(self.fields),
            "ids": None if self.ids is None else list(self.ids),
        }  # fmt: skip

    @staticmethod
    def kept(code: str, said: Mapping[str, Any]) -> Asked:
        """As it was kept."""
        listed = {key: None if said[key] is None else tuple(said[key]) for key in ("fields", "ids")}
        return Asked(code, said["filter"], said["sort"], listed["fields"], listed["ids"])

    def query(self, viewer: Viewer) -> Query:
        """The question, not yet narrowed to what may be exported. Raises NotFound, Refused, Invalid."""
        query = store.query(viewer, self.type).through("export")
        if not viewer.is_system and (query.sight.rights is None or not query.sight.rights.ever("export")):
            raise refusal(viewer, query.kind, "export", None)
        if self.ids is not None and self.filter is not None:
            raise Invalid(Problem("ids", "both", BOTH))
        if self.filter is not None:
            query = query.where(self.filter)
        query = query.sort(self.sort).fields(columns(query, self.fields))
        return query if self.ids is None else query.among(self.ids)


def columns(query: Query, fields: Sequence[str] | None) -> tuple[str, ...]:
    """The fields asked for; the type's own columns, as far as the viewer may know them, when none are."""
    if fields is not None:
        return tuple(fields)
    kind = query.kind
    wanted = dict.fromkeys((kind.title, *kind.columns))
    return tuple(one for one in wanted if query.sight.known(one) is not None)


@dataclass(frozen=True, slots=True)
class Counted:
    """How much it would be: rows that may be exported, the bound that this rests on, why an approval is needed."""

    rows: int
    left_out: int
    """Records that they see and may not export; at most as many as are looked at."""
    needs: tuple[str, ...]
    reason: bool


def measure(viewer: Viewer, asked: Asked) -> Counted:
    """Count what may be exported and say what it takes. Raises NotFound, Refused, Invalid (``rows``: nothing, or more
    than the person's limit)."""
    query = asked.query(viewer)
    rows = fitting(query)
    if rows == 0:
        raise Invalid(Problem("rows", "nothing", NOTHING))
    found = needs(viewer, query, rows)
    seen = bounded(query, exporting.limits(query)[0])
    return Counted(rows, max(0, seen - rows), found, bool(found) or rows > settings.number("reason_above"))


def fitting(query: Query) -> int:
    """How many rows one file may hold of this. Raises Invalid where they are more than every limit of the viewer."""
    found = 0
    for limit in exporting.limits(query):  # the widest line first
        found = bounded(exporting.exportable(query, limit), limit)
        if found <= limit:
            wide = bounded(exporting.exportable(query, max(found, 1)), limit)
            return wide if wide <= limit else found
    limits = exporting.limits(query)
    if not limits:
        return 0
    raise Invalid(Problem("rows", "too_many", TOO_MANY_ROWS.fill(n=limits[0], most=limits[0])))


def bounded(query: Query, limit: int) -> int:
    """The number of rows, counted up to one more than ``limit``."""
    return len(query.ids(limit + 1))


def needs(viewer: Viewer, query: Query, rows: int) -> tuple[str, ...]:
    """Why so many rows of this take somebody's approval now; nothing where they do not."""
    found = []
    if rows > settings.number("approval_above"):
        found.append("rows")
    full = [one for one in map(query.sight.usable, query.codes) if one is not None and one.data_class == "confidential"]
    if full and settings.flag("approve_confidential"):
        found.append("confidential")
    person = viewer.person
    if person is None:
        return tuple(found)
    if people.is_leaving(person):
        found.append("leaving")
    for line in budget.lines(person):
        more = {"records": rows, "confidential": rows * len(full)}.get(line.kind, 0)
        if more and line.used + more > line.limit:
            found.append("budget")
            break
    return tuple(found)


def ask(viewer: Viewer, asked: Asked, format: str, reason: str) -> Export:
    """Ask for a file. Raises NotFound, Refused (no right to export), Invalid, Conflict (nobody can approve, too many open)."""
    person = viewer.person
    if person is None:
        raise Refused(NOTHING, code="system")
    try:
        counted = measure(viewer, asked)
    except Refused as error:
        log.append_alone(
            _entry(viewer, "export.ask", "", {"type": asked.type}, outcome="refused", reason=error.words.en)
        )
        raise
    if counted.reason and len(reason.strip()) < 2:
        raise Invalid(Problem("reason", "required", REASON))
    kept = asked.query(viewer)
    with log.transaction():
        under_way = Export.objects.filter(person_id=person, state__in=(Export.WAITING, Export.QUEUED, Export.RUNNING))
        if under_way.count() >= MOST_OPEN:
            raise Conflict(OPEN, code="too_many")
        if counted.needs and not approvers.of(person, asked.type, counted.rows):
            raise Conflict(NOBODY, code="no_approver")
        now = clock.now()
        made = Export.objects.create(
            number=f"E{now:%y%m%d}-{secrets.token_hex(4).upper()}", person_id=person, role=viewer.role, type=asked.type,
            asked={**asked.json(), "fields": list(kept.codes)}, format=format, language=viewer.language or "zh",
            reason=reason.strip(), state=Export.WAITING if counted.needs else Export.QUEUED, needs=list(counted.needs),
            rows=counted.rows, made_at=now, moved_at=now, expires_at=now + LASTS,
        )  # fmt: skip
        said = {"type": asked.type, **made.asked, "rows": made.rows, "needs": made.needs, "format": format}
        tell(viewer, made, "export.ask", said, reason=made.reason)
        if not counted.needs:
            queue(made)
    return made


def queue(export: Export) -> None:
    """Have the file made, once the caller's transaction commits."""
    from heli.guard.exports.run import make

    make.using(dedup_key=f"export {export.pk}").enqueue(export.pk)


def _entry(
    viewer: Viewer, action: str, key: str, after: Mapping[str, Any], *, outcome: Any = "done", reason: str = ""
) -> EntryData:
    actor = viewer.actor
    return EntryData(
        action=action, object_type="export", object_id=key, actor_id=actor.person, actor_name=actor.name,
        acting_for_id=actor.acting_for, origin=actor.origin, via=actor.via, after=dict(after), outcome=outcome,
        reason=reason,
    )  # fmt: skip


def tell(viewer: Viewer, export: Export, action: str, after: Mapping[str, Any], *, reason: str = "") -> None:
    """Audit and publish a step of an export, in the caller's transaction."""
    log.append(_entry(viewer, action, export.pk, {"number": export.number, **after}, reason=reason))
    events.publish(action, "export", export.pk, {"person": str(export.person_id), "state": export.state})
    deciders = approvers.of(export.person_id, export.type, export.rows) if export.state == Export.WAITING else []
    told.export(export, deciders)
