"""What each field of a partner's document must say, in words for who writes the document.

Every check is one of pydantic's: it gives the value as the partner keeps it, or raises ValueError
saying what would be right.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from pydantic import ValidationInfo

from routing_core.domain.checks.extents import exclusions_without_effect
from routing_core.domain.checks.public_holidays import public_holidays
from routing_core.domain.checks.rule_checks import condition_problem
from routing_core.domain.partner import ExtraOpen
from routing_core.domain.programme.programme import Programme
from routing_core.domain.programme.rules import Condition
from routing_core.domain.territory import postcodes
from routing_core.domain.territory.territory import Territory, TerritoryKind
from routing_core.domain.values.clean import one_line
from routing_core.domain.values.phones import e164
from routing_core.domain.values.sentence import worded
from routing_core.domain.values.spelled import meant, spellings
from routing_core.formats import partner_cells

_Listed = TypeVar("_Listed")


@dataclass(frozen=True)
class CheckedAgainst:
    """What the fields of one document are checked against.

    It is the context of pydantic's validation.
    """

    programme: Programme
    country: str
    """The partner's country, by which postcodes and phone numbers are read."""
    today: date
    before: tuple[Territory, ...]
    """Territories that the partner has already: those may stay as they are."""


def _against(info: ValidationInfo) -> CheckedAgainst:
    context: CheckedAgainst = info.context  # type: ignore[assignment]
    return context


# ── words ─────────────────────────────────────────────────────────────────────────────────────────


def clean_text(value: Any) -> Any:
    """Give text on one line without what cannot be seen, and anything else as it is."""
    # What is far too long for any field is cut first, so that a huge cell costs nothing.
    return one_line(value[:5000]) if isinstance(value, str) else value


def yes_or_no(value: Any) -> Any:
    """Give a truth for ``yes`` and ``no``, and anything else as it is."""
    return {"yes": True, "no": False}.get(value, value) if isinstance(value, str) else value


def web_address(text: str) -> str:
    """Give a web address with its scheme, ``https`` where none is written, or nothing."""
    address = text if not text or "://" in text else f"https://{text}"
    has_scheme = address.startswith(("https://", "http://"))
    if address and (not has_scheme or " " in address or "." not in address):
        english = "is not a web address: use one like https://www.example.com"
        raise ValueError(worded("web_address", english))
    return address


def known_country(code: str) -> str:
    """Give a country's ISO code that exists."""
    if not postcodes.is_country(code):
        english = "{value!r} is not a country: use one like DE, AT or US"
        raise ValueError(worded("no_country", english, value=code[:20]))
    return code


def international_phone(text: str, info: ValidationInfo) -> str:
    """Give a phone number in E.164, read as it is dialled in the partner's country."""
    return e164(text, _against(info).country) if text else ""


def postcode_there(text: str, info: ValidationInfo) -> str:
    """Give a postcode of the partner's country as it is written there."""
    return postcodes.canonical(_against(info).country, text) if text else ""


def region_with_holidays(text: str, info: ValidationInfo) -> str:
    """Give a region whose holidays are known."""
    public_holidays(text, _against(info).today)
    return text


# ── what the programme names ──────────────────────────────────────────────────────────────────────


def known_product(text: str, info: ValidationInfo) -> str:
    """Give the id of one of the programme's products."""
    products = _against(info).programme.products
    return _one_of(text, {product.id: tuple(product.name.values()) for product in products})


def known_partner_type(text: str, info: ValidationInfo) -> str:
    """Give one of the programme's partner types."""
    return _one_of(text, dict.fromkeys(_against(info).programme.partner_types, ()))


def _one_of(text: str, named: Mapping[str, tuple[str, ...]]) -> str:
    """Give the id of what is spelled otherwise: ``Service`` for ``service``.

    A name that people see will do as well.
    """
    if text in named:
        return text
    understood = meant(text, spellings(named))
    if understood not in named:
        english = "{value!r} is not one of {options}"
        options = ", ".join(named)
        raise ValueError(worded("not_one_of", english, value=understood, options=options))
    return understood


def condition(value: Any, info: ValidationInfo) -> Condition:
    """Give a condition of what the partner takes, which the programme's forms can answer."""
    if isinstance(value, Condition):
        return value
    if not isinstance(value, str):
        english = "is a sentence: write area at least 100, or weekday in mon, tue, wed, thu, fri"
        raise ValueError(worded("condition_text", english))
    parsed = Condition.parse(one_line(value[:300]))
    problem = condition_problem(parsed, _against(info).programme)
    if problem:
        raise ValueError(problem)
    return parsed


def extra_open(value: Any, info: ValidationInfo) -> ExtraOpen | None:
    """Give how many more the partner takes for a while, if any."""
    return partner_cells.read_extra_open(value, _against(info).today)


# ── territories ───────────────────────────────────────────────────────────────────────────────────


def territory(value: Any) -> Territory:
    """Give a territory, in a country that exists."""
    if isinstance(value, Territory):
        return value
    if not isinstance(value, str):
        english = (
            "a territory is text: write DE, DE 80331, DE 80*, DE 80000-81999 or region bavaria"
        )
        raise ValueError(worded("territory.text", english))
    parsed = Territory.parse(one_line(value[:200]))
    if parsed.country:
        known_country(parsed.country)
    return parsed


def known_to_programme(entry: Territory, info: ValidationInfo) -> Territory:
    """Give a territory whose region or area, if it names one, the programme has."""
    programme = _against(info).programme
    named: Mapping[str, object]
    if entry.reach is TerritoryKind.REGION:
        named = programme.regions
    elif entry.reach is TerritoryKind.AREA:
        named = programme.areas
    else:
        return entry
    if entry.value not in named:
        raise ValueError(_unknown_name(entry, named))
    return entry


def _unknown_name(entry: Territory, named: Iterable[str]) -> str:
    """Say that the programme names no such region or area, and which it does."""
    kind, value, options = entry.reach.value, entry.value, ", ".join(named)
    if not options:
        english = f"{{value!r}} is not a known {kind}: the programme has none"
        return worded("territory.nothing_named", english, value=value)
    english = f"{{value!r}} is not a known {kind}: there are {{options}}"
    return worded("territory.not_named", english, value=value, options=options)


def may_be_saved(entry: Territory, info: ValidationInfo) -> Territory:
    """Give a territory within the bounds of today.

    One that the partner had before there were any may stay.
    """
    if entry not in _against(info).before:
        entry.check()
    return entry


def each_once(items: list[_Listed]) -> list[_Listed]:
    """Give a list in which nothing appears twice."""
    seen: set[_Listed] = set()
    for item in items:
        if item in seen:
            english = "{value} appears twice: write it once"
            raise ValueError(worded("write_once", english, value=str(item)))
        seen.add(item)
    return items


def cover_something(entries: list[Territory], info: ValidationInfo) -> list[Territory]:
    """Give territories of which one covers something, and each exclusion takes something away."""
    against = _against(info)
    if tuple(entries) == against.before:
        return entries
    if all(entry.excluded for entry in entries):
        english = "only take away: name what the partner covers too, as in DE, {value}"
        raise ValueError(worded("territory.only_excluded", english, value=str(entries[0])))
    idle = next(exclusions_without_effect(entries, against.programme.regions), None)
    if idle:
        english = (
            "{value!r} takes nothing away: all it reaches lies wholly inside it and stays; "
            "leave it out"
        )
        raise ValueError(worded("territory.idle", english, value=str(idle)))
    return entries
