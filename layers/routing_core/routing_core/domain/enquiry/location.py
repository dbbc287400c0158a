"""Where an enquiry is for: the country, and the postcode that was told or that belongs to the town
that was.
"""

from functools import lru_cache
from itertools import chain

from routing_core.domain.enquiry.typed_fields import LENGTHS, TypedFields, said
from routing_core.domain.errors import Problem
from routing_core.domain.programme.forms import Form
from routing_core.domain.programme.programme import Programme
from routing_core.domain.territory import postcodes
from routing_core.domain.territory.countries import country_code
from routing_core.domain.territory.territory import (
    Territory,
    canonical_postcode,
    narrowness_of,
    patterns_met,
)
from routing_core.domain.territory.town_search import FindTowns, Town
from routing_core.domain.values.clean import one_line

BY_TOWN = "town"
"""How a place was found that nobody told the postcode of."""
_FEW = 3
"""Towns of one name that a sentence names; the choice has them all."""


def no_towns(country: str, typed: str) -> tuple[Town, ...]:
    """Knows of no town: where nobody gave names, a town that was typed stays a word."""
    return ()


def region_of(programme: Programme, country: str, postcode: str) -> str:
    """Gives the id of the narrowest region around that place; empty if none is."""
    met = set(patterns_met(canonical_postcode(country, postcode)))
    around = []
    for name, region in programme.regions.items():
        patterns, specificity = _extent(region.country, tuple(region.postcodes))
        if region.country == country and not met.isdisjoint(patterns):
            around.append((-specificity, name))
    return min(around)[1] if around else ""


@lru_cache(maxsize=1000)
def _extent(country: str, areas: tuple[str, ...]) -> tuple[frozenset[str], float]:
    entries = tuple(Territory.parse(f"{country} {area}") for area in areas)
    return frozenset(chain.from_iterable(entry.patterns for entry in entries)), narrowness_of(
        entries
    )


def read_country(fields: TypedFields, form: Form) -> str:
    """Reads the country, by its code in any letter case or by a name it goes by."""
    typed = said(fields.raw.get("country")) or ""
    named = "" if typed in form.countries else country_code(typed[: LENGTHS["town"]])
    known = {code: [typed] if code == named else [] for code in form.countries}
    return fields.one_of("country", known, "unknown_country")


def _postcode(fields: TypedFields, country: str) -> str:
    """Empty where it is not known and the town is told instead, and in countries that have none:
    there whatever other people's forms made somebody invent is left out.
    """
    before = len(fields.problems)
    text = fields.text("postcode")
    if len(fields.problems) > before:
        return ""
    if country and not postcodes.exist(country):
        return _where_there_are_none(country, text)
    if not text:
        if not one_line(said(fields.raw.get("town")) or ""):
            fields.wrong(
                "postcode", "required", "is required; if it is not known, send the town instead"
            )
        return ""
    if not country:
        return ""
    try:
        return postcodes.understood(country, text)
    except postcodes.NoPostcode as error:
        fields.problems.append(error.problem("postcode"))
        return ""


def read_place(fields: TypedFields, country: str, find_towns: FindTowns) -> tuple[str, str]:
    """Gives the postcode and how it was found: told, or looked up by the town where that is one
    place and no other.
    """
    postcode = _postcode(fields, country)
    if postcode or not country or not postcodes.exist(country) or fields.written("postcode"):
        return postcode, ""
    town = fields.written("town")
    try:
        return postcodes.understood(
            country, town
        ), ""  # 80331 München, as it is chosen from several towns
    except postcodes.NoPostcode:
        pass
    found = find_towns(country, town) if town else ()
    if len(found) != 1:
        return "", ""
    return postcodes.spelled(country, found[0].postcode), BY_TOWN


def ask_which_town(fields: TypedFields, country: str, postcode: str, find_towns: FindTowns) -> None:
    """Asks whoever told a town of which there are several, but only once: ``asked_town`` is what
    was asked about.
    """
    typed = fields.written("town")
    if postcode or not country or not typed or typed == fields.written("asked_town"):
        return
    towns = find_towns(country, typed)
    if not towns:
        return
    few = "; ".join(town.label for town in towns[:_FEW]) + (" …" if len(towns) > _FEW else "")
    choice = "\n".join(f"{town.listed} {town.name}\t{town.label}" for town in towns)
    message = f"is the name of several towns: {few}; send the postcode, or the town with it"
    hints = (("towns", choice), ("town", typed), ("few", few))
    fields.problems.append(Problem("town", "several_towns", message, hints))


def without_postcode(town: str, postcode: str) -> str:
    """Takes the postcode off a town that was chosen from several, and sent as ``80331 München``."""
    return town.removeprefix(postcode).strip(" ,") if postcode else town


def _where_there_are_none(country: str, text: str) -> str:
    try:
        return postcodes.canonical(country, text) if text.strip("0 -") else ""
    except postcodes.NoPostcode:
        return ""
