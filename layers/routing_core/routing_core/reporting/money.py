"""Sums of money by currency, exact to the cent."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from routing_core.reporting.columns import NO_AMOUNT, Texts
from routing_core.reporting.hq_report import Money


def added_up(amounts: Iterable[tuple[int, int]], texts: Texts) -> Money:
    """Add up amounts, each with its currency: cents and the number of the name."""
    sums: defaultdict[int, int] = defaultdict(int)
    for cents, currency in amounts:
        if cents != NO_AMOUNT:
            sums[currency] += cents
    named = sorted((texts[currency], cents) for currency, cents in sums.items())
    return {name: Decimal(cents).scaleb(-2) for name, cents in named}
