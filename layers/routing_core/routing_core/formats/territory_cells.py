"""The cell of a list in which territories stand, as vendors fill it.

    DE 80*|not DE 803*          US 800*, 801*, CO          010;011;012          Bayern; Hessen

Parts are separated by ``|``, lines, semicolons or commas. A part without a country has that of the
part before it, else that of the row. Where there is none either, the list is asked rather than
guessed at: ``NoCountry``.
"""

import re
from collections.abc import Collection, Iterable

from routing_core.domain.territory import postcodes
from routing_core.domain.territory.countries import country_code
from routing_core.domain.territory.states import state_of
from routing_core.domain.territory.territory import WORLD, Territory
from routing_core.domain.values.clean import one_line
from routing_core.domain.values.sentence import worded

_POINT = re.compile(
    r"(km\s+-?[0-9]{1,2}(?:\.[0-9]+)?\s*),(\s*-?[0-9]{1,3}(?:\.[0-9]+)?)", re.IGNORECASE
)
"""The comma within a point is no separator: ``DE 50km 48.137,11.575``."""
_PARTS = re.compile(
    r"(?P<before>not\s+)?(?P<where>.*?)(?P<behind>(?:\s+rank\s+\S+)?(?:\s+backup)?)", re.IGNORECASE
)
_OURS = re.compile(r"(?:region|area)\b", re.IGNORECASE)
_SHORT_NUMBER = re.compile(r"[0-9]{1,4}")
_FIRST_PART = re.compile(r"(?=.*[0-9])[A-Z0-9]{2,4}")
_KEPT = "\x1f"


class NoCountry(ValueError):
    """A part names no country, and nothing around it does."""

    def __init__(self, part: str):
        """Name the part."""
        self.part = part
        english = "{value!r} names no country: write one before it, as in DE 80*"
        super().__init__(worded("territory.without_country", english, value=part[:60]))


def split_list(cell: str) -> list[str]:
    """Give the parts of a cell.

    Where bars or lines separate them, commas and semicolons belong to a part.
    """
    has_bars = re.search(r"[|\n\r]", cell.strip())
    separator = r"[|\n\r]+" if has_bars else "[,;]"
    return _cleaned(re.split(separator, cell))


def _cleaned(parts: Iterable[str]) -> list[str]:
    cleaned = [one_line(part) for part in parts]
    return [part for part in cleaned if part]


def territory_parts(cell: str) -> list[str]:
    """Give the territories of a cell.

    Commas and semicolons separate them beside bars too, but not within a point.
    """
    kept = _POINT.sub(rf"\1{_KEPT}\2", cell)
    parts = re.split(r"[|\n\r,;]+", kept)
    return _cleaned(part.replace(_KEPT, ",") for part in parts)


def territory_texts(cell: str, country: str, asked: Collection[str]) -> list[str]:
    """Give each part as the grammar of territories has it.

    ``country``: that of the row, or empty. ``asked``: the countries of the programme's forms, by
    which ``CO`` is Colorado and not Colombia. Raises NoCountry.
    """
    texts = []
    current = country
    for part in territory_parts(cell):
        before, where, behind = _taken_apart(part)
        own = country_of(where, current, asked)
        if own:
            current = own
            where = _letters_begin(own, where)
        elif where != WORLD and not _OURS.match(where):
            if not current:
                raise NoCountry(part)
            where = f"{current} {as_area(current, where)}"
        texts.append(f"{before}{where}{behind}")
    return texts


def _taken_apart(part: str) -> tuple[str, str, str]:
    """Give ``not`` before an area, the area, and the rank or ``backup`` behind it."""
    found = _PARTS.fullmatch(part)
    if not found:
        return "", part, ""
    return found["before"] or "", found["where"], found["behind"]


def country_of(where: str, current: str, asked: Collection[str]) -> str:
    """Give the country that a part names itself; empty if it names none."""
    first, _, rest = where.partition(" ")
    code = country_code(first)
    of_another_country = current and code != current and code not in asked
    # CO in a list of the US is Colorado, unless the forms ask in Colombia.
    if code and not rest and of_another_country and state_of(current, where):
        return ""
    if code and not any(sign.isdigit() for sign in first):
        return code
    try:
        named = Territory.parse(where).country
    except ValueError:
        return ""
    return named if postcodes.is_country(named) else ""


def as_area(country: str, where: str) -> str:
    """Give an area of that country, with a star where it is what postcodes begin with.

    That is a number with fewer digits than a postcode there has, unless only its first zero can be
    missing; and the first part of a postcode with letters, as ``K1A`` or ``1012``.
    """
    digits = postcodes.digits(country)
    # One digit less may be a lost zero: there nobody can tell what was meant.
    is_short_number = _SHORT_NUMBER.fullmatch(where) and len(where) < digits - 1
    if is_short_number or _is_first_part(country, where):
        return f"{where}*"
    return where


def _letters_begin(country: str, where: str) -> str:
    """Give the same where the country stands before it: ``CA K1A``, ``GB WS9``."""
    named, _, area = where.partition(" ")
    return f"{named} {area}*" if _is_first_part(country, area) else where


def _is_first_part(country: str, where: str) -> bool:
    """Tell whether it is the first half of a postcode that has letters.

    No lost zero can be mistaken for one.
    """
    code = postcodes.plain(where)
    if postcodes.digits(country) or not _FIRST_PART.fullmatch(code):
        return False
    if not postcodes.may_begin(country, code):
        return False
    try:
        postcodes.spelled(country, code)
    except postcodes.NoPostcode:
        return True
    return False
