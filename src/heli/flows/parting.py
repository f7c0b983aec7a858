"""What running cases give parts in projects: whoever changes what a part brings is told of them (``policy/parts.py``)."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection

from django.db.models import Count

from heli.flows import giving, library, rights
from heli.flows.models import Instance, Version
from heli.kernel.errors import Broken, HeliError, one_line
from heli.policy import parts as policy_parts

_logger = logging.getLogger(__name__)


def running(parts: Collection[str]) -> dict[str, int]:
    """By process: running cases whose version makes somebody one of these parts in a project, by itself or by what it calls."""
    open_ = Instance.objects.filter(state=Instance.RUNNING, hidden=False).values("version_id").annotate(n=Count("pk"))
    cases = {row["version_id"]: row["n"] for row in open_.order_by()}
    found: Counter[str] = Counter()
    for one in Version.objects.filter(pk__in=cases).select_related("process").order_by("process_id", "number"):
        try:
            whole = giving.with_called(library.definition(one))
        except (Broken, HeliError) as error:  # its cases stand still; rules are published all the same
            _logger.warning("version %s of “%s” cannot be read: %s", one.number, one.process.code, one_line(error))
            continue
        if any(rights.part_of(node) in parts for each in whole for node in each.nodes):
            found[one.process.code] += cases[one.pk]
    return dict(found)


def attach() -> None:
    """Let the policy ask for them."""
    policy_parts.givers[:] = [running]
