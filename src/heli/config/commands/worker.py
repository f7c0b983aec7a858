"""Run background work only; `heli serve --worker` runs it beside the web server."""

from __future__ import annotations

import argparse

from heli.config import parent


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--threads", type=int, default=2, help="jobs done at the same time (2)")


def run(args: argparse.Namespace) -> int:
    from heli.jobs import worker

    parent.follow()
    return worker.run(threads=args.threads) or 0
