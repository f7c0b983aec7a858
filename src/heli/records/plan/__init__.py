"""How one page is fetched: which SQL answers "the next k visible rows in this order" quickest.

``fetch(Want) -> Got``. ``estimates`` weighs four plans by counts, ``chooser`` picks one and bounds what may disappoint,
``emit`` and ``merge`` write their SQL. See ``docs/benchmarks.md`` for what they take.
"""

from heli.records.plan.chooser import Prepared, fetch, prepare
from heli.records.plan.question import NEVER, After, Driver, Got, Order, Want

__all__ = ["NEVER", "After", "Driver", "Got", "Order", "Prepared", "Want", "fetch", "prepare"]
