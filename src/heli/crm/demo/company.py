"""The invented company as plain data: what the loader brings through the doors."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PASSWORD = "heli-demo-2026"  # noqa: S105  # published on the demo's own sign-in page
SEED = 20260101
NAME = "合力示例集团"
NAME_EN = "Heli Example Group"


@dataclass(frozen=True, slots=True)
class Department:
    """One department; parent, head and overseer by code and user name."""

    code: str
    name: str
    name_en: str
    function: str
    parent: str | None
    head: str | None = None
    overseer: str | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """A person's place, by codes: how many days ago it began and, for some, in how many days it ends."""

    department: str
    position: str
    primary: bool = True
    since_days: int = 700
    ends_in_days: int | None = None


@dataclass(frozen=True, slots=True)
class Person:
    username: str
    name: str
    email: str
    phone: str
    posts: tuple[Post, ...]
    reports_to: str | None = None
    kind: str = "employee"
    status: str = "active"
    deputy: str | None = None
    """Who acts for them while they are on leave."""


@dataclass(frozen=True, slots=True)
class Project:
    id: str
    code: str
    name: str
    goal: str
    status: str
    starts_on: dt.date
    ends_on: dt.date
    created_at: dt.datetime
    members: tuple[tuple[str, str], ...]
    """(user name, role in the project); the first leads."""


@dataclass(frozen=True, slots=True)
class Row:
    """A record. values: JSON input by field code, links by id, people by user name.

    owner: user name, or None when it lies in a pool. pool: a department's code, or "all".
    """

    type: str
    id: str
    owner: str | None
    department: str | None
    values: Mapping[str, Any]
    created_at: dt.datetime
    updated_at: dt.datetime
    created_by: str | None
    pool: str | None = None
    project: str | None = None
    team: tuple[str, ...] = ()
    """User names of helpers, who reach this record by the scope *team*."""


@dataclass(frozen=True, slots=True)
class DemoCompany:
    departments: tuple[Department, ...]
    people: tuple[Person, ...]
    projects: tuple[Project, ...]
    rows: Mapping[str, tuple[Row, ...]]
    """Records by type, in an order in which every link leads to an earlier row or type."""
