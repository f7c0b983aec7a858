from __future__ import annotations

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "heli.api"
    label = "api"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from heli.api import housekeeping, notices_said, sessions, viewer
        from heli.guard import identity
        from heli.notices import post

        identity.person, identity.system = viewer.for_job, viewer.system
        post.viewer_of = viewer.for_job
        notices_said.attach()
        sessions.attach()
        housekeeping.start()
