"""Where a partner works: one entry, how it is written, and which postcodes it covers.

    DE               the whole country
    DE 80331         one postcode
    DE 80*           every postcode that begins so
    DE 80000-81999   a range of numbers, both ends included
    DE 50km 80331    so far around a postcode, or a point: DE 50km 48.137,11.575 (in that country)
    US CO            a state, province, Land or canton, by key or name: CA Ontario, DE Bayern, AT Wien
    region bavaria   an area the programme names by postcodes
    area munich-ring an area the programme draws as an outline
    *                the whole world

Each may end in `` rank 2`` (who is asked second there; 1, the first, is not written) and in ``
backup`` (only asked when routing finds nobody else). ``not DE 803*`` takes a part away.

**Which entry counts**, of those of one partner that cover a place: the most specific (see
``narrowness``); of
equally specific ones an ordinary one before a backup's, then the better rank. What ``not`` takes
away is taken
from all of them but those that lie wholly inside it (see ``extents``): ``DE 80*``, ``not DE 803*``,
``DE 80331``
is 80 without 803, but with 80331, and ``DE 30km 80331``, ``not DE 85*`` a circle without 85,
however small.

Postcodes are compared in their canonical form: capitals and digits, so that ``GB WS9 8AA`` and
``gb ws98aa`` are one, like ``PL 00-950`` and ``PL 00950``; of a US ZIP+4 the five digits count.
Beginnings are compared letter by letter: ``CA K1A*`` is the whole of that FSA, ``NL 1012*`` and
``IE D02*`` likewise. In ``GB`` they end where a part of the postcode ends: ``W*`` covers ``W1
1AA``, but not
``WS9 8AA``; ``B1*`` covers ``B1 1AA``, but not ``B10 0AA``; ``EC1*`` covers ``EC1A 1BB``; a sector
is written
with its space, ``WS9 8*``. A range covers numbers of exactly its own length, or all that begin with
one of them:
``US 800-816`` is ``US 80000-81699``; where postcodes have letters (GB, NL, CA, IE), write prefixes.

Other spellings that mean the same are read: ``USA``, ``Germany``, ``US-CO``, ``US 802xx``, ``DE
80000 to 81999``; and
``PR``, which has ZIP codes of the US, is the same place as ``US PR``.

Every way of writing an area comes down to a few *patterns*, and every postcode meets a few: that is
how ``routing.network`` finds who covers it without looking at anybody else.

    80331   exactly this          80*   beginning so          80???   three more digits
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Self

from routing_core.domain.territory import postcodes
from routing_core.domain.territory.countries import country_code
from routing_core.domain.territory.gazetteer import Circle, Point, specificity_of_shape
from routing_core.domain.territory.states import countries_of, postal_country, state_of, states

_RANK = re.compile(r"^(?P<where>.*?)\s+rank\s+(?P<rank>\S+)$", re.IGNORECASE | re.DOTALL)
_BACKUP = re.compile(r"^(?P<where>.*?)\s+backup$", re.IGNORECASE | re.DOTALL)
_NOT = re.compile(r"^not(?:\s+(?P<where>.*))?$", re.IGNORECASE | re.DOTALL)
_OUTWARD = re.compile(r"(?P<area>[A-Z]{1,2})(?P<number>[0-9]{1,2})?(?P<letter>[A-Z])?")
_DRAWN = re.compile(r"^area\s+(?P<name>\S+)$", re.IGNORECASE)
_RADIUS = re.compile(r"(?P<km>[0-9]{1,4}(?:\.[0-9])?)\s*km\s+(?P<middle>.+)", re.IGNORECASE)
_POINT = re.compile(r"(?P<lat>-?[0-9]{1,2}(?:\.[0-9]+)?)\s*,\s*(?P<lon>-?[0-9]{1,3}(?:\.[0-9]+)?)")
_REGION = re.compile(r"^region(?:\s+(?P<name>.+))?$", re.IGNORECASE | re.DOTALL)
_COUNTRY = re.compile(r"^(?P<country>[A-Za-z]{2})(?:(?:\s+|-(?=[0-9]))(?P<area>.+))?$", re.DOTALL)
_HYPHEN = re.compile(r"\s*[-–]\s*|\s+(?:to|bis)\s+", re.IGNORECASE)
_OPEN_END = re.compile(r"(?P<beginning>[0-9]+)[Xx?_]+\*?")
"""``802xx``"""
_ISO_STATE = re.compile(r"(?P<country>[A-Za-z]{2})-(?P<state>[A-Za-z0-9]{1,3})")
_NUMBER = re.compile(r"[0-9]+")
_CODE = re.compile(r"[0-9A-Z]{1,10}")
_BRITISH_PREFIX = re.compile(r"[A-Z]{1,2}|[A-Z]{1,2}[0-9][0-9A-Z]?(?: [0-9][A-Z]?)?")
_SIGNS = re.compile(r"[\s\-–]")

_HOW = "write DE, DE 80331, DE 80*, DE 80000-81999 or region bavaria"
WORLD = "*"
"""Stands for every country, and for every postcode of one."""


class TerritoryKind(StrEnum):
    """How an entry is stated."""

    WORLD = "world"
    COUNTRY = "country"
    REGION = "region"
    RANGE = "range"
    RADIUS = "radius"
    AREA = "area"
    STATE = "state"
    PREFIX = "prefix"
    POSTCODE = "postcode"


@dataclass(frozen=True, slots=True)
class Territory:
    """``value`` is the region's or area's name, ``80000-81999``, ``50km 80331``, a prefix ``80`` or
    a postcode, in
    canonical form.

    ``country`` is empty for a region or area, which the programme knows, and for the world.
    ``rank`` 1 = asked first
    there.
    """

    country: str
    reach: TerritoryKind = TerritoryKind.COUNTRY
    value: str = ""
    rank: int = 1
    backup: bool = False
    """Never in the ordinary ranking: asked when that has nobody (left)."""
    excluded: bool = False
    """Takes this area away."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads one entry; raises ValueError saying what would be right."""
        where, rank = " ".join(text.split()), 1
        if taken := _NOT.match(where):
            entry = cls.parse(taken["where"] or "")
            if entry.rank != 1 or entry.backup or entry.excluded:
                raise ValueError(
                    f"{text!r}: what is taken away has no rank and is not a backup: write not DE 803*"
                )
            return replace(entry, excluded=True)
        if backup := _BACKUP.match(where):
            entry = cls.parse(backup["where"])
            if entry.backup:
                raise ValueError(f"{text!r} says backup twice")
            return replace(entry, backup=True)
        if ranked := _RANK.match(where):
            where, rank = ranked["where"], _rank(ranked["rank"], text)
        if region := _REGION.match(where):
            if not region["name"]:
                raise ValueError(f"{text!r} names no region: write region bavaria")
            return cls("", TerritoryKind.REGION, region["name"], rank)
        if drawn := _DRAWN.match(where):
            return cls("", TerritoryKind.AREA, drawn["name"], rank)
        if where == WORLD:
            return cls("", TerritoryKind.WORLD, rank=rank)
        country, area = _stated(where, text)
        if postal_country(country) != country:
            area = area or country
            country = postal_country(country)
        if not area:
            return cls(country, rank=rank)
        reach, value = _area(country, area, text)
        return cls(country, reach, value, rank)

    def check(self) -> None:
        """Raises ValueError for what covers nobody: not to be saved, but read where it was."""
        try:
            match self.reach:
                case TerritoryKind.PREFIX:
                    postcodes.check_beginning(self.country, self.value.replace(" ", ""))
                case TerritoryKind.POSTCODE:
                    postcodes.canonical(self.country, self.value)
                case TerritoryKind.RADIUS if self.centre[0]:
                    postcodes.canonical(self.country, self.centre[0])
                case TerritoryKind.RANGE:
                    first, last = self.value.split("-")
                    _check_range(self.country, first, last, str(self))
        except ValueError as error:
            raise ValueError(f"{str(self)!r} covers nothing: {error}") from error

    def __str__(self) -> str:
        match self.reach:
            case TerritoryKind.COUNTRY:
                where = self.country
            case TerritoryKind.WORLD:
                where = WORLD
            case TerritoryKind.REGION | TerritoryKind.AREA:
                where = f"{self.reach} {self.value}"
            case TerritoryKind.PREFIX:
                where = f"{self.country} {self.value}*"
            case _:
                where = f"{self.country} {self.value}"
        rank = f" rank {self.rank}" if self.rank != 1 else ""
        return f"{'not ' if self.excluded else ''}{where}{rank}{' backup' if self.backup else ''}"

    @property
    def order(self) -> tuple[bool, int, str]:
        """Of equally specific entries of one partner the least counts."""
        return self.backup, self.rank, str(self)

    @property
    def patterns(self) -> tuple[str, ...]:
        """What a postcode of this country may meet; none for a region, whose entries have their
        own.
        """
        match self.reach:
            case TerritoryKind.COUNTRY | TerritoryKind.WORLD:
                return (WORLD,)
            case TerritoryKind.PREFIX:
                return (f"{self.value}*",)
            case TerritoryKind.POSTCODE:
                return (self.value,)
            case TerritoryKind.RANGE:
                first, last = self.value.split("-")
                return tuple(_blocks(int(first), int(last), len(first)))
            case TerritoryKind.STATE:
                whole = postcodes.digits(self.country)
                return tuple(each if len(each) == whole else f"{each}*" for each in self.beginnings)
        return ()

    @property
    def beginnings(self) -> tuple[str, ...]:
        """Of a state: with what its postcodes begin."""
        known = states(self.country).get(self.value) if self.reach is TerritoryKind.STATE else None
        return known.beginnings if known else ()

    @property
    def specificity(self) -> float:
        """How many leading characters this pins down: the larger, the more specific.

        The world is below all, a country pins down none, ``80*`` two, and a range as many as the
        prefixes it amounts to: ``80000-80999`` two, ``80000-81999`` 1.7, so that one area stated in
        two ways counts the same. A region's is that of what it names: see ``specificity_of``. A
        radius counts by its size, a tenth of a country as one character; an area likewise, once it
        is known.
        """
        if circle := self.circle(Point(0, 0)):
            return specificity_of_shape(circle)
        return specificity_of((self,))

    @property
    def centre(self) -> tuple[str, Point | None]:
        """Of a radius: the postcode in the middle, or the point if that is what was written."""
        _, _, middle = self.value.partition("km ")
        point = _POINT.fullmatch(middle)
        return ("", Point(float(point["lat"]), float(point["lon"]))) if point else (middle, None)

    def circle(self, centre: Point) -> Circle | None:
        """None for what is no radius."""
        return (
            Circle(centre, float(self.value.partition("km ")[0]))
            if self.reach is TerritoryKind.RADIUS
            else None
        )

    @property
    def share(self) -> float:
        """The part of all conceivable postcodes of the country that this covers."""
        if self.reach is TerritoryKind.RANGE:
            first, last = self.value.split("-")
            return (int(last) - int(first) + 1) / float(10 ** len(first))
        if self.reach is TerritoryKind.STATE:
            return sum(1 / float(10 ** len(each)) for each in self.beginnings)
        if self.reach in (
            TerritoryKind.WORLD,
            TerritoryKind.COUNTRY,
            TerritoryKind.REGION,
            TerritoryKind.RADIUS,
            TerritoryKind.AREA,
        ):
            return 1.0
        return 1 / float(10 ** len(self.value.replace(" ", "")))

    def covers(self, country: str, postcode: str) -> bool:
        """Whether that place is inside; a malformed postcode is so for a country or the world only;
        what needs the programme or coordinates (region, area, radius) never.
        """
        if self.reach is TerritoryKind.WORLD:
            return True
        return postal_country(country) == self.country and not set(self.patterns).isdisjoint(
            patterns_met(canonical_postcode(country, postcode))
        )


