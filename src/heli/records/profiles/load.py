"""The profile language: YAML that says how a folder of tables becomes organisation and records.

    profile: maven                      # its name
    title: {zh: 销售管道, en: Sales pipeline}
    currency: USD                       # of every amount (optional)
    fixed:                              # things that no file holds
      - make: department
        key: Maven
        set: {name: {value: Maven}}
    files:
      - file: accounts.csv              # optional: sheet, encoding, delimiter, dates, numbers, after, optional
        rows:                           # what each row makes, in this order
          - make: account
            key: "{account}"
            set:
              name: account             # a column, or {column|text|value|lookup: …} with the options of FieldMap
              parent_account: {column: subsidiary_of, link: account}
        checks:
          - when: {stage: [Won]}
            expect: {close_value: positive}
            flag: {zh: …, en: …}        # or reject
    ignore: [data_dictionary.csv]

A field's source is one of ``column``, ``text`` (a template, see template.py), ``value`` (a constant or a list) and
``lookup: {file: f, match: column, take: column}`` (``match: {here: there}`` where the headings differ). Its options:

    as                text, integer, decimal, money, percent, date, datetime, boolean
    link              the type that the value is the natural key of; found exactly, else by a spelling that differs
                      only in case, spaces and punctuation, which is flagged
    repair, reason    {wrong: right}: every cell so read is flagged, with this reason
    values, one_of    {text: stored value}, or the texts that are allowed
    default           for empty cells
    required          an empty cell rejects the row
    on_empty          keep (default), flag, reject
    on_missing        a link without target, an unknown value: flag and leave empty (default), keep, reject
    on_unreadable     no number, no date: flag and leave empty (default), reject
    scale             a number is multiplied by this
    dates, numbers    iso, dmy, mdy, compact, serial; point, comma: stated instead of found out (also per file)

A target's options: ``distinct`` (the same thing stands on many rows), ``on_repeat`` (a key again: reject or update),
``when`` ({column: filled | empty | text | [texts]}). A check expects of a column filled, empty, positive, [texts],
{not_before: column} or {listed_in: {file: f, column: c}}.

Every mistake is reported, each with its line and column.
"""

from __future__ import annotations

from pathlib import Path

from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from heli.kernel.words import Words
from heli.records.profiles.load_fields import FieldReader
from heli.records.profiles.model import (
    JOINS,
    ORGANISATION,
    Check,
    Column,
    Condition,
    FieldMap,
    FilePlan,
    Lookup,
    Place,
    Profile,
    Target,
)
from heli.records.profiles.order import in_order
from heli.records.profiles.template import Template
from heli.records.profiles.yaml import LONGEST, Mistakes, ProfileError, Reader, compose, place_of
from heli.records.tables import DATE_STYLES, DELIMITERS, ENCODINGS, NUMBER_STYLES

_PROFILE = ("profile", "title", "currency", "fixed", "files", "ignore")
_FILE = (
    "file", "sheet", "encoding", "delimiter", "dates", "numbers", "after", "optional", "rows", "checks",
)  # fmt: skip
_TARGET = ("make", "key", "set", "distinct", "on_repeat", "when")
_CHECK = ("when", "expect", "flag", "reject")
_TESTS = ("filled", "empty", "positive")


def load_profile(source: Path | str) -> Profile:
    """Read and check a profile from a file or from its text. Raises ProfileError with every mistake's place."""
    name, text = ("profile", source) if isinstance(source, str) else (source.name, _text_of(source))
    mistakes = Mistakes(name)
    profile = _Loader(mistakes).profile(compose(text, mistakes))
    mistakes.stop()
    return profile


def _text_of(path: Path) -> str:
    mistakes = Mistakes(path.name)
    try:
        with path.open("rb") as stream:
            return stream.read(LONGEST * 4 + 1).decode("utf-8-sig")
    except OSError as error:
        why = error.strerror or str(error)
        mistakes.add(Place(1, 1), "no_file", f"方案打不开：{why}", f"the profile cannot be opened: {why}")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        mistakes.add(Place(line, 1), "encoding", "方案应为 UTF-8", "a profile must be UTF-8")
    raise ProfileError(mistakes.found)


