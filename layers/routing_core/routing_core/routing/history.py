"""What a back-test plays, and what comes of it: leads as they came, and the figures over them."""

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

PRIOR_ENQUIRIES = 10
"""After so many enquiries, what a partner did weighs as much as what all did."""


@dataclass(frozen=True, slots=True)
class Past:
    """A lead as it came, before any rules made something of it."""

    lead: Lead
    facts: Mapping[str, str]
    """What points look at."""
    whole: bool = False
    """Tells that nothing else was said; otherwise more may have been than is known."""
    outcome: Outcome | None = None
    """What became of it in life, where that is known."""

    @classmethod
    def of(
        cls, lead: Lead, message: str = "", mail_domains: Mapping[str, MailKind] | None = None
    ) -> "Past":
        """Give a stored lead without what became of it.

        Of who was erased some is lost.
        """
        # An erased lead's postcode was cut, so its region cannot be found again.
        region = lead.region if lead.status is LeadStatus.ERASED else ""
        fresh = replace(
            lead,
            status=LeadStatus.OFFERED,
            region=region,
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
        """Tell whether there are points for something that is not known of it."""
        if self.whole:
            return False
        return any(points.field not in self.facts for points in programme.qualification.points)

    def under(self, programme: Programme) -> tuple[Lead, Qualified]:
        """Give the lead as that programme would see it come, with its points.

        It is in that programme's region, and in a language it has.
        """
        qualified = qualify_facts(programme, self.facts)
        # What cannot be scored in full goes to partners: better one too many than one lost.
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
    """Give what became of a stored lead; None if nobody had it."""
    if not lead.owner:
        return None
    won = {LeadStatus.WON: True, LeadStatus.LOST: False}.get(lead.ended or lead.status)
    value = float(lead.value) if lead.value else None
    return Outcome(lead.owner, won, value, lead.accepted_at, lead.finished_at)


@dataclass(frozen=True, slots=True)
class Record:
    """How past enquiries ended: for each partner how many were won and lost, for how much."""

    won: Mapping[str, int]
    ended: Mapping[str, int]
    values: Mapping[str, float]
    """What the partner's won enquiries were worth, added up."""

    @classmethod
    def of(cls, history: Sequence[Past]) -> "Record":
        """Count the outcomes that are known."""
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
        """Give the chance that this partner wins an enquiry, from 0 to 1.

        It is what they did, smoothed with what all did (the mean of a Beta prior).
        """
        overall = 0.0
        if self.ended:
            overall = sum(self.won.values()) / sum(self.ended.values())
        won = self.won.get(partner, 0) + PRIOR_ENQUIRIES * overall
        ended = self.ended.get(partner, 0) + PRIOR_ENQUIRIES
        return won / ended

    def worth(self, partner: str) -> float:
        """Give what an enquiry is worth in this partner's hands, won or not."""
        wins = sum(self.won.values())
        usual = sum(self.values.values()) / wins if wins else 0.0
        value = self.values.get(partner, 0.0) + PRIOR_ENQUIRIES * usual
        own = value / (self.won.get(partner, 0) + PRIOR_ENQUIRIES)
        return self.chance(partner) * own


@dataclass(slots=True)
class Tally:
    """Counts one partner's share of what is played."""

    offers: int = 0
    ranked: int = 0
    """Offers that ranking gave, not as a backup."""
    accepted: int = 0
    declined: int = 0
    lapsed: int = 0
    fair: float = 0.0
    """Offers that weights alone would have given instead of those that ranking gave.

    They are shared out among those who could be asked each time.
    """
    waits: list[float] = field(default_factory=list)
    """Hours from the enquiry to each acceptance."""


@dataclass(slots=True)
class Run:
    """The figures of one programme over the whole history."""

    leads: int = 0
    routed: int = 0
    """Leads that went to partners; the others were nurtured or reviewed."""
    unscored: int = 0
    """Leads of these that went to partners without being scored in full."""
    accepted: int = 0
    exhausted: int = 0
    """Leads for which nobody was left to ask at least once."""
    unplaced: int = 0
    """Leads that nobody took in the end."""
    partners: dict[str, Tally] = field(default_factory=dict)
    waits: list[float] = field(default_factory=list)
    """Hours from the enquiry to each acceptance."""
    asked: list[int] = field(default_factory=list)
    """How many partners were asked for each lead that went to partners."""
    known: int = 0
    """Accepted leads of which it is known who had them in life."""
    kept: int = 0
    """Leads of these that were accepted by the very partner who had them in life."""
    won: float = 0.0
    """How many of the accepted would be won, each by its partner's chance."""
    value: float = 0.0
    """How much the accepted would be worth."""

    @property
    def offers(self) -> int:
        """Give how many offers were made."""
        return sum(tally.offers for tally in self.partners.values())

    @property
    def unfair(self) -> float:
        """Give the part of the ranked offers that weights alone would give to somebody else."""
        fair = sum(tally.fair for tally in self.partners.values())
        apart = sum(abs(tally.ranked - tally.fair) for tally in self.partners.values())
        # What one partner has too much, another has too little: each offer is counted twice.
        return apart / 2 / fair if fair else 0.0
