"""Loading the demo company into an empty installation, and the mark that shows its login."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.conf import settings

from heli.config import home


def available() -> bool:
    """Whether this build ships a demo company."""
    return find_spec("heli.crm") is not None and find_spec("heli.crm.demo") is not None


def is_empty() -> bool:
    """Whether nobody works here yet."""
    from heli.org.models import Person

    return not Person.objects.exists()


def ensure() -> dict[str, str] | None:
    """Load the demo company if nobody works here yet; the demo login, or None where there is no demo company."""
    if home.demo(settings.HELI_HOME) is None and available() and is_empty():
        username, password = import_module("heli.crm.demo").load()
        home.mark_demo(settings.HELI_HOME, username, password)
    return home.demo(settings.HELI_HOME)
