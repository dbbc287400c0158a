"""Lists from which a spreadsheet has taken leading zeros.

The ZIP3 010 of Massachusetts is then 10, New York. Each such entry can be read, and means another
place. But in a list of a whole country it shows: nothing begins with a zero any more, and entries
one digit short stand beside those that they would contain, 10 beside 100.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from routing_core.domain.territory import postcodes
from routing_core.domain.territory.territory import Territory, TerritoryKind

FEWEST_ENTRIES = 20
"""So many different entries of the usual length it takes; a smaller list cannot tell."""
NATIONWIDE = 7
"""A list is one of a whole country with so many of the nine first digits besides 0."""
FEWEST_SHORT = 5
"""So many short entries it takes; fewer may be meant."""
_BY_POSTCODE = (TerritoryKind.PREFIX, TerritoryKind.POSTCODE, TerritoryKind.RANGE)


def without_zeros(territories: Iterable[Territory]) -> Mapping[str, Sequence[str]]:
    """Give the entries that have lost a zero, by country; only countries whose list shows it."""
    beginnings: dict[str, set[str]] = defaultdict(set)
    for entry in territories:
        if entry.reach in _BY_POSTCODE and postcodes.digits(entry.country):
            first, _, _ = entry.value.partition("-")
            beginnings[entry.country].add(first)
    found = {country: _lost(country, values) for country, values in beginnings.items()}
    return {country: lost for country, lost in found.items() if lost}


def _lost(country: str, values: set[str]) -> Sequence[str]:
    """Give the entries of one country that have lost a zero; none where the list cannot tell."""
    if any(value.startswith("0") for value in values):
        return ()
    (usual, _), *_ = Counter(map(len, values)).most_common(1)
    whole = {value for value in values if len(value) == usual}
    short = sorted(value for value in values if len(value) == usual - 1)
    first_digits = {value[0] for value in whole}
    if len(whole) < FEWEST_ENTRIES or len(short) < FEWEST_SHORT or len(first_digits) < NATIONWIDE:
        return ()
    # A prefix meant to be short would make the longer ones in it needless, so hardly any is.
    doubled = [value for value in short if _contains_any(value, whole)]
    if 2 * len(doubled) < len(short):
        return ()
    missing = [value for value in short if _may_begin(country, f"0{value}")]
    return missing if 2 * len(missing) > len(short) else ()


def _contains_any(beginning: str, values: set[str]) -> bool:
    return any(value.startswith(beginning) for value in values)


def _may_begin(country: str, beginning: str) -> bool:
    """Tell whether a postcode of the country may begin so."""
    try:
        postcodes.check_beginning(country, beginning)
    except ValueError:
        return False
    return True
