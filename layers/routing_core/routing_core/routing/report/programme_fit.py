"""Tells whether a programme fits the partners there are.

It says what would be left without anybody, in words for who saves it.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from math import isnan
from typing import NamedTuple

from routing_core.domain.calendar.business_time import WEEKDAYS
from routing_core.domain.programme.forms import Form, Product, Urgency
from routing_core.domain.programme.programme import Programme
from routing_core.domain.programme.rules import RoutingRule, Verb
from routing_core.domain.territory.territory import TerritoryKind
from routing_core.routing.decide.situation import ReadLoads
from routing_core.routing.index.network import Network
from routing_core.routing.report.coverage import (
    CoverageReport,
    Demand,
    Finding,
    FindingKind,
    KeptOut,
)
from routing_core.routing.report.survey import survey_coverage

NAMED_IN_A_LINE = 5
"""Limits the partners that are named in one line."""
LARGEST_SURVEYED = 10_000
"""The report is made for so many partners at most.

With more, whoever saves a programme would wait in vain: it takes too long for one request.
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
    """List what does not fit, a line each. Nothing is said of a network without partners.

    ``network`` is compiled with the regions of this programme.
    """
    if not network.partners:
        return []
    lines = [
        *_nobody_has(programme, network),
        *_cover_nothing(network),
        *_unmeasured(programme, network),
    ]
    # What is cheap is said in any case.
    if len(network.partners) > LARGEST_SURVEYED:
        most = f"{LARGEST_SURVEYED:,}"
        return [
            *lines,
            f"the network has more than {most} partners:"
            " whether all is covered is not looked at here",
        ]
    report = survey_coverage(programme, network, now, read(tuple(network.partners)))
    return [*lines, *_without_anybody(programme, report), *_backup_is_away(programme, report)]


# ── what nobody has ───────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Traits:
    """What at least one partner has."""

    tags: frozenset[str]
    certificates: frozenset[str]
    specialisations: frozenset[str]

    @classmethod
    def of(cls, network: Network) -> "_Traits":
        partners = network.partners.values()
        return cls(
            frozenset(chain.from_iterable(partner.tags for partner in partners)),
            frozenset(chain.from_iterable(partner.certificates for partner in partners)),
            frozenset(chain.from_iterable(partner.specialisations for partner in partners)),
        )

    def unknown(self, rule: RoutingRule) -> list[str]:
        """Name the values of a rule that nobody has.

        Of kinds that partners state themselves, nothing is unknown.
        """
        by_kind = {
            "tag": self.tags,
            "certificate": self.certificates,
            "specialisation": self.specialisations,
        }
        if rule.kind not in by_kind:
            return []
        return [value for value in rule.values if value not in by_kind[rule.kind]]


def _nobody_has(programme: Programme, network: Network) -> Iterator[str]:
    there = _Traits.of(network)
    yield from _tags_that_nobody_has("products", programme.products, there)
    yield from _tags_that_nobody_has("urgencies", programme.urgencies, there)
    for place, product in enumerate(programme.products):
        needed = product.certificate
        if needed and needed not in there.certificates:
            yield (
                f"products[{place}].certificate: no partner has {needed!r},"
                f" so nobody is offered {product.id}"
            )
    for place, text in enumerate(programme.routing.rules):
        rule = RoutingRule.parse(text)
        unknown = there.unknown(rule)
        if not unknown:
            continue
        so = f", so {_NO_USE[rule.verb]}" if len(unknown) == len(rule.values) else ""
        yield f"routing.rules[{place}]: no partner has {' or '.join(map(repr, unknown))}{so}"


def _tags_that_nobody_has(
    name: str, parts: Iterable[Product | Urgency], there: _Traits
) -> Iterator[str]:
    for place, part in enumerate(parts):
        for tag in part.required_tags:
            if tag not in there.tags:
                yield (
                    f"{name}[{place}].required_tags: no partner has {tag!r},"
                    f" so nobody is offered {part.id}"
                )


