"""Compare how full partners are, so that an empty desk is not filled at once."""

import math
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from statistics import median

from routing_core.domain.partner import Load, Partner, period_keys
from routing_core.routing.decide.standing import Standing

PLACES_WITHOUT_CAP = 10
"""A partner who states no cap is compared as if there were this many places."""
BACK_DAYS = 28
"""A partner counts as back for so many days after an absence."""
EMPTY = 0.8
"""Below this part of the usual occupancy (the median) a desk is emptier than chance makes it."""
PACE = 1.5
"""Such a desk is filled at most so many times as fast as desks are on average."""


def share_of_places_taken(load: Load) -> float:
    """Give the part of the partner's places that is taken: 1.0 is full."""
    return load.open_count / _places(load)


def _places(load: Load) -> int:
    places = PLACES_WITHOUT_CAP if load.caps.open is None else load.caps.open
    return max(places, 1)  # a cap of 0 excludes, but must not divide


def compare_occupancy(
    standings: Sequence[Standing], back: str, today: Callable[[Partner], date]
) -> None:
    """Fill in how full everybody is, for some as if they were as full as is usual.

    Nobody is raised where the programme says otherwise. Who is just back from an absence counts
    with the usual occupancy; so does anybody else far below it (after a pause, or new) who is asked
    more often than all were. ``today`` gives the date on a partner's wall.
    """
    returned: list[Standing] = []
    present: list[Standing] = []
    for standing in standings:
        standing.occupancy = share_of_places_taken(standing.load)
        if back == "in_line" and _is_back(standing.partner, today):
            returned.append(standing)
        else:
            present.append(standing)
    usual = median(standing.occupancy for standing in present) if present else 0.0
    raised = list(returned)
    if back == "in_line":
        empty = [standing for standing in present if standing.occupancy < EMPTY * usual]
        raised += _asked_too_often(empty, standings, today)
    for standing in raised:
        standing.occupancy = max(standing.occupancy, usual)


def _asked_too_often(
    some: Sequence[Standing], standings: Sequence[Standing], today: Callable[[Partner], date]
) -> Iterator[Standing]:
    """Give those of ``some`` who are asked more often than all are.

    They had more offers for each of their places this day, week or month.
    """
    if not some:
        return
    paces = [_pace(standing.load, today(standing.partner)) for standing in standings]
    # Summed exactly, so that no order of partners matters: a replay may see them in another.
    usual = [math.fsum(of_all) / len(paces) for of_all in zip(*paces, strict=True)]
    for standing in some:
        own = _pace(standing.load, today(standing.partner))
        if any(pace > PACE * mean for pace, mean in zip(own, usual, strict=True)):
            yield standing


def _pace(load: Load, today: date) -> tuple[float, ...]:
    """Count the offers made this day, week and month, for each place."""
    places = _places(load)
    return tuple([load.made.get(period, 0) / places for period in period_keys(today)])


def _is_back(partner: Partner, today: Callable[[Partner], date]) -> bool:
    if not partner.absences:
        return False
    day = today(partner)
    return any(
        absence.last < day <= absence.last + timedelta(days=BACK_DAYS)
        for absence in partner.absences
    )
