"""Django's ``flush``, which empties a whole database: tests use it. It lifts the guards of the audit log and
ends the chain openly."""

from __future__ import annotations

from typing import Any

from django.core.management.commands.flush import Command as Flush
from django.db import DEFAULT_DB_ALIAS, connections

from heli.audit import guards, heads, log


class Command(Flush):
    def handle(self, **options: Any) -> None:
        connection = connections[options.get("database") or DEFAULT_DB_ALIAS]
        if "audit_entry" not in connection.introspection.table_names():
            super().handle(**options)
            return
        end = log.head()
        guards.remove(connection)
        try:
            super().handle(**options)
        finally:
            guards.install(connection)
        if end is not None and heads.file().exists() and log.head() is None:
            heads.publish(*end, retired=True)
