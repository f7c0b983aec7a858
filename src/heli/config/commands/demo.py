"""Load the demo company into an empty installation."""

from __future__ import annotations

import argparse

from heli.config import demo
from heli.config.cli import emit
from heli.kernel.errors import Conflict
from heli.kernel.words import Words


def add(parser: argparse.ArgumentParser) -> None:
    """No options of its own."""


def run(args: argparse.Namespace) -> int:
    login = demo.ensure()
    if login is None:
        raise Conflict(
            Words("这里已有数据，演示公司只装入空库", "people work here already: the demo needs an empty database")
        )
    if args.json:
        emit({"login": login})
    else:
        print(f"{login['username']} / {login['password']}")
    return 0
