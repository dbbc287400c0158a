"""What a back-test plays, and what comes of it: leads as they came, and the figures of one programme over them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..domain.changed import changed
from ..domain.enquiry import region_of
from ..domain.lead import Lead, LeadStatus
from ..domain.mailboxes import MailKind
from ..domain.programme import Programme
from ..domain.qualify import Qualified, facts_of, qualify_facts


@dataclass(frozen=True, slots=True)
class Past:
    """A lead as it came, before any rules made something of it. ``facts``: what points look at. ``whole``: nothing else
    was said; otherwise more may have been than is known."""

    lead: Lead
    facts: Mapping[str, str]
    whole: bool = False

    @classmethod
    def of(cls, lead: Lead, message: str = "", mail_domains: Mapping[str, MailKind] | None = None) -> "Past":
        """Without what became of it. Of who was erased some is lost; their region stays, for the postcode was cut."""
        fresh = replace(
            lead,
            status=LeadStatus.OFFERED,
            region=lead.region if lead.status is LeadStatus.ERASED else "",
            offers=(),
            moves=(),
            owner=None,
            deadlines=(),
            total_by=None,
            waiting=(),
            exhausted=False,
            accepted_at=None,
            finished_at=None,
            contact=None,
        )
        return cls(fresh, facts_of(lead, message, mail_domains), lead.contact is not None)

    def unscored(self, programme: Programme) -> bool:
        """Whether there are points for something that is not known of it."""
        return not self.whole and any(points.field not in self.facts for points in programme.qualification.points)

    def under(self, programme: Programme) -> tuple[Lead, Qualified]:
        """As that programme would see it come: in its region, with its points, in a language it has. What cannot be
        scored in full goes to partners."""
        qualified = qualify_facts(programme, self.facts)
        if self.unscored(programme):
            qualified = replace(qualified, outcome="offer")
        lead = changed(
            self.lead,
            region=region_of(programme, self.lead.country, self.lead.postcode) or self.lead.region,
            language=programme.language_for(self.lead.language),
            score=qualified.score,
            score_reasons=qualified.reasons,
        )
        return lead, qualified


@dataclass(slots=True)
class Tally:
    """One partner's share of it. ``ranked``: the offers that ranking gave, not as a backup; ``fair``:
    those that weights alone would have given instead, among those who could be asked each time."""

    offers: int = 0
    ranked: int = 0
    accepted: int = 0
    declined: int = 0
    lapsed: int = 0
    fair: float = 0.0
    waits: list[float] = field(default_factory=list)
    """Hours from the enquiry to each acceptance."""


@dataclass(slots=True)
class Run:
    """The figures of one programme over the whole history."""

    leads: int = 0
    routed: int = 0
    """Went to partners; the others were nurtured or reviewed."""
    unscored: int = 0
    """Of these, so many went to partners without being scored in full."""
    accepted: int = 0
    exhausted: int = 0
    """Nobody was left to ask at least once."""
    unplaced: int = 0
    """Nobody took it in the end."""
    partners: dict[str, Tally] = field(default_factory=dict)
    waits: list[float] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)
    """Partners asked for each lead that went to partners."""

    @property
    def offers(self) -> int:
        return sum(tally.offers for tally in self.partners.values())

    @property
    def unfair(self) -> float:
        """The part of what ranking gave that would have to go to somebody else for weights alone to decide."""
        fair = sum(tally.fair for tally in self.partners.values())
        apart = sum(abs(tally.ranked - tally.fair) for tally in self.partners.values())
        return apart / 2 / fair if fair else 0.0


def fair_shares(weights: Sequence[int], offers: int) -> list[float]:
    """What each would have of so many offers made at once, by weight alone: nobody more than one."""
    shares = [0.0] * len(weights)
    left, whole, others = float(offers), sum(weights), len(weights)
    for place in sorted(range(len(weights)), key=weights.__getitem__, reverse=True):
        weight = weights[place]
        shares[place] = min(1.0, left * weight / whole if whole else left / others)
        left, whole, others = left - shares[place], whole - weight, others - 1
    return shares
