"""Bring the database to the schema of this code."""

from __future__ import annotations

import argparse

from heli.config import schema
from heli.config.cli import emit

MIGRATES = False  # it is this command's own work, and --check must not do it


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="only tell: status 1 when something is missing")


def run(args: argparse.Namespace) -> int:
    if args.check:
        current = schema.is_current()
        changed = False
    else:
        changed = schema.ensure(verbosity=0 if args.json else 1)
        current = True
    if args.json:
        emit({"current": current, "changed": changed})
    else:
        print("the schema is current" if current else "migrations are missing: heli migrate")
    return 0 if current else 1
