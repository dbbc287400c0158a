"""Where a partner works: one entry, how it is written, and which postcodes it covers.

    DE               the whole country
    DE 80331         one postcode
    DE 80*           every postcode that begins so
    DE 80000-81999   a range of numbers, both ends included
    DE 50km 80331    so far around a postcode, or a point: DE 50km 48.137,11.575 (in that country)
    US CO            a state, province, Land or canton, by key or name: CA Ontario, DE Bayern
    region bavaria   an area the programme names by postcodes
    area munich-ring an area the programme draws as an outline
    *                the whole world

Each may end in `` rank 2`` (who is asked second there; 1, the first, is not written) and in
`` backup`` (only asked when routing finds nobody else). ``not DE 803*`` takes a part away.
``entry_text`` reads all of it.

**Which entry counts**, of those of one partner that cover a place: the most specific (see
``specificity``); of equally specific ones an ordinary one before a backup's, then the better rank.
What ``not`` takes away is taken from all of them but those that lie wholly inside it (see
``extents``): ``DE 80*``, ``not DE 803*``, ``DE 80331`` is 80 without 803, but with 80331, and
``DE 30km 80331``, ``not DE 85*`` a circle without 85, however small.

Postcodes are compared in their canonical form: capitals and digits, so that ``GB WS9 8AA`` and
``gb ws98aa`` are one, like ``PL 00-950`` and ``PL 00950``; of a US ZIP+4 the five digits count.
Beginnings are compared letter by letter: ``CA K1A*`` is the whole of that FSA, ``NL 1012*`` and
``IE D02*`` likewise. In ``GB`` they end where a part of the postcode ends: ``W*`` covers
``W1 1AA``, but not ``WS9 8AA``; ``B1*`` covers ``B1 1AA``, but not ``B10 0AA``; ``EC1*`` covers
``EC1A 1BB``; a sector is written with its space, ``WS9 8*``. A range covers numbers of exactly its
own length, or all that begin with one of them: ``US 800-816`` is ``US 80000-81699``; where
postcodes have letters (GB, NL, CA, IE), write prefixes.

Every way of writing an area comes down to a few *patterns*, and every postcode meets a few: that is
how ``routing.index.network`` finds who covers it without looking at anybody else.

    80331   exactly this          80*   beginning so          80???   three more digits
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from routing_core.domain.territory import postcodes
from routing_core.domain.territory.entry_text import check_range, read_entry
from routing_core.domain.territory.gazetteer import Circle, Point, specificity_of_shape
from routing_core.domain.territory.states import postal_country, states
from routing_core.domain.territory.territory_kind import WORLD, TerritoryKind
from routing_core.domain.values.sentence import said_by, worded

__all__ = ["WORLD", "Territory", "TerritoryKind"]

_OUTWARD = re.compile(r"(?P<area>[A-Z]{1,2})(?P<number>[0-9]{1,2})?(?P<letter>[A-Z])?")
_POINT = re.compile(r"(?P<lat>-?[0-9.]+),(?P<lon>-?[0-9.]+)")
_NUMBER = re.compile(r"[0-9]+")
_WITHOUT_POSTCODES = frozenset(
    {
        TerritoryKind.WORLD,
        TerritoryKind.COUNTRY,
        TerritoryKind.REGION,
        TerritoryKind.RADIUS,
        TerritoryKind.AREA,
    }
)


@dataclass(frozen=True, slots=True)
class Territory:
    """One entry of what a partner covers."""

    country: str
    """The ISO code; empty for a region or area, which the programme knows, and for the world."""
    reach: TerritoryKind = TerritoryKind.COUNTRY
    """How it is stated."""
    value: str = ""
    """The rest in canonical form: ``80000-81999``, ``50km 80331``, ``80``, or a name."""
    rank: int = 1
    """Whether the partner is asked first there (1), second, and so on."""
    backup: bool = False
    """Whether it is never in the ordinary ranking, but asked when that has nobody (left)."""
    excluded: bool = False
    """Whether it takes this area away."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read one entry; raises ValueError saying what would be right."""
        written = read_entry(text)
        return cls(
            country=written.country,
            reach=written.kind,
            value=written.value,
            rank=written.rank,
            backup=written.backup,
            excluded=written.excluded,
        )

    def check(self) -> None:
        """Raise ValueError for what covers nobody: it is not to be saved, but read where it was."""
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
                    check_range(self.country, first, last, str(self))
        except ValueError as error:
            english = "{value!r} covers nothing: {why}"
            said = worded("territory.covers_nothing", english, value=str(self), why=said_by(error))
            raise ValueError(said) from error

    def __str__(self) -> str:
        """Write it as ``parse`` reads it."""
        excluded = "not " if self.excluded else ""
        rank = f" rank {self.rank}" if self.rank != 1 else ""
        backup = " backup" if self.backup else ""
        return f"{excluded}{self._where}{rank}{backup}"

    @property
    def _where(self) -> str:
        match self.reach:
            case TerritoryKind.COUNTRY:
                return self.country
            case TerritoryKind.WORLD:
                return WORLD
            case TerritoryKind.REGION | TerritoryKind.AREA:
                return f"{self.reach} {self.value}"
            case TerritoryKind.PREFIX:
                return f"{self.country} {self.value}*"
        return f"{self.country} {self.value}"

    @property
    def order(self) -> tuple[bool, int, str]:
        """The order among equally specific entries of one partner: the least counts."""
        return self.backup, self.rank, str(self)

    @property
    def patterns(self) -> tuple[str, ...]:
        """The patterns that a postcode of this country may meet.

        There is none for a region, whose entries have their own.
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
        return tuple(map(self._pattern_of_beginning, self.beginnings))

    def _pattern_of_beginning(self, beginning: str) -> str:
        is_whole_postcode = len(beginning) == postcodes.digits(self.country)
        return beginning if is_whole_postcode else f"{beginning}*"

    @property
    def beginnings(self) -> tuple[str, ...]:
        """With what the postcodes of a state begin; none for anything else."""
        if self.reach is not TerritoryKind.STATE:
            return ()
        known = states(self.country).get(self.value)
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
        # How large a circle is does not depend on where it lies.
        if circle := self.circle(Point(0, 0)):
            return specificity_of_shape(circle)
        return specificity_of((self,))

    @property
    def centre(self) -> tuple[str, Point | None]:
        """The middle of a radius: its postcode, or the point if that is what was written."""
        _, _, middle = self.value.partition("km ")
        point = _POINT.fullmatch(middle)
        if point is None:
            return middle, None
        return "", Point(float(point["lat"]), float(point["lon"]))

    def circle(self, centre: Point) -> Circle | None:
        """Draw a radius around its middle; None for what is no radius."""
        if self.reach is not TerritoryKind.RADIUS:
            return None
        km, _, _ = self.value.partition("km ")
        return Circle(centre, float(km))

    @property
    def share(self) -> float:
        """The part of all conceivable postcodes of the country that this covers."""
        if self.reach is TerritoryKind.RANGE:
            first, last = self.value.split("-")
            return (int(last) - int(first) + 1) / float(10 ** len(first))
        if self.reach is TerritoryKind.STATE:
            return sum(map(_share_of, self.beginnings))
        if self.reach in _WITHOUT_POSTCODES:
            return 1.0
        return _share_of(self.value.replace(" ", ""))

    def covers(self, country: str, postcode: str) -> bool:
        """Tell whether that place is inside.

        A malformed postcode is so for a country or the world only; what needs the programme or
        coordinates (region, area, radius) never covers it.
        """
        if self.reach is TerritoryKind.WORLD:
            return True
        if postal_country(country) != self.country:
            return False
        met = patterns_met(canonical_postcode(country, postcode))
        return not set(self.patterns).isdisjoint(met)


def _share_of(beginning: str) -> float:
    return 1 / float(10 ** len(beginning))


def specificity_of(entries: tuple[Territory, ...]) -> float:
    """Say how specific several areas are together.

    It is that of one prefix that covers as much (overlaps count twice); the world's is below all.
    """
    if any(entry.reach is TerritoryKind.WORLD for entry in entries):
        return -1.0
    share = sum(entry.share for entry in entries)
    return round(-math.log10(share), 6) if 0 < share < 1 else 0.0


@lru_cache(maxsize=10_000)
def canonical_postcode(country: str, postcode: str) -> str:
    """Give a postcode as it is compared; empty if there is no such postcode.

    It has capitals and digits only, and in GB the space between its two parts.
    """
    # A prefix ends where a part of a British postcode ends, so there the space is needed.
    read = postcodes.spelled if country == "GB" else postcodes.compared
    try:
        return read(country, postcode)
    except ValueError:
        return ""


def patterns_met(code: str) -> Iterator[str]:
    """Yield every pattern a canonical postcode meets, the narrowest first.

    The empty code meets only ``*``.
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
    """Yield for ``WS9 8AA`` itself, its sector, its district and its area.

    The district is yielded with and without the letter some have.
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


def _blocks(first: int, last: int, digits: int) -> Iterator[str]:
    """Cut a range into the fewest aligned blocks of ten: 80000-81999 is ``80???`` and ``81???``."""
    while first <= last:
        free = 0
        while first % 10 ** (free + 1) == 0 and first + 10 ** (free + 1) - 1 <= last:
            free += 1
        yield f"{first:0{digits}d}"[: digits - free].ljust(digits, "?")
        first += 10**free
