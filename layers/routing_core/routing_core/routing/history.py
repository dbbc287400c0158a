"""What a back-test plays, and what comes of it: leads as they came, and the figures of one programme over them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ..domain.lead import Lead, LeadStatus


@dataclass(frozen=True, slots=True)
class Past:
    """A lead as it came. ``facts``: what points look at; None: it goes to partners whatever the points."""

    lead: Lead
    facts: Mapping[str, str] | None = None

    @classmethod
    def of(cls, lead: Lead, facts: Mapping[str, str] | None = None) -> "Past":
        """Without what became of it."""
        fresh = replace(
            lead,
            status=LeadStatus.OFFERED,
            offers=(),
            owner=None,
            deadlines=(),
            total_by=None,
            waiting=(),
            exhausted=False,
            accepted_at=None,
            finished_at=None,
            contact=None,
        )
        return cls(fresh, facts)


@dataclass(slots=True)
class Tally:
    """One partner's share of it. ``fair``: the offers that weights alone would have given, among those who could be
    asked each time."""

    offers: int = 0
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
        """The part of all offers that would have to go to somebody else for weights alone to decide."""
        fair = sum(tally.fair for tally in self.partners.values())
        apart = sum(abs(tally.offers - tally.fair) for tally in self.partners.values())
        return apart / 2 / fair if fair else 0.0
