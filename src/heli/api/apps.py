from __future__ import annotations

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "heli.api"
    label = "api"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from heli.api import housekeeping, sessions, viewer
        from heli.guard import identity

        identity.person, identity.system = viewer.for_job, viewer.system
        sessions.attach()
        housekeeping.start()
