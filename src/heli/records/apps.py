from __future__ import annotations

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "heli.records"
    label = "records"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from heli.records import counts, guard, membership, purge, resealing, search_posts

        counts.attach()
        membership.attach()
        search_posts.attach()
        purge.attach()
        resealing.attach()
        guard.close_queries()
