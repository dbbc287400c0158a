"""A list from which a spreadsheet has taken leading zeros, so that the ZIP3 010 of Massachusetts is
10, New York.

Each such entry can be read, and means another place. But in a list of a whole country it shows:
nothing begins with a zero any more, and entries one digit short stand beside those that they would
contain, 10 beside 100.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from routing_core.domain.territory import postcodes
from routing_core.domain.territory.territory import Territory, TerritoryKind

MANY = 20
"""Different entries of the usual length, or the list is too small to tell."""
NATIONWIDE = 7
"""Of the nine digits with which postcodes begin beside 0."""
FEW = 5
"""Short ones, or they may be meant."""


def without_zeros(territories: Iterable[Territory]) -> Mapping[str, Sequence[str]]:
    """Country → the entries that have lost a zero; only countries whose list shows it."""
    beginnings: dict[str, set[str]] = defaultdict(set)
    for entry in territories:
        if entry.reach in (
            TerritoryKind.PREFIX,
            TerritoryKind.POSTCODE,
            TerritoryKind.RANGE,
        ) and postcodes.digits(entry.country):
            beginnings[entry.country].update(entry.value.split("-")[:1])
    found = {country: _lost(country, values) for country, values in beginnings.items()}
    return {country: lost for country, lost in found.items() if lost}


def _lost(country: str, values: set[str]) -> Sequence[str]:
    if any(value.startswith("0") for value in values):
        return ()
    lengths = Counter(map(len, values))
    usual = lengths.most_common(1)[0][0]
    whole = {value for value in values if len(value) == usual}
    short = sorted(value for value in values if len(value) == usual - 1)
    if len(whole) < MANY or len({value[0] for value in whole}) < NATIONWIDE or len(short) < FEW:
        return ()
    doubled = [value for value in short if any(each.startswith(value) for each in whole)]
    if 2 * len(doubled) < len(short):
        return ()
    missing = [value for value in short if _may_begin(country, f"0{value}")]
    return missing if 2 * len(missing) > len(short) else ()


def _may_begin(country: str, beginning: str) -> bool:
    try:
        postcodes.check_beginning(country, beginning)
    except ValueError:
        return False
    return True
