"""The run-time guard: record models answer nothing outside the doors, whichever way they are asked."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models
from django.db.models.sql.query import Query

from heli.kernel.errors import Broken


def refuse(what: str) -> NoReturn:
    """Say which door to use. Raises Broken."""
    raise Broken(f"{what}: records are read through records.store and written through records.act")


class GuardedManager(models.Manager[Any]):
    """A manager that refuses to make a query; also the base manager, so that relations and ``refresh`` are closed."""

    use_in_migrations = False

    def get_queryset(self) -> NoReturn:
        refuse(f"{self.model.__name__}.objects")

    def raw(self, *args: Any, **kwargs: Any) -> NoReturn:
        refuse(f"{self.model.__name__}.objects.raw")

    def using(self, *args: Any, **kwargs: Any) -> NoReturn:
        refuse(f"{self.model.__name__}.objects.using")


class Guarded:
    """Refuses the instance's own ways to the database."""

    def save(self, *args: Any, **kwargs: Any) -> NoReturn:
        refuse(f"{type(self).__name__}.save")

    def save_base(self, *args: Any, **kwargs: Any) -> NoReturn:
        refuse(f"{type(self).__name__}.save_base")

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        refuse(f"{type(self).__name__}.delete")

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> NoReturn:
        refuse(f"{type(self).__name__}.refresh_from_db")

    @classmethod
    def from_db(cls, *args: Any, **kwargs: Any) -> NoReturn:
        refuse(f"{cls.__name__}.from_db")


def close_queries() -> None:
    """Refuse to compile any ORM statement about a record, however its query was made.

    A manager is only the usual way in: ``QuerySet(model)``, ``Query(model)``, a manager attached from outside, a deletion
    collector or a sub-select in another model's query all end in a compiler. DDL (conditions of indexes) uses a
    compiler too, but never asks it for a statement.
    """
    if getattr(Query.get_compiler, "guards_records", False):
        return
    plain = Query.get_compiler

    def get_compiler(self: Query, *args: Any, **kwargs: Any) -> Any:
        compiler = plain(self, *args, **kwargs)
        model = self.model
        if isinstance(model, type) and issubclass(model, Guarded):

            def refused(*_: Any, **__: Any) -> NoReturn:
                refuse(f"a query about {model.__name__}")

            compiler.as_sql = compiler.execute_sql = compiler.explain_query = refused
        return compiler

    get_compiler.guards_records = True  # type: ignore[attr-defined]  # marks that it is in place
    Query.get_compiler = get_compiler  # type: ignore[method-assign]  # on purpose: this is the guard
