"""What routing needs to know of a lead and of the programme.

``Enquiry`` is the routable part of a lead, ``Policy`` that of a programme, and ``Requirements``
what the second asks of partners for the first. This module knows no partner and no network: it is
the lowest layer of routing.
"""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from routing_core.domain.calendar.business_time import WEEKDAYS, Calendar
from routing_core.domain.lead import Lead
from routing_core.domain.programme.document import most_specific_rule
from routing_core.domain.programme.programme import Programme
from routing_core.domain.programme.routing_settings import Performance, Routing
from routing_core.domain.programme.rules import (
    CAPABILITY_KINDS,
    CapabilityKind,
    RoutingRule,
    single_answers,
)

REQUIREMENTS_KEPT = 1_000
"""A policy keeps the requirements of at most so many different demands.

The answers of a form may make many.
"""
POLICIES_KEPT = 8
"""So many policies are kept.

Who tries programmes out makes many, and each is used once.
"""


@dataclass(frozen=True, slots=True)
class Enquiry:
    """The routable part of a lead, or of a coverage question before there is one."""

    country: str
    """Names the country of the place, as in ISO 3166."""
    postcode: str
    """States the postcode as it was read.

    An empty or malformed one meets whole-country entries only.
    """
    product: str
    """Names the product asked for, by its id in the programme."""
    urgency: str
    """Names the urgency, by its id in the programme."""
    language: str
    """Names the language that the person reads.

    It is empty where nobody said, so that anybody can serve them.
    """
    tried: frozenset[str] = frozenset()
    """Names the partners who declined, let expire or returned it: nobody is asked twice."""
    preferred: str | None = None
    """Names the partner who served this person before."""
    seed: str = ""
    """Settles what would else be the alphabet's choice.

    It is the lead's id, so that a decision can be replayed.
    """
    region: str = ""
    """Names the programme's region around the place; empty if none is."""
    score: int | None = None
    """Gives the points of qualification; None where nothing was scored."""
    answers: Mapping[str, str] = field(default_factory=dict)
    """Gives the answers to the form's own questions, by the question's id."""

    @classmethod
    def of(cls, lead: Lead) -> "Enquiry":
        """Make the enquiry of a lead, as it stands now."""
        return cls(
            country=lead.country,
            postcode=lead.postcode,
            product=lead.product,
            urgency=lead.urgency,
            language=lead.language,
            tried=frozenset(offer.partner for offer in lead.offers),
            preferred=lead.preferred,
            seed=lead.id,
            region=lead.region,
            score=lead.score,
            answers=lead.answers,
        )

    def facts(self, today: date) -> Mapping[str, str]:
        """Give what conditions look at, by field.

        ``today`` is the date on the wall of whoever asks.
        """
        return {
            **self.answers,
            "product": self.product,
            "urgency": self.urgency,
            "language": self.language,
            "country": self.country,
            "region": self.region,
            "score": "" if self.score is None else str(self.score),
            "weekday": WEEKDAYS[today.weekday()],
        }


@dataclass(frozen=True, slots=True, eq=False)
class Requirements:
    """What the rules ask of partners for one enquiry; each set means any of it.

    Equal enquiries get the same object, so that what is made from it can be kept by its identity.
    """

    product: str
    """Names the product asked for."""
    required: Mapping[str, tuple[frozenset[str], ...]]
    """Gives by kind what a partner must have: something of each of these sets.

    The kinds are those of ``domain.programme.rules``.
    """
    forbidden: tuple[tuple[CapabilityKind, frozenset[str]], ...] = ()
    """Gives what no partner may have, each with its kind."""
    preferred: tuple[tuple[CapabilityKind, frozenset[str]], ...] = ()
    """Gives what puts a partner before others, each with its kind."""
    answered: frozenset[str] = frozenset()
    """Gives of all this what the person said.

    These are words that no record may keep, unless partners use them too.
    """


