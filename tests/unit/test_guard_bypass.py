"""Every known way around the doors, planted: each is refused before a statement leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core import serializers
from django.db import connection, models
from django.db.models import Count, Exists, OuterRef, Subquery
from django.db.models.deletion import Collector
from django.db.models.query import QuerySet, RawQuerySet
from django.db.models.sql import DeleteQuery, InsertQuery, Query, UpdateQuery
from django.forms import modelform_factory
from django.shortcuts import get_list_or_404, get_object_or_404
from tests import world

from heli.access.models import Grant
from heli.kernel.errors import Broken
from heli.org.models import Person
from heli.records import store
from heli.records.types import TYPES

pytestmark = [pytest.mark.django_db, pytest.mark.storage]

MODEL: Any = TYPES["opportunity"].model


def foreign_manager() -> Any:
    """A manager of Django's own, pointed at the model from outside."""
    manager: Any = models.Manager()
    manager.model = MODEL
    return manager


def stolen() -> Any:
    """A query set made for another model and turned."""
    query = Person.objects.all()
    query.model = MODEL
    query.query = Query(MODEL)
    return query


def insert() -> None:
    query: Any = InsertQuery(MODEL)
    query.insert_values([MODEL._meta.pk], [MODEL(id="0" * 32)])
    query.get_compiler("default").execute_sql()


def update() -> None:
    query: Any = UpdateQuery(MODEL)
    query.add_update_values({"name": "stolen"})
    query.get_compiler("default").execute_sql("rows")


def collect() -> None:
    collector = Collector(using="default")
    collector.add([MODEL(id="0" * 32)])
    collector.delete()


