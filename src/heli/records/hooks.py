"""Where the product attaches to the write door: called in the transaction of a write, after it and before its audit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from heli.kernel.hooks import Hook

if TYPE_CHECKING:
    from heli.records.types import ObjectType

written: Hook[[ObjectType, Mapping[str, Any]]] = Hook("record written")
"""Fired with the type and the row as it now is, for one record created, changed, deleted or restored. Imports in bulk
bring what follows from their rows themselves and do not fire it."""

changed: Hook[[ObjectType, Mapping[str, Any], Mapping[str, Any]]] = Hook("record changed")
"""Fired with the type and the row before and after, for one record edited, moved, deleted or restored. Imports do not fire
it either."""
