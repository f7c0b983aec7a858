"""What campaigns are called: as who began them said, or by what they are about, in both languages."""

from __future__ import annotations

from collections.abc import Iterable

from heli.kernel.words import Words
from heli.org.models import Department
from heli.review.models import Campaign

KINDS = {
    Campaign.ALL: Words("全公司", "The whole company"),
    Campaign.DEPARTMENT: Words("部门", "A department"),
    Campaign.SENSITIVE: Words("敏感与机密数据", "Sensitive and confidential data"),
    Campaign.LEAVERS: Words("离职与即将离职", "Leavers"),
    Campaign.OUTSIDERS: Words("外包与服务账号", "Contractors and service accounts"),
}


def many(campaigns: Iterable[Campaign]) -> dict[int, Words]:
    """By campaign. A title that nobody gave is the name of its kind or department, which is kept in Chinese."""
    found = {one.pk: one for one in campaigns}
    asked = {one.department_id for one in found.values() if one.department_id is not None}
    rows = Department.objects.filter(pk__in=asked).values_list("pk", "name", "name_en") if asked else ()
    names = {pk: Words(name, name_en or name) for pk, name, name_en in rows}
    return {pk: _one(one, names) for pk, one in found.items()}


def of(campaign: Campaign) -> Words:
    """As ``many``, of one."""
    return many([campaign])[campaign.pk]


def _one(campaign: Campaign, departments: dict[int, Words]) -> Words:
    given = departments.get(campaign.department_id or 0) or KINDS[campaign.kind]
    return given if given.zh == campaign.title else Words(campaign.title, campaign.title)
