"""YAML as nodes that know their line and column, read with suspicion: no aliases, tags, depth or repeated keys."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, MappingStartEvent, SequenceStartEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from heli.kernel.errors import Invalid, Problem
from heli.kernel.words import Words
from heli.records.profiles.model import Place, Scalar
from heli.records.tables.table import shown

LONGEST = 1_000_000
_DEEPEST = 24
_TAG = "tag:yaml.org,2002:"


class ProfileError(Invalid):
    """A profile with mistakes; each problem's place is ``file:line:column``."""

    code = "profile"


PROFILE = Words("方案", "the profile")


class Mistakes:
    """Collects every mistake of a file, so that one look is enough to mend it. ``called``: what the file is; ``begins``: what is written
    into an empty one."""

    def __init__(self, source: str, called: Words = PROFILE, begins: Words | None = None) -> None:
        self.source = source
        self.called = called
        self.begins = begins
        self.found: list[Problem] = []

    def add(self, place: Place, code: str, zh: str, en: str) -> None:
        self.found.append(Problem(f"{self.source}:{place.line}:{place.column}", code, Words(zh, en)))

    def stop(self) -> None:
        """Raise ProfileError when there is any; of what is no profile Invalid."""
        if self.found:
            raise (ProfileError if self.called is PROFILE else Invalid)(self.found)

    def empty(self) -> None:
        """Note that nothing is written in it."""
        then = self.begins if self.begins is not None else Words("", "")
        self.add(Place(1, 1), "empty", f"{self.called.zh}是空的{then.zh}", f"{self.called.en} is empty{then.en}")


def place_of(node: Node) -> Place:
    return Place(node.start_mark.line + 1, node.start_mark.column + 1)


def compose(text: str, mistakes: Mistakes) -> Node:
    """The document's root. Raises ProfileError, or Invalid."""
    if len(text) > LONGEST:
        called = mistakes.called
        said = f"{called.zh}超过 {LONGEST} 个字符", f"{called.en} is longer than {LONGEST} characters"
        mistakes.add(Place(1, 1), "too_large", *said)
        mistakes.stop()
    root: Node | None = None
    try:
        depth = 0
        for event in YAML(typ="safe", pure=True).parse(text):
            opens = isinstance(event, MappingStartEvent | SequenceStartEvent)
            closes = type(event).__name__ in ("MappingEndEvent", "SequenceEndEvent")
            depth += opens - closes
            place = Place(event.start_mark.line + 1, event.start_mark.column + 1)
            if isinstance(event, AliasEvent):
                mistakes.add(place, "alias", "不支持别名（*）", "aliases (*) are not supported")
            if getattr(event, "tag", None) is not None:
                mistakes.add(place, "tag", "不支持标签（!）", "tags (!) are not supported")
            if depth > _DEEPEST:
                mistakes.add(place, "too_deep", "嵌套太深", "nested too deep")
                break
        mistakes.stop()
        root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
        why = shown(str(error.problem or error.context), 200)
        mistakes.add(place, "yaml", f"YAML 写法有误：{why}", f"not valid YAML: {why}")
    except (YAMLError, ValueError) as error:
        why = shown(str(error).replace("\n", " "), 200)
        mistakes.add(Place(1, 1), "yaml", f"YAML 写法有误：{why}", f"not valid YAML: {why}")
    if root is None and not mistakes.found:
        mistakes.empty()
    mistakes.stop()
    assert root is not None
    return root


class Reader:
    """Reads nodes as what is expected there; what is not is noted as a mistake and read as nothing."""

    def __init__(self, mistakes: Mistakes) -> None:
        self.mistakes = mistakes

    def wrong(self, node: Node, code: str, zh: str, en: str) -> None:
        self.mistakes.add(place_of(node), code, zh, en)

    def mapping(
        self, node: Node | None, allowed: Collection[str] | None = None, needed: Collection[str] = ()
    ) -> dict[str, Node]:
        """The entries of a mapping; ``allowed`` None means that the keys are the profile writer's own."""
        if node is None:
            return {}
        if not isinstance(node, MappingNode):
            self.wrong(node, "type", "这里应是“名称: 值”", "a mapping (name: value) is expected here")
            return {}
        entries: dict[str, Node] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                self.wrong(key, "type", "名称应是文字", "a name is expected here")
            elif key.value in entries:
                self.wrong(key, "repeated", f"“{shown(key.value)}”写了两次", f'"{shown(key.value)}" comes twice')
            elif allowed is not None and key.value not in allowed:
                near = ", ".join(sorted(allowed))
                name = shown(key.value)
                self.wrong(key, "unknown", f"这里没有“{name}”；可用：{near}", f'no "{name}" here; there are: {near}')
            else:
                entries[key.value] = value
        for name in needed:
            if name not in entries:
                self.wrong(node, "missing", f"缺少“{name}”", f'"{name}" is missing')
        return entries

    def keys(self, node: Node | None) -> Iterator[tuple[Node, Node]]:
        """(key, value) nodes of a mapping already read by ``mapping``."""
        if isinstance(node, MappingNode):
            yield from node.value

    def items(self, node: Node | None) -> list[Node]:
        if node is None:
            return []
        if not isinstance(node, SequenceNode):
            self.wrong(node, "type", "这里应是列表", "a list is expected here")
            return []
        return list(node.value)

    def scalar(self, node: Node) -> Scalar:
        """Text, whole number, true, false or nothing; a number with a point stays the text that it is."""
        if not isinstance(node, ScalarNode):
            self.wrong(node, "type", "这里应是单个值", "a single value is expected here")
            return None
        text: str = node.value
        kind = str(node.tag).removeprefix(_TAG)
        if kind == "null":
            return None
        if kind == "bool":
            return text.casefold() in ("true", "yes", "on")
        if kind == "int":
            try:
                return int(text.replace("_", ""), 10)
            except ValueError:
                return text
        return text

    def text(self, node: Node | None, default: str = "") -> str:
        """A text that is not empty; numbers and words like ``no`` are read as they are written."""
        if node is None:
            return default
        if not isinstance(node, ScalarNode):
            self.wrong(node, "type", "这里应是文字", "a text is expected here")
            return default
        if not node.value.strip() or str(node.tag) == f"{_TAG}null":
            self.wrong(node, "empty", "不能为空", "must not be empty")
            return default
        return str(node.value)

    def flag(self, node: Node | None, default: bool = False) -> bool:
        if node is None:
            return default
        value = self.scalar(node)
        if not isinstance(value, bool):
            self.wrong(node, "type", "应是 true 或 false", "must be true or false")
            return default
        return value

    def one_of[T](self, node: Node | None, options: Collection[T], default: Any) -> Any:
        if node is None:
            return default
        said = self.text(node)
        for option in options:
            if said == option:
                return option
        if said:
            listed = ", ".join(map(str, options))
            self.wrong(
                node, "unknown", f"“{shown(said)}”不可用；可用：{listed}", f'"{shown(said)}" is not one of: {listed}'
            )
        return default

    def words(self, node: Node | None) -> Words | None:
        """``{zh: …, en: …}``, or one text for both."""
        if node is None:
            return None
        if isinstance(node, ScalarNode):
            said = self.text(node)
            return Words(said, said)
        entries = self.mapping(node, ("zh", "en"), ("zh", "en"))
        return Words(self.text(entries.get("zh")), self.text(entries.get("en")))
