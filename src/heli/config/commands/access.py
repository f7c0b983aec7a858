"""The policy as a file, its tests, and reviews of rights: export, diff, apply, test, review."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from heli.config.cli import emit, language
from heli.kernel.errors import Invalid, Problem, Refused
from heli.kernel.words import Words

if TYPE_CHECKING:
    from heli.access.viewer import Viewer

SAME = Words("与现行策略相同", "the same as the policy that holds")
WAITS = Words(
    "草稿 D-{id} 已提交，等待第二个人批准后发布",
    "draft D-{id} is submitted and waits for a second person to approve it",
)
PUBLISHED = Words("已发布为第 {id} 版", "published as version {id}")
NO_REVIEWS = Words("还没有复核", "there has been no review yet")
REVIEW = Words("{id}\t{title}\t{done}/{all} 项已定\t截止 {due}", "{id}\t{title}\t{done} of {all} decided\tdue {due}")
NO_FILE = Words("读不到文件 {path}：{why}", "cannot read {path}: {why}")
NOT_YOU = Words("{name} 不能修改权限策略", "{name} may not change the policy")
MOST = 1_000_000


def add(parser: argparse.ArgumentParser) -> None:
    below = parser.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=type(parser))
    export = below.add_parser("export", help="write the whole policy as YAML")
    export.add_argument("--out", metavar="FILE", help="where to (standard output)")
    diff = below.add_parser("diff", help="what a file would change")
    apply = below.add_parser(
        "apply", help="make a draft of a file and publish it, or submit it where policy asks for approval"
    )
    for command in (diff, apply):
        command.add_argument("file", metavar="FILE.yaml", help="- is standard input")
    apply.add_argument("--as", dest="person", metavar="PERSON", required=True, help="who makes the change")
    apply.add_argument("--title", default="", help="of the draft")
    below.add_parser("test", help="run every policy test; status 1 when one fails")
    below.add_parser("review", help="how far every review of rights is")
    for command in (export, diff, apply, below.choices["test"], below.choices["review"]):
        command.add_argument("--json", action="store_true", help="print one JSON document")


def run(args: argparse.Namespace) -> int:
    return {"export": _export, "diff": _diff, "apply": _apply, "test": _test, "review": _review}[args.action](args)


def _read(path: str) -> str:
    try:
        if path == "-":
            text = sys.stdin.read(MOST + 1)
        else:
            with Path(path).open(encoding="utf-8") as file:
                text = file.read(MOST + 1)
    except (OSError, ValueError) as error:
        raise Invalid(Problem("file", "unreadable", NO_FILE.fill(path=path, why=str(error)))) from None
    return text


def _export(args: argparse.Namespace) -> int:
    from heli.policy import file, state
    from heli.policy.names import Names

    text = file.dump(state.policy(Names.load()))
    if args.out:
        Path(args.out).write_text(text, encoding="utf-8")
    if args.json:
        emit({"out": args.out, "policy": None if args.out else text})
    elif not args.out:
        print(text, end="")
    return 0


def _changes(path: str) -> list[Any]:
    from heli.policy import file
    from heli.policy.names import Names

    return file.changes_in(_read(path), Names.load(), "-" if path == "-" else Path(path).name)


def _diff(args: argparse.Namespace) -> int:
    from heli.policy import brief

    changes = _changes(args.file)
    if args.json:
        emit({"changes": [one.json() for one in changes]})
    elif not changes:
        print(SAME(language()))
    speaker = brief.Speaker.load(changes)
    for one in () if args.json else changes:
        print(brief.said(one, speaker)(language()))
    return 0


def _apply(args: argparse.Namespace) -> int:
    from heli.api import viewer as viewers
    from heli.policy import drafts
    from heli.policy.approval import asked

    changes = _changes(args.file)
    viewer = viewers.for_person(viewers.named(args.person))
    _may(viewer, "administer")
    if not changes:
        if args.json:
            emit({"changes": 0, "draft": None, "version": None})
        else:
            print(SAME(language()))
        return 0
    draft = drafts.create(viewer.actor, args.title or Path(args.file).name[:200])
    draft = drafts.put_many(viewer.actor, draft.pk, draft.revision, [(c.kind, c.key, c.after) for c in changes])
    version = None
    _, _, found = drafts.review(draft)
    if drafts.needed(draft, changes, found) if found is not None else asked(changes, ()):
        draft = drafts.submit(viewer.actor, draft.pk, draft.revision)
        said = WAITS.fill(id=draft.pk)
    else:
        _may(viewer, "grant")
        version = drafts.publish(viewer.actor, draft.pk, draft.revision)
        said = PUBLISHED.fill(id=version.pk)
    if args.json:
        emit({"changes": len(changes), "draft": draft.pk, "version": version.pk if version is not None else None})
    else:
        print(said(language()))
    return 0


def _may(viewer: Viewer, action: str) -> None:
    if viewer.view is None or not viewer.view.may("policy", action):
        raise Refused(NOT_YOU.fill(name=viewer.name))


def _test(args: argparse.Namespace) -> int:
    from heli.access.facts import World
    from heli.policy import promises

    world = World.load()
    results = promises.run(world, promises.stored())
    failed = [one for one in results if not one.kept]
    if args.json:
        emit(
            {
                "passed": len(results) - len(failed),
                "failed": len(failed),
                "failures": [
                    {
                        "code": one.code,
                        "name": Words(one.promise.name, one.promise.name_en or one.promise.name).json(),
                        "how": [words.json() for words in promises.said(one, world)],
                    }
                    for one in failed
                ],
            }
        )
    else:
        tongue = language()
        for one in failed:
            print(f"✗ {Words(one.promise.name, one.promise.name_en or one.promise.name)(tongue)}")
            for words in promises.said(one, world):
                print(f"    {words(tongue)}")
        print(f"{len(results) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


def _review(args: argparse.Namespace) -> int:
    from datetime import datetime

    from heli.org import zone
    from heli.review import report

    found = report.summary()
    if args.json:
        emit(found)
        return 0
    if not found["campaigns"]:
        print(NO_REVIEWS(language()))
    for one in found["campaigns"]:
        done = one["total"] - one["states"]["pending"]
        due = f"{zone.here(datetime.fromisoformat(one['due'])):%Y-%m-%d}"
        print(REVIEW.fill(id=one["id"], title=one["title"], done=done, all=one["total"], due=due)(language()))
    return 0
