"""Putting a backup into an empty installation. Any other is left alone, and a bad archive leaves nothing behind."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings
from django.db import connection

from heli import __version__
from heli.config import archive
from heli.kernel.errors import Conflict, Invalid, Problem
from heli.kernel.words import Words

SHAPE = {"version": str, "database": str, "made_at": str, "files": int, "sha256": str, "schema": list}
LARGEST_MANIFEST = 100_000

NO_ARCHIVE = Words("{path} 不是 Heli 的备份：{why}", "{path} is no backup of Heli: {why}")
NOT_EMPTY = Words(
    "这里已有数据；只能恢复到空的 HELI_HOME 和空的数据库",
    "there is data here already; restore into an empty HELI_HOME and an empty database",
)
OTHER = Words(
    "备份来自 {theirs}，这里用的是 {ours}；请用同一种数据库恢复",
    "the backup comes from {theirs} and this installation uses {ours}; restore it on the same database",
)
NEWER = Words(
    "备份来自更新的 Heli（{theirs}），这里是 {ours}：请先升级",
    "the backup comes from a newer Heli ({theirs}) and this is {ours}: upgrade first",
)


def restore(source: Path) -> dict[str, Any]:
    """Put an archive into this empty installation; returns what was in it.

    Raises Invalid when it is no backup or damaged, Conflict when there is data here or it is another database's.
    """
    try:
        with tarfile.open(source, "r:gz") as opened:
            manifest = _manifest(opened, source)
            _may_restore(manifest)
            with _beside() as draft:
                if _unpack(opened, draft, source, archive.NAMES[connection.vendor]) != manifest["sha256"]:
                    raise _no_archive(source, "it was altered or is not whole")
                if len([p for p in (draft / archive.FILES).rglob("*") if p.is_file()]) != manifest["files"]:
                    raise _no_archive(source, "files are missing")
                _settle(draft, source)
    except (OSError, EOFError, ValueError, tarfile.TarError, zlib.error) as error:
        raise _no_archive(source, str(error)) from None
    return {**{k: v for k, v in manifest.items() if k != "schema"}, "keys": str(settings.HELI_HOME / "keys")}


def _no_archive(source: Path, why: str) -> Invalid:
    return Invalid(Problem("file", "archive", NO_ARCHIVE.fill(path=str(source), why=why[:200])))


def _manifest(opened: tarfile.TarFile, source: Path) -> dict[str, Any]:
    first = opened.next()
    if first is None or first.name != archive.MANIFEST or not first.isreg() or first.size > LARGEST_MANIFEST:
        raise _no_archive(source, "it has no manifest")
    stream = opened.extractfile(first)
    try:
        said = json.loads(stream.read() if stream is not None else b"")
    except ValueError:
        raise _no_archive(source, "its manifest is no JSON") from None
    if (
        not isinstance(said, dict)
        or said.get("format") != archive.FORMAT
        or any(not isinstance(said.get(key), kind) for key, kind in SHAPE.items())
    ):
        raise _no_archive(source, "its manifest is of another format")
    return said


def _may_restore(manifest: dict[str, Any]) -> None:
    if manifest.get("database") != connection.vendor:
        raise Conflict(OTHER.fill(theirs=str(manifest.get("database")), ours=connection.vendor), code="database")
    if not set(map(str, manifest["schema"])) <= set(archive.schema_of(applied=False)):
        raise Conflict(NEWER.fill(theirs=manifest["version"], ours=__version__), code="newer")
    files = archive.files_of()
    if (files.is_dir() and any(files.iterdir())) or connection.introspection.table_names():
        raise Conflict(NOT_EMPTY, code="not_empty")


@contextmanager
def _beside() -> Iterator[Path]:
    draft = Path(tempfile.mkdtemp(prefix=".restore-", dir=settings.HELI_HOME))
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _unpack(opened: tarfile.TarFile, draft: Path, source: Path, database: str) -> str:
    """Only the database and plain files below ``files``: an archive cannot write anywhere else. Its digest.

    Read to the end of the compressed stream, whose own check of its content comes last.
    """
    digest = hashlib.sha256()
    (draft / archive.FILES).mkdir()
    for member in opened:
        parts = PurePosixPath(member.name).parts
        safe = member.isreg() and ".." not in parts and not member.name.startswith("/") and "\\" not in member.name
        if not safe or not (member.name == database or (len(parts) > 1 and parts[0] == archive.FILES)):
            if member.name == archive.MANIFEST:
                continue
            raise _no_archive(source, f"it holds {member.name!r}")
        path = draft.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        stream = opened.extractfile(member)
        assert stream is not None
        with path.open("wb") as out:
            shutil.copyfileobj(stream, out)
        archive.add_to(digest, member.name, path)
    if not (draft / database).is_file():
        raise _no_archive(source, "it holds no database")
    while opened.fileobj is not None and opened.fileobj.read(archive.CHUNK):
        pass
    return digest.hexdigest()


def _settle(draft: Path, source: Path) -> None:
    """Files first, the database last: an installation with a database is a whole one."""
    vendor = connection.vendor
    database = draft / archive.NAMES[vendor]
    if vendor == "sqlite":
        try:
            with closing(sqlite3.connect(database)) as copy:
                sound = copy.execute("PRAGMA integrity_check").fetchone()[0]
        except sqlite3.DatabaseError as error:
            raise _no_archive(source, str(error)) from None
        if sound != "ok":
            raise _no_archive(source, str(sound))
    archive.files_of().parent.mkdir(parents=True, exist_ok=True)
    if archive.files_of().is_dir():
        archive.files_of().rmdir()
    (draft / archive.FILES).replace(archive.files_of())
    try:
        _bring(draft, vendor)
    except BaseException:
        shutil.rmtree(archive.files_of(), ignore_errors=True)  # without its database nothing came
        raise


def _bring(draft: Path, vendor: str) -> None:
    database = draft / archive.NAMES[vendor]
    if vendor == "sqlite":
        connection.close()
        target = Path(settings.DATABASES["default"]["NAME"])
        for ending in ("", "-wal", "-shm"):
            target.with_name(target.name + ending).unlink(missing_ok=True)
        database.replace(target)
    else:
        archive.postgres("pg_restore", "--exit-on-error", "--single-transaction", "--no-owner", str(database))
