"""What is reported of partners, counted again from the facts alone; ``domain.figures`` says what
each figure means.

Written without the product's own tally, so that the two can disagree. What the facts do not say,
the lead does: whether one of a wave held a place, and how much of a window's response hours had
passed, which may have changed since.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from routing_core.domain.events import CommitRecord
from routing_core.domain.figures import RETURNED_FOR
from routing_core.domain.lead import Lead, LeadStatus
from routing_core.domain.offer import RELEASED
from routing_core.domain.partner import period_keys
from routing_core.routing.decide.eligibility import day_in
from routing_core.service.offers.offer_rights import returns_key


@dataclass
class Asked:
    """One partner, asked once."""

    partner: str
    made_at: datetime
    until: datetime
    reserves_slot: bool
    counts: Counter[str]
    noted: int | None = None
    accepted_at: datetime | None = None

    def used(self, answered: datetime) -> int:
        """Thousandths of the window."""
        if self.noted is not None:
            return self.noted
        whole = self.until - self.made_at
        return round(1000 * min(max((answered - self.made_at) / whole, 0.0), 1.0)) if whole else 0


@dataclass
class Recount:
    neutral: Collection[str]
    zones: dict[str, str]
    figures: dict[str, Counter[str]] = field(default_factory=dict)
    periods: dict[str, Counter[str]] = field(default_factory=dict)
    """Offers made by day, week and month of the partner's own zone, and early returns by month."""

    def add(self, lead: Lead, rows: Iterable[CommitRecord]) -> None:
        asked: dict[int, Asked] = {}
        owner: Asked | None = None
        for row in rows:
            for fact in row.events:
                data = fact.to_data()
                if fact.kind == "offer.made":
                    asked[data["offer"]] = self._made(lead, data, row.at)
                    continue
                each = asked.get(data.get("offer", 0)) or owner
                if each is None:
                    continue
                if fact.kind == "offer.accepted":
                    owner = each
                    if not each.reserves_slot and each.accepted_at is None:
                        self._count_periods(each.partner, row.at)
                    each.accepted_at = row.at
                if fact.kind == "offer.returned":
                    self._period(each.partner)[returns_key(row.at)] += 1
                self._ended(each, fact.kind, data, row.at)
        if LeadStatus.REJECTED in (lead.status, lead.ended):
            self._give_back(lead)
            return
        for each in asked.values():
            self.figures.setdefault(each.partner, Counter()).update(each.counts)

    def _give_back(self, lead: Lead) -> None:
        """HQ rejected it: its offers count for nobody, in no figure and, once each, in no day, week
        or month.
        """
        raised = {
            (offer.partner, key)
            for offer in lead.offers
            if offer.reserves_slot
            for key in period_keys(day_in(self.zones[offer.partner], offer.made_at))
        }
        for partner, key in raised:
            self._period(partner)[key] -= 1

    def _made(self, lead: Lead, data: Mapping[str, Any], at: datetime) -> Asked:
        offer = lead.offer(data["offer"])
        assert offer
        if offer.reserves_slot:
            self._count_periods(offer.partner, at)
        counts = Counter(offers=1) if offer.reserves_slot else Counter[str]()
        return Asked(
            offer.partner,
            at,
            datetime.fromisoformat(data["until"]),
            offer.reserves_slot,
            counts,
            offer.used,
        )

    def _count_periods(self, partner: str, at: datetime) -> None:
        for key in period_keys(day_in(self.zones[partner], at)):
            self._period(partner)[key] += 1

    def _period(self, partner: str) -> Counter[str]:
        return self.periods.setdefault(partner, Counter())

    def _ended(self, each: Asked, kind: str, data: Mapping[str, Any], at: datetime) -> None:
        reason = data.get("reason")
        once = Counter(offers=1, answers=1, used=each.used(each.accepted_at or at))
        match kind:
            case "offer.accepted":
                each.counts = Counter(offers=1)
            case "offer.expired":
                each.counts = Counter(offers=1, lapsed=1) if each.reserves_slot else Counter()
            case "offer.declined":
                each.counts = (
                    Counter() if reason in {*self.neutral, RELEASED} else once + Counter(declined=1)
                )
            case "lead.claimed" | "offer.withdrawn" | "offer.returned" | "lead.handed_over":
                each.counts = Counter()
            case "lead.returned":
                is_neutral = f"{RETURNED_FOR}{reason}" in self.neutral
                each.counts = Counter() if is_neutral else once + Counter(returned=1)
            case "contact.retracted":
                each.counts = once + Counter(returned=1)
            case "lead.won":
                each.counts = once + Counter(won=1, value=round(float(data.get("value") or 0)))
            case "lead.lost":
                each.counts = once + Counter(lost=int(reason not in self.neutral))
            case "lead.undone" if data["of"] in ("won", "lost"):
                each.counts = Counter(offers=1)