def specificity_of(entries: tuple[Territory, ...]) -> float:
    """Of several areas together: the narrowness of one prefix that covers as much (overlaps count
    twice).
    """
    if any(entry.reach is TerritoryKind.WORLD for entry in entries):
        return -1.0
    share = sum(entry.share for entry in entries)
    return round(-math.log10(share), 6) if 0 < share < 1 else 0.0


@lru_cache(maxsize=10_000)
def canonical_postcode(country: str, postcode: str) -> str:
    """Capitals and digits only (in GB with the space between its two parts); empty if that is no
    postcode there.
    """
    try:
        return (
            postcodes.spelled(country, postcode)
            if country == "GB"
            else postcodes.compared(country, postcode)
        )
    except ValueError:
        return ""


def patterns_met(code: str) -> Iterator[str]:
    """Every pattern a canonical postcode meets, the narrowest first; the empty code meets only
    ``*``.
    """
    if " " in code:
        yield from _british_patterns_met(code)
        return
    if code:
        yield code
    for length in range(len(code), -1, -1):
        yield f"{code[:length]}*"
    if _NUMBER.fullmatch(code):
        for length in range(len(code) - 1, -1, -1):
            yield code[:length].ljust(len(code), "?")


def _british_patterns_met(code: str) -> Iterator[str]:
    """``WS9 8AA``: itself, its sector, its district, with and without the letter some have, its
    area.
    """
    outward, inward = code.split(" ")
    yield outward + inward
    yield f"{outward} {inward[:2]}*"
    yield f"{outward} {inward[:1]}*"
    yield f"{outward}*"
    parts = _OUTWARD.fullmatch(outward)
    if parts and parts["number"]:
        if parts["letter"]:
            yield f"{parts['area']}{parts['number']}*"
        yield f"{parts['area']}*"
    yield WORLD


