from __future__ import annotations

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "heli.notices"
    label = "notices"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from heli.notices import post

        post.attach()
