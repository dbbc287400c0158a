"""What routing needs to know of a lead and of the programme."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import product as every

from routing_core.domain.calendar.business_time import WEEKDAYS, Calendar
from routing_core.domain.lead import Lead
from routing_core.domain.programme.document import pick
from routing_core.domain.programme.programme import Performance, Programme, Routing
from routing_core.domain.programme.rules import KINDS, Kind, RoutingRule, said_in

MOST_KEPT = 1_000
"""Different demands of one policy; answers of a form may make many."""


@dataclass(frozen=True, slots=True)
class Enquiry:
    """The routable part of a lead, or of a coverage question before there is one."""

    country: str
    postcode: str
    product: str
    urgency: str
    language: str
    tried: frozenset[str] = frozenset()
    """Partners who declined, let expire or returned it."""
    preferred: str | None = None
    """The partner who served this person before."""
    seed: str = ""
    """Settles what would else be the alphabet's choice: the lead's id, so that a decision can be
    replayed.
    """
    region: str = ""
    score: int | None = None
    answers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, lead: Lead) -> "Enquiry":
        return cls(
            lead.country,
            lead.postcode,
            lead.product,
            lead.urgency,
            lead.language,
            frozenset(o.partner for o in lead.offers),
            lead.preferred,
            lead.id,
            lead.region,
            lead.score,
            lead.answers,
        )

    def facts(self, today: date) -> Mapping[str, str]:
        """What conditions look at; ``today`` on the wall of whoever asks."""
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
class Asked:
    """What the rules ask of partners for one enquiry: each set means any of it. Equal enquiries get
    the same one.
    """

    product: str
    required: Mapping[str, tuple[frozenset[str], ...]]
    """By kind, as in domain.rules."""
    forbidden: tuple[tuple[Kind, frozenset[str]], ...] = ()
    preferred: tuple[tuple[Kind, frozenset[str]], ...] = ()
    answered: frozenset[str] = frozenset()
    """Of all this, what the person said: words that no record may keep, unless partners use them
    too.
    """


@dataclass(frozen=True, slots=True)
class Policy:
    version: int
    match_language: bool
    certificates: Mapping[str, str] = field(default_factory=dict)
    """Product → certificate needed."""
    product_tags: Mapping[str, frozenset[str]] = field(default_factory=dict)
    urgency_tags: Mapping[str, frozenset[str]] = field(default_factory=dict)
    rules: tuple[RoutingRule, ...] = ()
    order: tuple[str, ...] = tuple(Routing().order)
    back: str = "in_line"
    performance: Performance = field(default_factory=Performance)
    top_tier_from: int | None = None
    skips_closed: frozenset[tuple[str, str, str]] = frozenset()
    """Type of partner, product and urgency for which those outside their response hours are
    skipped.
    """
    calendar: Calendar | None = None
    """The programme's, for partners without hours of their own."""
    _asked: dict[tuple[str, ...], Asked] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @classmethod
    def of(cls, programme: Programme, version: int) -> "Policy":
        """The same one for the same programme: every request asks for it, and reading its rules
        takes a while.
        """
        known = _POLICIES.get((id(programme), version))
        if known is None:
            if len(_POLICIES) >= 8:
                _POLICIES.clear()
            known = _POLICIES[id(programme), version] = programme, cls._read(programme, version)
        return known[1]

    @classmethod
    def _read(cls, programme: Programme, version: int) -> "Policy":
        return cls(
            version,
            programme.match_language,
            {p.id: p.certificate for p in programme.products if p.certificate},
            {p.id: frozenset(p.required_tags) for p in programme.products if p.required_tags},
            {u.id: frozenset(u.required_tags) for u in programme.urgencies if u.required_tags},
            tuple(RoutingRule.parse(text) for text in programme.routing.rules),
            tuple(programme.routing.order),
            programme.routing.back,
            programme.routing.performance,
            programme.qualification.top_tier_from,
            frozenset(_skips_closed(programme)),
            programme.hq_calendar,
        )

    def asked(self, enquiry: Enquiry, today: date) -> Asked:
        """Everything the programme asks for this enquiry; ``today`` at HQ."""
        what = (enquiry.product, enquiry.urgency, enquiry.language)
        facts: dict[str, str] = {}
        key: tuple[str, ...] = what
        if self.rules:
            facts = dict(enquiry.facts(today))
            fields = {part.field for rule in self.rules for part in rule.when} | {
                rule.answer for rule in self.rules
            }
            key = (*what, *(facts.get(name, "") for name in sorted(fields)))
        asked = self._asked.get(key)
        if asked is None:
            if len(self._asked) >= MOST_KEPT:
                self._asked.clear()
            asked = self._asked[key] = self._ask(*what, facts)
        return asked

    def _ask(self, product: str, urgency: str, language: str, facts: Mapping[str, str]) -> Asked:
        none: frozenset[str] = frozenset()
        tags = self.product_tags.get(product, none) | self.urgency_tags.get(urgency, none)
        required: dict[str, list[frozenset[str]]] = {kind: [] for kind in KINDS}
        required["product"].append(frozenset({product}))
        if self.match_language and language:
            required["language"].append(frozenset({language}))
        required["tag"] += [frozenset({tag}) for tag in sorted(tags)]
        if product in self.certificates:
            required["certificate"].append(frozenset({self.certificates[product]}))
        forbidden: list[tuple[Kind, frozenset[str]]] = []
        preferred: list[tuple[Kind, frozenset[str]]] = []
        answered: set[str] = set()
        for rule in self.rules:
            answered |= said_in(facts[rule.answer]) if facts.get(rule.answer) else set()
        for rule in self.rules:
            wanted = rule.wanted(facts)
            if not wanted:
                continue
            if rule.verb == "require":
                required[rule.kind].append(wanted)
            else:
                (forbidden if rule.verb == "forbid" else preferred).append((rule.kind, wanted))
        kept = {kind: tuple(several) for kind, several in required.items() if several}
        return Asked(product, kept, tuple(forbidden), tuple(preferred), frozenset(answered))

    def hot(self, enquiry: Enquiry) -> bool:
        """Good enough for the best tier."""
        return (
            self.top_tier_from is not None
            and enquiry.score is not None
            and enquiry.score >= self.top_tier_from
        )


def _skips_closed(programme: Programme) -> Iterator[tuple[str, str, str]]:
    products, urgencies = [p.id for p in programme.products], [u.id for u in programme.urgencies]
    for kind, product, urgency in every(programme.partner_types, products, urgencies):
        if (
            pick(programme.offers, partner_type=kind, product=product, urgency=urgency).closed
            == "skip"
        ):
            yield kind, product, urgency


_POLICIES: dict[tuple[int, int], tuple[Programme, Policy]] = {}
"""By the programme's identity, which is its own for as long as it is kept here."""