@dataclass(frozen=True, slots=True)
class Policy:
    """The routing rules of one version of a programme, ready to be applied."""

    version: int
    """Gives the version of the programme."""
    match_language: bool
    """Tells whether a partner must speak the person's language."""
    certificates: Mapping[str, str] = field(default_factory=dict)
    """Gives by product the certificate it needs; products that need none are left out."""
    product_tags: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Gives by product the tags that a partner must all have."""
    urgency_tags: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Gives by urgency the tags that a partner must all have."""
    rules: tuple[RoutingRule, ...] = ()
    """Gives the programme's own rules, in its order."""
    order: tuple[str, ...] = tuple(Routing().order)
    """Names the criteria that rank partners, the most important first."""
    back: str = "in_line"
    """Says what becomes of who is back from an absence.

    It is ``in_line``, ``keep`` or ``accrue``, as in the programme.
    """
    performance: Performance = field(default_factory=Performance)
    """Says how partners' figures become one measure."""
    top_tier_from: int | None = None
    """Gives the points from which an enquiry goes to the best tier first; None: no enquiry does."""
    skips_closed: frozenset[tuple[str, str, str]] = frozenset()
    """Names each type of partner, product and urgency for which closed offices are skipped."""
    calendar: Calendar | None = None
    """Gives the programme's calendar, for partners without hours of their own."""
    _requirements: dict[tuple[str, ...], Requirements] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @classmethod
    def of(cls, programme: Programme, version: int) -> "Policy":
        """Give the policy of a programme, the same one for the same programme.

        Every request asks for it, and reading its rules takes a while.
        """
        known = _POLICIES.get((id(programme), version))
        if known is None:
            if len(_POLICIES) >= POLICIES_KEPT:
                _POLICIES.clear()
            known = programme, cls._read(programme, version)
            _POLICIES[id(programme), version] = known
        return known[1]

    @classmethod
    def _read(cls, programme: Programme, version: int) -> "Policy":
        products = programme.products
        urgencies = programme.urgencies
        return cls(
            version=version,
            match_language=programme.match_language,
            certificates={each.id: each.certificate for each in products if each.certificate},
            product_tags={
                each.id: frozenset(each.required_tags) for each in products if each.required_tags
            },
            urgency_tags={
                each.id: frozenset(each.required_tags) for each in urgencies if each.required_tags
            },
            rules=tuple(RoutingRule.parse(text) for text in programme.routing.rules),
            order=tuple(programme.routing.order),
            back=programme.routing.back,
            performance=programme.routing.performance,
            top_tier_from=programme.qualification.top_tier_from,
            skips_closed=frozenset(_where_closed_are_skipped(programme)),
            calendar=programme.hq_calendar,
        )

    def requirements(self, enquiry: Enquiry, today: date) -> Requirements:
        """Give everything that the programme asks of partners for this enquiry.

        ``today`` is the date at HQ.
        """
        demand = (enquiry.product, enquiry.urgency, enquiry.language)
        facts: Mapping[str, str] = {}
        key: tuple[str, ...] = demand
        if self.rules:
            facts = enquiry.facts(today)
            # Only what some rule looks at may tell two demands apart; else every answer would make
            # a new one.
            key = (*demand, *(facts.get(name, "") for name in self._fields_of_rules()))
        found = self._requirements.get(key)
        if found is None:
            if len(self._requirements) >= REQUIREMENTS_KEPT:
                # All at once: that is rare, and cheaper than to note which was used last.
                self._requirements.clear()
            found = self._require(demand, facts)
            self._requirements[key] = found
        return found

    def _fields_of_rules(self) -> list[str]:
        names: set[str] = set()
        for rule in self.rules:
            names.add(rule.answer)
            names.update(part.field for part in rule.when)
        return sorted(names)

    def _require(self, demand: tuple[str, str, str], facts: Mapping[str, str]) -> Requirements:
        product = demand[0]
        required = self._always_required(*demand)
        forbidden: list[tuple[CapabilityKind, frozenset[str]]] = []
        preferred: list[tuple[CapabilityKind, frozenset[str]]] = []
        for rule in self.rules:
            wanted = rule.wanted(facts)
            if not wanted:
                continue
            if rule.verb == "require":
                required[rule.kind].append(wanted)
            elif rule.verb == "forbid":
                forbidden.append((rule.kind, wanted))
            else:
                preferred.append((rule.kind, wanted))
        return Requirements(
            product,
            {kind: tuple(several) for kind, several in required.items() if several},
            tuple(forbidden),
            tuple(preferred),
            self._answered(facts),
        )

    def _always_required(
        self, product: str, urgency: str, language: str
    ) -> dict[str, list[frozenset[str]]]:
        """Give what is required without any rule, by kind.

        Every kind is there, in the order of ``KINDS``.
        """
        nothing: frozenset[str] = frozenset()
        tags = self.product_tags.get(product, nothing) | self.urgency_tags.get(urgency, nothing)
        required: dict[str, list[frozenset[str]]] = {kind: [] for kind in CAPABILITY_KINDS}
        required["product"].append(frozenset({product}))
        if self.match_language and language:
            required["language"].append(frozenset({language}))
        # Each tag is a demand of its own: a set would be met by any of them.
        required["tag"] += [frozenset({tag}) for tag in sorted(tags)]
        if product in self.certificates:
            required["certificate"].append(frozenset({self.certificates[product]}))
        return required

    def _answered(self, facts: Mapping[str, str]) -> frozenset[str]:
        """Give the words that rules take from the person's answers.

        It does not matter whether a rule applies.
        """
        words: set[str] = set()
        for rule in self.rules:
            answer = facts.get(rule.answer)
            if answer:
                words |= single_answers(answer)
        return frozenset(words)

    def hot(self, enquiry: Enquiry) -> bool:
        """Tell whether the enquiry is good enough for the best tier."""
        if self.top_tier_from is None or enquiry.score is None:
            return False
        return enquiry.score >= self.top_tier_from


def _where_closed_are_skipped(programme: Programme) -> Iterator[tuple[str, str, str]]:
    products = [each.id for each in programme.products]
    urgencies = [each.id for each in programme.urgencies]
    for kind, product, urgency in itertools.product(programme.partner_types, products, urgencies):
        rule = most_specific_rule(
            programme.offers, partner_type=kind, product=product, urgency=urgency
        )
        if rule.closed == "skip":
            yield kind, product, urgency


_POLICIES: dict[tuple[int, int], tuple[Programme, Policy]] = {}
# By the programme's identity, which is its own for as long as the programme is kept here beside its
# policy.
