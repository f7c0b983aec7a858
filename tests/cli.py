"""The command line inside the test's own database: the same parser and commands, one JSON document as the answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from heli.config import cli
from heli.kernel.errors import HeliError


class Heli:
    """Runs ``heli ARGUMENTS --json``; ``status`` is the last exit status."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys
        self.status = 0

    def __call__(self, *arguments: str) -> Any:
        commands = cli.modules()
        self.capsys.readouterr()
        try:
            args = cli.parser(commands).parse_args([*arguments, "--json"])
            self.status = commands[args.command].run(args)
        except HeliError as error:
            self.status = cli.FAILED
            return {"error": cli.failure(error)}
        return json.loads(self.capsys.readouterr().out)
