"""The pages of this issue, as things that rights can open. A page never conveys data."""

from __future__ import annotations

from heli.access.shapes import PAGE, add_plain

OPEN = frozenset({"open"})

add_plain(f"{PAGE}workbench", "工作台", "Workbench", OPEN)
add_plain(f"{PAGE}records", "记录", "Records", OPEN)
add_plain(f"{PAGE}organisation", "组织", "Organisation", OPEN)
add_plain(f"{PAGE}projects", "项目", "Projects", OPEN)
add_plain(f"{PAGE}audit", "审计", "Audit", OPEN)
add_plain(f"{PAGE}policy", "权限规则", "Rules", OPEN)
add_plain(f"{PAGE}access", "权限中心", "Permission centre", OPEN)
