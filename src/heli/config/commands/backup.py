"""Write one archive with the database and the attached files; the keys stay apart."""

from __future__ import annotations

import argparse
from pathlib import Path

from heli.config.cli import emit, language
from heli.kernel.words import Words

DONE = Words(
    "已备份到 {file}（{bytes} 字节，{files} 个文件）。密钥不在其中：请另外保存 {keys}。没有它们，恢复后加密字段（电话、账号、证件号、合同正文）"
    "谁也读不了，审计日志也无法验证",
    "written to {file} ({bytes} bytes, {files} files). The keys are not in it: keep a copy of {keys} in another place; "
    "without them nobody reads the encrypted fields of what is restored (phones, accounts, identity numbers, texts of "
    "contracts), and its audit log cannot be verified",
)


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path, help="the archive to write (tar.gz); must not exist")


def run(args: argparse.Namespace) -> int:
    from heli.config import archive

    said = archive.backup(args.file)
    if args.json:
        emit({**said, "note": DONE.fill(**said).json()})
    else:
        print(DONE.fill(**said)(language()))
    return 0
