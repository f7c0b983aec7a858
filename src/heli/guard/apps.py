from __future__ import annotations

from django.apps import AppConfig


class GuardConfig(AppConfig):
    name = "heli.guard"
    label = "guard"
    default_auto_field = "django.db.models.BigAutoField"
