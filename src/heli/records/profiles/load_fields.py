"""The profile language below one field: its source, its kind and what happens to cells that do not fit."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal, InvalidOperation

from ruamel.yaml.nodes import Node, ScalarNode, SequenceNode

from heli.records.profiles.model import KINDS, Column, Constant, FieldMap, Lookup, Scalar, Source
from heli.records.profiles.template import BadTemplateError, Template, parse_template
from heli.records.profiles.yaml import Reader, place_of
from heli.records.tables import DATE_STYLES, NUMBER_STYLES

_SOURCES = ("column", "text", "value", "lookup")
_OPTIONS = (
    "as", "link", "repair", "reason", "values", "one_of", "default", "required", "on_empty", "on_missing",
    "on_unreadable", "scale", "dates", "numbers",
)  # fmt: skip
_NUMERIC = ("integer", "decimal", "money", "percent")


class FieldReader(Reader):
    """Reads ``name: column`` and ``name: {column: …, …}``."""

    def field(self, name: str, node: Node, above: Collection[str]) -> FieldMap | None:
        """One field; ``above`` are the fields set before it, which its template may use. None after a mistake."""
        place = place_of(node)
        if isinstance(node, ScalarNode):
            column = self.text(node)
            return FieldMap(name, place, Column(column)) if column else None
        said = self.mapping(node, (*_SOURCES, *_OPTIONS))
        source = self._source(node, said, above)
        if source is None:
            return None
        link = self.text(said.get("link")) or None
        kind = self.one_of(said.get("as"), KINDS, "text")
        if link and "as" in said:
            self.wrong(said["as"], "clash", "link 不能再有 as", "a link takes no as")
        if link and ("values" in said or "one_of" in said):
            self.wrong(node, "clash", "link 不能再有 values", "a link takes no values; use repair")
        if link and said.get("on_missing") is not None and self.text(said["on_missing"]) == "keep":
            told = "找不到的关联不能保留；用 flag 或 reject", "a link without target cannot be kept; use flag or reject"
            self.wrong(said["on_missing"], "clash", *told)
        if "scale" in said and kind not in _NUMERIC:
            self.wrong(said["scale"], "clash", "scale 只用于数字", "scale is for numbers")
        if "dates" in said and kind not in ("date", "datetime"):
            self.wrong(said["dates"], "clash", "dates 只用于日期", "dates is for dates")
        if "numbers" in said and kind not in _NUMERIC:
            self.wrong(said["numbers"], "clash", "numbers 只用于数字", "numbers is for numbers")
        required = self.flag(said.get("required"))
        if required and "on_empty" in said:
            self.wrong(said["on_empty"], "clash", "required 就是 on_empty: reject", "required means on_empty: reject")
        return FieldMap(
            name=name,
            place=place,
            source=source,
            kind=kind,
            link=link,
            repair={wrong: self.text(right) for wrong, right in self.mapping(said.get("repair")).items()},
            reason=self.words(said.get("reason")),
            values=self._values(node, said),
            default=self.scalar(said["default"]) if "default" in said else None,
            on_empty="reject" if required else self.one_of(said.get("on_empty"), ("keep", "flag", "reject"), "keep"),
            on_missing=self.one_of(said.get("on_missing"), ("keep", "flag", "reject"), "flag"),
            on_unreadable=self.one_of(said.get("on_unreadable"), ("flag", "reject"), "flag"),
            scale=self._scale(said.get("scale")),
            dates=self.one_of(said.get("dates"), DATE_STYLES, None),
            numbers=self.one_of(said.get("numbers"), NUMBER_STYLES, None),
        )

    def template(self, node: Node) -> Template | None:
        text = self.text(node)
        if not text:
            return None
        try:
            return parse_template(text)
        except BadTemplateError as error:
            self.wrong(node, "template", error.zh, error.en)
            return None

    def _source(self, node: Node, said: dict[str, Node], above: Collection[str]) -> Source | None:
        given = [name for name in _SOURCES if name in said]
        if len(given) != 1:
            listed = ", ".join(_SOURCES)
            self.wrong(node, "source", f"要有且只有一个来源：{listed}", f"exactly one source is needed: {listed}")
            return None
        at = said[given[0]]
        if given[0] == "column":
            column = self.text(at)
            return Column(column) if column else None
        if given[0] == "value":
            if isinstance(at, SequenceNode):
                return Constant(tuple(self.scalar(one) for one in self.items(at)))
            return Constant(self.scalar(at))
        if given[0] == "text":
            template = self.template(at)
            for slot in template.slots() if template else ():
                if slot.field and slot.name not in above:
                    told = f"“{slot.name}”不是上面已设的字段", f'"{slot.name}" is not a field that is set above'
                    self.wrong(at, "template", *told)
            return template
        inside = self.mapping(at, ("file", "match", "take"), ("file", "match", "take"))
        match = inside.get("match")
        column = other = ""
        if match is not None and not isinstance(match, ScalarNode):
            pairs = self.mapping(match)
            if len(pairs) != 1:
                self.wrong(match, "type", "match 写一列，或“本文件列: 那边的列”", "match is a column, or here: there")
            for here, there in pairs.items():
                column, other = here, self.text(there)
        else:
            column = other = self.text(match)
        return Lookup(self.text(inside.get("file")), column, other, self.text(inside.get("take")))

    def _values(self, node: Node, said: dict[str, Node]) -> dict[str, Scalar] | None:
        if "values" in said and "one_of" in said:
            self.wrong(node, "clash", "values 和 one_of 只能有一个", "only one of values and one_of")
        if "one_of" in said:
            return {text: text for text in (self.text(one) for one in self.items(said["one_of"]))}
        if "values" in said:
            return {key: self.scalar(value) for key, value in self.mapping(said["values"]).items()}
        return None

    def _scale(self, node: Node | None) -> Decimal | None:
        if node is None:
            return None
        text = self.text(node)
        try:
            scale = Decimal(text.replace("_", ""))
        except InvalidOperation:
            scale = Decimal("NaN")
        if not scale.is_finite() or not scale or not -12 <= scale.adjusted() <= 12:
            self.wrong(node, "number", "scale 应是不为零的数", "scale must be a number other than zero")
            return None
        return scale
