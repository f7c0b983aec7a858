from __future__ import annotations

from django.apps import AppConfig


class FlowsConfig(AppConfig):
    name = "heli.flows"
    label = "flows"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from heli.flows import clockwork, ends, service

        service.attach()
        clockwork.attach()
        ends.attach()
