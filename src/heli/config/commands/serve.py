"""Serve the web page and the API; with --worker also background work, in one process tree."""

from __future__ import annotations

import argparse

from heli.config.cli import UsageError
from heli.kernel.words import Words

MIGRATES = False
"""Not before what it was asked is known to make sense."""


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on (8000)")
    parser.add_argument("--workers", type=int, default=1, help="web processes (1)")
    parser.add_argument("--threads", type=int, default=4, help="requests at the same time in each process (4)")
    parser.add_argument("--worker", action="store_true", help="also run background work")
    parser.add_argument("--demo", action="store_true", help="load the demo company when the database is empty")
    parser.add_argument("--reload", action="store_true", help="start anew when the code changes (development)")


def run(args: argparse.Namespace) -> int:
    from heli.config import schema, serve

    for name, least, most in (("port", 1, 65535), ("workers", 1, 64), ("threads", 1, 256)):
        value = getattr(args, name)
        if not least <= value <= most:
            raise UsageError(
                Words(
                    f"--{name} 应在 {least} 到 {most} 之间，不能是 {value}",
                    f"--{name} is from {least} to {most}, not {value}",
                )
            )
    if args.json:
        raise UsageError(Words("serve 一直运行，没有 JSON 结果", "serve runs on and has no JSON result"))
    schema.ensure()
    return serve.run(
        serve.Plan(
            args.host,
            args.port,
            workers=args.workers,
            threads=args.threads,
            jobs=args.worker,
            demo=args.demo,
            reload=args.reload,
        )
    )
