"""The company's time zone: in it a day begins, wherever the server stands."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from heli.kernel import clock
from heli.org.models import Company

DEFAULT = "Asia/Shanghai"


def company_zone() -> ZoneInfo:
    """The zone that the company has chosen; China's before there is a company."""
    return ZoneInfo(Company.objects.order_by("pk").values_list("time_zone", flat=True).first() or DEFAULT)


def today() -> date:
    """The day that it is now in the company's zone."""
    return clock.now().astimezone(company_zone()).date()


def day_start(day: date) -> datetime:
    """The moment at which a day begins for the company. Raises OverflowError for a day at the end of time."""
    return datetime(day.year, day.month, day.day, tzinfo=company_zone())