def _cover_nothing(network: Network) -> Iterator[str]:
    lost: dict[str, list[str]] = {}
    for partner, entry in network.unresolved:
        lost.setdefault(_why_lost(network, partner, entry), []).append(partner)
    for why, partners in lost.items():
        yield f"{why}, but it is the territory of {some(partners)}: that covers nothing"


def _why_lost(network: Network, partner: str, entry: str) -> str:
    reaches = {each.reach for each in network.partners[partner].territories if each.value == entry}
    if not reaches:
        return f"PUT /v1/places: the centre of {entry} is unknown"
    where = "regions" if TerritoryKind.REGION in reaches else "areas"
    return f"{where}: {entry!r} is not named"


def _unmeasured(programme: Programme, network: Network) -> Iterator[str]:
    """Say where the order by distance has nothing to go by.

    Of other countries than the partners' own the network keeps no places, whether or not HQ has a
    list of them.
    """
    if "distance" not in programme.routing.order:
        return
    if all(map(isnan, network.arrays.coordinates)):
        yield (
            "routing.order: distance orders nobody:"
            " no partner has a postcode that PUT /v1/places knows"
        )
        return
    asked = set(chain.from_iterable(form.countries for form in programme.forms))
    home = {partner.country for partner in network.partners.values()}
    for country in sorted(asked & home):
        if not _has_places(network, country):
            yield (
                f"routing.order: distance orders nobody in {country}:"
                " no place there is known (PUT /v1/places)"
            )


def _has_places(network: Network, country: str) -> bool:
    names = network.places.names
    start = f"{country} "
    first = bisect_left(names, start)
    return first < len(names) and names[first].startswith(start)


def _backup_is_away(programme: Programme, report: CoverageReport) -> Iterator[str]:
    for out in report.unreachable:
        if out.partner == programme.fallback.backup_partner:
            yield f"fallback.backup_partner: {_in_words(out)}, so what nobody takes goes to HQ"


# ── what nobody takes ─────────────────────────────────────────────────────────────────────────────


class _Served(NamedTuple):
    """What may be asked somewhere and somebody could take."""

    product: str
    country: str
    urgency: str
    language: str
    weekdays: tuple[str, ...]


class _Ask(NamedTuple):
    """What somebody asks for in a form; what is left out may be anything."""

    product: str = ""
    country: str = ""
    urgency: str = ""
    language: str = ""

    def meets(self, finding: Finding, form: Form) -> bool:
        """Tell whether a finding is about this."""
        products = (self.product,) if self.product else form.products
        countries = (self.country,) if self.country else form.countries
        if finding.product not in products or finding.country not in countries:
            return False
        return any(map(self._is_demand, finding.demands))

    def _is_demand(self, demand: Demand) -> bool:
        return self.urgency in ("", demand.urgency) and self.language in ("", demand.language)


class _Left(NamedTuple):
    """Puts into words who is left where nobody else takes it."""

    nobody: str
    """Says ``no partner``, or also the programme's backup partner.

    That one is named if they are asked wherever nobody else is.
    """
    away: str
    """Says who would take it there, were they there; empty if nobody would."""
    backup: str
    """Names the programme's backup partner, if that one is asked in all of these gaps."""

    @classmethod
    def of(cls, gaps: Iterable[Finding]) -> "_Left":
        backups: set[str] = set()
        outs: set[KeptOut] = set()
        for gap in gaps:
            backups.add(gap.backup)
            outs.update(out for out in gap.kept_out if out.away)
        backup = backups.pop() if len(backups) == 1 else ""
        nobody = f"no partner but {backup}, the backup partner," if backup else "no partner"
        away = f" ({some([_in_words(out) for out in sorted(outs)])})" if outs else ""
        return cls(nobody, away, backup)