WAYS: dict[str, Callable[[], Any]] = {
    "objects.all": lambda: list(MODEL.objects.all()),
    "objects.filter": lambda: MODEL.objects.filter(pk="1"),
    "objects.get": lambda: MODEL.objects.get(pk="1"),
    "objects.first": lambda: MODEL.objects.first(),
    "objects.count": lambda: MODEL.objects.count(),
    "objects.values": lambda: list(MODEL.objects.values("name")),
    "objects.values_list": lambda: list(MODEL.objects.values_list("name")),
    "objects.in_bulk": lambda: MODEL.objects.in_bulk(["1"]),
    "objects.aggregate": lambda: MODEL.objects.aggregate(n=Count("id")),
    "objects.iterator": lambda: list(MODEL.objects.iterator()),
    "objects.raw": lambda: list(MODEL.objects.raw("SELECT 1")),
    "objects.using": lambda: MODEL.objects.using("default"),
    "objects.db_manager": lambda: MODEL.objects.db_manager("default").all(),
    "objects.create": lambda: MODEL.objects.create(name="x"),
    "objects.get_or_create": lambda: MODEL.objects.get_or_create(name="x"),
    "objects.update_or_create": lambda: MODEL.objects.update_or_create(name="x"),
    "objects.bulk_create": lambda: MODEL.objects.bulk_create([MODEL(name="x")]),
    "objects.bulk_update": lambda: MODEL.objects.bulk_update([MODEL(name="x")], ["name"]),
    "objects.update": lambda: MODEL.objects.update(name="x"),
    "objects.select_for_update": lambda: MODEL.objects.select_for_update(),
    "_base_manager": lambda: MODEL._base_manager.all(),
    "_default_manager": lambda: MODEL._default_manager.count(),
    "_meta.default_manager": lambda: MODEL._meta.default_manager.all(),
    "_base_manager._insert": lambda: MODEL._base_manager._insert([MODEL()], [], using="default"),
    "foreign manager": lambda: list(foreign_manager().values("name")),
    "foreign manager, update": lambda: foreign_manager().update(name="x"),
    "foreign manager, bulk_create": lambda: foreign_manager().bulk_create([MODEL(id="0" * 32, name="x")]),
    "QuerySet": lambda: list(QuerySet(MODEL)),
    "QuerySet.values": lambda: list(QuerySet(MODEL).values("name")),
    "QuerySet.values_list": lambda: list(QuerySet(MODEL).values_list("name", flat=True)),
    "QuerySet.count": lambda: QuerySet(MODEL).count(),
    "QuerySet.exists": lambda: QuerySet(MODEL).exists(),
    "QuerySet.aggregate": lambda: QuerySet(MODEL).aggregate(n=Count("id")),
    "QuerySet.annotate": lambda: list(QuerySet(MODEL).values("stage").annotate(n=Count("id"))),
    "QuerySet.update": lambda: QuerySet(MODEL).update(name="x"),
    "QuerySet.delete": lambda: QuerySet(MODEL).delete(),
    "QuerySet._raw_delete": lambda: QuerySet(MODEL)._raw_delete("default"),
    "QuerySet.bulk_create": lambda: QuerySet(MODEL).bulk_create([MODEL(id="0" * 32, name="x")]),
    "QuerySet.iterator": lambda: list(QuerySet(MODEL).values("id").iterator()),
    "QuerySet.explain": lambda: QuerySet(MODEL).explain(),
    "QuerySet.union": lambda: list(QuerySet(MODEL).values("id").union(Person.objects.values("username"))),
    "another's union": lambda: list(Person.objects.values("username").union(QuerySet(MODEL).values("id"))),
    "str of a query": lambda: str(QuerySet(MODEL).query),
    "a turned query set": lambda: list(stolen().values("name")),
    "sub-select": lambda: list(Person.objects.annotate(x=Subquery(QuerySet(MODEL).values("name")[:1])).values("x")),
    "exists": lambda: list(Person.objects.filter(Exists(QuerySet(MODEL).filter(owner_id=OuterRef("pk"))))),
    "in": lambda: list(Grant.objects.filter(subject_id__in=QuerySet(MODEL).values("id"))),
    "RawQuerySet": lambda: list(RawQuerySet("SELECT '1' AS id", MODEL)),
    "Query": lambda: list(Query(MODEL).get_compiler("default").results_iter()),
    "Query.as_sql": lambda: Query(MODEL).as_sql(Query(Person).get_compiler("default"), connection),
    "InsertQuery": insert,
    "UpdateQuery": update,
    "DeleteQuery": lambda: DeleteQuery(MODEL).delete_batch(["0" * 32], "default"),
    "Collector": collect,
    "save": lambda: MODEL(name="x").save(),
    "save_base": lambda: MODEL(name="x").save_base(),
    "Model.save": lambda: models.Model.save(MODEL(id="0" * 32, name="x"), force_insert=True),
    "Model.delete": lambda: models.Model.delete(MODEL(id="0" * 32, name="x")),
    "Model.refresh_from_db": lambda: models.Model.refresh_from_db(MODEL(id="0" * 32)),
    "delete": lambda: MODEL(name="x").delete(),
    "refresh_from_db": lambda: MODEL(name="x").refresh_from_db(),
    "from_db": lambda: MODEL.from_db("default", ["id"], ["1"]),
    "validate_unique": lambda: TYPES["account"].model(name="x").validate_constraints(),
    "get_object_or_404": lambda: get_object_or_404(MODEL, pk="1"),
    "get_list_or_404": lambda: get_list_or_404(MODEL, pk="1"),
    "content type": lambda: ContentType(app_label="crm", model="opportunity").get_object_for_this_type(pk="1"),
    "serializers": lambda: serializers.serialize("json", QuerySet(MODEL)),
    "a form": lambda: modelform_factory(MODEL, fields=["name"])({"name": "x"}).save(),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_a_way_around_the_doors_is_refused(way: str) -> None:
    with connection.execute_wrapper(_no_statement), pytest.raises(Broken):
        WAYS[way]()


def _no_statement(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    assert MODEL._meta.db_table not in sql, sql
    return execute(sql, params, many, context)


def test_every_object_type_is_guarded() -> None:
    for kind in TYPES:
        with pytest.raises(Broken):
            list(QuerySet(kind.model).values("id"))
        with pytest.raises(Broken):
            kind.model.objects.all()


def test_the_doors_stay_open(vendor: str) -> None:
    company = world.fresh()
    company.make("ann", "opportunity", name="A")
    assert store.query(company.as_("ann"), "opportunity").count().count == 1
    assert Person.objects.filter(username="ann").exists()
