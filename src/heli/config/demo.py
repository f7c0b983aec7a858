"""Loading the demo company into an empty installation, and the mark that shows its login."""

from __future__ import annotations

from django.conf import settings

from heli.config import home


def is_empty() -> bool:
    """Whether nobody works here yet."""
    from heli.org.models import Person

    return not Person.objects.exists()


def ensure() -> dict[str, str] | None:
    """Load the demo company if nobody works here yet; the demo login, or None where other people do."""
    if home.demo(settings.HELI_HOME) is None and is_empty():
        from heli.crm.demo import load

        username, password = load()
        home.mark_demo(settings.HELI_HOME, username, password)
    return home.demo(settings.HELI_HOME)