def _without_anybody(programme: Programme, report: CoverageReport) -> Iterator[str]:
    """Name the largest that is left without anybody, and nothing within it.

    Who would do it, but is away, is named beside.
    """
    served = _served(report)
    for number, form in enumerate(programme.forms):
        yield from _FormFit(programme, report, form, f"forms[{number}]", served).lines()


def _served(report: CoverageReport) -> frozenset[_Served]:
    served: set[_Served] = set()
    for product, country, demand in report.served:
        weekdays = demand.weekdays or WEEKDAYS
        served.add(_Served(product, country, demand.urgency, demand.language, weekdays))
    return frozenset(served)


@dataclass(frozen=True, slots=True)
class _FormFit:
    """What one form asks for that nobody takes."""

    programme: Programme
    report: CoverageReport
    form: Form
    name: str
    served: frozenset[_Served]

    def lines(self) -> Iterator[str]:
        countries = {each.country for each in self.served if each.product in self.form.products}
        if countries.isdisjoint(self.form.countries):
            left = self._left(_Ask())
            to = left.backup or "HQ"
            yield (
                f"{self.name} asks for what {left.nobody} could take today:"
                f" all of it would go to {to}{left.away}"
            )
            return
        for country in self.form.countries:
            if country not in countries:
                left = self._left(_Ask(country=country))
                yield (
                    f"{self.name} asks in {country},"
                    f" where {left.nobody} could take any of its products today{left.away}"
                )
        # The widest first: what a line says of all products is not said of each again.
        for product in self.form.products:
            yield from self._lines_of_product(product, countries)

    def _lines_of_product(self, product: str, countries: set[str]) -> Iterator[str]:
        """Say who is missing for a product.

        ``countries`` are those where somebody takes anything at all.
        """
        offers = f"{self.name} offers {product}"
        served = [
            each
            for each in self.served
            if each.product == product and each.country in self.form.countries
        ]
        if not served:
            left = self._left(_Ask(product))
            yield (
                f"{offers}, which {left.nobody} could take today,"
                f" wherever it is asked for{left.away}"
            )
            return
        for country in self._missing(countries, {each.country for each in served}):
            left = self._left(_Ask(product, country))
            yield f"{offers} in {country}, where {left.nobody} could take it today{left.away}"
        taken_as = {each.urgency for each in served}
        for urgency in self.form.urgencies:
            if urgency not in taken_as:
                left = self._left(_Ask(product, urgency=urgency))
                yield f"{offers} as {urgency}, which {left.nobody} could take today{left.away}"
        yield from self._lines_of_languages(product, {each.language for each in served})
        taken_on = set(chain.from_iterable(each.weekdays for each in served))
        days_off = [day for day in WEEKDAYS if day not in taken_on]
        if days_off:
            yield f"{offers}, which no partner takes on {', '.join(days_off)}"

    def _missing(self, countries: set[str], served: set[str]) -> list[str]:
        return [
            country
            for country in self.form.countries
            if country in countries and country not in served
        ]

    def _lines_of_languages(self, product: str, served: set[str]) -> Iterator[str]:
        if not self.programme.match_language:
            return
        for language in self.programme.languages:
            if language not in served:
                left = self._left(_Ask(product, language=language))
                to = f"{self.name} offers {product} to people who read {language!r}"
                yield f"{to}: {left.nobody} could take it today{left.away}"

    def _left(self, ask: _Ask) -> _Left:
        gaps = self.report.of(FindingKind.GAP)
        return _Left.of(gap for gap in gaps if ask.meets(gap, self.form))


def _in_words(out: KeptOut) -> str:
    until = f" until {out.until}" if out.until else ""
    return f"{out.partner} {_STATES[out.reason]}{until}"


def some(names: list[str]) -> str:
    """Give a few names in words, and how many more there are."""
    listed = ", ".join(names[:NAMED_IN_A_LINE])
    more = len(names) - NAMED_IN_A_LINE
    return f"{listed} and {more} more" if more > 0 else listed
