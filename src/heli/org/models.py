"""The organisation's tables. The department tree is adjacency only: moving a department writes one row."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from heli.kernel import clock, ids


class Company(models.Model):
    """The one company of an installation: its name and the units its numbers are in."""

    name = models.CharField(max_length=200)
    currency = models.CharField(max_length=3, default="CNY")
    time_zone = models.CharField(max_length=64, default="Asia/Shanghai")
    demo = models.BooleanField(default=False)


class Position(models.Model):
    """A job such as sales manager. Roles reach its holders through their assignments."""

    code = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    """Since when nobody is assigned to it any more; its row stays for history and can be opened again."""


class Department(models.Model):
    """A node of the one organisation tree."""

    name = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    code = models.CharField(max_length=64, unique=True)
    function = models.CharField(max_length=32, blank=True)
    """What it does (sales, finance, …): colours and hand-off strips go by this, never rights."""
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    head = models.ForeignKey("Person", null=True, blank=True, on_delete=models.PROTECT, related_name="heads")
    overseer = models.ForeignKey("Person", null=True, blank=True, on_delete=models.PROTECT, related_name="oversees")
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=~Q(parent=F("id")), name="department_not_its_own_parent"),
            models.UniqueConstraint(
                fields=["parent", "name"],
                condition=Q(closed_at__isnull=True),
                name="department_name_once_below_a_parent",
            ),
            models.UniqueConstraint(
                fields=["name"],
                condition=Q(parent__isnull=True, closed_at__isnull=True),
                name="department_name_once_at_the_top",
            ),
        ]


class PersonManager(BaseUserManager["Person"]):
    def get_by_natural_key(self, username: str | None) -> Person:
        return self.get(username__iexact=username)


class Person(AbstractBaseUser):
    """Someone who can sign in; a program signs in as a person of kind ``service``."""

    EMPLOYEE, CONTRACTOR, SERVICE = "employee", "contractor", "service"
    KINDS: ClassVar = [(EMPLOYEE, "employee"), (CONTRACTOR, "contractor"), (SERVICE, "service")]
    ACTIVE, ON_LEAVE, LEFT = "active", "leave", "left"
    STATUSES: ClassVar = [(ACTIVE, "active"), (ON_LEAVE, "leave"), (LEFT, "left")]

    username = models.CharField(max_length=64, unique=True)
    email = models.EmailField(max_length=254, blank=True)
    display_name = models.CharField(max_length=100)
    name_key = models.CharField(max_length=200, blank=True, db_index=True)
    """Pinyin initials, full pinyin and the name itself, for finding someone by ``wm`` or ``王``."""
    phone = models.CharField(max_length=32, blank=True)
    kind = models.CharField(max_length=16, choices=KINDS, default=EMPLOYEE)
    status = models.CharField(max_length=16, choices=STATUSES, default=ACTIVE)
    language = models.CharField(max_length=8, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    leaving_on = models.DateField(null=True, blank=True)
    """Their last day, once they have given or been given notice: known to administrators, security and their managers."""
    leaving_since = models.DateTimeField(null=True, blank=True)
    """When that was written down."""
    created_at = models.DateTimeField(default=clock.now)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name"]

    objects = PersonManager()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(Lower("username"), name="person_username_once"),
            models.UniqueConstraint(Lower("email"), condition=~Q(email=""), name="person_email_once"),
        ]

    @property
    def is_active(self) -> bool:  # type: ignore[override]  # Django's base declares a plain attribute
        return self.status != self.LEFT


class Validity(models.Model):
    """From ``starts`` (inclusive) until ``ends`` (exclusive, open when NULL); evaluated, never swept."""

    starts = models.DateTimeField(default=clock.now)
    ends = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


class Assignment(Validity):
    """A person in a department with a position; of those valid at one time exactly one is primary."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="assignments")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="assignments")
    position = models.ForeignKey(Position, null=True, blank=True, on_delete=models.PROTECT, related_name="assignments")
    primary = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(ends__isnull=True) | Q(ends__gt=F("starts")), name="assignment_ends_after_it_starts"
            ),
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(primary=True, ends__isnull=True),
                name="assignment_one_open_primary",
            ),
        ]


class ReportingLine(Validity):
    """Who reports to whom. One open line a person; the lines at one time form no cycle."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="reports_to")
    manager = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="reports")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=~Q(person=F("manager")), name="nobody_reports_to_themselves"),
            models.CheckConstraint(
                condition=Q(ends__isnull=True) | Q(ends__gt=F("starts")), name="reporting_ends_after_it_starts"
            ),
            models.UniqueConstraint(fields=["person"], condition=Q(ends__isnull=True), name="reporting_one_open_line"),
        ]


class Project(models.Model):
    """A cross-department group; the same row is shown as the object type *project* (its columns are a record's)."""

    FINISHED = "finished"
    """The status in which a project takes no new members; the object type offers it by this name."""

    id = models.CharField(primary_key=True, max_length=32, default=ids.uuid7)
    name = models.CharField(max_length=200)
    name_key = models.CharField(max_length=128, default="")
    code = models.CharField(max_length=64, default="")
    status = models.CharField(max_length=40, default="active")
    goal = models.TextField(default="", blank=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    owner_id = models.BigIntegerField(null=True, blank=True, db_index=True)
    department_id = models.BigIntegerField(null=True, blank=True, db_index=True)
    pool_id = models.CharField(max_length=32, null=True, blank=True)
    account_id = models.CharField(max_length=32, null=True, blank=True)
    account_owner_id = models.BigIntegerField(null=True, blank=True)
    account_department_id = models.BigIntegerField(null=True, blank=True)
    project_id = models.CharField(max_length=32, null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    created_by_id = models.BigIntegerField(null=True, blank=True)
    updated_at = models.DateTimeField(default=clock.now)
    updated_by_id = models.BigIntegerField(null=True, blank=True)
    version = models.IntegerField(default=1)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["code"], condition=~Q(code=""), name="project_code_once"),
        ]


class ProjectMember(Validity):
    """A person's part in a project: ``lead``, ``member``, ``viewer`` or a company's own word."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="members")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="projects")
    role = models.CharField(max_length=32, default="member")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(ends__isnull=True) | Q(ends__gt=F("starts")), name="membership_ends_after_it_starts"
            ),
            models.UniqueConstraint(
                fields=["project", "person"],
                condition=Q(ends__isnull=True),
                name="membership_one_open_part",
            ),
        ]


class Deputy(Validity):
    """Who acts for whom, for all processes or one, between two moments."""

    principal = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="deputies")
    deputy = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="stands_in_for")
    flow = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=~Q(principal=F("deputy")), name="nobody_is_their_own_deputy"),
            models.CheckConstraint(
                condition=Q(ends__isnull=True) | Q(ends__gt=F("starts")), name="deputy_ends_after_it_starts"
            ),
        ]
