"""Prove that the audit log is what was written, or answer for a break in it."""

from __future__ import annotations

import argparse
import getpass

from heli.config.cli import UsageError, emit, language
from heli.kernel.errors import NotFound
from heli.kernel.words import Words

BROKEN = Words(
    "审计日志在第 {seq} 条断裂：{reason}（之前 {entries} 条完好）",
    "the audit log is broken at entry {seq}: {reason} ({entries} entries before it are good)",
)
WHOLE = Words("审计日志完好，共 {entries} 条", "the audit log is whole: {entries} entries")
ACCEPTED = Words("已记为第 {entry} 条", "recorded as entry {entry}")
NO_BREAK = Words("第 {seq} 条不是断裂记录，无需认可", "entry {seq} tells of no break: nothing to accept")
NO_REASON = Words("认可断裂必须说明原因：--reason", "accepting a break needs its reason: --reason")


def add(parser: argparse.ArgumentParser) -> None:
    below = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    verify = below.add_parser("verify", help="check every entry; status 1 when the log is broken")
    accept = below.add_parser("accept", help="answer for a break that was looked into, such as a restored backup")
    accept.add_argument("entry", type=int, help="number of the audit.broken entry that verify names")
    accept.add_argument("--reason", required=True, help="what happened and why going on is right")
    for verb in (verify, accept):
        verb.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print one JSON document")


def run(args: argparse.Namespace) -> int:
    return _verify(args.json) if args.verb == "verify" else _accept(args.entry, args.reason, args.json)


def _verify(as_json: bool) -> int:
    from heli.audit.verify import verify

    report = verify()
    if as_json:
        document = {"ok": report.ok, "entries": report.entries, "first_bad": report.first_bad}
        emit(document if report.ok else {**document, "reason": report.reason})
    else:
        said = WHOLE if report.ok else BROKEN
        print(said.fill(seq=report.first_bad, reason=report.reason, entries=report.entries)(language()))
    return 0 if report.ok else 1


def _accept(seq: int, reason: str, as_json: bool) -> int:
    from heli.audit import log

    if not reason.strip():
        raise UsageError(NO_REASON)
    try:
        with log.transaction():
            entry = log.accept(seq, reason=reason, actor_id=None, actor_name=getpass.getuser(), origin="cli")
    except LookupError:
        raise NotFound(NO_BREAK.fill(seq=seq)) from None
    if as_json:
        emit({"entry": entry})
    else:
        print(ACCEPTED.fill(entry=entry)(language()))
    return 0
