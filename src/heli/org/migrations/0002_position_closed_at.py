"""Positions can be closed and opened again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("org", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="position",
            name="closed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
