"""Tells why one partner was asked about a lead or was not, and nothing about anybody else."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from routing_core.domain.lead import Lead
from routing_core.domain.offer import Offer
from routing_core.domain.partner import Partner
from routing_core.domain.programme.programme import Programme
from routing_core.routing.decide.answering import LATE
from routing_core.service.hq.hq_lead_page import show_lead
from routing_core.service.kernel.services import Services
from routing_core.service.kernel.views import QueueLeadView

IN_LINE = "in_line"
"""The partner could have been asked, and others came first."""
ELSEWHERE = "elsewhere"
"""The partner does not work where the lead is."""
NOT_KEPT = "unknown"
"""What was kept of the decisions does not name the partner."""


@dataclass(frozen=True, slots=True)
class WhyPartner:
    """Why a partner was asked, or was not."""

    programme: Programme
    lead: Lead
    partner: Partner
    now: datetime
    offer: Offer | None = None
    """The last offer to this partner; None if there was none."""
    reason: str = ""
    """Says why there was none: a reason of routing, or one of those above."""


def why_partner(services: Services, lead_id: str, partner_id: str, now: datetime) -> WhyPartner:
    """Look up why. What was decided counts, the last first; else what holds now.

    Raises NotFound for a lead or a partner that there is not.
    """
    partner = services.partner(partner_id)
    view = show_lead(services, lead_id, now)
    offers = [offer for offer in view.lead.offers if offer.partner == partner.id]
    if offers:
        return WhyPartner(view.programme, view.lead, partner, now, offer=offers[-1])
    reason = _as_decided(view, partner.id) or _as_things_are(view, partner.id)
    return WhyPartner(view.programme, view.lead, partner, now, reason=reason)


def _as_decided(view: QueueLeadView, partner: str) -> str:
    """Give the reason that the last decision to name the partner had; empty if none does."""
    for row in reversed(view.timeline):
        for reason in _reasons(row.decision or {}, partner):
            return reason
    return ""


def _as_things_are(view: QueueLeadView, partner: str) -> str:
    if view.lead.finished:
        return NOT_KEPT
    now_so = {each.partner.id: each.reason or IN_LINE for each in view.candidates}
    return now_so.get(partner, ELSEWHERE)


def _reasons(decision: Mapping[str, Any], partner: str) -> Iterator[str]:
    """Give what a record says of the partner; it names a few of many."""
    if partner in decision.get("late", {}).get("examples", ()):
        yield LATE
    if any(each["partner"] == partner for each in decision.get("ranked", ())):
        yield IN_LINE
    for reason, seen in decision.get("excluded", {}).items():
        if partner in seen.get("examples", ()):
            yield reason
