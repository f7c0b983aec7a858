from __future__ import annotations

from django.apps import AppConfig


class LendingConfig(AppConfig):
    name = "heli.lending"
    label = "lending"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from heli.lending import cases, clockwork, ends

        ends.attach()
        cases.attach()
        clockwork.start()
