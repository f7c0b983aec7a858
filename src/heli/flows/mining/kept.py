"""A log as it is kept once it has been read: its columns, packed. Nothing in it is ever run."""

from __future__ import annotations

import io
import json
from dataclasses import fields
from typing import Any

import numpy as np

from heli.flows.mining.log import Log

NAMES = "names"


def pack(log: Log) -> bytes:
    """All of a log that looks at every case."""
    texts: dict[str, Any] = {}
    columns: dict[str, Any] = {}
    for one in fields(Log):
        value = getattr(log, one.name)
        if isinstance(value, np.ndarray):
            columns[one.name] = value
        elif isinstance(value, bool | int):
            texts[one.name] = value
        elif value is not None:
            texts[one.name] = list(value)
    columns[NAMES] = np.frombuffer(json.dumps(texts, ensure_ascii=False).encode("utf-8", "surrogatepass"), np.uint8)
    out = io.BytesIO()
    np.savez_compressed(out, **columns)
    return out.getvalue()


def unpack(kept: bytes) -> Log:
    """The log that was packed."""
    with np.load(io.BytesIO(kept), allow_pickle=False) as found:
        texts = json.loads(found[NAMES].tobytes().decode("utf-8", "surrogatepass"))
        return Log(**texts, **{one: found[one] for one in found.files if one != NAMES})
