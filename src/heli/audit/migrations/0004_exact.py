"""The guards know a closed value by exactly how it begins: a pattern took any first character for the mark's."""

from __future__ import annotations

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from heli.audit import guards


def install(_apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    guards.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_closing")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
