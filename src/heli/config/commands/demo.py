"""Load the demo company into an empty installation."""

from __future__ import annotations

import argparse

from django.conf import settings

from heli.config import demo, mail
from heli.config.cli import emit, language
from heli.kernel.errors import Conflict
from heli.kernel.words import Words

OUTBOX = Words(
    "邮件（设置密码的链接）以文件形式放在 {path}", "e-mails (links to set a password) lie as files in {path}"
)


def add(parser: argparse.ArgumentParser) -> None:
    """No options of its own."""


def run(args: argparse.Namespace) -> int:
    login = demo.ensure()
    if login is None:
        raise Conflict(
            Words("这里已有数据，演示公司只装入空库", "people work here already: the demo needs an empty database")
        )
    if args.json:
        emit({"login": login, "outbox": str(settings.HELI_HOME / mail.OUTBOX)})
    else:
        print(f"{login['username']} / {login['password']}")
        print(OUTBOX.fill(path=str(settings.HELI_HOME / mail.OUTBOX))(language()))
    return 0
