from __future__ import annotations

from django.apps import AppConfig


class CrmConfig(AppConfig):
    name = "heli.crm"
    label = "crm"
    default_auto_field = "django.db.models.BigAutoField"

    def import_models(self) -> None:
        super().import_models()
        from heli.crm import objects, pages, reactions, verbs  # noqa: F401  # declaring registers them

    def ready(self) -> None:
        from heli.crm.roles import TEMPLATES
        from heli.policy import templates

        templates.offer(TEMPLATES.values())
