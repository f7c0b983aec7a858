"""Doing a transaction again that the database has ended to break a deadlock.

Writers lock records in one order wherever they can: by type, a customer before what belongs to it, then by id (see
``write.spread_account`` and ``many``). What starts at a record and reaches its customer (an activity does) may still meet a
hand-over of that customer crosswise. PostgreSQL then ends one of the two, of which nothing stays, and what was asked for is
simply done once more.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable
from typing import Final

from django.db import OperationalError, connection

MOST: Final = 6
"""Attempts in all. The other side goes on when one is ended, so that a second attempt nearly always succeeds."""
PAUSE: Final = 0.05
"""Seconds, at most, before the second attempt; twice as many before each further one."""
DEADLOCK: Final = "40P01"

_logger = logging.getLogger(__name__)


def until_done[T](what: Callable[[], T]) -> T:
    """What ``what`` gives; called again when a deadlock ended it, which must have been the whole of its effect (but for
    refusals, which the log keeps of each attempt).

    Inside a transaction it is called once: only the whole can be done again. Raises what ``what`` raises, at last
    OperationalError.
    """
    if connection.in_atomic_block:
        return what()
    for attempt in range(1, MOST):
        try:
            return what()
        except OperationalError as error:
            if not is_deadlock(error):
                raise
            _logger.info("a deadlock ended attempt %d; trying again", attempt)
            time.sleep(PAUSE * 2 ** (attempt - 1) * (1 + secrets.randbelow(100)) / 100)
    return what()


def is_deadlock(error: BaseException) -> bool:
    """Whether PostgreSQL ended this transaction so that another could go on."""
    return isinstance(error, OperationalError) and getattr(error.__cause__, "sqlstate", None) == DEADLOCK
