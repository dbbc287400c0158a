"""How a value of a partner's document is read from a spreadsheet's cell, and written to one.

Readers take the cell without the blanks around it. They raise ValueError saying what would be
right.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from routing_core.domain.territory.countries import country_code
from routing_core.domain.values.clean import one_line
from routing_core.domain.values.sentence import worded
from routing_core.formats.partner_cells import write_extra_open
from routing_core.formats.territory_cells import split_list

_YES = frozenset(
    {"yes", "y", "true", "1", "x", "ja", "j", "wahr", "oui", "vrai", "sì", "si", "vero"}
)
_NO = frozenset({"no", "n", "false", "0", "", "nein", "falsch", "non", "faux", "falso"})
_PRODUCT_CAP = re.compile(r"(?P<name>\S.*) (?P<most>[0-9]{1,6})")
_PRODUCT_OFFERS_CAP = re.compile(
    r"(?P<name>\S.*) (?P<most>[0-9]{1,6}) ?/ ?(?P<period>day|week|month)"
)


@dataclass(frozen=True, slots=True)
class CellFormat:
    """How a value is read from a cell, and how it is written to one."""

    read: Callable[[str], Any]
    write: Callable[[Any], str] = str
    keeps_lines: bool = False
    """Tells whether line ends in the cell separate values; otherwise they count as blanks."""


def _as_written(cell: str) -> str:
    return cell


def _write_list(values: list[str]) -> str:
    # A single entry with a comma in it would be read back as two: the bar at its end says it is
    # one.
    one_with_separator = len(values) == 1 and re.search("[,;]", values[0])
    return "|".join(values) + ("|" if one_with_separator else "")


def _sentences(cell: str) -> list[str]:
    """Read sentences, each of which may have commas."""
    parts = [one_line(part) for part in re.split(r"[|\n\r]+", cell)]
    return [part for part in parts if part]


def _country(cell: str) -> str:
    return country_code(cell) or cell


def _language(cell: str) -> str:
    """Read ``en`` from ``EN`` and ``en-US``."""
    return re.split("[-_]", cell.strip())[0].lower()


def _languages(cell: str) -> list[str]:
    return [_language(part) for part in split_list(cell)]


def _whole_number(cell: str) -> int | None:
    if not cell:
        return None
    # A spreadsheet may show 3 as 3.00 or 3,00.
    if not re.fullmatch(r"[0-9]{1,6}(?:[.,]0{1,2})?", cell):
        english = "{value!r} is not a whole number"
        raise ValueError(worded("no_whole_number", english, value=cell[:40]))
    return int(re.split("[.,]", cell)[0])


def _product_caps(cell: str) -> dict[str, int]:
    """Read ``heat-pump 3|boiler 10``."""
    caps: dict[str, int] = {}
    for part in split_list(cell):
        found = _PRODUCT_CAP.fullmatch(part)
        if not found:
            english = "{value!r} is not readable: write heat-pump 3|boiler 10"
            raise ValueError(worded("caps.unreadable", english, value=part[:40]))
        if found["name"] in caps:
            english = "{value!r} appears twice: write each once"
            raise ValueError(worded("write_once", english, value=found["name"][:40]))
        caps[found["name"]] = int(found["most"])
    return caps


def _write_product_caps(caps: Mapping[str, int]) -> str:
    return "|".join(f"{product} {most}" for product, most in caps.items())


def _product_offers_caps(cell: str) -> dict[str, dict[str, int]]:
    """Read ``heat-pump 2/day|heat-pump 20/month|boiler 5/week``."""
    caps: dict[str, dict[str, int]] = {}
    for part in split_list(cell):
        found = _PRODUCT_OFFERS_CAP.fullmatch(part)
        if not found:
            english = "{value!r} is not readable: write heat-pump 2/day|boiler 10/month"
            raise ValueError(worded("caps.offers", english, value=part[:40]))
        name, period = found["name"], found["period"]
        by_period = caps.setdefault(name, {})
        if period in by_period:
            english = "{value!r} appears twice for a {period}: write each once"
            raise ValueError(worded("caps.twice", english, value=name[:40], period=period))
        by_period[period] = int(found["most"])
    return caps


def _write_product_offers_caps(caps: Mapping[str, Mapping[str, int]]) -> str:
    parts = []
    for product, by_period in caps.items():
        parts += [f"{product} {most}/{period}" for period, most in by_period.items()]
    return "|".join(parts)


def says_yes(cell: str) -> bool:
    """Tell whether a cell says yes, in whatever language or as a cross."""
    return cell.strip().lower() in _YES


def _yes_or_no(cell: str) -> bool:
    if cell.lower() not in _YES | _NO:
        english = "{value!r} is neither yes nor no"
        raise ValueError(worded("yes_or_no", english, value=cell[:40]))
    return cell.lower() in _YES


def _write_yes(value: bool) -> str:
    return "yes" if value else ""


def _yes_or_no_in_words(cell: str) -> str:
    # In words, because a list that says no differs from one that says nothing (``own_settings``).
    return "yes" if _yes_or_no(cell) else "no"


def _yes_no_or_nothing(cell: str) -> bool | None:
    return _yes_or_no(cell) if cell else None


def _write_certificates(certificates: Mapping[str, str | None]) -> str:
    return "|".join(f"{name}:{last}" if last else name for name, last in certificates.items())


def _write_week(week: Mapping[str, list[str]]) -> str:
    return "; ".join(f"{day} {', '.join(blocks)}" for day, blocks in week.items() if blocks)


TEXT = CellFormat(_as_written)
LIST = CellFormat(split_list, _write_list, keeps_lines=True)
SENTENCES = CellFormat(_sentences, _write_list, keeps_lines=True)
COUNTRY = CellFormat(_country)
LANGUAGE = CellFormat(_language)
LANGUAGE_LIST = CellFormat(_languages, _write_list)
INTEGER = CellFormat(_whole_number)
YES_OR_NO = CellFormat(_yes_or_no, _write_yes)
YES_OR_NO_IN_WORDS = CellFormat(_yes_or_no_in_words)
YES_NO_OR_NOTHING = CellFormat(_yes_no_or_nothing)
CERTIFICATES = CellFormat(split_list, _write_certificates, keeps_lines=True)
WEEK = CellFormat(_as_written, _write_week)
EXTRA_OPEN = CellFormat(_as_written, write_extra_open)
PRODUCT_CAPS = CellFormat(_product_caps, _write_product_caps)
PRODUCT_OFFERS_CAPS = CellFormat(_product_offers_caps, _write_product_offers_caps)
