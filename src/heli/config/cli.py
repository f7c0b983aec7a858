"""The command ``heli``. Each command is one module of ``commands`` with ``add(parser)`` and ``run(args) -> int``.

With ``--json`` a command prints exactly one JSON document, also when it fails (``{"error": {…}}``, status 2).
"""

from __future__ import annotations

import argparse
import os
import pkgutil
import sys
from importlib import import_module
from types import ModuleType
from typing import Any, NoReturn

import orjson

from heli import __version__
from heli.kernel.errors import Broken, HeliError, one_line
from heli.kernel.words import Words

FAILED = 2
UNREAD = 141
"""As a shell says that a program was ended by SIGPIPE."""


class UsageError(HeliError):
    """The command line itself is wrong."""

    code = "usage"


class Parser(argparse.ArgumentParser):
    """Raises instead of printing and exiting, so that ``--json`` holds for wrong usage too."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(Words(f"命令有误：{message}", message))


def modules(wanted: str = "") -> dict[str, ModuleType]:
    """The command modules by name; ``_`` in a file's name is ``-`` in the command's. Of the command ``wanted`` only that one, where there
    is such a command: what the others need takes half a second to load."""
    from heli.config import commands

    names = [found.name for found in pkgutil.iter_modules(commands.__path__) if not found.name.startswith("_")]
    named = {name.replace("_", "-"): name for name in names}
    if wanted in named:
        named = {wanted: named[wanted]}
    return {command: import_module(f"{commands.__name__}.{name}") for command, name in named.items()}


def language() -> str:
    """``zh`` when the terminal speaks Chinese, else ``en``."""
    spoken = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh" if spoken.startswith("zh") else "en"


def emit(document: dict[str, Any]) -> None:
    """Print the one JSON document of a ``--json`` run."""
    sys.stdout.write(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n")


def parser(commands: dict[str, ModuleType]) -> Parser:
    """The whole command line. A module's docstring is its help."""
    top = Parser(prog="heli", description="Heli 合力 CRM")
    top.add_argument("--version", action="version", version=f"heli {__version__}")
    below = top.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=Parser)
    for name, module in commands.items():
        text = (module.__doc__ or "").strip()
        command = below.add_parser(name, help=text.splitlines()[0] if text else "", description=text)
        command.add_argument("--json", action="store_true", help="print one JSON document")
        module.add(command)
    return top


def failure(error: Exception) -> dict[str, Any]:
    """What a failed command says: an error a user can cause as the API would, else what is broken."""
    if isinstance(error, HeliError):
        return error.json()
    said = one_line(error)
    return {"code": "broken", "message": {"zh": f"安装或环境有误：{said}", "en": said}}


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status (2 for an error that is explained)."""
    given = sys.argv[1:] if arguments is None else arguments
    os.umask(0o077)  # what this installation writes is for its own user only
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "heli.config.settings")
    try:
        status = _run(given)
        sys.stdout.flush()
        return status
    except (
        BrokenPipeError
    ):  # whoever reads has seen enough, as in `heli … | head`; nothing is left to be written at the end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNREAD
    except (HeliError, Broken) as error:
        said = failure(error)
    except Exception as error:
        from django.core.exceptions import ImproperlyConfigured
        from django.db import DatabaseError

        if not isinstance(error, DatabaseError | ImproperlyConfigured):
            raise
        said = failure(error)
    if "--json" in given:
        emit({"error": said})
    else:
        sys.stderr.write(f"heli: {said['message'][language()]}\n")
        for problem in said.get("problems", []):
            if problem["place"] in said["message"][language()]:
                continue  # said already
            sys.stderr.write(f"  {problem['place']}: {problem['message'][language()]}\n")
    return FAILED


def _run(given: list[str]) -> int:
    import django

    django.setup()
    commands = modules(given[0] if given else "")
    args = parser(commands).parse_args(given)
    module = commands[args.command]
    if getattr(module, "MIGRATES", True):
        from heli.config import schema

        schema.ensure()
    status: int = module.run(args)
    return status
