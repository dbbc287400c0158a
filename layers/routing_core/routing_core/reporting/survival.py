"""How long things take while some are not done yet (Kaplan and Meier, 1958).

What is not done is censored: it is known to take longer than so far. Leaving it out would make slow
partners look fast.
"""

import numpy as np

from routing_core.reporting.columns import Numbers, Selectors, counts_of, how_many
from routing_core.reporting.share import LEAST_CASES, Typical

_HALF_LEFT = 0.5
_TENTH_LEFT = 0.1
_ROUNDING = 1e-9
"""Products of fractions may end so little above what they are."""


def typical(codes: Numbers, unit: float) -> Typical:
    """Give median and p90 of times as ``columns.coded`` codes them, in units of so many seconds."""
    ordered = np.sort(codes)
    cases = len(ordered)
    is_censored = ordered % 2 == 1
    censored = how_many(is_censored)
    if cases < LEAST_CASES:
        return Typical(None, None, cases, censored)
    left = _shares_left(is_censored)
    median, p90 = _first(ordered, left, _HALF_LEFT), _first(ordered, left, _TENTH_LEFT)
    return Typical(
        None if median is None else median / unit,
        None if p90 is None else p90 / unit,
        cases,
        censored,
    )


def _shares_left(is_censored: Selectors) -> Numbers:
    """Give after each case, the shortest first, which share is not done yet.

    Events at the same time one by one give the same product as all at once.
    """
    shares = np.arange(len(is_censored), 0, -1, dtype=np.float64)  # how many are at risk
    np.divide(-1, shares, out=shares)
    shares += 1
    shares[is_censored] = 1
    return np.cumprod(shares, out=shares)


def _first(ordered: Numbers, left: Numbers, until: float) -> int | None:
    """Give the first time at which no more than ``until`` is left; None if that much stays."""
    place = how_many(left > until + _ROUNDING)
    return int(ordered[place]) // 2 - 1 if place < len(ordered) else None


def typical_of_spells(done: Numbers, left: Numbers, came: Numbers, unit: float) -> Typical:
    """Give the same of spells that may have begun before anybody watched, in units.

    ``done`` are the lengths of those that ended by being done, ``left`` of those that are censored,
    and ``came`` those that spells had already when they were first watched, if any. A spell counts
    as one that could end only from then on (left truncation), else slow ones count too often.
    """
    events, exits, entries = counts_of(done), counts_of(left), counts_of(came)
    censored = exits.total()
    cases = events.total() + censored
    if cases < LEAST_CASES:
        return Typical(None, None, cases, censored)
    median: float | None = None
    at_risk = cases - entries.total()
    share_left = 1.0
    for length in sorted({*events, *exits, *entries}):
        # Who ends in the very unit in which they were first watched was at risk in it.
        at_risk += entries[length]
        if events[length]:
            share_left *= 1 - events[length] / at_risk
            if median is None and share_left <= _HALF_LEFT + _ROUNDING:
                median = length / unit
            if share_left <= _TENTH_LEFT + _ROUNDING:
                return Typical(median, length / unit, cases, censored)
        at_risk -= events[length] + exits[length]
    return Typical(median, None, cases, censored)
