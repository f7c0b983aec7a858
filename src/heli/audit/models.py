"""The tables of the audit log. They are written by ``heli.audit.log`` alone; these classes only read."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models

from heli.audit.chain import LIMITS
from heli.kernel.errors import Broken


def _refuse(*_args: object, **_kwargs: object) -> NoReturn:
    raise Broken("the audit log is append-only: write with heli.audit.log")


class KeptQuerySet[M: models.Model](models.QuerySet[M]):
    """Reads; every way of writing raises."""

    create = bulk_create = bulk_update = get_or_create = update_or_create = update = delete = _refuse
    acreate = abulk_create = abulk_update = aget_or_create = aupdate_or_create = aupdate = adelete = _refuse
    _update = _insert = _raw_delete = _refuse


class Kept(models.Model):
    """A row that the ORM may read and never write."""

    objects = models.Manager.from_queryset(KeptQuerySet)()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        _refuse()

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        _refuse()

    save_base = _refuse


class Entry(Kept):
    """One act. No foreign keys: an entry outlives whatever it speaks of."""

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=LIMITS["actor_name"])
    acting_for_id = models.BigIntegerField(null=True)
    action = models.CharField(max_length=LIMITS["action"])
    object_type = models.CharField(max_length=LIMITS["object_type"])
    object_id = models.CharField(max_length=LIMITS["object_id"])
    outcome = models.CharField(max_length=8)
    origin = models.CharField(max_length=LIMITS["origin"])
    via = models.CharField(max_length=LIMITS["via"])
    reason = models.TextField()
    commit = models.BinaryField(max_length=32)
    prev = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        base_manager_name = "objects"
        indexes = [
            models.Index("object_type", "object_id", "seq", name="audit_entry_object"),
            models.Index("actor_id", "seq", name="audit_entry_actor"),
            models.Index("at", "seq", name="audit_entry_at"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.action}"


class Value(Kept):
    """What changed, apart from its entry, so that it can be erased; ``erased_by`` is the entry that tells of
    the erasure."""

    entry = models.OneToOneField(Entry, models.DO_NOTHING, primary_key=True, related_name="value", db_constraint=False)
    salt = models.BinaryField(max_length=16, null=True)
    body = models.TextField(null=True)
    erased_by = models.BigIntegerField(null=True)

    class Meta:
        base_manager_name = "objects"

    def __str__(self) -> str:
        return f"values of {self.entry_id}"


class Head(Kept):
    """The one row that says where the chain ends; locked by every append."""

    id = models.SmallIntegerField(primary_key=True)
    chain = models.CharField(max_length=32)
    seq = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)
    mac = models.BinaryField(max_length=32)

    class Meta:
        base_manager_name = "objects"

    def __str__(self) -> str:
        return f"{self.chain} at {self.seq}"
