"""The shared company behind every HTTP story."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.core.management import call_command

from tests import world as worlds
from tests.world import World


@pytest.fixture
def world(db: None) -> World:
    call_command("createcachetable", verbosity=0)
    cache.clear()
    return worlds.fresh()
