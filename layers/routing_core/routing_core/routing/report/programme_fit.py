"""Tells whether a programme fits the partners there are.

It says what would be left without anybody, in words for who saves it.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
from routing_core.domain.values.sentence import Sentence, Sentences, worded
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
_NO_USE: Mapping[Verb, Sentence] = {
    "require": worded("misfit.use.require", "nobody is asked where it applies"),
    "prefer": worded("misfit.use.prefer", "it prefers nobody"),
    "forbid": worded("misfit.use.forbid", "it keeps nobody away"),
}
_STATES = {
    "unconfirmed": worded("misfit.state.unconfirmed", "has not confirmed the email address"),
    "bounced": worded("misfit.state.bounced", "cannot be reached by email"),
    "paused": worded("misfit.state.paused", "is paused"),
    "lapsed": worded("misfit.state.lapsed", "was paused after unanswered offers"),
    "absent": worded("misfit.state.absent", "is away"),
}
_NEEDED = "{at}: no partner has {value!r}, so nobody is offered {part}"
_HQ = worded("misfit.hq", "HQ")
_NOBODY = worded("misfit.nobody", "no partner")


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
        english = (
            "the network has more than {most:,} partners:"
            " whether all is covered is not looked at here"
        )
        return [*lines, worded("misfit.large", english, most=LARGEST_SURVEYED)]
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
            at = f"products[{place}].certificate"
            yield worded("misfit.needed", _NEEDED, at=at, value=needed, part=product.id)
    for place, text in enumerate(programme.routing.rules):
        rule = RoutingRule.parse(text)
        unknown = there.unknown(rule)
        if not unknown:
            continue
        at, values = f"routing.rules[{place}]", " or ".join(map(repr, unknown))
        listed, use = Sentences(unknown), _NO_USE[rule.verb]
        if len(unknown) < len(rule.values):
            english = "{at}: no partner has {values}"
            yield worded("misfit.rule", english, at=at, values=values, listed=listed)
        else:
            english = "{at}: no partner has {values}, so {use}"
            yield worded("misfit.useless", english, at=at, values=values, listed=listed, use=use)


def _tags_that_nobody_has(
    name: str, parts: Iterable[Product | Urgency], there: _Traits
) -> Iterator[str]:
    for place, part in enumerate(parts):
        for tag in part.required_tags:
            if tag not in there.tags:
                at = f"{name}[{place}].required_tags"
                yield worded("misfit.needed", _NEEDED, at=at, value=tag, part=part.id)


def _cover_nothing(network: Network) -> Iterator[str]:
    lost: dict[Sentence, list[str]] = {}
    for partner, entry in network.unresolved:
        lost.setdefault(_why_lost(network, partner, entry), []).append(partner)
    for why, partners in lost.items():
        english = "{why}, but it is the territory of {partners}: that covers nothing"
        yield worded("misfit.covers_nothing", english, why=why, partners=some(partners))


def _why_lost(network: Network, partner: str, entry: str) -> Sentence:
    reaches = {each.reach for each in network.partners[partner].territories if each.value == entry}
    if not reaches:
        english = "PUT /v1/places: the centre of {entry} is unknown"
        return worded("misfit.no_centre", english, entry=entry)
    if TerritoryKind.REGION in reaches:
        return worded("misfit.no_region", "regions: {entry!r} is not named", entry=entry)
    return worded("misfit.no_area", "areas: {entry!r} is not named", entry=entry)


def _unmeasured(programme: Programme, network: Network) -> Iterator[str]:
    """Say where the order by distance has nothing to go by.

    Of other countries than the partners' own the network keeps no places, whether or not HQ has a
    list of them.
    """
    if "distance" not in programme.routing.order:
        return
    if all(map(isnan, network.arrays.coordinates)):
        english = (
            "{at}: distance orders nobody: no partner has a postcode that PUT /v1/places knows"
        )
        yield worded("misfit.unmeasured", english, at="routing.order")
        return
    asked = set(chain.from_iterable(form.countries for form in programme.forms))
    home = {partner.country for partner in network.partners.values()}
    for country in sorted(asked & home):
        if not _has_places(network, country):
            english = (
                "{at}: distance orders nobody in {country}:"
                " no place there is known (PUT /v1/places)"
            )
            yield worded("misfit.unmeasured_in", english, at="routing.order", country=country)


def _has_places(network: Network, country: str) -> bool:
    names = network.places.names
    start = f"{country} "
    first = bisect_left(names, start)
    return first < len(names) and names[first].startswith(start)


def _backup_is_away(programme: Programme, report: CoverageReport) -> Iterator[str]:
    for out in report.unreachable:
        if out.partner == programme.fallback.backup_partner:
            english = "{at}: {away}, so what nobody takes goes to HQ"
            at = "fallback.backup_partner"
            yield worded("misfit.backup_away", english, at=at, away=_in_words(out))


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

    nobody: Sentence
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
        nobody, away = _NOBODY, ""
        if backup:
            english = "no partner but {backup}, the backup partner,"
            nobody = worded("misfit.nobody_but", english, backup=backup)
        if outs:
            listed = some([_in_words(out) for out in sorted(outs)])
            away = worded("misfit.away", " ({listed})", listed=listed)
        return cls(nobody, away, backup)

    @property
    def fill(self) -> dict[str, str]:
        """Give what fills in its part of a sentence."""
        return {"nobody": self.nobody, "away": self.away}


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
            to = left.backup or _HQ
            english = (
                "{at} asks for what {nobody} could take today: all of it would go to {to}{away}"
            )
            yield worded("misfit.form", english, at=self.name, to=to, **left.fill)
            return
        for country in self.form.countries:
            if country not in countries:
                left = self._left(_Ask(country=country))
                english = (
                    "{at} asks in {country},"
                    " where {nobody} could take any of its products today{away}"
                )
                yield worded("misfit.country", english, at=self.name, country=country, **left.fill)
        # The widest first: what a line says of all products is not said of each again.
        for product in self.form.products:
            yield from self._lines_of_product(product, countries)

    def _lines_of_product(self, product: str, countries: set[str]) -> Iterator[str]:
        """Say who is missing for a product.

        ``countries`` are those where somebody takes anything at all.
        """
        offered = {"at": self.name, "product": product}
        served = [
            each
            for each in self.served
            if each.product == product and each.country in self.form.countries
        ]
        if not served:
            left = self._left(_Ask(product))
            english = (
                "{at} offers {product}, which {nobody} could take today,"
                " wherever it is asked for{away}"
            )
            yield worded("misfit.product", english, **offered, **left.fill)
            return
        for country in self._missing(countries, {each.country for each in served}):
            left = self._left(_Ask(product, country))
            english = "{at} offers {product} in {country}, where {nobody} could take it today{away}"
            yield worded("misfit.product_country", english, country=country, **offered, **left.fill)
        taken_as = {each.urgency for each in served}
        for urgency in self.form.urgencies:
            if urgency not in taken_as:
                left = self._left(_Ask(product, urgency=urgency))
                english = (
                    "{at} offers {product} as {urgency}, which {nobody} could take today{away}"
                )
                yield worded("misfit.urgency", english, urgency=urgency, **offered, **left.fill)
        yield from self._lines_of_languages(product, {each.language for each in served})
        taken_on = set(chain.from_iterable(each.weekdays for each in served))
        days_off = [day for day in WEEKDAYS if day not in taken_on]
        if days_off:
            english = "{at} offers {product}, which no partner takes on {days}"
            yield worded("misfit.days", english, days=Sentences(days_off), **offered)

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
                english = (
                    "{at} offers {product} to people who read {language!r}:"
                    " {nobody} could take it today{away}"
                )
                said = {"at": self.name, "product": product, "language": language}
                yield worded("misfit.language", english, **said, **left.fill)

    def _left(self, ask: _Ask) -> _Left:
        gaps = self.report.of(FindingKind.GAP)
        return _Left.of(gap for gap in gaps if ask.meets(gap, self.form))


def _in_words(out: KeptOut) -> Sentence:
    state = _STATES[out.reason]
    if not out.until:
        return worded("misfit.is", "{partner} {state}", partner=out.partner, state=state)
    english = "{partner} {state} until {until}"
    return worded("misfit.is_until", english, partner=out.partner, state=state, until=out.until)


def some(names: Sequence[str]) -> Sentence:
    """Give a few names in words, and how many more there are."""
    listed = Sentences(names[:NAMED_IN_A_LINE])
    more = len(names) - NAMED_IN_A_LINE
    if more > 0:
        return worded("misfit.some_more", "{listed} and {more} more", listed=listed, more=more)
    return worded("misfit.some", "{listed}", listed=listed)
