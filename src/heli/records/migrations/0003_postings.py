from __future__ import annotations

from typing import Any

from django.db import migrations, models
from django.db.migrations.operations.base import Operation

SQLITE = "CREATE VIRTUAL TABLE records_grams USING fts5(grams, detail=none, columnsize=0, tokenize='ascii')"
POSTGRESQL = (
    "ALTER TABLE records_posted ADD COLUMN grams integer[] NOT NULL DEFAULT '{}'",
    "CREATE INDEX posted_grams ON records_posted USING gin (grams)",
)


def index(apps: Any, editor: Any) -> None:
    """The inverted index of the database at hand."""
    for text in (SQLITE,) if editor.connection.vendor == "sqlite" else POSTGRESQL:
        editor.execute(text)


def list_what_is_there(apps: Any, editor: Any) -> None:
    """Records of an installation that was there before are posted by the worker."""
    from heli.records.search_posts import LAST, kept
    from heli.records.types import TYPES

    tables = set(editor.connection.introspection.table_names())
    with editor.connection.cursor() as cursor:
        for kind in TYPES:
            if not kept(kind) or kind.table not in tables:
                continue
            cursor.execute(f'SELECT 1 FROM "{kind.table}" LIMIT 1')
            if cursor.fetchone() is not None:
                cursor.execute("INSERT INTO records_unposted (type, low, high) VALUES (%s, '', %s)", [kind.code, LAST])


def drop(apps: Any, editor: Any) -> None:
    if editor.connection.vendor == "sqlite":
        editor.execute("DROP TABLE records_grams")


class Migration(migrations.Migration):
    """Postings for search."""

    dependencies = [("records", "0002_counted")]  # noqa: RUF012  # Django's own form

    operations: list[Operation] = [  # noqa: RUF012  # Django's own form
        migrations.CreateModel(
            name="Posted",
            fields=[
                ("n", models.BigAutoField(primary_key=True, serialize=False)),
                ("type", models.CharField(max_length=40)),
                ("field", models.CharField(max_length=64)),
                ("record_id", models.CharField(max_length=32)),
                ("initials", models.CharField(max_length=64)),
                ("mark", models.CharField(max_length=16)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("record_id", "field"), name="posted_once")],
            },
        ),
        migrations.CreateModel(
            name="Unposted",
            fields=[
                ("n", models.BigAutoField(primary_key=True, serialize=False)),
                ("type", models.CharField(max_length=40)),
                ("low", models.CharField(max_length=32)),
                ("high", models.CharField(max_length=32)),
            ],
        ),
        migrations.RunPython(index, drop),
        migrations.RunPython(list_what_is_there, migrations.RunPython.noop),
    ]
