"""What the server calls for every request."""

from __future__ import annotations

import os

from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application

from heli.config import parent, warm

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "heli.config.settings")


def load() -> WSGIHandler:
    """The application, in a process that ends with the one that started it."""
    parent.follow()
    made = get_wsgi_application()
    from heli.access import use
    from heli.guard import ledger

    use.keep()
    ledger.start()
    warm.start()
    return made


application = load()
