"""Weighted shares of offers, by stride scheduling.

It is a deterministic round robin in which weights count. Every partner has a *pass value*. The
least is next, and an offer moves it on by the partner's *stride*, which is the shorter the larger
the weight: so a partner of weight 2 is asked twice as often as one of weight 1, evenly in time.

Source: C. A. Waldspurger and W. E. Weihl, "Stride Scheduling: Deterministic Proportional-Share
Resource Management", MIT Laboratory for Computer Science, Technical Memorandum TM-528, June 1995.
The global pass of that paper is ``_line`` here: it says where whoever was away, or is new, stands
in line.
"""

from collections.abc import Sequence

from routing_core.domain.partner import Partner
from routing_core.routing.decide.standing import Standing

STRIDE = 1_000_000_000
"""An offer moves a partner of weight 1 so far, one of weight 2 half as far.

It is so large that dividing it loses little.
"""


def stride(partner: Partner) -> int:
    """Give how far an offer moves the partner.

    One without a share is never asked, and counts as of weight 1.
    """
    return STRIDE // max(partner.weight, 1)


def share_by_weight(standings: Sequence[Standing], back: str) -> None:
    """Fill in where everybody stands in the weighted order.

    ``back`` says what becomes of who did not take part for a while (absent, paused, full, or new):
    ``in_line`` stands in line again without having it made up, ``keep`` has one offer made up,
    ``accrue`` all of them.
    """
    line = _line(standings)
    all_weights = sum(standing.partner.weight for standing in standings)
    for standing in standings:
        standing.all_weights = all_weights
        standing.pass_value = _pass_value(standing, line, back)
    # Only for people to read: where everybody would stand who had exactly their share.
    weighted = sum(standing.pass_value * standing.partner.weight for standing in standings)
    middle = weighted / max(all_weights, 1)
    for standing in standings:
        standing.ahead = (standing.pass_value - middle) / STRIDE


def _line(standings: Sequence[Standing]) -> int:
    """Find the pass value at the last offer: whoever takes part all the time is never behind it."""
    before_last_offer = [
        standing.load.pass_value - stride(standing.partner)
        for standing in standings
        if standing.load.pass_value
    ]
    return max(before_last_offer, default=0)


def _pass_value(standing: Standing, line: int, back: str) -> int:
    stored = standing.load.pass_value
    # Who never had an offer has none to be made up: a new partner must not get everything until it
    # caught up.
    if not stored:
        return max(stored, line)
    if back == "accrue":
        return stored
    if back == "keep":
        return max(stored, line - stride(standing.partner))
    return max(stored, line)
