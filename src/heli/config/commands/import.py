"""Import a folder of CSV or XLSX files as a profile says."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from heli.config.cli import UsageError, emit, language
from heli.kernel.words import Words
from heli.records.profiles.model import Progress

NO_FOLDER = Words("没有文件夹 {path}", "there is no folder {path}")
SUMMARY = Words(
    "新建 {created}，更新 {updated}，标记 {flagged} 处，拒绝 {rejected} 行",
    "created {created}, updated {updated}; {flagged} cells flagged, {rejected} rows rejected",
)
NOTHING = Words("无", "nothing")
DRY = Words("（试运行：没有写入任何内容）", " (a dry run: nothing was written)")
BAR = 30
SHOWN = 20


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", type=Path, help="the folder that holds the files")
    parser.add_argument("--profile", metavar="FILE", type=Path, required=True, help="the profile (YAML)")
    parser.add_argument("--dry-run", action="store_true", help="write nothing; the report is the same")


def run(args: argparse.Namespace) -> int:
    from heli.api import viewer
    from heli.crm.install import install
    from heli.records import imports
    from heli.records.profiles import load_profile

    profile = load_profile(args.profile)
    if not args.folder.is_dir():
        raise UsageError(NO_FOLDER.fill(path=str(args.folder)))
    bar = _bar() if sys.stderr.isatty() else None
    report = imports.run(
        viewer.system(f"import {profile.name}"), profile, args.folder,
        dry_run=args.dry_run, progress=bar, before=install,
    )  # fmt: skip
    if bar is not None:
        sys.stderr.write("\r\x1b[K")
    if args.json:
        emit(report.json(language()))
        return 0
    said = report.json(language())
    counts = {
        name: ", ".join(f"{n} {kind}" for kind, n in said[name].items()) or NOTHING(language())
        for name in ("created", "updated")
    }
    print(
        SUMMARY.fill(**counts, flagged=len(said["flagged"]), rejected=len(said["rejected"]))(language())
        + (DRY(language()) if args.dry_run else "")
    )
    for row in (said["rejected"] + said["flagged"])[:SHOWN]:
        print(f"  {row['file']}:{row['line']} {row['field']}: {row['value']!r}: {row['reason']}")
    more = len(said["rejected"]) + len(said["flagged"]) - SHOWN
    if more > 0:
        print(f"  … {more} (--json)")
    return 0


def _bar() -> Callable[[Progress], None]:
    """A progress bar on the terminal's error stream."""

    def show(now: Progress) -> None:
        filled = round(now.share * BAR)
        sys.stderr.write(f"\r\x1b[K[{'#' * filled}{'.' * (BAR - filled)}] {now.share:4.0%} {now.file} {now.rows}")
        sys.stderr.flush()

    return show
