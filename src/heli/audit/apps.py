"""Django's view of the audit log."""

from __future__ import annotations

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "heli.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.core.signals import request_finished

        from heli.audit import pending

        request_finished.connect(pending.at_request_end, dispatch_uid="heli.audit.pending")
