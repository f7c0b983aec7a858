"""Play a whole company's story over HTTP, on an installation of its own; ``--sabotage`` takes each of its rules away in turn."""

from __future__ import annotations

import argparse
import pkgutil
from contextlib import nullcontext
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from heli.config.cli import UsageError, emit, language
from heli.kernel.words import Words

if TYPE_CHECKING:
    from heli.config.scenarios.stage import Place

MIGRATES = False  # it makes an installation of its own

BROKE = Words("中断：{why}", "ended: {why}")
CAUGHT = Words("拿掉「{rule}」：第 {n} 步失败，如预期", "without “{rule}”: step {n} fails, as it should")
EXPECTED, SEEN = Words("应为", "expected"), Words("看到", "seen")
UNNOTICED = Words("拿掉「{rule}」：没有任何一步失败", "without “{rule}”: no step fails")


def scenarios() -> dict[str, ModuleType]:
    """The modules that are scenarios, by name."""
    from heli.config import scenarios as package

    found = {
        one.name: import_module(f"{package.__name__}.{one.name}") for one in pkgutil.iter_modules(package.__path__)
    }
    return {name: module for name, module in found.items() if hasattr(module, "play")}


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", choices=sorted(scenarios()), help=", ".join(sorted(scenarios())))
    parser.add_argument(
        "--sabotage", action="store_true", help="also play it without each of its rules; each must fail"
    )
    parser.add_argument("--rule", action="append", default=[], metavar="RULE", help="with --sabotage: only this one")
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL of its own instead of SQLite")
    parser.add_argument("--take-away", metavar="RULE", help=argparse.SUPPRESS)
    parser.add_argument("--home", type=Path, metavar="FOLDER", help=argparse.SUPPRESS)  # has the demo company already


def run(args: argparse.Namespace) -> int:
    module = scenarios()[args.name]
    if args.take_away is not None:
        module.RULES[args.take_away].take_away()
        return 0
    unknown = [one for one in args.rule if one not in module.RULES]
    if unknown:
        raise UsageError(Words(f"没有规则 {unknown[0]}", f"no such rule: {unknown[0]}"))
    from heli.config.scenarios import stage

    had = None if args.home is None else stage.Place(args.home)
    with stage.prepared(on_postgres=args.postgres) if had is None else nullcontext(had) as place:
        told = _once(module, place, None, loud=not args.json)
        without: list[dict[str, Any]] = []
        for rule in (args.rule or list(module.RULES)) if args.sabotage else ():
            found = _once(module, place, (args.name, rule), loud=False)
            failed = next((at for at, one in enumerate(found["steps"], 1) if not one["ok"]), None)
            caught = failed is not None or found["ended"] is not None
            said = {"rule": rule, "words": module.RULES[rule].words.json(), "caught": caught, "failed_at": failed,
                    "ended": found["ended"]}  # fmt: skip
            without.append(said)
            if not args.json:
                words = CAUGHT if caught else UNNOTICED
                print(words.fill(rule=module.RULES[rule].words, n=failed or len(found["steps"]))(language()))
    told |= {"scenario": args.name, "sabotage": without}
    if args.json:
        emit(told)
    return 0 if told["ok"] and all(one["caught"] for one in without) else 1


def _once(module: ModuleType, place: Place, sabotage: tuple[str, str] | None, *, loud: bool) -> dict[str, Any]:
    from heli.config.scenarios import stage

    with stage.opened(place, sabotage) as here:
        if loud:
            here.on_step = _print
        ended = None
        try:
            module.play(here)
        except (stage.Over, LookupError, TypeError) as over:  # an answer without what the story reads is no answer
            ended = f"{type(over).__name__}: {over}" if not isinstance(over, stage.Over) else str(over)
            if loud:
                print(BROKE.fill(why=ended)(language()))
        return {
            "ok": ended is None and all(one.kept for one in here.steps),
            "steps": [one.json() for one in here.steps],
            "ended": ended,
        }


def _print(one: Any) -> None:
    mark = "✓" if one.kept else "✗"
    print(f"{mark} {one.who}: {one.what(language())}")
    print(f"    {EXPECTED(language())} {one.expected} · {SEEN(language())} {one.seen}")
