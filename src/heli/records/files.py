"""Attachments 附件: files of a record. Their rights are the record's: who sees it reads them, who may edit it adds and removes.

The bytes lie in HELI_HOME/files under a random name; what a file is called and what it is are columns. Its media
type follows from its content; nothing is ever served for a browser to run.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import timedelta
from itertools import batched
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.transaction import on_commit

from heli.access.core.line import Held
from heli.access.viewer import Viewer
from heli.audit import log
from heli.audit.log import EntryData
from heli.jobs import events
from heli.kernel import clock
from heli.kernel.errors import Conflict, Invalid, NotFound, Problem, TooLarge
from heli.kernel.words import Words
from heli.records import act, store
from heli.records.models import Attachment
from heli.records.sight import kind_of
from heli.records.work import Work

MOST_BYTES = 25 * 1024 * 1024
MOST_FILES = 200
"""Files of one record."""
NAME_LENGTH = 255
STRAY = timedelta(days=1)
"""A file without a row is removed once it is so old."""
CHUNK = 500
_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]')

TOO_LARGE = Words("文件过大，最多 25 MB", "the file is larger than 25 MB")
EMPTY = Words("文件是空的", "the file is empty")
NO_NAME = Words("文件需要名称", "a file needs a name")
FULL = Words(f"一条记录最多 {MOST_FILES} 个附件", f"a record has at most {MOST_FILES} files")

_BY_CONTENT: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
)
_OFFICE = {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}


type Bound = Callable[[Viewer, str, str, Sequence[Held]], Set[int] | None]
bounds: list[Bound] = []
"""Asked with the type, the record and the lines by which somebody sees it: which of its files go with these lines; None: all of them."""


@dataclass(frozen=True, slots=True)
class File:
    """An attachment as whoever sees its record knows it."""

    id: int
    name: str
    size: int
    media: str
    by: int
    at: Any
    path: Path


def folder() -> Path:
    """Where the bytes lie, readable by the program's owner only."""
    path: Path = settings.HELI_HOME / "files"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def media_of(head: bytes, name: str) -> str:
    """The media type by content; the name only tells kinds of ZIP apart."""
    for start, media in _BY_CONTENT:
        if head.startswith(start):
            return media
    if head.startswith(b"PK\x03\x04"):
        return _OFFICE.get(Path(name).suffix.lower(), "application/zip")
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    if b"\0" not in head:
        try:
            head.decode()
        except UnicodeDecodeError as error:
            if error.start < len(head) - 4:
                return "application/octet-stream"
        return "text/plain"
    return "application/octet-stream"


def clean_name(name: str) -> str:
    """A name that is one on every system: no path, no control or direction characters. Raises Invalid when none is left."""
    found = _UNSAFE.sub("_", name.replace("\\", "/").rsplit("/", 1)[-1]).strip(" .")
    if not found.strip("_"):
        raise Invalid(Problem("file", "required", NO_NAME))
    while len(found) > NAME_LENGTH or len(found.encode()) > NAME_LENGTH:
        suffix = Path(found).suffix[:20]
        stem = found[: len(found) - len(suffix)]
        found = stem[:-1] + suffix if len(stem) > 1 else found[:-1]
    return found


def listed(viewer: Viewer, code: str, record: str) -> list[File]:
    """The files of a record, newest first. Raises NotFound when the viewer does not see it."""
    shown = _shown(viewer, code, record)
    rows = Attachment.objects.filter(type=code, record_id=record, deleted_at__isnull=True).order_by("-id")
    return [_file(one) for one in rows if shown is None or one.pk in shown]


def one(viewer: Viewer, code: str, record: str, file: int) -> File:
    """One file of a record that the viewer sees. Raises NotFound."""
    shown = _shown(viewer, code, record)
    if shown is not None and file not in shown:
        raise NotFound
    return _file(_row(code, record, file))


def _shown(viewer: Viewer, code: str, record: str) -> Set[int] | None:
    """Which files the viewer is shown of a record that they see; None for all of them. Raises NotFound."""
    asked = store.query(viewer, code)
    seen = asked.one(record)
    if asked.sight.rights is None:
        return None
    because = asked.sight.rights.decide("read", seen.row).because
    return next((found for bound in bounds if (found := bound(viewer, code, record, because)) is not None), None)


def of(code: str, record: str, ids: Iterable[int]) -> list[File]:
    """These files, where they are there, for who has asked otherwise whether they may be seen."""
    rows = Attachment.objects.filter(pk__in=list(ids), type=code, record_id=record, deleted_at__isnull=True)
    return [_file(one) for one in rows.order_by("pk")]


def _row(code: str, record: str, file: int) -> Attachment:
    found = Attachment.objects.filter(pk=file, type=code, record_id=record, deleted_at__isnull=True).first()
    if found is None:
        raise NotFound
    return found


def _file(row: Attachment) -> File:
    return File(row.pk, row.name, row.size, row.media, row.by_id, row.at, folder() / row.stored)


