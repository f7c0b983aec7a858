"""The keys of encrypted fields: their state, a new version, a new wrapping key. See docs/howto/field-keys.md."""

from __future__ import annotations

import argparse
from typing import Any

from heli.config.cli import emit
from heli.kernel.actor import Actor

OPERATOR = Actor(None, "operator", "cli", via="the command heli keys")


def add(parser: argparse.ArgumentParser) -> None:
    below = parser.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=type(parser))
    commands = [
        below.add_parser("status", help="which versions there are, and how many cells stand under each"),
        below.add_parser("rotate", help="make a new version; a job seals everything anew while everybody works on"),
        below.add_parser("reseal", help="have a job look through every record once more"),
        below.add_parser("rewrap", help="wrap the keys by another key"),
    ]
    retire = below.add_parser("retire", help="throw an old version's keys away, once nothing stands under it")
    retire.add_argument("version")
    for command in (*commands, retire):
        command.add_argument("--json", action="store_true", help="print one JSON document")


def run(args: argparse.Namespace) -> int:
    from heli.records import resealing

    said: dict[str, Any] = {}
    if args.action == "rotate":
        said = {"current": resealing.rotate(OPERATOR)}
    elif args.action == "reseal":
        resealing.reseal_all(OPERATOR)
    elif args.action == "rewrap":
        before, after = resealing.rewrap(OPERATOR)
        said = {"wrapped_by": after, "before": before}
    elif args.action == "retire":
        resealing.retire(OPERATOR, args.version)
        said = {"retired": args.version}
    said |= _status()
    if args.json:
        emit(said)
    else:
        _print(said)
    return 0


def _status() -> dict[str, Any]:
    from heli.records import resealing, sealed
    from heli.records.models import Resealing

    ring = sealed.keyring().ring(fresh=True)
    return {
        "ring": str(sealed.keyring().path),
        "wrapped_by": ring.wrapped_by,
        "versions": [
            {
                "id": one.id, "state": one.state, "made_at": one.made_at.isoformat(),
                "closed_at": None if one.closed_at is None else one.closed_at.isoformat(),
            }
            for one in ring.versions.values()
        ],
        "cells": {field: dict(sorted(counts.items())) for field, counts in resealing.held().items()},
        "resealing": [
            {"type": one.type, "done": one.done, "since": one.at.isoformat()}
            for one in Resealing.objects.order_by("type")
        ],
    }  # fmt: skip


def _print(said: dict[str, Any]) -> None:
    print(f"ring: {said['ring']}  wrapped by: {said['wrapped_by']}")
    for one in said["versions"]:
        print(f"  {one['id']}  {one['state']}  since {one['made_at']}")
    for field, counts in said["cells"].items():
        print(f"  {field}: " + ("  ".join(f"{version} {n}" for version, n in counts.items()) or "empty"))
    for one in said["resealing"]:
        print(f"  sealing {one['type']}: {one['done']} records done")
