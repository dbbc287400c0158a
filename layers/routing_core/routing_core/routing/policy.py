"""What routing needs to know of a lead and of the programme."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..domain.lead import Lead
from ..domain.programme import Programme


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
    """Settles what would else be the alphabet's choice: the lead's id, so that a decision can be replayed."""

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
        )


@dataclass(frozen=True, slots=True)
class Policy:
    version: int
    match_language: bool
    certificates: Mapping[str, str] = field(default_factory=dict)
    """Product → certificate needed."""
    product_tags: Mapping[str, frozenset[str]] = field(default_factory=dict)
    urgency_tags: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, programme: Programme, version: int) -> "Policy":
        return cls(
            version,
            programme.match_language,
            {p.id: p.certificate for p in programme.products if p.certificate},
            {p.id: frozenset(p.required_tags) for p in programme.products if p.required_tags},
            {u.id: frozenset(u.required_tags) for u in programme.urgencies if u.required_tags},
        )

    def required_tags(self, enquiry: Enquiry) -> frozenset[str]:
        """What both the product and the urgency ask for."""
        none: frozenset[str] = frozenset()
        return self.product_tags.get(enquiry.product, none) | self.urgency_tags.get(enquiry.urgency, none)
