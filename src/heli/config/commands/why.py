"""Why a person may do something with a record, or why not, and who could give it; also beside a colleague."""

from __future__ import annotations

import argparse
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from heli.config.cli import emit, language
from heli.kernel.words import Words

if TYPE_CHECKING:
    from datetime import datetime

    from heli.access.viewer import Viewer
    from heli.records.explain import Question, Why

YES = Words("可以", "yes")
NO = Words("不可以", "no")
MINE = Words("我：", "I: ")
THEIRS = Words("对方：", "they: ")
LACKING = Words("还需要其中一组：", "one of these is missing: ")
ASK = Words("可以找：", "ask: ")
UNKNOWN_TYPE = Words("没有这种对象，或者你与它无关", "no such type, or you have nothing to do with it")


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", metavar="ACTION", help="read, edit, delete or a verb such as transfer")
    parser.add_argument("type", metavar="TYPE", help="an object type, such as opportunity")
    parser.add_argument("key", metavar="KEY", help="a record's id or natural key")
    parser.add_argument(
        "--as", dest="person", metavar="PERSON", required=True, help="user name, e-mail or display name"
    )
    parser.add_argument("--field", metavar="F", help="one field of the record")
    parser.add_argument("--at", metavar="DATE", help="as of a day (its end) or a moment: 2026-11-23T09:00:00+08:00")
    parser.add_argument("--beside", metavar="PERSON", help="the same question for a colleague, and the difference")


def run(args: argparse.Namespace) -> int:
    from heli.api import viewer as viewers
    from heli.api.access_why import read_moment
    from heli.org.people import find_person
    from heli.records import explain, store

    at = None if args.at is None else read_moment(args.at)
    viewer = viewers.for_person(viewers.named(args.person))
    other = None if args.beside is None else viewers.for_person(find_person(args.beside, place="beside"))
    from heli.kernel.errors import NotFound

    record = "-"  # a key that finds nothing answers as an id of nothing
    with suppress(NotFound):
        record = store.query(viewer, args.type).find(args.key)
    question = explain.Question(args.action, args.type, record, args.field)
    said = _one(viewer, question, at) if other is None else _both(viewer, other, question, at)
    if args.json:
        emit(said)
    elif other is None:
        _print(said)
    else:
        print(MINE(language()), end="")
        _print(said["mine"])
        print(THEIRS(language()), end="")
        _print(said["theirs"])
        for fact in said["difference"]:
            print(f"  ≠ {fact['words'][language()]}")
    return 0


def _one(viewer: Viewer, question: Question, at: datetime | None) -> dict[str, Any]:
    from heli.insight import then
    from heli.kernel.errors import Invalid, NotFound
    from heli.records import explain

    try:
        return _told(explain.why(viewer, question) if at is None else then.why(viewer, question, at))
    except NotFound:
        return _no("unseen", UNKNOWN_TYPE)
    except Invalid as error:
        if error.problems[0].place == "at":
            raise
        problem = error.problems[0]
        return _no(f"unknown:{problem.place}", problem.words)


def _both(viewer: Viewer, other: Viewer, question: Question, at: datetime | None) -> dict[str, Any]:
    """Both answers; about a record that the asker does not see, and about what does not exist, only their own no."""
    from heli.audit import log
    from heli.audit.log import EntryData
    from heli.insight import then
    from heli.kernel.errors import Invalid, NotFound
    from heli.records import explain

    try:
        them = other.person or 0
        found = explain.beside(viewer, other, question) if at is None else then.beside(viewer, them, question, at)
    except (NotFound, Invalid):
        mine = _one(viewer, question, at)
        return {"mine": mine, "theirs": mine, "difference": []}
    with log.transaction():  # looking at a colleague's rights is written down
        log.append(
            EntryData(
                action="why.beside", object_type=question.type, object_id=question.id or "",
                actor_id=viewer.person, actor_name=viewer.name, origin=viewer.actor.origin,
                after={"action": question.action, "field": question.field, "beside": other.username},
            )
        )  # fmt: skip
    difference = [fact.json() for fact in found.difference]
    return {"mine": _told(found.mine), "theirs": _told(found.theirs), "difference": difference}


def _no(code: str, words: Words) -> dict[str, Any]:
    return {"allowed": False, "because": [], "missing": [[{"code": code, "words": words.json()}]], "ask": []}


def _told(one: Why) -> dict[str, Any]:
    """The answer as printed: roles and scopes as codes, people as user names."""
    from heli.records import explain

    said = explain.json(one)
    because = [
        {**told, "role": b.role_code or b.role.en, "scope": b.scope_code or b.scope.en}
        for told, b in zip(said["because"], one.because, strict=True)
    ]
    return {**said, "because": because, "ask": [person["username"] for person in said["ask"]]}


def _print(said: dict[str, Any]) -> None:
    tongue = language()
    print((YES if said["allowed"] else NO)(tongue))
    for one in said["because"]:
        if one["fact"] == one["via"]:  # nothing more is told of it
            print(f"  + {one['fact'][tongue]}")
            continue
        print(f"  + {one['role']} ({one['via'][tongue]}): {one['fact'][tongue]}")
    if said["missing"]:
        print(f"  {LACKING(tongue)}")
        for facts in said["missing"]:
            print("    - " + " + ".join(fact["words"][tongue] for fact in facts))
    if said["ask"]:
        print(f"  {ASK(tongue)}{', '.join(said['ask'])}")
