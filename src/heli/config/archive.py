"""A backup: one archive with a consistent copy of the database and the attached files. Keys stay apart, on purpose.

Whoever holds a backup and the keys holds everything; whoever holds only the backup cannot forge the audit log or a
session. ``restore`` puts an archive into an empty installation and refuses any other. Its manifest, which comes first, holds
a digest of all that follows, so that a torn or altered archive is refused before anything is written; a digest proves
no origin: who may write archives is the operator's concern, and what the audit log says is proved by its seals.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from heli import __version__
from heli.kernel import clock
from heli.kernel.errors import Broken, Conflict, Invalid, Problem
from heli.kernel.words import Words

FORMAT = 2
MANIFEST = "manifest.json"
FILES = "files"
NAMES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
SHAPE = {"version": str, "database": str, "made_at": str, "files": int, "sha256": str, "schema": list}
LARGEST_MANIFEST = 100_000
CHUNK = 1 << 20

EXISTS = Words("{path} 已存在；请换一个文件名", "{path} exists already; choose another name")
UNWRITABLE = Words("无法写入 {path}：{why}", "cannot write {path}: {why}")
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


def backup(target: Path) -> dict[str, Any]:
    """Write an archive; returns what is in it. Raises Conflict when the file exists, Invalid when it cannot be written."""
    if target.exists():
        raise Conflict(EXISTS.fill(path=str(target)), code="exists")
    try:
        draft = Path(tempfile.mkdtemp(prefix=".backup-", dir=target.absolute().parent))
    except OSError as error:
        raise _unwritable(target, error) from None
    try:
        return _backup(target, draft)
    except OSError as error:
        raise _unwritable(target, error) from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _unwritable(target: Path, error: OSError) -> Invalid:
    words = UNWRITABLE.fill(path=str(target), why=error.strerror or str(error))
    return Invalid(Problem("file", "unwritable", words))


def _backup(target: Path, draft: Path) -> dict[str, Any]:
    vendor = connection.vendor
    database = draft / NAMES[vendor]
    if vendor == "sqlite":
        _copy_sqlite(Path(settings.DATABASES["default"]["NAME"]), database)
    else:
        _postgres("pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--file", str(database))
    files = _held(draft / FILES)
    digest = hashlib.sha256()
    for name, path in [(database.name, database), *files]:
        _digest(digest, name, path)
    manifest = {
        "format": FORMAT, "version": __version__, "database": vendor, "made_at": clock.now().isoformat(),
        "files": len(files), "sha256": digest.hexdigest(),
    }  # fmt: skip
    (draft / MANIFEST).write_text(json.dumps({**manifest, "schema": _schema(applied=True)}), "utf-8")
    packed = draft / "archive"
    with tarfile.open(packed, "w:gz", compresslevel=6) as archive:
        archive.add(draft / MANIFEST, MANIFEST)
        archive.add(database, database.name)
        for name, path in files:
            archive.add(path, name)
    with packed.open("rb") as written:
        os.fsync(written.fileno())
    os.link(packed, target)  # never over a file that came meanwhile
    return {**manifest, "file": str(target), "bytes": target.stat().st_size, "keys": str(settings.HELI_HOME / "keys")}


def _held(folder: Path) -> list[tuple[str, Path]]:
    """Our files as (name in the archive, path): links of their own, so that one removed meanwhile is still here."""
    found: list[tuple[str, Path]] = []
    folder.mkdir()
    for path in sorted(p for p in _files().rglob("*") if p.is_file()) if _files().is_dir() else []:
        within = path.relative_to(_files())
        held = folder / within
        held.parent.mkdir(parents=True, exist_ok=True)
        try:
            try:
                os.link(path, held)
            except FileNotFoundError:
                raise
            except OSError:  # another disk
                shutil.copyfile(path, held)
        except FileNotFoundError:
            continue  # removed by its owner since we looked
        found.append((f"{FILES}/{within.as_posix()}", held))
    return found


def _digest(digest: hashlib._Hash, name: str, path: Path) -> None:
    """Add a member: its name, its size in bytes, its content."""
    digest.update(f"{name}\0{path.stat().st_size}\0".encode())
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)


def _schema(*, applied: bool) -> list[str]:
    """The migrations that this database has (``applied``) or that this code knows, as ``app.name``."""
    loader = MigrationLoader(connection if applied else None)
    found = loader.applied_migrations if applied else loader.disk_migrations
    return sorted(f"{app}.{name}" for app, name in found)


def _copy_sqlite(source: Path, target: Path) -> None:
    """SQLite's own online backup: a consistent copy while others read and write."""
    with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(target)) as there:
        here.backup(there)
        there.execute("PRAGMA journal_mode=DELETE")


def restore(source: Path) -> dict[str, Any]:
    """Put an archive into this empty installation; returns what was in it.

    Raises Invalid when it is no backup or damaged, Conflict when there is data here or it is another database's.
    """
    try:
        with tarfile.open(source, "r:gz") as archive:
            manifest = _manifest(archive, source)
            _may_restore(manifest)
            with _beside() as draft:
                if _unpack(archive, draft, source, NAMES[connection.vendor]) != manifest["sha256"]:
                    raise _no_archive(source, "it was altered or is not whole")
                if len([p for p in (draft / FILES).rglob("*") if p.is_file()]) != manifest["files"]:
                    raise _no_archive(source, "files are missing")
                _settle(draft, source)
    except (OSError, EOFError, ValueError, tarfile.TarError, zlib.error) as error:
        raise _no_archive(source, str(error)) from None
    return {**{k: v for k, v in manifest.items() if k != "schema"}, "keys": str(settings.HELI_HOME / "keys")}


