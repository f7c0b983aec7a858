"""Making the file: a job, under the rights that its requester holds at that moment and not one moment longer.

Rights are looked at again before every page and once more, locked, before the file counts as ready; when they have
changed it is begun anew. The file is whole or not there: it gets its name when all of it is on the disk.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from heli.access import epoch
from heli.access.viewer import Viewer
from heli.audit import log
from heli.guard import canary, identity, ledger
from heli.guard.exports import again, ask, cells, files, write
from heli.guard.exports.ask import LASTS, Asked
from heli.guard.models import Export
from heli.jobs.tasks import task
from heli.kernel import clock
from heli.kernel.errors import HeliError, Invalid, Problem
from heli.kernel.words import Language, Words
from heli.org import zone
from heli.records import exporting
from heli.records.rows import full_cells
from heli.records.store import Query

PAGE = 200
TIMEOUT = 900
ATTEMPTS = 3
AGAIN = 5
"""Times that a file is begun anew because rights changed meanwhile."""
GROWN = Words(
    "符合条件的记录比申请时多了很多（{n} 行），请重新申请",
    "there are many more matching records than were asked for ({n}): ask again",
)
UNAPPROVED = Words("现在需要审批才能导出（{why}），请重新申请", "by now this takes an approval ({why}): ask again")
RESTLESS = Words("权限一直在变化，请稍后重新申请", "rights keep changing: ask again later")
DIED = Words("生成文件时多次中断，请重新申请", "making the file was cut off several times: ask again")
MARK = Words("{who} · {when} · 导出编号 {number} · 合力", "{who} · {when} · export {number} · Heli")


class _Changed(Exception):  # no failure: the file is begun anew
    """Rights changed while the file was being written."""


@dataclass(frozen=True, slots=True)
class Made:
    """A file on the disk."""

    stored: str
    rows: int
    size: int
    digest: str
    columns: list[str]
    cells: dict[str, int]


@task(timeout=TIMEOUT, max_attempts=ATTEMPTS, atomic=False)
def make(export: str) -> None:
    """Make the file of an export that waits for it."""
    row = _begin(export)
    if row is None:
        return
    canary.renew(now=True)
    try:
        for _ in range(AGAIN):
            try:
                _whole(row)
            except _Changed:
                continue
            return
        raise Invalid(Problem("rights", "restless", RESTLESS))
    except HeliError as error:
        _end(export, error)
    finally:
        ledger.flush()


def _begin(export: str) -> Export | None:
    """Take it up; None when there is nothing to do. A worker that died before is an attempt."""
    with log.transaction():
        row = Export.objects.select_for_update().filter(pk=export, state__in=(Export.QUEUED, Export.RUNNING)).first()
        if row is None:
            return None
        row.attempts += 1
        row.state, row.done, row.moved_at = Export.RUNNING, 0, clock.now()
        if row.attempts > ATTEMPTS:
            row.state, row.problem = Export.FAILED, DIED.json()
        row.save(update_fields=["attempts", "state", "done", "moved_at", "problem"])
    return row if row.state == Export.RUNNING else None


def _whole(row: Export) -> None:
    """One go at the file. Raises _Changed, HeliError."""
    viewer = identity.person(row.person_id, row.role)
    stored = files.fresh()
    try:
        made = _write(row, viewer, stored)
        with log.transaction():
            if not same(viewer, epoch.hold(row.person_id)):
                raise _Changed
            fresh = Export.objects.select_for_update().get(pk=row.pk)
            if fresh.state != Export.RUNNING:  # ended meanwhile: its requester has left, or security stopped it
                raise Invalid(Problem("state", "ended", Words("导出已终止", "the export was ended")))
            now, first = clock.now(), not fresh.digest
            fresh.state, fresh.stored, fresh.size, fresh.digest = Export.READY, stored, made.size, made.digest
            fresh.done, fresh.cells, fresh.columns = made.rows, made.cells, made.columns
            fresh.moved_at, fresh.problem = now, None
            if first:  # what is made again lasts no longer: one wish is one file of one day
                fresh.expires_at = now + LASTS
            fresh.save()
            said = {"rows": made.rows, "fields": made.columns, "sha256": made.digest, "cells": made.cells}
            ask.tell(viewer, fresh, "export.ready", said)
    except BaseException:
        files.drop(stored)
        raise


def same(viewer: Viewer, stamp: epoch.Stamp) -> bool:
    """Whether the viewer's rights are still those of now."""
    view = viewer.view
    return view is not None and view.stamp == stamp and (view.until is None or view.until > clock.now())


