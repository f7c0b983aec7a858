"""What cases are about that are no records, in a sentence each, as far as who reads it may know."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from heli.access.viewer import Viewer
from heli.api import lending_queue, lending_said
from heli.flows import matters
from heli.kernel.words import Words
from heli.lending import cases
from heli.lending.models import Request
from heli.review import judging, leaving


def sentences(viewer: Viewer, code: str, keys: Sequence[str]) -> dict[str, Words]:
    """By the key of each: the request, whose rights are reviewed in which round, who leaves when."""
    return SAID[code](viewer, keys)


def _requests(viewer: Viewer, keys: Sequence[str]) -> dict[str, Words]:
    found = list(Request.objects.filter(pk__in=keys))
    names = lending_said.names_of(viewer, found)
    return {one.pk: lending_queue.asked(one, names[one.pk]) for one in found}


def _followed(
    code: str, said: Callable[[Sequence[str]], dict[str, Words]]
) -> Callable[[Viewer, Sequence[str]], dict[str, Words]]:
    def told(viewer: Viewer, keys: Sequence[str]) -> dict[str, Words]:
        return said(sorted(matters.MATTERS[code].follows(viewer, list(keys))))

    return told


SAID: dict[str, Callable[[Viewer, Sequence[str]], dict[str, Words]]] = {
    cases.LOAN: _requests,
    cases.RIGHTS: _requests,
    judging.REVIEW: _followed(judging.REVIEW, judging.sentences),
    leaving.LEAVING: _followed(leaving.LEAVING, leaving.sentences),
}
