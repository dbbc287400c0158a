"""A partner before an enquiry, as far as ranking looks at it."""

from collections.abc import Sequence
from dataclasses import dataclass

from routing_core.domain.partner import Load, Partner


@dataclass(slots=True)
class Standing:
    """A partner before an enquiry.

    What hangs on the others is filled in by ``ranking.compare``.
    """

    partner: Partner
    """The partner who is ranked."""
    territory: str
    """States the partner's entry that counts at the place."""
    specificity: float
    """Says how specific that entry is: the larger, the narrower."""
    rank: int
    """Gives the partner's place in the order there, 1 first."""
    served_before: bool
    """Tells whether the partner served this person before."""
    load: Load
    """Says what the partner holds right now."""
    preferences_met: int = 0
    """Counts the programme's preferences that the partner meets."""
    preferences: int = 0
    """Counts the programme's preferences."""
    km: float | None = None
    """Gives the kilometres from the partner's place to the enquiry's; None if one is unknown."""
    occupancy: float = 0.0
    """Gives the part of the places that is taken.

    On coming back from an absence it is as much as the others' on average.
    """
    pass_value: int = 0
    """Says where the partner stands in the weighted order.

    Turns that are not to be made up are gone from it.
    """
    all_weights: int = 0
    """Gives the weights of all who stand here, added up."""
    ahead: float = 0.0
    """Says how many rounds the partner is ahead of its share; less than 0 is behind it.

    In a round everybody gets as many offers as its weight.
    """
    performance: float = 1.0
    """Compares the partner with the average one: 1 is average, more is better."""
    sampled_rate: float = 0.0
    """Gives an acceptance rate between 0 and 1, drawn from what may be the partner's."""
    order: tuple[Sequence[float], str] = ((), "")
    """Gives what it was sorted by, the id last."""
