"""A measurement in a process of its own, with a home and a database of its own, on each database that is asked for."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import orjson

from heli.config.bench import postgres
from heli.kernel.errors import Broken

DATABASES = ("sqlite", "postgresql")


def options(parser: argparse.ArgumentParser, *, database: bool = True, kept: bool = False) -> None:
    """What is said of where it is measured. ``kept``: its worlds take long to make, and may be kept for the next time."""
    if database:
        parser.add_argument("--database", choices=DATABASES, help="one of the two only")
    if kept:
        parser.add_argument("--home", help="keep the worlds made in this folder, or measure those it holds")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)


def each(
    what: str, args: argparse.Namespace, said: Sequence[object], *, kept: str = "", demo: bool = False
) -> Iterator[tuple[str, Any]]:
    """``heli bench WHAT --inside`` on each database, one after the other: the database, and what it found.

    ``said``: its further arguments; ``kept``: what its world is called in ``args.home``, with {} for the database; ``demo``: with the
    demo company. Raises Broken when it fails.
    """
    for database in (args.database,) if args.database else DATABASES:
        home = Path(args.home) / kept.format(database) if kept and args.home else None
        with place(database, home) as environment:
            if demo:
                command = [sys.executable, "-m", "heli", "demo"]
                subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)  # noqa: S603
            yield database, ask(what, said, environment)


@contextmanager
def place(database: str = "sqlite", home: Path | None = None) -> Iterator[dict[str, str]]:
    """An environment that names a home and a database of its own, gone afterwards unless they lie in ``home``."""
    with ExitStack() as stack:
        url = ""
        if database == "postgresql":
            url = stack.enter_context(postgres.server(home.with_name(f"{home.name}-server") if home else None))
        if home is None:
            home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="heli-bench-")))
        home.mkdir(parents=True, exist_ok=True)
        yield os.environ | {"HELI_HOME": str(home), "DATABASE_URL": url}


def ask(what: str, said: Sequence[object], environment: Mapping[str, str]) -> Any:
    """What ``heli bench WHAT --inside`` finds there. Raises Broken when it fails."""
    command = [sys.executable, "-m", "heli", "bench", what, "--json", "--inside", *map(str, said)]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, env=dict(environment))  # noqa: S603
    if done.returncode:
        raise Broken(f"the measurement failed: {done.stdout.decode()[-2000:]}")
    return orjson.loads(done.stdout)