def add(viewer: Viewer, code: str, record: str, name: str, chunks: Iterable[bytes]) -> File:
    """Attach a file to a record that the viewer may edit.

    Raises NotFound, Refused, Invalid (no name, empty), TooLarge, Conflict (too many). Nothing stays of a refused file.
    """
    return keep(viewer, code, record, name, chunks, lambda now: _needs_edit(now, code, record))


def keep(
    viewer: Viewer, code: str, record: str, name: str, chunks: Iterable[bytes], need: Callable[[Viewer], None],
    also: Callable[[int], None] = lambda file: None,
) -> File:  # fmt: skip
    """Keep a file by another right than that of editing: ``need`` raises where it is missing, and is asked before the bytes are read and
    again in the transaction, in which ``also`` is done with it. Raises as ``add`` does."""
    name = clean_name(name)
    need(viewer)
    stored = secrets.token_hex(16)
    path = folder() / stored
    try:
        size, digest, head = _write(path, chunks)
        if size == 0:
            raise Invalid(Problem("file", "empty", EMPTY))
        with log.transaction():
            need(act.current(viewer))
            here = Attachment.objects.filter(type=code, record_id=record, deleted_at__isnull=True)
            if here.count() >= MOST_FILES:
                raise Conflict(FULL, code="too_many")
            row = Attachment.objects.create(
                type=code, record_id=record, name=name, stored=stored, size=size, media=media_of(head, name),
                digest=digest, by_id=viewer.person or 0, at=clock.now(),
            )  # fmt: skip
            _tell(viewer, code, record, "attach", row)
            also(row.pk)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return _file(row)


def remove(viewer: Viewer, code: str, record: str, file: int) -> None:
    """Take a file away. Raises NotFound, Refused."""
    with log.transaction():
        now = act.current(viewer)
        _needs_edit(now, code, record)
        one(now, code, record, file)  # what they are not shown is not there for them
        take_away(now, code, record, file)


def take_away(viewer: Viewer, code: str, record: str, file: int) -> None:
    """Remove a file in the caller's transaction, for who has been found to have the right. Raises NotFound."""
    row = _row(code, record, file)
    row.deleted_at = clock.now()
    row.save(update_fields=["deleted_at"])
    _tell(viewer, code, record, "detach", row)
    path = folder() / row.stored
    on_commit(lambda: path.unlink(missing_ok=True))


def drop(code: str, records: Sequence[str]) -> None:
    """Remove every file of these records for good, in the caller's transaction; the bytes go after its commit."""
    rows = Attachment.objects.filter(type=code, record_id__in=records)
    paths = [folder() / stored for stored in rows.values_list("stored", flat=True)]
    rows.delete()

    def unlink() -> None:
        for path in paths:
            path.unlink(missing_ok=True)

    on_commit(unlink, robust=True)


def sweep() -> int:
    """Remove files that no row names: a crash leaves them between a row and its bytes. Returns how many.

    A file may be older than its row, which is written once all bytes have come; only what nobody has written to for a
    day is looked at.
    """
    before = (clock.now() - STRAY).timestamp()
    removed = 0
    old = (Path(one.path) for one in os.scandir(folder()) if one.is_file() and one.stat().st_mtime < before)
    for some in batched(old, CHUNK):
        names = [path.name for path in some]
        kept = set(Attachment.objects.filter(stored__in=names, deleted_at=None).values_list("stored", flat=True))
        for path in some:
            if path.name not in kept:
                path.unlink(missing_ok=True)
                removed += 1
    return removed


def may_change(viewer: Viewer, code: str, record: str) -> bool:
    """Whether the viewer may add and remove files here. Raises NotFound."""
    work = Work.begin(viewer, kind_of(code))
    seen = store.query(viewer, code).one(record)
    return work.decision("edit", seen.row).allowed


def _needs_edit(viewer: Viewer, code: str, record: str) -> None:
    seen = store.query(viewer, code).one(record)
    Work.begin(viewer, kind_of(code)).need("edit", seen.row)


def _write(path: Path, chunks: Iterable[bytes]) -> tuple[int, str, bytes]:
    digest, size, head = hashlib.sha256(), 0, b""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        for chunk in chunks:
            size += len(chunk)
            if size > MOST_BYTES:
                raise TooLarge(TOO_LARGE)
            head = head or chunk[:4096]
            digest.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    return size, digest.hexdigest(), head


def _tell(viewer: Viewer, code: str, record: str, verb: str, row: Attachment) -> None:
    events.publish(f"{code}.{verb}", code, record, {"file": row.pk})
    said = {"file": row.pk, "name": row.name, "size": row.size, "sha256": row.digest}
    log.append(
        EntryData(
            action=f"{code}.{verb}",
            object_type=code,
            object_id=record,
            actor_id=viewer.person,
            actor_name=viewer.name,
            acting_for_id=viewer.actor.acting_for,
            origin=viewer.actor.origin,
            after=said if verb == "attach" else None,
            before=said if verb == "detach" else None,
        )
    )