def _no_archive(source: Path, why: str) -> Invalid:
    return Invalid(Problem("file", "archive", NO_ARCHIVE.fill(path=str(source), why=why[:200])))


def _manifest(archive: tarfile.TarFile, source: Path) -> dict[str, Any]:
    first = archive.next()
    if first is None or first.name != MANIFEST or not first.isreg() or first.size > LARGEST_MANIFEST:
        raise _no_archive(source, "it has no manifest")
    stream = archive.extractfile(first)
    try:
        said = json.loads(stream.read() if stream is not None else b"")
    except ValueError:
        raise _no_archive(source, "its manifest is no JSON") from None
    if (
        not isinstance(said, dict)
        or said.get("format") != FORMAT
        or any(not isinstance(said.get(key), kind) for key, kind in SHAPE.items())
    ):
        raise _no_archive(source, "its manifest is of another format")
    return said


def _may_restore(manifest: dict[str, Any]) -> None:
    if manifest.get("database") != connection.vendor:
        raise Conflict(OTHER.fill(theirs=str(manifest.get("database")), ours=connection.vendor), code="database")
    if not set(map(str, manifest["schema"])) <= set(_schema(applied=False)):
        raise Conflict(NEWER.fill(theirs=manifest["version"], ours=__version__), code="newer")
    files = _files()
    if (files.is_dir() and any(files.iterdir())) or connection.introspection.table_names():
        raise Conflict(NOT_EMPTY, code="not_empty")


@contextmanager
def _beside() -> Iterator[Path]:
    draft = Path(tempfile.mkdtemp(prefix=".restore-", dir=settings.HELI_HOME))
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _unpack(archive: tarfile.TarFile, draft: Path, source: Path, database: str) -> str:
    """Only the database and plain files below ``files``: an archive cannot write anywhere else. Its digest.

    Read to the end of the compressed stream, whose own check of its content comes last.
    """
    digest = hashlib.sha256()
    (draft / FILES).mkdir()
    for member in archive:
        parts = PurePosixPath(member.name).parts
        safe = member.isreg() and ".." not in parts and not member.name.startswith("/") and "\\" not in member.name
        if not safe or not (member.name == database or (len(parts) > 1 and parts[0] == FILES)):
            if member.name == MANIFEST:
                continue
            raise _no_archive(source, f"it holds {member.name!r}")
        path = draft.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        stream = archive.extractfile(member)
        assert stream is not None
        with path.open("wb") as out:
            shutil.copyfileobj(stream, out)
        _digest(digest, member.name, path)
    if not (draft / database).is_file():
        raise _no_archive(source, "it holds no database")
    while archive.fileobj is not None and archive.fileobj.read(CHUNK):
        pass
    return digest.hexdigest()


def _settle(draft: Path, source: Path) -> None:
    """Files first, the database last: an installation with a database is a whole one."""
    vendor = connection.vendor
    database = draft / NAMES[vendor]
    if vendor == "sqlite":
        try:
            with closing(sqlite3.connect(database)) as copy:
                sound = copy.execute("PRAGMA integrity_check").fetchone()[0]
        except sqlite3.DatabaseError as error:
            raise _no_archive(source, str(error)) from None
        if sound != "ok":
            raise _no_archive(source, str(sound))
    _files().parent.mkdir(parents=True, exist_ok=True)
    if _files().is_dir():
        _files().rmdir()
    (draft / FILES).replace(_files())
    try:
        _bring(draft, vendor)
    except BaseException:
        shutil.rmtree(_files(), ignore_errors=True)  # without its database nothing came
        raise


def _bring(draft: Path, vendor: str) -> None:
    database = draft / NAMES[vendor]
    if vendor == "sqlite":
        connection.close()
        target = Path(settings.DATABASES["default"]["NAME"])
        for ending in ("", "-wal", "-shm"):
            target.with_name(target.name + ending).unlink(missing_ok=True)
        database.replace(target)
    else:
        _postgres("pg_restore", "--exit-on-error", "--single-transaction", "--no-owner", str(database))


def _files() -> Path:
    folder: Path = settings.HELI_HOME / FILES
    return folder


def _postgres(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's own programs on our database. Raises Broken when it is missing or fails."""
    at = settings.DATABASES["default"]
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "PGPASSWORD": at.get("PASSWORD") or ""}
    for option, name in (("sslmode", "PGSSLMODE"), ("sslrootcert", "PGSSLROOTCERT")):
        if at.get("OPTIONS", {}).get(option):
            environment[name] = at["OPTIONS"][option]
    command = [_program(program), "--dbname", at["NAME"]]
    for option, value in (("--host", at.get("HOST")), ("--port", at.get("PORT")), ("--username", at.get("USER"))):
        command += [option, str(value)] if value else []
    connection.close()
    done = subprocess.run(  # noqa: S603  # our own words, no shell
        [*command, *arguments], check=False, capture_output=True, text=True, env=environment, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        raise Broken(f"{program} failed: {done.stderr.strip()[-500:]}")


def _program(name: str) -> str:
    """The newest of PostgreSQL's programs: an older one refuses a newer server."""
    folders = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    newest = max(folders, key=lambda p: int(p.parts[-3]) if p.parts[-3].isdigit() else 0, default=None)
    found = str(newest) if newest is not None else shutil.which(name)
    if found is None:
        raise Broken(f"{name} is missing: install PostgreSQL's client programs")
    return found
