"""Verbs: the acts that an object type declares beside create, edit and delete."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from heli.access.viewer import Viewer
from heli.kernel.registry import Registry
from heli.kernel.words import Words
from heli.records import fields as f

if TYPE_CHECKING:
    from heli.records.work import Work


NO_STATE = Words("当前状态下不能{verb}", "{verb}: not possible in its present state")
type WhyNot = Callable[[Viewer, Mapping[str, Any]], tuple[str, Words] | None]


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb. ``right`` is the action a permission line must give; ``after`` whether the result is decided again.

    ``params`` are fields (their kinds check the input). ``run(work, params)`` changes the record through ``work``.
    ``danger`` asks the page for a confirmation. ``applies(row)`` says on which rows the verb makes sense, ``why_not``
    more: the code and words of what stands in this viewer's way, so that a button need not be pressed to be refused.
    """

    type: str
    code: str
    words: Words
    run: Callable[[Work, dict[str, Any]], None]
    params: Mapping[str, f.Field]
    right: str
    after: bool = True
    danger: bool = False
    applies: Callable[[Mapping[str, Any]], bool] = lambda row: True
    why_not: WhyNot | None = None

    def refuses(self, viewer: Viewer, row: Mapping[str, Any]) -> tuple[str, Words] | None:
        """Code and words of why the verb is not possible on this row in its present state; None when it is."""
        if not self.applies(row):
            return "state", NO_STATE.fill(verb=self.words)
        return self.why_not(viewer, row) if self.why_not is not None else None


VERBS: Registry[Verb] = Registry("verb")


def _nothing(work: Work, params: dict[str, Any]) -> None:
    """What is done by the door itself."""


DELETE = Verb("", "delete", Words("删除", "Delete"), _nothing, {}, "delete", danger=True)
"""Deleting, for whoever asks what stands in the way of it; no verb of any type."""


def verb(
    type: str,  # the word of the model
    code: str,
    *,
    zh: str,
    en: str,
    params: Mapping[str, f.Field] | None = None,
    right: str | None = None,
    after: bool = True,
    danger: bool = False,
    applies: Callable[[Mapping[str, Any]], bool] | None = None,
    why_not: WhyNot | None = None,
) -> Callable[[Callable[[Work, dict[str, Any]], None]], Verb]:
    """Register the decorated function as a verb of a type (``*``: of every type)."""

    def register(run: Callable[[Work, dict[str, Any]], None]) -> Verb:
        given = dict(params or {})
        for name, one in given.items():
            one.code = name
        always = applies or (lambda row: True)
        return VERBS.add(
            f"{type}.{code}",
            Verb(type, code, Words(zh, en), run, given, right or code, after, danger, always, why_not),
        )

    return register


def verb_of(kind: str, code: str) -> Verb | None:
    """The verb of a type, or the common one."""
    return VERBS.get(f"{kind}.{code}") or VERBS.get(f"*.{code}")


def verbs_of(kind: str) -> list[Verb]:
    """Every verb a type knows, its own first."""
    own = [v for v in VERBS if v.type == kind]
    codes = {v.code for v in own}
    return own + [v for v in VERBS if v.type == "*" and v.code not in codes]
