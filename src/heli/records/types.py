"""Object types: how one is declared, and the registry that every door reads.

From a declaration follow the columns and their indexes, the API and its schemas, lists, forms, rights, audit and import.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any, ClassVar

from django.db import models
from django.db.models import Index, Q, UniqueConstraint
from django.db.models.base import ModelBase

from heli.access.core.line import Shape, TypeShape
from heli.access.shapes import SHAPES, STANDARD_ACTIONS
from heli.kernel import ids
from heli.kernel.errors import Broken
from heli.kernel.registry import Registry
from heli.kernel.words import Words
from heli.records import fields as f
from heli.records.guard import Guarded, GuardedManager

BUILT_IN_ACTIONS = ("transfer", "assign", "claim", "return", "team_add", "team_remove", "restore", "reveal", "comment")
"""Actions every type has beside its declared verbs; the last five are covered by the rights named in ``verbs``."""


class ObjectType:
    """The declaration of one object type. See ``docs/howto/object-type.md``.

    parent: ``"account"`` when its records hang on an account. title: field shown as a record's name. key: natural key.
    related: types that whoever holds such a record also reaches by the scope *related*. sorts: fields with indexes (few).
    actions: verbs of its own. kanban: the choice field whose options are lanes. table: an existing table to live on.
    """

    def __init__(
        self,
        code: str,
        *,
        zh: str,
        en: str,
        plural_en: str = "",
        icon: str = "file",
        parent: str | None = None,
        title: str = "name",
        key: str | None = None,
        related: Iterable[str] = (),
        columns: Iterable[str] = (),
        sorts: Iterable[str] = ("updated_at",),
        summary: Iterable[str] = (),
        actions: Iterable[str] = (),
        kanban: str | None = None,
        table: str = "",
    ) -> None:
        self.code = code
        self.words = Words(zh, en)
        self.plural = Words(zh, plural_en or f"{en}s")
        self.icon = icon
        self.parent = parent
        self.title = title
        self.key = key
        self.related = tuple(related)
        self.columns = tuple(columns)
        self.sort_fields = tuple(sorts)
        self.summary = tuple(summary)
        self.actions = tuple(actions)
        self.kanban = kanban
        self.table = table
        self.fields: Mapping[str, f.Field] = {}
        self.model: type[Record]
        self.doc = ""

    def __repr__(self) -> str:
        return f"<type {self.code}>"

    @cached_property
    def stored(self) -> tuple[str, ...]:
        """The columns of its table."""
        return tuple(str(c.column) for c in self.model._meta.concrete_fields)

    @property
    def all_actions(self) -> frozenset[str]:
        """Actions that permission lines may name."""
        return STANDARD_ACTIONS | frozenset(self.actions) | {"claim", "return"}

    def sort(self, code: str) -> str:
        """The column that a sort by this field reads."""
        one = self.fields[code]
        return next(iter(one.sort_columns()), one.column)

    @cached_property
    def encrypted(self) -> tuple[f.Text, ...]:
        """The fields whose columns hold ciphertext."""
        return tuple(one for one in self.fields.values() if isinstance(one, f.Text) and one.encrypted)

    @cached_property
    def spans(self) -> tuple[tuple[f.Field, f.Field], ...]:
        """Fields of which the second may not be before the first."""
        return tuple(
            (self.fields[one.not_before], one)
            for one in self.fields.values()
            if isinstance(one, f.Timely) and one.not_before
        )

    @property
    def indexed(self) -> frozenset[str]:
        """Columns whose equality an index serves."""
        if not self.model._meta.managed:
            return frozenset()
        found = {"owner_id", "department_id", "account_id", "project_id"} & set(self.stored)
        found |= {one.index_column for one in self.encrypted if one.index_column}
        return frozenset(found | {one.column for one in self.fields.values() if one.indexed or one.unique})

    def shape(self) -> TypeShape:
        """What the decision core needs to know."""
        shapes = {
            code: Shape(
                code, one.data_class, one.column, one.readonly or one.flow, _operand(one), one.column in KEY_COLUMNS
            )
            for code, one in self.fields.items()
        }
        return TypeShape(self.code, self.words, MappingProxyType(shapes), self.parent == "account", self.all_actions)


NO_CONDITION = Words(
    "「{field}」加密保存：权限条件只能写“为空”，否则条件里的值会以明文留在规则里",
    "“{field}” is stored encrypted: a condition may only say that it is empty, or its value would stand in the rules in clear",
)


def _operand(one: f.Field) -> Callable[[str, object], Any]:
    def operand(op: str, value: object) -> Any:
        if one.encrypted and op != "empty":
            raise f.FieldError("encrypted", NO_CONDITION.fill(field=one.words))
        return one.empty_value if op == "empty" else one.operand(op, value)

    return operand


TYPES: Registry[ObjectType] = Registry("object type")


class Pool(f.Text):
    """Name of the pool an unowned record lies in; changed by claim and return only."""

    @property
    def column(self) -> str:
        return "pool_id"

    def __init__(self, **common: Any) -> None:
        super().__init__(**common)
        self.sortable = False


def _built_in(kind: ObjectType) -> dict[str, f.Field]:
    """The fields that every record has."""
    system: dict[str, Any] = {"readonly": True, "group": "system"}
    fields: dict[str, f.Field] = {}
    if kind.parent == "account" and kind.code != "account":
        fields["account"] = f.Link("account", zh="客户", en="Account")
    fields |= {
        "owner": f.PersonRef(zh="负责人", en="Owner", **system),
        "department": f.DepartmentRef(zh="所属部门", en="Department", **system),
        "pool": Pool(zh="公海", en="Pool", max_length=32, **system),
        "project": f.Link("project", zh="项目", en="Project", group="system"),
        "created_at": f.DateTime(zh="创建时间", en="Created at", **system),
        "created_by": f.PersonRef(zh="创建人", en="Created by", **system),
        "updated_at": f.DateTime(zh="更新时间", en="Updated at", **system),
        "updated_by": f.PersonRef(zh="更新人", en="Updated by", **system),
    }
    return fields


HIDDEN_COLUMNS: Mapping[str, Any] = {
    "account_id": lambda: models.CharField(max_length=32, null=True, blank=True),
    "account_owner_id": lambda: models.BigIntegerField(null=True, blank=True),
    "account_department_id": lambda: models.BigIntegerField(null=True, blank=True),
    "version": lambda: models.IntegerField(default=1),
    "deleted_at": lambda: models.DateTimeField(null=True, blank=True),
}
KEY_COLUMNS = (
    "owner_id", "department_id", "pool_id", "project_id", "account_id", "account_owner_id", "account_department_id",
)  # fmt: skip
"""Columns that scopes read; loaded with every row that is checked in process."""


class RecordBase(ModelBase):
    """Turns a declaration with our fields into a Django model with their columns."""

    def __new__(mcs, name: str, bases: tuple[type, ...], attrs: dict[str, Any], **kwargs: Any) -> type[Any]:
        kind = attrs.get("heli")
        if not isinstance(kind, ObjectType):
            return super().__new__(mcs, name, bases, attrs, **kwargs)
        own = {k: v for k, v in attrs.items() if isinstance(v, f.Field)}
        for code in own:
            del attrs[code]
        fields = {**own, **{k: v for k, v in _built_in(kind).items() if k not in own}}
        columns: dict[str, models.Field[Any, Any]] = {}
        for code, one in fields.items():
            one.code, one.type = code, kind.code
            columns |= one.columns()
            if one.sortable:
                columns |= one.sort_columns()
        for column, make in HIDDEN_COLUMNS.items():
            columns.setdefault(column, make())
        attrs |= columns
        attrs["Meta"] = _meta(kind, fields, attrs.get("Meta"))
        kind.fields = MappingProxyType(fields)
        kind.doc = attrs.get("__doc__", "") or ""
        model: Any = super().__new__(mcs, name, bases, attrs, **kwargs)
        kind.model = model
        kind.table = model._meta.db_table
        _check(kind)
        TYPES.add(kind.code, kind)
        SHAPES.add(kind.code, kind.shape())
        made: type[Any] = model
        return made


def _meta(kind: ObjectType, fields: Mapping[str, f.Field], given: Any) -> type:
    prefix = kind.code
    indexes: list[Index] = []
    for code in kind.sort_fields:
        column = next(iter(fields[code].sort_columns()), fields[code].column)
        short = code[:12]
        indexes.append(Index(fields=[column, "id"], name=f"{prefix}_{short}"))
        indexes.append(Index(fields=["owner_id", column, "id"], name=f"{prefix}_o_{short}"))
        indexes.append(Index(fields=["department_id", column, "id"], name=f"{prefix}_d_{short}"))
    for column in ("account_id", "account_owner_id", "account_department_id", "project_id"):
        indexes.append(
            Index(
                fields=[column, "id"], name=f"{prefix}_{column[:-3]}"[:30], condition=Q(**{f"{column}__isnull": False})
            )
        )
    indexes.append(Index(fields=["pool_id", "id"], name=f"{prefix}_pool", condition=~Q(pool_id="")))
    # What lies in the recycle bin, by the moment of its deletion: listed there, and removed when it has expired.
    deleted = Q(deleted_at__isnull=False)
    indexes.append(Index(fields=["deleted_at", "id"], name=f"{prefix}_deleted", condition=deleted))
    for code, one in fields.items():
        if one.indexed:
            indexes.append(Index(fields=[one.column, "id"], name=f"{prefix}_f_{code}"[:30]))
        if isinstance(one, f.Text) and one.index_column:
            indexes.append(Index(fields=[one.index_column, "id"], name=f"{prefix}_x_{code}"[:30]))
        if isinstance(one, f.Text) and one.tail_column:
            indexes.append(Index(fields=[one.tail_column, "id"], name=f"{prefix}_t_{code}"[:30]))
    constraints = [
        UniqueConstraint(
            fields=[one.column],
            condition=Q(deleted_at__isnull=True) & ~Q(**{one.column: one.empty_value or ""}),
            name=f"{prefix}_{code}_once",
        )
        for code, one in fields.items()
        if one.unique
    ]
    made: dict[str, Any] = {"indexes": indexes, "constraints": constraints}
    if kind.table:
        made = {"db_table": kind.table, "managed": False}
    return type("Meta", (given,) if given else (), made)


def _check(kind: ObjectType) -> None:
    named = {kind.title, *kind.columns, *kind.sort_fields, *kind.summary, *([kind.key] if kind.key else [])}
    unknown = named - set(kind.fields)
    if unknown:
        raise Broken(f"{kind.code} names fields that it does not have: {sorted(unknown)}")
    for code in (kind.title, kind.key, *kind.sort_fields):
        if code is not None and kind.fields[code].encrypted:
            raise Broken(f"{kind.code}: {code} names or sorts its records, so it cannot be encrypted")
    for one in kind.fields.values():
        if isinstance(one, f.Timely) and one.not_before and type(kind.fields.get(one.not_before)) is not type(one):
            raise Broken(f"{kind.code}: {one.code} names no field of its kind to come after: {one.not_before!r}")
    if kind.kanban is not None and not isinstance(kind.fields.get(kind.kanban), f.Choice):
        raise Broken(f"{kind.code}: kanban {kind.kanban!r} is no choice field")


class Record(Guarded, models.Model, metaclass=RecordBase):
    """Base of all object types. Its rows are read by ``store`` and written by ``act``; the ORM refuses both."""

    heli: ClassVar[ObjectType]

    id = models.CharField(primary_key=True, max_length=32, default=ids.uuid7)
    objects = GuardedManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"


__all__ = ["HIDDEN_COLUMNS", "KEY_COLUMNS", "TYPES", "ObjectType", "Record"]
