"""Run background work only; `heli serve --worker` runs it beside the web server."""

from __future__ import annotations

import argparse

from heli.config import parent
from heli.config.cli import UsageError
from heli.kernel.words import Words

MOST = 64


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--threads", type=int, default=2, help="jobs done at the same time (2)")


def run(args: argparse.Namespace) -> int:
    from heli.access import use
    from heli.jobs import worker

    if not 1 <= args.threads <= MOST:
        raise UsageError(
            Words(
                f"--threads 应在 1 到 {MOST} 之间，不能是 {args.threads}",
                f"--threads is from 1 to {MOST}, not {args.threads}",
            )
        )
    parent.follow()
    use.keep()
    worker.run(threads=args.threads)
    return 0
