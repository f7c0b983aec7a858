from __future__ import annotations

from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "heli.access"
    label = "access"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from heli.access import epoch, use

        epoch.attach()
        use.attach()
