"""Planting and removing canary records. They pass the write door as the program itself, so that who plants them needs no
customer data and sees none; the log names the planter under ``canary``, which is for auditors."""

from __future__ import annotations

import secrets
from contextlib import suppress
from typing import Any

from heli.access.viewer import Viewer
from heli.audit import log
from heli.audit.log import EntryData
from heli.guard import canary, identity
from heli.guard.models import Canary
from heli.kernel import clock
from heli.kernel.errors import Conflict, Invalid, NotFound, Problem
from heli.kernel.words import Words
from heli.org.models import Department
from heli.records import act
from heli.records import fields as f
from heli.records.act import Action
from heli.records.types import TYPES, ObjectType

MOST = 20
"""Planted records of one type."""
REASON = "import"
"""What the log and the record's history say of who made it: nothing that gives it away."""

NO_TYPE = Words("这种记录不能用作诱饵", "records of this type cannot be planted")
FULL = Words(f"每种记录最多 {MOST} 条诱饵", f"at most {MOST} planted records of a type")
_PLACES = ("宁波", "嘉兴", "绍兴", "无锡", "常州", "合肥", "芜湖", "赣州", "襄阳", "绵阳", "惠州", "中山")
_NAMES = ("瑞恒", "启元", "盛驰", "博锐", "汇川源", "明拓", "和信达", "联创", "卓远", "锦程", "泰瑞", "宏澜")
_TRADES = ("机械", "电子", "新材料", "医疗器械", "物流", "包装", "自动化", "食品")
_FAMILY = "赵钱孙周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
_GIVEN = "伟芳娜敏静丽强磊洋艳勇军杰娟涛明超霞平刚玲桂英华玉萍红鹏"


def possible() -> list[ObjectType]:
    """Types of which records can be planted: titled by a text, with nothing required that leads to other records."""
    return [kind for kind in TYPES if _fits(kind)]


def _fits(kind: ObjectType) -> bool:
    needed = [one for one in kind.fields.values() if one.required and one.code != kind.title]
    titled = isinstance(kind.fields[kind.title], f.Text) and kind.fields[kind.title].data_class in (
        "public",
        "internal",
    )
    return (
        titled
        and kind.code in ("account", "lead", "contact", "opportunity")
        and all(isinstance(one, f.Choice) for one in needed)
    )


def plant(viewer: Viewer, code: str, department: int | None, note: str = "") -> Canary:
    """Make one more record of a type that nobody's work leads to. Raises Invalid, Conflict."""
    kind = TYPES.get(code)
    if kind is None or not _fits(kind):
        raise Invalid(Problem("type", "unknown", NO_TYPE))
    if department is not None and not Department.objects.filter(pk=department, closed_at=None).exists():
        raise Invalid(Problem("department", "unknown", Words("没有这个部门", "no such department")))
    with log.transaction():
        if Canary.objects.filter(type=code, removed_at=None).count() >= MOST:
            raise Conflict(FULL, code="too_many")
        given = values(kind) | ({"department": str(department)} if department is not None else {})
        made = act.do(identity.system(REASON), Action(code, "create", values=given)).id
        row = Canary.objects.create(type=code, record_id=made, by_id=viewer.person, note=note.strip()[:200])
        _tell(viewer, "canary.plant", row)
    canary.renew(now=True)
    return row


def remove(viewer: Viewer, canary_id: int) -> None:
    """Take a planted record away. Raises NotFound."""
    with log.transaction():
        row = Canary.objects.select_for_update().filter(pk=canary_id, removed_at=None).first()
        if row is None:
            raise NotFound
        with suppress(NotFound):  # somebody may have deleted it, like any record
            act.do(identity.system(REASON), Action(row.type, "delete", row.record_id))
        row.removed_at = clock.now()
        row.save(update_fields=["removed_at"])
        _tell(viewer, "canary.remove", row)
    canary.renew(now=True)


def _tell(viewer: Viewer, action: str, row: Canary) -> None:
    by = viewer.actor
    log.append(
        EntryData(
            action=action, object_type="canary", object_id=str(row.pk), actor_id=by.person, actor_name=by.name,
            acting_for_id=by.acting_for, origin=by.origin, via=by.via, after={"type": row.type, "note": row.note},
        )
    )  # fmt: skip


def values(kind: ObjectType) -> dict[str, Any]:
    """A plausible record: a name, a number to call, no amounts, so that no sum changes by it."""
    pick = secrets.choice
    person = pick(_FAMILY) + pick(_GIVEN) + pick(("", pick(_GIVEN)))
    company = f"{pick(_PLACES)}{pick(_NAMES)}{pick(_TRADES)}有限公司"
    found: dict[str, Any] = {}
    for code, one in kind.fields.items():
        if one.readonly or one.flow:
            continue
        if code == kind.title:
            found[code] = person if kind.code == "contact" else company
        elif isinstance(one, f.Phone):
            found[code] = f"1{pick('35789')}{secrets.randbelow(10**9):09}"
        elif code == "company":
            found[code] = company
        elif isinstance(one, f.Choice) and not isinstance(one, f.Choices) and (one.required or code == "industry"):
            found[code] = pick(
                [o.value for o in one.options if not o.closed and not o.hidden] or [one.options[0].value]
            )
    return found