class _Loader(Reader):
    def profile(self, root: Node) -> Profile:
        top = self.mapping(root, _PROFILE, ("profile", "files"))
        name = self.text(top.get("profile"))
        currency = self.text(top.get("currency")) or None
        if currency and not (len(currency) == 3 and currency.isascii() and currency.isupper()):
            said = "币种应是三个大写字母，如 CNY", "a currency is three capital letters such as CNY"
            self.wrong(top["currency"], "currency", *said)
        fixed = tuple(self._target(node, fixed=True) for node in self.items(top.get("fixed")))
        files = [self._file(node) for node in self.items(top.get("files"))]
        if "files" in top and not files:
            self.wrong(top["files"], "empty", "至少要有一个文件", "at least one file is needed")
        ignored = tuple(self.text(node) for node in self.items(top.get("ignore")))
        names = [plan.name for plan in files]
        for at, plan in enumerate(files):
            if plan.name and plan.name in names[:at]:
                said = f"文件“{plan.name}”写了两次；请把它们合并", f'the file "{plan.name}" comes twice; join the two'
                self.mistakes.add(plan.place, "repeated", *said)
            for other in plan.after:
                if other not in names:
                    self.mistakes.add(plan.place, "unknown", f"没有文件“{other}”", f'there is no file "{other}" here')
        ordered = in_order(files, self.mistakes) if not self.mistakes.found else files
        title = self.words(top.get("title")) or Words(name, name)
        return Profile(name, title, currency, fixed, tuple(ordered), ignored, self.mistakes.source)

    def _file(self, node: Node) -> FilePlan:
        said = self.mapping(node, _FILE, ("file", "rows"))
        name = self.text(said.get("file"))
        if name and (Path(name).is_absolute() or ".." in Path(name).parts or "\\" in name or "\0" in name):
            self.wrong(said["file"], "path", "文件名不能指向文件夹之外", "a file must lie inside the folder")
        delimiter = self.one_of(said.get("delimiter"), (*DELIMITERS, *DELIMITERS.values()), None)
        rows = self.items(said.get("rows"))
        if "rows" in said and not rows:
            self.wrong(said["rows"], "empty", "每行至少要生成一样东西", "a row must make at least one thing")
        return FilePlan(
            name=name,
            place=place_of(node),
            targets=tuple(self._target(row) for row in rows),
            checks=tuple(check for one in self.items(said.get("checks")) for check in self._checks(one)),
            sheet=self.text(said.get("sheet")) or None,
            encoding=self.one_of(said.get("encoding"), tuple(ENCODINGS), None),
            delimiter=DELIMITERS.get(delimiter, delimiter) if delimiter else None,
            dates=self.one_of(said.get("dates"), DATE_STYLES, None),
            numbers=self.one_of(said.get("numbers"), NUMBER_STYLES, None),
            after=tuple(self.text(one) for one in self.items(said.get("after"))),
            optional=self.flag(said.get("optional")),
        )

    def _target(self, node: Node, *, fixed: bool = False) -> Target:
        said = self.mapping(node, _TARGET, ("make",))
        fields = FieldReader(self.mistakes)
        make = self.text(said.get("make"))
        if make and not make.replace("_", "a").isalnum():
            self.wrong(said["make"], "unknown", f"没有类型“{make}”", f'there is no type "{make}"')
        key = fields.template(said["key"]) if "key" in said else None
        joins = JOINS.get(make)
        if make and key is None and "key" not in said and not joins:
            self.wrong(
                node, "missing", "缺少“key”：靠什么认出同一个对象", '"key" is missing: by what is the same thing known?'
            )
        if joins and "key" in said:
            told = "、".join(joins), ", ".join(joins)
            self.wrong(said["key"], "unknown", f"{make} 的键就是 {told[0]}", f"the key of {make} is {told[1]} itself")
        maps = self._fields(said.get("set"), make, fields)
        for name in joins or ():
            if not any(one.name == name for one in maps):
                self.wrong(said.get("set", node), "missing", f"{make} 缺少“{name}”", f'{make} needs "{name}"')
        target = Target(
            make,
            place_of(node),
            key,
            maps,
            self.flag(said.get("distinct")),
            self.one_of(said.get("on_repeat"), ("reject", "update"), "reject"),
            self._conditions(said.get("when")),
        )
        if fixed:
            self._no_columns(node, target)
        elif key is not None and not key.columns and not target.distinct:
            zh = "键不含任何列：每行都是同一个对象；请移到 fixed，或写 distinct: true"
            en = "the key reads no column: every row is the same thing; move it to fixed, or write distinct: true"
            self.wrong(said["key"], "constant_key", zh, en)
        return target

    def _fields(self, node: Node | None, make: str, reader: FieldReader) -> tuple[FieldMap, ...]:
        entries = self.mapping(node)
        allowed = ORGANISATION.get(make)
        maps: list[FieldMap] = []
        for key, _ in self.keys(node):
            name = getattr(key, "value", None)
            if not isinstance(name, str) or name not in entries:
                continue
            if allowed is not None and name not in allowed:
                known = ", ".join(allowed)
                self.wrong(
                    key, "unknown", f"{make} 没有“{name}”；有：{known}", f'{make} has no "{name}"; it has: {known}'
                )
                continue
            one = reader.field(name, entries.pop(name), {m.name for m in maps})
            if one is not None:
                maps.append(one)
        return tuple(maps)

    def _no_columns(self, node: Node, target: Target) -> None:
        reads = bool(target.when) or (target.key is not None and bool(target.key.columns))
        for one in target.fields:
            source = one.source
            reads |= isinstance(source, Column | Lookup) or (isinstance(source, Template) and bool(source.columns))
        if reads:
            told = "fixed 里没有行，不能读列", "there are no rows in fixed, so no column can be read"
            self.wrong(node, "no_rows", *told)

    def _conditions(self, node: Node | None) -> tuple[Condition, ...]:
        found: list[Condition] = []
        for column, value in self.mapping(node).items():
            place = place_of(value)
            if isinstance(value, SequenceNode):
                texts = frozenset(self.text(one) for one in self.items(value))
                found.append(Condition(column, place, values=texts))
            else:
                said = self.text(value)
                if said in ("filled", "empty"):
                    found.append(Condition(column, place, filled=said == "filled"))
                elif said:
                    found.append(Condition(column, place, values=frozenset((said,))))
        return tuple(found)

    def _checks(self, node: Node) -> list[Check]:
        said = self.mapping(node, _CHECK, ("expect",))
        if ("flag" in said) == ("reject" in said):
            self.wrong(
                node,
                "missing",
                "要有 flag 或 reject 之一，并说明原因",
                "one of flag and reject, with the reason, is needed",
            )
        reason = self.words(said.get("flag") or said.get("reject")) or Words("", "")
        when = self._conditions(said.get("when"))
        found: list[Check] = []
        for column, value in self.mapping(said.get("expect")).items():
            place, rejects = place_of(value), "reject" in said
            if isinstance(value, SequenceNode):
                texts = frozenset(self.text(one) for one in self.items(value))
                found.append(Check(place, column, "one_of", reason, when, rejects, values=texts))
            elif isinstance(value, MappingNode):
                inside = self.mapping(value, ("not_before", "listed_in"))
                if "not_before" in inside:
                    other = self.text(inside["not_before"])
                    found.append(Check(place, column, "not_before", reason, when, rejects, other=other))
                if "listed_in" in inside:
                    there = self.mapping(inside["listed_in"], ("file", "column"), ("file", "column"))
                    other, file = self.text(there.get("column")), self.text(there.get("file"))
                    found.append(Check(place, column, "listed_in", reason, when, rejects, other=other, file=file))
            else:
                test = self.one_of(value, _TESTS, "")
                if test:
                    found.append(Check(place, column, test, reason, when, rejects))
        return found
