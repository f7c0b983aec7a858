"""Why a number of the workbench is what it is: what is counted, under whose rights, and what may be left out; never how much.

All of it follows from the asker's own rights and from how the figure is defined, never from what lies in records."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from heli.access.core.decide import can_hold
from heli.access.core.explain import Fact
from heli.access.core.line import Level
from heli.access.viewer import Viewer
from heli.api.scope_words import scope_words
from heli.api.workbench import FIGURES, MOST_QUEUE, PER_SOURCE, SOURCES, Figure, Source, counted_for, waits
from heli.flows import bars
from heli.kernel.errors import NotFound
from heli.kernel.words import Words
from heli.records import explain
from heli.records.explain import Why
from heli.records.missing import Question
from heli.records.sight import Sight
from heli.records.types import TYPES, ObjectType

COUNTS = Words("数的是{type}{which}", "counts {type}{which}")
SUMS = Words("合计{type}的「{field}」{which}", "sums “{field}” of {type}{which}")
WHERE = Words("，{parts}", " where {parts}")
IS = Words("「{field}」为{values}", "“{field}” is {values}")
MINE = Words("负责人是你", "you are the owner")
UNDER = Words(
    "{what}。{scope}。按你自己的权限现算，同事看到的数字可以不同。",
    "It {what}. It covers {scope}. Worked out under your own rights: a colleague may see another number.",
)
NO_CELLS = Words("「{field}」对你脱敏或不可见的记录", "records of which “{field}” is masked or hidden from you")
NO_SUM = Words("对你脱敏或不可见的「{field}」", "cells of “{field}” that are masked or hidden from you")
DELETED = Words("回收站里的记录", "records in the recycle bin")
OUTSIDE = Words("你看不到的记录", "records that you do not see")
QUEUE = Words(
    "等你处理的：{sources}；还有流程里你的待办，提到你的新评论，以及等你批准、确认或复核的事。只有本人能看到自己的这份清单。",
    "What waits for you: {sources}; your work in processes, new comments that mention you, and what waits for your approval, "
    "confirmation or review. It is yours alone to see.",
)
ONE = Words("{why}（{type}）", "{why} ({type})")
LATER = Words("一周以后才到期的跟进、拜访和回款", "contacts, visits and payments due in more than a week")
BEYOND = Words("每一种超过 {n} 件、合计超过 {most} 件的部分", "more than {n} of a kind, and more than {most} in all")
MENTIONS = Words(
    "在你能看到的记录上提到你、你还没有看过的评论",
    "comments that mention you on records that you see and that you have not looked at",
)
GONE = Words("记录你已看不到、或评论已删除的", "those on records that you no longer see, and deleted comments")


def why(viewer: Viewer, code: str) -> Why:
    """The answer about one number of the workbench. Raises NotFound for one that is none, or that this viewer has not got."""
    if code in PLAIN:
        return PLAIN[code](viewer)
    figure = next((one for one in FIGURES if one.code == code), None)
    query = counted_for(viewer, figure) if figure is not None else None
    if figure is None or query is None:
        raise NotFound
    kind = TYPES[figure.type]
    parts = [*_parts(kind, figure), *([MINE] if figure.mine else [])]
    which = WHERE.fill(parts=_joined(parts)) if parts else Words("", "")
    what = SUMS.fill(type=kind.plural, field=kind.fields[figure.sum].words, which=which) if figure.sum else None
    words = UNDER.fill(what=what or COUNTS.fill(type=kind.plural, which=which), scope=scope_words(viewer, kind.code))
    left = (Fact.of("outside", OUTSIDE), Fact.of("deleted", DELETED), *_unread(query.sight, kind, figure))
    because = explain.why(viewer, Question("read", kind.code)).because
    return Why(True, because, (left,), (), words)


def _parts(kind: ObjectType, figure: Figure) -> Iterator[Words]:
    for code, wanted in figure.filter.items():
        field = kind.fields[code]
        options = getattr(field, "values", None)
        values = [
            one for one in (wanted if isinstance(wanted, list) else [wanted]) if options is None or one in options
        ]
        yield IS.fill(field=field.words, values=_listed([field.said(one) for one in values]))


def _unread(sight: Sight, kind: ObjectType, figure: Figure) -> Iterator[Fact]:
    """Cells that it would take and that some line gives the viewer less than in full: of what kind, not whether there are any."""
    for code in (*figure.filter, *([figure.sum] if figure.sum else [])):
        field = kind.fields[code]
        lines = [one for one in sight.rights.read if can_hold(one)] if sight.rights is not None else []
        if any(one.line.level(code, field.data_class) < Level.READ for one in lines):
            said = NO_SUM if code == figure.sum else NO_CELLS
            yield Fact.of(f"unread:{code}", said.fill(field=field.words))


def _queue(viewer: Viewer) -> Why:
    alone = bars.alone()
    kinds = [_kind(one) for one in SOURCES if waits(viewer, one, alone) is not None]
    left = (Fact.of("later", LATER), Fact.of("beyond", BEYOND.fill(n=PER_SOURCE, most=MOST_QUEUE)))
    sources = _listed(kinds) if kinds else Words("目前没有按记录来的", "nothing by records at present")
    return Why(True, (), (left,), (), QUEUE.fill(sources=sources))


def _kind(one: Source) -> Words:
    """What a source brings, with its type where that is not said already."""
    kind = TYPES[one.type].words
    return one.words if kind.zh in one.words.zh else ONE.fill(why=one.words, type=kind)


def _mentions(viewer: Viewer) -> Why:
    return Why(True, (), ((Fact.of("gone", GONE),),), (), MENTIONS)


PLAIN: Mapping[str, Callable[[Viewer], Why]] = {"queue": _queue, "mentions": _mentions}
"""Numbers of the workbench that are no figure of a type."""


def _joined(some: list[Words]) -> Words:
    return Words("，".join(one.zh for one in some), " and ".join(one.en for one in some))


def _listed(some: list[Words]) -> Words:
    return Words("、".join(one.zh for one in some), ", ".join(one.en for one in some))


__all__ = ["why"]
