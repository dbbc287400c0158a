"""How long things take while some are not done yet (Kaplan and Meier, 1958).

What is not done is censored: it is known to take longer than so far. Leaving it out would make slow
partners look fast.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from routing_core.reporting.share import LEAST_CASES, Typical

_HALF_LEFT = 0.5
_TENTH_LEFT = 0.1
_ROUNDING = 1e-9
"""Products of fractions may end so little above what they are."""


def typical(codes: Sequence[int], unit: float) -> Typical:
    """Give median and p90 of times as ``columns.coded`` codes them, in units of so many seconds."""
    ordered = sorted(codes)
    cases = len(ordered)
    censored = sum(code & 1 for code in ordered)
    if cases < LEAST_CASES:
        return Typical(None, None, cases, censored)
    median, p90 = _quantiles(ordered) if censored else _quantiles_of_done(ordered)
    return Typical(_time(median, unit), _time(p90, unit), cases, censored)


def _time(code: int | None, unit: float) -> float | None:
    return None if code is None else (code // 2 - 1) / unit


def _quantiles_of_done(ordered: Sequence[int]) -> tuple[int | None, int | None]:
    """Find them where everything is done: then k of n need no product."""
    cases = len(ordered)
    return ordered[(cases - 1) // 2], ordered[(9 * cases - 1) // 10]


def _quantiles(ordered: Sequence[int]) -> tuple[int | None, int | None]:
    """Find the codes at which half and a tenth are left."""
    median: int | None = None
    left = 1.0
    at_risk = len(ordered)
    for code in ordered:
        if not code & 1:
            # Events at the same time one by one give the same product as all at once.
            left *= (at_risk - 1) / at_risk
            if median is None and left <= _HALF_LEFT + _ROUNDING:
                median = code
            if left <= _TENTH_LEFT + _ROUNDING:
                return median, code
        at_risk -= 1
    return median, None


def typical_of_spells(
    done: Iterable[int], left: Iterable[int], came: Iterable[int], unit: float
) -> Typical:
    """Give the same of spells that may have begun before anybody watched, in units.

    ``done`` are the lengths of those that ended by being done, ``left`` of those that are censored,
    and ``came`` those at which each was first watched, 0 for most. A spell counts as one that could
    end only from then on (left truncation), else the slow ones would be counted too often.
    """
    events = Counter(done)
    exits = Counter(left)
    entries = Counter(came)
    censored = exits.total()
    cases = events.total() + censored
    if cases < LEAST_CASES:
        return Typical(None, None, cases, censored)
    median: float | None = None
    at_risk = 0
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
