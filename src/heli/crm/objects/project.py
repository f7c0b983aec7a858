"""项目: a cross-department group. Its rows belong to the organisation; here they are shown and edited as records."""

from __future__ import annotations

from heli.org.models import Project as Team
from heli.records import fields as f
from heli.records.types import ObjectType, Record

STATUSES = (
    f.Option("planned", "筹备", "Planned", color="v5"),
    f.Option("active", "进行中", "Active", color="v1"),
    f.Option("paused", "暂停", "Paused", color="wait"),
    f.Option(Team.FINISHED, "已完成", "Finished", color="v2", closed=True),
)


class Project(Record):
    """A project; its members reach the records that name it, each in the role they have in it."""

    heli = ObjectType(
        "project", zh="项目", en="Project", plural_en="Projects", icon="folder",
        title="name", key="code",
        related=(),
        columns=("name", "code", "status", "owner", "starts_on", "ends_on"),
        sorts=("updated_at",),
        summary=("code", "status", "owner", "starts_on", "ends_on"),
        actions=(),
        kanban=None,
        table="org_project",
    )  # fmt: skip
    name = f.Text(zh="项目名称", en="Name", required=True, search=True, max_length=200)
    code = f.Text(zh="项目编号", en="Number", unique=True, readonly=True, sortable=False, max_length=64)
    status = f.Choice(zh="状态", en="Status", options=STATUSES, default="active")
    goal = f.LongText(zh="目标", en="Goal")
    starts_on = f.Date(zh="开始日期", en="Starts on", group="dates")
    ends_on = f.Date(zh="结束日期", en="Ends on", not_before="starts_on", group="dates")
