"""Loading the demo company into an empty installation, and the mark that shows its login."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

from django.conf import settings

from heli.config import home


def _loader() -> Callable[[], tuple[str, str]] | None:
    """What loads the demo company and tells whom to sign in as: user name and password."""
    if find_spec("heli.crm") is None or find_spec("heli.crm.demo") is None:
        return None
    found: Callable[[], tuple[str, str]] | None = getattr(import_module("heli.crm.demo"), "load", None)
    return found


def available() -> bool:
    """Whether this build ships a demo company."""
    return _loader() is not None


def is_empty() -> bool:
    """Whether nobody works here yet."""
    from heli.org.models import Person

    return not Person.objects.exists()


def ensure() -> dict[str, str] | None:
    """Load the demo company if nobody works here yet; the demo login, or None where there is no demo company."""
    load = _loader()
    if home.demo(settings.HELI_HOME) is None and load is not None and is_empty():
        username, password = load()
        home.mark_demo(settings.HELI_HOME, username, password)
    return home.demo(settings.HELI_HOME)
