"""What a change does, in a line."""

from __future__ import annotations

from heli.kernel.words import Words
from heli.policy.change import KINDS, Change


def said(one: Change) -> Words:
    """A change in a line: what kind of thing, which, and whether it is made, changed or removed."""
    verb = (
        Words("新增", "add")
        if one.before is None
        else Words("移除", "remove")
        if one.after is None
        else Words("修改", "change")
    )
    body = one.after or one.before or {}
    name = body.get("name") or body.get("subject") or one.key
    if one.kind == "grant":
        name = f"{body.get('role') or '…'} → {body.get('subject')}"
    return Words("{verb}{kind}「{name}」", "{verb} {kind} “{name}”").fill(verb=verb, kind=KINDS[one.kind], name=name)
