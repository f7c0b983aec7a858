"""Tables of the record layer that are not records."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from heli.kernel import clock


class Counter(models.Model):
    """The last number given by an automatic number in one period."""

    name = models.CharField(max_length=120, primary_key=True)
    value = models.BigIntegerField(default=0)


class Comment(models.Model):
    """A remark on a record; seen by whoever sees the record."""

    type = models.CharField(max_length=40)
    record_id = models.CharField(max_length=32)
    author_id = models.BigIntegerField()
    body = models.TextField()
    at = models.DateTimeField(default=clock.now)
    edited_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1, db_default=1)

    class Meta:
        indexes: ClassVar[list[Any]] = [models.Index(fields=["record_id", "type", "id"], name="comment_record")]


class Mention(models.Model):
    """Somebody named in a comment; ``seen_at``: when they looked at it."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="mentions")
    person_id = models.BigIntegerField()
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["comment", "person_id"], name="mention_once")
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["person_id", "id"], name="mention_person"),
            models.Index(fields=["person_id"], name="mention_new", condition=models.Q(seen_at__isnull=True)),
        ]


class Attachment(models.Model):
    """A file of a record; its rights are the record's. ``stored`` is its random name in the file store."""

    type = models.CharField(max_length=40)
    record_id = models.CharField(max_length=32)
    name = models.CharField(max_length=255)
    stored = models.CharField(max_length=64, unique=True)
    size = models.BigIntegerField()
    media = models.CharField(max_length=100)
    digest = models.CharField(max_length=64)
    by_id = models.BigIntegerField()
    at = models.DateTimeField(default=clock.now)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar[list[Any]] = [models.Index(fields=["record_id", "type", "id"], name="attachment_record")]


class Imported(models.Model):
    """What an import last wrote into a record, so that a later run can tell a person's edits from its own values."""

    profile = models.CharField(max_length=64)
    type = models.CharField(max_length=40)
    key = models.CharField(max_length=200)
    record_id = models.CharField(max_length=40)
    values = models.TextField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["profile", "type", "key"], name="imported_once")
        ]


class Counted(models.Model):
    """How many rows of a type have which key and choice, as a job last counted them (see ``counts``)."""

    type = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField(default=clock.now)
    counts = models.TextField()


class Posted(models.Model):
    """One search field of one record, as search finds it (see ``search_posts``). On PostgreSQL it has a column ``grams``
    beside these, on SQLite its words lie in the index ``records_grams`` under ``n``."""

    n = models.BigAutoField(primary_key=True)
    type = models.CharField(max_length=40)
    field = models.CharField(max_length=64)
    record_id = models.CharField(max_length=32)
    initials = models.CharField(max_length=64)
    mark = models.CharField(max_length=16)

    class Meta:
        constraints: ClassVar[list[Any]] = [models.UniqueConstraint(fields=["record_id", "field"], name="posted_once")]


class Resealing(models.Model):
    """A type whose encrypted cells a job is sealing (anew): all records up to ``last`` are done."""

    type = models.CharField(max_length=40, primary_key=True)
    last = models.CharField(max_length=32, default="", blank=True)
    done = models.BigIntegerField(default=0)
    at = models.DateTimeField(default=clock.now)


class Unposted(models.Model):
    """Records of a type, by a range of ids, that search looks at one by one until the job has posted them."""

    n = models.BigAutoField(primary_key=True)
    type = models.CharField(max_length=40)
    low = models.CharField(max_length=32)
    high = models.CharField(max_length=32)