def _rank(written: str, text: str) -> int:
    if not _NUMBER.fullmatch(written) or not 1 <= int(written) <= 99:
        raise ValueError(f"{text!r}: a rank is a number from 1 to 99, as in DE 80* rank 2")
    return int(written)


def _stated(where: str, text: str) -> tuple[str, str]:
    """The country, and what is said of it: empty for all of it."""
    if (stated := _COUNTRY.match(where)) and (
        postcodes.is_country(stated["country"].upper()) or not _named(where)
    ):
        return stated["country"].upper(), stated["area"] or ""
    if (by_code := _ISO_STATE.fullmatch(where)) and state_of(by_code["country"].upper(), where):
        return by_code["country"].upper(), where
    if named := _named(where):
        return named
    raise ValueError(f"{text!r} does not begin with a country of two letters: {_HOW}")


def _named(where: str) -> tuple[str, str] | None:
    """The same where the country is written as people call it."""
    words = where.split(" ")
    for length in range(min(len(words), 3), 0, -1):
        if country := country_code(" ".join(words[:length])):
            return country, " ".join(words[length:])
    return None


MOST_MEANT = 3
"""Countries with a state of one name that advice still names."""


def _area(country: str, area: str, text: str) -> tuple[TerritoryKind, str]:
    if state := _state(country, area):
        return TerritoryKind.STATE, state
    if open_end := _OPEN_END.fullmatch(area):
        area = (
            f"{open_end['beginning']}*"
            if len(area.rstrip("*")) <= postcodes.digits(country)
            else area
        )
    area = postcodes.without_sign(country, postcodes.plain(area))
    if around := _RADIUS.fullmatch(area):
        return TerritoryKind.RADIUS, _around(country, around, text)
    if area.endswith("*"):
        if country == "GB":
            return TerritoryKind.PREFIX, _british_prefix(area[:-1], text)
        beginning = _compact(area[:-1])
        if not _CODE.fullmatch(beginning):
            raise ValueError(f"{text!r} is not a prefix, as in DE 80*: {_HOW}")
        return TerritoryKind.PREFIX, beginning
    parts = _HYPHEN.split(area)
    hyphenated = postcodes.hyphenated(country)
    if len(parts) == 4 and hyphenated:  # each end has a hyphen of its own
        parts = [parts[0] + parts[1], parts[2] + parts[3]]
    if len(parts) > 1 and tuple(map(len, parts)) not in hyphenated:
        return TerritoryKind.RANGE, _range(country, parts, text)
    try:
        return TerritoryKind.POSTCODE, _code(country, area)
    except ValueError as error:
        advice = _all_that_begin_so(country, area)
        has_digits = any(sign.isdigit() for sign in area)
        elsewhere = () if advice or has_digits else countries_of(area)
        if 0 < len(elsewhere) <= MOST_MEANT:
            meant = " or ".join(f"{each} {area}" for each in elsewhere)
            raise ValueError(
                f"{text!r}: {area} is not in {country}: did you mean {meant}?"
            ) from error
        if isinstance(error, postcodes.NoPostcode) and error.meant.startswith("0"):
            advice = " Spreadsheets drop zeros in front: format the column as text"
        raise ValueError(f"{text!r}: {area} {error}{advice}") from error


