"""A backup: one archive with a consistent copy of the database and the attached files. Keys stay apart, on purpose.

Whoever holds a backup and the keys holds everything; whoever holds only the backup cannot forge the audit log or a
session. ``archive_restore`` puts one into an empty installation. Its manifest, which comes first, holds a digest of all that
follows, so that a torn or altered archive is refused before anything is written; a digest proves no origin: who may write
archives is the operator's concern, and what the audit log says is proved by its seals.
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
from contextlib import closing
from pathlib import Path
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
CHUNK = 1 << 20

EXISTS = Words("{path} 已存在；请换一个文件名", "{path} exists already; choose another name")
UNWRITABLE = Words("无法写入 {path}：{why}", "cannot write {path}: {why}")


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
        postgres("pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--file", str(database))
    files = _held(draft / FILES)
    digest = hashlib.sha256()
    for name, path in [(database.name, database), *files]:
        add_to(digest, name, path)
    manifest = {
        "format": FORMAT, "version": __version__, "database": vendor, "made_at": clock.now().isoformat(),
        "files": len(files), "sha256": digest.hexdigest(),
    }  # fmt: skip
    (draft / MANIFEST).write_text(json.dumps({**manifest, "schema": schema_of(applied=True)}), "utf-8")
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
    for path in sorted(p for p in files_of().rglob("*") if p.is_file()) if files_of().is_dir() else []:
        within = path.relative_to(files_of())
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


def add_to(digest: hashlib._Hash, name: str, path: Path) -> None:
    """Add a member: its name, its size in bytes, its content."""
    digest.update(f"{name}\0{path.stat().st_size}\0".encode())
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)


def schema_of(*, applied: bool) -> list[str]:
    """The migrations that this database has (``applied``) or that this code knows, as ``app.name``."""
    loader = MigrationLoader(connection if applied else None)
    found = loader.applied_migrations if applied else loader.disk_migrations
    return sorted(f"{app}.{name}" for app, name in found)


def _copy_sqlite(source: Path, target: Path) -> None:
    """SQLite's own online backup: a consistent copy while others read and write."""
    with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(target)) as there:
        here.backup(there)
        there.execute("PRAGMA journal_mode=DELETE")


def files_of() -> Path:
    """Where attached files lie."""
    folder: Path = settings.HELI_HOME / FILES
    return folder


def postgres(program: str, *arguments: str) -> None:
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
