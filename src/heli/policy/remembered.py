"""Rules that one approval took away, or two who were not told what that allows: they bind on for a month, whichever way is tried what they forbade.

Else one approval took the rule, and a post, a project or a role that is asked for did what no draft with one approval may.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Q, TextField, Value
from django.db.models.functions import Cast, StrIndex

from heli.kernel import clock
from heli.policy.change import Change
from heli.policy.models import PolicyVersion

type Body = Mapping[str, Any]
type Thing = tuple[str, str]

RULES: Final = ("duty", "promise")
REMEMBERED: Final = timedelta(days=30)
"""A rule that one draft took away binds later drafts so far on: else two drafts did with one approval each what one could not."""
MOST_KNOWN: Final = 2000
STILL: Final = ("{name}（取消不足 30 天，仍然有效；确需如此，请写成草稿由两位安全管理员批准）",
                "{name} (taken away less than 30 days ago and binding still; if it must be, write it as a draft that two "
                "security administrators approve)")  # fmt: skip


def taken_away(changes: Sequence[Change]) -> dict[Thing, Body]:
    """The duties and policy tests that stand otherwise or no more after these changes, as they were."""
    return {one.thing: one.before for one in changes if one.kind in RULES and one.before is not None}


def earlier(now: Mapping[Thing, Body]) -> list[tuple[Thing, Body]]:
    """What versions of the last weeks took away and nobody put back, but for what two approved who were told of it.
    ``now``: the rules that stand."""
    found: list[tuple[Thing, Body]] = []
    rows = PolicyVersion.objects.filter(at__gte=clock.now() - REMEMBERED).order_by("-pk")
    lifted = {(pk, at): frozenset(some) for pk, at, some in rows.values_list("pk", "at", "lifted")}
    taken = _taken_by(list(lifted))
    for mark, excused in lifted.items():
        for thing, body in taken[mark].items():
            if "/".join(thing) not in excused and now.get(thing) != body and (thing, body) not in found:
                found.append((thing, body))
    return found


type Mark = tuple[int, datetime]
"""A version by its number and moment: a number alone may come again after a transaction that was taken back."""
_known: dict[Mark, dict[Thing, Body]] = {}


def _taken_by(some: Sequence[Mark]) -> Mapping[Mark, dict[Thing, Body]]:
    """What each of these versions took away. Versions never change: each is looked into once, and where its text names no
    rule not even that, for they are long and most are of roles and posts."""
    new = {pk: at for pk, at in some if (pk, at) not in _known}
    if new or len(_known) > MOST_KNOWN:
        kept = {mark: _known[mark] for mark in some if mark in _known} | {(pk, at): {} for pk, at in new.items()}
        named = Q()
        for kind in RULES:
            named |= Q(**{f"at_{kind}__gt": 0})
        rows = PolicyVersion.objects.filter(pk__in=new).annotate(
            **{f"at_{kind}": StrIndex(Cast("changes", TextField()), Value(f'"{kind}"')) for kind in RULES}
        )
        for pk, at, changes in rows.filter(named).values_list("pk", "at", "changes"):
            kept[pk, at] = taken_away([Change.of(one) for one in changes])
        if len(_known) > MOST_KNOWN:
            _known.clear()
        _known.update(kept)
        return kept
    return _known


def binding(kind: str, stored: Mapping[str, Body]) -> Iterator[tuple[str, Body]]:
    """The rules of this kind that bind an act which nobody writes as a draft, each under a key of its own: those that
    stand, and those that went lately; the name of one that went says so."""
    yield from stored.items()
    gone = earlier({(kind, code): body for code, body in stored.items()})
    for at, body in enumerate(body for (one, _), body in gone if one == kind):
        name, name_en = (
            text.format(name=said)
            for text, said in zip(STILL, (body["name"], body["name_en"] or body["name"]), strict=True)
        )
        yield f"lifted {at}", {**body, "name": name, "name_en": name_en}
