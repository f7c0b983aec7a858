"""Triggers that refuse to change the log, a belt against a slip in an SQL console; the chain is what proves.

Installed by a migration. A later migration that rebuilds one of the tables (SQLite does so for most changes)
must install them again.
"""

from __future__ import annotations

from typing import Final

from django.db.backends.base.base import BaseDatabaseWrapper

from heli.audit.closed import MARK

_SAYS: Final = "the audit log is append-only"
_NEITHER: Final = f"""NOT (NEW.entry_id = OLD.entry_id AND OLD.erased_by IS NULL AND (
    (NEW.body IS NULL AND NEW.salt IS NULL AND NEW.erased_by IS NOT NULL)
    OR (NEW.erased_by IS NULL AND NEW.salt IS NOT NULL AND NEW.body IS NOT NULL AND OLD.body IS NOT NULL
        AND NEW.salt = OLD.salt AND substr(OLD.body, 1, 1) = '{{' AND substr(NEW.body, 1, {len(MARK)}) = '{MARK}')))"""
"""Values may be erased, or closed (``closed``), and nothing else."""

_RULES: Final = (
    ("audit_entry_no_update", "audit_entry", "UPDATE", ""),
    ("audit_entry_no_delete", "audit_entry", "DELETE", ""),
    ("audit_value_no_update", "audit_value", "UPDATE", f"WHEN ({_NEITHER})"),
    ("audit_value_no_delete", "audit_value", "DELETE", ""),
    ("audit_head_no_delete", "audit_head", "DELETE", ""),
)
_TABLES: Final = ("audit_entry", "audit_value", "audit_head")


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers on this database; those that stand are replaced."""
    remove(connection)
    postgres = connection.vendor == "postgresql"
    call = "EXECUTE FUNCTION audit_refuse()"
    refuse = call if postgres else f"BEGIN SELECT RAISE(ABORT, '{_SAYS}'); END"
    with connection.cursor() as cursor:
        if postgres:
            cursor.execute(
                "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION '{_SAYS}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
            )
            for table in _TABLES:
                cursor.execute(f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} {call}")
        for name, table, event, when in _RULES:
            each = f"FOR EACH ROW {when}"
            cursor.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} {each} {refuse}")


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers; for the moment in which a whole database is emptied, and for tests that play the
    intruder."""
    with connection.cursor() as cursor:
        names = [(name, table) for name, table, _, _ in _RULES]
        if connection.vendor == "postgresql":
            names += [(f"{table}_no_truncate", table) for table in _TABLES]
        for name, table in names:
            on = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")
