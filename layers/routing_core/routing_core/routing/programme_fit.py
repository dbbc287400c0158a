"""Whether a programme fits the partners there are: what it would leave without anybody, in words for who saves it."""

from collections.abc import Iterator
from datetime import datetime

from ..domain.programme import Programme
from .coverage import Coverage, Kind, cover
from .network import Network

NAMED = 5


def misfits(programme: Programme, network: Network, now: datetime) -> list[str]:
    """``network`` is compiled with the regions of this programme. Nothing is said of a network without partners."""
    if not network.partners:
        return []
    report = cover(programme, network, now)
    return [*_nobody_has(programme, network), *_lost_regions(network), *_without_anybody(programme, report)]


def _nobody_has(programme: Programme, network: Network) -> Iterator[str]:
    partners = network.partners.values()
    tags = {tag for partner in partners for tag in partner.tags}
    certificates = {certificate for partner in partners for certificate in partner.certificates}
    for name in ("products", "urgencies"):
        for place, part in enumerate(getattr(programme, name)):
            for tag in part.required_tags:
                if tag not in tags:
                    yield f"{name}[{place}].required_tags: no partner has {tag!r}, so nobody is offered {part.id}"
    for place, product in enumerate(programme.products):
        needed = product.certificate
        if needed and needed not in certificates:
            yield f"products[{place}].certificate: no partner has {needed!r}, so nobody is offered {product.id}"


def _lost_regions(network: Network) -> Iterator[str]:
    lost: dict[str, list[str]] = {}
    for partner, region in network.unresolved:
        lost.setdefault(region, []).append(partner)
    for region, partners in lost.items():
        yield f"regions: {region!r} is not named, but it is the territory of {_some(partners)}: that covers nothing"


def _without_anybody(programme: Programme, report: Coverage) -> Iterator[str]:
    """The largest that is left without anybody is named, and nothing within it."""
    served = {
        (spot.product, spot.country, need.urgency, need.language)
        for spot in report.spots
        if spot.kind is not Kind.GAP
        for need in spot.needs
    }
    for number, form in enumerate(programme.forms):
        here = f"forms[{number}]"
        countries = {country for product, country, _, _ in served if product in form.products}
        if countries.isdisjoint(form.countries):
            yield f"{here} asks for what no partner could take today: all of it would go to HQ"
            continue
        for country in form.countries:
            if country not in countries:
                yield f"{here} asks in {country}, where no partner could take any of its products today"
        for product in form.products:
            mine = {each for each in served if each[0] == product and each[1] in form.countries}
            if not mine:
                yield f"{here} offers {product}, which no partner could take today, wherever it is asked for"
                continue
            for country in form.countries:
                if country in countries and not any(each[1] == country for each in mine):
                    yield f"{here} offers {product} in {country}, where no partner could take it today"
            for urgency in form.urgencies:
                if not any(each[2] == urgency for each in mine):
                    yield f"{here} offers {product} as {urgency}, which no partner could take today"
            for language in programme.languages if programme.match_language else ():
                if not any(each[3] == language for each in mine):
                    yield f"{here} offers {product} to people who read {language!r}: no partner could take it today"


def _some(names: list[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")
