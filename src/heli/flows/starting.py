"""A record as who would begin a case of it reads it: what conditions come to, in words, and whether a process may begin there now."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from heli.access.viewer import Viewer
from heli.flows.core.definition import PROPOSED, Definition
from heli.flows.core.expression import Expression, ExpressionError, Part
from heli.flows.core.lexicon import Lexicon, spelled
from heli.flows.finding import Finder
from heli.flows.knowing import people_fields, read
from heli.flows.looking import CHANGE, CHANGED, ITSELF, RECORD
from heli.flows.models import Instance
from heli.flows.tryout import Sample
from heli.insight import company
from heli.kernel.words import Words
from heli.org import zone
from heli.records import fields as f
from heli.records.types import TYPES, ObjectType

NOT_NOW = Words(
    "发起「{name}」要求：{when}；这条记录现在不满足",
    "to begin “{name}” it takes: {when}. That is not so of this record as it stands",
)
NOT_SO = Words(
    "这条记录现在不满足「{name}」的发起条件", "this record, as it stands, is none about which “{name}” can be begun"
)
NOT_TOLD = Words(
    "「{name}」能否发起要看这条记录上你看不到的内容，请由能看到的人发起",
    "whether “{name}” may begin depends on what you do not read of this record: somebody who does has to begin it",
)


class Here:
    """A record as one viewer reads it, beside a definition."""

    def __init__(
        self, viewer: Viewer, kind: ObjectType, stored: Mapping[str, Any], definition: Definition,
        changed: Collection[str] | None = None,
    ) -> None:  # fmt: skip
        """``changed``: the fields that are to be changed, where that is known."""
        assert viewer.person is not None
        self.viewer, self.kind, self.definition = viewer, kind, definition
        record = str(stored["id"])
        named = {one.removeprefix(RECORD) for one in definition.named if one.startswith(RECORD)}
        named |= {one for node in definition.nodes for one in people_fields(node)}
        self._changes = changed is not None
        self.clear = frozenset(read(viewer, kind, record, named | kind.fields.keys()))
        columns = {one.column: stored[one.column] if code in self.clear else None for code, one in kind.fields.items()}
        columns |= {"id": record, "owner_id": None, "department_id": None, "project_id": None}
        if "owner" in self.clear:
            columns |= {one: stored.get(one) for one in ("owner_id", "department_id")}
        if "project" in self.clear:
            columns["project_id"] = stored.get("project_id")
        row = Instance(
            process_code=definition.id,
            type=kind.code,
            record_id=record,
            initiator_id=viewer.person,
            data={PROPOSED: dict.fromkeys(changed or ())},
        )
        self.sample = Sample(viewer, row, columns, self.clear, {})
        self.finder = Finder(self.sample, viewer.person, company.now())

    def reads(self, names: Collection[str]) -> bool:
        """Whether they read all of these that are of the record."""
        fields = {one.removeprefix(start) for one in names for start in (RECORD, CHANGE) if one.startswith(start)}
        return fields - {ITSELF} <= self.clear

    def holds(self, condition: Expression) -> bool | None:
        """Whether it holds now; None where that cannot be told."""
        if any((one == CHANGED and not self._changes) or one.startswith(CHANGE) for one in condition.names):
            return None
        self.sample.missing.clear()
        try:
            found = condition.holds(self.sample, zone.today())
        except (ExpressionError, KeyError):
            return None
        return None if self.sample.missing else found

    def words(self, condition: Expression) -> Words | None:
        """A condition in words; None where it looks at what has no name for people, or at what they do not read."""
        named = all(one == CHANGED or one.startswith((RECORD, CHANGE)) for one in condition.names)
        known = named and self.reads(condition.names) and self.clear.issuperset(self._called(condition.root))
        return spelled(condition, NAMES, self.kind.code) if known else None

    def _called(self, part: Part) -> Iterator[str]:
        """Fields that a condition names by their codes: those among what is to be changed (``'amount' in changed``)."""
        if part.does == "literal" and isinstance(part.value, str) and part.value in self.kind.fields:
            yield part.value
        for one in part.parts:
            yield from self._called(one)

    def not_now(self, name: Words) -> Words | None:
        """Why nobody begins it here as the record stands; None where they may. Who does not read what its start condition looks at is
        told nothing by trying."""
        when = self.definition.subject.when if self.definition.subject is not None else None
        if when is None:
            return None
        if not self.reads(when.names):
            return NOT_TOLD.fill(name=name)
        if self.holds(when):
            return None
        words = self.words(when)
        return NOT_NOW.fill(name=name, when=words) if words is not None else NOT_SO.fill(name=name)


def _call(what: str, code: str, of: str) -> Words | None:
    type_, _, path = of.partition(".")
    kind = TYPES.get(type_)
    one = kind.fields.get(code if what == "field" else path) if kind is not None else None
    if what == "field" and one is not None:
        return one.words
    option = one.option(code) if what == "option" and isinstance(one, f.Choice) else None
    return option.words if option is not None else None


def _leads(type_: str, code: str) -> str:
    kind = TYPES.get(type_)
    one = kind.fields.get(code) if kind is not None else None
    return one.target if isinstance(one, f.Link) else ""


NAMES = Lexicon(_call, _leads)
"""What fields and options are called, for who reads all that is named."""