def _state(country: str, area: str) -> str:
    """The key of a state; ``CO*`` is one too where no postcode begins so. Empty for whatever has a
    digit.
    """
    name = area.removesuffix("*").strip()
    if any(sign.isdigit() for sign in name):
        return ""
    state = state_of(country, name)
    if state is None or (name != area and postcodes.may_begin(country, _compact(name))):
        return ""
    return state.key


def _all_that_begin_so(country: str, area: str) -> str:
    """Advice, where it can be followed and means what was meant: ``1067*`` is Berlin, and 01067
    Dresden.
    """
    if area.isdigit() and len(area) == postcodes.digits(country) - 1:
        return ""
    try:
        entry = Territory.parse(f"{country} {area}*")
        entry.check()
    except ValueError:
        return ""
    return f"; for all that begin so, write {entry}"


def _around(country: str, around: re.Match[str], text: str) -> str:
    km, middle = float(around["km"]), around["middle"]
    if not 0 < km <= 500:
        raise ValueError(f"{text!r}: write from 1km to 500km")
    if point := _POINT.fullmatch(middle):
        lat, lon = float(point["lat"]), float(point["lon"])
        if abs(lat) > 85 or abs(lon) > 180:
            raise ValueError(
                f"{text!r}: a point is latitude,longitude, as in DE 50km 48.137,11.575"
            )
        return f"{km:g}km {lat:g},{lon:g}"
    try:
        return f"{km:g}km {_code(country, middle)}"
    except ValueError as error:
        raise ValueError(f"{text!r}: {middle} {error}, as in DE 50km 80331") from error


