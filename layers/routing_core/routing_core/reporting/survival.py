"""How long things take while some are not done yet (Kaplan and Meier, 1958).

What is not done is censored: it is known to take longer than so far. Leaving it out would make slow
partners look fast.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice

from routing_core.reporting.share import LEAST_CASES, Typical

_HALF_LEFT = 0.5
_TENTH_LEFT = 0.1
_ROUNDING = 1e-9
"""Products of fractions may end so little above what they are."""


def typical(codes: Iterable[int], unit: float) -> Typical:
    """Give median and p90 of times as ``columns.coded`` codes them, in units of so many seconds."""
    ordered = sorted(codes)
    cases = len(ordered)
    censored = [code for code in ordered if code & 1]
    if cases < LEAST_CASES:
        return Typical(None, None, cases, len(censored))
    # As long as nothing is censored, k of n are done, and that needs no product.
    certain = bisect_left(ordered, censored[0]) if censored else cases
    median = _done(ordered, certain, _HALF_LEFT, (cases - 1) // 2)
    p90 = _done(ordered, certain, _TENTH_LEFT, (9 * cases - 1) // 10)
    return Typical(_time(median, unit), _time(p90, unit), cases, len(censored))


def _time(code: int | None, unit: float) -> float | None:
    return None if code is None else (code // 2 - 1) / unit


def _done(ordered: Sequence[int], certain: int, until: float, place: int) -> int | None:
    """Find the code at which no more than ``until`` is left; None if that much stays.

    It stands at ``place`` if all before it are ``certain``: none of them is censored.
    """
    if place < certain:
        return ordered[place]
    at_risk = len(ordered) - certain
    left = at_risk / len(ordered)
    for code in islice(ordered, certain, None):
        if not code & 1:
            # Events at the same time one by one give the same product as all at once.
            left *= (at_risk - 1) / at_risk
            if left <= until + _ROUNDING:
                return code
        at_risk -= 1
    return None


def typical_of_spells(
    done: Iterable[int], left: Iterable[int], came: Iterable[int], unit: float
) -> Typical:
    """Give the same of spells that may have begun before anybody watched, in units.

    ``done`` are the lengths of those that ended by being done, ``left`` of those that are censored,
    and ``came`` those that spells had already when they were first watched, if any. A spell counts
    as one that could end only from then on (left truncation), else slow ones count too often.
    """
    events = Counter(done)
    exits = Counter(left)
    entries = Counter(came)
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
