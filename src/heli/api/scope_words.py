"""What part of the company a viewer's numbers speak of, in words: "你能看到的：华东大区及下级、本人"."""

from __future__ import annotations

from heli.access.scopes import SCOPES, split
from heli.access.view import View
from heli.access.viewer import Viewer
from heli.kernel.words import Words

MOST = 4
BEFORE = Words("你能看到的：{parts}", "what you may see: {parts}")
WHOLE = Words("全公司", "the whole company")
MORE = Words("等", "and more")
NOTHING = Words("你现在看不到任何记录", "you may see no records now")


def scope_words(viewer: Viewer, code: str) -> Words:
    """The read scopes of one type; made once per compiled view."""
    view = viewer.view
    if view is None:
        return WHOLE
    key = ("scope words", code)
    found = view.shared.get(key)
    if not isinstance(found, Words):
        found = view.shared[key] = _made(view, code)
    return found


def _made(view: View, code: str) -> Words:
    rights = view.type(code)
    if rights is None or not rights.read:
        return NOTHING
    parts: dict[str, Words] = {}
    for held in rights.read:
        for grip in held.grips:
            if not grip.atoms:
                continue
            name, parameter = split(grip.scope)
            if name == "all" and not held.line.where:
                return BEFORE.fill(parts=WHOLE)
            for words in _part(view, name, parameter, held.source.carrier, grip.atoms):
                parts.setdefault(words.zh, words)
    if not parts:
        return NOTHING
    some = list(parts.values())[:MOST]
    zh, en = "、".join(w.zh for w in some), ", ".join(w.en for w in some)
    if len(parts) > MOST:
        zh, en = zh + MORE.zh, f"{en} {MORE.en}"
    return BEFORE.fill(parts=Words(zh, en))


def _part(view: View, name: str, parameter: str, carrier: str, atoms: object) -> list[Words]:
    """Departments are named; every other scope by its own name."""
    if name in {"department", "below", "oversees"} and isinstance(atoms, tuple):
        ids: set[int] = set().union(*(getattr(a, "values", frozenset()) for a in atoms))
        tops = [i for i in ids if (node := view.tree.nodes.get(i)) is not None and node.parent not in ids]
        end = Words("", "") if name == "department" else Words("及下级", " and below")
        return [
            Words(view.tree.nodes[i].name + end.zh, (view.tree.nodes[i].name_en or view.tree.nodes[i].name) + end.en)
            for i in sorted(tops)
        ]
    scope = SCOPES.get(name)
    return [scope.words] if scope is not None else []
