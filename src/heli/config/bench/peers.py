"""Programs that measurements are compared with, each in a Python of its own: nothing of them is imported here, and nothing of Heli there.

They are no dependencies. HELI_SPIFF, HELI_VIEWFLOW and HELI_PM4PY name the Pythons that have them; one that is not named is left out,
and the measurement says so. Their scripts are in ``tests/peers``, which is part of the source and not of what is installed.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from heli.kernel.errors import Broken

SCRIPTS = Path(__file__).resolve().parents[4] / "tests" / "peers"
SECONDS = 3600


def python(name: str) -> str | None:
    """The Python that has a peer; None when the environment names none or its script is not here."""
    found = os.environ.get(f"HELI_{name.upper()}", "")
    return found if found and (SCRIPTS / f"{name}_bench.py").exists() else None


def asked(name: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """What a peer answers. Raises Broken when it fails."""
    here = python(name)
    assert here is not None
    script = SCRIPTS / f"{name}_bench.py"
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(  # noqa: S603
        [here, str(script)],
        input=orjson.dumps(said),
        check=False,
        capture_output=True,
        env=environment,
        timeout=SECONDS,
    )
    if done.returncode:
        raise Broken(f"{name} failed: {done.stderr.decode(errors='replace')[-2000:]}")
    found: dict[str, Any] = orjson.loads(done.stdout)
    return found
