"""Read territory entries as people write them (``territory`` has the grammar).

Other spellings that mean the same are read: ``USA``, ``Germany``, ``US-CO``, ``US 802xx``,
``DE 80000 to 81999``; and ``PR``, which has ZIP codes of the US, is the same place as ``US PR``.
"""

import re
from dataclasses import dataclass, replace

from routing_core.domain.territory import postcodes
from routing_core.domain.territory.countries import country_code
from routing_core.domain.territory.states import countries_of, postal_country, state_of
from routing_core.domain.territory.territory_kind import WORLD, TerritoryKind
from routing_core.domain.values.sentence import said_by, worded

_RANK = re.compile(r"^(?P<where>.*?)\s+rank\s+(?P<rank>\S+)$", re.IGNORECASE | re.DOTALL)
_BACKUP = re.compile(r"^(?P<where>.*?)\s+backup$", re.IGNORECASE | re.DOTALL)
_NOT = re.compile(r"^not(?:\s+(?P<where>.*))?$", re.IGNORECASE | re.DOTALL)
_DRAWN = re.compile(r"^area\s+(?P<name>\S+)$", re.IGNORECASE)
_RADIUS = re.compile(r"(?P<km>[0-9]{1,4}(?:\.[0-9])?)\s*km\s+(?P<middle>.+)", re.IGNORECASE)
_POINT = re.compile(r"(?P<lat>-?[0-9]{1,2}(?:\.[0-9]+)?)\s*,\s*(?P<lon>-?[0-9]{1,3}(?:\.[0-9]+)?)")
_REGION = re.compile(r"^region(?:\s+(?P<name>.+))?$", re.IGNORECASE | re.DOTALL)
_COUNTRY = re.compile(r"^(?P<country>[A-Za-z]{2})(?:(?:\s+|-(?=[0-9]))(?P<area>.+))?$", re.DOTALL)
_HYPHEN = re.compile(r"\s*[-–]\s*|\s+(?:to|bis)\s+", re.IGNORECASE)
# ``802xx``
_OPEN_END = re.compile(r"(?P<beginning>[0-9]+)[Xx?_]+\*?")
_ISO_STATE = re.compile(r"(?P<country>[A-Za-z]{2})-(?P<state>[A-Za-z0-9]{1,3})")
_NUMBER = re.compile(r"[0-9]+")
_CODE = re.compile(r"[0-9A-Z]{1,10}")
_BRITISH_PREFIX = re.compile(r"[A-Z]{1,2}|[A-Z]{1,2}[0-9][0-9A-Z]?(?: [0-9][A-Z]?)?")
_SIGNS = re.compile(r"[\s\-–]")
_HOW = "write DE, DE 80331, DE 80*, DE 80000-81999 or region bavaria"

LARGEST_RANK = 99
"""The largest rank of an entry."""
LARGEST_RADIUS_KM = 500
"""The largest radius of an entry: a wider one is stated as countries."""
MOST_COUNTRIES_MEANT = 3
"""The most countries with a state of one name that advice still names."""
_FARTHEST_LATITUDE = 85
_FARTHEST_LONGITUDE = 180
_MOST_WORDS_OF_A_COUNTRY = 3


@dataclass(frozen=True, slots=True)
class WrittenEntry:
    """One entry as it was read; ``Territory`` has the same fields."""

    country: str
    kind: TerritoryKind = TerritoryKind.COUNTRY
    value: str = ""
    rank: int = 1
    backup: bool = False
    excluded: bool = False


def read_entry(text: str) -> WrittenEntry:
    """Read one entry; raises ValueError saying what would be right."""
    where = " ".join(text.split())
    if taken := _NOT.match(where):
        return _taken_away(read_entry(taken["where"] or ""), text)
    if backup := _BACKUP.match(where):
        entry = read_entry(backup["where"])
        if entry.backup:
            raise ValueError(
                worded("territory.backup_twice", "{value!r} says backup twice", value=text)
            )
        return replace(entry, backup=True)
    if ranked := _RANK.match(where):
        rank = _rank(ranked["rank"], text)
        return replace(_place(ranked["where"], text), rank=rank)
    return _place(where, text)


def _taken_away(entry: WrittenEntry, text: str) -> WrittenEntry:
    if entry.rank != 1 or entry.backup or entry.excluded:
        english = "{value!r}: what is taken away has no rank and is not a backup: write not DE 803*"
        raise ValueError(worded("territory.taken_away", english, value=text))
    return replace(entry, excluded=True)


def _rank(written: str, text: str) -> int:
    if not _NUMBER.fullmatch(written) or not 1 <= int(written) <= LARGEST_RANK:
        english = "{value!r}: a rank is a number from 1 to 99, as in DE 80* rank 2"
        raise ValueError(worded("territory.rank", english, value=text))
    return int(written)


