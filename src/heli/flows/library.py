"""Published definitions, compiled once in a process."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime

from django.db import connection

from heli.flows.core import bpmn
from heli.flows.core.definition import Definition
from heli.flows.core.step import Engine
from heli.flows.models import Instance, Version
from heli.kernel.errors import Broken

KEPT = 256
_engines: OrderedDict[tuple[str, int, datetime, str], Engine] = OrderedDict()
"""By database, version, the moment it was published (a version that was rolled back leaves its number to another) and part."""
_lock = threading.Lock()


def engine(version: Version, part: str = "") -> Engine:
    """The engine of a published version, whose file is read when it is not at hand; of a ``part`` that is done once for each of several
    things. Raises Broken when it cannot be executed, which publishing keeps from happening."""
    key = (str(connection.settings_dict["NAME"]), version.pk, version.at, part)
    with _lock:
        found = _engines.get(key)
        if found is not None:
            _engines.move_to_end(key)
            return found
    if part:
        whole = engine(version).definition
        call = whole.nodes[whole.places[part]].call
        assert call is not None  # what begins a part
        made = Engine(whole, call.start)
    else:
        source = Version.objects.values_list("source", flat=True).get(pk=version.pk)
        definition = bpmn.read(bytes(source)).definition
        if definition is None:
            raise Broken(f"version {version.pk} of a process cannot be executed")
        made = Engine(definition)
    with _lock:
        _engines[key] = made
        while len(_engines) > KEPT:
            _engines.popitem(last=False)
    return made


def forget() -> None:
    """Drop what is compiled: for tests, whose versions are rolled back and come again with the same number and moment."""
    with _lock:
        _engines.clear()


def of(row: Instance) -> Engine:
    """The engine that a case runs by."""
    return engine(row.version, row.part)


def definition(version: Version) -> Definition:
    """What that version executes."""
    return engine(version).definition
