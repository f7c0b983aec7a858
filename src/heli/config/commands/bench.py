"""Measure: lists against the best hand-written SQL, decisions, HTTP, import. Touches no data of the installation."""

from __future__ import annotations

import argparse
import pkgutil
from importlib import import_module
from types import ModuleType

from heli.config.cli import emit

MIGRATES = False  # every measurement makes databases of its own


def measurements() -> dict[str, ModuleType]:
    """The modules of ``heli.config.bench`` that can be run, by name."""
    from heli.config import bench

    found = {one.name: import_module(f"{bench.__name__}.{one.name}") for one in pkgutil.iter_modules(bench.__path__)}
    return {name: module for name, module in found.items() if hasattr(module, "run") and hasattr(module, "add")}


def add(parser: argparse.ArgumentParser) -> None:
    below = parser.add_subparsers(dest="measurement", metavar="NAME", required=True, parser_class=type(parser))
    for name, module in measurements().items():
        text = (module.__doc__ or "").strip()
        one = below.add_parser(name, help=text.splitlines()[0] if text else "", description=text)
        one.add_argument("--json", action="store_true", help="print one JSON document")
        module.add(one)


def run(args: argparse.Namespace) -> int:
    found = measurements()[args.measurement].run(args)
    if args.json:
        emit(found)
    else:
        for key, value in found.items():
            print(f"{key}: {value if not isinstance(value, list) else len(value)}")
    return 0
