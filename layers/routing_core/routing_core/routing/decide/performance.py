"""Measure how well partners have done with their offers, and how well they might.

These are two ways to rank by figures.
"""

from random import Random
from typing import NamedTuple

from routing_core.domain.figures import Figures
from routing_core.domain.partner import Load
from routing_core.domain.programme.routing_settings import Performance
from routing_core.routing.decide.standing import Standing

AVERAGE = {"acceptance": 0.7, "speed": 0.5, "conversion": 0.3, "value": 0.5, "returns": 0.95}
"""Says what the average partner is taken to do, each as a share where more is better."""
THOUSANDTHS = 1000
"""Figures count the used part of response windows in thousandths."""


def performance_of(load: Load, rules: Performance) -> float:
    """Give the mean of the measures, each against the average partner's.

    1 is average, more is better. What is still open says nothing yet, neither for nor against: it
    counts as the average partner's.
    """
    figures = load.figures
    relative = [_measure(name, load, rules) / AVERAGE[name] for name in rules.of]
    mean = round(sum(relative) / len(relative), 2)
    # A few bad answers at the beginning must not end the offers.
    is_newcomer = figures.offers < rules.newcomers
    return max(mean, 1.0) if is_newcomer else mean


class _Counted(NamedTuple):
    """What went well of what there was, and what is not known yet."""

    good: float
    of: int
    undecided: int = 0


def _measure(name: str, load: Load, rules: Performance) -> float:
    """Give one measure as a share between 0 and 1, smoothed towards the average partner's.

    It is the mean of a Beta distribution whose prior is the average partner, worth ``prior``
    observations.
    """
    counted = _counted(name, load, rules)
    as_average = (counted.undecided + rules.prior) * AVERAGE[name]
    return (counted.good + as_average) / (counted.of + rules.prior)


def _counted(name: str, load: Load, rules: Performance) -> _Counted:
    figures = load.figures
    undecided = _undecided(load)
    decided = figures.offers - undecided
    match name:
        case "acceptance":
            return _Counted(decided - figures.declined - figures.lapsed, figures.offers, undecided)
        case "speed":
            return _Counted(figures.answers - figures.used / THOUSANDTHS, figures.answers)
        case "conversion":
            return _Counted(figures.won, figures.won + figures.lost)
        case "value":
            return _Counted(_worth(figures, rules.order_value), figures.won)
        case "returns":
            return _Counted(decided - figures.returned, figures.offers, undecided)
    raise ValueError(f"{name!r} is no measure of performance")


def _undecided(load: Load) -> int:
    """Count the offers of which nobody knows yet what becomes of them: each holds a place."""
    figures = load.figures
    known = figures.declined + figures.lapsed + figures.returned
    return max(min(load.open_count, figures.offers - known), 0)


def _worth(figures: Figures, usual: int) -> float:
    """Count how many of the orders won were worth it.

    One of usual value counts half, none counts more than one.
    """
    if not figures.won:
        return 0.0
    return figures.won * figures.value / (figures.value + figures.won * usual)


def thompson_sample(standing: Standing, seed: str) -> float:
    """Draw an acceptance rate from what may be the partner's: between 0 and 1, with six digits.

    Of whom little is known the draws lie far apart, so that they come first now and then, and more
    is known. What is still open counts half for, half against. The same ``seed`` gives the same
    draw, so that a decision replays.

    Source: W. R. Thompson, "On the Likelihood that One Unknown Probability Exceeds Another in View
    of the Evidence of Two Samples", Biometrika 25 (1933), 285–294; here with a uniform Beta(1, 1)
    prior.
    """
    figures = standing.load.figures
    undecided = _undecided(standing.load)
    refused = figures.declined + figures.lapsed
    taken = max(figures.offers - refused - undecided, 0)
    dice = Random(f"{seed}:{standing.partner.id}")  # noqa: S311 - a draw that replays, not a secret
    return round(dice.betavariate(1 + taken + undecided / 2, 1 + refused + undecided / 2), 6)
