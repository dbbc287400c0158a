"""HQ looks at the network's coverage on its desk: the report, and the map with the demand."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from routing_core.domain.hq_people import HqPerson, Right
from routing_core.domain.lead_row import LeadFilter, LeadRow
from routing_core.domain.programme.programme import Programme
from routing_core.domain.territory.territory import canonical_postcode
from routing_core.routing.report.coverage_map import MapQuestion, SurveyedPlace, survey_places
from routing_core.service.hq.check_coverage import NetworkCoverageView, check_coverage
from routing_core.service.kernel.read_model import MOST_ON_PAGE, ReadModel
from routing_core.service.kernel.services import Services

COVERAGE_PATH = "/hq/coverage"
LONGEST_ZOOM = 6
"""Characters of a postcode by which the map may be narrowed down."""
DEMAND_DAYS = 90
"""Enquiries of so many days are counted as demand."""
MOST_DEMAND_PAGES = 15
"""So many pages of enquiries are counted, the latest first: a request has half a minute."""


@dataclass(frozen=True, slots=True)
class Demanded:
    """How many enquiries came from where, in the last ``DEMAND_DAYS``."""

    at: Mapping[str, int]
    """Counts them by the postcode, as HQ's list of places writes it."""
    since: datetime
    """The instant back to which all were counted.

    It is later than ``DEMAND_DAYS`` ago where there are more than a page can count.
    """
    complete: bool
    """Tells whether all of the ``DEMAND_DAYS`` were counted."""


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
    demand: Demanded
    """Says how many enquiries came from there, of those that the reader may see."""


def desk_coverage(services: Services, person: HqPerson, now: datetime) -> NetworkCoverageView:
    """Survey the network for somebody at HQ's desk."""
    view = check_coverage(services, now)
    may_export = person.may(Right.EXPORT)
    return replace(view, url=COVERAGE_PATH, back_url="/hq", may_export=may_export)


def view_coverage_map(
    services: Services,
    read_model: ReadModel,
    person: HqPerson,
    asked: Mapping[str, str],
    now: datetime,
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
    wanted = LeadFilter(
        product=question.product,
        urgency=question.urgency,
        postcode=zoom,
        received_from=now - timedelta(days=DEMAND_DAYS),
        allowed=person.regions,
    )
    known = {place.postcode for place in shown}
    demand = _demand(read_model, question.country, wanted, known, now)
    return CoverageMapView(programme, question, countries, zoom, shown, demand)


def _demand(
    read_model: ReadModel, country: str, wanted: LeadFilter, known: Collection[str], now: datetime
) -> Demanded:
    """Count the enquiries of a country by their postcode, as far as it is known."""
    since = wanted.received_from or now
    at: Counter[str] = Counter()
    cursor = ""
    for _ in range(MOST_DEMAND_PAGES):
        page = read_model.page(wanted, now, cursor=cursor, limit=MOST_ON_PAGE)
        at.update(filter(None, (_place_of(row, country, known) for row in page.rows)))
        if not page.cursor:
            return Demanded(at, since, complete=True)
        cursor = page.cursor
        since = page.looked_back_to or since
    return Demanded(at, since, complete=False)


def _place_of(row: LeadRow, country: str, known: Collection[str]) -> str:
    """Give the postcode of the list that an enquiry's lies in; empty if there is none."""
    if row.country != country:
        return ""
    code = canonical_postcode(country, row.postcode).replace(" ", "")
    return next((stem for stem in _beginnings(code) if stem in known), "")


def _beginnings(code: str) -> Iterator[str]:
    """Yield a postcode, then what it begins with: lists may know no more than that."""
    for length in range(len(code), 1, -1):
        yield code[:length]


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
