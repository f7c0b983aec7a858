"""Add a person who can sign in, or set a password: how an empty installation gets its first administrators."""

from __future__ import annotations

import argparse
import re
import secrets
import sys

from heli.config.cli import UsageError, emit
from heli.kernel.actor import Actor
from heli.kernel.errors import NotFound
from heli.kernel.pinyin import sort_key, syllables
from heli.kernel.words import Words

OPERATOR = Actor(None, "operator", "cli", via="the command heli user")
FIRST = ("system_administrator", "security_administrator")
USERNAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])\Z")
MOST = 1000
"""Characters of a password read from standard input."""


def add(parser: argparse.ArgumentParser) -> None:
    below = parser.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=type(parser))
    new = below.add_parser("add", help="add a person and print their first password once")
    new.add_argument("username", metavar="NAME", help="the name; where it is no user name, one is made of it")
    new.add_argument("--name", help="the name that others see (NAME)")
    new.add_argument("--email", default="")
    new.add_argument(
        "--role",
        action="append",
        default=[],
        metavar="CODE",
        help=f"a role to grant, as often as needed: {', '.join(FIRST)}",
    )
    change = below.add_parser("password", help="set a person's password")
    change.add_argument("username")
    for command in (new, change):
        command.add_argument(
            "--password-stdin", action="store_true", help="read it from standard input, not invent one"
        )
        command.add_argument("--json", action="store_true", help="print one JSON document")


def _password(args: argparse.Namespace) -> str:
    if not args.password_stdin:
        return secrets.token_urlsafe(12)
    given = sys.stdin.readline(MOST + 2).rstrip("\r\n")
    if not given or len(given) > MOST:
        raise UsageError(Words("标准输入里没有密码", "standard input holds no password"))
    return given


def _username(name: str) -> str:
    """The name itself where it can be a user name, else one made of it: ``Ada Boss`` -> ``ada.boss``, ``王伟`` -> ``wang.wei``."""
    from heli.org.models import Person

    wanted = name.strip().lower()
    if USERNAME.match(wanted):
        return wanted  # a taken one is refused by the verb
    base = ".".join(
        part for word in wanted.split() for part in ([sort_key(word)] if word.isascii() else syllables(word))
    )
    base = base[:50] or wanted
    found, number = base, 1
    while Person.objects.filter(username=found).exists():
        number += 1
        found = f"{base}{number}"
    return found


def run(args: argparse.Namespace) -> int:
    from heli.access import grants
    from heli.access.models import Grant
    from heli.audit import log
    from heli.org.models import Person
    from heli.org.verbs import people

    password = _password(args)
    with log.transaction():
        if args.action == "add":
            username = _username(args.username)
            person = people.add_person(
                OPERATOR, username, args.name or args.username, email=args.email, password=password
            )
            for role in args.role:
                grants.grant_role(OPERATOR, role, Grant.PERSON, str(person), source="operator")
        else:
            found = Person.objects.filter(username__iexact=args.username).first()
            if found is None:
                raise NotFound(Words(f"没有用户 {args.username}", f"no such user: {args.username}"))
            person, username = found.pk, found.username
            people.set_password(OPERATOR, person, password)
    said = {"id": str(person), "username": username}
    if args.action == "add":
        said |= {"name": args.name or args.username}
    if not args.password_stdin:
        said["password"] = password
    if args.json:
        emit(said)
    else:
        print("  ".join(f"{key}: {value}" for key, value in said.items()))
    return 0
