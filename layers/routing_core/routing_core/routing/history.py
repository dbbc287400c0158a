"""What a back-test plays, and what comes of it: leads as they came, and the figures of one
programme over them.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from routing_core.domain.changed import changed
from routing_core.domain.enquiry.location import region_of
from routing_core.domain.enquiry.qualify import Qualified, facts_of, qualify_facts
from routing_core.domain.lead import Lead, LeadStatus
from routing_core.domain.outcome import Outcome
from routing_core.domain.programme.programme import Programme
from routing_core.domain.values.mailboxes import MailKind

ENOUGH = 10
"""After so many enquiries, what a partner did weighs as much as what all did."""


@dataclass(frozen=True, slots=True)
class Past:
    """A lead as it came, before any rules made something of it. ``facts``: what points look at.
    ``whole``: nothing else was said; otherwise more may have been than is known.
    """

    lead: Lead
    facts: Mapping[str, str]
    whole: bool = False
    outcome: Outcome | None = None
    """What became of it in life, where that is known."""

    @classmethod
    def of(
        cls, lead: Lead, message: str = "", mail_domains: Mapping[str, MailKind] | None = None
    ) -> "Past":
        """Without what became of it. Of who was erased some is lost; their region stays, for the
        postcode was cut.
        """
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
        return cls(
            fresh,
            facts_of(lead, message, mail_domains),
            lead.contact is not None,
            _outcome_of(lead),
        )

    def unscored(self, programme: Programme) -> bool:
        """Whether there are points for something that is not known of it."""
        return not self.whole and any(
            points.field not in self.facts for points in programme.qualification.points
        )

    def under(self, programme: Programme) -> tuple[Lead, Qualified]:
        """As that programme would see it come: in its region, with its points, in a language it
        has. What cannot be scored in full goes to partners.
        """
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


def _outcome_of(lead: Lead) -> Outcome | None:
    ended = lead.ended or lead.status
    if not lead.owner:
        return None
    won = {LeadStatus.WON: True, LeadStatus.LOST: False}.get(ended)
    return Outcome(
        lead.owner,
        won,
        float(lead.value) if lead.value else None,
        lead.accepted_at,
        lead.finished_at,
    )


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of how past enquiries ended: for each partner, how many were won and lost, and
    for how much.
    """

    won: Mapping[str, int]
    ended: Mapping[str, int]
    values: Mapping[str, float]
    """What the partner's won enquiries were worth, added up."""

    @classmethod
    def of(cls, history: Sequence[Past]) -> "Record":
        won: Counter[str] = Counter()
        ended: Counter[str] = Counter()
        values: dict[str, float] = defaultdict(float)
        for past in history:
            outcome = past.outcome
            if outcome is None or outcome.won is None or not outcome.partner:
                continue
            ended[outcome.partner] += 1
            if outcome.won:
                won[outcome.partner] += 1
                values[outcome.partner] += outcome.value or 0.0
        return cls(won, ended, values)

    def chance(self, partner: str) -> float:
        """That this partner wins an enquiry: what they did, smoothed with what all did (a Beta
        prior).
        """
        overall = sum(self.won.values()) / sum(self.ended.values()) if self.ended else 0.0
        return (self.won.get(partner, 0) + ENOUGH * overall) / (self.ended.get(partner, 0) + ENOUGH)

    def worth(self, partner: str) -> float:
        """What an enquiry is worth in this partner's hands, won or not."""
        wins = sum(self.won.values())
        usual = sum(self.values.values()) / wins if wins else 0.0
        own = (self.values.get(partner, 0.0) + ENOUGH * usual) / (self.won.get(partner, 0) + ENOUGH)
        return self.chance(partner) * own


@dataclass(slots=True)
class Tally:
    """One partner's share of it. ``ranked``: the offers that ranking gave, not as a backup;
    ``fair``: those that weights alone would have given instead, among those who could be asked each
    time.
    """

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
    known: int = 0
    """Accepted, and it is known who had it in life."""
    kept: int = 0
    """Of these, accepted by the very partner who had it in life."""
    won: float = 0.0
    """So many of the accepted would be won, each by its partner's chance."""
    value: float = 0.0
    """And so much would they be worth."""

    @property
    def offers(self) -> int:
        return sum(tally.offers for tally in self.partners.values())

    @property
    def unfair(self) -> float:
        """The part of what ranking gave that would have to go to somebody else for weights alone to
        decide.
        """
        fair = sum(tally.fair for tally in self.partners.values())
        apart = sum(abs(tally.ranked - tally.fair) for tally in self.partners.values())
        return apart / 2 / fair if fair else 0.0


def fair_shares(weights: Sequence[int], offers: int) -> list[float]:
    """What each would have of so many offers made at once, by weight alone: nobody more than
    one.
    """
    shares = [0.0] * len(weights)
    left, whole, others = float(offers), sum(weights), len(weights)
    for place in sorted(range(len(weights)), key=weights.__getitem__, reverse=True):
        weight = weights[place]
        shares[place] = min(1.0, left * weight / whole if whole else left / others)
        left, whole, others = left - shares[place], whole - weight, others - 1
    return shares
