"""The one company: its name and the units its numbers are in."""

from __future__ import annotations

import re
import zoneinfo

from heli.kernel.actor import Actor
from heli.kernel.words import Words
from heli.org.models import Company
from heli.org.verbs.change import Problems, changing, text

_CURRENCY = re.compile(r"[A-Z]{3}\Z")


def set_company(
    by: Actor,
    *,
    name: str | None = None,
    currency: str | None = None,
    time_zone: str | None = None,
    demo: bool | None = None,
) -> None:
    """Say what the company is called and how it counts; None leaves a value as it is (a new one needs a name).

    ``currency`` is an ISO 4217 code, ``time_zone`` an IANA name. Raises Invalid for anything else.
    """
    with changing(by) as change:
        problems = Problems()
        one = Company.objects.order_by("pk").first()
        was = None if one is None else _told(one)
        one = one or Company()
        if name is not None or was is None:
            one.name = text(problems, "name", name or "", 200)
        if currency is not None:
            if not _CURRENCY.match(currency):
                words = Words("币种为三位大写字母", "a currency is three capital letters")
                problems.invalid("currency", "pattern", words)
            one.currency = currency
        if time_zone is not None:
            if time_zone not in zoneinfo.available_timezones():
                problems.invalid("time_zone", "unknown", Words("没有这个时区", "no such time zone"))
            one.time_zone = time_zone
        if demo is not None:
            one.demo = demo
        problems.check()
        if was is None:
            one.save()
            change.note("company.create", one.pk, after=_told(one))
        elif was != _told(one):
            one.save()
            change.note("company.change", one.pk, was, _told(one))
            change.tree()


def _told(one: Company) -> dict[str, object]:
    return {"name": one.name, "currency": one.currency, "time_zone": one.time_zone, "demo": one.demo}
