"""Put a backup into an empty installation."""

from __future__ import annotations

import argparse
from pathlib import Path

from heli.config.cli import emit, language
from heli.kernel.words import Words

MIGRATES = False  # the database must still be empty
DONE = Words(
    "已恢复 {made_at} 的备份（{files} 个文件）。请把当时的密钥放回 {keys}，再启动服务；没有它们，加密字段无法读取",
    "restored the backup of {made_at} ({files} files). Put the keys of that installation back into {keys} before you "
    "start it: without them encrypted fields cannot be read",
)


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path, help="an archive that heli backup wrote")


def run(args: argparse.Namespace) -> int:
    from heli.config import archive_restore, schema

    said = archive_restore.restore(args.file)
    schema.ensure()  # a backup may come from an older version
    if args.json:
        emit({**said, "note": DONE.fill(**said).json()})
    else:
        print(DONE.fill(**said)(language()))
    return 0
