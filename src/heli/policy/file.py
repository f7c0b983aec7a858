"""The policy as a YAML file: written, read with suspicion, compared with what holds. It round-trips.

``policy: 1`` with sections is the whole policy: what stands in no section is to be removed. ``draft: 1`` with a list
of ``changes`` touches only what it names.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from heli.kernel.errors import Invalid, Problem
from heli.kernel.words import Words
from heli.policy import state
from heli.policy.change import SHAPE, Change, state_of, thing_of
from heli.policy.names import Names
from heli.policy.state import Thing
from heli.records.profiles.yaml import Mistakes, Reader, compose, place_of

FORM = 1
SECTIONS = {
    "roles": "role", "ceilings": "ceiling", "duties": "duty", "tests": "promise", "settings": "setting",
}  # fmt: skip
"""Sections that map codes to states; ``grants`` is a list, since grants have no names of their own."""
GRANTS = "grants"
DEFAULTS = {kind: {key: default for key, (_, default) in fields.items()} for kind, fields in SHAPE.items()}

NO_FORM = Words(
    "文件应以 policy: 1（整份策略）或 draft: 1（一份草稿）开头",
    "the file must say policy: 1 (a whole policy) or draft: 1 (a draft)",
)
CALLED = Words("策略文件", "the policy file")
BEGINS = Words(
    "，应以 policy: 1（整份策略）或 draft: 1（一份草稿）开头",
    ": it says policy: 1 (a whole policy) or draft: 1 (a draft)",
)
TWICE = Words("同一项授权出现了两次", "the same grant comes twice")


def dump(things: Mapping[Thing, Mapping[str, Any]]) -> str:
    """The policy as YAML, in a fixed order; what is as by default is left out."""
    document: dict[str, Any] = {"policy": FORM}
    for section, kind in SECTIONS.items():
        found = {key: _short(kind, body) for (of, key), body in sorted(things.items()) if of == kind}
        if found:
            document[section] = found
    grants = [_short("grant", body) for (kind, _), body in things.items() if kind == "grant"]
    document[GRANTS] = sorted(
        grants, key=lambda g: (g["subject"], str(g.get("role")), str(g.get("lines")), str(g.get("ends")))
    )
    return _text(document)


def dump_changes(changes: Sequence[Change]) -> str:
    """A draft as YAML."""
    told = [{"kind": one.kind, "key": one.key, "after": _plain(one.after)} for one in changes]
    return _text({"draft": FORM, "changes": told})


def _text(document: Mapping[str, Any]) -> str:
    out = io.StringIO()
    writer: Any = YAML(typ="safe", pure=True)  # its attributes are typed as None
    writer.default_flow_style = False
    writer.allow_unicode = True
    writer.width = 120
    writer.sort_base_mapping_type_on_output = False
    writer.dump(document, out)
    return out.getvalue()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value


def _short(kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    defaults = DEFAULTS.get(kind, {})
    return {key: _plain(value) for key, value in body.items() if key not in defaults or defaults[key] != value}


def read(text: str, source: str = "policy.yaml") -> Any:
    """YAML as plain values; numbers with a point stay text. Raises Invalid: no aliases, tags, depth or repeated keys."""
    return located(text, Mistakes(source, CALLED, BEGINS))[0]


def located(text: str, mistakes: Mistakes) -> tuple[Any, Callable[[str], str]]:
    """The same of any YAML file, with what says where in it a place such as ``moves/0/by`` stands (``file:line:column``): the thing
    itself, or the nearest around it that there is."""
    root = compose(text, mistakes)
    reader = Reader(mistakes)
    found = _value(root, reader)
    mistakes.stop()

    def where(path: str) -> str:
        at = place_of(_at(root, path))
        return f"{mistakes.source}:{at.line}:{at.column}"

    return found, where


def _at(node: Node, path: str) -> Node:
    """The node at a path, whose names may hold slashes themselves."""
    if isinstance(node, MappingNode):
        for key, value in node.value:
            name = str(key.value)
            if path == name or path.startswith(f"{name}/"):
                return _at(value, path[len(name) + 1 :])
    head, _, rest = path.partition("/")
    if isinstance(node, SequenceNode) and head.isdigit() and int(head) < len(node.value):
        return _at(node.value[int(head)], rest)
    return node


def _value(node: Node, reader: Reader) -> Any:
    if isinstance(node, MappingNode):
        return {key: _value(one, reader) for key, one in reader.mapping(node).items()}
    if isinstance(node, SequenceNode):
        return [_value(one, reader) for one in node.value]
    assert isinstance(node, ScalarNode)
    return reader.scalar(node)


def changes_in(text: str, names: Names, source: str = "policy.yaml") -> list[Change]:
    """What a file would change in what holds now: of a whole policy everything that differs, of a draft what it names.

    Raises Invalid naming each place.
    """
    document = read(text, source)
    if isinstance(document, Mapping) and document.get("draft") == FORM:
        return _draft(document, names)
    if not isinstance(document, Mapping) or document.get("policy") != FORM:
        raise Invalid(Problem("policy", "form", NO_FORM))
    return _policy(document, names)


def _draft(document: Mapping[str, Any], names: Names) -> list[Change]:
    _only(document, {"draft", "changes", "title", "note"})
    listed = document.get("changes")
    if not isinstance(listed, list):
        raise Invalid(Problem("changes", "type", Words("应为列表", "must be a list")))
    found: dict[Thing, Change] = {}
    for at, one in enumerate(listed):
        place = f"changes/{at}"
        if not isinstance(one, Mapping):
            raise Invalid(Problem(place, "type", Words("应为对象", "must be an object")))
        _only(one, {"kind", "key", "after"}, place)
        kind, key = thing_of(one, place)
        before = state.current(kind, key, names)
        change = Change(kind, key, before, state_of(kind, one.get("after"), f"{place}/after"))
        if change.thing in found:
            raise Invalid(Problem(place, "twice", Words("同一处改动出现了两次", "the same thing is changed twice")))
        if change.before != change.after:
            found[change.thing] = change
    return list(found.values())


def _only(value: Mapping[str, Any], known: set[str], place: str = "") -> None:
    problems = [
        Problem(f"{place}/{key}".lstrip("/"), "unknown", Words("未知的键", "unknown key"))
        for key in value
        if key not in known
    ]
    if problems:
        raise Invalid(problems)


def _policy(document: Mapping[str, Any], names: Names) -> list[Change]:
    _only(document, {"policy", GRANTS, *SECTIONS})
    now = state.policy(names)
    found: list[Change] = []
    for section, kind in SECTIONS.items():
        wanted = document.get(section, {})
        if not isinstance(wanted, Mapping):
            raise Invalid(Problem(section, "type", Words("应为 名称: 值", "must map codes to states")))
        states = {str(key): state_of(kind, body, f"{section}/{key}") for key, body in wanted.items()}
        for key, after in states.items():
            before = now.get((kind, key))
            if before != after:
                found.append(Change(kind, key, before, after))
        found += [Change(kind, key, body, None) for (of, key), body in now.items() if of == kind and key not in states]
    return found + _grants(document.get(GRANTS, []), now)


def _grants(wanted: Any, now: Mapping[Thing, Mapping[str, Any]]) -> list[Change]:
    """Grants by what they give to whom; of one that exists only the end may differ."""
    if not isinstance(wanted, list):
        raise Invalid(Problem(GRANTS, "type", Words("应为列表", "must be a list")))
    had: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
    for (kind, key), body in now.items():
        if kind == "grant":
            had.setdefault(_same(body), []).append((key, body))
    found: list[Change] = []
    for at, one in enumerate(wanted):
        after = state_of("grant", one, f"{GRANTS}/{at}")
        assert after is not None
        rows = had.get(_same(after), [])
        row = next((r for r in rows if r[1] == after), rows[0] if rows else None)
        if row is None:
            found.append(Change("grant", f"file-{at}", None, after))
            continue
        rows.remove(row)
        changed = {**row[1], "ends": after["ends"]}
        if changed != row[1]:
            found.append(Change("grant", row[0], row[1], changed))
    return found + [Change("grant", key, body, None) for rows in had.values() for key, body in rows]


def _same(body: Mapping[str, Any]) -> str:
    return repr((body["role"], body["lines"], body["subject"], body["below"], body["source"]))