def _place(where: str, text: str) -> WrittenEntry:
    """Read where an entry lies, without its rank and what stands before and behind."""
    if region := _REGION.match(where):
        if not region["name"]:
            english = "{value!r} names no region: write region bavaria"
            raise ValueError(worded("territory.no_region", english, value=text))
        return WrittenEntry("", TerritoryKind.REGION, region["name"])
    if drawn := _DRAWN.match(where):
        return WrittenEntry("", TerritoryKind.AREA, drawn["name"])
    if where == WORLD:
        return WrittenEntry("", TerritoryKind.WORLD)
    country, area = _stated(where, text)
    if postal_country(country) != country:
        area = area or country
        country = postal_country(country)
    if not area:
        return WrittenEntry(country)
    kind, value = _area(country, area, text)
    return WrittenEntry(country, kind, value)


def _stated(where: str, text: str) -> tuple[str, str]:
    """Part the country from what is said of it, which is empty for all of it."""
    named = _named(where)
    if stated := _COUNTRY.match(where):
        code = stated["country"].upper()
        # Two letters that are no country are still taken for one where nothing else is meant.
        if postcodes.is_country(code) or not named:
            return code, stated["area"] or ""
    if by_code := _ISO_STATE.fullmatch(where):
        code = by_code["country"].upper()
        if state_of(code, where):
            return code, where
    if named:
        return named
    english = f"{{value!r}} does not begin with a country of two letters: {_HOW}"
    raise ValueError(worded("territory.no_country", english, value=text))


def _named(where: str) -> tuple[str, str] | None:
    """Do the same where the country is written as people call it; None if none is."""
    words = where.split(" ")
    for length in range(min(len(words), _MOST_WORDS_OF_A_COUNTRY), 0, -1):
        if country := country_code(" ".join(words[:length])):
            return country, " ".join(words[length:])
    return None


def _area(country: str, area: str, text: str) -> tuple[TerritoryKind, str]:
    """Read what is said of a country; raises ValueError saying what would be right."""
    if state := _state(country, area):
        return TerritoryKind.STATE, state
    area = postcodes.without_sign(country, postcodes.plain(_closed(country, area)))
    if around := _RADIUS.fullmatch(area):
        return TerritoryKind.RADIUS, _around(country, around, text)
    if area.endswith("*"):
        return TerritoryKind.PREFIX, _prefix(country, area, text)
    parts = _parts(country, area)
    if len(parts) > 1:
        return TerritoryKind.RANGE, _range(country, parts, text)
    try:
        return TerritoryKind.POSTCODE, _code(country, area)
    except ValueError as error:
        why = _no_postcode(country, area, error)
        raise ValueError(worded("quoted_why", "{value!r}: {why}", value=text, why=why)) from error


def _closed(country: str, area: str) -> str:
    """Write ``802xx`` as the prefix it means; longer than a postcode, it means nothing."""
    open_end = _OPEN_END.fullmatch(area)
    if open_end and len(area.rstrip("*")) <= postcodes.digits(country):
        return f"{open_end['beginning']}*"
    return area


def _prefix(country: str, area: str, text: str) -> str:
    if country == "GB":
        return _british_prefix(area[:-1], text)
    beginning = _compact(area[:-1])
    if not _CODE.fullmatch(beginning):
        english = f"{{value!r}} is not a prefix, as in DE 80*: {_HOW}"
        raise ValueError(worded("territory.no_prefix", english, value=text))
    return beginning


def _parts(country: str, area: str) -> list[str]:
    """Part the ends of a range; one part if it is none, for a hyphen may belong to a postcode."""
    parts = _HYPHEN.split(area)
    hyphenated = postcodes.hyphenated(country)
    # Each end has a hyphen of its own, as in 00-950-00-999.
    if len(parts) == 4 and hyphenated:
        parts = [parts[0] + parts[1], parts[2] + parts[3]]
    if tuple(map(len, parts)) in hyphenated:
        return [area]
    return parts


def _no_postcode(country: str, area: str, error: ValueError) -> str:
    """Say why that is no postcode of the country, and what was probably meant."""
    advice = _all_that_begin_so(country, area)
    has_digits = any(sign.isdigit() for sign in area)
    elsewhere = () if advice or has_digits else countries_of(area)
    if 0 < len(elsewhere) <= MOST_COUNTRIES_MEANT:
        meant = " or ".join(f"{each} {area}" for each in elsewhere)
        english = "{area} is not in {country}: did you mean {meant}?"
        return worded("territory.elsewhere", english, area=area, country=country, meant=meant)
    english = "{area} {why}{advice}"
    if isinstance(error, postcodes.NoPostcode) and error.meant.startswith("0"):
        zeros = " Spreadsheets drop zeros in front: format the column as text"
        advice = worded("territory.zeros", zeros)
    return worded("territory.code", english, area=area, why=said_by(error), advice=advice)


