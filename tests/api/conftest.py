"""The shared company behind every HTTP story."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from tests import world as worlds
from tests.world import World


@pytest.fixture
def world(db: None) -> World:
    cache.clear()
    return worlds.fresh()
