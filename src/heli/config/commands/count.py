"""Count the records of a type as one person sees them, and sum a field over the cells they may read."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from heli.config.cli import emit
from heli.config.commands.list import parsed

if TYPE_CHECKING:
    from heli.records import fields as f
    from heli.records.store import Count


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("type", metavar="TYPE", help="an object type, such as opportunity")
    parser.add_argument(
        "--as", dest="person", metavar="PERSON", required=True, help="user name, e-mail or display name"
    )
    parser.add_argument("--by", metavar="FIELD", help="group by this field")
    parser.add_argument("--sum", dest="total", metavar="FIELD", help="sum this field")
    parser.add_argument("--filter", metavar="JSON", help='{"stage": "won"} or {"and": [...]}')


def run(args: argparse.Namespace) -> int:
    from heli.api import viewer as viewers
    from heli.records import store
    from heli.records.printed import Printer

    viewer = viewers.for_person(viewers.named(args.person))
    query = store.query(viewer, args.type).where(parsed(args.filter))
    found = query.count(args.by, args.total)
    field = query.kind.fields[args.total] if args.total is not None else None
    said = told(found, field)
    if args.by is not None:
        names = Printer(viewer, query.kind).keys(args.by, found.groups)
        groups: dict[str, Any] = {}
        for key, one in found.groups.items():
            name = names.get(key, "")
            groups[name] = _joined(groups[name], one) if name in groups else one
        said["groups"] = {name: told(one, field) for name, one in sorted(groups.items())}
    if args.json:
        emit(said)
        return 0
    print(said["count"] if field is None else f"{said['count']}\t{said['sum']}\t({said['readable']})")
    for name, one in said.get("groups", {}).items():
        print("\t".join([name or "-", str(one["count"]), *([one["sum"]] if field is not None else [])]))
    return 0


def told(found: Count, field: f.Field | None) -> dict[str, Any]:
    """Counts as printed: a sum is decimal text in the base currency."""
    if field is None:
        return {"count": found.count}
    total = found.sum or 0
    text = getattr(field, "text", str)(total)
    return {"count": found.count, "sum": text, "readable": found.readable or 0}


def _joined(one: Count, other: Count) -> Count:
    """Two groups that print alike."""
    from heli.records.store import Count

    if one.sum is None:
        return Count(one.count + other.count)
    return Count(one.count + other.count, one.sum + (other.sum or 0), (one.readable or 0) + (other.readable or 0))
