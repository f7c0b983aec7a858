from __future__ import annotations

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "heli.api"
    label = "api"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from heli.api import housekeeping, sessions

        sessions.attach()
        housekeeping.start()
