"""Leads as lines of a list: what each is about, whose it is, and what comes next."""

from collections.abc import Mapping
from dataclasses import dataclass

from routing_core.domain.lead import LeadStatus
from routing_core.domain.lead_row import LeadRow
from routing_core.domain.partner import Partner
from routing_core.domain.programme.programme import Programme
from routing_core.present.explain.timeline import reason_words
from routing_core.present.lead_summary import (
    partner_name,
    place_words,
    product_name,
    urgency_name,
)
from routing_core.present.locale_context import LocaleContext
from routing_core.present.safe import line

ASKED_IN_LIST = 2
"""So many of the partners who are being asked are named in a list; of the rest their number."""


@dataclass(frozen=True, slots=True)
class LeadLine:
    """One lead of a list, in words."""

    id: str
    version: int
    url: str
    """The address of the lead's page."""
    title: str
    """Names the work and the place."""
    reference: str
    who: str
    """Says who asked: the name, and the company behind it."""
    state: str
    why: str
    """Says why it is in that state, where there is a reason."""
    partner: str
    """Names who has it, or who is being asked."""
    next: str
    """Says what is to happen by when; empty if nothing is."""
    is_late: bool
    """Tells whether that should have happened by now."""
    received: str
    urgency: str
    """Names the urgency."""
    is_urgent: bool
    """Marks an emergency."""
    score: str


@dataclass(frozen=True, slots=True)
class RowWords:
    """Puts rows of the read model into words for one reader."""

    programme: Programme
    partners: Mapping[str, Partner]
    locale: LocaleContext
    leads_url: str
    """The address under which leads have their pages."""

    def line(self, row: LeadRow) -> LeadLine:
        """Give a lead as a line of a list."""
        by = row.next_step
        return LeadLine(
            id=row.id,
            version=row.version,
            url=f"{self.leads_url}/{row.id}",
            title=self.title(row),
            reference=row.reference,
            who=line(", ".join(filter(None, (row.name, row.company)))),
            state=self.state(row),
            why=self._why(row),
            partner=self._partner(row),
            next=self.locale.translate(f"hq_leads.next.{by[0]}", when=self.locale.when(by[1]))
            if by
            else "",
            is_late=by is not None and by[1] < self.locale.now,
            received=self.locale.when(row.received_at),
            urgency=urgency_name(self.programme, row.urgency, self.locale),
            is_urgent=self.programme.is_emergency(row.urgency),
            score=self.locale.number(str(row.score)),
        )

    def title(self, row: LeadRow) -> str:
        """Say in a few words what a lead is about: ``Heat pump · 80331 München``."""
        product = product_name(self.programme, row.product, self.locale)
        place = place_words(row.country, row.postcode, row.town)
        return line(" · ".join(filter(None, (product, place)))) or row.reference

    def state(self, row: LeadRow) -> str:
        """Name the state that a lead is in."""
        if row.is_compared(self.locale.now):
            return self.locale.translate("queue.compared")
        return self.locale.catalog.of_code("facts.status_name", row.status.value)

    def _why(self, row: LeadRow) -> str:
        if not row.reason:
            return ""
        if row.status is LeadStatus.HQ_QUEUE:
            return self.locale.catalog.of_code("facts.queue", row.reason)
        if row.status is LeadStatus.QUARANTINED:
            return self.locale.catalog.of_code("facts.spam", row.reason)
        if row.status is LeadStatus.LOST:
            closed = self.locale.catalog.find(f"facts.closed.{row.reason}")
            lost = self.programme.lost_reasons
            return closed or reason_words(lost, row.reason, self.locale)
        return ""

    def _partner(self, row: LeadRow) -> str:
        if row.owner:
            return line(partner_name(self.partners, row.owner))
        if not row.asked:
            return ""
        named = [partner_name(self.partners, each) for each in row.asked[:ASKED_IN_LIST]]
        names = line(", ".join(named))
        more = row.live_offers - len(named)
        if more > 0:
            return self.locale.translate("hq_leads.asks_more", names=names, n=more)
        return self.locale.translate("hq_leads.asks", names=names)
