"""Read where an enquiry is for: the country, and the postcode that was told or is the town's."""

from collections.abc import Sequence
from functools import lru_cache

from routing_core.domain.enquiry.typed_fields import LENGTHS, TypedFields, sent_text
from routing_core.domain.errors import Problem
from routing_core.domain.programme.forms import Form
from routing_core.domain.programme.programme import Programme
from routing_core.domain.territory import postcodes
from routing_core.domain.territory.countries import country_code
from routing_core.domain.territory.territory import (
    Territory,
    canonical_postcode,
    patterns_met,
    specificity_of,
)
from routing_core.domain.territory.town_search import FindTowns, Town
from routing_core.domain.values.clean import one_line

BY_TOWN = "town"
"""A place was found like this where nobody told the postcode."""
_MOST_NAMED_TOWNS = 3
"""A sentence names this many towns of one name; the choice has them all."""


def no_towns(country: str, typed: str) -> tuple[Town, ...]:
    """Know of no town: where nobody gave names, a town that was typed stays a word."""
    return ()


# ── region ────────────────────────────────────────────────────────────────────────────────────────


def region_of(programme: Programme, country: str, postcode: str) -> str:
    """Give the id of the narrowest region around that place; empty if none is."""
    met = set(patterns_met(canonical_postcode(country, postcode)))
    around: list[tuple[float, str]] = []
    for name, region in programme.regions.items():
        patterns, specificity = _region_patterns(region.country, tuple(region.postcodes))
        if region.country == country and not met.isdisjoint(patterns):
            around.append((-specificity, name))
    if not around:
        return ""
    _, narrowest = min(around)
    return narrowest


# Cached: a region may have thousands of postcodes, and each enquiry asks for all regions.
@lru_cache(maxsize=1000)
def _region_patterns(country: str, areas: tuple[str, ...]) -> tuple[frozenset[str], float]:
    entries = tuple(Territory.parse(f"{country} {area}") for area in areas)
    patterns: set[str] = set()
    for entry in entries:
        patterns.update(entry.patterns)
    return frozenset(patterns), specificity_of(entries)


# ── country and postcode ──────────────────────────────────────────────────────────────────────────


def read_country(fields: TypedFields, form: Form) -> str:
    """Read the country, by its code in any letter case or by a name it goes by."""
    typed = sent_text(fields.raw.get("country")) or ""
    named = "" if typed in form.countries else country_code(typed[: LENGTHS["town"]])
    known = {code: [typed] if code == named else [] for code in form.countries}
    return fields.one_of("country", known, "unknown_country")


def read_location(fields: TypedFields, country: str, find_towns: FindTowns) -> tuple[str, str]:
    """Give the postcode and how it was found: told, or looked up by a town that is one place."""
    postcode = _postcode(fields, country)
    if postcode or not country or not postcodes.exist(country):
        return postcode, ""
    if fields.written("postcode"):
        # Something stands there that is no postcode: its problem is told, and no town guessed.
        return "", ""
    town = fields.written("town")
    try:
        # `80331 München`, as it is chosen from several towns.
        return postcodes.understood(country, town), ""
    except postcodes.NoPostcode:
        pass
    found = find_towns(country, town) if town else ()
    if len(found) != 1:
        return "", ""
    return postcodes.spelled(country, found[0].postcode), BY_TOWN


def _postcode(fields: TypedFields, country: str) -> str:
    """Read the postcode; empty where it is not known and the town is told instead.

    It is empty too in countries that have none: whatever other people's forms made somebody invent
    there is left out.
    """
    problems_before = len(fields.problems)
    text = fields.text("postcode")
    if len(fields.problems) > problems_before:
        return ""
    if country and not postcodes.exist(country):
        return _postcode_where_none_exist(country, text)
    if not text:
        if not one_line(sent_text(fields.raw.get("town")) or ""):
            message = "is required; if it is not known, send the town instead"
            fields.wrong("postcode", "required", message)
        return ""
    if not country:
        return ""
    try:
        return postcodes.understood(country, text)
    except postcodes.NoPostcode as error:
        fields.problems.append(error.problem("postcode"))
        return ""


def _postcode_where_none_exist(country: str, text: str) -> str:
    # `00000` and `-` fill a field that a form would not leave empty.
    if not text.strip("0 -"):
        return ""
    try:
        return postcodes.canonical(country, text)
    except postcodes.NoPostcode:
        return ""


# ── several towns of one name ─────────────────────────────────────────────────────────────────────


def ask_which_town(fields: TypedFields, country: str, postcode: str, find_towns: FindTowns) -> None:
    """Ask whoever told a town of which there are several, but only once.

    ``asked_town`` is what was asked about.
    """
    typed = fields.written("town")
    if postcode or not country or not typed or typed == fields.written("asked_town"):
        return
    if any(problem.field == "postcode" for problem in fields.problems):
        return  # once the postcode is right, it says which
    towns = find_towns(country, typed)
    if towns:
        fields.problems.append(_several_towns(typed, towns))


def _several_towns(typed: str, towns: Sequence[Town]) -> Problem:
    few = "; ".join(town.label for town in towns[:_MOST_NAMED_TOWNS])
    if len(towns) > _MOST_NAMED_TOWNS:
        few += " …"
    choice = "\n".join(f"{town.listed} {town.name}\t{town.label}" for town in towns)
    message = f"is the name of several towns: {few}; send the postcode, or the town with it"
    hints = (("towns", choice), ("town", typed), ("few", few))
    return Problem("town", "several_towns", message, hints)


def without_postcode(town: str, postcode: str) -> str:
    """Take the postcode off a town that was chosen from several, and sent as ``80331 München``."""
    return town.removeprefix(postcode).strip(" ,") if postcode else town
