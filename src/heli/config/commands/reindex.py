"""Write the postings of search anew; everybody works on meanwhile, and search looks at the records themselves."""

from __future__ import annotations

import argparse

from heli.config.cli import emit


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("types", metavar="TYPE", nargs="*", help="object types, such as account (all of them)")


def run(args: argparse.Namespace) -> int:
    from heli.records import search_posts
    from heli.records.sight import kind_of
    from heli.records.types import TYPES

    kinds = [kind_of(code) for code in args.types] if args.types else list(TYPES)
    done = {kind.code: search_posts.rebuild(kind) for kind in kinds if search_posts.kept(kind)}
    if args.json:
        emit({"records": done})
        return 0
    for code, count in done.items():
        print(f"{code}\t{count}")
    return 0
