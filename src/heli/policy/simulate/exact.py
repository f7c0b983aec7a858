"""Who would be told the numbers exactly of which somebody is told the bounds (``access.unread``)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from heli.access.unread import Unread
from heli.insight import company as companies
from heli.kernel.words import Words

MOST_ASKED: Final = 200
"""Readers of the rules who are looked at when somebody is sought who reads the fields as well."""
MOST_NAMED: Final = 3
EXACT = Words(
    "{names}读得到这些字段，也能看权限规则：由其打开会看到精确数字",
    "{names} can read these fields and the rules: opened by them, the numbers are exact",
)
NOBODY_EXACT = Words(
    "现在没有人既读得到这些字段又能看权限规则；精确数字由运维人员在服务器上用 heli simulate 计算",
    "Nobody reads both these fields and the rules now; the operator computes exact numbers with heli simulate on the server",
)


def exact(fields: Mapping[str, Collection[str]], asker: int | None) -> Words | None:
    """Who would be told the exact numbers that hang on these fields, in a sentence; None where no number hangs on any."""
    if not any(fields.values()):
        return None
    company = companies.now()
    readers = {pk for one in company.given("policy") if "read" in one.line.actions for pk in one.crowd.all} - {asker}
    found: list[str] = []
    for pk in sorted(readers)[:MOST_ASKED]:
        view = company.view(pk)
        if not view.may("policy", "read"):
            continue
        seen = Unread(view)
        if all(seen.reads(code, field) for code, some in fields.items() for field in some):
            found.append(company.world.people[pk].name)
            if len(found) == MOST_NAMED:
                break
    return EXACT.fill(names=Words("、".join(found), ", ".join(found))) if found else NOBODY_EXACT
