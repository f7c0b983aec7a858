"""Figures over groups of values: counts, sums, quantiles, all groups at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from heli.flows.mining.log import Flags, Ints

SHARES = (0.5, 0.9, 0.95)


def quantiles(group: Ints, values: Ints, groups: int, shares: Sequence[float] = SHARES) -> NDArray[np.float64]:
    """Quantiles of each group's values, interpolated between the two nearest; NaN for a group without any. A row each group."""
    found = np.full((groups, len(shares)), np.nan)
    order = np.lexsort((values, group))
    sizes = np.bincount(group, minlength=groups)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    some = sizes > 0
    held = values[order]
    for column, share in enumerate(shares):
        at = (sizes[some] - 1) * share
        low = np.floor(at).astype(np.int64)
        high = np.minimum(low + 1, sizes[some] - 1)
        below, above = held[starts[some] + low], held[starts[some] + high]
        found[some, column] = below + (above - below) * (at - low)
    return found


def quantile(values: Ints, shares: Sequence[float] = SHARES) -> list[float | None]:
    """The same of one group; None without values."""
    if not len(values):
        return [None] * len(shares)
    return [float(one) for one in quantiles(np.zeros(len(values), np.int64), values, 1, shares)[0]]


def sums(group: Ints, values: Ints, groups: int) -> Ints:
    """The sum of each group, exact."""
    found = np.zeros(groups, np.int64)
    np.add.at(found, group, values)
    return found


def counts(group: Ints, groups: int) -> Ints:
    """How many there are of each group."""
    found: Ints = np.bincount(group, minlength=groups).astype(np.int64)
    return found


def share(part: float, whole: float) -> float:
    """0 of nothing."""
    return float(part) / float(whole) if whole else 0.0


def once(*keys: Ints) -> tuple[Ints, ...]:
    """The different combinations of these columns."""
    if not len(keys[0]):
        return keys
    order = np.lexsort(keys[::-1])
    fresh = np.ones(len(order), np.bool_)
    fresh[1:] = np.any([key[order][1:] != key[order][:-1] for key in keys], axis=0)
    return tuple(key[order][fresh] for key in keys)


def tallied(key: Ints) -> tuple[Ints, Ints]:
    """The different values, sorted, and how often each comes."""
    values, many = np.unique(key, return_counts=True)
    return values, many.astype(np.int64)


def some(flags: Flags) -> int:
    return int(np.count_nonzero(flags))
