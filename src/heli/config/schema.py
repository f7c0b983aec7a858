"""Whether the database has the schema of this code, and bringing it there."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor

from heli.kernel.errors import Broken, one_line
from heli.kernel.words import Words

LOCK_SECONDS = 10
"""How long a migration waits for a table that others use before it gives up and changes nothing."""


def is_current() -> bool:
    """Whether every migration of this code is applied; one query."""
    connection = connections[DEFAULT_DB_ALIAS]
    executor = MigrationExecutor(connection)
    if settings.CACHES["default"]["LOCATION"] not in connection.introspection.table_names():
        return False
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


NONE_HERE = Words(
    "{path} 里没有数据库；用 HELI_HOME 指明公司数据所在的文件夹，或用 DATABASE_URL 指明数据库",
    "there is no database at {path}: name the company's folder by HELI_HOME, or its database by DATABASE_URL",
)
BEHIND = Words(
    "数据库 {name} 的结构不是这个版本的：先运行 heli migrate",
    "the database {name} has not the schema of this version: run heli migrate first",
)
SILENT = Words("连不上数据库 {name}：{why}", "the database {name} does not answer: {why}")


def called() -> str:
    """What the database is called: its file, or its name and server."""
    said = connections[DEFAULT_DB_ALIAS].settings_dict
    return f"{said['NAME']}@{said['HOST']}" if said["HOST"] else str(said["NAME"])


def absent() -> Words | None:
    """Why no company can be asked here, and what to do about it; None where it can. Makes no database and changes none."""
    connection = connections[DEFAULT_DB_ALIAS]
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite" and "mode=memory" not in name and not Path(name).exists():
        return NONE_HERE.fill(path=name)
    try:
        return None if is_current() else BEHIND.fill(name=called())
    except (DatabaseError, ImproperlyConfigured) as error:
        return SILENT.fill(name=called(), why=one_line(error, 200))


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    path: Path = settings.HELI_HOME / "migrate.lock"
    try:
        held = path.open("w")
    except OSError as error:
        raise Broken(f"{path} cannot be written: {error.strerror}") from error
    with held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def ensure(verbosity: int = 0) -> bool:
    """Apply what is missing; whether anything was. Two processes that start at once do it once.

    Raises OperationalError when the database cannot be reached or a table stays in use for LOCK_SECONDS.
    """
    from heli.crm.install import install  # needs the applications loaded, which commands are read before

    if is_current():
        return False
    with _one_at_a_time():
        if is_current():
            return False
        connection = connections[DEFAULT_DB_ALIAS]
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_lock(hashtext('heli.migrate'))")  # other machines wait here
                cursor.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
        try:
            call_command("migrate", verbosity=verbosity, interactive=False)
            call_command("createcachetable", verbosity=verbosity)
            install()  # the shipped roles, positions and ceilings that are not here yet
        finally:
            connection.close()  # releases the lock and the setting with it
    return True
