from __future__ import annotations

from django.apps import AppConfig


class OrgConfig(AppConfig):
    name = "heli.org"
    label = "org"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from heli.kernel import clock
        from heli.org import zone

        clock.live_in(zone.of_this_minute)