def _state(country: str, area: str) -> str:
    """Give the key of a state; empty for whatever has a digit.

    ``CO*`` is one too where no postcode begins so.
    """
    name = area.removesuffix("*").strip()
    if any(sign.isdigit() for sign in name):
        return ""
    state = state_of(country, name)
    if state is None or (name != area and postcodes.may_begin(country, _compact(name))):
        return ""
    return state.key


def _all_that_begin_so(country: str, area: str) -> str:
    """Advise to write a prefix, where that can be done and means what was meant.

    ``1067*`` is Berlin, and 01067 Dresden.
    """
    if area.isdigit() and len(area) == postcodes.digits(country) - 1:
        return ""
    try:
        entry = read_entry(f"{country} {area}*")
        if entry.kind is TerritoryKind.PREFIX:
            postcodes.check_beginning(entry.country, entry.value.replace(" ", ""))
    except ValueError:
        return ""
    value = f"{entry.value}*" if entry.kind is TerritoryKind.PREFIX else entry.value
    english = "; for all that begin so, write {value}"
    return worded("territory.all_that_begin", english, value=f"{entry.country} {value}")


def _around(country: str, around: re.Match[str], text: str) -> str:
    km, middle = float(around["km"]), around["middle"]
    if not 0 < km <= LARGEST_RADIUS_KM:
        raise ValueError(worded("territory.km", "{value!r}: write from 1km to 500km", value=text))
    if point := _POINT.fullmatch(middle):
        lat, lon = float(point["lat"]), float(point["lon"])
        if abs(lat) > _FARTHEST_LATITUDE or abs(lon) > _FARTHEST_LONGITUDE:
            english = "{value!r}: a point is latitude,longitude, as in DE 50km 48.137,11.575"
            raise ValueError(worded("territory.point", english, value=text))
        return f"{km:g}km {lat:g},{lon:g}"
    try:
        return f"{km:g}km {_code(country, middle)}"
    except ValueError as error:
        english = "{value!r}: {middle} {why}, as in DE 50km 80331"
        why = said_by(error)
        raise ValueError(
            worded("territory.middle", english, value=text, middle=middle, why=why)
        ) from error


def _code(country: str, written: str) -> str:
    try:
        return postcodes.compared(country, written)
    except ValueError:
        compact = _compact(written)
        if country in postcodes.FIRST_KNOWN or not _CODE.fullmatch(compact):
            raise
        # It may be stored so from before that country was known: ``Territory.check`` refuses it.
        return compact


def _british_prefix(beginning: str, text: str) -> str:
    prefix = " ".join(beginning.upper().split())
    if not _BRITISH_PREFIX.fullmatch(prefix):
        english = (
            "{value!r} is not a prefix of a British postcode: write WS*, WS9*, EC1A* or WS9 8*"
        )
        raise ValueError(worded("territory.british", english, value=text))
    return prefix


def _compact(code: str) -> str:
    return _SIGNS.sub("", code).upper()


def _range(country: str, ends: list[str], text: str) -> str:
    """Read a range of numbers; shorter ones are all that begin with one of them."""
    first, last = ends[0], ends[-1]
    both_numbers = _NUMBER.fullmatch(first) and _NUMBER.fullmatch(last)
    if len(ends) != 2 or not both_numbers or len(first) != len(last):
        english = "{value!r}: a range needs two numbers of equal length, as in DE 80000-81999"
        raise ValueError(worded("territory.range", english, value=text))
    if first > last:
        english = "{value!r}: the range runs backwards, write {meant}"
        raise ValueError(
            worded("territory.range_backwards", english, value=text, meant=f"{last}-{first}")
        )
    missing = postcodes.digits(country) - len(first)
    # One digit less is more likely a lost zero than a range of beginnings.
    if missing == 1 and country in postcodes.FIRST_KNOWN:
        zeros = f"{country} 0{first}-0{last}"
        english = "{value!r}: a range needs numbers of {digits} digits: did you mean {meant}?"
        raise ValueError(
            worded(
                "territory.range_digits",
                english,
                value=text,
                digits=len(first) + 1,
                meant=zeros,
            )
        )
    if missing > 1 and len(first) > 1:
        first, last = first + "0" * missing, last + "9" * missing
    if country in postcodes.FIRST_KNOWN:
        check_range(country, first, last, text)
    return f"{first}-{last}"


def check_range(country: str, first: str, last: str, text: str) -> None:
    """Raise ValueError where neither end of a range is a postcode of the country."""
    if not _is_postcode(country, first) and not _is_postcode(country, last):
        english = "{value!r}: neither {first} nor {last} is a postcode of {country}: write prefixes"
        raise ValueError(
            worded(
                "territory.range_empty",
                english,
                value=text,
                first=first,
                last=last,
                country=country,
            )
        )


def _is_postcode(country: str, code: str) -> bool:
    try:
        return bool(postcodes.compared(country, code))
    except ValueError:
        return False
