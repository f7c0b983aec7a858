from __future__ import annotations

from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "heli.insight"
    label = "insight"
    default_auto_field = "django.db.models.BigAutoField"
