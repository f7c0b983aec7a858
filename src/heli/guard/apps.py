from __future__ import annotations

from django.apps import AppConfig


class GuardConfig(AppConfig):
    name = "heli.guard"
    label = "guard"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from heli.guard import ledger, usual
        from heli.guard.exports import decide
        from heli.kernel.hooks import organisation_changed
        from heli.records import hooks

        hooks.asking.listen(ledger.asking)
        hooks.taken.listen(ledger.taken)
        organisation_changed.listen(decide.organisation_changed)
        usual.start()
        decide.start()
