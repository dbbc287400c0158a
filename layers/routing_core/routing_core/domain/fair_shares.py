"""What weights alone would give: the measure of how fairly offers are shared out."""

from collections.abc import Sequence


def fair_shares(weights: Sequence[int], offers: int) -> list[float]:
    """Give what each would have of so many offers made at once, by weight alone.

    Nobody has more than one: what the heavy ones cannot take is shared among the others.
    """
    shares = [0.0] * len(weights)
    left = float(offers)
    weight_left = sum(weights)
    others = len(weights)
    for place in sorted(range(len(weights)), key=weights.__getitem__, reverse=True):
        weight = weights[place]
        share = left * weight / weight_left if weight_left else left / others
        shares[place] = min(1.0, share)
        left -= shares[place]
        weight_left -= weight
        others -= 1
    return shares
