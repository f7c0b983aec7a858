"""Approving, refusing and withdrawing an export, giving it out, and ending it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from heli.access import epoch
from heli.access.viewer import Viewer
from heli.audit import log
from heli.guard import identity, people
from heli.guard.exports import again, approvers, ask, files, run
from heli.guard.exports.ask import LASTS, Asked
from heli.guard.models import Export
from heli.jobs import schedules
from heli.jobs.tasks import task
from heli.kernel import clock
from heli.kernel.errors import Conflict, Invalid, NotFound, Problem, Refused
from heli.kernel.words import Words
from heli.org.tree import names_of

ANOTHER = Words("这份导出已经不在等待审批", "this export no longer waits for an approval")
WITHDRAWN = Words(
    "{name}已经撤回了这份导出，不用再审批",
    "{name} has withdrawn this export: there is nothing left to decide",
)
YES = Words(
    "{name}已经同意，撤回晚了一步，文件已开始生成。不需要的话不下载即可，到期自动删除",
    "{name} approved it just before and the file is being made. If you no longer need it, do not download it: "
    "it is deleted by itself",
)
NO = Words(
    "{name}已经拒绝了这份导出，没有什么可撤回的", "{name} has refused this export: there is nothing left to withdraw"
)
OVER = Words("这份导出已经撤回了", "this export is withdrawn already")
OTHER_TOKEN = Words(
    "令牌只能撤回用它自己的角色申请的导出，请登录后操作",
    "a token withdraws only what was asked with its own role: sign in to do this",
)
EXPIRED = Words("导出已过期，请重新申请", "this export has expired: ask again")
CHANGED = Words(
    "你的权限或记录已有变化，文件正在按现在的权限重新生成",
    "your rights or the records have changed: the file is being made again under your rights of now",
)
NOT_READY = Words("文件还没有准备好", "the file is not ready")
SAY_WHY = Words("请说明拒绝的原因", "say why you refuse")
STUCK = timedelta(hours=2)
"""Nothing has moved for so long: longer than every attempt's lease together (twice ``run.TIMEOUT`` each), so that one killed
worker does not end an export that the next one would make."""


def waiting(who: int) -> list[Export]:
    """Exports that wait for this person's decision, oldest first."""
    now = clock.now()
    rows = (
        Export.objects.filter(state=Export.WAITING, expires_at__gt=now).exclude(person_id=who).order_by("made_at")[:200]
    )
    return [one for one in rows if approvers.may(who, one.person_id, one.type, one.rows)]


def decide(viewer: Viewer, export: str, *, yes: bool, note: str) -> Export:
    """Approve or refuse. Raises NotFound for who may not decide on it; Conflict when it no longer waits; Invalid for a
    refusal without a reason."""
    if not yes and not note.strip():
        raise Invalid(Problem("note", "required", SAY_WHY))
    with log.transaction():
        row = Export.objects.select_for_update().filter(pk=export).first()
        who = viewer.person
        if row is None or who is None or viewer.role or not approvers.may(who, row.person_id, row.type, row.rows):
            raise NotFound
        if row.state == Export.WITHDRAWN:
            raise Conflict(WITHDRAWN.fill(name=_name(row.person_id)), code="withdrawn")
        if row.state != Export.WAITING:
            raise Conflict(ANOTHER, code="decided")
        now = clock.now()
        if row.expires_at <= now:
            raise Conflict(EXPIRED, code="expired")
        row.state = Export.QUEUED if yes else Export.REFUSED
        row.decided_at, row.decided_by_id, row.note, row.moved_at = now, who, note.strip(), now
        row.expires_at = now + LASTS
        row.save(update_fields=["state", "decided_at", "decided_by_id", "note", "moved_at", "expires_at"])
        ask.tell(viewer, row, "export.approve" if yes else "export.refuse", {"rows": row.rows}, reason=row.note)
        if yes:
            ask.queue(row)
    return row


def withdraw(viewer: Viewer, export: str, *, note: str) -> Export:
    """Take one's own wish back while it waits; nobody is asked for it any more from that moment on. Raises NotFound for everybody else,
    Refused for a token of another role, Conflict (saying what came first) where it no longer waits."""
    with log.transaction():
        row = Export.objects.select_for_update().filter(pk=export).first()
        if row is None or viewer.person is None or row.person_id != viewer.person:
            raise NotFound
        if viewer.role and viewer.role != row.role:
            raise Refused(OTHER_TOKEN, code="by_token")
        now = clock.now()
        if row.state != Export.WAITING:
            raise Conflict(_came_first(row), code="decided")
        if row.expires_at <= now:
            raise Conflict(EXPIRED, code="expired")
        row.state, row.decided_at, row.note, row.moved_at = Export.WITHDRAWN, now, note.strip(), now
        row.save(update_fields=["state", "decided_at", "note", "moved_at"])
        ask.tell(viewer, row, "export.withdraw", {"rows": row.rows}, reason=row.note)
    return row