def _code(country: str, written: str) -> str:
    try:
        return postcodes.compared(country, written)
    except ValueError:
        if country in postcodes.FIRST_KNOWN or not _CODE.fullmatch(_compact(written)):
            raise
        return _compact(written)  # as it may be stored: ``check`` refuses it


def _british_prefix(beginning: str, text: str) -> str:
    prefix = " ".join(beginning.upper().split())
    if not _BRITISH_PREFIX.fullmatch(prefix):
        raise ValueError(
            f"{text!r} is not a prefix of a British postcode: write WS*, WS9*, EC1A* or WS9 8*"
        )
    return prefix


def _compact(code: str) -> str:
    return _SIGNS.sub("", code).upper()


def _range(country: str, ends: list[str], text: str) -> str:
    first, last = ends[0], ends[-1]
    both_numbers = _NUMBER.fullmatch(first) and _NUMBER.fullmatch(last)
    if len(ends) != 2 or not both_numbers or len(first) != len(last):
        raise ValueError(
            f"{text!r}: a range needs two numbers of equal length, as in DE 80000-81999"
        )
    if first > last:
        raise ValueError(f"{text!r}: the range runs backwards, write {last}-{first}")
    missing = postcodes.digits(country) - len(first)
    if missing == 1 and country in postcodes.FIRST_KNOWN:
        zeros = f"{country} 0{first}-0{last}"
        raise ValueError(
            f"{text!r}: a range needs numbers of {len(first) + 1} digits: did you mean {zeros}?"
        )
    if missing > 1 and len(first) > 1:  # of all that begin so
        first, last = first + "0" * missing, last + "9" * missing
    if country in postcodes.FIRST_KNOWN:
        _check_range(country, first, last, text)
    return f"{first}-{last}"


def _check_range(country: str, first: str, last: str, text: str) -> None:
    if not canonical_postcode(country, first) and not canonical_postcode(country, last):
        raise ValueError(
            f"{text!r}: neither {first} nor {last} is a postcode of {country}: write prefixes"
        )


def _blocks(first: int, last: int, digits: int) -> Iterator[str]:
    """The range as the fewest aligned blocks of ten: 80000-81999 is ``80???`` and ``81???``."""
    while first <= last:
        free = 0
        while first % 10 ** (free + 1) == 0 and first + 10 ** (free + 1) - 1 <= last:
            free += 1
        yield f"{first:0{digits}d}"[: digits - free].ljust(digits, "?")
        first += 10**free
