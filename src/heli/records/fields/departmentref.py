"""A reference to a department."""

from __future__ import annotations

from typing import ClassVar

from heli.records.fields.personref import PersonRef


class DepartmentRef(PersonRef):
    """The id of a department. The read door adds its name."""

    kind = "department"
    named: ClassVar[tuple[str, ...]] = ("name",)
