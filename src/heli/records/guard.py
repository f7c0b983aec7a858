"""The run-time guard: record models answer nothing outside the doors, whichever way they are asked."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models

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