def _came_first(row: Export) -> Words:
    """What has become of an export that is no longer waiting."""
    if row.state == Export.WITHDRAWN:
        return OVER
    if row.decided_by_id is None:
        return EXPIRED if row.state == Export.EXPIRED else ANOTHER
    name = _name(row.decided_by_id)
    match row.state:
        case Export.REFUSED:
            return NO.fill(name=name)
        case Export.QUEUED | Export.RUNNING | Export.READY:
            return YES.fill(name=name)
    return ANOTHER


def _name(person: int) -> str:
    found = names_of([person]).get(person)
    return found[1] if found is not None else ""


def open_file(viewer: Viewer, export: str) -> tuple[Export, Path]:
    """The file, for its requester, if they may still see and export all of it. Raises NotFound, Conflict, Refused.

    Where rights or records have changed the file is made again and nothing is given out.
    """
    row = _mine(viewer, export)
    path = files.path_of(row.stored)
    if not path.is_file() or not _still(viewer, row):
        with log.transaction():
            remade = run.remake(row.pk, row.stored)
        if not remade:
            _mine(viewer, export)  # says what has become of it meanwhile
        raise Conflict(CHANGED, code="made_again")
    with log.transaction():
        if not run.same(viewer, epoch.hold(row.person_id)):
            raise Conflict(CHANGED, code="made_again")
        held = Export.objects.select_for_update().filter(pk=row.pk, state=Export.READY, stored=row.stored).first()
        if held is None:
            _mine(viewer, export)
            raise Conflict(CHANGED, code="made_again")
        held.downloads += 1
        held.save(update_fields=["downloads"])
        ask.tell(viewer, held, "export.download", {"sha256": held.digest, "times": held.downloads})
    return held, path


def _mine(viewer: Viewer, export: str) -> Export:
    """The viewer's own export whose file is ready. Raises NotFound; Conflict saying what it is instead."""
    row = Export.objects.filter(pk=export).first()
    if row is None or viewer.person is None or row.person_id != viewer.person:
        raise NotFound
    if row.state == Export.READY and row.expires_at <= clock.now():
        expire(row)
        row.state = Export.EXPIRED
    if row.state == Export.EXPIRED:
        raise Conflict(EXPIRED, code="expired")
    if row.state != Export.READY:
        raise Conflict(NOT_READY, code="not_ready")
    return row


def _still(viewer: Viewer, row: Export) -> bool:
    """Whether the file, made again now, would be the same: record by record and cell by cell."""
    try:
        return again.holds(row, Asked.kept(row.type, row.asked).query(viewer))
    except (Refused, Invalid, NotFound, FileNotFoundError):
        return False


def expire(row: Export) -> None:
    """End what has expired; its file goes."""
    with log.transaction():
        if Export.objects.filter(pk=row.pk, state=row.state).update(state=Export.EXPIRED, moved_at=clock.now()):
            ask.tell(identity.system("export"), row, "export.expire", {})
    files.drop(row.stored)


def end_of(leavers: list[int]) -> None:
    """Exports die with leaving: in the transaction of the leaving."""
    for row in Export.objects.select_for_update().filter(
        person_id__in=leavers, state__in=(Export.WAITING, Export.QUEUED, Export.RUNNING, Export.READY)
    ):
        Export.objects.filter(pk=row.pk).update(state=Export.ENDED, moved_at=clock.now())
        files.drop(row.stored)


def organisation_changed(changed: frozenset[int] | None) -> None:
    """People's own posts or status changed: whoever has left keeps no file."""
    if changed:
        gone = people.gone(changed)
        if gone:
            end_of(gone)


@task(timeout=300, atomic=False)
def tidy() -> int:
    """Expire what is over, give up what died, remove stray files; returns how many exports it ended."""
    now = clock.now()
    over = list(Export.objects.filter(state__in=(Export.WAITING, Export.READY), expires_at__lte=now)[:500])
    for row in over:
        expire(row)
    died = Export.objects.filter(state__in=(Export.RUNNING, Export.QUEUED), moved_at__lt=now - STUCK)
    stuck = died.update(state=Export.FAILED, problem=run.DIED.json(), moved_at=now)
    files.sweep()
    return len(over) + int(stuck)


def start() -> None:
    """Register the regular run."""
    schedules.every("guard.exports", 600, tidy)
