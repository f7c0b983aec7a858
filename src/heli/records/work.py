"""One act in progress: a record opened for change by one viewer, inside the write door's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from heli.access.core.decide import Decision
from heli.access.core.line import Held, Level
from heli.access.scopes.pool import COMPANY, pool_of
from heli.access.viewer import SANDBOX, Viewer
from heli.kernel import clock, ids
from heli.kernel.actor import Actor
from heli.kernel.errors import Invalid, NotFound, Problem, Refused
from heli.kernel.words import Words
from heli.records import bin as bins
from heli.records import fields as f
from heli.records import hooks, reach, related, rows, sealed, write
from heli.records.reasons import refusal
from heli.records.sight import Sight, kind_of, row_facts
from heli.records.standing import open_above
from heli.records.types import ObjectType
from heli.records.verbs import DELETE, Verb
from heli.records.work_input import NO_PERSON, UNKNOWN, Input, complete, forwards

WRITES = ("create", "edit")
"""Who may do one of these with a type is told that a unique value of it is taken."""
EXPIRED = Words(
    "删除已超过 {days} 天，不能再恢复", "it was deleted more than {days} days ago and can no longer be restored"
)


@dataclass(slots=True)
class Work:
    """An open act. Verbs use ``value``, ``set``, ``create_other``; the door calls ``create``, ``edit``, ``delete``, ``run``."""

    viewer: Viewer
    kind: ObjectType
    sight: Sight | None
    row: dict[str, Any] = field(default_factory=dict)
    changed: dict[str, Any] = field(default_factory=dict)
    answer: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    used: tuple[str, tuple[Held, ...]] | None = None
    """The right that this act was first decided on, and the lines that gave it."""

    @staticmethod
    def begin(viewer: Viewer, kind: ObjectType) -> Work:
        """Raises NotFound when the viewer has nothing to do with the type."""
        if viewer.is_system:
            return Work(viewer, kind, Sight(viewer, kind))
        rights = viewer.view.type(kind.code) if viewer.view is not None else None
        if rights is None:
            raise NotFound
        return Work(viewer, kind, Sight(viewer, kind) if rights.read else None)

    # -- opening ----------------------------------------------------------------------------------------------

    def open(self, record: str, *, deleted: bool = False) -> None:
        """Lock and load a record that the viewer sees. Raises NotFound."""
        if self.sight is None:
            raise NotFound
        row = rows.load(self.sight, record, lock=True, deleted=deleted)
        if row is None or not rows.visible(self.sight, row):
            raise NotFound
        if deleted and row["deleted_at"] is None:
            raise Invalid(Problem("id", "not_deleted", Words("这条记录没有被删除", "this record is not deleted")))
        self.row = row

    def present(self) -> rows.RowView:
        """The record as its viewer sees it now."""
        assert self.sight is not None
        return rows.present(self.sight, self.row, named=False)

    def decision(self, action: str, row: Mapping[str, Any] | None = None) -> Decision:
        """May the viewer do this with the record (or another state of it)."""
        if self.viewer.is_system:
            return Decision(True)
        rights = self.sight.rights if self.sight is not None else None
        if rights is None:
            rights = self.viewer.view.type(self.kind.code) if self.viewer.view is not None else None
        return rights.decide(action, row if row is not None else self.row) if rights is not None else Decision(False)

    def need(self, action: str, row: Mapping[str, Any] | None = None) -> Decision:
        """The decision; raises Refused with its why when it is no."""
        found = self.decision(action, row)
        if not found.allowed:
            raise refusal(self.viewer, self.kind, action, row if row is not None else self.row)
        if self.used is None:
            self.used = action, found.because
        return found

    # -- create -----------------------------------------------------------------------------------------------

    def create(self, given: Mapping[str, Any], *, trusted: Mapping[str, Any] | None = None) -> str:
        """Make a record; ``trusted`` are columns by field code that a verb fills in. Returns its id.

        Raises Invalid, Refused, Conflict.
        """
        brought = Input(self.viewer, self.kind)
        values = brought.parse(given, "create", None)
        moment = clock.now()
        row = write.defaults(self.kind)
        row |= write.columns(self.kind, {**values, **(trusted or {})})
        row |= {
            "id": ids.uuid7(), "created_at": moment, "updated_at": moment, "version": 1, "deleted_at": None,
            "created_by_id": self.viewer.person, "updated_by_id": self.viewer.person,
        }  # fmt: skip
        if row.get("owner_id") is None and not row.get("pool_id"):
            row["owner_id"] = self.viewer.person
        if row.get("department_id") is None and self.viewer.view is not None:
            row["department_id"] = self.viewer.view.home
        if self.kind.code == "project":
            row["project_id"] = row["id"]  # a project lies in itself: its members reach it like all that names it
        row |= write.derived(self.kind, self.kind.fields, row)
        write.follow_account(self.kind, row)
        for code, one in self.kind.fields.items():
            if isinstance(one, f.AutoNumber) and not row[one.column]:
                row |= write.columns(self.kind, {code: write.number(one)})
        brought.links(values, None)
        complete(self.kind, row)
        if problems := [problem for problem, _ in forwards(self.kind, row, self.kind.fields)]:
            raise Invalid(problems)
        facts = self._facts(row)
        decided = self.need("create", facts)
        for code in values:
            if not brought.may_field("create", code, facts):
                raise refusal(self.viewer, self.kind, "create", facts, code)
        hooks.creating.fire(self.viewer, self.kind, values)
        write.insert(self.kind, {**row, **self._alone()})
        related.sync(self.kind, row)
        hooks.written.fire(self.kind, row)
        after = write.dumped(self.kind, row, [c for c, o in self.kind.fields.items() if not o.is_empty(row[o.column])])
        write.announce(
            self.kind, "create", row["id"],
            write.told(self.kind, "create", row["id"], self._actor(decided), None, after), values,
        )  # fmt: skip
        self.row = facts
        return str(row["id"])

    def _facts(self, row: Mapping[str, Any]) -> dict[str, Any]:
        rights = self.viewer.view.type(self.kind.code) if self.viewer.view is not None else None
        if rights is None:
            return row_facts(dict(row), frozenset())
        account = row.get("account_id") if self.kind.parent == "account" else None
        return row_facts(dict(row), reach.of_row(self.viewer.person, rights, row["id"], account))

    def after(self) -> dict[str, Any]:
        """The row as these changes would leave it: with the keys of another account, and how it is reached then."""
        row = {**self.row, **self.changed}
        if "account_id" not in self.changed:
            return row
        write.follow_account(self.kind, row)
        return self._facts(row)

    # -- edit -------------------------------------------------------------------------------------------------

    def edit(self, given: Mapping[str, Any]) -> None:
        """Change fields. Raises Invalid, Refused, Conflict."""
        if not given:
            raise Invalid(Problem("", "empty", Words("没有要修改的字段", "there is nothing to change")))
        brought = Input(self.viewer, self.kind)
        values = brought.parse(given, "edit", self.row)
        decided = self.need("edit")
        brought.links(values, self.row["id"])
        self.set(**values)
        after = self.after()
        complete(self.kind, after, values)
        self.need("edit", after)
        for code in values:
            if not brought.may_field("edit", code, after):
                raise refusal(self.viewer, self.kind, "edit", after, code)
        hooks.editing.fire(self.viewer, self.kind, values, self.row)
        self._save("edit", decided)

    # -- verbs ------------------------------------------------------------------------------------------------

    def run(self, verb: Verb, given: Mapping[str, Any]) -> None:
        """Run a verb: its right before; after, the right again on the result unless the verb moves keys."""
        params = self.params(verb, given)
        decided = self.need(verb.right)
        refused = verb.refuses(self.viewer, self.row)
        if refused is not None and refused[0] == "state":
            raise Refused(refused[1], code="state", why={"code": "state", "words": refused[1].json()})
        self._unbarred(verb)
        verb.run(self, params)
        if self.changed:
            if verb.after:
                self.need(verb.right, self.after())
            self._save(verb.code, decided)

    def _unbarred(self, verb: Verb) -> None:
        """Raises Refused where something stands in the way although the right is there."""
        if (found := hooks.barred(self.viewer, self.kind, verb, self.row)) is not None:
            raise Refused(found[1], code=found[0], why={"code": found[0], "words": found[1].json()})

    def params(self, verb: Verb, given: Mapping[str, Any]) -> dict[str, Any]:
        """A verb's parameters from JSON values. Raises Invalid naming each place."""
        problems = [
            Problem(str(name)[:80], "unknown", UNKNOWN.fill(code=str(name)[:80]))
            for name in given
            if name not in verb.params
        ]
        values: dict[str, Any] = {}
        for name, one in verb.params.items():
            try:
                values[name] = one.parse(given.get(name, one.default))
            except f.FieldError as error:
                problems.append(Problem(f"{name}/{error.place}" if error.place else name, error.code, error.words))
        if problems:
            raise Invalid(problems)
        return values

    def value(self, code: str) -> Any:
        """The field's value as its column holds it, changes included."""
        column = self.kind.fields[code].column
        return self.changed.get(column, self.row[column])

    def reads(self, code: str) -> bool:
        """Whether the viewer reads this cell in full: what a verb copies elsewhere must be theirs to know."""
        if self.value(code) is sealed.UNREADABLE:
            return False
        rights = self.viewer.view.type(self.kind.code) if self.viewer.view is not None else None
        return self.viewer.is_system or (rights is not None and rights.level(code, self.row) == Level.READ)

    def values(self) -> dict[str, Any]:
        """Every field's column value by code, changes included (for stage rules)."""
        return {code: self.value(code) for code in self.kind.fields}

    def set(self, **values: Any) -> None:
        """Set column values by field code: for verbs, which may write read-only and stage fields too."""
        self.changed |= write.columns(self.kind, values)
        self.changed |= write.derived(self.kind, values, {**self.row, **self.changed})

    def create_other(self, code: str, given: Mapping[str, Any], **trusted: Any) -> str:
        """Create a record of another type as the same viewer, with their own rights. Returns its id."""
        other = Work.begin(self.viewer, kind_of(code))
        return other.create(given, trusted=trusted)

    # -- delete and restore -----------------------------------------------------------------------------------

    def delete(self) -> None:
        """Mark as deleted: gone for everyone, restorable. Raises Refused."""
        decided = self.need("delete")
        self._unbarred(DELETE)
        self.changed["deleted_at"] = clock.now()
        self._save("delete", decided)

    def restore(self) -> None:
        """Undo a deletion; whoever may delete may restore, as long as it lies in the bin. Raises Refused, Conflict."""
        decided = self.need("delete")
        if bins.expired(self.row["deleted_at"]):
            words = EXPIRED.fill(days=str(bins.KEPT.days))
            raise Refused(words, code="expired", why={"code": "expired", "words": words.json()})
        self.changed["deleted_at"] = None
        self._out_of_closed()
        self._save("restore", decided)

    def _out_of_closed(self) -> None:
        """A department is closed once no record lies in it, those in the bin aside: they come back into the one above."""
        department, pool = self.row.get("department_id"), self.row.get("pool_id")
        if department is not None:
            self.changed["department_id"] = open_above(department)
        if pool is not None and (number := pool.removeprefix("d")).isdecimal():
            above = open_above(int(number))
            self.changed["pool_id"] = pool_of(above) if above is not None else COMPANY

    # -- saving -----------------------------------------------------------------------------------------------

    def _save(self, action: str, decided: Decision) -> None:
        before = dict(self.row)
        columns = {c: v for c, v in self.changed.items() if before.get(c) != v}
        codes = [c for c, one in self.kind.fields.items() if one.column in columns]
        if not columns:
            return
        after = {**before, **columns}
        self._forwards(after, codes)
        if "account_id" in columns or (self.kind.code == "account" and {"owner_id", "department_id"} & set(columns)):
            write.follow_account(self.kind, after)
        after |= {"updated_at": clock.now(), "updated_by_id": self.viewer.person, "version": before["version"] + 1}
        written = {c: v for c, v in after.items() if c in self.kind.stored and before.get(c) != v}
        write.update(self.kind, before["id"], {**written, **self._alone()})
        if self.kind.code == "account" and {"owner_id", "department_id"} & set(columns):
            write.spread_account(before["id"], after["owner_id"], after["department_id"])
        related.sync(self.kind, after)
        hooks.written.fire(self.kind, after)
        hooks.changed.fire(self.kind, before, after)
        entry = write.told(
            self.kind, action, before["id"], self._actor(decided),
            write.dumped(self.kind, before, codes), write.dumped(self.kind, after, codes), self.reason,
        )  # fmt: skip
        write.announce(self.kind, action, before["id"], entry, codes)
        self.row = after
        self.changed = {}

    def _forwards(self, after: Mapping[str, Any], codes: Sequence[str]) -> None:
        """Nothing ends before it starts; what its writer does not read is not held against what they write, or they would learn of it.
        Raises Invalid."""
        found = forwards(self.kind, after, codes)
        if problems := [problem for problem, other in found if other.code in codes or self.reads(other.code)]:
            raise Invalid(problems)

    def _alone(self) -> Mapping[str, Any]:
        """In a sandbox, values for the unique columns of a type that its tester may write by the draft alone: that one is taken would
        tell them of a record they know nothing of, and whoever writes a draft chooses what it lets them write. All is taken back."""
        view, mode = self.viewer.view, self.viewer.mode
        if mode is None or mode.kind != SANDBOX or view is None or any(map(view.by.bare(self.kind.code).ever, WRITES)):
            return {}
        unique = [code for code, one in self.kind.fields.items() if one.unique]
        return write.columns(self.kind, {code: ids.uuid7() for code in unique})

    def _actor(self, decided: Decision) -> Actor:
        if not decided.because:
            return replace(self.viewer.actor, via=self.viewer.system or self.viewer.actor.via)
        source = decided.because[0].source
        return replace(self.viewer.actor, via=f"{source.role or 'lines'} v{source.version}, grant {source.grant}")


__all__ = ["NO_PERSON", "Work", "refusal"]
