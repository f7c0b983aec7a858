from __future__ import annotations

from django.apps import AppConfig


class PolicyConfig(AppConfig):
    name = "heli.policy"
    label = "policy"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from heli.policy import asked, kept

        kept.attach()
        asked.attach()
