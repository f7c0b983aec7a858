"""Django's view of the jobs."""

from __future__ import annotations

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "heli.jobs"
    label = "jobs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from heli.jobs import housekeeping, pulse

        housekeeping.start()
        post_migrate.connect(pulse.forget, sender=self, dispatch_uid="heli.jobs.pulse")
