"""Sums of money by currency, exact to the cent."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

from routing_core.reporting.coded_values import NO_AMOUNT
from routing_core.reporting.texts import Texts

Money = Mapping[str, Decimal]
"""Net amounts by currency, like ``{"EUR": Decimal("12500.00")}``; never added up over several."""
Amount = tuple[int, int]
"""Cents, and the number of the currency's name."""


def added_up(amounts: Iterable[Amount], texts: Texts) -> Money:
    """Add up amounts by currency; those that are not known are left out."""
    sums: defaultdict[int, int] = defaultdict(int)
    for cents, currency in amounts:
        if cents != NO_AMOUNT:
            sums[currency] += cents
    named = sorted((texts[currency], cents) for currency, cents in sums.items())
    return {name: Decimal(cents).scaleb(-2) for name, cents in named}
