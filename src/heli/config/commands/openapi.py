"""Write the API's description (OpenAPI 3.1) to docs/openapi.json."""

from __future__ import annotations

import argparse
from pathlib import Path

from heli.config.cli import emit

MIGRATES = False  # it describes the code, and needs no database
DOCUMENT = Path(__file__).resolve().parents[4] / "docs" / "openapi.json"


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, default=DOCUMENT, help="the file to write (docs/openapi.json)")
    parser.add_argument("--check", action="store_true", help="only tell: status 1 when the file is not current")


def run(args: argparse.Namespace) -> int:
    from heli.api import openapi

    path: Path = args.out
    text = openapi.text()
    current = path.exists() and path.read_bytes() == text
    if not args.check and not current:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)
    if args.json:
        emit({"file": str(path), "current": current, "written": not args.check and not current})
    else:
        print(f"{path}: {'current' if current else 'out of date' if args.check else 'written'}")
    return 1 if args.check and not current else 0
