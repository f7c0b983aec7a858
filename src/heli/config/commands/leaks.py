"""Try the side channels of this company: change what people may not see, and compare what they are told (all taken back)."""

from __future__ import annotations

import argparse

from heli.config.cli import emit


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--people", type=int, default=12, help="so many people are tried (12)")
    parser.add_argument("--each", type=int, default=2, help="so many hidden records, and cells, of each type (2)")


def run(args: argparse.Namespace) -> int:
    from heli.config import leaks

    found = leaks.run(max(1, args.people), max(1, args.each))
    told = sum(one.leaks for one in found.values())
    disclosures = leaks.register()
    if args.json:
        checks = [
            {"code": code, "words": leaks.CHANNELS[code].json(), "tried": one.tried, "leaks": one.leaks,
             "types": sorted(one.types)}
            for code, one in found.items()
        ]  # fmt: skip
        tried = sum(one.tried for one in found.values())
        emit({"tried": tried, "leaks": told, "checks": checks, "disclosures": disclosures})
    else:
        for code, one in found.items():
            word = "leaks" if one.leaks else "silent" if one.tried else "not tried"
            print(f"{code}\t{one.tried}\t{one.leaks}\t{word}\t{', '.join(sorted(one.types))}".rstrip())
        print(f"{told} leaks; {len(disclosures)} disclosures are registered (docs/disclosures.md)")
    return 1 if told else 0
