"""List the records of a type as one person sees them."""

from __future__ import annotations

import argparse
import json
from typing import Any

from heli.config.cli import emit
from heli.kernel.errors import Invalid, Problem
from heli.kernel.words import Words

BAD_JSON = Words("不是 JSON：{why}", "is not JSON: {why}")


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("type", metavar="TYPE", help="an object type, such as opportunity")
    parser.add_argument(
        "--as", dest="person", metavar="PERSON", required=True, help="user name, e-mail or display name"
    )
    parser.add_argument("--filter", metavar="JSON", help='{"stage": "won"} or {"and": [...]}')
    parser.add_argument("--fields", metavar="a,b", help="which fields (all that the person may know)")
    parser.add_argument("--sort", metavar="f", help="fields to sort by, - for descending (-updated_at)")
    parser.add_argument("--limit", type=int, default=50, help="rows on a page, at most 200 (50)")
    parser.add_argument("--after", metavar="CURSOR", help="the page after this cursor")
    _dashed(parser, "--sort")


def _dashed(parser: argparse.ArgumentParser, option: str) -> None:
    """Let an option's value begin with a dash: ``--sort -amount`` is ``--sort=-amount``."""
    plain = parser.parse_known_args

    def parse(args: Any = None, namespace: Any = None) -> Any:
        joined: list[str] = []
        for one in args or ():
            if joined and joined[-1] == option and one.startswith("-") and not one.startswith("--"):
                joined[-1] = f"{option}={one}"
            else:
                joined.append(one)
        return plain(joined, namespace)

    parser.parse_known_args = parse  # type: ignore[method-assign]  # of this one parser only


def parsed(text: str | None) -> object:
    """A filter given as JSON. Raises Invalid."""
    if text is None:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Invalid(Problem("filter", "json", BAD_JSON.fill(why=str(error)[:200]))) from None


def run(args: argparse.Namespace) -> int:
    from heli.api import viewer as viewers
    from heli.records import store
    from heli.records.printed import Printer

    viewer = viewers.for_person(viewers.named(args.person))
    query = store.query(viewer, args.type).where(parsed(args.filter))
    if args.fields is not None:
        query = query.fields([code.strip() for code in args.fields.split(",") if code.strip()])
    page = query.sort(args.sort).page(args.limit, args.after, named=False)
    items = Printer(viewer, query.kind).rows(page.items)
    if args.json:
        emit({"items": items, "next": page.next})
        return 0
    codes = list(dict.fromkeys(code for item in items for code in item))
    print("\t".join(codes))
    for item in items:
        print("\t".join(_cell(item.get(code)) for code in codes))
    if page.next is not None:
        print(f"--after {page.next}")
    return 0


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return (
        value.replace("\t", " ").replace("\n", " ") if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    )
