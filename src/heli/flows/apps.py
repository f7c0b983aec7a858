from __future__ import annotations

from django.apps import AppConfig


class FlowsConfig(AppConfig):
    name = "heli.flows"
    label = "flows"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from heli.access import view
        from heli.flows import (
            bars,
            clockwork,
            dead,
            ends,
            handing,
            hearing,
            knowing,
            logs,
            parting,
            rights,
            sealing,
            service,
        )
        from heli.records import hooks

        view.telling[:] = [rights.step_of]
        hooks.work_told[:] = [knowing.work_told]
        service.attach()
        clockwork.attach()
        hearing.attach()
        ends.attach()
        bars.attach()
        dead.attach()
        handing.attach_to_files()
        sealing.attach()
        logs.attach()
        parting.attach()
