"""The company's time zone: in it a day begins, wherever the server stands."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from heli.kernel import clock
from heli.org.models import Company

DEFAULT = "Asia/Shanghai"


def company_zone() -> ZoneInfo:
    """The zone that the company has chosen; China's before there is a company."""
    return ZoneInfo(Company.objects.order_by("pk").values_list("time_zone", flat=True).first() or DEFAULT)


def told(at: datetime, form: str = "%Y-%m-%d %H:%M") -> str:
    """A moment as people of this company read it. Its zone is looked up once a minute: it may be told for every cell of a file."""
    return here(at).strftime(form)


def here(at: datetime) -> datetime:
    """The same moment on the company's clock; its zone is looked up once a minute."""
    return at.astimezone(of_this_minute())


def of_this_minute() -> ZoneInfo:
    """The company's zone, looked up once a minute."""
    return _zone_of(int(clock.now().timestamp() // 60))


@lru_cache(maxsize=2)
def _zone_of(_minute: int) -> ZoneInfo:
    return company_zone()


def today() -> date:
    """The day that it is now in the company's zone."""
    return clock.now().astimezone(company_zone()).date()


def day_start(day: date) -> datetime:
    """The moment at which a day begins for the company. Raises OverflowError for a day at the end of time."""
    return datetime(day.year, day.month, day.day, tzinfo=company_zone())
