"""Whether a programme fits the partners there are: what it would leave without anybody, in words
for who saves it.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from itertools import chain
from math import isnan

from routing_core.domain.calendar.business_time import WEEKDAYS
from routing_core.domain.programme.forms import Form
from routing_core.domain.programme.programme import Programme
from routing_core.domain.programme.rules import RoutingRule, Verb
from routing_core.domain.territory.territory import TerritoryKind
from routing_core.routing.decide.backups import ReadLoads
from routing_core.routing.index.network import Network
from routing_core.routing.report.coverage import Coverage, KeptOut, Kind, Need, Spot
from routing_core.routing.report.survey import cover

NAMED = 5
MOST = 10_000
"""Partners; with more, whoever saves a programme would wait in vain: the report takes too long for
one request.
"""
_NO_USE: Mapping[Verb, str] = {
    "require": "nobody is asked where it applies",
    "prefer": "it prefers nobody",
    "forbid": "it keeps nobody away",
}
_STATES = {
    "unconfirmed": "has not confirmed the email address",
    "bounced": "cannot be reached by email",
    "paused": "is paused",
    "lapsed": "was paused after unanswered offers",
    "absent": "is away",
}


def misfits(programme: Programme, network: Network, now: datetime, read: ReadLoads) -> list[str]:
    """``network`` is compiled with the regions of this programme. Nothing is said of a network
    without partners.
    """
    if not network.partners:
        return []
    if len(network.partners) > MOST:
        unsaid = f"the network has more than {MOST:,} partners: whether all is covered is not looked at here"
        return [
            *_nobody_has(programme, network),
            *_cover_nothing(network),
            *_unmeasured(programme, network),
            unsaid,
        ]
    report = cover(programme, network, now, read(tuple(network.partners)))
    return [
        *_nobody_has(programme, network),
        *_cover_nothing(network),
        *_unmeasured(programme, network),
        *_without_anybody(programme, report),
        *_backup_is_away(programme, report),
    ]


def _nobody_has(programme: Programme, network: Network) -> Iterator[str]:
    partners = network.partners.values()
    tags = {tag for partner in partners for tag in partner.tags}
    certificates = {certificate for partner in partners for certificate in partner.certificates}
    specialisations = {each for partner in partners for each in partner.specialisations}
    for name in ("products", "urgencies"):
        for place, part in enumerate(getattr(programme, name)):
            for tag in part.required_tags:
                if tag not in tags:
                    yield f"{name}[{place}].required_tags: no partner has {tag!r}, so nobody is offered {part.id}"
    for place, product in enumerate(programme.products):
        needed = product.certificate
        if needed and needed not in certificates:
            yield f"products[{place}].certificate: no partner has {needed!r}, so nobody is offered {product.id}"
    there = {"tag": tags, "certificate": certificates, "specialisation": specialisations}
    for place, text in enumerate(programme.routing.rules):
        rule = RoutingRule.parse(text)
        unknown = [
            value for value in rule.values if rule.kind in there and value not in there[rule.kind]
        ]
        if unknown:
            so = f", so {_NO_USE[rule.verb]}" if len(unknown) == len(rule.values) else ""
            yield f"routing.rules[{place}]: no partner has {' or '.join(map(repr, unknown))}{so}"


def _backup_is_away(programme: Programme, report: Coverage) -> Iterator[str]:
    for out in report.unreachable:
        if out.partner == programme.fallback.backup_partner:
            yield f"fallback.backup_partner: {_in_words(out)}, so what nobody takes goes to HQ"


def _cover_nothing(network: Network) -> Iterator[str]:
    lost: dict[str, list[str]] = {}
    for partner, entry in network.unresolved:
        reaches = {
            each.reach for each in network.partners[partner].territories if each.value == entry
        }
        if not reaches:
            what = f"PUT /v1/places: the centre of {entry} is unknown"
        else:
            what = f"{'regions' if TerritoryKind.REGION in reaches else 'areas'}: {entry!r} is not named"
        lost.setdefault(what, []).append(partner)
    for what, partners in lost.items():
        yield f"{what}, but it is the territory of {some(partners)}: that covers nothing"


def _unmeasured(programme: Programme, network: Network) -> Iterator[str]:
    """Where the order by distance has nothing to go by. Of other countries than the partners' own
    the network keeps no places, whether or not HQ has a list of them.
    """
    if "distance" not in programme.routing.order:
        return
    if all(map(isnan, network.arrays.where)):
        yield "routing.order: distance orders nobody: no partner has a postcode that PUT /v1/places knows"
        return
    asked = {country for form in programme.forms for country in form.countries}
    names = network.places.names
    for country in sorted(asked & {partner.country for partner in network.partners.values()}):
        first = bisect_left(names, f"{country} ")
        if not any(name.startswith(f"{country} ") for name in names[first : first + 1]):
            yield f"routing.order: distance orders nobody in {country}: no place there is known (PUT /v1/places)"


def _without_anybody(programme: Programme, report: Coverage) -> Iterator[str]:
    """The largest that is left without anybody is named, and nothing within it; and who would do
    it, being away.
    """
    served = {
        (spot.product, spot.country, need.urgency, need.language, need.weekdays or WEEKDAYS)
        for spot in report.spots
        if spot.kind is not Kind.GAP
        for need in spot.needs
    }
    for number, form in enumerate(programme.forms):
        here = f"forms[{number}]"
        countries = {country for product, country, *_ in served if product in form.products}
        gaps = partial(_gaps, report, form)
        if countries.isdisjoint(form.countries):
            met = gaps()
            to = _backup_of_all(met) or "HQ"
            yield f"{here} asks for what {_nobody(met)} could take today: all of it would go to {to}{_away(met)}"
            continue
        for country in form.countries:
            if country not in countries:
                met = gaps(country=country)
                yield f"{here} asks in {country}, where {_nobody(met)} could take any of its products today{_away(met)}"
        for product in form.products:
            offers = f"{here} offers {product}"
            mine = {each for each in served if each[0] == product and each[1] in form.countries}
            if not mine:
                met = gaps(product)
                yield f"{offers}, which {_nobody(met)} could take today, wherever it is asked for{_away(met)}"
                continue
            for country in form.countries:
                if country in countries and not any(each[1] == country for each in mine):
                    met = gaps(product, country)
                    yield f"{offers} in {country}, where {_nobody(met)} could take it today{_away(met)}"
            for urgency in form.urgencies:
                if not any(each[2] == urgency for each in mine):
                    met = gaps(product, urgency=urgency)
                    yield f"{offers} as {urgency}, which {_nobody(met)} could take today{_away(met)}"
            for language in programme.languages if programme.match_language else ():
                if not any(each[3] == language for each in mine):
                    met = gaps(product, language=language)
                    to = f"{offers} to people who read {language!r}"
                    yield f"{to}: {_nobody(met)} could take it today{_away(met)}"
            taken_on = set(chain.from_iterable(each[4] for each in mine))
            if missing := [day for day in WEEKDAYS if day not in taken_on]:
                yield f"{offers}, which no partner takes on {', '.join(missing)}"


def _gaps(
    report: Coverage,
    form: Form,
    product: str = "",
    country: str = "",
    urgency: str = "",
    language: str = "",
) -> list[Spot]:
    """The gaps that somebody meets who asks for this in the form; what is left out may be
    anything.
    """
    products = {product} if product else {*form.products}
    countries = {country} if country else {*form.countries}

    def met(need: Need) -> bool:
        return need.urgency == (urgency or need.urgency) and need.language == (
            language or need.language
        )

    return [
        spot
        for spot in report.of(Kind.GAP)
        if spot.product in products and spot.country in countries and any(map(met, spot.needs))
    ]


def _away(gaps: list[Spot]) -> str:
    """Who would take it there, were they there; empty if nobody would."""
    outs = {out for out in chain.from_iterable(spot.kept_out for spot in gaps) if out.away}
    return f" ({some([_in_words(out) for out in sorted(outs)])})" if outs else ""


def _nobody(gaps: list[Spot]) -> str:
    """``no partner``, or also the programme's backup partner, if that one is asked wherever nobody
    else is.
    """
    backup = _backup_of_all(gaps)
    return f"no partner but {backup}, the backup partner," if backup else "no partner"


def _backup_of_all(gaps: list[Spot]) -> str:
    backups = {spot.backup for spot in gaps}
    return backups.pop() if len(backups) == 1 else ""


def _in_words(out: KeptOut) -> str:
    return f"{out.partner} {_STATES[out.reason]}" + (f" until {out.until}" if out.until else "")


def some(names: list[str]) -> str:
    """A few of them by name, and how many more."""
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")