def _write(row: Export, viewer: Viewer, stored: str) -> Made:
    query = Asked.kept(row.type, row.asked).query(viewer)
    query = query.through("approved") if row.decided_by_id is not None else query
    rows = ask.fitting(query)
    if rows > row.rows + max(10, row.rows // 10):
        raise Invalid(Problem("rows", "grown", GROWN.fill(n=rows)))
    _allowed(row, viewer, query, rows)
    query = exporting.exportable(query, max(rows, 1))
    kind, language = query.kind, _language(row.language)
    codes = list(query.codes)
    numeric = [cells.is_numeric(kind.fields[one]) for one in codes]
    path = files.part_of(stored)
    out = write.writer(row.format, path)
    out.row([kind.fields[one].words(language) for one in codes], [False] * len(codes))
    done, after, counted = 0, None, Counter[str]()
    with files.key_of(stored).open("w", encoding="ascii") as key:
        while done < rows:
            if not same(viewer, epoch.current(row.person_id)):
                raise _Changed
            page = query.page(min(PAGE, rows - done), after)
            for item in page.items:
                levels = page.access[item["_a"]]
                said = [cells.text(kind.fields[c], item[c], levels[c], language) if c in levels else "" for c in codes]
                out.row(said, numeric)
                key.write(f"{item['id']} {again.shown(levels, codes)}\n")
                counted.update(full_cells(kind, item, levels))
            done, after = done + len(page.items), page.next
            Export.objects.filter(pk=row.pk).update(done=done, moved_at=clock.now())
            if after is None:
                break
    out.close(mark(row, viewer, language))
    digest, size = _digest(path)
    files.finish(stored)
    return Made(stored, done, size, digest, codes, dict(counted))


def _allowed(row: Export, viewer: Viewer, query: Query, rows: int) -> None:
    """Raises Invalid for what takes an approval by now that it was not given: its asker is about to leave, other files have used the
    budget up, there are more rows. Whoever approved it knew what it needed then."""
    known = {*row.needs, "budget"} if row.decided_by_id is not None else set(row.needs)
    more = [one for one in ask.needs(viewer, query, rows) if one not in known]
    if more:
        raise Invalid(Problem("needs", more[0], UNAPPROVED.fill(why=ask.NEEDS[more[0]])))


def mark(row: Export, viewer: Viewer, language: Language) -> str:
    """Who, when and the export's number, as the file carries them."""
    when = zone.told(clock.now())
    return MARK.fill(who=f"{viewer.name} ({viewer.username})", when=when, number=row.number)(language)


def _language(text: str) -> Language:
    return "en" if text.startswith("en") else "zh"


def _digest(path: Path) -> tuple[str, int]:
    with path.open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256")
        return digest.hexdigest(), handle.tell()


def _end(export: str, error: HeliError) -> None:
    with log.transaction():
        row = Export.objects.select_for_update().filter(pk=export, state=Export.RUNNING).first()
        if row is None:
            return
        row.state, row.problem, row.moved_at = Export.FAILED, error.words.json(), clock.now()
        row.save(update_fields=["state", "problem", "moved_at"])
        ask.tell(identity.system("export"), row, "export.fail", {"why": error.words.en})


def remake(export: str, stored: str) -> bool:
    """Have a ready file made again, since rights have changed: the old one is gone at once. In the caller's transaction; False where it
    is ready no more, or another file by now."""
    row = Export.objects.select_for_update().filter(pk=export, state=Export.READY, stored=stored).first()
    if row is None:
        return False
    Export.objects.filter(pk=export).update(state=Export.QUEUED, stored="", attempts=0, done=0, moved_at=clock.now())
    ask.queue(row)
    files.drop(stored)
    return True
