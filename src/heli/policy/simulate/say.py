"""Rights in words: what somebody gains or loses, as people call it."""

from __future__ import annotations

from heli.access.core.line import Level
from heli.access.core.terms import Right
from heli.access.scopes import SCOPES, split
from heli.access.shapes import PAGE, SHAPES
from heli.kernel import money
from heli.kernel.words import Words
from heli.policy.simulate.rights import What
from heli.records.reasons import ACTIONS
from heli.records.types import TYPES
from heli.records.verbs import verb_of

MORE = {
    "open": Words("打开", "open"), "administer": Words("管理", "administer"), "grant": Words("授权", "grant"),
}  # fmt: skip
OF = Words("{action}{type}", "{action} {type}")
CELLS = Words("{type}·{fields}", "{type} · {fields}")
MASKED = Words("{type}·{fields}（脱敏）", "{type} · {fields} (masked)")
WRITE = Words("{action}{type}的{fields}", "{action} {fields} of {type}")
LIMIT = Words("{action}{type}，额度{limit}", "{action} {type} up to {limit}")
ROWS = Words("{n} 行", "{n} rows")
AND_MORE = Words("{first} 等 {n} 项", "{first} and {n} fields in all")


def type_words(code: str) -> Words:
    shape = SHAPES.get(code)
    return shape.words if shape is not None else Words(code, code)


def action_words(code: str, action: str) -> Words:
    verb = verb_of(code, action)
    return ACTIONS.get(action) or (verb.words if verb is not None else MORE.get(action, Words(action, action)))


def field_words(code: str, field: str) -> Words:
    kind = TYPES.get(code)
    return kind.fields[field].words if kind is not None and field in kind.fields else Words(field, field)


def fields_words(code: str, fields: tuple[str, ...]) -> Words:
    """A few fields by name; of many the first and how many there are."""
    words = [field_words(code, one) for one in fields]
    if len(words) > 3:
        return AND_MORE.fill(first=words[0], n=len(words))
    return Words("、".join(w.zh for w in words), ", ".join(w.en for w in words))


def what_words(what: What) -> Words:
    """A right as it stands in a list of gains or losses."""
    kind, action = type_words(what.type), action_words(what.type, what.action)
    if what.type.startswith(PAGE):
        return Words("页面「{p}」", "the page “{p}”").fill(p=kind)
    if what.limit is not None:
        return LIMIT.fill(action=action, type=kind, limit=limit_words(what.action, what.limit))
    if not what.fields:
        return OF.fill(action=action, type=kind)
    fields = fields_words(what.type, what.fields)
    if what.action == "read":
        return (MASKED if what.level == Level.MASKED else CELLS).fill(type=kind, fields=fields)
    return WRITE.fill(action=action, type=kind, fields=fields)


def limit_words(action: str, limit: int) -> Words:
    if action == "export":
        return ROWS.fill(n=f"{limit:,}")
    said = f"{limit // 100:,}" if limit % 100 == 0 else money.to_text(limit)
    return Words(said, said)


def scope_words(right: Right) -> list[Words]:
    """The scopes that a right was written with, each once, nearest to the person's own work first."""
    found = {split(t.scope)[0]: SCOPES[split(t.scope)[0]] for t in right if t.scope}
    return [one.words for one in sorted(found.values(), key=lambda s: s.rank)]
