"""Bounds that no grant passes: who may delete contracts, and how far contractors and programs can go at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from heli.access.shapes import SHAPES
from heli.crm.roles import EVERYTHING
from heli.kernel.words import Words


@dataclass(frozen=True, slots=True)
class CeilingTemplate:
    """A bound on one object type, in the words of access: see heli.access.core.line.Ceiling."""

    code: str
    words: Words
    type: str
    actions: tuple[str, ...] | None = None
    roles: tuple[str, ...] | None = None
    kinds: tuple[str, ...] | None = None
    lines: tuple[dict[str, Any], ...] = ()


CONTRACT_DELETION = CeilingTemplate(
    "contract-deletion",
    Words("只有管理层可以删除合同", "only management deletes contracts"),
    "contract",
    actions=("delete",),
    roles=("management",),
)

_CONTRACTOR = Words(
    "外包人员只处理自己、团队、项目和公海中的记录，看不到机密字段，不导出、不删除、不审批",
    "contractors work on their own, their teams', their projects' and pooled records; nothing confidential; no export, "
    "deletion or approval",
)
_SERVICE = Words(
    "服务账号不删除、不审批、不借出、不导出，敏感字段脱敏",
    "service accounts neither delete, approve, lend nor export; sensitive fields stay masked",
)
_BEYOND = frozenset({"delete", "approve", "export", "grant", "transfer", "assign"})


def ceilings() -> tuple[CeilingTemplate, ...]:
    """All that ship, one for each object type concerned. Call when every type is registered."""
    found = [CONTRACT_DELETION]
    for code in EVERYTHING.split():
        actions = SHAPES[code].actions
        contractor = {
            "type": code,
            "actions": sorted(actions - _BEYOND - {"import"}),
            "scope": ["own", "team", "project", "related", "pool"],
            "read": {"sensitive": "read"},
        }
        service = {
            "type": code,
            "actions": sorted(actions - _BEYOND - {"share"}),
            "scope": ["all"],
            "read": {"sensitive": "masked", "confidential": "read"},
        }
        found.append(
            CeilingTemplate(f"contractor-{code}", _CONTRACTOR, code, kinds=("contractor",), lines=(contractor,))
        )
        found.append(CeilingTemplate(f"service-{code}", _SERVICE, code, kinds=("service",), lines=(service,)))
    return tuple(found)
