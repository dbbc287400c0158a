"""HQ looks at the network's coverage on its desk: the report, and the map."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from routing_core.domain.errors import NotAllowed
from routing_core.domain.hq_people import HqPerson, Right
from routing_core.domain.programme.programme import Programme
from routing_core.routing.report.coverage_map import MapQuestion, SurveyedPlace, survey_places
from routing_core.service.hq.check_coverage import NetworkCoverageView, check_coverage
from routing_core.service.kernel.services import Services

COVERAGE_PATH = "/hq/coverage"
LONGEST_ZOOM = 6
"""Characters of a postcode by which the map may be narrowed down."""


@dataclass(frozen=True, slots=True)
class CoverageMapView:
    """What the map is drawn from."""

    programme: Programme
    """Holds the rules in force."""
    question: MapQuestion
    """Says what is shown."""
    countries: tuple[str, ...]
    """Names the countries that forms ask in and HQ's list knows places of."""
    zoom: str
    """Gives the beginning of the postcodes that are shown; empty: the whole country."""
    places: tuple[SurveyedPlace, ...]
    """Lists the postcodes that are shown."""


def desk_coverage(
    services: Services, person: HqPerson, now: datetime, *, export: bool = False
) -> NetworkCoverageView:
    """Survey the network for somebody at HQ's desk.

    Raises NotAllowed for an ``export`` without the right to.
    """
    may_export = person.may(Right.EXPORT)
    if export and not may_export:
        raise NotAllowed("you may not take lists away")
    view = check_coverage(services, now)
    return replace(view, url=COVERAGE_PATH, back_url="/hq", may_export=may_export)


def view_coverage_map(
    services: Services, asked: Mapping[str, str], now: datetime
) -> CoverageMapView:
    """Survey every place for the map; what is asked wrongly is taken as not asked.

    ``asked`` may name ``country``, ``product``, ``urgency`` and, to narrow it down, ``zoom``: the
    beginning of the postcodes.
    """
    programme = services.programme
    network = services.rules.network()
    places_of = Counter(name.partition(" ")[0] for name in network.places.names)
    countries = tuple(each for each in _asked_countries(programme) if each in places_of)
    products = [each.id for each in programme.products]
    urgencies = ["", *(each.id for each in programme.urgencies)]
    question = MapQuestion(
        country=_one_of(countries, asked.get("country", "")),
        product=_one_of(products, asked.get("product", "")),
        urgency=_one_of(urgencies, asked.get("urgency", "")),
    )
    zoom = "".join(filter(str.isalnum, asked.get("zoom", ""))).upper()[:LONGEST_ZOOM]
    loads = services.leads.loads(tuple(network.partners))
    surveyed = survey_places(programme, network, now, loads, question)
    shown = tuple(place for place in surveyed if place.postcode.startswith(zoom))
    return CoverageMapView(programme, question, countries, zoom, shown)


def _asked_countries(programme: Programme) -> list[str]:
    """List the countries of all forms, each once."""
    found: dict[str, None] = {}
    for form in programme.forms:
        found.update(dict.fromkeys(form.countries))
    return list(found)


def _one_of(known: tuple[str, ...] | list[str], wanted: str) -> str:
    """Give what is wanted if it is known, else the first that is; empty if there is none."""
    if wanted in known:
        return wanted
    return known[0] if known else ""
