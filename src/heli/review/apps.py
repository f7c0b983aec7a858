from __future__ import annotations

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    name = "heli.review"
    label = "review"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from heli.review import deadline, growth, judging, leaving

        deadline.attach()
        growth.attach()
        judging.attach()
        leaving.attach()
