"""How somebody wants to be told: by kind at once, once a day or not at all by mail, and when they are left alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import Any

from heli.audit import log
from heli.audit.log import EntryData
from heli.kernel.actor import Actor
from heli.kernel.calendar import Calendar
from heli.kernel.errors import Invalid, Problem
from heli.kernel.words import Words
from heli.notices.kinds import KINDS, MAILS, Mail
from heli.notices.models import Setting
from heli.org import zone

DAYS = ("work", "every")
"""On which days a digest comes: working days, or all."""
FURTHEST = 30
"""Days that are looked at for the next one on which a digest comes: longer than any holiday."""
NO_KIND = Words("没有「{kind}」这种通知", "there is no kind of notice “{kind}”")
NO_MAIL = Words("应为 now、digest 或 off", "is now, digest or off")
NO_TIME = Words("应为 24 小时制时间，例如 08:30", "is a time of day such as 08:30")
BOTH = Words("免打扰的开始和结束要么都填，要么都不填", "quiet hours have a beginning and an end, or neither")
SAME = Words("免打扰的开始和结束相同", "quiet hours begin and end at the same time")
NO_DAYS = Words("应为 work 或 every", "is work or every")


@dataclass(frozen=True, slots=True)
class Settings:
    """Of one person, complete. Quiet hours may lie across midnight; no mail is sent in them."""

    mail: Mapping[str, Mail] = field(default_factory=dict)
    quiet_from: str = "21:00"
    quiet_to: str = "08:00"
    digest_at: str = "08:30"
    digest_days: str = "work"

    def of(self, kind: str) -> Mail:
        """How a kind goes by mail."""
        known = KINDS.get(kind)
        return self.mail.get(kind) or (known.mail if known is not None else "off")

    def when(self, mail: Mail, now: datetime) -> datetime | None:
        """When what is told now goes by mail; None: it does not."""
        if mail == "off":
            return None
        local = zone.here(now)
        if mail == "now":
            return self._after_quiet(local)
        hour = time.fromisoformat(self.digest_at)
        for ahead in range(FURTHEST):
            day = local.date() + timedelta(days=ahead)
            at = datetime.combine(day, hour, local.tzinfo)
            if at > local and (self.digest_days == "every" or Calendar().works(day)):
                return at
        return datetime.combine(local.date() + timedelta(days=1), hour, local.tzinfo)

    def _after_quiet(self, local: datetime) -> datetime:
        if not self.quiet_from:
            return local
        start, end, now = time.fromisoformat(self.quiet_from), time.fromisoformat(self.quiet_to), local.time()
        inside = start <= now < end if start < end else now >= start or now < end
        if not inside:
            return local
        day = local.date() + timedelta(days=1 if now >= end else 0)
        return datetime.combine(day, end, local.tzinfo)


def of(people: Iterable[int]) -> dict[int, Settings]:
    """What each of them has set, or what is shipped."""
    wanted = list(people)
    found = {
        one.person_id: Settings(one.mail, one.quiet_from, one.quiet_to, one.digest_at, one.digest_days)
        for one in Setting.objects.filter(person_id__in=wanted)
    }
    return {one: found.get(one, Settings()) for one in wanted}


def change(by: Actor, person: int, changes: Mapping[str, Any]) -> Settings:
    """Set what is named; the rest stays. Raises Invalid naming each place."""
    with log.transaction():
        before = of([person])[person]
        told = dict(changes)
        if "mail" in told:
            told["mail"] = {**before.mail, **told["mail"]}
        after = replace(before, **told)
        problems = list(_problems(changes, after))
        if problems:
            raise Invalid(problems)
        if after != before:
            values = {
                "mail": dict(after.mail), "quiet_from": after.quiet_from, "quiet_to": after.quiet_to, "digest_at": after.digest_at,
                "digest_days": after.digest_days,
            }  # fmt: skip
            Setting.objects.update_or_create(person_id=person, defaults=values)
            entry = EntryData(
                action="notice.settings", object_type="person", object_id=str(person), actor_id=by.person, actor_name=by.name,
                acting_for_id=by.acting_for, origin=by.origin, via=by.via, after=values,
            )  # fmt: skip
            log.append(entry)
        return after


def _problems(changes: Mapping[str, Any], after: Settings) -> Iterable[Problem]:
    for kind, mail in changes.get("mail", {}).items():
        if kind not in KINDS:
            yield Problem("mail", "unknown", NO_KIND.fill(kind=kind[:80]))
        elif mail not in MAILS:
            yield Problem(f"mail/{kind}", "mail", NO_MAIL)
    good = True
    for name in ("quiet_from", "quiet_to", "digest_at"):
        text = getattr(after, name)
        if not _is_time(text) and not (text == "" and name != "digest_at"):
            good = False
            yield Problem(name, "time", NO_TIME)
    if after.digest_days not in DAYS:
        yield Problem("digest_days", "days", NO_DAYS)
    if good and bool(after.quiet_from) != bool(after.quiet_to):
        yield Problem("quiet_to" if after.quiet_from else "quiet_from", "both", BOTH)
    elif good and after.quiet_from and after.quiet_from == after.quiet_to:
        yield Problem("quiet_to", "same", SAME)


def _is_time(text: str) -> bool:
    if len(text) != len("08:30"):
        return False
    try:
        time.fromisoformat(text)
    except ValueError:
        return False
    return text[2] == ":"
