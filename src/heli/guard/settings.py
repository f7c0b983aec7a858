"""The guard's settings: as shipped unless a company has changed them. Read often, so kept in memory for some seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from heli.audit import log
from heli.audit.log import EntryData
from heli.guard.models import Setting
from heli.kernel.actor import Actor
from heli.kernel.errors import Invalid, Problem
from heli.kernel.words import Words

KEPT = 15.0
"""Seconds after which other processes follow a change."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One setting: what ships, and between which numbers it lies (None: yes or no)."""

    words: Words
    shipped: int | bool
    least: int = 0
    most: int = 1_000_000


CHOICES: Mapping[str, Choice] = {
    "floor_records": Choice(Words("每天至少可看的记录数", "Records a day that everybody may see"), 50_000, 50),
    "floor_sensitive": Choice(Words("每天至少可看的敏感单元格", "Sensitive cells a day that everybody may see"), 150, 5),
    "floor_confidential": Choice(Words("每天至少可看的机密单元格", "Confidential cells a day that everybody may see"), 20_000, 20),
    "factor": Choice(Words("超过同岗位常用量的倍数", "How many times their peers' busy day a person may take"), 3, 1, 100),
    "hour_share": Choice(Words("一小时内最多占每天额度的百分比", "Percent of a day's budget within one hour"), 40, 5, 100),
    "slow": Choice(Words("超出后限速", "Slow down beyond the budget"), True),
    "freeze_at": Choice(Words("达到额度的百分之几时冻结（0 为不冻结）", "Freeze at percent of the budget (0: never)"), 200, 0, 10_000),
    "reason_above": Choice(Words("导出超过多少行须填理由", "Exports of more rows need a reason"), 50, 0),
    "approval_above": Choice(Words("导出超过多少行须审批", "Exports of more rows need an approval"), 200, 0),
    "approve_confidential": Choice(Words("含机密字段的导出须审批", "Exports with confidential fields need an approval"), True),
    "watermark": Choice(Words("机密数据所在页面显示水印", "Watermark on pages with confidential cells"), True),
    "canary_rows": Choice(Words("一次列出多少行算批量读取", "Rows of one answer that count as reading in bulk"), 20, 1, 200),
}  # fmt: skip

_lock = threading.Lock()
_kept: tuple[float, dict[str, Any]] | None = None


def everything() -> dict[str, Any]:
    """Every setting as it now is."""
    global _kept
    kept = _kept
    if kept is not None and time.monotonic() - kept[0] < KEPT:
        return kept[1]
    changed = dict(Setting.objects.values_list("key", "value"))
    found = {key: changed.get(key, one.shipped) for key, one in CHOICES.items()}
    with _lock:
        _kept = (time.monotonic(), found)
    return found


def at_hand(key: str) -> int:
    """A number as this process last knew it, or as it ships: for where nothing may be asked of the database."""
    kept = _kept
    return int(kept[1][key] if kept is not None else CHOICES[key].shipped)


def number(key: str) -> int:
    """A setting that is a number."""
    return int(everything()[key])


def flag(key: str) -> bool:
    """A setting that is yes or no."""
    return bool(everything()[key])


def forget() -> None:
    """Read them again the next time."""
    global _kept
    _kept = None


def change(by: Actor, values: Mapping[str, Any]) -> dict[str, Any]:
    """Change some settings. Raises Invalid naming each that is unknown or out of its bounds."""
    problems = [one for key, value in values.items() if (one := _problem(key, value)) is not None]
    if problems:
        raise Invalid(problems)
    with log.transaction():
        rows = dict(Setting.objects.select_for_update().values_list("key", "value"))
        before = {key: rows.get(key, CHOICES[key].shipped) for key in values}
        for key, value in values.items():
            Setting.objects.update_or_create(key=key, defaults={"value": value})
        log.append(
            EntryData(
                action="guard.settings", object_type="guard", object_id="settings", actor_id=by.person,
                actor_name=by.name, acting_for_id=by.acting_for, origin=by.origin, via=by.via, before=before,
                after=dict(values),
            )
        )  # fmt: skip
    forget()
    return everything()


def _problem(key: str, value: Any) -> Problem | None:
    choice = CHOICES.get(key)
    if choice is None:
        return Problem(key[:80], "unknown", Words("没有这个设置", "no such setting"))
    if isinstance(choice.shipped, bool):
        return None if isinstance(value, bool) else Problem(key, "type", Words("应为是或否", "must be true or false"))
    if isinstance(value, bool) or not isinstance(value, int):
        return Problem(key, "type", Words("应为整数", "must be a whole number"))
    if not choice.least <= value <= choice.most:
        words = Words(f"应在 {choice.least} 到 {choice.most} 之间", f"must be from {choice.least} to {choice.most}")
        return Problem(key, "range", words)
    return None
