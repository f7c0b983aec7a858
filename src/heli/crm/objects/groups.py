"""Names of the sections that fields stand in on a record's page, in the order shown."""

from __future__ import annotations

from heli.kernel.words import Words

GROUPS: dict[str, Words] = {
    "basic": Words("基本信息", "Basics"),
    "progress": Words("进展", "Progress"),
    "contact": Words("联系方式", "Contact"),
    "company": Words("企业信息", "Company"),
    "money": Words("金额", "Amounts"),
    "lines": Words("明细", "Lines"),
    "dates": Words("日期", "Dates"),
    "finance": Words("财务信息", "Finance"),
    "legal": Words("法务", "Legal"),
    "links": Words("关联", "Related"),
    "other": Words("其他", "Other"),
}
