"""Everything that the code can write into the audit log has words, in the log and in a record's history."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import heli
from heli.api.audit_words import ACTS, DID, THINGS, act_words, thing_words
from heli.records import history
from heli.records.reasons import ACTIONS
from heli.records.types import TYPES
from heli.records.verbs import VERBS, verb_of

HERE = Path(heli.__file__).parent
DOTTED = re.compile(r"[a-z_]+\.[a-z_]+\Z")
NO_ACTS = {
    "audit.entry", "audit.key", "guard.exports", "guard.usual", "lending.look", "policy.yaml", "review.due", "review.volume",
    "department.set_",
}  # fmt: skip
"""Names of schedules, files and the like, and beginnings of names, that look like acts."""
LENT = ("create", "approve", "refuse", "withdraw", "consent", "move", "gone", "lapsed")
PARTS = {
    "alert": ("budget", "frozen", "canary"),
    "draft": ("submitted", "approved", "returned", "published", "withdrawn"),
    "emergency": ("declare", "close"),
    "loan": ("start", "warn", "lapse", "drop", "review", "end"),
    "request": LENT,
    "review": ("kept", "narrowed", "revoked", "drafted", "lapsed", "gone"),
    "sandbox": ("signed", "misses", "begin", "end"),
    "view_as": ("begin", "end"),
    "job": ("dead",),
    "delivery": ("dead",),
    "assignment": ("create", "cancel", "change", "end"),
    "reporting": ("create", "cancel", "change", "end"),
    "project_member": ("create", "cancel", "change", "end"),
    "deputy": ("create", "cancel", "change", "end"),
    "department": ("set_head", "set_overseer"),
    "duty": ("save", "remove"), "promise": ("save", "remove"), "setting": ("save", "remove"),
}  # fmt: skip
"""Acts whose names are put together where they are written."""
BESIDE = ("comment", "comment_edit", "comment_delete", "attach", "detach", "team_add", "team_remove", "purge", "export")
"""Acts on records beside their verbs."""


def parsed() -> Iterator[ast.AST]:
    for path in sorted(HERE.rglob("*.py")):
        if not {"migrations", "demo", "bench"} & set(path.parts):
            yield from ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def written() -> set[str]:
    """Every text of the code that is, or looks like, the name of an act."""
    kinds = {one.partition(".")[0] for one in ACTS} | set(THINGS) | {one.code for one in TYPES}
    found: set[str] = set()
    for node in parsed():
        said = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
        if DOTTED.match(said) and said.partition(".")[0] in kinds:
            found.add(said)
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "EntryData":
            found |= {
                key.value.value
                for key in node.keywords
                if key.arg == "action" and isinstance(key.value, ast.Constant) and isinstance(key.value.value, str)
            }
    found |= {f"{kind}.{part}" for kind, parts in PARTS.items() for part in parts}
    found |= {f"{kind.code}.{verb}" for kind in TYPES for verb in ("create", "edit", "delete", "restore", *BESIDE)}
    found |= {f"{kind.code}.{verb.code}" for kind in TYPES for verb in VERBS if verb.type in ("*", kind.code)}
    return found - NO_ACTS


def test_every_act_that_the_code_can_write_has_words() -> None:
    acts = written()
    assert {"why.beside", "keys.rotate", "view_as.begin", "change.ask", "rights.read", "opportunity.team_add"} <= acts
    assert len(acts) > 400
    unknown = sorted(
        one for one in acts
        if act_words(one).en.casefold() == one or act_words(one).zh == one
        or not (one in ACTS or verb_of(*one.split(".")) or {*ACTIONS, *DID} & {one.partition(".")[2]})
    )  # fmt: skip
    assert unknown == [], "give them words in api/audit_words.py"


def test_every_thing_that_is_acted_on_has_words() -> None:
    things = {
        key.value.value
        for node in parsed()
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "EntryData"
        for key in node.keywords
        if key.arg == "object_type" and isinstance(key.value, ast.Constant) and isinstance(key.value.value, str)
    }
    unknown = sorted(one for one in things | set(PARTS) - {"view_as"} if thing_words(one).zh == one)
    assert unknown == []


def test_a_record_s_page_tells_acts_by_words_or_not_at_all() -> None:
    for kind in TYPES:
        for verb in (*BESIDE, *(one.code for one in VERBS if one.type in ("*", kind.code))):
            told = verb in history.QUIET or verb in history.WORDS or verb_of(kind.code, verb) is not None
            assert told or verb in ("purge", "export"), f"{kind.code}.{verb}"
